"""`migrate-to-exec` on units of real managers: what a program gets before and after, and what is refused."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

import pytest

from tests.conftest import ROOT
from tests.systemd.scene import settings_of

if TYPE_CHECKING:
    from tests.conftest import Ssm
    from tests.systemd.scene import Units

AWKWARD = r""" "two words" 'it' %n 100%% \x41 "a\\b\"c\td" "" '$HOME' $$HOME a$b ${NOT_SET}x ; $WORDS ünï -- --app "\n" """.strip().replace(
    " ; ", r" \; "
)


@pytest.fixture(autouse=True)
def stored(ssm: Ssm) -> None:
    ssm.put(f"{ROOT}/my-app/api-token", "made-up $HOME 'token'\n")
    ssm.put(f"{ROOT}/shared/log-level", "info")


def test_a_unit_gives_its_command_itself_and_gets_the_same_arguments_as_before(units: Units) -> None:
    old = units.env_file("old.env", "OLD_SETTING=made-up\n")
    units.load("awkward.service", f'EnvironmentFile={old}\nEnvironment="WORDS=one two"\nExecStart={units.command} {AWKWARD}')
    before, environment = units.started("awkward.service")
    assert environment["OLD_SETTING"] == "made-up"
    assert before[-3:] == ["--", "--app", "\n"]
    units.switch("exec", "awkward.service")
    after, environment = units.started("awkward.service")
    assert after == before
    assert environment["API_TOKEN"] == "made-up $HOME 'token'\n"
    assert environment["LOG_LEVEL"] == "info"
    assert "OLD_SETTING" not in environment


def test_a_program_that_is_given_another_name_keeps_it(of_user: Units) -> None:
    of_user.load("named.service", f'ExecStart=@/bin/sh "my $$name %n" {of_user.dump} {of_user.out}')
    before, _ = of_user.started("named.service")
    assert before[0] == "my $name named.service"
    of_user.switch("exec", "named.service")
    after, environment = of_user.started("named.service")
    assert after == before
    assert environment["LOG_LEVEL"] == "info"
    pasted = of_user.switch("exec", "named.service", "--exec-cmd", f'@/bin/sh "my $$name %n" {of_user.dump} {of_user.out}')
    assert "is written" in pasted
    assert of_user.started("named.service")[0] == before


def test_flags_of_the_command_work_as_before(of_system: Units) -> None:
    of_system.load(
        "privileged.service", f"CapabilityBoundingSet=\nExecStart=+/bin/sh -c 'grep CapEff /proc/self/status >{of_system.out}/it'"
    )
    of_system.switch("exec", "privileged.service")
    of_system.manager.start("privileged.service")
    assert int((of_system.out / "it").read_text().split()[1], 16) > 0
    of_system.load("failing.service", "ExecStart=-/bin/false")
    of_system.switch("exec", "failing.service")
    of_system.manager.start("failing.service")
    assert of_system.manager.show("failing.service", "Result") == "success"
    assert of_system.manager.show("failing.service", "ExecMainStatus") == "1"
    of_system.load("literal.service", f"ExecStart=:{of_system.command} $HOME ${{HOME}} $$")
    before, _ = of_system.started("literal.service")
    of_system.switch("exec", "literal.service")
    assert of_system.started("literal.service")[0] == before
    assert before[-3:] == ["$HOME", "${HOME}", "$$"]


@pytest.mark.parametrize(("options", "state"), [((), "failed"), (("--no-restart-prevent",), "auto-restart")], ids=["prevented", "left"])
def test_what_no_restart_heals_is_not_tried_again(of_user: Units, options: tuple[str, ...], state: str) -> None:
    of_user.load("ending.service", "RestartSec=1h\nExecStart=/bin/sh -c 'exit 78'")
    of_user.switch("exec", "ending.service", *options)
    text = of_user.drop_in("ending.service", "exec-mode.conf").read_text(encoding="utf-8")
    assert ("RestartPreventExitStatus=77 78" in text) is not bool(options)
    assert of_user.manager.systemctl("start", "ending.service").returncode != 0
    assert of_user.manager.show("ending.service", "ExecMainStatus") == "78"
    assert of_user.manager.show("ending.service", "SubState") == state
    of_user.manager.systemctl("stop", "ending.service")


def test_a_system_unit_waits_for_the_network_and_a_user_s_unit_does_not(of_user: Units, of_system: Units) -> None:
    for scene in (of_user, of_system):
        scene.load("online.service", f"ExecStart={scene.command}")
        scene.switch("exec", "online.service")
        ordered = "network-online.target" in scene.manager.show("online.service", "After").split()
        wanted = "network-online.target" in scene.manager.show("online.service", "Wants").split()
        assert ordered is wanted is (scene is of_system)


def test_a_second_run_writes_the_same_file(of_user: Units) -> None:
    kept = of_user.env_file("kept [1].env", "KEPT=1\n")
    of_user.load(
        "again.service", f"EnvironmentFile={of_user.folder}/gone.env\nExecStartPre=/bin/true\nExecStart=-{of_user.command} {AWKWARD}"
    )
    options = ("--keep-env-file", str(kept), "--profile", "a $HOME %n", "--require", "API_TOKEN")
    of_user.switch("exec", "again.service", *options)
    written = of_user.drop_in("again.service", "exec-mode.conf").read_bytes()
    assert "already stood there" in of_user.switch("exec", "again.service", *options)
    assert of_user.drop_in("again.service", "exec-mode.conf").read_bytes() == written


def test_the_unit_s_own_steps_before_the_start_stay_and_are_not_repeated(of_user: Units) -> None:
    step = f"/bin/sh -c 'echo one >>{of_user.out}/steps'"
    of_user.load("steps.service", f"ExecStartPre=-{step}\nExecStart={of_user.command}")
    of_user.switch("exec", "steps.service")
    assert "Service.ExecStartPre" not in settings_of(of_user.drop_in("steps.service", "exec-mode.conf").read_text(encoding="utf-8"))
    of_user.started("steps.service")
    assert (of_user.out / "steps").read_text() == "one\n"


def test_a_fetch_that_somebody_wrote_by_hand_goes_and_the_other_steps_stay_in_their_order(of_user: Units) -> None:
    steps = [f"ExecStartPre=/bin/sh -c 'echo \"{word} %n\" >>{of_user.out}/steps'" for word in ("one", "two")]
    fetch = f"ExecStartPre={of_user.program} --prefix {ROOT} sync --app my-app --out %t/by-hand.env"
    unit = [steps[0], fetch, steps[1], "EnvironmentFile=-%t/by-hand.env", f"ExecStart={of_user.command}"]
    of_user.load("by-hand.service", "\n".join(unit))
    planned = of_user.ssmm("migrate-to-exec", "--unit", "by-hand.service", "--app", "my-app")
    assert "# clears" not in planned.stdout
    of_user.switch("exec", "by-hand.service")
    before = of_user.manager.inside("/run/user/manager/by-hand.env")
    _, environment = of_user.started("by-hand.service")
    assert (of_user.out / "steps").read_text() == "one by-hand.service\ntwo by-hand.service\n"
    assert environment["LOG_LEVEL"] == "info"
    assert not before.exists()


def test_reverting_leaves_everything_as_it_was_byte_for_byte(units: Units) -> None:
    units.load("reverted.service", f"ExecStart={units.command}")
    others = units.drop_in("others.service", "10.conf", "[Service]\nNice=1\n")
    before = units.tree()
    units.switch("exec", "reverted.service")
    said = units.ssmm("migrate-to-exec", "--unit", "reverted.service", "--revert")
    assert said.stdout.startswith("# removes ")
    assert units.tree() != before
    assert units.ssmm("migrate-to-exec", "--unit", "reverted.service", "--revert", "--apply").returncode == 0
    assert units.tree() == before
    assert others.exists()
    assert "LOG_LEVEL" not in units.started("reverted.service")[1]
    again = units.ssmm("migrate-to-exec", "--unit", "reverted.service", "--revert", "--apply")
    assert (again.returncode, "there is nothing of ssmm's" in again.stderr) == (0, True)


def test_reverting_leaves_a_file_of_that_name_that_is_another_s(of_user: Units) -> None:
    of_user.load("theirs.service", f"ExecStart={of_user.command}")
    of_user.drop_in("theirs.service", "exec-mode.conf", "# by hand\n[Service]\nNice=1\n")
    before = of_user.tree()
    said = of_user.ssmm("migrate-to-exec", "--unit", "theirs.service", "--revert", "--apply")
    assert "was not written by ssmm, and stays" in said.stderr
    assert of_user.tree() == before


@pytest.mark.parametrize("where", ["the store", "a file that will be cleared"])
def test_a_variable_in_the_command_line_that_would_be_empty_is_refused(of_user: Units, where: str) -> None:
    name = "API_TOKEN" if where == "the store" else "OLD_SETTING"
    old = of_user.env_file("old.env", "OLD_SETTING=made-up\n")
    of_user.load("expanding.service", f"EnvironmentFile={old}\nExecStart={of_user.command} '${{{name}}}'")
    said = of_user.refused("exec", "expanding.service")
    assert f"${{{name}}}" in said
    assert "migrate-to-sync" in said
    of_user.refused("exec", "expanding.service", "--exec-cmd", f"{of_user.command} --token ${name}")
    of_user.load("expanding.service", f"EnvironmentFile={old}\nExecStart=:{of_user.command} '${{{name}}}'")
    of_user.switch("exec", "expanding.service")
    assert of_user.started("expanding.service")[0][-1] == f"${{{name}}}"


def test_a_variable_in_the_command_line_that_comes_from_elsewhere_is_no_matter(of_user: Units) -> None:
    of_user.load("elsewhere.service", f"Environment=MINE=made-up\nExecStart={of_user.command} ${{MINE}} $HOME")
    before, _ = of_user.started("elsewhere.service")
    assert "${MINE}" not in of_user.switch("exec", "elsewhere.service")
    assert of_user.started("elsewhere.service")[0] == before


def test_a_file_that_cannot_be_read_whole_is_said_where_it_matters(of_user: Units) -> None:
    odd = of_user.env_file("odd.env", "A-B=sentinel\nMINE=sentinel\n")
    of_user.load("odd.service", f"EnvironmentFile={odd}\nExecStart={of_user.command} ${{MINE}}")
    said = of_user.switch("exec", "odd.service")
    assert "${MINE}" in said
    assert str(odd) in said
    assert "sentinel" not in said


def test_units_that_are_not_as_their_files_say_are_refused(of_user: Units) -> None:
    assert "not-found" in of_user.refused("exec", "nowhere.service")
    of_user.load("masked.service", "")
    (of_user.manager.units / "masked.service").write_bytes(b"")
    of_user.manager.reload()
    assert "masked" in of_user.refused("exec", "masked.service")
    of_user.load("several.service", "ExecStart=/bin/true\nExecStart=/bin/true")
    assert "2 ExecStart=" in of_user.refused("exec", "several.service")
    of_user.load("stale.service", "ExecStart=/bin/true")
    of_user.manager.start("stale.service")
    os.utime(of_user.manager.units / "stale.service", (1 << 31, 1 << 31))
    assert "systemctl --user daemon-reload" in of_user.refused("exec", "stale.service")


def test_a_template_s_command_is_asked_for_and_its_instances_are_read(of_user: Units) -> None:
    of_user.load("worker@.service", f"ExecStart={of_user.command} --name %i")
    assert "--exec-cmd" in of_user.refused("exec", "worker@.service", code=2)
    of_user.switch("exec", "worker@.service", "--exec-cmd", f"{of_user.command} --name %i")
    words, environment = of_user.started("worker@seven.service")
    assert words[-2:] == ["--name", "seven"]
    assert environment["LOG_LEVEL"] == "info"
    of_user.load("single@.service", f"ExecStart={of_user.command} --name %i")
    of_user.switch("exec", "single@my\\x2ddb.service")
    assert of_user.started("single@my\\x2ddb.service")[0][-1] == "my\\x2ddb"


def test_without_a_manager_the_command_is_asked_for(of_user: Units) -> None:
    of_user.load("unknown.service", f"ExecStart={of_user.command}")
    said = of_user.refused("exec", "unknown.service", code=2, XDG_RUNTIME_DIR="/nowhere")
    assert "/nowhere" in said
    assert "--exec-cmd" in said


def test_what_the_old_files_held_can_be_required(of_user: Units) -> None:
    old = of_user.env_file("old.env", "API_TOKEN=sentinel\nALSO_NEEDED=sentinel\n")
    of_user.load("needy.service", f"EnvironmentFile={old}\nEnvironmentFile=-/nowhere.env\nExecStart={of_user.command}")
    said = of_user.switch("exec", "needy.service", "--require-present", "--require", "LOG_LEVEL")
    text = of_user.drop_in("needy.service", "exec-mode.conf").read_text(encoding="utf-8")
    assert " --require LOG_LEVEL API_TOKEN ALSO_NEEDED -- " in text
    assert "sentinel" not in said + text
    assert of_user.manager.systemctl("start", "needy.service").returncode != 0
    assert of_user.manager.show("needy.service", "ExecMainStatus") == "78"


def test_a_program_without_a_path_is_found_and_another_path_is_said(of_user: Units) -> None:
    for setting, is_said in (("", False), ("Environment=PATH=/usr/bin:/bin", True)):
        of_user.load("searched.service", f"{setting}\nExecStart=sh {of_user.dump} {of_user.out}")
        before, _ = of_user.started("searched.service")
        said = of_user.switch("exec", "searched.service")
        assert ("without looking at the PATH" in said) is is_said
        assert of_user.started("searched.service")[0] == before
        assert of_user.ssmm("migrate-to-exec", "--unit", "searched.service", "--revert", "--apply").returncode == 0
