"""Between the service's own shapes and our records. Knows no SDK, so that every reader of the API makes the same of its answers."""

from __future__ import annotations

from ssmm_core.models import DEFAULT_KEY, SECURE, Parameter, ParameterMetadata, ParameterVersion
from ssmm_core.secret import SecretValue

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence
    from typing import Any, Final

_YEAR_10000: Final = 253_402_300_800.0
"""Seconds at which no clock can be."""


def parameter(raw: Mapping[str, Any], decrypt: bool) -> Parameter:
    """An entry of GetParameters, GetParameter or GetParametersByPath."""
    if not isinstance(raw["Value"], str) or not isinstance(raw["Version"], int):
        raise TypeError("a value is a text, a version a number")
    # Without decryption AWS answers with ciphertext, but an emulator with the plain text: neither is a value.
    hidden = raw["Type"] == SECURE and not decrypt
    return Parameter(
        name=slashed(raw["Name"]),
        type=raw["Type"],
        version=raw["Version"],
        value=None if hidden else SecretValue(raw["Value"]),
        last_modified=_seconds(raw),
        data_type=raw.get("DataType", "text"),
    )


def version(raw: Mapping[str, Any], decrypt: bool) -> ParameterVersion:
    """An entry of GetParameterHistory."""
    hidden = raw["Type"] == SECURE and not decrypt
    return ParameterVersion(
        name=slashed(raw["Name"]),
        type=raw["Type"],
        version=raw["Version"],
        value=None if hidden else SecretValue(raw["Value"]),
        labels=tuple(raw.get("Labels", ())),
        last_modified=_seconds(raw),
        last_modified_user=raw.get("LastModifiedUser", ""),
    )


def metadata(raw: Mapping[str, Any]) -> ParameterMetadata:
    """An entry of DescribeParameters."""
    return ParameterMetadata(
        name=slashed(raw["Name"]),
        type=raw["Type"],
        version=raw.get("Version", 0),
        tier=raw.get("Tier", "Standard"),
        key_id=raw.get("KeyId", DEFAULT_KEY) if raw["Type"] == SECURE else "",
        data_type=raw.get("DataType", "text"),
        allowed_pattern=raw.get("AllowedPattern", ""),
        description=raw.get("Description", ""),
        policies=tuple(policy["PolicyText"] for policy in raw.get("Policies", ())),
        last_modified=_seconds(raw),
        last_modified_user=raw.get("LastModifiedUser", ""),
    )


def tags(raw: Iterable[Mapping[str, str]]) -> dict[str, str]:
    """Tags as the service lists them."""
    return {tag["Key"]: tag["Value"] for tag in raw}


def tag_list(tags: Mapping[str, str]) -> list[dict[str, str]]:
    """Tags as the service takes them."""
    return [{"Key": key, "Value": value} for key, value in tags.items()]


def policies_text(policies: Sequence[str]) -> str:
    """Policies as PutParameter takes them: one JSON array, or empty."""
    return f"[{','.join(policies)}]" if policies else ""


def slashed(name: str) -> str:
    """`x` and `/x` are one parameter, and the service may answer with either."""
    return name if name.startswith("/") else f"/{name}"


def name_in_arn(arn: str) -> str:
    """The name of a parameter from its ARN, which says `:parameter/top` for `/top` and `top` alike."""
    return arn.partition(":parameter")[2]


def _seconds(raw: Mapping[str, Any]) -> float | None:
    """The service says seconds; the SDK makes a datetime of them."""
    moment = raw.get("LastModifiedDate")
    seconds = moment if moment is None or isinstance(moment, (int, float)) else moment.timestamp()
    return seconds if seconds is not None and 0 <= seconds < _YEAR_10000 else None
