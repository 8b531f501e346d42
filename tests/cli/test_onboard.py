"""`onboard`: an environment file and its unit in one go, or neither."""

from __future__ import annotations

import json
import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from tests.cli.machine import COMMAND, Machine, settings, spoken
from tests.conftest import ROOT, Cli, Ran, Ssm

if TYPE_CHECKING:
    from tests.support.faults import Faults

ENV = "API_TOKEN='sentinel-token $x'\nSLACK_CHANNEL=sentinel-channel\nEMPTY=\nKEY=\"sentinel\nlines\"\n"
NAMES = [f"{ROOT}/my-app/{key}" for key in ("api-token", "key", "slack-channel")]


@pytest.fixture
def env_file(scrubbed: Path) -> Path:
    """The `.env` of a unit that is not in Parameter Store yet."""
    path = scrubbed / "my app.env"
    path.write_text(ENV, encoding="utf-8")
    return path


def onboard(ssmm: Cli, env: Path, *options: str) -> Ran:
    ran = ssmm("onboard", "--unit", "myapp.service", "--app", "my-app", "--env", str(env), "--exec-cmd", COMMAND, *options)
    assert "sentinel" not in ran.out + ran.err
    return ran


def test_onboarding_shows_both_halves_first_and_does_neither(ssmm: Cli, ssm: Ssm, machine: Machine, env_file: Path) -> None:
    ran = onboard(ssmm, env_file)
    assert ran.code == 0
    for name in NAMES:
        assert name in ran.out
    assert "SecureString [auto: default]" in ran.out
    assert "String [auto: suffix]" in ran.out
    assert "len=17" in ran.out
    assert "len<12" not in ran.out
    assert f"{machine.ssmm} exec --app my-app -- {COMMAND}" in ran.out
    assert str(machine.drop_in) in ran.out
    assert "OVERWRITE" not in ran.out
    assert "--apply" in ran.err
    assert ssm.names() == []
    assert machine.files() == []
    assert machine.calls == []


def test_onboarding_puts_the_values_and_switches_the_unit(ssmm: Cli, ssm: Ssm, machine: Machine, env_file: Path) -> None:
    planned = settings("[Service]\n" + onboard(ssmm, env_file).out.partition("[Service]\n")[2])
    ran = onboard(ssmm, env_file, "--apply", "--tag", "owner=backend", "--secure", "SLACK_CHANNEL")
    assert ran.code == 0, ran.err
    assert ssm.names() == NAMES
    assert [ssm.value(name) for name in NAMES] == ["sentinel-token $x", "sentinel\nlines", "sentinel-channel"]
    assert ssm.tags(NAMES[0]) == {"app": "my-app", "owner": "backend"}
    assert ssm.get(NAMES[2])["Type"] == "SecureString"
    assert settings(machine.drop_in.read_text(encoding="utf-8")) == planned
    assert machine.calls == ["--user daemon-reload"]
    assert f"rm {machine.drop_in} && systemctl --user daemon-reload" in ran.err


def test_onboarding_names_the_app_by_the_directory_with_cwd_app(ssmm: Cli, ssm: Ssm, machine: Machine, env_file: Path) -> None:
    ran = onboard(ssmm, env_file, "--cwd-app", "--apply")
    assert ran.code == 0
    found = settings(machine.drop_in.read_text(encoding="utf-8"))
    assert found["ExecStart"] == ["", f"{machine.ssmm} exec -- {COMMAND}"]
    assert found["WorkingDirectory"] == [os.getcwd()]
    assert ssm.names() == NAMES


def test_empty_values_are_left_out_and_are_no_conflict(ssmm: Cli, ssm: Ssm, machine: Machine, env_file: Path) -> None:
    ssm.put(f"{ROOT}/my-app/empty", "stands")
    ran = onboard(ssmm, env_file, "--apply")
    assert ran.code == 0
    assert "EMPTY" in ran.err
    assert f"{ROOT}/my-app/empty" not in ran.out
    assert ssm.value(f"{ROOT}/my-app/empty") == "stands"


