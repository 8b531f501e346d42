"""A service unit as its manager has it: exact, for it is read over D-Bus and not from text."""

from __future__ import annotations

from ssmm_core.record import Record
from ssmm_core.secret import SecretValue

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from typing import Any, Final

FLAG_SIGNS: Final = {"ignore-failure": "-", "no-env-expand": ":", "privileged": "+", "no-setuid": "!", "ambient": "!!", "via-shell": "|"}
"""What systemd's D-Bus interface calls the prefix characters of a command (systemd.service(5))."""

INFINITY: Final = 2**64 - 1
"""A time that never comes, in microseconds."""


class ExecCommand(Record):
    """One command: specifiers are resolved, `$` is not. `flags` has the names of `FLAG_SIGNS`, sorted.

    `argv[0]` is the path unless the unit gives the program another name (`@`).
    """

    path: str
    argv: tuple[str, ...]
    flags: tuple[str, ...] = ()

    @property
    def expands(self) -> bool:
        """Whether systemd puts variables into the arguments."""
        return "no-env-expand" not in self.flags

    @property
    def signs(self) -> str:
        """The flags as a unit has them in front of a command; without the `@`."""
        return "".join(FLAG_SIGNS.get(flag, "") for flag in self.flags)


class StartLimit(Record):
    """At most `burst` starts within `interval` microseconds."""

    interval: int
    burst: int


class Service(Record):
    """A service as it is loaded, not as its files say: they are the same unless `need_daemon_reload`.

    `flags_known` is False where systemd is so old that it tells only whether a command's failure is ignored. `environment` holds what
    `Environment=` says, which may be secrets. `environment_files` are (path as written, missing is no error). `restrict_address_families`
    is (is it a list of what is allowed, the families); `ip_address_deny` says whether any address is denied. Times are microseconds.
    `result` is systemd's word for how it ended last. `main_exit`, and `start_pre_exits` of each ExecStartPre= command, are (how, with what)
    as waitid(2) tells them: `CLD_EXITED` and a code, or another and a signal; (0, 0) where none has ended. `bind_sources` and
    `temporary_file_system_options` stand beside `bind_destinations` and `temporary_file_systems`.
    """

    id: str
    load_state: str
    active_state: str
    need_daemon_reload: bool
    fragment_path: str
    drop_in_paths: tuple[str, ...]
    after: tuple[str, ...]
    wants: tuple[str, ...]
    requires: tuple[str, ...]
    start_limit: StartLimit
    type: str
    restart: str
    restart_prevent_exit_status: tuple[int, ...]
    pid_file: str
    main_pid: int
    timeout_start: int
    exec_start: tuple[ExecCommand, ...]
    exec_start_pre: tuple[ExecCommand, ...]
    exec_stop_post: tuple[ExecCommand, ...]
    flags_known: bool
    environment: Mapping[str, SecretValue]
    environment_files: tuple[tuple[str, bool], ...]
    pass_environment: tuple[str, ...]
    unset_environment: tuple[str, ...]
    user: str
    group: str
    dynamic_user: bool
    working_directory: str
    root_directory: str
    root_image: str
    runtime_directories: tuple[str, ...]
    runtime_directory_mode: int
    state_directories: tuple[str, ...]
    protect_home: str
    protect_system: str
    private_network: bool
    private_users: bool
    network_namespace_path: str
    restrict_address_families: tuple[bool, tuple[str, ...]]
    ip_address_deny: bool
    ip_address_allow: bool
    inaccessible_paths: tuple[str, ...]
    temporary_file_systems: tuple[str, ...]
    sub_state: str = ""
    result: str = ""
    main_exit: tuple[int, int] = (0, 0)
    start_pre_exits: tuple[tuple[int, int], ...] = ()
    bind_destinations: tuple[str, ...] = ()
    exec_condition: tuple[ExecCommand, ...] = ()
    exec_start_post: tuple[ExecCommand, ...] = ()
    exec_reload: tuple[ExecCommand, ...] = ()
    exec_stop: tuple[ExecCommand, ...] = ()
    bind_sources: tuple[str, ...] = ()
    temporary_file_system_options: tuple[str, ...] = ()
    exec_paths: tuple[str, ...] = ()
    no_exec_paths: tuple[str, ...] = ()


