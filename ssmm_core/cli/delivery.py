"""What `sync`, `exec` and `why` have in common on the command line."""

from __future__ import annotations

import os

from ssmm_core.errors import InvalidInput, UsageError
from ssmm_core.names import distinct, is_environment_name, printable
from ssmm_core.operations import deliver
from ssmm_core.operations.deliver import Selection
from ssmm_core.record import Record

TYPE_CHECKING = False
if TYPE_CHECKING:
    import argparse
    from collections.abc import Collection, Iterable
    from typing import Final

    from ssmm_core.asked import Asked
    from ssmm_core.cli.context import Context
    from ssmm_core.cli.diagnostics import Diagnostics
    from ssmm_core.overlay import Overlay
    from ssmm_core.secret import SecretValue

JITTER: Final = 5.0
"""Longest wait, in seconds, before a failure that may heal is told to systemd: it has no jitter of its own before version 254."""


def add_contract(parser: argparse.ArgumentParser) -> None:
    """The options on what must be delivered, what may be and what must not, for `sync` and `exec`."""

    def names(flag: str, help: str) -> None:  # noqa: A002
        parser.add_argument(flag, action="extend", nargs="+", default=[], metavar="NAME", help=help)

    names(
        "--only",
        "deliver these variables alone, fetched by name; one that is in no layer is an error, but for NAME?; NAME=KEY names its parameter",
    )
    parser.add_argument(
        "--names-from",
        action="append",
        default=[],
        metavar="FILE",
        help="the same for every NAME, NAME? or NAME=… line of a file, as .env.example; repeatable",
    )
    names("--require", "fail if any of these variables would be missing, and name all that are")
    parser.add_argument(
        "--require-from",
        action="append",
        default=[],
        metavar="FILE",
        help="the same for every NAME or NAME=… line of a file, as .env.example; repeatable",
    )
    parser.add_argument("--only-required", action="store_true", help="what is required is all that is needed: deliver that alone, by name")
    names("--allow-name", "let the app itself set this variable of the loader, a shell or systemd (LD_PRELOAD, BASH_ENV, …)")
    parser.add_argument("--strict", action="store_true", help="fail on any conflict or undeliverable name, deliver nothing")
    parser.add_argument(
        "--jitter",
        type=_seconds,
        metavar="SECONDS",
        help=f"wait up to this long before a failure that may heal (75), so that a fleet does not try again at once "
        f"({JITTER:g} when systemd started this, else 0)",
    )


def _seconds(text: str) -> float:
    number = float(text)
    if not 0 <= number < 3600:
        raise ValueError
    return number


_seconds.__name__ = "number of seconds"


def selection(context: Context) -> Selection:
    """The layers that the options ask for."""
    options = context.options
    tags = None
    if options.include_tag:
        from ssmm_core.tags import tag_pairs

        tags = tag_pairs(options.include_tag)
    return Selection(
        root=context.root,
        apps=context.apps,
        shared=not options.no_shared,
        tags=tags,
        allowed=frozenset(getattr(options, "allow_name", ())),
    )


class Contract(Record):
    """What was said of names: those that must be there, and those that alone are delivered, None where everything is.

    `why` is what messages say of the latter.
    """

    required: tuple[str, ...]
    only: tuple[Asked, ...] | None = None
    why: str = ""


def contract(context: Context, elsewhere: Collection[str] = ()) -> Contract:
    """The names that the options and their files tell. `elsewhere` are variables that the program has without any parameter.

    Raises:
        UsageError, InvalidInput: one of them is no variable's name, a file cannot be read or names none, or --only-required has no names.
    """
    options = context.options
    required = checked(options.require)
    is_narrow = bool(options.only or options.names_from or options.only_required)
    if not is_narrow and not options.require_from:
        return Contract(required)
    from ssmm_core.asked import Asked, parse, together
    from ssmm_core.cli.values import checked_path
    from ssmm_core.operations.required import names_of, read_asked

    if options.only_required and not options.require and not options.require_from:
        raise UsageError("--only-required, but nothing is required", hint="Name it with --require or --require-from.")
    from_files = [one for path in options.require_from for one in read_asked(checked_path(path))]
    needed = distinct((*required, *names_of(together(from_files))))
    if not is_narrow:
        return Contract(needed)
    asked = [parse(text) for text in options.only]
    asked += [one for path in options.names_from for one in read_asked(checked_path(path))]
    why = "asked for with --only" if asked else "required"
    if options.only_required:
        declared = (*map(Asked, required), *from_files)
        asked += [one.replace(optional=one.optional or one.name in elsewhere) for one in together(declared)]
    if not asked:
        raise InvalidInput(f"{', '.join((*options.names_from, *options.require_from))} names no variable", hint="Write one NAME a line.")
    return Contract(needed, together(asked), why)


def resolve(context: Context, asked: Contract) -> tuple[Overlay, dict[str, SecretValue]]:
    """The resolved layers and the environment, with every conflict and all that is left out said.

    Raises:
        ConflictError: there is one, under `--strict`.
        NotFound, InvalidInput: what was asked for with `--only` is missing, or a name is forbidden.
    """
    options, threads = context.options, context.settings.read_concurrency
    if asked.only is None:
        resolved = deliver.resolve(context.reader, selection(context), decrypt=True, threads=threads)
    else:
        from ssmm_core.operations import named

        resolved = named.resolve(context.reader, selection(context), asked.only, strict=options.strict, threads=threads, why=asked.why)
    context.interruptible()
    warn(context, resolved)
    if options.strict:
        deliver.check_strict(resolved)
    return resolved, deliver.environment(resolved, may_be_empty=asked.only is not None)


def checked(names: Iterable[str]) -> tuple[str, ...]:
    """Names as they were given, each once.

    Raises:
        InvalidInput: one cannot be a variable's name.
    """
    for name in names:
        if not is_environment_name(name):
            shown = f"{name.partition('=')[0]}=…" if "=" in name else name  # a pair in the wrong place holds a value
            raise InvalidInput(f"{printable(shown)} is no variable's name", hint="Write it as DB_HOST.")
    return distinct(names)


def warn(context: Context, resolved: Overlay) -> None:
    """Name both sides of each conflict, and each parameter that is left out."""
    for sentence in deliver.remarks(resolved):
        context.say.warning(sentence)


def scatter(say: Diagnostics, longest: float | None) -> None:
    """Wait a random moment of at most `longest` seconds; None is `JITTER` in a process that systemd started, else nothing."""
    if longest is None:
        longest = JITTER if os.environ.get("SYSTEMD_EXEC_PID") == str(os.getpid()) else 0.0
    if longest:
        import random
        import time

        wait = random.uniform(0, longest)  # noqa: S311 - jitter, not a secret
        say.note(f"waiting {wait:.1f} s before this is tried again")
        time.sleep(wait)