@pytest.mark.parametrize("options", [(), ("--apply",)], ids=["dry run", "apply"])
@pytest.mark.parametrize("value", ["other", "sentinel-channel"], ids=["with another value", "with the same value"])
def test_a_key_that_exists_stops_it_in_a_dry_run_too(
    ssmm: Cli, ssm: Ssm, machine: Machine, env_file: Path, options: tuple[str, ...], value: str
) -> None:
    ssm.put(NAMES[2], value, "String")
    ran = onboard(ssmm, env_file, *options)
    assert ran.code == 78
    assert NAMES[2] in ran.err
    assert NAMES[0] not in ran.err
    assert "--overwrite" in ran.err
    assert ssm.names() == [NAMES[2]]
    assert ssm.get(NAMES[2])["Version"] == 1
    assert machine.files() == []
    assert machine.calls == []


def test_overwrite_lists_what_it_will_overwrite_and_then_does(ssmm: Cli, ssm: Ssm, machine: Machine, env_file: Path) -> None:
    ssm.put(NAMES[0], "old")
    ssm.put(NAMES[2], "old", "String")
    ran = onboard(ssmm, env_file, "--overwrite")
    assert ran.code == 0
    heading = next(number for number, line in enumerate(ran.lines) if line.startswith("# WILL OVERWRITE"))
    listed = list(ran.lines[heading + 1 : heading + 3])
    assert all(line.startswith("#") for line in listed)
    assert NAMES[0] in listed[0]
    assert NAMES[2] in listed[1]
    assert NAMES[1] not in ran.lines[heading + 3]
    assert ssm.value(NAMES[0]) == "old"
    assert machine.files() == []
    ran = onboard(ssmm, env_file, "--overwrite", "--apply")
    assert ran.code == 0
    assert [ssm.value(name) for name in NAMES] == ["sentinel-token $x", "sentinel\nlines", "sentinel-channel"]
    assert machine.drop_in.exists()


def test_onboarding_twice_is_refused(ssmm: Cli, ssm: Ssm, machine: Machine, env_file: Path) -> None:
    assert onboard(ssmm, env_file, "--apply").code == 0
    ran = onboard(ssmm, env_file, "--apply")
    assert ran.code == 78
    assert all(name in ran.err for name in NAMES)
    assert machine.calls == ["--user daemon-reload"]


@pytest.mark.parametrize(
    ("content", "said"),
    [("EMPTY=\n", "no variable"), ("dbUrl=x\n", "dbUrl -> DBURL"), ("A='open\n", "env:1"), ("1ST=x\n", "env:1"), (None, "cannot read")],
    ids=["nothing in it", "a name that changes", "an open quote", "no name", "missing"],
)
def test_a_file_that_cannot_be_put_stops_it_before_anything_is_written(
    ssmm: Cli, ssm: Ssm, machine: Machine, env_file: Path, content: str | None, said: str
) -> None:
    if content is None:
        env_file.unlink()
    else:
        env_file.write_text(content, encoding="utf-8")
    ran = onboard(ssmm, env_file, "--apply")
    assert ran.code == 78
    assert said in ran.err
    assert ssm.names() == []
    assert machine.files() == []


def test_the_json_of_an_onboarding_holds_both_halves_and_no_value(ssmm: Cli, ssm: Ssm, machine: Machine, env_file: Path) -> None:
    planned = json.loads(onboard(ssmm, env_file, "--json").out)
    assert planned["applied"] is False
    assert sorted(one["name"] for one in planned["parameters"]) == NAMES
    assert {one["status"] for one in planned["parameters"]} == {"planned"}
    assert planned["path"] == str(machine.drop_in)
    applied = json.loads(onboard(ssmm, env_file, "--json", "--apply").out)
    assert applied["applied"] is True
    assert {one["status"] for one in applied["parameters"]} == {"done"}
    assert applied["content"] == planned["content"]


