"""`exec` under a real systemd: every kind of service is what it would be without it, but for its parameters."""

from __future__ import annotations

import json
import os
import select
import socket
import sys
import threading
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from tests.conftest import CREDENTIALS, REGION, ROOT, Ssm

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.support.faults import Faults
    from tests.systemd.managers import UserManager

SECONDS = 30.0
VALUE = "made-up 'token'\n$HOME"

SERVICE = r"""
import json, os, signal, socket, sys

def tell(what, **more):
    with open(os.environ["REPORTS"], "w") as reports:
        reports.write(json.dumps({"what": what, "pid": os.getpid(), **more}) + "\n")

def environment():
    with open("/proc/self/environ", "rb") as file:
        return {name: value for name, _, value in (os.fsdecode(one).partition("=") for one in file.read().split(b"\0") if one)}

def notify(text):
    address = os.environ["NOTIFY_SOCKET"]
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as manager:
        manager.sendto(text, "\0" + address[1:] if address[0] == "@" else address)

mode = sys.argv[1]
signal.signal(signal.SIGHUP, lambda *_: tell("reloaded"))
if mode == "forking":
    if os.fork():
        os._exit(0)
    with open(sys.argv[2], "w") as file:
        file.write(str(os.getpid()))
if mode == "notify":
    notify(b"READY=1\nWATCHDOG=1")
    signal.signal(signal.SIGALRM, lambda *_: notify(b"WATCHDOG=1"))
    signal.setitimer(signal.ITIMER_REAL, 0.2, 0.2)
tell("started", environment=environment())
if mode == "socket":
    listening = socket.socket(fileno=3)
    connection, _ = listening.accept()
    connection.sendall(os.environ["TOKEN"].encode())
    connection.close()
while mode != "oneshot":
    signal.pause()
"""


class Services:
    """Units of the app `my-app`, each with a program that reports to the test."""

    def __init__(self, manager: UserManager, installation: Path, endpoint: str) -> None:
        self.manager = manager
        self.ssmm = installation
        self.folder = manager.home / "exec"
        self.folder.mkdir(exist_ok=True)
        self.program = self.folder / "service.py"
        self.program.write_text(SERVICE, encoding="utf-8")
        self._fifo = self.folder / "reports"
        if not self._fifo.exists():
            os.mkfifo(self._fifo)
        self._reports = os.open(self._fifo, os.O_RDWR)
        self._rest = b""
        self._units: list[str] = []
        self.settings = {
            "AWS_REGION": REGION,
            "AWS_ENDPOINT_URL_SSM": endpoint,
            "AWS_EC2_METADATA_DISABLED": "true",
            "SSMM_PREFIX_ROOT": ROOT,
            "REPORTS": str(self._fifo),
            **CREDENTIALS,
        }

    def command(self, mode: str, *arguments: str, through: str = "exec --app my-app --") -> str:
        wrapper = f"{self.ssmm} {through} " if through else ""
        return f"{wrapper}{sys.executable} {self.program} {mode} {' '.join(arguments)}"

    def load(self, unit: str, *lines: str, **settings: str) -> None:
        """A service unit of these lines."""
        self._units.append(unit)
        environment = [f'Environment="{name}={value}"' for name, value in (self.settings | settings).items()]
        self.manager.load(unit, "\n".join(["[Service]", "TimeoutStartSec=30", *environment, *lines]) + "\n")

    def start(self, unit: str) -> dict[str, Any]:
        """Start it; the program's first report."""
        ended = self.manager.systemctl("start", "--no-block", unit)
        assert ended.returncode == 0, ended.stderr
        return self.report(unit)

    def report(self, unit: str) -> dict[str, Any]:
        """The next report."""
        while b"\n" not in self._rest:
            ready, _, _ = select.select([self._reports], [], [], SECONDS)
            assert ready, f"{unit} reports nothing: {self.manager.systemctl('status', unit).stdout}\n{self.manager.said()[-2000:]}"
            self._rest += os.read(self._reports, 1 << 20)
        line, _, self._rest = self._rest.partition(b"\n")
        found: dict[str, Any] = json.loads(line)
        return found

    def main_pid(self, unit: str) -> str:
        return self.manager.show(unit, "MainPID")

    def close(self) -> None:
        for unit in dict.fromkeys(self._units):
            self.manager.systemctl("stop", unit)
            (self.manager.units / unit).unlink()
        self.manager.systemctl("reset-failed")
        os.close(self._reports)


