"""Everything ssmm prints on stdout: tables for people, JSON for programs, a value where one was asked for."""

from __future__ import annotations

import json as json_module
import sys
import time

from ssmm_core.cli.diagnostics import visible

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from ssmm_core.models import Parameter
    from ssmm_core.secret import SecretValue


def line(text: str = "") -> None:
    """One line for a person, control characters made visible."""
    sys.stdout.write(visible(text) + "\n")


def text(content: str) -> None:
    """Text that ssmm made itself, such as a drop-in or a script, as it is."""
    sys.stdout.write(content)


def json(data: object) -> None:
    """One JSON document."""
    sys.stdout.write(json_module.dumps(data, indent=2, ensure_ascii=not _is_utf8()) + "\n")


def table(headers: Sequence[str], rows: Iterable[Sequence[str]]) -> None:
    """Aligned columns. On a terminal rich draws them in its width; elsewhere every row is one whole line."""
    cells = [[visible(cell) for cell in row] for row in rows]
    if sys.stdout.isatty():
        _draw(headers, cells)
        return
    widths = [max(map(len, column)) for column in zip(headers, *cells, strict=True)]
    for row in (headers, *cells):
        padded = (cell.ljust(width) for cell, width in zip(row, widths, strict=True))
        sys.stdout.write("  ".join(padded).rstrip() + "\n")


def value(secret: SecretValue) -> None:
    """A value that was asked for, then a line break; on a terminal its control characters are made visible."""
    plain = secret.reveal()
    if sys.stdout.isatty():
        plain = "\n".join(visible(part) for part in plain.split("\n"))
    sys.stdout.flush()
    sys.stdout.buffer.write(plain.encode("utf-8", "surrogatepass") + b"\n")


def raw(content: bytes) -> None:
    """Exactly these bytes."""
    sys.stdout.flush()
    sys.stdout.buffer.write(content)


def moment(seconds: float | None) -> str:
    """A time for a person, in UTC; empty where it is not known."""
    return time.strftime("%Y-%m-%d %H:%M", time.gmtime(seconds)) if seconds is not None else ""


def timestamp(seconds: float | None) -> str | None:
    """A time for a program: RFC 3339, in UTC."""
    return time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(seconds)) if seconds is not None else None


def parameter_json(one: Parameter, app: str, key: str, variable: str, *, shown: bool) -> dict[str, object]:
    """The JSON shape of a parameter wherever one is printed; `value` is null unless it may be shown."""
    return {
        "name": one.name,
        "app": app,
        "key": key,
        "variable": variable,
        "type": one.type,
        "version": one.version,
        "last_modified": timestamp(one.last_modified),
        "value": one.value.reveal() if shown and one.value is not None else None,
    }


def _draw(headers: Sequence[str], rows: Sequence[Sequence[str]]) -> None:
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    drawn = Table(*headers, box=None, pad_edge=False, header_style="bold")
    for row in rows:
        drawn.add_row(*(Text(cell, overflow="fold") for cell in row))
    Console(highlight=False).print(drawn)


def _is_utf8() -> bool:
    return (sys.stdout.encoding or "").lower().replace("-", "") == "utf8"
