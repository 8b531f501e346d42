"""Real systemd managers in private namespaces: nothing of them reaches the machine that the tests run on."""

from __future__ import annotations

import os
import select
import shutil
import signal
import socket
import subprocess
import threading
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from collections.abc import Mapping

MANAGER = Path("/usr/lib/systemd/systemd")
PATH = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"
RUNTIME = "/run/user/manager"
SECONDS = 30.0

# The groups first, then the namespaces. The network is the machine's: the endpoint that units are to reach is on its loopback.
_ENTER = """
init=$1; namespaces=$2; shift 2
for group; do echo $$ >"$group/cgroup.procs" || exit; done
exec unshare --mount --pid $namespaces --fork --mount-proc --kill-child sh -c "$init"
"""

# The first process of the namespace. systemd refuses to be a user manager as process 1, or where no system was booted by systemd.
_USER = f"""
set -e
mount --make-rprivate /
mount -t tmpfs -o mode=755 tmpfs /run
mkdir -p /run/systemd/system /run/systemd/journal {RUNTIME}
chmod 700 {RUNTIME}
ln -s "$HOME/../journal" /run/systemd/journal/socket
{MANAGER} --user --log-target=journal --unit=basic.target </dev/null >/dev/null 2>&1 &
wait
"""

# Here systemd is process 1. What it would change of the machine is covered first: devices, sysctl, cgroups, its own state.
_SYSTEM = f"""
set -e
mount --make-rprivate /
mount -t tmpfs -o mode=755 tmpfs /run
mkdir -p /run/systemd/journal /run/covers/dev
ln -s "$HOME/../journal" /run/systemd/journal/socket
mount -t tmpfs -o mode=755 tmpfs /run/covers/dev
for node in null zero full random urandom tty; do cp -a /dev/$node /run/covers/dev/; done
mkdir /run/covers/dev/shm /run/covers/dev/pts
ln -s /proc/self/fd /run/covers/dev/fd
ln -s pts/ptmx /run/covers/dev/ptmx
ln -s null /run/covers/dev/console
mount --move /run/covers/dev /dev
mount -t tmpfs tmpfs /dev/shm
mount -t devpts -o newinstance,ptmxmode=0666 devpts /dev/pts
mount --bind /proc/sys /proc/sys
mount -o remount,bind,ro /proc/sys
umount -R /sys/fs/cgroup
mount -o remount,bind,ro /sys
mount -t cgroup2 cgroup2 /sys/fs/cgroup
mkdir -p "$HOME/state"
mount --bind "$HOME/state" /var/lib/systemd
mount --bind "$HOME/units" /etc/systemd/system
mount --make-rshared /
exec env -i PATH={PATH} LANG=C.UTF-8 container=test SYSTEMD_PROC_CMDLINE= NOTIFY_SOCKET="$NOTIFY_SOCKET" \
  SYSTEMD_UNIT_PATH="$HOME/vendor:/etc/systemd/system" \
  {MANAGER} --system --unit=basic.target --log-target=journal --show-status=no </dev/null >/dev/null 2>&1
"""
_TARGETS = ("sysinit", "basic", "shutdown", "umount", "sockets", "timers", "multi-user", "network-online")


