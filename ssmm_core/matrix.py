"""Every variable beside every app: who has it, where from, and what it hides. For looking at; nothing is delivered from here."""

from __future__ import annotations

from ssmm_core.names import SHARED
from ssmm_core.overlay import Layer, ranked, tag_layer
from ssmm_core.record import Record

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence
    from typing import Final, Literal

    from ssmm_core.models import Parameter
    from ssmm_core.overlay import Candidate
    from ssmm_core.secret import SecretValue

    State = Literal["own", "shared", "tag", "overrides", "missing"]


class Cell(Record):
    """One variable of one app, as a delivery of that app alone would have it.

    `state`: `own` and `overrides` are won by the app itself, the latter over another layer; `shared` and `tag` by that layer.
    `same_as` are the other apps of the row that get the same value from another parameter, once values are known.
    """

    state: State
    winner: Candidate | None
    shadowed: tuple[Candidate, ...] = ()
    same_as: tuple[str, ...] = ()


class Row(Record):
    """One variable: a cell for each app, in the matrix's order."""

    variable: str
    cells: tuple[Cell, ...]


class Matrix(Record):
    """The apps as columns, as they were given; the variables as rows, sorted."""

    apps: tuple[str, ...]
    rows: tuple[Row, ...]


MISSING: Final = Cell("missing", None)


def build(
    root: str,
    apps: Sequence[str],
    by_app: Mapping[str, Sequence[Parameter]],
    tagged: Sequence[Parameter],
    *,
    shared: bool,
    tags: Mapping[str, str] | None,
) -> Matrix:
    """The matrix of `apps`; each column is what `resolve_known` says of that app.

    Args:
        by_app: each app's parameters; the shared namespace is the app `shared`.
        tagged: the parameters that carry all of `tags`; they count only where there are tags.
        shared: whether the shared namespace is a layer.
    """
    matching = _offers(root, tag_layer(tags), tagged) if tags else {}
    claimed = {one.name for one in tagged} if tags else set()
    common = _offers(root, Layer(SHARED, SHARED), (one for one in by_app.get(SHARED, ()) if one.name not in claimed)) if shared else {}
    inherited = {variable: (*matching.get(variable, ()), *common.get(variable, ())) for variable in matching.keys() | common.keys()}
    # One cell for all who only inherit, and one for all who lack: a team of many apps has few cells of its own.
    cells = {variable: [_cell(candidates)] * len(apps) for variable, candidates in inherited.items()}
    for column, app in enumerate(apps):
        for variable, own in _offers(root, Layer("app", app), by_app.get(app, ())).items():
            names = {one.parameter.name for one in own}
            below = [one for one in inherited.get(variable, ()) if one.parameter.name not in names]
            cells.setdefault(variable, [MISSING] * len(apps))[column] = _cell((*own, *below))
    return Matrix(tuple(apps), tuple(Row(variable, tuple(cells[variable])) for variable in sorted(cells)))


def with_equal_values(matrix: Matrix, values: Mapping[str, SecretValue]) -> Matrix:
    """The matrix with `same_as` filled in, from `values` by parameter name. A parameter without one equals no other."""
    return Matrix(matrix.apps, tuple(_compared(row, matrix.apps, values) for row in matrix.rows))


def _offers(root: str, layer: Layer, parameters: Iterable[Parameter]) -> dict[str, list[Candidate]]:
    """The candidates of a layer by variable, the one that is taken first."""
    offers: dict[str, list[Candidate]] = {}
    for candidate in ranked(root, layer, parameters):
        if candidate.is_deliverable:
            offers.setdefault(candidate.variable, []).append(candidate)
    return offers


def _cell(candidates: tuple[Candidate, ...]) -> Cell:
    winner, shadowed = candidates[0], candidates[1:]
    return Cell(_state(winner, shadowed), winner, shadowed)


def _state(winner: Candidate, shadowed: tuple[Candidate, ...]) -> State:
    if winner.layer.kind == SHARED:
        return "shared"
    if winner.layer.kind == "tag":
        return "tag"
    return "overrides" if any(one.layer.kind != winner.layer.kind for one in shadowed) else "own"


def _compared(row: Row, apps: Sequence[str], values: Mapping[str, SecretValue]) -> Row:
    won = [(column, cell.winner.parameter.name) for column, cell in enumerate(row.cells) if cell.winner is not None]
    getting: dict[SecretValue, list[tuple[str, str]]] = {}  # app and winner's name, in the order of the apps
    for column, name in won:
        if (value := values.get(name)) is not None:
            getting.setdefault(value, []).append((apps[column], name))
    same = {name: tuple(app for app, other in alike if other != name) for alike in getting.values() for name in {name for _, name in alike}}
    cells = list(row.cells)
    for column, name in won:
        if cells[column].same_as != (others := same.get(name, ())):
            cells[column] = cells[column].replace(same_as=others)
    return Row(row.variable, tuple(cells))
