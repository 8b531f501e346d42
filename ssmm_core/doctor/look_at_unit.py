"""Gather the facts about a unit: from its manager, its files, its user's files and, without decrypting, Parameter Store."""

from __future__ import annotations

import glob
import grp
import os
import pwd
import stat

from ssmm_core.doctor import bounded, env_file
from ssmm_core.doctor.access import READ, RUN, may, shut, who_runs
from ssmm_core.doctor.look_at_store import said, with_store
from ssmm_core.doctor.unit_facts import AwsFacts, FileFacts, Runner, SsmmCommand, UnitFacts
from ssmm_core.doctor.unit_text import ignored_environment_files, ssmm_commands
from ssmm_core.errors import SettingsError, SsmmError
from ssmm_core.names import app_from_directory
from ssmm_core.systemd import patterns
from ssmm_core.systemd.tree import has_own_root

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence
    from typing import Final

    from ssmm_core.doctor.unit_facts import Kind
    from ssmm_core.settings import Settings
    from ssmm_core.systemd.service import Service

LARGEST: Final = 8 << 20
"""Bytes of an environment file that are read, at most: more than any environment may hold."""
_FILES: Final = {"AWS_SHARED_CREDENTIALS_FILE": "credentials", "AWS_CONFIG_FILE": "config"}
"""The SDK's files in ~/.aws, by the variable that names another; the configuration last."""
_KINDS: Final = ("service", "socket", "timer", "target", "path", "mount", "automount", "swap", "slice", "scope", "device")
"""What a unit's name may end in; systemctl takes any other for a service, too."""
_AMAZON: Final = "Amazon EC2"
_VENDOR: Final = "/sys/class/dmi/id/sys_vendor"


def look(unit: str, *, system: bool, apps: Sequence[str], settings: Settings, environ: Mapping[str, str]) -> UnitFacts:
    """Everything about the unit: the one that the user's manager has, or else the system's; with `system` the system's alone."""
    facts = _of_manager(unit, True, environ) if system else _of_either(unit, environ)
    service = facts.service
    if service is None or service.load_state != "loaded":
        return facts
    directory = _directory(facts)
    commands = tuple(_with_program(_with_out(one, directory), facts) for one in ssmm_commands(service))
    written = frozenset(one.out for one in commands if one.mode == "sync" and one.out.startswith("/"))
    files = tuple(file for setting, optional in service.environment_files for file in _files(setting, optional, written))
    facts = facts.replace(
        apps=tuple(apps),
        commands=commands,
        files=files,
        ignored=ignored_environment_files(_texts(service)),
        stale_file=_stale(directory),
        directory_app=_app_of(directory) if directory != _home(facts) else "",
        missing_directory=next((os.path.dirname(path) for path in sorted(written) if not _directory_comes(path, facts)), ""),
    )
    facts = facts.replace(aws=tuple(_aws(one, facts) for one in commands))
    return with_store(facts, apps, settings, directory)


# The manager's own


def _of_either(unit: str, environ: Mapping[str, str]) -> UnitFacts:
    own = _of_manager(unit, False, environ)
    if own.service is not None and own.service.load_state != "not-found":
        return own
    other = _of_manager(unit, True, environ)
    return other if other.service is not None and (own.service is None or other.service.load_state != "not-found") else own


def _of_manager(unit: str, system: bool, environ: Mapping[str, str]) -> UnitFacts:
    from ssmm_core.systemd.dropin import is_template, probe_of
    from ssmm_core.systemd.manager import Manager

    manager = Manager(system=system, environ=environ)
    nobody = Runner("root" if system else str(os.getuid()), 0 if system else os.getuid(), "")
    name = unit if unit.rpartition(".")[2] in _KINDS else f"{unit}.service"
    try:
        if not name.endswith(".service"):
            raise SettingsError(f"{name} is not a service", hint="Name the service that it starts.")
        service = manager.service(probe_of(name))
        variables = manager.state().environment
    except SsmmError as error:
        return UnitFacts(unit=unit, system=system, problem=error, runner=nobody)
    runner = _runner(service, system, environ)
    names = frozenset(variables)
    is_set = "HOME" in service.environment or bool(service.user and not service.dynamic_user) or not system
    return UnitFacts(
        unit=name if is_template(name) else service.id,
        system=system,
        service=service,
        runner=runner,
        manager_variables=names,
        home_is_set=is_set,
    )


