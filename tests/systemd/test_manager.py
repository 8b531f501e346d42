"""What is read of a unit over D-Bus, from a real manager."""

from __future__ import annotations

import json
import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from ssmm_core.errors import NotFound
from ssmm_core.systemd.manager import Manager, NoManager
from ssmm_core.systemd.service import ExecCommand
from tests.systemd.managers import RUNTIME

if TYPE_CHECKING:
    from tests.systemd.managers import Manager as RealManager
    from tests.systemd.managers import SystemManager, UserManager

REPOSITORY = Path(__file__).parent.parent.parent

EVERYTHING = r"""
[Unit]
After=early.service
Wants=wanted.service
StartLimitIntervalSec=40
StartLimitBurst=7
[Service]
Type=notify
Restart=on-failure
RestartPreventExitStatus=3 4
PIDFile=/run/everything.pid
TimeoutStartSec=20
Environment="SECRET=made up" OTHER=x=y
EnvironmentFile=/etc/one.env
EnvironmentFile=-/etc/100%% of %n.env
UnsetEnvironment=LANG
WorkingDirectory=/tmp
RuntimeDirectory=one two
RuntimeDirectoryMode=0710
StateDirectory=state
ExecStartPre=-/bin/true one
ExecStartPre=+/bin/true two
ExecStart=@-:/bin/echo "another name" "two words" %n $HOME ${X} $$ "" "a\\b\"c\td" ünï
ExecStopPost=/bin/true last
"""


def of_user(manager: UserManager) -> Manager:
    """The manager as its own user asks it, through its own socket."""
    return Manager(system=False, environ={"XDG_RUNTIME_DIR": str(manager.inside(RUNTIME))})


def asked_inside(manager: RealManager, expression: str, *, user: str = "", **environment: str) -> Any:
    """What an expression about `service`, or about the manager `m`, is inside, where the sockets have their usual paths."""
    script = (
        "import json, os\n"
        "from ssmm_core.systemd.manager import Manager\n"
        f"m = Manager(system={manager.scope == 'system'}, environ=os.environ)\n"
        f"print(json.dumps({expression}))\n"
    )
    command = [sys.executable, "-c", script]
    if user:
        command = ["setpriv", f"--reuid={user}", f"--regid={user}", "--clear-groups", *command]
    ended = manager.run(*command, environment={"PYTHONPATH": str(REPOSITORY), **environment})
    if user and "error while loading shared libraries" in ended.stderr:
        pytest.skip("the Python of these tests lies where only root may read it")
    assert ended.returncode == 0, ended.stderr
    return json.loads(ended.stdout)


def test_a_service_is_read_with_all_that_its_unit_says(user_manager: UserManager) -> None:
    user_manager.load("everything.service", EVERYTHING)
    found = of_user(user_manager).service("everything.service")
    assert found.id == "everything.service"
    assert (found.load_state, found.active_state, found.need_daemon_reload) == ("loaded", "inactive", False)
    assert found.fragment_path == str(user_manager.units / "everything.service")
    assert found.drop_in_paths == ()
    assert "early.service" in found.after
    assert "wanted.service" in found.wants
    assert (found.start_limit.interval, found.start_limit.burst) == (40_000_000, 7)
    assert (found.type, found.restart, found.restart_prevent_exit_status) == ("notify", "on-failure", (3, 4))
    assert found.pid_file == "/run/everything.pid"
    assert found.timeout_start == 20_000_000
    assert {name: value.reveal() for name, value in found.environment.items()} == {"SECRET": "made up", "OTHER": "x=y"}
    assert found.environment_files == (("/etc/one.env", False), ("/etc/100% of everything.service.env", True))
    assert found.unset_environment == ("LANG",)
    assert found.working_directory == "/tmp"
    assert found.runtime_directories == ("one", "two")
    assert found.runtime_directory_mode == 0o710
    assert found.state_directories == ("state",)
    assert found.exec_start_pre == (
        ExecCommand("/bin/true", ("/bin/true", "one"), ("ignore-failure",)),
        ExecCommand("/bin/true", ("/bin/true", "two"), ("privileged",)),
    )
    arguments = ("two words", "everything.service", "$HOME", "${X}", "$$", "", 'a\\b"c\td', "ünï")
    assert found.exec_start == (ExecCommand("/bin/echo", ("another name", *arguments), ("ignore-failure", "no-env-expand")),)
    assert found.exec_start[0].signs == "-:"
    assert not found.exec_start[0].expands
    assert found.exec_stop_post == (ExecCommand("/bin/true", ("/bin/true", "last")),)
    assert found.flags_known
    assert "made up" not in repr(found)


def test_a_program_without_a_path_is_told_without_one(user_manager: UserManager) -> None:
    user_manager.load("found.service", "[Service]\nExecStart=true one\n")
    (command,) = of_user(user_manager).service("found.service").exec_start
    assert (command.path, command.argv) == ("true", ("true", "one"))


SANDBOXED = """
[Service]
User=nobody
Group=nogroup
PrivateNetwork=yes
PrivateUsers=yes
RestrictAddressFamilies=AF_UNIX AF_NETLINK
IPAddressDeny=any
ProtectHome=tmpfs
ProtectSystem=strict
InaccessiblePaths=/srv
TemporaryFileSystem=/opt:ro
RootDirectory=/srv/root
ExecStart=!!/bin/true
"""


