"""Which layers make the environment that is looked at: apps in their order, tags, and whether shared counts."""

from __future__ import annotations

from abc import abstractmethod
from typing import TYPE_CHECKING

from ssmm_core.names import SHARED
from ssmm_core.operations.deliver import Selection
from ssmm_tui.screens.base import SsmmScreen
from ssmm_tui.screens.browse import BrowseScreen

if TYPE_CHECKING:
    from collections.abc import Mapping

    from ssmm_tui.session import Session


class ChoosingLayers(SsmmScreen[None]):
    """A screen with a selection, which a person changes."""

    def __init__(self, session: Session) -> None:
        super().__init__(session)
        self._chosen: tuple[str, ...] = ()
        self._tags: Mapping[str, str] = {}
        self._shared = True

    @abstractmethod
    def refresh_rows(self) -> None:
        """Draw what follows from the state as it is now."""

    @property
    def apps(self) -> tuple[str, ...]:
        """The apps of the environment: those that were chosen, else the one that the browser was at, else the first."""
        if not self._chosen and self.session.names_are_whole:
            apps = self.session.team.apps
            browser = self.app.get_screen_stack("browse")[0]
            here = browser.app_here if isinstance(browser, BrowseScreen) else ""
            first = next((app for app in apps if app != SHARED), SHARED)
            self._chosen = (here if here in apps and here != SHARED else first,) if apps else ()
        return self._chosen

    @property
    def selection(self) -> Selection:
        """The layers of the environment."""
        return Selection(self.session.team.root, self.apps, self._shared, self._tags or None)

    @property
    def columns(self) -> tuple[str, ...]:
        """The apps of the matrix: where several were chosen those, else all that there are."""
        return self.apps if len(self.apps) > 1 else tuple(app for app in self.session.team.apps if app != SHARED)

    def action_choose_apps(self) -> None:
        self.ask(self._choose_apps(), "choose apps")

    async def _choose_apps(self) -> None:
        from ssmm_tui.screens.choose_apps import AppsQuestion

        chosen = await self.app.push_screen_wait(AppsQuestion(self.session, self.apps))
        if chosen is not None:
            self._chosen = chosen
            self.refresh_rows()

    def action_choose_tags(self) -> None:
        self.ask(self._choose_tags(), "choose tags")

    async def _choose_tags(self) -> None:
        from ssmm_tui.screens.choose_tags import TagsQuestion

        tags = await self.app.push_screen_wait(TagsQuestion(self.session, self._tags))
        if tags is not None:
            self._tags = tags
            self.refresh_rows()

    def action_toggle_shared(self) -> None:
        self._shared = not self._shared
        self.refresh_rows()
