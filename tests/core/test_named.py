"""Fetching by name gives what a walk narrowed to the same names gives, or the same error, and asks for nothing else."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from ssmm_core.asked import Asked, other_spellings, usual_spelling
from ssmm_core.errors import AccessDenied, InvalidInput, NotFound, SsmmError, Throttled
from ssmm_core.names import environment_name
from ssmm_core.operations import deliver, named
from ssmm_core.operations.deliver import Selection
from tests.support.memory import MemoryStore

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence

    from ssmm_core.models import Parameter
    from ssmm_core.overlay import Overlay
    from ssmm_core.store.retry import Budget

ROOT = "/team"
APPS = ("web", "web-eu")
LISTING = AccessDenied("not allowed to list", action="ssm:GetParametersByPath", resource="*", hint="Ask for it.")
BY_NAME = AccessDenied("not allowed to get", action="ssm:GetParameters", resource="*", hint="Ask for it.")

NAMES = ("DB_HOST", "TOKEN", "A_B_C", "HTTPS_PROXY", "PATH", "LD_PRELOAD", "NOT_THERE")
SPELLED = tuple(key for name in NAMES[:-1] for key in (*usual_spelling(name), *other_spellings(name)))
KEYS = st.one_of(st.sampled_from([key for name in NAMES[:-1] for key in usual_spelling(name)]), st.sampled_from([*SPELLED, "1st", "9/9"]))
ANYWHERE = st.sampled_from(["1st", "9/9", "db-host", "DB_HOST", "db/host", "token", "nowhere"])
FULL = st.builds("/team/{}/{}".format, st.sampled_from(["shared", *APPS]), ANYWHERE)

Stored = dict[str, list[str]]
Outcome = tuple[str, object]


class NotingStore(MemoryStore):
    """Notes the names that it was asked for, each call's."""

    def __init__(self) -> None:
        super().__init__()
        self.asked: list[list[str]] = []

    def get(self, names: Iterable[str], *, decrypt: bool, budget: Budget) -> dict[str, Parameter]:
        self.asked.append(list(names))
        return super().get(self.asked[-1], decrypt=decrypt, budget=budget)


def filled(stored: Mapping[str, Iterable[str]]) -> NotingStore:
    store = NotingStore()
    for app, keys in stored.items():
        for number, key in enumerate(keys):
            store.seed(f"{ROOT}/{app}/{key}", f"made-up {app} {key}", "String" if number % 3 else "SecureString")
    return store


@st.composite
def stores(draw: st.DrawFn) -> Stored:
    return {app: draw(st.lists(KEYS, unique=True, max_size=8)) for app in ("shared", *APPS)}


ASKED = st.lists(
    st.one_of(
        st.builds(Asked, st.sampled_from(NAMES), st.just(""), st.booleans()),
        st.builds(Asked, st.sampled_from([*NAMES, "dbHost", "OTHER"]), st.one_of(ANYWHERE, FULL), st.booleans()),
    ),
    min_size=1,
    max_size=5,
    unique_by=lambda one: one.name,
)
SELECTIONS = st.builds(
    Selection,
    root=st.just(ROOT),
    apps=st.sampled_from([("web",), APPS]),
    shared=st.booleans(),
    allowed=st.sampled_from([frozenset(), frozenset({"LD_PRELOAD"})]),
)


def outcome(resolve: Callable[[], Overlay]) -> Outcome:
    """What a delivery comes to: each variable with its parameter and value, or the error."""
    try:
        resolved = resolve()
        values = deliver.environment(resolved, may_be_empty=True)
    except SsmmError as error:
        return type(error).__name__, error.message
    return "delivered", {one.name: (one.winner.parameter.name, values[one.name].reveal()) for one in resolved.variables}


def by_walk(store: MemoryStore, selection: Selection, asked: Sequence[Asked]) -> Outcome:
    """The definition of what is right."""

    def resolve() -> Overlay:
        named.check_places(selection, asked)
        everything = deliver.resolve(store, selection, decrypt=True, threads=1)
        return named.only(everything, asked, selection, "asked for with --only")

    return outcome(resolve)


def by_name(store: MemoryStore, selection: Selection, asked: Sequence[Asked], *, strict: bool = False) -> Outcome:
    return outcome(lambda: named.resolve(store, selection, asked, strict=strict, threads=1))