def test_what_a_sandbox_takes_away_is_read_too(system_manager: SystemManager) -> None:
    system_manager.load("sandboxed.service", SANDBOXED)
    expected = {
        "user": "nobody",
        "group": "nogroup",
        "dynamic_user": False,
        "private_network": True,
        "private_users": True,
        "restrict_address_families": [True, ["AF_NETLINK", "AF_UNIX"]],
        "ip_address_deny": True,
        "protect_home": "tmpfs",
        "protect_system": "strict",
        "inaccessible_paths": ["/srv"],
        "temporary_file_systems": ["/opt"],
        "root_directory": "/srv/root",
    }
    found = asked_inside(
        system_manager,
        f"(lambda s: [{{n: getattr(s, n) for n in {list(expected)}}}, s.exec_start[0].signs])(m.service('sandboxed.service'))",
    )
    assert found == [expected, "!!"]


def test_a_service_whose_file_changed_says_that_it_needs_a_reload(user_manager: UserManager) -> None:
    user_manager.load("stale.service", "[Service]\nType=oneshot\nRemainAfterExit=yes\nExecStart=/bin/true\n")
    user_manager.start("stale.service")  # what runs nowhere is read anew each time
    path = user_manager.units / "stale.service"
    path.write_text("[Service]\nExecStart=/bin/false\n", encoding="utf-8")
    os.utime(path, (1 << 31, 1 << 31))  # later than anything
    found = of_user(user_manager).service("stale.service")
    assert found.need_daemon_reload
    assert found.exec_start[0].path == "/bin/true"


@pytest.mark.parametrize(
    ("text", "state"),
    [(None, "not-found"), ("[Service]\nType=oneshot\n", "bad-setting"), ("", "masked")],
    ids=["missing", "wrong", "masked"],
)
def test_a_service_that_is_not_loaded_is_told_from_one_that_is(user_manager: UserManager, text: str | None, state: str) -> None:
    unit = f"{state}.service"
    if text is not None:
        user_manager.load(unit, text)
    assert of_user(user_manager).service(unit).load_state == state


@pytest.mark.parametrize("unit", ["worker@.service", "no unit", "x"])
def test_what_is_no_unit_s_name_is_refused(user_manager: UserManager, unit: str) -> None:
    with pytest.raises(NotFound):
        of_user(user_manager).service(unit)


def test_a_manager_tells_its_version_and_its_default_limit_of_starts(user_manager: UserManager) -> None:
    state = of_user(user_manager).state()
    assert state.version[0].isdigit()
    assert (state.start_limit.interval, state.start_limit.burst) == (10_000_000, 5)


@pytest.mark.parametrize("kind", ["user_manager", "system_manager"])
def test_each_manager_is_asked_through_its_own_socket_without_any_bus(kind: str, request: pytest.FixtureRequest) -> None:
    manager: RealManager = request.getfixturevalue(kind)
    manager.load("direct.service", "[Service]\nExecStart=/bin/true\n")
    nowhere = {"DBUS_SYSTEM_BUS_ADDRESS": "unix:path=/nowhere", "DBUS_SESSION_BUS_ADDRESS": "unix:path=/nowhere"}
    assert asked_inside(manager, "m.service('direct.service').exec_start[0].argv", **nowhere) == ["/bin/true"]


def with_bus(manager: RealManager) -> None:
    if manager.systemctl("start", "dbus.socket").returncode:
        pytest.skip("no D-Bus daemon is installed (packages dbus and dbus-user-session)")


@pytest.mark.parametrize("address", [{}, {"DBUS_SYSTEM_BUS_ADDRESS": "unix:path=/run/dbus/system_bus_socket"}], ids=["by default", "named"])
def test_who_is_not_root_asks_the_system_manager_over_the_bus(system_manager: SystemManager, address: dict[str, str]) -> None:
    with_bus(system_manager)
    system_manager.load("by-bus.service", "[Service]\nExecStart=/bin/echo by bus\n")
    assert asked_inside(system_manager, "m.service('by-bus.service').exec_start[0].argv", user="65534", **address) == [
        "/bin/echo",
        "by",
        "bus",
    ]


@pytest.mark.parametrize("address", ["", f"unix:path={RUNTIME}/bus,guid=0;tcp:host=x"], ids=["by default", "named"])
def test_the_user_s_manager_is_asked_over_its_bus_where_its_own_socket_is_not_there(user_manager: UserManager, address: str) -> None:
    with_bus(user_manager)
    user_manager.load("by-bus.service", "[Service]\nExecStart=/bin/echo by bus\n")
    private = user_manager.inside(f"{RUNTIME}/systemd/private")
    private.rename(private.with_name("away"))
    environment = {"DBUS_SESSION_BUS_ADDRESS": address, "XDG_RUNTIME_DIR": "" if address else RUNTIME}
    try:
        assert asked_inside(user_manager, "m.service('by-bus.service').exec_start[0].argv", **environment) == ["/bin/echo", "by", "bus"]
    finally:
        private.with_name("away").rename(private)


@pytest.mark.parametrize(
    ("environ", "said"),
    [
        ({}, "XDG_RUNTIME_DIR is not set"),
        ({"XDG_RUNTIME_DIR": "/nowhere"}, "/nowhere/systemd/private: No such file or directory"),
        ({"DBUS_SESSION_BUS_ADDRESS": "what is this"}, "XDG_RUNTIME_DIR is not set"),
    ],
)
def test_without_a_manager_that_is_said(environ: dict[str, str], said: str) -> None:
    with pytest.raises(NoManager, match=said):
        Manager(system=False, environ=environ).service("x.service")


def test_one_that_hangs_up_is_no_manager(tmp_path: Path) -> None:
    import socket
    import threading

    (tmp_path / "systemd").mkdir()
    with socket.socket(socket.AF_UNIX) as listening:
        listening.bind(str(tmp_path / "systemd/private"))
        listening.listen()
        threading.Thread(target=lambda: listening.accept()[0].close(), daemon=True).start()
        with pytest.raises(NoManager):
            Manager(system=False, environ={"XDG_RUNTIME_DIR": str(tmp_path)}).state()
