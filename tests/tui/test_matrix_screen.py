"""All apps side by side: what each has of each variable, by which layer, and which of them have the same value."""

from __future__ import annotations

from ssmm_core.overlay import Variable
from ssmm_core.store.demo_team import ROOT
from tests.support.memory import MemoryStore, large_store
from tests.support.tui import SIZES, Ui, pictured, running
from tests.tui.environments import browsed, cell, choose_apps, decrypted, environment, matrix, open_environment, open_matrix


def go_to(ui: Ui, variable: str, app: str) -> None:
    table = matrix(ui)
    table.go_to(variable)
    table.column = table.apps.index(app)


def line_of(ui: Ui, variable: str) -> str:
    return next(line for line in ui.text.splitlines() if line.lstrip().startswith(f"{variable} "))


async def compare_values(ui: Ui) -> None:
    await ui.press("x")
    await ui.sees("Reads and decrypts all 122 values once")
    await ui.press("y")
    await ui.sees("same value in another app")


@pictured
async def test_the_matrix_shows_all_apps_side_by_side(team: MemoryStore, size: str, theme: str) -> None:
    async with running(team, size=SIZES[size], theme=theme) as ui:
        await open_matrix(ui)
        await ui.press("t")
        await ui.type("shared=true")
        await ui.press("enter")
        await ui.until(lambda: cell(ui, "SMTP_PORT", "auth").state == "tag")
        await compare_values(ui)
        go_to(ui, "PAYMENT_API_KEY", "billing-worker")
        await ui.sees("≠ overrides  = same value in auth")
        await ui.keeps_picture(f"matrix-{size}-{theme}")


async def test_a_cell_says_which_layer_an_app_has_a_variable_from(team: MemoryStore) -> None:
    async with running(team) as ui:
        await open_matrix(ui)
        await ui.press("t")
        await ui.type("shared=true")
        await ui.press("enter")
        await ui.until(lambda: cell(ui, "SMTP_PORT", "auth").state == "tag")
        states = {("DB_HOST", "auth"): "own", ("AUDIT_TOKEN", "web"): "shared", ("SMTP_HOST", "web"): "tag"}
        states |= {("LOG_LEVEL", "web"): "overrides", ("TAX_RATES", "web"): "missing"}
        assert {at: cell(ui, *at).state for at in states} == states
        assert line_of(ui, "LOG_LEVEL").split() == ["LOG_LEVEL", *"≠≠≠≠≠≠≠≠"]
        assert line_of(ui, "BUCKET_NAME").split() == ["BUCKET_NAME", *"····O···"]
        assert line_of(ui, "AUDIT_TOKEN").split() == ["AUDIT_TOKEN", *"ssssssss"]
        assert line_of(ui, "OAUTH_CLIENT_SECRET").split() == ["OAUTH_CLIENT_SECRET", *"Otttttt≠"]
        await ui.sees("O own  s shared  t tag  ≠ overrides  · missing")


async def test_the_cursor_tells_the_whole_name_of_its_app_and_who_wins(team: MemoryStore) -> None:
    async with running(team, size=(80, 24)) as ui:
        await open_matrix(ui)
        go_to(ui, "LOG_LEVEL", "billing-worker")
        await ui.sees("billing-worker  LOG_LEVEL  ≠ overrides", f"✓ {ROOT}/billing-worker/log-level", f"≠ {ROOT}/shared/log-level")
        go_to(ui, "BUCKET_NAME", "billing-worker")
        await ui.sees("billing-worker does not receive BUCKET_NAME.")


async def test_one_moves_by_keys_in_both_directions_and_not_beyond_the_edges(team: MemoryStore) -> None:
    async with running(team) as ui:
        await open_matrix(ui)
        table = matrix(ui)
        await ui.press("l", "right", "l", "h", "j", "down", "k")
        assert (table.app_here, table.cursor) == ("billing-worker", 1)
        await ui.press("dollar_sign", "l", "G", "j")
        assert (table.app_here, table.cursor) == ("web", len(table.rows) - 1)
        await ui.press("0", "h", "g", "k")
        assert (table.app_here, table.cursor) == ("auth", 0)


