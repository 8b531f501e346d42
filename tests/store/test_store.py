"""The store: what it asks of Parameter Store, and what it gives back."""

from __future__ import annotations

import datetime
from typing import TYPE_CHECKING, Any

import pytest

from ssmm_core.errors import (
    ChangedUnderneath,
    ExitCode,
    InvalidInput,
    NotFound,
    SettingsError,
    SsmmError,
)
from ssmm_core.secret import SecretValue
from ssmm_core.settings import Settings
from ssmm_core.store import wire
from ssmm_core.store.aws import AwsStore
from tests.conftest import REGION, Ssm
from tests.store.calls import (
    READS,
    SENTINEL,
    got,
    names_of,
    raw,
    request,
    sent,
    walked,
)

if TYPE_CHECKING:
    from tests.support.faults import Faults


# Walking


def test_a_walk_gives_everything_below_a_path_at_any_depth_and_no_neighbours(store: AwsStore, ssm: Ssm) -> None:
    for name in ("/myteam/web/a", "/myteam/web/nested/b", "/myteam/web-eu/c", "/myteam2/web/d"):
        ssm.put(name, f"value of {name}")
    found = walked(store, "/myteam/web")
    assert names_of(found) == ["/myteam/web/a", "/myteam/web/nested/b"]
    assert [one.value for one in found] == [SecretValue("value of /myteam/web/a"), SecretValue("value of /myteam/web/nested/b")]


def test_a_walk_of_nothing_is_empty(store: AwsStore) -> None:
    assert walked(store, "/myteam/nothing") == []


@pytest.mark.parametrize("number", [9, 10, 11, 20, 25])
def test_a_walk_goes_over_all_pages(store: AwsStore, ssm: Ssm, number: int) -> None:
    expected = [f"/myteam/web/key-{one:02}" for one in range(number)]
    for name in expected:
        ssm.put(name, "x", "String")
    assert names_of(walked(store)) == expected


def test_what_a_parameter_says_of_itself_is_kept(store: AwsStore, ssm: Ssm) -> None:
    ssm.put("/myteam/web/host", "old", "String")
    ssm.put("/myteam/web/host", "new", "String")
    ssm.put("/myteam/web/list", "a,b", "StringList")
    host, several = walked(store)
    assert (host.type, host.version, host.value, host.data_type) == ("String", 2, SecretValue("new"), "text")
    assert (several.type, several.is_secure, several.value) == ("StringList", False, SecretValue("a,b"))
    assert host.last_modified is not None
    assert abs(host.last_modified - datetime.datetime.now(datetime.UTC).timestamp()) < 60


def test_a_secure_string_that_is_not_decrypted_has_no_value(store: AwsStore, ssm: Ssm) -> None:
    ssm.put("/myteam/web/host", "plain", "String")
    ssm.put("/myteam/web/token", SENTINEL)
    plain, secure = walked(store, decrypt=False)
    assert plain.value == SecretValue("plain")
    assert secure.is_secure
    assert secure.value is None
    assert got(store, "/myteam/web/token", decrypt=False)["/myteam/web/token"].value is None
    assert [one.value for one in store.history("/myteam/web/token", decrypt=False, budget=store.budget())] == [None]
    assert store.get_version("/myteam/web/token", "1", decrypt=False, budget=store.budget()).value is None


def test_without_decrypting_it_is_not_asked_for(faulty_store: AwsStore, ssm: Ssm, faults: Faults) -> None:
    ssm.put("/myteam/web/token", "x")
    walked(faulty_store, decrypt=False)
    got(faulty_store, "/myteam/web/token", decrypt=False)
    assert [call.body["WithDecryption"] for call in faults.calls] == [False, False]


def test_only_the_token_says_whether_there_is_more(faulty_store: AwsStore, faults: Faults) -> None:
    pages = [("/myteam/a/1", "one"), ("", "two"), ("", "three"), ("/myteam/a/2", "four"), ("", "")]
    for name, token in pages:
        faults.reply("GetParametersByPath", {"Parameters": [raw(name)] if name else [], "NextToken": token})
    assert names_of(walked(faulty_store)) == ["/myteam/a/1", "/myteam/a/2"]
    assert [body.get("NextToken") for body in sent(faults, "GetParametersByPath")] == [None, "one", "two", "three", "four"]


def test_an_answer_without_a_list_is_no_empty_one(faulty_store: AwsStore, faults: Faults) -> None:
    faults.reply("GetParametersByPath", {"NextToken": "more"})
    faults.reply("GetParametersByPath", {})
    with pytest.raises(SettingsError, match="what answers for /myteam is not Parameter Store"):
        walked(faulty_store)


