"""Groups that open into their members."""

from __future__ import annotations

from dataclasses import replace
from itertools import pairwise
from typing import TYPE_CHECKING, ClassVar, Final

from rich.segment import Segment
from textual.message import Message
from textual.strip import Strip

from ssmm_core.names import SHARED
from ssmm_tui.shown import fit, is_shared
from ssmm_tui.widgets.columns import CHANGED, GAP, KEY, TAGS, TYPE, VERSION, text_of, widths
from ssmm_tui.widgets.cursor_list import CursorList

if TYPE_CHECKING:
    from collections.abc import Sequence

    from rich.style import Style

    from ssmm_core.catalogue import Entry
    from ssmm_tui.duplicates import Group
    from ssmm_tui.team import Team
    from ssmm_tui.widgets.parameter_table import Spans

MEMBER: Final = (replace(KEY, least=30), TYPE, VERSION, CHANGED, replace(TAGS, rank=9))
"""A member's columns. The app must be readable; tags are the first to go."""
INDENT: Final = 5
"""Cells before a member's name: it stands below its group's name, after a mark and a sign."""
LONGEST_TITLE: Final = 28


class GroupList(CursorList):
    """Draws the groups that it is given, and which of them are open; marks belong to the team, and are only told of."""

    COMPONENT_CLASSES: ClassVar[set[str]] = {f"rows--{name}" for name in ("title", "marked", "match", "shared")}

    class MarkToggled(Message):
        """A member's mark was clicked."""

        def __init__(self, name: str) -> None:
            super().__init__()
            self.name = name

    class Opened(Message):
        """A member was clicked twice."""

    def __init__(self, team: Team) -> None:
        super().__init__()
        self._team = team
        self._spans: Spans = lambda _text: ()
        self._groups: Sequence[Group] = ()
        self._open: set[str] = set()
        self._rows: list[tuple[Group, Entry | None]] = []
        self._in_shared: frozenset[str] = frozenset()
        self._cells = (0, 0, 0)
        """Widths of title, count and detail, the same for all groups."""

    # What it shows

    def show(self, groups: Sequence[Group], spans: Spans) -> None:
        """Show other groups; what is open stays open, and the cursor stays where it was as far as that is still there."""
        self._groups, self._spans = groups, spans
        self._in_shared = frozenset(entry.variable for entry in self._team.entries.values() if entry.app == SHARED)
        self._cells = (
            min(LONGEST_TITLE, max((len(one.title) for one in groups), default=0)),
            max((len(f"{len(one.members)}×") for one in groups), default=0),
            max((len(one.detail) for one in groups), default=0),
        )
        self._lay_out(self.group, self.entry)

    @property
    def group(self) -> Group | None:
        """The group under the cursor, or that of the member there."""
        return self._rows[self.cursor][0] if self.cursor < len(self._rows) else None

    @property
    def entry(self) -> Entry | None:
        """The member under the cursor; None on a group."""
        return self._rows[self.cursor][1] if self.cursor < len(self._rows) else None

    def open(self) -> None:
        """Open the group under the cursor."""
        self._set_open(is_open=True)

    def close(self) -> None:
        """Close the group under the cursor, or around the member there."""
        self._set_open(is_open=False)

    def toggle(self) -> None:
        """Open the group under the cursor, or close it."""
        if self.group is not None:
            self._set_open(is_open=self.group.id not in self._open)

    def _set_open(self, *, is_open: bool) -> None:
        group = self.group
        if group is None:
            return
        if is_open:
            self._open.add(group.id)
            self._lay_out(group, self.entry)
        else:
            self._open.discard(group.id)
            self._lay_out(group, None)

    def _lay_out(self, group: Group | None, entry: Entry | None) -> None:
        """Make the rows, and put the cursor on a member, else on its group, else where it was."""
        self._rows = [(one, member) for one in self._groups for member in (None, *(one.members if one.id in self._open else ()))]
        places = {(one.id, member.name if member else ""): row for row, (one, member) in enumerate(self._rows)}
        stays = places.get((group.id, entry.name if entry else ""), places.get((group.id, ""))) if group is not None else None
        self.rows_changed(self.cursor if stays is None else stays)

    @property
    def row_count(self) -> int:
        return len(self._rows)

    def row_clicked(self, row: int, x: int, *, twice: bool) -> None:
        entry = self._rows[row][1]
        if entry is None:
            self.toggle()
        elif x < INDENT:
            self.post_message(self.MarkToggled(entry.name))
        elif twice:
            self.post_message(self.Opened())

    # Drawing

    def draw_row(self, row: int, base: Style, width: int) -> Strip:
        group, entry = self._rows[row]
        if entry is not None and entry.name in self._team.marked and row != self.cursor:
            base = self.get_component_rich_style("rows--marked")
        segments = self._group(group, base, width) if entry is None else self._member(entry, base, width)
        return Strip(segments).adjust_cell_length(width, base)

    def _group(self, group: Group, base: Style, width: int) -> list[Segment]:
        title, count, detail = self._cells
        parts = [
            Segment("▾ " if group.id in self._open else "▸ ", base + self.part("quiet")),
            Segment(fit(group.title, title) + " " * GAP, base + self.part("title")),
            Segment(fit(f"{len(group.members)}×", count, right=True) + " " * GAP, base),
            Segment(fit(group.detail, detail) + " " * GAP if detail else "", base),
        ]
        used = sum(part.cell_length for part in parts)
        return [*parts, Segment(fit(group.about, max(0, width - used)), base + self.part("quiet"))]

    def _member(self, entry: Entry, base: Style, width: int) -> list[Segment]:
        sign = "◆" if is_shared(entry) else "◇" if entry.variable in self._in_shared else " "
        segments = [
            Segment("  ●" if entry.name in self._team.marked else "   ", base),
            Segment(f"{sign} ", base + self.part("shared")),
        ]
        given = widths(MEMBER, width - INDENT - 1)
        for column in (column for column in MEMBER if column.id in given):
            if column.id == KEY.id:
                segments += self._key(entry, given[column.id], base)
            else:
                segments.append(Segment(fit(text_of(column.id, entry), given[column.id], right=column.right), base + self.part("quiet")))
            segments.append(Segment(" " * GAP, base))
        return segments

    def _key(self, entry: Entry, cells: int, base: Style) -> list[Segment]:
        """`app/key`, the app quieter, with what the filter matched picked out. A long one loses its end: the group tells the key."""
        whole = f"{entry.app}/{entry.key}" if entry.app else entry.key
        text, spans = fit(whole, cells), self._spans(whole)
        quiet = len(entry.app) + 1 if entry.app else 0
        cuts = sorted({0, cells, *(min(cut, cells) for cut in (quiet, *(end for span in spans for end in span)))})
        segments = []
        for begin, end in pairwise(cuts):
            style = base + self.part("quiet") if begin < quiet else base
            if any(first <= begin < last for first, last in spans):
                style += self.part("match")
            segments.append(Segment(text[begin:end], style))
        return segments
