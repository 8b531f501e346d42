"""Everything ssmm prints on stdout: tables for people, JSON for programs, a value where one was asked for."""

from __future__ import annotations

import json as json_module
import os
import sys
import time

from ssmm_core.errors import StorageError
from ssmm_core.visible import visible

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from typing import Final

    from ssmm_core.models import Parameter
    from ssmm_core.secret import SecretValue


def _write(content: str | bytes) -> None:
    """Write to stdout. A reader that went away, as `head` does, ends the printing and nothing else: the work goes on.

    Raises:
        StorageError: the disk is full, or stdout was closed when the process was started.
    """
    if sys.stdout is None:
        raise StorageError("standard output is closed", hint="Send it to a file, or to /dev/null.")
    try:
        if isinstance(content, str):
            encoding = sys.stdout.encoding or "utf-8"
            sys.stdout.write(content.encode(encoding, "backslashreplace").decode(encoding))
        else:
            sys.stdout.flush()
            sys.stdout.buffer.write(content)
    except OSError as error:
        _give_up(error)


def flush() -> None:
    """Bring out what was printed: a full disk may show only now. Raises as printing does."""
    if sys.stdout is not None:
        try:
            sys.stdout.flush()
        except OSError as error:
            _give_up(error)


def _give_up(error: OSError) -> None:
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())  # so that the interpreter's own flush at its end has somewhere to go
    if not isinstance(error, BrokenPipeError):
        reason = os.strerror(error.errno or 0)
        raise StorageError(f"cannot write standard output: {reason}", hint="What was written of it is not whole.") from None


_FOLDED: Final = frozenset({"KEY", "NOTES", "PARAMETER", "SOURCE", "TARGET", "VALUE", "WHY"})
"""Columns that may take several lines where the terminal is too narrow. The rest is read at a glance."""


def line(text: str = "") -> None:
    """One line for a person, control characters made visible."""
    _write(visible(text) + "\n")


def text(content: str) -> None:
    """Text that ssmm made itself, such as a drop-in or a script, as it is."""
    _write(content)


def json(data: object) -> None:
    """One JSON document; on a terminal in ASCII, which no value can steer."""
    _write(json_module.dumps(data, indent=2, ensure_ascii=_is_terminal() or not _is_utf8()) + "\n")


def table(headers: Sequence[str], rows: Iterable[Sequence[str]]) -> None:
    """Aligned columns. On a terminal rich draws them in its width, folding names and values alone; elsewhere a row is one whole line."""
    cells = [[visible(cell) for cell in row] for row in rows]
    if _is_terminal():
        _draw(headers, cells)
        return
    widths = [max(map(len, column)) for column in zip(headers, *cells, strict=True)]
    for row in (headers, *cells):
        padded = (cell.ljust(width) for cell, width in zip(row, widths, strict=True))
        _write("  ".join(padded).rstrip() + "\n")


def value(secret: SecretValue) -> None:
    """A value that was asked for, then a line break; on a terminal its control characters are made visible."""
    plain = secret.reveal()
    if _is_terminal():
        plain = "\n".join(visible(part) for part in plain.split("\n"))
    _write(plain.encode("utf-8", "surrogatepass") + b"\n")


def width() -> int:
    """The columns of the terminal, or 0 where there is none: then nothing is broken into lines."""
    if not _is_terminal():
        return 0
    import shutil  # 3 ms

    return shutil.get_terminal_size().columns


def raw(content: bytes) -> None:
    """Exactly these bytes."""
    _write(content)


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

    drawn = Table(box=None, pad_edge=False, header_style="bold")
    for header in headers:
        drawn.add_column(header, no_wrap=header not in _FOLDED, overflow="fold")
    for row in rows:
        drawn.add_row(*(Text(cell) for cell in row))
    Console(highlight=False).print(drawn)


def _is_terminal() -> bool:
    return sys.stdout is not None and sys.stdout.isatty()


def _is_utf8() -> bool:
    return sys.stdout is not None and (sys.stdout.encoding or "").lower().replace("-", "") == "utf8"
