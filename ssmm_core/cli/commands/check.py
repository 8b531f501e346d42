"""`ssmm check`."""

from __future__ import annotations

import os

from ssmm_core.audit import key_duplicates, value_duplicates
from ssmm_core.cli import render
from ssmm_core.cli.parser import examples
from ssmm_core.operations import browse

TYPE_CHECKING = False
if TYPE_CHECKING:
    import argparse

    from ssmm_core.audit import KeyGroup, ValueGroup
    from ssmm_core.cli.context import Context
    from ssmm_core.models import Parameter


def configure(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--duplicates", action="store_true", help="variables that several apps define (what is done without any option)")
    parser.add_argument("--values", action="store_true", help="values that several parameters have; decrypts all of them")
    parser.add_argument("--show-values", action="store_true", help="print those values too")
    parser.epilog = examples("""
  ssmm check                       keys that stand in several apps
  ssmm check --duplicates --values --json

  the fingerprint of a value is keyed anew in each run: it shows what is equal, and is of no use to guess a value
""")


def run(context: Context) -> int:
    options = context.options
    by_value = options.values or options.show_values
    by_key = options.duplicates or not by_value
    listing = browse.list_parameters(context.store, context.root, (), tags={}, decrypt=by_value, threads=context.settings.read_concurrency)
    keys = key_duplicates(listing.parameters, context.root) if by_key else ()
    values = value_duplicates(listing.parameters, os.urandom(32)) if by_value else ()
    if options.json:
        render.json(
            {
                "prefix": context.root,
                "keys": [_key_json(group, context.root) for group in keys] if by_key else None,
                "values": [_value_json(group, options.show_values) for group in values] if by_value else None,
            }
        )
        return 0
    if by_key:
        _print_keys(keys, context.root)
    if by_key and by_value:
        render.line()
    if by_value:
        _print_values(values, shown=options.show_values)
    return 0


def _print_keys(groups: tuple[KeyGroup[Parameter], ...], root: str) -> None:
    render.line(f"Keys in several apps: {len(groups)}")
    for group in groups:
        render.line(f"  {group.variable}: {', '.join(group.apps(root))}")


def _print_values(groups: tuple[ValueGroup[Parameter], ...], *, shown: bool) -> None:
    render.line(f"Values under several names: {len(groups)}")
    for group in groups:
        value = f"  {group.value.reveal()}" if shown else ""
        render.line(f"  {group.fingerprint} {group.value.length_hint()} ({len(group.parameters)} parameters){value}")
        for one in group.parameters:
            render.line(f"    {one.name}")


def _key_json(group: KeyGroup[Parameter], root: str) -> dict[str, object]:
    return {"variable": group.variable, "apps": list(group.apps(root)), "parameters": [one.name for one in group.parameters]}


def _value_json(group: ValueGroup[Parameter], shown: bool) -> dict[str, object]:
    return {
        "fingerprint": group.fingerprint,
        "length": group.value.length_hint(),
        "value": group.value.reveal() if shown else None,
        "parameters": [one.name for one in group.parameters],
    }
