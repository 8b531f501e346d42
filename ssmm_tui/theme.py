"""Our themes. Textual's own can be chosen too; these are made for a table that people look at all day."""

from __future__ import annotations

from textual.theme import BUILTIN_THEMES, Theme

from ssmm_core.errors import SettingsError

DARK = Theme(
    name="ssmm-dark",
    primary="#6ea8fe",
    secondary="#8b93a7",
    accent="#f0b45b",
    foreground="#d7dae0",
    background="#14161b",
    surface="#1b1e25",
    panel="#252a34",
    success="#7cc48d",
    warning="#f0b45b",
    error="#f2777a",
    dark=True,
    variables={
        "block-cursor-background": "#34507d",
        "block-cursor-foreground": "#ffffff",
        "block-cursor-text-style": "none",
        "border": "#3a4150",
        "border-blurred": "#2b303b",
        "footer-key-foreground": "#f0b45b",
        "input-selection-background": "#6ea8fe 35%",
    },
)

LIGHT = Theme(
    name="ssmm-light",
    primary="#1f5fbf",
    secondary="#5b6472",
    accent="#9a5b00",
    foreground="#1e2329",
    background="#fbfbf9",
    surface="#f3f3ef",
    panel="#e6e6e0",
    success="#23743b",
    warning="#8a5a00",
    error="#b3261e",
    dark=False,
    variables={
        "block-cursor-background": "#c9dcf8",
        "block-cursor-foreground": "#10151c",
        "block-cursor-text-style": "none",
        "border": "#b9bcc2",
        "border-blurred": "#d4d6da",
        "footer-key-foreground": "#9a5b00",
        "input-selection-background": "#1f5fbf 25%",
    },
)

CONTRAST = Theme(
    name="ssmm-contrast",
    primary="#00ffff",
    secondary="#ffffff",
    accent="#ffff00",
    foreground="#ffffff",
    background="#000000",
    surface="#000000",
    panel="#1c1c1c",
    success="#00ff66",
    warning="#ffff00",
    error="#ff6b6b",
    dark=True,
    variables={
        "block-cursor-background": "#ffff00",
        "block-cursor-foreground": "#000000",
        "block-cursor-text-style": "bold",
        "border": "#ffffff",
        "border-blurred": "#9a9a9a",
        "footer-key-foreground": "#ffff00",
    },
)

THEMES = (DARK, LIGHT, CONTRAST)


def check_theme(name: str) -> None:
    """Whether a theme can be chosen; an empty name leaves it to us.

    Raises:
        SettingsError: there is none of that name.
    """
    names = {*BUILTIN_THEMES, *(theme.name for theme in THEMES)}
    if name and name not in names:
        raise SettingsError(f"there is no theme {name!r}", hint=f"There are {', '.join(sorted(names))}.")