# One half fails


def test_when_the_unit_cannot_be_switched_what_was_new_is_deleted_again(ssmm: Cli, ssm: Ssm, machine: Machine, env_file: Path) -> None:
    machine.refuse()
    ran = onboard(ssmm, env_file, "--apply")
    assert ran.code == 1
    assert "Failed to reload daemon: made up" in ran.err
    assert "What was stored is taken back" in ran.err
    assert all(name in ran.err for name in NAMES)
    assert ssm.names() == []
    assert [path for path in machine.files() if "systemd" in path] == []


def test_when_the_unit_cannot_be_switched_what_was_changed_gets_its_value_back(
    ssmm: Cli, ssm: Ssm, machine: Machine, env_file: Path
) -> None:
    ssm.put(NAMES[0], "older")
    ssm.put(NAMES[0], "old", Description="before")
    ssm.client.add_tags_to_resource(ResourceType="Parameter", ResourceId=NAMES[0], Tags=[{"Key": "owner", "Value": "them"}])
    ssm.put(NAMES[2], "sentinel-channel", "String")
    machine.refuse()
    ran = onboard(ssmm, env_file, "--overwrite", "--tag", "owner=us", "--apply")
    assert ran.code == 1
    assert ssm.names() == [NAMES[0], NAMES[2]]
    assert (ssm.value(NAMES[0]), ssm.describe(NAMES[0])["Description"]) == ("old", "before")
    assert (ssm.tags(NAMES[0]), ssm.tags(NAMES[2])) == ({"owner": "them"}, {})
    assert ssm.get(NAMES[2])["Version"] == 1


def test_when_the_drop_in_cannot_be_written_nothing_stays_in_the_store(ssmm: Cli, ssm: Ssm, machine: Machine, env_file: Path) -> None:
    machine.units.parent.mkdir(parents=True)
    machine.units.touch()
    ran = onboard(ssmm, env_file, "--apply")
    assert ran.code == 1
    assert str(machine.drop_in.parent) in ran.err
    assert ssm.names() == []
    assert machine.calls == []


def test_when_a_put_fails_the_others_are_taken_back_and_the_unit_is_not_touched(
    ssmm: Cli, ssm: Ssm, machine: Machine, env_file: Path, faults: Faults
) -> None:
    faults.refuse("PutParameter", "ParameterPatternMismatchException", when=lambda body: body["Name"] == NAMES[1])
    ran = onboard(ssmm, env_file, "--apply")
    assert ran.code == 1
    assert "the unit was not touched. What was stored is taken back" in ran.err
    assert ssm.names() == []
    assert [path for path in machine.files() if "systemd" in path] == []
    assert machine.calls == []


OTHER_WRITER = """
import sys
from tests.conftest import Ssm
Ssm(sys.argv[1]).put(sys.argv[2], "somebody else's")
"""


def test_what_somebody_else_wrote_in_between_stays_and_is_named(
    ssmm: Cli, ssm: Ssm, machine: Machine, env_file: Path, monkeypatch: pytest.MonkeyPatch, endpoint: str
) -> None:
    script = machine.systemctl.with_name("write.py")
    script.write_text(OTHER_WRITER, encoding="utf-8")
    machine.systemctl.write_text(
        f"#!/bin/sh\n{sys.executable} {script} {endpoint} {NAMES[0]} >&2\necho 'Failed to reload daemon: made up' >&2\nexit 1\n",
        encoding="utf-8",
    )
    ran = onboard(ssmm, env_file, "--apply")
    assert ran.code == 1
    assert ssm.names() == [NAMES[0]]
    assert ssm.value(NAMES[0]) == "somebody else's"
    assert f"{NAMES[0]} has become version" in ran.err
    stands = spoken(ran)[-1]
    assert "Not all that was stored could be taken back" in stands
    assert f"Stored and new: {NAMES[0]} " in stands
    assert NAMES[1] not in stands


