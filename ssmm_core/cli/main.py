"""From argv to an exit code. Every error ends here, in one line that holds no value."""

from __future__ import annotations

import os
import sys

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence

    from ssmm_core.cli.diagnostics import Diagnostics


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
        if sys.stderr is not None and sys.stderr.isatty():
            sys.stderr.write("\n")  # ^C stands on the line
        say.error("interrupted")
        return 130
    except Exception as error:
        say.internal_error(error)
        return 1


def _run(arguments: Sequence[str], say: Diagnostics) -> int:
    from ssmm_core.cli import ahead

    opening = ahead.connect(arguments, os.environ)  # before the imports below, which take about as long as a round trip

    from ssmm_core.cli import render
    from ssmm_core.cli.context import Context
    from ssmm_core.cli.parser import parse
    from ssmm_core.errors import ExitCode, SsmmError

    options = None
    try:
        options, command = parse(arguments)
        say.quiet, say.debugging = options.quiet, options.debug
        with Context(options, say, opening) as context:
            code = command.run(context)
            render.flush()
        return int(code)
    except SsmmError as error:
        say.report(error)
        if error.exit_code == ExitCode.TEMPORARY and options is not None and options.command in ("exec", "sync"):
            from ssmm_core.cli.delivery import scatter

            scatter(say, options.jitter)
        return int(error.exit_code)
