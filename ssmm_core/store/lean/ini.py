"""The SDK's configuration files, in the part of their grammar that leaves no doubt.

The SDK reads them with `configparser.RawConfigParser`, of which this is the plain part: sections, `key = value`, comments on lines of their
own, and one level of indented keys below a key without a value. Anything else in a file, wherever it stands, is for the SDK.
"""

from __future__ import annotations

import os

from ssmm_core.store.lean import Handover

TYPE_CHECKING = False
if TYPE_CHECKING:
    Section = dict[str, str | dict[str, str]]
    """Keys in lower case; a dictionary is an indented block, whose keys are as they were written."""


def read(path: str) -> dict[str, Section]:
    """The sections of a file by their headings; none where there is no such file.

    Raises:
        Handover: it cannot be read, or not without doubt.
    """
    if not os.path.isfile(path):
        return {}
    try:
        with open(path, "rb") as file:
            text = file.read()
    except OSError:
        raise Handover("a configuration file cannot be read") from None
    return parse(text)


def parse(text: bytes) -> dict[str, Section]:
    """The sections of a file's text.

    Raises:
        Handover: there is something in it that may mean more than is known here.
    """
    if not text.isascii():
        raise Handover("a configuration file is not plain ASCII")  # the locale decides what it says
    lines = text.decode("ascii").replace("\r\n", "\n").replace("\r", "\n").split("\n")
    sections: dict[str, Section] = {}
    section: Section | None = None
    key = ""  # of the value that a deeper line would go on with
    indent = 0
    for line in lines:
        content = line.strip(" \t")
        if not content or content[0] in "#;":
            continue
        if not content.isprintable() and not content.replace("\t", "").isprintable():
            raise _doubt("a control character")
        depth = len(line) - len(line.lstrip(" \t"))
        if section is not None and key and depth > indent:
            _go_on(section, key, content)
            continue
        indent = depth
        if content[0] == "[":
            heading = content[1:-1]
            if not heading or content[-1] != "]" or "[" in heading or "]" in heading or heading == "DEFAULT" or heading in sections:
                raise _doubt("a heading")
            section = sections[heading] = {}
            key = ""
        elif section is None:
            raise _doubt("a line before the first heading")
        else:
            name, sign, value = content.partition("=")
            key = name.rstrip(" \t").lower()
            if not sign or not key or ":" in name or key in section:
                raise _doubt("a key")
            section[key] = value.strip(" \t")
    return sections


def _go_on(section: Section, key: str, content: str) -> None:
    """Take a line that stands deeper than its key: another key below it, if the key itself has no value."""
    block = section[key]
    if block == "":
        block = section[key] = {}
    name, sign, value = content.partition("=")
    if isinstance(block, str) or not sign:
        raise _doubt("a value of several lines")
    block[name.rstrip(" \t")] = value.strip(" \t")


def _doubt(what: str) -> Handover:
    return Handover(f"a configuration file has {what} that is not understood for sure")
