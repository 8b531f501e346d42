"""Two values, line by line."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ssmm_core.secret import SecretValue
from ssmm_tui.line_diff import Difference, compare

LINES = st.lists(st.sampled_from(["", "a", "b", "{", " c", "d\r"]), min_size=1, max_size=8)


def compared(older: str, newer: str) -> Difference:
    return compare(SecretValue(older), SecretValue(newer))


@given(LINES, LINES)
def test_both_values_can_be_read_off_the_lines(older: list[str], newer: list[str]) -> None:
    found = compared("\n".join(older), "\n".join(newer))
    assert found.is_same == (older == newer)
    if not found.is_same:
        assert [text for sign, text in found.lines if sign != "+"] == older
        assert [text for sign, text in found.lines if sign != "-"] == newer


def test_lines_that_stay_are_not_told_as_changed() -> None:
    assert compared("a\nb\nc", "a\nx\nc").lines == ((" ", "a"), ("-", "b"), ("+", "x"), (" ", "c"))


def test_a_line_break_at_the_end_is_told() -> None:
    assert compared("a\n", "a").notes == ("Only the older one ends with a line break.",)
    assert compared("a", "b\n").notes == ("Only the newer one ends with a line break.",)
    assert compared("a", "b").notes == ()


def test_json_is_laid_out_alike_and_that_is_said() -> None:
    found = compared('{"a":1,"b":[2]}', '{"a": 1, "b": [3]}')
    assert found.notes == ("Both are JSON, and laid out alike here.",)
    assert [line for line in found.lines if line[0] != " "] == [("-", "    2"), ("+", "    3")]


def test_json_that_is_only_written_differently_shows_how() -> None:
    found = compared('{"a":1}', '{"a": 1}')
    assert found.notes == ("Both are the same JSON, written differently.",)
    assert found.lines == (("-", '{"a":1}'), ("+", '{"a": 1}'))


@pytest.mark.parametrize("text", ["[" * 100_000, "{not json", "[1] 2"], ids=["very deep", "broken", "more behind it"])
def test_what_only_looks_like_json_is_compared_as_it_is(text: str) -> None:
    assert compared(text, "{}").lines == (("-", text), ("+", "{}"))


def test_no_text_of_a_difference_holds_a_value() -> None:
    assert "sentinel" not in repr(compared("sentinel one", "sentinel two"))
