"""The text under the value field: exact to the byte, however it is edited."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from ssmm_tui.exact_document import ExactDocument

TEXTS = st.text(st.sampled_from("ab\n\r\t\f\v\x1c\x85\u2028é😀"), max_size=30)


@given(TEXTS)
def test_what_was_loaded_comes_back_as_it_was(text: str) -> None:
    assert ExactDocument(text).text == text


@given(TEXTS, TEXTS, st.data())
def test_an_edit_changes_what_it_replaces_and_nothing_else(text: str, inserted: str, data: st.DataObject) -> None:
    start, end = sorted(data.draw(st.tuples(*[st.integers(0, len(text))] * 2)))
    document = ExactDocument(text)
    result = document.replace_range(location(text, start), location(text, end), inserted)
    assert document.text == text[:start] + inserted + text[end:]
    assert result.replaced_text == text[start:end]
    assert result.end_location == location(document.text, start + len(inserted))


def test_the_ends_of_a_range_may_come_in_either_order() -> None:
    document = ExactDocument("one\ntwo")
    document.replace_range((1, 1), (0, 1), "-")
    assert document.text == "o-wo"


def location(text: str, index: int) -> tuple[int, int]:
    before = text[:index].split("\n")
    return len(before) - 1, len(before[-1])
