"""Completes the path of a file."""

from __future__ import annotations

import os

from textual.suggester import Suggester

from ssmm_tui.workers import in_thread


class PathSuggester(Suggester):
    """What a directory holds, `.env` files first, then in the order of their names."""

    def __init__(self) -> None:
        super().__init__(use_cache=False, case_sensitive=True)

    async def get_suggestion(self, value: str) -> str | None:
        return await in_thread(lambda: completed(value))


def completed(path: str) -> str | None:
    """`path` with the rest of a name that begins like it; a directory ends in `/`. None where nothing does."""
    before, begun = os.path.split(path)
    directory = os.path.expanduser(before) or "."
    try:
        names = [name for name in os.listdir(directory) if name.startswith(begun)]
    except OSError:
        return None
    if not names:
        return None
    first = min(names, key=lambda name: (".env" not in name, name))
    return os.path.join(before, first) + ("/" if os.path.isdir(os.path.join(directory, first)) else "")
