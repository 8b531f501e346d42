"""Textual's command palette, which a second Enter would leave a second time."""

from __future__ import annotations

from textual.command import CommandPalette

from ssmm_tui.screens.base import LeftOnce


class Palette(CommandPalette, LeftOnce[None]):
    """Finds what `ssmm_tui.providers` offer."""
