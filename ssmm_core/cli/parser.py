"""The command line's grammar. Only the module of the command that is called is imported."""

from __future__ import annotations

import argparse
import re
from importlib import import_module

from ssmm_core import __version__
from ssmm_core.cli import render
from ssmm_core.errors import UsageError
from ssmm_core.record import Record
from ssmm_core.settings import READ_CONCURRENCY, TIMEOUT, WRITE_CONCURRENCY, WRITE_RATE

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from typing import Any, Final, NoReturn, Protocol

    from ssmm_core.cli.context import Context

    class Command(Protocol):
        """What a module in `cli.commands` offers."""

        def configure(self, parser: argparse.ArgumentParser) -> None:
            """Add the command's own arguments and examples."""

        def run(self, context: Context) -> int:
            """Do it; the exit code."""


class Entry(Record):
    """A command as `ssmm --help` lists it."""

    name: str
    summary: str


GROUPS: Final = {
    "Deliver to services": (
        Entry("sync", "write a private environment file for systemd"),
        Entry("exec", "become a program, with its parameters in its environment"),
        Entry("why", "show which parameter a variable comes from"),
    ),
    "Look": (
        Entry("tui", "open the terminal UI: browse, audit, edit and tag"),
        Entry("list", "list parameters, values masked"),
        Entry("show", "show one value"),
        Entry("dirs", "count the parameters of every app"),
        Entry("check", "find duplicate keys and values"),
    ),
    "Change": (
        Entry("put", "store variables, from pairs or an .env file"),
        Entry("tag", "add, remove and list tags"),
        Entry("migrate", "copy parameters to another path, then delete the old"),
        Entry("delete", "delete parameters, with a backup"),
        Entry("restore", "put back what a backup holds"),
    ),
    "Units": (
        Entry("migrate-to-exec", "make a systemd unit start through ssmm exec"),
        Entry("migrate-to-sync", "give a systemd unit a fresh environment file before each start"),
        Entry("onboard", "put an .env file and switch its unit, in one go"),
    ),
    "This tool": (
        Entry("doctor", "find what stands between you, or a unit, and the parameters"),
        Entry("demo", "keep a demonstration server running"),
        Entry("completion", "print a completion script for your shell"),
    ),
}
ENTRIES: Final = {entry.name: entry for entries in GROUPS.values() for entry in entries}

_TAKES_VALUE: Final = (
    "--prefix", "--profile", "--region", "--endpoint-url", "--read-concurrency", "--write-concurrency", "--write-rate", "--timeout",
    "--kms-key-id",
)  # fmt: skip


_ABOUT_ALL: Final = ("--version", "-h", "--help")
_FLAGS: Final = ("--advanced", "--json", "--quiet", "--demo", "--debug", *_ABOUT_ALL)
_GLOBAL: Final = "global options"
_WIDTH: Final = 80
"""The columns of help where there is no terminal."""
_TAKES_UNIT_TEXT: Final = {"migrate-to-exec", "migrate-to-sync", "onboard"}
_UNIT_TEXT: Final = ("--exec-cmd", "--pre-exec", "--keep-env-file")


_LONGEST_WORD: Final = 12
"""What stands in a number's or a choice's place and is longer may be a value: errors do not repeat it."""


class _Help(argparse.RawDescriptionHelpFormatter):
    """Help without the global options in the usage line: they are the same everywhere, and listed below."""

    def __init__(self, prog: str) -> None:
        # argparse makes one for each argument that is added, too, and without a width imports shutil for it: 3 ms at every boot.
        super().__init__(prog, width=(render.width() or _WIDTH) - 2)

    def add_usage(
        self,
        usage: str | None,
        actions: Iterable[argparse.Action],
        groups: Iterable[argparse._MutuallyExclusiveGroup],
        prefix: str | None = None,
    ) -> None:
        own = [action for action in actions if getattr(action.container, "title", "") != _GLOBAL]  # type: ignore[attr-defined]
        super().add_usage(usage, own, groups, prefix)


class Parser(argparse.ArgumentParser):
    """argparse, with errors as ours: one line, and no argument repeated that may hold a value. `commands` are those that it knows."""

    def __init__(self, **given: Any) -> None:
        super().__init__(**given)
        self.commands: list[Parser] = []

    @property
    def options(self) -> list[str]:
        """The long options, also of the commands that it knows."""
        own = [option for option in self._option_string_actions if option.startswith("--")]
        return [*own, *(option for command in self.commands for option in command.options)]

    def _print_message(self, message: str, file: object = None) -> None:  # noqa: ARG002 - argparse's own signature
        render.text(message)

    def error(self, message: str) -> NoReturn:
        if (cut := message.partition(": ignored explicit argument"))[1]:
            message = f"{cut[0]} takes no value"
        message = re.sub(r"'([^']*)'(?= \(choose|$)", _short_word, message)
        raise UsageError(message, hint=f"See {self.prog} --help.")


