"""The app: connects, keeps what is known of the team up to date, and shows the screens. What it asks of AWS it asks in threads."""

from __future__ import annotations

import asyncio
import gc
import signal
import sys
import threading
import time
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, ClassVar, TypeVar

from rich.text import Text
from textual import events
from textual.app import SystemCommand
from textual.binding import Binding
from textual.command import CommandPalette
from textual.reactive import reactive
from textual.worker import WorkerFailed

from ssmm_core.errors import SsmmError
from ssmm_core.names import is_below
from ssmm_core.visible import visible
from ssmm_tui.clipboard import Clipboard, way
from ssmm_tui.commands import EVERYWHERE, bindings, keymap
from ssmm_tui.copying import CopyingApp
from ssmm_tui.screens.base import SsmmScreen
from ssmm_tui.screens.browse import BrowseScreen
from ssmm_tui.session import Session
from ssmm_tui.team import Team
from ssmm_tui.theme import DARK, THEMES, check_theme
from ssmm_tui.widgets.status_line import StatusLine
from ssmm_tui.widgets.top_bar import TopBar
from ssmm_tui.workers import in_thread, start

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

    from textual.command import Provider
    from textual.screen import Screen
    from textual.timer import Timer

    from ssmm_core.catalogue import Entry
    from ssmm_tui.preferences import Preferences
    from ssmm_tui.screens.base import GoTo, Written
    from ssmm_tui.session import Connected

News = TypeVar("News")
SWITCH_SECONDS = 0.001
"""How long a reading thread may keep the interpreter while a key waits to be answered; Python's own 5 ms add up over a frame."""
RARE_COLLECTIONS = (50_000, 20, 100)
"""Ten thousand entries are no garbage: looking through all of them while they stream in would stop the keys for a tenth of a second."""
TOGETHER_SECONDS = 0.2
"""Pages that arrive within this time are drawn together."""
CLIPBOARD_SECONDS = 10
"""A clipboard that does not answer does not keep anybody from leaving."""


def _commands() -> type[Provider]:
    from ssmm_tui.providers import Commands

    return Commands


def _places() -> type[Provider]:
    from ssmm_tui.providers import Places

    return Places


