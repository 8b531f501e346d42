"""What keeps a unit from its secrets: pure rules over the facts, one function a rule. Here those about the unit itself."""

from __future__ import annotations

from ssmm_core.doctor import unit_aws_rules, unit_contract_rules, unit_file_rules, unit_secret_rules, unit_state_rules
from ssmm_core.doctor.finding import Finding
from ssmm_core.systemd import exec_mode, sync_mode
from ssmm_core.systemd.quoting import expanded_names
from ssmm_core.systemd.tree import hides_program

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from typing import Final

    from ssmm_core.doctor.unit_facts import SsmmCommand, UnitFacts

    Rule = Callable[[UnitFacts], Iterator[Finding]]

AREA: Final = "Unit"
FINAL_CODES: Final = (77, 78)
"""The exit codes that no retry heals (`ssmm_core.errors.ExitCode`)."""
ONLINE: Final = "network-online.target"


def loaded(facts: UnitFacts) -> Iterator[Finding]:
    service = facts.service
    manager = "the system manager" if facts.system else "the user's manager"
    if facts.problem is not None:
        yield Finding(
            "error", AREA, "unit-loaded", facts.problem.message, "Without its manager's answer nothing of it is known.", facts.problem.hint
        )
    elif service is not None and service.load_state == "loaded":
        yield Finding("ok", AREA, "unit-loaded", f"{facts.unit} of {manager}, from {service.fragment_path}")
    elif service is not None and service.load_state == "not-found":
        other = "" if facts.system else f"\nssmm doctor --system {facts.unit}"
        yield Finding(
            "error",
            AREA,
            "unit-loaded",
            f"{manager} has no {service.id}",
            "There is nothing to look at.",
            f"{facts.systemctl} list-unit-files{other}",
        )
    elif service is not None:
        yield Finding(
            "error",
            AREA,
            "unit-loaded",
            f"{service.id} is not loaded: {service.load_state}",
            "It cannot be started.",
            f"{facts.systemctl} status {service.id}",
        )


def reload_needed(facts: UnitFacts) -> Iterator[Finding]:
    if facts.service is not None and facts.service.need_daemon_reload:
        yield Finding(
            "warning",
            AREA,
            "daemon-reload-needed",
            "its files have changed since the manager read them",
            "What counts, and what is told here, is what was read.",
            f"{facts.systemctl} daemon-reload",
        )


def mode(facts: UnitFacts) -> Iterator[Finding]:
    executes, syncs = facts.calls("exec"), facts.calls("sync")
    if facts.service is None or facts.service.load_state != "loaded":
        return
    for one in executes:
        yield Finding("ok", AREA, "mode", f"{one.setting}= starts through ssmm exec{_apps(one)}")
    for one in syncs:
        yield Finding("ok", AREA, "mode", f"{one.setting}= writes {one.out or './.env'} by ssmm sync{_apps(one)}")
    if not facts.commands:
        unit = f"--unit {facts.unit} --app {facts.app}{facts.scope}"
        yield Finding(
            "info",
            AREA,
            "mode",
            "neither ssmm exec nor ssmm sync is in it",
            "It gets nothing from Parameter Store. Both commands show what they would do until --apply is passed.",
            f"ssmm migrate-to-exec {unit}\nssmm migrate-to-sync {unit}  # where ExecStart= holds ${{NAME}}, or the sandbox has no network",
        )


def two_modes(facts: UnitFacts) -> Iterator[Finding]:
    names = {path.rpartition("/")[2] for path in (facts.service.drop_in_paths if facts.service else ())}
    if {exec_mode.FILE_NAME, sync_mode.FILE_NAME} <= names or (facts.calls("exec") and facts.calls("sync")):
        yield Finding(
            "warning",
            AREA,
            "two-modes",
            "it is switched to exec mode and to sync mode at once",
            "The parameters are fetched twice, and what exec fetches wins.",
            f"ssmm migrate-to-exec --unit {facts.unit}{facts.scope} --revert --apply\n"
            f"ssmm migrate-to-sync --unit {facts.unit}{facts.scope} --revert --apply  # one of the two",
        )


