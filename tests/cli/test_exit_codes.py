"""Which code a run ends with, and what it says then: what a unit or a pipeline acts on."""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import sys
import threading

import pytest

from tests.conftest import Cli, Ssm
from tests.support.faults import Faults

DONE, FAILED, TEMPORARY, DENIED, SETTINGS, INTERRUPTED = 0, 1, 75, 77, 78, 130
TOKEN = "/myteam/my-app/token"


def only_line(err: str) -> str:
    """The one line that stands on stderr."""
    lines = err.splitlines()
    assert len(lines) == 1, err
    assert lines[0].startswith("Error: ")
    return lines[0]


@pytest.fixture
def closed_port() -> int:
    """A port that nobody listens on."""
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return int(listener.getsockname()[1])


# 75: it may heal by itself


def test_throttled_reads_are_tried_again_until_they_go_through(ssmm: Cli, ssm: Ssm, faults: Faults) -> None:
    ssm.put(TOKEN, "made-up")
    faults.refuse("GetParametersByPath", "ThrottlingException", "Rate exceeded", times=3)
    assert ssmm("list", "--keys-only").lines == ["token"]
    assert faults.count("GetParametersByPath") == 4


@pytest.mark.parametrize("code", ["ThrottlingException", "TooManyUpdates"])
def test_throttled_writes_are_tried_again_until_they_go_through(ssmm: Cli, ssm: Ssm, faults: Faults, code: str) -> None:
    faults.refuse("PutParameter", code, times=3)
    assert ssmm("put", "TOKEN=made-up").code == DONE
    assert ssm.get(TOKEN)["Version"] == 1


def test_reads_throttled_beyond_the_timeout_name_the_path_and_the_flag(ssmm: Cli, faults: Faults) -> None:
    faults.refuse("GetParametersByPath", "ThrottlingException")
    ran = ssmm("list", "--timeout", "0.3")
    assert ran.code == TEMPORARY
    line = only_line(ran.err)
    assert "throttled GetParametersByPath of /myteam/my-app" in line
    assert "0.3 s" in line
    assert "--timeout" in line


def test_writes_throttled_beyond_the_timeout_name_every_parameter_left_undone(ssmm: Cli, ssm: Ssm, faults: Faults) -> None:
    faults.refuse("PutParameter", "ThrottlingException", when=lambda body: body["Name"] != "/myteam/my-app/a")
    ran = ssmm("put", *(f"{key}=made-up" for key in "ABCDEF"), "--write-rate", "3", "--timeout", "1.5")
    assert ran.code == TEMPORARY
    assert ssm.names() == ["/myteam/my-app/a"]
    missing = [name for name in (f"/myteam/my-app/{key}" for key in "bcdef") if name not in ran.err]
    assert missing == [], ran.err


