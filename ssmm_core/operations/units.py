"""Switch a unit to exec mode or sync mode: look at it, plan its drop-in, prove that systemd takes it, and write it."""

from __future__ import annotations

import os
import shlex

from ssmm_core.errors import InvalidInput, SettingsError, SsmmError, UsageError
from ssmm_core.operations import unit_files, unit_risks
from ssmm_core.operations.unit_environment import cleared, names_in
from ssmm_core.operations.unit_look import FILE_NAMES
from ssmm_core.record import Record
from ssmm_core.systemd import exec_mode, sync_mode, verify
from ssmm_core.systemd.dropin import PROBE, is_template, probe_of
from ssmm_core.systemd.manager import Manager
from ssmm_core.systemd.quoting import whole_command

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

    from ssmm_core.operations.unit_look import Look
    from ssmm_core.systemd.dropin import DropIn
    from ssmm_core.systemd.exec_mode import ExecDropIn
    from ssmm_core.systemd.service import Service
    from ssmm_core.systemd.sync_mode import SyncDropIn

    Managed = Callable[[], Iterable[str]]


class UnitPlan(Record):
    """Which file would hold what. `is_current` says that it holds just that already.

    `removes` is the other mode's drop-in, `clears` are the environment files that the unit reads now and will not, `leftovers` those that
    ssmm wrote and nobody would remove any more. `unconfirmed` says why the manager will not be asked what it made of it.
    """

    path: str
    content: str
    drop_in: DropIn
    warnings: tuple[str, ...]
    is_current: bool
    removes: tuple[str, ...] = ()
    clears: tuple[str, ...] = ()
    leftovers: tuple[str, ...] = ()
    unconfirmed: str = ""

    @property
    def system(self) -> bool:
        """Whether it is a unit of the system manager."""
        return self.drop_in.system

    @property
    def revert(self) -> str:
        """The command that takes the drop-in back, and what it had written."""
        if self.drop_in.file_name == sync_mode.FILE_NAME:
            return self.drop_in.revert
        scope = "" if self.system else " --user"
        return f"rm {shlex.quote(self.path)} && systemctl{scope} daemon-reload"


def plan_exec(asked: ExecDropIn, command: str | None, found: Look, *, managed: Managed) -> UnitPlan:
    """The drop-in that starts a unit through `ssmm exec`: for the `command` that a person pasted, else for the one that it has.

    `asked.pre_commands` is None where nothing was said of them. `managed` gives the names that Parameter Store has for the unit; it is
    called only where the command needs it, and may raise what the store raises.

    Raises:
        UsageError: the command must be pasted, or cannot be wrapped.
        SettingsError: exec mode would break the unit, or systemd would not take the drop-in.
    """
    asked = asked.replace(app=asked.checked_app())
    service = found.service
    if service is not None and len(service.exec_start) != 1:
        raise SettingsError(
            f"{asked.unit} has {len(service.exec_start)} ExecStart= commands, and exec mode is for one", hint="Use migrate-to-sync."
        )
    if command is not None:
        made = exec_mode.from_text(asked.replace(pre_commands=asked.pre_commands or ()), command)
    else:
        made = exec_mode.from_command(asked, _readable(asked, found).exec_start[0])
        if made.pre_commands is None and service is not None and (found.fetches_by_hand or found.resets_steps(made.file_name)):
            made = made.replace(pre_commands=_foreign_pre(service, made.ssmm))
    clears = cleared(service, made.environment_files) if service is not None else ()
    unit_risks.check_exec(made, service)
    lost = names_in(clears).names
    warnings = [*_again(made, found, made.dropped), *_searched(made, service), *_expanded(made, clears, managed), *_around(service)]
    warnings += unit_risks.lost_to_others(service, clears, lost, exec_mode=True)
    if service is not None and (service.root_directory or service.root_image):
        warnings.append("the unit has a root directory of its own: ssmm, its Python and its settings must be in there, too")
    return _proven(made, found, clears, warnings)


