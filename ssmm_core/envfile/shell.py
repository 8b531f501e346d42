"""The dialect of shells: `export NAME='value'`, which `. file` and `eval` in bash, dash and zsh read to the same values.

Inside single quotes a shell changes nothing; a single quote itself stands between two quoted parts, as `'\\''`.
"""

from __future__ import annotations

import re

from ssmm_core.envfile import Undeliverable, assignments

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping
    from typing import Final

    from ssmm_core.secret import SecretValue

_NAMES: Final = """
BASHOPTS BASHPID BASH_ALIASES BASH_ARGC BASH_ARGV BASH_CMDS BASH_COMMAND BASH_LINENO BASH_SOURCE BASH_SUBSHELL BASH_VERSINFO
DIRSTACK EPOCHREALTIME EPOCHSECONDS EUID FUNCNAME GROUPS HISTCMD LINENO OPTIND PIPESTATUS PPID RANDOM SECONDS SHELLOPTS
SHLVL SRANDOM UID _

ARGC ARGV0 COLUMNS EGID ERRNO FUNCNEST GID HISTCHARS HISTSIZE KEYBOARD_HACK KEYTIMEOUT LINES LISTMAX MAILCHECK SAVEHIST TRY_BLOCK_ERROR
TRY_BLOCK_INTERRUPT TTYIDLE USERNAME WATCH ZLE_RPROMPT_INDENT ZSH_EVAL_CONTEXT ZSH_SUBSHELL

aliases argv builtins cdpath commands dirstack dis_aliases dis_builtins dis_functions dis_functions_source dis_galiases dis_patchars
dis_reswords dis_saliases fignore fpath funcfiletrace funcsourcetrace funcstack functions functions_source functrace galiases histchars
history historywords jobdirs jobstates jobtexts keymaps mailpath manpath module_path modules nameddirs options parameters patchars path
pipestatus psvar reswords saliases signals status termcap terminfo userdirs usergroups watch widgets zsh_eval_context zsh_scheduled_events
"""
"""First bash's (5.2): read-only, made anew at every use, or arrays. Then zsh's (5.9): read-only, or numbers, for which a value is
calculated as a formula, which can run commands; last its arrays."""

KEPT_BY_SHELLS: Final = frozenset(_NAMES.split())
"""Names that bash, dash or zsh ignores, changes or ends the file at, as measured with each."""

_ASSIGNMENT = re.compile(rf"export {assignments.NAME}='([^']*(?:'\\''[^']*)*)'{assignments.END}")


def write(variables: Mapping[str, SecretValue]) -> bytes:
    """The file.

    Raises:
        Undeliverable: a name that a shell keeps for itself, or a value that no environment can hold.
    """
    return assignments.write("shell", variables, _quote, before="export ")


def read(content: bytes) -> dict[str, SecretValue]:
    """The variables of a file as `write` makes it; anything else is refused, for a shell could run it."""
    return assignments.read("shell", content, _ASSIGNMENT, _text)


def _quote(name: str, text: str) -> str:
    if name in KEPT_BY_SHELLS:
        raise Undeliverable(name, "bash or zsh keeps this name for itself", hint="Choose another --format, or rename the parameter.")
    return "'" + text.replace("'", "'\\''") + "'"


def _text(match: re.Match[str]) -> str | None:
    return None if match[1] in KEPT_BY_SHELLS else match[2].replace("'\\''", "'")
