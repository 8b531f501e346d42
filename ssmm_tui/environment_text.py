"""What the environment screen says in words. Pure: from what was resolved to text."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from rich.text import Text

from ssmm_core.operations.deliver import counts, variables_phrase, why_not
from ssmm_core.overlay import Variable, explain
from ssmm_core.visible import visible

if TYPE_CHECKING:
    from ssmm_core.matrix import Cell, State
    from ssmm_core.operations.deliver import Selection
    from ssmm_core.overlay import Candidate, Overlay

SIGNS: Final[dict[State, str]] = {"own": "O", "shared": "s", "tag": "t", "overrides": "≠", "missing": "·"}
EQUAL: Final = "="


def layers_text(selection: Selection, *, hint: bool = True) -> Text:
    """`shared › web › web-eu`, in the order of `--app`."""
    text = Text()
    for number, layer in enumerate(selection.layers):
        if number:
            text.append(" › ", style="dim")
        text.append(visible(layer.name if layer.kind == "app" else str(layer)), style="bold" if layer.kind == "app" else "")
    if hint and len(selection.layers) > 1:
        text.append("  a later one wins", style="dim")
    return text


def summary_text(resolved: Overlay) -> str:
    """`12 variables (app=9, shared=3, tag=0), 1 conflict (≠), 1 undeliverable`."""
    said = f"{variables_phrase(resolved)} ({counts(resolved)})"
    if clashes := len(resolved.clashes):
        said += f", {clashes} conflict{'' if clashes == 1 else 's'} (≠)"
    if undeliverable := len(resolved.undeliverable):
        said += f", {undeliverable} undeliverable"
    return said


def overrides_text(variable: Variable) -> str:
    """What the winner hides: `overrides shared /team/shared/log-level`."""
    winner = variable.winner
    return visible(
        ", ".join(
            f"overrides {one.layer} {one.parameter.name}" if one.layer != winner.layer else f"taken over {one.parameter.name}"
            for one in variable.shadowed
        )
    )


def candidates_text(variable: Variable) -> Text:
    """Every parameter that offers the variable, the winner first, with the reason."""
    text = Text()
    stack = [(visible(one.parameter.name), visible(f"{one.layer}: {reason}")) for one, reason in explain(variable)]
    width = max(len(name) for name, _ in stack)
    for number, (name, reason) in enumerate(stack):
        text.append("≠ " if number else "✓ ", style="bold").append(f"{name:<{width}}").append(f"  {reason}\n", style="dim")
    return text


def undeliverable_text(candidate: Candidate) -> Text:
    """Why a parameter is not delivered."""
    text = Text("! ", style="bold").append(visible(candidate.parameter.name))
    return text.append(f"\n  not delivered: {visible(why_not(candidate))}", style="dim")


def cell_text(variable: str, app: str, cell: Cell) -> Text:
    """What stands under the cursor of the matrix, the full name of the app first."""
    text = Text().append(visible(app), style="bold")
    text.append(f"  {variable}  ").append(f"{SIGNS[cell.state]} {cell.state}", style="bold")
    if cell.same_as:
        text.append(f"  {EQUAL} same value in {', '.join(cell.same_as)}")
    text.append("\n")
    if cell.winner is None:
        return text.append(visible(f"{app} does not receive {variable}."), style="dim")
    return text.append_text(candidates_text(Variable(variable, cell.winner, cell.shadowed)))


def legend_text(compare_key: str) -> Text:
    """What the letters of the matrix mean. `compare_key` reads the values, empty once that was done."""
    text = Text()
    for state, sign in SIGNS.items():
        text.append(sign, style="bold").append(f" {state}  ", style="dim")
    same = f" same value ({compare_key} reads all)" if compare_key else " same value in another app"
    return text.append(EQUAL, style="bold").append(same, style="dim")
