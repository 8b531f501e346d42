"""The contract of a service: names that it cannot do without, from a file such as `.env.example`."""

from __future__ import annotations

from ssmm_core.asked import Asked, together
from ssmm_core.errors import InvalidInput
from ssmm_core.files import read_file
from ssmm_core.names import is_environment_name

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable


def read_asked(path: str) -> tuple[Asked, ...]:
    """The variables of a file with one a line, in its order: `NAME`, `NAME=anything` or `export NAME=anything`; `#` begins a comment.

    `NAME?` may be missing. What stands behind `=` is an example, and never a parameter's name.

    Raises:
        InvalidInput: it cannot be read, or a line begins with no variable's name; told by the line's number, never by its text.
    """
    return asked_in(read_file(path), path)


def asked_in(content: bytes, path: str) -> tuple[Asked, ...]:
    """The same of what stands in such a file.

    Raises:
        InvalidInput: as above, but for the reading.
    """
    try:
        lines = content.decode("utf-8-sig").splitlines()
    except UnicodeDecodeError:
        raise InvalidInput(f"{path} is not valid UTF-8", hint="Name a file with one NAME a line.") from None
    found = []
    for number, line in enumerate(lines, 1):
        text = line.strip()
        if not text or text.startswith("#"):
            continue
        before, _, value = text.partition("=")
        words = before.partition("#")[0].split()
        marked = " ".join(words[1:] if words[0] == "export" else words) if words else ""
        name = marked.removesuffix("?")
        if not is_environment_name(name):
            raise InvalidInput(f"{path}:{number} begins with no variable's name", hint="Write one NAME a line; its value is not needed.")
        quote = value.lstrip()[:1]
        if quote in ("'", '"') and quote not in value.lstrip()[1:]:  # the lines behind it would be taken for names
            raise InvalidInput(
                f"{path}:{number} opens a quote that it does not close", hint="Write one NAME a line; its value is not needed."
            )
        found.append(Asked(name, optional=marked != name))
    return together(found)


def names_of(asked: Iterable[Asked]) -> tuple[str, ...]:
    """The names that may not be missing."""
    return tuple(one.name for one in asked if not one.optional)
