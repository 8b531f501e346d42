"""Credentials of a container and of an instance: what their services may say, and what is for the SDK."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import time

import pytest

from tests.store.identities import by_the_sdk, found, refused
from tests.support.metadata import CONTAINER_PATH, ROLES_PATH, TOKEN_PATH, Metadata, Said, identity

# A container's service


def in_minutes(minutes: float) -> str:
    return time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(time.time() + minutes * 60))


@pytest.fixture
def contained(service: Metadata, monkeypatch: pytest.MonkeyPatch) -> Metadata:
    monkeypatch.setenv("AWS_CONTAINER_CREDENTIALS_FULL_URI", service.url + CONTAINER_PATH)
    return service


def test_a_containers_credentials_that_last_are_taken(contained: Metadata) -> None:
    contained.tell(CONTAINER_PATH, identity("container", in_minutes(16)))
    assert found(None) == by_the_sdk(None)


@pytest.mark.parametrize("minutes", [14, 9, -1])
def test_a_containers_credentials_that_end_soon_are_for_the_sdk_to_renew(contained: Metadata, minutes: float) -> None:
    contained.tell(CONTAINER_PATH, identity("container", in_minutes(minutes)))
    assert "end soon" in refused()


@pytest.mark.parametrize("expiration", ["", "soon", 1, None, "2099-01-01 00:00:00", "2099-13-01T00:00:00Z", "2099-01-01T00:00:00+00:00"])
def test_credentials_that_end_in_another_way_of_writing_are_for_the_sdk(contained: Metadata, expiration: object) -> None:
    contained.tell(CONTAINER_PATH, identity("container") | {"Expiration": expiration})
    assert "the end of the credentials" in refused()


@pytest.mark.parametrize("missing", ["AccessKeyId", "SecretAccessKey", "Token", "Expiration"])
@pytest.mark.parametrize("instead", [{}, None, 1, ["made-up"]], ids=repr)
def test_a_part_that_is_missing_is_for_the_sdk(contained: Metadata, missing: str, instead: object) -> None:
    answer = identity("container")
    del answer[missing]
    contained.tell(CONTAINER_PATH, answer if instead == {} else answer | {missing: instead})
    refused()


ODD = {
    "a refusal": Said(403, json.dumps(identity("container")).encode()),
    "a redirect": Said(302, b""),
    "another success": Said(201, json.dumps(identity("container")).encode()),
    "a page": Said(200, b"<html>made-up"),
    "no object": Said(200, b'["made-up"]'),
    "half": Said(200, json.dumps(identity("container")).encode()[:-9]),
    "nothing": Said(200, b""),
    "beyond ASCII": Said(200, json.dumps(identity("cöntainer"), ensure_ascii=False).encode()),
    "beyond ASCII, escaped": Said(200, json.dumps(identity("cöntainer")).encode()),
    "a line break": Said(200, json.dumps(identity("contai\nner")).encode()),
    "too deep": Said(200, b"[" * 100_000),
}


@pytest.mark.parametrize("answer", ODD)
def test_an_odd_answer_of_a_container_is_for_the_sdk(contained: Metadata, answer: str) -> None:
    contained.answers["GET", CONTAINER_PATH] = ODD[answer]
    refused()
    assert len(contained.asked) == 1


def test_a_container_that_is_not_there_is_for_the_sdk(contained: Metadata) -> None:
    contained.stop()
    assert "does not answer" in refused()


# An instance's service


@pytest.fixture
def instance(service: Metadata, monkeypatch: pytest.MonkeyPatch) -> Metadata:
    monkeypatch.setenv("AWS_EC2_METADATA_DISABLED", "false")
    return service


@pytest.mark.parametrize("minutes", [60, 14, 1, -60])
def test_an_instances_credentials_are_taken_whenever_they_end(instance: Metadata, minutes: float) -> None:
    instance.tell(f"{ROLES_PATH}made-up-role", identity("instance", in_minutes(minutes)))
    assert found(None) == by_the_sdk(None)


@pytest.mark.parametrize("role", ["a", "Made_up+role=of,some.body@here-1"])
def test_a_role_of_any_name_is_asked_for(instance: Metadata, role: str) -> None:
    instance.answers["GET", ROLES_PATH] = Said(200, role.encode())
    instance.tell(ROLES_PATH + role, identity("instance"))
    assert found(None) == by_the_sdk(None)


@pytest.mark.parametrize("role", ["", "a\nb", "a/b", "..%2f", "a b", "ä", "a\n", "a?b"])
def test_a_role_of_an_odd_name_is_not_asked_for(instance: Metadata, role: str) -> None:
    instance.answers["GET", ROLES_PATH] = Said(200, role.encode())
    refused()
    assert [one.path for one in instance.asked] == [TOKEN_PATH, ROLES_PATH]


@pytest.mark.parametrize("status", [400, 401, 403, 404, 405, 500])
def test_the_first_version_of_the_instances_service_is_never_asked(instance: Metadata, status: int) -> None:
    instance.answers["PUT", TOKEN_PATH] = Said(status, b"")
    assert str(status) in refused()
    assert [one.method for one in instance.asked] == ["PUT"]


@pytest.mark.parametrize("token", [b"", b"a b", b"a\r\nb", b"\xff"])
def test_a_token_that_no_header_can_hold_is_not_sent(instance: Metadata, token: bytes) -> None:
    instance.answers["PUT", TOKEN_PATH] = Said(200, token)
    refused()
    assert [one.method for one in instance.asked] == ["PUT"]


@pytest.mark.parametrize("path", [ROLES_PATH, f"{ROLES_PATH}made-up-role"])
def test_an_instance_without_a_role_is_for_the_sdk(instance: Metadata, path: str) -> None:
    del instance.answers["GET", path]
    assert "404" in refused()


def test_a_role_that_may_not_be_taken_is_for_the_sdk(instance: Metadata) -> None:
    instance.tell(f"{ROLES_PATH}made-up-role", {"Code": "AssumeRoleUnauthorizedAccess", "Message": "made-up"})
    refused()


def test_an_instance_that_does_not_answer_is_for_the_sdk(instance: Metadata) -> None:
    instance.answers["PUT", TOKEN_PATH] = Said(0, b"")
    assert "NoAnswer" in refused()


@pytest.mark.parametrize("answer", ["half", "no object", "beyond ASCII", "a page"])
def test_an_odd_answer_of_an_instance_is_for_the_sdk(instance: Metadata, answer: str) -> None:
    instance.answers["GET", f"{ROLES_PATH}made-up-role"] = ODD[answer]
    refused()


# Their own addresses, in a network of their own

WHO = """
import os, sys
from pathlib import Path
import botocore.session
from ssmm_core.store.lean import credentials
from tests.support.metadata import Metadata
services = [Metadata((host, 80)) for host in ("169.254.169.254", "169.254.170.2", "169.254.170.23")]
relative = {"AWS_CONTAINER_CREDENTIALS_RELATIVE_URI": sys.argv[1]}
full = {"AWS_CONTAINER_CREDENTIALS_FULL_URI": "http://169.254.170.23" + sys.argv[1]}
for extra in ({}, relative, full):
    os.environ.update(extra)
    who = credentials.find(os.environ, profile=None)
    asked = [[(one.method, one.path, one.headers["host"]) for one in service.asked] for service in services]
    [service.asked.clear() for service in services]
    other = botocore.session.Session().get_credentials()
    frozen = other.get_frozen_credentials()
    assert asked == [[(one.method, one.path, one.headers["host"]) for one in service.asked] for service in services], asked
    [service.asked.clear() for service in services]
    assert (who.access_key, who.secret_key.reveal(), who.token.reveal(), who.method) == (*frozen[:3], other.method)
    print(who.method, *(len(one) for one in asked))
    for name in extra:
        del os.environ[name]
"""


def test_the_addresses_are_the_sdks() -> None:
    own = 'ip link set lo up && for at in 169.254 170.2 170.23; do ip address add "169.254.$at/32" dev lo || exit; done; exec "$@"'
    if os.geteuid() != 0 or shutil.which("ip") is None or subprocess.run(["unshare", "--net", "true"], capture_output=True).returncode:
        pytest.skip("needs root, ip and a network namespace")
    command = ["unshare", "--net", "sh", "-c", own, "sh", sys.executable, "-c", WHO]
    environment = {name: value for name, value in os.environ.items() if name != "AWS_EC2_METADATA_DISABLED"}
    ran = subprocess.run([*command, CONTAINER_PATH], capture_output=True, text=True, timeout=60, env=environment)
    assert ran.stdout.split("\n") == ["iam-role 3 0 0", "container-role 0 1 0", "container-role 0 0 1", ""], ran.stderr
