"""What an app receives: the layers chosen, who wins, what is hidden, and what is not delivered."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING

from ssmm_core.errors import AccessDenied
from ssmm_core.operations.deliver import Selection, resolve
from ssmm_core.store.demo_team import ROOT
from tests.support.memory import MemoryStore
from tests.support.tui import SIZES, pictured, running
from tests.tui.environments import browsed, choose_apps, decrypted, environment, open_environment, short, winners

if TYPE_CHECKING:
    from tests.support.tui import Ui

DENIED = AccessDenied("not allowed", action="ssm:GetResources", resource="*")


async def choose_tags(ui: Ui, text: str) -> None:
    await ui.press("t")
    await ui.sees("Include what carries these tags")
    await ui.type(text)
    await ui.press("enter")


def delivered(team: MemoryStore, selection: Selection) -> dict[str, str]:
    """Who wins each variable by `sync`."""
    return {one.name: short(one.winner.parameter.name) for one in resolve(team, selection, decrypt=False, threads=1).variables}


@pictured
async def test_the_environment_names_each_variable_with_the_layer_that_it_comes_from(team: MemoryStore, size: str, theme: str) -> None:
    team.seed(f"{ROOT}/auth/2nd-key", "made-up")
    async with running(team, size=SIZES[size], theme=theme) as ui:
        await open_environment(ui)
        await choose_tags(ui, "shared=true")
        await ui.sees("tag=3", "1 conflict (≠), 1 undeliverable")
        environment(ui).go_to("LOG_LEVEL")
        await ui.sees("overridden by app auth", "/healthz")
        await ui.keeps_picture(f"environment-{size}-{theme}")


async def test_the_app_of_the_browsers_cursor_is_shown_at_first(team: MemoryStore) -> None:
    async with running(team) as ui:
        await ui.loaded()
        await ui.press("G", "3")
        await ui.sees("shared › web", "21 variables (app=15, shared=8, tag=0), 2 conflicts")


async def test_nothing_is_decrypted_to_show_an_environment(team: MemoryStore) -> None:
    async with running(team) as ui:
        await open_environment(ui)
        await ui.sees("/healthz", "********")
        assert decrypted(team) == []


async def test_an_app_is_chosen_by_typing_its_name(team: MemoryStore) -> None:
    async with running(team) as ui:
        await open_environment(ui)
        await ui.press("a")
        await ui.type("mai")
        await ui.sees("→ mailer")
        await ui.press("enter")
        await ui.sees("shared › mailer")
        assert winners(ui) == delivered(team, Selection(ROOT, ("mailer",)))


async def test_the_later_app_wins_and_the_order_can_be_changed(team: MemoryStore) -> None:
    async with running(team) as ui:
        await open_environment(ui, "auth", "web")
        await ui.sees("apps=auth:15,web:15")
        assert winners(ui) == delivered(team, Selection(ROOT, ("auth", "web")))
        assert winners(ui)["LOG_LEVEL"] == "web/log-level"
        await ui.press("a")
        await ui.sees("→ auth, web; the last one wins")
        await ui.press("shift+up")
        await ui.sees("→ web, auth; the last one wins")
        await ui.press("enter")
        await ui.sees("shared › web › auth")
        assert winners(ui) == delivered(team, Selection(ROOT, ("web", "auth")))
        assert winners(ui)["LOG_LEVEL"] == "auth/log-level"


async def test_an_app_is_taken_out_again_and_none_at_all_is_no_answer(team: MemoryStore) -> None:
    async with running(team) as ui:
        await open_environment(ui, "auth", "web")
        await ui.press("a", "space")
        await ui.sees("→ auth")
        await ui.type("auth")
        await ui.press("space")
        await ui.sees("✗ No app is chosen.")
        await ui.press("enter")
        await ui.sees("Apps, in their order")
        await ui.press("escape")
        await ui.sees("shared › auth › web")


async def test_a_click_chooses_an_app(team: MemoryStore) -> None:
    async with running(team) as ui:
        await open_environment(ui, "auth")
        await ui.press("a")
        await ui.sees("→ auth")
        await ui.pilot.click("OptionList", offset=(6, 3))
        await ui.sees("→ auth, mailer; the last one wins")


async def test_shared_is_left_out_and_taken_in_by_one_key(team: MemoryStore) -> None:
    async with running(team) as ui:
        await open_environment(ui)
        await ui.press("s")
        await ui.sees("15 variables (app=15, shared=0, tag=0)")
        await ui.sees_no("shared ›", "conflict")
        assert winners(ui) == delivered(team, Selection(ROOT, ("auth",), shared=False))
        await ui.press("s")
        await ui.sees("shared › auth", "shared=8", "1 conflict")


async def test_what_carries_all_the_tags_is_included(team: MemoryStore) -> None:
    async with running(team) as ui:
        await open_environment(ui, "reports")
        await choose_tags(ui, "shared=true owner=payments")
        await ui.sees("shared › tag shared=true,owner=payments › reports", "tag=1")
        assert winners(ui)["PAYMENT_API_KEY"] == "billing-api/payment-api-key"
        assert winners(ui) == delivered(team, Selection(ROOT, ("reports",), tags={"shared": "true", "owner": "payments"}))


async def test_tags_in_use_are_offered_and_completed(team: MemoryStore) -> None:
    async with running(team) as ui:
        await open_environment(ui)
        await ui.press("t")
        await ui.sees("env=prod  122")
        await ui.type("shared")
        await ui.sees("→ Tab makes it shared=true")
        await ui.press("tab")
        await ui.sees("→ 4 parameters carry it")
        await ui.type("env=dev")
        await ui.sees("→ 0 parameters carry all of them")
        await ui.press(*["backspace"] * 7, "enter")
        await ui.sees("shared › tag shared=true", "tag=3")
        await ui.press("t")
        await ui.sees("shared=true ")
        await ui.press(*["backspace"] * 12, "enter")
        await ui.sees("tag=0")


async def test_a_word_that_is_no_tag_is_no_answer(team: MemoryStore) -> None:
    async with running(team) as ui:
        await open_environment(ui)
        await choose_tags(ui, "nonsense")
        await ui.sees("✗ the tag 'nonsense' is not of the form KEY=VALUE")
        await ui.press("escape")
        await ui.sees("shared › auth")


async def test_the_tag_layer_is_whole_also_where_tags_cannot_be_read_in_bulk(team: MemoryStore) -> None:
    team.refuse["all_tags"] = DENIED
    async with running(team) as ui:
        await open_environment(ui, "reports")
        await choose_tags(ui, "shared=true")
        await ui.sees("tag=4")
        assert winners(ui) == delivered(team, Selection(ROOT, ("reports",), tags={"shared": "true"}))
        assert decrypted(team) == []


async def test_a_tag_layer_that_may_not_be_read_shows_no_environment_in_part(team: MemoryStore) -> None:
    team.refuse["all_tags"] = team.refuse["describe"] = DENIED
    async with running(team) as ui:
        await open_environment(ui, "reports")
        await choose_tags(ui, "shared=true")
        await ui.sees("needs a right that is missing: not allowed")
        assert winners(ui) == {}
        await ui.press("t", *["backspace"] * 12, "enter")
        await ui.sees("21 variables")


async def test_a_conflict_names_what_is_overridden(team: MemoryStore) -> None:
    async with running(team) as ui:
        await open_environment(ui)
        await ui.sees("≠ LOG_LEVEL", f"overrides shared {ROOT}/shared/log-level", "1 conflict")
        environment(ui).go_to("LOG_LEVEL")
        await ui.sees(f"✓ {ROOT}/auth/log-level", f"≠ {ROOT}/shared/log-level", "shared: overridden by app auth")


async def test_two_spellings_of_one_variable_are_a_conflict(team: MemoryStore) -> None:
    team.seed(f"{ROOT}/auth/db_host", "made-up", "String")
    async with running(team) as ui:
        await open_environment(ui)
        await ui.sees("2 conflicts", f"taken over {ROOT}/auth/db_host")


async def test_a_name_that_cannot_be_delivered_stands_at_the_end_with_the_reason(team: MemoryStore) -> None:
    team.seed(f"{ROOT}/auth/2nd-key", "made-up")
    async with running(team) as ui:
        await open_environment(ui)
        await ui.sees("auth/2nd-key is not delivered: 2ND_KEY cannot be the name of an environment variable", "1 undeliverable")
        assert "2ND_KEY" not in winners(ui)
        await ui.press("G", "enter")
        await browsed(ui, "auth/2nd-key")


async def test_what_would_steer_every_app_is_shown_as_left_out(team: MemoryStore) -> None:
    team.seed(f"{ROOT}/shared/node-options", "made-up")
    async with running(team) as ui:
        await open_environment(ui)
        await ui.sees(
            "1 undeliverable", "shared/node-options is not delivered: NODE_OPTIONS steers programs, so only an app itself may set it"
        )
        assert "NODE_OPTIONS" not in winners(ui)


async def test_enter_shows_the_winner_in_the_browser(team: MemoryStore) -> None:
    async with running(team) as ui:
        await open_environment(ui)
        environment(ui).go_to("SENTRY_DSN")
        await ui.press("enter")
        await browsed(ui, "shared/sentry-dsn")
        await ui.press("3")
        await ui.sees("shared › auth")


async def test_the_filter_narrows_the_rows_by_their_winners(team: MemoryStore) -> None:
    async with running(team) as ui:
        await open_environment(ui)
        await ui.press("slash")
        await ui.type("app:shared key:*statsd*")
        await ui.sees("2 of 22")
        assert list(winners(ui)) == ["STATSD_HOST", "STATSD_PORT"]
        await ui.press("enter", "escape")
        await ui.sees("AUDIT_TOKEN")
        await ui.press("slash")
        await ui.type("app:web")
        await ui.sees("Nothing matches. Esc clears the filter.")


async def test_a_write_is_seen_here_too(team: MemoryStore) -> None:
    async with running(team) as ui:
        await open_environment(ui)
        team.drop(f"{ROOT}/auth/log-level")
        await ui.press("ctrl+r")
        await ui.until(lambda: winners(ui).get("LOG_LEVEL") == "shared/log-level")
        await ui.sees("app=14", "tag=0)")


async def test_while_names_are_read_nothing_is_concluded_from_a_part_of_them(team: MemoryStore) -> None:
    held = team.hold["describe"] = threading.Event()
    async with running(team) as ui:
        await ui.press("3")
        await ui.sees("Reading names…")
        await ui.press("a", "m", "w")
        await ui.sees("Reading names…")
        held.set()
        await ui.sees("22 variables (app=15, shared=8, tag=0)")


async def test_that_tags_are_still_being_read_is_said(team: MemoryStore) -> None:
    held = team.hold["all_tags"] = threading.Event()
    async with running(team) as ui:
        await ui.press("3")
        await ui.sees("22 variables")
        await choose_tags(ui, "shared=true")
        await ui.sees("tag=0), 1 conflict (≠) · tags are still being read")
        held.set()
        await ui.sees("tag=3), 1 conflict")
        await ui.sees_no("still being read")


async def test_where_nothing_is_stored_there_is_no_environment() -> None:
    async with running(MemoryStore()) as ui:
        await ui.loaded()
        await ui.press("3")
        await ui.sees(f"Nothing is stored below {ROOT} yet, so no app receives anything.")


async def test_an_app_that_is_gone_says_what_to_do(team: MemoryStore) -> None:
    for name in [name for name in team._kept if name.startswith((f"{ROOT}/mailer/", f"{ROOT}/shared/"))]:
        if not name.endswith("mailer/log-level"):
            team.drop(name)
    async with running(team) as ui:
        await open_environment(ui)
        await choose_apps(ui, "mailer")
        await ui.sees("1 variable (app=1")
        team.drop(f"{ROOT}/mailer/log-level")
        await ui.press("ctrl+r")
        await ui.sees("No layer holds a parameter. a chooses apps, t tags.")


@pictured
async def test_the_questions_fit_the_screen(team: MemoryStore, size: str, theme: str) -> None:
    async with running(team, size=SIZES[size], theme=theme) as ui:
        await open_environment(ui, "auth", "web")
        await ui.press("a")
        await ui.sees("Enter  Accept", "Esc  Back", "support-bot")
        await ui.keeps_picture(f"choose-apps-{size}-{theme}")
        await ui.press("escape", "t")
        await ui.sees("Enter  Accept", "Esc  Back", "owner=storefront")
        await ui.keeps_picture(f"choose-tags-{size}-{theme}")