def from_properties(unit: Mapping[str, Any], service: Mapping[str, Any]) -> Service:
    """A service from the properties of its interfaces `Unit` and `Service`; what an older systemd does not have is as if unset."""

    def text(name: str) -> str:
        return str(service.get(name, ""))

    def texts(name: str) -> tuple[str, ...]:
        return tuple(service.get(name, ()))

    families = service.get("RestrictAddressFamilies", (False, ()))
    return Service(
        id=unit["Id"],
        load_state=unit["LoadState"],
        active_state=unit["ActiveState"],
        need_daemon_reload=bool(unit["NeedDaemonReload"]),
        fragment_path=unit.get("FragmentPath", ""),
        drop_in_paths=tuple(unit.get("DropInPaths", ())),
        after=tuple(unit.get("After", ())),
        wants=tuple(unit.get("Wants", ())),
        requires=tuple(unit.get("Requires", ())),
        start_limit=StartLimit(int(unit.get("StartLimitIntervalUSec", 0)), int(unit.get("StartLimitBurst", 0))),
        type=text("Type"),
        restart=text("Restart"),
        restart_prevent_exit_status=tuple(service.get("RestartPreventExitStatus", ((), ()))[0]),
        pid_file=text("PIDFile"),
        main_pid=int(service.get("MainPID", 0)),
        timeout_start=int(service.get("TimeoutStartUSec", INFINITY)),
        exec_start=_commands(service, "ExecStart"),
        exec_start_pre=_commands(service, "ExecStartPre"),
        exec_stop_post=_commands(service, "ExecStopPost"),
        flags_known="ExecStartEx" in service,
        environment=environment_of(service.get("Environment", ())),
        environment_files=tuple((str(path), bool(optional)) for path, optional in service.get("EnvironmentFiles", ())),
        pass_environment=texts("PassEnvironment"),
        unset_environment=texts("UnsetEnvironment"),
        user=text("User"),
        group=text("Group"),
        dynamic_user=bool(service.get("DynamicUser", False)),
        working_directory=text("WorkingDirectory"),
        root_directory=text("RootDirectory"),
        root_image=text("RootImage"),
        runtime_directories=texts("RuntimeDirectory"),
        runtime_directory_mode=int(service.get("RuntimeDirectoryMode", 0o755)),
        state_directories=texts("StateDirectory"),
        protect_home=text("ProtectHome"),
        protect_system=text("ProtectSystem"),
        private_network=bool(service.get("PrivateNetwork", False)),
        private_users=bool(service.get("PrivateUsers", False)),
        network_namespace_path=text("NetworkNamespacePath"),
        restrict_address_families=(bool(families[0]), tuple(families[1])),
        ip_address_deny=bool(service.get("IPAddressDeny", ())),
        ip_address_allow=bool(service.get("IPAddressAllow", ())),
        inaccessible_paths=texts("InaccessiblePaths"),
        temporary_file_systems=tuple(str(path) for path, _ in service.get("TemporaryFileSystem", ())),
        sub_state=unit.get("SubState", ""),
        result=text("Result"),
        main_exit=(int(service.get("ExecMainCode", 0)), int(service.get("ExecMainStatus", 0))),
        bind_destinations=tuple(str(one[1]) for name in ("BindPaths", "BindReadOnlyPaths") for one in service.get(name, ())),
        exec_condition=_commands(service, "ExecCondition"),
        exec_start_post=_commands(service, "ExecStartPost"),
        exec_reload=_commands(service, "ExecReload"),
        exec_stop=_commands(service, "ExecStop"),
        bind_sources=tuple(str(one[0]) for name in ("BindPaths", "BindReadOnlyPaths") for one in service.get(name, ())),
        temporary_file_system_options=tuple(str(options) for _, options in service.get("TemporaryFileSystem", ())),
        exec_paths=texts("ExecPaths"),
        no_exec_paths=texts("NoExecPaths"),
        start_pre_exits=tuple((int(one[-2]), int(one[-1])) for one in service.get("ExecStartPre", ())),
    )


def _commands(service: Mapping[str, Any], name: str) -> tuple[ExecCommand, ...]:
    """The commands of a setting. Before version 243 systemd told only whether a failure is ignored, not the other flags."""
    if (exact := service.get(f"{name}Ex")) is not None:
        return tuple(ExecCommand(one[0], tuple(one[1]), tuple(sorted(one[2]))) for one in exact)
    return tuple(ExecCommand(one[0], tuple(one[1]), ("ignore-failure",) if one[2] else ()) for one in service.get(name, ()))


def environment_of(assignments: Sequence[str]) -> dict[str, SecretValue]:
    """Variables as the interface has them, `NAME=value` each. They may be secrets."""
    pairs = (assignment.partition("=") for assignment in assignments)
    return {name: SecretValue(value) for name, _, value in pairs}
