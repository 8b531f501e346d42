"""Textual's list of options, without its trap."""

from __future__ import annotations

from textual.widgets import OptionList


class Options(OptionList):
    """Pages only once it is laid out: before that Textual does not know on which line an option stands."""

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        if action in ("page_up", "page_down") and not self.scrollable_content_region:
            return False
        return super().check_action(action, parameters)
