"""One line of titles, of which one is open: lighter than a widget for each, because the first screen must be painted soon."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from rich.text import Text
from textual.message import Message
from textual.reactive import reactive
from textual.widget import Widget

if TYPE_CHECKING:
    from collections.abc import Mapping

    from textual import events


class TabLine(Widget):
    """`tabs` are titles by id; the open one stands in brackets as well as in another colour."""

    DEFAULT_CSS = """
    TabLine { height: 1; width: 1fr; }
    """
    COMPONENT_CLASSES: ClassVar[set[str]] = {"tabs--open", "tabs--other"}

    active = reactive("")

    class Chosen(Message):
        """Another tab was clicked."""

        def __init__(self, tab: str) -> None:
            super().__init__()
            self.tab = tab

    def __init__(self, tabs: Mapping[str, str]) -> None:
        super().__init__()
        self._tabs = tabs
        self.set_reactive(TabLine.active, next(iter(tabs)))

    def beside(self, steps: int) -> str:
        """The tab so many places to the right of the open one, round the end."""
        ids = list(self._tabs)
        return ids[(ids.index(self.active) + steps) % len(ids)]

    def render(self) -> Text:
        text = Text(no_wrap=True)
        for tab, title in self._tabs.items():
            here = tab == self.active
            style = self.get_component_rich_style("tabs--open" if here else "tabs--other", partial=True)
            text.append(f"[{title}]" if here else f" {title} ", style=style).append(" ")
        return text

    def on_click(self, event: events.Click) -> None:
        at = 0
        for tab, title in self._tabs.items():
            if at <= event.x < at + len(title) + 2:
                self.post_message(self.Chosen(tab))
            at += len(title) + 3
