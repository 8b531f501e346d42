"""`migrate-to-sync` on units of real managers: a fresh file before each start, and everything else as it was."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

import pytest

from tests.conftest import ROOT
from tests.systemd.managers import RUNTIME
from tests.systemd.scene import ON_SYSTEM, settings_of

if TYPE_CHECKING:
    from pathlib import Path

    from tests.conftest import Ssm
    from tests.systemd.scene import Units

VALUE = "made-up $HOME 'token'\n"


@pytest.fixture(autouse=True)
def stored(ssm: Ssm) -> None:
    ssm.put(f"{ROOT}/my-app/api-token", VALUE)
    ssm.put(f"{ROOT}/shared/log-level", "info")


def runtime(scene: Units, name: str) -> Path:
    """A file of the runtime directory."""
    return scene.manager.inside(f"{'/run' if scene.manager.scope == 'system' else RUNTIME}/{name}")


def text_of(scene: Units, unit: str) -> str:
    return scene.drop_in(unit, "sync-mode.conf").read_text(encoding="utf-8")


def test_the_command_stays_and_its_variables_work(units: Units, ssm: Ssm) -> None:
    old = units.env_file("old.env", "API_TOKEN=old\nOLD_SETTING=old\n")
    units.load("app.service", f"EnvironmentFile={old}\nExecStart=@/bin/sh name {units.dump} {units.out} ${{API_TOKEN}} %n '$HOME'")
    before, environment = units.started("app.service")
    assert (before[3], environment["OLD_SETTING"]) == ("old", "old")
    units.switch("sync", "app.service")
    for value in (VALUE, "changed since"):
        ssm.put(f"{ROOT}/my-app/api-token", value)
        after, environment = units.started("app.service")
        assert after == [*before[:3], value, *before[4:]]
        assert environment["API_TOKEN"] == value
        assert environment["LOG_LEVEL"] == "info"
        assert "OLD_SETTING" not in environment


def test_the_file_is_private_and_goes_when_the_service_stops(units: Units) -> None:
    units.load("gone.service", f"ExecStart={units.command}")
    units.switch("sync", "gone.service")
    units.started("gone.service")
    file = runtime(units, "ssmm-gone.env")
    assert (file.stat().st_uid, file.stat().st_mode & 0o777) == (0, 0o600)
    units.manager.systemctl("stop", "gone.service")
    assert not file.exists()


def test_the_service_s_own_user_can_neither_read_nor_replace_the_file(of_system: Units) -> None:
    tries = "; ".join(f"{what} /run/ssmm-bounded.env" for what in ("cat", "ln -sf /etc/shadow", "rm -f"))
    attempt = f"/bin/sh -c '{tries}; {of_system.dump} {of_system.out}'"
    of_system.load(
        "bounded.service", f"User=daemon\nPrivateTmp=no\nProtectSystem=strict\nReadWritePaths={of_system.out}\nExecStart={attempt}"
    )
    of_system.switch("sync", "bounded.service")
    _, environment = of_system.started("bounded.service")
    assert of_system.user != "0"
    assert environment["API_TOKEN"] == VALUE
    file = runtime(of_system, "ssmm-bounded.env")
    assert (file.is_symlink(), file.stat().st_uid) == (False, 0)


def test_what_fetches_as_root_has_root_s_home_and_not_the_service_s(of_system: Units) -> None:
    noted = of_system.launcher(of_system.folder / "noting/ssmm", f'[ "$1" = sync ] && echo "$(id -u) $HOME" >{of_system.folder}/noted')
    of_system.load("homed.service", f"User=daemon\nExecStart={of_system.command}")
    of_system.switch("sync", "homed.service", "--ssmm-bin", str(noted))
    _, environment = of_system.started("homed.service")
    assert environment["HOME"] == os.path.expanduser("~daemon")
    assert (of_system.folder / "noted").read_text() == f"0 {os.path.expanduser('~root')}\n"


@ON_SYSTEM
@pytest.mark.parametrize("own", ["", "RuntimeDirectory=own second\nRuntimeDirectoryMode=0710"], ids=["none", "two"])
def test_the_runtime_directories_of_the_service_are_as_before(units: Units, own: str) -> None:
    def modes() -> list[int]:
        return [path.stat().st_mode for name in ("own", "second") if (path := runtime(units, name)).exists()]

    units.load("directories.service", f"{own}\nExecStart={units.command}")
    _, before = units.started("directories.service")
    modes_before = modes()
    assert len(modes_before) == (2 if own else 0)
    units.switch("sync", "directories.service")
    _, after = units.started("directories.service")
    assert after.get("RUNTIME_DIRECTORY") == before.get("RUNTIME_DIRECTORY")
    assert ("RUNTIME_DIRECTORY" in after) is bool(own)
    assert modes() == modes_before


@ON_SYSTEM
def test_the_unit_s_own_steps_run_behind_the_fetch_and_see_the_fresh_file(units: Units) -> None:
    step = f"""-/bin/sh -c 'echo "%n $API_TOKEN" >>{units.out}/steps; exit 3'"""
    units.load(
        "steps.service", f"ExecStartPre={step}\nExecStartPre=@/bin/sh name -c 'echo $$0 >>{units.out}/steps'\nExecStart={units.command}"
    )
    units.switch("sync", "steps.service")
    first = text_of(units, "steps.service")
    units.started("steps.service")
    assert (units.out / "steps").read_text() == f"steps.service {VALUE}\nname\n"
    assert "already stood there" in units.switch("sync", "steps.service")
    assert text_of(units, "steps.service") == first


def test_steps_that_are_named_run_and_the_others_do_not(of_user: Units) -> None:
    of_user.load("named.service", f"ExecStartPre=/bin/sh -c 'echo old >>{of_user.out}/steps'\nExecStart={of_user.command}")
    of_user.switch("sync", "named.service", "--pre-exec", f"/bin/sh -c 'echo %n >>{of_user.out}/steps'")
    of_user.started("named.service")
    assert (of_user.out / "steps").read_text() == "named.service\n"


def test_a_fetch_that_fails_stops_the_start(of_user: Units) -> None:
    of_user.load("failing.service", f"RestartSec=1h\nExecStart={of_user.command}")
    of_user.switch("sync", "failing.service", "--require", "NOT_THERE")
    assert of_user.manager.systemctl("start", "failing.service").returncode != 0
    assert not (of_user.out / "environ").exists()
    assert of_user.manager.show("failing.service", "SubState") == "auto-restart"
    of_user.manager.systemctl("stop", "failing.service")


@pytest.mark.parametrize(
    ("own", "ours"),
    [("", True), ("StartLimitIntervalSec=30\nStartLimitBurst=3", False), ("StartLimitIntervalSec=0", False)],
    ids=["default", "its own", "none"],
)
def test_retries_are_bounded_where_the_unit_does_not_say_how(of_user: Units, own: str, ours: bool) -> None:
    of_user.load("limited.service", f"ExecStart={of_user.command}", f"[Unit]\n{own}")
    before = of_user.manager.show("limited.service", "StartLimitIntervalUSec"), of_user.manager.show("limited.service", "StartLimitBurst")
    of_user.switch("sync", "limited.service")
    of_user.switch("sync", "limited.service")
    after = of_user.manager.show("limited.service", "StartLimitIntervalUSec"), of_user.manager.show("limited.service", "StartLimitBurst")
    assert after == (("10min", "60") if ours else before)


def test_what_ends_in_78_ends_after_the_limit(of_user: Units) -> None:
    limit = "[Unit]\nStartLimitIntervalSec=600\nStartLimitBurst=3\nOnFailure=told.service"
    of_user.load("ended.service", f"RestartSec=0\nExecStart={of_user.command}", limit)
    of_user.manager.load("told.service", f"[Service]\nType=oneshot\nExecStart=/bin/sh -c 'echo failed >{of_user.out}/told'\n")
    os.mkfifo(of_user.out / "told")
    program = of_user.folder / "always-78/ssmm"
    program.parent.mkdir()
    program.write_text(f"#!/bin/sh\necho >>{of_user.out}/tries\nexit 78\n", encoding="utf-8")
    program.chmod(0o755)
    of_user.switch("sync", "ended.service", "--ssmm-bin", str(program))
    of_user.manager.systemctl("start", "--no-block", "ended.service")
    assert of_user.manager.run("cat", str(of_user.out / "told")).stdout == "failed\n"
    assert (of_user.out / "tries").read_text() == "\n" * 3


def test_a_unit_without_restart_is_told_what_that_means(of_user: Units) -> None:
    of_user.manager.load("once.service", f"[Service]\nExecStart={of_user.command}\n")
    assert "Restart=on-failure" in of_user.switch("sync", "once.service")
    of_user.load("more.service", f"ExecStart={of_user.command}")
    assert "Restart=" not in of_user.switch("sync", "more.service")


@ON_SYSTEM
def test_a_file_on_disk_stays(units: Units) -> None:
    folder = units.folder / "100% $HOME [1]"
    folder.mkdir(exist_ok=True)
    file = folder / "kept.env"
    units.load("stays.service", f"ExecStart={units.command}")
    units.switch("sync", "stays.service", "--disk", str(file))
    _, environment = units.started("stays.service")
    assert environment["API_TOKEN"] == VALUE
    units.manager.systemctl("stop", "stays.service")
    assert (file.stat().st_uid, file.stat().st_mode & 0o777) == (0, 0o600)
    assert "ExecStopPost" not in text_of(units, "stays.service")


def test_a_file_on_disk_that_was_anothers_becomes_roots(of_system: Units) -> None:
    of_system.load("placed.service", f"User=daemon\nExecStart={of_system.command}")
    theirs = of_system.env_file("theirs.env", "A=b\n")
    os.chown(theirs, 1, 1)
    assert "belongs to the user 1" in of_system.switch("sync", "placed.service", "--disk", str(theirs))
    of_system.started("placed.service")
    assert (theirs.stat().st_uid, theirs.stat().st_mode & 0o777) == (0, 0o600)
    of_system.refused("sync", "placed.service", "--disk", str(of_system.folder / "nowhere/file.env"))


@ON_SYSTEM
def test_each_instance_has_a_file_of_its_own(units: Units) -> None:
    units.load("worker@.service", f"ExecStartPre=/bin/sh -c 'echo pre >{units.out}/pre'\nExecStart={units.command} %i ${{API_TOKEN}}")
    units.switch("sync", "worker@.service")
    assert units.started("worker@seven.service")[0][-2:] == ["seven", VALUE]
    assert (units.out / "pre").read_text() == "pre\n"
    assert runtime(units, "ssmm-worker@seven.env").exists()
    units.manager.systemctl("stop", "worker@seven.service")
    assert not runtime(units, "ssmm-worker@seven.env").exists()


def test_a_name_with_a_backslash_never_starts_without_its_variables(of_user: Units) -> None:
    unit = "worker@my\\x2ddb.service"
    of_user.load("worker@.service", f"ExecStart={of_user.command} %i ${{API_TOKEN}}")
    of_user.switch("sync", "worker@.service")
    assert of_user.manager.systemctl("start", unit).returncode != 0
    assert not (of_user.out / "environ").exists()
    of_user.manager.systemctl("stop", unit)
    of_user.manager.systemctl("reset-failed", unit)
    of_user.switch("sync", unit)
    assert of_user.started(unit)[0][-2:] == ["my\\x2ddb", VALUE]
    assert runtime(of_user, "ssmm-worker@my+x2ddb.env").exists()


def test_steps_that_differ_between_instances_are_asked_for(of_user: Units) -> None:
    of_user.load("stepping@.service", f"ExecStartPre=/bin/mkdir -p {of_user.out}/%i\nExecStart={of_user.command}")
    assert "--pre-exec" in of_user.refused("sync", "stepping@.service", code=2)
    of_user.switch("sync", "stepping@.service", "--pre-exec", f"/bin/sh -c 'echo %i >{of_user.out}/step'")
    of_user.started("stepping@one.service")
    assert (of_user.out / "step").read_text() == "one\n"


def test_switching_from_one_mode_to_the_other_leaves_one_drop_in(units: Units) -> None:
    old = units.env_file("old.env", "OLD_SETTING=made-up\n")
    step = f"""/bin/sh -c 'echo "%n $API_TOKEN" >>{units.out}/steps'"""
    units.load("both.service", f"EnvironmentFile={old}\nExecStartPre={step}\nExecStart={units.command} %n")
    bare = units.tree()
    before, _ = units.started("both.service")
    seen = {}
    for mode, other in (("exec", "sync"), ("sync", "exec"), ("exec", "sync"), ("sync", "exec")):
        said = units.switch(mode, "both.service")
        assert not units.drop_in("both.service", f"{other}-mode.conf").exists()
        assert (f"{other}-mode.conf is removed" in said) is bool(seen)
        written = units.drop_in("both.service", f"{mode}-mode.conf").read_bytes()
        assert seen.setdefault(mode, written) == written
        after, environment = units.started("both.service")
        assert after == before
        assert environment["API_TOKEN"] == VALUE
        assert "OLD_SETTING" not in environment
        assert (units.out / "steps").read_text().startswith("both.service ")
        assert (units.out / "steps").read_text().count("both.service ") == 1
    assert units.ssmm("migrate-to-sync", "--unit", "both.service", "--revert", "--apply").returncode == 0
    assert units.tree() == bare
    assert units.started("both.service")[1]["OLD_SETTING"] == "made-up"


def test_what_is_kept_is_read_before_what_is_fetched(of_user: Units) -> None:
    kept = of_user.env_file("kept.env", "KEPT=made-up\nLOG_LEVEL=debug\n")
    of_user.load("kept.service", f"EnvironmentFile={kept}\nEnvironmentFile=-/nowhere.env\nExecStart={of_user.command}")
    planned = of_user.ssmm("migrate-to-sync", "--unit", "kept.service", "--app", "my-app", "--keep-env-file", str(kept))
    assert "# clears EnvironmentFile=/nowhere.env\n" in planned.stdout
    assert f"# clears EnvironmentFile={kept}" not in planned.stdout
    assert settings_of(planned.stdout)["Service.EnvironmentFile"] == ["", f"-{kept}", "-%t/ssmm-kept.env"]
    of_user.switch("sync", "kept.service", "--keep-env-file", str(kept))
    _, environment = of_user.started("kept.service")
    assert (environment["KEPT"], environment["LOG_LEVEL"]) == ("made-up", "info")


def test_what_only_the_app_itself_may_set_is_passed_on(of_user: Units) -> None:
    of_user.load("allowed.service", f"ExecStart={of_user.command}")
    of_user.switch("sync", "allowed.service", "--allow-name", "LD_PRELOAD", "BASH_ENV", "--require", "API_TOKEN")
    fetch = settings_of(text_of(of_user, "allowed.service"))["Service.ExecStartPre"][-1]
    assert " --allow-name LD_PRELOAD BASH_ENV --require API_TOKEN --out " in fetch
    assert of_user.started("allowed.service")[1]["API_TOKEN"] == VALUE


@ON_SYSTEM
@pytest.mark.parametrize("way", ["to exec", "to disk", "revert"])
def test_a_file_of_a_running_service_goes_with_what_would_have_removed_it(units: Units, way: str) -> None:
    for unit, instance in (("running.service", "running.service"), ("running@.service", "running@one.service")):
        units.load(unit, f"ExecStart={units.command}")
        units.switch("sync", unit)
        units.started(instance)
        file = runtime(units, f"ssmm-{instance.removesuffix('.service')}.env")
        assert file.exists()
        if way == "to exec":
            units.switch("exec", unit, "--exec-cmd", units.command)
        elif way == "to disk":
            units.switch("sync", unit, "--disk", str(units.folder / "disk.env"))
        else:
            assert units.ssmm("migrate-to-sync", "--unit", unit, "--revert", "--apply").returncode == 0
        assert not file.exists()


def test_a_file_that_cannot_be_removed_is_said(of_system: Units) -> None:
    of_system.load("stuck.service", f"ExecStart={of_system.command}")
    of_system.switch("sync", "stuck.service")
    file = runtime(of_system, "ssmm-stuck.env")
    file.mkdir()
    said = of_system.ssmm("migrate-to-sync", "--unit", "stuck.service", "--revert", "--apply")
    file.rmdir()
    assert said.returncode == 0
    assert "Warning: /run/ssmm-stuck.env, which ssmm wrote, could not be removed" in said.stderr


def test_what_instances_read_is_not_known_and_said(of_user: Units) -> None:
    of_user.load("knowing@.service", f"EnvironmentFile=/nowhere/%i.env\nExecStart={of_user.command}")
    ended = of_user.ssmm("migrate-to-sync", "--unit", "knowing@.service", "--app", "my-app", "--require-present")
    assert "Warning: /nowhere/%i.env is another one for each instance" in ended.stderr
    assert ended.returncode == 78


def test_steps_that_exec_mode_replaced_do_not_come_back_before_the_fetch(of_user: Units) -> None:
    of_user.load("cleared.service", f"ExecStartPre=/bin/sh -c 'echo old >>{of_user.out}/steps'\nExecStart={of_user.command}")
    of_user.switch("exec", "cleared.service", "--exec-cmd", of_user.command)
    of_user.switch("sync", "cleared.service")
    of_user.switch("sync", "cleared.service")
    assert of_user.started("cleared.service")[1]["API_TOKEN"] == VALUE
    assert not (of_user.out / "steps").exists()


def test_a_fetch_that_somebody_wrote_by_hand_comes_back_with_no_switch(of_user: Units) -> None:
    fetch = f"{of_user.program} --prefix {ROOT} sync --app my-app --out %t/by-hand.env"
    of_user.load("by-hand.service", f"ExecStartPre={fetch}\nEnvironmentFile=-%t/by-hand.env\nExecStart={of_user.command}")
    for mode in ("sync", "sync", "exec", "sync", "exec"):
        of_user.switch(mode, "by-hand.service")
        assert of_user.started("by-hand.service")[1]["API_TOKEN"] == VALUE
        assert not runtime(of_user, "by-hand.env").exists()


def test_a_program_that_env_would_take_for_a_variable_is_refused(of_system: Units) -> None:
    odd = of_system.launcher(of_system.folder / "a=b/ssmm")
    of_system.load("odd.service", f"ExecStart={of_system.command}")
    assert "has a = in it" in of_system.refused("sync", "odd.service", "--ssmm-bin", str(odd))
