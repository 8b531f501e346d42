"""Review: a plan before anything is written, the go-ahead, progress, and what became of it."""

from __future__ import annotations

import threading
from functools import partial
from typing import TYPE_CHECKING

import pytest
from textual import events

from ssmm_core.changes import deletion, tags, transfer
from ssmm_core.errors import AccessDenied, StorageError, Unreachable
from ssmm_tui.preferences import Preferences
from ssmm_tui.screens import plan
from ssmm_tui.screens.browse import BrowseScreen
from ssmm_tui.screens.plan import PlanScreen
from tests.support.memory import MemoryStore
from tests.support.tui import SIZES, pictured, running

if TYPE_CHECKING:
    from collections.abc import Callable

    from ssmm_core.changes import Change
    from tests.support.tui import Ui

SENTINEL = "sentinel-0d17-made-up"
NAMES = tuple(f"/demo-team/web/key-{number}" for number in range(1, 7))
WRITES = {"put", "delete", "add_tags", "remove_tags", "label", "turn"}
DENIED = AccessDenied("not allowed to ssm:AddTagsToResource", action="ssm:AddTagsToResource", resource="*")


@pytest.fixture
def six() -> MemoryStore:
    """Six parameters of one app, and one of another."""
    store = MemoryStore()
    for name in NAMES:
        store.seed(name, SENTINEL, tags={"env": "prod"})
    store.seed("/demo-team/mailer/host", "mail.made-up", "String")
    return store


async def reviewed(ui: Ui, make: Callable[[], Change], shown: str = "carries it out") -> PlanScreen:
    """Bring a plan to review."""
    await ui.loaded()
    browser = ui.app.screen
    assert isinstance(browser, BrowseScreen)

    async def flow() -> None:
        await browser.review("Made up", make)

    browser.begin(flow(), "review")
    await ui.sees(shown)
    screen = ui.app.screen
    assert isinstance(screen, PlanScreen)
    return screen


def tagging(ui: Ui, names: tuple[str, ...] = NAMES) -> Callable[[], Change]:
    """A plan that adds a tag to some parameters."""
    return lambda: tags.plan(ui.app.session.access, names, add={"team": "core"}, remove=())


def deleting(ui: Ui, *names: str) -> Callable[[], Change]:
    return lambda: deletion.plan(ui.app.session.access, names)


def copying(ui: Ui) -> Callable[[], Change]:
    """A plan with a value in it."""
    return partial(lambda: transfer.plan(ui.app.session.access, {NAMES[0]: "/demo-team/mailer/key-1"}, move=False, overwrite=False))


def tagged(store: MemoryStore) -> list[str]:
    """The names that carry the new tag."""
    return [name for name in NAMES if name in store._kept and "team" in store._kept[name].tags]


# Before


@pictured
async def test_a_plan_is_shown_before_anything_is_written(team: MemoryStore, size: str, theme: str) -> None:
    async with running(team, size=SIZES[size], theme=theme) as ui:
        names = tuple(name for name in team._kept if "/web/" in name)
        await reviewed(ui, deleting(ui, *names), "nothing is left of /demo-team/web")
        await ui.sees("- /demo-team/web/cdn-endpoint", "Type 'web' and press Enter")
        await ui.keeps_picture(f"plan-{size}-{theme}")
    assert not WRITES & set(team.calls)


@pytest.mark.parametrize("key", ["escape", "q"])
async def test_leaving_writes_nothing(six: MemoryStore, key: str) -> None:
    async with running(six) as ui:
        await reviewed(ui, tagging(ui))
        await ui.press(key)
        await ui.until(lambda: isinstance(ui.app.screen, BrowseScreen))
        assert ui.app.session.last_change is None
    assert not WRITES & set(six.calls)


