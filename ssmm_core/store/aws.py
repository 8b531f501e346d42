"""The store on AWS: what the service's calls take and give, in pages and batches, tried again where that can help."""

from __future__ import annotations

import os

from ssmm_core.errors import AccessDenied, InvalidInput, KeyUnavailable, NotFound, SettingsError, SsmmError, Throttled
from ssmm_core.models import SECURE, Account
from ssmm_core.names import is_below
from ssmm_core.parallel import each
from ssmm_core.store import wire
from ssmm_core.store.answers import TITLES
from ssmm_core.store.retry import Budget, Pace, persist
from ssmm_core.store.sdk import Connection

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
    from typing import Any, Final

    from ssmm_core.models import Parameter, ParameterMetadata, ParameterVersion, PutRequest
    from ssmm_core.settings import Settings
    from ssmm_core.store.answers import Service

BATCH: Final = 10
"""Most names that GetParameters and DeleteParameters take, and most parameters on a page of GetParametersByPath."""
PAGE: Final = 50
"""Most entries on a page of DescribeParameters and GetParameterHistory, and most values of one filter."""
TAG_PAGE: Final = 100
"""Most entries on a page of GetResources."""
ALIAS_SECONDS: Final = 5.0
"""How long the account's alias is waited for: it is but a nicer name."""

_ONCE: Final = frozenset({"PutParameter", "DeleteParameters"})
"""Calls that must not be repeated without a look at what stands."""
_WRITES: Final = frozenset({"AddTagsToResource", "RemoveTagsFromResource", "LabelParameterVersion"})


