"""`ssmm doctor UNIT` on units that do not run, and on what their calls of ssmm ask for, beside what a real manager makes of them."""

from __future__ import annotations

import os
import pwd
import shlex
import sys
from typing import TYPE_CHECKING

import pytest

from tests.systemd.doctoring import ONLINE, SENTINEL, look, starts, sync_line, worse
from tests.systemd.scene import ON_SYSTEM

if TYPE_CHECKING:
    from tests.conftest import Ssm
    from tests.systemd.scene import Units

NOBODY = "nobody"


@pytest.fixture
def team(ssm: Ssm) -> Ssm:
    ssm.put("/myteam/my-app/token", SENTINEL)
    return ssm


def call(units: Units, *options: str) -> str:
    """A unit's command that starts a program through ssmm."""
    return f"ExecStart={units.program} exec --prefix /myteam --app my-app {' '.join(options)} -- {units.command}"


# How it fares


@ON_SYSTEM
@pytest.mark.parametrize(
    ("service", "what", "why"),
    [
        ("ExecStart={ssmm} exec --prefix /myteam --app my-ap -- /bin/true", "ExecStart= ended with 78", "To ssmm 78 means"),
        ("ExecStart={ssmm} exec --prefix /myteam --app my-app -- /no/program", "ExecStart= ended with 127", "To ssmm 127 means"),
        ("ExecStartPre={ssmm} sync --prefix /myteam --app my-ap --out -\nExecStart=/bin/true", "ExecStartPre= ended with 78", "To ssmm 78"),
        ("ExecStart=/bin/sh -c 'exit 78'", "ExecStart= ended with 78", "Its log says why."),
        ("ExecStart=/bin/sh -c 'kill -9 $$$$'", "ExecStart= was ended by SIGKILL", "Its log says why."),
        ("EnvironmentFile=/no/file\nExecStart=/bin/true", "(Result=resources)", "Its log says why."),
        ("ExecStart=/no/program", "ExecStart= ended with 203/EXEC", "To systemd that means"),
    ],
)
def test_a_unit_that_has_failed_is_an_error_with_what_its_code_means(units: Units, team: Ssm, service: str, what: str, why: str) -> None:
    units.load("dead.service", f"Restart=no\n{service.format(ssmm=units.program)}", ONLINE)
    assert units.manager.systemctl("start", "dead.service").returncode != 0
    (one,) = look(units, "dead.service")["unit-state"]
    assert (one["level"], one["what"].startswith("it has failed (Result=")) == ("error", True)
    assert what in one["what"]
    assert why in one["why"]
    assert one["fix"] == f"journalctl {'-u' if units.manager.scope == 'system' else '--user-unit'} dead.service -n 20"


@pytest.mark.parametrize(("code", "level"), [(75, "warning"), (77, "error"), (1, "warning")])
def test_a_unit_that_waits_for_its_next_start_is_told(of_user: Units, team: Ssm, code: int, level: str) -> None:
    of_user.program.write_text(f"#!/bin/sh\nexit {code}\n", encoding="utf-8")
    of_user.load("again.service", f"RestartSec=600\n{call(of_user)}", ONLINE)
    assert of_user.manager.systemctl("start", "again.service").returncode != 0
    of_user.launcher(of_user.program)
    (one,) = look(of_user, "again.service")["unit-state"]
    assert one["level"] == level
    assert "systemd is about to start it again (Result=exit-code): ExecStart= ended with" in one["what"]


def test_a_unit_that_runs_says_so(of_user: Units, team: Ssm) -> None:
    of_user.load("alive.service", call(of_user), ONLINE)
    assert look(of_user, "alive.service")["unit-state"][0]["what"] == "it does not run, and has not failed"
    of_user.started("alive.service")
    assert look(of_user, "alive.service")["unit-state"][0]["what"] == "it is active (exited)"


AS_ANOTHER = """
import os, sys
import jeepney.bus, jeepney.low_level
from ssmm_core.systemd.manager import Manager, NoManager
if int(sys.argv[1]):
    os.setuid(int(sys.argv[1]))  # with all that is needed imported: this user may not read it
try:
    Manager(system=True, environ={}).service("a.service")
except NoManager as error:
    print(error)
else:
    print("answered")
"""


def test_who_may_not_ask_the_systems_manager_is_told_to_use_sudo(of_system: Units) -> None:
    of_system.manager.systemctl("stop", "dbus.socket", "dbus.service")
    said = {
        user: of_system.manager.run(sys.executable, "-c", AS_ANOTHER, str(pwd.getpwnam(user).pw_uid), environment=of_system.settings).stdout
        for user in (NOBODY, "root")
    }
    assert "/run/systemd/private: Permission denied" in said[NOBODY]
    assert "Run it with sudo" in said[NOBODY]
    assert said["root"] == "answered\n"


# What it asks for


@ON_SYSTEM
def test_a_variable_that_is_required_and_nowhere_is_an_error(units: Units, team: Ssm) -> None:
    names = units.env_file("names", "TOKEN=\nOTHER=1\n")
    units.load("asks.service", call(units, "--require", "URL", "TOKEN", "--require-from", str(names)), ONLINE)
    assert not starts(units, "asks.service")
    found = look(units, "asks.service")
    assert worse(found) == {"required"}
    assert found["required"][0]["what"] == "URL, OTHER, required by ssmm exec, are in no layer of my-app"
    words = found["required"][0]["fix"].partition("  #")[0].split()
    assert words == ["ssmm", "put", "URL", "OTHER", "--app", "my-app"]
    assert units.ssmm(*words[1:2], *(f"{name}=x" for name in words[2:4]), *words[4:]).returncode == 0
    assert starts(units, "asks.service")
    assert worse(look(units, "asks.service")) == set()


