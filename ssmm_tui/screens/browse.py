"""The first screen: namespaces on the left, their parameters, and everything about one of them."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from textual.containers import Horizontal, Vertical
from textual.message import Message

from ssmm_core.names import is_below
from ssmm_core.visible import visible
from ssmm_tui.commands import BROWSE, FILTER, FILTERING, HISTORY, bindings
from ssmm_tui.dead_keys import tell_if_dead
from ssmm_tui.screens.writing import Writing
from ssmm_tui.widgets.columns import COLUMNS, Order
from ssmm_tui.widgets.key_bar import KeyBar
from ssmm_tui.widgets.parameter_table import ParameterTable
from ssmm_tui.widgets.status_line import StatusLine
from ssmm_tui.widgets.top_bar import TopBar
from ssmm_tui.workers import in_thread

if TYPE_CHECKING:
    from textual import events
    from textual.app import ComposeResult
    from textual.widgets import Tree

    from ssmm_core.catalogue import Entry
    from ssmm_tui.rows import Rows
    from ssmm_tui.session import Session
    from ssmm_tui.sight import Sight
    from ssmm_tui.widgets.detail import DetailPane
    from ssmm_tui.widgets.filter_bar import FilterBar
    from ssmm_tui.widgets.history import History
    from ssmm_tui.widgets.namespace_tree import NamespaceTree


REST_OF_STYLES = Path(__file__).parent.with_name("ssmm.tcss")


class BrowseScreen(Writing):
    """The frame is painted first; what shows the team is made right after it (`furnish`), and nothing is read before."""

    COMMANDS_HERE = (*FILTER, *FILTERING, *BROWSE)
    BINDINGS = bindings(COMMANDS_HERE)
    AUTO_FOCUS = "ParameterTable"

    _rows: Rows
    _sight: Sight
    _filter: FilterBar
    _tree: NamespaceTree
    _detail: DetailPane

    class Furnished(Message):
        """The screen is complete."""

    def __init__(self, session: Session) -> None:
        super().__init__(session)
        self._counted = -1
        self._is_furnished = False
        self._names_were_whole = False
        self._stood: Entry | None = None

    def compose(self) -> ComposeResult:
        yield TopBar(self.session)
        yield Horizontal(id="filter-line")
        with Horizontal(id="browse"), Horizontal(id="main"):
            yield ParameterTable(self.session.team, id="parameters")
        yield StatusLine(self.session)
        yield KeyBar()

    @property
    def table(self) -> ParameterTable:
        return self.query_one(ParameterTable)

    def on_mount(self) -> None:
        self.table.show((), empty=self._why_empty())
        self.call_after_refresh(self.furnish)

    async def furnish(self) -> None:
        """Mount what the first paint does not need: the frame is there sooner, and nothing is known yet that the rest could show."""
        from textual.widgets import Static

        from ssmm_tui.rows import Rows
        from ssmm_tui.sight import Sight
        from ssmm_tui.widgets.detail import DetailPane
        from ssmm_tui.widgets.filter_bar import FilterBar
        from ssmm_tui.widgets.namespace_tree import LEGEND, NamespaceTree

        self.app.stylesheet.read(REST_OF_STYLES)
        self._rows = Rows(self.session)
        self._sight = Sight(self, self.session, lambda: self.table.rows_in_sight if self.is_current else (), self.refresh_rows)
        self._tree = NamespaceTree(self.session.team.root)
        self._detail = DetailPane(self.session)
        self._filter = FilterBar(self.session)
        await self.query_one("#filter-line").mount(self._filter)
        await self.query_one("#browse").mount(Vertical(self._tree, Static(LEGEND, id="tree-legend", markup=False), id="sidebar"), before=0)
        await self.query_one("#main").mount(self._detail)
        self._is_furnished = True
        self.watch(self.app, "revision", self.refresh_rows, init=False)
        self.refresh_rows()
        self.post_message(self.Furnished())

    def on_screen_resume(self) -> None:
        if self._is_furnished:
            self._filter.take_over()
            self.refresh_rows()

    # Rows

    def refresh_rows(self) -> None:
        """Draw what follows from the state as it is now."""
        if not (self.is_current and self._is_furnished and self.display):  # one that is being taken down is not displayed
            return
        session, team = self.session, self.session.team
        if team.revision != self._counted:
            self._counted = team.revision
            self._tree.count(team.entries.values())
            if not session.loading:
                self.begin(self._count_conflicts(), "count conflicts")
        shown = self._rows.shown(self.table.order)
        self.table.spans = shown.filter.spans
        self.table.show(shown.rows, empty=self._why_empty(), follows=self._names_were_whole or bool(session.filter_text))
        self._names_were_whole = session.names_are_whole
        self._filter.tell(len(shown.rows), shown.total, shown.filter.problems)
        self.query_one(StatusLine).refresh()
        self.reveal.outdated_by(self.table.entry)
        self._detail.show(self.table.entry, self.revealed)
        self._sight.moved()

    def on_written(self) -> None:
        self._stood = self.table.entry

    def came(self, name: str) -> None:
        """A parameter that was created was read: go to it, unless a person is somewhere else by now."""
        if self.table.has_focus and self.table.entry is self._stood:
            self.table.go_to(name)

    def _why_empty(self) -> str:
        """What to do where there are no rows."""
        session = self.session
        root, key = session.team.root, session.key
        if session.loading:
            return "Reading names…"
        if session.trouble and not session.team.entries:
            return f"Nothing is known yet: {visible(session.trouble)}. {key('reload')} tries again."
        if session.filter_text:
            return f"Nothing matches. {key('back')} clears the filter."
        if session.read_only:
            return f"Nothing is stored below {root} yet."
        return f"Nothing is stored below {root} yet. {key('new')} creates a parameter, {key('import')} imports a .env file."

    def on_tree_node_highlighted(self, event: Tree.NodeHighlighted[str]) -> None:
        self.open_namespace(event.node.data or "")

    def on_tree_node_selected(self, _event: Tree.NodeSelected[str]) -> None:
        self.set_focus(self.table)

    def open_namespace(self, path: str) -> None:
        """Show what lies below one namespace; the empty path is the whole team."""
        if path != self._rows.namespace:
            self._rows.namespace = path
            self.refresh_rows()

    def go_to(self, name: str) -> None:
        """Put the cursor on a parameter, whatever filter or namespace hides it."""
        if not self.table.go_to(name):
            self.session.filter_text = ""
            self._filter.take_over()
            self._tree.move_cursor(self._tree.root)
            self._rows.namespace = ""
            self.refresh_rows()
            self.table.go_to(name)
        self.set_focus(self.table)

    def go_to_namespace(self, path: str) -> None:
        """Open a namespace in the tree."""
        self._tree.go_to(path)
        self.set_focus(self.table)

    async def _count_conflicts(self) -> None:
        """Beside the event loop, once everything is known."""
        from ssmm_core.operations.deliver import Selection, resolve_known
        from ssmm_tui.team import by_app

        root, entries = self.session.team.root, tuple(self.session.team.entries.values())

        def count() -> dict[str, int]:
            found = by_app(entries)
            return {app: len(resolve_known(Selection(root, (app,)), found, []).clashes) for app in found if app}

        self._tree.show_conflicts(await in_thread(count))

    def on_parameter_table_scrolled(self) -> None:
        if self._is_furnished:
            self._sight.moved()

    # Filter

    def action_filter(self) -> None:
        self._filter.focus_input()

    def on_filter_bar_changed(self) -> None:
        self.refresh_rows()

    def action_keep_filter(self) -> None:
        self.set_focus(self.table)

    def action_back(self) -> None:
        bar = self._filter
        if self.session.filter_text:
            bar.clear()
        elif not bar.has_focus_within and self.session.team.marked:
            self.session.team.marked.clear()
            self.refresh_rows()
        self.set_focus(self.table)

    # The cursor, marks and order

    def on_parameter_table_highlighted(self, event: ParameterTable.Highlighted) -> None:
        self.reveal.leave(event.entry.name if event.entry else None)
        if self._is_furnished:
            self._detail.show(event.entry, self.revealed)

    def on_parameter_table_mark_toggled(self, event: ParameterTable.MarkToggled) -> None:
        self.session.team.marked ^= {event.name}
        self._marks_changed()

    def on_parameter_table_opened(self) -> None:
        self._detail.display = True

    def on_parameter_table_order_chosen(self, event: ParameterTable.OrderChosen) -> None:
        self._order(self.table.order.by(event.column))

    def action_mark(self) -> None:
        if entry := self.table.entry:
            self.session.team.marked ^= {entry.name}
            self.table.action_cursor_down()
            self._marks_changed()

    def action_mark_all(self) -> None:
        names = {entry.name for entry in self.table.rows}
        marked = self.session.team.marked
        if names <= marked:
            marked -= names
        else:
            marked |= names
        self._marks_changed()

    def _marks_changed(self) -> None:
        self.table.refresh()
        self.query_one(StatusLine).refresh()
        self.refresh_bindings()

    def action_sort_next(self) -> None:
        shown = [column.id for column in self.table.columns_in_sight]
        at = shown.index(self.table.order.column) if self.table.order.column in shown else -1
        self._order(Order(shown[(at + 1) % len(shown)]))

    def action_sort_reverse(self) -> None:
        self._order(self.table.order.turned())

    def _order(self, order: Order) -> None:
        self.table.order = order
        self.refresh_rows()

    def action_columns(self) -> None:
        self.ask(self._choose_columns(), "choose columns")

    async def _choose_columns(self) -> None:
        from ssmm_tui.screens.columns import ColumnsQuestion

        chosen = await self.app.push_screen_wait(ColumnsQuestion(self.session, self.table.columns, self.table.order))
        if chosen is not None:
            ids, order = chosen
            self.table.columns = tuple(column for column in COLUMNS if column.id in ids)
            self._order(order)

    def action_toggle_details(self) -> None:
        self._detail.display = not self._detail.display

    async def action_step_tab(self, tabs: int) -> None:
        self._detail.display = True
        await self._detail.step(tabs)

    def draw_reveal(self) -> None:
        self.table.revealed = self.reveal.shown
        self.table.refresh()
        if self.reveal.shown is not None:
            self.call_later(self._detail.open, "value")  # the row has no room for all of it
        self._detail.show(self.table.entry, self.revealed)

    # History

    def on_history_compare_wanted(self, event: History.CompareWanted) -> None:
        from ssmm_tui.screens.compare import CompareScreen

        self.app.push_screen(CompareScreen(self.session, event.name, event.versions))

    def on_history_restore_wanted(self, event: History.RestoreWanted) -> None:
        self.restore(event.name, event.version)

    # What plans work on

    def chosen(self) -> tuple[str, ...]:
        """The marked parameters; else the one under the cursor: in the tree that is all below a namespace, whatever the filter hides."""
        marked = tuple(sorted(name for name in self.session.team.marked if name in self.session.team.entries))
        if marked:
            return marked
        if self._tree.has_focus:
            return self._below_namespace()
        return (self.table.entry.name,) if self.table.entry is not None else ()

    def _below_namespace(self) -> tuple[str, ...]:
        """All parameters below the namespace under the tree's cursor; none, with the reason told, where that cannot be meant."""
        team, path = self.session.team, self._namespace
        why = ""
        if not path:
            why = f"Choose a namespace below {team.root}, or mark rows: not all is changed at once."
        elif not self.session.names_are_whole:
            why = "Not all names are known yet: there may be more below here."
        if why:
            self.notify(why, severity="warning", markup=False)
            return ()
        return tuple(sorted(name for name in team.entries if is_below(name, f"{team.root}/{path}")))

    @property
    def entry(self) -> Entry | None:
        return self.table.entry

    @property
    def app_here(self) -> str:
        return self.app_chosen or (self.table.entry.app if self.table.entry else "")

    @property
    def app_chosen(self) -> str:
        return self._namespace.partition("/")[0]

    @property
    def _namespace(self) -> str:
        """The namespace under the tree's cursor, if a person is there: the rows follow it a moment later."""
        node = self._tree.cursor_node
        return (node.data or "") if self._tree.has_focus and node is not None else self._rows.namespace

    def on_key(self, event: events.Key) -> None:
        at_history = self.focused is not None and self.focused.id == "history-list"
        tell_if_dead(self, event, (*(HISTORY if at_history else ()), *self.COMMANDS_HERE))

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        if action in ("filter", "back") and not self._is_furnished:
            return None
        if self.session.connected is None and any(command.action == action for command in BROWSE):
            return None
        if action == "back":
            return bool(self.session.filter_text or self.session.team.marked or self._filter.has_focus_within)
        return super().check_action(action, parameters)