class AwsStore:
    """A `ParameterStore` on AWS, or on anything that speaks its API.

    Raises, when made and from every method: the errors of `ssmm_core.errors`, never one of botocore's.
    """

    def __init__(self, settings: Settings, *, trace: Callable[[str], None] | None = None) -> None:
        self._settings = settings
        self._connection = Connection(settings, trace)
        self._reads = Pace(None)
        self._writes = Pace(settings.write_rate)
        self.region: str = self._connection.region
        self.endpoint: str = self._connection.endpoint

    @property
    def connection(self) -> Connection:
        """For whoever asks where it leads, and as whom."""
        return self._connection

    def budget(self) -> Budget:
        return Budget(self._settings.timeout)

    # Reading

    def walk(self, path: str, *, decrypt: bool, budget: Budget) -> Iterator[Parameter]:
        pages = self._pages(
            "GetParametersByPath", "Parameters", path, budget, Path=path, Recursive=True, WithDecryption=decrypt, MaxResults=BATCH
        )
        try:
            yield from (wire.parameter(raw, decrypt) for raw in pages)
        except (KeyUnavailable, AccessDenied) as error:
            if not decrypt or not _is_about_decryption(error):
                raise
            secure = [one.name for one in self.walk(path, decrypt=False, budget=budget) if one.is_secure]
            raise self._culprits(secure, error, budget) from error

    def get(self, names: Iterable[str], *, decrypt: bool, budget: Budget) -> dict[str, Parameter]:
        distinct = list(dict.fromkeys(names))
        batches = [distinct[at : at + BATCH] for at in range(0, len(distinct), BATCH)]
        found = each(lambda batch: self._get_batch(batch, decrypt, budget), batches, threads=self._settings.read_concurrency)
        return {name: one for batch in found for name, one in batch.items()}

    def get_version(self, name: str, selector: str, *, decrypt: bool, budget: Budget) -> Parameter:
        answer = self._call("GetParameter", f"{name}:{selector}", budget, Name=f"{name}:{selector}", WithDecryption=decrypt)
        return wire.parameter(answer["Parameter"], decrypt)

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
                if not path or raw["Name"].startswith(path + "/"):
                    yield wire.metadata(raw)

    def tags(self, name: str, *, budget: Budget) -> dict[str, str]:
        answer = self._call("ListTagsForResource", name, budget, ResourceType="Parameter", ResourceId=name)
        return wire.tags(answer.get("TagList", ()))

    def history(self, name: str, *, decrypt: bool, budget: Budget) -> Iterator[ParameterVersion]:
        pages = self._pages("GetParameterHistory", "Parameters", name, budget, Name=name, WithDecryption=decrypt, MaxResults=PAGE)
        yield from (wire.version(raw, decrypt) for raw in pages)

    def all_tags(self, path: str, *, budget: Budget) -> Iterator[tuple[str, dict[str, str]]]:
        pages = self._pages(
            "GetResources",
            "ResourceTagMappingList",
            path,
            budget,
            service="tag",
            cursor="PaginationToken",
            ResourceTypeFilters=["ssm:parameter"],
            ResourcesPerPage=TAG_PAGE,
        )
        for raw in pages:
            name, its = wire.name_in_arn(raw["ResourceARN"]), wire.tags(raw.get("Tags", ()))
            if its and is_below(name, path):  # what once carried tags is listed too
                yield name, its

    def account(self, *, budget: Budget) -> Account:
        caller = self._call("GetCallerIdentity", "the caller", budget, service="sts")
        if not caller.get("Account"):
            raise SettingsError("what answers for the caller's identity is not STS", hint="Check --endpoint-url and proxies.")
        return Account(caller["Account"], self._alias(Budget(min(ALIAS_SECONDS, budget.remaining))), caller.get("Arn", ""))

    def _alias(self, budget: Budget) -> str:
        try:
            aliases = self._call("ListAccountAliases", "the account", budget, service="iam").get("AccountAliases", ())
        except SsmmError:
            return ""
        return next(iter(aliases), "")

    # Writing

    def turn(self, *, budget: Budget) -> None:
        self._writes.wait(budget)

    def put(self, request: PutRequest, *, budget: Budget) -> int:
        optional: dict[str, Any] = {
            "Tier": request.tier,
            "KeyId": request.key_id or None if request.type == SECURE else None,
            "DataType": request.data_type or None,
            "AllowedPattern": request.allowed_pattern or None,
            "Description": "" if request.clear_description else request.description or None,
            "Policies": wire.policies_text(request.policies) or None,
            "Tags": None if request.overwrite else wire.tag_list(request.tags or {}) or None,
        }
        answer = self._call(
            "PutParameter",
            request.name,
            budget,
            Name=request.name,
            Value=request.value.reveal(),
            Type=request.type,
            Overwrite=request.overwrite,
            **{key: value for key, value in optional.items() if value is not None},
        )
        return int(answer["Version"])

    def delete(self, names: Sequence[str], *, budget: Budget) -> frozenset[str]:
        answer = self._call("DeleteParameters", _together(names), budget, Names=list(names))
        return frozenset(answer.get("DeletedParameters", ()))

    def add_tags(self, name: str, tags: Mapping[str, str], *, budget: Budget) -> None:
        self._call("AddTagsToResource", name, budget, ResourceType="Parameter", ResourceId=name, Tags=wire.tag_list(tags))

    def remove_tags(self, name: str, keys: Sequence[str], *, budget: Budget) -> None:
        self._call("RemoveTagsFromResource", name, budget, ResourceType="Parameter", ResourceId=name, TagKeys=list(keys))

    def label(self, name: str, version: int, labels: Sequence[str], *, budget: Budget) -> None:
        answer = self._call("LabelParameterVersion", name, budget, Name=name, ParameterVersion=version, Labels=list(labels))
        if refused := answer.get("InvalidLabels"):
            raise InvalidInput(f"Parameter Store does not take the label {', '.join(refused)} for {name}")

    # Calling

    def _call(self, operation: str, subject: str, budget: Budget, *, service: Service = "ssm", **parameters: Any) -> dict[str, Any]:
        """One API call, with retries where it may be repeated."""

        def attempt() -> dict[str, Any]:
            return self._connection.send(service, operation, subject, parameters)

        if operation in _ONCE:
            try:
                answer = attempt()
            except Throttled:
                self._writes.throttled()
                raise
            self._writes.went_through()
            return answer
        return persist(attempt, budget=budget, pace=self._writes if operation in _WRITES else self._reads)

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
                raise SettingsError(f"what answers for {subject} is not {TITLES[service]}", hint="Check --endpoint-url and proxies.")
            yield from answer.get(key, ())
            if not token:
                return
            if token in seen:
                raise SsmmError(f"the endpoint repeats a page of {operation} of {subject}", hint="The listing would never end.")
            seen.add(token)

    def _get_batch(self, names: Sequence[str], decrypt: bool, budget: Budget) -> dict[str, Parameter]:
        try:
            answer = self._call("GetParameters", _together(names), budget, Names=list(names), WithDecryption=decrypt)
        except (KeyUnavailable, AccessDenied) as error:
            if not decrypt or not _is_about_decryption(error):
                raise
            raise self._culprits(names, error, budget) from error
        found = {wire.slashed(raw["Name"]): wire.parameter(raw, decrypt) for raw in answer.get("Parameters", ())}
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


def _together(names: Sequence[str]) -> str:
    """How messages speak of a batch: its one name, or the path that all of them share."""
    return names[0] if len(names) == 1 else f"{os.path.commonpath([wire.slashed(name) for name in names])}/*".replace("//", "/")


def _is_about_decryption(error: KeyUnavailable | AccessDenied) -> bool:
    return isinstance(error, KeyUnavailable) or error.action.startswith("kms:")
