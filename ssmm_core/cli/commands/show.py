"""`ssmm show`."""

from __future__ import annotations

from ssmm_core.cli import render
from ssmm_core.cli.parser import add_app, examples
from ssmm_core.errors import UsageError
from ssmm_core.limits import check_label
from ssmm_core.names import environment_name, is_below, split
from ssmm_core.operations import browse

TYPE_CHECKING = False
if TYPE_CHECKING:
    import argparse

    from ssmm_core.cli.context import Context


def configure(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("key", metavar="KEY", help="a key, an environment name, or a full parameter name")
    add_app(parser, repeatable=False)
    parser.add_argument("--raw", action="store_true", help="print the value's bytes and nothing else, not even a line break")
    which = parser.add_mutually_exclusive_group()
    which.add_argument("--version", dest="at", type=int, metavar="N", help="an earlier version by its number")
    which.add_argument("--label", metavar="LABEL", help="the version that carries this label")
    parser.epilog = examples("""
  ssmm show kintone-api-token
  ssmm show KINTONE_API_TOKEN --version 3
  ssmm show tls-key --raw > key.pem
""")


def run(context: Context) -> int:
    options = context.options
    if options.raw and options.json:
        raise UsageError("--raw and --json exclude each other")
    if options.label:
        check_label(options.label)
    selector = str(options.at) if options.at is not None else options.label or ""
    parameter = browse.show(context.reader, context.root, context.app_for(options.key), options.key, selector=selector)
    assert parameter.value is not None
    if options.raw:
        render.raw(parameter.value.reveal().encode("utf-8", "surrogatepass"))
    elif options.json:
        shown = browse.details(context.store, parameter)
        for warning in shown.warnings:
            context.say.warning(warning)
        render.json(_json(context, shown))
    else:
        changed = render.moment(parameter.last_modified)
        context.say.note(f"{parameter.name}, {parameter.type}, version {parameter.version}{f', changed {changed}' if changed else ''}")
        render.value(parameter.value)
    return 0


def _json(context: Context, shown: browse.Shown) -> dict[str, object]:
    parameter, metadata = shown.parameter, shown.metadata
    app, key = split(parameter.name, context.root) if is_below(parameter.name, context.root) else ("", parameter.name)
    about = None
    if metadata is not None:
        about = {
            "tier": metadata.tier,
            "key_id": metadata.key_id or None,
            "data_type": metadata.data_type,
            "allowed_pattern": metadata.allowed_pattern or None,
            "description": metadata.description or None,
            "policies": list(metadata.policies),
            "last_modified_user": metadata.last_modified_user or None,
        }
    base = render.parameter_json(parameter, app, key, environment_name(key), shown=True)
    return base | {"metadata": about, "tags": dict(shown.tags) if shown.tags is not None else None}
