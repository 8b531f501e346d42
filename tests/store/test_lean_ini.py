"""The SDK's configuration files, read without it: as it reads them, or not at all."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import pytest
from botocore.configloader import raw_config_parse
from botocore.exceptions import ConfigParseError
from hypothesis import given
from hypothesis import strategies as st

from ssmm_core.store.lean import Handover, ini

LINES = [
    "", " ", "\t", "[default]", "[profile a]", "[services s]", " [profile b]", "[DEFAULT]", "[]", "[x] ; more", "[a]b]", "[ default ]",
    '[profile "a b"]', "a = 1", "A = 2", "a=1", "b == c", "b : c", "b:c = d", "c", "= d", "d =", "  e = 5", "\te = 5", "   f = 6 = 7", " g",
    "# comment", "  ; comment", "a = 1 # no comment", "a = %(b)s", "ssm =", "  endpoint_url = http://127.0.0.1:1", "    A = 3", "x y = z",
    "a = é", "a = 1\x0b2", "a = \x1c", "\x0cb = 2", "\ufeff[default]", "a = [b]", "[b = c",
]  # fmt: skip
PLAIN = """\
# what somebody wrote
[default]
region = eu-central-1
Output=json

[profile ours]
  aws_access_key_id = made-up
  aws_secret_access_key = made-up==

  ssm =
    ; in between
    endpoint_url = http://127.0.0.1:1

    Other = 1
"""


def by_the_sdk(file: Path) -> dict[str, Any] | None:
    try:
        return dict(raw_config_parse(str(file)))
    except ConfigParseError:
        return None


def agree(file: Path, text: bytes) -> bool:
    """Whether a text is understood; if so, as the SDK does."""
    file.write_bytes(text)
    try:
        found = ini.read(str(file))
    except Handover:
        return False
    assert found == by_the_sdk(file)
    return True


@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"], ids=["unix", "windows", "mac"])
def test_a_plain_file_is_read_as_the_sdk_does(tmp_path: Path, end: str) -> None:
    assert agree(tmp_path / "config", PLAIN.replace("\n", end).encode())


def test_a_plain_file_says_what_was_written() -> None:
    assert ini.parse(PLAIN.encode()) == {
        "default": {"region": "eu-central-1", "output": "json"},
        "profile ours": {
            "aws_access_key_id": "made-up",
            "aws_secret_access_key": "made-up==",
            "ssm": {"endpoint_url": "http://127.0.0.1:1", "Other": "1"},
        },
    }


@pytest.mark.parametrize(
    "text",
    [
        "a = 1",
        "[a]\na = 1\nA = 2",
        "[a]\n[a]",
        "[DEFAULT]\na = 1",
        "[a]\nb : c",
        "[a]\nb: c = d",
        "[a]\nb",
        "[a]\n= b",
        "[a]\nb = c\n  d",
        "[a]\nb = c\n  d = e",
        "[a]\nb =\n  c",
        "[a] # which",
        "[a]b]",
        "[]",
        "[a",
        "[a]\nb = é",
        "\ufeff[a]",
        "[a]\nb = \x0b",
        "[a]\nb =\n c = \x1c",
    ],
)
def test_what_may_mean_something_else_is_for_the_sdk(text: str) -> None:
    with pytest.raises(Handover, match="configuration file"):
        ini.parse(text.encode())


def test_a_file_that_is_not_there_has_no_sections(tmp_path: Path) -> None:
    assert ini.read(str(tmp_path / "missing")) == {}
    assert ini.read(str(tmp_path)) == {}
    assert ini.read(os.devnull) == {}
    assert ini.read("") == {}


def test_a_file_that_cannot_be_read_is_for_the_sdk() -> None:
    with pytest.raises(Handover, match="cannot be read"):
        ini.read("/proc/self/mem")


@given(st.lists(st.sampled_from(LINES), max_size=8).map("\n".join), st.sampled_from(["utf-8", "utf-16", "cp1252"]))
def test_any_lines_are_read_as_the_sdk_does_or_not_at_all(tmp_path_factory: pytest.TempPathFactory, text: str, encoding: str) -> None:
    agree(tmp_path_factory.getbasetemp() / "lines", text.encode(encoding, "replace"))


@given(st.text(st.sampled_from("[]=:#; \t\n\r\x0b\x1c\x85aZ%é\"'"), max_size=40))
def test_any_text_is_read_as_the_sdk_does_or_not_at_all(tmp_path_factory: pytest.TempPathFactory, text: str) -> None:
    agree(tmp_path_factory.getbasetemp() / "text", b"[s]\n" + text.encode())
