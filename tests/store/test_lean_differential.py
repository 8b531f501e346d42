"""The same faults for both connections, in any order: what comes of it is the same, down to the last word."""

from __future__ import annotations

import functools
import os
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from ssmm_core.errors import SsmmError
from ssmm_core.models import Parameter, ParameterMetadata
from ssmm_core.settings import Settings
from ssmm_core.store.lean.connection import LeanConnection
from ssmm_core.store.reader import Reader
from ssmm_core.store.sdk import Connection
from tests.conftest import REGION, Ssm
from tests.store.calls import KMS_DENIED, KMS_UNKNOWN
from tests.support.faults import Body, Faults

NAMES = [f"/myteam/web/key-{number:02}" for number in range(13)]
READS: dict[str, Callable[[Reader], list[Any]]] = {
    "GetParametersByPath": lambda store: list(store.walk("/myteam", decrypt=True, budget=store.budget())),
    "GetParametersByPath, not decrypted": lambda store: list(store.walk("/myteam", decrypt=False, budget=store.budget())),
    "GetParameters": lambda store: list(store.get([*NAMES, "/myteam/missing"], decrypt=True, budget=store.budget()).values()),
    "GetParameter": lambda store: [store.get_version(NAMES[0], "1", decrypt=True, budget=store.budget())],
    "DescribeParameters": lambda store: list(store.describe(path="/myteam", budget=store.budget())),
}
THROTTLED = ("ThrottlingException", "TooManyUpdates", "RequestLimitExceeded")
"""What is waited out as long as the time lasts: never for ever, here."""
CODES = [
    *((code, 400) for code in (*THROTTLED, "AccessDeniedException", "InvalidKeyId")),
    *((code, 400) for code in ("ExpiredTokenException", "UnrecognizedClientException", "InvalidSignatureException", "RequestExpired")),
    *((code, 400) for code in ("ParameterNotFound", "ParameterVersionNotFound", "ValidationException", "InvalidNextToken", "MadeUp")),
    *((code, 500) for code in ("InternalServerError", "MadeUp")),
    ("ServiceUnavailable", 503),
    ("MadeUp", 403),
    ("MadeUp", 429),
    ("MadeUp", 501),
]
MESSAGES = ["", "made-up", "two\nlines", "a" * 400, KMS_DENIED, KMS_UNKNOWN, "Access denied by AWSKMS"]
NAMESPACES = ["{}", "com.amazonaws.ssm#{}", "{}:http://internal.amazon.com/coral/com.amazonaws.ssm/"]
BODIES = ["", "null", "[]", "{}", '"text"', "<html>", '{"Parameters":[', '{"Parameters":null}', '{"Parameters":[]}', '{"NextToken":""}']


def drop_entries(_body: Body, said: Body) -> None:
    """An empty page, which may have more behind it."""
    said["Parameters"] = []


def no_token(_body: Body, said: Body) -> None:
    said["NextToken"] = ""


Fault = Callable[[Faults], None]


@st.composite
def faults_of(draw: st.DrawFn, operation: str) -> Fault:
    """One thing that goes wrong, some times, after some calls that went well."""
    times, skip = draw(st.integers(1, 3)), draw(st.integers(0, 2))
    kind = draw(st.sampled_from(["refuse", "refuse", "refuse", "always", "cut", "lose", "reply", "page", "last", "decrypt"]))
    (code, status), message = draw(st.sampled_from(CODES)), draw(st.sampled_from(MESSAGES))
    named = draw(st.sampled_from(NAMESPACES)).format(code)
    before, body, culprit = draw(st.booleans()), draw(st.sampled_from(BODIES)), draw(st.sampled_from(NAMES))

    def decrypted(asked: Body) -> bool:
        names = asked.get("Names", [asked.get("Name", culprit)])
        return bool(asked.get("WithDecryption")) and culprit in names

    def fault(server: Faults) -> None:
        if kind == "refuse":
            server.refuse(operation, named, message, status=status, times=times, skip=skip)
        elif kind == "always" and code not in THROTTLED and status not in (429, 500, 503):
            server.refuse(operation, named, message, status=status, skip=skip)
        elif kind == "cut":
            server.cut(operation, times=times, skip=skip)
        elif kind == "lose":
            server.lose_reply(operation, times=times, before=before)
        elif kind == "reply":
            server.reply(operation, body, times=times, skip=skip)
        elif kind in ("page", "last"):
            server.change(operation, drop_entries if kind == "page" else no_token, times=times)
        elif kind == "decrypt":
            for one in ("GetParametersByPath", "GetParameters", "GetParameter"):
                server.refuse(
                    one, "InvalidKeyId" if before else "AccessDeniedException", KMS_UNKNOWN if before else KMS_DENIED, when=decrypted
                )

    return fault