class SsmmApp(CopyingApp, inherit_bindings=False):
    """`connect` is called in a thread, after the first paint; it may raise our errors.

    Textual's own ctrl+q is not inherited: terminals stop their output with it.
    """

    CSS_PATH = Path(__file__).with_name("first.tcss")
    TITLE = "ssmm"
    DEFAULT_MODE = "browse"
    BINDINGS: ClassVar = [*bindings(EVERYWHERE), Binding("ctrl+c", "help_quit", show=False, system=True)]
    COMMANDS: ClassVar = {_commands, _places}

    revision = reactive(0, repaint=False)
    """Grows when what is known of the team has changed; screens watch it."""

    def __init__(
        self,
        root: str,
        connect: Callable[[], Connected],
        preferences: Preferences,
        *,
        environ: Mapping[str, str],
        read_only: bool = False,
        clock: Callable[[], float] = time.time,
    ) -> None:
        super().__init__()
        self._connect = connect
        clipboard = Clipboard(lambda: way(environ, self._send_to_terminal))
        self.session = Session(Team(root), preferences, clipboard, clock, read_only=read_only)
        self.crashed: BaseException | None = None
        self._soon: Timer | None = None
        self._stop_loading = threading.Event()
        self._connect_anew = False
        self._read_since: set[str] = set()
        """What was read after a write while a listing is under way: that is newer than what the listing says."""
        self._is_ending = False
        for theme in THEMES:
            self.register_theme(theme)
        check_theme(preferences.theme)
        self.theme = preferences.theme or DARK.name
        self.add_mode("browse", lambda: BrowseScreen(self.session))
        self.add_mode("duplicates", self._duplicates)
        self.add_mode("environment", self._environment)
        self.set_keymap(keymap(preferences.keys))

    def _duplicates(self) -> Screen[None]:
        from ssmm_tui.screens.duplicates import DuplicatesScreen

        return DuplicatesScreen(self.session)

    def _environment(self) -> Screen[None]:
        from ssmm_tui.screens.environment import EnvironmentScreen

        return EnvironmentScreen(self.session)

    def on_load(self) -> None:
        sys.setswitchinterval(SWITCH_SECONDS)
        gc.set_threshold(*RARE_COLLECTIONS)
        if not self.is_headless:
            loop = asyncio.get_running_loop()
            for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
                loop.add_signal_handler(number, self._end)

    def _end(self) -> None:
        """Told to end from outside: as if a person left, so that a copied value does not stay."""
        start(self, self.action_quit(), name="quit")

    def on_browse_screen_furnished(self) -> None:
        self.load()

    # Loading

    def load(self) -> None:
        """Read everything; what is being read already is given up, what is shown stays until it is known to be gone."""
        self._stop_loading.set()
        self._stop_loading = threading.Event()
        start(self, self._load(self._stop_loading), name="load", exclusive=True)

    async def _load(self, stop: threading.Event) -> None:
        session = self.session
        session.loading, session.names_are_whole, session.trouble = True, False, ""
        session.warnings.clear()
        while not await self._is_read(stop):
            pass
        session.loading = False
        self.changed()

    async def _is_read(self, stop: threading.Event) -> bool:
        """Connect and read; False where it failed and a person wants to try again.

        Where something is shown already, or a question or plan is open, that stays, and the failure is told beside it.
        """
        from ssmm_tui.screens.problem import ProblemScreen

        session = self.session
        trying = "connect"
        try:
            if session.connected is None or self._connect_anew:
                session.doing = "connecting"
                session.connected = await in_thread(self._connect)
                self._connect_anew = False
                self._draw_top()
            trying = f"read what is below {session.team.root}"
            await self._read_all(stop)
        except SsmmError as error:
            self._connect_anew = True  # with credentials that were renewed meanwhile
            if session.team.entries or self._something_has_the_floor:
                session.trouble = f"could not {trying}: {error.message}"
                session.warnings.append(f"may be outdated, {session.key('reload')} tries again: {session.trouble}")
                self.notify(visible(str(error)), title=f"Could not {trying}", severity="error", timeout=12, markup=False)
            elif await self.push_screen_wait(ProblemScreen(error, trying)):
                return False
            else:
                await self.action_quit()
        return True

    async def _read_all(self, stop: threading.Event) -> None:
        from ssmm_core.operations import catalogue

        session, store, root = self.session, self.session.store, self.session.team.root
        named: set[str] = set()
        tagged: set[str] = set()
        since = self._read_since = set()

        def on_page(entries: tuple[Entry, ...]) -> None:
            named.update(entry.name for entry in entries)
            self._hand_over(session.team.add, [entry for entry in entries if entry.name not in since], stop)

        def on_tags(tags: Mapping[str, Mapping[str, str]]) -> None:
            tagged.update(tags)
            self._hand_over(session.team.tag, tags, stop)

        session.doing = "reading"
        start(self, self._identify(), name="identify", exclusive=True)
        session.warnings += await in_thread(lambda: catalogue.load(store, root, on_page=on_page, stop=stop))
        session.team.remove(session.team.entries.keys() - named - since)
        session.names_are_whole = True
        session.doing = "reading tags"
        self.changed()
        trouble = await in_thread(lambda: catalogue.load_tags(store, root, on_tags=on_tags, stop=stop))
        session.tags_come_in_bulk = not trouble
        session.warnings += [trouble] if trouble else []
        session.team.settle_tags(tagged, whole=not trouble)

    def _hand_over(self, take_in: Callable[[News], None], news: News, stop: threading.Event) -> None:
        """From a reading thread: have the news taken in, and wait until that is done, so that keys are answered in between."""
        if not stop.is_set():
            self.call_from_thread(take_in, news)
            self.call_from_thread(self._changed_soon)

    async def _identify(self) -> None:
        store = self.session.store
        with suppress(SsmmError):  # the top bar does without
            self.session.account = await in_thread(lambda: store.account(budget=store.budget()))
        self._draw_top()

    def changed(self) -> None:
        """Have the screens draw what is known now."""
        if self._soon is not None:
            self._soon.stop()
            self._soon = None
        self.revision += 1

    def _changed_soon(self) -> None:
        if self._soon is None:
            self._soon = self.set_timer(TOGETHER_SECONDS, self.changed)

    def _draw_top(self) -> None:
        for screen in self.screen_stack:  # a question may stand over the bars
            for bar in (*screen.query(TopBar), *screen.query(StatusLine)):
                bar.refresh()
        self.screen.refresh_bindings()

    # After a write

    def on_written(self, message: Written) -> None:
        names = [name for name in message.names if is_below(name, self.session.team.root)]
        start(self, self._refresh(names), name="read again")

    async def _refresh(self, names: list[str]) -> None:
        from ssmm_core.operations import catalogue

        session = self.session
        store, threads = session.store, session.settings.read_concurrency
        try:
            entries, gone = await in_thread(lambda: catalogue.refresh(store, session.team.root, names, threads=threads))
        except SsmmError as error:
            said = f"{error.message}; {session.key('reload')} reads everything again."
            self.notify(visible(said), title="Written, but not read again", severity="warning", timeout=12, markup=False)
            return
        self._read_since.update(names)
        came = entries.keys() - session.team.entries.keys()
        session.team.add(entries.values())
        session.team.remove(gone)
        self.changed()
        if len(names) == len(came) == 1 and isinstance(self.screen, BrowseScreen):
            self.screen.came(*came)

    def action_undo(self) -> None:
        screen, change = self.screen, self.session.last_change
        if isinstance(screen, SsmmScreen) and change is not None:
            screen.undo(change)

    # Moving about

    def action_mode(self, mode: str) -> None:
        self.switch_mode(mode)

    async def on_go_to(self, message: GoTo) -> None:
        """Show a parameter, or a namespace, in the browser; not over what was begun since it was asked for."""
        if self._something_has_the_floor:
            return
        await self.switch_mode("browse")
        browser = self.screen
        if isinstance(browser, BrowseScreen):
            browser.go_to(message.name) if message.name else browser.go_to_namespace(message.path)

    def action_reload(self) -> None:
        self.load()

    def action_command_palette(self) -> None:
        from ssmm_tui.screens.palette import Palette
        from ssmm_tui.screens.waiting import Waiting

        if not isinstance(self.screen, CommandPalette | Waiting):
            self.push_screen(Palette())

    def search_themes(self) -> None:
        from textual.theme import ThemeProvider

        from ssmm_tui.screens.palette import Palette

        self.push_screen(Palette(providers=[ThemeProvider], placeholder="Search for themes…"))

    def action_help(self) -> None:
        from ssmm_tui.screens.help import HelpScreen

        self.push_screen(HelpScreen(self.session))

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        if any(command.action.partition("(")[0] == action for command in EVERYWHERE) and self._something_has_the_floor:
            return False
        if action == "undo":
            return self.session.last_change is not None and not self.session.read_only
        return super().check_action(action, parameters)

    @property
    def _something_has_the_floor(self) -> bool:
        """Whether a plan or a question is open. The palette is neither: it asks what could be done below it."""
        return any(not isinstance(screen, CommandPalette) for screen in self.screen_stack[1:])

    def get_system_commands(self, screen: Screen[object]) -> Iterable[SystemCommand]:  # noqa: ARG002 - Textual asks for each screen
        yield SystemCommand("Theme", "Choose the colours", self.action_change_theme)
        yield SystemCommand("Screenshot", "Save a picture of this screen, with what it shows now", self.deliver_screenshot)

    # The end

    async def action_quit(self) -> None:
        """Leave; what is being carried out is stopped and accounted for first, and a copied value taken back."""
        if self._is_ending:
            return
        self._is_ending = True
        self._stop_loading.set()
        screens = [screen for stack in self._screen_stacks.values() for screen in stack]
        said = [await screen.finish() for screen in screens if isinstance(screen, SsmmScreen)]
        with suppress(SsmmError, TimeoutError):
            await asyncio.wait_for(in_thread(self.session.clipboard.close), CLIPBOARD_SECONDS)
        self.exit(message=Text("\n".join(filter(None, said))) if any(said) else None)

    async def on_event(self, event: events.Event) -> None:
        """Once a person leaves, nothing more is begun."""
        if not (self._is_ending and isinstance(event, events.InputEvent)):
            await super().on_event(event)

    # Defects of ours

    def _handle_exception(self, error: Exception) -> None:
        """End without Textual's traceback, which prints the variables of every frame; the entry point says where it happened."""
        if self._exit and self.crashed is None:
            return  # what is being taken down fails last; all is told by then
        self.crashed = self.crashed or (error.error if isinstance(error, WorkerFailed) else error)
        super()._handle_exception(error)
        self._exit_renderables.clear()
