"""Promotion: several parameters become one shared one, with what that means for each app told before."""

from __future__ import annotations

import json
import os
import re
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from ssmm_core.promotion import Impact
from ssmm_tui.screens.duplicates import DuplicatesScreen
from ssmm_tui.screens.plan import PlanScreen
from ssmm_tui.screens.promote import PromoteQuestion
from ssmm_tui.widgets.candidates import Candidates
from ssmm_tui.widgets.impact_table import layout, rows, summary
from tests.support.tui import SIZES, pictured, running

if TYPE_CHECKING:
    from tests.support.memory import MemoryStore
    from tests.support.tui import Ui

ROOT = "/demo-team"
APPS = ("billing-worker", "mailer", "reports", "support-bot")
TOKENS = {f"{ROOT}/{app}/slack-token" for app in APPS}
SHARED = f"{ROOT}/shared/slack-token"
TOKEN = "made-up-slack-token-0000-copied-by-hand"


async def asked(ui: Ui, filter_text: str = "key:slack-token", question: str = "Promote SLACK_TOKEN") -> PromoteQuestion:
    """Filter down to one group by key, and promote it."""
    await ui.loaded()
    await ui.press("2", "slash")
    await ui.type(filter_text)
    await ui.press("enter", "p")
    await ui.sees(question)
    assert isinstance(ui.app.screen, PromoteQuestion)
    return ui.app.screen


async def reviewed(ui: Ui) -> PlanScreen:
    await ui.press("f2")
    await ui.sees("leaves it.")
    assert isinstance(ui.app.screen, PlanScreen)
    return ui.app.screen


async def typed(ui: Ui, text: str) -> None:
    await ui.press(*("space" if char == " " else "underscore" if char == "_" else char for char in text), "enter")


def value(team: MemoryStore, name: str) -> str | None:
    found = team.get([name], decrypt=True, budget=team.budget()).get(name)
    return found.value.reveal() if found is not None and found.value is not None else None


def standing(team: MemoryStore) -> dict[str, str | None]:
    return {name: value(team, name) for name in (*sorted(TOKENS), SHARED)}


def column(ui: Ui, mark: str) -> list[str]:
    """The parameters of the question that have a mark."""
    return re.findall(rf"{re.escape(mark)}.*? (\S+/\S+)", ui.text)


@pictured
async def test_the_question_takes_all_and_proposes_a_source(team: MemoryStore, size: str, theme: str) -> None:
    async with running(team, size=SIZES[size], theme=theme) as ui:
        await asked(ui)
        assert column(ui, "[x]") == [f"{app}/slack-token" for app in APPS]
        await ui.sees("support-bot/slack-token becomes shared/slack-token", "4 parameters are deleted, with a backup.")
        await ui.keeps_picture(f"promote-{size}-{theme}")


@pictured
async def test_the_plan_shows_what_it_means_for_each_app_losses_first(team: MemoryStore, size: str, theme: str) -> None:
    async with running(team, size=SIZES[size], theme=theme) as ui:
        await asked(ui)
        await ui.press("tab", "space")
        await ui.sees("support-bot/slack-token stays and is tagged shared=true", "3 parameters are deleted")
        await reviewed(ui)
        await ui.sees("3 apps lose it", "gain it", "keep the value", "✗ loses it", "with tag")
        shown = [line.split()[0] for line in ui.text.splitlines() if re.match(r" [✗≠+=] ", line) and "/demo-team/" not in line]
        assert shown[:4] == ["✗", "✗", "✗", "+"]
        await ui.keeps_picture(f"promote-plan-{size}-{theme}")