async def test_variables_and_apps_stay_in_sight_while_it_is_scrolled() -> None:
    async with running(large_store(60, 40), root="/large", size=(80, 24)) as ui:
        await open_matrix(ui)
        assert matrix(ui).header_height == 2
        await ui.press("G", "dollar_sign")
        await ui.sees("KEY_39", "059", "app-059  KEY_39")
        assert matrix(ui).scroll_offset.x > 0
        header = next(line for line in ui.text.splitlines() if "059" in line)
        assert header.startswith("Variable")
        row, cell_at = line_of(ui, "KEY_39"), header.index("059")
        assert row[cell_at] in "O≠"
        await ui.press("0", "g")
        await ui.sees("KEY_00", "001")
        assert matrix(ui).scroll_offset == (0, 0)


async def test_a_column_that_is_scrolled_in_by_half_is_drawn_by_half() -> None:
    async with running(large_store(60, 4), root="/large", size=(80, 24)) as ui:
        await open_matrix(ui)
        table = matrix(ui)
        table.scroll_to(x=6, animate=False)
        await ui.pilot.pause()
        parts, numbers = (table.render_line(y).text for y in (0, 1))
        assert numbers.startswith("Variable  2 003 004")
        assert parts.startswith("          p app app")


async def test_many_apps_and_variables_are_drawn_without_delay() -> None:
    store = large_store(200, 10)
    for number in range(1, 200):
        for key in range(6):
            store.seed(f"/large/app-{number:03}/own-{number:03}-{key}", "made-up")
    async with running(store, root="/large") as ui:
        await open_matrix(ui)
        table = matrix(ui)
        assert (len(table.apps), len(table.rows)) == (199, 1204)
        strips = [table.render_line(y) for y in range(40)]
        assert sum(len(list(strip)) for strip in strips) < 40 * 3 * 40  # the cells in sight, not all of them


async def test_chosen_apps_are_the_columns_in_their_order(team: MemoryStore) -> None:
    async with running(team) as ui:
        await open_environment(ui, "web", "auth", "shared")
        await ui.press("m")
        await ui.until(lambda: matrix(ui).apps == ("web", "auth", "shared"))
        await choose_apps(ui, "mailer")
        await ui.until(lambda: len(matrix(ui).apps) == 8)


async def test_shared_can_be_left_out_of_the_matrix(team: MemoryStore) -> None:
    async with running(team) as ui:
        await open_matrix(ui)
        await ui.press("s")
        await ui.until(lambda: cell(ui, "LOG_LEVEL", "web").state == "own")
        assert "AUDIT_TOKEN" not in [row.variable for row in matrix(ui).rows]


async def test_equal_values_are_marked_only_after_somebody_agreed_to_decrypt_them(team: MemoryStore) -> None:
    async with running(team) as ui:
        await open_matrix(ui)
        await ui.sees("= same value (x reads all)")
        await ui.press("x")
        await ui.sees("Reads and decrypts all 122 values once")
        assert decrypted(team) == []
        await ui.press("escape")
        await ui.sees("= same value (x reads all)")
        assert decrypted(team) == []
        await compare_values(ui)
        await ui.until(lambda: cell(ui, "SLACK_TOKEN", "mailer").same_as)
        assert cell(ui, "SLACK_TOKEN", "mailer").same_as == ("billing-worker", "reports", "support-bot")
        assert cell(ui, "SERVICE_NAME", "auth").same_as == ()
        assert cell(ui, "AUDIT_TOKEN", "auth").same_as == ()  # all have it from the one shared parameter
        go_to(ui, "SLACK_TOKEN", "mailer")
        await ui.sees("= same value in billing-worker, reports, support-bot")
        assert line_of(ui, "SLACK_TOKEN").split() == ["SLACK_TOKEN", "·", "·", "O=", "O=", "O=", "·", "O=", "·"]
        assert "made-up-slack-token" not in ui.text