def test_every_page_is_asked_for_alike_and_as_large_as_allowed(faulty_store: AwsStore, faults: Faults) -> None:
    faults.reply("GetParametersByPath", {"Parameters": [], "NextToken": "more"})
    faults.reply("GetParametersByPath", {"Parameters": []})
    walked(faulty_store)
    first, second = sent(faults, "GetParametersByPath")
    assert first == {"Path": "/myteam", "Recursive": True, "WithDecryption": True, "MaxResults": 10}
    assert second == {**first, "NextToken": "more"}


@pytest.mark.parametrize("tokens", [["a", "a"], ["a", "b", "a"]])
def test_an_endpoint_that_repeats_a_token_is_refused(faulty_store: AwsStore, faults: Faults, tokens: list[str]) -> None:
    for token in tokens:
        faults.reply("GetParametersByPath", {"Parameters": [raw("/myteam/a/1")], "NextToken": token})
    with pytest.raises(SsmmError, match="repeats a page of GetParametersByPath of /myteam"):
        walked(faulty_store)
    assert faults.count("GetParametersByPath") == len(tokens)


@pytest.mark.parametrize("operation", ["DescribeParameters", "GetParameterHistory"])
def test_other_listings_go_by_the_token_too(faulty_store: AwsStore, faults: Faults, operation: str) -> None:
    faults.reply(operation, {"Parameters": [], "NextToken": "more"})
    faults.reply(operation, {"Parameters": [raw("/myteam/a/1")], "NextToken": ""})
    budget = faulty_store.budget()
    found: list[Any]
    if operation == "DescribeParameters":
        found = list(faulty_store.describe(path="/myteam", budget=budget))
    else:
        found = list(faulty_store.history("/myteam/a/1", decrypt=True, budget=budget))
    assert [one.name for one in found] == ["/myteam/a/1"]
    assert [body["MaxResults"] for body in sent(faults, operation)] == [50, 50]


ODD = {
    "nothing of it": {},
    "no name": {"Type": "String", "Value": "made-up", "Version": 1},
    "no type": {"Name": "/myteam/a/1", "Value": "made-up", "Version": 1},
    "no value": {"Name": "/myteam/a/1", "Type": "String", "Version": 1},
    "no version": {"Name": "/myteam/a/1", "Type": "String", "Value": "made-up"},
    "a number for a value": {"Name": "/myteam/a/1", "Type": "String", "Value": 5, "Version": 1},
}


@pytest.mark.parametrize("entry", ODD.values(), ids=ODD)
@pytest.mark.parametrize("operation", ["GetParametersByPath", "GetParameters", "GetParameter"])
def test_an_entry_that_the_service_would_never_say_is_not_its_own(
    faulty_store: AwsStore, faults: Faults, operation: str, entry: dict[str, object]
) -> None:
    faults.reply(operation, {"Parameter": entry} if operation == "GetParameter" else {"Parameters": [entry]})
    with pytest.raises(SettingsError, match=r"what answers for /myteam\S* is not Parameter Store"):
        READS[operation](faulty_store)


def test_an_answer_that_names_nothing_does_not_say_that_nothing_is_there(faulty_store: AwsStore, faults: Faults) -> None:
    faults.reply("GetParameters", {})
    with pytest.raises(SettingsError, match="what answers for /myteam/web/token is not Parameter Store"):
        got(faulty_store, "/myteam/web/token")


# Getting


@pytest.mark.parametrize(("number", "batches"), [(0, []), (1, [1]), (10, [10]), (11, [1, 10]), (23, [3, 10, 10])])
def test_names_are_got_in_batches_of_ten(faulty_store: AwsStore, ssm: Ssm, faults: Faults, number: int, batches: list[int]) -> None:
    names = [f"/myteam/web/key-{one:02}" for one in range(number)]
    for name in names:
        ssm.put(name, f"value of {name}", "String")
    found = got(faulty_store, *names)
    assert {name: one.value for name, one in found.items()} == {name: SecretValue(f"value of {name}") for name in names}
    assert sorted(len(body["Names"]) for body in sent(faults, "GetParameters")) == batches


def test_a_name_given_twice_is_asked_for_once(faulty_store: AwsStore, ssm: Ssm, faults: Faults) -> None:
    ssm.put("/myteam/web/a", "x", "String")
    assert list(got(faulty_store, "/myteam/web/a", "/myteam/web/a")) == ["/myteam/web/a"]
    assert [body["Names"] for body in sent(faults, "GetParameters")] == [["/myteam/web/a"]]


