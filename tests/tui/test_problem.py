"""Where nothing can be read: what is missing, how to mend it, and a way to try again."""

from __future__ import annotations

import os
import socket
import threading
from functools import partial
from typing import TYPE_CHECKING

import pytest

from ssmm_core import settings
from ssmm_core.errors import AccessDenied, CredentialsMissing, CredentialsRejected, SettingsError, SsmmError, Unreachable
from ssmm_core.settings import Settings
from ssmm_tui.__main__ import _parser, connect
from ssmm_tui.screens.browse import BrowseScreen
from ssmm_tui.screens.problem import ProblemScreen
from ssmm_tui.session import Connected
from ssmm_tui.widgets.detail import DetailPane
from tests.support.memory import MemoryStore
from tests.support.tui import running

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.support.tui import Ui

CONNECTING = [
    CredentialsMissing("no AWS credentials were found", hint="Log in with `aws sso login`."),
    SettingsError("no AWS region is set", hint="Pass --region, or set AWS_REGION."),
    SettingsError("the endpoint 'made up' is not a URL", hint="Write it as https://host:port."),
]
DENIED = AccessDenied("not allowed to ssm:DescribeParameters on *", action="ssm:DescribeParameters", resource="*", hint="Allow it.")
READING = [
    Unreachable("cannot reach https://ssm.eu-nowhere-1.amazonaws.com", hint="Check the region and the network."),
    CredentialsRejected("AWS rejected the credentials (ExpiredToken)", hint="They have expired: log in again, or renew them."),
    CredentialsMissing("no AWS credentials were found", hint="Log in with `aws sso login`."),
    DENIED,
]


class Connecting:
    """Connects to a store, unless something is still in the way."""

    def __init__(self, store: MemoryStore, trouble: SsmmError | None = None) -> None:
        self._store = store
        self.trouble = trouble
        self.times = 0

    def __call__(self) -> Connected:
        self.times += 1
        if self.trouble is not None:
            raise self.trouble
        return Connected(self._store, Settings(prefix="/demo-team", write_rate=None))


def name_of(error: SsmmError) -> str:
    return type(error).__name__


async def problem(ui: Ui) -> ProblemScreen:
    await ui.until(lambda: isinstance(ui.app.screen, ProblemScreen), "the problem")
    await ui.pilot.pause()
    assert isinstance(ui.app.screen, ProblemScreen)
    return ui.app.screen


async def has_left(ui: Ui) -> None:
    await ui.until(lambda: ui.app._exit, "the end")
    assert ui.app.crashed is None
    assert ui.app.return_code in (None, 0)


# Connecting


@pytest.mark.parametrize("trouble", CONNECTING, ids=name_of)
async def test_what_stops_connecting_is_told_and_r_tries_again(team: MemoryStore, trouble: SsmmError) -> None:
    connecting = Connecting(team, trouble)
    async with running(None, connect=connecting) as ui:
        await problem(ui)
        await ui.sees("Could not connect", trouble.message, trouble.hint, "r  Retry", "q  Quit")
        await ui.press("r")
        await ui.until(lambda: connecting.times == 2 and isinstance(ui.app.screen, ProblemScreen), "the same again")
        connecting.trouble = None
        await ui.press("r")
        await ui.loaded()
        await ui.sees("auth/database-url")
        assert isinstance(ui.app.screen, BrowseScreen)


@pytest.mark.parametrize("key", ["q", "escape"])
async def test_one_can_leave(team: MemoryStore, key: str) -> None:
    async with running(None, connect=Connecting(team, CONNECTING[0])) as ui:
        await problem(ui)
        await ui.press(key)
        await has_left(ui)


async def test_the_buttons_do_the_same(team: MemoryStore) -> None:
    connecting = Connecting(team, CONNECTING[0])
    async with running(None, connect=connecting) as ui:
        await problem(ui)
        await ui.pilot.click("#retry")
        await ui.until(lambda: connecting.times == 2 and isinstance(ui.app.screen, ProblemScreen), "the same again")
        await ui.pilot.click("#leave")
        await has_left(ui)


# Reading


@pytest.mark.parametrize("trouble", READING, ids=name_of)
async def test_what_stops_reading_is_told_and_r_connects_anew(team: MemoryStore, trouble: SsmmError) -> None:
    connecting = Connecting(team)
    team.refuse |= {"describe": trouble, "walk": trouble}
    async with running(None, connect=connecting) as ui:
        await problem(ui)
        await ui.sees("Could not read what is below /demo-team", trouble.message, trouble.hint)
        team.refuse.clear()
        await ui.press("r")
        await ui.loaded()
        await ui.sees("auth/database-url")
        assert connecting.times == 2  # credentials that were renewed meanwhile are looked up again


async def test_a_listing_that_breaks_off_while_it_is_read_again_keeps_what_was_known(team: MemoryStore) -> None:
    async with running(team) as ui:
        await ui.loaded()
        team.refuse |= {"describe": READING[0]}
        await ui.press("ctrl+r")
        await ui.hears("Could not read what is below /demo-team", READING[0].message)
        await ui.sees("may be outdated, ^r tries again: could not read what is below /demo-team")
        assert isinstance(ui.app.screen, BrowseScreen)
        assert len(ui.app.session.team.entries) == 122
        team.refuse.clear()
        await ui.press("ctrl+r")
        await ui.until(lambda: ui.app.session.names_are_whole, "all names")
        await ui.loaded()
        await ui.sees_no("outdated")


