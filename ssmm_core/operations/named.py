"""Fetch variables that are asked for by name, from every layer at once: no listing, and nothing decrypted that was not asked for.

What it gives is what a walk of all layers, narrowed to those names, would give:

- First the key that `put` writes is asked for, of each name in each layer, and each parameter that was named. That spelling wins within a
  layer, so a name that the highest layer has is settled.
- For any other name the layers above the one that has it are asked for the other regular spellings (`DB_HOST`, `db.host`, `db/host`, …),
  unless that would take more than `MOST_CALLS` calls.
- What is still missing is looked for by listing, where that is allowed, without decrypting. So are the names of a second look that was too
  large. An app in which nothing was found is asked for one page of its listing, since a name mistyped must not deliver the rest alone.

What cannot be seen without listing is a key of irregular spelling (`Db-host_url`) in a higher layer than one of regular spelling, or beside
one that `put` would spell otherwise: the regular one is delivered then. `--strict` is there to find every conflict, and tags have no names
that could be derived, so both list.
"""

from __future__ import annotations

from itertools import islice

from ssmm_core.asked import other_spellings, usual_spelling
from ssmm_core.errors import AccessDenied, InvalidInput, KeyUnavailable, NotFound, SsmmError, TemporaryError
from ssmm_core.limits import check_name
from ssmm_core.names import SHARED, is_below, join
from ssmm_core.operations import deliver
from ssmm_core.overlay import asked_for, resolve_layers
from ssmm_core.parallel import each

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence
    from typing import Final

    from ssmm_core.asked import Asked
    from ssmm_core.models import Parameter
    from ssmm_core.operations.deliver import Selection
    from ssmm_core.overlay import Layer, Overlay
    from ssmm_core.store import ParameterReader
    from ssmm_core.store.retry import Budget

BATCH: Final = 10
"""Most names that one GetParameters call takes."""
MOST_CALLS: Final = 10
"""Most calls for other spellings: beyond them a listing is cheaper."""

_LIKE_A_VALUE: Final = 6
"""From so many characters on, a key that was typed may be a value, wherever a message has it."""
_BY_NAME: Final = "ssm:GetParameters"
_LISTING: Final = "ssm:GetParametersByPath"


def resolve(
    store: ParameterReader, selection: Selection, asked: Sequence[Asked], *, strict: bool, threads: int, why: str = "asked for with --only"
) -> Overlay:
    """The environment of just the variables that are `asked` for, each once; `why` is what messages say of them.

    Raises:
        NotFound: one that may not be missing is; all such are named. Or a named app has no parameter at all.
        InvalidInput: a full name lies in none of the layers.
        AccessDenied: neither names nor listings may be read; or nothing is found in an app, and whether it exists cannot be seen.
        KeyUnavailable, TemporaryError, …: as `deliver.resolve`. Nothing is delivered in part.
    """
    check_places(selection, asked)
    budget = store.budget()
    refused: AccessDenied | None = None
    if not strict and not selection.tags:
        try:
            return _by_name(store, selection, asked, threads=threads, why=why, budget=budget)
        except AccessDenied as error:
            if error.action != _BY_NAME:
                raise
            refused = error
    try:
        everything = deliver.resolve(store, selection, decrypt=True, threads=threads, budget=budget)
    except AccessDenied as error:
        if refused is None or error.action != _LISTING:
            raise
        message = f"{error.message}, nor to {_BY_NAME}"
        raise AccessDenied(message, action=error.action, resource=error.resource, hint=error.hint) from None
    return only(everything, asked, selection, why)


def only(resolved: Overlay, asked: Sequence[Asked], selection: Selection, why: str, unlisted: Sequence[str] = ()) -> Overlay:
    """The environment without any variable but those `asked` for. `unlisted` are the paths that could not be listed.

    Raises:
        NotFound: one that may not be missing is in no layer, or may not come from where it is; all such are named.
    """
    found = asked_for(resolved, asked, selection.allowed)
    needed = {one.name for one in asked if not one.optional}
    present = {one.name for one in found.variables}
    lacking = [one for one in found.undeliverable if one.variable in needed.difference(present)]
    if kept_out := [one for one in lacking if not deliver.is_forbidden(one)]:
        reasons = "; ".join(f"{one.parameter.name} is not delivered: {deliver.why_not(one)}" for one in kept_out)
        raise NotFound(f"{why}, but {reasons}", hint="Nothing was delivered.")
    needed.difference_update(one.variable for one in lacking)  # forbidden: said by `environment`, with what to do
    hint = ""
    if unlisted and (unseen := sorted(needed.difference(present, (one.name for one in asked if one.parameter)))):
        hint = f"Other spellings of a key were not looked for: {_LISTING} on {', '.join(unlisted)} is not allowed. "
        hint += f"Nothing was delivered. Name the key: --only {unseen[0]}=KEY."
    deliver.require(needed, present, why, hint)
    return found


