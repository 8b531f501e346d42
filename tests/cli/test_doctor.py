"""`ssmm doctor` without a unit: what it asks moto, what rights it finds, how it reads."""

from __future__ import annotations

import contextlib
import fcntl
import os
import pty
import re
import struct
import subprocess
import sys
import termios
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from tests.cli.doctoring import KEY_ID, SENTINEL, findings, levels

if TYPE_CHECKING:
    from tests.conftest import Cli, Ssm
    from tests.support.faults import Faults

READS = (
    "ssm-getparametersbypath", "kms-decrypt", "ssm-getparameters", "ssm-getparameter", "ssm-describeparameters", "ssm-listtagsforresource",
    "ssm-getparameterhistory", "tag-getresources",
)  # fmt: skip
CHANGES = {"PutParameter", "DeleteParameters", "AddTagsToResource", "RemoveTagsFromResource", "LabelParameterVersion", "DeleteParameter"}


@pytest.fixture
def team(ssm: Ssm, monkeypatch: pytest.MonkeyPatch) -> Ssm:
    """A team with parameters, asked with a key whose id is as long as a real one."""
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", KEY_ID)
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", SENTINEL)
    ssm.put("/myteam/my-app/db-host", SENTINEL, "String")
    ssm.put("/myteam/my-app/token", SENTINEL, tags={"app": "my-app"})
    return ssm


def on_terminal(columns: int, *arguments: str) -> list[str]:
    """What a process of its own writes to a terminal of so many columns."""
    ours, theirs = pty.openpty()
    fcntl.ioctl(theirs, termios.TIOCSWINSZ, struct.pack("HHHH", 24, columns, 0, 0))
    environment = {name: value for name, value in os.environ.items() if name not in ("COLUMNS", "LINES")}
    process = subprocess.Popen([sys.executable, "-m", "ssmm_core", *arguments], stdin=theirs, stdout=theirs, env=environment)
    os.close(theirs)
    said = bytearray()
    with contextlib.suppress(OSError):  # EIO is the end, once nobody has the other side open
        while part := os.read(ours, 65536):
            said += part
    os.close(ours)
    process.wait(timeout=60)
    return said.decode().splitlines()


# As it should be


def test_where_all_is_well_it_says_so_and_exits_0(ssmm: Cli, team: Ssm) -> None:
    ran = ssmm("doctor", "--json")
    found = levels(ran)
    assert ran.code == 0
    assert {level for check, level in found.items() if check in ("prefix", "credentials", "identity", "region", "endpoint", "clock")} == {
        "ok"
    }
    assert {found[f"permission-{name}"] for name in READS} == {"ok"}
    assert "error" not in found.values()
    assert "warning" not in found.values()


def test_it_reads_and_never_writes_and_decrypts_one_parameter_alone(ssmm: Cli, team: Ssm, faults: Faults) -> None:
    assert ssmm("doctor").code == 0
    assert not {call.operation for call in faults.calls} & CHANGES
    decrypting = [call for call in faults.calls if call.body.get("WithDecryption")]
    assert [(call.operation, call.body["Names"]) for call in decrypting] == [("GetParameters", ["/myteam/my-app/token"])]


def test_of_the_credentials_it_shows_the_end_of_the_keys_id(ssmm: Cli, team: Ssm) -> None:
    ran = ssmm("doctor")
    assert "credentials from the environment (AWS_ACCESS_KEY_ID), key …6789" in ran.out
    assert KEY_ID[:-4] not in ran.out + ran.err
    assert SENTINEL not in ran.out + ran.err


def test_a_short_key_id_is_not_shown_in_part(ssmm: Cli, ssm: Ssm) -> None:
    assert "key …" not in ssmm("doctor").out


def test_a_person_reads_levels_as_words_under_headings_and_the_sum_at_the_end(ssmm: Cli, team: Ssm) -> None:
    lines = ssmm("doctor").lines
    headings = [line for line in lines if line and not line.startswith(" ")]
    assert headings[:5] == ["Installation", "Settings", "Credentials", "Endpoint", "Parameters"]
    assert re.fullmatch(r"0 errors, 0 warnings, 8 unknown, \d info, \d+ ok", lines[-1])
    assert "  ok       prefix /myteam, from SSMM_PREFIX_ROOT" in lines
    assert len([line for line in lines if "Fix: aws iam simulate-principal-policy" in line]) == 1


def test_the_demonstration_is_looked_at_too(ssmm: Cli) -> None:
    found = findings(ssmm("--demo", "doctor", "--json"))
    assert found["endpoint"]["what"].endswith("from the demonstration")
    assert found["permission-kms-decrypt"]["level"] == "ok"


