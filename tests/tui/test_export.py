"""An environment goes to a private file: planned by name, written as `sync` writes it, and not a value of it is shown."""

from __future__ import annotations

import os
import stat
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from textual.widgets import Input

from ssmm_core.operations import sync
from ssmm_core.operations.deliver import Selection, environment, resolve
from ssmm_core.store.demo_team import ROOT
from ssmm_core.store.read_only import ReadOnlyStore
from tests.support.tui import SIZES, pictured, running
from tests.tui.environments import decrypted, open_environment

if TYPE_CHECKING:
    from tests.support.memory import MemoryStore
    from tests.support.tui import Ui


async def plan(ui: Ui, path: str = "") -> None:
    """From the environment to the plan of its export."""
    await ui.press("w")
    await ui.sees("Export the environment to a file")
    if path:
        await ui.type(path)
    await ui.press("f2")


async def export(ui: Ui, path: str = "") -> None:
    await plan(ui, path)
    await ui.sees("1 step. Enter carries it out")
    await ui.press("enter")


def rendered(team: MemoryStore, *apps: str, file_format: str = "systemd") -> bytes:
    """What `ssmm sync` would write."""
    return sync.render(environment(resolve(team, Selection(ROOT, apps), decrypt=True, threads=1)), file_format)


def mode(path: str) -> int:
    return stat.S_IMODE(os.stat(path).st_mode)