def plan_sync(asked: SyncDropIn, found: Look) -> UnitPlan:
    """The drop-in that writes a unit's environment file before each start.

    Raises:
        UsageError: the unit's ExecStartPre= commands must be pasted.
        SettingsError: systemd would not take the drop-in, or the file's place is not right.
    """
    asked = asked.replace(app=asked.checked_app())
    service = found.service
    warnings = [*_again(asked, found), *_disk(asked), *_around(service)]
    limits = True
    if service is None:
        if asked.pre_commands is None:
            warnings.append("the unit's own ExecStartPre= commands are not known, and run before the fetch; name them with --pre-exec")
    else:
        stands = found.standing.get(sync_mode.FILE_NAME, b"")
        limits = service.restart not in ("no", "") and (service.start_limit == found.default_limit or b"\nStartLimitBurst=" in stands)
        foreign = _foreign_pre(service, asked.ssmm)
        if asked.pre_commands is None and (foreign or found.fetches_by_hand or any(map(found.resets_steps, FILE_NAMES))):
            if is_template(asked.unit) and any(PROBE in one for one in foreign):
                raise UsageError("the ExecStartPre= commands differ between instances", hint="Paste each as --pre-exec.")
            asked = asked.replace(pre_commands=foreign)
        if not os.access(asked.ssmm, os.X_OK):
            raise SettingsError(f"there is no program {asked.ssmm}", hint="Pass --ssmm-bin /path/to/ssmm.")
    if asked.system and "=" in asked.ssmm:
        raise InvalidInput(f"{asked.ssmm} has a = in it, which env takes for a variable", hint="Pass another path with --ssmm-bin.")
    made = asked.replace(limits_starts=limits)
    unit_risks.check_fetch(made, service)
    clears = tuple(path for path in cleared(service, made.environment_files) if path != made.disk) if service is not None else ()
    warnings += unit_risks.lost_to_others(service, clears, names_in(clears).names, exec_mode=False)
    return _proven(made, found, clears, warnings)


def apply(made: UnitPlan, *, environ: Mapping[str, str]) -> tuple[str, ...]:
    """Write the drop-in, remove the other mode's, reload the manager, and see that it has just what was planned.

    What it gives are leftovers that could not be removed.

    Raises:
        StorageError: the drop-in could not be written.
        CommandFailed: the reload failed, or the manager made something else of it; nothing has changed.
    """

    def confirm() -> None:
        if made.unconfirmed:
            return
        unit = made.drop_in.unit
        found = Manager(system=made.system, environ=environ).service(probe_of(unit))
        state = [] if found.load_state == "loaded" else [f"it is {found.load_state}, not loaded"]
        if problems := state or made.drop_in.differences(found):
            raise SettingsError(
                f"systemd made something else of {unit} than was planned: {'; '.join(problems)}",
                hint=f"See systemctl {'' if made.system else '--user '}cat {unit}: another drop-in may come after this one.",
            )

    wanted: dict[str, bytes | None] = {made.path: _encoded(made.content), **dict.fromkeys(made.removes)}
    unit_files.change(wanted, system=made.system, confirm=confirm)
    return unit_files.remove_fetched(made.leftovers)


def ssmm_program(given: str | None, invoked_as: str, search: str | None) -> str:
    """The absolute path of ssmm that a unit will call: as given, else as it was called now.

    Raises:
        SettingsError: it cannot be told.
    """
    from shutil import which

    found = given or (invoked_as if os.path.basename(invoked_as) == "ssmm" else None) or which("ssmm", path=search)
    if not found:
        raise SettingsError("where ssmm is installed cannot be told", hint="Pass --ssmm-bin /path/to/ssmm.")
    return os.path.abspath(found)


def _readable(asked: ExecDropIn, found: Look) -> Service:
    """The unit, if its command can be read exactly.

    Raises:
        UsageError: it cannot.
    """
    hint = "Pass it as --exec-cmd, pasted from systemctl cat."
    if is_template(asked.unit):
        raise UsageError(f"{asked.unit} is a template: its command is not the same for every instance", hint=hint)
    if found.service is None:
        raise UsageError(f"the present command of {asked.unit} is not known: {found.why}", hint=hint)
    if not found.service.flags_known:
        raise UsageError("this systemd is older than version 243, and does not tell a command with all its flags", hint=hint)
    if strange := [flag for command in found.service.exec_start for flag in command.flags if flag not in exec_mode.KEPT_FLAGS]:
        raise SettingsError(f"the command has the flag {strange[0]}, which exec mode cannot keep", hint="Use migrate-to-sync.")
    return found.service


def _foreign_pre(service: Service, ssmm: str) -> tuple[str, ...]:
    return tuple(whole_command(one) for one in sync_mode.foreign(service.exec_start_pre, ssmm=ssmm))


