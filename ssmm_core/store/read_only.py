"""A store that lets nothing be written: what stands behind `--read-only`."""

# ruff: noqa: ARG002 - a write is refused whatever it was given

from __future__ import annotations

from ssmm_core.errors import ReadOnly

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence
    from typing import NoReturn

    from ssmm_core.models import Account, Parameter, ParameterMetadata, ParameterVersion, PutRequest
    from ssmm_core.store import ParameterStore
    from ssmm_core.store.retry import Budget


class ReadOnlyStore:
    """A `ParameterStore` that passes reads on to another, and refuses writes before anything is sent.

    Each read is written out, so that a method which is new to the protocol is refused by the type checker and not let through.
    """

    def __init__(self, store: ParameterStore) -> None:
        self._store = store
        self.region = store.region
        self.endpoint = store.endpoint

    # Reading

    def budget(self) -> Budget:
        return self._store.budget()

    def account(self, *, budget: Budget) -> Account:
        return self._store.account(budget=budget)

    def walk(self, path: str, *, decrypt: bool, budget: Budget) -> Iterator[Parameter]:
        return self._store.walk(path, decrypt=decrypt, budget=budget)

    def get(self, names: Iterable[str], *, decrypt: bool, budget: Budget) -> dict[str, Parameter]:
        return self._store.get(names, decrypt=decrypt, budget=budget)

    def get_version(self, name: str, selector: str, *, decrypt: bool, budget: Budget) -> Parameter:
        return self._store.get_version(name, selector, decrypt=decrypt, budget=budget)

    def describe(
        self, *, path: str = "", names: Sequence[str] = (), tags: Mapping[str, str] | None = None, budget: Budget
    ) -> Iterator[ParameterMetadata]:
        return self._store.describe(path=path, names=names, tags=tags, budget=budget)

    def tags(self, name: str, *, budget: Budget) -> dict[str, str]:
        return self._store.tags(name, budget=budget)

    def all_tags(self, path: str, *, budget: Budget) -> Iterator[tuple[str, dict[str, str]]]:
        return self._store.all_tags(path, budget=budget)

    def history(self, name: str, *, decrypt: bool, budget: Budget) -> Iterator[ParameterVersion]:
        return self._store.history(name, decrypt=decrypt, budget=budget)

    # Writing: each raises ReadOnly.

    def turn(self, *, budget: Budget) -> None:
        _refuse()

    def put(self, request: PutRequest, *, budget: Budget) -> int:
        _refuse()

    def delete(self, names: Sequence[str], *, budget: Budget) -> frozenset[str]:
        _refuse()

    def add_tags(self, name: str, tags: Mapping[str, str], *, budget: Budget) -> None:
        _refuse()

    def remove_tags(self, name: str, keys: Sequence[str], *, budget: Budget) -> None:
        _refuse()

    def label(self, name: str, version: int, labels: Sequence[str], *, budget: Budget) -> None:
        _refuse()


def _refuse() -> NoReturn:
    raise ReadOnly("nothing is written under --read-only", hint="Start it again without --read-only to make changes.")
