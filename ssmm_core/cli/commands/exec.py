"""`ssmm exec`."""

from __future__ import annotations

import argparse
import os

from ssmm_core.cli import render
from ssmm_core.cli.delivery import add_contract, checked, contract, resolve
from ssmm_core.cli.parser import add_layers, examples
from ssmm_core.errors import UsageError
from ssmm_core.operations import execute, process_limits
from ssmm_core.operations.deliver import counts, require, variables_phrase
from ssmm_core.systemd import notify

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence

    from ssmm_core.cli.context import Context


def configure(parser: argparse.ArgumentParser) -> None:
    add_layers(parser)
    add_contract(parser)
    parser.add_argument("--pristine", action="store_true", help="give the program the parameters alone, nothing inherited")
    for flag, text in (("--keep", "with --pristine, still inherit this variable"), ("--unset", "do not give the program this variable")):
        parser.add_argument(flag, action="extend", nargs="+", default=[], metavar="NAME", help=text)
    parser.add_argument("--no-clobber", action="store_true", help="a variable that is set already wins over a parameter")
    parser.add_argument("--argv0", metavar="NAME", help="what the program is told that it was called as")
    parser.add_argument("--explain", action="store_true", help="print what the program would get, without any value; run nothing")
    parser.add_argument("command_line", nargs=argparse.REMAINDER, metavar="-- CMD", help="the program and its arguments, as they are")
    parser.usage = "ssmm exec [OPTIONS] [--] CMD [ARGUMENT…]"
    parser.epilog = examples("""
  ssmm exec -- ./run.sh --flag value
  ssmm exec --app web --app web-eu --strict -- /usr/bin/node server.js
  ssmm exec --require DB_URL API_TOKEN --require-from .env.example -- ./run.sh
  ssmm exec --only DB_URL 'DEBUG?' API_TOKEN=vendor/api.token -- ./run.sh
  ssmm exec --only DB_URL --pristine --keep PATH HOME -- psql
  ssmm exec --explain --json

  exit codes before the program runs: 75 may heal, 77 denied, 78 cannot be right, 126 not executable, 127 not found
""")


def run(context: Context) -> int:
    options = context.options
    command: list[str] = options.command_line
    if not command and not options.explain:
        raise UsageError("no command to execute", hint="Write it behind --: ssmm exec -- CMD [ARGUMENT…].")
    if options.keep and not options.pristine:
        raise UsageError("--keep is for --pristine: without it everything is inherited", hint="Leave one out, or add --pristine.")
    if options.argv0 == "":
        raise UsageError("--argv0 is empty", hint="Give the name that the program is to be told.")
    keep, unset = checked(options.keep), checked(options.unset)
    inherited = context.launch.environment
    kept = execute.passed_on(inherited, pristine=options.pristine, keep=keep)
    asked = contract(context, elsewhere=set(map(os.fsdecode, kept)).difference(unset))
    # PATH from before the overlay: a parameter must not choose which program runs. Looked up first, since nothing else need be asked
    # of anybody if there is none.
    program = execute.find_program(command[0], os.fsdecode(inherited[b"PATH"]) if b"PATH" in inherited else None) if command else ""
    notify.status(_manager(context), "ssmm fetches parameters", extend=context.settings.timeout)
    resolved, variables = resolve(context, asked)
    environment = execute.child_environment(kept, variables, clobber=not options.no_clobber, unset=unset)
    require(asked.required, map(os.fsdecode, environment))
    arguments = [options.argv0 if options.argv0 is not None else command[0], *command[1:]] if command else []
    process_limits.check_total(program, arguments, environment)
    if options.explain:
        return _explain(context, execute.explain(resolved, kept, environment, clobber=not options.no_clobber, key=os.urandom(32)))
    context.say.note(f"exec {command[0]} with {variables_phrase(resolved)} ({counts(resolved)})")
    notify.status(_manager(context), f"starting {program}")
    return execute.become(program, arguments, environment, context.launch.ignored_signals)


def _manager(context: Context) -> str | None:
    """Where the manager listens; nobody's business if nothing is started."""
    address = context.launch.environment.get(b"NOTIFY_SOCKET")
    return os.fsdecode(address) if address and not context.options.explain else None


def _explain(context: Context, rows: Sequence[execute.Explained]) -> int:
    if context.options.json:
        shown = [
            {
                "name": row.name,
                "source": row.source,
                "layer": {"kind": row.layer.kind, "name": row.layer.name} if row.layer is not None else None,
                "parameter": row.parameter or None,
                "version": row.version or None,
                "fingerprint": row.fingerprint,
            }
            for row in rows
        ]
        render.json({"variables": shown})
        return 0
    table = [[row.name, row.source, row.parameter, str(row.version or ""), row.fingerprint] for row in rows]
    render.table(["VARIABLE", "SOURCE", "PARAMETER", "VERSION", "FINGERPRINT"], table)
    return 0
