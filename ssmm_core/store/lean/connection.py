"""Calls of Parameter Store that only read, signed and sent without the SDK."""

from __future__ import annotations

import json
import threading
import time

from ssmm_core import __version__
from ssmm_core.store.answers import no_answer, not_the_service, refusal, traced, unreachable
from ssmm_core.store.lean import Handover, credentials, endpoint, signature
from ssmm_core.store.lean.http import HttpConnection, HttpError, NotConnected, NotTrusted
from ssmm_core.store.lean.opening import Opening

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from typing import Any, Final

    from ssmm_core.settings import Settings
    from ssmm_core.store.answers import Service
    from ssmm_core.store.lean.http import Answer

OPERATIONS: Final = frozenset({"GetParametersByPath", "GetParameters", "GetParameter", "DescribeParameters"})
_TARGET: Final = "AmazonSSM."
_SKEWED: Final = frozenset({"InvalidSignatureException", "SignatureDoesNotMatch", "RequestTimeTooSkewed", "RequestExpired"})
"""What the service says to a request that was signed by a clock that is wrong; it is five minutes that it bears."""
_BEARABLE: Final = 240.0


class LeanConnection:
    """Parameter Store, to be read. `ahead` are connections that were opened before all this was known, if they lead to the right place.

    Raises, when made and from `send`: the errors of `ssmm_core.errors`, and Handover for what the SDK must do. Nothing was sent then.
    """

    def __init__(
        self, settings: Settings, environ: Mapping[str, str], trace: Callable[[str], None] | None, ahead: Opening | None = None
    ) -> None:
        if settings.credentials:
            raise Handover("the settings have credentials of their own")
        where = endpoint.find(environ, region=settings.region, profile=settings.profile, endpoint_url=settings.endpoint_url)
        self._who = credentials.find(environ, profile=settings.profile)
        self._opening = ahead if ahead is not None and ahead.endpoint == where else Opening(where)
        self._opening.wait(settings.timeout)
        self._endpoint = where
        self._trace = trace
        self._lock = threading.Lock()
        self._idle: list[HttpConnection] = []
        self._clock_offset: float | None = None
        """Seconds to add to this machine's clock; None until the service said that it is wrong."""
        self._has_sent = False
        self.region: str = where.region
        self.source: str = self._who.method
        """Where the credentials come from, in the SDK's word."""

    def send(self, service: Service, operation: str, subject: str, parameters: Mapping[str, Any]) -> dict[str, Any]:
        """One call, sent once; a second time where the clock was wrong, by which nothing is done twice."""
        if service != "ssm" or operation not in OPERATIONS:
            raise Handover(f"{operation} is not for delivery")
        body = json.dumps(parameters).encode()
        started = time.monotonic()
        try:
            offset = self._clock_offset
            answer = self._exchange(operation, body, offset or 0.0)
            if offset is None and answer.status >= 400:
                self._look_at_clock(answer)
                if self._clock_offset is not None:  # by this answer, or by another one meanwhile
                    answer = self._exchange(operation, body, self._clock_offset)
        finally:
            if self._trace:
                self._trace(traced(operation, subject, parameters, time.monotonic() - started))
        if answer.status >= 300:  # a redirect is not followed either
            code, said = _fault(answer)
            raise refusal(code, said, status=answer.status, operation=operation, subject=subject, region=self.region)
        return self._whole(answer)

    def _exchange(self, operation: str, body: bytes, offset: float) -> Answer:
        try:
            connection = self._connection()
            connection.open()
            self._has_sent = True
            answer = connection.exchange("POST", "/", self._headers(operation, body, offset), body)
        except NotTrusted as error:
            if self._has_sent:
                raise no_answer(self._endpoint.url) from None
            raise Handover(f"TLS with {self._endpoint.host} failed: {error}") from None
        except NotConnected:
            raise unreachable(self._endpoint.url) from None
        except HttpError:
            raise no_answer(self._endpoint.url) from None
        with self._lock:
            self._idle.append(connection)
        return answer

    def _connection(self) -> HttpConnection:
        with self._lock:
            if self._idle:
                return self._idle.pop()
        return self._opening.take()

    def _headers(self, operation: str, body: bytes, offset: float) -> dict[str, str]:
        moment = time.strftime("%Y%m%dT%H%M%SZ", time.gmtime(time.time() + offset))
        signed = {
            "Host": self._endpoint.host_header,
            "Content-Type": "application/x-amz-json-1.1",
            "X-Amz-Target": _TARGET + operation,
            "X-Amz-Date": moment,
        }
        who = self._who
        if token := who.token.reveal():
            signed["X-Amz-Security-Token"] = token
        signed["Authorization"] = signature.authorization(
            signed, body, access_key=who.access_key, secret_key=who.secret_key, region=self.region, service="ssm", moment=moment
        )
        return signed | {"Content-Length": str(len(body)), "User-Agent": f"ssmm/{__version__}", "Accept-Encoding": "identity"}

    def _look_at_clock(self, answer: Answer) -> None:
        """Take the service's time for ours from now on, where it refused the time of a request."""
        if _fault(answer)[0] not in _SKEWED:
            return
        from datetime import UTC
        from email.utils import parsedate_to_datetime

        try:
            served = parsedate_to_datetime(answer.headers.get("date", ""))
            offset = served.replace(tzinfo=served.tzinfo or UTC).timestamp() - time.time()
        except (ValueError, OverflowError):
            return
        if abs(offset) >= _BEARABLE:
            self._clock_offset = offset

    def _whole(self, answer: Answer) -> dict[str, Any]:
        """The object that an answer holds; what is null in it is not there."""
        said = _object(answer.body) if answer.headers.get("content-encoding", "identity") == "identity" else None
        if said is None and answer.body.lstrip().startswith(b"{") and not answer.body.rstrip().endswith(b"}"):
            raise no_answer(self._endpoint.url)  # it was cut off
        if said is None:
            raise not_the_service(self._endpoint.url)
        return said


