"""One connection for many exchanges: kept, reopened once where it was stale, and never out of step with what was asked."""

from __future__ import annotations

import gc
import select
import socket
import threading

import pytest

from ssmm_core.store.lean.http import HttpConnection, NoAnswer, NotConnected
from tests.store.test_lean_http import BODY, CONTINUE, ask, chunked, connection, with_length
from tests.support.raw_server import LONG, Peer, always, raw_server, saying


def hanging_up(peer: Peer) -> None:
    peer.request()


def test_one_connection_is_kept_for_many_exchanges() -> None:
    with raw_server(saying(*[with_length(), chunked(BODY), CONTINUE + with_length()] * 10)) as server:
        asking = connection(server)
        assert [ask(asking).body for _ in range(30)] == [BODY] * 30
        assert (server.connections, len(server.requests)) == (1, 30)
        asking.close()


@pytest.mark.parametrize(
    "said",
    [
        with_length(BODY, b"Connection: Close"),
        with_length(BODY, b"Connection: x-made-up, close"),
        with_length(BODY, b"Connection: x-made-up", b"connection: close"),
        b"HTTP/1.0 200 OK\r\nConnection: keep-alive\r\nContent-Length: 17\r\n\r\n" + BODY,
    ],
)
def test_a_connection_that_the_server_will_close_is_not_used_again(said: bytes) -> None:
    with raw_server(always(said)) as server:
        asking = connection(server)
        for _ in range(3):
            assert ask(asking).body == BODY
        assert (server.connections, len(server.requests)) == (3, 3)


@pytest.mark.parametrize("extra", [with_length(b"another's"), b"\r\n", b"x", CONTINUE])
@pytest.mark.parametrize("first", [with_length(), chunked(BODY), b"HTTP/1.1 204 No Content\r\n\r\n"])
def test_what_stands_behind_an_answer_does_not_become_the_next_one(first: bytes, extra: bytes) -> None:
    with raw_server(saying(first + extra)) as server:
        asking = connection(server)
        ask(asking)
        server.serve = saying(with_length(b"its own"))
        assert ask(asking).body == b"its own"
        assert server.connections == 2
        asking.close()


def test_what_comes_without_being_asked_for_does_not_become_the_next_answer() -> None:
    answered = threading.Event()
    with raw_server(saying()) as server:

        def serve(peer: Peer) -> None:
            peer.request()
            peer.send(with_length())
            answered.wait(LONG)
            peer.send(b"HTTP/1.1 408 Request Timeout\r\nContent-Length: 0\r\nConnection: close\r\n\r\n")  # some proxies do

        server.serve = serve
        asking = connection(server)
        assert ask(asking).status == 200
        answered.set()
        assert server.ended.acquire(timeout=LONG)
        server.serve = saying(with_length(b"its own"))
        assert ask(asking).body == b"its own"
        assert (server.connections, len(server.requests)) == (2, 2)
        asking.close()


def test_what_a_server_says_before_it_is_asked_is_no_answer() -> None:
    with raw_server(saying()) as server:

        def serve(peer: Peer) -> None:
            server.serve = saying(with_length(b"its own"))
            peer.send(with_length(b"for nobody"))
            peer.request()

        server.serve = serve
        asking = connection(server)
        asking.open()
        assert asking._socket is not None
        assert select.select([asking._socket], [], [], LONG)[0]
        assert ask(asking).body == b"its own"
        assert (server.connections, len(server.requests)) == (2, 1)
        asking.close()


def test_a_connection_that_went_stale_is_opened_once_more_and_asked_once() -> None:
    with raw_server(saying(with_length())) as server:
        asking = connection(server)
        for number in range(1, 6):
            assert ask(asking).body == BODY
            assert server.ended.acquire(timeout=LONG)  # the server hung up after its one answer
            assert (server.connections, len(server.requests)) == (number, number)
        asking.close()


@pytest.mark.parametrize("reset", [False, True])
def test_a_connection_that_breaks_before_the_answer_is_opened_once_more(reset: bool) -> None:
    with raw_server(saying()) as server:

        def serve(peer: Peer) -> None:
            server.serve = saying(with_length())
            peer.request()
            if reset:
                peer.reset()

        server.serve = serve
        asking = connection(server)
        assert ask(asking).body == BODY
        assert (server.connections, len(server.requests)) == (2, 2)
        asking.close()


def test_a_server_that_always_hangs_up_is_tried_twice() -> None:
    with raw_server(hanging_up) as server:
        with pytest.raises(NoAnswer, match="was closed"):
            ask(connection(server))
        assert server.connections == 2


def test_an_answer_that_has_begun_is_not_asked_for_again() -> None:
    with raw_server(saying(b"H")) as server:
        with pytest.raises(NoAnswer, match="in the middle"):
            ask(connection(server))
        assert server.connections == 1


def test_both_attempts_together_take_no_longer_than_the_limit() -> None:
    with raw_server(saying()) as server:

        def serve(peer: Peer) -> None:
            peer.request()
            peer.is_left_within(0.2)
            if server.connections > 1:
                peer.send(with_length())

        server.serve = serve
        with pytest.raises(NoAnswer, match="too long"):
            ask(connection(server, read=0.3))
        assert server.connections == 2


def test_after_a_failure_the_next_exchange_begins_anew() -> None:
    with raw_server(saying(b"nonsense\r\n\r\n" + with_length(b"another's"))) as server:
        asking = connection(server)
        with pytest.raises(Exception, match="status line"):
            ask(asking)
        server.serve = saying(with_length(b"its own"))
        assert ask(asking).body == b"its own"
        asking.close()


def test_where_nobody_listens_there_is_no_connection() -> None:
    with socket.create_server(("127.0.0.1", 0)) as gone:
        port = gone.getsockname()[1]
    for host in ("127.0.0.1", "no-such-host.invalid", "ä", "x" * 300):
        with pytest.raises(NotConnected):
            HttpConnection(host, port, connect=LONG, read=LONG).open()


def test_a_connection_that_is_forgotten_is_closed() -> None:
    with raw_server(always(with_length())) as server:
        asking = connection(server)
        ask(asking)
        del asking
        gc.collect()
        assert server.ended.acquire(timeout=LONG)  # the server saw its end; a socket left open would fail the test by a warning


def test_an_answer_does_not_show_what_it_holds() -> None:
    with raw_server(always(with_length(b"made-up-sentinel-value"))) as server:
        asking = connection(server)
        assert repr(ask(asking)) == "Answer(200, 22 bytes)"
        asking.close()
