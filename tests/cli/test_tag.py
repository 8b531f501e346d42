"""`tag`: one parameter's tags, and those of many in one plan."""

from __future__ import annotations

import json

import pytest

from tests.conftest import Cli, Ssm
from tests.support.faults import Faults

TOKEN = "/myteam/my-app/api-token"


def test_tags_are_added_next_to_those_that_are_there(ssmm: Cli, ssm: Ssm) -> None:
    ssm.put(TOKEN, "made-up", tags={"app": "my-app", "env": "prod"})
    ran = ssmm("tag", "add", "api-token", "shared=true", "owner=backend")
    assert ran.code == 0
    assert ran.out == f"{TOKEN}: +shared=true +owner=backend\n"
    assert ssm.tags(TOKEN) == {"app": "my-app", "env": "prod", "shared": "true", "owner": "backend"}


@pytest.mark.parametrize("key", ["api-token", "API_TOKEN", TOKEN])
def test_a_key_an_environment_name_and_a_full_name_lead_to_the_same_parameter(ssmm: Cli, ssm: Ssm, key: str) -> None:
    ssm.put(TOKEN, "made-up")
    assert ssmm("tag", "add", key, "shared=true").code == 0
    assert ssm.tags(TOKEN) == {"shared": "true"}


def test_a_value_with_an_equals_sign_and_an_empty_value_are_tags(ssmm: Cli, ssm: Ssm) -> None:
    ssm.put(TOKEN, "made-up")
    assert ssmm("tag", "add", "api-token", "query=a=b", "checked=").code == 0
    assert ssm.tags(TOKEN) == {"query": "a=b", "checked": ""}


def test_a_tag_that_is_there_already_is_not_written_again(ssmm: Cli, ssm: Ssm, faults: Faults) -> None:
    ssm.put(TOKEN, "made-up", tags={"shared": "true"})
    ran = ssmm("tag", "add", "api-token", "shared=true")
    assert ran.code == 0
    assert ran.out == f"{TOKEN}: unchanged\n"
    assert faults.count("AddTagsToResource") == 0


def test_tags_are_removed_by_their_keys(ssmm: Cli, ssm: Ssm) -> None:
    ssm.put(TOKEN, "made-up", tags={"app": "my-app", "owner": "backend", "env": "prod"})
    ran = ssmm("tag", "remove", "api-token", "owner", "env", "never-there")
    assert ran.code == 0
    assert ran.out == f"{TOKEN}: -owner -env\n"
    assert ssm.tags(TOKEN) == {"app": "my-app"}


def test_tags_are_listed_sorted(ssmm: Cli, ssm: Ssm) -> None:
    ssm.put(TOKEN, "made-up", tags={"owner": "backend", "app": "my-app"})
    ran = ssmm("tag", "list", "api-token")
    assert ran.code == 0
    assert ran.lines == ["app=my-app", "owner=backend"]


def test_nothing_that_concerns_tags_decrypts(ssmm: Cli, ssm: Ssm, faults: Faults) -> None:
    ssm.put(TOKEN, "made-up")
    for arguments in (("add", "api-token", "a=b"), ("list", "api-token"), ("remove", "api-token", "a"), ("list", "--match", "*")):
        assert ssmm("tag", *arguments).code == 0
    assert {call.body["WithDecryption"] for call in faults.calls if "WithDecryption" in call.body} == {False}


def test_a_glob_acts_on_every_matching_parameter_of_the_app(ssmm: Cli, ssm: Ssm) -> None:
    for name in ("mailer/smtp-host", "mailer/smtp-port", "mailer/token", "web/smtp-host"):
        ssm.put(f"/myteam/{name}", "made-up")
    ran = ssmm("tag", "add", "--match", "smtp-*", "--app", "mailer", "shared=true")
    assert ran.code == 0
    assert ran.lines == ["/myteam/mailer/smtp-host: +shared=true", "/myteam/mailer/smtp-port: +shared=true"]
    tagged = [name for name in ssm.names("/myteam") if ssm.tags(name)]
    assert tagged == ["/myteam/mailer/smtp-host", "/myteam/mailer/smtp-port"]


