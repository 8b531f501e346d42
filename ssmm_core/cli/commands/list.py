"""`ssmm list`."""

from __future__ import annotations

from ssmm_core.cli import render
from ssmm_core.cli.parser import add_app, examples
from ssmm_core.names import environment_name, split
from ssmm_core.operations import browse
from ssmm_core.secret import MASK
from ssmm_core.tags import tag_pairs

TYPE_CHECKING = False
if TYPE_CHECKING:
    import argparse

    from ssmm_core.cli.context import Context
    from ssmm_core.models import Parameter


def configure(parser: argparse.ArgumentParser) -> None:
    add_app(parser, repeatable=True)
    parser.add_argument("--all", action="store_true", help="every app below the prefix")
    parser.add_argument(
        "--tag", action="append", default=[], metavar="KEY=VALUE", help="only parameters with this tag; several must all match"
    )
    parser.add_argument("--keys-only", action="store_true", help="print keys alone, or full names with --all or several apps")
    parser.add_argument("--reveal", action="store_true", help="decrypt and show SecureString values")
    parser.epilog = examples("""
  ssmm list                          this directory's app
  ssmm list --all --tag shared=true  what is tagged as shared, in any app
  ssmm list --app billing-api --keys-only
""")


def run(context: Context) -> int:
    options = context.options
    apps = () if options.all else context.apps
    tags = tag_pairs(options.tag)
    listing = browse.list_parameters(
        context.store, context.root, apps, tags=tags, decrypt=options.reveal, threads=context.settings.read_concurrency
    )
    for warning in listing.warnings:
        context.say.warning(warning)
    if options.json:
        render.json({"prefix": context.root, "parameters": [_json(context.root, one, options.keys_only) for one in listing.parameters]})
        return 0
    if not listing.parameters:
        having = f" with {' '.join(f'{tag}={value}' for tag, value in tags.items())}" if tags else ""
        context.say.note(f"no parameters{having} under {', '.join(f'{context.root}/{app}' for app in apps) or context.root}")
    several = options.all or len(apps) > 1
    if options.keys_only:
        for one in listing.parameters:
            render.line(one.name if several else split(one.name, context.root)[1])
    elif listing.parameters:
        render.table(
            [*(["APP"] if several else []), "KEY", "TYPE", "VALUE", "VERSION", "CHANGED"],
            [[*([_app(context.root, one)] if several else []), *_row(context.root, one)] for one in listing.parameters],
        )
    return 0


def _app(root: str, one: Parameter) -> str:
    return split(one.name, root)[0] or "(none)"


def _row(root: str, one: Parameter) -> list[str]:
    shown = MASK if one.value is None else one.value.reveal()
    return [split(one.name, root)[1], one.type, shown, str(one.version), render.moment(one.last_modified)]


def _json(root: str, one: Parameter, keys_only: bool) -> dict[str, object]:
    app, key = split(one.name, root)
    return render.parameter_json(one, app, key, environment_name(key), shown=not keys_only)
