"""Reading Parameter Store over any connection: pages, batches of ten, what does not decrypt named, tried again where that can help."""

from __future__ import annotations

import os

from ssmm_core.errors import AccessDenied, KeyUnavailable, NotFound, SettingsError, SsmmError
from ssmm_core.names import is_below
from ssmm_core.parallel import each
from ssmm_core.store import wire
from ssmm_core.store.answers import TITLES
from ssmm_core.store.retry import Budget, persist

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
    from typing import Any, Final, Protocol, TypeVar

    from ssmm_core.models import Parameter, ParameterMetadata
    from ssmm_core.settings import Settings
    from ssmm_core.store.answers import Service

    Entry = TypeVar("Entry")

    class Connection(Protocol):
        """What sends one call, once."""

        @property
        def region(self) -> str:
            """Where the parameters are."""

        def send(self, service: Service, operation: str, subject: str, parameters: Mapping[str, Any]) -> dict[str, Any]:
            """The answer of the API's `operation` with these `parameters`; `subject` is what it is about, for messages.

            Raises only errors of `ssmm_core.errors`; what may heal by itself is a `TemporaryError`.
            """


BATCH: Final = 10
"""Most names that GetParameters and DeleteParameters take, and most parameters on a page of GetParametersByPath."""
PAGE: Final = 50
"""Most entries on a page of DescribeParameters and GetParameterHistory, and most values of one filter."""


