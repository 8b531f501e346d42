"""What the service's refusals become: errors that name the parameter and the way out, and no value."""

from __future__ import annotations

import logging
import traceback
from typing import TYPE_CHECKING

import botocore.session
import pytest

from ssmm_core.errors import (
    AccessDenied,
    ChangedUnderneath,
    CredentialsRejected,
    ExitCode,
    InvalidInput,
    KeyUnavailable,
    NotFound,
    ReplyLost,
    SsmmError,
    Throttled,
)
from ssmm_core.settings import Settings
from ssmm_core.store.answers import refusal
from ssmm_core.store.aws import AwsStore
from tests.conftest import REGION, Ssm
from tests.store.calls import (
    CALLS,
    KMS_DENIED,
    KMS_KEY,
    SENTINEL,
    got,
    request,
    walked,
)

if TYPE_CHECKING:
    from tests.support.faults import Faults


@pytest.mark.parametrize("operation", CALLS)
def test_a_denial_names_action_path_and_the_statement_that_would_allow_it(
    faulty_store: AwsStore, faults: Faults, token: str, operation: str
) -> None:
    faults.deny(operation)
    with pytest.raises(AccessDenied) as caught:
        CALLS[operation](faulty_store)
    error = caught.value
    resource = "arn:aws:ssm:eu-central-1:123456789012:parameter/secret-place"
    assert error.exit_code == ExitCode.DENIED
    assert (error.action, error.resource) == (f"ssm:{operation}", resource)
    assert error.message.startswith(f"not allowed to ssm:{operation} on /myteam")
    assert f'{{"Effect": "Allow", "Action": "ssm:{operation}", "Resource": "{resource}"}}' in error.hint


def test_a_denial_of_one_name_in_a_batch_does_not_accuse_another(faulty_store: AwsStore, ssm: Ssm, faults: Faults) -> None:
    ssm.put("/myteam/web/allowed", "x")
    ssm.put("/myteam/web/denied", "x")
    faults.refuse(
        "GetParameters",
        "AccessDeniedException",
        "User: arn:aws:iam::123456789012:user/made-up is not authorized to perform: ssm:GetParameters on resource: "
        "arn:aws:ssm:eu-central-1:123456789012:parameter/myteam/web/denied because no identity-based policy allows it",
    )
    with pytest.raises(AccessDenied) as caught:
        got(faulty_store, "/myteam/web/allowed", "/myteam/web/denied")
    assert "/myteam/web/denied" in caught.value.message
    assert "/myteam/web/allowed" not in str(caught.value)


def denied(said: str, operation: str, subject: str = "/myteam/web", region: str = REGION) -> AccessDenied:
    error = refusal("AccessDeniedException", said, status=400, operation=operation, subject=subject, region=region)
    assert isinstance(error, AccessDenied)
    return error


@pytest.mark.parametrize(
    ("operation", "region", "resource"),
    [
        ("GetParametersByPath", "eu-central-1", "arn:aws:ssm:eu-central-1:*:parameter/myteam/web/*"),
        ("PutParameter", "eu-central-1", "arn:aws:ssm:eu-central-1:*:parameter/myteam/web"),
        ("GetParameter", "cn-north-1", "arn:aws-cn:ssm:cn-north-1:*:parameter/myteam/web"),
        ("DescribeParameters", "eu-central-1", "*"),
    ],
)
def test_where_the_service_does_not_say_the_resource_the_statement_has_that_of_the_call(operation: str, region: str, resource: str) -> None:
    error = denied("", operation, region=region)
    assert (error.action, error.resource) == (f"ssm:{operation}", resource)
    assert f'"Resource": "{resource}"' in error.hint


@pytest.mark.parametrize(("operation", "action"), [("GetParametersByPath", "kms:Decrypt"), ("PutParameter", "kms:Encrypt")])
def test_a_denial_by_kms_without_its_action_is_still_one_of_kms(operation: str, action: str) -> None:
    error = denied("Access denied (Service: AWSKMS; Status Code: 400)", operation)
    assert error.action == action
    assert error.resource.startswith("arn:aws:kms:")


