"""What an installation lacks to reach Parameter Store: pure rules over the facts, one function a rule."""

from __future__ import annotations

from ssmm_core.doctor.finding import Finding
from ssmm_core.doctor.permission_rules import permissions
from ssmm_core.errors import CredentialsMissing, CredentialsRejected

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping
    from typing import Final

    from ssmm_core.doctor.account_facts import AccountFacts

    Rule = Callable[[AccountFacts], Iterator[Finding]]

SKEW_REFUSED: Final = 300
"""Seconds by which AWS lets a request's time differ (Signature Version 4)."""
SKEW_NOTED: Final = 60

_SOURCES: Final[Mapping[str, str]] = {
    "env": "the environment (AWS_ACCESS_KEY_ID)",
    "shared-credentials-file": "~/.aws/credentials",
    "config-file": "~/.aws/config",
    "assume-role": "a role that the profile assumes",
    "assume-role-with-web-identity": "a role assumed with a web identity token",
    "sso": "IAM Identity Center (SSO)",
    "login": "aws login",
    "custom-process": "the profile's credential_process",
    "container-role": "the container's credential endpoint",
    "iam-role": "the instance's role",
    "demo": "the demonstration",
}
"""botocore's names of where credentials come from, in words."""


def versions(facts: AccountFacts) -> Iterator[Finding]:
    names = {"ssmm": "ssmm", "python": "Python", "boto3": "boto3", "botocore": "botocore", "systemd": "systemd"}
    said = [f"{title} {version}" for name, title in names.items() if (version := getattr(facts.installed, name))]
    yield Finding("ok", "Installation", "versions", ", ".join(said))
    if not facts.installed.systemd:
        yield Finding(
            "info", "Installation", "systemd", "systemd is not here", "Units cannot be looked at or switched. Everything else works."
        )


def configuration(facts: AccountFacts) -> Iterator[Finding]:
    area, check = "Settings", "configuration-file"
    told = facts.configured
    if told.problem is not None:
        yield Finding("error", area, "settings", told.problem.message, "No command that needs a prefix starts.", told.problem.hint)
    elif not told.file:
        yield Finding("info", area, check, "no configuration file: neither XDG_CONFIG_HOME nor HOME is set", "None is needed.")
    elif told.file_exists:
        yield Finding("ok", area, check, f"{told.file} can be read")
    else:
        yield Finding("ok", area, check, f"{told.file} does not exist; none is needed")


def prefix(facts: AccountFacts) -> Iterator[Finding]:
    told = facts.configured
    if told.prefix:
        yield Finding("ok", "Settings", "prefix", f"prefix {told.prefix}, from {told.prefix_from}")
    elif told.problem is None:
        yield Finding(
            "error",
            "Settings",
            "prefix",
            "no prefix is configured",
            "Every command but demo and completion looks below it.",
            "export SSMM_PREFIX_ROOT=/TEAM",
        )


def region(facts: AccountFacts) -> Iterator[Finding]:
    told = facts.endpoint
    if told.region and not told.region_is_known:
        near = told.region_near
        by_variable = told.region_from.startswith("AWS_")
        meant = f"Did you mean {near}? " if near else ""
        yield Finding(
            "warning",
            "Endpoint",
            "region",
            f"region {told.region}, from {told.region_from}, is none that this SDK knows",
            "Where there is no such region, nobody answers. One that is newer than the SDK works all the same.",
            f"export {told.region_from}={near}  # is that the one?" if near and by_variable else f"{meant}Change it in {told.region_from}.",
        )
    elif told.region:
        yield Finding("ok", "Endpoint", "region", f"region {told.region}, from {told.region_from}")
    elif facts.identity.profile_problem is not None:
        yield Finding("unknown", "Endpoint", "region", f"region not known, because {facts.because}")
    else:
        yield Finding("error", "Endpoint", "region", "no region is configured", "AWS cannot be called.", "export AWS_REGION=REGION")


def credentials(facts: AccountFacts) -> Iterator[Finding]:
    area, check = "Credentials", "credentials"
    who = facts.identity
    as_profile = f" (profile {who.profile})" if who.profile and not (who.source and who.source.method == "env") else ""
    if who.source is not None:
        ending = f", key …{who.source.key_ending}" if who.source.key_ending else ""
        yield Finding("ok", area, check, f"credentials from {_SOURCES.get(who.source.method, who.source.method)}{as_profile}{ending}")
    elif (problem := who.profile_problem or who.source_problem) is not None:
        looked = f" Looked through: {'; '.join(who.looked)}." if isinstance(problem, CredentialsMissing) and who.looked else ""
        may_log_in = isinstance(problem, CredentialsRejected)  # another profile is no answer to a session that is over
        others = [name for name in who.profiles if name != who.profile and not may_log_in]
        fix = f"export AWS_PROFILE={others[0]}  # there are the profiles {', '.join(others)}" if others else problem.hint
        yield Finding("error", area, check, problem.message, f"AWS cannot be called.{looked}", fix)
    if who.profile_is_shadowed:
        yield Finding(
            "warning",
            area,
            "profile-shadowed",
            f"AWS_PROFILE names {who.profile}, but AWS_ACCESS_KEY_ID is set too, and wins",
            "Commands run as somebody else than the profile.",
            "unset AWS_ACCESS_KEY_ID AWS_SECRET_ACCESS_KEY AWS_SESSION_TOKEN",
        )


