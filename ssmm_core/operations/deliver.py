"""Fetch the layers of an environment side by side and resolve them: what `sync`, `exec` and `why` share."""

from __future__ import annotations

from ssmm_core.errors import AccessDenied, ConflictError, InvalidInput, NotFound, TemporaryError
from ssmm_core.names import SHARED, distinct, is_below, join, split
from ssmm_core.overlay import Layer, resolve_layers, tag_layer
from ssmm_core.parallel import each
from ssmm_core.record import Record

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence
    from collections.abc import Set as AbstractSet

    from ssmm_core.models import Parameter
    from ssmm_core.overlay import Candidate, Overlay
    from ssmm_core.secret import SecretValue
    from ssmm_core.store import ParameterReader
    from ssmm_core.store.retry import Budget


class Selection(Record):
    """Which layers: the apps in order, the tags that must all match, and whether the shared namespace counts.

    `allowed` are the loader's, shell's or systemd's variables that the apps may set for themselves.
    """

    root: str
    apps: tuple[str, ...]
    shared: bool = True
    tags: Mapping[str, str] | None = None
    allowed: AbstractSet[str] = frozenset()

    @property
    def layers(self) -> tuple[Layer, ...]:
        """The layers asked for, lowest first. `shared` named as an app is that app, and no second layer."""
        shared = [Layer(SHARED, SHARED)] if self.shared and SHARED not in self.apps else []
        tagged = [tag_layer(self.tags)] if self.tags else []
        return (*shared, *tagged, *(Layer("app", app) for app in self.apps))

    def path(self, layer: Layer) -> str:
        """Where the parameters of a layer are, but for the tags'."""
        return join(self.root, layer.name)


def resolve(store: ParameterReader, selection: Selection, *, decrypt: bool, threads: int, budget: Budget | None = None) -> Overlay:
    """The environment of a selection. Without `decrypt` it is for looking at: SecureStrings carry no value. `budget` is one begun already.

    Raises:
        NotFound: no layer holds any parameter, or a named app has none of its own.
        AccessDenied, KeyUnavailable, TemporaryError, …: a layer could not be read whole. Nothing is delivered in part.
    """
    started = budget or store.budget()

    def fetch(layer: Layer) -> list[Parameter]:
        if layer.kind == "tag":
            return tagged(store, selection, decrypt=decrypt, budget=started)
        return list(store.walk(selection.path(layer), decrypt=decrypt, budget=started))

    layers = selection.layers
    fetched = each(fetch, layers, threads=threads)
    check_present(selection, fetched)
    return resolve_layers(selection.root, list(zip(layers, fetched, strict=True)), selection.allowed)


def check_present(selection: Selection, fetched: Sequence[Sequence[Parameter]]) -> None:
    """Refuse a selection that is mistyped; `fetched` is what its layers hold, in their order.

    Raises:
        NotFound: no layer holds any parameter, or a named app has none of its own.
    """
    layers = selection.layers
    if not any(fetched):
        places = ", ".join(selection.path(layer) if layer.kind != "tag" else str(layer) for layer in layers)
        raise NotFound(f"no parameter in any layer ({places})", hint="Check --prefix and --app, or see `ssmm dirs`.")
    if unknown := [layer.name for layer, found in zip(layers, fetched, strict=True) if layer.kind == "app" and not found]:
        raise unknown_apps(selection.root, unknown)


def resolve_known(selection: Selection, by_app: Mapping[str, Sequence[Parameter]], tagged: Sequence[Parameter]) -> Overlay:
    """The environment of a selection from parameters that are known already, without asking: the same rules, for looking at.

    `by_app` holds each app's parameters (the shared namespace is the app `shared`), `tagged` those that carry the selection's tags.
    """
    layers = selection.layers
    found = [(layer, tagged if layer.kind == "tag" else by_app.get(layer.name, ())) for layer in layers]
    return resolve_layers(selection.root, found, selection.allowed)


def unknown_apps(root: str, apps: Sequence[str]) -> NotFound:
    """The error for apps without a parameter: a name mistyped must not deliver the shared layer alone."""
    dashed = next((app.replace("_", "-") for app in apps if "_" in app), "")
    near = f"Did you mean --app {dashed}? " if dashed else ""
    return NotFound(
        f"no parameter under {', '.join(join(root, app) for app in apps)}",
        hint=f"{near}Check --app and --prefix, or see `ssmm dirs`; `--app shared` is the shared namespace alone.",
    )


def check_strict(resolved: Overlay) -> None:
    """What `--strict` stops: overridden, ambiguous and undeliverable parameters.

    Raises:
        ConflictError: there is one; the message counts them, each was named as a warning.
    """
    problems = [f"{len(resolved.clashes)} conflict(s)"] if resolved.clashes else []
    if resolved.undeliverable:
        problems.append(f"{len(resolved.undeliverable)} undeliverable parameter(s)")
    if problems:
        raise ConflictError(f"{' and '.join(problems)} under --strict", hint="Nothing was delivered; each is named above.")


