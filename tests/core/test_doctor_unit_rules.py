"""Each rule about a unit, where it applies and where it does not: facts in, findings out."""

from __future__ import annotations

from typing import Any

import pytest

from ssmm_core.doctor import env_file
from ssmm_core.doctor.finding import LEVELS, Finding
from ssmm_core.doctor.unit_facts import AwsFacts, Contract, FileFacts, Runner, SsmmCommand, StoreFacts, UnitFacts
from ssmm_core.doctor.unit_rules import UNIT_RULES, unit_findings
from ssmm_core.errors import SettingsError
from ssmm_core.secret import SecretValue
from ssmm_core.systemd.service import ExecCommand, Service, from_properties

SENTINEL = "sentinel-hunter2"
FILE = "/run/app/env"
EXEC = SsmmCommand("ExecStart", "exec", "/usr/bin/ssmm", child=("/opt/app",), apps=("app",), prefix="/myteam", region="eu-central-1")
SYNC = EXEC.replace(setting="ExecStartPre", mode="sync", child=(), out=FILE)
ROOT_SYNC = SYNC.replace(flags=("privileged",))
KEYS = frozenset({"AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"})
GOOD = AwsFacts(KEYS)
HOME = "/home/web/.aws"
PROFILES = {"default": frozenset({"aws_access_key_id", "region"}), "empty": frozenset({"output"})}
UNSEEN = AwsFacts(frozenset(), HOME, unseen=True)
IN_FILES = AwsFacts(frozenset(), HOME, files=("~/.aws/config",), sections=PROFILES)
ONLINE = ("network-online.target",)


def service(**changes: Any) -> Service:
    """A unit without a fault, but for the changes."""
    unit = {"Id": "app.service", "LoadState": "loaded", "ActiveState": "inactive", "NeedDaemonReload": False, "FragmentPath": "/etc/app"}
    whole = {"after": ONLINE, "wants": ONLINE, "restart": "on-failure", "restart_prevent_exit_status": (77, 78), "protect_home": "no"}
    return from_properties(unit, {}).replace(**(whole | changes))


def facts(*commands: SsmmCommand, aws: AwsFacts = GOOD, unit: Service | None = None, **changes: Any) -> UnitFacts:
    """The facts of a system unit without a fault, but for the changes; `aws` counts for each of its calls of ssmm."""
    commands = commands or (EXEC,)
    whole = {"runner": Runner("web", 1001, "/home/web"), "directory_app": "app", "prefix": "/myteam", "system": True}
    return UnitFacts(unit="app.service", service=unit or service(), commands=commands, aws=(aws,) * len(commands), **(whole | changes))


def file(content: bytes = b"A=1\n", path: str = FILE, **changes: Any) -> FileFacts:
    return FileFacts(path, False, reading=env_file.read(content)).replace(**changes)


def read(content: bytes, **changes: Any) -> UnitFacts:
    return facts(files=(file(content, **changes),))


def variables(**values: str) -> Service:
    return service(environment={name: SecretValue(value) for name, value in values.items()})


def found(given: UnitFacts, check: str) -> list[Finding]:
    return [one for one in unit_findings(given) if one.check == check and one.level != "ok"]


def ended(**changes: Any) -> Service:
    """A unit that has failed."""
    return service(**({"active_state": "failed", "sub_state": "failed", "result": "exit-code"} | changes))


def asks(command: SsmmCommand = EXEC, **changes: Any) -> UnitFacts:
    return facts(command, contracts=(Contract(command, **changes),))


def state(unit: Service, *commands: SsmmCommand) -> Finding:
    (one,) = [one for one in unit_findings(facts(*commands, unit=unit)) if one.check == "unit-state"]
    return one


