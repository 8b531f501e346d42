"""What the detail pane says of one parameter. Pure: from an entry to text."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING

from rich.table import Table
from rich.text import Text

from ssmm_core.limits import arn_prefix
from ssmm_core.overlay import explain
from ssmm_core.secret import MASK
from ssmm_core.tag_hints import near_misses
from ssmm_core.visible import visible
from ssmm_tui.shown import age, date_time

if TYPE_CHECKING:
    from collections.abc import Mapping

    from ssmm_core.catalogue import Entry
    from ssmm_core.models import Account
    from ssmm_core.overlay import Overlay
    from ssmm_core.secret import SecretValue

_PEM = re.compile(r"-----BEGIN ([A-Z0-9 ]+)-----\n.+?-----END \1-----", re.DOTALL)


def value_text(entry: Entry, plain: SecretValue | None, revealed: SecretValue | None, *, keys: Mapping[str, str]) -> Text:
    """The Value tab. `plain` is the value of a String, `revealed` that of whatever a person asked to see; `keys` name the keys to press."""
    text = Text()
    if entry.finding:
        text.append(f"! This is {entry.finding}: store it as a SecureString ({keys['edit']}).\n\n", style="bold")
    value = revealed if revealed is not None else plain if not (entry.is_secure or entry.finding) else None
    if value is None:
        hidden = entry.is_secure or entry.finding
        text.append(f"{MASK}\n\n" if hidden else "not read yet\n\n")
        return text.append(f"{keys['reveal']} shows it for a while, {keys['copy-value']} copies it without showing it.", style="dim")
    kind, shown = _recognized(value.reveal())
    if kind:
        text.append(f"{kind}\n\n", style="dim")
    return text.append("\n".join(visible(line) for line in shown.split("\n")))


def tags_text(entry: Entry, known: Mapping[tuple[str, str], int]) -> Text:
    """The Tags tab: every tag, and those that look like another one mistyped."""
    if entry.tags is None:
        return Text("not read yet", style="dim")
    if not entry.tags:
        return Text("no tags", style="dim")
    width = max(len(visible(key)) for key in entry.tags)
    text = Text()
    for key, value in sorted(entry.tags.items()):
        text.append(f"{visible(key):<{width}}  ", style="bold").append(f"{visible(value)}\n")
    for hint in near_misses(entry.tags, known):
        text.append(f"\n! {hint}", style="bold")
    return text


def layers_text(variable: str, resolved: Overlay) -> Text:
    """The Layers tab: every parameter that offers the variable to the app chosen, the winner first."""
    found = next((one for one in resolved.variables if one.name == variable), None)
    if found is None:
        return Text(f"{variable} is not delivered to this app.", style="dim")
    text = Text()
    for candidate, reason in explain(found):
        wins = candidate is found.winner
        text.append("✓ wins    " if wins else "  shadowed ", style="bold" if wins else "dim")
        text.append(f"{candidate.parameter.name}\n").append(f"           {candidate.layer}: {reason}\n", style="dim")
    return text


def metadata_text(entry: Entry, region: str, account: Account | None, now: float) -> Table:
    """The Metadata tab."""
    about = entry.metadata
    arn = arn_prefix(region).replace("0" * 12, account.id if account else "*") + about.name.lstrip("/")
    rows = {
        "Name": about.name,
        "Variable": entry.variable,
        "ARN": arn,
        "Type": about.type,
        "Tier": about.tier,
        "KMS key": about.key_id or "none",
        "Data type": about.data_type,
        "Version": str(about.version),
        "Changed": f"{date_time(about.last_modified)} ({age(about.last_modified, now) or 'not known'})",
        "By": about.last_modified_user or "not known",
        "Pattern": about.allowed_pattern or "any",
        "Description": about.description or "none",
    }
    grid = Table.grid(padding=(0, 1))
    grid.add_column(no_wrap=True, style="dim")
    grid.add_column(overflow="fold")
    for title, content in (*rows.items(), *(("Policy", policy) for policy in about.policies)):
        grid.add_row(title, Text(visible(content)))
    return grid


def _recognized(value: str) -> tuple[str, str]:
    """(what a value is, how it reads best): JSON objects and lists on lines of their own, PEM blocks named."""
    if value.lstrip()[:1] in ("{", "["):
        try:
            return "JSON, laid out to be read", json.dumps(json.loads(value), indent=2, ensure_ascii=False)
        except (ValueError, RecursionError):
            return "", value
    blocks = [f"{found[1].lower()}" for found in _PEM.finditer(value)]
    if blocks:
        return f"PEM: {', '.join(blocks)}, {len(value.splitlines())} lines", value
    return "", value