def environment(resolved: Overlay, *, may_be_empty: bool = False) -> dict[str, SecretValue]:
    """The variables with their values, sorted by name. It `may_be_empty` where all that was asked for by name may be missing.

    Raises:
        NotFound: not one parameter has a name that a variable can have.
        InvalidInput: an app sets a variable of the loader, a shell or systemd, and nobody allowed it.
    """
    if forbidden := [one for one in resolved.undeliverable if is_forbidden(one)]:
        raise InvalidInput(
            "; ".join(f"{one.parameter.name} is refused: {why_not(one)}" for one in forbidden),
            hint=f"Delete it, or allow it: --allow-name {' '.join(distinct(one.variable for one in forbidden))}.",
        )
    if not resolved.variables and not may_be_empty:
        raise NotFound("not one parameter can be delivered as an environment variable", hint="Rename them: letters, digits, '-' and '_'.")
    values: dict[str, SecretValue] = {}
    for variable in resolved.variables:
        value = variable.winner.parameter.value
        assert value is not None, f"{variable.name} was not decrypted"
        values[variable.name] = value
    return values


def remarks(resolved: Overlay) -> list[str]:
    """A sentence on each conflict, with both its sides, and on each parameter that is left out."""
    undeliverable = (f"{one.parameter.name} is not delivered: {why_not(one)}" for one in resolved.undeliverable if not is_forbidden(one))
    return [*(str(clash) for clash in resolved.clashes), *undeliverable]


def why_not(undeliverable: Candidate) -> str:
    """Why a parameter is not delivered."""
    variable = undeliverable.variable
    if undeliverable.obstacle == "steering":
        return f"{variable} steers programs, so only an app itself may set it, not the {undeliverable.layer.kind} layer"
    if undeliverable.obstacle == "protocol":
        shared = "" if undeliverable.layer.kind == "app" else f", and the {undeliverable.layer.kind} layer may never set it"
        return f"{variable} belongs to the loader, a shell or systemd{shared}"
    return f"{variable} cannot be the name of an environment variable"


def is_forbidden(undeliverable: Candidate) -> bool:
    """Whether it is an error, and not only left out: what an app itself sets is meant by those who run it."""
    return undeliverable.obstacle == "protocol" and undeliverable.layer.kind == "app"


def require(names: Iterable[str], present: Iterable[str], why: str = "required", hint: str = "") -> None:
    """Check that the program will have what it needs.

    Raises:
        NotFound: it will not; all that is missing is named.
    """
    if missing := sorted(set(names).difference(present)):
        usual = "Nothing was delivered. See `ssmm why NAME`, or put it."
        raise NotFound(f"{why}, but in no layer: {', '.join(missing)}", hint=hint or usual)


def variables_phrase(resolved: Overlay) -> str:
    """`1 variable`, `10 variables`."""
    count = len(resolved.variables)
    return f"{count} variable{'' if count == 1 else 's'}"


def counts(resolved: Overlay) -> str:
    """`app=10, shared=0, tag=0`: parameters found per layer; several apps as `apps=a:17,b:3`."""
    by_kind: dict[str, int] = {}
    for layer, count in resolved.found:
        by_kind[layer.kind] = by_kind.get(layer.kind, 0) + count
    apps = [(layer.name, count) for layer, count in resolved.found if layer.kind == "app"]
    own = f"app={apps[0][1]}" if len(apps) == 1 else "apps=" + ",".join(f"{name}:{count}" for name, count in apps)
    return f"{own}, shared={by_kind.get(SHARED, 0)}, tag={by_kind.get('tag', 0)}"


def tagged(store: ParameterReader, selection: Selection, *, decrypt: bool, budget: Budget) -> list[Parameter]:
    """Parameters below the root, in any app, that carry all of the selection's tags.

    Raises:
        AccessDenied: they may not be looked for; without them an environment would be short.
        TemporaryError: one of them could not be read.
    """
    try:
        found = store.describe(path=selection.root, tags=selection.tags, budget=budget)
        names = [one.name for one in found if is_below(one.name, selection.root) and split(one.name, selection.root)[0]]
    except AccessDenied as error:
        message = f"--include-tag needs a right that is missing: {error.message}"
        raise AccessDenied(message, action=error.action, resource=error.resource, hint=error.hint) from None
    got = store.get(names, decrypt=decrypt, budget=budget)
    if missing := [name for name in names if name not in got]:
        raise TemporaryError(
            f"{missing[0]} is listed by its tag but cannot be read", hint="It was deleted a moment ago, or is not there yet: try again."
        )
    return list(got.values())
