"""Who receives what before and after parameters become one shared one: for every app, with and without the tag."""

from __future__ import annotations

from ssmm_core.names import SHARED, split
from ssmm_core.overlay import Layer, resolve_layers, tag_layer
from ssmm_core.record import Record

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence
    from typing import Final, Literal, Self

    from ssmm_core.models import Parameter
    from ssmm_core.secret import SecretValue

SHARED_TAG: Final = {"shared": "true"}
"""The tag of the deliveries that are looked at: `--include-tag shared=true`."""


class Standing(Record):
    """Parameters by app (the shared namespace is one of them), and those among them that carry `SHARED_TAG`."""

    by_app: Mapping[str, Sequence[Parameter]]
    tagged: tuple[Parameter, ...]

    @classmethod
    def of(cls, root: str, known: Iterable[tuple[Parameter, Mapping[str, str]]]) -> Self:
        """From parameters below `root` and the tags of each."""
        by_app: dict[str, list[Parameter]] = {}
        tagged = []
        for parameter, tags in known:
            by_app.setdefault(split(parameter.name, root)[0], []).append(parameter)
            if SHARED_TAG.items() <= tags.items():
                tagged.append(parameter)
        return cls(by_app, tuple(tagged))


class Impact(Record):
    """One app whose variable comes from another parameter, in the delivery with the tag (`tagged`) or in the one without.

    `before` and `after` are names of parameters, empty where there is none. `kind` is what that means for the value; until values are
    known, two parameters count as different.
    """

    app: str
    variable: str
    tagged: bool
    before: str
    after: str
    kind: Literal["same", "loses", "gains", "other value"]

    @property
    def is_harmful(self) -> bool:
        return self.kind in ("loses", "other value")

    def __str__(self) -> str:
        delivery = f"with {_words(SHARED_TAG)}" if self.tagged else f"without {_words(SHARED_TAG)}"
        if self.kind == "loses":
            return f"{self.app} loses {self.variable} in the delivery {delivery}"
        if self.kind == "gains":
            return f"{self.app} gains {self.variable} in the delivery {delivery}, from {self.after}"
        value = "the same value" if self.kind == "same" else "another value"
        return f"{self.app} receives {value} of {self.variable} in the delivery {delivery}: from {self.after}, not {self.before}"


def impacts(root: str, apps: Iterable[str], before: Standing, after: Standing) -> tuple[Impact, ...]:
    """Every app and delivery in which another parameter wins a variable, or none does any more; sorted."""
    found = []
    for app in sorted(apps):
        for tagged in (False, True):
            old, new = _winners(root, app, before, tagged=tagged), _winners(root, app, after, tagged=tagged)
            for variable in sorted(old.keys() | new.keys()):
                was, becomes = old.get(variable, ""), new.get(variable, "")
                if was != becomes:
                    kind: Literal["loses", "gains", "other value"] = "loses" if not becomes else "gains" if not was else "other value"
                    found.append(Impact(app, variable, tagged, was, becomes, kind))
    return tuple(found)


def with_values(found: Iterable[Impact], values: Mapping[str, SecretValue | None]) -> tuple[Impact, ...]:
    """The same, with those named as such where both parameters hold one value."""
    return tuple(one.replace(kind="same") if one.before and one.after and _equal(one, values) else one for one in found)


def _equal(one: Impact, values: Mapping[str, SecretValue | None]) -> bool:
    was = values.get(one.before)
    return was is not None and was == values.get(one.after)


def _winners(root: str, app: str, standing: Standing, *, tagged: bool) -> dict[str, str]:
    """What a delivery of this app alone takes, by variable."""
    layers = [(Layer(SHARED, SHARED), standing.by_app.get(SHARED, ()))] if app != SHARED else []
    if tagged:
        layers.append((tag_layer(SHARED_TAG), standing.tagged))
    layers.append((Layer("app", app), standing.by_app.get(app, ())))
    return {variable.name: variable.winner.parameter.name for variable in resolve_layers(root, layers).variables}


def _words(tags: Mapping[str, str]) -> str:
    return f"--include-tag {','.join(f'{key}={value}' for key, value in tags.items())}"
