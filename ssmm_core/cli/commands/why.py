"""`ssmm why`."""

from __future__ import annotations

from ssmm_core.cli import render
from ssmm_core.cli.delivery import selection
from ssmm_core.cli.parser import add_layers, examples
from ssmm_core.errors import NotFound
from ssmm_core.names import environment_name, is_below, is_environment_name, split
from ssmm_core.operations.deliver import resolve, why_not
from ssmm_core.overlay import explain

TYPE_CHECKING = False
if TYPE_CHECKING:
    import argparse

    from ssmm_core.cli.context import Context
    from ssmm_core.overlay import Candidate


def configure(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("name", metavar="NAME", help="the variable, as DB_HOST or db-host")
    add_layers(parser)
    parser.epilog = examples("""
  ssmm why SENTRY_DSN --app billing-api
  ssmm why db-host --app web --app web-eu --include-tag shared=true --json
""")


def run(context: Context) -> int:
    resolved = resolve(context.reader, selection(context), decrypt=False, threads=context.settings.read_concurrency)
    asked = context.options.name
    if is_below(asked, context.root):
        asked = split(asked, context.root)[1]
    names = {asked, environment_name(asked)}
    variable = next((one for one in resolved.variables if one.name in names), None)
    if variable is None:
        undeliverable = next((one for one in resolved.undeliverable if one.variable in names), None)
        if undeliverable is not None:
            raise NotFound(f"{undeliverable.parameter.name} is not delivered: {why_not(undeliverable)}")
        place = "any of these layers" if is_environment_name(environment_name(asked)) else "any layer: it cannot be a variable's name"
        raise NotFound(f"{environment_name(asked)} is not in {place}", hint="See `ssmm list`, or `ssmm check --duplicates` for other apps.")
    stack = explain(variable)
    if context.options.json:
        render.json(
            {"variable": variable.name, "candidates": [_json(one, reason, number == 0) for number, (one, reason) in enumerate(stack)]}
        )
        return 0
    rows = [
        [
            "wins" if number == 0 else "",
            str(one.layer),
            one.parameter.name,
            str(one.parameter.version),
            render.moment(one.parameter.last_modified),
            reason,
        ]
        for number, (one, reason) in enumerate(stack)
    ]
    render.line(variable.name)
    render.table(["", "LAYER", "PARAMETER", "VERSION", "CHANGED", "WHY"], rows)
    return 0


def _json(candidate: Candidate, reason: str, wins: bool) -> dict[str, object]:
    parameter = candidate.parameter
    return {
        "name": parameter.name,
        "layer": {"kind": candidate.layer.kind, "name": candidate.layer.name},
        "type": parameter.type,
        "version": parameter.version,
        "last_modified": render.timestamp(parameter.last_modified),
        "wins": wins,
        "reason": reason,
    }
