"""`migrate-to-sync` where no manager answers: the drop-in that it writes."""

from __future__ import annotations

import json
import os
from typing import TYPE_CHECKING

import pytest

from tests.cli.machine import Machine, settings, spoken
from tests.conftest import ROOT, Cli, Ran
from tests.systemd.scene import settings_of

if TYPE_CHECKING:
    from pathlib import Path


def migrate(ssmm: Cli, *options: str, unit: str = "myapp.service", app: str | None = "myapp") -> Ran:
    return ssmm("migrate-to-sync", "--unit", unit, *(("--app", app) if app else ()), *options)


def fetched(ran: Ran) -> str:
    """The command that writes the file."""
    assert ran.code == 0, ran.err
    return settings(ran.out)["ExecStartPre"][-1]


def test_the_drop_in_writes_a_file_before_each_start_and_leaves_the_command(ssmm: Cli, machine: Machine) -> None:
    ran = migrate(ssmm, "--keep-env-file", "/etc/defaults/common")
    assert ran.lines[0] == f"# {machine.drop_in.with_name('sync-mode.conf')}"
    assert settings_of(ran.out) == {
        "Unit.StartLimitIntervalSec": ["600"],
        "Unit.StartLimitBurst": ["60"],
        "Service.EnvironmentFile": ["", "-/etc/defaults/common", "-%t/ssmm-myapp.env"],
        "Service.ExecStartPre": [f"+{machine.ssmm} sync --app myapp --out %t/ssmm-myapp.env"],
        "Service.ExecStopPost": ["-+/usr/bin/rm -f %t/ssmm-myapp.env"],
        "Service.Environment": [f"SSMM_PREFIX_ROOT={ROOT}"],
    }


def test_steps_that_are_named_follow_the_fetch(ssmm: Cli, machine: Machine) -> None:
    ran = migrate(ssmm, "--pre-exec", "-/bin/two %i", "--pre-exec", "+/bin/one")
    assert settings(ran.out)["ExecStartPre"] == [
        "",
        f"+{machine.ssmm} sync --app myapp --out %t/ssmm-myapp.env",
        "-/bin/two %i",
        "+/bin/one",
    ]
    assert "run before the fetch" in migrate(ssmm).err
    assert "run before the fetch" not in ran.err


def test_what_a_person_asked_for_goes_into_the_fetch(ssmm: Cli, machine: Machine, scrubbed: Path) -> None:
    (scrubbed / ".env.example").write_text("DB_URL=\n", encoding="utf-8")
    ran = migrate(ssmm, "--profile", "a $b %n", "--require", "A", "B", "--require-from", ".env.example", "--allow-name", "LD_PRELOAD")
    options = f'--profile "a $$b %%n" --app myapp --allow-name LD_PRELOAD --require A B --require-from {scrubbed}/.env.example'
    assert fetched(ran) == f"+{machine.ssmm} sync {options} --out %t/ssmm-myapp.env"


def test_the_directory_names_the_app_with_cwd_app(ssmm: Cli, machine: Machine) -> None:
    ran = migrate(ssmm, "--cwd-app", app=None)
    assert fetched(ran) == f"+{machine.ssmm} sync --out %t/ssmm-myapp.env"
    assert settings(ran.out)["WorkingDirectory"] == [os.getcwd()]


def test_a_file_on_disk_is_named_as_each_setting_takes_it(ssmm: Cli, machine: Machine, tmp_path: Path) -> None:
    folder = tmp_path / "100% $X [1]"
    folder.mkdir()
    ran = migrate(ssmm, "--disk", f"{folder}/app.env")
    assert fetched(ran).endswith(f' --out "{tmp_path}/100%% $$X [1]/app.env"')
    assert settings(ran.out)["EnvironmentFile"] == ["", f"-{tmp_path}/100%% $X \\[1]/app.env"]
    assert "ExecStopPost" not in settings(ran.out)


@pytest.mark.parametrize("path", ["relative.env", "~/app.env", "", "/nowhere/app.env", "/etc/two\nlines"])
def test_a_file_on_disk_that_could_not_be_written_is_refused(ssmm: Cli, machine: Machine, path: str) -> None:
    ran = migrate(ssmm, "--disk", path, "--apply")
    assert ran.code in (2, 78)
    assert len(spoken(ran)) == 1
    assert machine.files() == []


def test_a_template_s_instances_have_files_of_their_own(ssmm: Cli, machine: Machine) -> None:
    ran = migrate(ssmm, unit="worker@.service")
    assert fetched(ran).endswith(" --out %t/ssmm-worker@%i.env")
    assert "ssmm-worker@my+x2ddb.env" in migrate(ssmm, unit="worker@my\\x2ddb.service").out


def test_apply_writes_the_file_of_the_dry_run_and_reloads(ssmm: Cli, machine: Machine) -> None:
    planned = json.loads(migrate(ssmm, "--json").out)
    assert machine.files() == []
    assert migrate(ssmm, "--apply").code == 0
    drop_in = machine.drop_in.with_name("sync-mode.conf")
    assert drop_in.read_text(encoding="utf-8") == planned["content"]
    assert machine.calls == ["--user daemon-reload"]
    assert json.loads(migrate(ssmm, "--json", "--revert", "--apply").out)["removes"] == [str(drop_in)]
    assert machine.files() == []


def test_switching_modes_is_one_step_that_a_failed_reload_takes_back(ssmm: Cli, machine: Machine) -> None:
    assert ssmm("migrate-to-exec", "--unit", "myapp.service", "--app", "myapp", "--exec-cmd", "/bin/app", "--apply").code == 0
    before = machine.drop_in.read_bytes()
    machine.refuse()
    assert migrate(ssmm, "--apply").code == 1
    assert machine.drop_in.read_bytes() == before
    assert machine.files() == [str(machine.drop_in.relative_to(machine.units.parents[2]))]


@pytest.mark.parametrize("unit", ["myapp", "myapp.timer", "../x.service"])
def test_what_is_no_service_is_refused(ssmm: Cli, machine: Machine, unit: str) -> None:
    ran = migrate(ssmm, "--apply", unit=unit)
    assert ran.code == 2
    assert machine.files() == []
