"""`ssmm migrate-to-sync`."""

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
    units.add_sync_options(parser)
    units.add_revert(parser)
    parser.epilog = examples("""
  ssmm migrate-to-sync --unit myapp.service --app myapp
  ssmm migrate-to-sync --unit myapp.service --app myapp --system --require-present --apply
  ssmm migrate-to-sync --unit myapp.service --app myapp --disk /var/lib/myapp.env
  ssmm migrate-to-sync --unit myapp.service --revert --apply

  prints the drop-in <unit>.d/sync-mode.conf; with --apply writes it and runs daemon-reload. It leaves ExecStart= as it is, so that
  ${NAME} in it keeps working, and clears EnvironmentFile=; other drop-ins beside it stay.
""")


def run(context: Context) -> int:
    return units.run(context, "sync")
