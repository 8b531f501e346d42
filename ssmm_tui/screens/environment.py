"""What an app receives, and where each variable comes from; or all apps side by side."""

from __future__ import annotations

import os
import threading
from functools import partial
from typing import TYPE_CHECKING

from textual.widgets import Input

from ssmm_core import filtering
from ssmm_core.errors import SsmmError
from ssmm_core.operations import catalogue
from ssmm_tui import duplicates
from ssmm_tui.commands import ENVIRONMENT, FILTER, bindings
from ssmm_tui.dead_keys import tell_if_dead
from ssmm_tui.environment_text import layers_text, legend_text, summary_text
from ssmm_tui.layers import Layers, Wanted, work_out
from ssmm_tui.screens.base import GoTo
from ssmm_tui.screens.choosing_layers import ChoosingLayers
from ssmm_tui.widgets.environment_pane import EnvironmentPane
from ssmm_tui.widgets.filter_bar import FilterBar
from ssmm_tui.widgets.key_bar import KeyBar
from ssmm_tui.widgets.status_line import StatusLine
from ssmm_tui.widgets.top_bar import TopBar
from ssmm_tui.workers import in_thread, start

if TYPE_CHECKING:
    from textual import events
    from textual.app import ComposeResult
    from textual.visual import VisualType
    from textual.widgets import Input

    from ssmm_tui.duplicates import Reading
    from ssmm_tui.session import Session


