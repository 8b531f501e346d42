"""A real `systemd --user` in private namespaces: nothing of it reaches the machine that the tests run on."""

from __future__ import annotations

import os
import select
import shutil
import signal
import socket
import subprocess
import tempfile
import threading
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

MANAGER = Path("/usr/lib/systemd/systemd")
PATH = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"
RUNTIME = "/run/user/manager"
SECONDS = 30.0

# The groups first, then the namespaces.
_ENTER = """
init=$1; shift
for group; do echo $$ >"$group/cgroup.procs" || exit; done
exec unshare --mount --pid --fork --mount-proc --kill-child sh -c "$init"
"""

# The first process of the namespace. systemd refuses to be a user manager as process 1, or where no system was booted by systemd.
_INIT = f"""
set -e
mount --make-rprivate /
mount -t tmpfs -o mode=755 tmpfs /run
mkdir -p /run/systemd/system /run/systemd/journal {RUNTIME}
chmod 700 {RUNTIME}
ln -s "$HOME/../journal" /run/systemd/journal/socket
{MANAGER} --user --log-target=journal --unit=basic.target </dev/null >/dev/null 2>&1 &
wait
"""


class UserManager:
    """A running manager, asked from outside. Its home, and so its units, are in `home`, which both sides see."""

    def __init__(self, folder: Path) -> None:
        name = f"ssmm-test-{os.getpid()}"
        self._cgroups = _own_cgroups(name)
        self.home = folder / "home"
        self.units = self.home / ".config/systemd/user"
        self.units.mkdir(parents=True)
        self._journal = _Journal(folder / "journal")
        self.environment = {"PATH": PATH, "HOME": str(self.home), "LANG": "C.UTF-8", "XDG_RUNTIME_DIR": RUNTIME}
        ready = _ReadySocket(name)
        self._outside = subprocess.Popen(
            ["sh", "-c", _ENTER, "sh", _INIT, *map(str, self._cgroups)],
            env={**self.environment, "NOTIFY_SOCKET": ready.address},
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
        )
        if not ready.arrives(self._outside):
            self.stop()
            pytest.skip(f"systemd --user does not start here: {self.said()[-300:]}")

    def run(
        self, *command: str, environment: Mapping[str, str] | None = None, directory: Path | None = None
    ) -> subprocess.CompletedProcess[str]:
        """A program inside, with the manager's environment and more."""
        return subprocess.run(
            ["nsenter", f"--target={self._init}", "--mount", "--pid", f"--wd={directory or self.home}", "--", *command],
            env={**self.environment, **(environment or {})},
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            timeout=120,
        )

    def systemctl(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        return self.run("systemctl", "--user", *arguments)

    def load(self, unit: str, text: str) -> None:
        """Write a unit and have it read."""
        (self.units / unit).write_text(text, encoding="utf-8")
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


class _Journal:
    """What a journal would be given."""

    def __init__(self, path: Path) -> None:
        self._socket = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        self._socket.bind(str(path))
        self._end, self._ended = os.pipe()
        self._entries: list[bytes] = []
        self._reader = threading.Thread(target=self._read, daemon=True)
        self._reader.start()

    def _read(self) -> None:
        while self._socket in select.select([self._socket, self._end], [], [])[0]:
            self._entries.append(self._socket.recv(1 << 20))

    def text(self) -> str:
        return "\n".join(_message(entry) for entry in list(self._entries))

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


def _missing() -> str:
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


@pytest.fixture(scope="session")
def user_manager() -> Iterator[UserManager]:
    if reason := _missing():
        pytest.skip(reason)
    # Not below pytest's own folder: /run is another one inside, and paths stay short enough for everything systemd makes of them.
    with tempfile.TemporaryDirectory(prefix="ssmm-systemd-") as folder:
        manager = UserManager(Path(folder))
        yield manager
        manager.stop()
