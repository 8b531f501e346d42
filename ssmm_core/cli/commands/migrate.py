"""`ssmm migrate`."""

from __future__ import annotations

import os

from ssmm_core.cli import render
from ssmm_core.cli.parser import examples
from ssmm_core.cli.steps import carry_out, status_json, tally
from ssmm_core.errors import ExitCode, SettingsError, UsageError
from ssmm_core.operations import backup, delete, migrate, snapshot
from ssmm_core.operations.write import Seen

TYPE_CHECKING = False
if TYPE_CHECKING:
    import argparse

    from ssmm_core.cli.context import Context
    from ssmm_core.operations.outcome import Outcome


def configure(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("old", metavar="OLD", help="the path whose parameters move, /<old-team>/<app>")
    parser.add_argument("new", metavar="NEW", help="the path that they move to")
    parser.add_argument("--overwrite", action="store_true", help="replace different values at the target")
    parser.add_argument("--dry-run", action="store_true", help="show what would be copied, write nothing")
    parser.add_argument(
        "--delete-old", action="store_true", help="back the old parameters up and show which would be deleted; copy and delete nothing"
    )
    parser.add_argument(
        "--confirm", action="store_true", help="with --delete-old: complete the copies, then delete every old one that was verified"
    )
    parser.epilog = examples("""
  ssmm migrate /old-team/app /myteam/app                            1. copy, and compare every copy
  ssmm migrate /old-team/app /myteam/app --delete-old               2. back up, and look at what would go
  ssmm migrate /old-team/app /myteam/app --delete-old --confirm     3. delete what was verified

  each step can be run again after an interruption. Values over 4 KB need --advanced; --kms-key-id encrypts the copies with another key.
""")


def run(context: Context) -> int:
    options = context.options
    if options.confirm and not options.delete_old:
        raise UsageError("--confirm goes with --delete-old")
    preview = options.delete_old and not options.confirm
    made = _plan(context, overwrite=options.overwrite or preview)
    outcome: Outcome | None = None
    deleted: Outcome | None = None
    path: str | None = None
    stayed: tuple[str, ...] = ()
    if not options.json:
        _show(made)
    if preview:
        path = _backup(context, made.verified)
        context.say.note(
            f"would delete {len(made.verified)} below {made.old}; {len(made.work)} not verified would stay. Pass --confirm to do it"
        )
    elif not options.dry_run:
        outcome = _copy(context, made)
        if options.delete_old and outcome.exit_code == 0:
            path, deleted, stayed = _delete_verified(context)
    if options.json:
        rows = [
            {
                "source": step.source.name,
                "target": step.target,
                "change": step.kind,
                "lacking": list(step.lacking),
                "copy": status_json(outcome, step.target, needed=step.kind != "verified"),
                "delete": status_json(deleted, step.source.name),
            }
            for step in made.steps
        ]
        render.json({"old": made.old, "new": made.new, "backup": path, "parameters": rows})
    if stayed:
        context.say.error(f"not verified any more, so not deleted: {', '.join(stayed)}. Run it again and look at what differs.")
        return int(ExitCode.FAILED)
    ended = deleted or outcome
    return int(ended.exit_code) if ended is not None else 0


def _plan(context: Context, *, overwrite: bool) -> migrate.MigratePlan:
    settings = context.settings
    for path in (context.options.old, context.options.new):
        if not path.startswith("/"):
            raise SettingsError(f"{path!r} is not a full path", hint=f"Write it as {settings.prefix or '/<team>'}/{path}.")
    return migrate.plan(
        context.store,
        context.options.old,
        context.options.new,
        root=settings.prefix,
        overwrite=overwrite,
        advanced=settings.advanced,
        key_id=settings.kms_key_id,
        threads=settings.read_concurrency,
    )


def _show(made: migrate.MigratePlan) -> None:
    rows = [[step.kind, step.source.name, step.target, ", ".join(step.lacking)] for step in made.steps]
    render.table(["CHANGE", "SOURCE", "TARGET", "DIFFERS IN"], rows)


def _copy(context: Context, made: migrate.MigratePlan) -> Outcome:
    outcome = carry_out(
        context,
        "copying",
        len(made.work),
        lambda stop, on_step: migrate.apply(context.store, made, threads=context.settings.write_concurrency, stop=stop, on_step=on_step),
    )
    context.say.note(f"{tally(outcome, 'copied')}, {len(made.verified)} were there already")
    return outcome


def _delete_verified(context: Context) -> tuple[str | None, Outcome, tuple[str, ...]]:
    """Compare anew, whole, then delete what is equal and has not changed since; last, the sources that are not equal (any more)."""
    compared = _plan(context, overwrite=True)
    verified = compared.verified
    path = _backup(context, verified)
    seen = {step.source.name: Seen(step.source.version, step.source.last_modified) for step in verified}
    outcome = carry_out(
        context,
        "deleting",
        len(seen),
        lambda stop, on_step: delete.apply(
            context.store,
            seen,
            threads=context.settings.write_concurrency,
            objections=migrate.objections(context.store, verified),
            stop=stop,
            on_step=on_step,
        ),
    )
    if path is not None:
        os.utime(path)  # when the deletion ended: `restore` counts its wait from here
    context.say.note(tally(outcome, "deleted"))
    return path, outcome, tuple(step.source.name for step in compared.work)


def _backup(context: Context, verified: tuple[migrate.MigrateStep, ...]) -> str | None:
    if not verified:
        return None
    store, settings = context.store, context.settings
    names = [step.source.name for step in verified]
    taken = snapshot.take(store, names, labels=True, budget=store.budget(), threads=settings.read_concurrency)
    present = [taken[name] for name in names if name in taken]
    path = backup.write(present, state_directory=settings.state_directory, kind="migrate", region=store.region)
    context.say.note(f"backup in {path}")
    return path
