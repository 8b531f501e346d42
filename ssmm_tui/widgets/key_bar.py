"""The keys that work here and now, in one line: one widget where Textual's footer has one for each key, and painted as much sooner."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from rich.text import Text
from textual.widget import Widget

if TYPE_CHECKING:
    from textual import events
    from textual.binding import ActiveBinding

ALWAYS = ("help", "quit")
"""Actions that, like the palette, keep their place at the right end however narrow the terminal is: there everything else is found."""


class KeyBar(Widget):
    """What does not fit is left out from the right; a click on a key presses it."""

    DEFAULT_CSS = """
    KeyBar { height: 1; width: 1fr; dock: bottom; padding: 0 1; }
    """
    COMPONENT_CLASSES: ClassVar[set[str]] = {"keys--key"}
    ALLOW_SELECT = False

    def __init__(self) -> None:
        super().__init__()
        self._places: list[tuple[int, int, str]] = []

    def on_mount(self) -> None:
        self.screen.bindings_updated_signal.subscribe(self, lambda _screen: self.refresh())

    def render(self) -> Text:
        shown: dict[str, ActiveBinding] = {}
        for active in self.screen.active_bindings.values():
            if active.binding.show:
                shown.setdefault(active.binding.action, active)
        pinned = [self._piece(active) for action, active in shown.items() if action in ALWAYS]
        if palette := self.screen.active_bindings.get(self.app.COMMAND_PALETTE_BINDING):
            pinned.append(self._piece(palette))
        others = [self._piece(active) for action, active in shown.items() if action not in ALWAYS]
        room = self.content_size.width - sum(piece.cell_len + 2 for piece, _key in pinned)
        line = Text(no_wrap=True)
        self._places = []
        for piece, key in others:
            if line.cell_len + piece.cell_len + 2 > room:
                break
            self._append(line, piece, key)
        line.append(" " * max(0, room - line.cell_len + 2))
        for piece, key in pinned:
            self._append(line, piece, key)
        return line

    def on_click(self, event: events.Click) -> None:
        for start, end, key in self._places:
            if start <= event.x - 1 < end:
                self.app.simulate_key(key)

    def _piece(self, active: ActiveBinding) -> tuple[Text, str]:
        key = self.get_component_rich_style("keys--key", partial=True)
        text = Text.assemble((self.app.get_key_display(active.binding), key), " ", active.binding.description)
        if not active.enabled:
            text.stylize("dim")
        return text, active.binding.key

    def _append(self, line: Text, piece: Text, key: str) -> None:
        self._places.append((line.cell_len, line.cell_len + piece.cell_len, key))
        line.append_text(piece).append("  ")
