"""A secret is a type, not a `str`: nothing that prints, logs or pickles it can show what it holds."""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Final, NoReturn

MASK: Final = "********"
"""What stands for any value: always as wide, so that it tells nothing of the length."""

SHORT: Final = 12
"""Below this many bytes the exact length of a value helps whoever guesses at it."""


class SecretValue:
    """The value of a parameter. It leaves only through `reveal()`."""

    __slots__ = ("_text",)
    _text: str

    def __init__(self, text: str) -> None:
        object.__setattr__(self, "_text", text)

    def reveal(self) -> str:
        """The plain text: only to deliver it, or to show it to somebody who asked."""
        return self._text

    def fingerprint(self, key: bytes) -> str:
        """Twelve hex digits of HMAC-SHA256 under `key`.

        Equal values have equal fingerprints under one key. Without the key a dictionary of likely values is of no use,
        as it would be against a bare hash.
        """
        import hmac  # not needed to deliver a value

        return hmac.new(key, self._text.encode("utf-8", "surrogatepass"), "sha256").hexdigest()[:12]

    def length_hint(self) -> str:
        """`len=40` in UTF-8 bytes, `len<12` for what is shorter than `SHORT`."""
        size = self.size
        return f"len={size}" if size >= SHORT else f"len<{SHORT}"

    @property
    def size(self) -> int:
        """Length in UTF-8 bytes, the unit of the service's limits."""
        return len(self._text.encode("utf-8", "surrogatepass"))

    def __eq__(self, other: object) -> bool:
        return self._text == other._text if isinstance(other, SecretValue) else NotImplemented

    def __hash__(self) -> int:
        return hash((SecretValue, self._text))

    def __bool__(self) -> bool:
        return bool(self._text)

    def __repr__(self) -> str:
        return f"SecretValue({MASK})"

    def __str__(self) -> str:
        return MASK

    def __format__(self, spec: str) -> str:
        return format(MASK, spec)

    def __setattr__(self, name: str, value: object) -> NoReturn:
        raise AttributeError("a SecretValue cannot be changed")

    def __reduce__(self) -> NoReturn:
        raise TypeError("a SecretValue does not pickle: it would leave the process in clear")