def _runner(service: Service, system: bool, environ: Mapping[str, str]) -> Runner:
    if not system:
        try:
            own = _runner_of(pwd.getpwuid(os.getuid()))
            return own.replace(home=environ.get("HOME") or own.home)
        except KeyError:
            return Runner(str(os.getuid()), os.getuid(), environ.get("HOME", ""), known=False)
    if service.dynamic_user:
        return Runner(service.user or service.id.partition(".")[0], -1, "", dynamic=True)
    try:
        return _runner_of(pwd.getpwuid(int(service.user)) if service.user.isdigit() else pwd.getpwnam(service.user or "root"))
    except KeyError:
        return Runner(service.user, -1, "", known=False)


def _runner_of(entry: pwd.struct_passwd) -> Runner:
    try:
        group = grp.getgrgid(entry.pw_gid).gr_name
    except KeyError:
        group = str(entry.pw_gid)
    return Runner(entry.pw_name, entry.pw_uid, entry.pw_dir, group=group)


def _with_out(command: SsmmCommand, directory: str) -> SsmmCommand:
    """The same, with the whole path of the file that it writes."""
    if command.mode == "exec" or command.out == "-" or not directory:
        return command
    return command.replace(out=os.path.normpath(os.path.join(directory, command.out or ".env")))


def _with_program(command: SsmmCommand, facts: UnitFacts) -> SsmmCommand:
    rooted = facts.service is not None and has_own_root(facts.service)
    if not rooted and command.program.startswith("/"):
        places = _places(command.program)
        command = command.replace(program_places=places, changeable=_changeable(command, places, facts))
    if rooted or not facts.runner.known or not command.program.startswith("/"):
        return command.replace(program_runs=None)
    there = os.path.lexists(command.program)
    return command.replace(program_runs=may(who_runs(command, facts), command.program, RUN) if there else False)


def _places(program: str) -> tuple[str, ...]:
    """A program by its own name and as links lead on, and the Python beside it, where it is in a virtual environment."""
    real = os.path.realpath(program)
    beside = os.path.join(os.path.dirname(real), "python3")
    python = (beside, os.path.realpath(beside)) if os.path.exists(beside) else ()
    return tuple(dict.fromkeys((os.path.normpath(program), real, *python)))


def _changeable(command: SsmmCommand, places: Sequence[str], facts: UnitFacts) -> str:
    from ssmm_core.operations.unit_risks import who_else_may_change

    if not facts.system or who_runs(command, facts).id != 0:
        return ""
    return next((f"{place}, which {owner} may change" for place in places if (owner := who_else_may_change(place))), "")


# Files


def _texts(service: Service) -> list[tuple[str, str]]:
    found = []
    for path in (service.fragment_path, *service.drop_in_paths):
        try:
            found.append((path, bounded.read(path).decode(errors="surrogateescape")))
        except (OSError, bounded.UnfitError):
            continue
    return found


def _files(setting: str, optional: bool, written: frozenset[str]) -> Iterator[FileFacts]:
    """What systemd reads for one setting: all that it matches, and what `written` has that it will match."""
    if not patterns.is_pattern(setting):
        path = patterns.unescaped(setting)
        yield _file(path, optional, path in written).replace(setting=setting)
        return
    there = glob.glob(patterns.as_python(setting))
    comes = (path for path in written if patterns.matches(setting, path))
    paths = sorted({*there, *comes})
    for path in paths:
        yield _file(path, optional, path in written).replace(setting=setting)
    if not paths:
        yield FileFacts(setting, optional, "missing" if _is_seen(setting) else "unreachable", setting=setting)


def _is_seen(pattern: str) -> bool:
    """Whether nothing that a pattern could match is hidden from whoever asks: the directory that it begins in can be listed."""
    parts = pattern.split("/")
    fixed = next(at for at, part in enumerate(parts) if patterns.is_pattern(part))
    try:
        os.listdir(patterns.unescaped("/".join(parts[:fixed])) or "/")
    except PermissionError:
        return False
    except OSError:
        return True
    return True


def _file(path: str, optional: bool, written: bool) -> FileFacts:
    try:
        found = os.stat(path)
    except (FileNotFoundError, NotADirectoryError):
        return FileFacts(path, optional, "missing", written=written)
    except OSError:
        return FileFacts(path, optional, "unreachable", written=written)
    if bounded.is_null(found):
        return FileFacts(path, optional, "null", reading=env_file.read(b""), written=written)
    kinds: Sequence[tuple[Callable[[int], bool], Kind]] = (
        (stat.S_ISREG, "file"), (stat.S_ISFIFO, "fifo"), (stat.S_ISSOCK, "socket"), (stat.S_ISDIR, "directory"),
    )  # fmt: skip
    kind: Kind = next((kind for matches, kind in kinds if matches(found.st_mode)), "device")
    try:
        owner = pwd.getpwuid(found.st_uid).pw_name
    except KeyError:
        owner = str(found.st_uid)
    reading = None
    if kind == "file":
        try:
            reading = env_file.read(bounded.read(path, LARGEST, cut=True))
        except (OSError, bounded.UnfitError):
            reading = None
    return FileFacts(path, optional, kind, stat.S_IMODE(found.st_mode), owner, found.st_uid, reading, written)


