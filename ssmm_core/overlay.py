"""Layers of parameters become one environment that knows where each variable came from.

Precedence, low to high: shared, include-tag, then the apps in the order given. A parameter found in two layers is one candidate, in
the higher of them, and no conflict. Where two parameters of one layer fold to one variable, the spelling that `put` writes wins
(`a-b` over `a_b`), then the name that sorts first.

What many apps share must not stop or steer all of them: see `hazards`. A parameter that a variable's name, or the rules for dangerous
names, keep out is no candidate at all, and is reported with its reason.
"""

from __future__ import annotations

from ssmm_core.hazards import is_protocol, is_steering
from ssmm_core.names import SHARED, environment_name, is_environment_name, parameter_key, split
from ssmm_core.record import Record

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence
    from collections.abc import Set as AbstractSet
    from typing import Literal

    from ssmm_core.asked import Asked
    from ssmm_core.models import Parameter

    Obstacle = Literal["", "name", "protocol", "steering"]


class Layer(Record):
    """One source of variables. `kind` is `shared`, `tag` or `app`; `name` is the app, or the tags as `a=1,b=2`."""

    kind: str
    name: str

    def __str__(self) -> str:
        return self.kind if self.kind == SHARED else f"{self.kind} {self.name}"


def tag_layer(tags: Mapping[str, str]) -> Layer:
    """The layer of what carries all of `tags`."""
    return Layer("tag", ",".join(f"{key}={value}" for key, value in tags.items()))


class Candidate(Record):
    """A parameter that offers a value for a variable.

    `obstacle` is why it cannot: `name` (no variable can be called that), `protocol` (see `hazards`; never from what is shared, from the
    app itself only where it was allowed), `steering` (not from what is shared); empty where nothing stands in the way.
    """

    parameter: Parameter
    layer: Layer
    app: str
    key: str
    variable: str
    obstacle: Obstacle = ""

    @property
    def is_canonical(self) -> bool:
        """Whether the key is spelled as `put` spells it."""
        return self.key == parameter_key(self.variable)

    @property
    def is_deliverable(self) -> bool:
        """Whether nothing stands in the way."""
        return not self.obstacle


class Variable(Record):
    """One variable of the environment: who wins it, and who is shadowed, the highest first."""

    name: str
    winner: Candidate
    shadowed: tuple[Candidate, ...] = ()


class Clash(Record):
    """Two parameters that want one variable. `kind` is `override` (another layer), `tag` (two tag-matched) or `spelling`."""

    kind: str
    variable: str
    winner: Candidate
    loser: Candidate

    def __str__(self) -> str:
        won, lost = self.winner, self.loser
        if self.kind == "override":
            return f"{self.variable}: {lost.parameter.name} ({lost.layer}) is overridden by {won.parameter.name} ({won.layer})"
        why = "match the same tags" if self.kind == "tag" else "are spelled alike"
        return f"{self.variable}: {won.parameter.name} and {lost.parameter.name} {why}; {won.parameter.name} is taken"


class Overlay(Record):
    """The environment that `sync` writes and `exec` gives.

    `found` counts the candidates of each layer, lowest layer first. `undeliverable` are parameters with an obstacle.
    """

    variables: tuple[Variable, ...]
    found: tuple[tuple[Layer, int], ...]
    clashes: tuple[Clash, ...] = ()
    undeliverable: tuple[Candidate, ...] = ()


def resolve_layers(root: str, layers: Sequence[tuple[Layer, Iterable[Parameter]]], allowed: AbstractSet[str] = frozenset()) -> Overlay:
    """Resolve `layers`, given lowest first, for the prefix root. Neither order of parameters nor of pages changes the outcome.

    `allowed` are the protocol variables that an app may set for itself.
    """
    claimed: set[str] = set()
    found: list[tuple[Layer, int]] = []
    offers: dict[str, list[Candidate]] = {}
    undeliverable: list[Candidate] = []
    for layer, parameters in reversed(layers):
        own = ranked(root, layer, (one for one in parameters if one.name not in claimed), allowed)
        claimed.update(one.parameter.name for one in own)
        found.append((layer, len(own)))
        for candidate in own:
            if candidate.is_deliverable:
                offers.setdefault(candidate.variable, []).append(candidate)
            else:
                undeliverable.append(candidate)
    variables = tuple(Variable(name, offers[name][0], tuple(offers[name][1:])) for name in sorted(offers))
    return Overlay(
        variables=variables,
        found=tuple(reversed(found)),
        clashes=tuple(clash for variable in variables for clash in _clashes(variable)),
        undeliverable=tuple(sorted(undeliverable, key=lambda one: one.parameter.name)),
    )


