"""What the service's refusals mean: its error codes become ours. Knows no SDK, so that every reader translates alike."""

from __future__ import annotations

import re

from ssmm_core.errors import (
    AccessDenied,
    ChangedUnderneath,
    CredentialsRejected,
    InvalidInput,
    KeyUnavailable,
    NotFound,
    ReplyLost,
    SettingsError,
    SsmmError,
    Throttled,
    Unreachable,
)

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping
    from typing import Any, Final, Literal

    Service = Literal["ssm", "tag", "sts", "iam"]

TITLES: Final[Mapping[Service, str]] = {"ssm": "Parameter Store", "tag": "the tagging API", "sts": "STS", "iam": "IAM"}
"""The services that are called, by the word that IAM's actions begin with, and what messages call them."""

_THROTTLED: Final = frozenset(
    {"ThrottlingException", "TooManyUpdates", "Throttling", "ThrottledException", "RequestLimitExceeded", "RequestThrottled",
     "RequestThrottledException", "TooManyRequestsException"}
)  # fmt: skip
_REJECTED: Final = frozenset(
    {"ExpiredToken", "ExpiredTokenException", "UnrecognizedClientException", "InvalidClientTokenId", "InvalidSignatureException",
     "SignatureDoesNotMatch", "IncompleteSignature", "MissingAuthenticationToken", "MissingAuthenticationTokenException",
     "AuthFailure", "NotAuthorized", "OptInRequired", "RequestExpired", "TokenRefreshRequired"}
)  # fmt: skip
_DENIED: Final = frozenset({"AccessDeniedException", "AccessDenied", "UnauthorizedOperation", "KMSAccessDeniedException"})
_LIMITS: Final = {
    "ParameterLimitExceeded": ("the account holds as many parameters as it may", "Delete some, or pass --advanced."),
    "ParameterMaxVersionLimitExceeded": (
        "its 100 versions are full and the oldest carries a label",
        "Move that label to a newer version first.",
    ),
    "TooManyTagsError": ("it would have more than 50 tags", "Remove some first."),
    "ParameterPatternMismatchException": ("the value does not match the parameter's allowed pattern", "See `ssmm show KEY --json`."),
    "HierarchyLevelLimitExceededException": ("its name has more than 15 levels", "Use a shorter path."),
    "HierarchyTypeMismatchException": ("its type cannot be changed in place", "Delete it and put it again."),
    "InvalidAllowedPatternException": ("its allowed pattern is not a valid regular expression", ""),
    "UnsupportedParameterType": ("its type is not supported here", ""),
    "PoliciesLimitExceededException": ("it would have more than 10 policies", ""),
    "IncompatiblePolicyException": ("two of its policies exclude each other", ""),
}
_NOT_IMPLEMENTED: Final = 501
"""What an emulator without that service answers: it will not heal."""
_WHO_WHAT = re.compile(r"not authorized to perform:? (?P<action>[\w-]+:\w+)(?: on (?:the )?resource:? (?P<resource>arn:[^\s,]+))?")


def refusal(
    code: str, said: str, *, status: int, operation: str, subject: str, region: str, service: Service = "ssm", shown: bool = True
) -> SsmmError:
    """Our error for one of a service's.

    `operation` is the API's name for the call, `subject` the parameter or path that it was about. What the service `said` is
    repeated only where it cannot hold a value: never for a call that carried one (`shown` False).
    """
    if code in _THROTTLED or status == 429:
        return Throttled(f"AWS throttled {operation} of {subject}")
    if code in _REJECTED:
        return CredentialsRejected(f"AWS rejected the credentials ({code})", hint=_rejected_hint(code, said))
    if code in _DENIED or status == 403:
        return _denied(said, service, operation, subject, region)
    if code in ("ParameterNotFound", "InvalidResourceId"):
        return NotFound(f"there is no parameter {subject}")
    if code in ("ParameterVersionNotFound", "ParameterVersionLabelNotFound"):
        return NotFound(f"{subject} has no such version or label", hint="See `ssmm show KEY --json` for its present version.")
    if code == "ParameterAlreadyExists":
        return ChangedUnderneath(f"{subject} was created by somebody else meanwhile", hint="Run it again to see what stands there now.")
    if code in ("InvalidKeyId", "DisabledException", "KMSInvalidStateException", "NotFoundException"):
        return KeyUnavailable(
            f"the KMS key of {subject} cannot be used{_quoted(said) if shown else ''}",
            hint="It may be unknown here, disabled or pending deletion.",
        )
    if code in _LIMITS:
        problem, hint = _LIMITS[code]
        return InvalidInput(f"Parameter Store refused {subject}: {problem}", hint=hint)
    title = TITLES[service]
    if (status >= 500 and status != _NOT_IMPLEMENTED) or code.startswith("InternalServerError"):
        return ReplyLost(f"{title} failed at {operation} of {subject} (HTTP {status})")
    return InvalidInput(
        f"{title} refused {operation} of {subject}: {code}{_quoted(said) if shown else ''}",
        hint="Check --endpoint-url and proxies." if code.isdigit() else "",  # the service gives a reason, not only a number
    )