AGAIN = {"active_state": "activating", "sub_state": "auto-restart"}
PRE = {"exec_start_pre": (ExecCommand("/bin/true", ("true",)), ExecCommand("/usr/bin/ssmm", ("ssmm",)))}
ELSEWHERE = "/etc/app/aws config"
NOBODY = AwsFacts(frozenset())
STALE = "/srv/app/.env"
PATTERN = "/etc/app/*.env"
IN_HOME = ("/home/web/bin/ssmm",)
BARRED = service(protect_home="yes", inaccessible_paths=("-/home/web",), no_exec_paths=("/",))
APPLIES = {
    "not-found": ("unit-loaded", "error", facts(unit=service(load_state="not-found"))),
    "masked": ("unit-loaded", "error", facts(unit=service(load_state="masked"))),
    "no manager": ("unit-loaded", "error", UnitFacts(unit="x", system=False, runner=Runner("a", 1, ""), problem=SettingsError("no one"))),
    "changed files": ("daemon-reload-needed", "warning", facts(unit=service(need_daemon_reload=True))),
    "no ssmm": ("mode", "info", UnitFacts(unit="x.service", system=True, runner=Runner("root", 0, "/root"), service=service())),
    "both calls": ("two-modes", "warning", facts(SYNC, EXEC)),
    "both drop-ins": ("two-modes", "warning", facts(unit=service(drop_in_paths=("/a/exec-mode.conf", "/b/sync-mode.conf")))),
    "parameter in command": (
        "variable-in-exec-command",
        "error",
        facts(EXEC.replace(child=("/opt/app", "--x=${TOKEN}")), store=StoreFacts({"TOKEN": True})),
    ),
    "parameter that the unit has too": (
        "variable-in-exec-command",
        "error",
        facts(EXEC.replace(child=("/opt/app", "$TOKEN")), store=StoreFacts({"TOKEN": True}), unit=variables(TOKEN=SENTINEL)),
    ),
    "unknown in command": ("variable-in-exec-command", "warning", facts(EXEC.replace(child=("/opt/app", "$TOKEN")))),
    "no user": ("user-unknown", "error", facts(runner=Runner("nobdy", -1, "", known=False))),
    "no program": ("program-runs", "error", facts(EXEC.replace(program_runs=False))),
    "ignored failure": ("sync-failure-ignored", "warning", facts(SYNC.replace(flags=("ignore-failure",)))),
    "no restart": ("restart", "info", facts(unit=service(restart="no"))),
    "restart whatever": ("restart-prevent-exit-status", "info", facts(unit=service(restart_prevent_exit_status=(77,)))),
    "no network": ("network-online", "warning", facts(unit=service(after=()))),
    "nothing pulls the network": ("network-online", "warning", facts(unit=service(wants=()))),
    "no app": ("app-and-directory", "error", facts(EXEC.replace(apps=()), directory_app="")),
    "another app": ("app-and-directory", "info", facts(directory_app="other")),
    "another app, mistyped": ("app-and-directory", "warning", facts(directory_app="other", store=StoreFacts({}, ("app",)))),
    "empty app": ("app-has-parameters", "error", facts(store=StoreFacts({}, ("app",)))),
    "no home": ("home-unset", "error", facts(EXEC.replace(prefix=""), home_is_set=False)),
    "prefix by file": ("prefix-in-unit", "info", facts(EXEC.replace(prefix=""))),
    "no dash": ("environment-file-needs-dash", "error", facts(SYNC, files=(file(written=True),))),
    "file not read": ("environment-file-not-read", "warning", facts(SYNC)),
    "no directory": ("sync-directory", "error", facts(SYNC, missing_directory="/run/app")),
    "no file": ("environment-file-missing", "error", facts(files=(file(kind="missing", reading=None),))),
    "no optional file": ("environment-file-missing", "info", facts(files=(file(kind="missing", reading=None, optional=True),))),
    "relative": ("environment-file-ignored", "error", facts(ignored=(("/etc/app", "app.env"),))),
    "quoted": ("environment-file-ignored", "error", facts(ignored=(("/etc/app", '"/etc/app.env"'),))),
    "fifo": ("environment-file-kind", "error", facts(files=(file(kind="fifo", reading=None),))),
    "directory": ("environment-file-kind", "error", facts(files=(file(kind="directory", reading=None),))),
    "device": ("environment-file-kind", "error", facts(files=(file(kind="device", reading=None),))),
    "pattern without a match": ("environment-file-missing", "error", facts(files=(file(path=PATTERN, setting=PATTERN, kind="missing"),))),
    "optional pattern without a match": (
        "environment-file-missing", "info", facts(files=(file(path=PATTERN, setting=PATTERN, kind="missing", optional=True),)),
    ),
    "written into another root": ("sync-in-another-tree", "error", facts(ROOT_SYNC, unit=service(root_directory="/srv/root"))),
    "written into another image": ("sync-in-another-tree", "error", facts(ROOT_SYNC, unit=service(root_image="/srv/root.raw"))),
    "written below a cover": ("sync-in-another-tree", "error", facts(ROOT_SYNC, unit=service(temporary_file_systems=("/run",)))),
    "written into what is bound": (
        "sync-in-another-tree", "error", facts(ROOT_SYNC, unit=service(bind_destinations=("/run/app",), bind_sources=("/srv",))),
    ),
    "covered again": (
        "sync-in-another-tree",
        "error",
        facts(
            ROOT_SYNC, unit=service(temporary_file_systems=("/run/app",), bind_destinations=("/run",), bind_sources=("/run",))
        ),
    ),
    "program in a home": ("sandbox-program", "error", facts(EXEC.replace(program_places=IN_HOME), unit=service(protect_home="tmpfs"))),
    "program hidden": ("sandbox-program", "error", facts(EXEC.replace(program_places=IN_HOME), unit=BARRED)),
    "program below a cover": (
        "sandbox-program", "error", facts(ROOT_SYNC.replace(program_places=IN_HOME), unit=service(temporary_file_systems=("/home",))),
    ),
    "program not to be run": (
        "sandbox-program", "error",
        facts(EXEC.replace(program_places=("/usr/bin/ssmm", *IN_HOME)), unit=service(no_exec_paths=("/",), exec_paths=("/usr",))),
    ),
    "root runs what others may change": (
        "root-program-of-others", "warning", facts(ROOT_SYNC.replace(changeable="/opt/ssmm, which everybody may change")),
    ),
    "NUL": ("environment-file-refused", "error", read(b"A=1\0\n")),
    "not UTF-8": ("environment-file-refused", "error", read(b"A=\xff\n")),
    "dashes": ("environment-file-invalid-name", "error", read(f"A-B={SENTINEL}\n".encode())),
    "export": ("environment-file-invalid-name", "error", read(f"export A={SENTINEL}\n".encode())),
    "mark": ("environment-file-invalid-name", "error", read(f"\ufeffA={SENTINEL}\n".encode())),
    "open quote": ("environment-file-open-quote", "error", read(f"A='{SENTINEL}\nB=2\n".encode())),
    "no equals sign": ("environment-file-lost-line", "warning", read(f"A=1\n{SENTINEL}\n".encode())),
    "too long": ("environment-file-too-long", "error", read(b"A=" + b"x" * 131_070 + b"\n")),
    "loader": ("environment-file-protocol-names", "warning", read(f"LD_PRELOAD={SENTINEL}\n".encode())),
    "readable": ("environment-file-access", "warning", read(b"A=1\n", mode=0o604)),
    "readable by a group": ("environment-file-access", "info", read(b"A=1\n", mode=0o640)),
    "writable": ("environment-file-access", "warning", read(b"A=1\n", mode=0o622)),
    "foreign": ("environment-file-access", "warning", read(b"A=1\n", owner="other", owner_id=1002)),
    "root's, written by the user": ("environment-file-access", "warning", facts(SYNC, files=(file(written=True, optional=True),))),
    "hidden from us": ("environment-file-access", "unknown", facts(files=(file(kind="unreachable", reading=None),))),
    "hidden from its manager": ("environment-file-access", "error", facts(files=(file(kind="unreachable", reading=None),), system=False)),
    "stale": ("stale-env-file", "warning", facts(stale_file=STALE)),
    "stored secret": (
        "secret-in-environment", "error", facts(unit=variables(COLOUR=SENTINEL), store=StoreFacts({"COLOUR": True})),
    ),
    "secret by name": ("secret-in-environment", "warning", facts(unit=variables(API_TOKEN=SENTINEL))),
    "key of AWS": ("secret-in-environment", "warning", facts(unit=variables(AWS_SECRET_ACCESS_KEY=SENTINEL))),
    "unknown name": ("secret-in-environment", "info", facts(unit=variables(COLOUR=SENTINEL))),
    "private network": ("sandbox-network", "error", facts(unit=service(private_network=True))),
    "private network, outside": ("sandbox-network", "error", facts(ROOT_SYNC, unit=service(private_network=True))),
    "only local sockets": ("sandbox-network", "error", facts(unit=service(restrict_address_families=(True, ("AF_UNIX",))))),
    "no sockets": ("sandbox-network", "error", facts(unit=service(restrict_address_families=(True, ())))),
    "not the internet": ("sandbox-network", "error", facts(unit=service(restrict_address_families=(False, ("AF_INET", "AF_INET6"))))),
    "addresses": ("sandbox-addresses", "warning", facts(unit=service(ip_address_deny=True))),
    "addresses, but some": ("sandbox-addresses", "info", facts(unit=service(ip_address_deny=True, ip_address_allow=True))),
    "a file of the SDK without an end": ("sdk-file-kind", "error", facts(aws=IN_FILES.replace(odd=(("~/.aws/config", "is a FIFO"),)))),
    "home": ("sandbox-home", "error", facts(aws=IN_FILES.replace(sections=None), unit=service(protect_home="yes"))),
    "home, not needed": ("sandbox-home", "info", facts(aws=IN_FILES.replace(names=KEYS), unit=service(protect_home="tmpfs"))),
    "credentials' folder": (
        "sandbox-home",
        "error",
        facts(aws=IN_FILES.replace(sections=None), unit=service(inaccessible_paths=("-/home/web/.aws",))),
    ),
    "cover": ("sandbox-home", "error", facts(aws=UNSEEN, unit=service(temporary_file_systems=("/home",)))),
    "another root": ("sandbox-root", "warning", facts(unit=service(root_directory="/srv/root"))),
    "nobody's credentials": ("unit-credentials", "error", facts(aws=NOBODY)),
    "profile without credentials": ("unit-credentials", "error", facts(aws=AwsFacts(frozenset(), profile="empty", sections=PROFILES))),
    "no such profile": ("unit-credentials", "error", facts(aws=AwsFacts(KEYS, profile="nobody", sections=PROFILES))),
    "no such profile of the unit's": (
        "unit-credentials", "error", facts(aws=AwsFacts(frozenset(), profile=SENTINEL, profile_is_told=False, sections=PROFILES)),
    ),
    "unreadable credentials": ("unit-credentials", "error", facts(aws=AwsFacts(frozenset(), hidden=("~/.aws/credentials",)))),
    "home not seen": ("unit-credentials", "unknown", facts(aws=UNSEEN)),
    "an instance": ("unit-credentials", "info", facts(aws=AwsFacts(frozenset(), on_instance=True))),
    "root in a user's home": ("root-with-users-home", "warning", facts(ROOT_SYNC, aws=IN_FILES)),
    "no region": ("unit-region", "error", facts(EXEC.replace(region=""))),
    "region not seen": ("unit-region", "unknown", facts(EXEC.replace(region=""), aws=AwsFacts(KEYS, unseen=True))),
    "failed": ("unit-state", "error", facts(unit=ended(main_exit=(1, 78)))),
    "failed before": ("unit-state", "error", facts(SYNC, unit=ended(**PRE, start_pre_exits=((1, 0), (1, 75))))),
    "killed": ("unit-state", "error", facts(unit=ended(main_exit=(2, 9)))),
    "without its file": ("unit-state", "error", facts(unit=ended(result="resources"))),
    "soon again": ("unit-state", "warning", facts(unit=ended(main_exit=(1, 75), **AGAIN))),
    "in vain again": ("unit-state", "error", facts(unit=ended(main_exit=(1, 77), **AGAIN))),
    "required": ("required", "error", asks(missing=("TOKEN", "URL"))),
    "required, perhaps there": ("required", "unknown", asks(missing=("TOKEN",), unsure=True)),
    "file of names": ("required-file", "error", asks(unread=(("/srv/.env.example", "there is no /srv/.env.example", True),))),
    "file of names unseen": ("required-file", "unknown", asks(unread=(("/srv/.env.example", "cannot read it", False),))),
    "only": ("only", "error", asks(only_missing=("TOKEN",))),
    "refused": ("parameter-refused", "error", asks(refused=(("/myteam/app/ld-preload", "LD_PRELOAD"),))),
    "left out": ("parameter-left-out", "warning", asks(left_out=("/myteam/shared/path is not delivered: it steers",))),
    "left out of what is strict": (
        "parameter-left-out", "error", asks(EXEC.replace(strict=True), left_out=("/myteam/shared/path is not delivered: it steers",)),
    ),
    "conflict": ("parameter-conflict", "error", asks(EXEC.replace(strict=True), clashes=("URL: a is overridden by b",))),
    "unreadable file elsewhere": (
        "unit-credentials", "error", facts(aws=NOBODY.replace(looked=(ELSEWHERE,), hidden=(ELSEWHERE,), shut=("/etc/app",))),
    ),
    "not asked": ("unit-parameters", "warning", facts(store=StoreFacts(problem="no AWS region", hint="Pass --region."))),
}  # fmt: skip
RIGHT = {
    "as it should be": facts(store=StoreFacts({"TOKEN": True})),
    "sync as root": facts(ROOT_SYNC, files=(file(written=True, optional=True, kind="missing", reading=None),)),
    "sync as the user": facts(SYNC, files=(file(written=True, optional=True, owner="web", owner_id=1001),)),
    "a file of secrets": facts(files=(file(b"# none\nTOKEN='x'\n"),)),
    "variables of the unit": facts(EXEC.replace(child=("/opt/app", "${ITS_PATH}", "$$HOME")), unit=variables(ITS_PATH="1")),
    "variables of the manager": facts(EXEC.replace(child=("/opt/app", "$LEVEL")), manager_variables=frozenset({"LEVEL"})),
    "running": facts(unit=service(active_state="active", sub_state="running")),
    "a template": facts(unit=ended()).replace(unit="app@.service"),
    "a contract that is kept": asks(),
    "no expansion": facts(EXEC.replace(child=("/opt/app", "${TOKEN}"), flags=("no-env-expand",)), store=StoreFacts({"TOKEN": True})),
    "no restart code, for sync": facts(ROOT_SYNC, files=(file(written=True, optional=True),), unit=service(restart_prevent_exit_status=())),
    "a user's unit": facts(system=False, unit=service(after=(), wants=())),
    "required network": facts(unit=service(wants=(), requires=ONLINE)),
    "prefix in the unit": facts(EXEC.replace(prefix=""), unit=variables(SSMM_PREFIX_ROOT="/myteam"), home_is_set=False),
    "app by its directory": facts(EXEC.replace(apps=())),
    "no directory": facts(directory_app=""),
    "harmless variables": facts(unit=variables(LANG="C", TZ="UTC", PATH="/bin", DB_HOST="x", PYTHONUNBUFFERED="1", HTTPS_PROXY="x")),
    "root in its own home": facts(
        ROOT_SYNC.replace(home="/root"),
        files=(file(written=True, optional=True),),
        aws=IN_FILES.replace(folder="/root/.aws"),
    ),
    "outside the sandbox": facts(
        ROOT_SYNC.replace(home="/home/web"),
        files=(file(written=True, optional=True),),
        aws=IN_FILES,
        unit=service(restrict_address_families=(True, ("AF_UNIX",)), protect_home="yes"),
    ),
    "the internet allowed": facts(unit=service(restrict_address_families=(True, ("AF_UNIX", "AF_INET6")))),
    "one family denied": facts(unit=service(restrict_address_families=(False, ("AF_INET6",)))),
    "home read-only": facts(aws=IN_FILES, unit=service(protect_home="read-only")),
    "home elsewhere": facts(
        aws=IN_FILES.replace(folder="/srv/web/.aws"),
        unit=service(protect_home="yes"),
    ),
    "container": facts(aws=AwsFacts(frozenset({"AWS_CONTAINER_CREDENTIALS_FULL_URI"}))),
    "web identity": facts(aws=AwsFacts(frozenset({"AWS_WEB_IDENTITY_TOKEN_FILE", "AWS_ROLE_ARN"}))),
    "region by a variable": facts(EXEC.replace(region=""), aws=AwsFacts(KEYS | {"AWS_DEFAULT_REGION"})),
    "region by the profile": facts(EXEC.replace(region=""), aws=IN_FILES),
    "what a pattern matches": facts(files=(file(path="/etc/app/a.env", setting=PATTERN),)),
    "a pattern that matches more than what is written": facts(
        ROOT_SYNC,
        files=(file(setting="/run/app/*", kind="missing", reading=None, written=True), file(path="/run/app/a", setting="/run/app/*")),
    ),
    "nothing to read": facts(files=(file(b"", path="/dev/null", kind="null", mode=0o666),)),
    "escapes": facts(ROOT_SYNC, files=(file(setting="/run/a\\pp/env", written=True, optional=True),)),
    "a folder bound to its own place": facts(
        ROOT_SYNC,
        files=(file(written=True, optional=True),),
        unit=service(temporary_file_systems=("/run",), bind_destinations=("/run/app",), bind_sources=("/run/app",)),
    ),
    "another folder bound": facts(
        ROOT_SYNC, files=(file(written=True, optional=True),), unit=service(bind_destinations=("/run/ap",), bind_sources=("/srv",))
    ),
    "the machine's own root": facts(unit=service(root_directory="/")),
    "a program outside": facts(ROOT_SYNC.replace(program_places=IN_HOME), files=(file(written=True, optional=True),), unit=BARRED),
    "a program that is let in": facts(
        EXEC.replace(program_places=IN_HOME),
        unit=service(
            protect_home="tmpfs", bind_destinations=("/home/web/bin",), bind_sources=("/home/web/bin",), no_exec_paths=("/",),
            exec_paths=("/home/web",),
        ),
    ),
    "a program beside": facts(EXEC.replace(program_places=("/homes/ssmm",)), unit=BARRED.replace(no_exec_paths=("/home",))),
    "its own .env, which systemd reads": facts(stale_file=STALE, files=(file(path=STALE),)),
}  # fmt: skip


