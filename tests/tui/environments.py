"""What the tests of the environment screen share: opening it, choosing in it, and what its tables hold."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ssmm_core.matrix import MISSING
from ssmm_core.overlay import Variable
from ssmm_core.store.demo_team import ROOT
from ssmm_tui.screens.browse import BrowseScreen
from ssmm_tui.widgets.environment_table import EnvironmentTable
from ssmm_tui.widgets.matrix_table import MatrixTable

if TYPE_CHECKING:
    from ssmm_core.matrix import Cell
    from tests.support.memory import MemoryStore
    from tests.support.tui import Ui


async def open_environment(ui: Ui, *apps: str) -> None:
    """Show what these apps receive, or the one that is shown at first."""
    await ui.loaded()
    await ui.press("3")
    await ui.sees("variable")
    if apps:
        await choose_apps(ui, *apps)
        await ui.sees(" › ".join(apps))


async def choose_apps(ui: Ui, *apps: str) -> None:
    """Choose exactly these apps, in this order."""
    await ui.press("a")
    await ui.sees("Apps, in their order")
    await ui.type(apps[0])
    await ui.press("enter")
    if len(apps) > 1:
        await ui.press("a")
        await ui.sees("Apps, in their order")
        for app in apps[1:]:
            await ui.type(app)
            await ui.press("space", *["backspace"] * len(app))
        await ui.press("enter")


async def open_matrix(ui: Ui) -> None:
    await open_environment(ui)
    await ui.press("m")
    await ui.sees("each of")
    await ui.until(lambda: matrix(ui).rows, "the matrix")


async def browsed(ui: Ui, name: str) -> None:
    """Wait until the browser's cursor is on this parameter."""

    def is_there() -> bool:
        browser = ui.app.screen
        return isinstance(browser, BrowseScreen) and browser.entry is not None and short(browser.entry.name) == name

    await ui.until(is_there, f"{name} in the browser")


def environment(ui: Ui) -> EnvironmentTable:
    return ui.app.screen.query_one(EnvironmentTable)


def matrix(ui: Ui) -> MatrixTable:
    return ui.app.screen.query_one(MatrixTable)


def winners(ui: Ui) -> dict[str, str]:
    """The winning parameter of each variable that is shown, without the prefix."""
    return {one.name: short(one.winner.parameter.name) for one in environment(ui).rows if isinstance(one, Variable)}


def cell(ui: Ui, variable: str, app: str) -> Cell:
    """What the matrix holds of a variable in an app."""
    table = matrix(ui)
    row = next((row for row in table.rows if row.variable == variable), None)
    return row.cells[table.apps.index(app)] if row is not None else MISSING


def short(name: str) -> str:
    return name.removeprefix(f"{ROOT}/")


def decrypted(team: MemoryStore) -> list[str]:
    return [call for call in team.calls if "decrypted" in call]