def _by_name(store: ParameterReader, selection: Selection, asked: Sequence[Asked], *, threads: int, why: str, budget: Budget) -> Overlay:
    """The same by name, as far as that goes."""
    layers = selection.layers
    found = _Found(store, selection, asked, budget)
    found.fetch(found.names_of_first_look())
    second = found.names_of_second_look()
    is_large = sum(map(len, second.values())) > MOST_CALLS * BATCH
    if not is_large:
        found.fetch(name for names in second.values() for name in names)
    empty = [layer for layer in layers if not found.below(layer)]
    lists = is_large or len(empty) == len(layers) or found.is_short()
    looked_at = layers if lists else [layer for layer in empty if layer.kind == "app"]
    listed, denied = _listed(store, selection, looked_at, whole=lists, threads=threads, budget=budget)
    if lists and not denied:
        deliver.check_present(selection, [listed[layer] or found.below(layer) for layer in layers])
    elif unknown := [layer.name for layer, parameters in listed.items() if layer.kind == "app" and not (parameters or found.below(layer))]:
        raise deliver.unknown_apps(selection.root, unknown)
    if is_large:
        found.fetch(name for layer in denied for name in second[layer])
    unlisted = [selection.path(layer) for layer in denied] if lists else []
    resolved = only(found.resolved(listed if lists else {}), asked, selection, why, unlisted)
    for layer, error in denied.items():
        if layer.kind == "app" and not found.below(layer):
            several = len(selection.apps) > 1
            way = f"Leave --app {layer.name} out" if several else f"For names of the shared namespace alone pass --app {SHARED}"
            raise AccessDenied(
                f"nothing of what was asked for is in {selection.path(layer)}, and whether it exists cannot be seen: {error.message}",
                action=error.action,
                resource=error.resource,
                hint=f"{way}, or allow it. {error.hint}",
            )
    return found.decrypted(resolved)


def _listed(
    store: ParameterReader, selection: Selection, layers: Sequence[Layer], *, whole: bool, threads: int, budget: Budget
) -> tuple[dict[Layer, list[Parameter]], dict[Layer, AccessDenied]]:
    """(what the layers hold, or its first parameter, none decrypted; the layers that may not be listed)."""

    def look(layer: Layer) -> list[Parameter] | AccessDenied:
        try:
            parameters = store.walk(selection.path(layer), decrypt=False, budget=budget)
            return list(parameters if whole else islice(parameters, 1))
        except AccessDenied as error:
            if error.action != _LISTING:
                raise
            return error

    looked = dict(zip(layers, each(look, layers, threads=threads), strict=True))
    listed = {layer: answer for layer, answer in looked.items() if not isinstance(answer, AccessDenied)}
    return listed, {layer: answer for layer, answer in looked.items() if isinstance(answer, AccessDenied)}


