"""What ssmm says of itself, and of a command line that cannot be right."""

from __future__ import annotations

import json
import os
import re
from pathlib import Path

import pytest

from ssmm_core import __version__
from tests.conftest import ROOT, Cli, Ran, Ssm

COMMANDS = (
    "put", "list", "show", "delete", "restore", "dirs", "sync", "exec", "tag", "check", "migrate", "migrate-to-exec", "onboard", "why",
    "completion", "demo", "doctor",
)  # fmt: skip
GLOBAL = {
    "--prefix": "/other", "--profile": "ours", "--region": "us-west-2", "--endpoint-url": "http://127.0.0.1:1", "--read-concurrency": "3",
    "--write-concurrency": "1", "--write-rate": "5", "--timeout": "9", "--kms-key-id": "alias/ours",
    "--advanced": None, "--json": None, "--quiet": None, "--demo": None, "--debug": None,
}  # fmt: skip
SECRET = "sentinel-hunter2"


def helped(ssmm: Cli, capsys: pytest.CaptureFixture[str], *arguments: str) -> str:
    """What a request for help prints; it ends there, without a fault."""
    with pytest.raises(SystemExit) as end:
        ssmm(*arguments)
    assert end.value.code in (0, None)
    captured = capsys.readouterr()
    assert captured.err == ""
    return captured.out


def refused(ran: Ran) -> str:
    """The one line about a command line that cannot be right."""
    assert ran.code == 2
    assert ran.out == ""
    assert len(ran.err.splitlines()) == 1
    assert ran.err.startswith("Error: ")
    return ran.err


def groups(text: str) -> dict[str, list[str]]:
    """The commands that each heading of `ssmm --help` lists."""
    found: dict[str, list[str]] = {}
    heading = ""
    for line in text.splitlines():
        if line.endswith(":") and not line.startswith(" "):
            heading = line
        elif (command := re.match(r"  ([a-z][a-z-]*)  +[a-zA-Z]", line)) and command[1] in COMMANDS:
            found.setdefault(heading, []).append(command[1])
    return found


def test_help_lists_every_command_once_in_groups_with_a_summary(ssmm: Cli, capsys: pytest.CaptureFixture[str]) -> None:
    listed = groups(helped(ssmm, capsys, "--help"))
    assert len(listed) >= 4
    assert sorted(command for commands in listed.values() for command in commands) == sorted(COMMANDS)
    assert all("command" not in heading.lower() and "argument" not in heading.lower() for heading in listed)


def test_help_lists_every_global_option(ssmm: Cli, capsys: pytest.CaptureFixture[str]) -> None:
    text = helped(ssmm, capsys, "--help")
    assert [option for option in (*GLOBAL, "--version") if f"  {option} " not in text and f"  {option}\n" not in text] == []


def test_help_of_a_real_process_is_the_same_and_exits_0(ssmm: Cli, capsys: pytest.CaptureFixture[str]) -> None:
    ran = ssmm.process("--help")
    assert (ran.code, ran.err) == (0, "")
    assert groups(ran.out) == groups(helped(ssmm, capsys, "-h"))


@pytest.mark.parametrize("command", COMMANDS)
def test_the_help_of_each_command_has_examples_that_call_it(ssmm: Cli, capsys: pytest.CaptureFixture[str], command: str) -> None:
    text = helped(ssmm, capsys, command, "--help")
    examples = text.partition("examples:\n")[2]
    assert re.search(rf"ssmm (--\S+ )*{command}\b", examples)


@pytest.mark.parametrize("command", ["onboard", "migrate-to-exec"])
def test_help_can_be_read_where_only_ascii_can_be_shown(ssmm: Cli, command: str) -> None:
    ran = ssmm.process(command, "--help", environment={**os.environ, "PYTHONIOENCODING": "ascii"})
    assert (ran.code, ran.err) == (0, "")
    assert f"ssmm {command}" in ran.out


@pytest.mark.parametrize("command", COMMANDS)
def test_the_usage_of_each_command_is_how_it_is_typed(ssmm: Cli, capsys: pytest.CaptureFixture[str], command: str) -> None:
    assert re.match(rf"(?i)usage: ssmm {command}\b", helped(ssmm, capsys, command, "-h"))


