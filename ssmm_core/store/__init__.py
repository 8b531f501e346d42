"""The one door to Parameter Store: what the operations ask of it, and nothing else."""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence
    from typing import Protocol

    from ssmm_core.models import Account, Parameter, ParameterMetadata, ParameterVersion, PutRequest
    from ssmm_core.store.retry import Budget
else:
    Protocol = object


class ParameterReader(Protocol):
    """What delivery needs. A store that only reads implements this much.

    Every call retries within the budget it is given, and raises only errors of `ssmm_core.errors`: AccessDenied, CredentialsRejected,
    CredentialsMissing, Throttled, Unreachable, DeadlineExceeded, SettingsError.
    """

    region: str
    """Where the parameters are; their ARNs and the longest possible name depend on it."""

    def budget(self) -> Budget:
        """A fresh time budget of `--timeout` seconds, which starts now."""

    def walk(self, path: str, *, decrypt: bool, budget: Budget) -> Iterator[Parameter]:
        """All parameters below `path`, at any depth, in no promised order.

        Without `decrypt` a SecureString comes with `value=None`.

        Raises:
            KeyUnavailable, AccessDenied: naming each parameter that could not be decrypted.
        """

    def get(self, names: Iterable[str], *, decrypt: bool, budget: Budget) -> dict[str, Parameter]:
        """The parameters that exist among `names`, by the name that was asked for."""

    def get_version(self, name: str, selector: str, *, decrypt: bool, budget: Budget) -> Parameter:
        """One parameter at a version number or label.

        Raises:
            NotFound: no such parameter, version or label.
        """

    def describe(
        self, *, path: str = "", names: Sequence[str] = (), tags: Mapping[str, str] | None = None, budget: Budget
    ) -> Iterator[ParameterMetadata]:
        """Metadata of what lies below `path`, or is among `names`, or carries all of `tags`. Seconds behind a write."""


class ParameterStore(ParameterReader, Protocol):
    """Everything else. Nothing here makes a write conditional: the service cannot (see `operations.write`)."""

    endpoint: str
    """The URL that answers where it is not AWS's own, without user and password; empty on AWS."""

    def account(self, *, budget: Budget) -> Account:
        """Whose parameters these are, and who asks."""

    def all_tags(self, path: str, *, budget: Budget) -> Iterator[tuple[str, dict[str, str]]]:
        """(name, tags) of what lies below `path` and carries a tag, a hundred a call."""

    def tags(self, name: str, *, budget: Budget) -> dict[str, str]:
        """The tags of one parameter."""

    def history(self, name: str, *, decrypt: bool, budget: Budget) -> Iterator[ParameterVersion]:
        """The versions that the service still keeps, at most 100, the oldest first."""

    def turn(self, *, budget: Budget) -> None:
        """Wait for the next write's turn, at the pace that the service grants. Then look at what stands, and write."""

    def put(self, request: PutRequest, *, budget: Budget) -> int:
        """Write one parameter, at once and once; the version that it became. Trying again is the caller's, who looks again first.

        Raises:
            Throttled: nothing was written.
            ChangedUnderneath: it was to be created, and exists.
            ReplyLost: it may have been written or not: read it back before deciding.
        """

    def delete(self, names: Sequence[str], *, budget: Budget) -> frozenset[str]:
        """Delete up to ten parameters, at once and once; the names that existed and are gone. Raises as `put` does."""

    def add_tags(self, name: str, tags: Mapping[str, str], *, budget: Budget) -> None:
        """Add or change tags."""

    def remove_tags(self, name: str, keys: Sequence[str], *, budget: Budget) -> None:
        """Remove tags by key; a key that is not there is no error."""

    def label(self, name: str, version: int, labels: Sequence[str], *, budget: Budget) -> None:
        """Move labels to a version.

        Raises:
            InvalidInput: the service would not take one of them.
        """
