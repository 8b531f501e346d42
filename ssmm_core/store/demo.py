"""A demonstration server inside this process: moto on a free port of 127.0.0.1, filled with a sample team.

Nothing of it is in the environment or on disk, and its thread ends with the process, also when that becomes another program.
"""

from __future__ import annotations

import logging
import socket

from ssmm_core.errors import SettingsError
from ssmm_core.models import DEFAULT_KEY, SECURE, PutRequest
from ssmm_core.parallel import each
from ssmm_core.secret import SecretValue
from ssmm_core.store import demo_team
from ssmm_core.store.aws import AwsStore

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Final, Self

    from moto.moto_server.threaded_moto_server import ThreadedMotoServer

    from ssmm_core.settings import Settings

REGION: Final = "us-east-1"
CREDENTIALS: Final = ("demo", "demo")
"""Any would do: the server checks none. They are the demonstration's own and reach nobody else."""


class DemoServer:
    """A running demonstration server."""

    def __init__(self, server: ThreadedMotoServer, url: str) -> None:
        self._server = server
        self.url = url

    def settings(self, given: Settings) -> Settings:
        """The settings of a run, pointed at this server alone."""
        return given.replace(
            endpoint_url=self.url,
            credentials=CREDENTIALS,
            region=given.region or REGION,
            profile=None,
            write_rate=None,
            prefix=given.prefix or demo_team.ROOT,
        )

    def fill(self, given: Settings) -> Self:
        """Put the sample team in."""
        store = AwsStore(self.settings(given))
        store.get(
            [demo_team.ROOT], decrypt=False, budget=store.budget()
        )  # alone: moto loads itself at the first call, and not thread-safely
        by_name: dict[str, list[demo_team.Entry]] = {}
        for entry in demo_team.entries():
            by_name.setdefault(entry.name, []).append(entry)
        each(lambda versions: _put_all(store, versions), list(by_name.values()), threads=4)
        return self

    def stop(self) -> None:
        """End the server's thread."""
        self._server.stop()


def start(given: Settings, *, port: int = 0) -> DemoServer:
    """Start a server on a free port, or on `port`, and fill it; about two seconds.

    Raises:
        SettingsError: the extra `demo` is not installed, or the port is taken.
    """
    try:
        from moto.moto_server.threaded_moto_server import ThreadedMotoServer
    except ImportError:
        raise SettingsError("the demonstration server is not installed", hint="Install the extra: pip install 'ssmm[demo]'.") from None
    if port:
        _check_free(port)
    logging.getLogger("werkzeug").setLevel(logging.CRITICAL)
    server = ThreadedMotoServer(ip_address="127.0.0.1", port=port, verbose=False)
    server.start()
    host, bound = server.get_host_and_port()
    return DemoServer(server, f"http://{host}:{bound}").fill(given)


def _check_free(port: int) -> None:
    """moto's server waits for ever on a port that it cannot have."""
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except (OSError, OverflowError):
            raise SettingsError(f"port {port} cannot be had on 127.0.0.1", hint="Choose another, or leave --port out.") from None


def _put_all(store: AwsStore, versions: list[demo_team.Entry]) -> None:
    for number, entry in enumerate(versions):
        request = PutRequest(
            name=entry.name,
            value=SecretValue(entry.value),
            type=entry.type,
            overwrite=number > 0,
            key_id=DEFAULT_KEY if entry.type == SECURE else "",
            tags=entry.tags,
        )
        store.put(request, budget=store.budget())
