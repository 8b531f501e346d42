"""Begin to connect before the command line is understood, so that the rest is imported while the wire is busy.

It is a guess from few words: one that is wrong costs connections that nobody uses. It says nothing of itself, and nothing is sent.
"""

from __future__ import annotations

import os

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from typing import Final

    from ssmm_core.store.lean.opening import Opening

DELIVERIES: Final = ("exec", "sync", "show")
_PLACES: Final = {"--region": "region", "--profile": "profile", "--endpoint-url": "endpoint_url"}
_NOT_AT_ALL: Final = ("--demo", "--help", "-h", "--version")
_MOST: Final = 12
"""As many calls are sent side by side, where nothing else is said."""
_BATCH: Final = 10
"""Names in one call."""
_LINE: Final = 25
"""Bytes of a name's line in a file, roughly."""


def connect(arguments: Sequence[str], environ: Mapping[str, str]) -> Opening | None:
    """Connections under way to where these arguments and this environment lead, one for each call that can be sent at once.

    None where it is not clear.
    """
    words = list(arguments[: arguments.index("--")]) if "--" in arguments else list(arguments)
    command = next((word for word in words if not word.startswith("-")), "")
    is_clear = command != "exec" or "--" in arguments  # without it, an option may be the program's
    if command not in DELIVERIES or not is_clear or any(word in _NOT_AT_ALL for word in words):
        return None
    from ssmm_core.store.lean import Handover

    given = dict(_options(words))
    places = {name: given.get(flag) for flag, name in _PLACES.items()}
    try:
        from ssmm_core.store.lean.endpoint import find

        where = find(environ, **places | {"region": places["region"] or environ.get("AWS_REGION")})
    except Handover:
        return None
    from ssmm_core.store.lean.opening import Opening

    return Opening(where, ahead=1 if command == "show" else min(_MOST, _calls(words)))


def _options(words: Sequence[str]) -> list[tuple[str, str]]:
    """(option, what follows it), for each word that follows one."""
    pairs: list[tuple[str, str]] = []
    option = ""
    for word in words:
        if word.startswith("-"):
            option, equals, value = word.partition("=")
            pairs += [(option, value)] if equals else []
        elif option:
            pairs.append((option, word))
    return pairs


def _calls(words: Sequence[str]) -> int:
    """Those of a first round: one walk of each layer, or its names in tens."""
    options = _options(words)
    layers = max(1, sum(option == "--app" for option, _ in options)) + ("--no-shared" not in words)
    names = sum(option == "--only" for option, _ in options)
    for option, path in options:
        if option == "--names-from" and os.path.isfile(path):
            names += os.path.getsize(path) // _LINE
    return layers * max(1, -(-names // _BATCH))