BOTH = Selection(ROOT, APPS)
WEB = Selection(ROOT, ("web",))


@given(stores(), SELECTIONS, ASKED)
@example({"shared": ["db-host"], "web": ["DB_HOST", "token"]}, WEB, [Asked("DB_HOST"), Asked("TOKEN")])
@example({"shared": ["db-host"], "web": ["token"], "web-eu": ["other"]}, BOTH, [Asked("DB_HOST"), Asked("URL", "db-host")])
@example({"shared": ["db-host"], "web": ["Db-host"]}, WEB, [Asked("DB_HOST", "Db-host"), Asked("TOKEN", optional=True)])
@example({"shared": [], "web": ["tOKEN"]}, WEB, [Asked("TOKEN")])
@example({"shared": ["token"], "web": []}, WEB, [Asked("TOKEN")])
@example({"shared": [], "web": ["DB-HOST", "DB_HOST"]}, WEB, [Asked("DB_HOST"), Asked("URL", "DB_HOST")])
@example({"shared": ["db-host"], "web": ["Db-host", "DB-host"]}, WEB, [Asked("DB_HOST"), Asked("URL", "Db-host")])
def test_by_name_gives_what_a_walk_gives(stored: Stored, selection: Selection, asked: list[Asked]) -> None:
    store = filled(stored)
    assert by_name(store, selection, asked) == by_walk(filled(stored), selection, asked)
    assert "walk decrypted" not in store.calls
    named_ones = {one.parameter for one in asked if one.parameter}
    for name in (name for names in store.asked for name in names):
        key = name.split("/", 3)[3]
        assert environment_name(key) in {one.name for one in asked if not one.parameter} or named_ones & {key, name}


@given(stores(), SELECTIONS, ASKED)
def test_where_listing_is_denied_the_same_is_delivered_or_nothing(stored: Stored, selection: Selection, asked: list[Asked]) -> None:
    store = filled(stored)
    store.refuse["walk"] = LISTING
    found, expected = by_name(store, selection, asked), by_walk(filled(stored), selection, asked)
    if found[0] == "AccessDenied":
        there = {key.partition("/")[0] for key in selection.apps}
        offered = {name.split("/")[2] for names in store.asked for name in names if name.split("/", 3)[3] in stored[name.split("/")[2]]}
        assert there - offered, "an app in which nothing was found may not exist"
    elif expected[0] == "delivered" or found[0] == "delivered":
        assert found == expected


@given(stores(), SELECTIONS, ASKED)
def test_where_names_may_not_be_asked_for_a_walk_gives_the_same(stored: Stored, selection: Selection, asked: list[Asked]) -> None:
    store = filled(stored)
    store.refuse["get"] = BY_NAME
    assert by_name(store, selection, asked) == by_walk(filled(stored), selection, asked)


# What is asked of the store


def test_names_that_the_highest_layer_has_take_one_look_and_no_right_to_list() -> None:
    store = filled({"shared": ["token", "other"], "web": ["token", "db-host", "db/host", "other"]})
    store.refuse["walk"] = LISTING
    found = by_name(store, WEB, [Asked("DB_HOST"), Asked("TOKEN"), Asked("OLD", "other")])
    assert found[1] == {
        "DB_HOST": ("/team/web/db-host", "made-up web db-host"),
        "TOKEN": ("/team/web/token", "made-up web token"),
        "OLD": ("/team/web/other", "made-up web other"),
    }
    assert store.calls == ["get decrypted"]
    assert sorted(store.asked[0]) == sorted(f"/team/{app}/{key}" for app in ("shared", "web") for key in ("db-host", "token", "other"))


def test_a_name_that_a_lower_layer_has_is_looked_for_once_more_above_it() -> None:
    store = filled({"shared": ["token", "db-host"], "web": ["TOKEN"]})
    store.refuse["walk"] = LISTING
    found = by_name(store, WEB, [Asked("TOKEN"), Asked("DB_HOST", "db-host")])
    assert found[1] == {"TOKEN": ("/team/web/TOKEN", "made-up web TOKEN"), "DB_HOST": ("/team/shared/db-host", "made-up shared db-host")}
    assert store.asked[1:] == [["/team/web/TOKEN"]]


