"""A change as a person reviews it: shown whole before anything is written, carried out in steps, and taken back by another one.

Each module plans one kind of change. What carries it out are the operations that the command line has, too.
"""

from __future__ import annotations

import os
from contextlib import suppress

from ssmm_core.errors import SsmmError, TemporaryError
from ssmm_core.operations import backup, delete, snapshot
from ssmm_core.operations.outcome import Outcome, StepResult
from ssmm_core.record import Record

TYPE_CHECKING = False
if TYPE_CHECKING:
    import threading
    from collections.abc import Callable, Collection, Mapping, Sequence
    from typing import Literal

    from ssmm_core.changes.undo import Done
    from ssmm_core.models import PutRequest
    from ssmm_core.operations.delete import Objections
    from ssmm_core.operations.snapshot import Snapshot
    from ssmm_core.operations.tagging import TagStep
    from ssmm_core.operations.write import Seen
    from ssmm_core.secret import SecretValue
    from ssmm_core.settings import Settings
    from ssmm_core.store import ParameterStore

    OnStep = Callable[[StepResult], None]
    Run = Callable[[threading.Event, OnStep], Outcome]
    Values = tuple[tuple[str, SecretValue | None, SecretValue | None], ...]


class Access(Record):
    """What plans are made with and carried out by."""

    store: ParameterStore
    settings: Settings

    def take(self, names: Collection[str], *, labels: bool = False) -> dict[str, Snapshot]:
        """Snapshots of those among `names` that stand; see `snapshot.take`."""
        budget = self.store.budget()
        return snapshot.take(self.store, list(names), labels=labels, budget=budget, threads=self.settings.read_concurrency)


class Line(Record):
    """One line of a plan: `+` creates, `~` changes, `-` deletes, `=` stays. `name` is that of the step that will report on it."""

    sign: Literal["+", "~", "-", "="]
    name: str
    what: str
    notes: tuple[str, ...] = ()


class Deed(Record):
    """What one step is to do to one parameter, with what undoing it takes.

    `request` writes its value, over `before` if it stands; `tags` changes the tags of one that stands. One with neither is deleted.
    """

    name: str
    before: Snapshot | None = None
    request: PutRequest | None = None
    tags: TagStep | None = None


class Phase(Record):
    """Steps that `run` carries out together. `names` are those of their results; a step without a deed cannot be undone."""

    names: tuple[str, ...]
    run: Run
    deeds: tuple[Deed, ...]


class Deletion(Record):
    """What goes at the end, if it still is as it was `seen` and nothing objects. The backup also holds what lies `beside` it.

    `kind` is a part of the backup's file name.
    """

    seen: Mapping[str, Seen]
    kind: str
    objections: Objections | None = None
    beside: tuple[str, ...] = ()


