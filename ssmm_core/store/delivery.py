"""The reader for what is delivered at every boot: without the SDK where that can be, with it where it cannot."""

from __future__ import annotations

import threading

from ssmm_core.store.lean import Handover
from ssmm_core.store.lean.connection import LeanConnection
from ssmm_core.store.reader import Reader

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from typing import Any

    from ssmm_core.settings import Settings
    from ssmm_core.store.answers import Service
    from ssmm_core.store.lean.opening import Opening
    from ssmm_core.store.reader import Connection


def reader(
    settings: Settings, environ: Mapping[str, str], *, trace: Callable[[str], None] | None = None, ahead: Opening | None = None
) -> Reader:
    """A `ParameterReader`. `environ` is where the SDK would look; `ahead` are connections that were opened already, if it was a good guess.

    Raises, when made and from every method: the errors of `ssmm_core.errors`.
    """
    return Reader(settings, LeanFirst(settings, environ, trace, ahead))


class LeanFirst:
    """A connection of our own, until it says that something is for the SDK. `trace` is told that, and why."""

    def __init__(self, settings: Settings, environ: Mapping[str, str], trace: Callable[[str], None] | None, ahead: Opening | None) -> None:
        self._settings = settings
        self._trace = trace
        self._handing_over = threading.Lock()
        self._sdk: Connection | None = None
        try:
            lean = LeanConnection(settings, environ, trace, ahead)
            self._current: Connection = lean
            if trace:
                trace(f"without the AWS SDK, credentials from {lean.source}")
        except Handover as why:
            self._current = self._hand_over(why)
        self.region: str = self._current.region

    def send(self, service: Service, operation: str, subject: str, parameters: Mapping[str, Any]) -> dict[str, Any]:
        try:
            return self._current.send(service, operation, subject, parameters)
        except Handover as why:
            self._current = self._hand_over(why)
        return self._current.send(service, operation, subject, parameters)

    def _hand_over(self, why: Handover) -> Connection:
        with self._handing_over:
            if self._sdk is None:
                if self._trace:
                    self._trace(f"by the AWS SDK: {why}")
                from ssmm_core.store.sdk import Connection  # 0.2 s

                self._sdk = Connection(self._settings, self._trace)
            return self._sdk