@pytest.fixture
def services(user_manager: UserManager, installation: Path, endpoint: str, ssm: Ssm) -> Iterator[Services]:
    ssm.put(f"{ROOT}/my-app/token", VALUE)
    made = Services(user_manager, installation, endpoint)
    yield made
    made.close()


@pytest.mark.parametrize("kind", ["simple", "exec", "notify", "oneshot", "forking"])
def test_the_main_process_of_every_type_is_the_program_itself(services: Services, kind: str) -> None:
    unit = f"{kind}.service"
    pid_file = services.folder / "daemon.pid"
    lines = {
        "notify": ["WatchdogSec=1"],
        "oneshot": ["RemainAfterExit=yes"],
        "forking": [f"PIDFile={pid_file}"],
    }.get(kind, [])
    services.load(unit, f"Type={kind}", *lines, f"ExecStart={services.command(kind, str(pid_file))}")
    started = services.start(unit)
    assert started["environment"]["TOKEN"] == VALUE
    services.manager.start(unit)  # returns when systemd takes it for started
    assert services.manager.show(unit, "ActiveState") == "active"
    if kind != "oneshot":
        assert services.main_pid(unit) == str(started["pid"])
    if kind == "notify":
        assert started["environment"]["WATCHDOG_PID"] == str(started["pid"])
        assert services.manager.show(unit, "Result") == "success"
    if kind != "forking":
        assert started["environment"]["SYSTEMD_EXEC_PID"] == str(started["pid"])


def test_the_environment_is_that_of_the_unit_without_ssmm(services: Services) -> None:
    lines = ["Type=simple", "Environment=PYTHONPATH=/made/up", "Environment=LC_ALL=C", "RuntimeDirectory=with-env"]
    services.load("bare.service", *lines, f"ExecStart={services.command('simple', through='')}")
    bare = services.start("bare.service")
    services.load("bare.service", *lines, f"ExecStart={services.command('simple')}")
    services.manager.systemctl("stop", "bare.service")
    wrapped = services.start("bare.service")
    new_each_time = {"SYSTEMD_EXEC_PID", "INVOCATION_ID", "JOURNAL_STREAM"}
    before = {name: value for name, value in bare["environment"].items() if name not in new_each_time}
    after = {name: value for name, value in wrapped["environment"].items() if name not in new_each_time}
    assert after == before | {"TOKEN": VALUE}
    assert bare["environment"].keys() == wrapped["environment"].keys() - {"TOKEN"}


@pytest.mark.parametrize("setting", ["yes", "no"])
def test_sigpipe_is_ignored_just_where_the_unit_says_so(services: Services, setting: str) -> None:
    out = services.folder / "status"
    services.load(
        "pipe.service", "Type=oneshot", f"IgnoreSIGPIPE={setting}", f"StandardOutput=truncate:{out}", "StandardError=null",
        f"ExecStart={services.ssmm} exec --app my-app -- /bin/grep SigIgn /proc/self/status",
    )  # fmt: skip
    services.manager.start("pipe.service")
    assert bool(int(out.read_text().split()[1], 16) >> 12 & 1) is (setting == "yes")


def test_a_hostile_environment_of_the_unit_reaches_the_program_and_not_ssmm(services: Services) -> None:
    hostile = services.folder / "hostile"
    hostile.mkdir(exist_ok=True)
    for name in ("argparse", "encodings", "json", "os", "re", "sitecustomize", "ssmm_core"):
        (hostile / f"{name}.py").write_text("raise SystemExit(99)\n", encoding="utf-8")
    settings = [f"WorkingDirectory={hostile}", f"Environment=PYTHONPATH={hostile} PYTHONHOME=/made/up"]
    out = services.folder / "given"
    services.load(
        "hostile.service", "Type=oneshot", *settings, f"StandardOutput=truncate:{out}", "StandardError=null",
        f"ExecStart={services.ssmm} exec --app my-app -- /usr/bin/env -0",
    )  # fmt: skip
    services.manager.start("hostile.service")
    found = dict(entry.split("=", 1) for entry in out.read_text().split("\0") if entry)
    assert (found["PYTHONPATH"], found["PYTHONHOME"], found["TOKEN"]) == (str(hostile), "/made/up", VALUE)


