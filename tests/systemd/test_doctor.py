"""`ssmm doctor UNIT` on units of real managers: that what it finds is so, and that its fix mends it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.systemd.doctoring import ONLINE, SENTINEL, look, starts, worse
from tests.systemd.scene import ON_SYSTEM

if TYPE_CHECKING:
    from tests.conftest import Ssm
    from tests.systemd.scene import Units


@pytest.fixture
def team(ssm: Ssm) -> Ssm:
    ssm.put("/myteam/my-app/token", SENTINEL)
    return ssm


# The three kinds of units


@ON_SYSTEM
def test_a_unit_without_ssmm_is_told_how_to_get_it(units: Units, team: Ssm) -> None:
    units.load("plain.service", f"ExecStart={units.command}", ONLINE)
    (one,) = look(units, "plain.service", "--app", "my-app")["mode"]
    assert one["level"] == "info"
    commands = one["fix"].splitlines()
    assert [command.split()[:4] for command in commands] == [
        ["ssmm", f"migrate-to-{mode}", "--unit", "plain.service"] for mode in ("exec", "sync")
    ]
    for command in commands:
        words = command.partition("  #")[0].split()[1:]
        ended = units.ssmm(*[word.replace("APP", "my-app") for word in words if word != "--system"])
        assert ended.returncode == 0, ended.stderr


@pytest.mark.parametrize("mode", ["exec", "sync"])
def test_a_unit_that_ssmm_switched_has_no_fault(units: Units, team: Ssm, mode: str) -> None:
    units.load("switched.service", f"WorkingDirectory=/tmp\nExecStart={units.command}")
    units.switch(mode, "switched.service")
    units.started("switched.service")
    found = look(units, "switched.service")
    assert worse(found) == set()
    assert f"ssmm {mode}" in found["mode"][0]["what"]
    assert "app my-app" in found["mode"][0]["what"]
    assert found["unit-credentials"][0]["level"] == found["unit-region"][0]["level"] == found["unit-parameters"][0]["level"] == "ok"


def test_a_unit_is_looked_for_in_both_managers(of_system: Units, team: Ssm) -> None:
    of_system.load("mine.service", f"ExecStart={of_system.command}")
    (one,) = look(of_system, "mine.service")["unit-loaded"]
    assert one["what"].startswith("mine.service of the system manager")


@ON_SYSTEM
@pytest.mark.parametrize("unit", ["nowhere.service", "nowhere", "now.here", "template@.service", "../x"])
def test_a_unit_that_is_not_there_is_an_error(units: Units, unit: str) -> None:
    (one,) = look(units, unit)["unit-loaded"]
    assert one["level"] == "error"


@pytest.mark.parametrize("unit", ["basic.target", "template@.socket"])
def test_only_services_have_commands_to_look_at(of_user: Units, unit: str) -> None:
    (one,) = look(of_user, unit)["unit-loaded"]
    assert one["what"] == f"{unit} is not a service"


def test_a_manager_that_is_not_there_is_an_error(of_user: Units) -> None:
    (one,) = look(of_user, "a.service", "--system")["unit-loaded"]
    assert one["level"] == "error"
    assert "cannot be reached" in one["what"]


def test_a_person_reads_areas_and_fixes(of_user: Units, team: Ssm) -> None:
    of_user.load("read.service", f"Environment=API_TOKEN={SENTINEL}\nExecStart={of_user.command}")
    ended = of_user.ssmm("doctor", "read")
    lines = ended.stdout.splitlines()
    assert lines[0] == "Unit"
    assert "Secrets in the open" in lines
    assert "  info     neither ssmm exec nor ssmm sync is in it" in lines
    assert lines[-1].startswith("0 errors, ")
    assert SENTINEL not in ended.stdout + ended.stderr


# How it starts


def test_a_variable_in_an_exec_command_is_not_the_parameter(of_user: Units, team: Ssm) -> None:
    of_user.load(
        "expanded.service", f"ExecStart={of_user.program} exec --prefix /myteam --app my-app -- {of_user.command} ${{TOKEN}} $OTHER", ONLINE
    )
    assert of_user.started("expanded.service")[0][-1] == ""
    found = look(of_user, "expanded.service")["variable-in-exec-command"]
    assert [(one["level"], "${TOKEN}" in one["what"], "${OTHER}" in one["what"]) for one in found] == [
        ("error", True, False),
        ("warning", False, True),
    ]


def test_what_changed_since_the_manager_read_it_is_told(of_user: Units, team: Ssm) -> None:
    of_user.load("changed.service", f"ExecStart={of_user.command}")
    assert "daemon-reload-needed" not in look(of_user, "changed.service")
    of_user.started("changed.service")
    path = of_user.manager.units / "changed.service"
    path.write_text(path.read_text(encoding="utf-8") + "\n# changed\n", encoding="utf-8")
    (one,) = look(of_user, "changed.service")["daemon-reload-needed"]
    assert of_user.manager.run(*one["fix"].split()).returncode == 0
    assert "daemon-reload-needed" not in look(of_user, "changed.service")


def test_a_system_unit_should_wait_for_the_network_and_needs_no_configuration_file(of_system: Units, team: Ssm) -> None:
    of_system.load("early.service", f"ExecStart={of_system.program} exec --app my-app -- {of_system.command}")
    assert not starts(of_system, "early.service")
    found = look(of_system, "early.service")
    assert worse(found) == {"network-online", "home-unset"}
    lines = [one["fix"].partition("\n")[2] for check in ("network-online", "home-unset") for one in found[check]]
    of_system.drop_in("early.service", "override.conf", "\n".join(lines) + "\n")
    assert of_system.started("early.service")[1]["TOKEN"] == SENTINEL
    assert worse(look(of_system, "early.service")) == set()


def test_a_users_unit_waits_for_no_network(of_user: Units, team: Ssm) -> None:
    of_user.load("early.service", f"ExecStart={of_user.program} exec --prefix /myteam --app my-app -- {of_user.command}")
    assert worse(look(of_user, "early.service")) == set()


def test_an_app_mistyped_keeps_the_unit_from_starting(of_user: Units, team: Ssm) -> None:
    of_user.load("typo.service", f"ExecStart={of_user.program} exec --prefix /myteam --app my-ap -- {of_user.command}", ONLINE)
    assert not starts(of_user, "typo.service")
    assert worse(look(of_user, "typo.service")) == {"app-has-parameters"}
