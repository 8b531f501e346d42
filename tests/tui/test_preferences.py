"""What config.toml says for the terminal UI: taken as it is, or refused with what is wrong in it."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from ssmm_core import settings
from ssmm_core.errors import SettingsError
from ssmm_tui.__main__ import main
from ssmm_tui.commands import display_key, keymap
from ssmm_tui.preferences import Preferences, preferences


def put(text: str) -> Path:
    """A configuration file with this text."""
    path = Path(os.environ["HOME"], ".config", "ssmm", "config.toml")
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)
    return path


def written(text: str) -> Preferences:
    """The preferences in a configuration file with this text."""
    path = put(text)
    return preferences(settings.configuration(os.environ), str(path))


def test_without_a_file_there_are_defaults() -> None:
    assert preferences(settings.configuration(os.environ), "config.toml") == Preferences(
        theme="", reveal_seconds=30, clipboard_seconds=45, production=(), keys={}
    )


def test_everything_can_be_set() -> None:
    found = written(
        'prefix = "/myteam"\nproduction = ["/myteam/prod*", "*-live"]\n'
        '[tui]\ntheme = "nord"\nreveal_seconds = 5\nclipboard_seconds = 0.5\n[keys]\nreveal = "z,f4"\n'
    )
    assert found == Preferences("nord", 5, 0.5, ("/myteam/prod*", "*-live"), {"reveal": "z,f4"})
    assert found.is_production("/myteam/production")
    assert found.is_production("/myteam", "acme-live")
    assert not found.is_production("/myteam", None)


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("tui = 1", "tui and keys are tables"),
        ("keys = []", "tui and keys are tables"),
        ('production = "prod"', "production is not a list of texts"),
        ("production = [1]", "production is not a list of texts"),
        ("[tui]\ncolour = 1\ntheem = 2", "unknown setting: colour, theem"),
        ("[tui]\ntheme = 7", "theme is not a text"),
        ("[tui]\nreveal_seconds = 0", "reveal_seconds is not a number of seconds"),
        ("[tui]\nreveal_seconds = true", "reveal_seconds is not a number of seconds"),
        ("[tui]\nreveal_seconds = nan", "reveal_seconds is not a number of seconds"),
        ("[tui]\nreveal_seconds = inf", "reveal_seconds is not a number of seconds"),
        ('[tui]\nclipboard_seconds = "45"', "clipboard_seconds is not a number of seconds"),
        ("[tui]\nclipboard_seconds = 3601", "clipboard_seconds is not a number of seconds"),
        ("[keys]\nreveal = 1\ncopy-value = ''", "the key for copy-value, reveal is not a text"),
        ("[tui", "it is not valid TOML"),
        ('[tui]\ntheme = "made-up"', "there is no theme 'made-up'. There are"),
        ('[keys]\nunveil = "z"', "[keys] names no command: unveil. There are"),
        ('[key]\nreveal = "z"', "there is no setting key. There are"),
    ],
)
def test_what_is_wrong_is_named(text: str, told: str) -> None:
    with pytest.raises(SettingsError) as refused:
        written(text)
    assert told in str(refused.value)
    assert "/.config/ssmm/config.toml" in str(refused.value)


# Keys


def test_a_command_can_have_several_keys() -> None:
    assert keymap({"reveal": "z,f4"}) == {"reveal": "z,f4"}
    assert display_key("reveal", {"reveal": "z,f4"}) == "z"


@pytest.mark.parametrize(
    ("keys", "named"),
    [
        ({"unveil": "z"}, ["unveil", "reveal"]),
        ({"reveal": "y"}, ["y", "reveal", "copy-value"]),
        ({"reveal": "z,q"}, ["q", "quit", "reveal"]),
        ({"top": "/"}, ["slash", "filter", "top"]),
        ({"help": "?", "reload": "question_mark"}, ["question_mark", "help", "reload"]),
        ({"apply": "x"}, ["x", "apply", "show-values"]),
        ({"restore": "c"}, ["c", "restore", "compare"]),
        ({"reveal": "ctrl+p"}, ["ctrl+p", "reveal"]),
        ({"reveal": "ctrl+c"}, ["ctrl+c", "reveal"]),
        ({"reveal": "z,"}, ["empty key", "z,"]),
    ],
)
def test_unknown_commands_and_clashes_are_named(keys: dict[str, str], named: list[str]) -> None:
    with pytest.raises(SettingsError) as refused:
        keymap(keys)
    assert all(name in str(refused.value) for name in named)


def test_keys_can_be_exchanged() -> None:
    assert keymap({"reveal": "y", "copy-value": "x"})


# As it is met


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ('[keys]\nunveil = "z"\n', "[keys] names no command: unveil"),
        ('[keys]\nreveal = "y"\n', "[keys] gives y to both reveal and copy-value"),
        ('[tui]\ntheme = "made-up"\n', "there is no theme 'made-up'"),
    ],
)
def test_the_program_says_it_in_one_line_before_it_draws_anything(capsys: pytest.CaptureFixture[str], text: str, told: str) -> None:
    path = put(text)
    assert main(["--demo"]) == 78
    captured = capsys.readouterr()
    assert captured.out == ""
    assert captured.err.startswith(f"Error: {path}: {told}")
    assert captured.err.count("\n") == 1


def test_a_theme_of_the_command_line_is_checked_too(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["--demo", "--theme", "made-up"]) == 78
    assert "ssmm-contrast" in capsys.readouterr().err


def test_without_a_terminal_it_does_not_start(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["--demo"]) == 2
    assert "needs a terminal" in capsys.readouterr().err
