"""A Parameter Store in memory: it answers at once, notes what it was asked, and refuses or waits where a test says so."""

from __future__ import annotations

import hashlib
import itertools
import threading
from typing import TYPE_CHECKING

from ssmm_core.errors import InvalidInput, SsmmError
from ssmm_core.limits import check_label
from ssmm_core.models import DEFAULT_KEY, SECURE, Account, Parameter, ParameterMetadata, ParameterVersion, PutRequest
from ssmm_core.names import distinct, is_below
from ssmm_core.secret import SecretValue
from ssmm_core.store import demo_team
from ssmm_core.store.answers import refusal
from ssmm_core.store.retry import Budget
from ssmm_core.store.wire import slashed

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence

    from ssmm_core.models import ParameterType

ACCOUNT = Account("123456789012", "demo-team", "arn:aws:sts::123456789012:assumed-role/engineer/ada")
AUTHORS = (
    ACCOUNT.identity,
    "arn:aws:sts::123456789012:assumed-role/engineer/grace",
    "arn:aws:iam::123456789012:user/deploy",
)
START = 1_700_000_000.0
"""When the first write happens where no clock is given; each further one is a second later."""
DAY = 24 * 3600
VERSIONS = 100
"""Versions of a parameter that the service keeps."""


class _Kept:
    """One parameter: its versions, oldest first, with their values; what is told of the newest; its tags."""

    def __init__(self, about: ParameterMetadata) -> None:
        self.versions: list[ParameterVersion] = []
        self.about = about
        self.tags: dict[str, str] = {}

    def parameter(self, decrypt: bool, version: ParameterVersion | None = None) -> Parameter:
        one = version or self.versions[-1]
        return Parameter(one.name, one.type, one.version, _seen(one, decrypt), one.last_modified, self.about.data_type)


