"""`python -m ssmm_tui` is `ssmm-tui`."""

from __future__ import annotations

import argparse
import os
import sys
from contextlib import nullcontext, suppress
from dataclasses import replace
from functools import partial
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING

from ssmm_core import __version__, settings
from ssmm_core.cli.diagnostics import Diagnostics
from ssmm_core.errors import SsmmError, UsageError
from ssmm_core.store.demo_team import ROOT as DEMO_ROOT

if TYPE_CHECKING:
    from collections.abc import Sequence

    from ssmm_core.settings import Settings
    from ssmm_tui.app import SsmmApp
    from ssmm_tui.session import Connected


_LOGS = ("TEXTUAL", "TEXTUAL_LOG")
"""Where Textual would log every key pressed and every text pasted, values among them: read when it is imported."""


def main(argv: Sequence[str] | None = None) -> int:
    """Run the terminal UI; its exit code (see `ssmm_core.errors.ExitCode`)."""
    options = _parser().parse_args(argv)
    with TemporaryDirectory(prefix="ssmm-demo-") if options.demo else nullcontext() as state:
        return _run(options, state)


def _run(options: argparse.Namespace, state: str | None) -> int:
    """`state` is where the demonstration keeps its backups: nothing of it remains."""
    say = Diagnostics()
    try:
        app = _app(options, state)
        if not (sys.stdin.isatty() and sys.stdout.isatty()):
            raise UsageError("the terminal UI needs a terminal", hint="The same can be done with commands: see ssmm --help.")
        app.run()
    except SsmmError as error:
        say.report(error)
        return int(error.exit_code)
    if app.crashed is not None:
        with suppress(SsmmError):
            app.session.clipboard.clear()  # leaving by the key does that before
        say.internal_error(app.crashed)
        return 1
    return 0


def _app(options: argparse.Namespace, state: str | None) -> SsmmApp:
    for variable in _LOGS:
        os.environ.pop(variable, None)
    from ssmm_tui.app import SsmmApp
    from ssmm_tui.preferences import preferences

    chosen = preferences(settings.configuration(os.environ), settings.configuration_file(os.environ))
    if options.theme:
        chosen = replace(chosen, theme=options.theme)
    given = settings.load(vars(options), os.environ)
    given = given.replace(state_directory=state or given.state_directory)
    root = given.prefix or DEMO_ROOT if options.demo else given.root
    environ = dict(os.environ)
    return SsmmApp(root, partial(connect, options, given), chosen, environ=environ, read_only=options.read_only)


def connect(options: argparse.Namespace, given: Settings) -> Connected:
    """The store that the options lead to. It takes its time, so it is called when the screen is drawn already.

    Raises:
        SettingsError, CredentialsMissing, …: there is none.
    """
    from ssmm_tui.session import Connected

    if options.demo:
        from ssmm_core.store import demo

        settings.forget_aws(os.environ)
        given = demo.start(given).settings(given)
    from ssmm_core.store.aws import AwsStore
    from ssmm_core.store.read_only import ReadOnlyStore

    store = AwsStore(given)
    return Connected(ReadOnlyStore(store) if options.read_only else store, given)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="ssmm-tui",
        description="Browse, audit, edit and tag a team's parameters in AWS Systems Manager Parameter Store.",
        epilog="? shows all keys. `ssmm --help` lists the same as commands.",
        allow_abbrev=False,
    )
    parser.add_argument("--prefix", metavar="/TEAM", help="the prefix root (default: $SSMM_PREFIX_ROOT, else the config file)")
    parser.add_argument("--profile", metavar="NAME", help="the AWS profile")
    parser.add_argument("--region", metavar="REGION", help="the AWS region")
    parser.add_argument("--endpoint-url", metavar="URL", help="another Parameter Store endpoint")
    parser.add_argument("--demo", action="store_true", help="use an embedded demonstration server")
    parser.add_argument("--read-only", action="store_true", help="refuse every write, below the interface")
    parser.add_argument("--theme", metavar="NAME", help="ssmm-dark, ssmm-light, ssmm-contrast, or one of Textual's")
    parser.add_argument("--timeout", metavar="SECONDS", type=float, help="seconds for each fetch and write (60)")
    parser.add_argument("--write-rate", metavar="N", type=float, help="writes a second (3)")
    parser.add_argument("--version", action="version", version=f"ssmm {__version__}")
    return parser


if __name__ == "__main__":
    sys.exit(main())
