"""Print, as the README's table, how many awkward values each dialect refuses and each of its real readers loses."""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

from tests.readers.journey import lost, split
from tests.readers.real import READERS, Reader
from tests.readers.service import environment
from tests.readers.values import BY_HAND, generated
from tests.systemd.managers import UserManager, missing

if TYPE_CHECKING:
    from collections.abc import Sequence

NUMBER = 5000


def main() -> None:
    values = [*BY_HAND, *generated(NUMBER)]
    print(f"{len(values):,} values: {len(BY_HAND)} by hand, {NUMBER:,} generated\n")
    print("| `--format` | read by | values | refused by name | lost |")
    print("|---|---|---|---|---|")
    for file_format, readers in READERS.items():
        held, refused = split(file_format, values)
        for reader in (*([_systemd()] if file_format == "systemd" else []), *readers):
            outcome = reader.missing() or f"{len(lost(reader, file_format, held)):,}"
            print(f"| {file_format} | {reader.name} | {len(values):,} | {len(refused):,} | {outcome} |")


def _systemd() -> Reader:
    """A service of a real manager of its own."""

    def read(contents: Sequence[bytes]) -> list[dict[str, str] | None]:
        with tempfile.TemporaryDirectory(prefix="ssmm-systemd-") as folder:
            manager = UserManager(Path(folder))
            file = manager.home / "env"
            found: list[dict[str, str] | None] = []
            try:
                for content in contents:
                    file.write_bytes(content)
                    found.append(environment(manager, "reader.service", [str(file)]))
            finally:
                manager.stop()
            return found

    return Reader("systemd `EnvironmentFile=`", read, missing)
