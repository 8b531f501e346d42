"""Look at a namespace: list, count, show. Nothing is decrypted unless it is asked for."""

from __future__ import annotations

from ssmm_core.errors import AccessDenied, NotFound
from ssmm_core.names import full_name, join, key_spellings, split
from ssmm_core.operations.deliver import unknown_apps
from ssmm_core.parallel import each
from ssmm_core.record import Record

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from ssmm_core.models import Parameter, ParameterMetadata
    from ssmm_core.store import ParameterReader, ParameterStore
    from ssmm_core.store.retry import Budget


class Listing(Record):
    """Parameters sorted by name; `warnings` say how the view is poorer than it could be."""

    parameters: tuple[Parameter, ...]
    warnings: tuple[str, ...] = ()


class AppSummary(Record):
    """One app: how many parameters, how many of them SecureString, and the last change in seconds since the epoch."""

    app: str
    total: int
    secure: int
    last_modified: float | None


class Shown(Record):
    """One parameter with what else could be learnt of it; None where a right was missing, which `warnings` then name."""

    parameter: Parameter
    metadata: ParameterMetadata | None = None
    tags: Mapping[str, str] | None = None
    warnings: tuple[str, ...] = ()


def list_parameters(
    store: ParameterStore, root: str, apps: Sequence[str], *, tags: Mapping[str, str], decrypt: bool, threads: int
) -> Listing:
    """The parameters of some apps, or of all below the root where none is named, that carry all of `tags`.

    Raises:
        NotFound: a named app has no parameter.
    """
    budget = store.budget()
    paths = [join(root, app) for app in apps] or [root]
    walks = each(lambda path: list(store.walk(path, decrypt=decrypt and not tags, budget=budget)), paths, threads=threads)
    if unknown := [app for app, walked in zip(apps, walks, strict=False) if not walked]:
        raise unknown_apps(root, unknown)
    found = {one.name: one for walked in walks for one in walked}
    warnings: tuple[str, ...] = ()
    if tags and found:
        names, warnings = _tagged(store, root, tuple(found), tags, budget, threads)
        chosen = store.get(sorted(names), decrypt=True, budget=budget) if decrypt else found
        found = {name: chosen[name] for name in names if name in chosen}
    return Listing(tuple(found[name] for name in sorted(found)), warnings)


def summarize(store: ParameterStore, root: str) -> tuple[AppSummary, ...]:
    """Every app below the root, sorted by name. Parameters directly below it count under the app ``''``."""
    groups: dict[str, list[Parameter]] = {}
    for one in store.walk(root, decrypt=False, budget=store.budget()):
        groups.setdefault(split(one.name, root)[0], []).append(one)
    return tuple(
        AppSummary(
            app=app,
            total=len(members),
            secure=sum(one.is_secure for one in members),
            last_modified=max((one.last_modified for one in members if one.last_modified is not None), default=None),
        )
        for app, members in sorted(groups.items())
    )


def locate(store: ParameterReader, root: str, app: str, key: str, *, decrypt: bool, budget: Budget) -> Parameter:
    """The parameter that a person meant by `key`: a full name, a key of the app, or an environment name.

    Raises:
        NotFound: there is none under any of these spellings.
    """
    names = [full_name(root, app, spelling) for spelling in key_spellings(key)]
    found = store.get(names, decrypt=decrypt, budget=budget)
    for name in names:
        if name in found:
            return found[name]
    raise NotFound(f"there is no parameter {names[-1]}", hint="See `ssmm list --keys-only`, or `ssmm why` for the other layers.")


def show(store: ParameterReader, root: str, app: str, key: str, *, selector: str) -> Parameter:
    """One parameter, decrypted. `selector` is a version number or a label, or empty for the newest."""
    budget = store.budget()
    parameter = locate(store, root, app, key, decrypt=not selector, budget=budget)
    return store.get_version(parameter.name, selector, decrypt=True, budget=budget) if selector else parameter


def details(store: ParameterStore, parameter: Parameter) -> Shown:
    """The parameter with its metadata and tags, as far as this identity may read them."""
    budget = store.budget()
    metadata: ParameterMetadata | None = None
    tags: Mapping[str, str] | None = None
    warnings = []
    try:
        metadata = next(iter(store.describe(names=[parameter.name], budget=budget)), None)
    except AccessDenied as error:
        warnings.append(f"its metadata is not known: {error.message}")
    try:
        tags = store.tags(parameter.name, budget=budget)
    except AccessDenied as error:
        warnings.append(f"its tags are not known: {error.message}")
    return Shown(parameter, metadata, tags, tuple(warnings))


def _tagged(
    store: ParameterStore, root: str, names: Sequence[str], tags: Mapping[str, str], budget: Budget, threads: int
) -> tuple[set[str], tuple[str, ...]]:
    """The names that carry all tags. Where describing is not allowed, tags are read one by one: slower, and said."""
    try:
        return {one.name for one in store.describe(path=root, tags=tags, budget=budget)} & set(names), ()
    except AccessDenied as error:
        warning = f"tags are read one by one: {error.message}"
    listed = each(lambda name: store.tags(name, budget=budget), names, threads=threads)
    chosen = {name for name, its in zip(names, listed, strict=True) if all(its.get(key) == value for key, value in tags.items())}
    return chosen, (warning,)
