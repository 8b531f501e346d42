"""`ssmm doctor` where something is broken: settings, credentials, an endpoint that refuses, hangs up or is not there, the clock."""

from __future__ import annotations

import socket
import time
from email.utils import formatdate
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from tests.cli.doctoring import KEY_ID, SENTINEL, findings, levels
from tests.support.faults import Handler

if TYPE_CHECKING:
    from tests.conftest import Cli, Ssm
    from tests.support.faults import Faults


@pytest.fixture
def team(ssm: Ssm, monkeypatch: pytest.MonkeyPatch) -> Ssm:
    """A team with parameters, asked with a key whose id is as long as a real one."""
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", KEY_ID)
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", SENTINEL)
    ssm.put("/myteam/my-app/db-host", SENTINEL, "String")
    ssm.put("/myteam/my-app/token", SENTINEL, tags={"app": "my-app"})
    return ssm


# Broken


def test_where_nothing_is_set_up_each_thing_has_its_fix(ssmm: Cli) -> None:
    found = findings(ran := ssmm("doctor", "--json"))
    assert ran.code == 1
    assert {check for check, one in found.items() if one["level"] == "error"} == {"prefix", "credentials", "region"}
    assert found["prefix"]["fix"] == "export SSMM_PREFIX_ROOT=/TEAM"
    assert found["region"]["fix"] == "export AWS_REGION=REGION"
    assert "the instance's role (turned off by AWS_EC2_METADATA_DISABLED)" in found["credentials"]["why"]
    for check in ("identity", "endpoint", "clock", "permissions", "permissions-to-write"):
        assert found[check]["level"] == "unknown"
        assert "because no AWS credentials found" in found[check]["what"]
    assert not [check for check in found if check.startswith("permission-")]