@pytest.mark.parametrize(("check", "level", "given"), APPLIES.values(), ids=APPLIES)
def test_a_rule_finds_what_it_is_for(check: str, level: str, given: UnitFacts) -> None:
    (one,) = found(given, check)
    assert one.level == level
    assert one.what
    assert one.why or level in ("info", "unknown")
    assert one.fix or level in ("info", "unknown") or check == "unit-loaded"


@pytest.mark.parametrize("given", RIGHT.values(), ids=RIGHT)
def test_where_nothing_is_wrong_nothing_is_found(given: UnitFacts) -> None:
    assert [one for one in unit_findings(given) if one.level != "ok"] == []


@pytest.mark.parametrize(("check", "level", "given"), APPLIES.values(), ids=APPLIES)
def test_no_finding_repeats_a_value(check: str, level: str, given: UnitFacts) -> None:
    assert SENTINEL not in repr(unit_findings(given))


def test_every_rule_is_tried_where_it_applies_and_where_it_does_not() -> None:
    everything = [given for _, _, given in APPLIES.values()]
    for rule in UNIT_RULES:
        answers = [{one.level for one in rule(given)} - {"ok"} for given in (*everything, *RIGHT.values())]
        assert any(answers), rule.__name__
        assert not all(answers), rule.__name__


