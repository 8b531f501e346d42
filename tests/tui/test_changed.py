"""Somebody else changed a parameter while it was edited."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ssmm_tui.preferences import Preferences
from ssmm_tui.screens.browse import BrowseScreen
from ssmm_tui.screens.changed import ChangedQuestion
from ssmm_tui.screens.editor import Editor
from ssmm_tui.widgets.secret_area import SecretArea
from tests.support.tui import SIZES, pictured, running
from tests.tui.editing import NAME, SENTINEL, TAGS, blur, carry_out, edit, is_nowhere, one_parameter, stored

if TYPE_CHECKING:
    from tests.support.memory import MemoryStore
    from tests.support.tui import Ui

THEIRS = "theirs-made-up"
MINE = "mine-made-up"


async def collide(ui: Ui, store: MemoryStore) -> None:
    """Edit value and description while somebody writes another value and adds a tag, and ask for a review."""
    await edit(ui)
    await ui.type(MINE)
    await ui.press("tab", "tab", "tab", "tab")
    await ui.type("The main one")
    store.seed(NAME, THEIRS, tags={**TAGS, "owner": "them"})
    await ui.press("f2")
    await ui.until(lambda: isinstance(ui.app.screen, ChangedQuestion))
    await ui.sees("It changed while you edited it")


@pictured
async def test_what_changed_is_told_field_by_field_without_a_value(size: str, theme: str) -> None:
    store = one_parameter()
    async with running(store, size=SIZES[size], theme=theme) as ui:
        await collide(ui, store)
        await ui.sees("Version 2 stands now", "Same in all three: Type, Tier, KMS key.", "drops your Value, Description.")
        assert rows(ui, "Value") == [("loaded (v1)", "********"), ("now (v2)", "differs", "********"), ("yours", "differs", "********")]
        assert rows(ui, "Description") == [("loaded (v1)", "none"), ("now (v2)", "same"), ("yours", "differs", "The main one")]
        assert rows(ui, "Tags") == [
            ("loaded (v1)", "app=web env=prod"),
            ("now (v2)", "differs", "app=web env=prod owner=them"),
            ("yours", "same"),
        ]
        await ui.sees("r  Reload", "k  Keep mine", "Esc  Back")
        assert is_nowhere(ui, SENTINEL, THEIRS, MINE)
        await ui.keeps_picture(f"changed-{size}-{theme}")


def rows(ui: Ui, field: str) -> list[tuple[str, ...]]:
    """The three lines below a field's title."""
    lines = [line.split("│")[1].strip() for line in ui.text.splitlines() if line.count("│") > 1]
    at = lines.index(field)
    return [tuple(part.strip() for part in line.split("  ") if part.strip()) for line in lines[at + 1 : at + 4]]


async def test_keeping_mine_plans_it_upon_what_stands_now() -> None:
    store = one_parameter()
    async with running(store) as ui:
        await collide(ui, store)
        await ui.press("k")
        await ui.sees("1 step.", "value, description")
        assert stored(store) == THEIRS
        await ui.press("enter")
        await ui.sees("1 done.")
        kept = store._kept[NAME]
        assert (stored(store), kept.about.version, kept.about.description) == (MINE, 3, "The main one")
        assert kept.tags == {**TAGS, "owner": "them"}


async def test_reloading_starts_again_from_what_stands_now() -> None:
    store = one_parameter()
    async with running(store) as ui:
        await collide(ui, store)
        await ui.press("r")
        await ui.sees("Edit version 2", "env=prod owner=them")
        assert ui.app.screen.query_one(SecretArea).value.reveal() == THEIRS
        await ui.type("later")
        await carry_out(ui)
        assert (stored(store), store._kept[NAME].about.description) == ("later", "")


async def test_turning_away_leads_back_to_what_was_typed() -> None:
    store = one_parameter()
    async with running(store) as ui:
        await collide(ui, store)
        await ui.press("escape")
        await ui.sees("Edit version 1", "The main one")
        assert ui.app.screen.query_one(SecretArea).value.reveal() == MINE
        await ui.press("f2")
        await ui.sees("It changed while you edited it")
        assert stored(store) == THEIRS


async def test_tags_alone_that_changed_are_told_too() -> None:
    store = one_parameter()
    async with running(store) as ui:
        await edit(ui)
        await ui.type(MINE)
        store._kept[NAME].tags["env"] = "test"
        await ui.press("f2")
        await ui.sees("It changed while you edited it", "Version 1 stands now")
        assert rows(ui, "Tags")[1] == ("now (v1)", "differs", "app=web env=test")


async def test_what_was_deleted_meanwhile_can_be_created_anew() -> None:
    store = one_parameter()
    async with running(store) as ui:
        await edit(ui)
        await ui.type(MINE)
        store.drop(NAME)
        await ui.press("f2")
        await ui.sees("New parameter", "API_TOKEN")
        await ui.until(lambda: NAME not in ui.app.session.team.entries)
        await carry_out(ui)
        await ui.until(lambda: isinstance(ui.app.screen, BrowseScreen))
        assert (stored(store), store._kept[NAME].tags) == (MINE, TAGS)


async def test_values_are_shown_when_asked_for_and_masked_by_the_same_key() -> None:
    store = one_parameter()
    async with running(store) as ui:
        await collide(ui, store)
        await ui.press("x")
        await ui.sees(SENTINEL, THEIRS, MINE)
        await ui.press("x")
        await ui.until(lambda: is_nowhere(ui, SENTINEL, THEIRS, MINE))


async def test_shown_values_hide_by_themselves() -> None:
    store = one_parameter()
    async with running(store, preferences=Preferences(reveal_seconds=0.2)) as ui:
        await collide(ui, store)
        await ui.press("x")
        await ui.until(lambda: is_nowhere(ui, SENTINEL, THEIRS, MINE))


async def test_shown_values_hide_when_the_terminal_loses_focus() -> None:
    store = one_parameter()
    async with running(store) as ui:
        await collide(ui, store)
        await ui.press("x")
        await ui.sees(THEIRS)
        await blur(ui)
        await ui.until(lambda: is_nowhere(ui, SENTINEL, THEIRS, MINE))


async def test_the_answers_can_be_clicked() -> None:
    store = one_parameter()
    async with running(store) as ui:
        await collide(ui, store)
        await ui.pilot.click("#show")
        await ui.sees(THEIRS)
        await ui.pilot.click("#back")
        await ui.until(lambda: isinstance(ui.app.screen, Editor))
        await ui.press("f2")
        await ui.until(lambda: isinstance(ui.app.screen, ChangedQuestion))
        await ui.pilot.pause()
        await ui.pilot.click("#keep")
        await ui.sees("1 step.")
