"""The dialects besides systemd's: how each writes, what it refuses, and that its reader takes only what it would write."""

from __future__ import annotations

import re
import subprocess
import sys

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ssmm_core.envfile import FORMATS, Undeliverable, dialect, header, written_as, written_by_ssmm
from ssmm_core.envfile.shell import KEPT_BY_SHELLS
from ssmm_core.errors import ExitCode, InvalidInput
from ssmm_core.secret import SecretValue
from tests.readers.journey import split, written
from tests.readers.values import BY_HAND

WITH_HEADER = [name for name in FORMATS if name != "json"]
NAMES = st.from_regex(r"[A-Z][A-Z0-9_]{0,8}", fullmatch=True).filter(lambda name: name not in KEPT_BY_SHELLS)
AWKWARD = st.text(st.sampled_from(list("ab=#;'\"\\$`{}()x:- \t\r\n\v\f\x01\x7f\x85 ü😀\u2028\ufeff")), max_size=12)
VALUES = AWKWARD | st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), max_size=12)


def write(file_format: str, *pairs: str, **variables: str) -> bytes:
    """A file with variables that are given by name, or as `NAME=value`."""
    given_as_text = dict(pair.split("=", 1) for pair in pairs)
    return dialect(file_format).write({name: SecretValue(text) for name, text in (given_as_text | variables).items()})


def read(file_format: str, content: bytes) -> dict[str, str]:
    return {name: value.reveal() for name, value in dialect(file_format).read(content).items()}


def body(content: bytes) -> str:
    return content.decode().partition("\n")[2]


# Round trips


@pytest.mark.parametrize("file_format", WITH_HEADER)
@settings(max_examples=300)
@given(variables=st.dictionaries(NAMES, VALUES, max_size=5))
def test_what_is_not_refused_reads_back_exactly_and_in_order(file_format: str, variables: dict[str, str]) -> None:
    held, _ = split(file_format, list(variables.values()))
    kept = {name: text for name, text in variables.items() if text in held.values()}
    assert list(read(file_format, write(file_format, **kept)).items()) == list(kept.items())


@pytest.mark.parametrize("file_format", FORMATS)
def test_awkward_values_read_back_exactly_side_by_side(file_format: str) -> None:
    held, refused = split(file_format, BY_HAND)
    assert len(held) > len(refused)
    assert read(file_format, written(file_format, held)) == held


@pytest.mark.parametrize("file_format", WITH_HEADER)
def test_the_header_names_tool_and_dialect_and_nothing_that_changes(file_format: str) -> None:
    line = write(file_format).decode()
    assert line == header(file_format).decode()
    assert line.startswith("# ")
    assert line.endswith(".\n")
    assert line.count("\n") == 1
    assert f"(format: {file_format})" in line
    assert not re.search(r"[\d'\"`\\$]", line)


@pytest.mark.parametrize("file_format", WITH_HEADER)
def test_a_file_is_known_by_its_header(file_format: str) -> None:
    content = write(file_format, A="made-up")
    assert written_as(content) == written_as(b"\xef\xbb\xbf# a note\n\n" + content) == file_format
    assert written_by_ssmm(content)


@pytest.mark.parametrize(
    "content", [b"", b"A=1\n", b"A=1\n" + header("shell"), header("toml"), header("json").replace(b"# Written", b"# written")]
)
def test_another_file_is_none_of_ours(content: bytes) -> None:
    assert written_as(content) == ""


@pytest.mark.parametrize("file_format", WITH_HEADER)
def test_a_reader_takes_comments_empty_lines_and_a_missing_last_line_end(file_format: str) -> None:
    content = b"# note\n\n" + write(file_format, A="x") + b"# it's another\n" + body(write(file_format, B="y")).encode().rstrip(b"\n")
    assert read(file_format, content) == {"A": "x", "B": "y"}


# How values are written