class Reader:
    """A `ParameterReader` over a connection."""

    def __init__(self, settings: Settings, connection: Connection) -> None:
        self._settings = settings
        self._connection = connection
        self.region: str = connection.region

    def budget(self) -> Budget:
        return Budget(self._settings.timeout)

    def walk(self, path: str, *, decrypt: bool, budget: Budget) -> Iterator[Parameter]:
        pages = self._pages(
            "GetParametersByPath", "Parameters", path, budget, Path=path, Recursive=True, WithDecryption=decrypt, MaxResults=BATCH
        )
        try:
            for raw in pages:
                one = _understood(path, wire.parameter, raw, decrypt)
                if not is_below(one.name, path):
                    raise _not_the_service(path)
                yield one
        except (KeyUnavailable, AccessDenied) as error:
            if not decrypt or not _is_about_decryption(error):
                raise
            secure = [one.name for one in self.walk(path, decrypt=False, budget=budget) if one.is_secure]
            raise self._culprits(secure, error, budget) from None

    def get(self, names: Iterable[str], *, decrypt: bool, budget: Budget) -> dict[str, Parameter]:
        distinct = list(dict.fromkeys(names))
        batches = [distinct[at : at + BATCH] for at in range(0, len(distinct), BATCH)]
        found = each(lambda batch: self._get_batch(batch, decrypt, budget), batches, threads=self._settings.read_concurrency)
        return {name: one for batch in found for name, one in batch.items()}

    def get_version(self, name: str, selector: str, *, decrypt: bool, budget: Budget) -> Parameter:
        answer = self._call("GetParameter", f"{name}:{selector}", budget, Name=f"{name}:{selector}", WithDecryption=decrypt)
        if "Parameter" not in answer:
            raise _not_the_service(f"{name}:{selector}")
        return _understood(f"{name}:{selector}", wire.parameter, answer["Parameter"], decrypt)

    def describe(
        self, *, path: str = "", names: Sequence[str] = (), tags: Mapping[str, str] | None = None, budget: Budget
    ) -> Iterator[ParameterMetadata]:
        filters = [{"Key": f"tag:{key}", "Option": "Equals", "Values": [value]} for key, value in (tags or {}).items()]
        if path:
            filters.append({"Key": "Path", "Option": "Recursive", "Values": [path]})
        chunks = [list(names[at : at + PAGE]) for at in range(0, len(names), PAGE)] if names else [[]]
        for chunk in chunks:
            by_name = [{"Key": "Name", "Option": "Equals", "Values": chunk}] if chunk else []
            subject = path or (chunk[0] if chunk else "/")
            for raw in self._pages(
                "DescribeParameters", "Parameters", subject, budget, ParameterFilters=filters + by_name, MaxResults=PAGE
            ):
                one = _understood(subject, wire.metadata, raw)
                if not path or is_below(one.name, path):
                    yield one

    def _call(self, operation: str, subject: str, budget: Budget, *, service: Service = "ssm", **parameters: Any) -> dict[str, Any]:
        """One API call that only reads, with retries."""
        return persist(lambda: self._connection.send(service, operation, subject, parameters), budget=budget)

    def _pages(
        self,
        operation: str,
        key: str,
        subject: str,
        budget: Budget,
        *,
        service: Service = "ssm",
        cursor: str = "NextToken",
        **parameters: Any,
    ) -> Iterator[dict[str, Any]]:
        """All entries of a listing. Only the token says whether there is more: pages may be short or empty in between."""
        seen: set[str] = set()
        token = ""
        while True:
            more = {cursor: token} if token else {}
            answer = self._call(operation, subject, budget, service=service, **parameters, **more)
            token = answer.get(cursor) or ""
            if key not in answer and not token:
                raise _not_the_service(subject, service)
            yield from answer.get(key, ())
            if not token:
                return
            if token in seen:
                raise SsmmError(f"the endpoint repeats a page of {operation} of {subject}", hint="The listing would never end.")
            seen.add(token)

    def _get_batch(self, names: Sequence[str], decrypt: bool, budget: Budget) -> dict[str, Parameter]:
        try:
            answer = self._call("GetParameters", together(names), budget, Names=list(names), WithDecryption=decrypt)
        except (KeyUnavailable, AccessDenied) as error:
            if not decrypt or not _is_about_decryption(error):
                raise
            raise self._culprits(names, error, budget) from None
        if "Parameters" not in answer and "InvalidParameters" not in answer:
            raise _not_the_service(together(names))
        read = [_understood(together(names), wire.parameter, raw, decrypt) for raw in answer.get("Parameters", ())]
        found = {one.name: one for one in read}
        return {name: found[wire.slashed(name)] for name in names if wire.slashed(name) in found}

    def _culprits(self, names: Sequence[str], first: KeyUnavailable | AccessDenied, budget: Budget) -> SsmmError:
        """The error for a batch that did not decrypt: the service names no item, so each is tried alone."""
        culprits: list[str] = []
        for name in names:
            try:
                self._call("GetParameter", name, budget, Name=name, WithDecryption=True)
            except (KeyUnavailable, AccessDenied) as error:
                if not _is_about_decryption(error):
                    return first  # to deliver needs no right to GetParameter: which of them it was is not to be had then
                culprits.append(name)
                first = error
            except NotFound:
                continue
        if not culprits:
            return first
        message = f"cannot decrypt {', '.join(culprits)}"
        if isinstance(first, AccessDenied):
            return AccessDenied(message, action=first.action, resource=first.resource, hint=first.hint)
        return KeyUnavailable(message, hint=first.hint)


def together(names: Sequence[str]) -> str:
    """How messages speak of a batch: its one name, or the path that all of them share."""
    return names[0] if len(names) == 1 else f"{os.path.commonpath([wire.slashed(name) for name in names])}/*".replace("//", "/")


def _understood(subject: str, convert: Callable[..., Entry], *raw: object) -> Entry:
    """What an entry of an answer says.

    Raises:
        SettingsError: it lacks what all of the service's have.
    """
    try:
        return convert(*raw)
    except (LookupError, TypeError, AttributeError):
        raise _not_the_service(subject) from None


def _not_the_service(subject: str, service: Service = "ssm") -> SettingsError:
    return SettingsError(f"what answers for {subject} is not {TITLES[service]}", hint="Check --endpoint-url and proxies.")


def _is_about_decryption(error: KeyUnavailable | AccessDenied) -> bool:
    return isinstance(error, KeyUnavailable) or error.action.startswith("kms:")
