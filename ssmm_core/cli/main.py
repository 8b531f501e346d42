"""From argv to an exit code. Every error ends here, in one line that holds no value."""

from __future__ import annotations

import gc
import os
import sys

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence
    from typing import Final, NoReturn

    from ssmm_core.cli.diagnostics import Diagnostics

INTERRUPTED: Final = 130


def run() -> NoReturn:
    """`main`, and the end of the process.

    The interpreter is not taken down: a thread that still opens a connection then, or waits for an answer that nobody wants any more, would
    meet OpenSSL in pieces (seen: a crash, and a process that never ended).
    """
    gc.disable()  # a delivery is short and ends with its process: to look for cycles among modules would take a millisecond
    try:
        code = main()
        for stream in (sys.stdout, sys.stderr):
            if stream is not None:
                stream.flush()
    except OSError:
        code = 1  # what was printed did not get out; `main` has said so where it could
    except KeyboardInterrupt:
        code = INTERRUPTED
    os._exit(code)


def main(argv: Sequence[str] | None = None) -> int:
    """Run one command; its exit code (see `errors.ExitCode`)."""
    arguments = list(sys.argv[1:] if argv is None else argv)
    if arguments == ["--version"]:  # asked by every probe and completion: answered before a parser is built
        from ssmm_core import __version__

        print(f"ssmm {__version__}")
        return 0
    from ssmm_core.cli.diagnostics import Diagnostics

    say = Diagnostics()
    try:
        return _run(arguments, say)
    except KeyboardInterrupt:
        say.interrupted()
        return INTERRUPTED
    except Exception as error:
        say.internal_error(error)
        return 1


def _run(arguments: Sequence[str], say: Diagnostics) -> int:
    from ssmm_core.cli import ahead
    from ssmm_core.cli.interruption import ends_at_once

    interruptible = ends_at_once(say)
    opening = ahead.connect(arguments, os.environ)  # before the imports below, which take about as long as a round trip
    if opening is None:
        interruptible()
        gc.enable()

    from ssmm_core.cli import render
    from ssmm_core.cli.context import Context
    from ssmm_core.cli.parser import parse
    from ssmm_core.errors import ExitCode, SsmmError

    options = None
    try:
        options, command = parse(arguments)
        say.quiet, say.debugging = options.quiet, options.debug
        with Context(options, say, opening, interruptible) as context:
            code = command.run(context)
            render.flush()
        return int(code)
    except SsmmError as error:
        say.report(error)
        if error.exit_code == ExitCode.TEMPORARY and options is not None and options.command in ("exec", "sync"):
            from ssmm_core.cli.delivery import scatter

            scatter(say, options.jitter)
        return int(error.exit_code)
    finally:
        interruptible()
