"""What a person set for the terminal UI, in `config.toml` beside the prefix."""

from __future__ import annotations

from dataclasses import dataclass, field
from fnmatch import fnmatchcase
from typing import TYPE_CHECKING, Any

from ssmm_core.errors import SettingsError
from ssmm_tui.commands import keymap
from ssmm_tui.theme import check_theme

if TYPE_CHECKING:
    from collections.abc import Mapping

REVEAL_SECONDS = 30.0
CLIPBOARD_SECONDS = 45.0
TUI = frozenset({"theme", "reveal_seconds", "clipboard_seconds"})


@dataclass(frozen=True)
class Preferences:
    """`reveal_seconds` and `clipboard_seconds` bound how long a value stays; `production` holds globs for prefixes and profiles.

    `keys` gives a command's id the keys that call it instead of its own.
    """

    theme: str = ""
    reveal_seconds: float = REVEAL_SECONDS
    clipboard_seconds: float = CLIPBOARD_SECONDS
    production: tuple[str, ...] = ()
    keys: Mapping[str, str] = field(default_factory=dict)

    def is_production(self, *names: str | None) -> bool:
        """Whether a prefix or profile matches one of the patterns."""
        return any(name is not None and fnmatchcase(name, pattern) for name in names for pattern in self.production)


def preferences(configuration: Mapping[str, Any], file: str) -> Preferences:
    """Preferences from the configuration `file`: `production` at the top, tables `[tui]` and `[keys]`.

    Raises:
        SettingsError: something there has another type than it should, or is unknown; it names the file.
    """
    try:
        read = _read(configuration)
        check_theme(read.theme)
        keymap(read.keys)
    except SettingsError as error:
        raise SettingsError(f"{file}: {error.message}", hint=error.hint) from None
    return read


def _read(configuration: Mapping[str, Any]) -> Preferences:
    tui, keys, production = configuration.get("tui", {}), configuration.get("keys", {}), configuration.get("production", [])
    if not isinstance(tui, dict) or not isinstance(keys, dict):
        raise SettingsError("tui and keys are tables", hint="Write [tui] and [keys] on lines of their own.")
    if not isinstance(production, list) or not all(isinstance(one, str) for one in production):
        raise SettingsError("production is not a list of texts", hint='Write it as production = ["/myteam/prod*"].')
    if unknown := sorted(configuration.keys() - {"prefix", "production", "tui", "keys"}):
        raise SettingsError(f"there is no setting {', '.join(unknown)}", hint="There are prefix, production, [tui] and [keys].")
    if unknown := sorted(tui.keys() - TUI):
        raise SettingsError(f"[tui] has an unknown setting: {', '.join(unknown)}", hint=f"There are {', '.join(sorted(TUI))}.")
    if wrong := sorted(name for name, key in keys.items() if not isinstance(key, str) or not key):
        raise SettingsError(f"the key for {', '.join(wrong)} is not a text", hint='Write it as reveal = "v".')
    return Preferences(
        theme=_text(tui, "theme"),
        reveal_seconds=_seconds(tui, "reveal_seconds", REVEAL_SECONDS),
        clipboard_seconds=_seconds(tui, "clipboard_seconds", CLIPBOARD_SECONDS),
        production=tuple(production),
        keys=keys,
    )


def _text(table: Mapping[str, Any], name: str) -> str:
    text = table.get(name, "")
    if not isinstance(text, str):
        raise SettingsError(f"{name} is not a text")
    return text


def _seconds(table: Mapping[str, Any], name: str, default: float) -> float:
    seconds = table.get(name, default)
    if isinstance(seconds, bool) or not isinstance(seconds, int | float) or not 0 < seconds <= 3600:
        raise SettingsError(f"{name} is not a number of seconds", hint="Give one from 1 to 3600.")
    return float(seconds)
