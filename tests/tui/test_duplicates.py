"""Duplicates: groups by key and by value, and what is learnt without showing a value."""

from __future__ import annotations

import re
import threading
from typing import TYPE_CHECKING

import pytest
from textual.widgets import Button

from ssmm_core.classify import is_plain
from ssmm_core.errors import AccessDenied
from ssmm_core.store.demo_team import entries
from ssmm_tui.screens.browse import BrowseScreen
from ssmm_tui.screens.duplicates import DuplicatesScreen
from ssmm_tui.widgets.groups import GroupList
from tests.support.tui import SIZES, pictured, running

if TYPE_CHECKING:
    from tests.support.memory import MemoryStore
    from tests.support.tui import Ui

SENTINEL = "sentinel-0000-that-must-never-be-seen"
QUESTION = "Reads and decrypts all 122 values once; nothing is shown."


@pytest.fixture
def same_fingerprints(monkeypatch: pytest.MonkeyPatch) -> None:
    """Pictures need the fingerprints of another run."""
    monkeypatch.setattr("ssmm_tui.screens.duplicates.urandom", lambda size: b"k" * size)


async def opened(ui: Ui) -> DuplicatesScreen:
    await ui.loaded()
    await ui.press("2")
    await ui.sees("By key")
    assert isinstance(ui.app.screen, DuplicatesScreen)
    return ui.app.screen


async def read_values(ui: Ui) -> None:
    await ui.press("x")
    await ui.sees("Read them")
    await ui.press("y")
    await ui.sees("values that stand under several names")


def line_with(ui: Ui, *texts: str) -> str:
    return next(line for line in ui.text.splitlines() if all(text in line for text in texts))


def decrypted(team: MemoryStore) -> list[str]:
    return [call for call in team.calls if "decrypted" in call]


@pictured
async def test_variables_of_several_apps_are_grouped_before_anything_is_decrypted(team: MemoryStore, size: str, theme: str) -> None:
    async with running(team, size=SIZES[size], theme=theme) as ui:
        await opened(ui)
        await ui.sees("By key · 17 variables that several apps define", "By value · not read yet", "all 122 have to be decrypted once")
        assert re.search(r"▸ DATABASE_URL +4×  auth, billing-api, billing-worker, reports", ui.text)
        assert decrypted(team) == []
        await ui.keeps_picture(f"duplicates-unread-{size}-{theme}")


@pytest.mark.usefixtures("same_fingerprints")
@pictured
async def test_equal_values_are_grouped_under_a_fingerprint(team: MemoryStore, size: str, theme: str) -> None:
    async with running(team, size=SIZES[size], theme=theme) as ui:
        await opened(ui)
        await read_values(ui)
        await ui.sees("10 values that stand under several names")
        await ui.press("j", "j", "j", "j", "l", "j", "space")
        await ui.sees("1 marked")
        await ui.keeps_picture(f"duplicates-{size}-{theme}")


@pytest.mark.parametrize("key", ["escape", "n"])
async def test_nothing_is_decrypted_unless_a_person_agrees(team: MemoryStore, key: str) -> None:
    async with running(team) as ui:
        await opened(ui)
        await ui.press("x")
        await ui.sees(QUESTION)
        await ui.press(key, "escape")
        await ui.sees("not read yet")
        assert decrypted(team) == []


async def test_all_values_are_read_in_one_walk(team: MemoryStore) -> None:
    async with running(team) as ui:
        await opened(ui)
        await read_values(ui)
        assert decrypted(team) == ["walk decrypted"]


async def test_the_empty_pane_is_reached_with_tab_and_its_button_asks(team: MemoryStore) -> None:
    async with running(team, size=(80, 24)) as ui:
        await opened(ui)
        await ui.press("tab")
        assert isinstance(ui.app.focused, Button)
        await ui.press("enter")
        await ui.sees(QUESTION)


async def test_a_group_by_value_tells_count_length_variable_and_apps(team: MemoryStore) -> None:
    async with running(team, size=(200, 50)) as ui:
        await opened(ui)
        await read_values(ui)
        shown = line_with(ui, "SLACK_TOKEN in billing-worker, mailer, reports, support-bot")
        assert re.search(r"[0-9a-f]{12}  4×  len=39", shown)


async def test_the_length_of_a_short_value_is_not_told(team: MemoryStore) -> None:
    async with running(team) as ui:
        await opened(ui)
        await read_values(ui)
        assert "len" not in line_with(ui, "DB_PORT in auth")
        assert "len=12" in line_with(ui, "DB_USER in auth")


