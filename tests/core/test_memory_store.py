"""The store in memory answers as the real one does, so that what is tested on it holds."""

from __future__ import annotations

import inspect
import itertools
import threading
from typing import TYPE_CHECKING, Any

import pytest

from ssmm_core.catalogue import entry_of
from ssmm_core.errors import AccessDenied, NotFound, SsmmError, Throttled
from ssmm_core.models import Parameter, ParameterMetadata, ParameterVersion, PutRequest
from ssmm_core.secret import SecretValue
from ssmm_core.store import ParameterStore
from ssmm_core.store.demo_team import ROOT as DEMO_ROOT
from tests.support.memory import START, MemoryStore, demo_store, large_store

if TYPE_CHECKING:
    from collections.abc import Callable

    from ssmm_core.models import ParameterType
    from ssmm_core.store.aws import AwsStore

TOKEN = "/myteam/web/token"
HOST = "/myteam/web/host"
NOWHERE = "/myteam/web/nowhere"
NOW = 1_750_000_000.0
KEY = "alias/made-up"


def put(store: ParameterStore, name: str, value: str, *, overwrite: bool = False, type: ParameterType = "SecureString", **more: Any) -> int:
    return store.put(PutRequest(name, SecretValue(value), type, overwrite, **more), budget=store.budget())


def set_scene(store: ParameterStore) -> None:
    """A secret of three versions with tags and labels, a plain parameter, a list in another app, and one without a path."""
    put(store, TOKEN, "made-up-1", tags={"app": "web", "shared": "true"}, description="made up", key_id=KEY, tier="Advanced")
    put(store, TOKEN, "made-up-2", overwrite=True)
    put(store, TOKEN, "made-up-3", overwrite=True, allowed_pattern="made-up.*")
    put(store, HOST, "db.internal", type="String", tags={"app": "web"})
    put(store, "/myteam/web-eu/nested/hosts", "a,b", type="StringList")
    put(store, "/lonely", "made-up", type="String")
    store.label(TOKEN, 2, ["current", "previous"], budget=store.budget())
    store.label(TOKEN, 3, ["current"], budget=store.budget())


@pytest.fixture
def memory() -> MemoryStore:
    store = MemoryStore()
    set_scene(store)
    return store


@pytest.fixture
def real(store: AwsStore) -> AwsStore:
    set_scene(store)
    return store


def untimed(answer: object) -> object:
    """An answer without what no two stores can agree on: when it was written, and by whom."""
    match answer:
        case Parameter():
            return answer.replace(last_modified=None)
        case ParameterMetadata() | ParameterVersion():
            return answer.replace(last_modified=None, last_modified_user="")
        case dict():
            return {key: untimed(value) for key, value in answer.items()}
        case list():
            return sorted((untimed(one) for one in answer), key=repr)
    return answer


def told(store: ParameterStore, ask: Callable[[ParameterStore], object]) -> object:
    try:
        return untimed(ask(store))
    except SsmmError as error:
        return type(error), error.message, error.hint


