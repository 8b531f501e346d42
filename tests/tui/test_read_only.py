"""--read-only: what writes is gone from the interface, and refused below it."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

import pytest

from ssmm_core import settings
from ssmm_core.errors import ReadOnly
from ssmm_core.models import PutRequest
from ssmm_core.secret import SecretValue
from ssmm_core.settings import Settings
from ssmm_core.store.read_only import ReadOnlyStore
from ssmm_tui.__main__ import _parser, connect
from ssmm_tui.commands import GROUPS
from ssmm_tui.preferences import Preferences
from ssmm_tui.providers import Commands
from ssmm_tui.screens.browse import BrowseScreen
from ssmm_tui.screens.help import HelpScreen, sections
from ssmm_tui.session import Connected
from ssmm_tui.widgets.detail import DetailPane
from ssmm_tui.widgets.history import History
from tests.support.tui import SIZES, running

if TYPE_CHECKING:
    from tests.support.memory import MemoryStore
    from tests.support.tui import Ui

WRITING = [command for commands in GROUPS.values() for command in commands if command.writes]
WRITES = {"put", "delete", "add_tags", "remove_tags", "label"}


def shown_bindings(ui: Ui) -> set[str]:
    """The ids of the bindings that could be called now."""
    return {active.binding.id or "" for active in ui.app.screen.active_bindings.values() if active.enabled}


async def offered(ui: Ui) -> set[str]:
    """The titles that the command palette would show without a query."""
    provider = Commands(ui.app.screen)
    return {str(hit.display) async for hit in provider.discover()}


async def test_commands_that_write_are_there_without_it(team: MemoryStore) -> None:
    async with running(team) as ui:
        await ui.loaded()
        assert {"tags", "share", "edit", "new", "delete"} <= shown_bindings(ui)
        assert any(title.startswith("Delete") for title in await offered(ui))


async def test_they_are_gone_from_footer_palette_and_help(team: MemoryStore) -> None:
    async with running(team, read_only=True) as ui:
        await ui.loaded()
        assert not {command.id for command in WRITING} & shown_bindings(ui)
        titles = await offered(ui)
        assert not any(title.startswith(f"{command.label}  (") for command in WRITING for title in titles)
        await ui.press("question_mark")
        await ui.until(lambda: isinstance(ui.app.screen, HelpScreen))
        text = "\n".join(meaning.plain for _title, lines in sections(ui.app.session) for _key, meaning in lines)
        assert "[reveal]" in text
        assert not any(f"[{command.id}]" in text for command in WRITING)


async def test_their_keys_do_nothing_but_say_why(team: MemoryStore) -> None:
    async with running(team, read_only=True) as ui:
        await ui.loaded()
        browser = ui.app.screen
        for command in (*GROUPS["Browse"], *GROUPS["Everywhere"]):
            if command.writes:
                ui.app.clear_notifications()
                await ui.press(command.key)
                await ui.hears("Read-only: nothing is written.")
                await ui.rests()
                assert ui.app.screen is browser, command.id
                assert ui.told.count("Read-only") == 1, command.id
        assert not WRITES & set(team.calls)


async def test_letters_that_are_typed_are_no_such_keys(team: MemoryStore) -> None:
    async with running(team, read_only=True) as ui:
        await ui.loaded()
        await ui.press("slash")
        await ui.type("delete")
        await ui.press("enter", "2", "j", "p")
        await ui.hears("Read-only: nothing is written.")
        assert ui.app.session.filter_text == "delete"
        assert ui.told.count("Read-only") == 1


async def test_the_key_that_takes_back_says_when_there_is_nothing(team: MemoryStore) -> None:
    async with running(team) as ui:
        await ui.loaded()
        for mode in ("1", "2", "3"):
            ui.app.clear_notifications()
            await ui.press(mode, "u")
            await ui.hears("There is nothing to take back yet.")


async def test_a_version_cannot_be_restored(team: MemoryStore) -> None:
    async with running(team, read_only=True) as ui:
        await ui.loaded()
        browser = ui.app.screen
        assert isinstance(browser, BrowseScreen)
        browser.go_to("/demo-team/auth/jwt-signing-key")
        await browser.query_one(DetailPane).open("history")
        await ui.sees("v1", "v2")
        browser.query_one(History).focus()
        await ui.press("end")
        assert "restore" not in shown_bindings(ui)
        await ui.press("r")
        await ui.hears("Read-only: nothing is written.")
        await ui.rests()
        assert ui.app.screen is browser


@pytest.mark.parametrize("size", SIZES)
async def test_the_top_bar_says_so(team: MemoryStore, size: str) -> None:
    async with running(team, size=SIZES[size], read_only=True) as ui:
        await ui.loaded()
        for mode in ("1", "2", "3"):
            await ui.press(mode)
            await ui.rests()
            assert "READ-ONLY" in ui.text.splitlines()[0]


async def test_an_empty_team_offers_nothing_to_write(team: MemoryStore) -> None:
    async with running(team, root="/nobody", read_only=True) as ui:
        await ui.loaded()
        await ui.sees("Nothing is stored below /nobody yet.")
        assert "creates" not in ui.text


def connected(*flags: str) -> Connected:
    """What `ssmm-tui` with these flags connects to."""
    options = _parser().parse_args([*flags])
    return connect(options, settings.load(vars(options), os.environ))


def test_the_store_itself_refuses(endpoint: str) -> None:
    store = connected("--read-only").store
    assert isinstance(store, ReadOnlyStore)
    with pytest.raises(ReadOnly):
        store.put(PutRequest("/myteam/web/token", SecretValue("made-up"), "SecureString", overwrite=True), budget=store.budget())
    with pytest.raises(ReadOnly):
        store.delete(["/myteam/web/token"], budget=store.budget())
    assert not isinstance(connected().store, ReadOnlyStore)


# Production


@pytest.mark.parametrize(
    ("patterns", "profile", "is_production"),
    [
        (("/demo-*",), None, True),
        (("*prod*",), "acme-prod", True),
        (("*prod*",), "acme-dev", False),
        (("/demo-team/prod",), None, False),
        ((), "prod", False),
    ],
)
async def test_production_is_marked_by_prefix_or_profile(
    team: MemoryStore, patterns: tuple[str, ...], profile: str | None, is_production: bool
) -> None:
    def connecting() -> Connected:
        return Connected(team, Settings(prefix="/demo-team", profile=profile, write_rate=None))

    async with running(None, size=(80, 24), preferences=Preferences(production=patterns), connect=connecting) as ui:
        await ui.loaded()
        assert ("PRODUCTION" in ui.text.splitlines()[0]) == is_production


async def test_both_marks_fit(team: MemoryStore) -> None:
    async with running(team, size=(80, 24), preferences=Preferences(production=("/demo-team",)), read_only=True) as ui:
        await ui.loaded()
        first = ui.text.splitlines()[0]
        assert first.rstrip().endswith("PRODUCTION   READ-ONLY")
        assert "/demo-team" in first