def test_a_denial_by_kms_names_the_key(faulty_store: AwsStore) -> None:
    error = denied(KMS_DENIED, "GetParametersByPath")
    assert (error.action, error.resource) == ("kms:Decrypt", KMS_KEY)


def test_the_resource_associated_with_a_ciphertext_is_no_name_of_one() -> None:
    error = denied(
        "User: arn:aws:iam::123456789012:user/made-up is not authorized to perform: kms:Decrypt on the resource associated with this "
        "ciphertext because the resource does not exist in this Region, no resource-based policies allow access, or a resource-based "
        "policy explicitly denies access",
        "GetParametersByPath",
    )
    assert error.action == "kms:Decrypt"
    assert error.resource.startswith("arn:aws:kms:")
    assert "associated" not in error.hint


# What refusals become

TRANSLATIONS: list[tuple[str, int, type[SsmmError], str]] = [
    *(
        (code, 400, Throttled, "throttled")
        for code in ("ThrottlingException", "TooManyUpdates", "RequestLimitExceeded", "Throttling", "TooManyRequestsException")
    ),
    ("Whatever", 429, Throttled, "throttled"),
    *(
        (code, 400, CredentialsRejected, "rejected the credentials")
        for code in ("ExpiredTokenException", "ExpiredToken", "UnrecognizedClientException", "InvalidSignatureException", "RequestExpired")
    ),
    ("InvalidClientTokenId", 403, CredentialsRejected, "rejected the credentials"),
    ("AccessDeniedException", 400, AccessDenied, "not allowed to"),
    ("Whatever", 403, AccessDenied, "not allowed to"),
    ("ParameterNotFound", 400, NotFound, "there is no parameter"),
    ("InvalidResourceId", 400, NotFound, "there is no parameter"),
    ("ParameterVersionNotFound", 400, NotFound, "no such version or label"),
    ("ParameterAlreadyExists", 400, ChangedUnderneath, "was created by somebody else"),
    ("InvalidKeyId", 400, KeyUnavailable, "the KMS key of"),
    ("ParameterLimitExceeded", 400, InvalidInput, "as many parameters as it may"),
    ("ParameterMaxVersionLimitExceeded", 400, InvalidInput, "oldest carries a label"),
    ("TooManyTagsError", 400, InvalidInput, "more than 50 tags"),
    ("ParameterPatternMismatchException", 400, InvalidInput, "allowed pattern"),
    ("HierarchyLevelLimitExceededException", 400, InvalidInput, "more than 15 levels"),
    ("HierarchyTypeMismatchException", 400, InvalidInput, "type cannot be changed"),
    ("InvalidAllowedPatternException", 400, InvalidInput, "not a valid regular expression"),
    ("UnsupportedParameterType", 400, InvalidInput, "type is not supported"),
    ("PoliciesLimitExceededException", 400, InvalidInput, "more than 10 policies"),
    ("IncompatiblePolicyException", 400, InvalidInput, "exclude each other"),
    ("InternalServerError", 500, ReplyLost, "HTTP 500"),
    ("InternalServerError", 400, ReplyLost, "failed at"),
    ("Whatever", 503, ReplyLost, "HTTP 503"),
    ("ValidationException", 400, InvalidInput, "ValidationException"),
    ("", 400, InvalidInput, "refused"),
]


@pytest.mark.parametrize(("code", "status", "kind", "said"), TRANSLATIONS)
def test_every_refusal_becomes_one_of_our_errors_that_names_the_parameter(code: str, status: int, kind: type[SsmmError], said: str) -> None:
    error = refusal(code, "some words", status=status, operation="PutParameter", subject="/myteam/web/token", region=REGION, shown=False)
    assert type(error) is kind
    assert said in str(error)
    assert "/myteam/web/token" in str(error) or kind is CredentialsRejected
    assert "some words" not in str(error)
    assert "\n" not in str(error)


def test_what_the_service_says_is_repeated_on_one_line_and_in_bounds_where_no_value_can_be_in_it() -> None:
    said = "first line\n second line " + "x" * 1000
    error = refusal("ValidationException", said, status=400, operation="GetParameter", subject="/myteam/web", region=REGION)
    assert '("first line second line xxx' in str(error)
    assert "\n" not in str(error)
    assert len(str(error)) < 500


