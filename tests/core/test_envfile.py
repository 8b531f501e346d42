"""Files in the dialects of systemd and JSON: what is written reads back to the same values, here and by systemd's own rules."""

from __future__ import annotations

import json
import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ssmm_core.envfile import FORMATS, Undeliverable, dialect, systemd, written_by_ssmm
from ssmm_core.envfile import json as json_dialect
from ssmm_core.errors import ExitCode, InvalidInput, UsageError
from ssmm_core.names import is_environment_name
from ssmm_core.secret import SecretValue
from tests.core.env_file_c import assignments
from tests.readers.values import NONCHARACTERS

NAMES = st.from_regex(r"[A-Za-z_][A-Za-z0-9_]{0,12}", fullmatch=True)
UNICODE = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0" + NONCHARACTERS))
AWKWARD = st.text(st.sampled_from(list("ab=#;'\"\\$`!%{}()&|<>*?~ \t\r\n\v\f\x01\x7f\x85 ü😀")))


def secrets(plain: dict[str, str]) -> dict[str, SecretValue]:
    return {name: SecretValue(text) for name, text in plain.items()}


def plain(found: dict[str, SecretValue]) -> dict[str, str]:
    return {name: value.reveal() for name, value in found.items()}


# Round trips


@given(st.dictionaries(NAMES, UNICODE | AWKWARD, max_size=6))
def test_systemd_files_read_back_exactly_and_in_order(variables: dict[str, str]) -> None:
    found = plain(systemd.read(systemd.write(secrets(variables))))
    assert found == variables
    assert list(found) == list(variables)


@given(
    st.dictionaries(st.text(), st.text(st.characters(exclude_categories=["Cs"])), max_size=6).filter(lambda one: _is_unicode("".join(one)))
)
def test_json_files_read_back_exactly_and_in_order(variables: dict[str, str]) -> None:
    found = plain(json_dialect.read(json_dialect.write(secrets(variables))))
    assert found == variables
    assert list(found) == list(variables)


@given(st.characters(exclude_categories=["Cs"], exclude_characters="\0" + NONCHARACTERS))
def test_every_single_character_reads_back(char: str) -> None:
    assert plain(systemd.read(systemd.write(secrets({"A": char, "B": f"x{char}", "C": f"{char}x"})))) == {
        "A": char,
        "B": f"x{char}",
        "C": f"{char}x",
    }


def _is_unicode(text: str) -> bool:
    return not any("\ud800" <= char <= "\udfff" for char in text)


# systemd's own reader


def as_systemd_has_it(content: bytes) -> dict[str, str] | None:
    """The variables, or None where systemd would skip, log or swallow some of the file."""
    try:
        found = {key.decode(): value.decode() for key, value in assignments(content)}
    except ValueError:
        return None
    return found if all(map(is_environment_name, found)) else None


def as_we_have_it(content: bytes) -> dict[str, str] | None:
    """The variables, or None where we refuse the file."""
    try:
        return plain(systemd.read(content))
    except InvalidInput:
        return None


@settings(max_examples=200)
@given(st.dictionaries(NAMES, UNICODE | AWKWARD, max_size=6))
def test_what_is_written_is_what_systemd_reads(variables: dict[str, str]) -> None:
    assert as_systemd_has_it(systemd.write(secrets(variables))) == variables


VALUE_TEXT = st.lists(
    st.sampled_from([*"ab#; \t'\"\\$`=", "''", '""', "\\\n", "\\\r", "'a b'", '"a\\"b"', '"$x \\x"', "\\ ", "\\'", "ü"]), max_size=10
).map("".join)
LINES = st.one_of(
    st.builds("{}{}{}={}".format, st.sampled_from(["", " ", "\t"]), NAMES, st.sampled_from(["", " ", "\t "]), VALUE_TEXT),
    st.sampled_from(["", " \t", "# x", "; x", "  # x = 'y", "# x \\\\", "# x \\", "no assignment", "export A=x", "A-B=x"]),
)


@settings(max_examples=300)
@given(st.lists(LINES, max_size=5), st.sampled_from(["\n", "\r", "\r\n"]))
def test_the_reader_agrees_with_systemd_and_refuses_exactly_what_it_would_lose(lines: list[str], newline: str) -> None:
    content = "".join(f"{line}{newline}" for line in lines).encode()
    assert as_we_have_it(content) == as_systemd_has_it(content)


