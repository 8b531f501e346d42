"""Which columns the table shows, and what its rows are sorted by."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from textual.containers import Horizontal, Vertical
from textual.content import Content
from textual.widgets import Button, OptionList, Static
from textual.widgets.option_list import Option

from ssmm_tui.screens.base import Question
from ssmm_tui.widgets.columns import COLUMNS, KEY, Column, Order
from ssmm_tui.widgets.options import Options

if TYPE_CHECKING:
    from collections.abc import Sequence

    from textual.app import ComposeResult
    from textual.binding import BindingType

    from ssmm_tui.session import Session

Chosen = tuple[frozenset[str], Order]


class ColumnsQuestion(Question[Chosen | None]):
    """Answers with the columns to show and the order of rows. The key is always shown: a row is nothing without it."""

    BINDINGS: ClassVar[list[BindingType]] = [
        ("space", "show_or_hide", "Show or hide"),
        ("s", "sort", "Sort by"),
        ("j", "move(1)"),
        ("k", "move(-1)"),
    ]

    def __init__(self, session: Session, columns: Sequence[Column], order: Order) -> None:
        super().__init__(session)
        self._shown = {column.id for column in columns}
        self._order = order

    def compose(self) -> ComposeResult:
        with Vertical(classes="dialog"):
            yield Static("Columns", classes="dialog-title")
            yield Options(*self._options(), compact=True)
            yield Static("Space shows or hides, s sorts (again: the other way round), Enter accepts.", classes="hint")
            with Horizontal(classes="buttons"):
                yield Button("Accept", variant="primary", id="accept", compact=True)

    def _options(self) -> list[Option]:
        return [Option(self._line(column)) for column in COLUMNS]

    def _line(self, column: Column) -> Content:
        shown = "x" if column.id in self._shown else " "
        arrow = "▼ sorted, last first" if self._order.reverse else "▲ sorted"
        return Content(f"[{shown}] {column.title:<10}{arrow if column.id == self._order.column else ''}")

    def _draw(self) -> None:
        options = self.query_one(OptionList)
        at = options.highlighted
        options.clear_options()
        options.add_options(self._options())
        options.highlighted = at

    @property
    def _column(self) -> Column:
        return COLUMNS[self.query_one(OptionList).highlighted or 0]

    def action_show_or_hide(self) -> None:
        if self._column != KEY:
            self._shown ^= {self._column.id}
        self._draw()

    def action_sort(self) -> None:
        self._order = self._order.by(self._column.id)
        self._draw()

    def action_move(self, rows: int) -> None:
        options = self.query_one(OptionList)
        options.action_cursor_down() if rows > 0 else options.action_cursor_up()

    def on_option_list_option_selected(self) -> None:
        self._accept()

    def on_button_pressed(self) -> None:
        self._accept()

    def _accept(self) -> None:
        self.dismiss((frozenset(self._shown), self._order))
