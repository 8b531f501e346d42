"""A service under a real manager, as it was before ssmm; ssmm beside it; and Parameter Store behind."""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from tests.conftest import CREDENTIALS, REGION, ROOT

if TYPE_CHECKING:
    from tests.systemd.managers import Manager

REPOSITORY = Path(__file__).parent.parent.parent

ON_SYSTEM = pytest.mark.parametrize("units", ["system"], indirect=True)
"""For what does not differ between a user's manager and the system's, or was seen with both elsewhere: each of them takes seconds."""

DUMP = """#!/bin/sh
cat /proc/$$/environ >"$1/environ"
cat /proc/$$/cmdline >"$1/cmdline"
id -u >"$1/user"
"""


def parsed(block: bytes) -> dict[str, str]:
    """An environment as /proc shows it."""
    entries = (entry.partition(b"=") for entry in block.split(b"\0") if entry)
    return {name.decode(): value.decode() for name, _, value in entries}


class Units:
    """Units that say what they were started with, and `ssmm` run beside their manager."""

    def __init__(self, manager: Manager, endpoint: str) -> None:
        self.manager = manager
        self.folder = manager.home / "units-scene"
        self.folder.mkdir(exist_ok=True)
        self.out = self.folder / "out"
        self.out.mkdir(exist_ok=True)
        self.out.chmod(0o777)
        self.dump = self.folder / "dump"
        self.dump.write_text(DUMP, encoding="utf-8")
        self.dump.chmod(0o755)
        self.command = f"/bin/sh {self.dump} {self.out}"
        self.program = self.launcher(self.folder / "bin/ssmm")
        self.settings = {
            "PYTHONPATH": str(REPOSITORY),
            "PYTHONDONTWRITEBYTECODE": "1",
            "AWS_REGION": REGION,
            "AWS_ENDPOINT_URL_SSM": endpoint,
            "AWS_EC2_METADATA_DISABLED": "true",
            **CREDENTIALS,
        }

    def clear(self) -> None:
        """Leave nothing to the next test: the manager is the same for all of them."""
        loaded = self.manager.systemctl("list-units", "--all", "--plain", "--no-legend", "--full", "*.service").stdout
        units = [line.split()[0] for line in loaded.splitlines()]
        if ours := [unit for unit in units if not unit.startswith("dbus")]:
            self.manager.systemctl("stop", *ours)
            self.manager.systemctl("reset-failed", *ours)
        for left in (self.folder, *self.manager.units.iterdir()):
            if left.is_dir() and not left.is_symlink():
                shutil.rmtree(left)
            else:
                left.unlink()
        self.manager.reload()
        self.manager.forget()

    def launcher(self, path: Path, before: str = "") -> Path:
        """ssmm as a program of its own; `before` is what a shell does first."""
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(f'#!/bin/sh\n{before}\nexec {sys.executable} -m ssmm_core "$@"\n', encoding="utf-8")
        path.chmod(0o755)
        return path

    def load(self, unit: str, service: str, more: str = "") -> None:
        """A unit that runs once and stays, with what `ssmm` needs in its environment; `more` are sections before."""
        lines = "\n".join(f'Environment="{name}={value}"' for name, value in self.settings.items())
        self.manager.load(unit, f"{more}\n[Service]\nType=oneshot\nRemainAfterExit=yes\nRestart=on-failure\n{lines}\n{service}\n")

    def env_file(self, name: str, text: str) -> Path:
        path = self.folder / name
        path.write_text(text, encoding="utf-8")
        path.chmod(0o600)
        return path

    def ssmm(self, *arguments: str, directory: Path | None = None, **environment: str) -> subprocess.CompletedProcess[str]:
        """Run ssmm beside the manager."""
        given = {
            **self.settings,
            "SSMM_PREFIX_ROOT": ROOT,
            "PATH": f"{self.program.parent}:{self.manager.environment['PATH']}",
            **environment,
        }
        if self.manager.scope == "system" and arguments[0] in ("migrate-to-exec", "migrate-to-sync", "onboard"):
            arguments = (*arguments, "--system")
        return self.manager.run(str(self.program), *arguments, environment=given, directory=directory)

    def switch(self, mode: str, unit: str, *arguments: str, directory: Path | None = None, **environment: str) -> str:
        """Switch a unit for good; what was said."""
        words = (f"migrate-to-{mode}", "--unit", unit, "--app", "my-app", *arguments, "--apply")
        ended = self.ssmm(*words, directory=directory, **environment)
        assert ended.returncode == 0, ended.stderr
        return ended.stderr

    def refused(self, mode: str, unit: str, *arguments: str, code: int = 78, **environment: str) -> str:
        """See that a switch is refused and leaves everything as it was; the error."""
        before = self.tree()
        ended = self.ssmm(f"migrate-to-{mode}", "--unit", unit, "--app", "my-app", *arguments, "--apply", **environment)
        assert ended.returncode == code, ended.stderr
        assert self.tree() == before
        return next(line for line in ended.stderr.splitlines() if line.startswith("Error: "))

    def started(self, unit: str) -> tuple[list[str], dict[str, str]]:
        """(the arguments, the environment) that a unit's command gets now."""
        for left in self.out.iterdir():
            left.unlink()
        ended = self.manager.systemctl("restart", unit)
        assert ended.returncode == 0, self.manager.said()[-3000:]
        return (self.out / "cmdline").read_bytes().decode().split("\0")[:-1], parsed((self.out / "environ").read_bytes())

    @property
    def user(self) -> str:
        """Whom the command ran as."""
        return (self.out / "user").read_text().strip()

    def drop_in(self, unit: str, name: str, text: str = "") -> Path:
        """A drop-in of a unit, written if there is a text."""
        path = self.manager.units / f"{unit}.d" / name
        if text:
            path.parent.mkdir(exist_ok=True)
            path.write_text(text, encoding="utf-8")
            self.manager.reload()
        return path

    def tree(self) -> dict[str, bytes | None]:
        """All files and folders of units, byte for byte."""
        return {
            str(path.relative_to(self.manager.units)): path.read_bytes() if path.is_file() else None
            for path in sorted(self.manager.units.rglob("*"))
        }


def settings_of(text: str) -> dict[str, list[str]]:
    """A unit file's settings as `Section.Name`, each with its values in order."""
    found: dict[str, list[str]] = {}
    section = ""
    for line in text.splitlines():
        if line.startswith("["):
            section = line.strip("[]")
        elif line and not line.startswith("#"):
            name, equals, value = line.partition("=")
            assert equals, line
            found.setdefault(f"{section}.{name}", []).append(value)
    return found
