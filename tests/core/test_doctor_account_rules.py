"""Each rule about an installation and its account, where it applies and where it does not: facts in, findings out."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from ssmm_core.doctor.account import ACCOUNT_RULES, account_findings
from ssmm_core.doctor.account_facts import AccountFacts, Configured, Endpoint, Identity, Installed, Place, Probe
from ssmm_core.doctor.finding import Finding, arranged, counts
from ssmm_core.doctor.look_at_account import proxy_of
from ssmm_core.doctor.permissions import PERMISSIONS
from ssmm_core.errors import AccessDenied, CredentialsMissing, CredentialsRejected, KeyUnavailable, SettingsError, Unreachable
from ssmm_core.models import Account, CredentialSource

README = Path(__file__).parent.parent.parent / "README.md"
BUNDLE = "/etc/ca.pem"
PROBES = {one.action: Probe(one.action, "allowed", "/myteam") for one in PERMISSIONS if not one.writes}
DENIED = AccessDenied("not allowed", action="ssm:GetParametersByPath", resource="*", hint="An IAM statement that allows it: …")
CONFIGURED = Configured("/home/a/.config/ssmm/config.toml", True, "/myteam", "--prefix")
IDENTITY = Identity(source=CredentialSource("env", "WXYZ"), account=Account("123456789012", "ours", "arn:aws:iam::123456789012:user/a"))
ENDPOINT = Endpoint("eu-central-1", "--region", "https://ssm.eu-central-1.amazonaws.com", "the region", clock_ahead=0.4)
GOOD = AccountFacts(
    installed=Installed("1.0", "3.11.7", "1.40", "1.40", "252"),
    configured=CONFIGURED,
    identity=IDENTITY,
    endpoint=ENDPOINT,
    probes=PROBES,
    places=(Place("/myteam", seen=3),),
)
MISSING = CredentialsMissing("no AWS credentials found", hint="Set AWS_PROFILE.")


def who(**changes: object) -> AccountFacts:
    return GOOD.replace(identity=IDENTITY.replace(**changes))


def where(**changes: object) -> AccountFacts:
    return GOOD.replace(endpoint=ENDPOINT.replace(**changes))


def told(**changes: object) -> AccountFacts:
    return GOOD.replace(configured=CONFIGURED.replace(**changes))


def denied(action: str) -> AccountFacts:
    return probed(Probe(action, "denied", "/myteam", DENIED))


def probed(probe: Probe) -> AccountFacts:
    return GOOD.replace(probes={**PROBES, probe.action: probe})


def left_out(action: str) -> AccountFacts:
    return GOOD.replace(probes={name: one for name, one in PROBES.items() if name != action})


BLOCKED = where(problem=Unreachable("cannot reach Parameter Store"), clock_ahead=None).replace(
    blocked=Unreachable("cannot reach Parameter Store"), probes={}, places=()
)
APPLIES = {
    "no systemd": ("systemd", "info", GOOD.replace(installed=Installed("1.0", "3.11"))),
    "broken settings": ("settings", "error", told(problem=SettingsError("it is not valid TOML", hint="Mend it."), prefix="")),
    "no home": ("configuration-file", "info", told(file="", file_exists=False)),
    "no prefix": ("prefix", "error", told(prefix="")),
    "no credentials": ("credentials", "error", who(source=None, source_problem=MISSING, looked=("AWS_ACCESS_KEY_ID (not set)",))),
    "no such profile": ("credentials", "error", who(source=None, profile="x", profiles=("a",), profile_problem=SettingsError("no x"))),
    "two identities": ("profile-shadowed", "warning", who(profile="x", profile_is_shadowed=True)),
    "nobody asked": ("identity", "unknown", who(account=None, source=None, source_problem=MISSING)),
    "rejected by STS": ("identity", "error", who(account=None, account_problem=CredentialsRejected("expired", hint="Renew."))),
    "no STS": ("identity", "unknown", who(account=None, account_problem=Unreachable("cannot reach STS"), asked="https://sts")),
    "a region mistyped": (
        "region", "warning", where(region="eu-centrl-1", region_from="AWS_REGION", region_is_known=False, region_near="eu-central-1"),
    ),
    "a region like no other": ("region", "warning", where(region="x", region_is_known=False)),
    "no region": ("region", "error", where(region="", url="")),
    "region behind the profile": (
        "region", "unknown", where(region="").replace(identity=Identity(profile="x", profile_problem=SettingsError("no profile x"))),
    ),
    "unreachable": ("endpoint", "error", BLOCKED),
    "endpoint behind credentials": ("endpoint", "unknown", where(url="").replace(identity=Identity(source_problem=MISSING))),
    "rejected": ("credentials-accepted", "error", where(problem=CredentialsRejected("AWS rejected the credentials"))),
    "in clear": ("endpoint-in-clear", "warning", where(url="http://store.example")),
    "proxy": ("proxy", "info", where(proxy="http://proxy.example:3128", proxy_from="HTTPS_PROXY")),
    "proxied role": (
        "proxy-and-instance-role", "warning", where(metadata_through_proxy=True).replace(identity=Identity(source_problem=MISSING)),
    ),
    "CA bundle": ("ca-bundle", "info", where(ca_bundle=BUNDLE, ca_bundle_from="AWS_CA_BUNDLE")),
    "no CA bundle": ("ca-bundle", "error", where(ca_bundle=BUNDLE, ca_bundle_from="AWS_CA_BUNDLE", ca_bundle_readable=False)),
    "the profile's": ("ca-bundle", "error", where(ca_bundle=BUNDLE, ca_bundle_from="the profile", ca_bundle_readable=False)),
    "clock ahead": ("clock", "warning", where(clock_ahead=61.0)),
    "clock behind": ("clock", "warning", where(clock_ahead=-299.0)),
    "clock wrong": ("clock", "error", where(clock_ahead=301.0)),
    "clock far behind": ("clock", "error", where(clock_ahead=-4000.0)),
    "no clock": ("clock", "unknown", BLOCKED),
    "empty prefix": ("parameters", "warning", GOOD.replace(places=(Place("/myteam"),))),
    "empty app": ("parameters", "error", GOOD.replace(places=(Place("/myteam/web", "web"),))),
    "nothing shared": ("parameters", "info", GOOD.replace(places=(Place("/myteam/shared", "shared"),))),
    "not probed": ("permissions", "unknown", BLOCKED),
    "delivery denied": (
        "permission-ssm-getparametersbypath", "error", denied("ssm:GetParametersByPath"),
    ),
    "key unusable": (
        "permission-kms-decrypt", "error", probed(Probe("kms:Decrypt", "unusable", "/a/b", KeyUnavailable("disabled"))),
    ),
    "a command denied": (
        "permission-ssm-describeparameters", "warning", denied("ssm:DescribeParameters"),
    ),
    "a richer view denied": ("permission-tag-getresources", "info", denied("tag:GetResources")),
    "nothing to decrypt": (
        "permission-kms-decrypt", "unknown", probed(Probe("kms:Decrypt", "unknown", reason="no SecureString was seen")),
    ),
    "left out": ("permission-iam-listaccountaliases", "unknown", left_out("iam:ListAccountAliases")),
}  # fmt: skip
RIGHT = {
    "as it should be": GOOD,
    "no configuration file": told(file_exists=False),
    "the instance's role": who(source=CredentialSource("iam-role")),
    "a proxy, and other credentials": where(metadata_through_proxy=True),
    "an emulator": where(url="http://127.0.0.1:4566", url_from="--endpoint-url"),
    "an emulator by name": where(url="http://localhost:4566"),
    "a clock that is nearly right": where(clock_ahead=-60.0),
    "two apps": GOOD.replace(places=(Place("/myteam/web", "web", 2), Place("/myteam/shared", "shared", 200, more=True))),
}


def notable(facts: AccountFacts) -> list[Finding]:
    """What is not as it should be; the rights to write are never known."""
    return [one for one in account_findings(facts) if one.level != "ok" and "write" not in one.area]


@pytest.mark.parametrize(("check", "level", "facts"), APPLIES.values(), ids=APPLIES)
def test_a_rule_finds_what_it_is_for(check: str, level: str, facts: AccountFacts) -> None:
    (one,) = [one for one in notable(facts) if one.check == check]
    assert one.level == level
    assert one.why or level not in ("error", "warning")
    assert (
        one.fix
        or level not in ("error", "warning")
        or isinstance(facts.endpoint.problem, Unreachable | CredentialsRejected)
        or "kms" in check
    )


@pytest.mark.parametrize("facts", RIGHT.values(), ids=RIGHT)
def test_where_nothing_is_wrong_nothing_is_found(facts: AccountFacts) -> None:
    assert notable(facts) == []


def test_every_rule_is_tried_where_it_applies_and_where_it_does_not() -> None:
    everything = [*(facts for _, _, facts in APPLIES.values()), *RIGHT.values()]
    for rule in ACCOUNT_RULES:
        answers = [bool({one.level for one in rule(facts) if "write" not in one.area} - {"ok"}) for facts in everything]
        assert any(answers), rule.__name__
        assert not all(answers), rule.__name__


def test_rights_to_write_are_unknown_and_say_how_to_find_out() -> None:
    found = [one for one in account_findings(GOOD) if "write" in one.area]
    assert {one.level for one in found} == {"unknown"}
    assert {one.what.partition(": ")[0] for one in found} == {one.action for one in PERMISSIONS if one.writes}
    (fix,) = {one.fix for one in found}
    assert fix.startswith("aws iam simulate-principal-policy --policy-source-arn arn:aws:iam::123456789012:user/a --action-names ssm:Put")


@pytest.mark.parametrize(
    ("arn", "principal"),
    [
        ("arn:aws:sts::123456789012:assumed-role/deploy/session-1", "arn:aws:iam::123456789012:role/deploy"),
        ("arn:aws-cn:sts::123456789012:assumed-role/deploy/a:sts:b", "arn:aws-cn:iam::123456789012:role/deploy"),
        ("arn:aws:sts::123456789012:user/moto", "arn:aws:iam::123456789012:user/moto"),
        ("arn:aws:iam::123456789012:user/path/a", "arn:aws:iam::123456789012:user/path/a"),
    ],
)
def test_whose_policy_is_simulated_is_named_as_iam_does(arn: str, principal: str) -> None:
    facts = who(account=Account("1", "", arn))
    assert f"--policy-source-arn {principal} --action-names " in account_findings(facts)[-1].fix


def test_without_credentials_rights_to_write_are_one_line() -> None:
    (one,) = [one for one in account_findings(who(source=None, source_problem=MISSING)) if "write" in one.area]
    assert one.what == "7 permissions to write not looked at, because no AWS credentials found"


def test_a_role_that_may_not_list_is_told_that_names_need_no_list() -> None:
    (one,) = [one for one in notable(denied("ssm:GetParametersByPath")) if one.level == "error"]
    assert "ssmm exec --only NAME" in one.fix


def test_another_profile_is_no_answer_to_a_session_that_is_over() -> None:
    over = CredentialsRejected("the SSO session has expired or is missing", hint="Log in again: aws sso login.")
    (one,) = [
        one for one in notable(who(source=None, source_problem=over, profiles=("default", "sso"), profile="sso")) if one.level == "error"
    ]
    assert one.fix == over.hint


def test_of_an_app_only_what_delivers_it_is_told() -> None:
    told = [one.check for one in account_findings(GOOD.replace(apps=("web",))) if one.check.startswith("permission")]
    assert told == ["permission-ssm-getparametersbypath", "permission-kms-decrypt"]


@pytest.mark.parametrize("facts", [facts for _, _, facts in APPLIES.values()])
def test_no_fix_has_what_a_shell_takes_for_a_redirection(facts: AccountFacts) -> None:
    assert [one.fix for one in account_findings(facts) if "<" in one.fix] == []


def test_the_table_of_permissions_is_the_readmes() -> None:
    section = README.read_text(encoding="utf-8").split("### IAM permissions", 1)[1].split("\n## ", 1)[0]
    assert {one.action for one in PERMISSIONS} == set(re.findall(r"`((?:ssm|kms|tag|iam):\w+)`", section))


def test_what_delivers_is_what_sync_and_exec_need() -> None:
    assert {one.action for one in PERMISSIONS if one.delivers} == {one.action for one in PERMISSIONS if "exec" in one.needed}


def test_findings_stand_by_area_the_worst_first_and_are_counted() -> None:
    found = [Finding("ok", "B", "1", ""), Finding("info", "A", "2", ""), Finding("error", "B", "3", ""), Finding("unknown", "A", "4", "")]
    assert [one.check for one in arranged(found)] == ["3", "1", "4", "2"]
    assert counts(found) == {"error": 1, "warning": 0, "unknown": 1, "info": 1, "ok": 1}


@pytest.mark.parametrize(
    ("environ", "expected"),
    [
        ({}, ("", "")),
        ({"HTTP_PROXY": "http://p"}, ("", "")),
        ({"HTTPS_PROXY": "http://p"}, ("http://p", "HTTPS_PROXY")),
        ({"HTTPS_PROXY": "http://p", "https_proxy": "http://q"}, ("http://q", "https_proxy")),
        ({"HTTPS_PROXY": "http://p", "NO_PROXY": "example"}, ("", "")),
        ({"HTTPS_PROXY": "http://p", "no_proxy": "*"}, ("", "")),
        ({"HTTPS_PROXY": "http://p", "NO_PROXY": "other.example"}, ("http://p", "HTTPS_PROXY")),
    ],
)
def test_the_proxy_is_the_one_that_the_sdk_takes(environ: dict[str, str], expected: tuple[str, str]) -> None:
    assert proxy_of("https://ssm.example", environ) == expected
