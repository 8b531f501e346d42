"""`migrate-to-exec` where no manager answers: written, reloaded, or everything as it was."""

from __future__ import annotations

import os
import signal
import subprocess
from pathlib import Path

import pytest

from ssmm_core.errors import SettingsError
from ssmm_core.systemd.dropin import directory
from tests.cli.machine import COMMAND, Machine, migrate, spoken
from tests.conftest import Cli


def test_a_dry_run_writes_nothing_and_asks_nobody(ssmm: Cli, machine: Machine, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_ENDPOINT_URL_SSM", "http://127.0.0.1:1")
    ran = migrate(ssmm)
    assert ran.code == 0
    assert machine.files() == []
    assert machine.calls == []
    assert "--apply" in ran.err
    assert f"rm {machine.drop_in} && systemctl --user daemon-reload" in ran.err


def test_apply_writes_the_file_of_the_dry_run_and_reloads_the_users_manager(ssmm: Cli, machine: Machine) -> None:
    planned = migrate(ssmm)
    ran = migrate(ssmm, "--apply")
    assert ran.code == 0
    assert f"# {machine.drop_in}\n{machine.drop_in.read_text(encoding='utf-8')}" == planned.out
    assert machine.calls == ["--user daemon-reload"]
    assert str(machine.drop_in) in ran.err
    assert machine.files() == [str(machine.drop_in.relative_to(Path.home()))]


def test_apply_again_leaves_the_same_file(ssmm: Cli, machine: Machine) -> None:
    assert migrate(ssmm, "--apply").code == 0
    before = machine.drop_in.read_bytes()
    ran = migrate(ssmm, "--apply")
    assert ran.code == 0
    assert machine.drop_in.read_bytes() == before
    assert "already" in ran.err


def test_other_drop_ins_are_left_alone(ssmm: Cli, machine: Machine) -> None:
    other = machine.drop_in.with_name("v2-syslog-identifier.conf")
    other.parent.mkdir(parents=True)
    other.write_text("[Service]\nSyslogIdentifier=x\n", encoding="utf-8")
    before = other.stat()
    assert migrate(ssmm, "--apply").code == 0
    assert other.read_text(encoding="utf-8") == "[Service]\nSyslogIdentifier=x\n"
    assert other.stat().st_mtime_ns == before.st_mtime_ns
    assert sorted(os.listdir(other.parent)) == ["exec-mode.conf", "v2-syslog-identifier.conf"]


@pytest.mark.parametrize("before", [None, b"[Service]\nExecStart=\nExecStart=/old \xff\n"], ids=["nothing", "an older drop-in"])
def test_when_the_reload_fails_what_stood_there_stands_again(ssmm: Cli, machine: Machine, before: bytes | None) -> None:
    if before is not None:
        machine.drop_in.parent.mkdir(parents=True)
        machine.drop_in.write_bytes(before)
    machine.refuse()
    ran = migrate(ssmm, "--apply")
    assert ran.code == 1
    assert "Failed to reload daemon: made up" in ran.err
    assert "more of it" not in ran.err
    assert str(machine.drop_in) in ran.err
    assert len(spoken(ran)) == 1
    assert machine.calls[0] == "--user daemon-reload"
    assert (machine.drop_in.read_bytes() if machine.drop_in.exists() else None) == before
    assert len(machine.files()) == (before is not None)


def test_without_systemctl_nothing_stays_behind(ssmm: Cli, machine: Machine, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    machine.systemctl.unlink()
    monkeypatch.setenv("PATH", str(machine.ssmm.parent))
    ran = migrate(ssmm, "--apply")
    assert ran.code == 1
    assert "systemctl" in ran.err
    assert machine.files() == []


def test_a_folder_that_cannot_be_written_is_said(ssmm: Cli, machine: Machine) -> None:
    machine.units.parent.mkdir(parents=True)
    machine.units.touch()
    ran = migrate(ssmm, "--apply")
    assert ran.code == 1
    assert str(machine.drop_in.parent) in ran.err
    assert len(spoken(ran)) == 1
    assert machine.calls == []


@pytest.mark.parametrize(
    ("unit", "home"),
    [("myapp.service", "home"), ("my\\x2dapp.service", "home"), ("myapp.service", "the home of $USER's")],
    ids=["plain", "escaped name", "odd home"],
)
def test_the_command_that_reverts_it_works_when_pasted(
    ssmm: Cli, machine: Machine, monkeypatch: pytest.MonkeyPatch, tmp_path: Path, unit: str, home: str
) -> None:
    monkeypatch.setenv("HOME", str(tmp_path / home))
    ran = migrate(ssmm, "--apply", unit=unit)
    drop_in = tmp_path / home / ".config/systemd/user" / f"{unit}.d" / "exec-mode.conf"
    assert drop_in.exists()
    revert = ran.err.rpartition("To revert: ")[2].strip()
    ended = subprocess.run(["sh", "-c", revert], capture_output=True, text=True, timeout=60)
    assert ended.returncode == 0, ended.stderr
    assert not drop_in.exists()
    assert machine.calls == ["--user daemon-reload"] * 2


@pytest.mark.parametrize("missing", ["--unit", "--exec-cmd"])
def test_what_must_be_said_is_asked_for(ssmm: Cli, machine: Machine, missing: str) -> None:
    given = {"--unit": "myapp.service", "--exec-cmd": COMMAND}
    del given[missing]  # the command is asked for where there is no manager to ask
    ran = ssmm("migrate-to-exec", "--app", "myapp", *[word for pair in given.items() for word in pair])
    assert ran.code == 2
    assert missing in ran.err
    assert len(spoken(ran)) == 1


def test_no_prefix_is_said_before_anything_else(ssmm: Cli, machine: Machine, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("SSMM_PREFIX_ROOT")
    ran = migrate(ssmm, "--apply")
    assert ran.code == 78
    assert ran.err == "Error: no prefix configured. Pass --prefix /<your-team> or set $SSMM_PREFIX_ROOT=/<your-team>.\n"
    assert machine.files() == []


def test_a_unit_does_not_run_on_the_demonstration(ssmm: Cli, machine: Machine) -> None:
    ran = migrate(ssmm, "--demo", "--apply")
    assert ran.code == 2
    assert machine.files() == []


@pytest.mark.parametrize(
    ("command", "says"),
    [
        ('/bin/sh -c "exec app', "opens a quote that is never closed"),
        ("/usr/bin/ssmm exec --app web /usr/bin/app", "wrapped in ssmm exec, without a --"),
        ("/usr/bin/app \\", "ends in a backslash"),
        ("--", "expected one argument"),
    ],
)
def test_a_command_that_systemd_or_we_would_misread_is_refused(ssmm: Cli, endpoint: str, command: str, says: str) -> None:
    ran = ssmm("migrate-to-exec", "--unit", "a.service", "--app", "web", "--ssmm-bin", "/usr/bin/ssmm", "--exec-cmd", command)
    assert ran.code == 2
    assert says in ran.err


def test_options_of_an_earlier_wrapping_that_are_not_kept_are_said(ssmm: Cli, endpoint: str) -> None:
    wrapped = "/usr/bin/ssmm exec --app web --strict -- /usr/bin/app"
    ran = ssmm("migrate-to-exec", "--unit", "a.service", "--app", "web", "--ssmm-bin", "/usr/bin/ssmm", "--exec-cmd", wrapped)
    assert ran.code == 0
    assert "not kept: --app web --strict" in ran.err


def test_where_the_drop_ins_of_a_manager_are() -> None:
    assert directory("a.service", system=True, environ={}) == "/etc/systemd/system/a.service.d"
    assert directory("a.service", system=False, environ={"HOME": "/home/you"}) == "/home/you/.config/systemd/user/a.service.d"
    with pytest.raises(SettingsError, match="HOME is not set"):
        directory("a.service", system=False, environ={"HOME": "here"})


def test_that_nobody_could_be_asked_is_said(ssmm: Cli, machine: Machine) -> None:
    ran = migrate(ssmm)
    assert "neither the drop-in nor what systemd makes of it can be checked: the user's manager cannot be reached" in ran.err


def test_reverting_removes_what_ssmm_wrote_and_nothing_else(ssmm: Cli, machine: Machine) -> None:
    other = machine.drop_in.with_name("other.conf")
    other.parent.mkdir(parents=True)
    other.write_text("[Service]\nNice=1\n", encoding="utf-8")
    assert migrate(ssmm, "--apply").code == 0
    assert ssmm("migrate-to-exec", "--unit", "myapp.service", "--revert").out == f"# removes {machine.drop_in}\n"
    assert machine.drop_in.exists()
    assert ssmm("migrate-to-exec", "--unit", "myapp.service", "--revert", "--apply").code == 0
    assert machine.files() == [str(other.relative_to(Path.home()))]
    assert machine.calls == ["--user daemon-reload"] * 2


def test_when_the_reload_after_reverting_fails_the_drop_in_stands_again(ssmm: Cli, machine: Machine) -> None:
    assert migrate(ssmm, "--apply").code == 0
    before = machine.drop_in.read_bytes()
    machine.refuse()
    assert ssmm("migrate-to-exec", "--unit", "myapp.service", "--revert", "--apply").code == 1
    assert machine.drop_in.read_bytes() == before


def test_after_a_failure_the_very_file_is_there_again(ssmm: Cli, machine: Machine) -> None:
    machine.drop_in.parent.mkdir(parents=True)
    machine.drop_in.write_bytes(b"[Service]\nNice=1\n")
    machine.drop_in.chmod(0o600)
    before = machine.drop_in.stat()
    machine.refuse()
    assert migrate(ssmm, "--apply").code == 1
    after = machine.drop_in.stat()
    assert (after.st_ino, after.st_mode, after.st_mtime_ns) == (before.st_ino, before.st_mode, before.st_mtime_ns)
    assert len(machine.files()) == 1


@pytest.mark.parametrize("options", [(), ("--apply",)], ids=["dry run", "apply"])
def test_reverting_looks_at_services_alone(ssmm: Cli, machine: Machine, options: tuple[str, ...]) -> None:
    assert migrate(ssmm, "--apply").code == 0
    for unit in ("../user/myapp.service", "myapp", "x/../myapp.service"):
        assert ssmm("migrate-to-exec", "--unit", unit, "--revert", *options).code == 2
    assert machine.drop_in.exists()


def test_a_signal_in_the_middle_ends_it_when_all_is_done(ssmm: Cli, machine: Machine) -> None:
    machine.systemctl.write_text("#!/bin/sh\nkill -TERM $PPID\n", encoding="utf-8")
    words = ("--unit", "myapp.service", "--app", "myapp", "--exec-cmd", COMMAND, "--ssmm-bin", str(machine.ssmm))
    ran = ssmm.process("migrate-to-exec", *words, "--apply")
    assert ran.code == -signal.SIGTERM
    assert machine.drop_in.exists()
    assert machine.files() == [str(machine.drop_in.relative_to(Path.home()))]