async def test_a_key_that_was_pressed_before_the_plan_was_seen_is_no_go_ahead(six: MemoryStore, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(plan, "LOOK_SECONDS", 0.5)
    hold = six.hold["tags"] = threading.Event()
    async with running(six) as ui:
        await reviewed(ui, tagging(ui), "Planning: reading what stands there now…")
        await ui.press("enter")
        hold.set()
        await ui.sees("Look at it first…")
        await ui.press("enter", "enter")
        await ui.sees("6 steps. Enter carries it out; Esc leaves it.")
        assert not WRITES & set(six.calls)
        await ui.press("enter")
        await ui.sees("6 done.")


async def test_what_must_be_typed_must_be_typed_right(six: MemoryStore) -> None:
    async with running(six) as ui:
        await reviewed(ui, deleting(ui, *NAMES), "Type 'web' and press Enter")
        await ui.press("enter")
        await ui.type("wen")
        await ui.press("enter")
        await ui.sees("That is not 'web'; nothing was done.")
        assert "delete" not in six.calls
        await ui.press("backspace")
        await ui.type("b")
        await ui.press("enter")
        await ui.sees("6 done. Backup in ")
    assert not [name for name in six._kept if "/web/" in name]


async def test_a_plan_with_nothing_to_do_says_so(six: MemoryStore) -> None:
    async with running(six) as ui:
        await reviewed(ui, lambda: tags.plan(ui.app.session.access, NAMES, add={"env": "prod"}, remove=()), "Nothing to do")
        await ui.press("enter")
        await ui.rests()
    assert not WRITES & set(six.calls)


async def test_a_plan_that_is_refused_says_why(six: MemoryStore) -> None:
    six.refuse["tags"] = DENIED
    async with running(six) as ui:
        await reviewed(ui, tagging(ui), "not allowed to ssm:AddTagsToResource")
        await ui.press("enter", "escape")
        await ui.until(lambda: isinstance(ui.app.screen, BrowseScreen))


# Carrying it out


@pictured
async def test_each_step_that_failed_is_named_and_a_retry_completes_it(six: MemoryStore, size: str, theme: str) -> None:
    async with running(six, size=SIZES[size], theme=theme) as ui:
        await reviewed(ui, tagging(ui))
        six.drop(NAMES[1])
        six.drop(NAMES[4])
        await ui.press("enter")
        await ui.sees("4 done, 2 failed. r plans anew for what was not done.", f"✗ ~ {NAMES[1]}", f"there is no parameter {NAMES[4]}")
        await ui.keeps_picture(f"plan-failed-{size}-{theme}")
        six.seed(NAMES[1], SENTINEL)
        six.seed(NAMES[4], SENTINEL)
        await ui.press("r")
        await ui.sees("2 steps. Enter carries it out")
        assert NAMES[0] not in ui.text
        await ui.press("enter")
        await ui.sees("2 done.")
        await ui.press("escape")
        await ui.until(lambda: isinstance(ui.app.screen, BrowseScreen))
        await ui.until(lambda: all((ui.app.session.team.entries[name].tags or {}).get("team") for name in NAMES), "all read again")
    assert tagged(six) == list(NAMES)


async def test_what_was_not_begun_when_it_was_stopped_is_said(six: MemoryStore) -> None:
    hold = six.hold["add_tags"] = threading.Event()
    async with running(six) as ui:
        screen = await reviewed(ui, tagging(ui))
        await ui.press("enter")
        await ui.sees("Carrying it out; ^x stops after the requests under way.")
        await ui.until(lambda: six.calls.count("add_tags") == 3, "three requests under way")
        await ui.press("escape", "enter")
        assert ui.app.screen is screen
        await ui.press("ctrl+x")
        await ui.sees("Stopping after the requests under way…")
        hold.set()
        await ui.sees("3 done, 3 not begun. r plans anew for what was not done.")
        assert len(tagged(six)) == 3
        await ui.press("r")
        await ui.sees("3 steps. Enter carries it out")
        await ui.press("enter")
        await ui.sees("3 done.")
    assert tagged(six) == list(NAMES)


async def test_without_a_backup_nothing_is_deleted(six: MemoryStore, monkeypatch: pytest.MonkeyPatch) -> None:
    def fails(*_arguments: object, **_named: object) -> None:
        raise StorageError("cannot write the backup: the disk is full")

    async with running(six) as ui:
        await reviewed(ui, deleting(ui, NAMES[0]))
        monkeypatch.setattr("ssmm_core.operations.backup.write", fails)
        await ui.press("enter")
        await ui.sees("Nothing was written. cannot write the backup: the disk is full")
    assert "delete" not in six.calls


# Taking it back


async def test_a_plan_can_be_taken_back_at_once(six: MemoryStore) -> None:
    async with running(six) as ui:
        await reviewed(ui, tagging(ui))
        await ui.press("enter")
        await ui.sees("6 done.", "u Undo")
        await ui.press("u")
        await ui.sees("Undo: ", "6 steps. Enter carries it out")
        assert len(tagged(six)) == 6
        await ui.press("enter")
        await ui.sees("6 done.")
    assert tagged(six) == []


async def test_the_last_plan_can_be_taken_back_from_the_browser(six: MemoryStore) -> None:
    async with running(six) as ui:
        await reviewed(ui, deleting(ui, NAMES[0]))
        await ui.press("enter")
        await ui.sees("1 done.")
        await ui.press("escape")
        await ui.until(lambda: NAMES[0] not in ui.app.session.team.entries, "its row gone")
        await ui.press("u")
        await ui.sees("Undo: ", f"+ {NAMES[0]}", "carries it out")
        await ui.press("enter")
        await ui.sees("1 done.")
        await ui.press("escape")
        await ui.until(lambda: NAMES[0] in ui.app.session.team.entries, "its row back")
    assert six._kept[NAMES[0]].tags == {"env": "prod"}


async def test_without_a_plan_before_there_is_nothing_to_take_back(six: MemoryStore) -> None:
    async with running(six) as ui:
        await ui.loaded()
        await ui.press("u")
        await ui.rests()
        assert isinstance(ui.app.screen, BrowseScreen)


# Values


async def test_values_are_shown_when_asked_for_and_hidden_by_the_same_key(six: MemoryStore) -> None:
    async with running(six, preferences=Preferences(reveal_seconds=3600)) as ui:
        await reviewed(ui, copying(ui))
        assert SENTINEL not in ui.text
        await ui.press("x")
        await ui.sees(f"after: {SENTINEL}")
        await ui.press("x")
        await ui.sees_no(SENTINEL)


async def test_values_hide_after_their_time(six: MemoryStore) -> None:
    async with running(six, preferences=Preferences(reveal_seconds=0.3)) as ui:
        await reviewed(ui, copying(ui))
        await ui.press("x")
        await ui.sees(SENTINEL)
        await ui.sees_no(SENTINEL)


@pytest.mark.parametrize("leave", ["blur", "enter", "escape"])
async def test_values_hide_when_nobody_looks_at_the_plan_any_more(six: MemoryStore, leave: str) -> None:
    async with running(six, preferences=Preferences(reveal_seconds=3600)) as ui:
        await reviewed(ui, copying(ui))
        await ui.press("x")
        await ui.sees(SENTINEL)
        if leave == "blur":
            ui.app.post_message(events.AppBlur())
        else:
            await ui.press(leave)
        await ui.sees_no(SENTINEL)
        assert ui.app.crashed is None


async def test_a_key_right_behind_the_go_ahead_does_not_end_the_account(six: MemoryStore) -> None:
    hold = six.hold["add_tags"] = threading.Event()
    async with running(six) as ui:
        screen = await reviewed(ui, tagging(ui))
        await ui.press("enter", "escape", "q")
        hold.set()
        await ui.sees("6 done")
        assert ui.app.screen is screen
        assert ui.app.session.last_change is not None


async def test_a_line_that_is_too_long_goes_on_below_itself(six: MemoryStore) -> None:
    async with running(six, size=(80, 24)) as ui:
        added = {"description-of-the-purpose": "to be seen to the end however narrow the terminal is", "team": "core"}
        await reviewed(ui, lambda: tags.plan(ui.app.session.access, NAMES[:1], add=added, remove=()))
        await ui.sees("narrow the terminal is", "tag team=core added")


async def test_enter_leaves_once_all_is_told_but_not_right_behind_the_go_ahead(six: MemoryStore, monkeypatch: pytest.MonkeyPatch) -> None:
    async with running(six) as ui:
        screen = await reviewed(ui, tagging(ui))
        monkeypatch.setattr(plan, "LOOK_SECONDS", 3600)
        await ui.press("enter", "enter")
        await ui.sees("6 done")
        await ui.press("enter")
        await ui.rests()
        assert ui.app.screen is screen
        monkeypatch.setattr(plan, "LOOK_SECONDS", 0)
        await ui.press("enter")
        await ui.until(lambda: isinstance(ui.app.screen, BrowseScreen))


async def test_undo_after_a_retry_takes_back_all_of_the_plan(six: MemoryStore) -> None:
    async with running(six) as ui:
        await reviewed(ui, tagging(ui))
        six.drop(NAMES[1])
        await ui.press("enter")
        await ui.sees("5 done, 1 failed.")
        six.seed(NAMES[1], SENTINEL)
        await ui.press("r")
        await ui.sees("1 step. Enter carries it out")
        await ui.press("enter")
        await ui.sees("1 done.")
        await ui.press("u")
        await ui.sees("6 steps. Enter carries it out")
        await ui.press("enter")
        await ui.sees("6 done.")
    assert tagged(six) == []


async def test_a_plan_that_was_refused_whole_leaves_the_one_before_to_be_taken_back(six: MemoryStore) -> None:
    async with running(six) as ui:
        await reviewed(ui, tagging(ui, NAMES[:2]))
        await ui.press("enter")
        await ui.sees("2 done.")
        await ui.press("escape")
        before = ui.app.session.last_change
        await reviewed(ui, tagging(ui, NAMES[2:3]))
        six.refuse["add_tags"] = DENIED
        await ui.press("enter")
        await ui.sees("1 failed.")
        assert ui.app.session.last_change is before


async def test_a_plan_that_another_screen_covers_is_looked_at_anew(six: MemoryStore, monkeypatch: pytest.MonkeyPatch) -> None:
    async with running(six) as ui:
        screen = await reviewed(ui, tagging(ui))
        await ui.press("ctrl+p")
        await ui.until(lambda: ui.app.screen is not screen)
        monkeypatch.setattr(plan, "LOOK_SECONDS", 3600)
        await ui.press("escape")
        await ui.sees("Look at it first…")
        await ui.press("enter")
        await ui.rests()
    assert not WRITES & set(six.calls)


async def test_enter_does_not_leave_what_failed(six: MemoryStore) -> None:
    six.refuse["add_tags"] = DENIED
    async with running(six) as ui:
        screen = await reviewed(ui, tagging(ui))
        await ui.press("enter")
        await ui.sees("6 failed")
        await ui.rests()
        await ui.press("enter")
        await ui.rests()
        assert ui.app.screen is screen


async def test_a_key_that_is_held_down_is_no_go_ahead(six: MemoryStore, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(plan, "LOOK_SECONDS", 0.3)
    async with running(six) as ui:
        await reviewed(ui, tagging(ui), "Look at it first…")
        for _ in range(30):  # a repeated key comes about every 30 ms
            await ui.press("enter")
            await ui.pilot.pause(0.03)
        assert not WRITES & set(six.calls)
        await ui.sees("Enter carries it out")


async def test_a_retry_that_cannot_be_planned_now_can_be_tried_again(six: MemoryStore) -> None:
    async with running(six) as ui:
        await reviewed(ui, tagging(ui))
        six.drop(NAMES[1])
        await ui.press("enter")
        await ui.sees("5 done, 1 failed.")
        six.refuse["tags"] = Unreachable("cannot reach Parameter Store")
        await ui.press("r")
        await ui.sees("5 done, 1 failed. Nothing new was planned: cannot reach Parameter Store")
        six.refuse.clear()
        six.seed(NAMES[1], SENTINEL)
        await ui.press("r")
        await ui.sees("1 step. Enter carries it out")
        await ui.press("enter")
        await ui.sees("1 done.")
