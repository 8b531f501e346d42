"""What our connection makes of what a server says, as the SDK does; what it mends; and what it never tells."""

from __future__ import annotations

import gzip
import json
import os
import threading
import time
import traceback
from collections.abc import Callable, Iterator
from email.utils import formatdate
from typing import Any

import pytest

from ssmm_core.errors import CredentialsRejected, ExitCode, ReplyLost, SettingsError, SsmmError
from ssmm_core.parallel import each
from ssmm_core.settings import Settings
from ssmm_core.store.aws import AwsStore
from ssmm_core.store.delivery import reader
from ssmm_core.store.lean import Handover, http
from ssmm_core.store.lean.connection import LeanConnection
from ssmm_core.store.sdk import Connection
from tests.conftest import REGION
from tests.support.raw_server import LONG, Peer, RawServer, always, raw_server, saying

HOUR = 3600.0
SECRETS = {"AWS_SECRET_ACCESS_KEY": "sentinel-of-the-secret", "AWS_SESSION_TOKEN": "sentinel-of-the-token"}
PARAMETER = {"Name": "/a", "Type": "String", "Value": "sentinel-of-a-value", "Version": 1}


@pytest.fixture
def server(monkeypatch: pytest.MonkeyPatch) -> Iterator[RawServer]:
    """Says what a test sets as its `serve`. The environment has credentials."""
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "made-up")
    for name, value in SECRETS.items():
        monkeypatch.setenv(name, value)
    monkeypatch.setattr("ssmm_core.store.retry.FIRST_WAIT", 0.001)
    with raw_server(saying()) as server:
        yield server


def settings(server: RawServer) -> Settings:
    return Settings(region=REGION, endpoint_url=server.url, timeout=5)


def lean(server: RawServer) -> LeanConnection:
    return LeanConnection(settings(server), os.environ, None)


def answer(body: bytes | dict[str, Any], status: int = 200, *headers: str) -> bytes:
    content = body if isinstance(body, bytes) else json.dumps(body).encode()
    lines = [f"HTTP/1.1 {status} Made-Up", f"Content-Length: {len(content)}", *headers, "", ""]
    return "\r\n".join(lines).encode() + content


def asked(connection: LeanConnection | Connection, operation: str = "GetParametersByPath") -> dict[str, Any]:
    return connection.send("ssm", operation, "/myteam", {"Path": "/myteam"})


def refused(connection: LeanConnection | Connection) -> tuple[type[SsmmError], str, ExitCode]:
    with pytest.raises(SsmmError) as caught:
        asked(connection)
    return type(caught.value), str(caught.value), caught.value.exit_code


# Answers that are none of the service's, or odd ones of it


ODD = {
    "a web page": answer(b"<!doctype html>"),
    "nothing": answer(b""),
    "no object": answer(b"[]"),
    "null": answer(b"null"),
    "a byte order mark": answer(b'\xef\xbb\xbf{"Parameters":[]}'),
    "compressed": answer(gzip.compress(b'{"Parameters":[]}'), 200, "Content-Encoding: gzip"),
    "cut off": answer(b'{"Parameters":['),
    "in UTF-16": answer('{"Parameters":[]}'.encode("utf-16-le")),
    "not HTTP": b"SSH-2.0-made-up\r\n",
    "status 99": b"HTTP/1.1 099 Odd\r\nContent-Length: 2\r\n\r\n{}",
    "shorter than announced": answer({"Parameters": []}).replace(b": 18", b": 99"),
    "hung up": b"",
    "not modified": b"HTTP/1.1 304 Odd\r\n\r\n",
    **{f"redirect {status}": answer(b"", status, "Location: http://127.0.0.1:9/") for status in (301, 302, 307, 308)},
    "redirect with a page": answer(b"<html>moved</html>", 302, "Location: http://127.0.0.1:9/"),
    **{f"status {status}": answer(b"", status) for status in (400, 401, 403, 404, 407, 408, 413, 429, 500, 502, 503, 504, 600, 999)},
    **{f"page {status}": answer(b"<html>\n<b>no</b>\n</html>", status) for status in (400, 403, 404, 429, 500, 503)},
    **{f"text {status}": answer(b"not here", status) for status in (401, 404, 413, 501, 502)},
    "another language": answer("nicht für dich".encode(), 400),
    "namespace": answer({"__type": "com.amazon.coral.service#AccessDeniedException", "Message": "no"}, 400),
    "code with a URL": answer({"__type": "ThrottlingException:http://internal.amazon.com/coral/", "message": "no"}, 400),
    "namespace and URL": answer({"__type": "made.up#ParameterNotFound:http://x#y/", "message": "no"}, 400),
    "no code": answer({"message": "no"}, 400),
    "two messages": answer({"__type": "ValidationException", "message": "", "Message": "no"}, 400),
    "message of another type": answer({"__type": "ValidationException", "message": 5}, 400),
    "failure in JSON": answer({"__type": "InternalServerError"}, 500),
    "expired": answer({"__type": "ExpiredTokenException", "message": "The security token included in the request is expired"}, 400),
}  # fmt: skip