async def test_a_move_leaves_one_shared_parameter_and_a_private_backup(team: MemoryStore) -> None:
    async with running(team) as ui:
        await asked(ui)
        plan = await reviewed(ui)
        await ui.sees(f"+ {SHARED}", "both", "same value")
        await ui.press("enter")
        await ui.sees("5 done.", "Backup in")
        assert standing(team) == dict.fromkeys(sorted(TOKENS)) | {SHARED: TOKEN}
        assert team.tags(SHARED, budget=team.budget())["app"] == "shared"
        assert plan._change is not None
        backup = Path(plan._change.backup)
        assert os.stat(backup).st_mode & 0o777 == 0o600
        assert {one["name"] for one in json.loads(backup.read_text("utf-8"))["parameters"]} >= TOKENS
        await ui.press("escape")
        await ui.until(lambda: SHARED in ui.app.session.team.entries, "the catalogue to know it")
        await ui.until(lambda: not TOKENS & ui.app.session.team.entries.keys(), "the copies gone from the catalogue")
        await ui.sees("The filter hides all 16 groups. Esc clears it.")


async def test_a_promotion_is_taken_back_with_undo(team: MemoryStore) -> None:
    async with running(team) as ui:
        await asked(ui)
        await reviewed(ui)
        await ui.press("enter")
        await ui.sees("5 done.")
        await ui.press("escape")
        await ui.until(lambda: SHARED in ui.app.session.team.entries, "the catalogue to know it")
        await ui.press("u")
        await ui.sees("Undo: Promote SLACK_TOKEN", "carries it out")
        await ui.press("enter")
        await ui.sees("5 done.")
        assert standing(team) == dict.fromkeys(sorted(TOKENS), TOKEN) | {SHARED: None}
        await ui.press("escape")
        await ui.sees("SLACK_TOKEN  4×")


async def test_an_app_that_would_lose_a_variable_takes_a_typed_confirmation(team: MemoryStore) -> None:
    async with running(team) as ui:
        await asked(ui)
        await ui.press("tab", "space")
        await reviewed(ui)
        await ui.sees("Type 'promote SLACK_TOKEN' and press Enter")
        await typed(ui, "promote")
        await ui.sees("nothing was done")
        assert set(standing(team).values()) == {TOKEN, None}
        await ui.press(*["backspace"] * 7)
        await typed(ui, "promote SLACK_TOKEN")
        await ui.sees("4 done.")
        kept = f"{ROOT}/support-bot/slack-token"
        assert standing(team) == dict.fromkeys(sorted(TOKENS)) | {SHARED: None, kept: TOKEN}
        assert team.tags(kept, budget=team.budget())["shared"] == "true"


async def test_undo_of_a_tagged_promotion_takes_the_tag_away_too(team: MemoryStore) -> None:
    async with running(team) as ui:
        await asked(ui)
        await ui.press("tab", "space")
        await reviewed(ui)
        await typed(ui, "promote SLACK_TOKEN")
        await ui.sees("4 done.")
        await ui.press("escape")
        await ui.until(lambda: isinstance(ui.app.screen, DuplicatesScreen), "the groups")
        await ui.press("u")
        await ui.sees("Undo: Promote", "carries it out")
        await ui.press("enter")
        await ui.sees("4 done.")
        assert standing(team) == dict.fromkeys(sorted(TOKENS), TOKEN) | {SHARED: None}
        assert "shared" not in team.tags(f"{ROOT}/support-bot/slack-token", budget=team.budget())


async def test_different_values_are_told_as_such_and_confirmed(team: MemoryStore) -> None:
    async with running(team) as ui:
        await asked(ui, "key:smtp-password", "Promote SMTP_PASSWORD")
        await reviewed(ui)
        await ui.sees("1 app gets another value", "≠ another value", "Type 'promote SMTP_PASSWORD'")


async def test_a_shared_parameter_with_another_value_stands_in_the_way(team: MemoryStore) -> None:
    team.seed(SHARED, "made-up-and-something-else")
    async with running(team) as ui:
        await asked(ui)
        await ui.press("j", "j", "j", "space")  # the one in the shared namespace
        await ui.sees("4 parameters are deleted")
        await ui.press("f2")
        await ui.sees(SHARED)
        await ui.until(lambda: isinstance(ui.app.screen, PlanScreen) and ui.app.screen._state == "refused", "the refusal")
    assert value(team, SHARED) == "made-up-and-something-else"


