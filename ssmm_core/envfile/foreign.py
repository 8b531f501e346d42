"""Reading a `.env` that a person or another tool wrote: python-dotenv's grammar, without interpolation, and without guessing.

python-dotenv itself skips what it cannot parse; here each such line is an error with its number.
"""

from __future__ import annotations

from io import StringIO

from ssmm_core.errors import InvalidInput
from ssmm_core.names import comes_back_as, is_environment_name
from ssmm_core.secret import SecretValue


def read(text: str, path: str) -> dict[str, SecretValue]:
    """The variables in their order.

    Raises:
        InvalidInput: a line that is no `KEY=VALUE`; with the line's number and never its text.
    """
    from dotenv.parser import parse_stream  # 50 ms, and only `put --env` reads such files

    found: dict[str, SecretValue] = {}
    for binding in parse_stream(StringIO(text)):
        said = binding.original.string
        line = binding.original.line + said[: len(said) - len(said.lstrip())].count("\n")
        if binding.error:
            raise InvalidInput(
                f"{path}:{line} is not KEY=VALUE, or has a quote that is never closed", hint="Close the quote, or quote the whole value."
            )
        if binding.key is None:
            continue
        # The text is not repeated: it may be a line of a key that was pasted without quotes.
        if binding.value is None:
            raise InvalidInput(f"{path}:{line} has no =", hint="Write KEY=VALUE; quote a value of several lines.")
        if not is_environment_name(binding.key) or _is_padding(binding.key, binding.value, said):
            raise InvalidInput(
                f"{path}:{line} has no variable's name before its =", hint="Letters, digits and '_'; quote a value of several lines."
            )
        if binding.key in found:
            raise InvalidInput(f"{path}:{line}: {binding.key} is given twice", hint="Keep one of the two lines.")
        found[binding.key] = SecretValue(binding.value)
    return found


def _is_padding(key: str, value: str, said: str) -> bool:
    """Whether a line is rather the end of base64 text that was wrapped without quotes: its padding reads as `=` and a value."""
    line = said.strip()
    return (value == "=" and line.endswith("==")) or (not value and line.endswith("=") and comes_back_as(key) != key)
