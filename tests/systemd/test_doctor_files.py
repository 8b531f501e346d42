"""`ssmm doctor UNIT` on environment files and on secrets in the open, beside what a real manager makes of them."""

from __future__ import annotations

import pwd
from typing import TYPE_CHECKING

import pytest

from ssmm_core.doctor import env_file
from tests.systemd.doctoring import ONLINE, SENTINEL, apply, look, starts, sync_line, worse
from tests.systemd.scene import ON_SYSTEM

if TYPE_CHECKING:
    from tests.conftest import Ssm
    from tests.systemd.managers import UserManager
    from tests.systemd.scene import Units


NOBODY = "nobody"


@pytest.fixture
def team(ssm: Ssm) -> Ssm:
    ssm.put("/myteam/my-app/token", SENTINEL)
    return ssm


# Environment files


@ON_SYSTEM
def test_without_its_dash_a_synced_file_keeps_the_unit_from_starting(units: Units, team: Ssm) -> None:
    out = "%t/dashless/env"
    units.load(
        "dashless.service", f"RuntimeDirectory=dashless\n{sync_line(units, out)}\nEnvironmentFile={out}\nExecStart={units.command}", ONLINE
    )
    assert not starts(units, "dashless.service")
    found = look(units, "dashless.service")
    assert worse(found) == {"environment-file-needs-dash"}
    apply(units, "dashless.service", found["environment-file-needs-dash"][0]["fix"])
    assert units.started("dashless.service")[1]["TOKEN"] == SENTINEL
    assert worse(look(units, "dashless.service")) == set()


def test_a_directory_that_nobody_makes_keeps_the_unit_from_starting(of_user: Units, team: Ssm) -> None:
    out = "%t/nobodys/env"
    of_user.load("nobodys.service", f"{sync_line(of_user, out)}\nEnvironmentFile=-{out}\nExecStart={of_user.command}", ONLINE)
    assert not starts(of_user, "nobodys.service")
    found = look(of_user, "nobodys.service")
    assert worse(found) == {"sync-directory"}
    apply(of_user, "nobodys.service", found["sync-directory"][0]["fix"])
    assert of_user.started("nobodys.service")[1]["TOKEN"] == SENTINEL
    assert worse(look(of_user, "nobodys.service")) == set()


def test_a_file_that_nothing_reads_does_not_reach_the_service(of_user: Units, team: Ssm) -> None:
    of_user.load("unread.service", f"RuntimeDirectory=unread\n{sync_line(of_user, '%t/unread/env')}\nExecStart={of_user.command}", ONLINE)
    assert "TOKEN" not in of_user.started("unread.service")[1]
    found = look(of_user, "unread.service")
    assert worse(found) == {"environment-file-not-read"}
    apply(of_user, "unread.service", found["environment-file-not-read"][0]["fix"])
    assert of_user.started("unread.service")[1]["TOKEN"] == SENTINEL


@pytest.mark.parametrize("written", ["some.env", '"{path}"', "-'{path}'"])
def test_a_line_that_systemd_ignores_is_found_in_the_units_text(of_user: Units, team: Ssm, written: str) -> None:
    path = of_user.env_file("some.env", f"FROM_FILE={SENTINEL}\n")
    of_user.load("ignored.service", f"EnvironmentFile={written.format(path=path)}\nExecStart={of_user.command}")
    assert "FROM_FILE" not in of_user.started("ignored.service")[1]
    (one,) = look(of_user, "ignored.service")["environment-file-ignored"]
    assert one["level"] == "error"
    line = one["fix"].partition("  #")[0].replace("/PATH/TO/some.env", str(path))
    of_user.load("ignored.service", f"{line}\nExecStart={of_user.command}")
    assert of_user.started("ignored.service")[1]["FROM_FILE"] == SENTINEL


def test_a_missing_file_keeps_the_unit_from_starting(of_user: Units, team: Ssm) -> None:
    path = of_user.folder / "missing.env"
    path.unlink(missing_ok=True)
    of_user.load("missing.service", f"WorkingDirectory=/tmp\nEnvironmentFile={path}\nExecStart={of_user.command}")
    assert not starts(of_user, "missing.service")
    (one,) = look(of_user, "missing.service")["environment-file-missing"]
    assert one["level"] == "error"
    words = one["fix"].split()
    assert words[:3] == ["ssmm", "sync", "--app"]
    assert of_user.ssmm("sync", "--app", "my-app", *words[4:]).returncode == 0
    assert of_user.started("missing.service")[1]["TOKEN"] == SENTINEL


def test_names_that_systemd_logs_with_their_values_are_told_by_line(of_user: Units, team: Ssm) -> None:
    path = of_user.env_file("names.env", f"GOOD=1\nBAD-NAME={SENTINEL}-a\nexport BETTER={SENTINEL}-b\n")
    of_user.load("names.service", f"EnvironmentFile={path}\nExecStart={of_user.command}")
    environment = of_user.started("names.service")[1]
    assert environment["GOOD"] == "1"
    assert "BETTER" not in environment
    assert f"{SENTINEL}-a" in of_user.manager.said()
    (one,) = look(of_user, "names.service")["environment-file-invalid-name"]
    assert "lines 2, 3 have" in one["what"]


def test_a_file_made_for_shells_is_mended_by_way_of_parameter_store(of_user: Units, team: Ssm) -> None:
    path = of_user.env_file("shell.env", f"export FROM_SHELL={SENTINEL}\n")
    of_user.load("shell.service", f"EnvironmentFile={path}\nExecStart={of_user.command}")
    assert "FROM_SHELL" not in of_user.started("shell.service")[1]
    (one,) = look(of_user, "shell.service", "--app", "my-app")["environment-file-invalid-name"]
    for command in one["fix"].partition(" or: ")[2].split(" && "):
        assert of_user.ssmm(*command.split()[1:]).returncode == 0
    assert "environment-file-invalid-name" not in look(of_user, "shell.service")
    assert of_user.started("shell.service")[1]["FROM_SHELL"] == SENTINEL


