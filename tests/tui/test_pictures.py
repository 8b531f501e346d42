"""How the rest looks: what a person meets beside the rows."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from ssmm_core.errors import AccessDenied, CredentialsMissing
from ssmm_tui.screens.browse import BrowseScreen
from ssmm_tui.widgets.detail import DetailPane
from tests.support.tui import SIZES, THEMES, running

if TYPE_CHECKING:
    from ssmm_tui.session import Connected
    from tests.support.memory import MemoryStore
    from tests.support.tui import Ui

KEY = "/demo-team/billing-api/payment-api-key"
pytestmark = [
    pytest.mark.parametrize("theme", THEMES),
    pytest.mark.parametrize("size", SIZES),
]


async def at(ui: Ui, name: str, tab: str) -> BrowseScreen:
    """The browser on a parameter, with one of its tabs open."""
    await ui.loaded()
    browser = ui.app.screen
    assert isinstance(browser, BrowseScreen)
    browser.go_to(name)
    await browser.query_one(DetailPane).open(tab)
    await ui.rests()
    return browser


async def test_help(team: MemoryStore, size: str, theme: str) -> None:
    async with running(team, size=SIZES[size], theme=theme) as ui:
        await ui.loaded()
        await ui.press("question_mark")
        await ui.sees("Everywhere", "all keys, and what they do  [help]")
        await ui.keeps_picture(f"help-{size}-{theme}")
        await ui.press("end")
        await ui.sees("Signs", "not read yet")
        await ui.keeps_picture(f"help-end-{size}-{theme}")


async def test_problem(team: MemoryStore, size: str, theme: str) -> None:
    def connecting() -> Connected:
        raise CredentialsMissing(
            "no AWS credentials were found",
            hint="Log in (aws sso login), set AWS_PROFILE or pass --profile, or give the machine a role.",
        )

    async with running(None, size=SIZES[size], theme=theme, connect=connecting) as ui:
        await ui.sees("Could not connect")
        await ui.keeps_picture(f"problem-{size}-{theme}")


async def test_denied(team: MemoryStore, size: str, theme: str) -> None:
    denied = AccessDenied(
        "not allowed to ssm:GetParametersByPath on /demo-team",
        action="ssm:GetParametersByPath",
        resource="*",
        hint="An IAM statement that allows it: "
        '{"Effect": "Allow", "Action": "ssm:GetParametersByPath", "Resource": "arn:aws:ssm:eu-central-1:*:parameter/demo-team/*"}',
    )
    team.refuse |= {"describe": denied, "walk": denied}
    async with running(team, size=SIZES[size], theme=theme) as ui:
        await ui.sees("Could not read", "An IAM statement", " · ada")
        await ui.rests()
        await ui.keeps_picture(f"denied-{size}-{theme}")


async def test_columns(team: MemoryStore, size: str, theme: str) -> None:
    async with running(team, size=SIZES[size], theme=theme) as ui:
        await ui.loaded()
        await ui.press("c", "j", "j", "space", "s")
        await ui.sees("[ ] Value", "sorted")
        await ui.keeps_picture(f"columns-{size}-{theme}")
        await ui.press("enter")
        await ui.sees_no("Space shows or hides")
        browser = ui.app.screen
        assert isinstance(browser, BrowseScreen)
        assert "value" not in {column.id for column in browser.table.columns}
        assert browser.table.order.column == "value"


@pytest.mark.parametrize("tab", ["tags", "history", "layers", "metadata"])
async def test_detail(team: MemoryStore, size: str, theme: str, tab: str) -> None:
    async with running(team, size=SIZES[size], theme=theme) as ui:
        await at(ui, KEY, tab)
        await ui.keeps_picture(f"detail-{tab}-{size}-{theme}")


async def test_finding(team: MemoryStore, size: str, theme: str) -> None:
    async with running(team, size=SIZES[size], theme=theme) as ui:
        await at(ui, "/demo-team/reports/slack-token", "value")
        await ui.sees("store it as a SecureString")
        await ui.keeps_picture(f"detail-finding-{size}-{theme}")


async def test_a_team_without_parameters(team: MemoryStore, size: str, theme: str) -> None:
    async with running(team, root="/nobody", size=SIZES[size], theme=theme) as ui:
        await ui.loaded()
        await ui.sees("Nothing is stored below /nobody yet.")
        await ui.keeps_picture(f"empty-{size}-{theme}")


async def test_a_filter_that_nothing_matches(team: MemoryStore, size: str, theme: str) -> None:
    async with running(team, size=SIZES[size], theme=theme) as ui:
        await ui.loaded()
        await ui.press("slash")
        await ui.type("app:web nowhere")
        await ui.sees("Nothing matches. Esc clears the filter.", "0 of 122")
        await ui.keeps_picture(f"no-match-{size}-{theme}")


async def test_a_filter_that_is_wrong(team: MemoryStore, size: str, theme: str) -> None:
    async with running(team, size=SIZES[size], theme=theme) as ui:
        await ui.loaded()
        await ui.press("slash")
        await ui.type("modified:>soon type:made-up")
        await ui.rests()
        await ui.keeps_picture(f"filter-wrong-{size}-{theme}")
