"""The overlay: which parameter wins a variable, which is shadowed, and what is said of it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ssmm_core.models import Parameter
from ssmm_core.overlay import Layer, Overlay, explain, ranked, resolve_layers, tag_layer
from ssmm_core.secret import SecretValue

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from random import Random

ROOT = "/team"
SHARED = Layer("shared", "shared")
TAG = Layer("tag", "shared=true")
WEB = Layer("app", "web")
EU = Layer("app", "web-eu")

Layers = list[tuple[Layer, list[Parameter]]]


def parameter(name: str, version: int = 1) -> Parameter:
    return Parameter(f"{ROOT}/{name}", "SecureString", version, SecretValue(f"made-up value of {name}"))


def resolved(*layers: tuple[Layer, Sequence[str]]) -> Overlay:
    return resolve_layers(ROOT, [(layer, [parameter(name) for name in names]) for layer, names in layers])


def winners(found: Overlay) -> dict[str, str]:
    return {one.name: one.winner.parameter.name.removeprefix(f"{ROOT}/") for one in found.variables}


def names_of(parameters: Iterable[Parameter]) -> set[str]:
    return {one.name for one in parameters}


KEYS = st.sampled_from(["a-b", "a_b", "a.b", "A-B", "a/b", "x", "X", "port", "db/host", "db-host", "1st", "9/9"])


@st.composite
def layered(draw: st.DrawFn) -> Layers:
    """A store of apps, and the layers that a selection with two apps and a tag reads from it."""
    keys = st.lists(KEYS, unique=True, max_size=6)
    store = {app: [parameter(f"{app}/{key}") for key in draw(keys)] for app in ("shared", "web", "web-eu", "other")}
    everything = [one for parameters in store.values() for one in parameters]
    tagged = draw(st.lists(st.sampled_from(everything), unique=True)) if everything else []
    return [(SHARED, store["shared"]), (TAG, tagged), (WEB, store["web"]), (EU, store["web-eu"])]


def variable_of(name: str) -> str:
    key = name.removeprefix(f"{ROOT}/").partition("/")[2]
    return "".join(char if char.isalnum() else "_" for char in key).upper()


def canonical(name: str) -> bool:
    return name.removeprefix(f"{ROOT}/").partition("/")[2] == variable_of(name).lower().replace("_", "-")


@given(layered())
def test_the_winner_is_in_the_highest_layer_that_offers_the_variable(layers: Layers) -> None:
    expected: dict[str, str] = {}
    for _, parameters in layers:
        best: dict[str, str] = {}
        for name in sorted(names_of(parameters), key=lambda name: (not canonical(name), name)):
            if not variable_of(name)[0].isdigit():
                best.setdefault(variable_of(name), name)
        expected |= best
    found = resolve_layers(ROOT, layers)
    assert {one.name: one.winner.parameter.name for one in found.variables} == expected
    assert [one.name for one in found.variables] == sorted(expected)


@given(layered(), st.randoms(use_true_random=False))
def test_the_order_of_parameters_within_a_layer_changes_nothing(layers: Layers, random: Random) -> None:
    shuffled = [(layer, random.sample(parameters, len(parameters))) for layer, parameters in layers]
    assert resolve_layers(ROOT, shuffled) == resolve_layers(ROOT, layers)


@given(layered())
def test_every_parameter_is_one_candidate_in_the_highest_layer_that_holds_it(layers: Layers) -> None:
    found = resolve_layers(ROOT, layers)
    candidates = [one for variable in found.variables for one in (variable.winner, *variable.shadowed)] + list(found.undeliverable)
    assert sorted(one.parameter.name for one in candidates) == sorted(set().union(*(names_of(parameters) for _, parameters in layers)))
    for one in candidates:
        holding = [layer for layer, parameters in layers if one.parameter.name in names_of(parameters)]
        assert one.layer == holding[-1]


@given(layered())
def test_the_counts_are_of_candidates_per_layer_lowest_first(layers: Layers) -> None:
    found = resolve_layers(ROOT, layers)
    candidates = [one for variable in found.variables for one in (variable.winner, *variable.shadowed)] + list(found.undeliverable)
    assert [layer for layer, _ in found.found] == [layer for layer, _ in layers]
    assert dict(found.found) == {layer: sum(one.layer == layer for one in candidates) for layer, _ in layers}


@given(layered())
def test_there_is_one_clash_for_each_shadowed_parameter_and_it_names_both_sides(layers: Layers) -> None:
    found = resolve_layers(ROOT, layers)
    shadowed = [one for variable in found.variables for one in variable.shadowed]
    assert [clash.loser for clash in found.clashes] == shadowed
    for clash in found.clashes:
        assert clash.winner.variable == clash.loser.variable == clash.variable
        assert clash.winner.parameter != clash.loser.parameter
        assert (clash.kind == "override") is (clash.winner.layer != clash.loser.layer)
        assert clash.winner.parameter.name in str(clash)
        assert clash.loser.parameter.name in str(clash)
        assert clash.variable in str(clash)


@given(layered())
def test_nothing_that_is_said_of_an_overlay_holds_a_value(layers: Layers) -> None:
    found = resolve_layers(ROOT, layers)
    assert "made-up value" not in repr(found) + "".join(map(str, found.clashes))


def test_shared_is_below_tags_and_tags_are_below_apps_in_their_order() -> None:
    found = resolved(
        (SHARED, ["shared/a", "shared/b", "shared/c", "shared/d"]),
        (TAG, ["other/b", "other/c", "other/d"]),
        (WEB, ["web/c", "web/d"]),
        (EU, ["web-eu/d"]),
    )
    assert winners(found) == {"A": "shared/a", "B": "other/b", "C": "web/c", "D": "web-eu/d"}
    assert found.found == ((SHARED, 4), (TAG, 3), (WEB, 2), (EU, 1))


def test_the_shadowed_are_listed_from_the_highest_layer_down() -> None:
    found = resolved((SHARED, ["shared/a"]), (TAG, ["other/a"]), (WEB, ["web/a"]), (EU, ["web-eu/a"]))
    assert [one.parameter.name for one in found.variables[0].shadowed] == ["/team/web/a", "/team/other/a", "/team/shared/a"]


def test_a_parameter_in_two_layers_is_one_candidate_and_no_conflict() -> None:
    found = resolved((SHARED, ["shared/a"]), (TAG, ["shared/a", "web/b"]), (WEB, ["web/b"]))
    assert found.found == ((SHARED, 0), (TAG, 1), (WEB, 1))
    assert found.clashes == ()


def test_a_clash_between_layers_says_who_overrides_whom() -> None:
    found = resolved((SHARED, ["shared/db-url"]), (WEB, ["web/db-url"]))
    assert [str(one) for one in found.clashes] == ["DB_URL: /team/shared/db-url (shared) is overridden by /team/web/db-url (app web)"]


def test_an_app_overridden_by_a_later_one_is_a_clash() -> None:
    found = resolved((WEB, ["web/port"]), (EU, ["web-eu/port"]))
    assert [(one.kind, one.winner.layer, one.loser.layer) for one in found.clashes] == [("override", EU, WEB)]


def test_two_tag_matched_parameters_with_one_name_are_a_clash_of_tags() -> None:
    found = resolved((TAG, ["b/port", "a/port"]))
    assert winners(found) == {"PORT": "a/port"}
    assert [one.kind for one in found.clashes] == ["tag"]


@pytest.mark.parametrize(
    ("keys", "winner"),
    [
        (["a_b", "a-b"], "a-b"),
        (["a/b", "A-B", "a-b", "a.b"], "a-b"),
        (["a_b", "a.b"], "a.b"),
        (["A_B", "a_b"], "A_B"),
        (["x/y", "x.y", "X-Y"], "X-Y"),
    ],
)
def test_of_two_spellings_in_one_layer_that_of_put_wins_and_else_the_first_by_name(keys: list[str], winner: str) -> None:
    for order in (keys, keys[::-1]):
        found = resolved((WEB, [f"web/{key}" for key in order]))
        assert [one.winner.key for one in found.variables] == [winner]
        assert [one.kind for one in found.clashes] == ["spelling"] * (len(keys) - 1)


def test_an_ambiguity_names_both_parameters_and_the_one_taken() -> None:
    found = resolved((WEB, ["web/a_b", "web/a-b"]))
    assert [str(one) for one in found.clashes] == ["A_B: /team/web/a-b and /team/web/a_b are spelled alike; /team/web/a-b is taken"]


def test_an_ambiguity_in_a_layer_that_is_overridden_is_named_too() -> None:
    found = resolved((SHARED, ["shared/a-b", "shared/a_b"]), (WEB, ["web/a-b"]))
    assert [one.kind for one in found.clashes] == ["override", "spelling"]


def test_what_cannot_be_a_variable_is_found_but_not_delivered() -> None:
    found = resolved((SHARED, ["shared/1st"]), (WEB, ["web/port", "web/2nd/x"]))
    assert winners(found) == {"PORT": "web/port"}
    assert [one.parameter.name for one in found.undeliverable] == ["/team/shared/1st", "/team/web/2nd/x"]
    assert [one.variable for one in found.undeliverable] == ["1ST", "2ND_X"]
    assert found.found == ((SHARED, 1), (WEB, 2))
    assert found.clashes == ()


def test_no_layers_and_empty_layers_give_no_variables() -> None:
    assert resolve_layers(ROOT, []).variables == ()
    assert resolved((SHARED, []), (WEB, [])) == Overlay(variables=(), found=((SHARED, 0), (WEB, 0)))


def test_a_layer_of_tags_is_called_by_all_of_them() -> None:
    assert str(tag_layer({"shared": "true", "env": "prod"})) == "tag shared=true,env=prod"


def test_of_a_parameter_that_comes_twice_the_newest_version_counts() -> None:
    found = ranked(ROOT, WEB, [parameter("web/a", 2), parameter("web/a", 3), parameter("web/a", 1)])
    assert [one.parameter.version for one in found] == [3]


# Why


def reasons(*layers: tuple[Layer, Sequence[str]]) -> list[tuple[str, str]]:
    """Each candidate for the one variable of these layers, with its reason."""
    (variable,) = resolved(*layers).variables
    return [(one.parameter.name.removeprefix(f"{ROOT}/"), why) for one, why in explain(variable)]


@given(layered())
def test_every_candidate_for_a_variable_has_a_reason_the_winner_first(layers: Layers) -> None:
    for variable in resolve_layers(ROOT, layers).variables:
        explained = explain(variable)
        assert tuple(one for one, _ in explained) == (variable.winner, *variable.shadowed)
        assert all(why for _, why in explained)


def test_a_variable_that_one_parameter_offers_is_the_only_one() -> None:
    assert reasons((SHARED, []), (WEB, ["web/a"])) == [("web/a", "the only one")]


def test_the_highest_layer_wins_and_the_others_are_overridden_by_it() -> None:
    assert reasons((SHARED, ["shared/a"]), (TAG, ["other/a"]), (WEB, ["web/a"])) == [
        ("web/a", "the highest layer that has it"),
        ("other/a", "overridden by app web"),
        ("shared/a", "overridden by app web"),
    ]


def test_within_a_layer_the_spelling_of_put_is_the_reason() -> None:
    assert reasons((WEB, ["web/a_b", "web/a-b"])) == [("web/a-b", "spelled as put spells it"), ("web/a_b", "comes after in its layer")]


def test_within_a_layer_of_like_spellings_the_order_of_names_is_the_reason() -> None:
    assert reasons((TAG, ["y/a", "x/a"]), (SHARED, [])) == [("x/a", "sorts first in its layer"), ("y/a", "comes after in its layer")]
