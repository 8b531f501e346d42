"""All that is looked at of a unit and of what surrounds it, as plain facts. Never a value: of variables there are only names."""

from __future__ import annotations

from ssmm_core.record import Record
from ssmm_core.systemd import exec_mode

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping
    from typing import Literal

    from ssmm_core.doctor.env_file import FileReading
    from ssmm_core.errors import SsmmError
    from ssmm_core.systemd.service import Service

    Mode = Literal["exec", "sync"]
    Kind = Literal["file", "missing", "fifo", "socket", "directory", "device", "null", "unreachable"]


class SsmmCommand(Record):
    """A call of ssmm in a unit. `child` is what stands behind its `--`, as the unit has it.

    `assigned` are the names that an `env` before it sets, `home` its HOME. `program_runs` says whether whoever runs it may execute
    `program`; None where that cannot be seen. `program_places` are all files that it consists of, by each of their names, and `changeable`
    says which of them somebody other than root may change, and who, where root runs it; empty where nobody may.
    From `require` on, the fields are its options (see `cli.delivery`), up to `program_places`.
    """

    setting: str
    mode: Mode
    program: str
    child: tuple[str, ...] = ()
    flags: tuple[str, ...] = ()
    apps: tuple[str, ...] = ()
    out: str = ""
    prefix: str = ""
    profile: str = ""
    region: str = ""
    endpoint_url: str = ""
    home: str = ""
    assigned: frozenset[str] = frozenset()
    program_runs: bool | None = True
    require: tuple[str, ...] = ()
    require_from: tuple[str, ...] = ()
    only: tuple[str, ...] = ()
    names_from: tuple[str, ...] = ()
    only_required: bool = False
    allowed: tuple[str, ...] = ()
    shared: bool = True
    tags: tuple[str, ...] = ()
    strict: bool = False
    pristine: bool = False
    keep: tuple[str, ...] = ()
    unset: tuple[str, ...] = ()
    program_places: tuple[str, ...] = ()
    changeable: str = ""

    @property
    def as_root(self) -> bool:
        """Whether `User=` does not count for it."""
        return bool({"privileged", "no-setuid"} & set(self.flags))

    @property
    def outside(self) -> bool:
        """Whether it runs outside the sandbox: of files and system calls, though not of the network."""
        return "privileged" in self.flags


class FileFacts(Record):
    """A file of `EnvironmentFile=`. `owner` is a name or number, `reading` None where it is no file or may not be read by whoever asks.

    `written` says that a `sync` of this unit writes it. `setting` is what the unit has, as its manager tells it, where that is not `path`:
    a pattern, or a path with escapes in it. A pattern that matches nothing is a file of its own, which is missing.
    """

    path: str
    optional: bool
    kind: Kind = "file"
    mode: int = 0o600
    owner: str = "root"
    owner_id: int = 0
    reading: FileReading | None = None
    written: bool = False
    setting: str = ""

    @property
    def named(self) -> str:
        """What the unit has."""
        return self.setting or self.path

    @property
    def is_unknown(self) -> bool:
        """Whether there may be variables in it that nobody here could see."""
        return self.kind == "unreachable" or (self.kind == "file" and self.reading is None)


class Runner(Record):
    """Who runs a unit's commands. `home` is where the passwords' file says, empty for none; `known` whether there is such a user.

    `group` is the user's own one, empty where there is none that a file could be given to.
    """

    name: str
    id: int
    home: str
    known: bool = True
    dynamic: bool = False
    group: str = ""


class AwsFacts(Record):
    """What a call of ssmm could find its credentials with. `names` are the variables that it has.

    `folder` is where ~/.aws is for it, empty where it has no home. `profile` is empty for the default one, and
    `profile_is_told` False where it is a value of the unit's. `looked` are the files of the SDK that it reads, the configuration last: as
    `~/.aws/config` below its home, else by their whole path. `files` are those among them that it can read, `hidden` those that it may
    not, `shut` directories that keep it from one that is not below its home, `unseen` that this could not be told. `sections` are the
    profiles in them with their keys, None where they could not be read. `odd` are those that cannot be read to an end: (file, what it is).
    `home_is_own` says that its home is the one of the passwords' file.
    """

    names: frozenset[str]
    folder: str = ""
    profile: str = ""
    profile_is_told: bool = True
    looked: tuple[str, ...] = ()
    files: tuple[str, ...] = ()
    hidden: tuple[str, ...] = ()
    shut: tuple[str, ...] = ()
    unseen: bool = False
    sections: Mapping[str, frozenset[str]] | None = None
    on_instance: bool = False
    odd: tuple[tuple[str, str], ...] = ()
    home_is_own: bool = True

    @property
    def title(self) -> str:
        """What messages call its profile."""
        return f"profile {self.profile or 'default'}" if self.profile_is_told else "the profile that AWS_PROFILE names"


