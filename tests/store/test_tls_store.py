"""The small store that speed is measured against answers as the reference does, throttles as it was told, and counts right."""

from __future__ import annotations

import http.client
import socket
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

import botocore.session
import pytest
from botocore.config import Config
from botocore.exceptions import ClientError, SSLError
from hypothesis import given
from hypothesis import strategies as st

from ssmm_core.settings import Settings
from ssmm_core.store.aws import AwsStore
from tests.conftest import REGION, Ssm
from tests.support.tls_store import TlsStore, tls_store
from tests.support.tls_store_server import Bucket

if TYPE_CHECKING:
    from collections.abc import Iterator

APP, SHARED = "/myteam/app", "/myteam/shared"
VALUES = {f"{APP}/key-{number}": f"made-up-{number}" for number in range(23)} | {f"{APP}/nested/one": "made-up", f"{SHARED}/one": "made-up"}
TAGGED = {f"{SHARED}/one": {"shared": "true"}, f"{APP}/key-1": {"shared": "false"}}


@pytest.fixture(scope="module")
def small() -> Iterator[TlsStore]:
    with tls_store(VALUES, tags=TAGGED) as store:
        yield store


def client(store: TlsStore, ca_file: str) -> Any:
    return botocore.session.Session().create_client(
        "ssm",
        region_name=REGION,
        endpoint_url=store.url,
        verify=ca_file or None,
        aws_access_key_id="made-up",
        aws_secret_access_key="made-up-too",
        config=Config(retries={"total_max_attempts": 1}),
    )


@pytest.fixture
def asked(small: TlsStore) -> Any:
    """Somebody else's client of it."""
    small.reset()
    return client(small, small.ca_file)


def test_it_answers_reads_as_the_reference_does(
    small: TlsStore, endpoint: str, ssm: Ssm, store: AwsStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name, value in VALUES.items():
        ssm.put(name, value, tags=TAGGED.get(name))
    monkeypatch.setenv("AWS_CA_BUNDLE", small.ca_file)
    ours = AwsStore(Settings(region=REGION, endpoint_url=small.url))

    def read(one: AwsStore) -> list[Any]:
        budget = one.budget()
        walked = {name.name: name for path in (APP, SHARED, "/none") for name in one.walk(path, decrypt=True, budget=budget)}
        got = one.get([*VALUES, f"{APP}/missing"], decrypt=True, budget=budget)
        tagged = [found.name for found in one.describe(path="/myteam", tags={"shared": "true"}, budget=budget)]
        assert tagged == [f"{SHARED}/one"]
        return [
            sorted((name, found.value.reveal(), found.type, found.version) for name, found in some.items() if found.value)
            for some in (walked, got)
        ]

    assert read(ours) == read(store)
    assert [name for name, *_ in read(ours)[0]] == sorted(VALUES)


def test_pages_end_without_an_empty_one(asked: Any, small: TlsStore) -> None:
    first = asked.get_parameters_by_path(Path=APP, Recursive=False, MaxResults=10)
    second = asked.get_parameters_by_path(Path=APP, Recursive=False, MaxResults=10, NextToken=first["NextToken"])
    third = asked.get_parameters_by_path(Path=APP, Recursive=False, MaxResults=3, NextToken=second["NextToken"])
    assert [len(page["Parameters"]) for page in (first, second, third)] == [10, 10, 3]
    assert "NextToken" not in third
    assert small.count() == ({"GetParametersByPath": 3}, {}, 1)


@pytest.mark.parametrize(
    ("operation", "parameters", "code"),
    [
        ("get_parameter", {"Name": f"{APP}/missing"}, "ParameterNotFound"),
        ("get_parameters", {"Names": [f"{APP}/key-{number}" for number in range(11)]}, "ValidationException"),
        ("get_parameters_by_path", {"Path": "myteam"}, "ValidationException"),
        ("get_parameters_by_path", {"Path": APP, "MaxResults": 11}, "ValidationException"),
        ("get_parameters_by_path", {"Path": APP, "NextToken": "bWFkZS11cA=="}, "InvalidNextToken"),
        ("describe_parameters", {"ParameterFilters": [{"Key": "Label", "Values": ["made-up"]}]}, "InvalidFilterKey"),
        ("get_parameter_history", {"Name": f"{APP}/key-1"}, "UnknownOperationException"),
    ],
)
def test_it_refuses_with_the_services_errors(asked: Any, operation: str, parameters: dict[str, Any], code: str) -> None:
    with pytest.raises(ClientError) as refused:
        getattr(asked, operation)(**parameters)
    assert refused.value.response["Error"]["Code"] == code
    assert refused.value.response["ResponseMetadata"]["HTTPStatusCode"] == 400
    assert refused.value.response["ResponseMetadata"]["RequestId"]


def test_a_value_that_is_not_decrypted_is_not_shown(asked: Any) -> None:
    assert asked.get_parameter(Name=f"{APP}/key-1", WithDecryption=True)["Parameter"]["Value"] == "made-up-1"
    assert "made-up-1" not in asked.get_parameter(Name=f"{APP}/key-1")["Parameter"]["Value"]


def test_only_its_own_authority_vouches_for_it(small: TlsStore) -> None:
    with pytest.raises(SSLError):
        client(small, "").get_parameter(Name=f"{APP}/key-1")
    named = client(small, small.ca_file)
    assert named.get_parameter(Name=f"{APP}/key-1")["ResponseMetadata"]["HTTPStatusCode"] == 200


def test_more_than_the_burst_is_throttled_and_both_are_counted() -> None:
    with tls_store(VALUES, tls=False, rate=1e-9, burst=3) as limited:
        asked = client(limited, "")
        for _ in range(2):
            limited.reset()
            for _ in range(3):
                asked.get_parameters(Names=[f"{APP}/key-1"])
            with pytest.raises(ClientError, match="ThrottlingException"):
                asked.get_parameters_by_path(Path=APP)
            assert limited.count()[:2] == ({"GetParameters": 3}, {"GetParametersByPath": 1})


def test_what_arrives_in_pieces_is_put_together_in_order() -> None:
    body = f'{{"Name": "{APP}/key-7", "WithDecryption": true}}'.encode()
    request = b"POST / HTTP/1.1\r\nX-Amz-Target: AmazonSSM.GetParameter\r\nContent-Length: %d\r\n\r\n%b" % (len(body), body)
    with tls_store(VALUES, tls=False, round_trip=0.01) as late:
        place = urlsplit(late.url)
        with socket.create_connection((place.hostname, place.port), timeout=60) as opened:
            opened.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            for at in range(0, len(request), 5):
                opened.sendall(request[at : at + 5])
            opened.sendall(request * 2)
            with opened.makefile("rb") as answers:
                for _ in range(3):
                    assert answers.readline() == b"HTTP/1.1 200 OK\r\n"
                    headers = http.client.parse_headers(answers)
                    assert b'"Value": "made-up-7"' in answers.read(int(headers["Content-Length"]))
        assert late.count().answered == {"GetParameter": 3}


@given(st.floats(0.1, 100), st.integers(1, 50), st.lists(st.floats(0, 2), max_size=100))
def test_a_bucket_never_lets_more_through_than_its_burst_and_rate(rate: float, burst: int, waits: list[float]) -> None:
    bucket, now, passed = Bucket(rate, burst, 0.0), 0.0, 0
    for number, wait in enumerate(waits):
        now += wait
        taken = bucket.take(now)
        passed += taken
        assert taken or number >= burst
        assert passed <= burst + rate * now + 1e-6
