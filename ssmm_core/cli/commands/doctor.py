"""`ssmm doctor`."""

from __future__ import annotations

import os
import textwrap

from ssmm_core import names
from ssmm_core.cli import render
from ssmm_core.cli.parser import examples
from ssmm_core.doctor.finding import arranged, counts
from ssmm_core.errors import UsageError

TYPE_CHECKING = False
if TYPE_CHECKING:
    import argparse
    from collections.abc import Iterator
    from typing import Final

    from ssmm_core.cli.context import Context
    from ssmm_core.doctor.finding import Finding

_INDENT: Final = " " * 11
"""What stands before everything but a level."""
_NARROWEST: Final = 40


def configure(parser: argparse.ArgumentParser) -> None:
    parser.set_defaults(judges_settings=True)
    parser.add_argument("unit", nargs="?", metavar="UNIT", help="look at what stands between this unit and its secrets")
    parser.add_argument(
        "--app", action="append", metavar="APP", help="look at what this app needs, as a service's role may do no more; repeatable"
    )
    parser.add_argument("--system", action="store_true", help="a unit of the system manager (default: of the user's, else of the system's)")
    parser.epilog = examples("""
  ssmm doctor                              credentials, region, endpoint, clock, permissions
  ssmm doctor --app myapp                  the same for what myapp alone needs
  ssmm doctor myapp.service                what stands between a unit and its secrets
  sudo ssmm doctor --system myapp.service --json

  It changes nothing, writes nothing to try whether it may, and shows no value. Exit code 1 where it finds an error.
""")


def run(context: Context) -> int:
    options = context.options
    if options.system and not options.unit:
        raise UsageError("--system is about a unit", hint="Name it: ssmm doctor --system NAME.service.")
    found = arranged(_unit(context) if options.unit else _account(context))
    if options.json:
        render.json({"unit": options.unit, "findings": [_json(one) for one in found], "counts": counts(found)})
    else:
        for line in _lines(found, render.width()):
            render.line(line)
    return 1 if any(one.level == "error" for one in found) else 0


def _account(context: Context) -> tuple[Finding, ...]:
    from ssmm_core.doctor import account, look_at_account

    options = context.options
    settings, problem = look_at_account.lenient_settings(vars(options), os.environ)
    if options.demo:
        _ = context.store  # starts the server, and points the settings at it
        settings = context.settings
    told = look_at_account.configured(settings, vars(options), os.environ, problem)
    trace = context.say.debug if context.say.debugging else None
    return account.account_findings(look_at_account.look(settings, told, _apps(context), os.environ, trace))


def _unit(context: Context) -> tuple[Finding, ...]:
    from ssmm_core.doctor import look_at_account, look_at_unit, unit_rules

    options = context.options
    settings, _ = look_at_account.lenient_settings(vars(options), os.environ)
    if options.demo:
        _ = context.store
        settings = context.settings
    facts = look_at_unit.look(options.unit, system=options.system, apps=_apps(context), settings=settings, environ=os.environ)
    return unit_rules.unit_findings(facts)


def _apps(context: Context) -> tuple[str, ...]:
    """Those that were named; the working directory names none here, where all of the prefix, or a unit, is looked at."""
    return names.distinct(names.app_name(app) for app in context.options.app or ())


def _json(one: Finding) -> dict[str, str]:
    return {"level": one.level, "area": one.area, "check": one.check, "what": one.what, "why": one.why, "fix": one.fix}


def _lines(found: tuple[Finding, ...], width: int) -> Iterator[str]:
    """By area, each level as a word. A fix that several neighbours share stands below the last of them, and is never broken."""
    for at, one in enumerate(found):
        if at == 0 or found[at - 1].area != one.area:
            if at:
                yield ""
            yield one.area
        yield from _wrapped(one.what, f"  {one.level:<8} ", width)
        if one.why and one.level != "ok":
            yield from _wrapped(one.why, _INDENT, width)
        shared = at + 1 < len(found) and (found[at + 1].area, found[at + 1].fix) == (one.area, one.fix)
        if one.fix and not shared:
            first, *rest = one.fix.splitlines()
            yield f"{_INDENT}Fix: {first}"
            yield from (f"{_INDENT}     {line}" for line in rest)
    yield ""
    yield ", ".join(_counted(level, number) for level, number in counts(found).items())


def _wrapped(text: str, before: str, width: int) -> list[str]:
    if not width:
        return [before + text]
    wide = max(width, _NARROWEST)
    return textwrap.wrap(text, wide, initial_indent=before, subsequent_indent=_INDENT, break_long_words=False, break_on_hyphens=False)


def _counted(level: str, number: int) -> str:
    return f"{number} {level}s" if level in ("error", "warning") and number != 1 else f"{number} {level}"