def test_a_glob_acts_on_the_whole_prefix_where_that_is_asked_for(ssmm: Cli, ssm: Ssm) -> None:
    for name in ("/myteam/a/legacy-x", "/myteam/b/legacy-y", "/myteam/b/new", "/otherteam/b/legacy-z"):
        ssm.put(name, "made-up", tags={"shared": "true"})
    assert ssmm("tag", "remove", "--all", "--match", "*/legacy-*", "shared").code == 0
    tagged = [name for name in ssm.names() if ssm.tags(name)]
    assert tagged == ["/myteam/b/new", "/otherteam/b/legacy-z"]


def test_the_tags_of_many_are_listed_under_their_names(ssmm: Cli, ssm: Ssm) -> None:
    ssm.put("/myteam/my-app/a", "made-up", tags={"x": "1"})
    ssm.put("/myteam/my-app/b", "made-up")
    assert ssmm("tag", "list", "--match", "*").lines == ["/myteam/my-app/a", "  x=1", "/myteam/my-app/b"]


def test_a_dry_run_shows_the_plan_and_writes_nothing(ssmm: Cli, ssm: Ssm, faults: Faults) -> None:
    ssm.put(TOKEN, "made-up", tags={"env": "prod"})
    assert ssmm("tag", "add", "api-token", "shared=true", "--dry-run").out == f"{TOKEN}: +shared=true\n"
    assert ssmm("tag", "remove", "api-token", "env", "--dry-run").out == f"{TOKEN}: -env\n"
    assert ssm.tags(TOKEN) == {"env": "prod"}
    assert faults.count("AddTagsToResource") + faults.count("RemoveTagsFromResource") == 0


def test_a_glob_that_matches_nothing_is_not_found(ssmm: Cli, ssm: Ssm) -> None:
    ssm.put(TOKEN, "made-up")
    ran = ssmm("tag", "add", "--match", "smtp-*", "shared=true")
    assert ran.code == 78
    assert "no parameter below /myteam/my-app matches 'smtp-*'" in ran.err


@pytest.mark.parametrize("arguments", [("add", "api-token", "app=other"), ("remove", "api-token", "app")])
def test_the_app_tag_is_reserved(ssmm: Cli, ssm: Ssm, arguments: tuple[str, ...]) -> None:
    ssm.put(TOKEN, "made-up", tags={"app": "my-app"})
    ran = ssmm("tag", *arguments)
    assert ran.code == 2
    assert "the tag app is reserved" in ran.err
    assert ssm.tags(TOKEN) == {"app": "my-app"}


def test_the_limit_of_fifty_tags_is_kept_before_anything_is_sent(ssmm: Cli, ssm: Ssm, faults: Faults) -> None:
    ssm.put(TOKEN, "made-up", tags={f"tag-{number}": "x" for number in range(49)})
    assert ssmm("tag", "add", "api-token", "fiftieth=x").code == 0
    ran = ssmm("tag", "add", "api-token", "one-too-many=x")
    assert ran.code == 78
    assert f"{TOKEN} would have 51 tags" in ran.err
    assert faults.count("AddTagsToResource") == 1


def test_a_tag_that_changed_meanwhile_is_left_alone(ssmm: Cli, ssm: Ssm, faults: Faults) -> None:
    ssm.put(TOKEN, "made-up", tags={"owner": "backend"})
    theirs = [{"Key": "owner", "Value": "frontend"}]
    faults.meanwhile(
        "ListTagsForResource",
        lambda: ssm.client.add_tags_to_resource(ResourceType="Parameter", ResourceId=TOKEN, Tags=theirs),
        skip=1,
    )
    ran = ssmm("tag", "add", "api-token", "owner=platform")
    assert ran.code == 1
    assert f"the tag owner of {TOKEN} changed" in ran.err
    assert ssm.tags(TOKEN) == {"owner": "frontend"}


def test_one_that_fails_does_not_stop_the_others_and_is_named(ssmm: Cli, ssm: Ssm, faults: Faults) -> None:
    for key in ("a", "b", "c"):
        ssm.put(f"/myteam/my-app/{key}", "made-up")
    faults.refuse("AddTagsToResource", "AccessDeniedException", when=lambda body: body["ResourceId"].endswith("/b"))
    ran = ssmm("tag", "add", "--match", "*", "shared=true", "--json")
    assert ran.code == 1
    assert "not allowed to ssm:AddTagsToResource on /myteam/my-app/b" in ran.err
    assert [one["status"] for one in json.loads(ran.out)["parameters"]] == ["done", "failed", "done"]
    assert ssm.tags("/myteam/my-app/c") == {"shared": "true"}