def test_no_credentials_may_heal(ssmm: Cli, endpoint: str, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
        monkeypatch.delenv(name)
    monkeypatch.setattr("ssmm_core.store.retry.FIRST_WAIT", 0.001)
    ran = ssmm("list")
    assert ran.code == TEMPORARY
    line = only_line(ran.err)
    assert "no AWS credentials" in line
    assert "AWS_PROFILE" in line


def test_an_endpoint_that_nobody_serves_may_heal(ssmm: Cli, faults: Faults, closed_port: int) -> None:
    url = f"http://127.0.0.1:{closed_port}"
    ran = ssmm("list", "--endpoint-url", url)
    assert ran.code == TEMPORARY
    line = only_line(ran.err)
    assert f"cannot reach Parameter Store at {url}" in line
    assert "--endpoint-url" in line


def test_an_endpoint_that_hangs_up_may_heal(ssmm: Cli, faults: Faults) -> None:
    faults.lose_reply("GetParametersByPath", before=True, times=-1)
    ran = ssmm("list")
    assert ran.code == TEMPORARY
    assert "no answer from Parameter Store" in only_line(ran.err)


def test_a_service_that_fails_may_heal(ssmm: Cli, faults: Faults) -> None:
    faults.refuse("GetParametersByPath", "InternalServerError", status=500)
    ran = ssmm("list")
    assert ran.code == TEMPORARY
    assert "GetParametersByPath of /myteam/my-app" in only_line(ran.err)


def test_an_endpoint_without_tls_where_it_was_asked_for_is_one_clear_line(ssmm: Cli, faults: Faults) -> None:
    ran = ssmm("list", "--endpoint-url", faults.url.replace("http:", "https:"), "--timeout", "5")
    assert ran.code in (TEMPORARY, SETTINGS)
    assert "TLS" in only_line(ran.err)


# 77: denied

DENIALS = [
    (("list",), "GetParametersByPath", "arn:aws:ssm:eu-central-1:*:parameter/myteam/my-app/*", "/myteam/my-app"),
    (("dirs",), "GetParametersByPath", "arn:aws:ssm:eu-central-1:*:parameter/myteam/*", "/myteam"),
    (("sync", "--out", "-"), "GetParametersByPath", "arn:aws:ssm:eu-central-1:*:parameter/myteam/", "/myteam/"),
    (("show", "token"), "GetParameters", f"arn:aws:ssm:eu-central-1:*:parameter{TOKEN}", TOKEN),
    (("put", "NEW=x"), "PutParameter", "arn:aws:ssm:eu-central-1:*:parameter/myteam/my-app/new", "/myteam/my-app/new"),
    (("delete", "token", "-y"), "DeleteParameters", f"arn:aws:ssm:eu-central-1:*:parameter{TOKEN}", TOKEN),
    (("tag", "add", "token", "a=b"), "AddTagsToResource", f"arn:aws:ssm:eu-central-1:*:parameter{TOKEN}", TOKEN),
    (("tag", "list", "token"), "ListTagsForResource", f"arn:aws:ssm:eu-central-1:*:parameter{TOKEN}", TOKEN),
    (("migrate", "/myteam/my-app", "/x/y"), "DescribeParameters", '"Resource": "*"', TOKEN),
]


@pytest.mark.parametrize(("arguments", "operation", "resource", "path"), DENIALS, ids=lambda one: one if isinstance(one, str) else None)
def test_a_denial_names_the_action_the_path_and_the_statement_that_allows_it(
    ssmm: Cli, ssm: Ssm, faults: Faults, arguments: tuple[str, ...], operation: str, resource: str, path: str
) -> None:
    ssm.put(TOKEN, "made-up")
    faults.refuse(operation, "AccessDeniedException", "not so")
    ran = ssmm(*arguments)
    assert ran.code == DENIED
    (line,) = [line for line in ran.err.splitlines() if line.startswith("Error: ")]
    assert f"not allowed to ssm:{operation} on {path}" in line
    statement = line[line.index("{") :]
    assert f'"Action": "ssm:{operation}"' in statement
    assert resource in statement
    assert json.loads(statement)["Effect"] == "Allow"


def test_a_denial_repeats_the_resource_that_the_service_names(ssmm: Cli, faults: Faults) -> None:
    faults.deny("GetParametersByPath")
    statement = (line := only_line(ssmm("list").err))[line.index("{") :]
    assert json.loads(statement) == {
        "Effect": "Allow",
        "Action": "ssm:GetParametersByPath",
        "Resource": "arn:aws:ssm:eu-central-1:123456789012:parameter/secret-place",
    }


def test_a_missing_right_to_decrypt_names_the_parameter_the_action_and_the_key(ssmm: Cli, ssm: Ssm, faults: Faults) -> None:
    ssm.put(TOKEN, "made-up")
    ssm.put("/myteam/my-app/other", "made-up")
    key = "arn:aws:kms:eu-central-1:123456789012:key/x"
    said = f"User: made-up is not authorized to perform: kms:Decrypt on resource: {key}"
    faults.refuse("GetParametersByPath", "AccessDeniedException", said, when=lambda body: body["WithDecryption"])
    faults.refuse("GetParameter", "AccessDeniedException", said, when=lambda body: body["Name"] == TOKEN)
    ran = ssmm("sync", "--no-shared", "--out", "-")
    assert ran.code == DENIED
    line = only_line(ran.err)
    assert f"cannot decrypt {TOKEN}." in line
    assert '"Action": "kms:Decrypt"' in line
    assert key in line
    assert ran.out == ""


@pytest.mark.parametrize("code", ["ExpiredTokenException", "UnrecognizedClientException", "InvalidSignatureException"])
def test_credentials_that_are_rejected_are_not_tried_again(ssmm: Cli, faults: Faults, code: str) -> None:
    faults.refuse("GetParametersByPath", code, "The security token included in the request is expired")
    ran = ssmm("list")
    assert ran.code == DENIED
    assert f"rejected the credentials ({code})" in only_line(ran.err)
    assert faults.count("GetParametersByPath") == 1


def test_an_expired_token_says_to_renew_it(ssmm: Cli, faults: Faults) -> None:
    faults.refuse("GetParametersByPath", "ExpiredTokenException")
    line = only_line(ssmm("list").err)
    assert "expired" in line
    assert "log in again" in line


# Rights that are only nice to have, and one that is not


@pytest.mark.parametrize("arguments", [("sync", "--out", "-"), ("why", "TOKEN")])
def test_include_tag_without_the_right_to_look_for_tags_is_denied(ssmm: Cli, ssm: Ssm, faults: Faults, arguments: tuple[str, ...]) -> None:
    ssm.put(TOKEN, "made-up")
    faults.deny("DescribeParameters")
    ran = ssmm(*arguments, "--include-tag", "shared=true")
    assert ran.code == DENIED
    line = only_line(ran.err)
    assert "--include-tag needs" in line
    assert "ssm:DescribeParameters" in line
    assert ran.out == ""


def test_list_by_tag_without_describe_reads_tags_one_by_one_and_says_so(ssmm: Cli, ssm: Ssm, faults: Faults) -> None:
    ssm.put(TOKEN, "made-up", tags={"shared": "true"})
    ssm.put("/myteam/my-app/other", "made-up")
    faults.deny("DescribeParameters")
    ran = ssmm("list", "--tag", "shared=true", "--keys-only")
    assert ran.code == DONE
    assert ran.lines == ["token"]
    assert ran.err.startswith("Warning: ")
    assert "ssm:DescribeParameters" in ran.err


def test_list_by_tag_without_any_right_to_see_tags_is_denied(ssmm: Cli, ssm: Ssm, faults: Faults) -> None:
    ssm.put(TOKEN, "made-up", tags={"shared": "true"})
    faults.deny("DescribeParameters")
    faults.deny("ListTagsForResource")
    ran = ssmm("list", "--tag", "shared=true")
    assert ran.code == DENIED
    assert "ssm:ListTagsForResource" in ran.err
    assert ran.out == ""


@pytest.mark.parametrize(("operation", "absent"), [("DescribeParameters", "metadata"), ("ListTagsForResource", "tags")])
def test_show_json_leaves_out_what_may_not_be_read_and_says_so(ssmm: Cli, ssm: Ssm, faults: Faults, operation: str, absent: str) -> None:
    ssm.put(TOKEN, "made-up", tags={"owner": "backend"})
    faults.deny(operation)
    ran = ssmm("show", "token", "--json")
    assert ran.code == DONE
    shown = json.loads(ran.out)
    assert shown["value"] == "made-up"
    assert [key for key in ("metadata", "tags") if shown[key] is None] == [absent]
    assert f"ssm:{operation}" in ran.err


# 78, 1


@pytest.mark.parametrize("arguments", [("sync",), ("exec", "--", "true"), ("why", "TOKEN")])
def test_no_parameter_in_any_layer_cannot_be_right(ssmm: Cli, endpoint: str, arguments: tuple[str, ...]) -> None:
    ran = ssmm(*arguments)
    assert ran.code == SETTINGS
    line = only_line(ran.err)
    assert "/myteam/shared, /myteam/my-app" in line
    assert "--prefix" in line


def test_what_is_done_in_part_fails_and_says_which_part(ssmm: Cli, ssm: Ssm, faults: Faults) -> None:
    faults.refuse("PutParameter", "AccessDeniedException", when=lambda body: body["Name"].endswith("/b"))
    ran = ssmm("put", "A=made-up", "B=made-up", "C=made-up")
    assert ran.code == FAILED
    assert "not allowed to ssm:PutParameter on /myteam/my-app/b" in ran.err
    assert "wrote 2, 1 failed" in ran.err
    assert ssm.names() == ["/myteam/my-app/a", "/myteam/my-app/c"]


def test_a_defect_of_our_own_fails_in_one_line(ssmm: Cli, endpoint: str, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(*_args: object, **_more: object) -> None:
        raise RuntimeError("made-up")

    monkeypatch.setattr("ssmm_core.store.aws.AwsStore.walk", broken)
    ran = ssmm("list")
    assert ran.code == FAILED
    line = only_line(ran.err)
    assert "internal error: RuntimeError at " in line
    assert "report it" in line


# 130: interrupted


def test_ctrl_c_in_a_bulk_put_ends_what_is_under_way_and_says_what_was_done(ssmm: Cli, ssm: Ssm, faults: Faults) -> None:
    arrived, release = threading.Semaphore(0), threading.Event()

    def hold() -> None:
        arrived.release()
        assert release.wait(30)

    faults.meanwhile("PutParameter", hold, times=-1)
    pairs = [f"KEY_{letter}=made-up" for letter in "ABCDEFGHIJKL"]
    process = subprocess.Popen(
        [sys.executable, "-m", "ssmm_core", "--write-rate", "10000", "put", *pairs],
        stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
    )  # fmt: skip
    assert process.stderr is not None
    try:
        for _ in range(3):
            assert arrived.acquire(timeout=30)
        process.send_signal(signal.SIGINT)
        assert process.stderr.readline() == "ssmm: stopping after the requests under way\n"
    finally:
        release.set()
    _, err = process.communicate(timeout=30)
    assert process.returncode == INTERRUPTED
    written = ssm.names()
    assert written == [f"/myteam/my-app/key-{letter}" for letter in "abc"]
    assert "ssmm: wrote 3, 9 not begun" in err
    assert all(f"/myteam/my-app/key-{letter}" in err for letter in "defghijkl")
    assert "Traceback" not in err
    assert ssmm("put", *pairs).code == DONE
    assert {ssm.get(name)["Version"] for name in ssm.names()} == {1}
    assert len(ssm.names()) == 12


def test_ctrl_c_while_reading_ends_at_once(ssm: Ssm, faults: Faults) -> None:
    arrived, release = threading.Event(), threading.Event()

    def hold() -> None:
        arrived.set()
        release.wait(30)

    faults.meanwhile("GetParametersByPath", hold, times=-1)
    process = subprocess.Popen(
        [sys.executable, "-m", "ssmm_core", "sync", "--out", "env"],
        stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
    )  # fmt: skip
    try:
        assert arrived.wait(30)
        process.send_signal(signal.SIGINT)
        out, err = process.communicate(timeout=30)
    finally:
        release.set()
    assert process.returncode == INTERRUPTED
    assert (out, err) == ("", "Error: interrupted\n")
    assert os.listdir() == []
