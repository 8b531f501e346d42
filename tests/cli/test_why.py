"""`why`: the layers of one variable, without its value."""

from __future__ import annotations

import json

import pytest

from tests.conftest import Cli, Ssm
from tests.support.faults import Faults


@pytest.fixture
def team(ssm: Ssm) -> Ssm:
    """One variable in every layer."""
    ssm.put("/myteam/shared/sentry-dsn", "made-up-shared")
    ssm.put("/myteam/third/sentry-dsn", "made-up-tagged", tags={"shared": "true", "env": "prod"})
    ssm.put("/myteam/web/sentry-dsn", "made-up-web")
    ssm.put("/myteam/web-eu/sentry-dsn", "made-up-eu")
    ssm.put("/myteam/web-eu/sentry-dsn", "made-up-eu-2")
    ssm.put("/myteam/web/db-host", "db.internal", "String")
    return ssm


def test_the_whole_stack_is_shown_the_winner_first(ssmm: Cli, team: Ssm) -> None:
    ran = ssmm("why", "SENTRY_DSN", "--app", "web", "--app", "web-eu", "--include-tag", "shared=true")
    assert ran.code == 0
    assert ran.lines[0] == "SENTRY_DSN"
    parameters = [next(word for word in line.split() if word.startswith("/")) for line in ran.lines[2:]]
    assert parameters == ["/myteam/web-eu/sentry-dsn", "/myteam/web/sentry-dsn", "/myteam/third/sentry-dsn", "/myteam/shared/sentry-dsn"]
    assert ran.lines[2].startswith("wins  app web-eu")
    assert "the highest layer that has it" in ran.lines[2]
    assert [line.endswith("overridden by app web-eu") for line in ran.lines[3:]] == [True] * 3


def test_the_order_of_the_apps_decides(ssmm: Cli, team: Ssm) -> None:
    ran = ssmm("why", "SENTRY_DSN", "--app", "web-eu", "--app", "web")
    assert ran.lines[2].startswith("wins  app web ")


def test_versions_are_named_and_values_are_neither_shown_nor_decrypted(ssmm: Cli, team: Ssm, faults: Faults) -> None:
    ran = ssmm("why", "SENTRY_DSN", "--app", "web-eu")
    assert ran.lines[2].split()[3:5] == ["/myteam/web-eu/sentry-dsn", "2"]
    assert "made-up" not in ran.out + ran.err
    assert {call.body["WithDecryption"] for call in faults.calls} == {False}


@pytest.mark.parametrize("spelling", ["db-host", "DB_HOST"])
def test_a_variable_may_be_named_by_its_key(ssmm: Cli, team: Ssm, spelling: str) -> None:
    ran = ssmm("why", spelling, "--app", "web")
    assert ran.lines[0] == "DB_HOST"
    assert ran.lines[2].endswith("the only one")


def test_what_is_left_out_of_the_layers_is_left_out_of_the_stack(ssmm: Cli, team: Ssm) -> None:
    ran = ssmm("why", "SENTRY_DSN", "--app", "web", "--no-shared")
    assert "/myteam/shared" not in ran.out
    assert ran.lines[2].endswith("the only one")


def test_several_tags_must_all_match(ssmm: Cli, team: Ssm) -> None:
    both = ssmm("why", "SENTRY_DSN", "--app", "web", "--include-tag", "shared=true", "--include-tag", "env=prod")
    assert "/myteam/third/sentry-dsn" in both.out
    neither = ssmm("why", "SENTRY_DSN", "--app", "web", "--include-tag", "shared=true", "--include-tag", "env=test")
    assert "/myteam/third/sentry-dsn" not in neither.out


def test_two_spellings_in_one_layer_are_told_apart_by_reason(ssmm: Cli, ssm: Ssm) -> None:
    ssm.put("/myteam/web/db_host", "made-up-1")
    ssm.put("/myteam/web/db-host", "made-up-2")
    ran = ssmm("why", "DB_HOST", "--app", "web")
    assert ran.lines[2].split()[3] == "/myteam/web/db-host"
    assert ran.lines[2].endswith("spelled as put spells it")
    assert ran.lines[3].endswith("comes after in its layer")


def test_json_tells_the_same_without_a_value(ssmm: Cli, team: Ssm) -> None:
    told = json.loads(ssmm("why", "SENTRY_DSN", "--app", "web", "--json").out)
    assert told["variable"] == "SENTRY_DSN"
    assert [(one["name"], one["wins"]) for one in told["candidates"]] == [
        ("/myteam/web/sentry-dsn", True),
        ("/myteam/shared/sentry-dsn", False),
    ]
    assert all("value" not in one for one in told["candidates"])


def test_a_variable_that_no_layer_has_is_not_found(ssmm: Cli, team: Ssm) -> None:
    ran = ssmm("why", "NOWHERE", "--app", "web")
    assert ran.code == 78
    assert "NOWHERE is not in any of these layers" in ran.err


def test_a_name_that_is_never_delivered_is_said_to_be_so(ssmm: Cli, ssm: Ssm) -> None:
    ssm.put("/myteam/web/1st", "made-up")
    ran = ssmm("why", "1st", "--app", "web")
    assert ran.code == 78
    assert "/myteam/web/1st is not delivered: 1ST cannot be the name of an environment variable" in ran.err