@pytest.mark.parametrize(
    ("file_format", "text", "written"),
    [
        ("shell", "plain", "export A='plain'\n"),
        ("shell", "it's $x", "export A='it'\\''s $x'\n"),
        ("shell", "a\nb\\", "export A='a\nb\\'\n"),
        ("shell", "", "export A=''\n"),
        ("dotenv", "plain", "A=plain\n"),
        ("dotenv", "", 'A=""\n'),
        ("dotenv", 'it\'s "a\\b"', 'A="it\'s \\"a\\\\b\\""\n'),
        ("dotenv", "a\r\nb", 'A="a\\r\nb"\n'),
        ("dotenv", "C:\\dir\\", "A=C:\\dir\\\n"),
        ("dotenv", "$x ${y", 'A="$x ${y"\n'),
        ("node", "plain", "A=plain\n"),
        ("node", "", "A=''\n"),
        ("node", 'say "x"\\n', "A='say \"x\"\\n'\n"),
        ("node", "it's", "A=`it's`\n"),
        ("node", "it's `x`", 'A="it\'s `x`"\n'),
        ("node", "it's `x` \\n", "A=it's `x` \\n\n"),
        ("node", 'it\'s `x` "y"', 'A=it\'s `x` "y"\n'),
        ("node", "C:\\dir\\", "A=C:\\dir\\\n"),
        ("node", "${X} $Y", "A='${X} $Y'\n"),
        ("godotenv", "plain", "A=plain\n"),
        ("godotenv", "a\\n $X\nb", "A='a\\n $X\nb'\n"),
        ("godotenv", "it's $X", 'A="it\'s \\$X"\n'),
        ("godotenv", 'it\'s "x" \\y', 'A="it\'s \\"x\\" \\\\y"\n'),
        ("godotenv", "a\r\nb", 'A="a\\r\nb"\n'),
        ("godotenv", "$X\\", "A=\\$X\\\n"),
        ("docker", " 'x' # $y\\ ", "A= 'x' # $y\\ \n"),
    ],
)
def test_a_value_is_written_as_its_reader_needs_it(file_format: str, text: str, written: str) -> None:
    content = write(file_format, A=text)
    assert body(content) == written
    assert read(file_format, content) == {"A": text}


# Refusals

ANYWHERE = {
    "NUL": "BAD=made-up\0",
    "lone surrogate": "BAD=made-up\ud800",
    "too long": "BAD=" + "made-up" * 20_000,
    "dash in the name": "BAD-NAME=made-up",
    "digit first": "1BAD=made-up",
    "no ASCII": "BÄD=made-up",
    "line break in the name": "BAD\n=made-up",
}
REFUSED = [
    *((file_format, pair) for file_format in WITH_HEADER for pair in ANYWHERE.values()),
    *(("shell", f"{name}=made-up") for name in ("UID", "EUID", "PPID", "SHELLOPTS", "BASHOPTS", "GROUPS", "RANDOM", "SECONDS", "LINENO")),
    *(("shell", f"{name}=made-up") for name in ("_", "status", "HISTCMD", "COLUMNS", "path")),
    ("dotenv", "BAD=made-up ${HOME}"),
    ("dotenv", "BAD=${made-up}"),
    ("dotenv", "BAD=${X:-made-up}"),
    ("dotenv", "BAD=${made\nup}"),
    ("node", "BAD=made-up\r"),
    ("node", "BAD=made\r\nup"),
    ("node", 'BAD=it\'s `made` "up"\n'),
    ("node", 'BAD=it\'s `made` "up" #'),
    ("node", "BAD='`\"made-up"),
    ("node", "BAD= made-up\\"),
    ("node", "BAD=made\nup\\"),
    ("node", "BAD=made#up\\"),
    ("node", "BAD=\u00a0made-up\\"),
    ("node", "BAD=made\u2028'up'\u2028\\"),
    ("node", "__proto__=made-up"),
    ("godotenv", "BAD='made\nup\""),
    ("godotenv", "BAD='made\nup\\"),
    ("godotenv", "BAD=made\r\nup\\"),
    ("godotenv", "BAD= it's made-up\\"),
    ("godotenv", "BAD=it's #made-up\\"),
    ("docker", "BAD=made\nup"),
    ("docker", "BAD=made-up\n"),
    ("docker", "BAD=made-up\r"),
    ("docker", "BAD=" + "x" * (65_536 - len("BAD=\n") + 1)),
]


@pytest.mark.parametrize(("file_format", "pair"), REFUSED, ids=lambda text: ascii(text)[:40])
def test_what_the_reader_would_lose_is_refused_by_name_without_its_value(file_format: str, pair: str) -> None:
    name = pair.partition("=")[0]
    with pytest.raises(Undeliverable) as caught:
        write(file_format, "GOOD=x", pair)
    assert caught.value.variable == name
    assert caught.value.exit_code == ExitCode.SETTINGS
    assert name in caught.value.message
    assert "made" not in str(caught.value)


