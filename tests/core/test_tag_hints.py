"""Hints on tags: what is nearly a tag of the team's is named, and nothing else."""

from __future__ import annotations

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from ssmm_core.tag_hints import SHARED_TAG, known_tags, near_misses

KNOWN = {("shared", "true"): 12, ("env", "prod"): 50, ("owner", "payments"): 9, ("region", "eu-west-1"): 30, ("app", "billing-api"): 20}


def meant(key: str, value: str) -> str:
    """The tag that a hint names for this one, or empty."""
    hints = near_misses({key: value}, KNOWN)
    return hints[0].partition(" is close to ")[2].partition(",")[0] if hints else ""


def test_a_hint_says_what_is_close_to_what_and_how_usual_that_is() -> None:
    assert near_misses({"shard": "true"}, KNOWN) == ("shard=true is close to shared=true, which 12 parameters carry",)


def test_one_carrier_is_no_plural() -> None:
    assert near_misses({"ownre": "made-up"}, {("owner", "made-up"): 1}) == (
        "ownre=made-up is close to owner=made-up, which 1 parameter carries",
    )


@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("Shared", "True"),
        ("SHARED", "true"),
        ("shard", "true"),
        ("shraed", "true"),
        ("shred", "true"),
        ("shrd", "true"),
        ("sharedd", "true"),
    ]
    + [("shared", value) for value in ("True", "yes", "YES", "1", "on", "y", "t", "ture", "rue")],
)
def test_what_was_probably_meant_as_shared_is_named(key: str, value: str) -> None:
    assert meant(key, value) == "shared=true"


@pytest.mark.parametrize(
    ("key", "value", "other"),
    [
        ("env", "prd", "env=prod"),
        ("env", "Prod", "env=prod"),
        ("owner", "paymets", "owner=payments"),
        ("owner", "paymet", "owner=payments"),
        ("Owner", "payments", "owner=payments"),
        ("region", "eu_west-1", "region=eu-west-1"),
        ("App", "billing-api", "app=billing-api"),
    ],
)
def test_a_slip_in_any_usual_tag_is_named(key: str, value: str, other: str) -> None:
    assert meant(key, value) == other


@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("shared", "true"),
        ("shared", "false"),
        ("shared", "0"),
        ("sharing", "true"),
        ("env", "dev"),
        ("env", "p"),
        ("ent", "prod"),
        ("owner", "platform"),
        ("region", "eu-west-2"),
        ("region", "eu-west-11"),
        ("app", "billing-app"),
        ("cost-center", "4711"),
    ],
)
def test_another_thing_is_no_slip(key: str, value: str) -> None:
    assert meant(key, value) == ""


def test_shared_is_known_where_nobody_carries_it() -> None:
    assert near_misses({"Shared": "True"}, {}) == ("Shared=True is close to shared=true, which delivery looks for",)


def test_a_tag_as_usual_as_its_neighbour_is_no_slip() -> None:
    known = {("team", "storefront"): 12, ("team", "storefronts"): 9}
    assert near_misses({"team": "storefronts"}, known) == ()
    assert near_misses({"team": "storefronts"}, known | {("team", "storefronts"): 4}) != ()


def test_what_is_nearly_shared_is_named_however_usual_it_is() -> None:
    assert near_misses({"shard": "true"}, {("shard", "true"): 400, ("shared", "true"): 1}) != ()


def test_no_hint_at_a_tag_that_stands_beside() -> None:
    assert near_misses({"shard": "true", "shared": "true"}, KNOWN) == ()


def test_of_two_near_tags_the_nearer_is_named_and_else_the_more_usual() -> None:
    known = {("team", "payment"): 3, ("team", "payments"): 90, ("team", "raymonds"): 8}
    assert "team=payments," in near_misses({"team": "paymens"}, known)[0]
    assert "team=payment," in near_misses({"team": "payment-"}, {("team", "payment"): 3, ("team", "pay-ments"): 90})[0]


def test_each_tag_has_its_own_hint_in_their_order() -> None:
    hints = near_misses({"env": "prd", "cost-center": "4711", "shard": "true"}, KNOWN)
    assert [hint.partition(" ")[0] for hint in hints] == ["env=prd", "shard=true"]


def test_known_tags_count_the_parameters_that_carry_each() -> None:
    assert known_tags([{"env": "prod", "shared": "true"}, {}, {"env": "prod"}, {"env": "dev"}]) == {
        ("env", "prod"): 2,
        ("shared", "true"): 1,
        ("env", "dev"): 1,
    }


WORDS = st.text(st.sampled_from("abcdeADE-_1"), min_size=1, max_size=9)
TAGS = st.dictionaries(WORDS, WORDS, max_size=3)
COUNTS = st.dictionaries(st.tuples(WORDS, WORDS), st.integers(1, 50), max_size=5)


@given(TAGS, COUNTS)
def test_a_hint_names_a_known_tag_that_the_parameter_does_not_carry(tags: dict[str, str], known: dict[tuple[str, str], int]) -> None:
    for hint in near_misses(tags, known):
        own, _, rest = hint.partition(" is close to ")
        assert own in {f"{key}={value}" for key, value in tags.items()}
        named = rest.rpartition(", which ")[0]
        assert named in {f"{key}={value}" for key, value in (*known, SHARED_TAG)}
        assert named not in {f"{key}={value}" for key, value in tags.items()}


@given(TAGS, COUNTS)
def test_there_is_at_most_one_hint_a_tag_whatever_order_the_known_come_in(tags: dict[str, str], known: dict[tuple[str, str], int]) -> None:
    hints = near_misses(tags, known)
    assert len(hints) <= len(tags)
    assert near_misses(tags, dict(reversed(known.items()))) == hints


@given(st.text(st.sampled_from("abcdefgh"), min_size=6, max_size=12), st.data())
def test_one_slip_in_a_word_of_six_letters_is_always_seen(word: str, data: st.DataObject) -> None:
    at = data.draw(st.integers(0, len(word) - 2))
    start, letter, following, rest = word[:at], word[at], word[at + 1], word[at + 2 :]
    wrong = data.draw(st.sampled_from("xyz"))
    added, lost, replaced, swapped = wrong + letter + following, following, wrong + following, following + letter
    slip = start + data.draw(st.sampled_from([added, lost, replaced, swapped])) + rest
    assume(slip != word)
    assert near_misses({"team": slip}, {("team", word): 7}) == (f"team={slip} is close to team={word}, which 7 parameters carry",)
    assert near_misses({slip: "payments"}, {(word, "payments"): 7}) == (
        f"{slip}=payments is close to {word}=payments, which 7 parameters carry",
    )
