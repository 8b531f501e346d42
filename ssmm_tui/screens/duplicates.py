"""What stands in several places: one variable in several apps, one value under several names."""

from __future__ import annotations

import threading
from functools import partial
from os import urandom
from typing import TYPE_CHECKING

from textual.containers import Container
from textual.widgets import Input, Static

from ssmm_core import filtering
from ssmm_tui import duplicates
from ssmm_tui.commands import DUPLICATES, FILTER, bindings
from ssmm_tui.dead_keys import tell_if_dead
from ssmm_tui.duplicates_text import Progress, key_words, value_words
from ssmm_tui.screens.base import GoTo, SsmmScreen
from ssmm_tui.widgets.filter_bar import FilterBar
from ssmm_tui.widgets.group_pane import GroupPane
from ssmm_tui.widgets.groups import GroupList
from ssmm_tui.widgets.key_bar import KeyBar
from ssmm_tui.widgets.status_line import StatusLine
from ssmm_tui.widgets.top_bar import TopBar
from ssmm_tui.workers import in_thread

if TYPE_CHECKING:
    from collections.abc import Sequence

    from textual import events
    from textual.app import ComposeResult

    from ssmm_tui.duplicates import Group, Reading
    from ssmm_tui.session import Session

LEGEND = "◆ shared with all apps already   ◇ shared has this variable too   ● marked"