async def test_members_are_left_out_and_another_source_is_chosen(team: MemoryStore) -> None:
    async with running(team) as ui:
        question = await asked(ui)
        await ui.press("space", "j", "s")
        await ui.sees("mailer/slack-token becomes", "3 parameters are deleted")
        assert column(ui, "[ ]") == ["billing-worker/slack-token"]
        assert column(ui, "(•)")[0] == "mailer/slack-token"
        await ui.press("space")
        await ui.sees("support-bot/slack-token becomes", "2 parameters are deleted")
        assert question._answer.names == (f"{ROOT}/reports/slack-token", f"{ROOT}/support-bot/slack-token")


async def test_clicks_take_leave_and_choose_the_source(team: MemoryStore) -> None:
    async with running(team) as ui:
        question = await asked(ui)
        candidates = question.query_one(Candidates)
        await ui.pilot.click(candidates, offset=(1, 1))
        await ui.sees("3 parameters are deleted")
        await ui.pilot.click(candidates, offset=(7, 2))
        await ui.sees("mailer/slack-token becomes")
        await ui.pilot.click("#review")
        await ui.sees("carries it out")


async def test_none_at_all_is_not_an_answer(team: MemoryStore) -> None:
    async with running(team) as ui:
        await asked(ui)
        await ui.press("space", "j", "space", "j", "space", "j", "space")
        await ui.sees("Take one parameter at least.")
        await ui.press("f2")
        assert isinstance(ui.app.screen, PromoteQuestion)
        await ui.press("space")
        await ui.sees_no("Take one parameter at least.")


async def test_the_marked_members_are_the_ones_that_are_taken_at_first(team: MemoryStore) -> None:
    async with running(team) as ui:
        await ui.loaded()
        ui.app.session.team.marked.update({f"{ROOT}/mailer/slack-token", f"{ROOT}/reports/slack-token", f"{ROOT}/web/db-host"})
        await asked(ui)
        assert column(ui, "[x]") == ["mailer/slack-token", "reports/slack-token"]


async def test_one_that_is_tagged_already_is_the_source_and_stays_where_it_is(team: MemoryStore) -> None:
    async with running(team) as ui:
        await asked(ui, "key:payment-api-key", "Promote PAYMENT_API_KEY")
        await ui.sees("billing-api/payment-api-key stays and is tagged shared=true", "1 parameter is deleted")


async def test_one_that_stands_in_the_shared_namespace_is_the_source(team: MemoryStore) -> None:
    async with running(team) as ui:
        await asked(ui, "key:sentry-dsn", "Promote SENTRY_DSN")
        await ui.sees("shared/sentry-dsn stays as it is", "2 parameters are deleted")


async def test_a_secret_that_is_a_plain_string_is_not_proposed_as_the_source(team: MemoryStore) -> None:
    async with running(team) as ui:
        await asked(ui)
        newest = max((ui.app.session.team.entries[name] for name in TOKENS), key=lambda entry: entry.last_modified or 0.0)
        assert newest.finding
        assert column(ui, "(•)")[0] == "support-bot/slack-token"


async def test_turning_away_from_the_plan_brings_the_question_back_as_it_was(team: MemoryStore) -> None:
    async with running(team) as ui:
        await asked(ui)
        await ui.press("space", "tab", "space")
        await reviewed(ui)
        await ui.press("escape")
        await ui.sees("stays and is tagged shared=true", "2 parameters are deleted")
        assert column(ui, "[ ]") == ["billing-worker/slack-token"]
        await ui.press("escape")
        await ui.until(lambda: isinstance(ui.app.screen, DuplicatesScreen), "the groups")
        assert [call for call in team.calls if call in ("put", "delete", "add_tags")] == []


async def test_a_group_by_value_is_promoted_like_one_by_key(team: MemoryStore) -> None:
    async with running(team) as ui:
        await ui.loaded()
        await ui.press("2", "x")
        await ui.sees("Read them")
        await ui.press("y")
        await ui.sees("10 values")
        await ui.press("slash")
        await ui.type("key:slack-token")
        await ui.press("enter", "l", "j", "p")
        await ui.sees("Promote SLACK_TOKEN", "4 parameters are deleted")
        await ui.press("f2")
        await ui.sees("carries it out")
        await ui.press("enter")
        await ui.sees("5 done.")
        await ui.press("escape")
        await ui.sees("written since")
        assert value(team, SHARED) == TOKEN