class MemoryStore:
    """A `ParameterStore` whose calls never leave the process. Threads may share it.

    `calls` is what was asked, in order: the method's name, and " decrypted" after it where decryption was asked for. `refuse` holds an
    error, `hold` an event to wait for, by the same words; the bare name of a method counts for both ways to call it.
    """

    region = "eu-central-1"
    endpoint = ""

    def __init__(self, clock: Callable[[], float] | None = None) -> None:
        self.calls: list[str] = []
        self.refuse: dict[str, SsmmError] = {}
        self.hold: dict[str, threading.Event] = {}
        self._clock = clock or itertools.count(START).__next__
        self._kept: dict[str, _Kept] = {}
        self._lock = threading.RLock()

    # The scene: none of this is noted as a call, refused or made to wait.

    def seed(
        self,
        name: str,
        value: str,
        type: ParameterType = SECURE,
        tags: Mapping[str, str] | None = None,
        *,
        at: float | None = None,
        author: str = ACCOUNT.identity,
    ) -> None:
        """A version more of a parameter, as somebody else would write it. Its tags stay unless some are given."""
        with self._lock:
            self._write(PutRequest(name, SecretValue(value), type, overwrite=True), at, author)
            if tags is not None:
                self._kept[slashed(name)].tags = dict(tags)

    def drop(self, name: str) -> None:
        """A parameter goes, as when somebody else deletes it."""
        with self._lock:
            del self._kept[slashed(name)]

    def mark(self, name: str, version: int, labels: Sequence[str]) -> None:
        """Move labels to a version."""
        with self._lock:
            kept = self._kept[slashed(name)]
            kept.versions = [one.replace(labels=_moved(one, version, labels)) for one in kept.versions]

    # The protocol

    def budget(self) -> Budget:
        return Budget(60)

    def account(self, *, budget: Budget) -> Account:
        self._asked("account")
        return ACCOUNT

    def walk(self, path: str, *, decrypt: bool, budget: Budget) -> Iterator[Parameter]:
        self._asked("walk", decrypt)
        with self._lock:
            found = [kept.parameter(decrypt) for name, kept in self._kept.items() if is_below(name, path)]
        yield from found

    def get(self, names: Iterable[str], *, decrypt: bool, budget: Budget) -> dict[str, Parameter]:
        self._asked("get", decrypt)
        with self._lock:
            return {name: self._kept[slashed(name)].parameter(decrypt) for name in names if slashed(name) in self._kept}

    def get_version(self, name: str, selector: str, *, decrypt: bool, budget: Budget) -> Parameter:
        self._asked("get_version", decrypt)
        with self._lock:
            kept = self._existing(name, "GetParameter", subject=f"{name}:{selector}")
            version = next((one for one in kept.versions if selector in (str(one.version), *one.labels)), None)
            if version is None:
                raise self._refusal("ParameterVersionNotFound", "GetParameter", f"{name}:{selector}")
            return kept.parameter(decrypt, version)

    def describe(
        self, *, path: str = "", names: Sequence[str] = (), tags: Mapping[str, str] | None = None, budget: Budget
    ) -> Iterator[ParameterMetadata]:
        self._asked("describe")
        wanted, among = (tags or {}).items(), {slashed(name) for name in names}
        with self._lock:
            found = [
                kept.about
                for name, kept in self._kept.items()
                if (not path or is_below(name, path)) and (not among or name in among) and wanted <= kept.tags.items()
            ]
        yield from found

    def all_tags(self, path: str, *, budget: Budget) -> Iterator[tuple[str, dict[str, str]]]:
        self._asked("all_tags")
        with self._lock:
            found = [(name, dict(kept.tags)) for name, kept in self._kept.items() if is_below(name, path) and kept.tags]
        yield from found

    def tags(self, name: str, *, budget: Budget) -> dict[str, str]:
        self._asked("tags")
        with self._lock:
            return dict(self._existing(name, "ListTagsForResource").tags)

    def history(self, name: str, *, decrypt: bool, budget: Budget) -> Iterator[ParameterVersion]:
        self._asked("history", decrypt)
        with self._lock:
            found = list(self._existing(name, "GetParameterHistory").versions)
        yield from (one.replace(value=_seen(one, decrypt)) for one in found)

    def turn(self, *, budget: Budget) -> None:
        self._asked("turn")

    def put(self, request: PutRequest, *, budget: Budget) -> int:
        self._asked("put")
        with self._lock:
            if slashed(request.name) in self._kept and not request.overwrite:
                raise self._refusal("ParameterAlreadyExists", "PutParameter", request.name)
            return self._write(request, None, ACCOUNT.identity)

    def delete(self, names: Sequence[str], *, budget: Budget) -> frozenset[str]:
        self._asked("delete")
        with self._lock:
            return frozenset(name for name in names if self._kept.pop(slashed(name), None))

    def add_tags(self, name: str, tags: Mapping[str, str], *, budget: Budget) -> None:
        self._asked("add_tags")
        with self._lock:
            self._existing(name, "AddTagsToResource").tags.update(tags)

    def remove_tags(self, name: str, keys: Sequence[str], *, budget: Budget) -> None:
        self._asked("remove_tags")
        with self._lock:
            kept = self._existing(name, "RemoveTagsFromResource")
            kept.tags = {key: value for key, value in kept.tags.items() if key not in keys}

    def label(self, name: str, version: int, labels: Sequence[str], *, budget: Budget) -> None:
        self._asked("label")
        with self._lock:
            if version not in {one.version for one in self._existing(name, "LabelParameterVersion").versions}:
                raise self._refusal("ParameterVersionNotFound", "LabelParameterVersion", name)
            self.mark(name, version, [label for label in labels if _is_label(label)])
        if refused := [label for label in labels if not _is_label(label)]:
            raise InvalidInput(f"Parameter Store does not take the label {', '.join(refused)} for {name}")

    # What stands behind it

    def _asked(self, method: str, decrypt: bool = False) -> None:
        call = f"{method} decrypted" if decrypt else method
        self.calls.append(call)
        if held := self.hold.get(call) or self.hold.get(method):
            assert held.wait(30), f"nobody let {call} go on"
        if refused := self.refuse.get(call) or self.refuse.get(method):
            raise refused

    def _existing(self, name: str, operation: str, subject: str = "") -> _Kept:
        if slashed(name) not in self._kept:
            raise self._refusal("ParameterNotFound", operation, subject or name)
        return self._kept[slashed(name)]

    def _refusal(self, code: str, operation: str, subject: str) -> SsmmError:
        return refusal(code, "", status=400, operation=operation, subject=subject, region=self.region)

    def _write(self, request: PutRequest, at: float | None, author: str) -> int:
        """What the request leaves out stays as it was, as the service has it."""
        name, moment = slashed(request.name), self._clock() if at is None else at
        kept = self._kept.setdefault(name, _Kept(ParameterMetadata(name, request.type, 0)))
        before = kept.about
        if len(kept.versions) == VERSIONS:
            if kept.versions[0].labels:
                raise self._refusal("ParameterMaxVersionLimitExceeded", "PutParameter", name)
            del kept.versions[0]
        kept.about = ParameterMetadata(
            name=name,
            type=request.type,
            version=before.version + 1,
            tier=request.tier or before.tier,
            key_id=(request.key_id or before.key_id or DEFAULT_KEY) if request.type == SECURE else "",
            data_type=request.data_type or before.data_type,
            allowed_pattern=request.allowed_pattern or before.allowed_pattern,
            description="" if request.clear_description else request.description or before.description,
            policies=request.policies or before.policies,
            last_modified=moment,
            last_modified_user=author,
        )
        kept.versions.append(ParameterVersion(name, request.type, kept.about.version, request.value, (), moment, author))
        if not request.overwrite:
            kept.tags.update(request.tags or {})
        return kept.about.version


