"""What the SDK finds before and beside its calls: credentials and their source, places, the service's clock."""

from __future__ import annotations

import time
from email.utils import formatdate
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from ssmm_core.errors import CredentialsMissing, SettingsError
from ssmm_core.models import CredentialSource
from ssmm_core.settings import Settings
from ssmm_core.store.aws import AwsStore
from ssmm_core.store.sdk import Surroundings
from tests.conftest import REGION
from tests.store.calls import walked
from tests.support.faults import Handler

if TYPE_CHECKING:
    from tests.store.conftest import Connect
    from tests.support.faults import Faults


@pytest.fixture
def connect() -> Connect:
    """The SDK alone knows these things."""
    return AwsStore


KEY_ID = "AKIAMADEUP0123456789"


def aws_config(text: str) -> None:
    folder = Path.home() / ".aws"
    folder.mkdir()
    (folder / "config").write_text(text, encoding="utf-8")


def test_credentials_are_told_by_their_source_and_the_end_of_the_keys_id(store: AwsStore, monkeypatch: pytest.MonkeyPatch) -> None:
    assert store.connection.credentials() == CredentialSource("env")  # the key of the tests is too short to show a part of it
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", KEY_ID)
    assert Surroundings(Settings()).credentials() == CredentialSource("env", "6789")


@pytest.mark.parametrize(
    ("config", "method"),
    [
        (f"[default]\naws_access_key_id = {KEY_ID}\naws_secret_access_key = made-up\n", "config-file"),
        (
            f'[default]\ncredential_process = echo {{"Version":1,"AccessKeyId":"{KEY_ID}","SecretAccessKey":"made-up"}}\n'.replace(
                '"', '\\"'
            ),
            "custom-process",
        ),
    ],
)
def test_a_profiles_credentials_are_told_by_their_source(config: str, method: str) -> None:
    aws_config(config)
    assert Surroundings(Settings()).credentials() == CredentialSource(method, "6789")


def test_the_demonstrations_credentials_are_its_own() -> None:
    assert Surroundings(Settings(credentials=("demo", "demo"))).credentials() == CredentialSource("demo")


def test_without_credentials_their_source_is_missing() -> None:
    with pytest.raises(CredentialsMissing, match="no AWS credentials found"):
        Surroundings(Settings()).credentials()


def test_a_profile_tells_its_region_and_its_certificates(monkeypatch: pytest.MonkeyPatch) -> None:
    aws_config(f"[profile ours]\nregion = {REGION}\nca_bundle = /etc/ours.pem\n[profile theirs]\n")
    monkeypatch.setenv("AWS_PROFILE", "ours")
    found = Surroundings(Settings())
    assert (found.profile, found.region, found.ca_bundle, found.problem) == ("ours", REGION, "/etc/ours.pem", None)
    assert found.profiles == ("ours", "theirs")
    assert Surroundings(Settings(profile="theirs")).region == ""


def test_a_profile_that_does_not_exist_is_a_problem_beside_those_that_do() -> None:
    aws_config("[profile ours]\n")
    found = Surroundings(Settings(profile="nobody"))
    assert found.profile == "nobody"
    assert found.profiles == ("ours",)
    assert str(found.problem).startswith("there is no AWS profile 'nobody'")


def test_a_file_that_cannot_be_read_is_a_problem() -> None:
    aws_config("no section\n")
    assert isinstance(Surroundings(Settings()).problem, SettingsError)


# Places


def test_a_url_is_told_without_its_user_and_password(endpoint: str) -> None:
    store = AwsStore(Settings(region=REGION, endpoint_url=endpoint.replace("//", "//made-up:secret@")))
    assert store.connection.url("ssm") == store.connection.url("sts") == endpoint


@pytest.mark.parametrize("variable", ["AWS_ENDPOINT_URL_STS", "AWS_ENDPOINT_URL"])
@pytest.mark.parametrize("flag", [True, False])
def test_a_service_with_a_place_of_its_own_is_asked_there(
    endpoint: str, faults: Faults, monkeypatch: pytest.MonkeyPatch, variable: str, flag: bool
) -> None:
    monkeypatch.setenv(variable, endpoint)
    store = AwsStore(Settings(region=REGION, endpoint_url=faults.url if flag else None))
    assert store.connection.url("ssm") == faults.url
    assert store.connection.url("sts") == endpoint
    assert store.account(budget=store.budget()).id == "123456789012"
    assert faults.count("GetCallerIdentity") == 0


def test_a_place_that_is_no_url_is_named_and_not_another(endpoint: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_ENDPOINT_URL_STS", "nonsense")
    with pytest.raises(SettingsError, match="the endpoint 'nonsense' is not a URL"):
        AwsStore(Settings(region=REGION, endpoint_url=endpoint)).connection.url("sts")


# The clock


@pytest.mark.parametrize("ahead", [0, 1000, -1000])
def test_the_clock_is_compared_with_each_answer(faulty_store: AwsStore, monkeypatch: pytest.MonkeyPatch, ahead: int) -> None:
    monkeypatch.setattr(Handler, "date_time_string", lambda *_: formatdate(time.time() - ahead, usegmt=True))
    assert faulty_store.connection.clock_ahead is None
    walked(faulty_store)
    assert faulty_store.connection.clock_ahead is not None
    assert abs(faulty_store.connection.clock_ahead - ahead) < 100


@pytest.mark.parametrize("said", ["", "yesterday", "Mon, 99 Foo 2024 00:00:00 GMT"])
def test_an_answer_that_tells_no_time_is_an_answer_all_the_same(faulty_store: AwsStore, monkeypatch: pytest.MonkeyPatch, said: str) -> None:
    monkeypatch.setattr(Handler, "date_time_string", lambda *_: said)
    assert walked(faulty_store) == []
    assert faulty_store.connection.clock_ahead is None
