"""`show`: one value, exactly."""

from __future__ import annotations

import json

import pytest

from tests.conftest import Cli, Ssm
from tests.support.faults import Faults

TOKEN = "/myteam/my-app/api-token"


@pytest.mark.parametrize("key", ["api-token", "API_TOKEN", TOKEN])
def test_a_key_an_environment_name_and_a_full_name_lead_to_the_same_value(ssmm: Cli, ssm: Ssm, key: str) -> None:
    ssm.put(TOKEN, "made-up-token")
    ran = ssmm("show", key)
    assert ran.code == 0
    assert ran.out == "made-up-token\n"
    assert f"{TOKEN}, SecureString, version 1" in ran.err


def test_a_key_that_is_spelled_as_a_variable_comes_before_the_folded_one(ssmm: Cli, ssm: Ssm) -> None:
    ssm.put("/myteam/my-app/API_TOKEN", "as-it-stands")
    ssm.put(TOKEN, "as-put-spells-it")
    assert ssmm("show", "API_TOKEN").out == "as-it-stands\n"
    assert ssmm("show", "api-token").out == "as-put-spells-it\n"


def test_a_nested_key_of_another_app_is_shown(ssmm: Cli, ssm: Ssm) -> None:
    ssm.put("/myteam/other/nested/key", "made-up")
    assert ssmm("show", "nested/key", "--app", "other").out == "made-up\n"


def test_raw_prints_the_bytes_of_the_value_and_nothing_else(ssmm: Cli, ssm: Ssm) -> None:
    value = "-----BEGIN-----\r\nü\t\x1b\n\n"
    ssm.put(TOKEN, value)
    ran = ssmm("show", "api-token", "--raw")
    assert ran.out.encode() == value.encode()
    assert ran.err == ""


def test_raw_bytes_survive_a_real_pipe(ssmm: Cli, ssm: Ssm) -> None:
    value = "no line break at the end, and two within\r\n\r\nü"
    ssm.put(TOKEN, value)
    ran = ssmm.process("show", "api-token", "--raw")
    assert ran.out == value
    assert ran.err == ""


def test_an_earlier_version_is_shown_by_its_number(ssmm: Cli, ssm: Ssm) -> None:
    for value in ("first", "second", "third"):
        ssm.put(TOKEN, value)
    ran = ssmm("show", "api-token", "--version", "2")
    assert ran.out == "second\n"
    assert "version 2" in ran.err


def test_a_version_is_shown_by_its_label(ssmm: Cli, ssm: Ssm) -> None:
    ssm.put(TOKEN, "first")
    ssm.put(TOKEN, "second")
    ssm.client.label_parameter_version(Name=TOKEN, ParameterVersion=1, Labels=["stable"])
    assert ssmm("show", "api-token", "--label", "stable").out == "first\n"


def test_only_the_version_asked_for_is_decrypted(ssmm: Cli, ssm: Ssm, faults: Faults) -> None:
    ssm.put(TOKEN, "first")
    ssm.put(TOKEN, "second")
    assert ssmm("show", "api-token", "--version", "1").code == 0
    decrypted = [call.body for call in faults.calls if call.body.get("WithDecryption")]
    assert [body.get("Name") for body in decrypted] == [f"{TOKEN}:1"]


@pytest.mark.parametrize("selector", [("--version", "7"), ("--label", "none")])
def test_a_version_or_label_that_is_not_there_is_not_found(ssmm: Cli, ssm: Ssm, selector: tuple[str, str]) -> None:
    ssm.put(TOKEN, "first")
    ran = ssmm("show", "api-token", *selector)
    assert ran.code == 78
    assert ran.out == ""
    assert f"{TOKEN}:{selector[1]}" in ran.err


def test_a_key_that_is_not_there_is_not_found(ssmm: Cli, ssm: Ssm) -> None:
    ran = ssmm("show", "API_TOKEN")
    assert ran.code == 78
    assert f"there is no parameter {TOKEN}" in ran.err


def test_metadata_and_tags_come_with_json(ssmm: Cli, ssm: Ssm) -> None:
    ssm.put(
        TOKEN,
        "made-up-token",
        tags={"owner": "backend"},
        Description="for tests",
        KeyId="alias/ours",
        Tier="Advanced",
        AllowedPattern="m.*",
    )
    shown = json.loads(ssmm("show", "api-token", "--json").out)
    assert shown["value"] == "made-up-token"
    assert shown["tags"] == {"owner": "backend"}
    assert shown["metadata"]["description"] == "for tests"
    assert shown["metadata"]["key_id"] == "alias/ours"
    assert shown["metadata"]["tier"] == "Advanced"
    assert shown["metadata"]["allowed_pattern"] == "m.*"


def test_without_json_neither_metadata_nor_tags_are_asked_for(ssmm: Cli, ssm: Ssm, faults: Faults) -> None:
    ssm.put(TOKEN, "made-up-token")
    assert ssmm("show", "api-token").code == 0
    assert {call.operation for call in faults.calls} == {"GetParameters"}


def test_quiet_leaves_the_value_alone_on_both_streams(ssmm: Cli, ssm: Ssm) -> None:
    ssm.put(TOKEN, "made-up-token")
    ran = ssmm("--quiet", "show", "api-token")
    assert ran.out == "made-up-token\n"
    assert ran.err == ""


def test_a_value_that_cannot_be_decrypted_names_its_parameter(ssmm: Cli, ssm: Ssm, faults: Faults) -> None:
    ssm.put(TOKEN, "made-up-token")
    for operation in ("GetParameters", "GetParameter"):
        faults.refuse(operation, "InvalidKeyId", "the key is disabled")
    ran = ssmm("show", "api-token")
    assert ran.code == 78
    assert f"cannot decrypt {TOKEN}" in ran.err