READS: dict[str, Callable[[ParameterStore], object]] = {
    "walk": lambda store: list(store.walk("/myteam/web", decrypt=False, budget=store.budget())),
    "walk decrypted": lambda store: list(store.walk("/myteam", decrypt=True, budget=store.budget())),
    "walk of nothing": lambda store: list(store.walk("/nothing", decrypt=True, budget=store.budget())),
    "get": lambda store: store.get([TOKEN, HOST, NOWHERE], decrypt=False, budget=store.budget()),
    "get decrypted": lambda store: store.get([TOKEN, "lonely", "/lonely"], decrypt=True, budget=store.budget()),
    "get_version by number": lambda store: store.get_version(TOKEN, "1", decrypt=True, budget=store.budget()),
    "get_version by label": lambda store: store.get_version(TOKEN, "previous", decrypt=False, budget=store.budget()),
    "get_version of no parameter": lambda store: store.get_version(NOWHERE, "1", decrypt=True, budget=store.budget()),
    "get_version of no version": lambda store: store.get_version(TOKEN, "9", decrypt=True, budget=store.budget()),
    "describe": lambda store: list(store.describe(path="/myteam", budget=store.budget())),
    "describe by name": lambda store: list(store.describe(names=[TOKEN, NOWHERE], budget=store.budget())),
    "describe by tags": lambda store: list(store.describe(path="/myteam", tags={"app": "web", "shared": "true"}, budget=store.budget())),
    "tags": lambda store: store.tags(TOKEN, budget=store.budget()),
    "tags of an untagged one": lambda store: store.tags("/lonely", budget=store.budget()),
    "tags of nothing": lambda store: store.tags(NOWHERE, budget=store.budget()),
    "all_tags": lambda store: list(store.all_tags("/myteam", budget=store.budget())),
    "history": lambda store: list(store.history(TOKEN, decrypt=False, budget=store.budget())),
    "history decrypted": lambda store: list(store.history(TOKEN, decrypt=True, budget=store.budget())),
    "history of nothing": lambda store: list(store.history(NOWHERE, decrypt=False, budget=store.budget())),
}
WRITES: dict[str, Callable[[ParameterStore], object]] = {
    "put of a new one": lambda store: put(store, NOWHERE, "made-up", tags={"app": "web"}),
    "put over an existing one": lambda store: put(store, TOKEN, "made-up-4", overwrite=True, tags={"app": "lost"}, description="other"),
    "put over nothing": lambda store: put(store, NOWHERE, "made-up", overwrite=True),
    "put as new over an existing one": lambda store: put(store, TOKEN, "made-up"),
    "put of another type": lambda store: put(store, HOST, "made-up", overwrite=True),
    "delete": lambda store: store.delete([TOKEN, NOWHERE], budget=store.budget()),
    "add_tags": lambda store: store.add_tags(TOKEN, {"shared": "false", "env": "prod"}, budget=store.budget()),
    "add_tags to nothing": lambda store: store.add_tags(NOWHERE, {"a": "b"}, budget=store.budget()),
    "remove_tags": lambda store: store.remove_tags(TOKEN, ["shared", "never-there"], budget=store.budget()),
    "remove_tags of nothing": lambda store: store.remove_tags(NOWHERE, ["a"], budget=store.budget()),
    "label": lambda store: store.label(TOKEN, 1, ["previous", "oldest"], budget=store.budget()),
    "label again": lambda store: store.label(TOKEN, 2, ["previous", "more"], budget=store.budget()),
    "label of no version": lambda store: store.label(TOKEN, 9, ["x"], budget=store.budget()),
    "label that is none": lambda store: store.label(TOKEN, 1, ["1st", "good"], budget=store.budget()),
}


@pytest.mark.parametrize("call", READS)
def test_the_same_question_has_the_same_answer(memory: MemoryStore, real: AwsStore, call: str) -> None:
    assert told(memory, READS[call]) == told(real, READS[call])


@pytest.mark.parametrize("call", WRITES)
def test_the_same_write_ends_alike_and_leaves_the_same_behind(memory: MemoryStore, real: AwsStore, call: str) -> None:
    assert told(memory, WRITES[call]) == told(real, WRITES[call])
    for ask in READS.values():
        assert told(memory, ask) == told(real, ask)


def test_a_label_that_no_version_has_is_not_found(memory: MemoryStore, real: AwsStore) -> None:
    for store in (memory, real):  # moto, unlike the service, says it in other words
        with pytest.raises(NotFound):
            store.get_version(TOKEN, "gone", decrypt=True, budget=store.budget())


def test_a_label_on_nothing_is_refused_alike(memory: MemoryStore, real: AwsStore) -> None:
    def ask(store: ParameterStore) -> None:
        store.label(NOWHERE, 1, ["x"], budget=store.budget())

    assert told(memory, ask) == told(real, ask)  # and nothing after it: moto fails at each listing from then on


def test_the_oldest_of_a_hundred_versions_goes_unless_it_has_a_label(memory: MemoryStore, real: AwsStore) -> None:
    def one_more(store: ParameterStore) -> int:
        return put(store, HOST, "one more", overwrite=True, type="String")

    def versions(store: ParameterStore) -> list[ParameterVersion]:
        return list(store.history(HOST, decrypt=False, budget=store.budget()))

    for store in (memory, real):
        for _ in range(99):
            one_more(store)
    assert told(memory, one_more) == told(real, one_more) == 101
    assert told(memory, versions) == told(real, versions)
    for store in (memory, real):
        store.label(HOST, 2, ["kept"], budget=store.budget())
    assert told(memory, one_more) == told(real, one_more)
    assert told(memory, versions) == told(real, versions)


def test_it_has_every_method_of_the_protocol_with_its_parameters() -> None:
    for name, method in inspect.getmembers(ParameterStore, inspect.isfunction):
        if not name.startswith("__"):
            assert inspect.signature(getattr(MemoryStore, name)) == inspect.signature(method), name


# What only it can do


