"""Copying and moving: the names to be are shown while the target is typed, and refused where they cannot be."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from ssmm_tui.screens.transfer import TransferQuestion
from tests.support.tui import SIZES, pictured, running

if TYPE_CHECKING:
    from tests.support.memory import MemoryStore
    from tests.support.tui import Ui

JWT, PEPPER = "/demo-team/auth/jwt-signing-key", "/demo-team/auth/password-pepper"
HOST, WEB_HOST = "/demo-team/auth/db-host", "/demo-team/web/db-host"


def value(team: MemoryStore, name: str) -> str | None:
    found = team.get([name], decrypt=True, budget=team.budget())
    return found[name].value.reveal() if name in found and found[name].value is not None else None


async def ask(ui: Ui, *names: str) -> None:
    """Mark parameters and press the key that transfers them."""
    await ui.mark(*names)
    await ui.press("m")
    await ui.sees("Copy or move")


@pictured
async def test_the_names_to_be_are_shown_ten_of_them_and_the_count(team: MemoryStore, size: str, theme: str) -> None:
    async with running(team, size=SIZES[size], theme=theme) as ui:
        await ui.loaded()
        auth = [name for name in ui.app.session.team.entries if name.startswith("/demo-team/auth/")]
        await ask(ui, *auth)
        await ui.type("we")
        await ui.sees("completes: web")
        await ui.press("right")
        await ui.sees("15 names, 10 of which stand already; the first 10:")
        await ui.sees("+ /demo-team/web/database-url", "! /demo-team/web/db-host  stands already")
        await ui.keeps_picture(f"transfer-{size}-{theme}")


async def test_a_copy_leaves_the_source(team: MemoryStore) -> None:
    async with running(team) as ui:
        await ask(ui, JWT)
        await ui.type("billing-api")
        await ui.carry_out()
    assert value(team, "/demo-team/billing-api/jwt-signing-key") == value(team, JWT) == "made-up-jwt-key-000000000000000000001"
    assert team.tags("/demo-team/billing-api/jwt-signing-key", budget=team.budget())["app"] == "billing-api"


async def test_a_move_to_an_app_of_another_team_takes_the_source_away(team: MemoryStore) -> None:
    async with running(team) as ui:
        await ask(ui, JWT, PEPPER)
        await ui.press("shift+tab", "space", "tab")
        await ui.type("/other-team/login")
        await ui.sees("2 names", "+ /other-team/login/jwt-signing-key")
        await ui.press("f2")
        await ui.sees("carries it out")
        await ui.press("enter")
        await ui.sees("done")
        await ui.press("escape")
        await ui.until(lambda: JWT not in ui.app.session.team.entries, "the browser to know of it")
    assert value(team, "/other-team/login/password-pepper") == "made-up-pepper-0000000000000000001"
    assert (value(team, JWT), value(team, PEPPER)) == (None, None)


@pytest.mark.parametrize(
    ("names", "to", "reason"),
    [
        ((JWT,), "", "Name the app that they go to"),
        ((JWT,), "auth", f"{JWT} is there already"),
        ((HOST, WEB_HOST), "mailer", f"{HOST} and {WEB_HOST} would both be"),
        ((JWT,), "my app", "'my app' is neither an app nor a path"),
        ((JWT,), "/aws/app", "is reserved by AWS"),
    ],
)
async def test_a_target_that_cannot_be_is_refused_with_the_reason(team: MemoryStore, names: tuple[str, ...], to: str, reason: str) -> None:
    async with running(team) as ui:
        await ask(ui, *names)
        await ui.type(to)
        await ui.press("enter")
        await ui.sees(*reason.split(" and "))
        assert isinstance(ui.app.screen, TransferQuestion)
    assert "put" not in team.calls


async def test_something_else_at_the_target_stops_the_plan_and_the_question_comes_back_as_it_was(team: MemoryStore) -> None:
    team.seed("/demo-team/web/jwt-signing-key", "another")
    async with running(team) as ui:
        await ask(ui, JWT)
        await ui.type("web")
        await ui.press("enter")
        await ui.sees("something else stands at /demo-team/web/jwt-signing-key")
        await ui.press("escape")
        await ui.sees("Copy or move", "1 name, 1 of which stands already")
        await ui.press("tab", "space")
        await ui.sees("(•) Replace it")
        await ui.carry_out()
    assert value(team, "/demo-team/web/jwt-signing-key") == "made-up-jwt-key-000000000000000000001"


async def test_turning_away_writes_nothing(team: MemoryStore) -> None:
    async with running(team) as ui:
        await ask(ui, JWT)
        await ui.type("web")
        await ui.press("escape")
        await ui.sees_no("Copy or move")
    assert "put" not in team.calls