def test_what_can_be_asked_without_a_prefix_is_asked(ssmm: Cli, team: Ssm, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("SSMM_PREFIX_ROOT")
    found = levels(ssmm("doctor", "--json"))
    assert (found["prefix"], found["identity"], found["endpoint"]) == ("error", "ok", "ok")


@pytest.mark.parametrize("content", [f"prefix = {SENTINEL} {SENTINEL}", "prefix = 7", 'prefix = "relative"'])
def test_a_configuration_that_cannot_be_right_is_a_finding(ssmm: Cli, team: Ssm, monkeypatch: pytest.MonkeyPatch, content: str) -> None:
    monkeypatch.delenv("SSMM_PREFIX_ROOT")
    folder = Path.home() / ".config/ssmm"
    folder.mkdir(parents=True)
    (folder / "config.toml").write_text(content)
    found = findings(ssmm("doctor", "--json"))
    assert found["settings"]["level"] == "error"
    assert found["settings"]["fix"]
    assert found["identity"]["level"] == "ok"


@pytest.mark.parametrize("prefix", ["team", "/", "/aws/x"])
def test_a_prefix_that_cannot_be_right_is_a_finding(ssmm: Cli, team: Ssm, prefix: str) -> None:
    found = findings(ssmm("doctor", "--prefix", prefix, "--json"))
    assert found["settings"]["level"] == "error"
    assert "prefix" not in found


def test_a_profile_that_does_not_exist_says_which_do(ssmm: Cli, team: Ssm, monkeypatch: pytest.MonkeyPatch) -> None:
    (Path.home() / ".aws").mkdir()
    (Path.home() / ".aws/config").write_text(f"[profile ours]\naws_secret_access_key = {SENTINEL}\n")
    found = findings(ssmm("doctor", "--profile", "nobody", "--json"))
    assert found["credentials"]["what"] == "there is no AWS profile 'nobody'"
    assert found["credentials"]["fix"] == "export AWS_PROFILE=ours  # there are the profiles ours"
    assert found["region"]["level"] == "ok"


def test_a_configuration_of_the_sdk_that_cannot_be_read_is_a_finding(ssmm: Cli, team: Ssm) -> None:
    (Path.home() / ".aws").mkdir()
    (Path.home() / ".aws/config").write_text(f"{SENTINEL}\n")
    assert findings(ssmm("doctor", "--json"))["credentials"]["level"] == "error"


def test_credentials_in_the_environment_shadow_a_profile_there(ssmm: Cli, team: Ssm, monkeypatch: pytest.MonkeyPatch) -> None:
    (Path.home() / ".aws").mkdir()
    (Path.home() / ".aws/config").write_text("[profile ours]\n")
    monkeypatch.setenv("AWS_PROFILE", "ours")
    found = findings(ssmm("doctor", "--json"))
    assert found["profile-shadowed"]["level"] == "warning"
    assert "profile" not in found["credentials"]["what"]


def test_an_endpoint_where_nobody_listens_ends_the_look_and_says_why(ssmm: Cli, team: Ssm, faults: Faults) -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
    found = findings(ssmm("doctor", "--endpoint-url", f"http://127.0.0.1:{port}", "--json"))
    assert found["endpoint"]["level"] == "error"
    assert f"http://127.0.0.1:{port}" in found["endpoint"]["what"]
    assert found["identity"]["level"] == found["clock"]["level"] == found["permissions"]["level"] == "unknown"
    assert "because cannot reach Parameter Store" in found["permissions"]["what"]


@pytest.mark.parametrize("url", ["nonsense", "http://"])
def test_an_endpoint_that_is_no_url_is_a_finding(ssmm: Cli, team: Ssm, url: str) -> None:
    assert findings(ssmm("doctor", "--endpoint-url", url, "--json"))["endpoint"]["level"] == "error"


def test_an_endpoint_that_hangs_up_is_a_finding(ssmm: Cli, team: Ssm, faults: Faults) -> None:
    faults.lose_reply("GetParametersByPath", times=-1)
    found = findings(ssmm("doctor", "--json"))
    assert found["endpoint"]["level"] == "error"
    assert faults.count("GetParametersByPath") == 2


def test_an_endpoint_that_is_another_service_is_a_finding(ssmm: Cli, team: Ssm, faults: Faults) -> None:
    faults.reply("GetParametersByPath", "<html>Log in</html>", times=-1)
    assert "is not Parameter Store" in findings(ssmm("doctor", "--json"))["endpoint"]["what"]


@pytest.mark.parametrize("code", ["ExpiredTokenException", "UnrecognizedClientException"])
def test_credentials_that_are_rejected_are_an_error(ssmm: Cli, team: Ssm, faults: Faults, code: str) -> None:
    for operation in ("GetCallerIdentity", "GetParametersByPath"):
        faults.refuse(operation, code, "The security token included in the request is expired")
    found = findings(ssmm("doctor", "--json"))
    assert found["credentials-accepted"]["level"] == found["identity"]["level"] == "error"
    assert faults.count("GetParametersByPath") == 1


def test_a_service_that_throttles_is_unknown(ssmm: Cli, team: Ssm, faults: Faults) -> None:
    faults.refuse("DescribeParameters", "ThrottlingException", "Rate exceeded")
    found = findings(ssmm("doctor", "--json"))
    assert found["permission-ssm-describeparameters"]["level"] == "unknown"
    assert found["permission-ssm-getparameters"]["level"] == "ok"


# Identity


def test_sts_that_cannot_be_asked_keeps_nothing_else_from_being_looked_at(ssmm: Cli, team: Ssm, monkeypatch: pytest.MonkeyPatch) -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        url = f"http://127.0.0.1:{server.getsockname()[1]}"
    monkeypatch.setenv("AWS_ENDPOINT_URL_STS", url)
    found = findings(ran := ssmm("doctor", "--json"))
    assert ran.code == 0
    assert found["identity"]["level"] == "unknown"
    assert url in found["identity"]["what"]
    assert found["permission-kms-decrypt"]["level"] == "ok"


@pytest.mark.parametrize("given", ["flag", "variable"])
def test_an_endpoint_of_parameter_store_alone_leaves_sts_where_it_is(
    ssmm: Cli, team: Ssm, endpoint: str, faults: Faults, monkeypatch: pytest.MonkeyPatch, given: str
) -> None:
    monkeypatch.setenv("AWS_ENDPOINT_URL_STS" if given == "flag" else "AWS_ENDPOINT_URL", endpoint)
    ran = ssmm("doctor", "--json", *(["--endpoint-url", faults.url] if given == "flag" else []))
    assert findings(ran)["identity"]["level"] == "ok"
    assert faults.count("GetCallerIdentity") == 0
    assert faults.count("GetParametersByPath") == 1


def test_an_endpoint_of_sts_that_is_no_url_is_unknown(ssmm: Cli, team: Ssm, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_ENDPOINT_URL_STS", "nonsense")
    found = findings(ssmm("doctor", "--json"))
    assert found["identity"]["level"] == "unknown"
    assert "'nonsense' is not a URL" in found["identity"]["what"]


# Clock


@pytest.mark.parametrize(("ahead", "level"), [(0, "ok"), (200, "warning"), (-200, "warning"), (900, "error"), (-900, "error")])
def test_the_clock_is_compared_with_the_services(
    ssmm: Cli, team: Ssm, faults: Faults, monkeypatch: pytest.MonkeyPatch, ahead: int, level: str
) -> None:
    monkeypatch.setattr(Handler, "date_time_string", lambda *_: formatdate(time.time() - ahead, usegmt=True))
    found = findings(ssmm("doctor", "--json"))
    assert found["clock"]["level"] == level
    assert ("ahead of" if ahead > 0 else "behind") in found["clock"]["what"] or not ahead


def test_the_clock_is_compared_also_where_a_request_is_refused_for_it(
    ssmm: Cli, team: Ssm, faults: Faults, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Handler, "date_time_string", lambda *_: "Mon, 01 Jan 2024 00:00:00 GMT")
    for operation in ("GetCallerIdentity", "GetParametersByPath"):
        faults.refuse(operation, "InvalidSignatureException", "Signature expired")
    found = findings(ssmm("doctor", "--json"))
    assert (found["clock"]["level"], found["credentials-accepted"]["level"]) == ("error", "error")