async def test_fingerprints_are_of_this_run_alone(team: MemoryStore) -> None:
    seen = []
    for _ in range(2):
        async with running(team) as ui:
            await opened(ui)
            await read_values(ui)
            seen.append(set(re.findall(r"▸ ([0-9a-f]{12}) ", ui.text)))
    assert len(seen[0]) == len(seen[1]) == 10
    assert not seen[0] & seen[1]


async def test_once_values_are_read_a_group_by_key_tells_how_many_it_has(team: MemoryStore) -> None:
    async with running(team) as ui:
        await opened(ui)
        await read_values(ui)
        await ui.sees("all equal")
        assert "3 values" in line_with(ui, "▸ DATABASE_URL")
        assert "all equal" in line_with(ui, "▸ SLACK_TOKEN")
        assert "2 values" in line_with(ui, "▸ LOG_LEVEL")


async def test_no_value_is_ever_on_the_screen_or_kept(team: MemoryStore) -> None:
    for app in ("auth", "web", "mailer"):
        team.seed(f"/demo-team/{app}/sentinel-token", SENTINEL)
    secrets = {SENTINEL, *(entry.value for entry in entries() if not is_plain(entry.name.replace("-", "_")) and len(entry.value) > 11)}
    async with running(team) as ui:

        def check() -> None:
            drawn = ui.text
            assert [value for value in secrets if value in drawn] == []

        screen = await opened(ui)
        check()
        await ui.press("x")
        await ui.sees("Read them")
        check()
        await ui.press("y")
        await ui.sees("11 values that stand under several names")
        for groups in screen.query(GroupList):
            groups.focus()
            while groups.cursor < min(groups.row_count - 1, 30):
                await ui.press("l", "j")
                check()
        picture = ui.svg.replace("&#160;", " ")
        assert [value for value in secrets if value in picture] == []
        assert screen._reading is not None
        assert SENTINEL not in repr(vars(screen._reading))
        assert "SecretValue" not in repr(vars(screen._reading))


async def test_groups_open_into_their_members_and_close_again(team: MemoryStore) -> None:
    async with running(team, size=(160, 45)) as ui:
        await opened(ui)
        await ui.press("enter")
        await ui.sees("▾ DATABASE_URL", "billing-worker/database-url", "secure")
        await ui.press("j", "j", "h")
        await ui.sees("▸ DATABASE_URL")
        await ui.sees_no("billing-worker/database-url")
        await ui.press("right")
        await ui.sees("billing-worker/database-url")


async def test_a_click_opens_a_group_and_a_second_closes_it(team: MemoryStore) -> None:
    async with running(team) as ui:
        screen = await opened(ui)
        groups = screen.query_one("#by-key GroupList", GroupList)
        await ui.pilot.click(groups, offset=(4, 1))
        await ui.sees("▾ DB_HOST", "auth/db-host")
        await ui.pilot.click(groups, offset=(2, 2))
        assert ui.app.session.team.marked == {"/demo-team/auth/db-host"}
        await ui.pilot.click(groups, offset=(4, 1))
        await ui.sees("▸ DB_HOST")


async def test_enter_on_a_member_shows_it_in_the_browser(team: MemoryStore) -> None:
    async with running(team) as ui:
        await opened(ui)
        await ui.press("enter", "j", "j", "enter")
        await ui.until(lambda: isinstance(ui.app.screen, BrowseScreen), "the browser")
        browser = ui.app.screen
        assert isinstance(browser, BrowseScreen)
        await ui.until(lambda: browser.entry and browser.entry.name == "/demo-team/billing-api/database-url", "the cursor on it")


async def test_two_clicks_on_a_member_show_it_in_the_browser(team: MemoryStore) -> None:
    async with running(team) as ui:
        screen = await opened(ui)
        await ui.press("enter")
        await ui.sees("auth/database-url")
        await ui.pilot.click(screen.query_one("#by-key GroupList"), offset=(10, 1), times=2)
        await ui.until(lambda: isinstance(ui.app.screen, BrowseScreen), "the browser")


async def test_a_member_that_is_shared_already_and_one_that_overrides_a_shared_one_have_signs(team: MemoryStore) -> None:
    async with running(team) as ui:
        await opened(ui)
        await ui.press("slash")
        await ui.type("key:payment-api-key")
        await ui.press("enter", "enter")
        await ui.sees("billing-api ◆, billing-worker", "◆ billing-api/payment-api-key")
        await ui.press("escape", "slash")
        await ui.type("key:log-level")
        await ui.press("enter", "enter")
        await ui.sees("◇ auth/log-level", "◆ shared/log-level", "◇ shared has this variable too")


async def test_the_filter_leaves_the_groups_in_which_something_matches(team: MemoryStore) -> None:
    async with running(team) as ui:
        await opened(ui)
        await read_values(ui)
        await ui.press("slash")
        await ui.type("app:search key:embed")
        await ui.sees("By key · 1 of 17 variables", "By value · 1 of 10 values", "1 of 122")
        await ui.press("enter", "enter")
        await ui.sees("search/embedding-api-key", "support-bot/embedding-api-key")
        await ui.press("escape")
        await ui.sees("By key · 17 variables")
        assert ui.app.session.filter_text == ""