class _Found:
    """What was fetched by name so far, decrypted."""

    def __init__(self, store: ParameterReader, selection: Selection, asked: Sequence[Asked], budget: Budget) -> None:
        self._store = store
        self._selection = selection
        self._asked = asked
        self._budget = budget
        self._parameters: dict[str, Parameter] = {}

    def fetch(self, names: Iterable[str]) -> None:
        """Fetch those of these names that exist."""
        wanted = [name for name in names if self._can_exist(name)]
        if not wanted:
            return
        try:
            self._parameters.update(self._store.get(wanted, decrypt=True, budget=self._budget))
        except SsmmError as error:
            # What cannot be decrypted exists. A denial of these calls is not told: listing is tried instead.
            if not isinstance(error, KeyUnavailable | AccessDenied):
                self._hush(error)
            raise

    def below(self, layer: Layer) -> list[Parameter]:
        """Those of one layer."""
        return [one for one in self._parameters.values() if is_below(one.name, self._selection.path(layer))]

    def resolved(self, listed: Mapping[Layer, Iterable[Parameter]]) -> Overlay:
        """The environment of these parameters, and of those that were listed."""
        layers = [
            (layer, ({one.name: one for one in listed.get(layer, ())} | {one.name: one for one in self.below(layer)}).values())
            for layer in self._selection.layers
        ]
        return resolve_layers(self._selection.root, layers, self._selection.allowed)

    def names_of_first_look(self) -> list[str]:
        """The usual spelling of each name in each layer, and the parameters that were named."""
        return [
            name
            for one in self._asked
            for key in ((one.parameter,) if one.parameter else usual_spelling(one.name))
            for name in self._full_names(key)
        ]

    def names_of_second_look(self) -> dict[Layer, list[str]]:
        """The other regular spellings, by layer: of each name above the layer that has it, in all layers where none has.

        A parameter that was named for one variable may offer itself for another in any spelling, which need not be the first there.
        """
        layers = self._selection.layers
        settled = {one.name: layers.index(one.winner.layer) + one.winner.is_canonical for one in self.resolved({}).variables}
        names: dict[Layer, list[str]] = {layer: [] for layer in layers}
        for one in self._asked:
            if not one.parameter:
                for layer in layers[settled.get(one.name, 0) :]:
                    names[layer] += [join(self._selection.root, layer.name, key) for key in other_spellings(one.name)]
        return names

    def is_short(self) -> bool:
        """Whether a name that was asked for without its parameter was found in no regular spelling."""
        has = {one.name: one.winner.key for one in self.resolved({}).variables}
        plain = (one.name for one in self._asked if not one.parameter)
        return any(has.get(name) not in (*usual_spelling(name), *other_spellings(name)) for name in plain)

    def decrypted(self, resolved: Overlay) -> Overlay:
        """The same with the values of those winners, too, that were only listed.

        Raises:
            TemporaryError: one of them is gone.
        """
        self.fetch([one.winner.parameter.name for one in resolved.variables if one.winner.parameter.value is None])
        variables = []
        for one in resolved.variables:
            name = one.winner.parameter.name
            parameter = self._parameters.get(name, one.winner.parameter)
            if parameter.value is None:
                raise TemporaryError(f"{name} is listed but cannot be read", hint="It was deleted a moment ago: try again.")
            variables.append(one.replace(winner=one.winner.replace(parameter=parameter)))
        return resolved.replace(variables=tuple(variables))

    def _full_names(self, key: str) -> tuple[str, ...]:
        return (key,) if key.startswith("/") else tuple(f"{self._selection.path(layer)}/{key}" for layer in self._selection.layers)

    def _can_exist(self, name: str) -> bool:
        """Whether the service could hold such a name: one that it could not may fail a call for others."""
        try:
            check_name(name, self._store.region)
        except InvalidInput:
            return False
        return True

    def _hush(self, error: SsmmError) -> None:
        """Take the parameters that were named out of an error and its causes: what a person typed there may be a value."""
        named = [one.parameter for one in self._asked if one.parameter]
        parts = [*named, *(key.rpartition("/")[2] for key in named)]
        typed = [*(name for key in named for name in self._full_names(key)), *(part for part in parts if len(part) >= _LIKE_A_VALUE)]
        told: BaseException | None = error
        while isinstance(told, SsmmError):
            for text in typed:
                told.message = told.message.replace(text, f"{self._selection.root}/…")
                told.hint = told.hint.replace(text, f"{self._selection.root}/…")
            told = told.__cause__


def check_places(selection: Selection, asked: Sequence[Asked]) -> None:
    """Refuse a full name that no layer can have.

    Raises:
        InvalidInput: there is one; it is told by its variable, since what was typed may be a value.
    """
    paths = [selection.root] if selection.tags else [selection.path(layer) for layer in selection.layers]
    for one in asked:
        if one.parameter.startswith("/") and not any(is_below(one.parameter, path) for path in paths):
            raise InvalidInput(
                f"the parameter that is named for {one.name} lies in none of {', '.join(paths)}",
                hint="Name its app with --app, or give its key alone.",
            )
