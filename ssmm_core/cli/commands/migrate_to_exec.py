"""`ssmm migrate-to-exec`, and the options that `onboard` shares with it."""

from __future__ import annotations

import os

from ssmm_core.cli import render
from ssmm_core.cli.context import working_directory
from ssmm_core.cli.parser import add_app, examples
from ssmm_core.cli.values import checked_path
from ssmm_core.errors import UsageError
from ssmm_core.operations import units
from ssmm_core.systemd import dropin

TYPE_CHECKING = False
if TYPE_CHECKING:
    import argparse

    from ssmm_core.cli.context import Context


def configure(parser: argparse.ArgumentParser) -> None:
    add_app(parser, repeatable=False)
    add_unit_options(parser)
    parser.epilog = examples("""
  ssmm migrate-to-exec --unit myapp.service --app myapp --exec-cmd '/usr/bin/uv run python app.py --mode prod' \\
      --keep-env-file /etc/defaults/common --pre-exec '/usr/bin/playwright install chromium'
  ssmm migrate-to-exec … --apply

  prints the drop-in <unit>.d/exec-mode.conf; with --apply writes it and runs daemon-reload. It clears EnvironmentFile=, ExecStartPre=
  and ExecStart=; other drop-ins beside it stay. To revert, remove the file and run daemon-reload.
""")


def add_unit_options(parser: argparse.ArgumentParser) -> None:
    """What says which unit is switched, and how."""
    parser.add_argument("--unit", required=True, metavar="NAME.service", help="the unit")
    parser.add_argument("--exec-cmd", required=True, metavar="CMD", help="its present ExecStart=, pasted from systemctl cat as it is")
    parser.add_argument(
        "--keep-env-file",
        action="append",
        default=[],
        metavar="PATH",
        help="an EnvironmentFile= to keep (missing is no error); the others are cleared; repeatable",
    )
    parser.add_argument(
        "--pre-exec", action="append", default=[], metavar="CMD", help="an ExecStartPre= to keep; the others are cleared; repeatable"
    )
    parser.add_argument("--cwd-app", action="store_true", help="name the app by WorkingDirectory=, this directory, instead of --app")
    parser.add_argument("--system", action="store_true", help="a unit of the system manager (default: of the user's)")
    parser.add_argument("--ssmm-bin", metavar="PATH", help="where ssmm is (default: as it was called now)")
    parser.add_argument("--apply", action="store_true", help="do it (default: show it)")


def run(context: Context) -> int:
    options = context.options
    made = unit_plan(context)
    for warning in made.warnings:
        context.say.warning(warning)
    if options.apply:
        apply(context, made)
    if options.json:
        render.json({"path": made.path, "content": made.content, "applied": options.apply, "revert": made.revert})
    elif not options.apply:
        render.line(f"# {made.path}")
        render.text(made.content)
        context.say.note(f"this was a dry run; pass --apply to write it. To revert: {made.revert}")
    return 0


def unit_plan(context: Context) -> units.UnitPlan:
    """The drop-in that the options ask for."""
    options = context.options
    if options.demo:
        raise UsageError("a unit cannot use the demonstration server", hint="Leave --demo out.")
    flags = (("--profile", options.profile), ("--region", options.region), ("--endpoint-url", options.endpoint_url))
    unnamed = [name for name in ("AWS_PROFILE", "AWS_REGION", "AWS_ENDPOINT_URL", "AWS_ENDPOINT_URL_SSM") if os.environ.get(name)]
    if unnamed:
        context.say.warning(f"the unit will not have {', '.join(unnamed)}; name what it needs with --profile, --region or --endpoint-url")
    asked = dropin.ExecDropIn(
        unit=options.unit,
        app=context.app if options.app or not options.cwd_app else "",
        command=options.exec_cmd,
        working_directory=working_directory() if options.cwd_app else "",
        ssmm=units.ssmm_program(options.ssmm_bin, context.launch.program, os.environ.get("PATH")),
        prefix=context.root,
        pre_commands=tuple(options.pre_exec),
        environment_files=tuple(checked_path(path) for path in options.keep_env_file),
        options=tuple(word for flag, value in flags if value for word in (flag, value)),
    )
    return units.plan(dropin.checked(asked), system=options.system, environ=os.environ)


def apply(context: Context, made: units.UnitPlan) -> None:
    """Write the drop-in and reload, and say how to go back."""
    units.apply(made)
    what = "already stood there" if made.is_current else "is written"
    context.say.note(f"{made.path} {what} and systemd has read it. It takes effect when the unit is restarted. To revert: {made.revert}")
