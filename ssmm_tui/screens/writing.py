"""What the browser can write: each action asks what is wanted, then brings one plan to review."""

from __future__ import annotations

from abc import abstractmethod
from functools import partial
from typing import TYPE_CHECKING, NamedTuple

from ssmm_core.errors import ChangedUnderneath, NotFound, SsmmError
from ssmm_tui.screens.base import Written
from ssmm_tui.screens.showing import Showing
from ssmm_tui.workers import GaveUp

if TYPE_CHECKING:
    from ssmm_core.changes import Access
    from ssmm_core.changes.edit import Draft
    from ssmm_core.operations.snapshot import Snapshot


class Writing(Showing):
    """A screen on which parameters are chosen. It asks and shows; `ssmm_core.changes` decides."""

    @abstractmethod
    def chosen(self) -> tuple[str, ...]:
        """The names that an action works on."""

    @property
    @abstractmethod
    def app_here(self) -> str:
        """The app that a new parameter would most likely belong to; empty where that cannot be told."""

    @property
    @abstractmethod
    def app_chosen(self) -> str:
        """The app whose namespace is open; empty where none is."""

    # Tags

    def action_edit_tags(self) -> None:
        if names := self.chosen():
            self.ask(self._edit_tags(names), "edit tags")

    async def _edit_tags(self, names: tuple[str, ...]) -> None:
        from ssmm_core.changes import tags
        from ssmm_tui.screens.tag_editor import TagEditor

        access, question = self.session.access, TagEditor(self.session, names)
        while (edit := await self.app.push_screen_wait(question)) is not None:
            if await self.review("Tags", partial(tags.plan, access, names, add=edit.add, remove=edit.remove)):
                return
            question = question.again()

    def action_share(self) -> None:
        if names := self.chosen():
            self.ask(self._share(names), "share")

    async def _share(self, names: tuple[str, ...]) -> None:
        from ssmm_core.changes import tags

        access = self.session.access
        await self.review("Share", lambda: tags.plan_shared(access, names))

    # Values

    def action_edit(self) -> None:
        if self.entry is not None:
            self.ask(self._edit(self.entry.name), "edit")

    async def _edit(self, name: str) -> None:
        from ssmm_core.changes import edit
        from ssmm_tui.screens.changed import ChangedQuestion
        from ssmm_tui.screens.editor import Editor

        access = self.session.access
        loaded: Snapshot | None = await self.wait_for(lambda: edit.load(access, name), f"Reading {name}")
        draft: Draft | None = await self.app.push_screen_wait(Editor(self.session, loaded=loaded))
        while draft is not None:
            try:
                meanwhile = await self.wait_for(partial(_meanwhile, access, draft, loaded), f"Reading {name}")
            except GaveUp:
                pass
            else:
                if meanwhile is None or loaded is None:
                    if await self.review(f"Edit {name}", partial(edit.plan, access, draft, loaded=loaded)):
                        return
                elif meanwhile.newer is None:
                    self.notify(f"{name} was deleted meanwhile. What you made of it can be stored as a new parameter.", markup=False)
                    self.post_message(Written(frozenset({name})))
                    loaded = None
                else:
                    newer = meanwhile.newer
                    question = ChangedQuestion(self.session, meanwhile.refusal, loaded=loaded, newer=newer, draft=draft)
                    answer = await self.app.push_screen_wait(question)
                    if answer == "keep":
                        draft, loaded = draft.upon(newer, loaded=loaded), newer
                        continue
                    if answer == "reload":
                        draft, loaded = None, newer
            draft = await self.app.push_screen_wait(Editor(self.session, loaded=loaded, draft=draft))

    def action_new(self) -> None:
        self.ask(self._new(), "new parameter")

    async def _new(self) -> None:
        from ssmm_core.changes import edit
        from ssmm_tui.screens.editor import Editor

        access, question = self.session.access, Editor(self.session, app=self.app_here)
        while (draft := await self.app.push_screen_wait(question)) is not None:
            if await self.review(f"New {draft.name}", partial(edit.plan, access, draft, loaded=None)):
                return
            question = question.again()

    def action_import_file(self) -> None:
        self.ask(self._import_file(), "import a file")

    async def _import_file(self) -> None:
        from ssmm_core.changes import import_env
        from ssmm_tui.screens.import_file import ImportQuestion

        access, question = self.session.access, ImportQuestion(self.session, app=self.app_chosen)
        while (intent := await self.app.push_screen_wait(question)) is not None:
            if await self.review(f"Import into {intent.app}", partial(import_env.plan, access, intent)):
                return
            question = question.again()

    def restore(self, name: str, version: int) -> None:
        """Plan to make an old version's value the newest."""
        self.ask(self._restore(name, version), "restore a version")

    async def _restore(self, name: str, version: int) -> None:
        from ssmm_core.changes import restore_version

        access = self.session.access
        await self.review(f"Restore {name}", lambda: restore_version.plan(access, name, version))

    # Whole parameters

    def action_transfer(self) -> None:
        if names := self.chosen():
            self.ask(self._transfer(names), "transfer")

    async def _transfer(self, names: tuple[str, ...]) -> None:
        from ssmm_core.changes import transfer
        from ssmm_tui.screens.transfer import TransferQuestion

        access, question = self.session.access, TransferQuestion(self.session, names)
        while (wanted := await self.app.push_screen_wait(question)) is not None:
            make = partial(transfer.plan, access, wanted.targets, move=wanted.move, overwrite=wanted.overwrite)
            if await self.review("Move" if wanted.move else "Copy", make):
                return
            question = question.again()

    def action_delete(self) -> None:
        if names := self.chosen():
            self.ask(self._delete(names), "delete")

    async def _delete(self, names: tuple[str, ...]) -> None:
        from ssmm_core.changes import deletion

        access = self.session.access
        await self.review("Delete", lambda: deletion.plan(access, names))


class _Meanwhile(NamedTuple):
    """Somebody else was there: why a plan is refused, and what stands there now (None: nothing does)."""

    refusal: ChangedUnderneath
    newer: Snapshot | None


def _meanwhile(access: Access, draft: Draft, loaded: Snapshot | None) -> _Meanwhile | None:
    """None where nobody was. Whatever else is wrong is told where plans are reviewed."""
    from ssmm_core.changes import edit

    try:
        edit.plan(access, draft, loaded=loaded)
    except ChangedUnderneath as error:
        refusal = error
    except SsmmError:
        return None
    else:
        return None
    try:
        return _Meanwhile(refusal, edit.load(access, draft.name))
    except NotFound:
        return _Meanwhile(refusal, None)
    except SsmmError:
        return None