def identity(facts: AccountFacts) -> Iterator[Finding]:
    area, check = "Credentials", "identity"
    who = facts.identity
    if who.account is not None:
        alias = f" ({who.account.alias})" if who.account.alias else ""
        yield Finding("ok", area, check, f"identity {who.account.identity} in account {who.account.id}{alias}")
    elif who.account_problem is None:
        yield Finding("unknown", area, check, f"identity not asked, because {facts.because}")
    elif isinstance(who.account_problem, CredentialsRejected):
        yield Finding("error", area, check, who.account_problem.message, "AWS answers no call.", who.account_problem.hint)
    else:
        where = f" at {who.asked}" if who.asked else ""
        yield Finding(
            "unknown",
            area,
            check,
            f"STS could not be asked{where}: {who.account_problem.message}",
            "Only this and the terminal UI ask it; delivery does not.",
            who.account_problem.hint,
        )


def endpoint(facts: AccountFacts) -> Iterator[Finding]:
    area, check = "Endpoint", "endpoint"
    told = facts.endpoint
    where = f"{told.url}, from {told.url_from}" if told.url else ""
    if told.problem is not None:
        if isinstance(told.problem, CredentialsRejected | CredentialsMissing):
            yield Finding("error", "Credentials", "credentials-accepted", told.problem.message, "AWS answers no call.", told.problem.hint)
        else:
            yield Finding(
                "error", area, check, told.problem.message, f"No command gets an answer. Asked: {where or 'nobody'}.", told.problem.hint
            )
    elif where:
        yield Finding("ok", area, check, f"endpoint {where}")
    else:
        yield Finding("unknown", area, check, f"endpoint not known, because {facts.because}")
    if told.url.startswith("http://") and not _is_loopback(told.url):
        yield Finding(
            "warning",
            area,
            "endpoint-in-clear",
            f"{told.url} is asked without TLS",
            "Whoever is on the way reads values and credentials' signatures.",
            "Give it as https://…",
        )


def proxy(facts: AccountFacts) -> Iterator[Finding]:
    told = facts.endpoint
    if told.proxy:
        yield Finding("info", "Endpoint", "proxy", f"requests go through {told.proxy}, from {told.proxy_from}")
    if told.metadata_through_proxy and (facts.identity.source is None or facts.identity.source.method == "iam-role"):
        yield Finding(
            "warning",
            "Endpoint",
            "proxy-and-instance-role",
            "the instance's metadata would be asked through the proxy",
            "A proxy does not reach it, so the instance's role gives no credentials.",
            'export NO_PROXY="${NO_PROXY:+$NO_PROXY,}169.254.169.254"',
        )


def ca_bundle(facts: AccountFacts) -> Iterator[Finding]:
    told = facts.endpoint
    if not told.ca_bundle:
        return
    if told.ca_bundle_readable:
        yield Finding("info", "Endpoint", "ca-bundle", f"certificates are checked against {told.ca_bundle}, from {told.ca_bundle_from}")
    else:
        yield Finding(
            "error",
            "Endpoint",
            "ca-bundle",
            f"{told.ca_bundle}, from {told.ca_bundle_from}, cannot be read",
            "TLS fails with every endpoint.",
            f"unset {told.ca_bundle_from}" if told.ca_bundle_from.isupper() else "Take ca_bundle out of the profile, or name a PEM file.",
        )


def clock(facts: AccountFacts) -> Iterator[Finding]:
    area, check = "Endpoint", "clock"
    ahead = facts.endpoint.clock_ahead
    if ahead is None:
        yield Finding("unknown", area, check, f"clock not compared, because {facts.because}")
        return
    seconds = round(abs(ahead))
    if seconds <= SKEW_NOTED:
        yield Finding("ok", area, check, f"clock as the service's, within {max(seconds, 1)} s")
        return
    yield Finding(
        "error" if seconds > SKEW_REFUSED else "warning",
        area,
        check,
        f"this machine's clock is {seconds} s {'ahead of' if ahead > 0 else 'behind'} the service's",
        f"AWS refuses requests that are more than {SKEW_REFUSED} s off.",
        "timedatectl set-ntp true",
    )


def places(facts: AccountFacts) -> Iterator[Finding]:
    for place in facts.places:
        what = place.app or "the prefix"
        if place.seen:
            more = "at least " if place.more else ""
            yield Finding("ok", "Parameters", "parameters", f"{place.path} holds {more}{place.seen}")
        elif place.app == "shared":
            yield Finding("info", "Parameters", "parameters", f"{place.path} holds none", "That is no error: it is shared with every app.")
        else:
            yield Finding(
                "error" if place.app else "warning",
                "Parameters",
                "parameters",
                f"{place.path} holds no parameter",
                "sync and exec refuse an app without any." if place.app else "The prefix, the region or the account may be another one.",
                "ssmm dirs" if place.app else f"ssmm put --env .env --dry-run  # stores {what}'s first, without --dry-run",
            )


ACCOUNT_RULES: Final[tuple[Rule, ...]] = (
    versions, configuration, prefix, credentials, identity, region, endpoint, proxy, ca_bundle, clock, places, permissions,
)  # fmt: skip


def account_findings(facts: AccountFacts) -> tuple[Finding, ...]:
    """What all rules find."""
    return tuple(finding for rule in ACCOUNT_RULES for finding in rule(facts))


def _is_loopback(url: str) -> bool:
    host = url.partition("//")[2].partition("/")[0]
    return host.startswith(("127.", "localhost", "[::1]"))
