"""`ssmm onboard`."""

from __future__ import annotations

import os

from ssmm_core.cli import render, unit_plan, units
from ssmm_core.cli.commands import put as put_command
from ssmm_core.cli.parser import add_app, examples
from ssmm_core.cli.steps import carry_out, tally
from ssmm_core.cli.values import checked_path
from ssmm_core.envfile import FORMATS
from ssmm_core.errors import ConflictError, SsmmError, UsageError
from ssmm_core.hazards import is_protocol
from ssmm_core.operations import env_file, put, unit_environment, unit_look

TYPE_CHECKING = False
if TYPE_CHECKING:
    import argparse

    from ssmm_core.changes import Change
    from ssmm_core.cli.context import Context
    from ssmm_core.operations.outcome import Outcome
    from ssmm_core.operations.put import PutIntent, PutPlan
    from ssmm_core.operations.units import UnitPlan
    from ssmm_core.secret import SecretValue


def configure(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--env", required=True, metavar="FILE", help="the .env file of the unit")
    parser.add_argument(
        "--env-format", choices=FORMATS, help="the dialect of that file (systemd where it is one of the unit's own; else as put has it)"
    )
    parser.add_argument("--mode", choices=("exec", "sync"), default="exec", help="as migrate-to-exec or migrate-to-sync do (exec)")
    add_app(parser, repeatable=False)
    put_command.add_type_options(parser)
    units.add_unit_options(parser)
    units.add_exec_options(parser)
    units.add_sync_options(parser)
    parser.add_argument("--overwrite", action="store_true", help="replace parameters that exist (default: refuse)")
    parser.epilog = examples("""
  ssmm onboard --unit myapp.service --app myapp --env ./myapp.env
  ssmm onboard --unit myapp.service --app myapp --env ./myapp.env --mode sync --system --require-present --apply

  a dry run by default: it shows what would be put, and the drop-in. When one half fails, the other is taken back. Use migrate-to-exec or
  migrate-to-sync for an app that is in Parameter Store already.
""")


def run(context: Context) -> int:
    options = context.options
    for given, flag, mode in ((options.disk, "--disk", "sync"), (options.exec_cmd or options.no_restart_prevent, "--exec-cmd", "exec")):
        if given and options.mode != mode:
            raise UsageError(f"{flag} and the like are for --mode {mode}", hint="Leave one of them out.")
    variables = _variables(context)
    unit = unit_plan.plan(context, options.mode, present=variables, allowed=[name for name in variables if is_protocol(name)])
    intent = put_command.intent(context, variables)
    made = put.plan(context.store, intent, threads=context.settings.read_concurrency)
    for warning in (*made.warnings, *unit.warnings):
        context.say.warning(warning)
    if not options.json:
        _show(context, made, unit)
    existing = [step.name for step in made.existing]
    if existing and not options.overwrite:
        raise ConflictError(
            f"already in Parameter Store: {', '.join(existing)}",
            hint=f"Nothing was written. Pass --overwrite to replace, or use migrate-to-{options.mode} if only the unit is left to do.",
        )
    outcome = _apply(context, intent, made, unit) if options.apply else None
    if outcome is not None and not outcome.exit_code:
        context.say.note(f"{options.env} still holds the values in plain text: delete it once the service runs")
    if outcome is None:
        context.say.note("this was a dry run; pass --apply to do it")
    if options.json:
        applied = outcome is not None and not outcome.exit_code
        render.json({"parameters": put_command.plan_json(made, outcome), **units.as_json(unit), "applied": applied})
    return int(outcome.exit_code) if outcome is not None else 0


def _variables(context: Context) -> dict[str, SecretValue]:
    """What the file holds for the service: by systemd's rules where systemd has read it so far, whatever other tools would make of it."""
    options = context.options
    path = checked_path(options.env)
    if options.env_format:
        return put_command.read_variables(context, path, options.env_format)
    found = unit_look.look(options.unit, system=options.system, environ=os.environ)
    if found.service is not None and unit_environment.is_read_by(found.service, path):
        context.say.note(f"{options.env} is read as systemd reads it, since the unit names it as an EnvironmentFile=")
        return put_command.read_variables(context, path, "systemd")
    variables = put_command.read_variables(context, path)
    if otherwise := env_file.read_otherwise(path, variables):
        context.say.warning(
            f"systemd reads {', '.join(otherwise)} in {options.env} otherwise than other tools do: if the unit has read that file so far, "
            "pass --env-format systemd"
        )
    return variables


def _show(context: Context, made: PutPlan, unit: UnitPlan) -> None:
    if made.existing:
        heading = "WILL OVERWRITE" if context.options.overwrite else "WOULD CONFLICT WITH"
        render.line(f"# {heading} {len(made.existing)} existing:")
        for step in made.existing:
            render.line(f"#   {step.name} ({step.kind})")
    render.line(f"# 1. put {len(made.steps)} variables into {context.root}/{context.app}")
    put_command.show_plan(made)
    render.line(f"# 2. write {unit.path}, then daemon-reload")
    units.show(unit)


def _apply(context: Context, intent: PutIntent, made: PutPlan, unit: UnitPlan) -> Outcome:
    """Both halves, or neither: where one fails, what the first did is taken back.

    Raises:
        StorageError, CommandFailed: the unit could not be switched; the message says what became of the parameters.
    """
    from ssmm_core.changes import Access, import_env

    change = import_env.of(Access(context.store, context.settings), intent, made)
    for warning in change.warnings[len(made.warnings) :]:
        context.say.warning(warning)
    outcome = carry_out(context, "writing", len(made.work), lambda stop, on_step: change.apply(stop=stop, on_step=on_step))
    context.say.note(f"{tally(outcome, 'wrote')}, {len(made.steps) - len(made.work)} unchanged")
    if outcome.exit_code:
        context.say.error(f"the unit was not touched. {_taken_back(context, change, made, outcome)}")
        return outcome
    try:
        units.apply(context, unit)
    except SsmmError as error:
        raise type(error)(f"{error.message}. {_taken_back(context, change, made, outcome)}", hint=error.hint) from error
    return outcome


def _taken_back(context: Context, change: Change, made: PutPlan, outcome: Outcome) -> str:
    """Undo the put; a sentence on what stands now. What may not be undone, somebody else having been there since, is named by itself."""
    done = set(outcome.named("done"))
    try:
        undo = change.undo()
        if undo is None:
            return _stands(made, done, context.app) if done else "Nothing was stored"
        back = carry_out(context, "taking back", len(undo.lines), lambda stop, on_step: undo.apply(stop=stop, on_step=on_step))
    except SsmmError as error:
        return f"What was stored could not be taken back ({error.message.rstrip('.')}). {_stands(made, done, context.app)}"
    kept = f"; a copy is in {undo.backup}" if undo.backup else ""
    if left := done - set(back.named("done")):
        return f"Not all that was stored could be taken back{kept}. {_stands(made, left, context.app)}"
    return f"What was stored is taken back ({', '.join(sorted(back.named('done')))}{kept})"


def _stands(made: PutPlan, names: set[str], app: str) -> str:
    """What the put left in the store under these names, and how to take it back by hand."""
    new = [step.name for step in made.steps if step.name in names and step.kind == "new"]
    changed = [step for step in made.steps if step.name in names and step.kind == "changed"]
    tagged = [step.name for step in made.steps if step.name in names and step.kind == "tags"]
    parts = []
    if new:
        parts.append(f"Stored and new: {', '.join(new)} (undo each with: ssmm delete NAME)")
    if changed:
        was = ", ".join(f"{step.name} (was version {step.seen.version})" for step in changed)
        first = changed[0]
        back = f"ssmm show {first.name} --version {first.seen.version} --raw | ssmm put --app {app} {first.variable}=-"
        parts.append(f"Stored over what stood there: {was}; each goes back like this: {back}")
    if tagged:
        parts.append(f"Tagged: {', '.join(tagged)} (see ssmm tag remove)")
    return "; ".join(parts) or "Nothing was stored"
