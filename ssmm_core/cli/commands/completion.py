"""`ssmm completion`."""

from __future__ import annotations

import argparse

from ssmm_core.cli import parser as grammar
from ssmm_core.cli import render

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

    from ssmm_core.cli.context import Context

SHELLS = ("bash", "zsh", "fish")


def configure(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("shell", choices=SHELLS, help="the shell")
    parser.epilog = grammar.examples("""
  ssmm completion bash > ~/.local/share/bash-completion/completions/ssmm
  ssmm completion zsh > ~/.zfunc/_ssmm            with ~/.zfunc in fpath before compinit runs
  ssmm completion fish > ~/.config/fish/completions/ssmm.fish
""")


def run(context: Context) -> int:
    import shtab

    parser = grammar.build(grammar.ENTRIES)
    for action in _actions(parser):
        if action.metavar in ("FILE", "PATH"):
            action.complete = shtab.FILE  # type: ignore[attr-defined]  # where shtab looks for it
    render.text(shtab.complete(parser, context.options.shell))
    return 0


def _actions(parser: argparse.ArgumentParser) -> Iterator[argparse.Action]:
    """The arguments of a parser and of all its subcommands."""
    for action in parser._actions:  # noqa: SLF001 - argparse has no other way to list them
        if isinstance(action, argparse._SubParsersAction):  # noqa: SLF001
            for sub in action.choices.values():
                yield from _actions(sub)
        else:
            yield action
