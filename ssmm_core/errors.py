"""The error tree. Every error says what happened, how to mend it, and the exit code that a unit or pipeline acts on.

    SsmmError                       1   (failed)
    ├── UsageError                  2   the command line cannot be right
    ├── SettingsError              78   settings or data cannot be right
    │   ├── InvalidInput                a name, value, tag or file that the service or a reader cannot take
    │   ├── NotFound                    a parameter, version, app or layer that does not exist
    │   ├── ConflictError               what --strict, or a refusal to overwrite, stops
    │   ├── KeyUnavailable              a KMS key that is unknown, disabled or pending deletion
    │   └── ReadOnly                    a write that was asked for under --read-only
    ├── AccessDenied               77   an IAM or KMS policy does not allow it
    ├── CredentialsRejected        77   expired or wrong credentials
    ├── TemporaryError             75   may heal by itself
    │   ├── Throttled
    │   ├── Unreachable
    │   │   └── ReplyLost               sent, but the answer did not come: it may have been carried out
    │   ├── CredentialsMissing
    │   └── DeadlineExceeded
    ├── ChangedUnderneath           1   another writer was there since the plan was made
    ├── StorageError                1   a disk or directory failed
    ├── CommandFailed               1   a program that ssmm ran failed
    └── CannotExecute         126/127   `exec` found no program, or may not run it

No message ever holds a value.
"""

from __future__ import annotations

from enum import IntEnum


class ExitCode(IntEnum):
    """What the process answers. systemd reads these: `RestartPreventExitStatus=77 78` stops what cannot heal."""

    DONE = 0
    FAILED = 1
    USAGE = 2
    TEMPORARY = 75
    DENIED = 77
    SETTINGS = 78
    CANNOT_EXECUTE = 126
    NOT_FOUND = 127
    INTERRUPTED = 130


class SsmmError(Exception):
    """Base of all errors that a user can meet. `hint` is a sentence on how to mend it, or empty."""

    exit_code = ExitCode.FAILED

    def __init__(self, message: str, *, hint: str = "") -> None:
        super().__init__(message)
        self.message = message
        self.hint = hint

    def __str__(self) -> str:
        return f"{self.message.rstrip('.')}. {self.hint}" if self.hint else self.message


class UsageError(SsmmError):
    exit_code = ExitCode.USAGE


class SettingsError(SsmmError):
    exit_code = ExitCode.SETTINGS


class InvalidInput(SettingsError):
    pass


class NotFound(SettingsError):
    pass


class ConflictError(SettingsError):
    pass


class KeyUnavailable(SettingsError):
    pass


class ReadOnly(SettingsError):
    pass


class AccessDenied(SsmmError):
    """`action` is the IAM action that was refused (`ssm:GetParametersByPath`), `resource` the ARN or path it was refused on."""

    exit_code = ExitCode.DENIED

    def __init__(self, message: str, *, action: str, resource: str, hint: str = "") -> None:
        super().__init__(message, hint=hint)
        self.action = action
        self.resource = resource


class CredentialsRejected(SsmmError):
    exit_code = ExitCode.DENIED


class TemporaryError(SsmmError):
    exit_code = ExitCode.TEMPORARY


class Throttled(TemporaryError):
    pass


class Unreachable(TemporaryError):
    pass


class ReplyLost(Unreachable):
    pass


class CredentialsMissing(TemporaryError):
    pass


class DeadlineExceeded(TemporaryError):
    pass


class ChangedUnderneath(SsmmError):
    pass


class StorageError(SsmmError):
    pass


class CommandFailed(SsmmError):
    pass


class CannotExecute(SsmmError):
    """`exit_code` is 127 where no program was found, 126 where it may not be run, as a shell has them."""

    def __init__(self, message: str, *, exit_code: ExitCode, hint: str = "") -> None:
        super().__init__(message, hint=hint)
        self.exit_code = exit_code