def parse(arguments: Sequence[str]) -> tuple[argparse.Namespace, Command]:
    """The options and the command that they are for.

    Raises:
        UsageError: they cannot be right.
    """
    at = _command_at(arguments)
    if at is None or any(word in _ABOUT_ALL for word in arguments[:at]):
        _exit_for_help_or_version(arguments[:at])
        raise UsageError("no command", hint="See ssmm --help.")
    name, arguments = arguments[at], [*arguments[:at], *arguments[at + 1 :]]
    if name not in ENTRIES:
        raise UsageError(f"unknown command {_without_values(name)!r}", hint=f"{_near(name, ENTRIES)}See ssmm --help.")
    before, after = _split_command_line(arguments) if name == "exec" else (arguments, None)
    parser = _parser_of(name)
    options, left = parser.parse_known_args(_with_unit_text(before) if name in _TAKES_UNIT_TEXT else before)
    options.command = name
    if left:
        # What is no option may be a value in the wrong place: it is not repeated.
        if left[0].startswith("-"):
            near = _near(left[0].partition("=")[0], parser.options)
            raise UsageError(f"unknown option {_without_values(left[0])}", hint=f"{near}See ssmm {name} --help.")
        raise UsageError("too many arguments", hint=f"See ssmm {name} --help. An app is named with --app.")
    if after is not None:
        options.command_line = [*options.command_line, "--", *after] if options.command_line else list(after)
    return options, load(name)


def load(name: str) -> Command:
    """The module of a command."""
    module: Command = import_module(f"ssmm_core.cli.commands.{name.replace('-', '_')}")
    return module


def _parser_of(name: str) -> Parser:
    """A parser for one command alone: what knows several takes 2 ms longer to make, at every boot."""
    parser = Parser(prog=f"ssmm {name}", description=_description(name), formatter_class=_Help, allow_abbrev=False)
    _add_global_options(parser, default=True, version=name != "show")  # `show --version N` is its own
    load(name).configure(parser)
    return parser


def _description(name: str) -> str:
    summary = ENTRIES[name].summary
    return f"{summary[0].upper()}{summary[1:]}."


def build(names: Iterable[str]) -> Parser:
    """A parser that knows these commands, for help and completion."""
    parser = Parser(
        prog="ssmm",
        usage="ssmm [OPTIONS] COMMAND [ARGUMENTS]",
        description=f"A team's settings in AWS Systems Manager Parameter Store, delivered to Linux services.\n\n{_overview()}",
        formatter_class=_Help,
        allow_abbrev=False,
    )
    _add_global_options(parser, default=True)
    commands = parser.add_subparsers(metavar="COMMAND", help="one of the commands above", dest="command", required=True)
    for name in names:
        entry = ENTRIES[name]
        shared = Parser(add_help=False, allow_abbrev=False, formatter_class=_Help)
        _add_global_options(shared, default=False, version=name != "show")
        sub = commands.add_parser(
            name,
            prog=f"ssmm {name}",
            help=entry.summary,
            description=_description(name),
            parents=[shared],
            formatter_class=_Help,
            allow_abbrev=False,
        )
        load(name).configure(sub)
        parser.commands.append(sub)
    return parser


def add_globals(parser: argparse.ArgumentParser) -> None:
    """Accept the global options at the end of a nested command too (`ssmm tag list KEY --json`)."""
    _add_global_options(parser, default=False)


def add_app(parser: argparse.ArgumentParser, *, repeatable: bool) -> None:
    """`--app`; left out, the working directory names the app."""
    many = "; repeatable, a later one wins" if repeatable else ""
    parser.add_argument("--app", action="append", metavar="APP", help=f"the app (default: this directory's name{many})")


def add_layers(parser: argparse.ArgumentParser) -> None:
    """The options that choose an environment's layers, for `sync`, `exec` and `why`."""
    add_app(parser, repeatable=True)
    parser.add_argument("--no-shared", action="store_true", help="leave the shared namespace out")
    parser.add_argument(
        "--include-tag",
        action="append",
        default=[],
        metavar="KEY=VALUE",
        help="add parameters of any app with this tag; several must all match",
    )


def examples(text: str) -> str:
    """An epilog of examples."""
    return f"examples:\n{text.strip(chr(10))}\n"