@pytest.mark.parametrize(
    ("line", "value"),
    [
        ("A=x", "x"),
        ("A = x", "x"),
        ("\t A\t=\tx \t", "x"),
        ("A=", ""),
        ("A=  ", ""),
        ("A=1 # c", "1 # c"),
        ("A=1 ; c", "1 ; c"),
        ("A=a b  c", "a b  c"),
        (r"A=a\ ", "a "),
        (r"A=\n\t\$", "nt$"),
        ("A=a\\\nb", "ab"),
        ("A='x'", "x"),
        (r"A='a\n$b`c\'", r"a\n$b`c" + "\\"),
        ("A='a\nb'", "a\nb"),
        (r'A="a\"b\\c\`d\$e"', 'a"b\\c`d$e'),
        (r'A="\n\t\x"', r"\n\t\x"),
        ('A="a\\\nb"', "ab"),
        ('A="a\r\nb"', "a\r\nb"),
        ('A="x" \'y\'"z"', "xyz"),
        ("A='it'\"'\"'s'", "it's"),
        ("A='it'\\''s'", "it''s'"),
        ("A='x' y 'z'", "xy 'z'"),
        ("A=x'y'", "x'y'"),
        ("A=$HOME %n $(id)", "$HOME %n $(id)"),
        ("A==x=", "=x="),
        ("A=1\nA=2", "2"),
        ("A=1\rB=2", "1"),
        ("# x\n; y\n\n  # z\nA=1", "1"),
        ("# swallows the next line \\\nA=0\nA=1", "1"),
        ("A=\x0b\x0c", "\x0b\x0c"),
    ],
)
def test_hand_made_files_are_read_as_systemd_reads_them(line: str, value: str) -> None:
    content = f"{line}\n".encode()
    assert plain(systemd.read(content))["A"] == value
    assert as_systemd_has_it(content) == as_we_have_it(content)


def test_a_file_may_end_without_a_line_break() -> None:
    assert plain(systemd.read(b"A=1\nB='2'")) == {"A": "1", "B": "2"}
    assert plain(systemd.read(b"A=x \\")) == {"A": "x "}


def test_a_comment_may_end_the_file_with_a_backslash() -> None:
    assert plain(systemd.read(b"A=1\n# x \\")) == {"A": "1"}


def test_an_empty_file_has_no_variables() -> None:
    assert systemd.read(b"") == {}
    assert systemd.read(b"\n \r\n# x") == {}


@pytest.mark.parametrize(
    ("content", "line"),
    [
        (b"A=1\nno assignment\nB=2\n", 2),
        (b"A=1\nexport B=2\n", 2),
        (b"A-B=made-up\n", 1),
        (b"1A=made-up\n", 1),
        (b'"A"=made-up\n', 1),
        (b"=made-up\n", 1),
        (b"\xef\xbb\xbfA=made-up\n", 1),
        ("Ä=made-up\n".encode(), 1),
        (b"\n\n# x\nA=1\nB='made-up\n", 5),
        (b'A="made-up\n', 1),
        (b"A='x' \"made-up\n", 1),
        (b"A\x0b=made-up\n", 1),
        (b"\x0cA=made-up\n", 1),
        (b"A\x1f=made-up\n", 1),
    ],
)
def test_a_line_that_systemd_would_skip_or_never_end_is_refused_by_its_number(content: bytes, line: int) -> None:
    with pytest.raises(InvalidInput, match=rf"line {line}\b") as caught:
        systemd.read(content)
    assert "made-up" not in str(caught.value)


def test_bytes_that_are_not_utf8_are_refused_by_the_variable() -> None:
    with pytest.raises(InvalidInput, match="B is not valid UTF-8") as caught:
        systemd.read(b"A=1\nB=made-up\xff\n")
    assert "made-up" not in str(caught.value)


# What is written


@pytest.mark.parametrize(
    ("text", "written"),
    [
        ("plain-Value_1@%+:,./", b"plain-Value_1@%+:,./"),
        ("", b"''"),
        ("a b", b"'a b'"),
        ("a=b", b"'a=b'"),
        ('$x `y` "z" #', b"'$x `y` \"z\" #'"),
        ("a\nb", b"'a\nb'"),
        ("it's", b'"it\'s"'),
        ("\\", rb'"\\"'),
        ("'\"\\$`!", b"\"'" + rb'\"\\\$\`!"'),
        ("ü", "'ü'".encode()),
    ],
)
def test_values_are_bare_or_single_quoted_or_double_quoted_with_four_escapes(text: str, written: bytes) -> None:
    assert systemd.quote("A", SecretValue(text)) == written


def test_the_file_is_one_header_line_and_then_the_variables() -> None:
    content = systemd.write(secrets({"B": "2", "A": "1"}))
    header, *lines = content.decode().splitlines()
    assert header.startswith("# ")
    assert lines == ["B=2", "A=1"]
    assert content.endswith(b"\n")


