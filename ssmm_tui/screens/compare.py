"""Two versions of one parameter, side by side: what their metadata tells, and how their values differ once somebody asks."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Final

from textual.containers import VerticalScroll
from textual.content import Content
from textual.widgets import Static

from ssmm_core.errors import NotFound, SsmmError
from ssmm_core.secret import MASK
from ssmm_core.visible import visible
from ssmm_tui.commands import COMPARE, bindings
from ssmm_tui.glimpse import Glimpse
from ssmm_tui.line_diff import compare
from ssmm_tui.screens.base import SsmmScreen
from ssmm_tui.shown import date_time, fit, person
from ssmm_tui.widgets.key_bar import KeyBar
from ssmm_tui.widgets.top_bar import TopBar
from ssmm_tui.workers import in_thread

if TYPE_CHECKING:
    from textual.app import ComposeResult

    from ssmm_core.models import ParameterVersion
    from ssmm_core.store import ParameterStore
    from ssmm_tui.line_diff import Difference
    from ssmm_tui.session import Session

SIGN_STYLES: Final = {"+": "$success", "-": "$error", " ": "$foreground"}
VERDICT_STYLES: Final = {"same": "$secondary", "differ": "$accent"}
WIDEST: Final = 44
"""More of a column than its contents can fill."""


class CompareScreen(SsmmScreen[None]):
    """Nothing is decrypted until somebody asks for it; what was is forgotten when it is hidden, but for whether the values are equal."""

    COMMANDS_HERE = COMPARE
    BINDINGS = bindings(COMPARE)

    def __init__(self, session: Session, name: str, versions: tuple[int, int]) -> None:
        super().__init__(session)
        self._parameter = name
        self._versions = versions
        self._told: list[ParameterVersion] = []
        self._difference: Difference | None = None
        self._verdict = "not compared"
        self._glimpse = Glimpse(self, session.preferences.reveal_seconds, self._show_or_mask)

    def compose(self) -> ComposeResult:
        older, newer = self._versions
        yield TopBar(self.session)
        yield Static(f"Versions {older} and {newer} of {visible(self._parameter)}", id="compare-title", markup=False)
        yield Static("reading…", id="compare-told", markup=False)
        with VerticalScroll(id="compare-values"):
            yield Static(id="compare-difference", markup=False)
        yield KeyBar()

    def on_mount(self) -> None:
        self.query_one("#compare-values").focus()
        self._draw()
        self.begin(self._read(), "read the versions")

    def on_resize(self) -> None:
        self._draw()

    # What metadata tells

    async def _read(self) -> None:
        try:
            self._told = await in_thread(partial(_history, self.session.store, self._parameter, self._versions))
        except SsmmError as error:
            self.query_one("#compare-told", Static).update(visible(str(error)))
        else:
            self._draw()

    def _draw(self) -> None:
        if self._told:
            self.query_one("#compare-told", Static).update(self._table())
        self.query_one("#compare-difference", Static).update(self._values())

    def _table(self) -> Content:
        older, newer = self._told
        rows = {
            "Version": (str(older.version), str(newer.version), ""),
            "Date": (date_time(older.last_modified), date_time(newer.last_modified), ""),
            "By": (person(older.last_modified_user), person(newer.last_modified_user), ""),
            "Labels": (visible(", ".join(older.labels)) or "none", visible(", ".join(newer.labels)) or "none", ""),
            "Type": (older.type, newer.type, "same" if older.type == newer.type else "differ"),
            "Value": (MASK, MASK, self._verdict),
        }
        width = max(20, min(WIDEST, (self.size.width - 30) // 2))
        return Content("\n").join(
            Content.assemble(
                (f"{title:<9}", "$secondary"), fit(left, width), " ", fit(right, width), " ", (verdict, VERDICT_STYLES.get(verdict, ""))
            )
            for title, (left, right, verdict) in rows.items()
        )

    # What somebody asks to see

    def action_show_values(self) -> None:
        self._glimpse.toggle()
        if self._glimpse.is_on:
            self.begin(self._compare(), "compare the values")

    async def _compare(self) -> None:
        try:
            found = await in_thread(partial(_difference, self.session.store, self._parameter, self._versions))
        except SsmmError:
            self._glimpse.hide()
            raise
        self._verdict = "same" if found.is_same else "differ"
        self._difference = found if self._glimpse.is_on else None
        self._glimpse.prolong()
        self._draw()

    def _show_or_mask(self) -> None:
        self._difference = None
        self._draw()

    def _values(self) -> Content:
        found = self._difference
        if found is None:
            ask = f"{self.session.key('show-compared')} decrypts both values and compares them."
            return Content.styled("reading both values…" if self._glimpse.is_on else ask, "$secondary")
        said = "The values are the same." if found.is_same else " ".join(("The values differ.", *found.notes))
        lines = (Content.styled(f"{sign} {visible(text)}", SIGN_STYLES[sign]) for sign, text in found.lines)
        return Content("\n").join([Content.styled(said, "bold"), Content(""), *lines])

    def on_screen_suspend(self) -> None:
        self._glimpse.hide()

    def action_leave(self) -> None:
        self.dismiss(None)


def _history(store: ParameterStore, name: str, versions: tuple[int, int]) -> list[ParameterVersion]:
    """What is told of two versions, without values.

    Raises:
        NotFound: the service does not keep one of them any more.
    """
    kept = {one.version: one for one in store.history(name, decrypt=False, budget=store.budget())}
    if gone := [version for version in versions if version not in kept]:
        raise NotFound(f"version {gone[0]} of {name} is not kept any more", hint="The service keeps the last 100.")
    return [kept[version] for version in versions]


def _difference(store: ParameterStore, name: str, versions: tuple[int, int]) -> Difference:
    """How the values of two versions differ; this decrypts both."""
    budget = store.budget()
    older, newer = (store.get_version(name, str(version), decrypt=True, budget=budget).value for version in versions)
    assert older is not None
    assert newer is not None
    return compare(older, newer)