@pytest.mark.parametrize("optional", ["", "-"])
def test_bytes_that_systemd_refuses_are_found(of_user: Units, team: Ssm, optional: str) -> None:
    path = of_user.env_file("bytes.env", "")
    path.write_bytes(b"GOOD=1\nBAD=\xff\n")
    of_user.load("bytes.service", f"EnvironmentFile={optional}{path}\nExecStart={of_user.command}")
    assert starts(of_user, "bytes.service") is bool(optional)
    (one,) = look(of_user, "bytes.service")["environment-file-refused"]
    assert ("starts with none" if optional else "does not start") in one["why"]


FILES = {
    "plain": b"A=1\n  B = 2 \nC='x'\n",
    "rest": b"A='1\nB=2\n",
    "escaped quote": b'A="1\\"\nB=2"\nC=3\n',
    "shell's quote": b"A='it'\\''s'\nB=2\n",
    "joined": b"A='1' \"2\"\nB=3\n",
    "goes on": b"A=1\\\nB=2\nC=3\n",
    "comment": b"#A=1\n;B=2\n  #C=3\nD=4\n",
    "comment that goes on": b"# x \\\nA=1\nB=2\n",
    "lines of every kind": b"A=1\rB=2\r\nC=3\n\rD=4",
    "bad names": b"a-b=1\nexport C=1\n1D=1\n=1\n\xc3\xa9=1\nE=1\n",
    "mark": b"\xef\xbb\xbfA=1\nB=2\n",
    "no equals sign": b"A\nB=1\nC",
    "end in a quote": b'A=1\nB="2',
    "end in a backslash": b"A=1\nB=2\\",
    "end in a quoted backslash": b'A=1\nB="2\\',
    "quote within": b"A=it's\nB=\"x\"y'z\nC=3\n",
    "empty": b"A=\nB=''\nC=\n",
    "NUL": b"A=1\nB=\0\n",
    "noncharacter": "A=1\nB=\ufffe\n".encode(),
    "comment with bytes": b"# \xff\nA=1\n",
    "line with bytes": b"\xff\nA=1\n",
}


@pytest.mark.parametrize("content", FILES.values(), ids=FILES)
def test_a_file_is_read_as_the_manager_reads_it(user_manager: UserManager, content: bytes) -> None:
    path, out = user_manager.home / "reading.env", user_manager.home / "reading.out"
    path.write_bytes(content)
    out.unlink(missing_ok=True)
    user_manager.load(
        "reading.service", f"[Service]\nType=oneshot\nEnvironmentFile={path}\nExecStart=/bin/sh -c 'cat /proc/$$$$/environ >{out}'\n"
    )
    started = user_manager.systemctl("start", "reading.service").returncode == 0
    reading = env_file.read(content)
    assert started is not bool(reading.refused)
    if started:
        names = {entry.partition(b"=")[0].decode() for entry in out.read_bytes().split(b"\0")[:-1]}
        given = {name for name in names if len(name) == 1 and name != "_"}
        assert given == set(reading.names)


# What others may read


def test_secrets_in_the_unit_are_named_as_every_user_may_read_them(of_system: Units, team: Ssm) -> None:
    unit = "open.service"
    of_system.load(
        unit, f"Environment=TOKEN={SENTINEL} OTHER_PASSWORD={SENTINEL}\n{sync_line(of_system, '-')}\nExecStart={of_system.command}"
    )
    as_nobody = ("setpriv", f"--reuid={NOBODY}", f"--regid={pwd.getpwnam(NOBODY).pw_gid}", "--clear-groups")
    assert of_system.manager.systemctl("start", "dbus.socket").returncode == 0
    shown = of_system.manager.run(*as_nobody, "systemctl", "show", "--property=Environment", unit)
    assert SENTINEL in shown.stdout, shown.stderr
    found = look(of_system, unit)["secret-in-environment"]
    by_level = {one["level"]: one["what"] for one in found}
    assert "TOKEN, which Parameter Store holds" in by_level["error"]
    assert "OTHER_PASSWORD" in by_level["warning"]


@pytest.mark.parametrize(("mode", "found"), [(0o600, False), (0o644, True)])
def test_an_environment_file_that_others_can_read_is_found(of_user: Units, team: Ssm, mode: int, found: bool) -> None:
    path = of_user.env_file("mode.env", "A=1\n")
    path.chmod(mode)
    of_user.load("mode.service", f"EnvironmentFile={path}\nExecStart={of_user.command}")
    seen = look(of_user, "mode.service").get("environment-file-access", [])
    assert [one["fix"] for one in seen] == ([f"chmod 600 {path}"] if found else [])


def test_a_stale_file_beside_an_exec_unit_is_found(of_user: Units, team: Ssm) -> None:
    folder = of_user.folder / "my_app"
    folder.mkdir(exist_ok=True)
    (folder / ".env").write_text(f"TOKEN={SENTINEL}\n", encoding="utf-8")
    of_user.load("stale.service", f"WorkingDirectory={folder}\nExecStart={of_user.command}")
    assert "stale-env-file" not in look(of_user, "stale.service")
    of_user.switch("exec", "stale.service")
    found = look(of_user, "stale.service")
    assert found["stale-env-file"][0]["fix"] == f"rm {folder}/.env"
    assert "app-and-directory" not in found