@pytest.mark.parametrize("action", ["add", "remove", "list"])
def test_the_actions_of_tag_have_help_of_their_own(ssmm: Cli, capsys: pytest.CaptureFixture[str], action: str) -> None:
    text = helped(ssmm, capsys, "tag", action, "--help")
    assert re.match(rf"(?i)usage: ssmm tag {action}\b", text)
    assert "KEY" in text


MANUAL = {
    "put": "--env --plain-all --plain-key --plain --secure --tag --description --dry-run --no-overwrite --overwrite-type --accept-renames",
    "list": "--app --all --tag --keys-only --reveal",
    "show": "--raw --version --label",
    "delete": "-r -y --no-backup",
    "sync": "--app --out --no-shared --include-tag --strict --format",
    "exec": "--app --no-shared --include-tag --strict --pristine",
    "check": "--duplicates --values --show-values",
    "migrate": "--overwrite --delete-old --confirm",
    "migrate-to-exec": "--unit --app --exec-cmd --keep-env-file --pre-exec --cwd-app --system --ssmm-bin --apply",
    "onboard": "--unit --app --env --exec-cmd --keep-env-file --pre-exec --cwd-app --system --ssmm-bin --apply --overwrite",
    "doctor": "--app --system --json",
    "why": "--app --no-shared --include-tag --json",
}


@pytest.mark.parametrize("command", MANUAL)
def test_the_help_of_a_command_names_its_options(ssmm: Cli, capsys: pytest.CaptureFixture[str], command: str) -> None:
    text = helped(ssmm, capsys, command, "--help")
    assert [option for option in MANUAL[command].split() if not re.search(rf"(?<![\w-]){option}(?![\w-])", text)] == []


@pytest.mark.parametrize("arguments", [("--version",), ("list", "--version"), ("--json", "--version"), ("--version", "list")])
def test_the_version_is_said_wherever_it_is_asked_for(
    ssmm: Cli, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, arguments: tuple[str, ...]
) -> None:
    ran = ssmm.process(*arguments)
    assert ran == Ran(0, f"ssmm {__version__}\n", "")


ENDS_IN = {"--endpoint-url": 75, "--region": 78}
"""What listing ends in with an option that leads away from where the parameter is."""


@pytest.mark.parametrize("option", [option for option in GLOBAL if option != "--demo"])
def test_a_global_option_means_the_same_before_and_after_the_command(ssmm: Cli, ssm: Ssm, option: str) -> None:
    ssm.put(f"{ROOT}/my-app/token", "made-up")
    ssm.put("/other/my-app/other-token", "made-up")
    config = Path.home() / ".aws/config"
    config.parent.mkdir()
    config.write_text("[profile ours]\naws_access_key_id = made-up\naws_secret_access_key = made-up\n", encoding="utf-8")
    value = GLOBAL[option]
    words = [option] if value is None else [option, value]
    patience = [] if option == "--timeout" else ["--timeout", "0.5"]

    def told(ran: Ran) -> tuple[int, str, str]:
        return ran.code, ran.out, re.sub(r"\d+ ms", "N ms", ran.err)

    before = told(ssmm(*patience, *words, "list", "--keys-only"))
    assert told(ssmm(*patience, "list", "--keys-only", *words)) == before
    assert before[0] == ENDS_IN.get(option, 0), before


def test_global_options_take_an_equals_sign_and_the_later_one_wins(ssmm: Cli, ssm: Ssm) -> None:
    ssm.put("/other/my-app/token", "made-up")
    assert ssmm("--prefix=/nobody", "list", "--keys-only", "--prefix=/other").out == "token\n"


def test_global_options_stand_behind_a_nested_command_too(ssmm: Cli, ssm: Ssm) -> None:
    ssm.put(f"{ROOT}/my-app/token", "made-up", tags={"owner": "backend"})
    before = ssmm("--json", "tag", "list", "token")
    assert json.loads(before.out)
    assert ssmm("tag", "--json", "list", "token") == before
    assert ssmm("tag", "list", "token", "--json") == before


def test_no_command_is_a_mistake_that_shows_what_there_is(ssmm: Cli) -> None:
    ran = ssmm.process()
    assert ran.code == 2
    assert "no command" in ran.err
    assert len(ran.err.splitlines()) == 1


@pytest.mark.parametrize("arguments", [("--json",), ("--prefix", "/x"), ("--prefix",), ("--demo", "--debug")])
def test_options_without_a_command_are_a_mistake(ssmm: Cli, arguments: tuple[str, ...]) -> None:
    refused(ssmm(*arguments))