@pytest.mark.parametrize("given", [given for _, _, given in APPLIES.values()])
def test_each_finding_has_a_level_an_area_and_a_name_for_programs(given: UnitFacts) -> None:
    for one in unit_findings(given):
        assert one.level in LEVELS
        assert one.area
        assert one.check == one.check.lower().replace(" ", "-")


def test_lines_for_a_unit_name_its_manager() -> None:
    (one,) = found(facts(unit=service(after=())), "network-online")
    assert one.fix == "systemctl edit app.service, with these lines:\n[Unit]\nAfter=network-online.target"
    (one,) = found(facts(SYNC, files=(file(written=True), file(path="/etc/a%b")), system=False), "environment-file-needs-dash")
    assert one.fix.splitlines() == [
        "systemctl --user edit app.service, with these lines:",
        "[Service]",
        "EnvironmentFile=",
        f"EnvironmentFile=-{FILE}",
        "EnvironmentFile=/etc/a%%b",
    ]


@pytest.mark.parametrize(
    ("unit", "what", "why"),
    [
        (ended(main_exit=(1, 75)), "it has failed (Result=exit-code): ExecStart= ended with 75", "may heal by itself"),
        (ended(main_exit=(1, 77)), "ended with 77", "denied"),
        (ended(main_exit=(1, 78)), "ended with 78", "settings or data that cannot be right. No retry heals it."),
        (ended(main_exit=(1, 126)), "ended with 126", "may not be run"),
        (ended(main_exit=(1, 127)), "ended with 127", "is not there"),
        (ended(main_exit=(1, 203)), "ended with 203/EXEC", "the program is not there"),
        (ended(main_exit=(1, 217)), "ended with 217/USER", "there is no such user"),
        (ended(main_exit=(1, 3)), "ended with 3", "Its log says why."),
        (ended(main_exit=(2, 9), result="signal"), "ExecStart= was ended by SIGKILL", "Its log"),
        (ended(main_exit=(3, 64), result="core-dump"), "was ended by SIGRTMAX", "Its log"),
        (ended(main_exit=(3, 99), result="core-dump"), "was ended by signal 99", "Its log"),
        (ended(result="resources"), "(Result=resources): what it needs was not there", "Its log"),
        (ended(main_exit=(1, 77), result="start-limit-hit"), "ended with 77", "It was started too often within too short a time. To ssmm"),
        (ended(**PRE, start_pre_exits=((1, 78), (0, 0)), main_exit=(1, 3)), "ExecStartPre= ended with 78", "Its log"),
    ],
)
def test_how_a_unit_ended_is_told_in_words(unit: Service, what: str, why: str) -> None:
    one = state(unit)
    assert what in one.what
    assert why in one.why
    assert one.fix == "journalctl -u app.service -n 20"