@pytest.mark.parametrize("kind", ODD)
def test_an_odd_answer_is_the_error_that_the_sdk_makes_of_it(server: RawServer, kind: str) -> None:
    server.serve = saying(ODD[kind])
    expected = refused(Connection(settings(server), None))
    server.requests.clear()
    assert refused(lean(server)) == expected
    assert len(server.requests) == (2 if kind == "hung up" else 1)


WRONG: dict[str, tuple[object, ...]] = {
    "Parameters": ({"a": 1}, "text", 5, True, [1], [None], ["text"], [[]]),
    "Parameter": ([], "text", 5, True),
    "NextToken": (5, [], {}, True),
}
NO_TIMES: tuple[object, ...] = ("x", "", [], {})
BROKEN = {
    "deep": b'{"a":' * 100_000 + b"1" + b"}" * 100_000,
    "deep, without an end": b'{"a":' * 100_000 + b"}",
    "bad UTF-8": b'{"a":"\xff"}',
    "a surrogate": b'{"a":"\xed\xa0\x80"}',
    "more behind": b'{"Parameters":[]} {}',
    "broken": b'{"Parameters":[}',
    **{f"{key} {odd}": json.dumps({key: odd}).encode() for key, odds in WRONG.items() for odd in odds},
    **{f"time {odd}": json.dumps({"Parameters": [PARAMETER | {"LastModifiedDate": odd}]}).encode() for odd in NO_TIMES},
}


@pytest.mark.parametrize("kind", BROKEN)
def test_what_the_service_never_says_is_an_error_of_ours(server: RawServer, kind: str) -> None:
    server.serve = saying(answer(BROKEN[kind]))
    assert refused(lean(server))[::2] == (SettingsError, ExitCode.SETTINGS)


@pytest.mark.parametrize(
    "said",
    [
        answer({"Parameters": [PARAMETER], "NextToken": None, "InvalidParameters": None}),
        answer({"Parameters": [PARAMETER | {"DataType": None, "LastModifiedDate": None}]}),
        answer(b' \r\n{"Parameters": [' + json.dumps(PARAMETER).encode() + b"]}\n"),
        answer({"Parameters": [PARAMETER]}, 201),
    ],
)
def test_what_is_null_is_not_there(server: RawServer, said: bytes) -> None:
    server.serve = saying(said)
    assert asked(lean(server)) == {"Parameters": [PARAMETER]}


@pytest.mark.parametrize("moment", [1700000000.5, 1700000000, "2023-11-14T22:13:20Z", "2023-11-14T23:13:20+01:00"])
def test_a_time_that_an_emulator_writes_in_another_way_is_the_same(server: RawServer, moment: object) -> None:
    server.serve = always(answer({"Parameters": [PARAMETER | {"LastModifiedDate": moment}]}))
    stores = (AwsStore(settings(server)), reader(settings(server), os.environ))
    found = [next(store.walk("/", decrypt=True, budget=store.budget())).last_modified for store in stores]
    assert found[0] == found[1]
    assert found[0] is not None
    assert int(found[0]) == 1700000000


def test_an_answer_of_many_megabytes_is_whole_and_a_larger_one_is_none(server: RawServer) -> None:
    value = "x" * (http.LARGEST_BODY - 100)
    server.serve = saying(answer({"Parameters": [PARAMETER | {"Value": value}]}))
    assert asked(lean(server))["Parameters"][0]["Value"] == value
    server.serve = saying(answer({"Parameters": [PARAMETER | {"Value": value + "x" * 100}]}))
    assert refused(lean(server))[0] is ReplyLost


# What is not for it


@pytest.mark.parametrize(("service", "operation"), [("ssm", "PutParameter"), ("ssm", "GetParameterHistory"), ("sts", "GetParameters")])
def test_what_it_does_not_know_is_handed_over_before_anything_is_sent(server: RawServer, service: Any, operation: str) -> None:
    connection = lean(server)
    with pytest.raises(Handover, match=f"{operation} is not for delivery"):
        connection.send(service, operation, "/myteam", {})
    assert server.connections == 0


def test_credentials_that_are_given_to_it_are_for_the_sdk(server: RawServer) -> None:
    with pytest.raises(Handover):
        LeanConnection(settings(server).replace(credentials=("demo", "demo")), os.environ, None)


# The clock


def of_a_clock(
    ahead: float, *, bears: float = 300.0, said: str | None = None, once: Callable[[], object] = lambda: None
) -> Callable[[Peer], None]:
    """A service whose clock is `ahead` of ours by seconds; it refuses what was signed by one that is too far from it.

    `once` is called before each answer.
    """

    def serve(peer: Peer) -> None:
        while request := peer.request():
            once()
            now = time.time() + ahead
            signed = request.lower().partition(b"x-amz-date: ")[2][:16].decode().upper()
            moment = time.mktime(time.strptime(signed, "%Y%m%dT%H%M%SZ")) - time.timezone
            date = formatdate(now, usegmt=True) if said is None else said
            if abs(moment - now) <= bears:
                peer.send(answer({"Parameters": []}, 200, f"Date: {date}"))
            else:
                peer.send(answer({"__type": "InvalidSignatureException", "message": "Signature expired"}, 400, f"Date: {date}"))

    return serve


