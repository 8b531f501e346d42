"""What a service of a real systemd has from environment files."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tests.readers.real import as_environment

if TYPE_CHECKING:
    from collections.abc import Iterable

    from tests.systemd.managers import Manager


def environment(manager: Manager, unit: str, files: Iterable[str]) -> dict[str, str]:
    """The environment of `unit`, made with these `EnvironmentFile=` settings and started."""
    out = manager.home / f"{unit}.out"
    settings = "".join(f"EnvironmentFile={file}\n" for file in files)
    manager.load(unit, f"[Service]\nType=oneshot\n{settings}ExecStart=/usr/bin/env -0\nStandardOutput=truncate:{out}\n")
    manager.start(unit)
    return as_environment(out.read_bytes())
