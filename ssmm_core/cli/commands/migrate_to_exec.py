"""`ssmm migrate-to-exec`."""

from __future__ import annotations

from ssmm_core.cli import units
from ssmm_core.cli.parser import add_app, examples

TYPE_CHECKING = False
if TYPE_CHECKING:
    import argparse

    from ssmm_core.cli.context import Context


def configure(parser: argparse.ArgumentParser) -> None:
    add_app(parser, repeatable=False)
    units.add_unit_options(parser)
    units.add_exec_options(parser)
    units.add_revert(parser)
    parser.epilog = examples("""
  ssmm migrate-to-exec --unit myapp.service --app myapp
  ssmm migrate-to-exec --unit myapp.service --app myapp --keep-env-file /etc/defaults/common --require-present --apply
  ssmm migrate-to-exec --unit worker@.service --app worker --exec-cmd '/opt/worker/run --name %i' \\
      --pre-exec '/usr/bin/playwright install chromium'
  ssmm migrate-to-exec --unit myapp.service --revert --apply

  prints the drop-in <unit>.d/exec-mode.conf; with --apply writes it and runs daemon-reload. It clears EnvironmentFile= and ExecStart=, and
  ExecStartPre= too where --exec-cmd or --pre-exec is given; other drop-ins beside it stay.
""")


def run(context: Context) -> int:
    return units.run(context, "exec")
