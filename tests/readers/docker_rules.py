"""Docker's own reader of `--env-file`, rule for rule: `pkg/kvfile` of its command line (28.2), on lines of Go's `bufio.Scanner`."""

from __future__ import annotations

MOST = 64 * 1024
"""`bufio.MaxScanTokenSize`: a line with its end that fills the buffer to more than this is "token too long"."""


def variables(content: bytes) -> dict[str, str]:
    """The variables of the file.

    Raises:
        ValueError: Docker would refuse the file, or take a variable from its own environment.
    """
    found: dict[str, str] = {}
    lines = content.split(b"\n")
    for number, line in enumerate(lines):
        ended = number < len(lines) - 1
        if len(line) + ended > MOST:
            raise ValueError("token too long")
        text = line.removesuffix(b"\r").decode()
        text = (text.removeprefix("\ufeff") if number == 0 else text).lstrip(" \t")
        if not text or text[0] == "#":
            continue
        name, equals, value = text.partition("=")
        if not name or " " in name or "\t" in name:
            raise ValueError("a variable without a name, or with blanks in it")
        if not equals:
            raise ValueError("taken from the environment of the command line")
        found[name] = value
    return found
