"""What `migrate-to-exec`, `migrate-to-sync` and `onboard` have in common on the command line."""

from __future__ import annotations

import os

from ssmm_core.cli import render
from ssmm_core.cli.unit_plan import plan
from ssmm_core.operations import unit_revert, units

TYPE_CHECKING = False
if TYPE_CHECKING:
    import argparse
    from collections.abc import Iterable

    from ssmm_core.cli.context import Context


def add_unit_options(parser: argparse.ArgumentParser) -> None:
    """What says which unit is switched, and how, in either mode."""
    parser.add_argument("--unit", required=True, metavar="NAME.service", help="the unit")
    parser.add_argument(
        "--keep-env-file",
        action="append",
        default=[],
        metavar="PATH",
        help="an EnvironmentFile= to keep (missing is no error); the others are cleared; repeatable",
    )
    parser.add_argument(
        "--pre-exec", action="append", metavar="CMD", help="an ExecStartPre= to keep; the others are then cleared; repeatable"
    )
    parser.add_argument("--cwd-app", action="store_true", help="name the app by WorkingDirectory=, this directory, instead of --app")

    def names(flag: str, help: str) -> None:  # noqa: A002
        parser.add_argument(flag, action="extend", nargs="+", default=[], metavar="NAME", help=help)

    names("--require", "have the start fail if one of these variables would be missing")
    parser.add_argument(
        "--require-from", action="append", default=[], metavar="FILE", help="the same for every NAME of a file, at each start; repeatable"
    )
    parser.add_argument(
        "--require-present", action="store_true", help="the same for every variable of the environment files that the unit has now"
    )
    names("--only", "deliver these variables alone, by name, at each start; NAME? may be missing, NAME=KEY names its parameter")
    parser.add_argument(
        "--names-from", action="append", default=[], metavar="FILE", help="the same for every NAME of a file, at each start; repeatable"
    )
    parser.add_argument("--only-required", action="store_true", help="what is required is all that is needed: deliver that alone, by name")
    names("--allow-name", "let the app itself set this variable of the loader, a shell or systemd")
    parser.add_argument("--system", action="store_true", help="a unit of the system manager (default: of the user's)")
    parser.add_argument("--ssmm-bin", metavar="PATH", help="where ssmm is (default: as it was called now)")
    parser.add_argument("--apply", action="store_true", help="do it (default: show it)")


def add_exec_options(parser: argparse.ArgumentParser) -> None:
    """What exec mode alone can be told."""
    parser.add_argument(
        "--exec-cmd", metavar="CMD", help="its ExecStart=, pasted from systemctl cat as it is (default: asked of its manager)"
    )
    parser.add_argument(
        "--no-restart-prevent", action="store_true", help="leave RestartPreventExitStatus=77 78 out: the program means something by them"
    )


def add_sync_options(parser: argparse.ArgumentParser) -> None:
    """What sync mode alone can be told."""
    parser.add_argument("--disk", metavar="PATH", help="write this file, which stays (default: one that goes when the service stops)")


def add_revert(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--revert", action="store_true", help="take back what either mode wrote for the unit, and nothing else")


def run(context: Context, mode: str) -> int:
    """`migrate-to-exec` and `migrate-to-sync`."""
    options = context.options
    if options.revert:
        return revert(context)
    made = plan(context, mode)
    for warning in made.warnings:
        context.say.warning(warning)
    if not options.json:
        show(made)
    if options.apply:
        apply(context, made)
    else:
        context.say.note(f"this was a dry run; pass --apply to write it. To revert: {made.revert}")
    if options.json:
        render.json({**as_json(made), "applied": options.apply})
    return 0


def apply(context: Context, made: units.UnitPlan) -> None:
    """Write the drop-in and reload, and say how to go back."""
    left = units.apply(made, environ=os.environ)
    what = "already stood there" if made.is_current else "is written"
    for path in made.removes:
        context.say.note(f"{path} is removed")
    _warn_of(context, left)
    scope = " --system" if made.system else ""
    context.say.note(
        f"before you restart it, `ssmm doctor{scope} {made.drop_in.unit}` tells what still stands between it and its parameters"
    )
    context.say.note(f"{made.path} {what} and systemd has read it. It takes effect when the unit is restarted. To revert: {made.revert}")


def show(made: units.UnitPlan) -> None:
    """The plan of a drop-in."""
    render.line(f"# {made.path}")
    for path in made.clears:
        render.line(f"# clears EnvironmentFile={path}")
    for path in made.removes:
        render.line(f"# removes {path}")
    render.text(made.content)


def as_json(made: units.UnitPlan) -> dict[str, object]:
    """The plan as `--json` prints it."""
    return {
        "path": made.path,
        "content": made.content,
        "revert": made.revert,
        "clears": list(made.clears),
        "removes": list(made.removes),
    }


def revert(context: Context) -> int:
    """Take back what either mode wrote."""
    options = context.options
    made = unit_revert.plan(options.unit, system=options.system, environ=os.environ)
    for path in made.kept:
        context.say.warning(f"{path} was not written by ssmm, and stays")
    if options.apply:
        _warn_of(context, unit_revert.apply(made))
    if options.json:
        first = made.paths[0] if made.paths else None
        render.json({"path": first, "content": None, "applied": options.apply, "revert": None, "removes": list(made.paths)})
    elif not options.apply:
        for path in made.paths:
            render.line(f"# removes {path}")
    what = ", ".join(made.paths) or f"nothing of ssmm's for {made.unit}"
    if options.apply:
        context.say.note(f"removed {what}; systemd has read that" if made.paths else f"there is {what}")
    else:
        context.say.note(f"this was a dry run; pass --apply to remove {what}" if made.paths else f"there is {what}")
    return 0


def _warn_of(context: Context, left: Iterable[str]) -> None:
    for path in left:
        context.say.warning(f"{path}, which ssmm wrote, could not be removed; its values stay in it until you do")
