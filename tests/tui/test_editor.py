"""The editor: an existing parameter, a new one, and a value that nobody sees who did not ask for it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from textual.widgets import Button

from ssmm_core.errors import AccessDenied
from ssmm_tui.preferences import Preferences
from ssmm_tui.screens.browse import BrowseScreen
from ssmm_tui.screens.editor import Editor
from ssmm_tui.screens.form import LeaveQuestion
from ssmm_tui.widgets.secret_area import SecretArea
from tests.support.tui import SIZES, pictured, running
from tests.tui.editing import NAME, SENTINEL, TAGS, blur, carry_out, edit, is_nowhere, one_parameter, paste, stored

if TYPE_CHECKING:
    from tests.support.memory import MemoryStore
    from tests.support.tui import Ui

PEM = "-----BEGIN PRIVATE KEY-----\nbWFkZSB1cA==\n-----END PRIVATE KEY-----\n"
AWKWARD = {
    "CRLF": "one\r\ntwo\r\n",
    "mixed line ends": "one\r\ntwo\nthree\rfour",
    "a line break at the end": "made-up\n",
    "only line breaks": "\n\n",
    "blanks around": "  made-up \t ",
    "tabs": "a\tb\n\tc",
    "PEM": PEM,
    "emoji": "👩\u200d👩\u200d👧 ünïcödé \N{COMBINING ACUTE ACCENT}",
    "unusual line ends": "a\x0cb\x0bc\x85d\u2028e\u2029f\x1cg\n",
    "what could steer a terminal": "a\x1b[31mb\x07\x7f\u202e\n",
    "markup": "[bold]made-up[/bold] [/] $primary",
    "a very long line": "x" * 4000,
    "many lines": "\n".join(map(str, range(900))),
}


def area(ui: Ui) -> SecretArea:
    return ui.app.screen.query_one(SecretArea)


# Looks


@pictured
async def test_the_editor_shows_all_of_a_parameter_but_its_value(team: MemoryStore, size: str, theme: str) -> None:
    async with running(team, size=SIZES[size], theme=theme) as ui:
        await edit(ui, "/demo-team/auth/jwt-signing-key")
        await ui.sees("JWT_SIGNING_KEY", "(as loaded)", "alias/aws/ssm", "F2  Review")
        assert area(ui).size.height >= 5
        await ui.keeps_picture(f"editor-{size}-{theme}")


@pictured
async def test_a_new_parameter_has_room_for_all_that_can_be_wrong(team: MemoryStore, size: str, theme: str) -> None:
    async with running(team, size=SIZES[size], theme=theme) as ui:
        await new(ui)
        await ui.type("DB_READ_PORT")
        await ui.press("tab")
        await paste(ui, "5432 {{ssm:x}}")
        await ui.press("f3", "tab", "tab", "right", "tab", "tab")
        await ui.type("shard=true")
        await ui.sees("(by its name)", "Parameter Store refuses as", "is close to shared=true", "AWS charges", "F2  Review")
        assert area(ui).size.height >= 5
        await ui.keeps_picture(f"editor-new-{size}-{theme}")


# An existing parameter


async def test_value_description_and_tags_are_edited_through_to_the_store() -> None:
    store = one_parameter()
    async with running(store) as ui:
        await edit(ui)
        await ui.type("made-up 2")
        await ui.press("tab", "tab", "tab", "tab")
        await ui.type("The main one")
        await ui.press("tab")
        await ui.type(" owner=backend 'team=two words'")
        await carry_out(ui)
        await ui.until(lambda: isinstance(ui.app.screen, BrowseScreen))
        assert stored(store) == "made-up 2"
        assert store._kept[NAME].about.description == "The main one"
        assert store._kept[NAME].about.type == "SecureString"
        assert store._kept[NAME].tags == {**TAGS, "owner": "backend", "team": "two words"}
        await ui.until(lambda: ui.app.session.team.entries[NAME].version == 2, "the new version read again")


async def test_nothing_is_written_where_nothing_was_changed() -> None:
    store = one_parameter("one\r\ntwo\r")
    async with running(store) as ui:
        await edit(ui)
        await ui.press("f3", "f2")
        await ui.sees("Nothing to do")
        assert "put" not in store.calls


async def test_type_and_tier_are_chosen_with_what_follows_from_them() -> None:
    store = one_parameter()
    async with running(store) as ui:
        await edit(ui)
        await ui.press("tab", "right")
        await ui.sees("(as chosen)", "It will no longer be encrypted.")
        await ui.press("tab", "right")
        await ui.sees("AWS charges for an advanced parameter", "of 8,192 bytes")
        await carry_out(ui)
        assert (store._kept[NAME].about.type, store._kept[NAME].about.tier) == ("String", "Advanced")
        await edit(ui)
        assert ui.app.screen.query_one("#tier").disabled


async def test_a_plan_that_is_left_leads_back_to_what_was_typed() -> None:
    store = one_parameter()
    async with running(store) as ui:
        await edit(ui)
        await ui.type("made-up 2")
        await ui.press("f2")
        await ui.sees("1 step.")
        await ui.press("escape")
        await ui.sees("Edit version 1", "edited")
        assert area(ui).value.reveal() == "made-up 2"
        await carry_out(ui)
        assert stored(store) == "made-up 2"


async def test_a_plan_that_is_refused_leads_back_to_what_was_typed() -> None:
    store = one_parameter()
    async with running(store) as ui:
        await edit(ui)
        await ui.type("made-up 2")
        store.refuse["tags"] = AccessDenied("not allowed to read tags", action="ssm:ListTagsForResource", resource=NAME)
        await ui.press("f2")
        await ui.sees("not allowed to read tags")
        await ui.press("escape")
        await ui.sees("Edit version 1")
        assert area(ui).value.reveal() == "made-up 2"


# A new parameter


async def new(ui: Ui) -> None:
    await ui.loaded()
    await ui.press("n")
    await ui.sees("New parameter", "bytes")


async def test_a_new_parameter_gets_the_spelling_type_and_tag_that_put_gives() -> None:
    store = one_parameter()
    async with running(store) as ui:
        await new(ui)
        await ui.sees("/demo-team/web/…")
        await ui.type("DB_URL")
        await ui.sees("/demo-team/web/db-url  →  DB_URL", "(by its name)")
        await ui.press("tab")
        await ui.type("made-up")
        await carry_out(ui)
        kept = store._kept["/demo-team/web/db-url"]
        assert stored(store, "/demo-team/web/db-url") == "made-up"
        assert (kept.about.type, kept.about.tier, kept.tags) == ("SecureString", "Standard", {"app": "web"})
        await ui.until(lambda: "/demo-team/web/db-url" in ui.app.session.team.entries)


async def test_the_type_follows_the_name_until_somebody_forces_it() -> None:
    async with running(one_parameter()) as ui:
        await new(ui)
        await ui.type("db-host")
        await ui.sees("(•) String ", "(by its name)")
        await ui.press("tab", "tab", "left")
        await ui.sees("(•) SecureString", "(as chosen)")
        await ui.press("shift+tab", "shift+tab")
        await ui.type("s-path")
        await ui.sees("db-hosts-path", "(•) SecureString", "(as chosen)")


async def test_an_app_is_suggested_from_the_team() -> None:
    async with running(one_parameter()) as ui:
        await new(ui)
        await ui.press("shift+tab", "ctrl+a", "ctrl+k")
        await ui.type("wor")
        await ui.sees("worker")
        await ui.press("right", "tab")
        await ui.type("x")
        await ui.sees("/demo-team/worker/x")


async def test_a_name_that_exists_is_refused_as_it_is_typed() -> None:
    async with running(one_parameter()) as ui:
        await new(ui)
        await ui.type("API_TOKEN")
        await ui.sees(f"{NAME} exists already")
        await ui.press("s")
        await ui.sees_no("exists already")


async def test_a_review_leads_to_what_is_still_to_be_filled_in() -> None:
    store = one_parameter()
    async with running(store) as ui:
        await new(ui)
        await ui.press("enter")
        await ui.sees("Still to be filled in: key, value.")
        await ui.type("x")
        ui.app.screen.query_one("#review", Button).press()
        await ui.sees("Still to be filled in: value.")
        assert area(ui).has_focus


async def test_a_value_that_is_too_large_is_refused_until_the_tier_holds_it() -> None:
    async with running(one_parameter()) as ui:
        await edit(ui)
        await paste(ui, "x" * 5000)
        await ui.sees("5,000 of 4,096 bytes", "choose Advanced")
        await ui.press("f2")
        assert isinstance(ui.app.screen, Editor)
        await ui.press("tab", "tab", "right")
        await ui.sees("5,000 of 8,192 bytes")
        await ui.sees_no("choose Advanced")


# Leaving


async def test_leaving_asks_only_where_something_would_be_lost() -> None:
    async with running(one_parameter()) as ui:
        await edit(ui)
        await ui.press("escape")
        await ui.until(lambda: isinstance(ui.app.screen, BrowseScreen))
        await edit(ui)
        await ui.type("x")
        await ui.press("escape")
        await ui.until(lambda: isinstance(ui.app.screen, LeaveQuestion))
        await ui.press("escape")
        await ui.until(lambda: isinstance(ui.app.screen, Editor))
        assert area(ui).value.reveal() == "x"
        await ui.press("escape", "d")
        await ui.until(lambda: isinstance(ui.app.screen, BrowseScreen))


# What is seen of a value


async def test_a_masked_value_is_nowhere_whatever_is_pressed() -> None:
    store = one_parameter(f"{SENTINEL}\n" * 9)
    async with running(store) as ui:
        await edit(ui)
        before = ui.text
        for key in ("down", "end", "right", "pagedown", "ctrl+a", "f7", "shift+right", "ctrl+c", "ctrl+x", "ctrl+v"):
            await ui.press(key)
            assert is_nowhere(ui, SENTINEL)
        assert ui.text == before
        await ui.pilot.click(SecretArea, offset=(3, 2))
        await ui.press("ctrl+c")
        assert ui.text == before
        assert ui.app.clipboard == ""
        assert area(ui).value.reveal() == f"{SENTINEL}\n" * 9
        await ui.press("f3")
        await ui.sees(SENTINEL, "Masked again after 30 s")
        await ui.press("f3")
        await ui.until(lambda: is_nowhere(ui, SENTINEL))


async def test_masked_values_look_alike_however_long_they_are() -> None:
    drawn = set()
    for value in ("a" * 400, "b\n" * 200):
        async with running(one_parameter()) as ui:
            await edit(ui)
            await paste(ui, value)
            await ui.sees("400 of 4,096 bytes")
            drawn.add((ui.text, ui.app.cursor_position))
    assert len(drawn) == 1


async def test_a_value_hides_by_itself() -> None:
    async with running(one_parameter(), preferences=Preferences(reveal_seconds=0.2)) as ui:
        await edit(ui)
        await ui.press("f3")
        await ui.until(lambda: not area(ui).is_shown and is_nowhere(ui, SENTINEL), "the mask")


async def test_a_key_prolongs_the_time_that_a_value_is_shown() -> None:
    async with running(one_parameter()) as ui:
        await edit(ui)
        await ui.press("f3")
        timer = area(ui)._glimpse._timer
        await ui.press("right")
        await ui.until(lambda: area(ui)._glimpse._timer is not timer, "a new time")
        assert area(ui).is_shown


async def test_a_value_hides_when_the_terminal_loses_focus() -> None:
    async with running(one_parameter()) as ui:
        await edit(ui)
        await ui.press("f3")
        await ui.sees(SENTINEL)
        await blur(ui)
        await ui.until(lambda: is_nowhere(ui, SENTINEL), "the mask")


async def test_a_value_hides_behind_a_question() -> None:
    async with running(one_parameter()) as ui:
        await edit(ui)
        await ui.press("f3", "x")
        await ui.sees(f"x{SENTINEL}")
        await ui.press("escape")
        await ui.sees("Leave without reviewing?")
        await ui.press("escape")
        await ui.until(lambda: isinstance(ui.app.screen, Editor))
        assert is_nowhere(ui, SENTINEL)


async def test_what_is_shown_can_be_copied() -> None:
    async with running(one_parameter()) as ui:
        await edit(ui)
        await ui.press("f3", "f7", "ctrl+c")
        await ui.hears("Copied the selection")
        assert ui.app._clipboard == SENTINEL


# Exactness


@pytest.mark.parametrize("value", AWKWARD.values(), ids=AWKWARD)
async def test_a_value_stays_as_it_is_while_the_rest_is_edited(value: str) -> None:
    store = one_parameter(value)
    async with running(store) as ui:
        await edit(ui)
        await ui.press("f3")
        await ui.until(lambda: area(ui).is_shown)
        await ui.press("end", "down", "tab", "tab", "tab", "tab")
        await ui.type("other")
        await carry_out(ui)
        assert stored(store) == value
        assert store._kept[NAME].about.description == "other"


@pytest.mark.parametrize("value", AWKWARD.values(), ids=AWKWARD)
async def test_a_value_is_stored_as_it_was_pasted_over_another(value: str) -> None:
    store = one_parameter()
    async with running(store) as ui:
        await edit(ui)
        await paste(ui, value)
        await carry_out(ui)
        assert stored(store) == value


async def test_line_breaks_that_a_terminal_pastes_as_returns_are_line_breaks() -> None:
    async with running(one_parameter()) as ui:
        await edit(ui)
        await paste(ui, "one\rtwo\r")
        assert area(ui).value.reveal() == "one\ntwo\n"


async def test_a_value_with_returns_says_so_and_keeps_them_when_another_line_is_edited() -> None:
    store = one_parameter("one\r\ntwo\r\n")
    async with running(store) as ui:
        await edit(ui)
        await ui.sees("It holds carriage returns")
        await ui.press("f3")
        await ui.sees("one␍", "two␍")
        await ui.press("down")
        await ui.type("x")
        await carry_out(ui)
        assert stored(store) == "one\r\nxtwo\r\n"


async def test_what_is_typed_over_a_masked_value_takes_its_place_and_can_be_taken_back() -> None:
    async with running(one_parameter()) as ui:
        await edit(ui)
        await ui.sees("What is typed or pasted takes its place.")
        await ui.press("end")
        await ui.type("ab")
        await ui.press("enter", "c", "backspace", "d")
        assert area(ui).value.reveal() == "ab\nd"
        await ui.sees("goes on where the cursor stood")
        while area(ui).is_edited:
            await ui.press("ctrl+z")
        assert area(ui).value.reveal() == SENTINEL


async def test_tab_leaves_the_value_as_it_is() -> None:
    async with running(one_parameter()) as ui:
        await edit(ui)
        await ui.press("f3", "tab")
        assert not area(ui).has_focus
        assert not area(ui).is_edited
