"""The namespaces below the prefix: apps and nested paths, with what each holds."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

from rich.text import Text
from textual.widgets import Tree

from ssmm_core.names import SHARED
from ssmm_tui.shown import fit, is_shared

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from textual.binding import BindingType
    from textual.widgets.tree import TreeNode

    from ssmm_core.catalogue import Entry


ROOMY = 30
"""From this width on more than the total stands behind a name."""
TOTAL, COUNTS = 6, 16
"""Cells kept for the total, and for all counts."""
LEGEND = """\
s  stored as SecureString
◆  shared with all apps
≠  overrides another parameter"""
"""What the signs behind a name mean, where there is room for them."""


@dataclass
class Holds:
    """What lies below one namespace: how many parameters, how many of them secure, how many that other apps receive by a tag."""

    total: int = 0
    secure: int = 0
    shared: int = 0

    def add(self, total: int, secure: int, shared: int) -> None:
        self.total += total
        self.secure += secure
        self.shared += shared


def namespaces(entries: Iterable[Entry], root: str) -> dict[str, Holds]:
    """Every namespace, by its path below the root (empty for the root itself), parents before children."""
    start = len(root) + 1
    right_in: dict[str, list[int]] = {}
    for entry in entries:
        counts = right_in.setdefault(entry.name[start:].rpartition("/")[0], [0, 0, 0])
        counts[0] += 1
        counts[1] += entry.is_secure
        counts[2] += is_shared(entry)
    found: dict[str, Holds] = {"": Holds()}
    for path, counts in right_in.items():
        parts = path.split("/") if path else []
        for depth in range(len(parts) + 1):
            found.setdefault("/".join(parts[:depth]), Holds()).add(*counts)
    return dict(sorted(found.items()))


class NamespaceTree(Tree[str]):
    """A node's data is its path below the root."""

    DEFAULT_CSS = """
    NamespaceTree { width: 1fr; height: 1fr; scrollbar-size-horizontal: 0; scrollbar-size-vertical: 1; }
    """
    BINDINGS: ClassVar[list[BindingType]] = [("j", "cursor_down", "Down"), ("k", "cursor_up", "Up")]

    def __init__(self, root: str) -> None:
        super().__init__(root, data="", id="namespaces")
        self._title = root
        self.guide_depth = 2
        self.auto_expand = False
        self._shown: dict[str, Holds] = {}
        self._conflicts: Mapping[str, int] = {}
        self._by_path: dict[str, TreeNode[str]] = {"": self.root}

    def count(self, entries: Iterable[Entry]) -> None:
        """Show the namespaces of these entries; what is open stays open, and the cursor stays where it is."""
        found = namespaces(entries, self._title)
        if found.keys() != self._shown.keys():
            self._rebuild(found)
        self._shown = found
        self._relabel()

    def show_conflicts(self, conflicts: Mapping[str, int]) -> None:
        """How many variables of each app are overridden, or wanted twice."""
        self._conflicts = conflicts
        self._relabel()

    def _rebuild(self, found: dict[str, Holds]) -> None:
        expanded = {path for path, node in self._by_path.items() if node.is_expanded} | {""}
        at = self.cursor_node.data if self.cursor_node is not None else ""
        self.root.remove_children()
        self._by_path = {"": self.root}
        has_children = {path.rpartition("/")[0] for path in found if "/" in path}
        for path in found:
            if path:
                above, _, last = path.rpartition("/")
                allow = path in has_children
                self._by_path[path] = self._by_path[above].add(last, data=path, allow_expand=allow, expand=path in expanded)
        self.root.expand()
        self.call_after_refresh(self.move_cursor, self._by_path.get(at or "", self.root))

    def _relabel(self) -> None:
        longest = max((_indent(path) + len(_last(path)) for path in self._by_path), default=0)
        room = max(8, min(longest, self.size.width - (COUNTS if self._is_roomy else TOTAL)))
        for path, node in self._by_path.items():
            name = _last(path) or self._title
            label = Text(fit(name, room - _indent(path)) if path else name, no_wrap=True).append(f"  {self._counts(path)}", style="dim")
            if label != node.label:
                node.set_label(label)

    @property
    def _is_roomy(self) -> bool:
        return self.size.width >= ROOMY

    def on_resize(self) -> None:
        self._relabel()

    def _counts(self, path: str) -> str:
        """Total, secure, shared by tag (or the namespace itself), and conflicts, as far as there is room."""
        holds = self._shown.get(path, Holds())
        if not self._is_roomy:
            return f"{holds.total:>3}"
        parts = [f"{holds.total:>3}", f"{holds.secure}s" if holds.secure else ""]
        if path == SHARED:
            parts.append("◆")
        elif holds.shared and path:
            parts.append(f"◆{holds.shared}")
        parts.append(f"≠{self._conflicts[path]}" if self._conflicts.get(path) else "")
        return " ".join(part for part in parts if part)

    def go_to(self, path: str) -> None:
        """Put the cursor on a namespace, with everything above it open."""
        node = self._by_path.get(path)
        above = node.parent if node is not None else None
        while above is not None:
            above.expand()
            above = above.parent
        if node is not None:
            self.call_after_refresh(self.move_cursor, node)


def _last(path: str) -> str:
    return path.rpartition("/")[2]


def _indent(path: str) -> int:
    return 2 * path.count("/")
