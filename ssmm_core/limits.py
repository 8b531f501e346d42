"""The service's limits on names, values, tags and labels, checked before anything is sent: neither the SDK nor emulators do it.

Each rule is Parameter Store's own (API model and user guide), with its figure beside it.
"""

from __future__ import annotations

import re

from ssmm_core.errors import InvalidInput, UsageError
from ssmm_core.names import printable

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping
    from typing import Final

    from ssmm_core.secret import SecretValue

NAME_AND_ARN: Final = 1011
"""Longest name together with the ARN prefix that the service puts before it."""
DEPTH: Final = 15
STANDARD_BYTES: Final = 4096
ADVANCED_BYTES: Final = 8192
TAGS: Final = 50
TAG_KEY: Final = 128
TAG_VALUE: Final = 256
LABEL: Final = 100
TEXT: Final = 1024
"""Longest description or allowed pattern."""

# Texts, which are compiled at their first use: a delivery needs none of them.
_NAME: Final = r"/?[A-Za-z0-9_.-]+(/[A-Za-z0-9_.-]+)*"
_KEY_ID: Final = r"[A-Za-z0-9:/_-]{1,256}"
_LABEL: Final = r"[A-Za-z_.-][A-Za-z0-9_.-]*"
_REFERENCE: Final = r"(?s)\{\{.*?\}\}"
_TAG_PUNCTUATION = frozenset("_.:/=+-@")


def arn_prefix(region: str) -> str:
    """What stands before a parameter's name in its ARN, with a placeholder of the right length for the account."""
    partition = {"cn-": "aws-cn", "us-gov-": "aws-us-gov"}
    name = next((value for start, value in partition.items() if region.startswith(start)), "aws")
    return f"arn:{name}:ssm:{region}:{'0' * 12}:parameter/"


def check_name(name: str, region: str = "ap-southeast-1") -> None:
    """Refuse a parameter name that the service would refuse. Without a region the longest common one counts."""
    shown = printable(name)
    if not re.fullmatch(_NAME, name):
        raise InvalidInput(
            f"{shown} cannot be a parameter's name", hint="Letters, digits, '_', '.', '-' and single '/' between them are allowed."
        )
    longest = NAME_AND_ARN - len(arn_prefix(region))
    if len(name) > longest:
        raise InvalidInput(f"the name {shown[:60]}… has {len(name)} characters", hint=f"At most {longest} fit in {region}.")
    segments = name.strip("/").split("/")
    if len(segments) > DEPTH:
        raise InvalidInput(f"{shown} has {len(segments)} levels", hint=f"At most {DEPTH} are allowed.")
    if segments[0].lower().startswith(("aws", "ssm")):
        raise InvalidInput(f"{shown} is reserved by AWS", hint="A name may not begin with 'aws' or 'ssm'.")


def check_value(name: str, value: SecretValue, *, advanced: bool) -> None:
    """Refuse a value that the service would refuse or change. `advanced` says which tier's size counts."""
    text = value.reveal()
    if not text:
        raise InvalidInput(f"the value of {name} is empty", hint="Parameter Store holds no empty values.")
    if "\0" in text:
        raise InvalidInput(f"the value of {name} holds a NUL character", hint="Store binary data as base64.")
    if any("\ud800" <= char <= "\udfff" for char in text):
        raise InvalidInput(f"the value of {name} is not valid UTF-8", hint="Store binary data as base64.")
    if re.search(_REFERENCE, text):
        raise InvalidInput(
            f"the value of {name} holds {{{{…}}}}, which Parameter Store refuses as a reference",
            hint="Store it encoded, for instance as base64.",
        )
    if value.size > ADVANCED_BYTES:
        raise InvalidInput(
            f"the value of {name} has {value.size:,} bytes",
            hint=f"Parameter Store holds at most {ADVANCED_BYTES:,}, in the advanced tier (--advanced).",
        )
    if value.size > STANDARD_BYTES and not advanced:
        raise InvalidInput(
            f"the value of {name} has {value.size:,} bytes, the standard tier holds {STANDARD_BYTES:,}",
            hint=f"The advanced tier (--advanced) holds up to {ADVANCED_BYTES:,}; AWS charges for each advanced parameter.",
        )


def check_tag(key: str, value: str) -> None:
    """Refuse a tag that the service would refuse, and those that AWS keeps for itself."""
    if not 1 <= len(key) <= TAG_KEY:
        raise UsageError(f"the tag key {printable(key[:40])} has {len(key)} characters", hint=f"1 to {TAG_KEY} are allowed.")
    if len(value) > TAG_VALUE:
        raise UsageError(f"the value of tag {key} has {len(value)} characters", hint=f"At most {TAG_VALUE} are allowed.")
    for what, text in (("key", key), ("value", value)):
        if bad := sorted({char for char in text if not _is_tag_character(char)}):
            raise UsageError(
                f"the {what} of tag {printable(key)} has characters that a tag cannot hold: {printable(''.join(bad))}",
                hint="Letters, digits, spaces and _.:/=+-@ are allowed.",
            )
    if key.lower().startswith("aws:"):
        raise UsageError(f"the tag {key} is reserved", hint="Keys that begin with 'aws:' are AWS's own.")


def check_tag_count(name: str, tags: Mapping[str, str]) -> None:
    if len(tags) > TAGS:
        raise InvalidInput(f"{name} would have {len(tags)} tags", hint=f"Parameter Store allows {TAGS}.")


def check_label(label: str) -> None:
    """Refuse a label that the service would answer with in `InvalidLabels`, under a status of 200."""
    if len(label) > LABEL or not re.fullmatch(_LABEL, label) or label.lower().startswith(("aws", "ssm")):
        raise InvalidInput(
            f"{printable(label[:60])} cannot be a label",
            hint=f"Letters, digits, '_', '.' and '-', at most {LABEL}; not beginning with a digit, 'aws' or 'ssm'.",
        )


def check_key_id(key_id: str) -> None:
    """Refuse what cannot be a KMS key id, ARN or alias."""
    if not re.fullmatch(_KEY_ID, key_id):
        raise InvalidInput(f"{printable(key_id)} is not a KMS key", hint="Give a key id, an ARN or alias/NAME.")


def check_text(what: str, text: str) -> None:
    """Refuse a description or allowed pattern over the service's 1,024 characters."""
    if len(text) > TEXT:
        raise InvalidInput(f"the {what} has {len(text)} characters", hint=f"At most {TEXT} are allowed.")


def _is_tag_character(char: str) -> bool:
    import unicodedata  # only where tags are written

    return char in _TAG_PUNCTUATION or unicodedata.category(char)[0] in "LZN"