def test_an_unknown_command_is_named_with_what_is_near_it(ssmm: Cli) -> None:
    said = refused(ssmm("snyc", f"TOKEN={SECRET}"))
    assert "snyc" in said
    assert "sync" in said.replace("snyc", "")
    assert SECRET not in said


@pytest.mark.parametrize("command", COMMANDS)
def test_an_unknown_option_is_named_for_each_command(ssmm: Cli, command: str) -> None:
    needed = {
        "migrate-to-exec": ["--unit", "x.service", "--exec-cmd", "x"],
        "onboard": ["--unit", "x.service", "--exec-cmd", "x", "--env", "x"],
        "show": ["KEY"],
        "delete": ["KEY"],
        "restore": ["FILE"],
        "migrate": ["/a", "/b"],
        "why": ["NAME"],
        "completion": ["bash"],
        "tag": ["list", "KEY"],
    }
    said = refused(ssmm(command, "--no-such-option", *needed.get(command, [])))
    assert "--no-such-option" in said
    assert f"ssmm {command} --help" in said or "ssmm --help" in said


@pytest.mark.parametrize("option", ["--includ-tag", "--stric", "--pref"])
def test_an_option_is_not_guessed_from_its_beginning(ssmm: Cli, option: str) -> None:
    assert option in refused(ssmm("sync", option, "x=y"))


@pytest.mark.parametrize(
    "arguments",
    [
        (f"TOKEN={SECRET}",),
        ("put", "--no-such", f"TOKEN={SECRET}"),
        ("put", f"--no-such=TOKEN={SECRET}"),
        ("put", f"--TOKEN={SECRET}"),
        ("put", f"TOKEN={SECRET}", "--no-such"),
        ("put", f"1TOKEN={SECRET}"),
        ("put", f"={SECRET}"),
        ("put", f"TOKEN={SECRET}", SECRET),
        ("put", f"TOKEN={SECRET}", f"TOKEN={SECRET}x"),
        ("put", f"TOKEN={SECRET}", "--secure", "TOKEN", "--plain", "TOKEN"),
        ("put", f"TOKEN={SECRET}", "--tag", "malformed"),
        ("put", f"TOKEN={SECRET}", "--tag", "app=x"),
        ("put", f"TOKEN={SECRET}", "--app", "a", "--app", "b"),
        ("put", f"--dry-run={SECRET}"),
        ("put", f"--plain-all={SECRET}"),
        ("--no-such", "put", f"TOKEN={SECRET}"),
        (f"--TOKEN={SECRET}", "put"),
        ("dirs", f"TOKEN={SECRET}"),
        ("list", f"TOKEN={SECRET} and more"),
        ("show", "TOKEN", f"TOKEN={SECRET}"),
        ("demo", f"TOKEN={SECRET}"),
        ("sync", f"TOKEN={SECRET}"),
        ("completion", "bash", f"TOKEN={SECRET}"),
    ],
    ids=lambda arguments: " ".join(arguments).replace(SECRET, "…"),
)
def test_a_mistake_never_repeats_a_value(ssmm: Cli, ssm: Ssm, arguments: tuple[str, ...]) -> None:
    assert SECRET not in refused(ssmm(*arguments))
    assert ssm.names() == []


@pytest.mark.parametrize(
    ("option", "value"),
    [
        ("--read-concurrency", "0"),
        ("--read-concurrency", "many"),
        ("--write-concurrency", "-1"),
        ("--write-rate", "0"),
        ("--write-rate", "nan"),
        ("--timeout", "0"),
        ("--timeout", "-3"),
        ("--timeout", "inf"),
    ],
)
def test_a_number_that_cannot_be_right_is_refused_by_its_options_name(ssmm: Cli, option: str, value: str) -> None:
    assert option in refused(ssmm("list", f"{option}={value}"))


@pytest.mark.parametrize("option", ["--prefix", "--timeout", "--app", "--include-tag", "--format", "--out"])
def test_an_option_without_its_value_is_refused_by_name(ssmm: Cli, option: str) -> None:
    assert option in refused(ssmm("sync", option))


def test_a_choice_that_does_not_exist_lists_those_that_do(ssmm: Cli) -> None:
    said = refused(ssmm("sync", "--format", "toml"))
    assert "systemd" in said
    assert "json" in said
    said = refused(ssmm("completion", "csh"))
    assert all(shell in said for shell in ("bash", "zsh", "fish"))
