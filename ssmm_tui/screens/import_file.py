"""Put the variables of a .env file into an app."""

from __future__ import annotations

import os
from dataclasses import dataclass
from typing import TYPE_CHECKING, Self

from textual.containers import Vertical, VerticalScroll
from textual.suggester import SuggestFromList
from textual.widgets import Button, Input, Static

from ssmm_core.classify import TypeRules
from ssmm_core.errors import InvalidInput, SettingsError, UsageError
from ssmm_core.names import app_name
from ssmm_core.operations import env_file
from ssmm_core.operations.put import PutIntent, renames
from ssmm_core.tag_hints import near_misses
from ssmm_core.visible import visible
from ssmm_tui import tag_words
from ssmm_tui.screens.form import Form
from ssmm_tui.shown import some
from ssmm_tui.tag_changes import in_use
from ssmm_tui.widgets.fields import Choice, Field
from ssmm_tui.widgets.path_suggester import PathSuggester
from ssmm_tui.workers import in_thread, start

if TYPE_CHECKING:
    from collections.abc import Sequence

    from textual.app import ComposeResult

    from ssmm_core.operations.env_file import EnvFile
    from ssmm_tui.session import Session

YES, NO = "yes", "no"
CHOICES = ("overwrite", "overwrite-type", "accept-renames")
NOT_READ = "Enter reads it; its values are not shown."


@dataclass(frozen=True)
class Filled:
    """What the form holds."""

    path: str = ""
    app: str = ""
    tags: str = ""
    overwrite: str = YES
    overwrite_type: str = NO
    accept_renames: str = NO


class ImportQuestion(Form[PutIntent]):
    """The file is read when its path was typed, and once more for the answer. No value of it is shown."""

    AUTO_FOCUS = "#path"

    def __init__(self, session: Session, app: str, filled: Filled | None = None) -> None:
        super().__init__(session)
        self._app = app
        self._filled = filled or Filled(app=app)
        self._file: EnvFile | None = None
        self._read_from = ""
        self._known = in_use(session.team.entries.values())

    def again(self) -> Self:
        return type(self)(self.session, self._filled.app, self._filled)

    @property
    def is_touched(self) -> bool:
        return self._now() != Filled(app=self._app)

    def compose(self) -> ComposeResult:
        with Vertical(classes="dialog"):
            yield Static("Import a .env file", classes="dialog-title")
            with VerticalScroll(classes="form-body", can_focus=False):
                yield from self._fields(self._filled)
            yield from self.compose_end()

    def _fields(self, filled: Filled) -> ComposeResult:
        apps, tags = SuggestFromList(self.session.team.apps), SuggestFromList(map("=".join, self._known), case_sensitive=False)
        path = Input(filled.path, placeholder="path, ~ is your home", suggester=PathSuggester(), id="path", compact=True)
        yield Field("File", path, Static(NOT_READ, id="found", classes="hint", markup=False))
        yield Field("App", Input(filled.app, placeholder="the app that they are for", suggester=apps, id="app", compact=True))
        tagged = Input(filled.tags, placeholder="key=value key=value, besides app", suggester=tags, id="tags", compact=True)
        yield Field("Tags", tagged, Static(id="tag-notes", classes="hint", markup=False))
        values = {YES: "Overwrite what stands", NO: "Refuse where another stands"}
        yield Field("Values", Choice(values, filled.overwrite, id="overwrite"))
        types = {NO: "Keep those that stand", YES: "As a new parameter would get"}
        yield Field("Types", Choice(types, filled.overwrite_type, id="overwrite-type"))
        renamed = {NO: "Refuse", YES: "Accept the names that come back"}
        yield Field("Renames", Choice(renamed, filled.accept_renames, id="accept-renames"), id="renames")

    def on_mount(self) -> None:
        self.query_one("#renames").display = False
        self.show("#tag-notes", "")
        if self._filled.path:
            self._read_soon()

    # The file

    def on_input_blurred(self, event: Input.Blurred) -> None:
        if event.input.id == "path" and event.value and event.value != self._read_from:
            self._read_soon()

    def on_input_submitted(self, event: Input.Submitted) -> None:
        if event.input.id == "path":
            start(self, self._read_and_go_on(), name="read the file", exclusive=True)
        else:
            self.action_review()

    def _read_soon(self) -> None:
        start(self, self._read(), name="read the file", exclusive=True)

    async def _read_and_go_on(self) -> None:
        await self._read()
        if self._file is not None:
            self.query_one("#review", Button).focus()

    async def _read(self) -> None:
        """Read the file that is named now, and say what it holds or why it cannot be read."""
        typed = self.query_one("#path", Input).value.strip()
        self._file, self._read_from = None, typed
        self.say("")
        try:
            if not typed:
                raise InvalidInput("The path of a file is missing.")
            self._file = await in_thread(lambda: env_file.read(os.path.expanduser(typed)))
        except InvalidInput as error:
            self.say(str(error))
        self._tell()

    def _tell(self) -> None:
        """Say what the file holds, by number and names."""
        file = self._file
        said = [NOT_READ] if file is None else []
        renamed = renames(file.variables) if file is not None else {}
        if file is not None:
            said.append(f"✓ {len(file.variables)} variable{'' if len(file.variables) == 1 else 's'}")
            if file.empty:
                said.append(f"Empty, so left out: {some(file.empty)}. What is stored for them stays.")
            if renamed:
                said.append(f"Come back under another name: {some([f'{one} → {later}' for one, later in renamed.items()])}.")
        self.query_one("#renames").display = bool(renamed)
        self.show("#found", "\n".join(map(visible, said)))

    # Tags

    def on_input_changed(self, event: Input.Changed) -> None:
        if event.input.id == "path" and event.value != self._read_from:
            self._file = None
            self._tell()
        elif event.input.id == "tags":
            self._judge_tags(event.value)

    def _judge_tags(self, text: str) -> None:
        """Say what is to be said of the tags that are typed so far; the last one may still be half a word."""
        before, _, last = text.rpartition(" ")
        try:
            notes: Sequence[str] = near_misses(tag_words.parsed(text if "=" in last else before), self._known)
        except UsageError as error:
            notes = [str(error)]
        self.show("#tag-notes", "\n".join(map(visible, notes)))

    # The answer

    def action_review(self) -> None:
        start(self, self._answer(), name="read the file", exclusive=True)

    async def _answer(self) -> None:
        await self._read()
        file, filled, settings = self._file, self._now(), self.session.settings
        if file is None:
            self.query_one("#path").focus()
            return
        if renames(file.variables) and filled.accept_renames == NO:
            self.say("Some names would come back changed; accept them, or rename them in the file.")
            self.query_one("#accept-renames").focus()
            return
        try:
            intent = PutIntent(
                root=self.session.team.root,
                app=app_name(filled.app),
                variables=file.variables,
                rules=TypeRules(),
                tags=tag_words.parsed(filled.tags),
                advanced=settings.advanced,
                key_id=settings.kms_key_id,
                overwrite=filled.overwrite == YES,
                overwrite_type=filled.overwrite_type == YES,
                accept_renames=filled.accept_renames == YES,
            )
        except (SettingsError, UsageError) as error:
            self.say(error.message)
            self.query_one("#tags" if isinstance(error, UsageError) else "#app").focus()
            return
        self._filled = filled
        self.dismiss(intent)

    def _now(self) -> Filled:
        path, app, tags = (self.query_one(f"#{field}", Input).value.strip() for field in ("path", "app", "tags"))
        return Filled(path, app, tags, *(self.query_one(f"#{field}", Choice).chosen for field in CHOICES))
