"""Every value that a dialect takes is exact in each of its real readers, and none is refused that the reader could have."""

from __future__ import annotations

import re
import subprocess
from typing import TYPE_CHECKING

import pytest

from ssmm_core.envfile import dialect
from ssmm_core.envfile.shell import KEPT_BY_SHELLS
from ssmm_core.secret import SecretValue
from tests.readers import real
from tests.readers.journey import lost, split
from tests.readers.real import PATH, READERS, Reader
from tests.readers.values import BY_HAND, NONCHARACTERS, generated

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

VALUES = [*BY_HAND, *generated(5000)]


def use(reader: Reader) -> Reader:
    if reason := reader.missing():
        pytest.skip(reason)
    return reader


PAIRS = [
    pytest.param(file_format, reader, id=f"{file_format}: {reader.name}") for file_format in READERS for reader in READERS[file_format]
]


@pytest.mark.parametrize(("file_format", "reader"), PAIRS)
def test_thousands_of_values_are_exact_in_the_reader_that_the_dialect_is_for(file_format: str, reader: Reader) -> None:
    held, refused = split(file_format, VALUES)
    assert len(held) + len(refused) >= 5000
    assert lost(use(reader), file_format, held) == {}


ODD_NAMES = (
    "a _A A1 __ Mixed_Case export Export exportX if done time function select true null yes no constructor toString hasOwnProperty length"
    " NODE_ENV PYTHONUNBUFFERED COMPOSE_FILE X" + "X" * 200
)


@pytest.mark.parametrize(("file_format", "reader"), PAIRS)
def test_odd_names_are_names_like_others(file_format: str, reader: Reader) -> None:
    assert lost(use(reader), file_format, {name: f"it's {name}" for name in ODD_NAMES.split()}) == {}


@pytest.mark.parametrize("reader", real.EXPORTING, ids=lambda reader: reader.name)
def test_a_shell_that_just_sources_the_file_exports_every_variable(reader: Reader) -> None:
    held, refused = split("shell", VALUES)
    assert refused == []
    assert lost(use(reader), "shell", held) == {}


@pytest.mark.parametrize("file_format", ["systemd", "shell", "dotenv", "node", "godotenv", "json"])
def test_a_value_of_several_lines_defines_no_second_variable(file_format: str) -> None:
    held, _ = split(file_format, [text for text in VALUES if "\n" in text])
    assert len(held) > 300
    content = dialect(file_format).write({name: SecretValue(text) for name, text in held.items()})
    for reader in READERS[file_format]:
        if not reader.missing():
            (found,) = reader.read([content])
            assert found is not None
            assert not {"EVIL", "LD_PRELOAD"} & found.keys()


@pytest.mark.parametrize("file_format", ["systemd", "shell"])
@pytest.mark.parametrize("reader", real.SOURCING, ids=lambda reader: reader.name)
def test_the_longest_variable_that_is_written_can_be_given_to_a_program(file_format: str, reader: Reader) -> None:
    assert lost(use(reader), file_format, {"NAME": "'" * (131_072 - len("NAME=") - 1)}) == {}


ODD_DOCKER_FILES = [
    b"A= x \t\n\tB='q'\n  # note\n\n#C=1\n",
    b"\xef\xbb\xbfA=1\n\xef\xbb\xbfB=2\n",
    b"A=1\r\nB=2\r\r\nC=\r3\n",
    b"A=1\nB=2",
    b"A==\nB=\n",
    b"A-B=1\na.b=2\n",
    b"A=" + b"x" * (65_536 - len("A=\n")) + b"\nB=2\n",
    b"A=" + b"x" * (65_536 - len("A=\n") + 1) + b"\nB=2\n",
    b"A B=1\n",
    b"=1\n",
    b"A=\x01\x7f\x0b\x0c\n",
]


def test_dockers_rules_as_the_tests_have_them_are_those_of_its_command_line() -> None:
    found = use(real.DOCKER).read(ODD_DOCKER_FILES)
    assert real.DOCKER_RULES.read(ODD_DOCKER_FILES) == found
    assert [one is None for one in found].count(True) == 3


# What is refused

NEXT = "B='\n'\nC=\"\n\"\n"
"""Neighbours whose first character behind the quote ends a line: a quote that should have closed before them would close there."""


def escaped(text: str, chars: str) -> str:
    return re.sub(f"[{re.escape(chars)}]", lambda found: f"\\{found[0]}", text)


def in_python_dotenv(text: str) -> Iterator[str]:
    yield text
    yield '"' + escaped(text, '\\"').replace("\r", "\\r") + '"'
    yield "'" + escaped(text, "\\'") + "'"


def in_node(text: str) -> Iterator[str]:
    yield text
    for quote in "'`\"":
        yield f"{quote}{text}{quote}"
    yield '"' + text.replace("\r", "\\r") + '"'


