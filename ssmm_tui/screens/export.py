"""To which file an environment is written, and how."""

from __future__ import annotations

import os
from dataclasses import dataclass
from typing import TYPE_CHECKING

from textual.containers import Vertical
from textual.widgets import Input, Static

from ssmm_core.changes.export import ExportIntent, check_path
from ssmm_core.envfile import DEFAULT_FORMAT
from ssmm_core.errors import SettingsError
from ssmm_core.visible import visible
from ssmm_tui.environment_text import layers_text
from ssmm_tui.screens.form import Form
from ssmm_tui.widgets.fields import Choice, Field
from ssmm_tui.widgets.path_suggester import PathSuggester

if TYPE_CHECKING:
    from typing import Self

    from textual.app import ComposeResult

    from ssmm_core.operations.deliver import Selection
    from ssmm_tui.session import Session

STRICT = "strict"
OFFERED = (DEFAULT_FORMAT, "json")
"""The formats that one line has room for; `sync --format` writes them all."""


@dataclass(frozen=True)
class Filled:
    """What the fields hold."""

    path: str = "./.env"
    file_format: str = DEFAULT_FORMAT
    strict: str = ""


class ExportQuestion(Form[ExportIntent | None]):
    """Answers with what is to be written; nothing is read before the plan."""

    def __init__(self, session: Session, selection: Selection, filled: Filled | None = None) -> None:
        super().__init__(session)
        self._selection = selection
        self._filled = filled or Filled()

    def again(self) -> Self:
        return type(self)(self.session, self._selection, self._filled)

    def compose(self) -> ComposeResult:
        filled = self._filled
        with Vertical(classes="dialog"):
            yield Static("Export the environment to a file", classes="dialog-title")
            yield Field("Layers", Static(layers_text(self._selection, hint=False), markup=False))
            yield Field("File", Input(filled.path, placeholder="path, ~ is your home", suggester=PathSuggester(), id="path", compact=True))
            yield Static(id="whole-path", classes="hint field-note", markup=False)
            yield Field("Format", Choice({name: name for name in OFFERED}, filled.file_format, id="format"))
            words = {"": "Write the winners", STRICT: "Refuse to write"}
            yield Field("Conflicts", Choice(words, filled.strict, id="strict"))
            yield Static("Values are decrypted to be written, and not shown.", classes="hint")
            yield from self.compose_end()

    def on_mount(self) -> None:
        super().on_mount()
        self._say_where()

    def on_input_changed(self) -> None:
        self.say("")
        self._say_where()

    def on_input_submitted(self) -> None:
        self.action_review()

    def action_review(self) -> None:
        self._filled = Filled(
            self.query_one("#path", Input).value, self.query_one("#format", Choice).chosen, self.query_one("#strict", Choice).chosen
        )
        path = self._path
        try:
            check_path(path)
        except SettingsError as error:
            self.say(str(error))
            self.query_one("#path").focus()
            return
        self.dismiss(ExportIntent(self._selection, path, self._filled.file_format, self._filled.strict == STRICT))

    @property
    def _path(self) -> str:
        return os.path.expanduser(self.query_one("#path", Input).value.strip())

    def _say_where(self) -> None:
        self.show("#whole-path", visible(os.path.abspath(self._path)) if self._path else "")