def test_names_that_do_not_exist_are_left_out(store: AwsStore, ssm: Ssm) -> None:
    ssm.put("/myteam/web/a", "x", "String")
    assert list(got(store, "/myteam/web/missing", "/myteam/web/a")) == ["/myteam/web/a"]


@pytest.mark.parametrize("asked", ["top", "/top"])
@pytest.mark.parametrize("answered", ["top", "/top"])
def test_a_one_level_name_is_the_same_with_and_without_its_slash(faulty_store: AwsStore, faults: Faults, asked: str, answered: str) -> None:
    faults.reply("GetParameters", {"Parameters": [raw(answered)]})
    found = got(faulty_store, asked)
    assert list(found) == [asked]
    assert found[asked].name == "/top"


def test_names_of_all_kinds_may_be_got_together(store: AwsStore, ssm: Ssm) -> None:
    names = ["/top", "/other/web/a", "/myteam/web/a", "/myteam/web/nested/b"]
    for name in names:
        ssm.put(name, f"value of {name}", "String")
    found = got(store, "top", *names[1:])
    assert {asked: one.name for asked, one in found.items()} == {"top": "/top", **{name: name for name in names[1:]}}


def test_a_version_is_got_by_its_number_or_label(store: AwsStore, ssm: Ssm) -> None:
    for value in ("first", "second", "third"):
        ssm.put("/myteam/web/token", value)
    ssm.client.label_parameter_version(Name="/myteam/web/token", ParameterVersion=2, Labels=["stable"])
    for selector, value, version in (("1", "first", 1), ("stable", "second", 2), ("3", "third", 3)):
        found = store.get_version("/myteam/web/token", selector, decrypt=True, budget=store.budget())
        assert (found.name, found.value, found.version) == ("/myteam/web/token", SecretValue(value), version)


@pytest.mark.parametrize(("name", "selector"), [("/myteam/web/missing", "1"), ("/myteam/web/token", "9"), ("/myteam/web/token", "none")])
def test_a_version_that_does_not_exist_is_not_found(store: AwsStore, ssm: Ssm, name: str, selector: str) -> None:
    ssm.put("/myteam/web/token", "x")
    with pytest.raises(NotFound, match=f"{name}:{selector}"):
        store.get_version(name, selector, decrypt=True, budget=store.budget())


# Describing, tags, history


def test_metadata_tells_all_but_the_value(store: AwsStore, ssm: Ssm) -> None:
    ssm.put("/myteam/web/token", SENTINEL, KeyId="alias/ours", Tier="Advanced", Description="about it", AllowedPattern=".*")
    ssm.put("/myteam/web/host", "x", "String")
    host, token = sorted(store.describe(path="/myteam", budget=store.budget()), key=lambda one: one.name)
    assert (token.name, token.type, token.version, token.tier) == ("/myteam/web/token", "SecureString", 1, "Advanced")
    assert (token.key_id, token.description, token.allowed_pattern) == ("alias/ours", "about it", ".*")
    assert (host.name, host.tier, host.key_id, host.description, host.policies) == ("/myteam/web/host", "Standard", "", "", ())
    assert SENTINEL not in repr(token)


def test_a_secure_string_without_a_key_has_that_of_aws(faulty_store: AwsStore, faults: Faults) -> None:
    faults.reply("DescribeParameters", {"Parameters": [{"Name": "/myteam/web/token", "Type": "SecureString", "Version": 1}]})
    assert [one.key_id for one in faulty_store.describe(path="/myteam", budget=faulty_store.budget())] == ["alias/aws/ssm"]


def test_policies_are_texts(faulty_store: AwsStore, faults: Faults) -> None:
    text = '{"Type":"Expiration","Version":"1.0","Attributes":{"Timestamp":"2030-01-01T00:00:00Z"}}'
    entry = {"Name": "/myteam/web/token", "Type": "String", "Version": 1, "Policies": [{"PolicyText": text, "PolicyType": "Expiration"}]}
    faults.reply("DescribeParameters", {"Parameters": [entry]})
    assert [one.policies for one in faulty_store.describe(path="/myteam", budget=faulty_store.budget())] == [(text,)]


