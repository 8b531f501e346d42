"""`ssmm completion`."""

from __future__ import annotations

from ssmm_core.cli import parser as grammar
from ssmm_core.cli import render

TYPE_CHECKING = False
if TYPE_CHECKING:
    import argparse

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

    render.text(shtab.complete(grammar.build(grammar.ENTRIES), context.options.shell))
    return 0