def expanded_variables(facts: UnitFacts) -> Iterator[Finding]:
    """systemd puts `${NAME}` into a command line before ssmm runs (systemd.service(5), *Command lines*)."""
    for command in facts.calls("exec"):
        if "no-env-expand" in command.flags:
            continue
        for name in expanded_names(command.child):
            stored = facts.store is not None and name in facts.store.variables
            if name in facts.variables and not stored:
                continue
            yield Finding(
                "error" if stored else "warning",
                AREA,
                "variable-in-exec-command",
                f"ExecStart= holds ${{{name}}}, which systemd fills in before ssmm exec runs" + ("; it is a parameter" if stored else ""),
                "The program gets what the unit itself sets there, or nothing, and never the parameter.",
                facts.to_sync("there it is filled in"),
            )


def program(facts: UnitFacts) -> Iterator[Finding]:
    for command in facts.commands:
        if command.program_runs is False:
            who = "root" if command.as_root else facts.runner.name
            yield Finding(
                "error",
                AREA,
                "program-runs",
                f"{command.setting}=: {command.program} is not there, or {who} may not run it",
                "The unit fails with 203/EXEC.",
                _elsewhere(command, facts, f"where {who} may run it"),
            )


def program_in_sandbox(facts: UnitFacts) -> Iterator[Finding]:
    for command in facts.commands:
        for place in command.program_places:
            setting = hides_program(facts.service, place, outside=command.outside) if facts.service is not None else ""
            if not setting:
                continue
            yield Finding(
                "error",
                AREA,
                "sandbox-program",
                f"{command.setting}=: {setting} keeps {place} from the unit, which ssmm {command.mode} needs",
                "The unit fails with 203/EXEC, or ssmm before it says a word.",
                _elsewhere(command, facts, "where no setting of the unit hides it"),
            )
            break


def program_of_others(facts: UnitFacts) -> Iterator[Finding]:
    for command in facts.commands:
        if command.changeable:
            yield Finding(
                "warning",
                AREA,
                "root-program-of-others",
                f"{command.setting}=: root runs {command.changeable}",
                "Whoever may put another file there is root when the unit starts.",
                _elsewhere(command, facts, "where root alone may write"),
            )


def user(facts: UnitFacts) -> Iterator[Finding]:
    if facts.service is not None and facts.system and not facts.runner.known:
        yield Finding(
            "error",
            AREA,
            "user-unknown",
            f"User={facts.runner.name}: there is no such user",
            "The unit fails with 217/USER.",
            f"useradd --system {facts.runner.name}",
        )


def failure_ignored(facts: UnitFacts) -> Iterator[Finding]:
    for command in facts.calls("sync"):
        if command.setting == "ExecStartPre" and "ignore-failure" in command.flags:
            yield Finding(
                "warning",
                AREA,
                "sync-failure-ignored",
                "the - before ssmm sync in ExecStartPre= lets the unit start when it fails",
                "The service then starts with no secrets, or with old ones.",
                "Take the - away from that ExecStartPre=.",
            )


def restarts(facts: UnitFacts) -> Iterator[Finding]:
    service = facts.service
    if service is None or not facts.commands:
        return
    if service.restart == "no":
        yield Finding(
            "info",
            AREA,
            "restart",
            "Restart=no: nothing tries again",
            "Exit code 75 says that a failure may heal by itself.",
            facts.edit("[Service]", "Restart=on-failure", "RestartSec=5"),
        )
    elif facts.calls("exec") and not set(FINAL_CODES) <= set(service.restart_prevent_exit_status):
        yield Finding(
            "info",
            AREA,
            "restart-prevent-exit-status",
            "RestartPreventExitStatus= lacks 77 or 78",
            "systemd starts it again and again when a right or a setting is missing, which no retry heals.",
            facts.edit("[Service]", "RestartPreventExitStatus=77 78"),
        )


