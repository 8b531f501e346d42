"""Rules about what a unit's calls of ssmm ask for and would not get, and about parameters that no delivery hands out."""

from __future__ import annotations

from ssmm_core.doctor.finding import Finding
from ssmm_core.names import distinct

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from typing import Final

    from ssmm_core.doctor.unit_facts import UnitFacts

AREA: Final = "What it asks for"
_ENDS: Final = "ssmm exits with 78 and delivers nothing."


def required(facts: UnitFacts) -> Iterator[Finding]:
    for one in facts.contracts:
        for path, why, certain in one.unread:
            yield Finding(
                "error" if certain else "unknown",
                AREA,
                "required-file",
                why,
                f"ssmm {one.command.mode} reads names from {path}. {_ENDS if certain else 'Its names could not be compared.'}",
                "Make it readable, or take it out of the command." if certain else f"sudo ssmm doctor{facts.scope} {facts.unit}",
            )
        if one.missing:
            what = f"{', '.join(one.missing)}, required by ssmm {one.command.mode}, {_are(one.missing)} in no layer of {_apps(facts)}"
            if one.unsure:
                why = "An environment file that cannot be read here may have it."
                yield Finding("unknown", AREA, "required", what, why, f"sudo ssmm doctor{facts.scope} {facts.unit}")
            else:
                yield Finding("error", AREA, "required", what, _ENDS, _put(facts, one.missing))


def only(facts: UnitFacts) -> Iterator[Finding]:
    for one in facts.contracts:
        if one.only_missing:
            what = f"{', '.join(one.only_missing)}, asked for with --only, {_are(one.only_missing)} delivered by no layer of {_apps(facts)}"
            yield Finding("error", AREA, "only", what, _ENDS, _put(facts, one.only_missing))


def refused(facts: UnitFacts) -> Iterator[Finding]:
    for one in facts.contracts:
        for parameter, variable in one.refused:
            yield Finding(
                "error",
                AREA,
                "parameter-refused",
                f"{parameter} is refused: {variable} belongs to the loader, a shell or systemd, and no --allow-name names it",
                _ENDS,
                f"ssmm delete {parameter}  # or, if it is meant, allow it in {one.command.setting}=: --allow-name {variable}",
            )


def left_out(facts: UnitFacts) -> Iterator[Finding]:
    strict = {one.command.strict for one in facts.contracts}
    for sentence in distinct(sentence for one in facts.contracts for sentence in one.left_out):
        yield Finding(
            "error" if True in strict else "warning",
            AREA,
            "parameter-left-out",
            sentence,
            f"Under --strict, {_ENDS}" if True in strict else "The service starts without it.",
            f"ssmm delete {sentence.partition(' ')[0]}  # or store it in the app that needs it",
        )


def clashes(facts: UnitFacts) -> Iterator[Finding]:
    for sentence in distinct(sentence for one in facts.contracts for sentence in one.clashes):
        yield Finding(
            "error",
            AREA,
            "parameter-conflict",
            sentence,
            f"Under --strict, {_ENDS}",
            f"ssmm why {sentence.partition(':')[0]} --app {facts.app}",
        )


RULES: Final[tuple[Callable[[UnitFacts], Iterator[Finding]], ...]] = (required, only, refused, left_out, clashes)


def _apps(facts: UnitFacts) -> str:
    return ", ".join(facts.apps or distinct(app for one in facts.commands for app in one.apps)) or facts.app


def _are(names: tuple[str, ...]) -> str:
    return "is" if len(names) == 1 else "are"


def _put(facts: UnitFacts, names: tuple[str, ...]) -> str:
    whole = [name for name in names if "=" not in name]
    return f"ssmm put {' '.join(whole or ['NAME'])} --app {facts.app}  # asks for each value"
