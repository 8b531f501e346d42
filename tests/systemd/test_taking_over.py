"""A service that is taken over gets what it got before, and what was once required of it stays required."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.conftest import ROOT, Ssm
from tests.systemd.scene import ON_SYSTEM

if TYPE_CHECKING:
    from tests.systemd.scene import Units

UNIT = "taken.service"
AS_SYSTEMD_READS_IT = r"""# settings of a service that has run for years
QUEUE_URL=amqp://u:p@q/v   # main queue
EXTRA="line\nbreak"
DB_PASSWORD=a\b\\c
FEATURES="costs \$6"
JOINED="x" 'y'
"""


@pytest.mark.parametrize("mode", ["exec", "sync"])
def test_a_file_that_systemd_has_read_so_far_is_put_as_systemd_reads_it(units: Units, mode: str) -> None:
    file = units.env_file("taken.env", AS_SYSTEMD_READS_IT)
    units.load(UNIT, f"EnvironmentFile={file}\nExecStart={units.command}")
    _, before = units.started(UNIT)
    names = ("QUEUE_URL", "EXTRA", "DB_PASSWORD", "FEATURES", "JOINED")
    assert before["QUEUE_URL"] == "amqp://u:p@q/v   # main queue"
    ended = units.ssmm(
        "onboard", "--unit", UNIT, "--app", "my-app", "--env", str(file), "--mode", mode, "--write-rate", "1000", "--require-present",
        "--apply",
    )  # fmt: skip
    assert ended.returncode == 0, ended.stderr
    assert f"{file} is read as systemd reads it" in ended.stderr
    assert f"{file} still holds the values in plain text" in ended.stderr
    file.write_text("", encoding="utf-8")
    _, after = units.started(UNIT)
    assert {name: after[name] for name in names} == {name: before[name] for name in names}


def test_a_file_of_another_tool_is_put_as_that_reads_it_and_the_difference_is_told(of_user: Units, ssm: Ssm) -> None:
    file = of_user.env_file("other.env", AS_SYSTEMD_READS_IT.replace("JOINED=\"x\" 'y'\n", ""))
    of_user.load(UNIT, f"ExecStart={of_user.command}")
    words = ("onboard", "--unit", UNIT, "--app", "my-app", "--env", str(file))
    said = of_user.ssmm(*words).stderr
    assert f"Warning: systemd reads QUEUE_URL, EXTRA, DB_PASSWORD, FEATURES in {file} otherwise" in said
    assert "otherwise" not in of_user.ssmm(*words, "--env-format", "systemd").stderr


@ON_SYSTEM
def test_what_an_earlier_switch_required_and_allowed_stays(units: Units, ssm: Ssm) -> None:
    ssm.put(f"{ROOT}/my-app/token", "made-up")
    units.load(UNIT, f"ExecStart={units.command}")
    names = units.folder / "names with $HOME"
    names.write_text("TOKEN\n", encoding="utf-8")
    first = ("--require", "TOKEN", "--require-from", str(names), "--allow-name", "LD_PRELOAD", "--region", "eu-central-1")
    units.switch("exec", UNIT, *first)
    for mode in ("exec", "sync", "sync", "exec"):
        said = units.switch(mode, UNIT, "--require", "OTHER" if mode == "sync" else "TOKEN")
        assert "not kept" not in said
    text = (units.manager.units / f"{UNIT}.d/exec-mode.conf").read_text(encoding="utf-8")
    (start,) = [line for line in text.splitlines() if line.startswith("ExecStart=/")]
    for part in ("--allow-name LD_PRELOAD", "--require TOKEN OTHER", "--require-from", "--region eu-central-1"):
        assert part in start
    assert start.count("--require-from") == 1
    ssm.put(f"{ROOT}/my-app/other", "made-up")
    assert units.started(UNIT)[1]["TOKEN"] == "made-up"


def test_options_that_are_not_kept_are_told_in_either_direction(of_user: Units, ssm: Ssm) -> None:
    ssm.put(f"{ROOT}/my-app/token", "made-up")
    of_user.load(UNIT, f"ExecStart={of_user.program} exec --app my-app --app other --strict -- {of_user.command}")
    for mode in ("exec", "sync"):
        said = of_user.ssmm(f"migrate-to-{mode}", "--unit", UNIT, "--app", "my-app").stderr
        assert "the unit called ssmm already, with options that are not kept: --app my-app --app other --strict" in said


def test_an_app_that_nobody_has_is_told(of_user: Units, ssm: Ssm) -> None:
    ssm.put(f"{ROOT}/my-app/token", "made-up")
    of_user.load(UNIT, f"ExecStart={of_user.command}")
    said = of_user.ssmm("migrate-to-sync", "--unit", UNIT, "--app", "mi-app").stderr
    assert f"Warning: there is no parameter under {ROOT}/mi-app: the unit could not start (78)" in said
    assert "Warning: there is no parameter" not in of_user.ssmm("migrate-to-sync", "--unit", UNIT, "--app", "my-app").stderr


def test_an_app_that_the_directory_names_is_told(of_user: Units) -> None:
    of_user.load(UNIT, f"ExecStart={of_user.command}")
    said = of_user.ssmm("migrate-to-sync", "--unit", UNIT).stderr
    assert "Warning: no --app was given: the unit gets home, which this directory names" in said


def test_settings_of_the_unit_that_parameters_beat_are_told(of_user: Units, ssm: Ssm) -> None:
    ssm.put(f"{ROOT}/shared/log-level", "made-up", "String")
    ssm.put(f"{ROOT}/my-app/token", "made-up")
    of_user.load(UNIT, f"Environment=LOG_LEVEL=sentinel OTHER=x\nExecStart={of_user.command}")
    said = of_user.ssmm("migrate-to-exec", "--unit", UNIT, "--app", "my-app").stderr
    assert "Warning: LOG_LEVEL of the unit's own Environment= will come from Parameter Store instead" in said
    assert "sentinel" not in said


def test_a_contract_of_nothing_is_refused(of_user: Units) -> None:
    of_user.load(UNIT, f"ExecStart={of_user.command}")
    error = of_user.refused("sync", UNIT, "--require-present")
    assert "--require-present: no environment file of the unit has a variable" in error