def test_describing_a_path_leaves_neighbours_out(store: AwsStore, ssm: Ssm) -> None:
    for name in ("/myteam/web/a", "/myteam2/web/b", "/myteam/web/nested/c"):
        ssm.put(name, "x", "String")
    assert sorted(one.name for one in store.describe(path="/myteam", budget=store.budget())) == ["/myteam/web/a", "/myteam/web/nested/c"]


def test_names_are_described_fifty_at_a_time(faulty_store: AwsStore, ssm: Ssm, faults: Faults) -> None:
    names = [f"/myteam/web/key-{one:02}" for one in range(51)]
    ssm.put(names[0], "x", "String")
    ssm.put(names[50], "x", "String")
    found = {one.name for one in faulty_store.describe(names=names, budget=faulty_store.budget())}
    assert found == {names[0], names[50]}
    assert [len(body["ParameterFilters"][0]["Values"]) for body in sent(faults, "DescribeParameters")] == [50, 1]


def test_several_tags_must_all_match(store: AwsStore, ssm: Ssm) -> None:
    ssm.put("/myteam/web/a", "x", tags={"shared": "true", "env": "prod"})
    ssm.put("/myteam/web/b", "x", tags={"shared": "true", "env": "dev"})
    ssm.put("/myteam/web/c", "x", tags={"shared": "false", "env": "prod"})
    ssm.put("/other/web/d", "x", tags={"shared": "true", "env": "prod"})
    found = store.describe(path="/myteam", tags={"shared": "true", "env": "prod"}, budget=store.budget())
    assert [one.name for one in found] == ["/myteam/web/a"]


def test_tags_are_listed_added_changed_and_removed(store: AwsStore, ssm: Ssm) -> None:
    ssm.put("/myteam/web/a", "x", tags={"app": "web", "old": "1"})
    store.add_tags("/myteam/web/a", {"owner": "backend", "old": "2"}, budget=store.budget())
    assert store.tags("/myteam/web/a", budget=store.budget()) == {"app": "web", "old": "2", "owner": "backend"}
    store.remove_tags("/myteam/web/a", ["old", "never-there"], budget=store.budget())
    assert ssm.tags("/myteam/web/a") == {"app": "web", "owner": "backend"}


def test_tags_of_what_does_not_exist_are_not_found(store: AwsStore) -> None:
    with pytest.raises(NotFound, match="there is no parameter /myteam/web/missing"):
        store.tags("/myteam/web/missing", budget=store.budget())


def test_history_is_the_versions_with_their_labels_oldest_first(store: AwsStore, ssm: Ssm) -> None:
    for value in ("first", "second", "third"):
        ssm.put("/myteam/web/token", value)
    ssm.client.label_parameter_version(Name="/myteam/web/token", ParameterVersion=2, Labels=["stable"])
    found = list(store.history("/myteam/web/token", decrypt=True, budget=store.budget()))
    assert [(one.version, one.value, one.labels) for one in found] == [
        (1, SecretValue("first"), ()),
        (2, SecretValue("second"), ("stable",)),
        (3, SecretValue("third"), ()),
    ]


# Writing


def test_a_new_parameter_is_written_in_one_call_with_its_tags(faulty_store: AwsStore, ssm: Ssm, faults: Faults) -> None:
    asked = request(tier="Advanced", key_id="alias/ours", description="about it", allowed_pattern=".*", tags={"app": "web"})
    assert faulty_store.put(asked, budget=faulty_store.budget()) == 1
    assert sent(faults, "PutParameter") == [
        {
            "Name": "/myteam/web/token",
            "Value": SENTINEL,
            "Type": "SecureString",
            "Overwrite": False,
            "Tier": "Advanced",
            "KeyId": "alias/ours",
            "AllowedPattern": ".*",
            "Description": "about it",
            "Tags": [{"Key": "app", "Value": "web"}],
        }
    ]
    assert ssm.value("/myteam/web/token") == SENTINEL
    assert ssm.tags("/myteam/web/token") == {"app": "web"}


def test_an_overwrite_carries_no_tags_and_says_its_version(faulty_store: AwsStore, ssm: Ssm, faults: Faults) -> None:
    ssm.put("/myteam/web/token", "old")
    assert faulty_store.put(request(overwrite=True, tags={"app": "web"}), budget=faulty_store.budget()) == 2
    assert "Tags" not in sent(faults, "PutParameter")[0]


def test_what_is_not_said_is_not_sent(faulty_store: AwsStore, faults: Faults) -> None:
    faulty_store.put(request(type="String"), budget=faulty_store.budget())
    assert set(sent(faults, "PutParameter")[0]) == {"Name", "Value", "Type", "Overwrite"}


