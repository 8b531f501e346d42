"""By which tags parameters of other apps are included."""

from __future__ import annotations

import shlex
from typing import TYPE_CHECKING, ClassVar

from rich.text import Text
from textual.binding import Binding
from textual.widgets import Input

from ssmm_core.errors import SsmmError
from ssmm_core.tag_hints import known_tags
from ssmm_core.tags import APP
from ssmm_core.visible import visible
from ssmm_tui import tag_words
from ssmm_tui.screens.list_question import ListQuestion

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from textual.binding import BindingType

    from ssmm_tui.session import Session

OFFERED = 40
"""Most tags that are offered at once."""


class TagsQuestion(ListQuestion[dict[str, str] | None]):
    """Answers with the tags that must all match; none leaves the layer out."""

    BINDINGS: ClassVar[list[BindingType]] = [Binding("tab", "complete", priority=True, show=False)]
    title_text = "Include what carries these tags"
    placeholder = "key=value key=value; empty includes nothing"
    keys = ("Tab takes the tag under the cursor; ↑ ↓ move.", "A parameter of any app is included if it carries all of them.")

    def __init__(self, session: Session, chosen: Mapping[str, str]) -> None:
        super().__init__(session)
        self._chosen = chosen
        known = known_tags(entry.tags for entry in session.team.entries.values() if entry.tags)
        # Those that say the app stand last: for that there are apps to choose.
        self._known = dict(sorted(known.items(), key=lambda pair: (pair[0][0] == APP, -pair[1], pair[0])))

    def on_mount(self) -> None:
        field = self.query_one(Input)
        field.value = "".join(f"{shlex.quote('='.join(tag))} " for tag in self._chosen.items())
        field.cursor_position = len(field.value)
        super().on_mount()

    def rows(self) -> Iterable[tuple[str, Text]]:
        begun, words = self._begun, self.typed.split()
        fitting = [tag for tag in self._known if begun in "=".join(tag).lower() and shlex.quote("=".join(tag)) not in words]
        fitting.sort(key=lambda tag: not "=".join(tag).lower().startswith(begun))
        for tag in fitting[:OFFERED]:
            text = Text(visible("=".join(tag)), no_wrap=True, overflow="ellipsis")
            yield "=".join(tag), text.append(f"  {self._known[tag]:,}", style="dim")

    @property
    def _begun(self) -> str:
        """The word that is being typed."""
        return self.typed.rpartition(" ")[2].lower()

    def answer_text(self) -> str:
        try:
            tags = tag_words.pairs(self.typed)
        except SsmmError as error:
            if "=" not in self._begun and self.highlighted:
                return f"→ Tab makes it {visible(self.highlighted)}"
            return f"✗ {visible(str(error))}"
        if not tags:
            return "→ no tags: nothing is included by tag"
        if not self.session.tags_come_in_bulk:
            return "→ what carries them is read when you accept"
        count = len(self.session.team.tagged(tags))
        return f"→ {count:,} parameter{' carries' if count == 1 else 's carry'} {'it' if len(tags) == 1 else 'all of them'}"

    def action_complete(self) -> None:
        if self.highlighted:
            self.pick(self.highlighted)

    def pick(self, row: str) -> None:
        field = self.query_one(Input)
        before = field.value[: len(field.value) - len(self._begun)]
        field.value = f"{before}{shlex.quote(row)} "
        field.cursor_position = len(field.value)

    def action_accept(self) -> None:
        try:
            self.dismiss(tag_words.pairs(self.typed))
        except SsmmError:
            self.draw()  # the reason stands below the list
