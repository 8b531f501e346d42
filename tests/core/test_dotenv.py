"""Reading the file that somebody gives: which dialect it is in, the grammar of a person's `.env`, and errors that never show its text."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ssmm_core.envfile import FORMATS, dialect, header, systemd
from ssmm_core.envfile.given import read_env
from ssmm_core.errors import ExitCode, InvalidInput
from ssmm_core.secret import SecretValue
from tests.readers.journey import split, written
from tests.readers.values import BY_HAND

BOM = b"\xef\xbb\xbf"


def read(content: bytes, file_format: str = "") -> dict[str, str]:
    return {name: value.reveal() for name, value in read_env(content, "my.env", file_format).items()}


def refusal(content: bytes, file_format: str = "") -> InvalidInput:
    with pytest.raises(InvalidInput) as caught:
        read_env(content, "my.env", file_format)
    assert caught.value.exit_code == ExitCode.SETTINGS
    return caught.value


@pytest.mark.parametrize(
    ("line", "value"),
    [
        ("A=x", "x"),
        ("export A=x", "x"),
        ("  A = x  ", "x"),
        ("A=", ""),
        ("A=''", ""),
        ("A='it is'", "it is"),
        ("A='a\\'b'", "a'b"),
        ("A='$x \\n'", "$x \\n"),
        ('A="two\\nlines"', "two\nlines"),
        ('A="two\nlines"', "two\nlines"),
        ("A='two\nlines\n'", "two\nlines\n"),
        ("A=x # comment", "x"),
        ("A=x#y", "x#y"),
        ("A='x' # comment", "x"),
        ("A=b=c==", "b=c=="),
        ("A=ü 名前", "ü 名前"),
        ("A=it's", "it's"),
    ],
)
def test_lines_are_read_as_python_dotenv_reads_them(line: str, value: str) -> None:
    assert read(f"{line}\n".encode()) == {"A": value}


@pytest.mark.parametrize("text", ["${HOME}", "$HOME", "${X:-made-up}", "~", "%n", "$(id)", "`id`"])
@pytest.mark.parametrize("line", ["A={}", 'A="{}"', "A='{}'"])
def test_nothing_is_interpolated(line: str, text: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("X", "from the environment")
    assert read(line.format(text).encode()) == {"A": text}


def test_the_order_of_the_file_is_kept_and_comments_and_blank_lines_are_not_variables() -> None:
    assert list(read(b"\n# first\nB=1\n\n  \nA=2\n  # last\nC=3")) == ["B", "A", "C"]


def test_a_byte_order_mark_is_no_part_of_the_first_name() -> None:
    assert read(BOM + b"A=1\nB=2\n") == {"A": "1", "B": "2"}


def test_windows_line_ends_are_no_part_of_a_value() -> None:
    assert read(b"A=1\r\nB='2'\r\n\r\n# x\r\nC=\"3\"\r\n") == {"A": "1", "B": "2", "C": "3"}


def test_an_empty_file_has_no_variables() -> None:
    assert read(b"") == {}
    assert read(BOM) == {}


@pytest.mark.parametrize(
    ("content", "line"),
    [
        (b"A='made-up\n", 1),
        (b'A=1\nB="made-up\nC=3\n', 2),
        (b"A=1\n\n\nB='made-up\n", 4),
        (b"# x\n\n# y\nB='made-up\n", 4),
        (b"A='two\nlines'\nB='made-up\n", 3),
        (b"A=1\r\nB='made-up\r\n", 2),
        (b"A=1\r\n\r\n\r\nB='made-up\r\n", 4),
        (b"A=1\n   \n\t\nB='made-up\n", 4),
        (b"A=1\n   B='made-up\n", 2),
        (BOM + b"A=1\nB='made-up\n", 2),
        (b"A=1\nB='x' made-up\n", 2),
        (b"A=1\n=made-up\n", 2),
    ],
)
def test_a_line_that_is_no_assignment_or_opens_a_quote_is_named_by_its_number(content: bytes, line: int) -> None:
    error = refusal(content)
    assert error.message.startswith(f"my.env:{line} ")
    assert "made-up" not in str(error)


@pytest.mark.parametrize(
    ("content", "line"), [(b"A=1\nmade-up-word\nB=2\n", 2), (b"A=1\n\nexport made-up\n", 3), (b"A=1\r\n\r\nmade-up\r\n", 3)]
)
def test_a_word_alone_may_be_a_value_and_is_named_by_its_line_only(content: bytes, line: int) -> None:
    error = refusal(content)
    assert error.message.startswith(f"my.env:{line}")
    assert "made-up" not in str(error)


def test_the_lines_of_a_key_that_was_pasted_without_quotes_are_not_repeated() -> None:
    error = refusal(b"TLS_KEY=-----BEGIN PRIVATE KEY-----\nMADEUPMADEUPMADEUP\nMADEUPMADEUP==\n-----END PRIVATE KEY-----\n")
    assert error.message.startswith("my.env:2")
    assert "MADEUP" not in str(error)


def test_the_padded_last_line_of_such_a_key_is_no_variable() -> None:
    error = refusal(b"TLS_KEY=-----BEGIN PRIVATE KEY-----\nMADE/UPMADE+UP==\n")
    assert error.message.startswith("my.env:2")
    assert "MADE" not in str(error)


def test_a_name_that_is_given_twice_is_named_with_its_second_line() -> None:
    error = refusal(b"A=1\nB=2\n\nA=made-up\n")
    assert error.message.startswith("my.env:4: A is given twice")
    assert "made-up" not in str(error)


def test_a_binary_file_is_named() -> None:
    assert "my.env is a binary file" in refusal(b"A=1\nB=made-up\0\n").message


@pytest.mark.parametrize(("content", "line"), [(b"\xff\xfeA=1", 1), (b"A=1\nB=made-up\xff\n", 2), (b"A=1\r\n\r\nB=\xe9\r\n", 3)])
def test_bytes_that_are_not_utf8_are_named_by_their_line(content: bytes, line: int) -> None:
    error = refusal(content)
    assert error.message.startswith(f"my.env:{line} is not valid UTF-8")
    assert "made-up" not in str(error)


UNICODE = st.text(st.characters(exclude_categories=["Cs", "Cn"], exclude_characters="\0"))


@given(st.dictionaries(st.from_regex(r"[A-Z_][A-Z0-9_]*", fullmatch=True), UNICODE, max_size=5))
def test_a_file_that_sync_wrote_is_read_back_exactly(variables: dict[str, str]) -> None:
    content = systemd.write({name: SecretValue(text) for name, text in variables.items()})
    assert read(content) == variables


@pytest.mark.parametrize("text", ["a\r\nb", "\\$x", "`\\``", "${X}", "it's \\\"", "'", "\\n", " # x ", "a\\\nb"])
def test_a_file_that_sync_wrote_is_read_back_exactly_where_python_dotenv_would_not(text: str) -> None:
    content = systemd.write({"BEFORE": SecretValue("x"), "A": SecretValue(text)})
    assert read(content) == {"BEFORE": "x", "A": text}


def test_a_file_of_ours_that_was_changed_by_hand_says_so() -> None:
    error = refusal(systemd.write({"A": SecretValue("1")}) + b"export B='made-up'\n")
    assert error.message.startswith("my.env: line 3")
    assert "changed after ssmm wrote it" in error.hint
    assert "made-up" not in str(error)


def test_the_end_of_wrapped_base64_is_no_empty_variable() -> None:
    error = refusal(b"PRIVATE_KEY=MADEUPMADEUP\nmadeUpTailOfIt=\n")
    assert error.message.startswith("my.env:2")
    assert "madeUp" not in str(error)


# Dialects


@pytest.mark.parametrize("file_format", FORMATS)
def test_a_file_that_sync_wrote_is_known_and_read_back_in_every_dialect(file_format: str) -> None:
    held, _ = split(file_format, BY_HAND)
    content = written(file_format, held)
    assert read(content) == read(content, file_format) == read(BOM + content) == held


@pytest.mark.parametrize("file_format", [name for name in FORMATS if name != "json"])
def test_a_note_before_the_header_does_not_hide_it(file_format: str) -> None:
    held, _ = split(file_format, BY_HAND)
    assert read(b"# ours\n\n" + written(file_format, held)) == held


def test_dotenv_is_python_dotenvs_grammar_for_any_file_without_our_header() -> None:
    foreign = b"export A='it is' # comment\nB = x # y\nC=\"a\\nb ${X}\"\n"
    assert read(foreign) == read(foreign, "dotenv") == {"A": "it is", "B": "x", "C": "a\nb ${X}"}
    assert read(header("systemd") + b"A=x # y\n") == {"A": "x # y"}
    assert read(header("systemd") + b"A=x # y\n", "dotenv") == {"A": "x"}


@pytest.mark.parametrize(
    ("file_format", "content", "found"),
    [
        ("systemd", b"A = x ; y\n; note\nB='1' \"2\"\n", {"A": "x ; y", "B": "12"}),
        ("shell", b"# note\nexport A='it'\\''s'\n", {"A": "it's"}),
        ("node", b'A=`it\'s`\nB=""\nC=a b\n', {"A": "it's", "B": "", "C": "a b"}),
        ("godotenv", b'A=a b\nB="it\'s \\$x"\n', {"A": "a b", "B": "it's $x"}),
        ("docker", b"# note\nA= 'x' # y\nB=\n", {"A": " 'x' # y", "B": ""}),
        ("json", b'{"A": "x", "B": ""}', {"A": "x", "B": ""}),
    ],
)
def test_a_foreign_file_is_read_by_the_rules_that_are_named(file_format: str, content: bytes, found: dict[str, str]) -> None:
    assert read(content, file_format) == found


def test_json_is_known_by_its_first_character() -> None:
    assert read(b'\n {"A": "two\\nlines"}') == {"A": "two\nlines"}
    assert "JSON" in refusal(b'{"A": "made-up"').message
    assert "JSON" in refusal(b'{"A": ["made-up"]}').message


@pytest.mark.parametrize("file_format", [name for name in FORMATS if name != "dotenv"])
def test_a_file_in_another_format_than_was_said_names_the_format_and_no_text(file_format: str) -> None:
    error = refusal(b"export A=made-up x\n", file_format)
    assert error.message.startswith("my.env: ")
    assert f"the {file_format} format" in error.hint
    assert "made-up" not in str(error)


@pytest.mark.parametrize("file_format", [name for name in FORMATS if name != "json"])
def test_a_file_of_ours_with_a_line_of_somebody_else_says_so(file_format: str) -> None:
    error = refusal(dialect(file_format).write({"A": SecretValue("1")}) + b" made-up\n")
    assert error.message.startswith("my.env: line 3")
    assert "changed after ssmm wrote it" in error.hint
    assert "made-up" not in str(error)
