"""Add and remove tags on one parameter or many."""

from __future__ import annotations

from ssmm_core.changes import Change, Line, count, phases
from ssmm_core.operations import tagging
from ssmm_core.promotion import SHARED_TAG

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Collection, Mapping, Sequence

    from ssmm_core.changes import Access


def plan(access: Access, names: Sequence[str], *, add: Mapping[str, str], remove: Collection[str]) -> Change:
    """Add or change some tags and remove others, on all of `names`.

    Raises:
        UsageError: a tag is malformed or reserved.
        InvalidInput: a parameter would have too many.
        NotFound: a parameter is gone.
    """
    made = tagging.plan(access.store, names, add=add, remove=remove, threads=access.settings.read_concurrency)
    return Change(
        access,
        f"Tag {count(made.work)}",
        [Line("~" if step.is_needed else "=", step.name, phases.tag_words(step) or "has these tags already") for step in made.steps],
        again=lambda left: plan(access, [name for name in names if name in left], add=add, remove=remove),
        phases=[phases.tag(access, made)],
    )


def plan_shared(access: Access, names: Sequence[str]) -> Change:
    """Add `shared=true`, or remove it where all have exactly that."""
    tags = tagging.read(access.store, names, threads=access.settings.read_concurrency)
    if all(SHARED_TAG.items() <= its.items() for its in tags.values()):
        return plan(access, names, add={}, remove=SHARED_TAG)
    return plan(access, names, add=SHARED_TAG, remove=[])
