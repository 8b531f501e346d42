"""Show one value for a short while: until its time is up, the cursor leaves it, or the terminal loses focus."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ssmm_tui.glimpse import Glimpse
from ssmm_tui.workers import in_thread

if TYPE_CHECKING:
    from collections.abc import Callable

    from textual.widget import Widget

    from ssmm_core.catalogue import Entry
    from ssmm_core.secret import SecretValue


class Reveal:
    """At most one value on the screen. `on_change` draws it anew when it came or went."""

    def __init__(self, widget: Widget, seconds: float, on_change: Callable[[], None]) -> None:
        self._widget = widget
        self._glimpse = Glimpse(widget, seconds, self._changed)
        self._on_change = on_change
        self._wanted: str | None = None
        self._version = 0
        self.shown: tuple[str, SecretValue] | None = None

    async def show(self, name: str, version: int, read: Callable[[], SecretValue]) -> None:
        """Read a value and show it, unless something else is wanted by the time it arrives, or the terminal lost the focus meanwhile."""
        self.hide()
        self._wanted, self._version = name, version
        self._widget.watch(self._widget.app, "app_focus", self.hide, init=False)
        value = await in_thread(read)
        if self._wanted == name:
            self.shown = (name, value)
            self._glimpse.show()

    def outdated_by(self, entry: Entry | None) -> None:
        """Of the parameter that is shown, `entry` is what is known now: what was shown of an older version goes."""
        if self.shown is not None and entry is not None and entry.version != self._version:
            self.hide()

    def leave(self, name: str | None) -> None:
        """The cursor stands on `name` now: whatever else is shown or on its way goes."""
        if self._wanted != name:
            self.hide()

    def hide(self) -> None:
        """Hide what is shown; what is on its way will be dropped."""
        self._wanted = None
        self._glimpse.hide()

    def _changed(self) -> None:
        if not self._glimpse.is_on:
            self._wanted = self.shown = None
        self._on_change()