def test_a_key_is_sent_only_for_a_secure_string(faulty_store: AwsStore, faults: Faults) -> None:
    faulty_store.put(request(type="String", key_id="alias/ours"), budget=faulty_store.budget())
    assert "KeyId" not in sent(faults, "PutParameter")[0]


def test_policies_are_sent_as_one_json_array(faulty_store: AwsStore, faults: Faults) -> None:
    faulty_store.put(request(type="String", tier="Advanced", policies=('{"Type":"a"}', '{"Type":"b"}')), budget=faulty_store.budget())
    assert sent(faults, "PutParameter")[0]["Policies"] == '[{"Type":"a"},{"Type":"b"}]'


@pytest.mark.parametrize(
    "value", [" leading and trailing \n", "a\r\nb", "ü 名前 😀", "\x01\x1b", '{"a": "b"}', "-----BEGIN-----\nx\n-----END-----\n"]
)
def test_values_come_back_exactly(store: AwsStore, value: str) -> None:
    store.put(request(value=value), budget=store.budget())
    assert got(store, "/myteam/web/token")["/myteam/web/token"].value == SecretValue(value)


def test_creating_what_exists_is_a_change_underneath(store: AwsStore, ssm: Ssm) -> None:
    ssm.put("/myteam/web/token", "theirs")
    with pytest.raises(ChangedUnderneath, match="/myteam/web/token was created by somebody else") as caught:
        store.put(request(), budget=store.budget())
    assert caught.value.exit_code == ExitCode.FAILED
    assert ssm.value("/myteam/web/token") == "theirs"


def test_deleting_says_which_of_the_names_existed(store: AwsStore, ssm: Ssm) -> None:
    ssm.put("/myteam/web/a", "x")
    ssm.put("/myteam/web/b", "x")
    assert store.delete(["/myteam/web/a", "/myteam/web/missing"], budget=store.budget()) == {"/myteam/web/a"}
    assert ssm.names() == ["/myteam/web/b"]


def test_a_label_is_moved_to_a_version(store: AwsStore, ssm: Ssm) -> None:
    ssm.put("/myteam/web/token", "first")
    ssm.put("/myteam/web/token", "second")
    for version, value in ((1, "first"), (2, "second")):
        store.label("/myteam/web/token", version, ["stable"], budget=store.budget())
        assert store.get_version("/myteam/web/token", "stable", decrypt=True, budget=store.budget()).value == SecretValue(value)


def test_a_label_that_the_service_does_not_take_is_an_error_though_it_answers_200(faulty_store: AwsStore, faults: Faults) -> None:
    faults.reply("LabelParameterVersion", {"InvalidLabels": ["aws-x"], "ParameterVersion": 1})
    with pytest.raises(InvalidInput, match="does not take the label aws-x for /myteam/web/token"):
        faulty_store.label("/myteam/web/token", 1, ["aws-x", "good"], budget=faulty_store.budget())


def test_writes_keep_their_rate_and_reads_have_none(endpoint: str, monkeypatch: pytest.MonkeyPatch) -> None:
    slept: list[float] = []
    monkeypatch.setattr("ssmm_core.store.retry.time.sleep", slept.append)
    store = AwsStore(Settings(region=REGION, write_rate=0.01, timeout=1000))
    for _ in range(3):
        got(store, "/myteam/web/a")
    assert sum(slept) == 0
    for number in range(3):
        store.turn(budget=store.budget())
        store.put(request(f"/myteam/web/{number}"), budget=store.budget())
    assert [one for one in slept if one > 1] == pytest.approx([100, 200], abs=50)


@pytest.mark.parametrize("name", ["/myteam/other/token", "/MYTEAM/WEB/token", "/myteam/token", "/zz/web/token", "arn:aws:ssm:::x"])
def test_a_listing_that_names_what_lies_elsewhere_is_none_of_the_services(faulty_store: AwsStore, faults: Faults, name: str) -> None:
    faults.reply("GetParametersByPath", {"Parameters": [raw(name)]})
    with pytest.raises(SettingsError, match="what answers for /myteam/web is not Parameter Store"):
        walked(faulty_store, "/myteam/web")


@pytest.mark.parametrize("seconds", [-1.0, 1e300])
def test_a_time_that_no_clock_tells_is_not_known(seconds: float) -> None:
    assert wire.parameter(raw("/a") | {"LastModifiedDate": seconds}, decrypt=True).last_modified is None