def _add_global_options(parser: argparse.ArgumentParser, *, default: bool, version: bool = True) -> None:
    group = parser.add_argument_group(_GLOBAL)

    def add(flag: str, help: str, value: object = None, **how: object) -> None:  # noqa: A002
        group.add_argument(flag, help=help, default=value if default else argparse.SUPPRESS, **how)  # type: ignore[arg-type]

    add("--prefix", "the prefix root (default: $SSMM_PREFIX_ROOT, else the config file)", metavar="/TEAM")
    add("--profile", "the AWS profile", metavar="NAME")
    add("--region", "the AWS region", metavar="REGION")
    add("--endpoint-url", "another Parameter Store endpoint", metavar="URL")
    add("--read-concurrency", f"reads side by side ({READ_CONCURRENCY})", metavar="N", type=_at_least_one)
    add("--write-concurrency", f"writes side by side ({WRITE_CONCURRENCY})", metavar="N", type=_at_least_one)
    add("--write-rate", f"writes a second ({WRITE_RATE:g})", metavar="N", type=_positive)
    add("--timeout", f"seconds for a whole fetch, and for each write ({TIMEOUT:g})", metavar="SECONDS", type=_positive)
    add("--advanced", "use the advanced tier: values up to 8 KB, at a price", action="store_true", value=None)
    add("--kms-key-id", "the KMS key for SecureString (alias/aws/ssm)", metavar="KEY")
    add("--json", "print JSON", action="store_true", value=False)
    add("--quiet", "say nothing but warnings and errors", action="store_true", value=False)
    add("--demo", "use an embedded demonstration server", action="store_true", value=False)
    add("--debug", "say what is asked of AWS, and how long it takes", action="store_true", value=False)
    if version:
        add("--version", "print the version", action="version", version=f"ssmm {__version__}")


def _at_least_one(text: str) -> int:
    number = int(text)
    if number < 1:
        raise ValueError
    return number


def _positive(text: str) -> float:
    number = float(text)
    if not 0 < number < 1e9:
        raise ValueError
    return number


_at_least_one.__name__ = "whole number from 1"
_positive.__name__ = "number above 0"


def _command_at(arguments: Sequence[str]) -> int | None:
    """Where the command stands: the first argument that is neither a global option nor the value of one."""
    skip = False
    for at, argument in enumerate(arguments):
        if skip:
            skip = False
        elif argument in _TAKES_VALUE:
            skip = True
        elif not argument.startswith("-"):
            return at
        elif argument.partition("=")[0] not in (*_TAKES_VALUE, *_FLAGS):
            # Whether the next word is its value cannot be known, so that word is not taken for a command, nor repeated.
            raise UsageError(f"unknown option {_without_values(argument)}", hint="See ssmm --help.")
    return None


def _split_command_line(arguments: Sequence[str]) -> tuple[list[str], list[str] | None]:
    """What stands before and after the first `--`: argparse's own treatment of it differs between Python versions."""
    if "--" not in arguments:
        return list(arguments), None
    at = list(arguments).index("--")
    return list(arguments[:at]), list(arguments[at + 1 :])


def _with_unit_text(arguments: Sequence[str]) -> list[str]:
    """`--exec-cmd=-/usr/bin/app` for `--exec-cmd -/usr/bin/app`: what is pasted from a unit may begin with a dash."""
    joined: list[str] = []
    for argument in arguments:
        if joined and joined[-1] in _UNIT_TEXT and argument != "--":
            joined[-1] = f"{joined[-1]}={argument}"
        else:
            joined.append(argument)
    return joined


def _exit_for_help_or_version(arguments: Sequence[str]) -> None:
    if not arguments:
        build([]).print_help()
        raise UsageError("no command", hint="Name one of those above.")
    build([]).parse_args([one for one in arguments if one in ("-h", "--help", "--version")][:1] or list(arguments))


def _overview() -> str:
    width = max(map(len, ENTRIES)) + 2
    lines = []
    for title, entries in GROUPS.items():
        lines += [f"{title}:", *(f"  {entry.name:<{width}}{entry.summary}" for entry in entries), ""]
    return "\n".join([*lines, "`ssmm COMMAND --help` shows a command's options and examples."])


def _without_values(argument: str) -> str:
    name, equals, _ = argument.partition("=")
    return f"{name}=…" if equals else name


def _short_word(quoted: re.Match[str]) -> str:
    return "'…'" if "=" in quoted[1] or len(quoted[1]) > _LONGEST_WORD else quoted[0]


def _near(name: str, known: Iterable[str]) -> str:
    from difflib import get_close_matches

    near = get_close_matches(name, list(known), n=1)
    return f"Did you mean {near[0]}? " if near else ""