def demo_store(now: float) -> MemoryStore:
    """The demonstration's team, written over the two years before `now`, at the same moments and by the same authors in each run."""
    store = MemoryStore(itertools.count(now).__next__)
    for name, versions in itertools.groupby(demo_team.entries(), lambda one: one.name):
        values = list(versions)
        ages = sorted((_number_for(f"{name} age {number}") % (730 * DAY) for number in range(len(values))), reverse=True)
        for number, (entry, age) in enumerate(zip(values, ages, strict=True)):
            author = AUTHORS[_number_for(f"{name} author {number}") % len(AUTHORS)]
            store.seed(name, entry.value, entry.type, entry.tags, at=now - age, author=author)
        if len(values) > 1:
            store.mark(name, len(values), ["current"])
            store.mark(name, len(values) - 1, ["previous"])
    return store


def large_store(apps: int = 200, each: int = 50) -> MemoryStore:
    """`/large/app-017/key-03` and the like: every app has the same keys, the first app is `shared`; a tenth is tagged shared=true."""
    store = MemoryStore()
    for number in range(apps):
        app = f"app-{number:03}" if number else "shared"
        for key in range(each):
            tags = {"app": app, "env": "prod"} | ({"shared": "true"} if (number + key) % 10 == 0 else {})
            store.seed(f"/large/{app}/key-{key:02}", f"made-up {number % 7} {key}", SECURE if key % 2 else "String", tags)
    return store


def _number_for(text: str) -> int:
    return int.from_bytes(hashlib.sha256(text.encode()).digest()[:8], "big")


def _seen(version: ParameterVersion, decrypt: bool) -> SecretValue | None:
    return version.value if decrypt or version.type != SECURE else None


def _moved(version: ParameterVersion, to: int, labels: Sequence[str]) -> tuple[str, ...]:
    if version.version == to:
        return distinct((*version.labels, *labels))
    return tuple(label for label in version.labels if label not in labels)


def _is_label(label: str) -> bool:
    try:
        check_label(label)
    except InvalidInput:
        return False
    return True
