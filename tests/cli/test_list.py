"""`list`: what it shows, what it hides, and what it asks of the service."""

from __future__ import annotations

import os

import pytest

from ssmm_core.secret import MASK
from tests.conftest import Cli, Ssm
from tests.support.faults import Faults


@pytest.fixture
def team(ssm: Ssm) -> Ssm:
    """Two apps and the shared namespace."""
    ssm.put("/myteam/my-app/api-token", "made-up-token", tags={"app": "my-app", "env": "prod"})
    ssm.put("/myteam/my-app/db-host", "db.internal", "String", tags={"app": "my-app", "env": "prod", "shared": "true"})
    ssm.put("/myteam/other/api-token", "a-longer-made-up-token", tags={"app": "other", "env": "test"})
    ssm.put("/myteam/shared/nested/sentry-dsn", "made-up-dsn")
    ssm.put("/otherteam/my-app/api-token", "not-ours")
    return ssm


def test_the_app_of_the_directory_is_listed_with_secure_values_masked(ssmm: Cli, team: Ssm) -> None:
    ran = ssmm("list")
    assert ran.code == 0
    assert ran.err == ""
    assert [line.split()[:3] for line in ran.lines] == [
        ["KEY", "TYPE", "VALUE"],
        ["api-token", "SecureString", MASK],
        ["db-host", "String", "db.internal"],
    ]
    assert "made-up-token" not in ran.out


def test_the_mask_tells_nothing_of_the_length(ssmm: Cli, team: Ssm) -> None:
    ran = ssmm("list", "--all")
    shown = {line.split()[3] for line in ran.lines if "SecureString" in line}
    assert shown == {MASK}


def test_every_row_names_the_version(ssmm: Cli, team: Ssm) -> None:
    team.put("/myteam/my-app/api-token", "the-second")
    row = next(line.split() for line in ssmm("list").lines if line.startswith("api-token"))
    assert row[3] == "2"


def test_without_reveal_nothing_is_decrypted(ssmm: Cli, team: Ssm, faults: Faults) -> None:
    assert ssmm("list", "--all").code == 0
    assert ssmm("list", "--all", "--tag", "env=prod").code == 0
    assert ssmm("list", "--keys-only").code == 0
    assert {call.body["WithDecryption"] for call in faults.calls if call.operation.startswith("GetParameter")} == {False}


def test_reveal_shows_the_values(ssmm: Cli, team: Ssm) -> None:
    ran = ssmm("list", "--reveal")
    assert ran.code == 0
    assert "made-up-token" in ran.out
    assert MASK not in ran.out


def test_all_lists_every_app_of_the_prefix_and_no_other_prefix(ssmm: Cli, team: Ssm) -> None:
    ran = ssmm("list", "--all", "--keys-only")
    assert ran.lines == [
        "/myteam/my-app/api-token",
        "/myteam/my-app/db-host",
        "/myteam/other/api-token",
        "/myteam/shared/nested/sentry-dsn",
    ]


def test_keys_only_of_one_app_prints_keys_alone(ssmm: Cli, team: Ssm) -> None:
    assert ssmm("list", "--keys-only").lines == ["api-token", "db-host"]
    assert ssmm("list", "--keys-only", "--app", "shared").lines == ["nested/sentry-dsn"]


def test_several_apps_are_listed_together_each_once(ssmm: Cli, team: Ssm) -> None:
    ran = ssmm("list", "--app", "other", "--app", "shared", "--app", "other", "--keys-only")
    assert ran.lines == ["/myteam/other/api-token", "/myteam/shared/nested/sentry-dsn"]
    rows = [line.split()[:2] for line in ssmm("list", "--app", "other", "--app", "shared").lines]
    assert rows == [["APP", "KEY"], ["other", "api-token"], ["shared", "nested/sentry-dsn"]]


def test_a_tag_chooses_among_the_parameters_of_the_app(ssmm: Cli, team: Ssm) -> None:
    assert ssmm("list", "--tag", "shared=true", "--keys-only").lines == ["db-host"]
    assert ssmm("list", "--all", "--tag", "env=test", "--keys-only").lines == ["/myteam/other/api-token"]


def test_several_tags_must_all_match(ssmm: Cli, team: Ssm) -> None:
    assert ssmm("list", "--tag", "env=prod", "--keys-only").lines == ["api-token", "db-host"]
    assert ssmm("list", "--tag", "env=prod", "--tag", "shared=true", "--keys-only").lines == ["db-host"]


def test_a_tag_together_with_reveal_shows_the_values_of_the_chosen_ones_alone(ssmm: Cli, team: Ssm, faults: Faults) -> None:
    ran = ssmm("list", "--all", "--tag", "env=test", "--reveal")
    assert "a-longer-made-up-token" in ran.out
    decrypted = [call.body for call in faults.calls if call.body.get("WithDecryption")]
    assert [body["Names"] for body in decrypted] == [["/myteam/other/api-token"]]


def test_another_prefix_is_listed_where_the_flag_names_it_on_either_side_of_the_command(ssmm: Cli, team: Ssm) -> None:
    assert ssmm("--prefix", "/otherteam/", "list", "--all", "--keys-only").lines == ["/otherteam/my-app/api-token"]
    assert ssmm("list", "--all", "--keys-only", "--prefix", "/otherteam").lines == ["/otherteam/my-app/api-token"]


def test_a_prefix_of_several_segments_is_a_prefix(ssmm: Cli, team: Ssm) -> None:
    ran = ssmm("--prefix", "/myteam/shared", "list", "--app", "nested", "--keys-only")
    assert ran.lines == ["sentry-dsn"]


def test_pages_that_are_empty_in_between_do_not_end_the_listing(ssmm: Cli, team: Ssm, faults: Faults) -> None:
    faults.reply("GetParametersByPath", {"Parameters": [], "NextToken": "0"})
    ran = ssmm("list", "--keys-only")
    assert ran.code == 0
    assert ran.lines == ["api-token", "db-host"]


def test_more_than_a_page_is_listed_whole(ssmm: Cli, ssm: Ssm) -> None:
    keys = [f"key-{number:02}" for number in range(23)]
    for key in keys:
        ssm.put(f"/myteam/my-app/{key}", "made-up")
    assert ssmm("list", "--keys-only").lines == keys


def test_an_empty_prefix_is_said_on_stderr_alone(ssmm: Cli, ssm: Ssm) -> None:
    ran = ssmm("list", "--all")
    assert ran.out == ""
    assert "no parameters under /myteam" in ran.err


def test_control_characters_of_a_value_do_not_reach_the_terminal(ssmm: Cli, ssm: Ssm) -> None:
    ssm.put("/myteam/my-app/motd-name", "one\x1b[2Jtwo\nthree", "String")
    ran = ssmm("list")
    assert "\x1b" not in ran.out
    assert len(ran.lines) == 2
    assert "one\\x1b[2Jtwo\\nthree" in ran.out


def test_an_output_that_cannot_hold_a_character_gets_it_escaped(ssmm: Cli, ssm: Ssm) -> None:
    ssm.put("/myteam/my-app/greeting-name", "Grüß Gott", "String")
    ran = ssmm.process("list", environment={**os.environ, "PYTHONIOENCODING": "ascii"})
    assert ran.code == 0, ran.err
    assert "Gr\\xfc\\xdf Gott" in ran.out