@pytest.mark.parametrize("ahead", [HOUR, -HOUR, 48 * HOUR, -20 * 365 * 24 * HOUR])
def test_a_clock_that_is_wrong_is_mended_once_for_all_that_follows(server: RawServer, ahead: float) -> None:
    server.serve = of_a_clock(ahead)
    connection = lean(server)
    for _ in range(3):
        assert asked(connection) == {"Parameters": []}
    assert len(server.requests) == 4


def test_all_that_were_refused_at_once_are_mended_together(server: RawServer) -> None:
    together = threading.Barrier(10, timeout=LONG)
    server.serve = of_a_clock(HOUR, once=lambda: len(server.requests) > 10 or together.wait())
    connection = lean(server)
    assert each(lambda _: asked(connection), range(10), threads=10) == [{"Parameters": []}] * 10
    assert len(server.requests) == 20


def test_a_clock_that_cannot_be_mended_is_told_after_the_second_refusal_as_the_sdk_tells_it(server: RawServer) -> None:
    server.serve = of_a_clock(HOUR, bears=-1)
    expected = refused(Connection(settings(server), None))
    server.requests.clear()
    connection = lean(server)
    assert refused(connection) == expected
    assert expected[0] is CredentialsRejected
    assert len(server.requests) == 2
    assert refused(connection) == expected
    assert len(server.requests) == 3


@pytest.mark.parametrize(
    ("ahead", "said"),
    [(0.0, None), (200.0, None), (-200.0, None), (HOUR, ""), (HOUR, "yesterday"), (HOUR, "Mon, 99 Foo 2024")],
)
def test_what_no_clock_explains_is_not_tried_again(server: RawServer, ahead: float, said: str | None) -> None:
    server.serve = of_a_clock(ahead, bears=-1, said=said)
    assert refused(lean(server))[0] is CredentialsRejected
    assert len(server.requests) == 1


def test_a_refusal_of_another_kind_does_not_move_the_clock(server: RawServer) -> None:
    late = f"Date: {formatdate(time.time() + HOUR, usegmt=True)}"
    server.serve = always(answer({"__type": "ExpiredTokenException"}, 400, late))
    assert refused(lean(server))[0] is CredentialsRejected
    assert len(server.requests) == 1


# What it never tells


VALUE = json.dumps({"Parameters": [PARAMETER, PARAMETER]}).encode()
TELLING = {
    "cut": answer(VALUE[:-1]),
    "broken": answer(VALUE.replace(b",", b";", 1)),
    "odd": answer(VALUE.replace(b'{"Name"', b'5, {"Name"')),
    "short": answer(VALUE).replace(b"Content-Length: ", b"Content-Length: 9"),
    "not HTTP": VALUE + b"\r\n\r\n",
    "chunks": b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n" + VALUE + b"\r\n",
    "header": b"HTTP/1.1 200 OK\r\n" + VALUE.replace(b":", b"") + b"\r\n\r\n",
    "throttled": answer({"__type": "ThrottlingException"}, 400, "Connection: close"),
    "rejected": answer({"__type": "InvalidSignatureException"}, 400, f"Date: {formatdate(0, usegmt=True)}", "Connection: close"),
}


@pytest.mark.parametrize("kind", TELLING)
def test_no_failure_shows_a_secret_or_a_value_not_even_with_the_variables_of_its_frames(server: RawServer, kind: str) -> None:
    server.serve = saying(TELLING[kind])
    told: list[str] = []
    store = reader(settings(server).replace(timeout=0.3), os.environ, trace=told.append)
    for call in (
        lambda: list(store.walk("/myteam", decrypt=True, budget=store.budget())),
        lambda: store.get_version("/myteam/a", "1", decrypt=True, budget=store.budget()),
        lambda: LeanConnection(settings(server), os.environ, told.append).send("ssm", "GetParameters", "/a", {"Names": ["/a"]}),
    ):
        with pytest.raises(SsmmError) as caught:
            call()
        shown = traceback.TracebackException.from_exception(caught.value, capture_locals=True)
        text = "".join([*shown.format(), repr(caught.value), str(caught.value), *told])
        assert "connection.py" in text
        assert "sentinel" not in text
    assert told


def test_a_trace_tells_call_subject_and_time(server: RawServer) -> None:
    server.serve = always(answer(VALUE))
    told: list[str] = []
    store = reader(settings(server), os.environ, trace=told.append)
    store.get(["/a"], decrypt=True, budget=store.budget())
    assert told[0] == "without the AWS SDK, credentials from env"
    assert [line.rpartition(":")[0] for line in told[1:]] == ["GetParameters, 1 name"]