def network_online(facts: UnitFacts) -> Iterator[Finding]:
    """A user's manager has no such target."""
    service = facts.service
    if service is None or not facts.system or not facts.commands:
        return
    waits, pulls = ONLINE in service.after, ONLINE in (*service.wants, *service.requires)
    if waits and pulls:
        yield Finding("ok", AREA, "network-online", f"it waits for {ONLINE}")
        return
    lacking = [f"{setting}={ONLINE}" for setting, there in (("Wants", pulls), ("After", waits)) if not there]
    yield Finding(
        "warning",
        AREA,
        "network-online",
        f"it does not wait for the network: {' and '.join(lacking)} missing",
        "At boot ssmm may run before there is a route to AWS, and exit with 75.",
        facts.edit("[Unit]", *lacking),
    )


def app_and_directory(facts: UnitFacts) -> Iterator[Finding]:
    check = "app-and-directory"
    for command in facts.commands:
        if not command.apps and not facts.directory_app:
            yield Finding(
                "error",
                AREA,
                check,
                f"{command.setting}= gives ssmm {command.mode} no --app, and its working directory does not name one",
                "ssmm exits with 78.",
                f"ssmm migrate-to-{command.mode} --unit {facts.unit}{facts.scope} --app APP --apply",
            )
        elif command.apps and facts.directory_app and facts.directory_app not in command.apps:
            other = facts.store is not None and not set(facts.store.empty_apps).isdisjoint(command.apps)
            yield Finding(
                "warning" if other else "info",
                AREA,
                check,
                f"the app is {', '.join(command.apps)}, but WorkingDirectory= would name {facts.directory_app}",
                "ssmm without --app, run by hand in that directory, works on another app.",
                f"Pass --app {command.apps[-1]} there.",
            )
    if facts.store is not None and facts.commands:
        for app in facts.store.empty_apps:
            yield Finding(
                "error",
                AREA,
                "app-has-parameters",
                f"{facts.prefix}/{app} holds no parameter",
                "ssmm exits with 78: an app mistyped must not start with the shared parameters alone.",
                f"ssmm dirs --prefix {facts.prefix}",
            )


def prefix(facts: UnitFacts) -> Iterator[Finding]:
    for command in facts.commands:
        if command.prefix or "SSMM_PREFIX_ROOT" in facts.variables | command.assigned:
            continue
        if not facts.home_is_set:
            yield Finding(
                "error",
                AREA,
                "home-unset",
                f"{command.setting}= names no prefix, and without User= systemd sets no HOME, so ssmm finds no configuration file",
                "ssmm exits with 78.",
                facts.edit("[Service]", f"Environment=SSMM_PREFIX_ROOT={facts.prefix or '/TEAM'}"),
            )
        else:
            yield Finding(
                "info",
                AREA,
                "prefix-in-unit",
                f"{command.setting}= names no prefix: it comes from the configuration file of {facts.runner.name}",
                "Who changes that file changes what the unit gets.",
                facts.edit("[Service]", f"Environment=SSMM_PREFIX_ROOT={facts.prefix or '/TEAM'}"),
            )


UNIT_RULES: Final[tuple[Rule, ...]] = (
    loaded, *unit_state_rules.RULES, reload_needed, mode, two_modes, expanded_variables, program, program_in_sandbox, program_of_others,
    user, failure_ignored, restarts, network_online, app_and_directory, prefix, *unit_contract_rules.RULES, *unit_file_rules.RULES,
    *unit_secret_rules.RULES, *unit_aws_rules.RULES,
)  # fmt: skip


def unit_findings(facts: UnitFacts) -> tuple[Finding, ...]:
    """What all rules find."""
    return tuple(finding for rule in UNIT_RULES for finding in rule(facts))


def _elsewhere(command: SsmmCommand, facts: UnitFacts, where: str) -> str:
    """The fix that is another installation."""
    return (
        f"Install ssmm {where}, as in /opt or /usr/local, then with its path there:\n"
        f"ssmm migrate-to-{command.mode} --unit {facts.unit}{facts.scope} --app {facts.app} --ssmm-bin /path/to/ssmm --apply"
    )


def _apps(command: SsmmCommand) -> str:
    return f", app {', '.join(command.apps)}" if command.apps else ", the app named by its directory"