def _object(body: bytes) -> dict[str, Any] | None:
    """What the service may have said; None if it never would. An error raised here would have values in its frame."""
    try:
        said = json.loads(body.decode(), object_hook=_without_null)
    except (ValueError, RecursionError):
        return None
    if not isinstance(said, dict):
        return None
    entries = said.get("Parameters", [])
    if not isinstance(entries, list) or not isinstance(said.get("NextToken", ""), str):
        return None
    entries = [*entries, said.get("Parameter", {})]
    return said if all(isinstance(entry, dict) and _has_time(entry) for entry in entries) else None


def _has_time(entry: dict[str, Any]) -> bool:
    """Whether a parameter's last change, if it is there, is seconds, or was a text that they could be read from."""
    moment = entry.get("LastModifiedDate", 0)
    if isinstance(moment, str):  # as emulators say it
        from datetime import datetime

        try:
            moment = entry["LastModifiedDate"] = datetime.fromisoformat(moment).timestamp()
        except (ValueError, OverflowError):
            return False
    return isinstance(moment, (int, float))


def _without_null(found: dict[str, Any]) -> dict[str, Any]:
    return {key: value for key, value in found.items() if value is not None}


def _fault(answer: Answer) -> tuple[str, str]:
    """The code and the message of a refusal; the status and the whole text where it is not the service's, as from a load balancer."""
    text = answer.body.decode(errors="replace")
    try:
        said = json.loads(text)
    except (ValueError, RecursionError):
        return str(answer.status), text
    if not isinstance(said, dict):
        return str(answer.status), ""
    code = str(said.get("__type") or answer.status)  # also `namespace#Code:https://…`, in every part but the second
    message = said.get("message", said.get("Message"))
    return code.partition(":")[0].rpartition("#")[2], "" if message is None else str(message)
