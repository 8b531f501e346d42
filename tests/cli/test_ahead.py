"""Connections that are opened before the command line is understood: where they lead, and how many."""

from __future__ import annotations

import contextlib
import os
import signal
import socket
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest

from ssmm_core.cli import ahead
from tests.support.tls_store import TlsStore, tls_store

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from tests.conftest import Ssm

NAMES = [f"KEY_{number}" for number in range(23)]
PARAMETERS = {f"/myteam/{app}/key-{number}": "made-up" for app in ("shared", "my-app") for number in range(23)}


@pytest.fixture
def store(monkeypatch: pytest.MonkeyPatch, endpoint: str) -> Iterator[TlsStore]:
    """A store that counts its connections."""
    with tls_store(PARAMETERS, tls=False) as running:
        monkeypatch.setenv("AWS_ENDPOINT_URL_SSM", running.url)
        yield running


def guessed(*arguments: str, **environ: str) -> tuple[str, str] | None:
    """URL and region of the guess, if there is one."""
    opening = ahead.connect(arguments, {"AWS_EC2_METADATA_DISABLED": "true", "HOME": "/nonexistent"} | environ)
    return (opening.endpoint.url, opening.endpoint.region) if opening else None


CLOSED = "http://127.0.0.1:9"
HERE = {"AWS_REGION": "eu-west-1", "AWS_ENDPOINT_URL_SSM": CLOSED}


@pytest.mark.parametrize("command", [["exec", "--", "true"], ["sync"], ["sync", "--out", "-"], ["show", "key"], ["--quiet", "sync"]])
def test_a_delivery_is_begun_where_the_environment_leads(command: list[str]) -> None:
    assert guessed(*command, **HERE) == (CLOSED, "eu-west-1")


@pytest.mark.parametrize(
    "command",
    [
        ["sync", "--region", "eu-north-1", "--endpoint-url", "http://127.0.0.1:8"],
        ["sync", "--region=eu-north-1", "--endpoint-url=http://127.0.0.1:8"],
        ["exec", "--region", "eu-north-1", "--endpoint-url=http://127.0.0.1:8", "--", "cmd", "--region", "us-east-1"],
    ],
)
def test_options_lead_elsewhere_but_for_those_of_the_program(command: list[str]) -> None:
    assert guessed(*command, **HERE) == ("http://127.0.0.1:8", "eu-north-1")


@pytest.mark.parametrize(
    "command",
    [["list"], ["put", "A=b"], [], ["exec", "cmd", "--region", "eu-west-1"], ["sync", "--help"], ["--demo", "sync"], ["--version"]],
)
def test_what_delivers_nothing_or_is_not_clear_connects_to_nobody(command: list[str]) -> None:
    assert guessed(*command, **HERE) is None


def test_what_is_for_the_sdk_is_left_to_it() -> None:
    assert guessed("sync", **HERE, HTTPS_PROXY="http://127.0.0.1:9") is None
    assert guessed("sync") is None


@pytest.mark.parametrize(
    ("options", "connections"),
    [
        ([], 2),
        (["--no-shared"], 1),
        (["--only", "KEY_1"], 2),
        (["--only", *NAMES[:12]], 4),
        (["--only", *NAMES], 6),
        (["--names-from", "names"], 6),
    ],
)
def test_each_call_that_can_be_sent_at_once_has_a_connection_and_no_more_are_made(
    options: list[str], connections: int, store: TlsStore, scrubbed: Path
) -> None:
    (scrubbed / "names").write_text("".join(f"{name}=an example of it\n" for name in NAMES))
    command = [sys.executable, "-m", "ssmm_core", "exec", *options, "--", "true"]
    assert subprocess.run(command, capture_output=True, timeout=60).returncode == 0
    assert store.count().connections == connections


def test_a_guess_that_was_wrong_costs_a_connection_and_nothing_else(store: TlsStore, ssm: Ssm, endpoint: str) -> None:
    """The program begins before `--` here, which only the whole grammar tells, and the option is its own."""
    ssm.put("/myteam/my-app/host", "from the right place")
    command = ["exec", "--quiet", "printenv", "HOST", "--endpoint-url", store.url, "--"]
    ran = subprocess.run(
        [sys.executable, "-m", "ssmm_core", *command],
        capture_output=True,
        text=True,
        timeout=60,
        env={**os.environ, "AWS_ENDPOINT_URL_SSM": endpoint},
    )
    assert ran.stdout == "from the right place\n"
    assert store.count().answered == {}


# The end of a process whose connections are still opening


@pytest.fixture
def silent(monkeypatch: pytest.MonkeyPatch, endpoint: str) -> Iterator[socket.socket]:
    """An endpoint that takes connections and never says a word of TLS."""
    with socket.create_server(("127.0.0.1", 0)) as listening:
        listening.settimeout(30)
        monkeypatch.setenv("AWS_ENDPOINT_URL_SSM", f"https://127.0.0.1:{listening.getsockname()[1]}")
        yield listening


@pytest.mark.parametrize(("command", "code"), [(["sync", "--nonsense"], 2), (["exec", "--", "/nonexistent"], 127)])
def test_what_is_refused_does_not_wait_for_a_connection(command: list[str], code: int, silent: socket.socket) -> None:
    ran = subprocess.run([sys.executable, "-m", "ssmm_core", *command], capture_output=True, text=True, timeout=4)
    assert ran.returncode == code
    assert len(ran.stderr.splitlines()) == 1


def test_ctrl_c_ends_a_process_that_is_still_connecting(silent: socket.socket) -> None:
    for _ in range(10):  # each has one connection
        process = subprocess.Popen(
            [sys.executable, "-m", "ssmm_core", "sync", "--no-shared"], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
        )
        connection, _ = silent.accept()
        process.send_signal(signal.SIGINT)
        out, err = process.communicate(timeout=30)
        connection.close()
        assert (process.returncode, out, err) == (130, "", "Error: interrupted\n")


def test_ctrl_c_ends_it_also_where_nobody_reads_what_it_says(silent: socket.socket) -> None:
    reading, writing = os.pipe()
    os.set_blocking(writing, False)
    with contextlib.suppress(BlockingIOError):
        while os.write(writing, b"x" * 4096):
            pass
    os.set_blocking(writing, True)
    process = subprocess.Popen([sys.executable, "-m", "ssmm_core", "sync", "--no-shared"], stderr=writing)
    connection, _ = silent.accept()
    process.send_signal(signal.SIGINT)
    assert process.wait(timeout=30) == 130
    for one in (reading, writing):
        os.close(one)
    connection.close()


def test_only_a_delivery_does_without_the_search_for_cycles(endpoint: str) -> None:
    script = (
        "import gc, os, sys\n"
        "os._exit = lambda code: sys.__stdout__.write(f'enabled {gc.isenabled()}\\n')\n"
        "from ssmm_core.cli.main import run\n"
        "run()"
    )
    for command, enabled in (["list"], True), (["sync", "--out", "-"], False):
        ran = subprocess.run([sys.executable, "-c", script, *command], capture_output=True, text=True, timeout=60)
        assert ran.stdout.endswith(f"enabled {enabled}\n"), ran.stderr
