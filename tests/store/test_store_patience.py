"""How the store bears with Parameter Store: throttling, failures, lost replies, keys that do not decrypt."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from ssmm_core.errors import (
    AccessDenied,
    DeadlineExceeded,
    ExitCode,
    KeyUnavailable,
    ReplyLost,
    SsmmError,
    Throttled,
)
from ssmm_core.settings import Settings
from ssmm_core.store.aws import AwsStore
from tests.conftest import REGION, Ssm
from tests.store.calls import (
    CALLS,
    KMS_DENIED,
    KMS_KEY,
    KMS_UNKNOWN,
    READS,
    REPEATABLE_WRITES,
    SENT_ONCE,
    got,
    names_of,
    request,
    sent,
    walked,
)

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.store.conftest import Connect
    from tests.support.faults import Faults


@pytest.mark.parametrize("operation", READS | REPEATABLE_WRITES)
def test_throttling_is_waited_out(faulty_store: AwsStore, faults: Faults, token: str, operation: str) -> None:
    faults.refuse(operation, "ThrottlingException", "Rate exceeded", times=1)
    faults.refuse(operation, "TooManyUpdates", times=1)
    CALLS[operation](faulty_store)
    assert faults.count(operation) == 3


@pytest.mark.parametrize("operation", SENT_ONCE)
def test_what_needs_another_look_first_is_not_sent_again(faulty_store: AwsStore, faults: Faults, token: str, operation: str) -> None:
    faults.refuse(operation, "ThrottlingException", "Rate exceeded")
    with pytest.raises(Throttled):
        SENT_ONCE[operation](faulty_store)
    assert faults.count(operation) == 1


@pytest.mark.parametrize("operation", READS)
def test_an_answer_that_was_cut_off_is_asked_for_again(faulty_store: AwsStore, faults: Faults, token: str, operation: str) -> None:
    whole = READS[operation](faulty_store)
    faults.cut(operation)
    assert READS[operation](faulty_store) == whole
    assert faults.count(operation) == 3


def test_throttling_that_does_not_end_is_said_when_the_budget_does(connect: Connect, faults: Faults, token: str) -> None:
    faults.refuse("GetParametersByPath", "ThrottlingException", "Rate exceeded")
    with pytest.raises(DeadlineExceeded, match=r"not done within 0\.3 s \(AWS throttled GetParametersByPath of /myteam\)") as caught:
        walked(connect(Settings(region=REGION, timeout=0.3)))
    assert caught.value.exit_code == ExitCode.TEMPORARY


@pytest.mark.parametrize("operation", READS | REPEATABLE_WRITES)
def test_a_failure_of_the_service_is_tried_again(faulty_store: AwsStore, faults: Faults, token: str, operation: str) -> None:
    faults.refuse(operation, "InternalServerError", status=500, times=1)
    faults.refuse(operation, "ServiceUnavailable", status=503, times=1)
    CALLS[operation](faulty_store)
    assert faults.count(operation) == 3


@pytest.mark.parametrize("operation", READS)
def test_a_lost_reply_to_a_read_is_asked_for_again(faulty_store: AwsStore, faults: Faults, token: str, operation: str) -> None:
    faults.lose_reply(operation, times=2)
    READS[operation](faulty_store)
    assert faults.count(operation) == 3


def test_a_lost_reply_to_a_put_is_left_to_the_caller(faulty_store: AwsStore, faults: Faults, token: str) -> None:
    faults.lose_reply("PutParameter")
    with pytest.raises(ReplyLost) as caught:
        faulty_store.put(request(overwrite=True), budget=faulty_store.budget())
    assert faults.count("PutParameter") == 1
    assert caught.value.exit_code == ExitCode.TEMPORARY


def test_a_put_that_the_service_failed_at_may_have_been_carried_out(faulty_store: AwsStore, faults: Faults, token: str) -> None:
    faults.refuse("PutParameter", "InternalServerError", status=500)
    with pytest.raises(ReplyLost, match=r"failed at PutParameter of /myteam/web/token \(HTTP 500\)"):
        faulty_store.put(request(overwrite=True), budget=faulty_store.budget())
    assert faults.count("PutParameter") == 1


def test_what_cannot_heal_is_asked_once(faulty_store: AwsStore, faults: Faults) -> None:
    faults.deny("GetParametersByPath")
    with pytest.raises(AccessDenied):
        walked(faulty_store)
    assert faults.count("GetParametersByPath") == 1


def test_a_page_in_the_middle_is_repeated_and_not_the_walk(faulty_store: AwsStore, ssm: Ssm, faults: Faults) -> None:
    expected = [f"/myteam/web/key-{one:02}" for one in range(25)]
    for name in expected:
        ssm.put(name, "x", "String")
    faults.refuse("GetParametersByPath", "ThrottlingException", times=1, skip=1)
    assert names_of(walked(faulty_store)) == expected
    assert faults.count("GetParametersByPath") == 4


# Decryption


@pytest.fixture
def undecryptable(ssm: Ssm) -> str:
    """A parameter whose key is gone, among others that are well."""
    for number in range(12):
        ssm.put(f"/myteam/web/good-{number:02}", "x")
    ssm.put("/myteam/web/host", "x", "String")
    ssm.put("/myteam/web/culprit", "x")
    return "/myteam/web/culprit"


def breaks_decryption(faults: Faults, name: str, code: str, message: str) -> None:
    """Let every answer that would hold the decrypted parameter be a refusal that does not name it, as the service does."""

    def holds(body: dict[str, Any]) -> bool:
        return bool(body["WithDecryption"]) and name in (body.get("Name"), *body.get("Names", ()))

    faults.refuse("GetParameter", code, message, when=holds)
    faults.refuse("GetParameters", code, message, when=holds)
    faults.refuse("GetParametersByPath", code, message, when=lambda body: body["WithDecryption"])


FAILURES = {
    "key unknown": ("InvalidKeyId", KMS_UNKNOWN, KeyUnavailable),
    "key disabled": ("InvalidKeyId", f"{KMS_KEY} is disabled. (Service: AWSKMS; Error Code: DisabledException)", KeyUnavailable),
    "no right": ("AccessDeniedException", KMS_DENIED, AccessDenied),
    "no right, in the words of KMS": (
        "AccessDeniedException",
        "The ciphertext refers to a key that does not exist or you are not allowed to access. (Service: AWSKMS; Status Code: 400)",
        AccessDenied,
    ),
}


def walks(store: AwsStore, _culprit: str) -> None:
    walked(store, "/myteam/web")


def gets(store: AwsStore, culprit: str) -> None:
    got(store, culprit, "/myteam/web/good-00", "/myteam/web/missing")


@pytest.mark.parametrize(("code", "message", "kind"), FAILURES.values(), ids=FAILURES)
@pytest.mark.parametrize("read", [walks, gets])
def test_one_that_does_not_decrypt_is_named_and_no_other(
    faulty_store: AwsStore,
    faults: Faults,
    undecryptable: str,
    read: Callable[[AwsStore, str], None],
    code: str,
    message: str,
    kind: type[SsmmError],
) -> None:
    breaks_decryption(faults, undecryptable, code, message)
    with pytest.raises(kind) as caught:
        read(faulty_store, undecryptable)
    assert caught.value.message == f"cannot decrypt {undecryptable}"
    assert caught.value.hint


def test_all_that_do_not_decrypt_are_named(faulty_store: AwsStore, ssm: Ssm, faults: Faults) -> None:
    for name in ("/myteam/web/a", "/myteam/web/b", "/myteam/web/c"):
        ssm.put(name, "x")
    faults.refuse("GetParameters", "InvalidKeyId", KMS_UNKNOWN)
    faults.refuse("GetParameter", "InvalidKeyId", KMS_UNKNOWN, when=lambda body: body["Name"] != "/myteam/web/b")
    with pytest.raises(KeyUnavailable) as caught:
        got(faulty_store, "/myteam/web/a", "/myteam/web/b", "/myteam/web/c")
    assert caught.value.message == "cannot decrypt /myteam/web/a, /myteam/web/c"


def test_a_string_is_never_suspected_of_not_decrypting(faulty_store: AwsStore, faults: Faults, undecryptable: str) -> None:
    breaks_decryption(faults, undecryptable, "InvalidKeyId", KMS_UNKNOWN)
    with pytest.raises(KeyUnavailable):
        walked(faulty_store, "/myteam/web")
    assert "/myteam/web/host" not in [body["Name"] for body in sent(faults, "GetParameter")]


def test_a_failure_that_no_single_parameter_repeats_is_told_as_it_was(faulty_store: AwsStore, faults: Faults, token: str) -> None:
    faults.refuse("GetParameters", "InvalidKeyId", KMS_UNKNOWN)
    with pytest.raises(KeyUnavailable, match=f"the KMS key of {token} cannot be used"):
        got(faulty_store, token)


def test_a_missing_right_on_the_service_itself_is_not_searched_for_one_by_one(faulty_store: AwsStore, faults: Faults, token: str) -> None:
    faults.deny("GetParameters")
    with pytest.raises(AccessDenied, match="not allowed to ssm:GetParameters"):
        got(faulty_store, token)
    assert faults.count("GetParameter") == 0


def test_a_version_that_does_not_decrypt_is_named(faulty_store: AwsStore, faults: Faults, token: str) -> None:
    faults.refuse("GetParameter", "InvalidKeyId", KMS_UNKNOWN)
    with pytest.raises(KeyUnavailable, match=f"the KMS key of {token}:1 cannot be used"):
        faulty_store.get_version(token, "1", decrypt=True, budget=faulty_store.budget())
