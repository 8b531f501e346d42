"""What is known of a team, as pages, tags and values come and parameters go."""

from __future__ import annotations

from ssmm_core.catalogue import Entry, entry_of
from ssmm_core.models import Parameter, ParameterMetadata
from ssmm_core.secret import SecretValue
from ssmm_tui.team import Team

ROOT = "/myteam"
NAME = "/myteam/web/public-host"


def at(version: int, moment: float) -> Entry:
    return entry_of(ParameterMetadata(NAME, "String", version, last_modified=moment), ROOT)


def read(text: str, version: int) -> dict[str, Parameter]:
    return {NAME: Parameter(NAME, "String", version, SecretValue(text))}


def value_of(team: Team) -> str | None:
    value = team.value(team.entries[NAME])
    return value.reveal() if value is not None else None


def test_a_value_is_that_of_the_version_that_is_listed() -> None:
    team = Team(ROOT)
    team.add([at(1, 10.0)])
    team.show(read("old", 1))
    assert value_of(team) == "old"
    team.add([at(2, 20.0)])
    assert value_of(team) is None


def test_a_value_does_not_outlive_its_parameter_when_that_is_created_anew() -> None:
    team = Team(ROOT)
    team.add([at(2, 20.0)])
    team.show(read("old", 2))
    team.asked.add(NAME)
    team.add([at(1, 30.0)])  # deleted and created anew: its versions begin again
    assert value_of(team) is None
    assert NAME not in team.asked
    team.add([at(2, 40.0)])
    assert value_of(team) is None


def test_a_page_that_brings_nothing_new_keeps_value_and_tags() -> None:
    team = Team(ROOT)
    team.add([at(1, 10.0)])
    team.tag({NAME: {"env": "prod"}})
    team.show(read("shown", 1))
    team.add([at(1, 10.0)])
    assert value_of(team) == "shown"
    assert team.entries[NAME].tags == {"env": "prod"}


def test_what_is_gone_is_forgotten_with_its_mark() -> None:
    team = Team(ROOT)
    team.add([at(1, 10.0)])
    team.marked.add(NAME)
    team.remove([NAME])
    assert team.entries == {}
    assert team.marked == set()
