"""The store on AWS: what the service's calls take and give, in pages and batches, tried again where that can help."""

from __future__ import annotations

from ssmm_core.errors import InvalidInput, SettingsError, SsmmError, Throttled
from ssmm_core.models import SECURE, Account
from ssmm_core.names import is_below
from ssmm_core.store import wire
from ssmm_core.store.reader import PAGE, Reader, together
from ssmm_core.store.retry import Budget, Pace, persist
from ssmm_core.store.sdk import Connection

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence
    from typing import Any, Final

    from ssmm_core.models import ParameterVersion, PutRequest
    from ssmm_core.settings import Settings

TAG_PAGE: Final = 100
"""Most entries on a page of GetResources."""
ALIAS_SECONDS: Final = 5.0
"""How long the account's alias is waited for: it is but a nicer name."""


class AwsStore(Reader):
    """A `ParameterStore` on AWS, or on anything that speaks its API.

    Raises, when made and from every method: the errors of `ssmm_core.errors`, never one of botocore's.
    """

    def __init__(self, settings: Settings, *, trace: Callable[[str], None] | None = None) -> None:
        self.connection = Connection(settings, trace)
        """For whoever asks where it leads, and as whom."""
        super().__init__(settings, self.connection)
        self._writes = Pace(settings.write_rate)
        self.endpoint: str = self.connection.endpoint

    # Reading

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

    def put(self, request: PutRequest, *, budget: Budget) -> int:  # noqa: ARG002 - it is sent at once and once
        optional: dict[str, Any] = {
            "Tier": request.tier,
            "KeyId": request.key_id or None if request.type == SECURE else None,
            "DataType": request.data_type or None,
            "AllowedPattern": request.allowed_pattern or None,
            "Description": "" if request.clear_description else request.description or None,
            "Policies": wire.policies_text(request.policies) or None,
            "Tags": None if request.overwrite else wire.tag_list(request.tags or {}) or None,
        }
        answer = self._once(
            "PutParameter",
            request.name,
            Name=request.name,
            Value=request.value.reveal(),
            Type=request.type,
            Overwrite=request.overwrite,
            **{key: value for key, value in optional.items() if value is not None},
        )
        return int(answer["Version"])

    def delete(self, names: Sequence[str], *, budget: Budget) -> frozenset[str]:  # noqa: ARG002 - as above
        answer = self._once("DeleteParameters", together(names), Names=list(names))
        return frozenset(answer.get("DeletedParameters", ()))

    def add_tags(self, name: str, tags: Mapping[str, str], *, budget: Budget) -> None:
        self._repeatable("AddTagsToResource", name, budget, ResourceType="Parameter", ResourceId=name, Tags=wire.tag_list(tags))

    def remove_tags(self, name: str, keys: Sequence[str], *, budget: Budget) -> None:
        self._repeatable("RemoveTagsFromResource", name, budget, ResourceType="Parameter", ResourceId=name, TagKeys=list(keys))

    def label(self, name: str, version: int, labels: Sequence[str], *, budget: Budget) -> None:
        answer = self._repeatable("LabelParameterVersion", name, budget, Name=name, ParameterVersion=version, Labels=list(labels))
        if refused := answer.get("InvalidLabels"):
            raise InvalidInput(f"Parameter Store does not take the label {', '.join(refused)} for {name}")

    # Calling

    def _once(self, operation: str, subject: str, **parameters: Any) -> dict[str, Any]:
        """A call that must not be repeated without a look at what stands."""
        try:
            answer = self.connection.send("ssm", operation, subject, parameters)
        except Throttled:
            self._writes.throttled()
            raise
        self._writes.went_through()
        return answer

    def _repeatable(self, operation: str, subject: str, budget: Budget, **parameters: Any) -> dict[str, Any]:
        """A call that writes the same when it is sent twice."""
        return persist(lambda: self.connection.send("ssm", operation, subject, parameters), budget=budget, pace=self._writes)
