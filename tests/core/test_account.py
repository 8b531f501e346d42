"""Whose parameters these are, and where the services beside Parameter Store are asked."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING, Any

import botocore.session
import pytest

from ssmm_core.errors import CredentialsRejected, SettingsError, Unreachable
from ssmm_core.models import Account
from ssmm_core.parallel import each
from ssmm_core.settings import Settings
from ssmm_core.store import sdk
from ssmm_core.store.aws import AwsStore
from tests.conftest import REGION
from tests.store.calls import walked

if TYPE_CHECKING:
    from tests.support.faults import Faults

ID = "123456789012"
CALLER = f"arn:aws:sts::{ID}:user/moto"


def account(store: AwsStore) -> Account:
    return store.account(budget=store.budget())


def name_account(url: str, alias: str) -> None:
    session = botocore.session.Session()
    client: Any = session.create_client("iam", region_name=REGION, endpoint_url=url, aws_access_key_id="made-up", aws_secret_access_key="x")
    client.create_account_alias(AccountAlias=alias)


def test_an_account_is_its_number_its_alias_and_the_caller(store: AwsStore, endpoint: str) -> None:
    name_account(endpoint, "our-team-prod")
    assert account(store) == Account(ID, "our-team-prod", CALLER)


def test_an_account_without_an_alias_has_none(store: AwsStore) -> None:
    assert account(store) == Account(ID, "", CALLER)


@pytest.mark.parametrize(("code", "status", "asked"), [("AccessDenied", 403, 1), ("ServiceFailure", 500, 10)])
def test_an_alias_that_cannot_be_had_is_done_without(faulty_store: AwsStore, faults: Faults, code: str, status: int, asked: int) -> None:
    faults.refuse("ListAccountAliases", code, "User is not authorized to perform: iam:ListAccountAliases", status=status)
    assert account(faulty_store) == Account(ID, "", CALLER)
    assert faults.count("ListAccountAliases") == asked


def test_who_calls_is_asked_again_while_the_service_throttles(faulty_store: AwsStore, faults: Faults) -> None:
    faults.refuse("GetCallerIdentity", "Throttling", "Rate exceeded", times=2)
    assert account(faulty_store).id == ID
    assert faults.count("GetCallerIdentity") == 3


@pytest.mark.parametrize("code", ["ExpiredToken", "InvalidClientTokenId"])
def test_credentials_that_sts_rejects_are_rejected(faulty_store: AwsStore, faults: Faults, code: str) -> None:
    faults.refuse("GetCallerIdentity", code, "The security token included in the request is invalid", status=403)
    with pytest.raises(CredentialsRejected, match=code):
        account(faulty_store)
    assert faults.count("GetCallerIdentity") == 1


@pytest.mark.parametrize(
    "page",
    [
        "{}",
        "<!doctype html><title>Log in</title>",
        "<html><body>Log in</body></html>",
        "<GetCallerIdentityResponse><GetCallerIdentityResult/></GetCallerIdentityResponse>",
    ],
    ids=["JSON", "HTML", "XHTML", "nobody"],
)
def test_what_is_not_sts_is_said(faulty_store: AwsStore, faults: Faults, page: str) -> None:
    faults.reply("GetCallerIdentity", page)
    with pytest.raises(SettingsError, match="is not STS"):
        account(faulty_store)


# Where they are asked


def test_another_endpoint_is_told_without_its_user_and_password(endpoint: str) -> None:
    store = AwsStore(Settings(region=REGION, endpoint_url=endpoint.replace("//", "//made-up:secret@")))
    assert store.endpoint == endpoint


@pytest.mark.parametrize(
    "url", [None, "https://vpce-0123.ssm.eu-central-1.vpce.amazonaws.com", "https://ssm.eu-central-1.api.aws"], ids=["none", "VPC", "dual"]
)
def test_on_aws_no_endpoint_is_told_and_each_service_has_its_own(url: str | None, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "made-up")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "made-up-too")
    store = AwsStore(Settings(region=REGION, endpoint_url=url))
    assert store.endpoint == ""
    assert {service: store._connection._client(service).meta.endpoint_url for service in ("tag", "sts", "iam")} == {
        "tag": f"https://tagging.{REGION}.amazonaws.com",
        "sts": f"https://sts.{REGION}.amazonaws.com",
        "iam": "https://iam.amazonaws.com",
    }


@pytest.mark.parametrize(
    ("url", "own"),
    [
        ("https://ssm.cn-north-1.amazonaws.com.cn", True),
        ("https://ssm.eusc-de-east-1.amazonaws.eu", True),
        ("https://SSM.US-EAST-1.AMAZONAWS.COM:443/", True),
        ("http://localhost:4566", False),
        ("http://127.0.0.1:1", False),
        ("https://amazonaws.com.example.org", False),
        ("https://notamazonaws.com", False),
        ("https://user:amazonaws.com@example.org", False),
    ],
)
def test_an_endpoint_is_aws_own_by_its_domain(url: str, own: bool) -> None:
    assert sdk.is_aws(url) is own


def test_elsewhere_all_services_are_asked_at_the_same_place(faulty_store: AwsStore, faults: Faults) -> None:
    walked(faulty_store)
    account(faulty_store)
    list(faulty_store.all_tags("/myteam", budget=faulty_store.budget()))
    assert [call.operation for call in faults.calls] == ["GetParametersByPath", "GetCallerIdentity", "ListAccountAliases", "GetResources"]


def test_the_demonstrations_credentials_and_place_count_for_all_services(endpoint: str, monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in {"AWS_PROFILE": "nobody", "AWS_ENDPOINT_URL_STS": "nonsense", "HTTP_PROXY": "http://127.0.0.1:9"}.items():
        monkeypatch.setenv(name, value)
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
        monkeypatch.delenv(name)
    store = AwsStore(Settings(region=REGION, endpoint_url=endpoint, credentials=("demo", "demo")))
    assert account(store).id == ID


def test_a_client_is_made_when_it_is_first_called_and_once(endpoint: str, monkeypatch: pytest.MonkeyPatch) -> None:
    made: list[str] = []
    make = sdk.Connection._make_client

    def counted(connection: sdk.Connection, service: Any, url: str | None) -> Any:
        made.append(service)
        return make(connection, service, url)

    monkeypatch.setattr(sdk.Connection, "_make_client", counted)
    store = AwsStore(Settings(region=REGION))
    walked(store)
    assert made == ["ssm"]
    together = threading.Barrier(4)

    def ask(_number: int) -> Account:
        together.wait(timeout=30)
        return account(store)

    assert each(ask, range(4), threads=4) == [Account(ID, "", CALLER)] * 4
    assert made == ["ssm", "sts", "iam"]


def test_a_failure_that_lasts_names_the_call(faulty_store: AwsStore, faults: Faults) -> None:
    faults.refuse("GetCallerIdentity", "InternalFailure", status=500)
    with pytest.raises(Unreachable, match=r"STS failed at GetCallerIdentity of the caller \(HTTP 500\)"):
        account(faulty_store)