def test_what_an_ignored_command_ended_with_does_not_count() -> None:
    ignored = (ExecCommand("/bin/false", ("false",), ("ignore-failure",)),)
    assert "ExecStart= ended with 77" in state(ended(exec_start_pre=ignored, start_pre_exits=((1, 78),), main_exit=(1, 77))).what


@pytest.mark.parametrize("given", [given for _, _, given in APPLIES.values()])
def test_no_fix_has_what_a_shell_takes_for_a_redirection(given: UnitFacts) -> None:
    assert [one.fix for one in unit_findings(given) if "<" in one.fix] == []


def test_a_file_elsewhere_is_opened_to_the_group_of_its_user_and_its_directory_with_it() -> None:
    closed = NOBODY.replace(looked=(ELSEWHERE,), hidden=(ELSEWHERE,), shut=("/etc/app",))
    runner = Runner("web", 1001, "/home/web", group="web")
    (one,) = found(facts(aws=closed, runner=runner), "unit-credentials")
    assert one.fix.splitlines() == [
        "sudo chgrp web /etc/app && sudo chmod g+x /etc/app",
        "sudo chgrp web '/etc/app/aws config' && sudo chmod 640 '/etc/app/aws config'",
    ]
    (one,) = found(facts(aws=closed, runner=Runner("app", -1, "", dynamic=True)), "unit-credentials")
    assert one.fix.splitlines()[2:] == [f"LoadCredential=aws:{ELSEWHERE}", "Environment=AWS_CONFIG_FILE=%d/aws"]


