"""Rules about a unit's way to AWS: whose credentials, which region, and what its sandbox takes away."""

from __future__ import annotations

import shlex
from itertools import zip_longest

from ssmm_core.doctor.finding import Finding
from ssmm_core.systemd.quoting import word
from ssmm_core.systemd.tree import covers, has_own_root

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator
    from typing import Final

    from ssmm_core.doctor.unit_facts import AwsFacts, SsmmCommand, UnitFacts

AREA: Final = "AWS as this unit"
_INTERNET: Final = frozenset({"AF_INET", "AF_INET6"})
_CONTAINER: Final = frozenset({"AWS_CONTAINER_CREDENTIALS_FULL_URI", "AWS_CONTAINER_CREDENTIALS_RELATIVE_URI"})
_OUTSIDE: Final = "its ExecStartPre=+ runs outside"
_HOMES: Final = ("/home/", "/root", "/run/user/")
"""What ProtectHome= is about (systemd.exec(5))."""
_SOURCES: Final = frozenset(
    {"aws_access_key_id", "role_arn", "sso_session", "sso_start_url", "credential_process", "web_identity_token_file", "login_session"}
)
"""Keys of a profile that give credentials."""


def network(facts: UnitFacts) -> Iterator[Finding]:
    """`+` frees a command of system call filters, and so of RestrictAddressFamilies=, but not of PrivateNetwork= (measured on systemd 252)
    nor of IPAddressDeny=, which is the control group's."""
    service = facts.service
    if service is None:
        return
    for command in facts.commands:
        if service.private_network:
            yield Finding(
                "error",
                AREA,
                "sandbox-network",
                f"PrivateNetwork=yes leaves ssmm {command.mode} no network, also where + stands before it",
                "AWS cannot be reached: ssmm exits with 75.",
                facts.edit("[Service]", "PrivateNetwork=no", "RestrictAddressFamilies=AF_UNIX AF_INET AF_INET6"),
            )
        allowed, families = service.restrict_address_families
        shut = not _INTERNET & set(families) if allowed else set(families) >= _INTERNET
        if shut and not command.outside:
            yield Finding(
                "error",
                AREA,
                "sandbox-network",
                f"RestrictAddressFamilies= lets ssmm {command.mode} open no connection: neither AF_INET nor AF_INET6",
                "AWS cannot be reached: ssmm exits with 75.",
                facts.edit("[Service]", "RestrictAddressFamilies=AF_INET AF_INET6")
                + ("" if has_own_root(service) else f"\nor: {facts.to_sync(_OUTSIDE)}"),
            )
        if service.ip_address_deny:
            others = "all but IPAddressAllow=" if service.ip_address_allow else "addresses"
            yield Finding(
                "info" if service.ip_address_allow else "warning",
                AREA,
                "sandbox-addresses",
                f"IPAddressDeny= cuts {others} off, and counts for every command of the unit",
                "AWS's endpoint, the resolver and the instance's metadata (169.254.169.254) must be among IPAddressAllow=.",
                facts.edit("[Service]", "IPAddressAllow=ENDPOINT RESOLVER 169.254.169.254"),
            )


def files_hidden(facts: UnitFacts) -> Iterator[Finding]:
    service = facts.service
    if service is None:
        return
    for command, aws in zip(facts.commands, facts.aws, strict=True):
        if command.outside:
            continue
        needs_files = not _has_other_source(aws)
        shut = service.protect_home in ("yes", "tmpfs") and aws.folder.startswith(_HOMES)
        hides: dict[str, tuple[str, ...]] = {f"ProtectHome={service.protect_home}": ("ProtectHome=read-only",)} if shut else {}
        if any(covers(path, aws.folder) for path in service.inaccessible_paths):
            left = (path for path in service.inaccessible_paths if not covers(path, aws.folder))
            hides["InaccessiblePaths="] = _list("InaccessiblePaths", left)
        if any(covers(path, aws.folder) for path in service.temporary_file_systems):
            mounts = zip_longest(service.temporary_file_systems, service.temporary_file_system_options, fillvalue="")
            mounted = (_mount(path, options) for path, options in mounts if not covers(path, aws.folder))
            hides["TemporaryFileSystem="] = _list("TemporaryFileSystem", mounted)
        for setting, lines in hides.items():
            if not (aws.files or aws.hidden or aws.unseen):
                continue
            yield Finding(
                "error" if needs_files else "info",
                AREA,
                "sandbox-home",
                f"{setting} hides ~/.aws of {facts.runner.name} from ssmm {command.mode}",
                "Profiles and credentials in it are not found." if needs_files else "Nothing in it is needed, as it seems.",
                facts.edit("[Service]", *lines),
            )
        if has_own_root(service) and command.mode == "exec":
            yield Finding(
                "warning",
                AREA,
                "sandbox-root",
                f"RootDirectory= or RootImage= gives ssmm {command.mode} another file system",
                "ssmm, its Python, certificates and ~/.aws have to be inside it.",
                "Put them there, or bind them with BindReadOnlyPaths=.",
            )


