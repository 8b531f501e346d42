"""A text that is edited and otherwise stays as it is, to the byte."""

from __future__ import annotations

from typing import TYPE_CHECKING

from textual.widgets.text_area import Document, EditResult

if TYPE_CHECKING:
    from textual.widgets.text_area import Location


class ExactDocument(Document):
    r"""Only `\n` ends a line here; every other character, `\r` among them, stands in its line.

    Textual's own document breaks lines wherever `str.splitlines` does and joins them with one kind of line end: a value that mixes them,
    or holds a form feed or U+2028, would come back as another one.
    """

    def __init__(self, text: str) -> None:
        super().__init__("")
        self._lines = text.split("\n")

    def replace_range(self, start: Location, end: Location, text: str) -> EditResult:
        (top, left), (bottom, right) = sorted((start, end))
        replaced = self.get_text_range((top, left), (bottom, right))
        last = self._lines[bottom] if bottom < self.line_count else ""
        inserted = (self._lines[top][:left] + text).split("\n")
        ends = (top + len(inserted) - 1, len(inserted[-1]))
        inserted[-1] += last[right:]
        self._lines[top : bottom + 1] = inserted
        return EditResult(ends, replaced)
