"""Reading the file of variables that somebody gives: one of ours in any dialect, or a `.env` from elsewhere."""

from __future__ import annotations

from ssmm_core.envfile import dialect, foreign, written_as
from ssmm_core.errors import InvalidInput

TYPE_CHECKING = False
if TYPE_CHECKING:
    from ssmm_core.secret import SecretValue


def read_env(content: bytes, path: str, file_format: str = "") -> dict[str, SecretValue]:
    """The variables of a file in their order. What `sync` wrote is read back byte for byte.

    Without a `file_format`, one of `FORMATS`, a file is what the header of `sync` says, JSON where it begins with `{`, else a `.env` in
    python-dotenv's grammar. `dotenv` is that grammar too, but for a file with our header.

    Raises:
        InvalidInput: binary, not UTF-8, or a line that is no `KEY=VALUE`; with the line's number and never its text.
    """
    if b"\0" in content:
        raise InvalidInput(f"{path} is a binary file", hint="Name a text file of KEY=VALUE lines.")
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = content.count(b"\n", 0, error.start) + 1
        raise InvalidInput(f"{path}:{line} is not valid UTF-8", hint="Store binary data as base64.") from None
    ours = written_as(content)
    chosen = file_format or ours or ("json" if text.lstrip().startswith("{") else "dotenv")
    if chosen == "dotenv" and ours != "dotenv":
        return foreign.read(text, path)
    try:
        return dialect(chosen).read(text.encode())
    except InvalidInput as error:
        hint = "It was changed after ssmm wrote it; sync it again." if chosen == ours else f"Is it a file in the {chosen} format?"
        raise InvalidInput(f"{path}: {error.message}", hint=hint) from None