class StoreFacts(Record):
    """The variables that Parameter Store has for the unit's apps, and whether each is a secret.

    `problem` is why nobody could tell, with its `hint`. `layers` are where the variables come from, with how many.
    """

    variables: Mapping[str, bool] = {}
    empty_apps: tuple[str, ...] = ()
    problem: str = ""
    hint: str = ""
    layers: tuple[tuple[str, int], ...] = ()


class Contract(Record):
    """What a call of ssmm asks for and would not get, and what Parameter Store has for it that is not delivered.

    `missing` are names of `--require` and its files, `unsure` says that an environment file which could not be read may have them.
    `only_missing` are names of `--only` and its files. `unread` are (file of names, why, whether that is certain for the unit, too).
    `refused` are (parameter, variable) that end the delivery. `left_out` and `clashes` are sentences.
    """

    command: SsmmCommand
    missing: tuple[str, ...] = ()
    unsure: bool = False
    only_missing: tuple[str, ...] = ()
    unread: tuple[tuple[str, str, bool], ...] = ()
    refused: tuple[tuple[str, str], ...] = ()
    left_out: tuple[str, ...] = ()
    clashes: tuple[str, ...] = ()


class UnitFacts(Record):
    """Everything. `aws` is for each command in `commands`, `contracts` for those that could be compared.

    `ignored` are `EnvironmentFile=` that systemd ignores: (where, what).
    `manager_variables` are what the manager gives all its units. `apps` are those that whoever asks has named.
    """

    unit: str
    system: bool
    runner: Runner
    service: Service | None = None
    problem: SsmmError | None = None
    home_is_set: bool = True
    commands: tuple[SsmmCommand, ...] = ()
    aws: tuple[AwsFacts, ...] = ()
    files: tuple[FileFacts, ...] = ()
    ignored: tuple[tuple[str, str], ...] = ()
    manager_variables: frozenset[str] = frozenset()
    stale_file: str = ""
    apps: tuple[str, ...] = ()
    prefix: str = ""
    directory_app: str = ""
    missing_directory: str = ""
    store: StoreFacts | None = None
    contracts: tuple[Contract, ...] = ()

    @property
    def variables(self) -> frozenset[str]:
        """The names of all variables that its commands have, before ssmm adds any."""
        read = (name for one in self.files if one.reading is not None for name in one.reading.names)
        own = (*self.service.environment, *self.service.pass_environment) if self.service is not None else ()
        return frozenset((*own, *read, *self.manager_variables))

    @property
    def systemctl(self) -> str:
        """The command for the unit's manager."""
        return "systemctl" if self.system else "systemctl --user"

    @property
    def scope(self) -> str:
        """What names the manager to ssmm."""
        return " --system" if self.system else ""

    def edit(self, *lines: str) -> str:
        """The fix that is lines of the unit."""
        return "\n".join((f"{self.systemctl} edit {self.unit}, with these lines:", *lines))

    @property
    def app(self) -> str:
        """The app that fixes name."""
        return next(iter((*self.apps, *(app for one in self.commands for app in one.apps))), self.directory_app) or "APP"

    def to_sync(self, note: str) -> str:
        """The fix that is sync mode. Its drop-in leaves ExecStart= as it is, and takes our other one away."""
        ours = any(path.endswith(f"/{exec_mode.FILE_NAME}") for path in (self.service.drop_in_paths if self.service else ()))
        switch = f"ssmm migrate-to-sync --unit {self.unit}{self.scope} --app {self.app} --apply  # {note}"
        return switch if ours or not self.calls("exec") else f"Write ExecStart= without ssmm exec … --, then:\n{switch}"

    def calls(self, mode: Mode) -> tuple[SsmmCommand, ...]:
        return tuple(one for one in self.commands if one.mode == mode)