class Manager:
    """A running manager, asked from outside. Its files are below `home`, which both sides see; its units are in `units`."""

    scope: str
    _units: str
    _init_script: str
    _namespaces = ""

    def __init__(self, folder: Path) -> None:
        name = f"ssmm-test-{self.scope}-{os.getpid()}"
        self._cgroups = _own_cgroups(name)
        self.home = folder / "home"
        self.units = self.home / self._units
        self.units.mkdir(parents=True)
        self._journal = _Journal(folder / "journal")
        self.environment = {"PATH": PATH, "HOME": str(self.home), "LANG": "C.UTF-8"}
        self._prepare()
        ready = _ReadySocket(name)
        self._outside = subprocess.Popen(
            ["sh", "-c", _ENTER, "sh", self._init_script, self._namespaces, *map(str, self._cgroups)],
            env={**self.environment, "NOTIFY_SOCKET": ready.address},
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
        )
        if not ready.arrives(self._outside):
            self.stop()
            pytest.skip(f"systemd --{self.scope} does not start here: {self.said()[-300:]}")

    def _prepare(self) -> None:
        """What has to be there before it starts."""

    def run(
        self, *command: str, environment: Mapping[str, str] | None = None, directory: Path | None = None
    ) -> subprocess.CompletedProcess[str]:
        """A program inside, with the manager's environment and more."""
        return subprocess.run(
            [
                shutil.which("nsenter", path=PATH) or "nsenter",
                f"--target={self._init}",
                "--mount",
                "--pid",
                f"--wd={directory or self.home}",
                "--",
                *command,
            ],
            env={**self.environment, **(environment or {})},
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            timeout=120,
        )

    def inside(self, path: str) -> Path:
        """A file of the manager's world as this process can open it."""
        return Path(f"/proc/{self._init}/root{path}")

    def systemctl(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        return self.run("systemctl", f"--{self.scope}", *arguments)

    def load(self, unit: str, text: str) -> None:
        """Write a unit and have it read."""
        (self.units / unit).write_text(text, encoding="utf-8")
        self.reload()

    def reload(self) -> None:
        """Have the units read anew."""
        ended = self.systemctl("daemon-reload")
        assert ended.returncode == 0, ended.stderr

    def start(self, unit: str) -> None:
        """Start a unit and wait for what its type waits for."""
        ended = self.systemctl("start", unit)
        assert ended.returncode == 0, f"{ended.stderr}\n{self.said()[-3000:]}"

    def show(self, unit: str, what: str) -> str:
        return self.systemctl("show", "--property", what, "--value", unit).stdout.rstrip("\n")

    def said(self) -> str:
        """The manager's messages."""
        return self._journal.text()

    def forget(self) -> None:
        """Begin the messages anew."""
        self._journal.forget()

    def stop(self) -> None:
        """End the namespace and everything in it: with its first process the kernel ends all others before that is reaped."""
        if self._init:
            os.kill(int(self._init), signal.SIGKILL)
        else:
            self._outside.kill()
        self._outside.wait(SECONDS)
        for group in self._cgroups:
            _remove_cgroup(group)
        self._journal.close()

    @property
    def _init(self) -> str:
        """The namespace's first process, as it is numbered outside; empty when there is none."""
        children = Path(f"/proc/{self._outside.pid}/task/{self._outside.pid}/children")
        return children.read_text().strip() if children.exists() else ""


class UserManager(Manager):
    """A `systemd --user`, of root."""

    scope = "user"
    _units = ".config/systemd/user"
    _init_script = _USER

    def _prepare(self) -> None:
        self.environment["XDG_RUNTIME_DIR"] = RUNTIME


class SystemManager(Manager):
    """A `systemd --system`, with users, sandboxes and sockets, but with no unit of the machine's: its units are `/etc/systemd/system`."""

    scope = "system"
    _units = "units"
    _init_script = _SYSTEM
    _namespaces = "--uts --ipc --cgroup"

    def _prepare(self) -> None:
        self.home.parent.chmod(0o755)  # services have users of their own, and their programs are in here
        vendor = self.home / "vendor"
        vendor.mkdir()
        for target in _TARGETS:
            (vendor / f"{target}.target").write_text("[Unit]\nDefaultDependencies=no\n", encoding="utf-8")
        for unit in ("dbus.service", "dbus.socket"):
            if (present := Path("/usr/lib/systemd/system", unit)).exists():
                shutil.copy(present, vendor)


class _Journal:
    """What a journal would be given."""

    def __init__(self, path: Path) -> None:
        self._socket = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        self._socket.bind(str(path))
        path.chmod(0o666)
        self._end, self._ended = os.pipe()
        self._entries: list[bytes] = []
        self._reader = threading.Thread(target=self._read, daemon=True)
        self._reader.start()

    def _read(self) -> None:
        while self._socket in select.select([self._socket, self._end], [], [])[0]:
            self._entries.append(self._socket.recv(1 << 20))

    def text(self) -> str:
        return "\n".join(_message(entry) for entry in list(self._entries))

    def forget(self) -> None:
        self._entries.clear()

    def close(self) -> None:
        os.close(self._ended)
        self._reader.join()
        os.close(self._end)
        self._socket.close()


def _message(entry: bytes) -> str:
    """The message of an entry: `MESSAGE=text`, or where it has several lines `MESSAGE`, its length in eight bytes, and the text."""
    rest = entry
    while rest:
        line, _, rest = rest.partition(b"\n")
        name, equals, value = line.partition(b"=")
        if not equals:
            size = int.from_bytes(rest[:8], "little")
            value, rest = rest[8 : 8 + size], rest[9 + size :]
        if name == b"MESSAGE":
            return value.decode(errors="replace")
    return ""


class _ReadySocket:
    """Where a manager says that it is ready, as `Type=notify` has it."""

    def __init__(self, name: str) -> None:
        self.address = f"@{name}"
        self._socket = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        self._socket.bind(f"\0{name}")

    def arrives(self, sender: subprocess.Popen[bytes]) -> bool:
        """Wait for it; False where the sender ends, or is silent for too long."""
        end = os.pidfd_open(sender.pid)
        try:
            while self._socket in select.select([self._socket, end], [], [], SECONDS)[0]:
                if b"READY=1" in self._socket.recv(4096).split(b"\n"):
                    return True
            return False
        finally:
            os.close(end)
            self._socket.close()


def _own_cgroups(name: str) -> list[Path]:
    """A cgroup of our own in each hierarchy that systemd makes groups in, so that all of them can be removed again."""
    bases = [Path("/sys/fs/cgroup/unified"), Path("/sys/fs/cgroup/systemd")]
    if Path("/sys/fs/cgroup/cgroup.procs").exists():
        bases = [Path("/sys/fs/cgroup")]
    groups = [base / name for base in bases if (base / "cgroup.procs").exists()]
    try:
        for group in groups:
            group.mkdir()
    except OSError as error:
        for group in groups:
            _remove_cgroup(group)
        pytest.skip(f"no cgroup can be made here: {error}")
    return groups


def _remove_cgroup(group: Path) -> None:
    for folder, _, _ in os.walk(group, topdown=False):
        Path(folder).rmdir()


def missing() -> str:
    """Why no manager can be started here, or nothing."""
    if os.geteuid() != 0:
        return "namespaces for a real systemd need root"
    if not MANAGER.exists():
        return "systemd is not installed"
    missing = [program for program in ("unshare", "nsenter", "systemctl") if shutil.which(program, path=PATH) is None]
    if missing:
        return f"{', '.join(missing)} not installed"
    probe = subprocess.run(["unshare", "--mount", "--pid", "--fork", "--mount-proc", "true"], capture_output=True, text=True)
    return f"namespaces are not allowed here: {probe.stderr.strip()}" if probe.returncode else ""