@pytest.mark.parametrize(
    ("arguments", "environment", "expected"),
    [
        ((), {}, "prefix /myteam, from SSMM_PREFIX_ROOT"),
        (("--prefix", "/other/"), {}, "prefix /other, from --prefix"),
        ((), {"SSMM_PREFIX_ROOT": ""}, "prefix /filed, from {home}/.config/ssmm/config.toml"),
        ((), {}, "region eu-central-1, from AWS_REGION"),
        (("--region", "us-west-2"), {}, "region us-west-2, from --region"),
        ((), {"AWS_REGION": "", "AWS_DEFAULT_REGION": "us-east-2"}, "region us-east-2, from AWS_DEFAULT_REGION"),
        ((), {}, "endpoint {url}, from AWS_ENDPOINT_URL_SSM"),
        (("--endpoint-url", "{url}"), {}, "endpoint {url}, from --endpoint-url"),
        ((), {"AWS_ENDPOINT_URL_SSM": "", "AWS_ENDPOINT_URL": "{url}"}, "endpoint {url}, from AWS_ENDPOINT_URL"),
        ((), {"AWS_CA_BUNDLE": "/dev/null"}, "certificates are checked against /dev/null, from AWS_CA_BUNDLE"),
        ((), {"HTTP_PROXY": "http://made-up:" + SENTINEL + "@127.0.0.1:9"}, "requests go through http://127.0.0.1:9, from HTTP_PROXY"),
    ],
)
def test_each_setting_is_told_with_what_decided_it(
    ssmm: Cli,
    team: Ssm,
    endpoint: str,
    monkeypatch: pytest.MonkeyPatch,
    arguments: tuple[str, ...],
    environment: dict[str, str],
    expected: str,
) -> None:
    home = Path.home()
    (home / ".config/ssmm").mkdir(parents=True)
    (home / ".config/ssmm/config.toml").write_text('prefix = "/filed"\n')
    for name, value in environment.items():
        monkeypatch.setenv(name, value.format(url=endpoint))
    ran = ssmm("doctor", "--json", "--timeout", "2", *(one.format(url=endpoint) for one in arguments))
    assert expected.format(home=home, url=endpoint) in [one["what"] for one in findings(ran).values()]


