"""Edit one parameter, or create one: value, type, tier, KMS key, description and tags."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar, Final, Self, cast

from textual.containers import Horizontal, Vertical, VerticalScroll
from textual.suggester import SuggestFromList
from textual.widgets import Input, Static

from ssmm_core.changes.edit import Draft
from ssmm_core.errors import SsmmError
from ssmm_core.models import DEFAULT_KEY, SECURE
from ssmm_core.names import environment_name
from ssmm_core.tag_hints import known_tags
from ssmm_core.visible import visible
from ssmm_tui.commands import EDITOR, bindings
from ssmm_tui.drafting import Drafting, Filled
from ssmm_tui.screens.form import Form
from ssmm_tui.widgets.fields import Choice, Field
from ssmm_tui.widgets.secret_area import SecretArea

if TYPE_CHECKING:
    from textual import events
    from textual.app import ComposeResult
    from textual.binding import BindingType

    from ssmm_core.models import ParameterType, Tier
    from ssmm_core.operations.snapshot import Snapshot
    from ssmm_tui.session import Session

TYPES: Final = {SECURE: SECURE, "String": "String", "StringList": "StringList"}
TIERS: Final = {tier: tier for tier in ("Standard", "Advanced")}


class Editor(Form[Draft]):
    """The fields stand as in `draft`, else as in the parameter that was `loaded`; with neither they are those of a new one in `app`."""

    BINDINGS: ClassVar[list[BindingType]] = bindings(EDITOR)

    def __init__(self, session: Session, *, loaded: Snapshot | None = None, draft: Draft | None = None, app: str = "") -> None:
        super().__init__(session)
        self._loaded = loaded
        self._drafting = Drafting(session.team.root, session.store.region, loaded, session.team.entries)
        self._untouched = self._drafting.filled(Draft.of(loaded)) if loaded is not None else self._drafting.blank(app)
        self._given = self._drafting.filled(draft) if draft is not None else self._untouched
        self._answered = draft
        self._type_is_forced = loaded is not None or (draft is not None and draft.type != self._drafting.guess(self._given).type)
        self._known = known_tags(entry.tags for entry in session.team.entries.values() if entry.tags)

    def again(self) -> Self:
        return type(self)(self.session, loaded=self._loaded, draft=self._answered)

    def compose(self) -> ComposeResult:
        given, held = self._given, self._loaded
        with Vertical(id="editor", classes="dialog"):
            yield Static(f"Edit version {held.version}" if held is not None else "New parameter", classes="dialog-title", markup=False)
            with VerticalScroll(id="editor-form", can_focus=False):
                if held is None:
                    with Horizontal(id="editor-where"):
                        app = _line(given.app, "app", "")
                        app.suggester = SuggestFromList(self.session.team.apps, case_sensitive=False)
                        yield Field("App", app)
                        yield Field("Key", _line(given.key, "key", "db-url, or DB_URL"))
                yield Field("Name", Static(id="parameter-name", markup=False))
                yield Field("Value", Static(id="value-state", markup=False), id="value-field")
                yield SecretArea(given.value, self.session.preferences.reveal_seconds, placeholder="type or paste it", id="value")
                yield Static(id="value-note", classes="hint", markup=False)
                reason = Static(id="type-reason", classes="hint", markup=False)
                yield Field("Type", Horizontal(Choice(TYPES, given.type, id="type"), reason))
                yield Field("Tier", Choice(TIERS | {given.tier: given.tier}, given.tier, id="tier"))
                yield Field("KMS key", _line(given.key_id, "key-id", DEFAULT_KEY))
                yield Field("Description", _line(given.description, "description", "description"))
                yield Field("Tags", _line(given.tags, "tags", "owner=backend env=prod 'team=two words'"))
                yield Static(id="editor-hints", classes="hint", markup=False)
            yield from self.compose_end()

    def on_mount(self) -> None:
        self.query_one("#tier").disabled = self._untouched.tier != "Standard"
        first = "#value" if self._loaded is not None or self._given.key else "#key" if self._given.app else "#app"
        self.query_one(first).focus()
        self.watch(self.app, "revision", self._tell)

    def on_descendant_focus(self, event: events.DescendantFocus) -> None:
        self.query_one("#value-field").set_class(isinstance(event.widget, SecretArea), "-active")

    # What is filled in

    def on_text_area_changed(self) -> None:
        self._tell()

    def on_secret_area_toggled(self) -> None:
        self._tell()

    def on_input_changed(self) -> None:
        self._tell()

    def on_choice_changed(self) -> None:
        filled = self._filled()
        self._type_is_forced = self._loaded is not None or filled.type != self._drafting.guess(filled).type
        self._tell()

    def _filled(self) -> Filled:
        new = self._loaded is None
        return Filled(
            app=self._input("app") if new else self._untouched.app,
            key=self._input("key") if new else self._untouched.key,
            value=self.query_one(SecretArea).value,
            type=cast("ParameterType", self.query_one("#type", Choice).chosen),
            tier=cast("Tier", self.query_one("#tier", Choice).chosen),
            key_id=self._input("key-id"),
            description=self.query_one("#description", Input).value,
            tags=self._input("tags"),
        )

    def _input(self, field: str) -> str:
        return self.query_one(f"#{field}", Input).value.strip()

    # What is said of it

    def _tell(self) -> None:
        """Say what follows from the fields as they are now."""
        drafting, filled = self._drafting, self._filled()
        guess = drafting.guess(filled)
        if not self._type_is_forced and filled.type != guess.type:
            with self.prevent(Choice.Changed):
                self.query_one("#type", Choice).chosen = guess.type
            filled = self._filled()
        area = self.query_one(SecretArea)
        self.show("#parameter-name", self._name_text(filled))
        self.show("#value-state", drafting.size(filled) + (", edited" if self._loaded and filled.value != self._loaded.value else ""))
        self.show("#value-note", self._value_note(area))
        self.show("#type-reason", f"({drafting.type_reason(filled)})")
        self.show("#editor-hints", "\n".join(f"· {visible(hint)}" for hint in drafting.hints(filled, self._known)))
        self.query_one("#key-id").disabled = filled.type != SECURE
        self.show("#form-problem", "\n".join(f"✗ {visible(trouble.text)}" for trouble in drafting.troubles(filled)))

    def _name_text(self, filled: Filled) -> str:
        """The name as far as there is one, and the variable that it is delivered as."""
        if not filled.key:
            return f"{self.session.team.root}/{filled.app or '…'}/…"
        try:
            return f"{self._drafting.name(filled)}  →  {environment_name(filled.key)}"
        except SsmmError:
            return "none"

    def _value_note(self, area: SecretArea) -> str:
        key, seconds = self.session.key("show-edited"), self.session.preferences.reveal_seconds
        if area.is_shown:
            said = [f"Masked again after {seconds:g} s without a key, or by {key}."]
        elif not area.text:
            said = []
        elif area.is_edited:
            said = [f"{key} shows it. What is typed goes on where the cursor stood."]
        else:
            said = [f"{key} shows it. What is typed or pasted takes its place."]
        if "\r" in area.text:  # how many would tell how many lines there are
            said.append("It holds carriage returns (shown as ␍), which stay.")
        return " ".join(said)

    # The ways out

    def action_toggle_value(self) -> None:
        self.query_one(SecretArea).toggle()

    def on_screen_suspend(self) -> None:
        self.query_one(SecretArea).mask()

    def on_input_submitted(self) -> None:
        self.action_review()

    def action_review(self) -> None:
        filled = self._filled()
        missing, troubles = self._drafting.missing(filled), self._drafting.troubles(filled)
        if missing:
            self.say(f"Still to be filled in: {', '.join(missing)}.")
            self.query_one(f"#{missing[0]}").focus()
        elif troubles:
            self.query_one(f"#{troubles[0].field}").focus()
        else:
            self._answered = self._drafting.draft(filled)
            self.dismiss(self._answered)

    @property
    def is_touched(self) -> bool:
        return self._filled() != self._untouched


def _line(text: str, field: str, placeholder: str) -> Input:
    """A field of one line. What stands there is not selected on arrival: a key pressed there adds to it."""
    return Input(text, id=field, placeholder=placeholder, compact=True, select_on_focus=False)