class EnvironmentScreen(ChoosingLayers):
    """Its rows follow from the team, the layers chosen, the view and the filter; they are worked out in a thread."""

    COMMANDS_HERE = (*FILTER, *ENVIRONMENT)
    BINDINGS = bindings(COMMANDS_HERE)
    AUTO_FOCUS = ""

    def __init__(self, session: Session) -> None:
        super().__init__(session)
        self._layers = Layers()
        self._layers_for: Wanted | None = None
        self._is_working = False
        self._trouble = ""
        self._fingerprint_key = os.urandom(32)
        self._reading: Reading | None = None

    def compose(self) -> ComposeResult:
        yield TopBar(self.session)
        yield FilterBar(self.session)
        yield EnvironmentPane(self.session.team)
        yield StatusLine(self.session)
        yield KeyBar()

    @property
    def pane(self) -> EnvironmentPane:
        return self.query_one(EnvironmentPane)

    def on_mount(self) -> None:
        self.watch(self.app, "revision", self.refresh_rows, init=False)

    def on_screen_resume(self) -> None:
        self.query_one(FilterBar).take_over()
        self.refresh_rows()

    # The layers

    def _wanted(self) -> Wanted:
        columns = self.columns if self.pane.shows_matrix else ()
        return Wanted(self.session.team.revision, self.selection, columns, self._reading, in_bulk=self.session.tags_come_in_bulk)

    def refresh_rows(self) -> None:
        """Draw what is known now, and work out what is not."""
        if not self.is_current:
            return
        if self.session.names_are_whole and self._wanted() != self._layers_for and not self._is_working:
            self._is_working = True
            self.begin(self._work_out(), "work out the layers")
        self._draw()

    async def _work_out(self) -> None:
        """Until the layers are those of now: what changes meanwhile is not worked out beside it, but after it."""
        try:
            while (wanted := self._wanted()) != self._layers_for:
                self._layers_for, self._trouble = wanted, ""
                try:
                    self._layers = await in_thread(work_out(self.session, wanted))
                except SsmmError as error:
                    self._layers, self._trouble = Layers(), str(error)
        finally:
            self._is_working = False
        if self.is_current:
            self._draw()
        start(self, self._read_plain(), name="read plain values")

    async def _read_plain(self) -> None:
        """Read the values that need no decryption."""
        team, store, resolved = self.session.team, self.session.store, self._layers.resolved
        winners = [one.winner.parameter.name for one in resolved.variables] if resolved is not None else []
        entries = [team.entries[name] for name in winners if name in team.entries]
        plain = {one.name for one in entries if not (one.is_secure or one.finding) and team.value(one) is None}
        if wanted := plain - team.asked:
            team.asked |= wanted
            team.show(await in_thread(lambda: catalogue.values(store, sorted(wanted))))
            self.pane.table.refresh()

    # Drawing

    def _draw(self) -> None:
        session, pane = self.session, self.pane
        parsed = filtering.parse(session.filter_text, now=session.clock())
        names = None if parsed.is_empty else {entry.name for entry in parsed.apply(list(session.team.entries.values()))}
        shown, total = pane.show(self._layers, names, parsed.spans)
        selection, summary = self.selection, self._summary()
        if pane.shows_matrix:
            selection = selection.replace(apps=(f"each of {len(self.columns)} apps",))
            summary = legend_text("" if self._reading is not None else session.key("compare-values"))
        pane.say(layers=layers_text(selection), summary=summary, empty=self._why_empty(total))
        self.query_one(FilterBar).tell(shown, total, parsed.problems)
        self.query_one(StatusLine).refresh()
        self.refresh_bindings()
        if self.focused is None:
            pane.table.focus()

    def _summary(self) -> VisualType:
        said = summary_text(self._layers.resolved) if self._layers.resolved is not None else ""
        if said and self._tags and self.session.tags_come_in_bulk and self.session.team.tags_missing:
            said += " · tags are still being read"
        return said

    def _why_empty(self, total: int) -> str:
        session = self.session
        if not session.names_are_whole:
            return "Reading names…"
        if self._is_working:
            return "Working out the layers…"
        if self._trouble:
            return self._trouble
        if total:
            return f"Nothing matches. {session.key('back')} clears the filter."
        if not session.team.apps:
            return f"Nothing is stored below {session.team.root} yet, so no app receives anything. {session.key('browse')} browses."
        return f"No layer holds a parameter. {session.key('choose-apps')} chooses apps, {session.key('choose-tags')} tags."

    # Filter

    def action_filter(self) -> None:
        self.query_one(FilterBar).focus_input()

    def on_filter_bar_changed(self) -> None:
        self.refresh_rows()

    def on_input_submitted(self, event: Input.Submitted) -> None:
        event.stop()
        self.pane.table.focus()

    def action_back(self) -> None:
        if self.session.filter_text:
            self.query_one(FilterBar).clear()
        self.pane.table.focus()

    # Views, and the winner

    def action_toggle_matrix(self) -> None:
        pane = self.pane
        pane.shows_matrix = not pane.shows_matrix
        self.refresh_rows()
        pane.table.focus()

    def action_jump(self) -> None:
        if self.pane.winner:
            self.post_message(GoTo(name=self.pane.winner))

    def on_environment_table_opened(self) -> None:
        self.action_jump()

    def on_matrix_table_opened(self) -> None:
        self.action_jump()

    # Equal values

    def action_compare_values(self) -> None:
        self.ask(self._may_read(), "may values be read")

    async def _may_read(self) -> None:
        from ssmm_tui.screens.read_values import ReadValuesQuestion

        if await self.app.push_screen_wait(ReadValuesQuestion(self.session, len(self.session.team.entries))):
            self.begin(self._compare_values(), "compare values")

    async def _compare_values(self) -> None:
        team = self.session.team
        store, known, key = self.session.store, tuple(team.entries.values()), self._fingerprint_key
        self._reading = await in_thread(
            lambda: duplicates.read(store, team.root, known, key, stop=threading.Event(), on_count=lambda _count: None)
        )
        self.refresh_rows()

    # Export

    def action_export(self) -> None:
        self.ask(self._export(), "export")

    async def _export(self) -> None:
        from ssmm_core.changes import export
        from ssmm_tui.screens.export import ExportQuestion

        access, question = self.session.access, ExportQuestion(self.session, self.selection)
        while (intent := await self.app.push_screen_wait(question)) is not None:
            if await self.review(f"Export to {intent.path}", partial(export.plan, access, intent)):
                return
            question = question.again()

    def on_key(self, event: events.Key) -> None:
        matrix = self.session.key("matrix")
        if self.pane.shows_matrix:
            reasons = {"export": f"One environment is exported, not all of them: {matrix} shows one."}
        else:
            reasons = {"compare-values": f"Equal values are marked in the matrix: {matrix} shows it."}
        tell_if_dead(self, event, self.COMMANDS_HERE, reasons)

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        if action in ("export", "compare_values") and self.pane.shows_matrix is (action == "export"):
            return False
        if action == "back" and not (self.session.filter_text or self.query_one(FilterBar).has_focus_within):
            return False
        if not self.session.names_are_whole and any(command.action == action for command in ENVIRONMENT):
            return None
        return super().check_action(action, parameters)