@pytest.mark.parametrize(
    "said", ["Signature expired: 20261122T000000Z is now earlier than 20261122T010000Z", "Signature not yet current: …"]
)
def test_a_clock_that_is_wrong_is_told_as_that(said: str) -> None:
    error = refusal("InvalidSignatureException", said, status=400, operation="GetParameters", subject="/a", region=REGION)
    assert isinstance(error, CredentialsRejected)
    assert "clock is wrong" in error.hint


@pytest.mark.parametrize("status", [302, 404])
def test_a_number_for_a_reason_is_none_of_the_services(status: int) -> None:
    error = refusal(str(status), "", status=status, operation="GetParameters", subject="/a", region=REGION)
    assert "--endpoint-url" in error.hint


def test_an_expired_session_says_how_to_renew_it() -> None:
    error = refusal("ExpiredTokenException", "", status=400, operation="GetParameter", subject="/myteam/web", region=REGION)
    assert error.exit_code == ExitCode.DENIED
    assert "expired" in error.hint


def _put_codes() -> list[str]:
    """All that the API's model lists for PutParameter, and what it does not list; throttling apart, which is tried again."""
    model = botocore.session.Session().get_service_model("ssm").operation_model("PutParameter")
    listed = sorted({shape.name for shape in model.error_shapes} - {"TooManyUpdates"})
    return [*listed, "ValidationException", "AccessDeniedException", "Other"]


@pytest.mark.parametrize("status", [400, 403, 500])
def test_what_the_service_says_to_a_put_is_never_repeated(faulty_store: AwsStore, faults: Faults, status: int) -> None:
    for code in _put_codes():
        faults.refuse("PutParameter", code, f"1 validation error: Value '{SENTINEL}' at 'value' failed", status=status, times=1)
        with pytest.raises(SsmmError, match="/myteam/web/token") as caught:
            faulty_store.put(request(), budget=faulty_store.budget())
        assert SENTINEL not in "".join(traceback.format_exception(caught.value)) + repr(caught.value)


def test_what_the_sdk_refuses_to_send_is_not_repeated(store: AwsStore) -> None:
    with pytest.raises(InvalidInput, match="SDK refused") as caught:
        store.put(request(description=[SENTINEL]), budget=store.budget())
    assert SENTINEL not in "".join(traceback.format_exception(caught.value))


def test_the_log_of_the_sdk_is_held_above_what_would_show_values(
    endpoint: str, ssm: Ssm, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    for noisy in ("botocore", "urllib3"):
        monkeypatch.setattr(logging.getLogger(noisy), "level", logging.DEBUG)
    caplog.set_level(logging.DEBUG)
    store = AwsStore(Settings(region=REGION, write_rate=None))
    store.put(request(), budget=store.budget())
    walked(store)
    logging.getLogger("made-up").debug("the log is on")
    assert "the log is on" in caplog.text
    assert SENTINEL not in caplog.text


def test_a_trace_tells_call_subject_and_time_and_no_value(endpoint: str) -> None:
    told: list[str] = []
    store = AwsStore(Settings(region=REGION, write_rate=None), trace=told.append)
    store.put(request(), budget=store.budget())
    walked(store)
    assert [line.rpartition(":")[0] for line in told] == ["PutParameter /myteam/web/token", "GetParametersByPath /myteam"]
    assert all(line.endswith(" ms") for line in told)
    assert SENTINEL not in "".join(told)


def test_without_the_right_to_look_at_one_alone_the_denied_key_is_still_what_is_told(
    faulty_store: AwsStore, ssm: Ssm, faults: Faults
) -> None:
    ssm.put("/myteam/web/token", SENTINEL)
    faults.refuse("GetParametersByPath", "AccessDeniedException", KMS_DENIED, times=1)
    faults.deny("GetParameter")
    with pytest.raises(AccessDenied) as caught:
        walked(faulty_store)
    assert caught.value.action == "kms:Decrypt"
    assert "ssm:GetParameter " not in caught.value.hint