def test_a_name_in_no_layer_is_an_error_with_its_name_and_says_that_nothing_could_be_listed() -> None:
    store = filled({"shared": [], "web": ["token"]})
    store.refuse["walk"] = LISTING
    with pytest.raises(NotFound, match="asked for with --only, but in no layer: A, B_C") as refused:
        named.resolve(
            store,
            WEB,
            [Asked("TOKEN"), Asked("B_C"), Asked("A"), Asked("D", "no-such"), Asked("E", optional=True)],
            strict=False,
            threads=1,
        )
    assert refused.value.message.endswith("A, B_C, D")
    assert "ssm:GetParametersByPath on /team/shared, /team/web is not allowed" in refused.value.hint
    assert "--only A=KEY" in refused.value.hint
    assert "no-such" not in str(refused.value)


def test_a_spelling_that_nobody_could_derive_is_found_by_listing_where_that_is_allowed() -> None:
    stored = {"shared": [], "web": ["Db-host_url", "secret"]}
    store = filled(stored)
    assert by_name(store, WEB, [Asked("DB_HOST_URL")])[1] == {"DB_HOST_URL": ("/team/web/Db-host_url", "made-up web Db-host_url")}
    assert "walk decrypted" not in store.calls
    assert store.asked[-1] == ["/team/web/Db-host_url"]


def test_an_irregular_spelling_above_a_regular_one_is_seen_by_strict_alone() -> None:
    stored = {"shared": ["db-host-url"], "web": ["Db-host_url"]}
    expected = {"DB_HOST_URL": ("/team/shared/db-host-url", "made-up shared db-host-url")}
    assert by_name(filled(stored), WEB, [Asked("DB_HOST_URL")])[1] == expected
    assert by_name(filled(stored), WEB, [Asked("DB_HOST_URL")], strict=True)[1] == {
        "DB_HOST_URL": ("/team/web/Db-host_url", "made-up web Db-host_url")
    }


def test_a_layer_that_may_not_be_listed_keeps_no_other_from_being() -> None:
    class Half(NotingStore):
        def walk(self, path: str, *, decrypt: bool, budget: Budget) -> Iterator[Parameter]:
            if path == "/team/shared":
                raise LISTING
            return super().walk(path, decrypt=decrypt, budget=budget)

    store = Half()
    store.seed("/team/web/Db-host_url", "made-up")
    store.seed("/team/shared/token", "made-up")
    found = by_name(store, WEB, [Asked("DB_HOST_URL"), Asked("TOKEN"), Asked("NOT_THERE", optional=True)])
    assert found[0] == "delivered"
    assert found[1] == {"DB_HOST_URL": ("/team/web/Db-host_url", "made-up"), "TOKEN": ("/team/shared/token", "made-up")}


def test_a_second_look_that_is_too_large_is_a_listing_and_is_made_after_all_where_that_is_denied() -> None:
    names = [f"SOME_KEY_{number}" for number in range(40)]
    stored = {"shared": [*map("some-key-{}".format, range(40))], "web": ["some_key_7", "token"]}
    allowed, denied = filled(stored), filled(stored)
    denied.refuse["walk"] = LISTING
    asked = [*map(Asked, names), Asked("TOKEN")]
    assert by_name(allowed, WEB, asked) == by_walk(filled(stored), WEB, asked) == by_name(denied, WEB, asked)
    assert allowed.calls.count("walk") == 2
    assert [len(asked) for asked in allowed.asked] == [82, 1]
    assert [len(asked) for asked in denied.asked] == [82, 280]


def test_an_app_in_which_nothing_is_found_is_asked_whether_it_exists() -> None:
    stored = {"shared": ["token"], "web": ["token", "other"], "web-eu": ["other"]}
    store = filled(stored)
    assert by_name(store, BOTH, [Asked("TOKEN")])[0] == "delivered"
    assert store.calls == ["get decrypted", "get decrypted", "walk"]
    del stored["web-eu"]
    with pytest.raises(NotFound, match="no parameter under /team/web-eu"):
        named.resolve(filled(stored), BOTH, [Asked("TOKEN")], strict=False, threads=1)
    store = filled(stored)
    store.refuse["walk"] = LISTING
    with pytest.raises(AccessDenied, match="nothing of what was asked for is in /team/web-eu") as refused:
        named.resolve(store, BOTH, [Asked("TOKEN")], strict=False, threads=1)
    assert "Leave --app web-eu out" in refused.value.hint


