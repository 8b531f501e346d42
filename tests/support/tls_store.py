"""A small, fast Parameter Store in a process of its own: TLS, a set round trip, a limit on requests, and a count of them.

moto is the reference for what the service answers. This one is for what moto cannot do: its own share of a request is a fraction of a
millisecond, so a client's time and its requests can be measured. It serves reads alone.
"""

from __future__ import annotations

import contextlib
import json
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import NamedTuple

from tests.support.certificates import loopback_chain


class Counts(NamedTuple):
    """Requests by operation, answered (with an error too) or refused for their rate; and connections that were opened."""

    answered: dict[str, int]
    throttled: dict[str, int]
    connections: int


class TlsStore:
    """A store that runs. `url` is its place, `ca_file` what to trust (for AWS_CA_BUNDLE), empty on plain HTTP."""

    def __init__(self, process: subprocess.Popen[str], ca_file: str) -> None:
        self._process = process
        self.ca_file = ca_file
        self.url = self._line()

    def count(self) -> Counts:
        """Since the start, or since `reset`."""
        return Counts(**json.loads(self._ask("count")))

    def reset(self) -> None:
        """Count from nought again, with the whole burst to spend."""
        self._ask("reset")

    def _ask(self, command: str) -> str:
        assert self._process.stdin is not None
        self._process.stdin.write(f"{command}\n")
        self._process.stdin.flush()
        return self._line()

    def _line(self) -> str:
        assert self._process.stdout is not None
        line = self._process.stdout.readline().strip()
        assert line, "the store has ended"
        return line


@contextlib.contextmanager
def tls_store(
    parameters: Mapping[str, str],
    *,
    tags: Mapping[str, Mapping[str, str]] | None = None,
    tls: bool = True,
    round_trip: float = 0.0,
    rate: float | None = None,
    burst: int = 40,
) -> Iterator[TlsStore]:
    """A store on a free port of loopback, until the block or the process that started it ends.

    Args:
        parameters: values by full name; each is a SecureString in its version 1.
        tags: by parameter name, for DescribeParameters.
        tls: whether it speaks TLS (1.2 and 1.3), with a chain that `ca_file` of the result verifies for 127.0.0.1 and localhost.
        round_trip: seconds that opening a connection, its handshake, and each request cost, once each.
        rate: requests a second that it answers, over all operations; others get a ThrottlingException. None is no limit.
        burst: requests that it answers at once before that.
    """
    with tempfile.TemporaryDirectory(prefix="ssmm-store-") as name:
        folder = Path(name)
        chain = loopback_chain() if tls else None
        if chain is not None:
            (folder / "root.pem").write_bytes(chain.root)
            (folder / "server.pem").write_bytes(chain.key + chain.shown)
        configuration = {
            "parameters": dict(parameters),
            "tags": {name: dict(its) for name, its in (tags or {}).items()},
            "certificate": str(folder / "server.pem") if tls else "",
            "round_trip": round_trip,
            "rate": rate,
            "burst": burst,
        }
        (folder / "store.json").write_text(json.dumps(configuration), encoding="utf-8")
        command = [sys.executable, "-m", "tests.support.tls_store_server", str(folder / "store.json")]
        here = Path(__file__).parents[2]
        with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, cwd=here) as process:
            try:
                yield TlsStore(process, str(folder / "root.pem") if tls else "")
            finally:
                process.communicate(timeout=30)
