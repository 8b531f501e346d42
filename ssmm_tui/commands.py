"""Every command of the terminal UI, declared once: its key, footer, help, palette entry and the id that a person remaps it by."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from textual.binding import Binding, InvalidBinding
from textual.keys import format_key

from ssmm_core.errors import SettingsError

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from textual.binding import BindingType


@dataclass(frozen=True)
class Command:
    """`key` may name several, with commas. `action` is Textual's name for it; `writes` is hidden under --read-only.

    What `comes_first` is done before the next key is looked at: it decides where that one goes, however fast they follow each other.
    """

    id: str
    key: str
    action: str
    label: str
    help: str
    footer: bool = False
    writes: bool = False
    comes_first: bool = False

    @property
    def binding(self) -> Binding:
        return Binding(self.key, self.action, self.label, show=self.footer, id=self.id, tooltip=self.help, priority=self.comes_first)


EVERYWHERE: Final = (
    Command("browse", "1", "mode('browse')", "Browse", "the namespace tree and its parameters"),
    Command("duplicates", "2", "mode('duplicates')", "Duplicates", "keys and values that stand in several places"),
    Command("environment", "3", "mode('environment')", "Environment", "what an app receives, and a matrix of all apps"),
    Command("undo", "u", "undo", "Undo", "take back the last plan", writes=True),
    Command("reload", "ctrl+r", "reload", "Reload", "read everything again"),
    Command("help", "question_mark", "help", "Help", "all keys, and what they do", footer=True),
    Command("quit", "q", "quit", "Quit", "leave; a copied value is cleared from the clipboard", footer=True),
)
FILTER: Final = (
    Command(
        "filter", "slash", "filter", "Filter", "narrow the rows as you type; Enter keeps it, Esc clears it", footer=True, comes_first=True
    ),
    Command("back", "escape", "back", "Clear", "clear the filter, then the marks", footer=True),
)
FILTERING: Final = (
    Command("keep-filter", "enter", "keep_filter", "Keep", "keep the filter, and go to the rows", footer=True, comes_first=True),
)
"""What works while one types a filter, beside its letters."""
BROWSE: Final = (
    Command("mark", "space", "mark", "Mark", "mark or unmark the row", footer=True),
    Command("mark-all", "a", "mark_all", "Mark all", "mark every row that the filter shows; again: none"),
    Command("reveal", "x", "reveal", "Reveal", "show or hide the value", footer=True),
    Command("copy-value", "y", "copy_value", "Copy", "copy the value without showing it", footer=True),
    Command("copy-name", "Y", "copy_name", "Copy name", "copy the parameter's full name"),
    Command("tags", "t", "edit_tags", "Tags", "edit the tags of the row, or of all marked rows", footer=True, writes=True),
    Command("share", "s", "share", "Share", "add shared=true to the marked rows, or remove it where all have it", footer=True, writes=True),
    Command("edit", "e", "edit", "Edit", "edit value, type, tier, KMS key, description and tags", footer=True, writes=True),
    Command("new", "n", "new", "New", "create a parameter", footer=True, writes=True),
    Command("import", "i", "import_file", "Import", "put an .env file into an app", writes=True),
    Command("transfer", "m", "transfer", "Move", "copy or move the marked rows to another app", writes=True),
    Command(
        "delete", "d", "delete", "Delete", "delete the marked rows, or all of an app in the tree, with a backup", footer=True, writes=True
    ),
    Command("columns", "c", "columns", "Columns", "choose columns, and what the rows are sorted by"),
    Command("sort", "o", "sort_next", "Sort", "sort by the next column"),
    Command("reverse", "O", "sort_reverse", "Reverse", "turn the order round"),
    Command("details", "v", "toggle_details", "Details", "show or hide the detail pane"),
    Command("next-tab", "right_square_bracket", "step_tab(1)", "Next tab", "the next tab of the detail pane"),
    Command("previous-tab", "left_square_bracket", "step_tab(-1)", "Previous tab", "the tab before it"),
)
ROWS: Final = (
    Command("down", "j,down", "cursor_down", "Down", "next row"),
    Command("up", "k,up", "cursor_up", "Up", "previous row"),
    Command("top", "g,home", "cursor_top", "Top", "first row"),
    Command("bottom", "G,end", "cursor_bottom", "Bottom", "last row"),
    Command("page-down", "pagedown", "page_down", "Page down", "one screen down"),
    Command("page-up", "pageup", "page_up", "Page up", "one screen up"),
)
COLUMNS: Final = (
    Command("column-left", "h,left", "column_left", "Left", "the app to the left"),
    Command("column-right", "l,right", "column_right", "Right", "the app to the right"),
    Command("first-column", "0", "first_column", "First app", "the first app"),
    Command("last-column", "dollar_sign", "last_column", "Last app", "the last app"),
)
HISTORY: Final = (
    Command("choose-version", "space", "choose", "Choose", "choose a version to compare", footer=True),
    Command("compare", "c", "compare", "Compare", "compare the two chosen versions, or this one with the newest", footer=True),
    Command("restore", "r", "restore", "Restore", "make this version's value the newest version", footer=True, writes=True),
)
DUPLICATES: Final = (
    Command("mark-member", "space", "mark", "Mark", "mark or unmark the parameter, or all of the group", footer=True),
    Command("open-group", "enter", "open", "Open", "open or close the group; show a parameter in the browser", footer=True),
    Command("unfold", "l,right", "unfold", "Unfold", "open the group"),
    Command("fold", "h,left", "fold", "Fold", "close the group"),
    Command("promote", "p", "promote", "Promote", "make one shared parameter of the group", footer=True, writes=True),
    Command("read-values", "x", "read_values", "Read values", "decrypt all values once, to find equal ones", footer=True),
)
ENVIRONMENT: Final = (
    Command("choose-apps", "a", "choose_apps", "Apps", "choose the apps, in their order", footer=True),
    Command("choose-tags", "t", "choose_tags", "Tags", "choose the tags whose parameters are included", footer=True),
    Command("matrix", "m", "toggle_matrix", "Matrix", "all apps side by side, or one environment", footer=True),
    Command("compare-values", "x", "compare_values", "Equal", "decrypt once, to mark equal values in the matrix", footer=True),
    Command("export", "w", "export", "Export", "write the environment to a private file", footer=True),
    Command("toggle-shared", "s", "toggle_shared", "Shared", "count the shared namespace, or leave it out", footer=True),
    Command("go-to-winner", "enter", "jump", "Go to", "show the winning parameter in the browser"),
)
EDITOR: Final = (Command("show-edited", "f3", "toggle_value", "Show", "show the value that is edited for a while, or mask it"),)
CHANGED: Final = (Command("show-changed", "x", "show_values", "Show values", "show what was loaded, what stands now, and yours"),)
COMPARE: Final = (
    Command("show-compared", "x", "show_values", "Show values", "decrypt both values and compare them, or hide them", footer=True),
    Command("leave-compared", "escape,q", "leave", "Back", "leave the comparison", footer=True),
)
PLAN: Final = (
    Command("apply", "enter", "apply", "Apply", "carry the plan out", footer=True),
    Command("show-values", "x", "show_values", "Show values", "show the values before and after, or hide them", footer=True),
    Command("retry", "r", "retry", "Retry failed", "plan anew for what failed or was not begun", footer=True),
    Command("undo-plan", "u", "undo", "Undo", "plan to take back what was done", footer=True),
    Command("stop", "ctrl+x", "stop", "Stop", "end after the requests under way", footer=True),
    Command("leave", "escape,q", "leave", "Back", "leave the plan", footer=True),
)

GROUPS: Final[Mapping[str, tuple[Command, ...]]] = {
    "Everywhere": EVERYWHERE,
    "Filter": FILTER + FILTERING,
    "Browse": BROWSE,
    "Rows": ROWS,
    "History": HISTORY,
    "Duplicates": DUPLICATES,
    "Environment": ENVIRONMENT,
    "Matrix": COLUMNS,
    "Editor": EDITOR + CHANGED,
    "Compare": COMPARE,
    "Plan": PLAN,
}
BY_ID: Final[Mapping[str, Command]] = {command.id: command for commands in GROUPS.values() for command in commands}
TOGETHER: Final = (
    EVERYWHERE + FILTER + BROWSE + ROWS,
    EVERYWHERE + FILTER + DUPLICATES + ROWS,
    EVERYWHERE + FILTER + ENVIRONMENT + ROWS + COLUMNS,
    EVERYWHERE + FILTER + HISTORY,
    EDITOR,
    COMPARE + ROWS,
    PLAN + ROWS,
)
"""Commands that can be called in one place, so that no two of them may have one key."""
TAKEN: Final = {"ctrl+p": "the command palette", "ctrl+c": "copying a selection"}
"""Keys of Textual's own, which no command can have."""


