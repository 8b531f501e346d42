"""`completion`: scripts that the shells take, and that offer what there is."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from ssmm_core.envfile import FORMATS
from tests.cli.test_help import COMMANDS, GLOBAL

if TYPE_CHECKING:
    from tests.conftest import Cli

# What bash does when somebody presses Tab behind these words.
PRESS_TAB = """
. "$1"; shift
specification=$(complete -p ssmm) || exit
read -r function < <(sed 's/.* -F \\([^ ]*\\) .*/\\1/' <<<"$specification")
COMP_WORDS=("$@"); COMP_CWORD=$(($# - 1)); COMP_LINE="$*"; COMP_POINT=${#COMP_LINE}; COMP_TYPE=9; COMP_KEY=9
"$function" ssmm "${COMP_WORDS[COMP_CWORD]}" "${COMP_WORDS[COMP_CWORD-1]}"
printf '%s\\n' "${COMPREPLY[@]}"
"""


@pytest.fixture(scope="module")
def scripts() -> dict[str, str]:
    """The scripts that were made already: each is made once."""
    return {}


def script(ssmm: Cli, scripts: dict[str, str], shell: str) -> Path:
    """The script of a shell, as a file in this test's directory."""
    if shell not in scripts:
        ran = ssmm("completion", shell)
        assert (ran.code, ran.err) == (0, "")
        scripts[shell] = ran.out
    path = Path(f"completion.{shell}").resolve()
    path.write_text(scripts[shell], encoding="utf-8")
    return path


def offered(path: Path, *words: str) -> set[str]:
    """What bash offers for the last of these words."""
    if shutil.which("bash") is None:
        pytest.skip("bash is not installed")
    ended = subprocess.run(
        ["bash", "--norc", "-c", PRESS_TAB, "bash", str(path), *words], capture_output=True, text=True, timeout=60, stdin=subprocess.DEVNULL
    )
    assert (ended.returncode, ended.stderr) == (0, "")
    return {word.rstrip() for word in ended.stdout.splitlines() if word}


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_the_shell_itself_takes_the_script(ssmm: Cli, scripts: dict[str, str], shell: str) -> None:
    if shutil.which(shell) is None:
        pytest.skip(f"{shell} is not installed")
    path = script(ssmm, scripts, shell)
    assert path.stat().st_size > 1000
    ended = subprocess.run([shell, "-n", str(path)], capture_output=True, text=True, timeout=60, stdin=subprocess.DEVNULL)
    assert (ended.returncode, ended.stdout, ended.stderr) == (0, "", "")


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_the_script_knows_every_command(ssmm: Cli, scripts: dict[str, str], shell: str) -> None:
    text = script(ssmm, scripts, shell).read_text(encoding="utf-8")
    assert [command for command in COMMANDS if command not in text] == []
    assert "--include-tag" in text or "include-tag" in text


def test_bash_offers_every_command(ssmm: Cli, scripts: dict[str, str]) -> None:
    assert offered(script(ssmm, scripts, "bash"), "ssmm", "") >= set(COMMANDS)


def test_bash_offers_the_commands_that_begin_so(ssmm: Cli, scripts: dict[str, str]) -> None:
    assert offered(script(ssmm, scripts, "bash"), "ssmm", "mig") == {"migrate", "migrate-to-exec", "migrate-to-sync"}


def test_bash_offers_global_options_before_the_command(ssmm: Cli, scripts: dict[str, str]) -> None:
    assert offered(script(ssmm, scripts, "bash"), "ssmm", "--") >= {*GLOBAL, "--version", "--help"}


def test_bash_offers_a_command_behind_a_global_option(ssmm: Cli, scripts: dict[str, str]) -> None:
    assert offered(script(ssmm, scripts, "bash"), "ssmm", "--json", "check") == {"check"}


def test_bash_offers_a_commands_own_options_and_the_global_ones(ssmm: Cli, scripts: dict[str, str]) -> None:
    path = script(ssmm, scripts, "bash")
    assert offered(path, "ssmm", "sync", "--") >= {"--app", "--out", "--no-shared", "--include-tag", "--strict", "--format", *GLOBAL}
    assert offered(path, "ssmm", "migrate-to-exec", "--keep") == {"--keep-env-file"}
    assert "--strict" not in offered(path, "ssmm", "put", "--")


def test_bash_offers_the_choices_of_an_option_and_of_an_argument(ssmm: Cli, scripts: dict[str, str]) -> None:
    path = script(ssmm, scripts, "bash")
    assert offered(path, "ssmm", "sync", "--format", "") == set(FORMATS)
    assert offered(path, "ssmm", "completion", "") >= {"bash", "zsh", "fish"}


def test_bash_offers_the_actions_of_tag_and_their_options(ssmm: Cli, scripts: dict[str, str]) -> None:
    path = script(ssmm, scripts, "bash")
    assert offered(path, "ssmm", "tag", "") >= {"add", "remove", "list"}
    assert offered(path, "ssmm", "tag", "add", "--mat") == {"--match"}


def test_bash_offers_files_where_a_file_is_meant(ssmm: Cli, scripts: dict[str, str]) -> None:
    Path("shared.env").touch()
    path = script(ssmm, scripts, "bash")
    assert offered(path, "ssmm", "put", "--env", "shar") == {"shared.env"}
    assert offered(path, "ssmm", "sync", "--out", "shar") == {"shared.env"}


def offered_by_fish(path: Path, line: str) -> set[str]:
    """What fish offers for a line."""
    if shutil.which("fish") is None:
        pytest.skip("fish is not installed")
    ended = subprocess.run(
        ["fish", "--no-config", "-c", 'source $argv[1]; complete -C "$argv[2]"', str(path), line],
        capture_output=True, text=True, timeout=60, stdin=subprocess.DEVNULL,
    )  # fmt: skip
    assert ended.returncode == 0, ended.stderr
    return {offer.partition("\t")[0] for offer in ended.stdout.splitlines()}


def test_fish_offers_commands_options_and_choices(ssmm: Cli, scripts: dict[str, str]) -> None:
    path = script(ssmm, scripts, "fish")
    assert offered_by_fish(path, "ssmm ") >= set(COMMANDS)
    assert offered_by_fish(path, "ssmm sync --") >= {"--app", "--out", "--strict", "--json"}
    assert offered_by_fish(path, "ssmm sync --format ") >= {"systemd", "json"}


def test_a_shell_that_ssmm_does_not_know_is_refused(ssmm: Cli) -> None:
    ran = ssmm("completion", "csh")
    assert ran.code == 2
    assert len(ran.err.splitlines()) == 1
