"""Our HTTP connection against a server that says anything: a whole answer or an error, never half of one, never another's."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ssmm_core.store.lean import http
from ssmm_core.store.lean.http import Answer, HttpConnection, HttpError, NoAnswer, NotHttp
from tests.support.raw_server import LONG, Peer, RawServer, raw_server, saying

BODY = b'{"Parameters":[]}'
CONTINUE = b"HTTP/1.1 100 Continue\r\n\r\n"
HEADERS = {"Host": "localhost", "Content-Length": "7"}


def with_length(body: bytes = BODY, *more: bytes) -> bytes:
    return b"\r\n".join([b"HTTP/1.1 200 OK", b"Content-Length: %d" % len(body), *more, b"", body])


def chunked(*chunks: bytes, extension: bytes = b"", trailers: tuple[bytes, ...] = ()) -> bytes:
    said = b"".join(b"%x%b\r\n%b\r\n" % (len(chunk), extension, chunk) for chunk in chunks if chunk)
    end = b"".join(line + b"\r\n" for line in (b"0" + extension, *trailers, b""))
    return b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n" + said + end


@pytest.fixture(scope="module")
def shared_server() -> Iterator[RawServer]:
    with raw_server(saying()) as server:
        yield server


@pytest.fixture
def server(shared_server: RawServer) -> RawServer:
    """Says what a test sets as its `serve`."""
    shared_server.connections = 0
    shared_server.requests.clear()
    return shared_server


def connection(server: RawServer, *, read: float = LONG) -> HttpConnection:
    return HttpConnection("127.0.0.1", server.port, connect=LONG, read=read)


def ask(asking: HttpConnection) -> Answer:
    return asking.exchange("POST", "/", HEADERS, b"made-up")


def told(server: RawServer, serve: Callable[[Peer], object] | bytes, *, read: float = LONG) -> Answer:
    """The answer of a server that does, or says, this."""
    server.serve = saying(serve) if isinstance(serve, bytes) else serve
    asking = connection(server, read=read)
    try:
        return ask(asking)
    finally:
        asking.close()


# What is answered


@pytest.mark.parametrize(
    "said",
    [
        with_length(),
        with_length(BODY, b"Connection: close"),
        with_length(BODY, b"X-Empty:", b"X-Odd: \xe4:\t="),
        with_length().replace(b"\r\n", b"\n"),
        with_length().replace(b" OK", b""),
        chunked(BODY),
        chunked(BODY[:3], BODY[3:4], BODY[4:]),
        chunked(BODY, extension=b'; made="up"', trailers=(b"X-Made: up", b"Content-Length: 1")),
        chunked(BODY).replace(b"\r\n11\r\n", b"\r\n0011\r\n"),
        CONTINUE + with_length(),
        CONTINUE * 3 + b"HTTP/1.1 103 Early Hints\r\nLink: made-up\r\n\r\n" + chunked(BODY),
        b"HTTP/1.0 200 OK\r\nContent-Length: 17\r\n\r\n" + BODY,
        b"HTTP/1.0 200 OK\r\n\r\n" + BODY,
        b"HTTP/1.1 200 OK\r\n\r\n" + BODY,
    ],
)
def test_every_lawful_form_of_an_answer_is_read_however_it_is_split(server: RawServer, said: bytes) -> None:
    def byte_by_byte(peer: Peer) -> None:
        peer.request()
        for at in range(len(said)):
            peer.send(said[at : at + 1])

    for serve in (said, byte_by_byte):
        answer = told(server, serve)
        assert (answer.status, answer.body) == (200, BODY)
    assert server.requests == [b"POST / HTTP/1.1\r\nHost: localhost\r\nContent-Length: 7\r\n\r\nmade-up"] * 2


@pytest.mark.parametrize(("status", "said"), [(204, b"204 No Content\r\n\r\n"), (304, b"304 Not Modified\r\nContent-Length: 900\r\n\r\n")])
def test_an_answer_that_has_no_body_is_not_waited_for(server: RawServer, status: int, said: bytes) -> None:
    assert told(server, b"HTTP/1.1 " + said).status == status


def test_headers_are_by_their_name_in_lower_case_and_joined(server: RawServer) -> None:
    headers = told(server, with_length(BODY, b"DATE:  today ", b"X-A: 1", b"x-a: 2")).headers
    assert (headers["date"], headers["x-a"]) == ("today", "1, 2")


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
def test_no_redirect_is_followed(server: RawServer, status: int) -> None:
    said = b"HTTP/1.1 %d Moved\r\nLocation: %b/elsewhere\r\nContent-Length: 0\r\n\r\n" % (status, server.url.encode())
    assert told(server, said).status == status
    assert (server.connections, len(server.requests)) == (1, 1)


# What is refused


LENGTHS = [b"", b"+17", b"-1", b"0x11", b"1_7", b"17 17", b"17;", b"17, 17", b"\xb2", b"%d" % (http.LARGEST_BODY + 1), b"9" * 5000]
SIZES = [b"0x11", b"-11", b"+11", b"1_1", b"", b"; a=b", b"g", b"\xb2", b"10", b"%x" % (http.LARGEST_BODY + 1), b"f" * 5000]
CODINGS = [b"gzip", b"gzip, chunked", b"chunked, chunked", b"identity"]
STATUSES = [b"HTTP/2 200 OK", b"200 OK", b"HTTP/1.1 099 Odd", b"HTTP/1.1 2000 OK", b"HTTP/1.1", b"HTTP/1.1  200 OK", b" HTTP/1.1 200 OK"]


@pytest.mark.parametrize(
    "said",
    [
        *(b"HTTP/1.1 200 OK\r\nContent-Length: %b\r\n\r\n%b" % (odd, BODY) for odd in LENGTHS),
        *(chunked(BODY).replace(b"\r\n11\r\n", b"\r\n" + odd + b"\r\n") for odd in SIZES),
        *(chunked(BODY).replace(b": chunked", b": " + odd) for odd in CODINGS),
        *(with_length().replace(b"HTTP/1.1 200 OK", odd) for odd in STATUSES),
        with_length(BODY, b"Transfer-Encoding: chunked"),
        with_length(BODY, b"Content-Length: 17"),
        with_length(BODY, b"Content-Length: 1"),
        with_length(BODY, b" folded: made-up"),
        with_length(BODY, b"no colon"),
        with_length(BODY, b": no name"),
        with_length(BODY, b"Space-Before : colon"),
        b"SSH-2.0-made-up\r\n",
        b"\r\n\r\n" + with_length(),
        b"\x15\x03\x01\x00\x02\x02\x46\n",
        b"<!doctype html>\n<title>Log in</title>\n",
    ],
)
def test_what_breaks_the_rules_is_refused_and_the_connection_given_up(server: RawServer, said: bytes) -> None:
    with pytest.raises(NotHttp):
        told(server, said)
    assert (server.connections, len(server.requests)) == (1, 1)


@pytest.mark.parametrize("header", ["a\r\nX-Added: b", "a\nb", "a\rb", "a\0b", "ä", "a\udcff", "a\x85b"])
def test_nothing_is_sent_with_a_header_that_could_become_two(server: RawServer, header: str) -> None:
    asking = connection(server)
    for headers in ({"X-Made": header}, {header: "up"}):
        with pytest.raises(ValueError, match="a header holds what it cannot") as caught:
            asking.exchange("GET", "/", headers)
        assert header not in str(caught.value)
    with pytest.raises(ValueError, match="a header holds what it cannot"):
        asking.exchange("GET", f"/{header}", {})
    assert server.connections == 0


def test_an_endless_answer_ends_at_a_bound(server: RawServer) -> None:
    def endless(start: bytes, again: bytes) -> Callable[[Peer], None]:
        def serve(peer: Peer) -> None:
            peer.request()
            peer.send(start)
            while True:  # until the client has had enough
                peer.send(again)

        return serve

    ok, block = b"HTTP/1.1 200 OK\r\n", b"x" * 65536
    for start, again in [
        (b"", block),
        (ok, b"X-Made: up\r\n" * 1000),
        (ok + b"X-Made: ", block),
        (ok + b"Transfer-Encoding: chunked\r\n\r\n", b"10000\r\n" + block + b"\r\n"),
        (ok + b"Transfer-Encoding: chunked\r\n\r\n", b"1;" + b"x" * 60000 + b"\r\nx\r\n"),
        (ok + b"Transfer-Encoding: chunked\r\n\r\n0\r\n", b"X-Made: up\r\n" * 5000),
        (ok + b"\r\n", block),
    ]:
        with pytest.raises(NotHttp):
            told(server, endless(start, again))


@pytest.mark.parametrize("at_once", [0, 5, 60])
def test_a_slow_answer_ends_at_the_limit_for_the_whole(server: RawServer, at_once: int) -> None:
    said = with_length(b"x" * 10_000)

    def serve(peer: Peer) -> None:
        peer.request()
        peer.send(said[:at_once])
        peer.drip(said[at_once:], every=0.05)

    with pytest.raises(NoAnswer, match="takes too long"):
        told(server, serve, read=0.15)
    assert server.connections == 1


# Never half an answer


WHOLE = {
    "length": with_length(json.dumps({"Parameters": [{"Value": "made-up"}]}).encode()),
    "chunks": chunked(BODY[:7], BODY[7:], extension=b"; a=b", trailers=(b"X-Made: up",)),
    "continued": CONTINUE + with_length(),
    "old": b"HTTP/1.0 200 OK\r\nContent-Length: 17\r\n\r\n" + BODY,
}


@pytest.mark.parametrize("kind", WHOLE)
@pytest.mark.parametrize("reset", [False, True])
def test_an_answer_that_is_cut_anywhere_is_none(server: RawServer, kind: str, reset: bool) -> None:
    for at in range(len(WHOLE[kind])):

        def serve(peer: Peer, said: bytes = WHOLE[kind][:at]) -> None:
            peer.request()
            peer.send(said)
            if reset:
                peer.reset()

        with pytest.raises(NoAnswer):
            told(server, serve)


@settings(max_examples=60)
@given(st.data())
def test_an_answer_of_any_framing_is_whole_or_none(shared_server: RawServer, data: st.DataObject) -> None:
    bodies = st.lists(st.binary(max_size=40), max_size=4)
    chunks = data.draw(bodies)
    body = b"".join(chunks)
    words = st.sampled_from([b"", b";a", b"; a=b", b';q="x"'])
    lawful = [with_length(body), chunked(*chunks, extension=data.draw(words)), chunked(*chunks, trailers=(b"X-Made: up",))]
    said = data.draw(st.sampled_from([b"", CONTINUE])) + data.draw(st.sampled_from(lawful))
    assert told(shared_server, said).body == body
    with pytest.raises(NoAnswer):
        told(shared_server, said[: data.draw(st.integers(0, len(said) - 1))])


def test_an_answer_until_the_end_is_none_where_the_connection_broke(server: RawServer) -> None:
    def serve(peer: Peer) -> None:
        peer.request()
        peer.send(b"HTTP/1.1 200 OK\r\n\r\n" + BODY)
        server.stopped.wait(0.01)  # a reset must not overtake what was sent
        peer.reset()

    with pytest.raises(NoAnswer):
        told(server, serve)


@settings(max_examples=60)
@given(said=st.binary(max_size=80) | st.binary(max_size=40).map(lambda some: b"HTTP/1.1 200 OK\r\n" + some))
def test_garbage_is_an_error_of_ours_or_an_answer_that_the_server_ended(shared_server: RawServer, said: bytes) -> None:
    try:
        body = told(shared_server, said).body
    except HttpError:
        body = b""
    assert said.endswith(body)
