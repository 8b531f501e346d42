"""Everything about the parameter under the cursor, in tabs."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rich.text import Text
from textual.containers import Vertical, VerticalScroll
from textual.widgets import Select, Static

from ssmm_core.operations.deliver import Selection, resolve_known
from ssmm_core.tag_hints import known_tags
from ssmm_tui.detail_text import layers_text, metadata_text, tags_text, value_text
from ssmm_tui.widgets.history import History
from ssmm_tui.widgets.tab_line import TabLine

if TYPE_CHECKING:
    from rich.table import Table
    from textual.app import ComposeResult
    from textual.timer import Timer

    from ssmm_core.catalogue import Entry
    from ssmm_core.secret import SecretValue
    from ssmm_tui.session import Session

TABS = {"value": "Value", "tags": "Tags", "history": "History", "layers": "Layers", "metadata": "Metadata"}
SETTLE_SECONDS = 0.05
"""Rows that a held key runs over are not laid out one by one."""


class DetailPane(Vertical):
    """Shows one entry. Only the tab that is open is filled; what a tab has of its own is made when it is first opened."""

    DEFAULT_CSS = """
    DetailPane { width: 1fr; height: 1fr; padding: 0 1; }
    DetailPane VerticalScroll { height: 1fr; padding: 1 1 0 1; }
    DetailPane Select { width: 1fr; max-width: 40; margin: 1 1 0 1; }
    DetailPane History { margin: 1 1 0 1; }
    DetailPane #history-hint { height: 1; padding: 0 1; }
    """

    def __init__(self, session: Session) -> None:
        super().__init__(id="detail")
        self._session = session
        self._entry: Entry | None = None
        self._revealed: SecretValue | None = None
        self._timer: Timer | None = None
        self._app_for_layers = ""
        self._said: Text | Table = Text()

    def compose(self) -> ComposeResult:
        yield TabLine(TABS)
        with VerticalScroll():
            yield Static(id="detail-text")

    def show(self, entry: Entry | None, revealed: SecretValue | None) -> None:
        """Show an entry as soon as the cursor rests; a value that is hidden goes at once."""
        hides = self._revealed is not None and revealed is None
        self._entry, self._revealed = entry, revealed
        if hides:
            self._say(Text(""))  # another tab may lie over it
        if hides or revealed is not None:
            self._fill()
        elif self._timer is None:
            self._timer = self.set_timer(SETTLE_SECONDS, self._fill)

    @property
    def tab(self) -> str:
        """The tab that is open."""
        return self.query_one(TabLine).active

    async def open(self, tab: str) -> None:
        """Bring one tab to the front."""
        self.query_one(TabLine).active = tab
        if tab == "history" and not self.query(History):
            key = self._session.key
            hint = f"Tab, then {key('choose-version')} chooses, {key('compare')} compares, {key('restore')} restores"
            await self.mount(History(self._session), Static(hint, id="history-hint", markup=False))
        if tab == "layers" and not self.query(Select):
            await self.mount(Select[str]([], prompt="app", compact=True, id="layers-app"), after=self.query_one(TabLine))
        self.query("History, #history-hint").set(display=tab == "history")
        self.query(Select).set(display=tab == "layers")
        self.query_one(VerticalScroll).display = tab != "history"
        self._fill()

    async def step(self, tabs: int) -> None:
        """Open a tab further to the right, or to the left."""
        await self.open(self.query_one(TabLine).beside(tabs))

    async def on_tab_line_chosen(self, event: TabLine.Chosen) -> None:
        await self.open(event.tab)

    def on_select_changed(self, event: Select.Changed) -> None:
        event.stop()
        self._app_for_layers = event.value if isinstance(event.value, str) else ""
        self._fill_layers()

    def _fill(self) -> None:
        if self._timer is not None:
            self._timer.stop()
            self._timer = None
        if not self.is_attached:
            return
        if self._entry is None:
            self._say(Text(""))
            return
        {
            "value": self._fill_value,
            "tags": self._fill_tags,
            "history": self._fill_history,
            "layers": self._offer_apps,
            "metadata": self._fill_metadata,
        }[self.tab]()

    def _say(self, text: Text | Table) -> None:
        if text != self._said:
            self._said = text
            self.query_one("#detail-text", Static).update(text)

    def _fill_value(self) -> None:
        assert self._entry is not None
        keys = {command: self._key(command) for command in ("reveal", "copy-value", "edit")}
        text = value_text(self._entry, self._session.team.value(self._entry), self._revealed, keys=keys)
        self._say(text)

    def _fill_tags(self) -> None:
        assert self._entry is not None
        known = known_tags(entry.tags for entry in self._session.team.entries.values() if entry.tags)
        self._say(tags_text(self._entry, known))

    def _fill_history(self) -> None:
        assert self._entry is not None
        self.query_one(History).show(self._entry)

    def _offer_apps(self) -> None:
        assert self._entry is not None
        select: Select[str] = self.query_one("#layers-app", Select)
        apps = self._session.team.apps
        with self.prevent(Select.Changed):
            select.set_options((app, app) for app in apps)
            self._app_for_layers = self._entry.app if self._entry.app in apps else next(iter(apps), "")
            if self._app_for_layers:
                select.value = self._app_for_layers
        self._fill_layers()

    def _fill_layers(self) -> None:
        if self._entry is None:
            return
        team = self._session.team
        tags = {"shared": "true"}
        apps = (self._app_for_layers,) if self._app_for_layers else ()
        selection = Selection(team.root, apps, shared=True, tags=tags)
        text = layers_text(self._entry.variable, resolve_known(selection, team.by_app, team.tagged(tags)))
        self._say(text)

    def _fill_metadata(self) -> None:
        assert self._entry is not None
        region = self._session.store.region if self._session.connected else ""
        text = metadata_text(self._entry, region, self._session.account, self._session.clock())
        self._say(text)

    def _key(self, command: str) -> str:
        return self._session.key(command)