def test_the_header_names_nothing_that_changes() -> None:
    header = systemd.write({}).decode()
    assert systemd.write(secrets({"A": "1"})).decode() == f"{header}A=1\n"
    assert not re.search(r"\d", header)
    assert not header.rstrip("\n").endswith("\\")
    assert header.count("\n") == 1
    assert header.isascii()


def test_the_same_variables_make_the_same_bytes() -> None:
    variables = secrets({"A": "x y", "B": "it's"})
    for file_format in FORMATS:
        assert dialect(file_format).write(variables) == dialect(file_format).write(variables)


def test_a_file_of_ours_is_known_by_its_header() -> None:
    assert written_by_ssmm(systemd.write({}))
    assert not written_by_ssmm(json_dialect.write({}))
    assert not written_by_ssmm(b"A=1\n")
    assert not written_by_ssmm(b"A=1\n" + systemd.write({}))


def test_json_is_one_object_with_everything_but_ascii_as_it_is() -> None:
    content = json_dialect.write(secrets({"B": "ü\n", "A": "\0"}))
    assert content.endswith(b"}\n")
    assert "ü".encode() in content
    assert json.loads(content) == {"B": "ü\n", "A": "\0"}


# Refusals

REFUSED: dict[str, tuple[str, str]] = {
    "NUL": ("BAD", "made-up\0"),
    "first noncharacter": ("BAD", "made-up\ufdd0"),
    "last noncharacter of the block": ("BAD", "made-up\ufdef"),
    "U+FFFE": ("BAD", "made-up\ufffe"),
    "U+FFFF": ("BAD", "made-up\uffff"),
    "U+1FFFE": ("BAD", "made-up\U0001fffe"),
    "U+10FFFF": ("BAD", "made-up\U0010ffff"),
    "high surrogate": ("BAD", "made-up\ud800"),
    "low surrogate": ("BAD", "made-up\udfff"),
    "dash in the name": ("BAD-NAME", "made-up"),
    "dot in the name": ("bad.name", "made-up"),
    "digit first": ("1BAD", "made-up"),
    "no ASCII": ("BÄD", "made-up"),
    "empty name": ("", "made-up"),
    "line break in the name": ("BAD\n", "made-up"),
    "function": ("BASH_FUNC_x%%", "made-up"),
    "too long": ("BAD", "made-up" * 20_000),
}


@pytest.mark.parametrize(("name", "text"), REFUSED.values(), ids=REFUSED)
def test_what_systemd_would_refuse_or_log_is_refused_by_name_without_its_value(name: str, text: str) -> None:
    with pytest.raises(Undeliverable) as caught:
        systemd.write(secrets({"GOOD": "x", name: text}))
    assert caught.value.variable == name
    assert name in caught.value.message
    assert caught.value.exit_code == ExitCode.SETTINGS
    assert "made-up" not in str(caught.value)


@pytest.mark.parametrize("text", ["\ufdcf", "\ufdf0", "\ufffd", "\U0001fffd", "\ud7ff", "\ue000", "\ufeff"])
def test_neighbours_of_what_is_refused_are_written(text: str) -> None:
    assert plain(systemd.read(systemd.write(secrets({"A": text})))) == {"A": text}


def test_name_and_value_and_their_end_fit_in_131072_bytes() -> None:
    longest = 131_072 - len("NAME=") - 1
    assert plain(systemd.read(systemd.write(secrets({"NAME": "x" * longest})))) == {"NAME": "x" * longest}
    with pytest.raises(Undeliverable, match="131,072"):
        systemd.write(secrets({"NAME": "x" * (longest + 1)}))
    with pytest.raises(Undeliverable, match="131,072"):
        systemd.write(secrets({"NAME": "ü" * (longest // 2 + 1)}))


@given(st.characters(categories=["Cs"]))
def test_json_refuses_a_lone_surrogate_by_name(surrogate: str) -> None:
    with pytest.raises(Undeliverable, match="BAD cannot be delivered"):
        json_dialect.write(secrets({"GOOD": "x", "BAD": f"x{surrogate}"}))


@pytest.mark.parametrize(
    "content", [b"", b"made-up", b"[]", b'"made-up"', b'{"A": 1}', b'{"A": null}', b'{"A": "made-up"', b"\xff", b"1" * 5000]
)
def test_what_is_no_json_object_of_strings_is_refused_without_repeating_it(content: bytes) -> None:
    with pytest.raises(InvalidInput, match="JSON") as caught:
        json_dialect.read(content)
    assert "made-up" not in str(caught.value)


def test_an_unknown_format_is_a_matter_of_usage() -> None:
    with pytest.raises(UsageError, match="unknown format 'toml'") as caught:
        dialect("toml")
    assert ", ".join(FORMATS) in caught.value.hint
