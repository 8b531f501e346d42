"""How several parameters become one shared one: which of them, from which source, by what way."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar, Literal, Self

from textual.containers import Vertical
from textual.widgets import Static

from ssmm_core.names import SHARED, join
from ssmm_tui.screens.form import Form
from ssmm_tui.shown import is_shared
from ssmm_tui.widgets.candidates import Candidates
from ssmm_tui.widgets.fields import Choice, Field

if TYPE_CHECKING:
    from collections.abc import Iterable

    from textual.app import ComposeResult
    from textual.binding import BindingType

    from ssmm_core.catalogue import Entry
    from ssmm_tui.duplicates import Group
    from ssmm_tui.session import Session

    How = Literal["move", "tag"]


@dataclass(frozen=True)
class Promotion:
    """What `ssmm_core.changes.promotion.plan` is to be asked for: `keep` is one of `names`."""

    names: tuple[str, ...]
    keep: str
    how: How


class PromoteQuestion(Form[Promotion]):
    """Takes all members of a group at first, or the marked ones where some are marked. One without an app cannot take part."""

    BINDINGS: ClassVar[list[BindingType]] = [("enter", "review", "Review")]
    AUTO_FOCUS = "Candidates"

    def __init__(self, session: Session, group: Group, chosen: Promotion | None = None) -> None:
        super().__init__(session)
        self._group = group
        self._members = tuple(entry for entry in group.members if entry.app)
        self._taken = {entry.name for entry in self._members}
        self._taken = set(chosen.names) if chosen else self._taken & session.team.marked or self._taken
        self._source = next((entry for entry in self._chosen if chosen and entry.name == chosen.keep), None) or likely_source(self._chosen)
        self._how: How = chosen.how if chosen else "tag" if self._source.app != SHARED and is_shared(self._source) else "move"

    def again(self) -> Self:
        return type(self)(self.session, self._group, self._answer)

    def compose(self) -> ComposeResult:
        of_one_variable = len({entry.variable for entry in self._members}) == 1
        what = self._members[0].variable if of_one_variable else f"{len(self._members)} equal values"
        with Vertical(classes="dialog"):
            yield Static(f"Promote {what}", classes="dialog-title", markup=False)
            yield Candidates(self._members)
            yield Field("How", Choice({"move": "Move to shared", "tag": "Tag shared=true"}, self._how, id="how"))
            yield Static(id="promote-means", markup=False)
            yield Static("Space takes or leaves a parameter, s makes it the source.", classes="hint")
            yield from self.compose_end()

    def on_mount(self) -> None:
        self._draw()

    @property
    def _chosen(self) -> list[Entry]:
        return [entry for entry in self._members if entry.name in self._taken]

    @property
    def _answer(self) -> Promotion:
        return Promotion(tuple(entry.name for entry in self._chosen), self._source.name, self._how)

    def _draw(self) -> None:
        root, source = self.session.team.root, self._source
        place, target = f"{source.app}/{source.key}", f"{SHARED}/{source.key}"
        stays = join(root, SHARED, source.key) if self._how == "move" else source.name
        if self._how == "tag":
            means = f"{place} stays and is tagged shared=true. Only deliveries with --include-tag shared=true receive it."
        elif place == target:
            means = f"{place} stays as it is. Every app receives it, unless it has its own."
        else:
            means = f"{place} becomes {target}. Every app receives it, unless it has its own."
        going = len(self._taken - {stays})
        self.query_one(Candidates).show(self._taken, source.name)
        text = f"{means}\n{going} parameter{' is' if going == 1 else 's are'} deleted, with a backup."
        self.query_one("#promote-means", Static).update(text)

    # What a person chooses

    def on_candidates_take_toggled(self, event: Candidates.TakeToggled) -> None:
        self._taken ^= {event.entry.name}
        if self._taken and self._source.name not in self._taken:
            self._source = likely_source(self._chosen)
        self.say("" if self._taken else "Take one parameter at least.")
        self._draw()

    def on_candidates_source_chosen(self, event: Candidates.SourceChosen) -> None:
        self._taken |= {event.entry.name}
        self._source = event.entry
        self.say("")
        self._draw()

    def on_choice_changed(self) -> None:
        self._how = "tag" if self.query_one("#how", Choice).chosen == "tag" else "move"
        self._draw()

    def action_review(self) -> None:
        if self._taken:
            self.dismiss(self._answer)


def likely_source(entries: Iterable[Entry]) -> Entry:
    """The one in the shared namespace, else one that is tagged, else any: of several the newest, and no finding if that can be helped."""
    return max(entries, key=lambda entry: (entry.app == SHARED, is_shared(entry), not entry.finding, entry.last_modified or 0.0))