def traced(operation: str, subject: str, parameters: Mapping[str, Any], seconds: float) -> str:
    """A line on one call for `--debug`. Names that are asked for are but counted: what a person typed for one may be a value."""
    names = parameters.get("Names", ())
    about = f", {len(names)} name{'s' if len(names) > 1 else ''}" if names else "" if operation == "GetParameter" else f" {subject}"
    return f"{operation}{about}: {seconds * 1000:.0f} ms"


_WHERE: Final = "Check the network, the region and --endpoint-url."


def unreachable(endpoint: str, service: Service = "ssm") -> Unreachable:
    """Nobody is there. `endpoint` is a URL without user and password, or empty where it is not known."""
    return Unreachable(f"cannot reach {place(endpoint, service)}", hint=_WHERE)


def no_answer(endpoint: str, service: Service = "ssm") -> ReplyLost:
    """It was sent, and no whole answer came back."""
    return ReplyLost(f"no answer from {place(endpoint, service)}", hint=_WHERE)


def not_the_service(endpoint: str, service: Service = "ssm") -> SettingsError:
    """What came back is none of the service's answers, as a captive portal's page is not."""
    return SettingsError(f"what answers at {endpoint} is not {TITLES[service]}", hint="Check --endpoint-url and proxies.")


def place(endpoint: str, service: Service) -> str:
    """What messages call a service, and where it was asked."""
    return f"{TITLES[service]} at {endpoint}" if endpoint else TITLES[service]


def _denied(said: str, service: Service, operation: str, subject: str, region: str) -> AccessDenied:
    found = _WHO_WHAT.search(said)
    if found or "kms" not in said.lower():
        action = found["action"] if found else f"{service}:{operation}"
    else:
        action = "kms:Decrypt" if operation.startswith("Get") else "kms:Encrypt"
    resource = found["resource"] if found else None
    if resource and ":parameter/" in resource and subject.endswith("/*"):
        subject = "/" + resource.partition(":parameter/")[2]  # of several that were asked for, the one that was refused
    if not resource:
        resource = "arn:aws:kms:*:*:key/*" if action.startswith("kms:") else _arn(service, operation, subject, region)
    return AccessDenied(
        f"not allowed to {action} on {subject}",
        action=action,
        resource=resource,
        hint=f'An IAM statement that allows it: {{"Effect": "Allow", "Action": "{action}", "Resource": "{resource}"}}',
    )


def _arn(service: Service, operation: str, subject: str, region: str) -> str:
    if service != "ssm" or operation == "DescribeParameters":
        return "*"  # these know no narrower resource
    from ssmm_core.limits import arn_prefix

    below = "/*" if operation == "GetParametersByPath" else ""
    return arn_prefix(region).replace("0" * 12, "*") + subject.lstrip("/") + below


def _rejected_hint(code: str, said: str) -> str:
    if "Signature expired" in said or "Signature not yet current" in said:
        return "This machine's clock is wrong: set it, or start a time service."
    if "Expired" in code or code == "TokenRefreshRequired":
        return "They have expired, or this machine's clock is wrong: log in again, or renew them."
    return "Check the key, its secret and session token, and that it belongs to this partition."


def _quoted(said: str) -> str:
    flat = " ".join(said.split())
    return f' ("{flat[:300]}")' if flat else ""
