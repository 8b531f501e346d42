"""What Parameter Store holds, as immutable records. Times are seconds since the epoch."""

from __future__ import annotations

from ssmm_core.record import Record

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping
    from typing import Final, Literal

    from ssmm_core.secret import SecretValue

    ParameterType = Literal["String", "StringList", "SecureString"]
    Tier = Literal["Standard", "Advanced", "Intelligent-Tiering"]

SECURE: Final = "SecureString"
DEFAULT_KEY: Final = "alias/aws/ssm"
"""The AWS managed key that encrypts a SecureString for which no other was named."""


class Parameter(Record):
    """One parameter at one version. `value` is None where it was not decrypted (a SecureString read without asking)."""

    name: str
    type: ParameterType
    version: int
    value: SecretValue | None = None
    last_modified: float | None = None
    data_type: str = "text"

    @property
    def is_secure(self) -> bool:
        return self.type == SECURE


class ParameterMetadata(Record):
    """What DescribeParameters tells beyond a `Parameter`; never a value. `policies` are JSON texts."""

    name: str
    type: ParameterType
    version: int
    tier: Tier = "Standard"
    key_id: str = ""
    data_type: str = "text"
    allowed_pattern: str = ""
    description: str = ""
    policies: tuple[str, ...] = ()
    last_modified: float | None = None
    last_modified_user: str = ""


class ParameterVersion(Record):
    """One entry of a parameter's history."""

    name: str
    type: ParameterType
    version: int
    value: SecretValue | None = None
    labels: tuple[str, ...] = ()
    last_modified: float | None = None
    last_modified_user: str = ""


class Account(Record):
    """Whose parameters these are. `alias` is empty where there is none, or where it may not be read; `identity` is the caller's ARN."""

    id: str
    alias: str = ""
    identity: str = ""


class CredentialSource(Record):
    """Where credentials come from, in botocore's word (`env`, `sso`, `iam-role`, …), and the last four characters of the key's id."""

    method: str
    key_ending: str = ""


class PutRequest(Record):
    """All that one PutParameter call says. Empty text and None mean: not sent, so the service decides.

    `clear_description` takes the description away from a parameter that stands, which leaving it out does not.
    `overwrite` False creates, and carries the tags in the same call; True changes, and the service takes no tags with it.
    """

    name: str
    value: SecretValue
    type: ParameterType
    overwrite: bool
    tier: Tier | None = None
    key_id: str = ""
    data_type: str = ""
    allowed_pattern: str = ""
    description: str = ""
    policies: tuple[str, ...] = ()
    tags: Mapping[str, str] | None = None
    clear_description: bool = False
