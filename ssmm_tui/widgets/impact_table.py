"""What a plan means for each app: which parameter it receives a variable from, before and after."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar, Final

from rich.segment import Segment
from textual.binding import Binding
from textual.geometry import Size
from textual.scroll_view import ScrollView
from textual.strip import Strip

from ssmm_core.visible import visible
from ssmm_tui.shown import fit

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence

    from ssmm_core.promotion import Impact

WORDS: Final = {"loses": "✗ loses it", "other value": "≠ another value", "gains": "+ gains it", "same": "= same value"}
"""How each kind reads, the harmful first."""
COUNTED: Final = {
    "loses": ("loses it", "lose it"),
    "other value": ("gets another value", "get another value"),
    "gains": ("gains it", "gain it"),
    "same": ("keeps the value", "keep the value"),
}
"""How one app does, and how several do."""
TITLES: Final = ("Effect", "App", "Variable", "Delivery", "Before", "After")
VARIABLE: Final = 2
NAMES: Final = (4, 5)
"""The columns that names of parameters stand in, which are cut first."""
NAME_AT_LEAST: Final = 12
GAP: Final = 2
ABOVE: Final = 2
"""Lines above the rows: the summary and the titles."""
BELOW: Final = 1
"""The line between it and the plan, which is its border."""


@dataclass(frozen=True)
class Row:
    """One line: a cell for each of `TITLES`."""

    kind: str
    cells: tuple[str, ...]


def rows(impacts: Collection[Impact], root: str) -> list[Row]:
    """The worst first. Where both deliveries change alike there is one row for the two."""
    deliveries: dict[tuple[str, str, str, str, str], set[bool]] = {}
    for one in impacts:
        deliveries.setdefault((one.kind, one.app, one.variable, one.before, one.after), set()).add(one.tagged)
    found = []
    for (kind, app, variable, before, after), tagged in deliveries.items():
        delivery = "both" if len(tagged) == 2 else "with tag" if True in tagged else "plain"
        places = (visible(name.removeprefix(f"{root}/")) or "nothing" for name in (before, after))
        found.append(Row(kind, (WORDS[kind], visible(app), variable, delivery, *places)))
    return sorted(found, key=lambda row: (list(WORDS).index(row.kind), row.cells))


def summary(impacts: Collection[Impact]) -> str:
    """`3 apps lose it, 6 gain it`: each in one delivery at least."""
    parts: list[str] = []
    for kind, (one_does, several_do) in COUNTED.items():
        if count := len({one.app for one in impacts if one.kind == kind}):
            noun = "" if parts else "app " if count == 1 else "apps "
            parts.append(f"{count} {noun}{one_does if count == 1 else several_do}")
    return f"{', '.join(parts)}  (tag: --include-tag shared=true)"


def layout(found: Sequence[Row], width: int) -> dict[int, int]:
    """Cells of each column that is shown. In want of room the variable goes, if it is the same in all rows; then names are cut."""
    given = {index: max(len(title), *(len(row.cells[index]) for row in found)) for index, title in enumerate(TITLES)}
    excess = _total(given) - width
    if excess > 0 and len({row.cells[VARIABLE] for row in found}) == 1:
        del given[VARIABLE]
        excess = _total(given) - width
    while excess > 0 and (longest := max(NAMES, key=lambda index: given[index])) and given[longest] > NAME_AT_LEAST:
        given[longest] -= 1
        excess -= 1
    return given


def _total(given: dict[int, int]) -> int:
    return sum(given.values()) + GAP * (len(given) - 1)


class ImpactTable(ScrollView, can_focus=True):
    """Hidden where a plan means nothing of the kind. It takes no more room than leaves the plan's own lines as much."""

    DEFAULT_CSS = """
    ImpactTable { max-height: 40vh; scrollbar-size-horizontal: 0; scrollbar-size-vertical: 1; }
    """
    COMPONENT_CLASSES: ClassVar[set[str]] = {f"impact--{name}" for name in ("summary", "titles", "harmful", "gains", "same")}
    BINDINGS: ClassVar = [Binding("j", "scroll_down", show=False), Binding("k", "scroll_up", show=False)]

    def __init__(self, root: str) -> None:
        super().__init__()
        self._root = root
        self._summary = ""
        self._rows: Sequence[Row] = ()
        self.display = False

    def show(self, impacts: Collection[Impact]) -> None:
        """Show what a new plan means."""
        self.display = bool(impacts)
        self._rows = rows(impacts, self._root)
        self._summary = summary(impacts) if impacts else ""
        self.styles.height = len(self._rows) + ABOVE + BELOW
        self.virtual_size = Size(0, len(self._rows) + ABOVE)
        self.scroll_home(animate=False)
        self.refresh()

    def render_line(self, y: int) -> Strip:
        width, row = self.scrollable_content_region.width, y - ABOVE + self.scroll_offset.y
        if y == 0 or row >= len(self._rows):
            return self._strip(self._summary if y == 0 else "", "summary", width)
        given = layout(self._rows, width)
        cells, style = (TITLES, "titles") if y == 1 else (self._rows[row].cells, _style(self._rows[row].kind))
        return self._strip((" " * GAP).join(fit(cells[index], room) for index, room in given.items()), style, width)

    def _strip(self, text: str, style: str, width: int) -> Strip:
        whole = self.rich_style + self.get_component_rich_style(f"impact--{style}", partial=True)
        return Strip([Segment(fit(text, width), whole)])


def _style(kind: str) -> str:
    return kind if kind in ("gains", "same") else "harmful"
