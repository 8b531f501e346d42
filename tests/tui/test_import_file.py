"""Importing a .env file: what it holds is told without its values, and put as `ssmm put --env` does."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from ssmm_tui.screens.browse import BrowseScreen
from ssmm_tui.screens.form import LeaveQuestion
from ssmm_tui.screens.import_file import ImportQuestion
from ssmm_tui.widgets.path_suggester import completed
from tests.support.tui import SIZES, pictured, running

if TYPE_CHECKING:
    from tests.support.memory import MemoryStore
    from tests.support.tui import Ui

SECRET = "made-up-secret-of-a-file"


@pytest.fixture
def env() -> Path:
    """A file in the working directory: two variables, an empty one, and one whose name does not survive."""
    path = Path("my.env")
    path.write_text(f"API_TOKEN={SECRET}\nHTTP_PORT=8080\nEMPTY=\ndbUrl=postgres://made-up\n")
    return path


def stored(team: MemoryStore, name: str) -> str | None:
    found = team.get([name], decrypt=True, budget=team.budget()).get(name)
    return found.value.reveal() if found is not None and found.value is not None else None


async def name_file(ui: Ui, path: str, *, namespace: str = "auth") -> None:
    """In a namespace, press the key that imports, name a file and have it read."""
    await ui.loaded()
    browser = ui.app.screen
    assert isinstance(browser, BrowseScreen)
    browser.open_namespace(namespace)
    await ui.sees("database-url")
    await ui.press("i")
    await ui.sees("Import a .env file")
    await ui.type(path)
    await ui.press("enter")


@pictured
async def test_a_file_is_told_by_number_and_names(team: MemoryStore, env: Path, size: str, theme: str) -> None:
    async with running(team, size=SIZES[size], theme=theme) as ui:
        await name_file(ui, "my.env")
        await ui.sees("✓ 3 variables", "left out: EMPTY", "dbUrl → DBURL", "F2  Review")
        assert SECRET not in ui.text
        await ui.keeps_picture(f"import-{size}-{theme}")


async def test_its_variables_are_put_into_the_app_that_is_looked_at(team: MemoryStore) -> None:
    Path("my.env").write_text(f"API_TOKEN={SECRET}\nHTTP_PORT=8090\n")
    async with running(team) as ui:
        await name_file(ui, "my.env")
        await ui.sees("✓ 2 variables")
        await ui.press("shift+tab", "shift+tab", "shift+tab")
        await ui.type("owner=core 'team=one two'")
        await ui.carry_out()
        await ui.press("escape")
        await ui.until(lambda: "/demo-team/auth/api-token" in ui.app.session.team.entries, "the browser to know of it")
        assert SECRET not in ui.text
    assert stored(team, "/demo-team/auth/api-token") == SECRET
    assert stored(team, "/demo-team/auth/http-port") == "8090"
    expected = {"app": "auth", "owner": "core", "team": "one two"}
    assert team.tags("/demo-team/auth/api-token", budget=team.budget()) == expected


async def test_no_app_is_proposed_while_the_whole_team_is_looked_at(team: MemoryStore) -> None:
    Path("my.env").write_text("HTTP_PORT=8090\n")
    async with running(team) as ui:
        await name_file(ui, "my.env", namespace="")
        await ui.sees("✓ 1 variable")
        await ui.press("f2")
        await ui.sees("the app is empty")
        await ui.type("web")
        await ui.carry_out()
    assert stored(team, "/demo-team/web/http-port") == "8090"


async def test_what_was_filled_in_is_not_lost_by_one_key(team: MemoryStore, env: Path) -> None:
    async with running(team) as ui:
        await name_file(ui, "my.env")
        await ui.press("escape")
        await ui.until(lambda: isinstance(ui.app.screen, LeaveQuestion))
        await ui.press("escape")
        await ui.sees("✓ 3 variables")
        await ui.press("escape", "d")
        await ui.until(lambda: isinstance(ui.app.screen, BrowseScreen))
    assert "put" not in team.calls


async def test_names_that_come_back_changed_are_asked_for_first(team: MemoryStore, env: Path) -> None:
    async with running(team) as ui:
        await name_file(ui, "my.env")
        await ui.sees("dbUrl → DBURL", "(•) Refuse")
        await ui.press("f2")
        await ui.sees("Some names would come back changed")
        await ui.press("space")
        await ui.carry_out()
    assert stored(team, "/demo-team/auth/dburl") == "postgres://made-up"


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (f"A=1\n{SECRET}\n", "my.env:2 has no ="),
        (f"A=1\n\nB='{SECRET}\n", "my.env:3 is not KEY=VALUE"),
        ("A=1\nA=2\n", "my.env:2: A is given twice"),
        ("A=\n", "my.env holds no variable with a value"),
        ("A=\0", "my.env is a binary file"),
    ],
)
async def test_what_is_wrong_in_a_file_is_told_by_its_line_and_never_by_its_text(team: MemoryStore, content: str, reason: str) -> None:
    Path("my.env").write_text(content)
    async with running(team) as ui:
        await name_file(ui, "my.env")
        await ui.sees(reason)
        await ui.press("f2")
        await ui.sees(reason)
        assert isinstance(ui.app.screen, ImportQuestion)
        assert SECRET not in ui.text


async def test_a_missing_file_is_named_when_its_field_is_left(team: MemoryStore) -> None:
    async with running(team) as ui:
        await ui.loaded()
        await ui.press("i")
        await ui.type("gone.env")
        await ui.press("tab")
        await ui.sees("cannot read gone.env: No such file or directory")


async def test_another_path_takes_back_what_was_told_of_the_first(team: MemoryStore, env: Path) -> None:
    async with running(team) as ui:
        await ui.loaded()
        await ui.press("i")
        await ui.type("my.env")
        await ui.press("tab")
        await ui.sees("✓ 3 variables")
        await ui.press("shift+tab", "x")
        await ui.sees_no("✓ 3 variables")


async def test_a_tilde_is_the_home_of_who_types_it(team: MemoryStore, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("HOME", str(tmp_path))
    (tmp_path / "home.env").write_text("API_TOKEN=x\n")
    async with running(team) as ui:
        await ui.loaded()
        await ui.press("i", "tilde")
        await ui.type("/home.env")
        await ui.press("enter")
        await ui.sees("✓ 1 variable")


async def test_another_value_that_stands_is_refused_when_that_was_asked_for_and_nothing_typed_is_lost(team: MemoryStore) -> None:
    Path("my.env").write_text("HTTP_PORT=1\n")
    async with running(team) as ui:
        await name_file(ui, "my.env")
        await ui.sees("✓ 1 variable")
        await ui.press("shift+tab", "shift+tab", "space")
        await ui.sees("(•) Refuse where another stands")
        await ui.press("f2")
        await ui.sees("another value is stored under /demo-team/auth/http-port")
        await ui.press("escape")
        await ui.sees("✓ 1 variable", "(•) Refuse where another stands", "my.env")
    assert stored(team, "/demo-team/auth/http-port") == "8030"


async def test_types_are_changed_only_when_that_was_asked_for(team: MemoryStore) -> None:
    Path("my.env").write_text("LOG_LEVEL=debug\n")
    team.seed("/demo-team/auth/log-level", "info", "String")
    async with running(team) as ui:
        await name_file(ui, "my.env")
        await ui.sees("✓ 1 variable")
        await ui.press("shift+tab", "space")
        await ui.sees("(•) As a new parameter would get")
        await ui.carry_out()
    assert team.get(["/demo-team/auth/log-level"], decrypt=True, budget=team.budget())["/demo-team/auth/log-level"].type == "SecureString"


@pytest.mark.parametrize(
    ("field", "typed", "reason"),
    [
        ("app", "", "the app is empty"),
        ("app", "a b", "is not one path segment"),
        ("tags", "owner", "is not of the form KEY=VALUE"),
        ("tags", "app=x", "the tag app is reserved"),
        ("tags", "a='b", "a quote among the tags is not closed"),
    ],
)
async def test_an_app_or_a_tag_that_cannot_be_is_refused(team: MemoryStore, field: str, typed: str, reason: str) -> None:
    Path("my.env").write_text("A=1\n")
    async with running(team) as ui:
        await name_file(ui, "my.env")
        await ui.sees("✓ 1 variable")
        ui.app.screen.query_one(f"#{field}").focus()
        await ui.press("end", "ctrl+u")
        await ui.press(*({" ": "space", "=": "equals_sign", "'": "apostrophe"}.get(char, char) for char in typed))
        await ui.press("f2")
        await ui.sees(reason)
        assert isinstance(ui.app.screen, ImportQuestion)


async def test_a_slip_in_a_tag_is_pointed_out_as_it_is_typed(team: MemoryStore) -> None:
    async with running(team) as ui:
        await ui.loaded()
        await ui.press("i", "tab", "tab")
        await ui.type("Shared=true ow")
        await ui.sees("Shared=true is close to shared=true, which 4 parameters")


async def test_a_path_is_completed(team: MemoryStore, env: Path) -> None:
    async with running(team) as ui:
        await ui.loaded()
        await ui.press("i")
        await ui.type("my.")
        await ui.sees("my.env")
        await ui.press("right", "enter")
        await ui.sees("✓ 3 variables")


def test_env_files_are_completed_before_others_and_directories_end_in_a_slash(tmp_path: Path) -> None:
    for name in ("app.toml", "b.env"):
        (tmp_path / name).touch()
    (tmp_path / "conf").mkdir()
    assert completed(f"{tmp_path}/") == f"{tmp_path}/b.env"
    assert completed(f"{tmp_path}/a") == f"{tmp_path}/app.toml"
    assert completed(f"{tmp_path}/c") == f"{tmp_path}/conf/"
    assert completed(f"{tmp_path}/x") is None
    assert completed(f"{tmp_path}/gone/x") is None
