"""All keys, what they do, and what the signs mean."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar, Final

from rich.console import Group
from rich.table import Table
from rich.text import Text
from textual.containers import Vertical, VerticalScroll
from textual.widgets import Static

from ssmm_tui.commands import GROUPS, display_key
from ssmm_tui.screens.base import Question

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from textual.app import ComposeResult
    from textual.binding import BindingType

    from ssmm_tui.session import Session

KEYS_WIDE: Final = 10
"""Keys stand below each other from section to section."""
SIGNS: Final = {
    "●": "marked: what tags, sharing, moving and deleting work on",
    "!": "a finding: stored as a String, though its name reads as a secret's; masked all the same",
    "◆": "shared: in the shared namespace, or tagged shared=true",
    "≠": "overrides another layer; in the tree: how many times",
    "◇": "in duplicates: shared has this variable, too",
    "15 8s ◆1": "in the tree: parameters, SecureStrings, shared ones",
    "O s t · =": "in the matrix: own, shared, by tag, missing, same value",
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
                yield Static(Group(*(_laid_out(*section) for section in sections(self.session))))
            yield Static("Keys can be changed in config.toml: [keys], by the names in brackets. Esc leaves.", classes="hint", markup=False)

    def action_scroll(self, lines: int) -> None:
        self.query_one(VerticalScroll).scroll_relative(y=lines, animate=False)


def sections(session: Session) -> Iterator[tuple[str, list[tuple[str, Text]]]]:
    """Each section's title, and its lines: what is pressed, typed or seen, and what it means."""
    keys = session.preferences.keys
    for group, commands in GROUPS.items():
        yield (
            group,
            [
                (display_key(command.id, keys), Text.assemble(command.help, (f"  [{command.id}]", "dim")))
                for command in commands
                if not (command.writes and session.read_only)
            ],
        )
    yield "Palette", [("^p", Text("every command, app and parameter by name"))]
    yield "Filter terms", [(term, Text(meaning, style="dim")) for term, meaning in TERMS.items()]
    yield "Signs", [(sign, Text(meaning, style="dim")) for sign, meaning in SIGNS.items()]


def _laid_out(title: str, lines: Sequence[tuple[str, Text]]) -> Group:
    """A section; a meaning that is longer than its line goes on below itself."""
    grid = Table.grid(padding=(0, 2))
    grid.add_column(no_wrap=True, min_width=KEYS_WIDE)
    grid.add_column()
    for sign, meaning in lines:
        grid.add_row(Text(f"  {sign}"), meaning)
    return Group(Text(title, style="bold"), grid, Text())