async def test_equal_values_are_decrypted_once_for_all_choices_of_layers(team: MemoryStore) -> None:
    async with running(team) as ui:
        await open_matrix(ui)
        await compare_values(ui)
        await ui.press("s")
        await ui.until(lambda: cell(ui, "LOG_LEVEL", "web").state == "own")
        assert cell(ui, "LOG_LEVEL", "web").same_as
        assert len(decrypted(team)) == 1


async def test_a_value_that_was_written_since_is_equal_to_none(team: MemoryStore) -> None:
    async with running(team) as ui:
        await open_matrix(ui)
        await compare_values(ui)
        await ui.until(lambda: cell(ui, "SLACK_TOKEN", "mailer").same_as)
        team.seed(f"{ROOT}/mailer/slack-token", "made-up and new")
        await ui.press("ctrl+r")
        await ui.until(lambda: not cell(ui, "SLACK_TOKEN", "mailer").same_as)
        assert cell(ui, "SLACK_TOKEN", "reports").same_as == ("billing-worker", "support-bot")


async def test_enter_goes_to_the_winner_and_a_missing_cell_goes_nowhere(team: MemoryStore) -> None:
    async with running(team) as ui:
        await open_matrix(ui)
        go_to(ui, "BUCKET_NAME", "web")
        await ui.press("enter")
        await ui.sees("web does not receive BUCKET_NAME.")
        go_to(ui, "AUDIT_TOKEN", "web")
        await ui.press("enter")
        await browsed(ui, "shared/audit-token")


async def test_a_click_moves_the_cursor_and_two_go_to_the_winner(team: MemoryStore) -> None:
    async with running(team) as ui:
        await open_matrix(ui)
        table = matrix(ui)
        web = table.render_line(table.header_height - 1).text.index("web")
        await ui.pilot.click("MatrixTable", offset=(web, table.header_height + 3))
        assert (table.app_here, table.rows[table.cursor].variable) == ("web", "CDN_ENDPOINT")
        await ui.pilot.click("MatrixTable", offset=(web, table.header_height + 3), times=2)
        await browsed(ui, "web/cdn-endpoint")


async def test_the_filter_keeps_the_rows_in_which_a_match_wins(team: MemoryStore) -> None:
    async with running(team) as ui:
        await open_matrix(ui)
        await ui.press("slash")
        await ui.type("app:web key:*host*")
        await ui.sees("2 of 45")
        assert [row.variable for row in matrix(ui).rows] == ["DB_HOST", "PUBLIC_HOST"]
        await ui.type("zzz")
        await ui.sees("Nothing matches. Esc clears the filter.")


async def test_the_views_change_by_one_key_and_each_keeps_its_place(team: MemoryStore) -> None:
    async with running(team) as ui:
        await open_matrix(ui)
        go_to(ui, "DB_PORT", "mailer")
        await ui.press("m")
        await ui.sees("shared › auth")
        assert environment(ui).has_focus
        assert isinstance(environment(ui).row, Variable)
        await ui.press("m")
        await ui.sees("mailer  DB_PORT")
        assert matrix(ui).has_focus


async def test_the_environment_is_exported_from_its_own_view_alone(team: MemoryStore) -> None:
    async with running(team) as ui:
        await open_matrix(ui)
        assert "Export" not in ui.text
        await ui.press("w")
        await ui.sees_no("Export the environment")


async def test_without_an_app_there_is_no_matrix() -> None:
    async with running(MemoryStore()) as ui:
        await ui.loaded()
        await ui.press("3", "m")
        await ui.sees("so no app receives anything")


async def test_keys_of_the_other_view_say_where_they_work(team: MemoryStore) -> None:
    async with running(team) as ui:
        await ui.loaded()
        await ui.press("3")
        await ui.sees("shared › auth")
        await ui.press("x")
        await ui.hears("Equal values are marked in the matrix: m shows it.")
        await ui.press("m")
        await ui.sees("missing")
        await ui.press("w")
        await ui.hears("One environment is exported, not all of them: m shows one.")
