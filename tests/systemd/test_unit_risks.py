"""A switch is refused where it would start a service without its variables, or lets somebody act as root."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

import pytest

from tests.conftest import ROOT, Ssm
from tests.systemd.scene import ON_SYSTEM

if TYPE_CHECKING:
    from pathlib import Path

    from tests.systemd.scene import Units

UNIT = "risky.service"
NOBODY = 65534


@pytest.fixture(autouse=True)
def token(ssm: Ssm) -> None:
    ssm.put(f"{ROOT}/my-app/api-token", "made-up")


# A file that systemd would not see


@pytest.mark.parametrize("setting", ["RootDirectory={}", "TemporaryFileSystem=/run", "TemporaryFileSystem=/", "BindPaths={}:/run"])
def test_sync_is_refused_where_the_unit_has_another_tree_of_files(of_system: Units, setting: str) -> None:
    of_system.load(UNIT, f"{setting.format(of_system.folder)}\nExecStart={of_system.command}")
    error = of_system.refused("sync", UNIT)
    assert "the file would be written where systemd does not read it, and the service started without it" in error


def test_a_place_beside_the_other_tree_is_no_matter(of_system: Units) -> None:
    of_system.load(UNIT, f"TemporaryFileSystem=/run/other\nExecStart={of_system.command}")
    of_system.switch("sync", UNIT)
    assert of_system.started(UNIT)[1]["API_TOKEN"] == "made-up"


# What others may change


def owned_by_nobody(path: Path) -> Path:
    path.mkdir(exist_ok=True)
    os.chown(path, NOBODY, NOBODY)
    return path


def test_root_runs_no_ssmm_that_somebody_else_may_replace(of_system: Units) -> None:
    program = of_system.launcher(owned_by_nobody(of_system.folder / "theirs") / "ssmm")
    of_system.load(UNIT, f"User=nobody\nExecStart={of_system.command}")
    assert f"the user {NOBODY} may change what is there" in of_system.refused("sync", UNIT, "--ssmm-bin", str(program))
    of_system.switch("exec", UNIT, "--ssmm-bin", str(program))  # which has the service's own rights


@pytest.mark.parametrize("option", ["--keep-env-file", "--require-from", "--disk"])
def test_root_reads_and_writes_nothing_where_somebody_else_may_put_something(of_system: Units, option: str) -> None:
    file = owned_by_nobody(of_system.folder / "theirs") / "file"
    file.write_text("A=b\n", encoding="utf-8")
    of_system.load(UNIT, f"User=nobody\nExecStart={of_system.command}")
    assert "may change what is there" in of_system.refused("sync", UNIT, option, str(file))


def test_a_directory_above_counts_too(of_system: Units) -> None:
    below = owned_by_nobody(of_system.folder / "theirs") / "conf"
    below.mkdir(exist_ok=True)
    of_system.load(UNIT, f"User=nobody\nExecStart={of_system.command}")
    assert "may change what is there" in of_system.refused("sync", UNIT, "--disk", str(below / "x.env"))


def test_what_only_an_app_may_set_does_not_reach_roots_commands(of_system: Units) -> None:
    of_system.load(UNIT, f"User=nobody\nExecStart={of_system.command}")
    assert "LD_PRELOAD would count for the commands that root runs" in of_system.refused("sync", UNIT, "--allow-name", "LD_PRELOAD")
    of_system.load(UNIT, f"ExecStart={of_system.command}")
    of_system.switch("sync", UNIT, "--allow-name", "LD_PRELOAD")


def test_root_does_not_fetch_with_the_home_of_the_services_user(of_system: Units) -> None:
    of_system.load(UNIT, f"User=nobody\nExecStart=+{of_system.command}")
    assert "root would run ssmm with the home of nobody" in of_system.refused("exec", UNIT)


@ON_SYSTEM
def test_what_was_fetched_last_does_not_steer_the_next_fetch(units: Units, ssm: Ssm) -> None:
    file = units.folder / "stays.env"
    units.load(UNIT, f"ExecStart={units.command}")
    units.switch("sync", UNIT, "--disk", str(file))
    ssm.put(f"{ROOT}/my-app/ssmm-prefix-root", "/made-up")
    ssm.put(f"{ROOT}/my-app/aws-endpoint-url-ssm", "http://127.0.0.1:9")
    for _ in range(2):
        _, environment = units.started(UNIT)
        assert (environment["API_TOKEN"], environment["SSMM_PREFIX_ROOT"]) == ("made-up", "/made-up")
    file.unlink()


# Other drop-ins, and other commands


@ON_SYSTEM
@pytest.mark.parametrize("mode", ["exec", "sync"])
@pytest.mark.parametrize("setting", ["EnvironmentFile={}", "Environment=SSMM_PREFIX_ROOT=/another"])
def test_a_drop_in_behind_ours_that_says_otherwise_is_found(units: Units, mode: str, setting: str) -> None:
    old = units.env_file("old.env", "API_TOKEN=stale\n")
    units.load(UNIT, f"ExecStart={units.command}")
    units.drop_in(UNIT, "zz.conf", f"[Service]\n{setting.format(old)}\n")
    error = units.refused(mode, UNIT, code=1)
    assert "systemd made something else of risky.service than was planned" in error


@pytest.mark.parametrize(
    ("mode", "setting"),
    [("exec", name) for name in ("ExecStartPost", "ExecReload", "ExecStop", "ExecStopPost", "ExecCondition")] + [("sync", "ExecCondition")],
)
def test_a_command_that_would_lose_a_variable_is_refused_and_the_others_are_named(of_user: Units, mode: str, setting: str) -> None:
    old = of_user.env_file("old.env", "PORT=99\n")
    of_user.load(UNIT, f"EnvironmentFile={old}\n{setting}=/bin/echo ${{PORT}}\nExecStart={of_user.command}")
    assert f"{setting}= has ${{PORT}}, which would be empty there" in of_user.refused(mode, UNIT)
    of_user.load(UNIT, f"EnvironmentFile={old}\n{setting}=/bin/true\nExecStart={of_user.command}")
    assert f"Warning: {setting}= will not have the variables of {old} any more" in of_user.switch(mode, UNIT)


def test_a_running_service_in_sync_mode_is_told_of_its_next_stop(of_user: Units) -> None:
    old = of_user.env_file("old.env", "PORT=99\n")
    of_user.load(UNIT, f"EnvironmentFile={old}\nExecStop=/bin/true\nExecStart={of_user.command}")
    of_user.started(UNIT)
    assert "have no variables until it was restarted" in of_user.switch("sync", UNIT)


def test_another_name_of_a_unit_is_refused(of_user: Units) -> None:
    of_user.load("real.service", f"ExecStart={of_user.command}\n\n[Install]\nAlias=alias.service")
    (of_user.manager.units / "alias.service").symlink_to("real.service")
    of_user.manager.reload()
    assert "alias.service is another name of real.service" in of_user.refused("exec", "alias.service")
    (of_user.manager.units / "alias.service").unlink()


def test_starts_are_not_counted_where_nothing_restarts_the_unit(of_user: Units) -> None:
    of_user.manager.load(UNIT, f"[Service]\nType=oneshot\nExecStart={of_user.command}\n")
    of_user.switch("sync", UNIT)
    assert "StartLimit" not in (of_user.manager.units / f"{UNIT}.d/sync-mode.conf").read_text(encoding="utf-8")


def test_the_way_back_that_is_printed_leaves_no_file(units: Units) -> None:
    units.load(UNIT, f"ExecStart={units.command}")
    said = units.switch("sync", UNIT)
    units.started(UNIT)
    revert = said.rpartition("To revert: ")[2].split()
    assert revert[:2] == ["ssmm", "migrate-to-sync"]
    ended = units.ssmm(*(word for word in revert[1:] if word != "--system"))
    assert ended.returncode == 0, ended.stderr
    units.manager.systemctl("stop", UNIT)
    assert "risky" not in units.manager.run("sh", "-c", 'ls /run "$XDG_RUNTIME_DIR"').stdout
