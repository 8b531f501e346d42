"""A drop-in that does not do what was planned is never left standing."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

from tests.conftest import ROOT
from tests.systemd.scene import ON_SYSTEM, settings_of

if TYPE_CHECKING:
    from tests.conftest import Ssm
    from tests.systemd.scene import Units

MODES = pytest.mark.parametrize("mode", ["exec", "sync"])


@pytest.fixture(autouse=True)
def stored(ssm: Ssm) -> None:
    ssm.put(f"{ROOT}/my-app/api-token", "made-up")


@ON_SYSTEM
def test_what_systemd_itself_would_not_take_is_refused_before_it_stands(units: Units) -> None:
    units.load("refused.service", f"ExecStart={units.command}")
    said = units.refused("exec", "refused.service", "--ssmm-bin", "/nowhere/ssmm")
    assert "systemd would not take the drop-in: " in said
    assert "Command /nowhere/ssmm is not executable" in said
    assert "/nowhere/ssmm" in units.refused("sync", "refused.service", "--ssmm-bin", "/nowhere/ssmm")
    dry = units.ssmm("migrate-to-exec", "--unit", "refused.service", "--app", "my-app", "--ssmm-bin", "/nowhere/ssmm")
    assert (dry.returncode, dry.stdout) == (78, "")


@pytest.mark.parametrize("text", ["/bin/true %Z", "/bin/sh -c \\uZZZZ"], ids=["an unknown specifier", "an unknown escape"])
def test_unit_text_that_systemd_complains_of_is_refused_though_it_would_load(of_user: Units, text: str) -> None:
    of_user.load("pasted.service", f"ExecStart={of_user.command}")
    assert "systemd would not take the drop-in" in of_user.refused("exec", "pasted.service", "--exec-cmd", text)
    assert "systemd would not take the drop-in" in of_user.refused("sync", "pasted.service", "--pre-exec", text)


@ON_SYSTEM
@MODES
def test_what_systemd_says_of_the_unit_itself_is_no_reason_to_refuse(units: Units, mode: str) -> None:
    units.load("odd.service", f"Bogus=1\nExecStart={units.command}\nExecReload=/nowhere/reload")
    units.drop_in("odd.service", "10-odd.conf", "[Service]\nEnvironmentFile=relative\nAlsoBogus=1\n")
    units.switch(mode, "odd.service")
    assert units.started("odd.service")[1]["API_TOKEN"] == "made-up"
    units.switch(mode, "odd.service")


@MODES
def test_the_other_mode_s_drop_in_is_not_there_when_the_new_one_is_looked_at(of_user: Units, mode: str) -> None:
    other = "sync" if mode == "exec" else "exec"
    of_user.load("left.service", f"ExecStart={of_user.command}")
    of_user.switch(other, "left.service")
    path = of_user.drop_in("left.service", f"{other}-mode.conf")
    of_user.drop_in("left.service", path.name, path.read_text(encoding="utf-8") + "ExecStartPre=/nowhere/program\n")
    of_user.switch(mode, "left.service", *(("--pre-exec", "/bin/true") if mode == "sync" else ()))
    assert not path.exists()


def test_a_drop_in_that_another_one_beats_is_taken_back(units: Units) -> None:
    units.load("beaten.service", f"ExecStart={units.command}")
    units.drop_in(
        "beaten.service", "zz-last.conf", f"[Service]\nExecStart=\nExecStart={units.command} last\nExecStartPre=\nEnvironmentFile=\n"
    )
    loaded = units.manager.show("beaten.service", "ExecStart")
    said = units.refused("exec", "beaten.service", code=1)
    assert "its ExecStart= is not the one that was written" in said
    assert "as before" in said
    assert "its ExecStartPre= is not the one that was written" in units.refused("sync", "beaten.service", code=1)
    assert units.manager.show("beaten.service", "ExecStart") == loaded
    assert units.manager.show("beaten.service", "NeedDaemonReload") == "no"
    assert units.started("beaten.service")[0][-1] == "last"


@pytest.mark.parametrize(
    ("mode", "beating", "said"),
    [
        ("exec", "ExecStart=\nExecStart={program} exec --app my-app -- {command} more", "arguments"),
        ("exec", "ExecStart=\nExecStart=-{program} exec --app my-app -- {command}", "flags"),
        ("exec", "ExecStart=\nExecStart={program} exec --app other -- {command}", "not the one that was written"),
        ("sync", "EnvironmentFile=", "EnvironmentFile="),
        ("sync", "ExecStartPre=/bin/true", "other ExecStartPre="),
        ("sync", "ExecStopPost=", "ExecStopPost="),
    ],
)
def test_each_difference_is_found(of_user: Units, mode: str, beating: str, said: str) -> None:
    of_user.load("differs.service", f"ExecStart={of_user.command}")
    text = beating.format(program=of_user.program, command=of_user.command)
    # It comes into force with the reload: what was looked at before is without it.
    path = of_user.drop_in("differs.service", "zz-last.conf", "[Service]\n")
    hook = of_user.folder / "reloading/systemctl"
    hook.parent.mkdir(exist_ok=True)
    late = of_user.folder / "late.conf"
    late.write_text(f"[Service]\n{text}\n", encoding="utf-8")
    hook.write_text(f'#!/bin/sh\ncp {late} {path}\nPATH={of_user.manager.environment["PATH"]} exec systemctl "$@"\n', encoding="utf-8")
    hook.chmod(0o755)
    before = of_user.drop_in("differs.service", f"{mode}-mode.conf")
    environment = f"{hook.parent}:{of_user.program.parent}:{of_user.manager.environment['PATH']}"
    more = ("--pre-exec", "/bin/true") if mode == "sync" else ()
    ended = of_user.ssmm(f"migrate-to-{mode}", "--unit", "differs.service", "--app", "my-app", *more, "--apply", PATH=environment)
    assert ended.returncode == 1, ended.stderr
    assert said in ended.stderr
    assert not before.exists()


@MODES
def test_without_systemctl_everything_is_as_it_was(of_user: Units, mode: str) -> None:
    of_user.load("unreloaded.service", f"ExecStart={of_user.command}")
    said = of_user.refused(mode, "unreloaded.service", code=1, PATH=str(of_user.program.parent))
    assert "systemctl --user daemon-reload could not be run" in said


@MODES
def test_without_systemd_analyze_it_is_said_that_nothing_was_verified(of_user: Units, mode: str) -> None:
    programs = of_user.folder / "without-analyze"
    programs.mkdir(exist_ok=True)
    for program in ("systemctl", "env", "rm"):
        if not (programs / program).exists():
            (programs / program).symlink_to(f"/usr/bin/{program}")
    of_user.load("unverified.service", f"ExecStart={of_user.command}")
    said = of_user.switch(mode, "unverified.service", PATH=f"{of_user.program.parent}:{programs}")
    assert "could not be verified together with its unit: systemd-analyze is not installed" in said
    assert of_user.started("unverified.service")[1]["API_TOKEN"] == "made-up"


@MODES
def test_no_secret_of_the_unit_is_shown(of_user: Units, mode: str) -> None:
    old = of_user.env_file("old.env", "OLD=sentinel\nA-B=sentinel\n")
    of_user.load("silent.service", f"Environment=TOKEN=sentinel\nEnvironmentFile={old}\nExecStart={of_user.command}")
    for options in ((), ("--json",), ("--require-present",), ("--ssmm-bin", "/nowhere/ssmm"), ("--apply",), ("--apply", "--debug")):
        ended = of_user.ssmm(f"migrate-to-{mode}", "--unit", "silent.service", "--app", "my-app", *options)
        assert "sentinel" not in ended.stdout + ended.stderr


@MODES
def test_the_json_of_a_switch_tells_all_of_it(of_user: Units, mode: str) -> None:
    of_user.load("json.service", f"EnvironmentFile=-/nowhere.env\nExecStart={of_user.command}")
    of_user.switch("sync" if mode == "exec" else "exec", "json.service", "--keep-env-file", "/nowhere.env")
    arguments = (f"migrate-to-{mode}", "--unit", "json.service", "--app", "my-app", "--json")
    planned = json.loads(of_user.ssmm(*arguments).stdout)
    drop_in = of_user.drop_in("json.service", f"{mode}-mode.conf")
    other = of_user.drop_in("json.service", f"{'sync' if mode == 'exec' else 'exec'}-mode.conf")
    assert planned["path"] == str(drop_in)
    assert (planned["clears"], planned["removes"], planned["applied"]) == (["/nowhere.env"], [str(other)], False)
    assert settings_of(planned["content"])["Service.Environment"] == [f"SSMM_PREFIX_ROOT={ROOT}"]
    assert json.loads(of_user.ssmm(*arguments, "--apply").stdout) == {**planned, "applied": True}
    assert drop_in.read_text(encoding="utf-8") == planned["content"]
    reverted = json.loads(of_user.ssmm(*arguments, "--revert", "--apply").stdout)
    assert reverted == {"path": str(drop_in), "content": None, "applied": True, "revert": None, "removes": [str(drop_in)]}
