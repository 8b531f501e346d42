"""Which apps make an environment, in which order."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from rich.text import Text
from textual.binding import Binding
from textual.widgets import Input

from ssmm_core.visible import visible
from ssmm_tui.screens.list_question import ListQuestion

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from textual.binding import BindingType

    from ssmm_tui.session import Session


class NarrowField(Input):
    """Leaves the space bar to the list; no app has a blank in its name."""

    def check_consume_key(self, key: str, character: str | None) -> bool:
        return key != "space" and super().check_consume_key(key, character)


class AppsQuestion(ListQuestion[tuple[str, ...] | None]):
    """Answers with apps in their order, of which a later one wins. Who types a name and chooses nothing means just that app."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("space", "choose", priority=True, show=False),
        Binding("shift+up", "shift(-1)", priority=True, show=False),
        Binding("shift+down", "shift(1)", priority=True, show=False),
    ]
    title_text = "Apps, in their order"
    placeholder = "type to narrow"
    keys = ("Space chooses, or no longer; ↑ ↓ move.", "Shift+↑ and Shift+↓ change the place in the order: a later one wins.")

    def __init__(self, session: Session, chosen: Sequence[str]) -> None:
        super().__init__(session)
        self._chosen = [app for app in chosen if app in session.team.apps]
        self._touched = False

    def on_mount(self) -> None:
        super().on_mount()
        if self._chosen:
            self.highlight(self._chosen[-1])

    def field(self) -> Input:
        return NarrowField(placeholder=self.placeholder, compact=True)

    def rows(self) -> Iterable[tuple[str, Text]]:
        team = self.session.team
        for app in team.apps:
            if self.typed.strip().lower() in app.lower():
                place = str(self._chosen.index(app) + 1) if app in self._chosen else ""
                text = Text(f"{place:>2}  ", style="bold", no_wrap=True, overflow="ellipsis")
                text.append(visible(app), style="bold" if place else "not bold")
                yield app, text.append(f"  {len(team.by_app[app])}", style="not bold dim")

    @property
    def _answer(self) -> tuple[str, ...]:
        if self.typed.strip() and not self._touched and self.highlighted:
            return (self.highlighted,)
        return tuple(self._chosen)

    def answer_text(self) -> str:
        answer = self._answer
        if not answer:
            return "✗ No app is chosen."
        return f"→ {visible(', '.join(answer))}" + ("; the last one wins" if len(answer) > 1 else "")

    def action_choose(self) -> None:
        if app := self.highlighted:
            self._touched = True
            if app in self._chosen:
                self._chosen.remove(app)
            else:
                self._chosen.append(app)
            self.draw()

    def action_shift(self, places: int) -> None:
        app = self.highlighted
        if app not in self._chosen:
            return
        self._touched = True
        at = self._chosen.index(app)
        self._chosen.remove(app)
        self._chosen.insert(max(0, at + places), app)
        self.draw()

    def pick(self, row: str) -> None:
        self.highlight(row)
        self.action_choose()

    def action_accept(self) -> None:
        if answer := self._answer:
            self.dismiss(answer)
