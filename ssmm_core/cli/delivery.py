"""What `sync`, `exec` and `why` have in common on the command line."""

from __future__ import annotations

from ssmm_core.cli.values import tag_pairs
from ssmm_core.names import SHARED
from ssmm_core.operations.deliver import Selection, check_strict, environment, resolve

TYPE_CHECKING = False
if TYPE_CHECKING:
    from ssmm_core.cli.context import Context
    from ssmm_core.overlay import Overlay
    from ssmm_core.secret import SecretValue


def selection(context: Context) -> Selection:
    """The layers that the options ask for."""
    options = context.options
    return Selection(root=context.root, apps=context.apps, shared=not options.no_shared, tags=tag_pairs(options.include_tag))


def deliver(context: Context, *, strict: bool) -> tuple[Overlay, dict[str, SecretValue]]:
    """The resolved layers and the environment, with every conflict and undeliverable name said.

    Raises:
        ConflictError: there is one, and `strict`.
    """
    chosen = selection(context)
    resolved = resolve(context.store, chosen, decrypt=True, threads=context.settings.read_concurrency)
    warn(context, resolved)
    if strict:
        check_strict(resolved)
    return resolved, environment(resolved)


def warn(context: Context, resolved: Overlay) -> None:
    """Name both sides of each conflict, and each parameter that cannot be delivered."""
    for clash in resolved.clashes:
        context.say.warning(str(clash))
    for one in resolved.undeliverable:
        context.say.warning(f"{one.parameter.name} is not delivered: {one.variable} cannot be the name of an environment variable")


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
