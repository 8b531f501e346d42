"""The matrix: each column is the environment of one app, each row one variable."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ssmm_core.matrix import MISSING, build, with_equal_values
from ssmm_core.models import Parameter
from ssmm_core.operations.deliver import Selection, resolve_known
from ssmm_core.secret import SecretValue

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from ssmm_core.matrix import Cell, Matrix

ROOT = "/team"
APPS = ("shared", "web", "web-eu", "other")
TAGS = {"shared": "true"}
KEYS = ["a-b", "a_b", "A-B", "a/b", "x", "X", "port", "1st"]
VALUES = st.sampled_from(["1", "2", None])

Team = tuple[dict[str, list[Parameter]], list[Parameter]]


def parameter(name: str) -> Parameter:
    return Parameter(f"{ROOT}/{name}", "SecureString", 1)


def matrix_of(names: Sequence[str], tagged: Sequence[str] = (), *, apps: Sequence[str] = ("web",), shared: bool = True) -> Matrix:
    by_app: dict[str, list[Parameter]] = {}
    for name in names:
        by_app.setdefault(name.partition("/")[0], []).append(parameter(name))
    return build(ROOT, apps, by_app, [parameter(name) for name in tagged], shared=shared, tags=TAGS)


def cell_of(found: Matrix, variable: str, app: str) -> Cell:
    row = next(row for row in found.rows if row.variable == variable)
    return row.cells[found.apps.index(app)]


def won_by(cell: Cell) -> str:
    assert cell.winner is not None
    return cell.winner.parameter.name.removeprefix(f"{ROOT}/")


@st.composite
def teams(draw: st.DrawFn) -> Team:
    """The parameters of each app, and those among all of them that carry the tag."""
    keys = st.lists(st.sampled_from(KEYS), unique=True, max_size=5)
    by_app = {app: [parameter(f"{app}/{key}") for key in draw(keys)] for app in APPS}
    everything = [one for parameters in by_app.values() for one in parameters]
    tagged = draw(st.lists(st.sampled_from(everything), unique=True)) if everything else []
    return by_app, tagged


COLUMNS = st.lists(st.sampled_from([*APPS, "nobody"]), unique=True, min_size=1)
ASKED = st.sampled_from([None, {}, TAGS])


@given(teams(), COLUMNS, st.booleans(), ASKED)
def test_each_column_is_what_a_delivery_of_that_app_alone_resolves_to(
    team: Team, apps: list[str], shared: bool, tags: Mapping[str, str] | None
) -> None:
    by_app, tagged = team
    found = build(ROOT, apps, by_app, tagged, shared=shared, tags=tags)
    for column, app in enumerate(apps):
        resolved = resolve_known(Selection(ROOT, (app,), shared, tags), by_app, tagged)
        cells = {row.variable: (row.cells[column].winner, row.cells[column].shadowed) for row in found.rows}
        delivered = {variable: cell for variable, cell in cells.items() if cell != (None, ())}
        assert delivered == {one.name: (one.winner, one.shadowed) for one in resolved.variables}


@given(teams(), COLUMNS, st.booleans(), ASKED)
def test_the_rows_are_sorted_and_somebody_has_each(team: Team, apps: list[str], shared: bool, tags: Mapping[str, str] | None) -> None:
    found = build(ROOT, apps, *team, shared=shared, tags=tags)
    variables = [row.variable for row in found.rows]
    assert variables == sorted(set(variables))
    assert all(len(row.cells) == len(apps) for row in found.rows)
    assert all(any(cell.winner is not None for cell in row.cells) for row in found.rows)


@given(teams(), COLUMNS, st.booleans())
def test_the_state_tells_the_layer_that_wins_and_whether_the_app_hides_another(team: Team, apps: list[str], shared: bool) -> None:
    found = build(ROOT, apps, *team, shared=shared, tags=TAGS)
    for cell in (cell for row in found.rows for cell in row.cells):
        if cell.winner is None:
            assert cell == MISSING
        elif cell.winner.layer.kind == "app":
            assert (cell.state == "overrides") is any(one.layer != cell.winner.layer for one in cell.shadowed)
            assert cell.state in ("own", "overrides")
        else:
            assert cell.state == cell.winner.layer.kind


@given(teams(), COLUMNS, st.data())
def test_the_same_are_the_other_apps_that_get_that_value_from_another_parameter(team: Team, apps: list[str], data: st.DataObject) -> None:
    by_app, tagged = team
    names = [one.name for parameters in by_app.values() for one in parameters]
    drawn = data.draw(st.fixed_dictionaries(dict.fromkeys(names, VALUES)))
    values = {name: SecretValue(value) for name, value in drawn.items() if value is not None}
    found = with_equal_values(build(ROOT, apps, by_app, tagged, shared=True, tags=TAGS), values)
    for row in found.rows:
        winners = [one.winner.parameter.name if one.winner else "" for one in row.cells]
        for name, cell in zip(winners, row.cells, strict=True):
            value = values.get(name)
            alike = [app for app, other in zip(apps, winners, strict=True) if value and other != name and values.get(other) == value]
            assert list(cell.same_as) == alike


@pytest.mark.parametrize(
    ("names", "tagged", "state", "winner"),
    [
        (["web/port"], [], "own", "web/port"),
        (["shared/port"], [], "shared", "shared/port"),
        (["other/port"], ["other/port"], "tag", "other/port"),
        (["web/port", "shared/port"], [], "overrides", "web/port"),
        (["web/port", "other/port"], ["other/port"], "overrides", "web/port"),
        (["other/port", "shared/port"], ["other/port"], "tag", "other/port"),
        (["shared/port"], ["shared/port"], "tag", "shared/port"),
        (["web/port"], ["web/port"], "own", "web/port"),
        (["web/a-b", "web/a_b"], [], "own", "web/a-b"),
    ],
)
def test_one_app_has_a_variable_in_one_of_these_ways(names: list[str], tagged: list[str], state: str, winner: str) -> None:
    (row,) = matrix_of(names, tagged).rows
    assert (row.cells[0].state, won_by(row.cells[0])) == (state, winner)


def test_what_an_app_lacks_is_missing_there_alone() -> None:
    found = matrix_of(["web/port", "other/host"], apps=("web", "other"))
    assert cell_of(found, "PORT", "other") == cell_of(found, "HOST", "web") == MISSING
    assert [cell_of(found, "PORT", "web").state, cell_of(found, "HOST", "other").state] == ["own", "own"]


def test_the_shared_namespace_as_a_column_owns_what_it_has() -> None:
    found = matrix_of(["shared/port"], apps=("shared", "web"))
    assert [cell.state for cell in found.rows[0].cells] == ["own", "shared"]


def test_without_the_shared_layer_nobody_inherits_it() -> None:
    assert matrix_of(["shared/port", "web/host"], shared=False).rows == matrix_of(["web/host"]).rows


def test_what_is_hidden_is_named_from_the_highest_layer_down() -> None:
    found = matrix_of(["web/port", "shared/port", "other/port"], ["other/port"])
    assert [one.parameter.name for one in cell_of(found, "PORT", "web").shadowed] == ["/team/other/port", "/team/shared/port"]


def test_an_app_that_nobody_asked_for_gives_no_row() -> None:
    assert matrix_of(["other/host"]).rows == ()


def test_a_value_that_one_parameter_gives_to_several_apps_is_no_coincidence() -> None:
    found = matrix_of(["shared/port", "other/port"], apps=("web", "web-eu", "other"))
    values = {"/team/shared/port": SecretValue("80"), "/team/other/port": SecretValue("80")}
    row = with_equal_values(found, values).rows[0]
    assert [cell.same_as for cell in row.cells] == [("other",), ("other",), ("web", "web-eu")]


def test_values_compared_anew_replace_what_was_found_before() -> None:
    found = matrix_of(["web/port", "other/port"], apps=("web", "other"))
    alike = with_equal_values(found, {"/team/web/port": SecretValue("1"), "/team/other/port": SecretValue("1")})
    assert alike != found
    assert with_equal_values(alike, {}) == found


def test_a_matrix_with_equal_values_shows_none() -> None:
    found = matrix_of(["web/port", "other/port"], apps=("web", "other"))
    values = {"/team/web/port": SecretValue("made-up-sentinel"), "/team/other/port": SecretValue("made-up-sentinel")}
    assert "made-up-sentinel" not in repr(with_equal_values(found, values))
