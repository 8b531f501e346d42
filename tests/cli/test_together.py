"""Many starts at once, where the store limits requests as the service does."""

from __future__ import annotations

import os
import subprocess
import sys

import pytest

from tests.support.tls_store import tls_store

PROCESSES = 8
PARAMETERS = {f"/myteam/shared/key-{number}": "made-up" for number in range(5)} | {
    f"/myteam/my-app/key-{number}": f"made-up {number}" for number in range(25)
}
PAGES = 1 + 3


@pytest.mark.parametrize("options", [[], ["--only", *(f"KEY_{number}" for number in range(20))]], ids=["walk", "by name"])
def test_all_start_and_nothing_is_answered_twice(options: list[str], endpoint: str) -> None:
    calls = PAGES if not options else 2 * 2
    with tls_store(PARAMETERS, rate=20, burst=1) as store:
        environment = {**os.environ, "AWS_ENDPOINT_URL_SSM": store.url, "AWS_CA_BUNDLE": store.ca_file}
        command = [sys.executable, "-m", "ssmm_core", "exec", *options, "--", "printenv", "KEY_7"]
        started = [subprocess.Popen(command, env=environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE) for _ in range(PROCESSES)]
        ended = [process.communicate(timeout=60) for process in started]
        counts = store.count()
    assert [process.returncode for process in started] == [0] * PROCESSES, ended
    assert {out for out, _ in ended} == {b"made-up 7\n"}
    assert sum(counts.answered.values()) == PROCESSES * calls
    assert sum(counts.throttled.values()) > 0
