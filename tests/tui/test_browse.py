"""The browser: rows, namespaces, filter, marks."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.support.tui import running

if TYPE_CHECKING:
    from tests.support.memory import MemoryStore

SIZES = {"80x24": (80, 24), "140x45": (140, 45)}
THEMES = ("ssmm-dark", "ssmm-light")


@pytest.mark.parametrize("theme", THEMES)
@pytest.mark.parametrize("size", SIZES)
async def test_the_browser_shows_the_whole_team(team: MemoryStore, size: str, theme: str) -> None:
    async with running(team, size=SIZES[size], theme=theme) as ui:
        await ui.loaded()
        await ui.sees("auth/database-url", "122", "billing-api", "db.demo")
        await ui.keeps_picture(f"browse-{size}-{theme}")


async def test_nothing_is_decrypted_to_browse(team: MemoryStore) -> None:
    async with running(team) as ui:
        await ui.loaded()
        await ui.sees("5432")
        assert [call for call in team.calls if "decrypted" in call] == []


async def test_the_filter_narrows_as_one_types_and_is_kept_by_enter(team: MemoryStore) -> None:
    async with running(team) as ui:
        await ui.loaded()
        await ui.press("slash")
        await ui.type("app:billing key:*url")
        await ui.sees("2 of 122", "billing-worker/database-url")
        await ui.press("enter")
        assert ui.app.session.filter_text == "app:billing key:*url"
        await ui.press("escape")
        await ui.sees("auth/database-url")
        assert ui.app.session.filter_text == ""
