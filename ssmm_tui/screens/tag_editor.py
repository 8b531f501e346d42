"""Add, change and remove tags on one parameter or on many."""

from __future__ import annotations

from typing import TYPE_CHECKING, Self

from textual.containers import Vertical
from textual.suggester import SuggestFromList
from textual.widgets import Input, Static

from ssmm_core.errors import SsmmError
from ssmm_core.operations import tagging
from ssmm_core.visible import visible
from ssmm_tui.screens.form import Form
from ssmm_tui.tag_changes import TagChanges, TagEdit, in_use
from ssmm_tui.widgets.fields import Field
from ssmm_tui.widgets.tag_list import TagList
from ssmm_tui.workers import in_thread, start

if TYPE_CHECKING:
    from collections.abc import Mapping

    from textual.app import ComposeResult

    from ssmm_tui.session import Session

FEW = 2
"""Wishes that are sooner made again than a question about them is answered."""
INCOMPLETE = "Write it as key=value."
HINT = "Type it, Enter takes it. In the list Space adds or removes."


class TagEditor(Form[TagEdit]):
    """Tags that were not read yet are read first; where that fails there is no question to ask."""

    AUTO_FOCUS = "TagList"

    def __init__(self, session: Session, names: tuple[str, ...], wishes: Mapping[str, str | None] | None = None) -> None:
        super().__init__(session)
        self._names = names
        self._wishes = wishes or {}
        self._changes: TagChanges | None = None

    def again(self) -> Self:
        return type(self)(self.session, self._names, self._changes.wishes if self._changes is not None else {})

    def compose(self) -> ComposeResult:
        names = self._names
        with Vertical(classes="dialog"):
            subject = names[0] if len(names) == 1 else f"{len(names)} parameters"
            yield Static(f"Tags of {subject}", classes="dialog-title", markup=False)
            yield TagList(self._begin_tag)
            yield Static("reading tags…", id="tags-reading", classes="hint")
            notes = Static(HINT, id="tag-notes", classes="hint", markup=False)
            yield Field("Set", Input(placeholder="key=value", id="tag", compact=True, disabled=True, select_on_focus=False), notes)
            yield from self.compose_end()

    @property
    def is_touched(self) -> bool:
        return self._changes is not None and len(self._changes.wishes) > FEW

    def on_mount(self) -> None:
        start(self, self._open(), name="read tags")

    async def _open(self) -> None:
        store, threads, entries = self.session.store, self.session.settings.read_concurrency, self.session.team.entries
        tags = {name: entries[name].tags if name in entries else None for name in self._names}
        missing = [name for name, its in tags.items() if its is None]
        if missing:
            try:
                tags |= await in_thread(lambda: tagging.read(store, missing, threads=threads))
            except SsmmError:
                self.dismiss(None)
                raise
        if self.is_left:
            return
        known = in_use(entries.values())
        self._changes = TagChanges([its or {} for its in tags.values()], known, self._wishes)
        self.query_one("#tags-reading").display = False
        self.query_one(TagList).show(self._changes)
        field = self.query_one(Input)
        field.disabled = False
        field.suggester = SuggestFromList(map("=".join, known), case_sensitive=False)
        if field.value:
            self.set_focus(field)

    # The list

    def on_tag_list_turned(self, event: TagList.Turned) -> None:
        if self._changes is not None:
            self._changes.turn(event.tag)
            self._draw()

    # The field

    def _begin_tag(self, letter: str) -> None:
        """A letter that was typed on the list."""
        field = self.query_one(Input)
        field.insert_text_at_cursor(letter)  # also while tags are still being read
        if not field.disabled:
            self.set_focus(field)

    def on_input_changed(self, event: Input.Changed) -> None:
        self.say("")
        changes, text = self._changes, event.value.strip()
        if changes is None:
            return
        key, equals, value = text.partition("=")
        judged = changes.judge(key.strip(), value.strip()) if text else None
        if judged is not None and judged.problem:
            self.say(judged.problem)
        notes = judged.notes if judged is not None and equals else ()
        if text and not notes and (completions := changes.completions(text)):
            notes = (f"→ completes; in use: {', '.join(completions)}",)
        self.show("#tag-notes", "\n".join(map(visible, notes)) or HINT)

    def on_input_submitted(self) -> None:
        self._take()

    def _take(self) -> bool:
        """Take in what was typed, if anything; whether nothing is left that cannot be."""
        field, changes = self.query_one(Input), self._changes
        text = field.value.strip()
        if not text or changes is None:
            return True
        key, equals, value = (part.strip() for part in text.partition("="))
        problem = changes.judge(key, value).problem or ("" if equals else INCOMPLETE)
        if problem:
            self.say(problem)
            return False
        changes.take(key, value)
        field.value = ""
        self._draw()
        self.query_one(TagList).go_to((key, value))
        return True

    # The answer

    def action_review(self) -> None:
        changes = self._changes
        if changes is None or not self._take():
            return
        if changes.wishes:
            self.dismiss(changes.edit)
        else:
            self.say("Nothing is to change yet.")

    def _draw(self) -> None:
        self.say("")
        if self._changes is not None:
            self.query_one(TagList).show(self._changes)
