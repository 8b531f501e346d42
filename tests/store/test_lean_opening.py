"""Connections that are opened ahead, connections that many share, and a machine that has no thread to spare."""

from __future__ import annotations

import gc
import itertools
import json
import os
import socket
import threading
from collections.abc import Iterator
from typing import NoReturn

import pytest

from ssmm_core.errors import DeadlineExceeded, Unreachable
from ssmm_core.settings import READ_CONCURRENCY, Settings
from ssmm_core.store.delivery import reader
from ssmm_core.store.lean.connection import LeanConnection
from ssmm_core.store.lean.endpoint import find
from ssmm_core.store.lean.http import NotConnected
from ssmm_core.store.lean.opening import Opening
from tests.conftest import CREDENTIALS, REGION
from tests.store.test_lean_connection import answer, asked
from tests.support.raw_server import LONG, Peer, RawServer, always, raw_server
from tests.support.tls_store import tls_store

NAMES = [f"/myteam/app/key-{number}" for number in range(300)]


@pytest.fixture(autouse=True)
def surroundings(monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in CREDENTIALS.items():
        monkeypatch.setenv(name, value)
    monkeypatch.setattr("ssmm_core.store.retry.FIRST_WAIT", 0.001)


@pytest.fixture
def server() -> Iterator[RawServer]:
    with raw_server(always(answer({"Parameters": []}))) as server:
        yield server


def settings(url: str, timeout: float = 5.0) -> Settings:
    return Settings(region=REGION, endpoint_url=url, timeout=timeout)


def opening(url: str, ahead: int = 1) -> Opening:
    return Opening(find(os.environ, region=REGION, profile=None, endpoint_url=url), ahead=ahead)


def test_what_was_opened_ahead_is_what_is_asked(server: RawServer) -> None:
    connection = LeanConnection(settings(server.url), os.environ, None, opening(server.url))
    for _ in range(3):
        assert asked(connection) == {"Parameters": []}
    assert (server.connections, len(server.requests)) == (1, 3)


def test_a_wrong_guess_is_dropped_and_nothing_is_sent_on_it(server: RawServer) -> None:
    with raw_server(always(b"")) as wrong:
        guess: Opening | None = opening(wrong.url, ahead=2)
        connection = LeanConnection(settings(server.url), os.environ, None, guess)
        assert asked(connection) == {"Parameters": []}
        guess = None
        gc.collect()
        assert wrong.ended.acquire(timeout=LONG)
        assert wrong.ended.acquire(timeout=LONG)
        assert (wrong.connections, wrong.requests) == (2, [])


def test_a_connection_that_could_not_be_opened_ahead_is_the_outcome_of_the_first_attempt() -> None:
    with socket.create_server(("127.0.0.1", 0)) as unused:
        port = unused.getsockname()[1]
    url = f"http://127.0.0.1:{port}"
    ahead = opening(url)
    thread = ahead._ahead[0]._thread
    assert thread is not None
    thread.join()
    with raw_server(always(answer({"Parameters": []})), port=port) as server:
        connection = LeanConnection(settings(url), os.environ, None, ahead)
        with pytest.raises(Unreachable, match=f"cannot reach Parameter Store at {url}"):
            asked(connection)
        assert server.connections == 0
        assert asked(connection) == {"Parameters": []}
        assert server.connections == 1


def test_a_connection_that_the_server_closed_meanwhile_is_opened_anew(server: RawServer) -> None:
    well = server.serve

    def at_once(peer: Peer) -> None:
        server.serve = well

    server.serve = at_once
    ahead = opening(server.url)
    assert server.ended.acquire(timeout=LONG)
    assert asked(LeanConnection(settings(server.url), os.environ, None, ahead)) == {"Parameters": []}
    assert (server.connections, len(server.requests)) == (2, 1)


def test_the_timeout_of_the_settings_holds_for_what_was_opened_before_they_were_known() -> None:
    hung_up: list[bool] = []

    def serve(peer: Peer) -> None:
        peer.request()
        hung_up.append(peer.is_left_within(2.0))

    with raw_server(serve) as server:
        store = reader(settings(server.url, timeout=0.2), os.environ, ahead=opening(server.url))
        with pytest.raises(DeadlineExceeded, match="no answer from Parameter Store"):
            store.get(["/a"], decrypt=True, budget=store.budget())
        assert server.ended.acquire(timeout=LONG)
    assert hung_up == [True]
    assert server.connections == 1


def test_a_connection_that_is_still_being_opened_is_awaited_no_longer_than_the_timeout() -> None:
    with socket.socket() as full:
        full.bind(("127.0.0.1", 0))
        full.listen(0)
        url = f"http://127.0.0.1:{full.getsockname()[1]}"
        with socket.create_connection(full.getsockname()):  # a queue that is full lets nobody else in
            ahead = opening(url)
            ahead.wait(0.1)
            with pytest.raises(NotConnected, match="TimeoutError"):
                ahead.take()


# Many at once


def echo(peer: Peer) -> None:
    """Every parameter that is asked for, its own name for a value."""
    while request := peer.request():
        names = json.loads(request.partition(b"\r\n\r\n")[2])["Names"]
        peer.send(answer({"Parameters": [{"Name": name, "Type": "String", "Value": f"of {name}", "Version": 1} for name in names]}))


@pytest.mark.parametrize("ahead", [0, 2, 10])
def test_of_many_that_share_a_connection_each_has_its_own_answer(server: RawServer, ahead: int) -> None:
    server.serve = echo
    store = reader(settings(server.url), os.environ, ahead=opening(server.url, ahead))
    for _ in range(3):
        found = store.get(NAMES, decrypt=True, budget=store.budget())
        assert {name: one.value.reveal() for name, one in found.items() if one.value} == {name: f"of {name}" for name in NAMES}
    assert server.connections <= READ_CONCURRENCY
    assert len(server.requests) == 90


def test_connections_that_break_in_between_mix_nothing_up(server: RawServer) -> None:
    numbers = itertools.count()

    def serve(peer: Peer) -> None:
        if next(numbers) % 3:
            echo(peer)
        peer.request()

    server.serve = serve
    store = reader(settings(server.url), os.environ)
    found = store.get(NAMES, decrypt=True, budget=store.budget())
    assert {name: one.value.reveal() for name, one in found.items() if one.value} == {name: f"of {name}" for name in NAMES}


# Not one thread


@pytest.fixture
def no_threads(monkeypatch: pytest.MonkeyPatch) -> None:
    """As where systemd's TasksMax= is used up; root has no such limit of its own."""

    def start(_thread: threading.Thread) -> NoReturn:
        raise RuntimeError("can't start new thread")

    monkeypatch.setattr(threading.Thread, "start", start)


def test_without_a_thread_to_be_had_all_is_delivered_by_the_one_there_is(no_threads: None) -> None:
    with tls_store({name: f"of {name}" for name in NAMES}, tls=False) as small:
        store = reader(settings(small.url), os.environ, ahead=opening(small.url, ahead=2))
        found = store.get(NAMES[:30], decrypt=True, budget=store.budget())
        assert {name: one.value.reveal() for name, one in found.items() if one.value} == {name: f"of {name}" for name in NAMES[:30]}
        assert small.count()[::2] == ({"GetParameters": 3}, 1)


def test_what_failed_as_long_ago_is_no_attempt_of_now(server: RawServer) -> None:
    with socket.create_server(("127.0.0.1", 0)) as closing:
        url = f"http://127.0.0.1:{closing.getsockname()[1]}"
    ahead = opening(url, 12)  # nobody listens yet
    with pytest.raises(NotConnected):
        ahead.take()
    fresh = ahead.take()
    with pytest.raises(NotConnected):  # by an attempt of its own
        fresh.open()
