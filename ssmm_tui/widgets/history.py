"""The versions of one parameter: choose two to compare, one to restore."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rich.text import Text
from textual.message import Message
from textual.widgets.option_list import Option

from ssmm_core.errors import SsmmError
from ssmm_core.visible import visible
from ssmm_tui.commands import HISTORY, bindings
from ssmm_tui.shown import TYPES, minute, person
from ssmm_tui.widgets.options import Options
from ssmm_tui.workers import in_thread, start

if TYPE_CHECKING:
    from ssmm_core.catalogue import Entry
    from ssmm_core.models import ParameterVersion
    from ssmm_tui.session import Session


class History(Options):
    """Newest first, without values. What arrives for a parameter that is no longer shown is dropped."""

    DEFAULT_CSS = """
    History { height: 1fr; border: none; padding: 0; }
    """
    BINDINGS = bindings(HISTORY)

    class CompareWanted(Message):
        """Two versions are to be compared, the older first."""

        def __init__(self, name: str, versions: tuple[int, int]) -> None:
            super().__init__()
            self.name = name
            self.versions = versions

    class RestoreWanted(Message):
        """A version is to become the newest."""

        def __init__(self, name: str, version: int) -> None:
            super().__init__()
            self.name = name
            self.version = version

    def __init__(self, session: Session) -> None:
        super().__init__(id="history-list")
        self._session = session
        self._shown: tuple[str, int] | None = None
        self._versions: list[ParameterVersion] = []
        self._chosen: list[int] = []

    def show(self, entry: Entry) -> None:
        """Read and show the history of an entry, if it is not the one that stands here."""
        wanted = (entry.name, entry.version)
        if wanted == self._shown or self._session.connected is None:
            return
        self._shown = wanted
        self._chosen = []
        self._versions = []
        self._say("reading…")
        start(self, self._read(wanted), name="read the history", exclusive=True)

    async def _read(self, wanted: tuple[str, int]) -> None:
        store = self._session.store
        try:
            read = await in_thread(lambda: list(store.history(wanted[0], decrypt=False, budget=store.budget())))
        except SsmmError as error:
            if wanted == self._shown:
                self._say(str(error))
            return
        if wanted == self._shown:
            self._versions = sorted(read, key=lambda one: -one.version)
            self._draw()

    def _say(self, text: str) -> None:
        self.clear_options()
        self.add_option(Option(Text(visible(text)), disabled=True))

    def _draw(self) -> None:
        at = self.highlighted or 0
        self.clear_options()
        self.add_options([Option(self._line(one), id=str(one.version)) for one in self._versions])
        self.highlighted = min(at, len(self._versions) - 1) if self._versions else None

    def _line(self, one: ParameterVersion) -> Text:
        text = Text("● " if one.version in self._chosen else "  ", no_wrap=True)
        text.append(f"v{one.version:<4}", style="bold").append(f"{minute(one.last_modified)}  {TYPES[one.type]:<7} ")
        text.append(person(one.last_modified_user), style="dim")
        return text.append(f"  [{', '.join(map(visible, one.labels))}]" if one.labels else "")

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        if action == "restore" and self._session.read_only:
            return False
        return super().check_action(action, parameters)

    def action_choose(self) -> None:
        """Choose or leave the version under the cursor; the third pushes out the first."""
        version = self._version_at_cursor()
        if version is None:
            return
        if version in self._chosen:
            self._chosen.remove(version)
        else:
            self._chosen = [*self._chosen[-1:], version]
        self._draw()

    def action_compare(self) -> None:
        """Compare the two that were chosen; else the one under the cursor with the newest."""
        version = self._version_at_cursor()
        chosen = self._chosen if len(self._chosen) == 2 else [version, self._versions[0].version] if version else []
        if self._shown is not None and len(set(chosen)) == 2:
            older, newer = sorted(one for one in chosen if one is not None)
            self.post_message(self.CompareWanted(self._shown[0], (older, newer)))
        else:
            self.notify("Choose two versions, or put the cursor on an older one.", markup=False)

    def action_restore(self) -> None:
        version = self._version_at_cursor()
        if self._shown is None or version is None:
            return
        if version == self._versions[0].version:
            self.notify("This is the newest version already.", markup=False)
        else:
            self.post_message(self.RestoreWanted(self._shown[0], version))

    def on_option_list_option_selected(self, event: Options.OptionSelected) -> None:
        event.stop()
        self.action_choose()

    def _version_at_cursor(self) -> int | None:
        if self.highlighted is None or not self._versions:
            return None
        return self._versions[self.highlighted].version
