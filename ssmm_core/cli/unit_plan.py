"""The drop-in that the options of `migrate-to-exec`, `migrate-to-sync` and `onboard` ask for, with what stands and what is stored."""

from __future__ import annotations

import os

from ssmm_core.asked import parse
from ssmm_core.cli.context import working_directory
from ssmm_core.cli.delivery import checked
from ssmm_core.cli.values import checked_path
from ssmm_core.errors import SettingsError, SsmmError, UsageError
from ssmm_core.names import distinct, join
from ssmm_core.operations import unit_look, units
from ssmm_core.operations.unit_environment import stored_names
from ssmm_core.systemd.exec_mode import ExecDropIn
from ssmm_core.systemd.sync_mode import SyncDropIn

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from typing import Any, Final

    from ssmm_core.cli.context import Context
    from ssmm_core.operations.unit_environment import Stored

_SETTINGS: Final = {
    "--profile": ("profile", ("AWS_PROFILE",)),
    "--region": ("region", ("AWS_REGION", "AWS_DEFAULT_REGION")),
    "--endpoint-url": ("endpoint_url", ("AWS_ENDPOINT_URL_SSM", "AWS_ENDPOINT_URL")),
}
"""Global options that a unit needs too, each with our name for it and the variables that say the same."""
_CREDENTIALS: Final = ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN")


def plan(context: Context, mode: str, present: Iterable[str] = (), allowed: Iterable[str] = ()) -> units.UnitPlan:
    """The drop-in that the options ask for. What an earlier switch required, allowed and said of AWS stays, unless it is said anew.

    `present` are the variables of a file that is put first; `allowed` are those among them that only an app itself may set.
    """
    options = context.options
    if options.demo:
        raise UsageError("a unit cannot use the demonstration server", hint="Leave --demo out.")
    found = unit_look.look(options.unit, system=options.system, environ=os.environ)
    common = {**_common(context), **_contract(context, found, tuple(present), allowed), "options": _settings(context, found)}
    app = common["app"] or context.app
    if not options.app and not options.cwd_app:
        context.say.warning(f"no --app was given: the unit gets {app}, which this directory names")
    stored = _stored(context, app)
    if isinstance(stored, SsmmError):
        context.say.debug(f"what Parameter Store has for {app} is not known: {stored}")
    else:
        _look_over(context, found, stored, app, present)
    if mode == "sync":
        return units.plan_sync(SyncDropIn(**common, **_sync(context)), found)

    def managed() -> Iterable[str]:
        if isinstance(stored, SsmmError):
            raise stored
        return (*present, *stored.own, *stored.shared)

    asked = ExecDropIn(**common, prevents_restart=not options.no_restart_prevent)
    return units.plan_exec(asked, options.exec_cmd, found, managed=managed)


def _common(context: Context) -> dict[str, Any]:
    """What both modes' drop-ins need, from the options."""
    options = context.options
    return {
        "unit": options.unit,
        "app": context.app if options.app or not options.cwd_app else "",
        "ssmm": units.ssmm_program(options.ssmm_bin, context.launch.program, os.environ.get("PATH")),
        "prefix": context.root,
        "system": options.system,
        "working_directory": working_directory() if options.cwd_app else "",
        "environment_files": tuple(checked_path(path) for path in options.keep_env_file),
        "pre_commands": tuple(options.pre_exec) if options.pre_exec is not None else None,
    }


def _contract(context: Context, found: unit_look.Look, present: tuple[str, ...], allowed: Iterable[str]) -> dict[str, Any]:
    """What must be there and what may be, from the options, `--require-present`, and the calls that the unit has."""
    options = context.options

    def kept(option: str) -> tuple[str, ...]:
        return tuple(text.replace("$$", "$") for call in found.calls for text in call.values(option))

    required = [*checked(options.require), *kept("--require")]
    if options.require_present:
        names, unread = unit_look.present_names(found, options.keep_env_file)
        for problem in unread:
            context.say.warning(f"{problem.rstrip('.')}; name its variables with --require")
        required += [*present, *names]
        if not required:
            raise SettingsError("--require-present: no environment file of the unit has a variable", hint="Name them with --require.")

    def files(paths: Iterable[str], option: str) -> tuple[str, ...]:
        return distinct((*(os.path.abspath(checked_path(path)) for path in paths), *kept(option)))

    for text in options.only:
        parse(text)
    require_from = files(options.require_from, "--require-from")
    only_required = options.only_required or any("--only-required" in call.options for call in found.calls)
    if only_required and not required and not require_from:
        raise UsageError("--only-required, but nothing is required", hint="Name it with --require, --require-from or --require-present.")
    return {
        "require": distinct(required),
        "require_from": require_from,
        "only": distinct((*options.only, *kept("--only"))),
        "names_from": files(options.names_from, "--names-from"),
        "only_required": only_required,
        "allow_names": distinct((*checked(options.allow_name), *allowed, *kept("--allow-name"))),
    }


def _settings(context: Context, found: unit_look.Look) -> tuple[str, ...]:
    """The global options that the unit's call gets; a warning on what is set here and will not be there."""
    service = found.service
    elsewhere = set(service.environment) if service is not None else set()
    words: list[str] = []
    missing: list[str] = []
    for flag, (field, variables) in _SETTINGS.items():
        before = next((value for call in found.calls if (value := call.value(flag))), "")
        if value := getattr(context.options, field) or before.replace("$$", "$"):
            words += [flag, value]
        elif not elsewhere.intersection(variables):
            missing += [name for name in variables if os.environ.get(name)]
    if missing:
        context.say.warning(f"the unit will not have {', '.join(missing)}; name what it needs with --profile, --region or --endpoint-url")
    if keys := [name for name in _CREDENTIALS if os.environ.get(name) and name not in elsewhere]:
        context.say.warning(f"the unit will not have {', '.join(keys)}: it needs credentials of its own")
    return tuple(words)


def _stored(context: Context, app: str) -> Stored | SsmmError:
    """The variables that Parameter Store has for the app, none of them decrypted; or why that is not known."""
    try:
        return stored_names(context.store, context.root, app)
    except SsmmError as error:
        return error


def _look_over(context: Context, found: unit_look.Look, stored: Stored, app: str, present: Iterable[str]) -> None:
    """Warn of an app that nobody has, and of the unit's own settings that parameters will beat."""
    if not stored.own and not list(present):
        context.say.warning(f"there is no parameter under {join(context.root, app)}: the unit could not start (78); see `ssmm dirs`")
    own = found.service.environment if found.service is not None else {}
    if beaten := sorted(name for name in own if name in {*stored.own, *stored.shared, *present}):
        context.say.warning(f"{', '.join(beaten)} of the unit's own Environment= will come from Parameter Store instead")


def _sync(context: Context) -> Mapping[str, Any]:
    """The programs that sync mode calls besides ssmm, and whose home root's is."""
    from shutil import which

    disk = context.options.disk
    paths = {name: which(name, path="/usr/bin:/bin") or f"/usr/bin/{name}" for name in ("env", "rm")}
    return {"disk": checked_path(disk) if disk is not None else "", "home": os.path.expanduser("~root"), **paths}
