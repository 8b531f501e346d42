"""`check`: what is there twice, without saying what it is."""

from __future__ import annotations

import hashlib
import json

import pytest

from tests.conftest import Cli, Ssm
from tests.support.faults import Faults

PIN = "4711"


@pytest.fixture
def team(ssm: Ssm) -> Ssm:
    """Three apps that copied from each other."""
    ssm.put("/myteam/web/db-host", "db.internal", "String")
    ssm.put("/myteam/web/pin", PIN)
    ssm.put("/myteam/billing/DB_HOST", "other.internal", "String")
    ssm.put("/myteam/billing/nested/pin", PIN)
    ssm.put("/myteam/mailer/pin", PIN)
    ssm.put("/myteam/mailer/only-here", "made-up")
    return ssm


def test_duplicate_keys_are_found_over_spellings_and_across_apps(ssmm: Cli, team: Ssm) -> None:
    ran = ssmm("check", "--duplicates")
    assert ran.code == 0
    assert ran.lines == ["Keys in several apps: 2", "  DB_HOST: billing, web", "  PIN: mailer, web"]


def test_duplicate_keys_are_what_is_looked_for_without_an_option(ssmm: Cli, team: Ssm) -> None:
    assert ssmm("check").out == ssmm("check", "--duplicates").out


def test_looking_for_duplicate_keys_decrypts_nothing(ssmm: Cli, team: Ssm, faults: Faults) -> None:
    assert ssmm("check", "--duplicates").code == 0
    assert {call.body["WithDecryption"] for call in faults.calls} == {False}


def test_identical_values_are_grouped_by_parameter_and_never_shown(ssmm: Cli, team: Ssm) -> None:
    ran = ssmm("check", "--values")
    assert ran.code == 0
    assert ran.lines[0] == "Values under several names: 1"
    assert ran.lines[2:] == ["    /myteam/billing/nested/pin", "    /myteam/mailer/pin", "    /myteam/web/pin"]
    assert "len<12" in ran.lines[1]
    assert PIN not in ran.out + ran.err


def test_a_fingerprint_is_of_no_use_to_whoever_tries_likely_values(ssmm: Cli, team: Ssm) -> None:
    first, second = (json.loads(ssmm("check", "--values", "--json").out)["values"][0]["fingerprint"] for _ in range(2))
    assert first != second
    assert not hashlib.sha256(PIN.encode()).hexdigest().startswith(first)


def test_values_are_shown_where_that_is_asked_for(ssmm: Cli, team: Ssm) -> None:
    ran = ssmm("check", "--values", "--show-values")
    assert ran.lines[1].endswith(f"  {PIN}")
    assert json.loads(ssmm("check", "--show-values", "--json").out)["values"][0]["value"] == PIN


def test_both_questions_are_answered_in_one_run(ssmm: Cli, team: Ssm) -> None:
    ran = ssmm("check", "--duplicates", "--values")
    assert ran.lines[0] == "Keys in several apps: 2"
    assert "Values under several names: 1" in ran.lines


def test_values_that_cannot_be_decrypted_are_an_error_that_names_them(ssmm: Cli, team: Ssm, faults: Faults) -> None:
    denied = "User is not authorized to perform: kms:Decrypt on resource: arn:aws:kms:eu-central-1:123456789012:key/x"
    faults.refuse("GetParametersByPath", "AccessDeniedException", denied, when=lambda body: body["WithDecryption"])
    faults.refuse("GetParameter", "AccessDeniedException", denied, when=lambda body: body["Name"] == "/myteam/web/pin")
    ran = ssmm("check", "--values")
    assert ran.code == 77
    assert "cannot decrypt /myteam/web/pin." in ran.err
    assert ran.out == ""
