"""Looking at units with `ssmm doctor`, and doing what it says."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from tests.systemd.scene import Units

SENTINEL = "sentinel-hunter2"
ONLINE = "[Unit]\nWants=network-online.target\nAfter=network-online.target"


def look(units: Units, unit: str, *arguments: str, **environment: str) -> dict[str, list[dict[str, str]]]:
    """What is found of a unit, by its name for programs."""
    ended = units.ssmm("doctor", unit, "--json", *arguments, **environment)
    assert SENTINEL not in ended.stdout + ended.stderr
    assert "Traceback" not in ended.stderr
    told: dict[str, Any] = json.loads(ended.stdout)
    assert told["unit"] == unit
    assert ended.returncode == (1 if told["counts"]["error"] else 0)
    found: dict[str, list[dict[str, str]]] = {}
    for one in told["findings"]:
        found.setdefault(one["check"], []).append(one)
    return found


def worse(found: dict[str, list[dict[str, str]]]) -> set[str]:
    """The names of errors and warnings; that the scene's credentials stand in the open is its own doing."""
    return {check for check, ones in found.items() for one in ones if one["level"] in ("error", "warning")} - {"secret-in-environment"}


def apply(units: Units, unit: str, fix: str) -> None:
    """Put the lines of a fix where it says."""
    command, *lines = fix.splitlines()
    assert command == f"systemctl{' --user' if units.manager.scope == 'user' else ''} edit {unit}, with these lines:"
    units.drop_in(unit, "override.conf", "\n".join(lines) + "\n")


def starts(units: Units, unit: str) -> bool:
    """Whether a unit starts; if not, it is not tried again behind our back."""
    started = units.manager.systemctl("restart", unit).returncode == 0
    if not started:
        units.manager.systemctl("stop", unit)
        units.manager.systemctl("reset-failed", unit)
    return started


def sync_line(units: Units, out: str) -> str:
    return f"ExecStartPre={units.program} sync --prefix /myteam --app my-app --out {out}"
