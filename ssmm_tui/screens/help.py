"""All keys, what they do, and what the signs mean."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar, Final

from rich.text import Text
from textual.containers import Vertical, VerticalScroll
from textual.widgets import Static

from ssmm_tui.commands import GROUPS, display_key
from ssmm_tui.screens.base import Question

if TYPE_CHECKING:
    from textual.app import ComposeResult
    from textual.binding import BindingType

SIGNS: Final = {
    "●": "marked: what tags, sharing, moving and deleting work on",
    "!": "a finding: stored as a String, though its name reads as a secret's; masked all the same",
    "◆": "shared: in the shared namespace, or tagged shared=true",
    "≠": "variables of this app that another layer also has",
    "53s": "in the tree: how many of the parameters are SecureStrings",
    "…": "not read yet",
}
TERMS: Final = {
    "dburl": "letters in this order, anywhere in app/key; - and _ are one",
    '"db-url"': "just this text",
    "app:billing": "in the app's name; * and ? match as in a shell",
    "key:*token*": "the same in the key",
    "tag:env=prod": "carries this tag; tag:env any value of it",
    "type:secure": "or string, list",
    "modified:>90d": "not changed for 90 days; <7d changed within 7; m h d w y",
    "is:finding": "or shared, untagged",
    "-app:web": "a minus turns any term round; all terms must hold",
}


class HelpScreen(Question[None]):
    """Scrolls; any of the keys that called or closes it leaves it."""

    BINDINGS: ClassVar[list[BindingType]] = [
        ("question_mark,q,enter", "turn_away", "Back"),
        ("j", "scroll(1)", "Down"),
        ("k", "scroll(-1)", "Up"),
    ]

    def compose(self) -> ComposeResult:
        with Vertical(classes="dialog"):
            yield Static("Keys", classes="dialog-title")
            with VerticalScroll(id="help-text"):
                yield Static(self._text())
            yield Static("Keys can be changed in config.toml: [keys], by the names in brackets. Esc leaves.", classes="hint", markup=False)

    def action_scroll(self, lines: int) -> None:
        self.query_one(VerticalScroll).scroll_relative(y=lines, animate=False)

    def _text(self) -> Text:
        keys = self.session.preferences.keys
        text = Text()
        for group, commands in GROUPS.items():
            text.append(f"{group}\n", style="bold")
            for command in commands:
                if not (command.writes and self.session.read_only):
                    text.append(f"  {display_key(command.id, keys):<9}").append(command.help).append(f"  [{command.id}]\n", style="dim")
            text.append("\n")
        text.append(f"  {'^p':<9}the command palette: every command, app and parameter by name\n\n")
        for title, entries, width in (("Filter terms", TERMS, 15), ("Signs", SIGNS, 5)):
            text.append(f"{title}\n", style="bold")
            for sign, meaning in entries.items():
                text.append(f"  {sign:<{width}}").append(f"{meaning}\n", style="dim")
            text.append("\n")
        return text
