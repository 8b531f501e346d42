"""`ssmm sync`."""

from __future__ import annotations

from ssmm_core.cli import render
from ssmm_core.cli.delivery import add_contract, contract, resolve
from ssmm_core.cli.parser import add_layers, examples
from ssmm_core.cli.values import checked_path
from ssmm_core.envfile import DEFAULT_FORMAT, FORMATS, dialect
from ssmm_core.errors import SettingsError, UsageError
from ssmm_core.operations import process_limits, sync
from ssmm_core.operations.deliver import counts, require, variables_phrase

TYPE_CHECKING = False
if TYPE_CHECKING:
    import argparse

    from ssmm_core.cli.context import Context


def configure(parser: argparse.ArgumentParser) -> None:
    add_layers(parser)
    add_contract(parser)
    parser.add_argument(
        "--out", "-o", default="./.env", metavar="FILE", help="the file to write, mode 0600; - for standard output (./.env)"
    )
    parser.add_argument("--format", choices=FORMATS, default=DEFAULT_FORMAT, help=f"the file's dialect ({DEFAULT_FORMAT})")
    parser.epilog = examples("""
  ssmm sync --out ./.env                          this directory's app, over what is shared
  ssmm sync --app web --app web-eu --out /run/web/env --strict
  ssmm sync --names-from .env.example --only DATABASE_URL=db/primary-url      just these, fetched by name
  ssmm sync --include-tag shared=true --format json --out -
  env=$(ssmm sync --format shell --out -) && eval "$env"      into this shell, or not at all

  ssmm migrate-to-sync has a unit do this before each start
""")


def run(context: Context) -> int:
    options = context.options
    if not options.out:
        raise SettingsError("--out is empty", hint="Name a file, or - for standard output.")
    if options.out == "-" and options.json:
        raise UsageError(
            "--json is about the file that was written, and --out - writes none", hint="Pass --format json for the variables as JSON."
        )
    dialect(options.format)  # imported while the connections open
    asked = contract(context)
    resolved, variables = resolve(context, asked)
    require(asked.required, variables)
    if options.format != "json":  # which no environment need ever hold
        process_limits.check_variables(variables)
    if options.out == "-":
        render.raw(sync.render(variables, options.format))
        return 0
    path = checked_path(options.out)
    synced = sync.write(path, variables, options.format)
    if synced.kept:
        context.say.warning(f"{options.out} was not written by ssmm; what it held is kept in {synced.kept}")
    what = f"{variables_phrase(resolved)} to {options.out} ({counts(resolved)})"
    context.say.note(f"wrote {what}" if synced.written else f"no change ({counts(resolved)})")
    if options.json:
        render.json({"path": path, "format": options.format, "written": synced.written, "variables": list(variables)})
    return 0
