"""Copying: the way that works where the terminal is, nothing of it on the screen, and taken back."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from textual import events

from ssmm_core.errors import CommandFailed
from ssmm_core.secret import SecretValue
from ssmm_tui.clipboard import Clipboard, Desktop, Terminal, Tmux, way
from ssmm_tui.preferences import Preferences
from tests.support.memory import MemoryStore
from tests.support.tui import running

if TYPE_CHECKING:
    from tests.support.tui import Ui

NAME, OTHER = "/demo-team/web/api-token", "/demo-team/web/other-token"
SENTINEL = "sentinel-92b1-made-up"
SHORTLY, LATE = Preferences(clipboard_seconds=0.3), Preferences(clipboard_seconds=3600)
SSH = {"SSH_TTY": "/dev/made-up"}
LOCAL: dict[str, str] = {}

XCLIP = """#!{python}
import pathlib, sys
held = pathlib.Path({held!r})
if "-o" in sys.argv:
    sys.stdout.buffer.write(held.read_bytes())
else:
    held.write_bytes(sys.stdin.buffer.read())
"""
BROKEN = """#!{python}
import sys
sys.stdin.read()
sys.exit("Error: Can't open display: :7")
"""


class Desk:
    """A desktop whose clipboard is a file behind an `xclip` of its own."""

    def __init__(self, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        self._held = folder / "held"
        self._held.write_text("from before")
        self._program = folder / "bin" / "xclip"
        self._program.parent.mkdir()
        self.install(XCLIP)
        monkeypatch.setenv("PATH", str(self._program.parent), prepend=":")
        monkeypatch.setenv("DISPLAY", ":7")
        monkeypatch.delenv("WAYLAND_DISPLAY", raising=False)

    def install(self, script: str) -> None:
        self._program.write_text(script.format(python=sys.executable, held=str(self._held)))
        self._program.chmod(0o755)

    @property
    def holds(self) -> str:
        return self._held.read_text()

    def copy(self, text: str) -> None:
        """As another program would."""
        self._held.write_text(text)


@pytest.fixture
def desk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Desk:
    import pyperclip

    for name in ("copy", "paste"):  # it keeps the way that it found first
        monkeypatch.setattr(pyperclip, name, getattr(pyperclip, f"lazy_load_stub_{name}"))
    return Desk(tmp_path, monkeypatch)


@pytest.fixture
def few() -> MemoryStore:
    store = MemoryStore()
    store.seed(NAME, SENTINEL)
    store.seed(OTHER, "made-up-other")
    return store


async def copied(ui: Ui) -> None:
    """Copy the value of the first row."""
    await ui.loaded()
    await ui.press("y")
    await ui.hears(f"Copied the value of {NAME}")


# Which way


@pytest.mark.parametrize(
    ("environ", "kind"),
    [
        ({"TMUX": "/tmp/made-up,1,0"}, Tmux),
        ({"TMUX": "/tmp/made-up,1,0", "SSH_TTY": "/dev/made-up"}, Tmux),
        ({"SSH_TTY": "/dev/made-up"}, Terminal),
        ({"SSH_CONNECTION": "192.0.2.1 1 192.0.2.2 22"}, Terminal),
        ({}, Desktop),
    ],
)
def test_the_way_is_that_of_the_person_before_the_terminal(desk: Desk, environ: dict[str, str], kind: type) -> None:
    assert isinstance(way(environ, lambda _text: None), kind)


def test_without_a_desktop_the_terminal_is_asked(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("DISPLAY")
    assert isinstance(way({}, lambda _text: None), Terminal)


# The desktop


async def test_a_value_is_copied_to_the_desktop_and_shown_nowhere(desk: Desk, few: MemoryStore) -> None:
    async with running(few, environ=LOCAL, preferences=LATE) as ui:
        await copied(ui)
        assert desk.holds == SENTINEL
        assert few.calls.count("get decrypted") == 1
        assert "to the clipboard. It is cleared in 3600 s if it still holds that." in ui.told
        assert SENTINEL not in ui.told
        assert SENTINEL not in ui.text


async def test_it_is_taken_back_after_its_time(desk: Desk, few: MemoryStore) -> None:
    async with running(few, environ=LOCAL, preferences=SHORTLY) as ui:
        await copied(ui)
        await ui.until(lambda: desk.holds == "", "an empty clipboard")
        await ui.hears("The clipboard was cleared.")
        assert not ui.app.session.clipboard.may_hold


async def test_what_somebody_copied_in_between_stays(desk: Desk, few: MemoryStore) -> None:
    async with running(few, environ=LOCAL, preferences=SHORTLY) as ui:
        await copied(ui)
        desk.copy("from another program")
        await ui.until(lambda: not ui.app.session.clipboard.may_hold, "the end of its time")
        await ui.rests()
        assert "was cleared" not in ui.told
    assert desk.holds == "from another program"


async def test_the_time_of_a_second_copy_begins_anew(desk: Desk, few: MemoryStore) -> None:
    async with running(few, environ=LOCAL, preferences=LATE) as ui:
        await copied(ui)
        first = ui.app._clearing
        await ui.press("j", "y")
        await ui.hears(f"Copied the value of {OTHER}")
        assert desk.holds == "made-up-other"
        assert ui.app._clearing is not first


async def test_quitting_takes_it_back_before_its_time(desk: Desk, few: MemoryStore) -> None:
    async with running(few, environ=LOCAL, preferences=LATE) as ui:
        await copied(ui)
        await ui.press("q")
        await ui.until(lambda: desk.holds == "", "an empty clipboard")


async def test_quitting_leaves_what_is_somebody_elses(desk: Desk, few: MemoryStore) -> None:
    async with running(few, environ=LOCAL, preferences=LATE) as ui:
        await copied(ui)
        desk.copy("from another program")
        await ui.press("q")
        await ui.until(lambda: not ui.app.is_running or ui.app._exit, "the end")
    assert desk.holds == "from another program"


async def test_a_name_is_copied_for_good(desk: Desk, few: MemoryStore) -> None:
    async with running(few, environ=LOCAL, preferences=SHORTLY) as ui:
        await ui.loaded()
        await ui.press("Y")
        await ui.hears(f"Copied the name {NAME} to the clipboard.")
        assert "cleared" not in ui.told
        assert ui.app._clearing is None
        await ui.press("q")
    assert desk.holds == NAME
    assert "get decrypted" not in few.calls


async def test_a_name_copied_after_a_value_stays(desk: Desk, few: MemoryStore) -> None:
    async with running(few, environ=LOCAL, preferences=Preferences(clipboard_seconds=1)) as ui:
        await copied(ui)
        await ui.press("Y")
        await ui.hears("Copied the name")
        await ui.press("q")
    assert desk.holds == NAME


@pytest.mark.parametrize("script", [BROKEN, "#!/made-up/interpreter\n"], ids=["no display", "not to be run"])
async def test_a_clipboard_that_fails_is_told_without_the_value(desk: Desk, few: MemoryStore, script: str) -> None:
    desk.install(script)
    async with running(few, environ=LOCAL, preferences=LATE) as ui:
        await ui.loaded()
        await ui.press("y")
        await ui.hears("Not done", "clipboard", "Reveal the value instead.")
        assert "Copied" not in ui.told
        assert SENTINEL not in ui.told
        assert ui.app.session.clipboard.may_hold  # it was handed over: it may be there, whatever was answered


async def test_leaving_while_it_is_being_copied_waits_and_takes_it_back(desk: Desk, few: MemoryStore, tmp_path: Path) -> None:
    slow = XCLIP + "import time\nwhile not pathlib.Path({held!r} + '-go').exists(): time.sleep(0.01)\n"
    desk.install(slow)
    async with running(few, environ=LOCAL, preferences=LATE) as ui:
        await ui.loaded()
        await ui.press("y")
        await ui.until(lambda: desk.holds == SENTINEL, "the program that copies")
        ui.app.post_message(events.Key("q", "q"))
        (tmp_path / "held-go").touch()
        await ui.until(lambda: ui.app._exit, "the end")
        assert desk.holds == ""


def test_nothing_is_copied_once_it_is_closed(desk: Desk) -> None:
    clipboard = Clipboard(Desktop)
    clipboard.copy(SecretValue(SENTINEL))
    clipboard.close()
    with pytest.raises(CommandFailed):
        clipboard.copy(SecretValue(SENTINEL))
    assert desk.holds == ""


def test_what_could_not_be_cleared_is_held_still() -> None:
    sent: list[str] = []
    broken = False

    def send(text: str) -> None:
        if broken:
            raise OSError
        sent.append(text)

    clipboard = Clipboard(lambda: Terminal(send))
    clipboard.copy(SecretValue(SENTINEL))
    broken = True
    with pytest.raises(CommandFailed):
        clipboard.clear()
    broken = False
    assert clipboard.clear()
    assert sent == [SENTINEL, " "]


def test_a_value_is_held_while_the_copy_of_another_one_fails(desk: Desk) -> None:
    clipboard = Clipboard(Desktop)
    clipboard.copy(SecretValue(SENTINEL))
    desk.install(BROKEN)
    with pytest.raises(CommandFailed):
        clipboard.copy(SecretValue("made-up-other"))
    desk.install(XCLIP)
    assert clipboard.clear()
    assert desk.holds == ""


async def test_what_is_selected_in_a_field_goes_the_same_way(desk: Desk, few: MemoryStore) -> None:
    async with running(few, environ=LOCAL, preferences=LATE) as ui:
        await ui.loaded()
        await ui.press("slash")
        await ui.type("api")
        await ui.press("shift+home", "ctrl+c")
        await ui.hears("Copied the selection to the clipboard. It is cleared in 3600 s")
        assert desk.holds == "api"


# The terminal


async def test_over_ssh_the_terminal_is_asked_and_asked_to_forget_always(few: MemoryStore) -> None:
    async with running(few, environ=SSH, preferences=SHORTLY) as ui:
        await copied(ui)
        assert "to the terminal's clipboard (OSC 52). It is cleared in 0.3 s, whatever it holds then." in ui.told
        assert ui.app._clipboard == SENTINEL
        await ui.until(lambda: ui.app._clipboard == " ", "the clearing")
        await ui.hears("The clipboard was cleared.")


async def test_over_ssh_quitting_takes_it_back(few: MemoryStore) -> None:
    async with running(few, environ=SSH, preferences=LATE) as ui:
        await copied(ui)
        await ui.press("q")
        await ui.until(lambda: ui.app._clipboard == " ", "the clearing")


def test_tmux_that_fails_is_told_without_the_value(monkeypatch: pytest.MonkeyPatch) -> None:
    def run(*_arguments: object, **_named: object) -> None:
        raise subprocess.CalledProcessError(1, "tmux", SENTINEL)

    monkeypatch.setattr(subprocess, "run", run)
    clipboard = Clipboard(Tmux)
    with pytest.raises(CommandFailed) as told:
        clipboard.copy(SecretValue(SENTINEL))
    assert SENTINEL not in f"{told.value} {told.value!r}"
    assert told.value.__cause__ is None
    assert clipboard.may_hold


async def test_what_could_not_be_cleared_is_told_and_tried_again(few: MemoryStore) -> None:
    fails = [OSError()]

    class Fickle(Desktop):
        held = ""

        def write(self, text: str) -> None:
            self.held = text

        def read(self) -> str:
            if fails:
                raise fails.pop()
            return self.held

    fickle = Fickle()
    async with running(few, preferences=SHORTLY) as ui:
        ui.app.session.clipboard._choose = lambda: fickle
        await copied(ui)
        await ui.hears("Still in the clipboard")
        await ui.until(lambda: fickle.held == "", "the second attempt")
