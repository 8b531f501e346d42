"""How a width is shared among the parameter table's columns."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ssmm_tui.widgets.columns import COLUMNS, GAP, widths

NARROW, WIDE = 53, 101
"""Cells for the columns on a screen of 80 and of 140."""


def test_the_value_has_its_share_on_a_wide_screen_beside_all_the_others() -> None:
    given = widths(COLUMNS, WIDE, longest_key=34)
    assert given.keys() == {column.id for column in COLUMNS}
    assert (given["key"], given["value"], given["tags"]) == (30, 16, 16)


def test_on_a_narrow_screen_key_value_and_tags_are_left() -> None:
    assert widths(COLUMNS, NARROW, longest_key=34) == {"key": 21, "value": 16, "tags": 12}


@pytest.mark.parametrize("longest", [5, 60])
def test_the_key_takes_no_more_than_the_longest_needs_and_the_value_what_is_left(longest: int) -> None:
    given = widths(COLUMNS, 300, longest_key=longest)
    assert given["key"] == max(20, min(longest, 48))
    assert given["value"] > 100


@given(st.integers(20, 300), st.integers(0, 100))
def test_the_widths_fill_the_table_exactly(width: int, longest: int) -> None:
    given = widths(COLUMNS, width, longest)
    assert sum(given.values()) + GAP * (len(given) - 1) == width