def bindings(commands: Iterable[Command]) -> list[BindingType]:
    """Textual's bindings for some commands."""
    return [command.binding for command in commands]


def display_key(command_id: str, keys: Mapping[str, str]) -> str:
    """The first key of a command as it is written on the keyboard: `?` for `question_mark`."""
    key = _keys_in(keys.get(command_id, BY_ID[command_id].key))[0]
    return {"escape": "Esc", "enter": "Enter", "space": "Space", "f3": "F3"}.get(key) or format_key(key).replace("ctrl+", "^")


def called_by(key: str, commands: Iterable[Command], keys: Mapping[str, str]) -> Command | None:
    """The command that a key calls, by Textual's name for the key."""
    return next((command for command in commands if key in _keys_in(keys.get(command.id, command.key))), None)


def keymap(keys: Mapping[str, str]) -> dict[str, str]:
    """A person's `[keys]`, checked.

    Raises:
        SettingsError: a command does not exist, a key is empty or taken for good, or two commands that can be called in one place
            would have one key.
    """
    if unknown := sorted(keys.keys() - BY_ID.keys()):
        raise SettingsError(f"[keys] names no command: {', '.join(unknown)}", hint=f"There are {', '.join(sorted(BY_ID))}.")
    for commands in TOGETHER:
        taken = dict(TAKEN)
        for command in commands:
            for key in _keys_in(keys.get(command.id, command.key)):
                other = taken.setdefault(key, command.id)
                if other != command.id:
                    raise SettingsError(f"[keys] gives {key} to both {other} and {command.id}", hint="Choose another key for one.")
    return {command: ",".join(_keys_in(key)) for command, key in keys.items()}


def _keys_in(text: str) -> list[str]:
    """The keys in a text, by Textual's names for them: `question_mark` for `?`."""
    try:
        return [one.key for one in Binding.make_bindings([Binding(text, "")])]
    except InvalidBinding:
        raise SettingsError(f"[keys] has an empty key in {text!r}", hint="Commas stand between keys; itself it is `comma`.") from None
