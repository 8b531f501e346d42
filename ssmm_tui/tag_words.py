"""Tags in one line: `key=value` words, in quotes where there are blanks in them. Pure."""

from __future__ import annotations

import shlex
from typing import TYPE_CHECKING

from ssmm_core.errors import UsageError
from ssmm_core.tags import APP, check_own_tag, tag_pairs

if TYPE_CHECKING:
    from collections.abc import Mapping


def is_own(key: str) -> bool:
    """Whether a person may write this tag as a word: `app` is ssmm's, `aws:…` is AWS's, and a `=` in a key would end it.

    The service itself never has an empty key; an emulator may.
    """
    return key not in ("", APP) and not key.lower().startswith("aws:") and "=" not in key


def line(tags: Mapping[str, str]) -> str:
    """The line that `parsed` makes the person's own ones of these tags of, sorted."""
    return shlex.join(f"{key}={value}" for key, value in sorted(tags.items()) if is_own(key))


def pairs(text: str) -> dict[str, str]:
    """The tags in a line, whosever they are.

    Raises:
        UsageError: one is malformed, or given twice with different values.
    """
    try:
        words = shlex.split(text)
    except ValueError:
        raise UsageError("a quote among the tags is not closed") from None
    return tag_pairs(words)


def parsed(text: str) -> dict[str, str]:
    """The tags in a line, all of which a person may set.

    Raises:
        UsageError: as `pairs`, or one is reserved.
    """
    tags = pairs(text)
    for key, value in tags.items():
        check_own_tag(key, value)
    return tags
