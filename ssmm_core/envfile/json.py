"""One JSON object, `{"NAME": "value"}`, for programs that read their settings themselves."""

from __future__ import annotations

import json

from ssmm_core.envfile import Undeliverable
from ssmm_core.errors import InvalidInput
from ssmm_core.secret import SecretValue

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping


def write(variables: Mapping[str, SecretValue]) -> bytes:
    """The object, indented, with all but ASCII as it is."""
    plain = {name: value.reveal() for name, value in variables.items()}
    for name, text in plain.items():
        if any("\ud800" <= char <= "\udfff" for char in text):
            raise Undeliverable(name, "its value is not valid UTF-8")
    return json.dumps(plain, indent=2, ensure_ascii=False).encode() + b"\n"


def read(content: bytes) -> dict[str, SecretValue]:
    """The object back. Anything but an object of strings with each name once is refused, without repeating any of it."""
    try:
        plain = json.loads(content, object_pairs_hook=_each_once)
    except (ValueError, RecursionError):  # the latter for a thousand brackets in each other
        raise InvalidInput("not valid JSON") from None
    if not isinstance(plain, dict) or not all(isinstance(value, str) for value in plain.values()):
        raise InvalidInput("not a JSON object of strings, each name once")
    return {name: SecretValue(value) for name, value in plain.items()}


def _each_once(pairs: list[tuple[str, object]]) -> dict[str, object] | None:
    found = dict(pairs)
    return found if len(found) == len(pairs) else None
