"""`ssmm demo`."""

from __future__ import annotations

import os
import signal
import sys

from ssmm_core import settings
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

    ends = (signal.SIGINT, signal.SIGTERM)
    signal.pthread_sigmask(signal.SIG_BLOCK, ends)  # before there are threads, which inherit it: none of them may take the signal
    settings.forget_aws(os.environ)
    server = demo.start(context.settings, port=context.options.port)
    key, secret = demo.CREDENTIALS
    variables = {
        "AWS_ENDPOINT_URL": server.url,
        "AWS_ACCESS_KEY_ID": key,
        "AWS_SECRET_ACCESS_KEY": secret,
        "AWS_REGION": context.settings.region or demo.REGION,
        "SSMM_PREFIX_ROOT": context.settings.prefix or ROOT,
    }
    if any(os.environ.get(name) for name in ("http_proxy", "HTTP_PROXY", "all_proxy", "ALL_PROXY")):
        variables["NO_PROXY"] = ",".join(filter(None, (os.environ.get("NO_PROXY"), "127.0.0.1")))
    if context.options.json:
        render.json(variables)
    else:
        for name, value in variables.items():
            render.line(f"export {name}={value}")
    sys.stdout.flush()
    context.say.note("demonstration server is running; Ctrl-C ends it")
    signal.sigwait(ends)
    server.stop()
    return 0
