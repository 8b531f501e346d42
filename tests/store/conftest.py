"""Every test of the store runs twice: its reads by the SDK, and by the connection of our own. Writes are the SDK's either way."""

from __future__ import annotations

import os
import weakref
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Any

import pytest

from ssmm_core.settings import Settings
from ssmm_core.store.aws import AwsStore
from ssmm_core.store.lean.connection import OPERATIONS, LeanConnection
from ssmm_core.store.lean.http import HttpConnection
from tests.conftest import REGION
from tests.support.metadata import Metadata

if TYPE_CHECKING:
    from collections.abc import Mapping

    from ssmm_core.store.answers import Service
    from tests.conftest import Ssm
    from tests.support.faults import Faults

Connect = Callable[[Settings], AwsStore]


class ReadsLean(AwsStore):
    """The store with our own connection for all that it knows. It never hands over: what is ours must be answered by ours."""

    def __init__(self, settings: Settings, *, trace: Callable[[str], None] | None = None) -> None:
        super().__init__(settings, trace=trace)
        self._lean = LeanConnection(settings, os.environ, trace)
        self._connection = self

    def send(self, service: Service, operation: str, subject: str, parameters: Mapping[str, Any]) -> dict[str, Any]:
        connection = self._lean if service == "ssm" and operation in OPERATIONS else self.connection
        return connection.send(service, operation, subject, parameters)


@pytest.fixture(autouse=True)
def hung_up(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Connections that are still open are closed at the end of a test.

    The error that a test looks at holds them in a cycle, of which the garbage collector may finalize a socket before its owner, and warn.
    """
    opened: weakref.WeakSet[HttpConnection] = weakref.WeakSet()
    really_open = HttpConnection.open

    def watched(connection: HttpConnection) -> None:
        opened.add(connection)
        really_open(connection)

    monkeypatch.setattr(HttpConnection, "open", watched)
    yield
    for connection in opened:
        connection.close()


@pytest.fixture(params=[AwsStore, ReadsLean], ids=["sdk", "lean"])
def connect(request: pytest.FixtureRequest) -> Connect:
    """How a store is made of settings."""
    made: Connect = request.param
    return made


@pytest.fixture
def store(connect: Connect, endpoint: str) -> AwsStore:
    """Our store, on an endpoint without faults."""
    return connect(Settings(write_rate=None, region=REGION))


@pytest.fixture
def faulty_store(connect: Connect, faults: Faults) -> AwsStore:
    """Our store, on an endpoint that can misbehave."""
    return connect(Settings(write_rate=None, region=REGION, endpoint_url=faults.url))


@pytest.fixture
def token(ssm: Ssm) -> str:
    """The name of a parameter that is there."""
    ssm.put("/myteam/web/token", "made-up")
    return "/myteam/web/token"


@pytest.fixture
def service(monkeypatch: pytest.MonkeyPatch) -> Iterator[Metadata]:
    """What answers for a container and for an instance, with credentials of its own."""
    service = Metadata()
    monkeypatch.setenv("AWS_EC2_METADATA_SERVICE_ENDPOINT", service.url)
    yield service
    service.stop()