def test_when_nothing_can_be_taken_back_what_stands_is_said_with_the_way_back(
    ssmm: Cli, ssm: Ssm, machine: Machine, env_file: Path, faults: Faults
) -> None:
    ssm.put(NAMES[0], "older")
    ssm.put(NAMES[0], "old")
    faults.refuse("DeleteParameters", "AccessDeniedException")
    faults.refuse("PutParameter", "AccessDeniedException", when=lambda body: body["Value"] == "old")
    machine.refuse()
    ran = onboard(ssmm, env_file, "--overwrite", "--apply")
    assert ran.code == 1
    assert ssm.names() == NAMES
    stands = spoken(ran)[-1]
    assert "Not all that was stored could be taken back" in stands
    assert f"Stored and new: {NAMES[1]}, {NAMES[2]}" in stands or f"Stored and new: {NAMES[2]}, {NAMES[1]}" in stands
    assert f"{NAMES[0]} (was version 2)" in stands
    assert f"ssmm show {NAMES[0]} --version 2 --raw | ssmm put --app my-app API_TOKEN=-" in stands


def test_without_a_home_for_a_backup_what_stands_is_said(
    ssmm: Cli, ssm: Ssm, machine: Machine, env_file: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("XDG_STATE_HOME", "/proc/nowhere")
    machine.refuse()
    ran = onboard(ssmm, env_file, "--apply")
    assert ran.code == 1
    assert "could not be taken back" in ran.err
    assert all(name in spoken(ran)[-1] for name in NAMES)
    assert ssm.names() == NAMES


# What goes into the unit


def test_names_that_only_an_app_itself_may_set_are_allowed_by_name(ssmm: Cli, ssm: Ssm, machine: Machine, env_file: Path) -> None:
    env_file.write_text("API_TOKEN=sentinel\nLD_PRELOAD=/sentinel.so\nBASH_ENV=/sentinel\nPYTHONPATH=/sentinel\n", encoding="utf-8")
    command = settings("[Service]\n" + onboard(ssmm, env_file).out.partition("[Service]\n")[2])["ExecStart"][1]
    assert command == f"{machine.ssmm} exec --app my-app --allow-name LD_PRELOAD BASH_ENV -- {COMMAND}"


def test_a_variable_of_the_file_in_the_command_line_is_refused_before_anything_is_written(
    ssmm: Cli, ssm: Ssm, machine: Machine, env_file: Path
) -> None:
    options = ("--unit", "myapp.service", "--app", "my-app", "--env", str(env_file), "--exec-cmd", "/usr/bin/app ${API_TOKEN}")
    ran = ssmm("onboard", *options, "--apply")
    assert ran.code == 78
    assert "${API_TOKEN}" in ran.err
    assert "migrate-to-sync" in ran.err
    assert (ssm.names(), machine.calls) == ([], [])


def test_it_switches_to_sync_mode_too(ssmm: Cli, ssm: Ssm, machine: Machine, env_file: Path) -> None:
    options = ("--unit", "myapp.service", "--app", "my-app", "--env", str(env_file), "--mode", "sync")
    ran = ssmm("onboard", *options, "--apply")
    assert ran.code == 0, ran.err
    written = machine.drop_in.with_name("sync-mode.conf").read_text(encoding="utf-8")
    assert settings(written)["EnvironmentFile"] == ["", "-%t/ssmm-myapp.env"]
    assert ssm.names() == NAMES


@pytest.mark.parametrize(
    "options", [("--mode", "sync", "--exec-cmd", "/bin/true"), ("--disk", "/x"), ("--mode", "sync", "--no-restart-prevent")]
)
def test_options_of_the_other_mode_are_refused(ssmm: Cli, ssm: Ssm, machine: Machine, env_file: Path, options: tuple[str, ...]) -> None:
    ran = ssmm("onboard", "--unit", "myapp.service", "--app", "my-app", "--env", str(env_file), *options, "--apply")
    assert ran.code == 2
    assert ssm.names() == []
