"""`ssmm tui`."""

from __future__ import annotations

import os
import sys
from importlib.util import find_spec

from ssmm_core.cli.parser import examples
from ssmm_core.errors import UsageError

TYPE_CHECKING = False
if TYPE_CHECKING:
    import argparse

    from ssmm_core.cli.context import Context

_PASSED_ON = ("prefix", "profile", "region", "endpoint_url", "theme", "timeout", "write_rate")
_SWITCHES = ("demo", "read_only")


def configure(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--read-only", action="store_true", help="refuse every write, below the interface")
    parser.add_argument("--theme", metavar="NAME", help="ssmm-dark, ssmm-light, ssmm-contrast, or one of Textual's")
    parser.epilog = examples("""
  ssmm tui                         the same as ssmm-tui
  ssmm tui --demo
  ssmm tui --prefix /myteam/prod --read-only
""")


def run(context: Context) -> int:
    """Become the terminal UI: it is a face of its own, and the core does not import it."""
    if find_spec("ssmm_tui") is None:
        raise UsageError("the terminal UI is not installed", hint="Install ssmm whole: pip install ssmm.")
    options = vars(context.options)
    given = [f"--{name.replace('_', '-')}={options[name]}" for name in _PASSED_ON if options.get(name) is not None]
    switches = [f"--{name.replace('_', '-')}" for name in _SWITCHES if options[name]]
    os.execv(sys.executable, [sys.executable, "-m", "ssmm_tui", *given, *switches])