def test_who_may_neither_list_nor_ask_by_name_is_told_both() -> None:
    store = filled({"web": ["token"]})
    store.refuse.update({"walk": LISTING, "get": BY_NAME})
    with pytest.raises(AccessDenied, match="not allowed to list, nor to ssm:GetParameters"):
        named.resolve(store, WEB, [Asked("TOKEN")], strict=False, threads=1)


@pytest.mark.parametrize(
    ("selection", "strict"), [(WEB, True), (Selection(ROOT, ("web",), tags={"a": "b"}), False)], ids=["strict", "include-tag"]
)
def test_strict_and_tags_walk(selection: Selection, strict: bool) -> None:
    store = filled({"shared": ["token"], "web": ["TOKEN", "token"]})
    store.seed("/team/other/db-host", "made-up", tags={"a": "b"})
    asked = [Asked("TOKEN"), Asked("DB", "/team/other/db-host", optional=True)] if selection.tags else [Asked("TOKEN")]
    found = by_name(store, selection, asked, strict=strict)
    assert found == by_walk(store, selection, asked)
    assert store.calls[0] == "walk decrypted"


# What was named with its parameter


def test_one_parameter_can_be_several_variables() -> None:
    found = by_name(filled({"web": ["db-url"]}), WEB, [Asked("DB_URL"), Asked("DATABASE_URL", "db-url"), Asked("database_url", "db-url")])
    assert found[1] == dict.fromkeys(("DB_URL", "DATABASE_URL", "database_url"), ("/team/web/db-url", "made-up web db-url"))


def test_a_variable_with_its_parameter_comes_from_no_other() -> None:
    stored = {"shared": ["old/url"], "web": ["db-url", "DB_URL"]}
    assert by_name(filled(stored), WEB, [Asked("DB_URL", "old/url")])[1] == {"DB_URL": ("/team/shared/old/url", "made-up shared old/url")}
    with pytest.raises(NotFound, match="in no layer: DB_URL"):
        named.resolve(filled(stored), WEB, [Asked("DB_URL", "/team/web/old/url")], strict=False, threads=1)


def test_the_rules_for_dangerous_names_look_at_the_variable() -> None:
    stored = {"shared": ["a", "pythonpath"], "web": ["b"]}
    assert by_name(filled(stored), WEB, [Asked("PYTHONPATH", "a", optional=True), Asked("B")])[1] == {"B": ("/team/web/b", "made-up web b")}
    with pytest.raises(NotFound, match="/team/shared/a is not delivered: PYTHONPATH steers programs"):
        named.resolve(filled(stored), WEB, [Asked("PYTHONPATH", "a")], strict=False, threads=1)
    found = by_name(filled(stored), WEB, [Asked("SEARCH", "pythonpath"), Asked("B")])
    assert found[0] == "delivered"
    assert by_name(filled(stored), WEB, [Asked("LD_PRELOAD", "b")])[0] == "InvalidInput"


@pytest.mark.parametrize("place", ["/team/other/sentinel", "/elsewhere/web/sentinel", "/team/sentinel", "/team/web-eu/sentinel"])
def test_a_full_name_lies_in_a_layer(place: str) -> None:
    with pytest.raises(InvalidInput, match="named for TOKEN lies in none of /team/shared, /team/web") as refused:
        named.resolve(filled({"web": ["token"]}), WEB, [Asked("TOKEN", place)], strict=False, threads=1)
    assert "sentinel" not in str(refused.value)
    assert "--app" in refused.value.hint


def test_what_was_typed_as_a_parameter_is_in_no_error_of_the_store() -> None:
    store = filled({"web": ["token"]})
    store.refuse["get"] = Throttled("AWS throttled GetParameters of /team/web/sentinel")
    with pytest.raises(Throttled, match="AWS throttled GetParameters of /team/…") as refused:
        named.resolve(store, Selection(ROOT, ("web",), shared=False), [Asked("TOKEN", "sentinel")], strict=False, threads=1)
    assert "sentinel" not in str(refused.value)


def test_a_name_that_the_service_could_not_hold_is_not_sent() -> None:
    store = filled({"web": ["token"]})
    deep = "_".join("ABCDEFGHIJKLMNOP")
    assert by_name(store, WEB, [Asked("TOKEN"), Asked(deep, optional=True), Asked("X", "x" * 2000, optional=True)])[0] == "delivered"
    assert max(name.count("/") for names in store.asked for name in names) <= 15
    assert max(len(name) for names in store.asked for name in names) < 1011