def seen(one: Parameter | ParameterMetadata) -> dict[str, Any]:
    """All that a record has."""
    fields = {name: getattr(one, name) for name in one._fields}
    fields["last_modified"] = round(fields["last_modified"], 3)
    if isinstance(one, Parameter):
        fields["value"] = one.value and one.value.reveal()
    return fields


def outcome(read: Callable[[Reader], list[Any]], store: Reader, url: str) -> object:
    """What comes of a read: the records, or the error with all that a user sees of it."""
    try:
        return sorted((seen(one) for one in read(store)), key=lambda one: str(one["name"]))
    except SsmmError as error:
        told = type(error), error.message, error.hint, error.exit_code, getattr(error, "action", ""), getattr(error, "resource", "")
        return [str(part).replace(url, "URL") for part in told]


class Side:
    """A connection with an endpoint of its own that can misbehave."""

    def __init__(self, make: Callable[[Settings], Connection | LeanConnection], upstream: str) -> None:
        self.faults = Faults(upstream)
        self.settings = Settings(region=REGION, endpoint_url=self.faults.url, read_concurrency=1, timeout=20)
        self.connection = make(self.settings)

    def outcome(self, read: Callable[[Reader], list[Any]], faults: list[Fault]) -> object:
        self.faults.forget()
        for fault in faults:
            fault(self.faults)
        return outcome(read, Reader(self.settings, self.connection), self.faults.url)


@pytest.fixture
def sides(endpoint: str, ssm: Ssm, monkeypatch: pytest.MonkeyPatch) -> Iterator[tuple[Side, Side]]:
    """The SDK and our own, on the same store."""
    monkeypatch.setattr("ssmm_core.store.retry.FIRST_WAIT", 0.001)
    for number, name in enumerate(NAMES):
        ssm.put(name, f"made-up {number} ä\n", "SecureString" if number % 3 else "String", Description="made-up" if number % 2 else "")
    both = (
        Side(lambda settings: Connection(settings, None), endpoint),
        Side(lambda settings: LeanConnection(settings, os.environ, None), endpoint),
    )
    yield both
    for side in both:
        side.faults.stop()


@pytest.mark.parametrize("operation", READS)
def test_without_faults_both_say_the_same(sides: tuple[Side, Side], operation: str) -> None:
    theirs, ours = (side.outcome(READS[operation], []) for side in sides)
    assert ours == theirs
    assert len(str(ours)) > 100


@pytest.mark.parametrize("operation", READS)
def test_an_answer_that_is_none_of_the_services_is_the_same_to_both(sides: tuple[Side, Side], operation: str) -> None:
    for body in BODIES:
        fault = functools.partial(Faults.reply, operation=operation.partition(",")[0], answer=body, times=2)
        theirs, ours = (side.outcome(READS[operation], [fault]) for side in sides)
        assert ours == theirs, body


@settings(max_examples=120, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data())
def test_whatever_goes_wrong_both_end_alike(sides: tuple[Side, Side], data: st.DataObject) -> None:
    operation = data.draw(st.sampled_from(list(READS)))
    faults = data.draw(st.lists(faults_of(operation.partition(",")[0]), min_size=1, max_size=3))
    theirs, ours = (side.outcome(READS[operation], faults) for side in sides)
    assert ours == theirs
    assert [call.operation for call in sides[1].faults.calls] == [call.operation for call in sides[0].faults.calls]
