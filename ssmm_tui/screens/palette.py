"""Textual's command palette, which a second Enter would leave a second time."""

from __future__ import annotations

from textual.command import CommandList, CommandPalette

from ssmm_tui.screens.base import LeftOnce


class Palette(CommandPalette, LeftOnce[None]):
    """Finds what `ssmm_tui.providers` offer. Its list pages only once it is laid out, as `Options` do."""

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        if action == "command_list" and self.is_mounted and not self.query_one(CommandList).scrollable_content_region:
            return False
        return super().check_action(action, parameters)
