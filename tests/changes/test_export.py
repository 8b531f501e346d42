"""An export reads Parameter Store and writes one file, as `sync` does."""

from __future__ import annotations

import os
import threading
from pathlib import Path

import pytest

from ssmm_core.changes import Access
from ssmm_core.changes.export import ExportIntent, plan
from ssmm_core.errors import ConflictError, NotFound, SettingsError
from ssmm_core.operations.deliver import Selection
from tests.changes.conftest import applied, carry_out, errors, statuses
from tests.conftest import ROOT, Cli, Ssm


@pytest.fixture
def scene(ssm: Ssm) -> Ssm:
    ssm.put(f"{ROOT}/web/token", "made-up-token")
    ssm.put(f"{ROOT}/web/log-level", "made-up-debug", "String")
    ssm.put(f"{ROOT}/shared/log-level", "made-up-info", "String")
    ssm.put(f"{ROOT}/other/key", "made-up-key", tags={"shared": "true"})
    return ssm


def intent(*apps: str, path: str = "env", strict: bool = False) -> ExportIntent:
    return ExportIntent(Selection(ROOT, apps or ("web",), tags={"shared": "true"}), path, "systemd", strict)


def test_it_writes_what_sync_writes(access: Access, scene: Ssm, ssmm: Cli) -> None:
    change = applied(plan(access, intent()))
    assert ssmm("sync", "--app", "web", "--include-tag", "shared=true", "-o", "by-sync").code == 0
    assert Path("env").read_bytes() == Path("by-sync").read_bytes()
    assert Path("env").stat().st_mode & 0o777 == 0o600
    assert not change.can_be_undone
    assert change.undo() is None
    assert plan(access, intent()).is_empty


def test_it_tells_where_each_variable_comes_from(access: Access, scene: Ssm) -> None:
    change = plan(access, intent())
    (line,) = change.lines
    assert (line.sign, line.name, line.what) == ("+", "env", "3 variables (app=2, shared=1, tag=1), format systemd")
    assert line.notes[1:] == (
        f"KEY  from {ROOT}/other/key",
        f"LOG_LEVEL  from {ROOT}/web/log-level",
        f"TOKEN  from {ROOT}/web/token",
    )
    assert change.warnings == (f"LOG_LEVEL: {ROOT}/shared/log-level (shared) is overridden by {ROOT}/web/log-level (app web)",)
    assert change.values == ()


def test_it_does_not_write_what_was_not_planned(access: Access, scene: Ssm) -> None:
    change = plan(access, intent())
    scene.put(f"{ROOT}/web/token", "made-up-newer")
    outcome = carry_out(change)
    assert errors(outcome) == ["the environment changed since the plan was made"]
    assert os.listdir() == []
    applied(change.retry(outcome))
    assert "made-up-newer" in Path("env").read_text()


def test_it_is_not_begun_once_it_is_stopped(access: Access, scene: Ssm) -> None:
    stop = threading.Event()
    stop.set()
    outcome = plan(access, intent()).apply(stop=stop)
    assert (statuses(outcome), outcome.interrupted) == ({"env": "undone"}, True)
    assert os.listdir() == []


def test_it_refuses_while_planning(access: Access, scene: Ssm) -> None:
    with pytest.raises(ConflictError, match="1 conflict"):
        plan(access, intent(strict=True))
    with pytest.raises(NotFound, match="no parameter under"):
        plan(access, intent("wbe"))
    os.symlink("elsewhere", "link")
    for path in ("", "link", "nowhere/env", os.getcwd()):
        with pytest.raises(SettingsError):
            plan(access, intent(path=path))
    assert os.listdir() == ["link"]
