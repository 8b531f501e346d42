"""`python -m screenshots.make` draws the pictures in this folder: the terminal UI on the demonstration team, driven by keys."""

from __future__ import annotations

import asyncio
import os
import sys
import tempfile
import time
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from tests.support.memory import demo_store
from tests.support.tui import NOW, Ui, running

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Iterable

HERE = Path(__file__).parent


class Scene(NamedTuple):
    """A picture: what is done before it is drawn, on which screen, in which theme."""

    name: str
    act: Callable[[Ui], Awaitable[None]]
    theme: str = "ssmm-dark"
    size: tuple[int, int] = (132, 38)


async def browse(ui: Ui) -> None:
    await ui.press("slash")
    await ui.type("secret")
    await ui.press("enter", "space", "space", "j")
    await ui.sees("2 marked")


async def reveal(ui: Ui) -> None:
    await ui.press("slash")
    await ui.type("tax-rates")
    await ui.press("enter", "x")
    await ui.sees("JSON")


async def history(ui: Ui) -> None:
    await ui.press("slash")
    await ui.type("payment-api-key app:billing-api")
    await ui.press("enter", "right_square_bracket", "right_square_bracket")
    await ui.sees("v3", "v1")


async def layers(ui: Ui) -> None:
    await ui.press("slash")
    await ui.type("sentry-dsn")
    await ui.press("enter", "right_square_bracket", "right_square_bracket", "right_square_bracket")
    await ui.sees("wins", "shadowed")


async def tags(ui: Ui) -> None:
    await ui.press("slash")
    await ui.type("slack-token")
    await ui.press("enter", "a", "t")
    await ui.sees("owner=")


async def edit(ui: Ui) -> None:
    await ui.press("slash")
    await ui.type("oauth app:web")
    await ui.press("enter", "e")
    await ui.sees("SecureString")


async def plan(ui: Ui) -> None:
    await ui.press("slash")
    await ui.type("smtp")
    await ui.press("enter", "a", "s")
    await ui.sees("carries it out")


async def duplicates(ui: Ui) -> None:
    await ui.press("2")
    await ui.sees("DATABASE_URL")


async def environment(ui: Ui) -> None:
    await ui.press("3")
    await ui.sees("DB_HOST")


async def matrix(ui: Ui) -> None:
    await ui.press("3", "m")
    await ui.sees("missing")


async def help_screen(ui: Ui) -> None:
    await ui.press("question_mark")
    await ui.sees("Everywhere")


SCENES = (
    Scene("browse", browse),
    Scene("browse-light", browse, theme="ssmm-light"),
    Scene("browse-small", browse, size=(80, 24)),
    Scene("reveal", reveal),
    Scene("history", history),
    Scene("layers", layers),
    Scene("tags", tags),
    Scene("edit", edit),
    Scene("plan", plan, theme="ssmm-light"),
    Scene("duplicates", duplicates),
    Scene("environment", environment),
    Scene("matrix", matrix),
    Scene("help", help_screen, theme="ssmm-contrast"),
)


async def drawn(scene: Scene) -> str:
    """The picture of a scene, as SVG."""
    async with running(demo_store(NOW), size=scene.size, theme=scene.theme) as ui:
        await ui.loaded()
        await scene.act(ui)
        await ui.rests()
        return ui.svg


async def draw(scenes: Iterable[Scene]) -> None:
    for scene in scenes:
        (HERE / f"{scene.name}.svg").write_text(await drawn(scene), encoding="utf-8")


def main() -> None:
    """Draw the scenes that are named, or all of them."""
    os.environ.pop("NO_COLOR", None)
    os.environ["TZ"] = "UTC"
    time.tzset()
    chosen = sys.argv[1:]
    with tempfile.TemporaryDirectory() as directory:
        os.chdir(directory)
        asyncio.run(draw(scene for scene in SCENES if not chosen or scene.name in chosen))


if __name__ == "__main__":
    main()