def narrowed(resolved: Overlay, names: AbstractSet[str]) -> Overlay:
    """The same environment with no other variables than `names`."""
    return resolved.replace(
        variables=tuple(one for one in resolved.variables if one.name in names),
        clashes=tuple(one for one in resolved.clashes if one.variable in names),
        undeliverable=tuple(one for one in resolved.undeliverable if one.variable in names),
    )


def asked_for(resolved: Overlay, asked: Sequence[Asked], allowed: AbstractSet[str] = frozenset()) -> Overlay:
    """The same environment with no other variables than those `asked` for, each once.

    One that is asked for with its parameter comes from that alone, in the highest layer that has it, whatever name its key folds to; the
    rules for dangerous names look at the variable's name. So one parameter can be several variables.
    """
    kept = narrowed(resolved, frozenset(one.name for one in asked if not one.parameter))
    variables, undeliverable = list(kept.variables), list(kept.undeliverable)
    for one in asked:
        if one.parameter:
            offers = _offers(resolved, one, allowed)
            undeliverable += [offer for offer in offers if not offer.is_deliverable]
            if fit := [offer for offer in offers if offer.is_deliverable]:
                variables.append(Variable(one.name, fit[0], tuple(fit[1:])))
    variables.sort(key=lambda one: one.name)
    return resolved.replace(
        variables=tuple(variables),
        clashes=tuple(clash for variable in variables for clash in _clashes(variable)),
        undeliverable=tuple(sorted(undeliverable, key=lambda one: one.parameter.name)),
    )


def _offers(resolved: Overlay, asked: Asked, allowed: AbstractSet[str]) -> list[Candidate]:
    """The candidates that are the parameter of one that is asked for, highest layer first, as candidates for its variable."""
    everything = [*(one for variable in resolved.variables for one in (variable.winner, *variable.shadowed)), *resolved.undeliverable]
    meant = (one for one in everything if asked.parameter in (one.key, one.parameter.name))
    offers = [one.replace(variable=asked.name, obstacle=_obstacle(asked.name, one.layer, allowed)) for one in meant]
    height = {layer: number for number, (layer, _) in enumerate(resolved.found)}
    return sorted(offers, key=lambda one: (-height[one.layer], one.parameter.name))


def ranked(root: str, layer: Layer, parameters: Iterable[Parameter], allowed: AbstractSet[str] = frozenset()) -> list[Candidate]:
    """The candidates of one layer, each parameter once: of those that want one variable, the first is taken."""
    newest: dict[str, Parameter] = {}  # paging is best effort: one that changes meanwhile may come twice
    for one in parameters:
        if one.name not in newest or newest[one.name].version < one.version:
            newest[one.name] = one
    return sorted((_candidate(root, layer, one, allowed) for one in newest.values()), key=_rank)


def explain(variable: Variable) -> tuple[tuple[Candidate, str], ...]:
    """Each candidate for a variable with the reason why it wins or loses; the winner first, then as they are shadowed."""
    losers = ((one, _why_it_loses(variable.winner, one)) for one in variable.shadowed)
    return ((variable.winner, _why_it_wins(variable)), *losers)


def _why_it_wins(variable: Variable) -> str:
    if not variable.shadowed:
        return "the only one"
    winner, next_one = variable.winner, variable.shadowed[0]
    if next_one.layer != winner.layer:
        return "the highest layer that has it"
    return "spelled as put spells it" if winner.is_canonical and not next_one.is_canonical else "sorts first in its layer"


def _why_it_loses(winner: Candidate, loser: Candidate) -> str:
    return f"overridden by {winner.layer}" if loser.layer != winner.layer else "comes after in its layer"


def _candidate(root: str, layer: Layer, parameter: Parameter, allowed: AbstractSet[str]) -> Candidate:
    app, key = split(parameter.name, root)
    variable = environment_name(key)
    return Candidate(parameter, layer, app, key, variable, _obstacle(variable, layer, allowed))


def _obstacle(variable: str, layer: Layer, allowed: AbstractSet[str]) -> Obstacle:
    if not is_environment_name(variable):
        return "name"
    is_own = layer.kind == "app"
    if is_protocol(variable) and not (is_own and variable in allowed):
        return "protocol"
    return "steering" if is_steering(variable) and not is_own else ""


def _rank(candidate: Candidate) -> tuple[bool, str]:
    return (not candidate.is_canonical, candidate.parameter.name)


def _clashes(variable: Variable) -> Iterable[Clash]:
    above = variable.winner
    for candidate in variable.shadowed:
        if candidate.layer != above.layer:
            kind = "override"
        elif candidate.app != above.app:
            kind = "tag"
        else:
            kind = "spelling"
        yield Clash(kind, variable.name, variable.winner if kind == "override" else above, candidate)
        if kind == "override":
            above = candidate
