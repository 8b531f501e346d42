"""Filters that a person types."""

from __future__ import annotations

import itertools
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from ssmm_core.catalogue import Entry, entry_of
from ssmm_core.filtering import parse
from ssmm_core.models import ParameterMetadata

DAY = 86400
NOW = 1000.0 * DAY


def entry(path: str, type: Any = "SecureString", tags: dict[str, str] | None = None, days_old: float | None = None) -> Entry:
    changed = None if days_old is None else NOW - days_old * DAY
    return entry_of(ParameterMetadata(f"/myteam/{path}", type, 1, last_modified=changed), "/myteam", tags)


TEAM = [
    entry("billing-api/payment-token", tags={"app": "billing-api", "env": "prod"}, days_old=100),
    entry("billing-worker/DATABASE_URL", tags={"env": "dev", "owner": "Jane Doe"}, days_old=1),
    entry("web/db-url", "String", tags={"shared": "true"}, days_old=90),
    entry("web/db-host", "String", tags={}, days_old=6.9),
    entry("shared/regions", "StringList", days_old=400),
    entry("web/nested/db-url", tags={"shared": "false"}),
]


def found(text: str, entries: list[Entry] = TEAM) -> list[str]:
    return [one.name.removeprefix("/myteam/") for one in parse(text, now=NOW).apply(entries)]


ALL = found("")


# Terms


@pytest.mark.parametrize(
    "text", ["", "  \t ", "-", '"', '-""', "app:", "-app:", "tag:", "type:", "is:", "modified:", "modified:>", "modified:<12"]
)
def test_what_is_not_finished_holds_for_all(text: str) -> None:
    made = parse(text, now=NOW)
    assert made.is_empty
    assert made.problems == ()
    assert found(text) == ALL


@pytest.mark.parametrize("text", ["DB_URL", "db-url", "Db_Url"])
def test_a_word_is_found_however_it_is_spelled_and_in_one_piece_first(text: str) -> None:
    assert found(text) == ["web/db-url", "web/nested/db-url", "billing-worker/DATABASE_URL"]


