"""The user's part of a machine on which units are switched, where no manager answers: what it makes of them is in `tests/systemd`."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING

from tests.conftest import ROOT
from tests.systemd.scene import settings_of

if TYPE_CHECKING:
    import pytest

    from tests.conftest import Cli, Ran

COMMAND = "/usr/bin/uv run python app.py --mode prod"
SYSTEMCTL = """#!/bin/sh
printf '%s\\n' "$*" >>"$CALLS"
[ -z "$REFUSES" ] && exit 0
printf 'Failed to reload daemon: made up\\nmore of it\\n' >&2
exit 1
"""


class Machine:
    """The user's part of a machine: a `systemctl` that notes how it was called, an `ssmm`, and units."""

    def __init__(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        self._monkeypatch = monkeypatch
        self._calls = tmp_path / "calls"
        programs = tmp_path / "bin"
        programs.mkdir()
        self.ssmm = programs / "ssmm"
        self.systemctl = programs / "systemctl"
        self.ssmm.write_text("#!/bin/sh\n", encoding="utf-8")
        self.systemctl.write_text(SYSTEMCTL, encoding="utf-8")
        for program in (self.ssmm, self.systemctl):
            program.chmod(0o755)
        self.units = Path.home() / ".config/systemd/user"
        self.drop_in = self.units / "myapp.service.d/exec-mode.conf"
        monkeypatch.setenv("PATH", f"{programs}:{os.environ['PATH']}")
        monkeypatch.setenv("CALLS", str(self._calls))
        monkeypatch.setenv("SSMM_PREFIX_ROOT", ROOT)

    @property
    def calls(self) -> list[str]:
        """What systemctl was asked."""
        return self._calls.read_text(encoding="utf-8").splitlines() if self._calls.exists() else []

    def refuse(self) -> None:
        """Have systemctl fail from now on."""
        self._monkeypatch.setenv("REFUSES", "yes")

    def files(self) -> list[str]:
        """Everything below the home directory."""
        return sorted(str(path.relative_to(Path.home())) for path in Path.home().rglob("*") if not path.is_dir())


def settings(text: str) -> dict[str, list[str]]:
    """What a drop-in says in `[Service]`, each setting with its values in order."""
    return {name.removeprefix("Service."): values for name, values in settings_of(text).items() if name.startswith("Service.")}


def spoken(ran: Ran) -> list[str]:
    """What was said, but for the warnings: that no manager answers is one of them, always."""
    return [line for line in ran.err.splitlines() if not line.startswith("Warning: ")]


def migrate(ssmm: Cli, *options: str, command: str = COMMAND, unit: str = "myapp.service", app: str | None = "myapp") -> Ran:
    named = ("--app", app) if app else ()
    return ssmm("migrate-to-exec", "--unit", unit, *named, "--exec-cmd", command, *options)


def started(ran: Ran) -> str:
    """The ExecStart= that replaces the old one."""
    assert ran.code == 0, ran.err
    reset, command = settings(ran.out)["ExecStart"]
    assert reset == ""
    return command