def test_what_the_unit_has_already_is_not_missing_for_exec_but_for_sync(of_user: Units, team: Ssm) -> None:
    path = of_user.env_file("kept.env", "FROM_FILE=1\n")
    own = f"Environment=OWN=1\nEnvironmentFile={path}"
    required = "--require OWN FROM_FILE PATH HOME"
    of_user.load("has.service", f"{own}\n{call(of_user, required)}", ONLINE)
    of_user.started("has.service")
    assert worse(look(of_user, "has.service")) == set()
    of_user.load("has.service", f"{own}\n{call(of_user, required, '--pristine --keep PATH HOME FROM_FILE')}", ONLINE)
    assert not starts(of_user, "has.service")
    assert look(of_user, "has.service")["required"][0]["what"].startswith("OWN, required by ssmm exec, is in no layer")
    of_user.load("has.service", f"{own}\n{sync_line(of_user, '-')} --require OWN\nExecStart=/bin/true", ONLINE)
    assert not starts(of_user, "has.service")
    assert worse(look(of_user, "has.service")) == {"required"}


@pytest.mark.parametrize("names", ["TOKEN", "TOKEN URL"])
def test_what_only_asks_for_has_to_be_there(of_user: Units, team: Ssm, names: str) -> None:
    of_user.load("only.service", call(of_user, "--only", names), ONLINE)
    there = "URL" not in names
    assert starts(of_user, "only.service") is there
    assert worse(look(of_user, "only.service")) == (set() if there else {"only"})


def test_a_file_of_names_that_is_not_there_is_an_error(of_user: Units, team: Ssm) -> None:
    of_user.load("unread.service", call(of_user, "--require-from", "/no/names"), ONLINE)
    assert not starts(of_user, "unread.service")
    found = look(of_user, "unread.service")
    assert worse(found) == {"required-file"}
    assert "/no/names" in found["required-file"][0]["what"]


def test_a_file_of_names_that_the_units_user_may_not_read_is_an_error(of_system: Units, team: Ssm) -> None:
    names = of_system.env_file("names", "TOKEN\n")
    of_system.folder.chmod(0o755)
    of_system.load("unread.service", f"User={NOBODY}\n{call(of_system, '--require-from', str(names))}", ONLINE)
    assert not starts(of_system, "unread.service")
    assert look(of_system, "unread.service")["required-file"][0]["what"] == f"{NOBODY} may not read {names}"
    os.chown(names, pwd.getpwnam(NOBODY).pw_uid, -1)
    assert "required-file" not in look(of_system, "unread.service")


# What is not delivered


@ON_SYSTEM
def test_a_parameter_that_delivery_refuses_is_an_error(units: Units, team: Ssm) -> None:
    team.put("/myteam/my-app/bash-env", SENTINEL, "String")
    units.load("refused.service", call(units), ONLINE)
    assert not starts(units, "refused.service")
    found = look(units, "refused.service")
    assert worse(found) == {"parameter-refused"}
    command = found["parameter-refused"][0]["fix"]
    units.load("refused.service", call(units, command.rpartition(": ")[2]), ONLINE)
    assert units.started("refused.service")[1]["BASH_ENV"] == SENTINEL
    assert worse(look(units, "refused.service")) == set()
    units.load("refused.service", call(units), ONLINE)
    assert units.ssmm(*shlex.split(command, comments=True)[1:], "--yes", "--no-backup").returncode == 0
    assert starts(units, "refused.service")


@pytest.mark.parametrize("strict", ["", "--strict"])
def test_what_is_left_out_of_what_is_shared_is_named(of_user: Units, team: Ssm, strict: str) -> None:
    team.put("/myteam/shared/node-options", SENTINEL, "String")
    team.put("/myteam/shared/ld-preload", SENTINEL, "String")
    of_user.load("left.service", call(of_user, strict), ONLINE)
    assert starts(of_user, "left.service") is not bool(strict)
    found = look(of_user, "left.service")["parameter-left-out"]
    assert [(one["level"], one["what"].partition(" is not delivered: ")[0]) for one in found] == [
        ("error" if strict else "warning", "/myteam/shared/ld-preload"),
        ("error" if strict else "warning", "/myteam/shared/node-options"),
    ]
    of_user.load("left.service", call(of_user, "--no-shared", strict), ONLINE)
    assert worse(look(of_user, "left.service")) == set()


def test_a_conflict_ends_a_strict_delivery_alone(of_user: Units, team: Ssm) -> None:
    team.put("/myteam/shared/token", SENTINEL)
    of_user.load("strict.service", call(of_user, "--strict"), ONLINE)
    assert not starts(of_user, "strict.service")
    assert worse(look(of_user, "strict.service")) == {"parameter-conflict"}
    of_user.load("strict.service", call(of_user), ONLINE)
    assert worse(look(of_user, "strict.service")) == set()


def test_whose_the_variables_are_is_told(of_user: Units, team: Ssm) -> None:
    team.put("/myteam/shared/url", SENTINEL)
    of_user.load("counted.service", call(of_user), ONLINE)
    assert "2 variables for it, 1 of app my-app and 1 of shared, asked" in look(of_user, "counted.service")["unit-parameters"][0]["what"]
    of_user.load("counted.service", call(of_user).replace("my-app", "gone"), ONLINE)
    found = look(of_user, "counted.service")
    assert "1 variable for it, all of shared, asked" in found["unit-parameters"][0]["what"]
    assert worse(found) == {"app-has-parameters"}
