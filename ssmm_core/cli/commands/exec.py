"""`ssmm exec`."""

from __future__ import annotations

import argparse
import os

from ssmm_core.cli.delivery import deliver
from ssmm_core.cli.parser import add_layers, examples
from ssmm_core.errors import UsageError
from ssmm_core.operations import execute
from ssmm_core.operations.deliver import counts, variables_phrase

TYPE_CHECKING = False
if TYPE_CHECKING:
    from ssmm_core.cli.context import Context


def configure(parser: argparse.ArgumentParser) -> None:
    add_layers(parser)
    parser.add_argument("--strict", action="store_true", help="fail on any conflict or undeliverable name, start nothing")
    parser.add_argument("--pristine", action="store_true", help="give the program the parameters alone, nothing inherited")
    parser.add_argument("command_line", nargs=argparse.REMAINDER, metavar="-- CMD", help="the program and its arguments, as they are")
    parser.usage = "ssmm exec [OPTIONS] [--] CMD [ARGUMENT…]"
    parser.epilog = examples("""
  ssmm exec -- ./run.sh --flag value
  ssmm exec --app web --app web-eu --strict -- /usr/bin/node server.js
  ssmm exec --include-tag shared=true -- env

  exit codes before the program runs: 75 may heal, 77 denied, 78 cannot be right, 126 not executable, 127 not found
""")


def run(context: Context) -> int:
    options = context.options
    command: list[str] = options.command_line
    if not command:
        raise UsageError("no command to execute", hint="Write it behind --: ssmm exec -- CMD [ARGUMENT…].")
    inherited = execute.inherited_environment()
    # PATH from before the overlay: a parameter must not choose which program runs. Looked up first, since nothing else need be asked
    # of anybody if there is none.
    program = execute.find_program(command[0], os.fsdecode(inherited[b"PATH"]) if b"PATH" in inherited else None)
    resolved, variables = deliver(context, strict=options.strict)
    environment = execute.child_environment({} if options.pristine else inherited, variables)
    context.say.note(f"exec {command[0]} with {variables_phrase(resolved)} ({counts(resolved)})")
    execute.become(program, command, environment)
