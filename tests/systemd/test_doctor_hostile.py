"""`ssmm doctor UNIT` on units that others reach into, and on sandboxes that hide what ssmm needs, under a real manager."""

from __future__ import annotations

import os
import sys
from typing import TYPE_CHECKING

import pytest

from tests.conftest import CREDENTIALS
from tests.systemd.doctoring import ONLINE, SENTINEL, apply, look, starts, sync_line, worse

if TYPE_CHECKING:
    from pathlib import Path

    from tests.conftest import Ssm
    from tests.systemd.scene import Units

NOBODY = 65534


@pytest.fixture
def team(ssm: Ssm) -> Ssm:
    ssm.put("/myteam/my-app/token", SENTINEL)
    return ssm


def exec_line(units: Units) -> str:
    return f"RestartPreventExitStatus=77 78\nExecStart={units.program} exec --prefix /myteam --app my-app -- {units.command}"


# Environment files


def test_nothing_to_read_is_no_fault(of_user: Units, team: Ssm) -> None:
    of_user.load("null.service", f"EnvironmentFile=/dev/null\n{exec_line(of_user)}")
    assert of_user.started("null.service")[1]["TOKEN"] == SENTINEL
    assert worse(look(of_user, "null.service")) == set()


def test_all_that_a_pattern_matches_is_read_and_looked_at(of_user: Units, team: Ssm) -> None:
    folder = of_user.folder / "conf"
    folder.mkdir()
    for name in (*CREDENTIALS, "AWS_REGION"):
        (folder / f"{name}.env").write_text(f"{name}={of_user.settings.pop(name)}\n", encoding="utf-8")
        (folder / f"{name}.env").chmod(0o600)
    open_to_all = folder / "AWS_REGION.env"
    open_to_all.chmod(0o666)
    of_user.load("pattern.service", f"EnvironmentFile={folder}/*.env\n{exec_line(of_user)}")
    assert of_user.started("pattern.service")[1]["TOKEN"] == SENTINEL
    found = look(of_user, "pattern.service", AWS_REGION="eu-central-1", **CREDENTIALS)
    assert worse(found) == {"environment-file-access"}
    (one,) = found["environment-file-access"]
    assert one["fix"] == f"chmod 600 {open_to_all}"


@pytest.mark.parametrize("optional", ["", "-"])
def test_a_pattern_that_matches_nothing_is_a_missing_file(of_user: Units, team: Ssm, optional: str) -> None:
    of_user.load("nothing.service", f"EnvironmentFile={optional}{of_user.folder}/none-*.env\n{exec_line(of_user)}")
    assert starts(of_user, "nothing.service") is bool(optional)
    found = look(of_user, "nothing.service")
    assert worse(found) == (set() if optional else {"environment-file-missing"})
    if not optional:
        apply(of_user, "nothing.service", found["environment-file-missing"][0]["fix"])
        assert starts(of_user, "nothing.service")


def test_a_file_with_the_characters_of_patterns_in_its_name_is_the_one_that_is_read(of_system: Units, team: Ssm) -> None:
    folder = of_system.folder / "a[1] b"
    folder.mkdir()
    of_system.load("brackets.service", f"ExecStart={of_system.command}")
    of_system.switch("sync", "brackets.service", "--disk", str(folder / "x.env"))
    found = look(of_system, "brackets.service")
    assert "environment-file-not-read" not in found
    assert of_system.started("brackets.service")[1]["TOKEN"] == SENTINEL
    assert worse(look(of_system, "brackets.service")) == set()


# Files without an end


def endless(path: Path, kind: str) -> None:
    if kind == "fifo":
        os.mkfifo(path)
        os.chown(path, NOBODY, NOBODY)
    else:
        path.symlink_to("/dev/zero")


@pytest.mark.parametrize("kind", ["fifo", "zero"])
@pytest.mark.parametrize("place", ["config", "credentials", "AWS_CONFIG_FILE"])
def test_a_file_of_the_users_that_has_no_end_is_a_finding(of_system: Units, team: Ssm, kind: str, place: str) -> None:
    home = of_system.folder / "home"
    (home / ".aws").mkdir(parents=True)
    path = of_system.folder / "settings" if place.isupper() else home / ".aws" / place
    endless(path, kind)
    more = f" {place}={path}" if place.isupper() else ""
    of_system.load("endless.service", f"User=nobody\nEnvironment=HOME={home}{more}\n{exec_line(of_system)}", ONLINE)
    (one,) = look(of_system, "endless.service", "--system")["sdk-file-kind"]
    assert one["level"] == "error"
    assert ("is a FIFO" if kind == "fifo" else "is no regular file") in one["what"]


@pytest.mark.parametrize("kind", ["fifo", "zero"])
def test_other_files_without_an_end_are_findings_too(of_user: Units, team: Ssm, kind: str) -> None:
    names, config, own = of_user.folder / "names", of_user.folder / "xdg/ssmm/config.toml", of_user.folder / "own"
    config.parent.mkdir(parents=True)
    for path in (names, config, own):
        endless(path, kind)
    called = exec_line(of_user).replace(" -- ", f" --require-from {names} -- ")
    of_user.load("odd.service", f"EnvironmentFile=-{of_user.folder}/own\n{called}")
    found = look(of_user, "odd.service", XDG_CONFIG_HOME=str(config.parent.parent), SSMM_PREFIX_ROOT="")
    assert found["required-file"][0]["level"] == "error"
    assert found["environment-file-kind"][0]["level"] == "error"
    assert found["unit-parameters"][0]["level"] == "ok"
    found = look(of_user, "odd.service", AWS_CONFIG_FILE=str(own))
    assert str(own) in found["unit-parameters"][0]["what"]


# Sandboxes


