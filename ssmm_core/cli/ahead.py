"""Begin to connect before the command line is understood, so that the rest is imported while the wire is busy.

It is a guess from few words: one that is wrong costs a connection that nobody uses. It says nothing of itself, and nothing is sent.
"""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from typing import Final

    from ssmm_core.store.lean.opening import Opening

DELIVERIES: Final = ("exec", "sync", "show")
_VALUED: Final = ("--region", "--profile", "--endpoint-url")
_NOT_AT_ALL: Final = ("--demo", "--help", "-h", "--version")
_MOST: Final = 10


def connect(arguments: Sequence[str], environ: Mapping[str, str]) -> Opening | None:
    """Connections under way to where these arguments and this environment lead, one for each layer; None where it is not clear."""
    before = list(arguments[: arguments.index("--")]) if "--" in arguments else list(arguments)
    command = next((word for word in before if not word.startswith("-")), "")
    is_clear = command != "exec" or "--" in arguments  # without it, an option may be the program's
    if command not in DELIVERIES or not is_clear or any(word in _NOT_AT_ALL for word in before):
        return None
    given: dict[str, str] = {}
    apps = 0
    for at, word in enumerate(before):
        flag, equals, value = word.partition("=")
        if flag in _VALUED:
            given[flag] = value if equals else "".join(before[at + 1 : at + 2])
        apps += flag == "--app"
    layers = max(1, apps) + ("--no-shared" not in before) if command != "show" else 1
    from ssmm_core.store.lean import Handover

    try:
        from ssmm_core.store.lean.endpoint import find

        where = find(
            environ,
            region=given.get("--region") or environ.get("AWS_REGION"),
            profile=given.get("--profile"),
            endpoint_url=given.get("--endpoint-url"),
        )
    except Handover:
        return None
    from ssmm_core.store.lean.opening import Opening

    return Opening(where, ahead=min(layers, _MOST))