def test_history_tells_who_wrote_each_version_and_when_by_the_clock_given() -> None:
    store = MemoryStore(itertools.count(NOW, 60).__next__)
    put(store, TOKEN, "made-up-1")
    store.seed(TOKEN, "made-up-2", author="arn:aws:iam::123456789012:user/made-up")
    versions = list(store.history(TOKEN, decrypt=False, budget=store.budget()))
    assert [one.last_modified for one in versions] == [NOW, NOW + 60]
    assert [one.last_modified_user.rpartition("/")[2] for one in versions] == ["ada", "made-up"]
    assert [one.last_modified for one in store.describe(budget=store.budget())] == [NOW + 60]


def test_without_a_clock_the_times_are_the_same_in_each_run() -> None:
    store = MemoryStore()
    put(store, TOKEN, "made-up-1")
    put(store, HOST, "made-up-2")
    assert [one.last_modified for one in store.walk("/myteam", decrypt=False, budget=store.budget())] == [START, START + 1]


def test_it_notes_what_was_asked_and_what_was_decrypted() -> None:
    store = MemoryStore()
    store.seed(TOKEN, "made-up")
    store.mark(TOKEN, 1, ["current"])
    list(store.walk("/myteam", decrypt=False, budget=store.budget()))
    store.get([TOKEN], decrypt=True, budget=store.budget())
    store.drop(TOKEN)
    assert store.calls == ["walk", "get decrypted"]


def test_it_refuses_what_it_is_told_to_refuse(memory: MemoryStore) -> None:
    memory.refuse["get decrypted"] = AccessDenied("made up", action="kms:Decrypt", resource="*")
    assert memory.get([TOKEN], decrypt=False, budget=memory.budget())
    with pytest.raises(AccessDenied):
        memory.get([TOKEN], decrypt=True, budget=memory.budget())
    memory.refuse["history"] = Throttled("made up")
    for decrypt in (False, True):
        with pytest.raises(Throttled):
            list(memory.history(TOKEN, decrypt=decrypt, budget=memory.budget()))


def test_an_answer_waits_for_its_event(memory: MemoryStore) -> None:
    go_on = memory.hold["tags"] = threading.Event()
    answers: list[dict[str, str]] = []
    asking = threading.Thread(target=lambda: answers.append(memory.tags(TOKEN, budget=memory.budget())))
    asking.start()
    assert memory.get([TOKEN], decrypt=False, budget=memory.budget())  # others are answered meanwhile
    assert answers == []
    go_on.set()
    asking.join()
    assert answers == [{"app": "web", "shared": "true"}]


def test_writers_side_by_side_lose_no_version() -> None:
    store = MemoryStore()
    writers = [threading.Thread(target=lambda: [put(store, TOKEN, "made-up", overwrite=True) for _ in range(10)]) for _ in range(8)]
    for one in writers:
        one.start()
    for one in writers:
        one.join()
    assert [one.version for one in store.history(TOKEN, decrypt=False, budget=store.budget())] == list(range(1, 81))


# The teams in it


def test_the_demonstration_team_is_the_same_each_time_and_two_years_deep() -> None:
    one, other = demo_store(NOW), demo_store(NOW)
    found = list(one.describe(budget=one.budget()))
    assert found == list(other.describe(budget=other.budget()))
    ages = [NOW - about.last_modified for about in found if about.last_modified is not None]
    assert min(ages) >= 0
    assert 600 * 24 * 3600 < max(ages) < 730 * 24 * 3600
    assert len({about.last_modified_user for about in found}) > 1


def test_the_versions_of_the_demonstration_come_in_order_and_the_last_two_have_labels() -> None:
    store = demo_store(NOW)
    versions = list(store.history(f"{DEMO_ROOT}/billing-api/payment-api-key", decrypt=False, budget=store.budget()))
    times = [one.last_modified for one in versions]
    assert times == sorted(set(times), key=lambda moment: moment or 0)
    assert [one.labels for one in versions] == [(), ("previous",), ("current",)]


def test_the_demonstration_has_something_for_an_audit() -> None:
    store = demo_store(NOW)
    tags = dict(store.all_tags(DEMO_ROOT, budget=store.budget()))
    entries = [entry_of(about, DEMO_ROOT, tags[about.name]) for about in store.describe(path=DEMO_ROOT, budget=store.budget())]
    assert [f"{one.app}/{one.key}" for one in entries if one.finding] == ["reports/slack-token", "search/index-password"]
    assert sum("shard" in one or "Shared" in one for one in tags.values()) == 2


def test_the_large_store_has_ten_thousand_parameters_with_tags() -> None:
    store = large_store()
    names = {one.name for one in store.walk("/large", decrypt=False, budget=store.budget())}
    assert len(names) == 10_000
    assert {name for name, _ in store.all_tags("/large", budget=store.budget())} == names