def test_an_allow_list_that_suffices_is_no_fault(of_system: Units, team: Ssm) -> None:
    of_system.load("allowed.service", f"IPAddressDeny=any\nIPAddressAllow=127.0.0.0/8\n{exec_line(of_system)}", ONLINE)
    assert of_system.started("allowed.service")[1]["TOKEN"] == SENTINEL
    found = look(of_system, "allowed.service")
    assert worse(found) == set()
    assert found["sandbox-addresses"][0]["level"] == "info"


@pytest.mark.parametrize("setting", ["InaccessiblePaths", "TemporaryFileSystem"])
def test_what_else_is_hidden_stays_hidden(of_system: Units, team: Ssm, setting: str) -> None:
    home, secret = of_system.folder / "home", of_system.folder / "other people's"
    for folder in (home / ".aws", secret):
        folder.mkdir(parents=True)
    (secret / "file").touch()
    settings = (f"{name.lower()} = {of_system.settings.pop(name)}\n" for name in CREDENTIALS)
    (home / ".aws/credentials").write_text("".join(("[default]\n", *settings)), encoding="utf-8")
    lines = f'{setting}="{secret}" {home}\nEnvironment=HOME={home}'
    lines += f'\nExecStartPre=/usr/bin/test ! -e "{secret}/file"'
    of_system.load("hidden.service", f"{lines}\n{exec_line(of_system)}", ONLINE)
    assert not starts(of_system, "hidden.service")
    found = look(of_system, "hidden.service", **CREDENTIALS)
    assert worse(found) == {"sandbox-home"}
    apply(of_system, "hidden.service", found["sandbox-home"][0]["fix"])
    assert of_system.started("hidden.service")[1]["TOKEN"] == SENTINEL


TREES = {
    "RootDirectory=/": False,
    "TemporaryFileSystem={folder}": True,
    "BindPaths={folder}/other:{folder}/synced": True,
    "BindPaths={folder}/synced": False,
    "TemporaryFileSystem={folder}\nBindPaths={folder}/synced {folder}/bin {folder}/dump {folder}/out": False,
}
"""Settings, and whether what ssmm writes is then another file than the one that systemd reads."""


@pytest.mark.parametrize("setting", TREES)
@pytest.mark.parametrize("sign", ["", "+"])
def test_a_file_in_another_tree_is_an_error(of_system: Units, team: Ssm, setting: str, sign: str) -> None:
    folder = of_system.folder
    for name in ("synced", "other"):
        (folder / name).mkdir()
    program = of_system.launcher(of_system.manager.home / "elsewhere/ssmm")
    line = sync_line(of_system, f"{folder}/synced/env").replace("=", f"={sign}", 1).replace(str(of_system.program), str(program))
    text = f"{setting.format(folder=folder)}\n{line}\nEnvironmentFile=-{folder}/synced/env\nExecStart=/usr/bin/env"
    of_system.load("tree.service", text, ONLINE)
    starts(of_system, "tree.service")
    assert (folder / "synced/env").exists() is not TREES[setting]
    assert worse(look(of_system, "tree.service")) == ({"sync-in-another-tree"} if TREES[setting] else set())


HIDING = {
    "InaccessiblePaths={bin}": False,
    "NoExecPaths={bin}": False,
    "NoExecPaths=/\nExecPaths=/usr -/lib -/lib64 {python}": False,
    "TemporaryFileSystem={bin}": True,
}
"""Settings that keep ssmm from the unit, and whether they do from a command with `+`, too."""


@pytest.mark.parametrize("setting", HIDING)
@pytest.mark.parametrize("sign", ["", "+"])
def test_a_program_that_is_hidden_from_its_unit_is_an_error(of_system: Units, team: Ssm, setting: str, sign: str) -> None:
    hides = HIDING[setting] or not sign
    given = setting.format(bin=of_system.program.parent, python=os.path.realpath(sys.prefix))
    line = sync_line(of_system, "%t/cell/env").replace("=", f"={sign}", 1)
    of_system.load("cell.service", f"RuntimeDirectory=cell\n{given}\n{line}\nEnvironmentFile=-%t/cell/env\nExecStart=/usr/bin/env", ONLINE)
    assert starts(of_system, "cell.service") is not hides
    assert worse(look(of_system, "cell.service")) - {"unit-state"} == ({"sandbox-program"} if hides else set())


@pytest.mark.parametrize("protect", ["yes", "tmpfs"])
def test_a_program_in_a_home_that_is_hidden_is_an_error(of_system: Units, team: Ssm, protect: str) -> None:
    assert of_system.manager.run("mount", "-t", "tmpfs", "tmpfs", "/home").returncode == 0
    try:
        program = of_system.manager.inside("/home") / "web/bin/ssmm"
        of_system.launcher(program)
        line = exec_line(of_system).replace(str(of_system.program), "/home/web/bin/ssmm")
        of_system.load("homely.service", f"ProtectHome={protect}\n{line}", ONLINE)
        assert not starts(of_system, "homely.service")
        assert worse(look(of_system, "homely.service")) == {"sandbox-program"}
    finally:
        of_system.manager.run("umount", "/home")


def test_a_program_that_others_may_change_and_root_runs_is_a_warning(of_system: Units, team: Ssm) -> None:
    of_system.load("others.service", exec_line(of_system), ONLINE)
    assert "root-program-of-others" not in look(of_system, "others.service")
    of_system.program.chmod(0o777)
    (one,) = look(of_system, "others.service")["root-program-of-others"]
    assert (one["level"], f"{of_system.program}, which everybody may change" in one["what"]) == ("warning", True)
    of_system.load("others.service", f"User=nobody\n{exec_line(of_system)}", ONLINE)
    assert "root-program-of-others" not in look(of_system, "others.service")