@pictured
async def test_the_question_and_the_plan_fit_the_screen(
    team: MemoryStore, size: str, theme: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("os.path.abspath", lambda path: f"/home/ada/auth/{os.path.basename(path)}")
    team.seed(f"{ROOT}/auth/2nd-key", "made-up")
    async with running(team, size=SIZES[size], theme=theme) as ui:
        await open_environment(ui)
        await ui.press("w")
        await ui.sees("/home/ada/auth/.env", "F2  Review")
        await ui.keeps_picture(f"export-question-{size}-{theme}")
        await ui.press("f2")
        await ui.sees("1 step. Enter carries it out", "AUDIT_TOKEN")
        await ui.keeps_picture(f"export-plan-{size}-{theme}")


async def test_the_file_has_the_bytes_that_sync_writes_and_is_private(team: MemoryStore) -> None:
    async with running(team) as ui:
        await open_environment(ui, "auth", "web")
        await export(ui)
        await ui.sees("1 done.", "wrote 26 variables")
    assert Path(".env").read_bytes() == rendered(team, "auth", "web")
    assert mode(".env") == 0o600


async def test_json_goes_to_any_path(team: MemoryStore, tmp_path: Path) -> None:
    async with running(team) as ui:
        await open_environment(ui)
        await ui.press("w")
        await ui.sees("Export the environment to a file")
        await ui.type(str(tmp_path / "env.json"))
        await ui.press("tab", "space", "f2")
        await ui.sees("format json", "1 step.")
        await ui.press("enter")
        await ui.sees("wrote 22 variables")
    assert (tmp_path / "env.json").read_bytes() == rendered(team, "auth", file_format="json")


async def test_the_plan_names_what_goes_where_and_writes_nothing(team: MemoryStore) -> None:
    team.seed(f"{ROOT}/auth/2nd-key", "made-up")
    async with running(team) as ui:
        await open_environment(ui)
        await plan(ui)
        await ui.sees("+ ./.env  22 variables (app=16, shared=8, tag=0), format systemd", "a new file, for its owner alone (0600)")
        await ui.sees(f"LOG_LEVEL  from {ROOT}/auth/log-level", f"STATSD_HOST  from {ROOT}/shared/statsd-host")
        await ui.sees(f"! LOG_LEVEL: {ROOT}/shared/log-level (shared) is overridden", f"! {ROOT}/auth/2nd-key is not delivered")
        assert not Path(".env").exists()


async def test_no_value_is_shown(team: MemoryStore) -> None:
    async with running(team) as ui:
        await open_environment(ui)
        await plan(ui)
        await ui.sees("1 step.")
        assert "Show values" not in ui.text
        await ui.press("x")
        seen = ui.text
        await ui.press("enter")
        await ui.sees("1 done.")
        seen += ui.text
        assert not any(line.partition("=")[2].strip('"') in seen for line in Path(".env").read_text().splitlines() if "made-up" in line)


async def test_values_are_decrypted_only_for_the_plan(team: MemoryStore) -> None:
    async with running(team) as ui:
        await open_environment(ui)
        await ui.press("w")
        await ui.sees("Export the environment to a file")
        assert decrypted(team) == []


async def test_an_export_anew_changes_nothing(team: MemoryStore) -> None:
    Path(".env").write_bytes(rendered(team, "auth"))
    os.chmod(".env", 0o600)
    async with running(team) as ui:
        await open_environment(ui)
        await plan(ui)
        await ui.sees("no change: it holds just that already", "Nothing to do")


async def test_the_right_content_that_others_may_read_is_made_private(team: MemoryStore) -> None:
    Path(".env").write_bytes(rendered(team, "auth"))
    os.chmod(".env", 0o644)
    async with running(team) as ui:
        await open_environment(ui)
        await plan(ui)
        await ui.sees("~ ./.env", "others may read it: its mode becomes 0600", "1 step.")
        await ui.press("enter")
        await ui.sees("1 done.", "no change but the mode")
    assert mode(".env") == 0o600


async def test_an_earlier_export_is_replaced(team: MemoryStore) -> None:
    Path(".env").write_bytes(rendered(team, "web"))
    async with running(team) as ui:
        await open_environment(ui)
        await plan(ui)
        await ui.sees("~ ./.env", "replaces what ssmm wrote there before", "1 step.")
        await ui.press("enter")
        await ui.sees("wrote 22 variables")
    assert os.listdir() == [".env"]
    assert Path(".env").read_bytes() == rendered(team, "auth")


async def test_somebody_elses_file_is_kept_beside_it(team: MemoryStore) -> None:
    Path(".env").write_text("BY_HAND=1\n")
    async with running(team) as ui:
        await open_environment(ui)
        await plan(ui)
        await ui.sees("not from ssmm: it is kept beside it, as ./.env.before-ssmm", "1 step.")
        await ui.press("enter")
        await ui.sees("what stood there is kept in ./.env.before-ssmm")
    assert Path(".env.before-ssmm").read_text() == "BY_HAND=1\n"
    assert Path(".env").read_bytes() == rendered(team, "auth")


async def test_a_value_that_the_format_cannot_hold_refuses_the_plan(team: MemoryStore) -> None:
    team.seed(f"{ROOT}/auth/odd", "made-up\0nul")
    async with running(team) as ui:
        await open_environment(ui)
        await plan(ui)
        await ui.sees("ODD cannot be delivered: its value holds a NUL character")
        await ui.press("enter", "escape")
        await ui.sees("Export the environment to a file")
    assert os.listdir() == []


async def test_a_strict_export_stops_at_a_conflict_and_names_it(team: MemoryStore) -> None:
    async with running(team) as ui:
        await open_environment(ui)
        await ui.press("w")
        await ui.sees("(•) Write the winners")
        await ui.press("tab", "tab", "space")
        await ui.sees("(•) Refuse to write")
        await ui.press("f2")
        await ui.sees("1 conflict(s) under --strict. Nothing is written: LOG_LEVEL:")
        await ui.press("escape")
        await ui.sees("(•) Refuse to write")
    assert os.listdir() == []


async def test_what_changes_after_the_plan_is_not_written_unseen(team: MemoryStore) -> None:
    async with running(team) as ui:
        await open_environment(ui)
        await plan(ui)
        await ui.sees("1 step.")
        team.seed(f"{ROOT}/auth/log-level", "made-up and new")
        await ui.press("enter")
        await ui.sees("1 failed.", "the environment changed since the plan was made")
        assert os.listdir() == []
        await ui.press("r")
        await ui.sees("1 step.")
        await ui.press("enter")
        await ui.sees("wrote 22 variables")
    assert Path(".env").read_bytes() == rendered(team, "auth")


@pytest.mark.parametrize(
    ("path", "said"),
    [
        ("/nowhere/env", "there is no directory /nowhere"),
        ("/", "/ is a directory"),
        (" ", "the file has no name"),
        ("/dev/null", "/dev/null is not a regular file"),
    ],
)
async def test_a_path_that_can_be_no_file_is_said_at_once(team: MemoryStore, path: str, said: str) -> None:
    async with running(team) as ui:
        await open_environment(ui)
        await plan(ui, path)
        await ui.sees(said, "Export the environment to a file")
        assert decrypted(team) == []


async def test_the_home_directory_can_be_meant(team: MemoryStore) -> None:
    async with running(team) as ui:
        await open_environment(ui)
        await ui.press("w")
        await ui.sees("Export the environment to a file")
        ui.app.screen.query_one("#path", Input).value = "~/auth.env"
        await ui.press("f2")
        await ui.sees("1 step.")
        await ui.press("enter")
        await ui.sees("wrote 22 variables")
    assert (Path(os.environ["HOME"]) / "auth.env").read_bytes() == rendered(team, "auth")


async def test_it_is_possible_under_read_only_for_the_store_is_only_read(team: MemoryStore) -> None:
    async with running(ReadOnlyStore(team), read_only=True) as ui:
        await open_environment(ui)
        await export(ui)
        await ui.sees("wrote 22 variables")
    assert Path(".env").read_bytes() == rendered(team, "auth")


async def test_it_cannot_be_undone_and_leaves_the_last_change_to_be_undone(team: MemoryStore) -> None:
    async with running(team) as ui:
        await ui.loaded()
        await ui.press("s")
        await ui.sees("1 step.")
        await ui.press("enter")
        await ui.sees("1 done.")
        last = ui.app.session.last_change
        await ui.press("escape")
        await open_environment(ui)
        await export(ui)
        await ui.sees("wrote 22 variables")
        assert "Undo" not in ui.text
        assert last is not None
        assert ui.app.session.last_change is last