def test_a_word_finds_scattered_letters_after_what_stands_together() -> None:
    assert found("url") == ["billing-worker/DATABASE_URL", "web/db-url", "web/nested/db-url"]
    assert found("dburl") == ["billing-worker/DATABASE_URL", "web/db-url", "web/nested/db-url"]
    assert found("ted", [*TEAM, entry("a/ted")]) == ["web/nested/db-url", "a/ted"]
    assert found("pay", [entry("p/a-y"), *TEAM]) == ["billing-api/payment-token", "p/a-y"]


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ('"db-url"', ["web/db-url", "web/nested/db-url"]),
        ('"dburl"', []),
        ('"app:web"', []),
        ("web db", ["web/db-url", "web/db-host", "web/nested/db-url", "billing-worker/DATABASE_URL"]),
        ("-url", ["billing-api/payment-token", "web/db-host", "shared/regions"]),
        ('-"db-url" web', ["web/db-host", "billing-worker/DATABASE_URL"]),
        ("app:billing", ["billing-api/payment-token", "billing-worker/DATABASE_URL"]),
        ("APP:Billing_API", ["billing-api/payment-token"]),
        ("app:*api", ["billing-api/payment-token"]),
        ("app:b*r", ["billing-worker/DATABASE_URL"]),
        ("app:we?", ["web/db-url", "web/db-host", "web/nested/db-url"]),
        ("app:e?", []),
        ("key:database-url", ["billing-worker/DATABASE_URL"]),
        ("key:*token*", ["billing-api/payment-token"]),
        ("key:db-*", ["web/db-url", "web/db-host"]),
        ("key:*/db-url", ["web/nested/db-url"]),
        ("key:web", []),
        ("tag:env", ["billing-api/payment-token", "billing-worker/DATABASE_URL"]),
        ("tag:env=", ["billing-api/payment-token", "billing-worker/DATABASE_URL"]),
        ("tag:env=prod", ["billing-api/payment-token"]),
        ("tag:env=pro", []),
        ("tag:env=PROD", []),
        ("tag:e*=*d*", ["billing-api/payment-token", "billing-worker/DATABASE_URL"]),
        ('tag:owner="Jane Doe"', ["billing-worker/DATABASE_URL"]),
        ('"tag:owner=Jane Doe"', []),
        ("type:secure", ["billing-api/payment-token", "billing-worker/DATABASE_URL", "web/nested/db-url"]),
        ("type:String", ["web/db-url", "web/db-host"]),
        ("type:list", ["shared/regions"]),
        ("-type:s", ["shared/regions"]),
        ("modified:>90d", ["billing-api/payment-token", "shared/regions"]),
        ("modified:>1y", ["shared/regions"]),
        ("modified:<7d", ["billing-worker/DATABASE_URL", "web/db-host"]),
        ("modified:<1W", ["billing-worker/DATABASE_URL", "web/db-host"]),
        ("modified:<25h", ["billing-worker/DATABASE_URL"]),
        ("modified:<1440m", []),
        ("modified:<1441m", ["billing-worker/DATABASE_URL"]),
        ("modified:>999999999y", []),
        ("is:finding", ["web/db-url", "shared/regions"]),
        ("is:shared", ["web/db-url", "shared/regions"]),
        ("is:untagged", ["web/db-host"]),
        ("is:f -is:sh", []),
        ("app:web is:shared url", ["web/db-url"]),
    ],
)
def test_terms_find_what_they_say(text: str, names: list[str]) -> None:
    made = parse(text, now=NOW)
    assert found(text) == names
    assert made.problems == ()
    assert not made.is_empty


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("modified:90d", "modified: wants an age such as >90d"),
        ("modified:>90", ""),
        ("modified:>90x", "modified: wants an age such as >90d"),
        ("modified:>٩d", "modified: wants an age such as >90d"),
        ("modified:>9999999999d", "modified: wants an age such as >90d"),
        ("type:number", "type: wants one of secure, string, list"),
        ("is:odd", "is: wants one of finding, shared, untagged"),
        ("tag:=prod", "tag: wants a key"),
        ("ap:web", "'ap' is nothing to filter by: there are app, key, tag, type, is, modified"),
        ("\x1b:x", r"'\x1b' is nothing to filter by"),
        (":", "'' is nothing to filter by"),
    ],
)
def test_what_cannot_be_understood_is_told_and_holds_for_all(text: str, said: str) -> None:
    for typed in (text, f"-{text}"):
        made = parse(typed, now=NOW)
        assert [problem.startswith(said) for problem in made.problems] == ([True] if said else [])
        assert made.is_empty
        assert found(typed) == ALL


def test_a_problem_leaves_the_other_terms_standing() -> None:
    made = parse("app:shared is:odd", now=NOW)
    assert len(made.problems) == 1
    assert found("app:shared is:odd") == ["shared/regions"]


def test_tags_that_were_not_read_match_nothing_and_are_no_lack_of_tags() -> None:
    unread = [entry("web/a")]
    assert [found(text, unread) for text in ("tag:env", "is:untagged")] == [[], []]
    assert [found(text, unread) for text in ("-tag:env", "-is:untagged")] == [["web/a"], ["web/a"]]


# Highlighting


@pytest.mark.parametrize(
    ("text", "shown", "marked"),
    [
        ("", "web/db-url", ""),
        ("url", "web/DB_URL", "URL"),
        ("DB_URL", "/myteam/web/db-url", "db-url"),
        ("db_u -web", "web/DB-URL", "DB-U"),
        ("wurl", "web/db-url", "w url"),
        ("we eb", "web/x", "web"),
        ("a", "a/ba/a", "a a a"),
        ('"b-u"', "web/db-url", "b-u"),
        ('"bu"', "web/db-url", ""),
        ("zz", "web/db-url", ""),
        ("app:web", "web/web-token", "web "),
        ("key:web", "web/web-token", " web"),
        ("key:*tok*n", "web/my-token", "tok n"),
        ("is:shared type:secure tag:web modified:<7d", "web/db-url", ""),
        ("i", "İx", ""),
    ],
)
def test_what_made_a_filter_hold_is_marked(text: str, shown: str, marked: str) -> None:
    parts = [shown[begin:end] for begin, end in parse(text, now=NOW).spans(shown)]
    assert parts == marked.split()