def credentials(facts: UnitFacts) -> Iterator[Finding]:
    check = "unit-credentials"
    for command, aws in zip(facts.commands, facts.aws, strict=True):
        who = _who(facts, command)
        for path, what in aws.odd:
            yield Finding(
                "error",
                AREA,
                "sdk-file-kind",
                f"{_of(path, facts)} {what}",
                "ssmm reads it at each start, and would wait, or read, without an end.",
                f"Put a regular file there, of {facts.runner.name}'s own profiles.",
            )
        if aws.odd:
            continue
        for path in aws.hidden:
            yield Finding(
                "info" if _has_other_source(aws) else "error",
                AREA,
                check,
                f"{_of(path, facts)} may not be read by {who}",
                "ssmm runs as that user, and finds no credentials there.",
                _readable(path, facts, aws),
            )
        if source := _source(aws):
            yield Finding("ok", AREA, check, f"ssmm {command.mode} runs as {who}, with credentials from {source}")
        elif aws.unseen:
            yield Finding(
                "unknown",
                AREA,
                check,
                f"whether {who} has credentials in ~/.aws cannot be seen",
                "Its home is closed to whoever runs this.",
                f"sudo ssmm doctor{facts.scope} {facts.unit}",
            )
        elif aws.profile and aws.sections is not None and aws.profile not in aws.sections and not aws.hidden:
            yield Finding(
                "error",
                AREA,
                check,
                f"{aws.title} is not in {' or '.join(_of(path, facts) for path in aws.looked) or '~/.aws, for there is no home'}",
                "ssmm exits with 78.",
                _profile_lines(facts, aws),
            )
        elif aws.on_instance:
            yield Finding(
                "info",
                AREA,
                check,
                f"ssmm {command.mode} runs as {who}; nothing but the instance's role can give it credentials",
                "Whether it has one: see ssmm doctor.",
            )
        elif not aws.hidden:
            yield Finding(
                "error",
                AREA,
                check,
                f"ssmm {command.mode} runs as {who}, for whom no credentials were found: no AWS_… variable, no profile in ~/.aws",
                "ssmm exits with 75.",
                facts.edit("[Service]", "Environment=AWS_PROFILE=PROFILE", f"Environment=AWS_CONFIG_FILE=/etc/{facts.app}/aws-config"),
            )


def users_home(facts: UnitFacts) -> Iterator[Finding]:
    """`+` makes root of the user, but HOME stays the user's (measured on systemd 252)."""
    for command, aws in zip(facts.commands, facts.aws, strict=True):
        own = facts.service is not None and "HOME" in facts.service.environment
        if not (facts.system and command.as_root and facts.runner.id and not command.home and not own) or _has_other_source(aws):
            continue
        yield Finding(
            "warning",
            AREA,
            "root-with-users-home",
            f"ssmm {command.mode} runs as root, but takes ~/.aws of {facts.runner.name}, where systemd leaves HOME",
            f"What {facts.runner.name} writes there as credential_process is run by root.",
            facts.to_sync("it sets HOME to root's"),
        )


def region(facts: UnitFacts) -> Iterator[Finding]:
    for command, aws in zip(facts.commands, facts.aws, strict=True):
        in_profile = aws.sections is not None and "region" in aws.sections.get(aws.profile or "default", ())
        if command.region or {"AWS_REGION", "AWS_DEFAULT_REGION"} & aws.names or in_profile:
            yield Finding("ok", AREA, "unit-region", f"ssmm {command.mode} is told a region")
        elif aws.unseen or (aws.sections is None and aws.files):
            yield Finding(
                "unknown",
                AREA,
                "unit-region",
                "whether a profile names a region cannot be seen",
                "",
                f"sudo ssmm doctor{facts.scope} {facts.unit}",
            )
        else:
            yield Finding(
                "error",
                AREA,
                "unit-region",
                f"ssmm {command.mode} is told no region: neither --region, AWS_REGION nor the profile names one",
                "ssmm exits with 78, also where the instance's role gives credentials.",
                facts.edit("[Service]", "Environment=AWS_REGION=REGION"),
            )


