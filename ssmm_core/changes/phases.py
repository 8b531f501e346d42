"""The phases that several kinds of change are made of: an operation's own plan, and what undoing each of its steps takes."""

from __future__ import annotations

from ssmm_core.changes import Deed, Phase
from ssmm_core.operations import migrate, restore, tagging

TYPE_CHECKING = False
if TYPE_CHECKING:
    import threading
    from collections.abc import Sequence

    from ssmm_core.changes import Access, OnStep
    from ssmm_core.operations.migrate import MigratePlan
    from ssmm_core.operations.outcome import Outcome
    from ssmm_core.operations.restore import RestoreStep
    from ssmm_core.operations.snapshot import Snapshot
    from ssmm_core.operations.tagging import TagPlan, TagStep


def tag(access: Access, made: TagPlan) -> Phase:
    """Change tags alone."""

    def run(stop: threading.Event, on_step: OnStep) -> Outcome:
        return tagging.apply(access.store, made, threads=access.settings.write_concurrency, stop=stop, on_step=on_step)

    return Phase(tuple(step.name for step in made.work), run, tuple(Deed(step.name, tags=step) for step in made.work))


def make_like(access: Access, steps: Sequence[tuple[RestoreStep, Snapshot | None]]) -> Phase:
    """Make parameters as snapshots have them. Beside each step is what stands there, None where nothing does."""
    made = restore.RestorePlan(tuple(step for step, _ in steps))

    def run(stop: threading.Event, on_step: OnStep) -> Outcome:
        return restore.apply(access.store, made, threads=access.settings.write_concurrency, stop=stop, on_step=on_step)

    deeds = tuple(Deed(step.name, before, step.request, step.tags) for step, before in steps)
    return Phase(tuple(step.name for step in made.steps), run, deeds)


def copy(access: Access, made: MigratePlan) -> Phase:
    """Copy parameters, and read each copy back."""

    def run(stop: threading.Event, on_step: OnStep) -> Outcome:
        return migrate.apply(access.store, made, threads=access.settings.write_concurrency, stop=stop, on_step=on_step)

    deeds = tuple(Deed(step.target, step.present, step.request, step.tagging if step.present else None) for step in made.work)
    return Phase(tuple(step.target for step in made.work), run, deeds)


def tag_words(step: TagStep) -> str:
    """`tag owner=backend added; tag env=prod instead of dev; tag old removed`."""
    present = step.present
    words = [f"tag {key}={value} " + (f"instead of {present[key]}" if key in present else "added") for key, value in step.add.items()]
    return "; ".join([*words, *(f"tag {key} removed" for key in step.remove)])