class DuplicatesScreen(SsmmScreen[None]):
    """Its groups follow from the team, the filter, and what was learnt when all values were read once. It keeps no value."""

    COMMANDS_HERE = (*FILTER, *DUPLICATES)
    BINDINGS = bindings(COMMANDS_HERE)
    AUTO_FOCUS = "#by-key GroupList"

    def __init__(self, session: Session) -> None:
        super().__init__(session)
        self._fingerprint_key = urandom(32)
        self._reading: Reading | None = None
        self._stop_reading: threading.Event | None = None
        self._values_read = 0
        self._by_key: Sequence[Group] = ()
        self._by_value: Sequence[Group] = ()
        self._outdated = 0
        self._grouped_for: tuple[object, ...] = ()
        self._active = "by-key"

    def compose(self) -> ComposeResult:
        yield TopBar(self.session)
        yield FilterBar(self.session)
        with Container(id="duplicates"):
            yield GroupPane(self.session.team, id="by-key")
            yield GroupPane(self.session.team, id="by-value", button=f"{self.session.key('read-values')}  Read all values once")
        yield Static(LEGEND, id="legend", markup=False)
        yield StatusLine(self.session)
        yield KeyBar()

    def on_mount(self) -> None:
        self.watch(self.app, "revision", self.refresh_rows, init=False)

    def on_screen_resume(self) -> None:
        self.query_one(FilterBar).take_over()
        self.refresh_rows()

    # Groups

    def refresh_rows(self) -> None:
        """Draw what follows from the state as it is now."""
        if not self.is_current:
            return
        self._group()
        entries = list(self.session.team.entries.values())
        parsed = filtering.parse(self.session.filter_text, now=self.session.clock())
        matching = parsed.apply(entries)
        names = None if parsed.is_empty else {entry.name for entry in matching}
        keys, values = duplicates.narrowed(self._by_key, names), duplicates.narrowed(self._by_value, names)
        words = key_words(keys, self._by_key, loading=self.session.loading, key=self.session.key)
        self._pane("by-key").show(keys, parsed.spans, words)
        words = value_words(values, self._by_value, self._progress, key=self.session.key)
        self._pane("by-value").show(values, parsed.spans, words)
        self.query_one(FilterBar).tell(len(matching), len(entries), parsed.problems)
        self.query_one(StatusLine).refresh()

    def _group(self) -> None:
        """Make the groups anew, if something changed that they follow from."""
        team, reading = self.session.team, self._reading
        wanted = (team.revision, reading)
        if wanted == self._grouped_for:
            return
        self._by_key = duplicates.by_key(team, reading)
        self._by_value = duplicates.by_value(team, reading) if reading is not None else ()
        self._outdated = sum(not reading.holds_for(entry) for entry in team.entries.values()) if reading is not None else 0
        self._grouped_for = wanted

    @property
    def _progress(self) -> Progress:
        return Progress(
            total=len(self.session.team.entries),
            is_possible=self.session.names_are_whole and bool(self.session.team.entries),
            is_read=self._reading is not None,
            under_way=self._values_read if self._stop_reading is not None else None,
            outdated=self._outdated,
        )

    def _pane(self, which: str) -> GroupPane:
        return self.query_one(f"#{which}", GroupPane)

    @property
    def groups(self) -> GroupList:
        """The list that has the focus, or had it last: what commands work on."""
        return self._pane(self._active).groups

    def _focus_groups(self) -> None:
        """Focus that list, or the other one where the filter leaves this one nothing."""
        lists = [self.groups, *(pane.groups for pane in self.query(GroupPane))]
        next((one for one in lists if one.display), self.groups).focus()

    def on_descendant_focus(self) -> None:
        for pane in self.query(GroupPane):
            if pane.groups.has_focus:
                self._active = pane.id or ""
        for pane in self.query(GroupPane):
            pane.set_class(pane.id == self._active, "-active")

    # Reading values

    def action_read_values(self) -> None:
        if self._stop_reading is None:
            self.ask(self._may_read(), "may values be read")

    def on_button_pressed(self) -> None:
        self.action_read_values()

    async def _may_read(self) -> None:
        from ssmm_tui.screens.read_values import ReadValuesQuestion

        if await self.app.push_screen_wait(ReadValuesQuestion(self.session, len(self.session.team.entries))):
            self.begin(self._read_values(), "read values")

    async def _read_values(self) -> None:
        team = self.session.team
        store, known, key = self.session.store, tuple(team.entries.values()), self._fingerprint_key
        stop = self._stop_reading = threading.Event()
        self._count(0)

        def on_count(count: int) -> None:
            self.app.call_later(self._count, count)

        try:
            reading = await in_thread(lambda: duplicates.read(store, team.root, known, key, stop=stop, on_count=on_count))
        finally:
            self._stop_reading = None
            self.refresh_rows()
        if reading is not None:
            self._reading = reading
            self.refresh_rows()
            self._pane("by-value").groups.focus()

    def _count(self, values: int) -> None:
        self._values_read = values
        self.refresh_rows()

    # Filter

    def action_filter(self) -> None:
        self.query_one(FilterBar).focus_input()

    def on_filter_bar_changed(self) -> None:
        self.refresh_rows()

    def on_input_submitted(self, event: Input.Submitted) -> None:
        event.stop()
        self._focus_groups()

    def action_back(self) -> None:
        bar = self.query_one(FilterBar)
        if self._stop_reading is not None:
            self._stop_reading.set()
        elif self.session.filter_text:
            bar.clear()
        elif not bar.has_focus_within and self.session.team.marked:
            self.session.team.marked.clear()
            self._marks_changed()
        self._focus_groups()

    # Groups and members

    def action_unfold(self) -> None:
        self.groups.open()

    def action_fold(self) -> None:
        self.groups.close()

    def action_open(self) -> None:
        entry = self.groups.entry
        if entry is None:
            self.groups.toggle()
        else:
            self.post_message(GoTo(name=entry.name))

    def on_group_list_opened(self) -> None:
        self.action_open()

    def action_mark(self) -> None:
        group, entry = self.groups.group, self.groups.entry
        if group is None:
            return
        names = {entry.name} if entry is not None else {member.name for member in group.members}
        marked = self.session.team.marked
        if names <= marked:
            marked -= names
        else:
            marked |= names
        self.groups.action_cursor_down()
        self._marks_changed()

    def on_group_list_mark_toggled(self, event: GroupList.MarkToggled) -> None:
        self.session.team.marked ^= {event.name}
        self._marks_changed()

    def _marks_changed(self) -> None:
        for groups in self.query(GroupList):
            groups.refresh()
        self.query_one(StatusLine).refresh()

    # Promotion

    def action_promote(self) -> None:
        group = self.groups.group
        if group is None:
            return
        if any(entry.app for entry in group.members):
            self.ask(self._promote(group), "promote")
        else:
            self.notify("These belong to no app, so none can share them.", severity="warning", markup=False)

    async def _promote(self, group: Group) -> None:
        from ssmm_core.changes import promotion
        from ssmm_tui.screens.promote import PromoteQuestion

        access, team, question = self.session.access, self.session.team, PromoteQuestion(self.session, group)
        while (wanted := await self.app.push_screen_wait(question)) is not None:
            everything = tuple(team.entries.values())
            make = partial(promotion.plan, access, wanted.names, keep=wanted.keep, how=wanted.how, root=team.root, everything=everything)
            if await self.review("Promote", make):
                return
            question = question.again()

    def on_key(self, event: events.Key) -> None:
        tell_if_dead(self, event, self.COMMANDS_HERE)

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        if action in ("promote", "read_values") and not self.session.names_are_whole:
            return None if super().check_action(action, parameters) else False  # what follows from it would not be the whole truth
        return super().check_action(action, parameters)
