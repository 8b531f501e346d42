"""`ssmm demo`."""

from __future__ import annotations

import signal
import sys
import threading

from ssmm_core.cli import render
from ssmm_core.cli.parser import examples

TYPE_CHECKING = False
if TYPE_CHECKING:
    import argparse

    from ssmm_core.cli.context import Context


def configure(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--port", type=int, default=0, metavar="N", help="the port on 127.0.0.1 (default: a free one)")
    parser.epilog = examples("""
  ssmm demo                  prints export lines to paste into other terminals; Ctrl-C ends it and nothing remains
  ssmm --demo list --all     a server for one command alone
""")


def run(context: Context) -> int:
    from ssmm_core.store import demo
    from ssmm_core.store.demo_team import ROOT

    stop = threading.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: stop.set())
    server = demo.start(context.settings, port=context.options.port)
    key, secret = demo.CREDENTIALS
    variables = {
        "AWS_ENDPOINT_URL": server.url,
        "AWS_ACCESS_KEY_ID": key,
        "AWS_SECRET_ACCESS_KEY": secret,
        "AWS_REGION": context.settings.region or demo.REGION,
        "SSMM_PREFIX_ROOT": context.settings.prefix or ROOT,
    }
    if context.options.json:
        render.json(variables)
    else:
        for name, value in variables.items():
            render.line(f"export {name}={value}")
    sys.stdout.flush()
    context.say.note("demonstration server is running; Ctrl-C ends it")
    stop.wait()
    server.stop()
    return 0