def test_a_program_is_installed_where_its_user_may_run_it_and_the_command_says_apply() -> None:
    (one,) = found(facts(EXEC.replace(program_runs=False)), "program-runs")
    assert one.fix.splitlines()[1] == "ssmm migrate-to-exec --unit app.service --system --app app --ssmm-bin /path/to/ssmm --apply"


@pytest.mark.parametrize(
    ("layers", "said"),
    [
        ((("app app", 2), ("shared", 1)), "3 variables for it, 2 of app app and 1 of shared, asked"),
        ((("app app", 0), ("shared", 2)), "2 variables for it, all of shared, asked"),
        ((("app app", 1), ("shared", 0)), "1 variable for it, all of app app, asked"),
    ],
)
def test_whose_the_variables_are_is_told(layers: tuple[tuple[str, int], ...], said: str) -> None:
    given = facts(store=StoreFacts({"TOKEN": True}, layers=layers))
    (one,) = [one for one in unit_findings(given) if one.check == "unit-parameters"]
    assert said in one.what


def test_lines_of_a_file_are_told_by_their_numbers() -> None:
    (one,) = found(read(b"A=1\n\nb-c=2\nD=3\nexport E=4\n"), "environment-file-invalid-name")
    assert "lines 3, 5 have" in one.what
    (one,) = found(read(b"\xef\xbb\xbfA=1\n"), "environment-file-invalid-name")
    assert "line 1 has" in one.what
    assert "byte order mark" in one.what


