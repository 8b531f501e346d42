"""`ssmm restore`."""

from __future__ import annotations

import os
import time

from ssmm_core.cli import render
from ssmm_core.cli.parser import examples
from ssmm_core.cli.steps import carry_out, status_json, tally
from ssmm_core.cli.values import checked_path
from ssmm_core.operations import backup, restore

TYPE_CHECKING = False
if TYPE_CHECKING:
    import argparse

    from ssmm_core.cli.context import Context


def configure(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("file", metavar="FILE", help="a backup that delete or migrate wrote")
    parser.add_argument("--overwrite", action="store_true", help="also where a name stands again with another value")
    parser.epilog = examples("""
  ssmm restore ~/.local/state/ssmm/backups/20260101T120000Z-delete-1a2b3c.json

  asks nothing. Type, tier, KMS key, data type, pattern, policies, description, tags and the newest version's labels come back with the
  value; older versions do not, and version numbers begin at 1 again.
""")


def run(context: Context) -> int:
    options = context.options
    path = checked_path(options.file)
    made = restore.plan(
        context.store,
        backup.read(path, region=context.store.region),
        overwrite=options.overwrite,
        threads=context.settings.read_concurrency,
    )
    if made.created:
        _wait(context, path)
    outcome = carry_out(
        context,
        "restoring",
        len(made.steps),
        lambda stop, on_step: restore.apply(context.store, made, threads=context.settings.write_concurrency, stop=stop, on_step=on_step),
    )
    context.say.note(tally(outcome, "restored"))
    if options.json:
        names = [step.snapshot.name for step in made.steps]
        render.json({"backup": path, "parameters": [{"name": name, **status_json(outcome, name)} for name in names]})
    return int(outcome.exit_code)


def _wait(context: Context, path: str) -> None:
    """Keep the time that the service asks for. The backup's own time is when the deletion ended; a copy of it is never older."""
    left = restore.SECONDS_AFTER_DELETE - (time.time() - os.stat(path).st_mtime)
    if left > 0:
        left = min(left, restore.SECONDS_AFTER_DELETE)
        context.say.note(
            f"waiting {left:.0f} s: Parameter Store asks for {restore.SECONDS_AFTER_DELETE} s between deleting a name and creating it anew"
        )
        time.sleep(left)