async def values_read(ui: Ui) -> None:
    """Duplicates, with all values compared: one group more than the team has by itself."""
    await ui.loaded()
    await ui.press("2", "x")
    await ui.sees("Read them")
    await ui.press("y")
    await ui.sees("11 values")


async def test_equal_values_of_different_variables_say_who_loses_which(team: MemoryStore) -> None:
    for name in ("auth/first-token", "web/second-token"):
        team.seed(f"{ROOT}/{name}", "made-up-and-the-same-value")
    async with running(team) as ui:
        await values_read(ui)
        await ui.press("slash")
        await ui.type("key:*-token app:auth")
        await ui.press("enter", "p")
        await ui.sees("Promote 2 equal values")
        await ui.press("f2")
        await ui.sees("✗ loses it", "Type 'promote ")


async def test_values_of_no_app_cannot_be_shared(team: MemoryStore) -> None:
    for name in ("one", "two"):
        team.seed(f"{ROOT}/{name}", "made-up-and-the-same-value")
    async with running(team) as ui:
        await values_read(ui)
        await ui.press("slash")
        await ui.type('"one"')
        await ui.press("enter", "p")
        assert [told.message for told in ui.app._notifications] == ["These belong to no app, so none can share them."]
        assert isinstance(ui.app.screen, DuplicatesScreen)


async def test_read_only_hides_promotion(team: MemoryStore) -> None:
    async with running(team, read_only=True) as ui:
        await ui.loaded()
        await ui.press("2")
        await ui.sees("By key", "Read values")
        await ui.sees_no("Promote")
        await ui.press("p")
        assert isinstance(ui.app.screen, DuplicatesScreen)


async def test_no_value_is_shown_on_the_way_unless_it_is_asked_for(team: MemoryStore) -> None:
    async with running(team) as ui:
        await asked(ui)
        assert TOKEN not in ui.svg
        await reviewed(ui)
        assert TOKEN not in ui.svg
        await ui.press("enter")
        await ui.sees("5 done.")
        assert TOKEN not in ui.svg


def test_rows_tell_the_worst_first_and_both_deliveries_together() -> None:
    found = rows(
        [
            Impact("web", "TOKEN", False, "/t/web/token", "/t/shared/token", "same"),
            Impact("web", "TOKEN", True, "/t/web/token", "/t/shared/token", "same"),
            Impact("api", "TOKEN", True, "", "/t/shared/token", "gains"),
            Impact("worker", "TOKEN", False, "/t/api/token", "/t/shared/token", "other value"),
            Impact("auth", "TOKEN", False, "/t/auth/token", "", "loses"),
        ],
        "/t",
    )
    assert [row.cells for row in found] == [
        ("✗ loses it", "auth", "TOKEN", "plain", "auth/token", "nothing"),
        ("≠ another value", "worker", "TOKEN", "plain", "api/token", "shared/token"),
        ("+ gains it", "api", "TOKEN", "with tag", "nothing", "shared/token"),
        ("= same value", "web", "TOKEN", "both", "web/token", "shared/token"),
    ]


def test_the_summary_counts_apps_and_not_deliveries() -> None:
    both = [Impact("web", "TOKEN", tagged, "/t/web/token", "", "loses") for tagged in (False, True)]
    assert summary(both).startswith("1 app loses it  ")
    assert summary([*both, Impact("api", "TOKEN", True, "", "/t/x/token", "gains")]).startswith("1 app loses it, 1 gains it  ")


@pytest.mark.parametrize("width", [60, 80, 100, 140])
def test_the_table_fits_its_width_and_never_cuts_the_app(width: int) -> None:
    found = rows([Impact("billing-worker", "PAYMENT_API_KEY", True, "/t/billing-worker/payment-api-key", "", "loses")], "/t")
    given = layout(found, width)
    assert sum(given.values()) + 2 * (len(given) - 1) <= width
    assert given[1] == len("billing-worker")
