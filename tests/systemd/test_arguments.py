"""Arguments that a unit has now arrive just so behind ssmm: thousands of them, through a real systemd."""

from __future__ import annotations

import random
import string
from typing import TYPE_CHECKING

from hypothesis import given
from hypothesis import strategies as st

from ssmm_core.systemd.exec_mode import ExecDropIn, from_command
from ssmm_core.systemd.manager import Manager
from ssmm_core.systemd.quoting import expanded_names, whole_command, word, words
from ssmm_core.systemd.service import ExecCommand
from tests.systemd.managers import RUNTIME

if TYPE_CHECKING:
    from pathlib import Path

    from tests.systemd.managers import UserManager

VECTORS = 2000
ALPHABET = (
    string.ascii_letters[:6] + " \t\n\r'\"\\$`#;%=!&|<>(){}[]*?~^@:,./-_+" * 3 + "".join(map(chr, range(1, 32))) + "\x7féß漢🦀\u00a0\u2028"
)
PIECES = [
    "$MADE",
    "${MADE}",
    "$$",
    "${UNSET}",
    "$UNSET",
    "$",
    "%n",
    "%%",
    "%",
    "\\",
    '"',
    "'",
    ";",
    "--",
    "-",
    "",
    "a b",
    "\\x41",
    "${MADE",
    "$MADE-x",
]
SHOW = """#!/bin/sh
printf '%s\\0' "$#" "$@" >>"$OUT"
"""
THROUGH = """#!/bin/sh
while [ "$1" != -- ]; do shift; done
shift
exec "$@"
"""
"""What `ssmm exec` does with its arguments, without the tenth of a second that a fetch takes."""


def vectors() -> list[tuple[tuple[str, ...], bool]]:
    """(arguments, whether systemd expands variables in them), the same in each run."""
    chance = random.Random(20260101)

    def argument() -> str:
        if chance.random() < 0.4:
            return "".join(chance.choices(PIECES, k=chance.randint(1, 3)))
        return "".join(chance.choices(ALPHABET, k=chance.randint(0, 20)))

    return [(tuple(argument() for _ in range(chance.randint(0, 5))), chance.random() < 0.8) for _ in range(VECTORS)]


def unit(commands: list[str], out: Path) -> str:
    lines = "\n".join(f"ExecStart={command}" for command in commands)
    return f'[Service]\nType=oneshot\nTimeoutStartSec=300\nEnvironment="MADE=two  words" OUT={out}\n{lines}\n'


def delivered(block: bytes) -> list[list[str]]:
    """What each call of the program was given."""
    texts = iter(block.decode().split("\0")[:-1])
    return [[next(texts) for _ in range(int(count))] for count in texts]


def test_two_thousand_argument_vectors_arrive_behind_ssmm_as_they_did_before_it(user_manager: UserManager) -> None:
    folder = user_manager.home / "arguments $HOME"
    folder.mkdir()
    show, through = folder / "show", folder / "ssmm"
    for path, text in ((show, SHOW), (through, THROUGH)):
        path.write_text(text, encoding="utf-8")
        path.chmod(0o755)
    asked = vectors()
    # As `ExecStart=` has them: words of which some hold what systemd will expand.
    commands = [
        ("" if expands else ":") + " ".join([word(str(show), expands=False), *(word(text, expands=False) for text in arguments)])
        for arguments, expands in asked
    ]
    user_manager.load("plain.service", unit(commands, user_manager.home / "plain.out"))
    read = Manager(system=False, environ={"XDG_RUNTIME_DIR": str(user_manager.inside(RUNTIME))}).service("plain.service").exec_start
    assert [(command.argv[1:], command.expands) for command in read] == asked
    drop_in = ExecDropIn(unit="plain.service", app="my-app", ssmm=str(through), prefix="/myteam", system=False)
    wrapped = [from_command(drop_in, command).render().split("\nExecStart=\nExecStart=")[1].split("\n")[0] for command in read]
    user_manager.load("wrapped.service", unit(wrapped, user_manager.home / "wrapped.out"))
    for name in ("plain", "wrapped"):
        user_manager.start(f"{name}.service")
    before, after = (delivered((user_manager.home / f"{name}.out").read_bytes()) for name in ("plain", "wrapped"))
    assert len(before) == VECTORS
    assert after == before
    assert ["two  words"] in [[text] for call in before for text in call]
    # A command that was read once more, and one that stays as a step before the start, are the same again.
    again = Manager(system=False, environ={"XDG_RUNTIME_DIR": str(user_manager.inside(RUNTIME))}).service("wrapped.service").exec_start
    assert [from_command(drop_in, command).read for command in again] == list(read)
    user_manager.load("steps.service", unit([whole_command(command) for command in read], user_manager.home / "steps.out"))
    user_manager.start("steps.service")
    assert delivered((user_manager.home / "steps.out").read_bytes()) == before


TEXTS = st.text(st.characters(exclude_characters="\0", exclude_categories=["Cs"]), max_size=30)


@given(st.lists(TEXTS, max_size=5), st.booleans())
def test_a_word_is_one_word_whatever_is_in_it(texts: list[str], expands: bool) -> None:
    line = " ".join(word(text, expands=expands) for text in texts)
    assert "\n" not in line
    assert len(words(line)) == len(texts)
    assert expanded_names(text for text, _ in words(" ".join(word(text) for text in texts))) == ()


@given(st.lists(st.sampled_from(["$A", "${B}", "x${C}y${D}", "$$E", "$${F}", "a$G", "${H", "$1", "$A-", "$$$I", "plain"]), max_size=6))
def test_the_variables_of_a_command_are_those_that_systemd_expands(texts: list[str]) -> None:
    expands = {"$A": {"A"}, "${B}": {"B"}, "x${C}y${D}": {"C", "D"}}
    expected = set().union(*(expands.get(text, set()) for text in texts))
    assert set(expanded_names(texts)) == expected


@given(st.lists(TEXTS, min_size=1, max_size=4), st.sets(st.sampled_from(["ignore-failure", "no-env-expand", "privileged"])))
def test_a_command_is_unwrapped_to_what_was_wrapped(arguments: list[str], flags: set[str]) -> None:
    command = ExecCommand("/opt/it's $X/app", ("name", *arguments), tuple(sorted(flags)))
    drop_in = ExecDropIn(unit="a.service", app="my-app", ssmm="/usr/bin/ssmm", prefix="/myteam", system=False)
    wrapped = from_command(drop_in, command)
    dollar = "$$" if wrapped.expands else "$"
    path = command.path.replace("$", dollar)
    loaded = ("/usr/bin/ssmm", "exec", "--app", "my-app", "--argv0", "name", "--", path, *arguments)
    assert from_command(drop_in, ExecCommand("/usr/bin/ssmm", loaded, command.flags)).render() == wrapped.render()
