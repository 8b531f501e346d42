"""`ssmm tag`."""

from __future__ import annotations

from ssmm_core.cli import render
from ssmm_core.cli.parser import add_app, add_globals, examples
from ssmm_core.cli.steps import carry_out, status_json, tally
from ssmm_core.errors import UsageError
from ssmm_core.names import join
from ssmm_core.operations import browse, tagging
from ssmm_core.tags import tag_pairs

TYPE_CHECKING = False
if TYPE_CHECKING:
    import argparse

    from ssmm_core.cli.context import Context
    from ssmm_core.operations.outcome import Outcome


def configure(parser: argparse.ArgumentParser) -> None:
    actions = parser.add_subparsers(metavar="ACTION", dest="action", required=True)
    for action, summary, words in (
        ("add", "add or change tags", "TAG=VALUE…"),
        ("remove", "remove tags by their key", "TAG…"),
        ("list", "list a parameter's tags", ""),
    ):
        one = actions.add_parser(
            action,
            usage=f"ssmm tag {action} [OPTIONS] (KEY | --match GLOB) {words}".rstrip(),
            help=summary,
            description=f"{summary.capitalize()}.",
            allow_abbrev=False,
        )
        one.add_argument(
            "words", nargs="*", metavar=f"KEY {words}".rstrip(), help="a key, an environment name or a full name; then the tags"
        )
        add_app(one, repeatable=False)
        one.add_argument("--match", metavar="GLOB", help="every parameter of the app whose key matches; of the whole prefix with --all")
        one.add_argument("--all", action="store_true", help="with --match: compare with APP/KEY of every app below the prefix")
        if words:
            one.add_argument("--dry-run", action="store_true", help="show what would change, write nothing")
        add_globals(one)
    parser.epilog = examples("""
  ssmm tag add kintone-api-token shared=true owner=backend
  ssmm tag add --match 'smtp-*' --app mailer shared=true
  ssmm tag remove --all --match '*/legacy-*' shared --dry-run
  ssmm tag list kintone-api-token
""")


def run(context: Context) -> int:
    options = context.options
    words = list(options.words)
    if options.match is None and options.all:
        raise UsageError("--all goes with --match GLOB")
    if options.match is None and not words:
        raise UsageError("no key", hint="Name a parameter, or pass --match GLOB.")
    key = None if options.match is not None else words.pop(0)
    if options.action == "list":
        if words:
            raise UsageError("tag list takes one key")
        return _list(context, key)
    if not words:
        raise UsageError("no tag", hint="Write tags as shared=true." if options.action == "add" else "Name the tags' keys.")
    add = tag_pairs(words) if options.action == "add" else {}
    remove = words if options.action == "remove" else []
    if any("=" in word for word in remove):
        raise UsageError("tag remove takes the keys of tags alone", hint="Write `ssmm tag remove KEY owner`, without its value.")
    return _change(context, key, add, remove)


def _names(context: Context, key: str | None) -> tuple[str, ...]:
    options = context.options
    if key is None:
        path = context.root if options.all else join(context.root, context.app)
        return tagging.matching(context.store, path, options.match)
    budget = context.store.budget()
    return (browse.locate(context.store, context.root, context.app_for(key), key, decrypt=False, budget=budget).name,)


def _list(context: Context, key: str | None) -> int:
    tags = tagging.read(context.store, _names(context, key), threads=context.settings.read_concurrency)
    if context.options.json:
        render.json({"parameters": [{"name": name, "tags": its} for name, its in tags.items()]})
        return 0
    for name, its in tags.items():
        if key is None:
            render.line(name)
        for tag, value in sorted(its.items()):
            render.line(f"{'  ' if key is None else ''}{tag}={value}")
    return 0


def _change(context: Context, key: str | None, add: dict[str, str], remove: list[str]) -> int:
    options = context.options
    made = tagging.plan(context.store, _names(context, key), add=add, remove=remove, threads=context.settings.read_concurrency)
    outcome: Outcome | None = None
    if not options.json:
        for step in made.steps:
            changes = [f"+{tag}={value}" for tag, value in step.add.items()] + [f"-{tag}" for tag in step.remove]
            render.line(f"{step.name}: {' '.join(changes) or 'unchanged'}")
    if not options.dry_run:
        outcome = carry_out(
            context,
            "tagging",
            len(made.work),
            lambda stop, on_step: tagging.apply(
                context.store, made, threads=context.settings.write_concurrency, stop=stop, on_step=on_step
            ),
        )
        context.say.note(f"{tally(outcome, 'changed')}, {len(made.steps) - len(made.work)} unchanged")
    if options.json:
        rows = [
            {
                "name": step.name,
                "add": dict(step.add),
                "remove": list(step.remove),
                **status_json(outcome, step.name, needed=step.is_needed),
            }
            for step in made.steps
        ]
        render.json({"dry_run": options.dry_run, "parameters": rows})
    return int(outcome.exit_code) if outcome is not None else 0