class Change:
    """A plan that a person reviews and lets happen, once.

    No text of it holds a value; `values` are (name, before, after), to be shown only to somebody who asks. Where `confirmation` is not
    empty it must be typed, for the `reasons` given. After `apply`, `backup` is the path of what was written before anything was
    destroyed, or empty, and `written` are the parameters to be read again.
    """

    earlier: Change | None = None
    """The change that this one is a retry of."""

    def __init__(
        self,
        access: Access,
        title: str,
        lines: Sequence[Line],
        *,
        again: Callable[[frozenset[str]], Change],
        phases: Sequence[Phase] = (),
        deletion: Deletion | None = None,
        warnings: Sequence[str] = (),
        confirmation: str = "",
        reasons: Sequence[str] = (),
        values: Values = (),
    ) -> None:
        """The phases run in their order, then the deletion, each only if all before it is done. `again` plans anew for some names."""
        self.title = title
        self.lines = tuple(lines)
        self.warnings = tuple(warnings)
        self.confirmation = confirmation
        self.reasons = tuple(reasons)
        self.values = values
        self.backup = ""
        self.written: frozenset[str] = frozenset()
        self._access = access
        self._again = again
        self._phases = tuple(phases)
        self._deletion = deletion
        self._deleted: dict[str, Snapshot] = {}
        self._outcome = Outcome()
        self._done: tuple[Done, ...] | None = ()

    @property
    def is_empty(self) -> bool:
        """Whether everything is already as it would be."""
        return all(line.sign == "=" for line in self.lines)

    @property
    def can_be_undone(self) -> bool:
        """Whether there may be anything to take back after `apply`."""
        return self._done != () or (self.earlier is not None and self.earlier.can_be_undone)

    def apply(self, *, stop: threading.Event, on_step: OnStep | None = None) -> Outcome:
        """Carry it out: each step is checked against what stands right before it is written; what is not done is named, with its reason.

        `stop` ends it after the steps under way. `on_step` is called for each step as it ends, also from other threads.

        Raises:
            SsmmError: the backup could not be written; nothing was changed.
        """
        report = on_step if on_step is not None else _nobody
        phases = [*self._phases, *self._deleting()]
        results = [StepResult(line.name, "unchanged") for line in self.lines if line.sign == "="]
        for result in results:
            report(result)
        interrupted = False
        for phase in phases:
            if any(result.status in ("failed", "undone") for result in results):
                results += [StepResult(name, "undone") for name in phase.names]
                continue
            ended = phase.run(stop, report)
            results += ended.results
            interrupted |= ended.interrupted
        self._outcome = Outcome(tuple(results), interrupted)
        self.written = frozenset(result.name for result in results if result.status in ("done", "failed"))
        self._done = None if self._deeds else ()
        if not any(isinstance(result.error, TemporaryError) for result in results):
            with suppress(SsmmError):  # what was done is told already; how it can be undone is looked up again when somebody asks
                self.settle()
        return self._outcome

    def retry(self, outcome: Outcome) -> Change:
        """A new plan, from what stands now, for what failed or was not begun. Undoing it takes back what this one did, too.

        Raises:
            SsmmError: it cannot be planned (any more).
        """
        again = self._again(frozenset(outcome.named("failed") + outcome.named("undone")))
        again.earlier = self
        return again

    def undo(self) -> Change | None:
        """A plan that takes back what `apply` did, and refuses each step where somebody changed something since. None: nothing was done.

        What was done before a retry belongs to it.

        Raises:
            SsmmError: what was done could not be looked up.
        """
        from ssmm_core.changes import undo  # which is built of these classes

        done = self.settle()
        return undo.plan(self._access, undo.title_of(self.title), done) if done else None

    @property
    def _deeds(self) -> tuple[Deed, ...]:
        return (*(deed for phase in self._phases for deed in phase.deeds), *(Deed(name, before) for name, before in self._deleted.items()))

    def settle(self) -> tuple[Done, ...]:
        """What was done by this change and those that it is a retry of."""
        from ssmm_core.changes import undo

        done = self.done_here()
        return undo.together(self.earlier.settle(), done) if self.earlier is not None else done

    def done_here(self) -> tuple[Done, ...]:
        """What was done by this change alone, as it stood when it was first looked at."""
        from ssmm_core.changes import undo

        if self._done is None:
            self._done = undo.settle(self._access.store, self._deeds, self._outcome)
        return self._done

    def _deleting(self) -> tuple[Phase, ...]:
        """Write the backup, after which the deletion may run."""
        going = self._deletion
        if going is None:
            return ()
        store, settings = self._access.store, self._access.settings
        held = self._access.take([*going.seen, *going.beside], labels=True)
        if snapshots := list(held.values()):
            self.backup = backup.write(snapshots, state_directory=settings.state_directory, kind=going.kind, region=store.region)
        self._deleted = {name: held[name] for name in going.seen if name in held}

        def run(stop: threading.Event, on_step: OnStep) -> Outcome:
            ended = delete.apply(
                store, going.seen, threads=settings.write_concurrency, objections=going.objections, stop=stop, on_step=on_step
            )
            with suppress(OSError):
                os.utime(self.backup)  # when the deletion ended: `restore` counts its wait from here
            return ended

        return (Phase(tuple(sorted(going.seen)), run, ()),)


def count(names: Collection[object]) -> str:
    """`1 parameter`, `3 parameters`."""
    return f"{len(names)} parameter{'' if len(names) == 1 else 's'}"


def _nobody(_result: StepResult) -> None:
    """Nobody listens."""
