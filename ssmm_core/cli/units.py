"""What `migrate-to-exec`, `migrate-to-sync` and `onboard` have in common on the command line."""

from __future__ import annotations

import os

from ssmm_core.cli import render
from ssmm_core.cli.context import working_directory
from ssmm_core.cli.delivery import checked
from ssmm_core.cli.values import checked_path
from ssmm_core.errors import NotFound, UsageError
from ssmm_core.names import distinct
from ssmm_core.operations import unit_look, unit_revert, units
from ssmm_core.systemd.exec_mode import ExecDropIn
from ssmm_core.systemd.sync_mode import SyncDropIn

TYPE_CHECKING = False
if TYPE_CHECKING:
    import argparse
    from collections.abc import Iterable, Mapping
    from typing import Any

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


def plan(context: Context, mode: str, present: Iterable[str] = (), allowed: Iterable[str] = ()) -> units.UnitPlan:
    """The drop-in that the options ask for.

    `present` are the variables of a file that is put first; `allowed` are those among them that only an app itself may set.
    """
    options = context.options
    if options.demo:
        raise UsageError("a unit cannot use the demonstration server", hint="Leave --demo out.")
    common = _common(context, allowed)
    found = unit_look.look(options.unit, system=options.system, environ=os.environ)
    common["require"] = distinct((*checked(options.require), *_present(context, found, present)))
    if mode == "sync":
        return units.plan_sync(SyncDropIn(**common, **_sync(context)), found)

    def managed() -> Iterable[str]:
        return (*present, *_managed(context, common["app"]))

    asked = ExecDropIn(**common, prevents_restart=not options.no_restart_prevent)
    return units.plan_exec(asked, options.exec_cmd, found, managed=managed)


def run(context: Context, mode: str) -> int:
    """`migrate-to-exec` and `migrate-to-sync`."""
    options = context.options
    if options.revert:
        return revert(context)
    made = plan(context, mode)
    for warning in made.warnings:
        context.say.warning(warning)
    if options.apply:
        apply(context, made)
    if options.json:
        render.json({**as_json(made), "applied": options.apply})
    elif not options.apply:
        show(made)
        context.say.note(f"this was a dry run; pass --apply to write it. To revert: {made.revert}")
    return 0


def apply(context: Context, made: units.UnitPlan) -> None:
    """Write the drop-in and reload, and say how to go back."""
    left = units.apply(made, environ=os.environ)
    what = "already stood there" if made.is_current else "is written"
    for path in made.removes:
        context.say.note(f"{path} is removed")
    _warn_of(context, left)
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


def _common(context: Context, allowed: Iterable[str]) -> dict[str, Any]:
    """What both modes' drop-ins need, from the options."""
    options = context.options
    flags = (("--profile", options.profile), ("--region", options.region), ("--endpoint-url", options.endpoint_url))
    unnamed = [name for name in ("AWS_PROFILE", "AWS_REGION", "AWS_ENDPOINT_URL", "AWS_ENDPOINT_URL_SSM") if os.environ.get(name)]
    if unnamed:
        context.say.warning(f"the unit will not have {', '.join(unnamed)}; name what it needs with --profile, --region or --endpoint-url")
    return {
        "unit": options.unit,
        "app": context.app if options.app or not options.cwd_app else "",
        "ssmm": units.ssmm_program(options.ssmm_bin, context.launch.program, os.environ.get("PATH")),
        "prefix": context.root,
        "system": options.system,
        "working_directory": working_directory() if options.cwd_app else "",
        "options": tuple(word for flag, value in flags if value for word in (flag, value)),
        "require_from": tuple(os.path.abspath(checked_path(path)) for path in options.require_from),
        "allow_names": distinct((*checked(options.allow_name), *allowed)),
        "environment_files": tuple(checked_path(path) for path in options.keep_env_file),
        "pre_commands": tuple(options.pre_exec) if options.pre_exec is not None else None,
    }


def _sync(context: Context) -> Mapping[str, Any]:
    """The programs that sync mode calls besides ssmm, and whose home root's is."""
    from shutil import which

    disk = context.options.disk
    paths = {name: which(name, path="/usr/bin:/bin") or f"/usr/bin/{name}" for name in ("env", "rm")}
    return {"disk": checked_path(disk) if disk is not None else "", "home": os.path.expanduser("~root"), **paths}


def _present(context: Context, found: unit_look.Look, present: Iterable[str]) -> tuple[str, ...]:
    """The names for `--require-present`."""
    options = context.options
    if not options.require_present:
        return ()
    names, unread = unit_look.present_names(found, options.keep_env_file)
    for path in unread:
        context.say.warning(f"{path} could not be read, or not whole: name its variables with --require")
    return (*present, *names)


def _managed(context: Context, app: str) -> tuple[str, ...]:
    """The variables that Parameter Store has for the app, none of them decrypted."""
    from ssmm_core.operations.deliver import Selection, resolve

    selection = Selection(root=context.root, apps=(app or context.app,))
    try:
        resolved = resolve(context.store, selection, decrypt=False, threads=context.settings.read_concurrency)
    except NotFound:
        return ()
    return tuple(variable.name for variable in resolved.variables)