async def test_a_filter_that_nothing_matches_says_what_clears_it(team: MemoryStore) -> None:
    async with running(team) as ui:
        await opened(ui)
        await ui.press("slash")
        await ui.type("app:nobody")
        await ui.sees("The filter hides all 17 groups. Esc clears it.")


async def test_the_filter_and_the_marks_come_along_from_the_browser(team: MemoryStore) -> None:
    async with running(team) as ui:
        await ui.loaded()
        await ui.press("slash")
        await ui.type("app:reports key:slack")
        await ui.sees("2 of 122")
        await ui.press("enter", "space")
        await ui.press("2", "enter")
        await ui.sees("By key · 2 of 17", "● ", "1 marked")
        assert ui.app.session.team.marked == {"/demo-team/reports/slack-channel"}


async def test_space_marks_a_member_or_all_of_a_group_and_again_none(team: MemoryStore) -> None:
    async with running(team) as ui:
        await opened(ui)
        await ui.press("space", "k")
        await ui.sees("4 marked")
        assert {name.split("/")[2] for name in ui.app.session.team.marked} == {"auth", "billing-api", "billing-worker", "reports"}
        await ui.press("space", "k")
        assert ui.app.session.team.marked == set()
        await ui.press("l", "j", "space")
        assert ui.app.session.team.marked == {"/demo-team/auth/database-url"}


async def test_what_was_written_since_leaves_its_group_and_is_told(team: MemoryStore) -> None:
    async with running(team) as ui:
        await opened(ui)
        await read_values(ui)
        await ui.sees_no("May be outdated")
        team.seed("/demo-team/web/oauth-client-secret", "made-up-and-different-by-now")
        await ui.press("ctrl+r")
        await ui.sees("! May be outdated: 1 written since. x reads all values again.", "9 values that stand")
        assert "equal" not in line_with(ui, "▸ OAUTH_CLIENT_SECRET")
        await ui.loaded()
        await read_values(ui)
        await ui.sees_no("May be outdated")
        assert "2 values" in line_with(ui, "▸ OAUTH_CLIENT_SECRET")


async def test_a_change_of_tags_does_not_make_values_outdated(team: MemoryStore) -> None:
    async with running(team) as ui:
        await opened(ui)
        await read_values(ui)
        team.add_tags("/demo-team/web/oauth-client-secret", {"shared": "true"}, budget=team.budget())
        await ui.press("ctrl+r")
        await ui.sees("auth ◆, web ◆")
        await ui.sees_no("May be outdated")


async def test_reading_tells_that_it_is_under_way_and_esc_stops_it(team: MemoryStore) -> None:
    async with running(team) as ui:
        await opened(ui)
        team.hold["walk decrypted"] = threading.Event()
        await ui.press("x")
        await ui.sees("Read them")
        await ui.press("y")
        await ui.sees("By value · being read", "Reading 0 of 122 values… Esc stops.")
        await ui.press("escape")
        team.hold["walk decrypted"].set()
        await ui.sees("not read yet")


async def test_values_that_may_not_be_read_are_told_and_can_be_asked_for_again(team: MemoryStore) -> None:
    async with running(team) as ui:
        await opened(ui)
        team.refuse["walk decrypted"] = AccessDenied("not allowed to decrypt", action="kms:Decrypt", resource="*")
        await ui.press("x")
        await ui.sees("Read them")
        await ui.press("y")
        await ui.until(lambda: [told for told in ui.app._notifications if "not allowed to decrypt" in told.message], "the refusal")
        await ui.sees("not read yet", "Read all values once")


async def test_values_are_not_read_before_all_names_are_known(team: MemoryStore) -> None:
    team.hold["describe"] = threading.Event()
    async with running(team) as ui:
        await ui.press("2")
        await ui.sees("Reading names…", "By value · not read yet")
        await ui.press("x")
        assert isinstance(ui.app.screen, DuplicatesScreen)
        team.hold["describe"].set()
        await ui.loaded()
        await ui.press("x")
        await ui.sees(QUESTION)


async def test_a_team_without_duplicates_says_so(team: MemoryStore) -> None:
    team.seed("/other-team/web/token", "one")
    team.seed("/other-team/auth/password", "two")
    async with running(team, root="/other-team") as ui:
        await opened(ui)
        await ui.sees("No variable stands in more than one app.")
        await ui.press("x")
        await ui.sees("all 2 values")
        await ui.press("y")
        await ui.sees("No value stands under more than one name.")
