"""The tags of many parameters at once, which another service tells."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from ssmm_core.errors import AccessDenied, ExitCode, InvalidInput, SettingsError, SsmmError
from tests.conftest import REGION, Ssm
from tests.store.calls import sent

if TYPE_CHECKING:
    from ssmm_core.store.aws import AwsStore
    from tests.support.faults import Faults


def bulk(store: AwsStore, path: str = "/myteam") -> dict[str, dict[str, str]]:
    return dict(store.all_tags(path, budget=store.budget()))


def tagged(name: str, **tags: str) -> dict[str, object]:
    """A parameter as the service writes it: its ARN has one slash before the name, whether the name has one or not."""
    arn = f"arn:aws:ssm:{REGION}:123456789012:parameter/{name.lstrip('/')}"
    return {"ResourceARN": arn, "Tags": [{"Key": key, "Value": value} for key, value in tags.items()]}


def test_what_carries_tags_below_the_path_is_told_with_them(store: AwsStore, ssm: Ssm) -> None:
    ssm.put("/myteam/web/a", "x", tags={"app": "web", "env": "prod"})
    ssm.put("/myteam/web/nested/b", "x", tags={"empty": ""})
    ssm.put("/myteam/web/untagged", "x")
    ssm.put("/myteam2/web/c", "x", tags={"app": "web"})
    assert bulk(store) == {"/myteam/web/a": {"app": "web", "env": "prod"}, "/myteam/web/nested/b": {"empty": ""}}


def test_all_pages_are_asked_for_and_only_parameters(faulty_store: AwsStore, faults: Faults) -> None:
    faults.reply("GetResources", {"ResourceTagMappingList": [tagged("/myteam/web/a", app="web")], "PaginationToken": "one"})
    faults.reply("GetResources", {"ResourceTagMappingList": [], "PaginationToken": "two"})
    faults.reply("GetResources", {"ResourceTagMappingList": [tagged("/myteam/web/b", app="web")], "PaginationToken": ""})
    assert list(bulk(faulty_store)) == ["/myteam/web/a", "/myteam/web/b"]
    first = {"ResourceTypeFilters": ["ssm:parameter"], "ResourcesPerPage": 100}
    assert sent(faults, "GetResources") == [first, {**first, "PaginationToken": "one"}, {**first, "PaginationToken": "two"}]


def test_what_once_carried_tags_and_has_none_left_is_left_out(faulty_store: AwsStore, faults: Faults) -> None:
    faults.reply("GetResources", {"ResourceTagMappingList": [tagged("/myteam/web/a"), tagged("/myteam/web/b", app="web")]})
    assert bulk(faulty_store) == {"/myteam/web/b": {"app": "web"}}


def test_an_arn_of_a_name_with_that_word_in_it_is_read_right(faulty_store: AwsStore, faults: Faults) -> None:
    faults.reply("GetResources", {"ResourceTagMappingList": [tagged("/myteam/parameter/parameter", app="parameter")]})
    assert bulk(faulty_store) == {"/myteam/parameter/parameter": {"app": "parameter"}}


@pytest.mark.parametrize(
    "said",
    ["", "User: arn:aws:iam::123456789012:user/made-up is not authorized to perform: tag:GetResources because no policy allows it"],
    ids=["wordless", "as IAM says it"],
)
def test_a_denial_names_the_right_and_the_statement_that_gives_it(faulty_store: AwsStore, faults: Faults, said: str) -> None:
    faults.refuse("GetResources", "AccessDeniedException", said)
    with pytest.raises(AccessDenied, match="not allowed to tag:GetResources on /myteam") as caught:
        bulk(faulty_store)
    assert (caught.value.action, caught.value.resource, caught.value.exit_code) == ("tag:GetResources", "*", ExitCode.DENIED)
    assert '{"Effect": "Allow", "Action": "tag:GetResources", "Resource": "*"}' in caught.value.hint


def test_throttling_failures_and_lost_or_broken_answers_are_asked_for_again(faulty_store: AwsStore, ssm: Ssm, faults: Faults) -> None:
    ssm.put("/myteam/web/a", "x", tags={"app": "web"})
    faults.refuse("GetResources", "ThrottledException", "Rate exceeded", times=1)
    faults.refuse("GetResources", "InternalServiceException", status=500, times=1)
    faults.lose_reply("GetResources")
    faults.cut("GetResources")
    assert bulk(faulty_store) == {"/myteam/web/a": {"app": "web"}}
    assert faults.count("GetResources") == 5


def test_an_emulator_without_this_service_is_asked_once(faulty_store: AwsStore, faults: Faults) -> None:
    faults.refuse("GetResources", "InternalFailure", "this service is not yet implemented", status=501)
    with pytest.raises(InvalidInput, match="the tagging API refused GetResources of /myteam: InternalFailure"):
        bulk(faulty_store)
    assert faults.count("GetResources") == 1


@pytest.mark.parametrize("page", ["{}", "<!doctype html><title>Log in</title>"], ids=["no list", "HTML"])
def test_what_is_not_the_tagging_api_is_said(faulty_store: AwsStore, faults: Faults, page: str) -> None:
    faults.reply("GetResources", page)
    with pytest.raises(SettingsError, match="is not the tagging API"):
        bulk(faulty_store)


def test_a_listing_that_goes_round_is_refused(faulty_store: AwsStore, faults: Faults) -> None:
    faults.reply("GetResources", {"ResourceTagMappingList": [], "PaginationToken": "again"}, times=2)
    with pytest.raises(SsmmError, match="repeats a page of GetResources of /myteam"):
        bulk(faulty_store)