@pytest.mark.parametrize("kind", ["device", "socket", "fifo", "directory"])
def test_nothing_is_to_be_removed_that_others_live_by(kind: Any) -> None:
    (one,) = found(facts(files=(file(path="/dev/initctl", kind=kind, reading=None),)), "environment-file-kind")
    assert "rm " not in one.fix
    (one,) = found(facts(files=(file(kind=kind, reading=None),)), "environment-file-kind")
    assert ("rm " in one.fix) is (kind == "fifo")


def test_what_else_a_sandbox_hides_stays_hidden() -> None:
    unit = service(
        inaccessible_paths=("-/srv/a b%", "/home/web", "+/boot"),
        temporary_file_systems=("/var:x", "/home"),
        temporary_file_system_options=("ro,mode=755", ""),
    )
    fixes = [one.fix.splitlines()[2:] for one in found(facts(aws=UNSEEN, unit=unit), "sandbox-home")]
    assert fixes == [
        ["InaccessiblePaths=", 'InaccessiblePaths="-/srv/a b%%" "+/boot"'],
        ["TemporaryFileSystem=", 'TemporaryFileSystem="/var\\\\:x:ro,mode=755"'],
    ]


def test_addresses_are_added_to_those_that_are_allowed() -> None:
    (one,) = found(facts(unit=service(ip_address_deny=True)), "sandbox-addresses")
    assert one.fix.splitlines()[2:] == ["IPAddressAllow=ENDPOINT RESOLVER 169.254.169.254"]


@pytest.mark.parametrize("setting", ["root_directory", "root_image"])
def test_no_advice_is_a_switch_that_would_be_refused(setting: str) -> None:
    unit = service(**{setting: "/srv/root"}, restrict_address_families=(True, ("AF_UNIX",)))
    given = unit_findings(facts(unit=unit))
    assert {one.check for one in given} >= {"sandbox-root", "sandbox-network"}
    assert [one.fix for one in given if "migrate-to-sync" in one.fix] == []


def test_a_file_that_is_not_read_is_named_as_the_unit_needs_it() -> None:
    (one,) = found(facts(SYNC.replace(out="/run/a[1] %/env")), "environment-file-not-read")
    assert one.fix.splitlines()[2:] == [r"EnvironmentFile=-/run/a\[1] %%/env"]
