"""What a person sees and does while rows are still being read."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING, Any

from ssmm_tui.screens.base import Written
from ssmm_tui.screens.browse import BrowseScreen
from tests.support.memory import MemoryStore, large_store
from tests.support.tui import running

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ssmm_core.models import ParameterMetadata
    from tests.support.tui import Ui


def browser_of(ui: Ui) -> BrowseScreen:
    assert isinstance(ui.app.screen, BrowseScreen)
    return ui.app.screen


class Halting(MemoryStore):
    """Describes the first hundred, and the rest once it may go on."""

    def __init__(self) -> None:
        super().__init__()
        self.go_on = threading.Event()

    def describe(self, **asked: Any) -> Iterator[ParameterMetadata]:
        for number, found in enumerate(super().describe(**asked)):
            assert number != 100 or self.go_on.wait(30)
            yield found


async def test_the_cursor_stays_at_the_top_while_names_come_in_before_it() -> None:
    store = Halting()
    for number in reversed(range(200)):
        store.seed(f"/demo-team/web/key-{number:03}", "made-up")
    async with running(store) as ui:
        await ui.sees("web/key-150", "reading: 50 names")
        store.go_on.set()
        await ui.loaded()
        await ui.sees("web/key-000")
        assert browser_of(ui).table.cursor == 0


async def test_a_cursor_that_was_moved_follows_its_parameter() -> None:
    store = MemoryStore()
    for number in reversed(range(200)):
        store.seed(f"/demo-team/web/key-{number:03}", "made-up")
    async with running(store) as ui:
        await ui.loaded()
        await ui.press("j", "j")
        store.seed("/demo-team/a/first", "made-up")
        await ui.press("ctrl+r")
        await ui.sees("a/first")
        await ui.loaded()
        entry = browser_of(ui).entry
        assert entry is not None
        assert entry.name == "/demo-team/web/key-002"


async def test_rows_that_were_scrolled_by_while_others_were_read_are_filled_too() -> None:
    store = MemoryStore()
    for number in range(200):
        store.seed(f"/demo-team/app-{number:03}/db-host", f"host{number}", "String")
    hold = store.hold["get"] = threading.Event()
    async with running(store) as ui:
        await ui.loaded()
        await ui.until(lambda: "get" in store.calls, "the first rows' values asked for")
        before = store.calls.count("get")
        await ui.press("G")
        await ui.until(lambda: store.calls.count("get") > before, "the last rows' values asked for")
        hold.set()
        await ui.sees("host199")
        read = store.calls.count("get")
        await ui.press("g")
        await ui.sees("host0 ", "host1 ")
        assert store.calls.count("get") == read


async def test_keys_work_while_tags_are_still_read() -> None:
    store = large_store(apps=4)
    hold = store.hold["all_tags"] = threading.Event()
    async with running(store, root="/large") as ui:
        await ui.sees("reading tags: 200 names")
        await ui.press("slash")
        await ui.type("app-002 key-07")
        await ui.sees("1 of 200")
        await ui.press("enter", "space")
        assert ui.app.session.team.marked == {"/large/app-002/key-07"}
        hold.set()
        await ui.loaded()
        await ui.sees_no("reading tags")


async def test_what_was_written_while_all_is_read_again_is_not_undone_by_older_news() -> None:
    store = Halting()
    for number in range(200):
        store.seed(f"/demo-team/web/key-{number:03}", "made-up")
    store.go_on.set()
    async with running(store) as ui:
        await ui.loaded()
        store.go_on.clear()
        await ui.press("ctrl+r")
        await ui.until(lambda: ui.app.session.loading, "reading again")
        await ui.press("d")
        await ui.sees("carries it out")
        await ui.press("enter")
        await ui.sees("1 done")
        store.seed("/demo-team/web/brand-new", "made-up")
        store.go_on.set()  # the refresh needs it, too; the listing began before
        await ui.press("escape")
        browser_of(ui).post_message(Written(frozenset({"/demo-team/web/brand-new"})))
        await ui.loaded()
        await ui.until(lambda: "/demo-team/web/brand-new" in ui.app.session.team.entries, "the created row")
        assert "/demo-team/web/key-000" not in ui.app.session.team.entries
        assert len(ui.app.session.team.entries) == 200