def test_a_socket_is_handed_on(services: Services) -> None:
    address = services.folder / "socket"
    services.load("answering.service", f"ExecStart={services.command('socket')}")
    (services.manager.units / "answering.socket").write_text(f"[Socket]\nListenStream={address}\n", encoding="utf-8")
    services.manager.reload()
    services.manager.start("answering.socket")
    try:
        with socket.socket(socket.AF_UNIX) as client:
            client.settimeout(SECONDS)
            client.connect(str(address))
            started = services.report("answering.service")
            assert client.recv(4096).decode() == VALUE
    finally:
        services.manager.systemctl("stop", "answering.socket")
        (services.manager.units / "answering.socket").unlink()
    assert started["environment"]["LISTEN_PID"] == str(started["pid"])
    assert started["environment"]["LISTEN_FDS"] == "1"


def test_a_reload_reaches_the_program(services: Services) -> None:
    services.load("reloaded.service", "Type=notify", "ExecReload=/bin/kill -HUP $MAINPID", f"ExecStart={services.command('notify')}")
    started = services.start("reloaded.service")
    services.manager.start("reloaded.service")
    assert services.manager.systemctl("reload", "reloaded.service").returncode == 0
    assert services.report("reloaded.service") == {"what": "reloaded", "pid": started["pid"]}


def failed(services: Services, unit: str, *lines: str, **settings: str) -> str:
    """The exit code that systemd saw of a service that did not start."""
    services.load(unit, "Type=notify", *lines, **settings)
    assert services.manager.systemctl("start", unit).returncode != 0
    assert services.manager.show(unit, "Result") == "exit-code"
    return services.manager.show(unit, "ExecMainStatus")


def test_systemd_sees_by_the_exit_code_what_can_heal(services: Services, faults: Faults) -> None:
    wrapped = f"{services.ssmm} exec --app my-app --timeout 1"
    unreachable = {"AWS_ENDPOINT_URL_SSM": "http://127.0.0.1:9"}
    assert failed(services, "may-heal.service", f"ExecStart={wrapped} --jitter 0.1 -- /bin/true", **unreachable) == "75"
    faults.refuse("GetParametersByPath", "AccessDeniedException", "made up", times=2)
    assert failed(services, "denied.service", f"ExecStart={wrapped} -- /bin/true", AWS_ENDPOINT_URL_SSM=faults.url) == "77"
    assert failed(services, "empty.service", f"ExecStart={services.ssmm} exec --app nobody --no-shared -- /bin/true") == "78"
    assert failed(services, "missing.service", f"ExecStart={wrapped} --require NOT_THERE -- /bin/true") == "78"
    assert failed(services, "no-program.service", f"ExecStart={wrapped} -- /bin/not-there") == "127"
    assert failed(services, "no-x.service", f"ExecStart={wrapped} -- {services.program}") == "126"


def test_a_slow_fetch_outlasts_the_unit_s_timeout_and_is_told_in_its_status(services: Services, faults: Faults) -> None:
    answer = threading.Event()
    faults.meanwhile("GetParametersByPath", lambda: answer.wait(SECONDS), times=2)
    services.load(
        "slow.service", "Type=notify", "TimeoutStartSec=1", f"ExecStart={services.command('notify')}", AWS_ENDPOINT_URL_SSM=faults.url
    )
    # Another unit's timeout is the clock: when it is over, so is ours.
    services.load("clock.service", "Type=notify", "TimeoutStartSec=2", "ExecStart=/bin/sleep infinity")
    assert services.manager.systemctl("start", "--no-block", "slow.service").returncode == 0
    assert services.manager.systemctl("start", "clock.service").returncode != 0
    assert services.manager.show("clock.service", "Result") == "timeout"
    assert services.manager.show("slow.service", "ActiveState") == "activating"
    assert services.manager.show("slow.service", "StatusText") == "ssmm fetches parameters"
    answer.set()
    assert services.report("slow.service")["environment"]["TOKEN"] == VALUE
    services.manager.start("slow.service")
    assert services.manager.show("slow.service", "ActiveState") == "active"
    assert services.manager.show("slow.service", "StatusText") == f"starting {sys.executable}"
