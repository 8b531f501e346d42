"""Something secret stands on the screen for a while only."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

    from textual.timer import Timer
    from textual.widget import Widget


class Glimpse:
    """Whether it is shown now. It ends by itself after `seconds`, and when the terminal loses focus; `on_change` draws what follows."""

    def __init__(self, widget: Widget, seconds: float, on_change: Callable[[], None]) -> None:
        self._widget = widget
        self._seconds = seconds
        self._on_change = on_change
        self._timer: Timer | None = None

    @property
    def is_on(self) -> bool:
        return self._timer is not None

    def show(self) -> None:
        """Show it; its time begins anew."""
        was_on = self.is_on
        self._stop_timer()
        self._timer = self._widget.set_timer(self._seconds, self.hide)
        if not was_on:
            # Textual tells the app alone that the terminal lost focus, by this attribute
            self._widget.watch(self._widget.app, "app_focus", self.hide, init=False)
            self._on_change()

    def prolong(self) -> None:
        """Begin its time anew, if it is shown."""
        if self.is_on:
            self.show()

    def hide(self) -> None:
        """Hide it, if it is shown."""
        if self.is_on:
            self._stop_timer()
            self._on_change()

    def toggle(self) -> None:
        self.hide() if self.is_on else self.show()

    def _stop_timer(self) -> None:
        if self._timer is not None:
            self._timer.stop()
            self._timer = None
