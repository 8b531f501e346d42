"""What `sync`, `exec` and `why` have in common on the command line."""

from __future__ import annotations

from ssmm_core.operations.deliver import Selection, check_strict, environment, remarks, resolve
from ssmm_core.tags import tag_pairs

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
    for sentence in remarks(resolved):
        context.say.warning(sentence)
