"""The configuration file, for what reads more of it than the prefix."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from ssmm_core.errors import SettingsError
from ssmm_core.settings import configuration, load

if TYPE_CHECKING:
    from pathlib import Path


def configure(folder: Path, text: str) -> dict[str, str]:
    """An environment in which the configuration file says `text`."""
    (folder / "ssmm").mkdir()
    (folder / "ssmm" / "config.toml").write_text(text, encoding="utf-8")
    return {"XDG_CONFIG_HOME": str(folder)}


def test_all_that_the_file_says_is_told(tmp_path: Path) -> None:
    environment = configure(tmp_path, 'prefix = "/team"\ntheme = "dark"\n[keys]\nquit = "q"\n')
    assert configuration(environment) == {"prefix": "/team", "theme": "dark", "keys": {"quit": "q"}}
    assert load({}, environment).root == "/team"


def test_where_there_is_no_file_nothing_is_told(tmp_path: Path) -> None:
    assert configuration({"XDG_CONFIG_HOME": str(tmp_path)}) == {}
    assert configuration({}) == {}


def test_a_file_that_is_no_toml_is_named(tmp_path: Path) -> None:
    environment = configure(tmp_path, "theme = ")
    with pytest.raises(SettingsError, match=r"cannot read .*config\.toml: it is not valid TOML"):
        configuration(environment)


def test_a_theme_that_is_no_text_is_for_its_reader_to_judge(tmp_path: Path) -> None:
    assert configuration(configure(tmp_path, "theme = 5")) == {"theme": 5}