def test_app_and_key_are_marked_where_they_stand() -> None:
    assert parse("app:web", now=NOW).spans("web/web-token") == ((0, 3),)
    assert parse("key:web", now=NOW).spans("web/web-token") == ((4, 7),)


# Rules

letters = st.text("abAB-_/", max_size=6)
names = st.lists(st.text("abAB_-", min_size=1, max_size=5), min_size=1, max_size=3).map("/".join)
tags = st.none() | st.dictionaries(st.sampled_from(["env", "shared", "a"]), st.sampled_from(["true", "prod", ""]), max_size=3)
entries = st.lists(
    st.builds(entry, names, st.sampled_from(["String", "StringList", "SecureString"]), tags, st.none() | st.floats(0, 500)), max_size=8
)
FIELDS = ["app:a", "app:a*", "key:*b?", "tag:env", "tag:env=prod", "tag:*=*", "type:s", "modified:>90d", "modified:<2w", "modified:x"]
OTHERS = ["is:finding", "is:shared", "is:untagged", '"a-b"', "app:", "nonsense:x"]
words = letters | st.sampled_from([*FIELDS, *OTHERS])
typed = st.one_of(st.text(), st.text(' "-:*?[]=<>abdw0'), st.lists(words, max_size=4).map(" ".join))


def in_order(part: list[Entry], whole: list[Entry]) -> bool:
    rest = iter(whole)
    return all(any(one is other for other in rest) for one in part)


@given(typed, entries, st.text())
@example("key:[z-a]*", TEAM, "web/x")
@example("key:[!]?", TEAM, "web/x")
@example("a" * 5000, TEAM, "a" * 6000)
@example("ß İ ſ", TEAM, "ßİſ")
@example("&& || ~~ -- [[ ^ ]\\", TEAM, "x")
def test_nothing_that_is_typed_is_an_error(text: str, rows: list[Entry], shown: str) -> None:
    made = parse(text, now=NOW)
    kept = made.apply(rows)
    assert len(kept) <= len(rows)
    ends = list(itertools.chain.from_iterable(made.spans(shown)))
    assert ends == sorted(set(ends))
    assert all(0 <= end <= len(shown) for end in ends)


@given(words, entries)
def test_what_is_negated_finds_the_others(word: str, rows: list[Entry]) -> None:
    word = word.lstrip("-")
    holds = parse(word, now=NOW)
    kept = holds.apply(rows)
    others = parse(f"-{word}", now=NOW).apply(rows)
    if holds.is_empty:
        assert kept == others == rows
    else:
        assert others == [one for one in rows if not any(one is other for other in kept)]


@given(typed, entries)
def test_what_is_found_is_some_of_the_entries_in_two_runs_of_their_order(text: str, rows: list[Entry]) -> None:
    kept = parse(text, now=NOW).apply(rows)
    turns = [index for index in range(len(kept) + 1) if in_order(kept[:index], rows) and in_order(kept[index:], rows)]
    assert turns
    assert len({id(one) for one in kept}) == len(kept)


@given(st.lists(words, max_size=3), entries)
def test_all_terms_must_hold(terms: list[str], rows: list[Entry]) -> None:
    together = parse(" ".join(terms), now=NOW).apply(rows)
    each = [parse(term, now=NOW).apply(rows) for term in terms]
    assert {id(one) for one in together} == {id(one) for one in rows if all(any(one is other for other in kept) for kept in each)}


def is_scattered(word: str, text: str) -> bool:
    """Whether the letters of a word stand in a text in this order; the plain way to say it."""
    rest = iter(text)
    return all(letter in rest for letter in word)


@given(st.text("abAB_/", min_size=1, max_size=5), entries)
def test_a_word_is_found_where_its_letters_stand_in_order_and_first_where_together(word: str, rows: list[Entry]) -> None:
    plain = word.lower().replace("_", "-")
    near = [one for one in rows if plain in one.text]
    far = [one for one in rows if plain not in one.text and is_scattered(plain, one.text)]
    made = parse(word, now=NOW)
    assert list(map(id, made.apply(rows))) == list(map(id, near + far))
    for one in near + far:
        shown = f"{one.app}/{one.key}" if one.app else one.key
        marked = "".join(shown[begin:end] for begin, end in made.spans(shown))
        assert is_scattered(plain, marked.lower().replace("_", "-"))
