"""Rules about rights on AWS: what the harmless calls told, and what only a write would tell."""

from __future__ import annotations

from ssmm_core.doctor.finding import Finding
from ssmm_core.doctor.permissions import PERMISSIONS

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator
    from typing import Final

    from ssmm_core.doctor.account_facts import AccountFacts, Probe
    from ssmm_core.doctor.finding import Level
    from ssmm_core.doctor.permissions import Permission

READS: Final = "Permissions to read"
WRITES: Final = "Permissions to write (not probed: only a write would tell)"


def permissions(facts: AccountFacts) -> Iterator[Finding]:
    if not facts.probes:
        yield Finding("unknown", READS, "permissions", f"permissions not probed, because {facts.because}")
    nobody = facts.identity.source is None
    if nobody and not facts.apps:
        count = sum(one.writes for one in PERMISSIONS)
        yield Finding("unknown", WRITES, "permissions-to-write", f"{count} permissions to write not looked at, because {facts.because}")
    for permission in PERMISSIONS:
        if facts.apps and not permission.delivers:
            continue
        if permission.writes and nobody:
            continue
        if permission.writes:
            yield Finding("unknown", WRITES, _check(permission), f"{permission.action}: {permission.use}", "", _simulation(facts))
        elif facts.probes:
            yield _read(permission, facts.probes.get(permission.action), facts)


def _read(permission: Permission, probe: Probe | None, facts: AccountFacts) -> Finding:
    check = _check(permission)
    if probe is None:
        return Finding("unknown", READS, check, f"{permission.action}: not probed, because {facts.because}", permission.use)
    if probe.outcome == "allowed":
        return Finding("ok", READS, check, f"{permission.action} on {probe.place}")
    if probe.problem is None:
        return Finding("unknown", READS, check, f"{permission.action}: {probe.reason}", permission.use)
    level: Level = "error" if permission.delivers else "warning" if permission.needed else "info"
    hint = probe.problem.hint
    if permission.action == "ssm:GetParametersByPath":
        hint += "\nA service whose variables are named needs ssm:GetParameters instead: ssmm exec --only NAME…"
        if probe.place == facts.configured.prefix:
            hint += "\nA role that may read one app alone is looked at by: ssmm doctor --app APP"
    said = "denied" if probe.outcome == "denied" else probe.problem.message
    return Finding(level, READS, check, f"{permission.action} on {probe.place}: {said}", permission.use, hint)


def _check(permission: Permission) -> str:
    return f"permission-{permission.action.replace(':', '-').lower()}"


def _simulation(facts: AccountFacts) -> str:
    """The command that tells what a policy grants, without doing it."""
    source = _principal(facts.identity.account.identity) if facts.identity.account else "ARN"
    actions = " ".join(one.action for one in PERMISSIONS if one.writes)
    return f"aws iam simulate-principal-policy --policy-source-arn {source} --action-names {actions}"


def _principal(arn: str) -> str:
    """Whose policy counts, as IAM names it: of an assumed role's session, the role. A path that the role may have is not in it."""
    head, _, session = arn.partition(":assumed-role/")
    principal = f"{head}:role/{session.partition('/')[0]}" if session else arn
    return principal.replace(":sts:", ":iam:", 1)
