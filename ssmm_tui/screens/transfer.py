"""Copy or move parameters to another app: where to, and what that makes of their names."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Self

from rich.text import Text
from textual.containers import Vertical, VerticalScroll
from textual.suggester import SuggestFromList
from textual.widgets import Input, Static

from ssmm_core.changes import transfer
from ssmm_core.errors import SettingsError
from ssmm_core.visible import visible
from ssmm_tui.screens.form import Form
from ssmm_tui.shown import some
from ssmm_tui.widgets.fields import Choice, Field

if TYPE_CHECKING:
    from collections.abc import Mapping

    from textual.app import ComposeResult

    from ssmm_tui.session import Session

PREVIEWED = 10
MOVE, COPY, REPLACE, REFUSE = "move", "copy", "replace", "refuse"


@dataclass(frozen=True)
class Transfer:
    """Where each parameter goes, by its name now; `to` is what was typed."""

    targets: Mapping[str, str] = field(default_factory=dict)
    move: bool = False
    overwrite: bool = False
    to: str = ""


class TransferQuestion(Form[Transfer]):
    """Shows the names to be while the target is typed."""

    AUTO_FOCUS = "#to"

    def __init__(self, session: Session, names: tuple[str, ...], typed: Transfer | None = None) -> None:
        super().__init__(session)
        self._names = names
        self._typed = typed or Transfer()

    def again(self) -> Self:
        return type(self)(self.session, self._names, self._typed)

    def compose(self) -> ComposeResult:
        count = len(self._names)
        with Vertical(classes="dialog"):
            subject = self._names[0] if count == 1 else f"{count} parameters"
            yield Static(f"Copy or move {subject}", classes="dialog-title", markup=False)
            with VerticalScroll(classes="form-body", can_focus=False):
                yield from self._fields()
            yield from self.compose_end()

    def _fields(self) -> ComposeResult:
        typed = self._typed
        yield Field("How", Choice({COPY: "Copy", MOVE: "Move"}, MOVE if typed.move else COPY, id="how"))
        apps = SuggestFromList(self.session.team.apps, case_sensitive=False)
        to = Input(typed.to, placeholder="app, or /other-team/app", suggester=apps, id="to", compact=True)
        yield Field("To", to, Static(id="apps", classes="hint", markup=False))
        standing = {REFUSE: "Refuse if anything else stands there", REPLACE: "Replace it"}
        yield Field("Existing", Choice(standing, REPLACE if typed.overwrite else REFUSE, id="existing"))
        yield Static(id="preview", markup=False)

    def on_mount(self) -> None:
        self._draw()

    def on_input_changed(self) -> None:
        self._draw()

    def on_input_submitted(self) -> None:
        self.action_review()

    def action_review(self) -> None:
        to = self.query_one("#to", Input)
        if targets := self._targets():
            how, existing = self.query_one("#how", Choice).chosen, self.query_one("#existing", Choice).chosen
            self._typed = Transfer(targets, how == MOVE, existing == REPLACE, to.value)
            self.dismiss(self._typed)
            return
        if not to.value.strip():
            self.say("Name the app that they go to.")
        to.focus()

    def _targets(self) -> dict[str, str]:
        """Where each parameter goes; empty, and said why, where that cannot be."""
        session, to = self.session, self.query_one("#to", Input).value.strip()
        self.say("")
        if not to:
            return {}
        try:
            return transfer.into(self._names, to, root=session.team.root, region=session.store.region)
        except SettingsError as error:
            self.say(str(error))
        return {}

    def _draw(self) -> None:
        begun = self.query_one("#to", Input).value.strip().lower()
        apps = [app for app in self.session.team.apps if app.startswith(begun) and app != begun]
        self.show("#apps", f"→ completes: {some(apps)}" if apps else "")
        targets = self._targets()
        self.show("#preview", self._preview(targets) if targets else "")

    def _preview(self, targets: Mapping[str, str]) -> Text:
        known = self.session.team.entries
        standing = sum(target in known for target in targets.values())
        text = Text(f"{len(targets)} name{'' if len(targets) == 1 else 's'}", no_wrap=True, overflow="ellipsis")
        text.append(f", {standing} of which {'stands' if standing == 1 else 'stand'} already" if standing else "")
        text.append(f"; the first {PREVIEWED}:" if len(targets) > PREVIEWED else "")
        for target in list(targets.values())[:PREVIEWED]:
            text.append("\n! " if target in known else "\n+ ").append(visible(target))
            text.append("  stands already" if target in known else "", "bold")
        return text
