"""`ssmm delete`."""

from __future__ import annotations

import os

from ssmm_core.cli import render
from ssmm_core.cli.parser import add_app, examples
from ssmm_core.cli.steps import carry_out, status_json, tally
from ssmm_core.cli.values import confirmed
from ssmm_core.errors import ExitCode, SettingsError
from ssmm_core.names import app_name, full_name, is_below, join
from ssmm_core.operations import backup, browse, delete, snapshot

TYPE_CHECKING = False
if TYPE_CHECKING:
    import argparse

    from ssmm_core.cli.context import Context


def configure(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("target", metavar="TARGET", help="a key, an environment name or a full name; with -r an app, or a full path")
    add_app(parser, repeatable=False)
    parser.add_argument("-r", "--recursive", action="store_true", help="delete everything below TARGET")
    parser.add_argument("-y", "--yes", action="store_true", help="do not ask")
    parser.add_argument("--no-backup", action="store_true", help="write no backup first; what is deleted is gone")
    parser.epilog = examples("""
  ssmm delete old-token                 one key of this directory's app
  ssmm delete billing-api -r            a whole app
  ssmm delete /myteam/web/legacy -r -y

  `ssmm restore FILE` puts a backup back: the newest version of each parameter. The service cannot take older versions back.
""")


def run(context: Context) -> int:
    options = context.options
    made = _plan(context)
    whole = options.recursive and _path(context) == context.root
    if not options.json:
        render.line(f"Will delete {len(made.parameters)} parameter{'' if len(made.parameters) == 1 else 's'}:")
        for one in made.parameters:
            render.line(f"  {one.name} (version {one.version})")
    if whole:
        agreed = confirmed(f"This is everything below {context.root}. Type the prefix to delete it:", typed=context.root)
    else:
        agreed = options.yes or confirmed("Delete? [y/N]")
    if not agreed:
        context.say.note("nothing was deleted")
        return int(ExitCode.FAILED)
    path = None if options.no_backup else _backup(context, made)
    outcome = carry_out(
        context,
        "deleting",
        len(made.parameters),
        lambda stop, on_step: delete.apply(
            context.store,
            made.seen,
            threads=context.settings.write_concurrency,
            stop=stop,
            on_step=on_step,
        ),
    )
    if path is not None:
        os.utime(path)  # when the deletion ended: `restore` counts its wait from here
    context.say.note(tally(outcome, "deleted"))
    if options.json:
        rows = [{"name": name, **status_json(outcome, name)} for name in made.seen]
        render.json({"backup": path, "parameters": rows})
    return int(outcome.exit_code)


def _plan(context: Context) -> delete.DeletePlan:
    options = context.options
    if options.recursive:
        return delete.plan_below(context.store, _path(context))
    budget = context.store.budget()
    app = context.app_for(options.target)
    if not app:
        _refuse_outside(options.target, context.root)
    found = browse.locate(context.store, context.root, app, options.target, decrypt=False, budget=budget)
    return delete.DeletePlan((found,))


def _path(context: Context) -> str:
    target: str = context.options.target
    if not target.startswith("/"):
        return join(context.root, app_name(target))
    path = target.rstrip("/") or "/"
    if path != context.root:
        _refuse_outside(path, context.root)
    return path


def _refuse_outside(name: str, root: str) -> None:
    if name != "/":
        full_name(root, "", name)
    if not is_below(name, root):
        raise SettingsError(f"{name} is not below the prefix {root}", hint="Pass the --prefix that it belongs to.")


def _backup(context: Context, made: delete.DeletePlan) -> str:
    store, threads = context.store, context.settings.read_concurrency
    names = list(made.seen)
    taken = snapshot.take(store, names, labels=True, budget=store.budget(), threads=threads)
    directory = context.settings.state_directory
    path = backup.write([taken[name] for name in names if name in taken], state_directory=directory, kind="delete", region=store.region)
    older = sum(one.version > 1 for one in made.parameters)
    context.say.note(f"backup in {path}{f'; it cannot hold the older versions of {older} of them' if older else ''}")
    return path
