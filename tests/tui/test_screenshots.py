"""The README's pictures show the terminal UI as it is."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from screenshots.make import HERE, SCENES, Scene, drawn
from ssmm_core.classify import is_plain
from ssmm_core.store.demo_team import entries
from tests.support.tui import words

README = Path(__file__).parents[2] / "README.md"


@pytest.mark.parametrize("scene", SCENES, ids=lambda scene: scene.name)
async def test_a_picture_is_not_out_of_date(scene: Scene) -> None:
    stored = (HERE / f"{scene.name}.svg").read_text(encoding="utf-8")
    is_as_stored = await drawn(scene) == stored
    assert is_as_stored, f"python -m screenshots.make {scene.name} draws it anew: look at it before you commit it"


def test_every_picture_has_a_scene_and_every_scene_a_picture() -> None:
    assert {path.stem for path in HERE.glob("*.svg")} == {scene.name for scene in SCENES}
    assert len(SCENES) >= 8


def test_the_readme_shows_pictures_that_are_there() -> None:
    shown = re.findall(r"\]\(screenshots/([\w-]+)\.svg\)", README.read_text(encoding="utf-8"))
    assert shown
    assert set(shown) <= {scene.name for scene in SCENES}


def test_only_the_picture_of_a_reveal_holds_a_secret_value() -> None:
    secrets = [entry.value for entry in entries() if not is_plain(entry.name.replace("-", "_")) and len(entry.value) > 12]
    for scene in SCENES:
        text = " ".join(words((HERE / f"{scene.name}.svg").read_text(encoding="utf-8")))
        assert scene.name == "reveal" or not any(value in text for value in secrets)
