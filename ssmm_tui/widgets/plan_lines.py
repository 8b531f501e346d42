"""The lines of a plan, and beside each what became of it."""

from __future__ import annotations

import textwrap
from typing import TYPE_CHECKING, ClassVar, Final

from rich.cells import cell_len
from rich.segment import Segment
from textual.binding import Binding
from textual.geometry import Size
from textual.scroll_view import ScrollView
from textual.strip import Strip

from ssmm_core.visible import visible
from ssmm_tui.shown import fit

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from rich.style import Style
    from textual.timer import Timer

    from ssmm_core.changes import Line
    from ssmm_core.operations.outcome import StepResult
    from ssmm_core.secret import SecretValue

SIGNS: Final = {"+": "added", "~": "changed", "-": "deleted", "=": "kept"}
ENDED: Final = {"done": ("✓", "done"), "unchanged": ("=", "kept"), "failed": ("✗", "failed"), "undone": ("·", "kept")}
TOGETHER_SECONDS: Final = 0.1
INDENT: Final = 6
Row = tuple[str, str]
"""(text, component class)."""


class PlanLines(ScrollView, can_focus=True):
    """Draws only what is on the screen: a plan may have thousands of lines."""

    DEFAULT_CSS = """
    PlanLines { height: 1fr; scrollbar-size-horizontal: 0; scrollbar-size-vertical: 1; }
    """
    COMPONENT_CLASSES: ClassVar[set[str]] = {f"plan--{name}" for name in ("added", "changed", "deleted", "kept", "done", "failed", "value")}
    BINDINGS: ClassVar = [
        Binding("j", "scroll_down", "Down", show=False),
        Binding("k", "scroll_up", "Up", show=False),
        Binding("g", "scroll_home", "Top", show=False),
        Binding("G", "scroll_end", "Bottom", show=False),
    ]

    def __init__(self) -> None:
        super().__init__(id="plan-lines")
        self._lines: Sequence[Line] = ()
        self._ended: dict[str, StepResult] = {}
        self._values: Mapping[str, tuple[SecretValue | None, SecretValue | None]] = {}
        self._rows: list[Row] = []
        self._soon: Timer | None = None

    def show(self, lines: Sequence[Line]) -> None:
        """Show a new plan, of which nothing was done yet."""
        self._lines, self._ended = lines, {}
        self._lay_out()

    def step_ended(self, result: StepResult) -> None:
        """One step has ended; many that end together are laid out together."""
        self._ended[result.name] = result
        if self._soon is None:
            self._soon = self.set_timer(TOGETHER_SECONDS, self._lay_out)

    def ended(self, results: Iterable[StepResult]) -> None:
        """All steps have ended so."""
        self._ended = {result.name: result for result in results}
        self._lay_out()

    def show_values(self, values: Mapping[str, tuple[SecretValue | None, SecretValue | None]]) -> None:
        """Show values before and after under their lines; none hides them."""
        self._values = values
        self._lay_out()

    def on_resize(self) -> None:
        self._lay_out()

    def _lay_out(self) -> None:
        if self._soon is not None:
            self._soon.stop()
            self._soon = None
        width = self.size.width
        self._rows = [part for line in self._lines for row in self._rows_of(line) for part in _folded(row, width)]
        self.virtual_size = Size(self.size.width, len(self._rows))
        self.refresh()

    def _rows_of(self, line: Line) -> Iterable[Row]:
        result = self._ended.get(line.name)
        glyph, style = ENDED[result.status] if result is not None else (" ", SIGNS[line.sign])
        yield f"{glyph} {line.sign} {visible(line.name)}  {visible(line.what)}", style
        if result is not None and result.note:
            yield f"      {visible(result.note)}", style
        for note in line.notes:
            yield f"      {visible(note)}", "kept"
        if result is not None and result.error is not None:
            yield f"      {visible(str(result.error))}", "failed"
        for when, value in zip(("before", "after"), self._values.get(line.name, ()), strict=False):
            if value is not None:
                yield from ((f"      {when}: {visible(text)}", "value") for text in value.reveal().split("\n"))

    def render_line(self, y: int) -> Strip:
        width = self.size.width
        row = y + self.scroll_offset.y
        if row >= len(self._rows):
            return Strip.blank(width, self.rich_style)
        text, name = self._rows[row]
        style: Style = self.rich_style + self.get_component_rich_style(f"plan--{name}", partial=True)
        return Strip([Segment(fit(text, width), style)])


def _folded(row: Row, width: int) -> Iterable[Row]:
    """A row in as many as it needs, further ones indented; at blanks where there are any."""
    text, name = row
    if cell_len(text) <= width or width <= 2 * INDENT:
        return [row]
    lines = textwrap.wrap(text, width, subsequent_indent=" " * INDENT, drop_whitespace=name != "value", break_on_hyphens=False)
    return [(line, name) for line in lines]