def in_godotenv(text: str) -> Iterator[str]:
    yield text
    yield escaped(text, "$")
    yield f"'{text}'"
    yield '"' + escaped(text, '\\"$').replace("\r", "\\r") + '"'


def in_docker(text: str) -> Iterator[str]:
    yield text


Writings = dict[str, tuple["Callable[[str], Iterator[str]]", str, dict[str, str], list[Reader]]]
WRITINGS: Writings = {
    "dotenv": (in_python_dotenv, NEXT, {"B": "\n", "C": "\n"}, [real.PYTHON_DOTENV, real.OLD_PYTHON_DOTENV]),
    "node": (in_node, f"{NEXT}D=`\n`\n", {"B": "\n", "C": "\n", "D": "\n"}, [real.NODE_PARSER, *real.NPM_DOTENV]),
    "godotenv": (in_godotenv, NEXT, {"B": "\n", "C": "\n"}, [real.GODOTENV]),
    "docker": (in_docker, "B=x\n", {"B": "x"}, [real.DOCKER_RULES]),
}
"""By dialect: the ways to write a value, the lines behind it, their variables, and the readers that must all agree."""


@pytest.mark.parametrize("file_format", WRITINGS)
def test_a_value_that_is_refused_is_lost_in_every_writing_in_one_of_the_readers(file_format: str) -> None:
    ways, behind, beside, readers = WRITINGS[file_format]
    _, refused = split(file_format, VALUES)
    assert refused
    tried = [(text, writing) for text in refused for writing in ways(text)]
    contents = [f"A={writing}\n{behind}".encode() for _, writing in tried]
    agreed = [True] * len(tried)
    for reader in readers:
        found = use(reader).read(contents)
        agreed = [so_far and one == {"A": text, **beside} for so_far, one, (text, _) in zip(agreed, found, tried, strict=True)]
    assert [text for (text, _), kept in zip(tried, agreed, strict=True) if kept] == []


def test_shells_and_json_refuse_no_value_and_systemd_only_noncharacters() -> None:
    assert split("shell", VALUES)[1] == split("json", VALUES)[1] == []
    refused = split("systemd", VALUES)[1]
    assert refused
    assert all(set(text) & set(NONCHARACTERS) for text in refused)


# Names that shells keep for themselves

ATTEMPT = "made-up 'x' a[$(touch ran)]"


def delivered(shell: str, name: str, folder: Path) -> bool:
    """Whether a shell that sources `export NAME='…'` and a line after it passes on both, with `set -a` and without, and runs nothing."""
    quoted = ATTEMPT.replace("'", "'\\''")
    (folder / "env").write_text(f"export {name}='{quoted}'\nexport AFTER=1\n", encoding="utf-8")
    for script in ("set -a; . ./env; exec /usr/bin/env -0", ". ./env; exec /usr/bin/env -0"):
        command = [*shell.split(), "-c", script, shell]
        ended = subprocess.run(command, cwd=folder, env={"PATH": PATH}, capture_output=True, timeout=60)
        found = real.as_environment(ended.stdout)
        if (found.get(name), found.get("AFTER")) != (ATTEMPT, "1"):
            return False
    return not (folder / "ran").exists()


def shells() -> list[str]:
    found = ["bash", "dash", "zsh --no-rcs"]
    if missing := [reader.missing() for reader in real.SOURCING if reader.missing()]:
        pytest.skip(", ".join(missing))
    return found


def test_each_refused_name_is_lost_in_a_shell(tmp_path: Path) -> None:
    assert sorted(name for name in KEPT_BY_SHELLS if all(delivered(shell, name, tmp_path) for shell in shells())) == []


KNOWN = {
    "bash": "compgen -v",
    "zsh --no-rcs": "zmodload zsh/parameter zsh/zle zsh/complete; print -l ${(k)parameters} ARGV0 ZLE_RPROMPT_INDENT",
}


@pytest.mark.parametrize("shell", KNOWN)
def test_each_other_name_that_a_shell_knows_is_delivered(shell: str, tmp_path: Path) -> None:
    every = shells()
    said = subprocess.run([*shell.split(), "-c", KNOWN[shell]], env={"PATH": PATH}, capture_output=True, text=True, timeout=60).stdout
    names = {name for name in said.split() if re.fullmatch("[A-Za-z_][A-Za-z0-9_]*", name)} - KEPT_BY_SHELLS
    names |= {"PS4", "ENV", "BASH_ENV", "IFS", "PATH", "HOME", "LANG", "LC_ALL", "TZ", "TERM", "POSIXLY_CORRECT", "PROMPT_COMMAND", "TMOUT"}
    assert len(names) > 20
    assert sorted(name for name in names if not all(delivered(one, name, tmp_path) for one in every)) == []
