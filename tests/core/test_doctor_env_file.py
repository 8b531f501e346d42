"""Environment files as systemd reads them, without their values: what it takes, what it leaves out, what it refuses."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ssmm_core.doctor.env_file import LONGEST, FileReading, read
from ssmm_core.envfile import systemd
from ssmm_core.secret import SecretValue

SENTINEL = b"sentinel-hunter2"
NAMES = st.from_regex(r"[A-Za-z_][A-Za-z0-9_]{0,8}", fullmatch=True)
VALUES = st.text(st.characters(codec="utf-8", exclude_characters="\0", exclude_categories=["Cn", "Cs"]), max_size=30)


@pytest.mark.parametrize(
    ("content", "expected"),
    [
        (b"", FileReading()),
        (b"# A=1\n; B=2\n\n   \n", FileReading()),
        (b"A=1\nB = 2\n\tC=3", FileReading(("A", "B", "C"))),
        (b"A=1\rB=2\r\n", FileReading(("A", "B"))),
        (b"A=1\nA=2\n", FileReading(("A",))),
        (b"A=\n", FileReading(("A",))),
        (b"A='1\n2'\nB=3\n", FileReading(("A", "B"))),
        (b'A="1\\"\n2"\nB=3\n', FileReading(("A", "B"))),
        (b"A=1\\\n2\nB=3\n", FileReading(("A", "B"))),
        (b"A='x' \"y\"'z'\nB=1\n", FileReading(("A", "B"))),
        (b"A='it'\\''s'\nB=1\n", FileReading(("A", "B"))),
        (b"# goes on \\\nA=1\nB=2\n", FileReading(("B",))),
        (b"A=it's\nB=2\n", FileReading(("A", "B"))),
        (b"A-B=1\n", FileReading(logged_lines=(1,))),
        (b"\n\nexport A=1\n1B=2\n=3\n", FileReading(logged_lines=(3, 4, 5))),
        (b"\xc3\xa9=1\nB=1\n", FileReading(("B",), logged_lines=(1,))),
        (b"\xef\xbb\xbfA=1\nB=2\n", FileReading(("B",), logged_lines=(1,), byte_order_mark=True)),
        (b"A\nB=1\nC", FileReading(("B",), lost_lines=(1, 3))),
        (b"A='1\n2'\nB\n", FileReading(("A",), lost_lines=(3,))),
        (b"A=1\nB='2\nC=3\n", FileReading(("A", "B"), unclosed=2)),
        (b'B="2\\', FileReading(("B",), unclosed=1)),
        (b"A=" + b"x" * (LONGEST - 3) + b"\n", FileReading(("A",))),
        (b"A=" + b"x" * (LONGEST - 2) + b"\n", FileReading(("A",), too_long=("A",))),
    ],
)
def test_a_file_is_read_as_systemd_does(content: bytes, expected: FileReading) -> None:
    assert read(content) == expected


@pytest.mark.parametrize(
    "content",
    [b"A=\0", b"A=\xff", b"\xff=1", b"A=\xed\xa0\x80", b"A=\xc0\xaf", "A=\ufdd0".encode(), "A=\uffff".encode(), "A=\U0001fffe".encode()],
)
def test_bytes_for_which_systemd_refuses_the_whole_file(content: bytes) -> None:
    reading = read(b"B=2\n" + content + b"\n")
    assert reading.refused
    assert reading.names == ()


@pytest.mark.parametrize("content", [b"# \xff\n", b"\xff\n"])
def test_bytes_outside_of_assignments_are_nobodys(content: bytes) -> None:
    assert not read(content).refused


@given(st.dictionaries(NAMES, VALUES, max_size=5))
def test_in_what_sync_writes_nothing_is_found(values: dict[str, str]) -> None:
    content = systemd.write({name: SecretValue(value) for name, value in values.items()})
    assert read(content) == FileReading(tuple(values))


@given(st.binary(max_size=60))
def test_any_bytes_are_read_to_the_end(content: bytes) -> None:
    reading = read(content)
    lines = (*reading.logged_lines, *reading.lost_lines, reading.unclosed)
    assert all(0 <= line <= content.count(b"\n") + 1 for line in lines)


@given(st.lists(st.sampled_from([b"A=", b"b-", b"'", b'"', b"\\", b"\n", b"\r", b" ", b"#", SENTINEL, b"=", b"\xff"]), max_size=20))
def test_a_reading_holds_no_value(parts: list[bytes]) -> None:
    assert SENTINEL.decode() not in repr(read(b"".join(parts)))