def _again(made: DropIn, found: Look, pasted: tuple[str, ...] = ()) -> list[str]:
    """The options of earlier calls of ssmm's that the new one does not have."""
    named = (("--app", made.app), ("--prefix", made.prefix))
    known = {*made.call("exec"), *made.call("sync"), *(form for flag, value in named for form in (flag, value, f"{flag}={value}"))}
    earlier = dict.fromkeys((pasted, *(call.lasting for call in found.calls)))
    lost = [" ".join(options) for options in earlier if {text.replace("$$", "$") for text in options} - known]
    return [f"the unit called ssmm already, with options that are not kept: {' and '.join(lost)}"] if lost else []


def _searched(made: ExecDropIn, service: Service | None) -> list[str]:
    """systemd looks for a program without a path in places of its own, whatever PATH the unit sets; ssmm looks there."""
    if made.read is None or "/" in made.read.path or service is None or "PATH" not in service.environment:
        return []
    return [f"systemd found {made.read.path} without looking at the PATH that the unit sets, and ssmm looks there: name it by its path"]


def _expanded(made: ExecDropIn, clears: tuple[str, ...], managed: Managed) -> list[str]:
    """What cannot be known of the variables in the command line.

    Raises:
        SettingsError: one of them comes from Parameter Store, or from a file that will be cleared.
    """
    if not made.expanded:
        return []
    held = names_in(clears)
    unknown = list(held.unread)
    names = set(held.names)
    try:
        names |= set(managed())
    except SsmmError as error:
        unknown.append(error.message)
    if lost := [name for name in made.expanded if name in names]:
        raise SettingsError(
            f"systemd puts {', '.join(f'${{{name}}}' for name in lost)} into the command line before ssmm runs, so it would be empty there",
            hint="Use migrate-to-sync, with which it stays as it is, or have the program read it from its environment.",
        )
    return [
        f"systemd puts ${{{name}}} into the command line before ssmm runs: if it comes from Parameter Store, it will be empty there; "
        f"whether it does is not known ({'; '.join(unknown)})"
        for name in made.expanded
        if unknown
    ]


def _around(service: Service | None) -> list[str]:
    """What a person should know of the unit itself."""
    said = []
    if service is not None and service.restart in ("no", ""):
        said.append("the unit has no Restart=: a fetch that fails for a moment (75) is not tried again; Restart=on-failure would do that")
    if service is not None and service.private_network:
        said.append("the unit has no network of the machine's (PrivateNetwork=): ssmm cannot reach AWS in it")
    return said


def _disk(asked: SyncDropIn) -> list[str]:
    """What a person should know of the place of a file that stays.

    Raises:
        SettingsError: there is no such directory.
    """
    if not asked.disk:
        return []
    folder = os.path.dirname(asked.disk)
    if not os.path.isdir(folder):
        raise SettingsError(f"there is no directory {folder}", hint="Create it first.")
    if asked.system and os.path.exists(asked.disk) and (owner := os.stat(asked.disk).st_uid) != 0:
        return [f"{asked.disk} belongs to the user {owner}, and is replaced by one of root's"]
    return []


def _proven(made: DropIn, found: Look, clears: tuple[str, ...], warnings: list[str]) -> UnitPlan:
    """The plan for a drop-in, which systemd takes as far as that can be known.

    Raises:
        SettingsError: it does not.
    """
    content = made.render()
    path = f"{found.folder}/{made.file_name}"
    other = next(name for name in FILE_NAMES if name != made.file_name)
    for name in found.foreign:
        becomes = "will be replaced" if name == made.file_name else "stays, and may contradict this one"
        warnings.append(f"{found.folder}/{name} was not written by ssmm; it {becomes}")
    if found.service is None:
        warnings.append(f"neither the drop-in nor what systemd makes of it can be checked: {found.why}")
    else:
        try:
            said = verify.complaints(made.unit, found.service, (made.file_name, _encoded(content)), [other], system=made.system)
        except verify.CannotVerify as error:
            said = []
            warnings.append(f"the drop-in could not be verified together with its unit: {error}")
        if said:
            raise SettingsError(f"systemd would not take the drop-in: {'; '.join(said)}", hint="Nothing was written.")
    return UnitPlan(
        path=path,
        content=content,
        drop_in=made,
        warnings=tuple(warnings),
        is_current=unit_files.standing(path) == _encoded(content),
        removes=(f"{found.folder}/{other}",) if other in found.standing else (),
        clears=tuple(path.replace(PROBE, "%i") for path in clears),
        leftovers=() if "\nExecStopPost=" in content else found.fetched,
        unconfirmed=found.why,
    )


def _encoded(content: str) -> bytes:
    """Paths may hold bytes that are no UTF-8; systemd takes them as they are."""
    return content.encode("utf-8", "surrogateescape")
