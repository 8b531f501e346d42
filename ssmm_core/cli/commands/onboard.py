"""`ssmm onboard`."""

from __future__ import annotations

from ssmm_core.cli import render
from ssmm_core.cli.commands import migrate_to_exec
from ssmm_core.cli.commands import put as put_command
from ssmm_core.cli.parser import add_app, examples
from ssmm_core.errors import ConflictError, SsmmError
from ssmm_core.operations import put

TYPE_CHECKING = False
if TYPE_CHECKING:
    import argparse

    from ssmm_core.cli.context import Context
    from ssmm_core.operations.outcome import Outcome
    from ssmm_core.operations.units import UnitPlan


def configure(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--env", required=True, metavar="FILE", help="the .env file of the unit")
    add_app(parser, repeatable=False)
    put_command.add_type_options(parser)
    migrate_to_exec.add_unit_options(parser)
    parser.add_argument("--overwrite", action="store_true", help="replace parameters that exist (default: refuse)")
    parser.epilog = examples("""
  ssmm onboard --unit myapp.service --app myapp --env ./myapp.env --exec-cmd '/usr/bin/uv run python app.py'
  ssmm onboard … --apply

  a dry run by default: it shows what would be put, and the drop-in. Use migrate-to-exec for an app that is in Parameter Store already.
""")


def run(context: Context) -> int:
    options = context.options
    unit = migrate_to_exec.unit_plan(context)
    variables = put_command.read_variables(context, options.env)
    made = put.plan(context.store, put_command.intent(context, variables), threads=context.settings.read_concurrency)
    for warning in (*made.warnings, *unit.warnings):
        context.say.warning(warning)
    if not options.json:
        _show(context, made, unit)
    existing = [step.name for step in made.existing]
    if existing and not options.overwrite:
        raise ConflictError(
            f"already in Parameter Store: {', '.join(existing)}",
            hint="Nothing was written. Pass --overwrite to replace, or use migrate-to-exec if only the unit is left to do.",
        )
    outcome: Outcome | None = None
    if options.apply:
        outcome = put_command.apply(context, made)
        if outcome.exit_code:
            context.say.error(f"the unit was not touched. {_stands(made, outcome, context.app)}")
        else:
            _switch(context, made, outcome, unit)
    else:
        context.say.note("this was a dry run; pass --apply to do it")
    if options.json:
        rows = put_command.plan_json(made, outcome)
        applied = outcome is not None and not outcome.exit_code
        render.json({"parameters": rows, "path": unit.path, "content": unit.content, "applied": applied, "revert": unit.revert})
    return int(outcome.exit_code) if outcome is not None else 0


def _show(context: Context, made: put.PutPlan, unit: UnitPlan) -> None:
    if made.existing:
        heading = "WILL OVERWRITE" if context.options.overwrite else "WOULD CONFLICT WITH"
        render.line(f"# {heading} {len(made.existing)} existing:")
        for step in made.existing:
            render.line(f"#   {step.name} ({step.kind})")
    render.line(f"# 1. put {len(made.steps)} variables into {context.root}/{context.app}")
    put_command.show_plan(made)
    render.line(f"# 2. write {unit.path}, then daemon-reload")
    render.text(unit.content)


def _switch(context: Context, made: put.PutPlan, outcome: Outcome, unit: UnitPlan) -> None:
    """The second half. When it fails, the first stands: that is said, with the way back."""
    try:
        migrate_to_exec.apply(context, unit)
    except SsmmError as error:
        raise type(error)(f"{error.message}. {_stands(made, outcome, context.app)}", hint=error.hint) from error


def _stands(made: put.PutPlan, outcome: Outcome, app: str) -> str:
    """What the put left in the store, and how to take it back."""
    done = set(outcome.named("done"))
    new = [step.name for step in made.steps if step.name in done and step.kind == "new"]
    changed = [step for step in made.steps if step.name in done and step.kind == "changed"]
    parts = []
    if new:
        parts.append(f"Stored and new: {', '.join(new)} (undo each with: ssmm delete NAME)")
    if changed:
        was = ", ".join(f"{step.name} (was version {step.seen.version})" for step in changed)
        first = changed[0]
        back = f"ssmm show {first.name} --version {first.seen.version} --raw | ssmm put --app {app} {first.variable}=-"
        parts.append(f"Stored over what stood there: {was}; each goes back like this: {back}")
    return "; ".join(parts) or "Nothing was stored"