def _directory(facts: UnitFacts) -> str:
    """Where the unit's commands run, in the machine's own tree; empty where that cannot be told."""
    service = facts.service
    assert service is not None
    if has_own_root(service):
        return ""
    path = service.working_directory.lstrip("!-")
    return _home(facts) if path == "~" else path or ("/" if facts.system else _home(facts))


def _home(facts: UnitFacts) -> str:
    """The home that `WorkingDirectory=~` means, and that a user's unit runs in without one: it names no app."""
    return facts.runner.home.rstrip("/")


def _stale(directory: str) -> str:
    path = os.path.join(directory, ".env")
    return path if directory and os.path.isfile(path) else ""


def _app_of(directory: str) -> str:
    try:
        return app_from_directory(directory)
    except SettingsError:
        return ""


def _directory_comes(path: str, facts: UnitFacts) -> bool:
    """Whether the directory of a file is there, or is made for the unit when it starts."""
    service = facts.service
    assert service is not None
    directory = os.path.dirname(path)
    made = (*service.runtime_directories, *service.state_directories)
    return os.path.isdir(directory) or any(directory.endswith(f"/{name}") for name in made)


# Credentials


def _aws(command: SsmmCommand, facts: UnitFacts) -> AwsFacts:
    service = facts.service
    assert service is not None
    home = command.home or said(service, "HOME") or (facts.runner.home if facts.runner.known and not facts.runner.dynamic else "")
    places = {}
    for variable, file in _FILES.items():
        if elsewhere := said(service, variable):
            places[elsewhere] = elsewhere
        elif home:
            places[f"{home}/.aws/{file}"] = f"~/.aws/{file}"
    who = who_runs(command, facts)
    readable = {path: may(who, path, READ) for path in places}
    found = [path for path in places if readable[path]]
    hidden = [path for path in places if readable[path] is False and os.path.lexists(path)]
    named = [path for path in hidden if places[path] == path]
    texts, odd = _contents(found)
    return AwsFacts(
        names=facts.variables | command.assigned,
        folder=f"{home}/.aws" if home else "",
        profile=command.profile or ("" if "AWS_ACCESS_KEY_ID" in facts.variables else said(service, "AWS_PROFILE")),
        profile_is_told=bool(command.profile) or "AWS_PROFILE" not in facts.variables,
        looked=tuple(places.values()),
        files=tuple(places[path] for path in found),
        hidden=tuple(places[path] for path in hidden),
        shut=tuple(dict.fromkeys(one for path in named for one in shut(who, path))),
        unseen=any(readable[path] is None and not _certainly_absent(path) for path in places),
        sections=_sections(texts),
        odd=tuple((places[path], what) for path, what in odd),
        on_instance=_on_instance(),
        home_is_own=home == facts.runner.home,
    )


def _certainly_absent(path: str) -> bool:
    try:
        os.stat(path)
    except FileNotFoundError:
        return True
    except OSError:
        return False
    return False


def _contents(paths: Sequence[str]) -> tuple[list[str] | None, list[tuple[str, str]]]:
    """(what stands in them, None where one cannot be read; those that nobody could read to an end, and why)."""
    texts: list[str] | None = []
    odd = []
    for path in paths:
        try:
            text = bounded.read(path).decode()
        except bounded.UnfitError as error:
            odd.append((path, str(error)))
            texts = None
        except (OSError, UnicodeDecodeError):
            texts = None
        else:
            texts = None if texts is None else [*texts, text]
    return texts, odd


def _sections(texts: Sequence[str] | None) -> Mapping[str, frozenset[str]] | None:
    """The profiles and their keys; what the keys say is dropped."""
    from configparser import Error, RawConfigParser

    found: dict[str, frozenset[str]] = {}
    if texts is None:
        return None
    for text in texts:
        parser = RawConfigParser(default_section="", strict=False)
        try:
            parser.read_string(text)
        except Error:
            return None
        for section in parser.sections():
            name = section.removeprefix("profile ").strip().strip("\"'")
            found[name] = found.get(name, frozenset()) | frozenset(parser.options(section))
    return found


def _on_instance() -> bool:
    try:
        with open(_VENDOR, encoding="ascii", errors="replace") as file:
            return file.read().strip() == _AMAZON
    except OSError:
        return False