async def test_a_listing_that_breaks_off_is_read_again_with_credentials_of_then(team: MemoryStore) -> None:
    connecting = Connecting(team)
    async with running(None, connect=connecting) as ui:
        await ui.loaded()
        team.refuse |= {"describe": READING[0]}
        await ui.press("ctrl+r")
        await ui.hears("Could not read")
        team.refuse.clear()
        await ui.press("ctrl+r")
        await ui.until(lambda: connecting.times == 2 and ui.app.session.names_are_whole, "a new connection")


async def test_a_listing_that_breaks_off_under_a_question_leaves_it_alone() -> None:
    store = MemoryStore()  # nothing is known that could be shown instead
    hold = store.hold["describe"] = threading.Event()
    async with running(store) as ui:
        await ui.until(lambda: "describe" in store.calls, "reading")
        await ui.press("n")
        await ui.sees("New parameter")
        store.refuse |= {"describe": READING[0], "walk": READING[0]}
        hold.set()
        await ui.hears("Could not read")
        await ui.press("escape")
        await ui.sees("Nothing is known yet: could not read what is below /demo-team", "^r tries again")


@pytest.mark.parametrize("key", ["1", "2", "3", "ctrl+r", "question_mark", "x", "y", "n", "d", "slash", "u", "ctrl+p"])
async def test_other_keys_do_nothing_meanwhile(team: MemoryStore, key: str) -> None:
    async with running(None, connect=Connecting(team, CONNECTING[0])) as ui:
        before = await problem(ui)
        await ui.press(key)
        await ui.rests()
        assert ui.app.screen is before or key == "ctrl+p"
        assert ui.app.crashed is None


# Less than all


async def test_without_the_right_to_describe_names_are_walked_and_the_status_line_says_what_is_missing(team: MemoryStore) -> None:
    team.refuse["describe"] = DENIED
    async with running(team) as ui:
        await ui.loaded()
        await ui.sees("auth/database-url", "descriptions, tiers, keys and authors are not known", "ssm:DescribeParameters")
        assert len(ui.app.session.team.entries) == 122
        assert "walk" in team.calls
        assert "walk decrypted" not in team.calls


async def test_without_the_tagging_api_tags_are_read_for_the_rows_in_sight_only(team: MemoryStore) -> None:
    team.refuse["all_tags"] = AccessDenied("not allowed to tag:GetResources on *", action="tag:GetResources", resource="*")
    async with running(team, size=(140, 20)) as ui:
        await ui.loaded()
        await ui.sees("tags could not be read all at once", "env=prod owner=")
        browser = ui.app.screen
        assert isinstance(browser, BrowseScreen)
        in_sight = len(browser.table.rows_in_sight)
        assert team.calls.count("tags") == in_sight
        assert 5 < in_sight < 61
        await ui.press("G")
        await ui.until(lambda: browser.entry is not None and browser.entry.tags is not None, "the last row's tags")
        assert team.calls.count("tags") == 2 * in_sight


async def test_without_the_right_to_a_history_its_tab_says_so(team: MemoryStore) -> None:
    team.refuse["history"] = AccessDenied("not allowed to ssm:GetParameterHistory", action="ssm:GetParameterHistory", resource="*")
    async with running(team) as ui:
        await ui.loaded()
        await ui.app.screen.query_one(DetailPane).open("history")
        await ui.sees("not allowed to ssm:GetParameterHistory")
        assert "reading…" not in ui.text


async def test_who_it_is_may_be_unknown(team: MemoryStore) -> None:
    team.refuse["account"] = AccessDenied("not allowed", action="sts:GetCallerIdentity", resource="*")
    async with running(team) as ui:
        await ui.loaded()
        await ui.sees("/demo-team · eu-central-1")
        assert ui.told == ""


# The real thing


def really(*flags: str) -> Callable[[], Connected]:
    """What `ssmm-tui` with these flags connects with."""
    options = _parser().parse_args(["--prefix", "/myteam", *flags])
    return partial(connect, options, settings.load(vars(options), os.environ))


async def test_a_port_where_nobody_listens(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "made-up")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "made-up-too")
    monkeypatch.setattr("ssmm_core.store.retry.FIRST_WAIT", 0.001)
    with socket.socket() as closed:
        closed.bind(("127.0.0.1", 0))  # taken, and no one listens
        url = f"http://127.0.0.1:{closed.getsockname()[1]}"
        flags = ("--region", "eu-central-1", "--endpoint-url", url)
        async with running(None, root="/myteam", connect=really(*flags)) as ui:
            await problem(ui)
            await ui.sees("Could not", url)
            await ui.press("q")
            await has_left(ui)


async def test_an_emulator_without_credentials(moto_server: object) -> None:
    url = moto_server.url  # type: ignore[attr-defined]
    flags = ("--region", "eu-central-1", "--endpoint-url", url)
    async with running(None, root="/myteam", connect=really(*flags)) as ui:
        await problem(ui)
        await ui.sees("credentials")


@pytest.mark.parametrize(
    ("flags", "told"), [((), "region"), (("--region", "eu-central-1", "--endpoint-url", "made up"), "made up")], ids=["region", "endpoint"]
)
async def test_settings_that_lead_nowhere(flags: tuple[str, ...], told: str) -> None:
    async with running(None, root="/myteam", connect=really(*flags)) as ui:
        await problem(ui)
        await ui.sees("Could not connect", told, "r  Retry")
