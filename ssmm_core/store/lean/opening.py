"""Connections that are opened ahead of their use, so that imports happen while the wire is busy."""

from __future__ import annotations

import threading

from ssmm_core.store.lean.http import HttpConnection, NotConnected

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Final

    from ssmm_core.store.lean.endpoint import Endpoint
    from ssmm_core.store.lean.tls import Trust

CONNECT_SECONDS: Final = 5.0
READ_SECONDS: Final = 15.0


class Opening:
    """Connections to one endpoint, some of them under way already. Seconds are the least of what is bearable and `timeout`."""

    def __init__(self, endpoint: Endpoint, *, ahead: int = 0, timeout: float = CONNECT_SECONDS) -> None:
        self.endpoint = endpoint
        self._trust: Trust | None = None
        if endpoint.scheme == "https":
            from ssmm_core.store.lean.tls import Trust

            self._trust = Trust(endpoint.ca_bundle)
        self._lock = threading.Lock()
        self.wait(timeout)
        if ahead:
            import socket  # noqa: F401 - 4 ms, in which the threads would only be in each other's way
        self._ahead = [_Ahead(self._new()) for _ in range(ahead)]

    def wait(self, timeout: float) -> None:
        """From now on, take no longer than `timeout` to connect, nor to be answered."""
        self._connect = min(CONNECT_SECONDS, timeout)
        self._read = min(READ_SECONDS, timeout)

    def take(self) -> HttpConnection:
        """A connection for the caller alone, open or not yet opened.

        Raises:
            NotConnected, NotTrusted, NoAnswer, Handover: one that was opened ahead failed.
        """
        with self._lock:
            ahead = self._ahead.pop(0) if self._ahead else None
        if ahead is None:
            return self._new()
        try:
            connection = ahead.outcome(self._connect)
        except Exception:
            with self._lock:
                self._ahead.clear()  # what failed as long ago says nothing of a new attempt
            raise
        connection.bound(connect=self._connect, read=self._read)  # it was made before `wait`
        return connection

    def _new(self) -> HttpConnection:
        endpoint = self.endpoint
        return HttpConnection(
            endpoint.host,
            endpoint.port,
            connect=self._connect,
            read=self._read,
            context=self._trust.context if self._trust else None,
        )


class _Ahead:
    """One connection that a thread opens."""

    def __init__(self, connection: HttpConnection) -> None:
        self._connection = connection
        self._error: Exception | None = None
        self._thread: threading.Thread | None = threading.Thread(target=self._open, daemon=True)
        try:
            self._thread.start()
        except RuntimeError:  # no thread is to be had, as under LimitNPROC=: whoever takes it opens it
            self._thread = None

    def _open(self) -> None:
        try:
            self._connection.open()
        except Exception as error:
            self._error = error

    def outcome(self, seconds: float) -> HttpConnection:
        if self._thread is not None:
            self._thread.join(seconds)
            if self._thread.is_alive():
                raise NotConnected("TimeoutError")
        if self._error is not None:
            raise self._error
        return self._connection