@pytest.mark.parametrize("file_format", WITH_HEADER)
def test_name_value_and_end_fit_in_131072_bytes_and_in_dockers_line_of_64_kib(file_format: str) -> None:
    longest = (65_536 if file_format == "docker" else 131_072) - len("NAME=") - 1
    for text in ("x" * longest, "ü" * (longest // 2)):
        assert read(file_format, write(file_format, NAME=text)) == {"NAME": text}
        with pytest.raises(Undeliverable, match="NAME"):
            write(file_format, NAME=f"{text}xx")


def test_json_has_no_such_limit() -> None:
    assert read("json", write("json", NAME="x" * 200_000)) == {"NAME": "x" * 200_000}


# What is read

FOREIGN = {
    "systemd": ["export A=made-up", "A='made-up"],
    "shell": ["A=made-up", "A='made-up'", "export A=made-up", "export A=\"made-up\"", "export A='made-up' ", "export A='made-up' B='x'",
              "export A='made-up'x", "export A='made'\\''up", "export A=$(made-up)", "export UID='made-up'", "made-up"],
    "dotenv": ["A='made-up'", "export A=made-up", "A=made-up x", 'A="made-up', 'A="made-up" # x', 'A="made\\nup"', 'A="made\\up"',
               'A="made-up ${X}"', 'A="made-up\r"', "A = made-up", "A"],
    "node": ["export A=made-up", "A='made-up' # x", "A='made-up\\'", "A=\"made\\nup\"", "A=\"made\\rup\"", "A= made-up", "A=made-up ",
             "A=made#up", "A='made-up", "A='made\rup'", "__proto__=made-up", "A: made-up", "A"],
    "godotenv": ["export A=made-up", "A='made-up' # x", "A='made-up\\'", "A='made'up'", "A=\"made\\nup\"", 'A="made $X"', 'A="made-up\\"',
                 'A="made-up\\\\"', "A=made $X", "A= made-up", "A=made-up ", "A=made #up", "A: made-up", "A='made\r\nup'", "A"],
    "docker": ["A", " A=made-up", "A=made-up\r", "A B=made-up", "=made-up", "A=" + "made-up" * 10_000],
}  # fmt: skip


@pytest.mark.parametrize(("file_format", "line"), [(name, line) for name, lines in FOREIGN.items() for line in lines])
def test_a_line_that_the_dialect_would_not_write_is_refused_by_its_number(file_format: str, line: str) -> None:
    before = write(file_format, FIRST="x")
    with pytest.raises(InvalidInput, match="line 3") as caught:
        read(file_format, before + line.encode() + b"\n")
    assert "made" not in str(caught.value)


@pytest.mark.parametrize("file_format", [name for name in WITH_HEADER if name != "systemd"])
def test_a_name_that_is_given_twice_is_refused(file_format: str) -> None:
    content = write(file_format, A="made-up")
    with pytest.raises(InvalidInput, match="line 4: A is given twice"):
        read(file_format, content + b"\n" + body(content).encode())


@pytest.mark.parametrize("file_format", [name for name in WITH_HEADER if name != "systemd"])
@pytest.mark.parametrize("content", [b"A=made-up\xff\n", b"\n# \xe9\n", b"\xef\xbb\xbfA=x\n", b"# x\rA=x\n", "# x\u2028A=x\n".encode()])
def test_bytes_and_comments_that_readers_differ_about_are_refused(file_format: str, content: bytes) -> None:
    with pytest.raises(InvalidInput, match="line"):
        read(file_format, content)


@settings(max_examples=500)
@given(file_format=st.sampled_from(WITH_HEADER), text=st.text(st.sampled_from(list("A=B'\"`\\$#{} \t\r\nxn")), max_size=20))
def test_what_is_read_is_written_to_the_same_values_again(file_format: str, text: str) -> None:
    try:
        found = read(file_format, text.encode())
    except InvalidInput:
        return
    assert read(file_format, write(file_format, **found)) == found


def test_json_refuses_a_name_that_is_given_twice() -> None:
    with pytest.raises(InvalidInput, match="each name once"):
        read("json", b'{"A": "made-up", "A": "x"}')


# Cost


@pytest.mark.parametrize("file_format", FORMATS)
def test_only_the_dialect_in_use_is_loaded_and_nothing_but_ours(file_format: str) -> None:
    script = f"import sys; from ssmm_core.envfile import dialect; dialect({file_format!r}).read(dialect({file_format!r}).write({{}}))"
    shown = "print(*(name for name in sys.modules if name.startswith('ssmm_core.envfile.') or name == 'dotenv'))"
    ended = subprocess.run([sys.executable, "-c", f"{script}; {shown}"], capture_output=True, text=True, timeout=60)
    assert ended.returncode == 0, ended.stderr
    assert set(ended.stdout.split()) - {"ssmm_core.envfile.assignments"} == {f"ssmm_core.envfile.{file_format}"}


def is_held(file_format: str, text: str) -> bool:
    try:
        write(file_format, A=text)
    except Undeliverable:
        return False
    return True


def test_references_are_found_as_python_dotenv_finds_them() -> None:
    reference = re.compile(r"\$\{[^}:]*(?::-[^}]*)?\}")  # python-dotenv's own pattern for what it replaces

    @settings(max_examples=500)
    @given(st.text(st.sampled_from(list("${}:-x \n")), max_size=14))
    def agrees(text: str) -> None:
        assert is_held("dotenv", text) is (reference.search(text) is None)

    agrees()


def test_json_that_is_too_deep_is_refused() -> None:
    with pytest.raises(InvalidInput, match="JSON"):
        read("json", b"[" * 200_000)