def test_a_region_mistyped_is_told_with_what_it_may_mean(ssmm: Cli, team: Ssm, endpoint: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_REGION", "eu-centrl-1")
    assert findings(ssmm("doctor", "--json"))["region"]["level"] == "ok"  # asked at an endpoint of its own
    for name in ("AWS_ENDPOINT_URL_SSM", "AWS_ENDPOINT_URL"):
        monkeypatch.delenv(name, raising=False)
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
        monkeypatch.delenv(name)  # so that nobody is asked
    found = findings(ssmm("doctor", "--json"))["region"]
    assert found["level"] == "warning"
    assert found["fix"] == "export AWS_REGION=eu-central-1  # is that the one?"
    assert findings(ssmm("doctor", "--json", "--region", "eu-central-1"))["region"]["level"] == "ok"
    assert "Did you mean us-west-2?" in findings(ssmm("doctor", "--json", "--region", "us-wst-2"))["region"]["fix"]


# Permissions


@pytest.mark.parametrize(
    ("operation", "check", "level"),
    [
        ("GetParametersByPath", "permission-ssm-getparametersbypath", "error"),
        ("GetParameters", "permission-ssm-getparameters", "warning"),
        ("GetParameter", "permission-ssm-getparameter", "info"),
        ("DescribeParameters", "permission-ssm-describeparameters", "warning"),
        ("ListTagsForResource", "permission-ssm-listtagsforresource", "warning"),
        ("GetParameterHistory", "permission-ssm-getparameterhistory", "warning"),
        ("GetResources", "permission-tag-getresources", "info"),
    ],
)
def test_a_right_that_is_missing_is_told_with_what_it_is_for(
    ssmm: Cli, team: Ssm, faults: Faults, operation: str, check: str, level: str
) -> None:
    service = "tag" if operation == "GetResources" else "ssm"
    faults.refuse(operation, "AccessDeniedException", f"User: x is not authorized to perform: {service}:{operation}")
    found = findings(ssmm("doctor", "--json"))[check]
    assert found["level"] == level
    assert f'"Action": "{service}:{operation}"' in found["fix"]
    assert "needed by" in found["why"] or "better with it" in found["why"]


def test_a_key_that_may_not_be_used_is_an_error(ssmm: Cli, team: Ssm, faults: Faults) -> None:
    denied = "User is not authorized to perform: kms:Decrypt on resource: arn:aws:kms:eu-central-1:123456789012:key/x"
    for operation in ("GetParameters", "GetParameter"):
        faults.refuse(operation, "AccessDeniedException", denied, when=lambda body: bool(body.get("WithDecryption")))
    found = findings(ssmm("doctor", "--json"))
    assert found["permission-kms-decrypt"]["level"] == "error"
    assert "arn:aws:kms:eu-central-1:123456789012:key/x" in found["permission-kms-decrypt"]["fix"]
    assert found["permission-ssm-getparameters"]["level"] == "ok"


def test_a_key_that_is_disabled_is_an_error(ssmm: Cli, team: Ssm, faults: Faults) -> None:
    for operation in ("GetParameters", "GetParameter"):
        faults.refuse(operation, "InvalidKeyId", "is disabled", when=lambda body: bool(body.get("WithDecryption")))
    found = findings(ssmm("doctor", "--json"))["permission-kms-decrypt"]
    assert found["level"] == "error"
    assert "cannot decrypt /myteam/my-app/token" in found["what"]


def test_below_an_empty_prefix_rights_are_asked_of_what_is_not_there(ssmm: Cli, ssm: Ssm, faults: Faults) -> None:
    found = levels(ssmm("doctor", "--json"))
    assert found["parameters"] == "warning"
    assert found["permission-ssm-getparameters"] == found["permission-ssm-getparameter"] == "ok"
    assert found["permission-kms-decrypt"] == found["permission-ssm-listtagsforresource"] == "unknown"


def test_with_an_app_only_what_it_needs_is_asked(ssmm: Cli, team: Ssm, faults: Faults) -> None:
    faults.refuse("GetParametersByPath", "AccessDeniedException", when=lambda body: body["Path"] == "/myteam")
    denied = findings(ssmm("doctor", "--json"))["permission-ssm-getparametersbypath"]
    assert denied["level"] == "error"
    assert denied["fix"].endswith("ssmm doctor --app APP")
    found = findings(ssmm("doctor", "--app", "my-app", "--json"))
    assert found["permission-ssm-getparametersbypath"]["what"] == "ssm:GetParametersByPath on /myteam/my-app, /myteam/shared"
    assert found["permission-kms-decrypt"]["level"] == "ok"
    assert {check for check in found if check.startswith("permission")} == {
        "permission-ssm-getparametersbypath",
        "permission-kms-decrypt",
    }


def test_a_role_that_may_do_no_more_than_deliver_an_app_has_no_fault(ssmm: Cli, team: Ssm, faults: Faults) -> None:
    for operation in ("GetParameters", "GetParameter", "DescribeParameters", "ListTagsForResource", "GetParameterHistory", "GetResources"):
        faults.refuse(operation, "AccessDeniedException", f"User: x is not authorized to perform: ssm:{operation}")
    ran = ssmm("doctor", "--app", "my-app", "--json")
    assert ran.code == 0
    assert {"error", "warning", "unknown"}.isdisjoint(levels(ran).values())
    assert {call.operation for call in faults.calls} - {"GetCallerIdentity", "ListAccountAliases"} == {"GetParametersByPath"}


def test_a_role_that_may_not_decrypt_its_app_is_told_of_the_key(ssmm: Cli, team: Ssm, faults: Faults) -> None:
    denied = "User is not authorized to perform: kms:Decrypt on resource: arn:aws:kms:eu-central-1:123456789012:key/x"
    faults.refuse("GetParametersByPath", "AccessDeniedException", denied, when=lambda body: bool(body.get("WithDecryption")))
    faults.refuse("GetParameter", "AccessDeniedException", "User: x is not authorized to perform: ssm:GetParameter")
    found = findings(ssmm("doctor", "--app", "my-app", "--json"))["permission-kms-decrypt"]
    assert found["level"] == "error"
    assert "arn:aws:kms:eu-central-1:123456789012:key/x" in found["fix"]


def test_an_app_without_parameters_is_an_error(ssmm: Cli, team: Ssm) -> None:
    ran = ssmm("doctor", "--app", "mistyped")
    assert ran.code == 1
    assert "  error    /myteam/mistyped holds no parameter" in ran.lines


def test_an_app_that_is_no_name_is_refused(ssmm: Cli, team: Ssm) -> None:
    assert ssmm("doctor", "--app", "a/b").code == 78


def test_the_system_manager_is_asked_about_a_unit_alone(ssmm: Cli) -> None:
    assert ssmm("doctor", "--system").code == 2


# As a process


def test_as_a_process_of_its_own_in_an_empty_environment_it_ends_by_itself(ssmm: Cli) -> None:
    environment = {"PATH": os.environ["PATH"], "PYTHONPATH": os.environ["PYTHONPATH"], "AWS_EC2_METADATA_DISABLED": "true"}
    ran = ssmm.process("doctor", "--json", environment=environment)
    assert levels(ran)["configuration-file"] == "info"
    assert ran.err == ""


def test_on_a_terminal_it_is_broken_into_lines_but_no_fix_is(ssmm: Cli) -> None:
    lines = on_terminal(60, "doctor")
    sentences = [line for line in lines if "Fix: " not in line]
    assert [line for line in sentences if len(line) > 60 and max(map(len, line.split())) < 40] == []  # paths are not broken
    assert {" ".join(line.split()) for line in lines if "Fix: " in line} >= {
        "Fix: export AWS_REGION=REGION",
        "Fix: Set AWS_PROFILE or AWS_ACCESS_KEY_ID, log in with `aws sso login`, or pass --profile.",
    }
    assert " ".join(" ".join(lines).split()) == " ".join(" ".join(ssmm("doctor").lines).split())


def test_it_tells_a_request_under_debug_and_no_value(ssmm: Cli, team: Ssm) -> None:
    ran = ssmm("doctor", "--debug")
    assert "debug: GetParametersByPath /myteam: " in ran.err
    assert SENTINEL not in ran.out + ran.err
