"""`ssmm dirs`."""

from __future__ import annotations

from ssmm_core.cli import render
from ssmm_core.cli.parser import examples
from ssmm_core.operations import browse

TYPE_CHECKING = False
if TYPE_CHECKING:
    import argparse

    from ssmm_core.cli.context import Context


def configure(parser: argparse.ArgumentParser) -> None:
    parser.epilog = examples("""
  ssmm dirs           every app: how many parameters, how many secure, the last change
""")


def run(context: Context) -> int:
    summaries = browse.summarize(context.store, context.root)
    if context.options.json:
        apps = [
            {"app": one.app or None, "total": one.total, "secure": one.secure, "last_modified": render.timestamp(one.last_modified)}
            for one in summaries
        ]
        render.json({"prefix": context.root, "apps": apps})
    elif summaries:
        rows = [[one.app or "(none)", str(one.total), str(one.secure), render.moment(one.last_modified)] for one in summaries]
        render.table(["APP", "TOTAL", "SECURE", "CHANGED"], rows)
    else:
        context.say.note(f"no parameters under {context.root}")
    return 0
