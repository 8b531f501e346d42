"""Tags as a person writes them, and those that ssmm sets itself."""

from __future__ import annotations

from ssmm_core.errors import UsageError
from ssmm_core.limits import check_tag
from ssmm_core.names import printable
from ssmm_core.secret import SHORT

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable
    from typing import Final

APP: Final = "app"
"""The tag that `put` and `migrate` set to the app's own name."""


def tag_pairs(pairs: Iterable[str]) -> dict[str, str]:
    """Tags given as `KEY=VALUE`.

    Raises:
        UsageError: one is malformed, or given twice with different values.
    """
    tags: dict[str, str] = {}
    for pair in pairs:
        key, equals, value = pair.partition("=")
        if not equals or not key:
            shown = f"the tag {printable(key)}" if len(key) < SHORT else "a tag"  # what is longer may be a value in the wrong place
            raise UsageError(f"{shown} is not of the form KEY=VALUE", hint="Write it as shared=true.")
        check_tag(key, value)
        if tags.setdefault(key, value) != value:
            raise UsageError(f"the tag {key} is given twice", hint="Give it once.")
    return tags


def check_own_tag(key: str, value: str = "") -> None:
    """Refuse a tag that a person may not set or remove: what the service refuses, and `app`."""
    check_tag(key, value)
    if key == APP:
        raise UsageError("the tag app is reserved", hint="ssmm sets it to the app itself.")