def parameters(facts: UnitFacts) -> Iterator[Finding]:
    store = facts.store
    if store is None or not facts.commands:
        return
    if store.problem:
        yield Finding(
            "warning",
            AREA,
            "unit-parameters",
            f"which parameters it gets could not be asked: {store.problem}",
            "It was asked as whoever runs this, not as the unit. What the unit requires could not be compared with what there is.",
            store.hint or f"ssmm doctor{facts.scope} {facts.unit}  # again, a little later",
        )
    elif store.variables:
        each = [f"{number} of {layer}" for layer, number in store.layers if number]
        where = f", {_sum(each)}," if len(each) > 1 else f", all {each[0].partition(' ')[2]}," if each else ""
        number = sum(number for _, number in store.layers)
        yield Finding(
            "ok",
            AREA,
            "unit-parameters",
            f"Parameter Store has {number} variable{'' if number == 1 else 's'} for it{where} asked as whoever runs this",
        )


RULES: Final[tuple[Callable[[UnitFacts], Iterator[Finding]], ...]] = (network, files_hidden, credentials, users_home, region, parameters)


def _who(facts: UnitFacts, command: SsmmCommand) -> str:
    return "root" if facts.system and command.as_root else facts.runner.name


def _of(path: str, facts: UnitFacts) -> str:
    """A file of the SDK's as a person finds it. A home that the unit itself sets is not told."""
    return f"{path} of {facts.runner.name}" if path.startswith("~") else path


def _readable(path: str, facts: UnitFacts, aws: AwsFacts) -> str:
    """The fix for a file that the unit's user may not read: below its home it should be its own, elsewhere it may be others' too."""
    runner = facts.runner
    if path.startswith("~"):
        whose = f"sudo chown -R {runner.name} {shlex.quote(aws.folder)}"
        return whose if aws.home_is_own else f"Give .aws, in the home that the unit sets, to {runner.name}, with all that is in it."
    if not runner.group:
        return facts.edit("[Service]", f"LoadCredential=aws:{path.replace('%', '%%')}", f"Environment={_variable(path, aws)}=%d/aws")
    passes = (f"sudo chgrp {runner.group} {shlex.quote(one)} && sudo chmod g+x {shlex.quote(one)}" for one in aws.shut)
    return "\n".join((*passes, f"sudo chgrp {runner.group} {shlex.quote(path)} && sudo chmod 640 {shlex.quote(path)}"))


def _variable(path: str, aws: AwsFacts) -> str:
    return "AWS_CONFIG_FILE" if path == aws.looked[-1] else "AWS_SHARED_CREDENTIALS_FILE"


def _profile_lines(facts: UnitFacts, aws: AwsFacts) -> str:
    """The fix that is a profile, with made-up keys. The name of one that the unit sets as a value is not told."""
    name = aws.profile if aws.profile_is_told else "PROFILE"
    if not aws.looked:
        return facts.edit("[Service]", f"Environment=AWS_CONFIG_FILE=/etc/{facts.app}/aws-config")
    return "\n".join(
        (
            f"Put these lines into {_of(aws.looked[-1], facts)}, with keys of yours:",
            f"[profile {name}]" if name != "default" else "[default]",
            "aws_access_key_id = KEY-ID",
            "aws_secret_access_key = SECRET-KEY",
            "region = REGION",
        )
    )


def _sum(parts: list[str]) -> str:
    return " and ".join(filter(None, (", ".join(parts[:-1]), parts[-1])))


def _has_other_source(aws: AwsFacts) -> bool:
    """Whether ~/.aws is not needed."""
    return bool(_variables(aws)) or (aws.on_instance and not aws.profile)


def _variables(aws: AwsFacts) -> str:
    if {"AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"} <= aws.names and not aws.profile:
        return "AWS_ACCESS_KEY_ID in its environment"
    if {"AWS_WEB_IDENTITY_TOKEN_FILE", "AWS_ROLE_ARN"} <= aws.names:
        return "a web identity token"
    return "its container" if _CONTAINER & aws.names else ""


def _source(aws: AwsFacts) -> str:
    """Where it will find credentials, as far as can be told without being it."""
    if found := _variables(aws):
        return found
    profile = aws.profile or "default"
    if not aws.profile and "AWS_PROFILE" in aws.names and aws.files:
        return f"{aws.title} in {' and '.join(aws.files)}"  # by an environment file, whose values are not kept
    if aws.sections is not None and _SOURCES & aws.sections.get(profile, frozenset()):
        return f"{aws.title} in {' and '.join(aws.files)}"
    return ""


def _list(setting: str, left: Iterable[str]) -> tuple[str, ...]:
    """The lines that begin a list anew, with what is left of it."""
    words = " ".join(word(one, expands=False) for one in left)
    return (f"{setting}=", *((f"{setting}={words}",) if words else ()))


def _mount(path: str, options: str) -> str:
    whole = path.replace("\\", "\\\\").replace(":", "\\:")
    return f"{whole}:{options}" if options else whole
