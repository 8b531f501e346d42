"""Whose credentials sign without the SDK: those that the SDK would find, or none."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from ssmm_core.store.lean import Handover, credentials
from tests.store.identities import by_the_sdk, found, refused
from tests.support.metadata import CONTAINER_PATH, Metadata

if TYPE_CHECKING:
    from collections.abc import Mapping

KEYS = {"AWS_ACCESS_KEY_ID": "made-up-environment", "AWS_SECRET_ACCESS_KEY": "made-up/environment+secret="}
CONTAINER = {"AWS_CONTAINER_CREDENTIALS_FULL_URI": f"{{service}}{CONTAINER_PATH}"}
INSTANCE = {"AWS_EC2_METADATA_DISABLED": "false"}


def keys(name: str, *more: str) -> str:
    """The static keys of a section, and further lines."""
    return "\n".join([f"aws_access_key_id = made-up-{name}", f"aws_secret_access_key = made-up/{name}+secret=", *more, ""])


class Case(NamedTuple):
    """What is set. {service} in the environment is the URL of the stub, {home} the home directory. `who`: whose keys are found, and how."""

    environment: dict[str, str]
    config: str = ""
    credentials: str = ""
    profile: str | None = None
    who: tuple[str, str] = ("", "")


ENVIRONMENT = ("made-up-environment", "env")
SHARED = ("made-up-shared", "shared-credentials-file")
CONFIGURED = ("made-up-configured", "config-file")
OF_CONTAINER = ("made-up-container", "container-role")
OF_INSTANCE = ("made-up-instance", "iam-role")
BOTH = (f"[default]\n{keys('configured')}", f"[default]\n{keys('shared')}")

LEAN = {
    "environment": Case(KEYS, who=ENVIRONMENT),
    "environment with a token": Case(KEYS | {"AWS_SESSION_TOKEN": "made-up=="}, who=ENVIRONMENT),
    "environment with a token of the old name": Case(
        KEYS | {"AWS_SESSION_TOKEN": "made-up==", "AWS_SECURITY_TOKEN": "made-up-old"}, who=ENVIRONMENT
    ),
    "environment with an empty token of the old name": Case(
        KEYS | {"AWS_SESSION_TOKEN": "made-up==", "AWS_SECURITY_TOKEN": ""}, who=ENVIRONMENT
    ),
    "environment before everything": Case(KEYS | CONTAINER | INSTANCE, *BOTH, who=ENVIRONMENT),
    "environment before a role": Case(KEYS, "[default]\nrole_arn = made-up\nsource_profile = other\n", who=ENVIRONMENT),
    "environment before a web identity": Case(KEYS | {"AWS_WEB_IDENTITY_TOKEN_FILE": "/nowhere"}, who=ENVIRONMENT),
    "environment before a program": Case(KEYS, "[default]\ncredential_process = false\n", who=ENVIRONMENT),
    "environment before SSO": Case(KEYS, "[default]\nsso_account_id = 123456789012\nsso_role_name = made-up\n", who=ENVIRONMENT),
    "environment before the environment's profile": Case(
        KEYS | {"AWS_PROFILE": "a"}, credentials=f"[a]\n{keys('shared')}", who=ENVIRONMENT
    ),
    "an account that nobody asks for": Case(KEYS | {"AWS_ACCOUNT_ID": "123456789012"}, who=ENVIRONMENT),
    "a flag's profile before the environment": Case(KEYS, credentials=f"[a]\n{keys('shared')}", profile="a", who=SHARED),
    "a flag's profile before a web identity": Case(
        {"AWS_WEB_IDENTITY_TOKEN_FILE": "/nowhere", "AWS_ROLE_ARN": "made-up"}, "", f"[a]\n{keys('shared')}", "a", SHARED
    ),
    "a flag's profile without keys": Case(KEYS | CONTAINER, "[profile a]\nregion = eu-west-1\n", profile="a", who=OF_CONTAINER),
    "an empty key in the environment": Case({"AWS_ACCESS_KEY_ID": "", "AWS_SECRET_ACCESS_KEY": "x"}, *BOTH, who=SHARED),
    "a secret alone in the environment": Case({"AWS_SECRET_ACCESS_KEY": "made-up"}, *BOTH, who=SHARED),
    "credentials file": Case({}, credentials=f"[default]\n{keys('shared')}", who=SHARED),
    "credentials file with a token": Case({}, "", f"[default]\n{keys('shared', 'aws_session_token = made-up==')}", who=SHARED),
    "credentials file with both tokens": Case(
        {}, "", f"[default]\n{keys('shared', 'aws_session_token = made-up==', 'aws_security_token = made-up-old')}", who=SHARED
    ),
    "credentials file with an empty token of the old name": Case(
        {}, "", f"[default]\n{keys('shared', 'aws_session_token = made-up==', 'aws_security_token =')}", who=SHARED
    ),
    "credentials file before configuration file": Case({}, *BOTH, who=SHARED),
    "credentials file before a program": Case({}, "[default]\ncredential_process = false\n", f"[default]\n{keys('shared')}", who=SHARED),
    "credentials file before a login": Case({}, "[default]\nlogin_session = made-up\n", f"[default]\n{keys('shared')}", who=SHARED),
    "credentials file before a container": Case(CONTAINER | INSTANCE, "", f"[default]\n{keys('shared')}", who=SHARED),
    "credentials file before a file of old": Case(
        {"AWS_CREDENTIAL_FILE": "/nowhere", "BOTO_CONFIG": "/nowhere"}, "", f"[default]\n{keys('shared')}", who=SHARED
    ),
    "the environment's profile in the credentials file": Case({"AWS_PROFILE": "a"}, "", f"[a]\n{keys('shared')}", who=SHARED),
    "AWS_DEFAULT_PROFILE before AWS_PROFILE": Case(
        {"AWS_PROFILE": "a", "AWS_DEFAULT_PROFILE": "b"}, "", f"[a]\n{keys('other')}\n[b]\n{keys('shared')}", who=SHARED
    ),
    "an empty flag would be a profile": Case({"AWS_PROFILE": "a"}, "", f"[a]\n{keys('other')}\n[b]\n{keys('shared')}", "b", SHARED),
    "configuration file": Case({}, f"[default]\n{keys('configured')}", who=CONFIGURED),
    "configuration file with a token": Case({}, f"[profile a]\n{keys('configured', 'aws_session_token = x')}", profile="a", who=CONFIGURED),
    "configuration file beside another profile of the credentials file": Case(
        {}, f"[default]\n{keys('configured')}", f"[a]\n{keys('shared')}", who=CONFIGURED
    ),
    "configuration file with a secret in the other": Case(
        {}, f"[default]\n{keys('configured')}", "[default]\naws_secret_access_key = other\naws_session_token = other\n", who=CONFIGURED
    ),
    "configuration file before a container": Case(CONTAINER, f"[default]\n{keys('configured')}", who=CONFIGURED),
    "a profile of another name": Case(CONTAINER, f"[profile a]\n{keys('configured')}", who=OF_CONTAINER),
    "a section that is no profile": Case(CONTAINER, f"[a]\n{keys('configured')}\n[default]\noutput = json\n", who=OF_CONTAINER),
    "a source profile without a role": Case(CONTAINER, "[default]\nsource_profile = a\n", who=OF_CONTAINER),
    "a container": Case(CONTAINER, who=OF_CONTAINER),
    "a container before the instance": Case(CONTAINER | INSTANCE, who=OF_CONTAINER),
    "a container's token": Case(CONTAINER | {"AWS_CONTAINER_AUTHORIZATION_TOKEN": "made-up token"}, who=OF_CONTAINER),
    "a container's token in a file": Case(
        CONTAINER | {"AWS_CONTAINER_AUTHORIZATION_TOKEN": "other", "AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE": "{home}/token"},
        who=OF_CONTAINER,
    ),
    "an instance": Case(INSTANCE, who=OF_INSTANCE),
    "an instance named by a profile": Case(
        INSTANCE | {"AWS_EC2_METADATA_SERVICE_ENDPOINT_MODE": "IPv4", "AWS_IMDS_USE_IPV6": "true"}, "[default]\n", who=OF_INSTANCE
    ),
    "an instance that is asked more than once": Case(
        INSTANCE | {"AWS_METADATA_SERVICE_NUM_ATTEMPTS": "3", "AWS_METADATA_SERVICE_TIMEOUT": "5"}, who=OF_INSTANCE
    ),
    "an instance whose first version is off": Case(INSTANCE | {"AWS_EC2_METADATA_V1_DISABLED": "true"}, who=OF_INSTANCE),
    "an empty web identity": Case(INSTANCE | {"AWS_WEB_IDENTITY_TOKEN_FILE": ""}, who=OF_INSTANCE),
}
HANDED_OVER = {
    "nothing": Case({}),
    "nothing, in capitals": Case({"AWS_EC2_METADATA_DISABLED": "TRUE"}),
    "half of the environment": Case({"AWS_ACCESS_KEY_ID": "made-up"}, *BOTH),
    "half of the environment with an empty secret": Case({"AWS_ACCESS_KEY_ID": "made-up", "AWS_SECRET_ACCESS_KEY": ""}, *BOTH),
    "environment that expires": Case(KEYS | {"AWS_CREDENTIAL_EXPIRATION": "2099-01-01T00:00:00Z"}),
    "a key with a space": Case(KEYS | {"AWS_ACCESS_KEY_ID": "made-up "}),
    "a secret with a line break": Case(KEYS | {"AWS_SECRET_ACCESS_KEY": "made-up\n"}),
    "a token beyond ASCII": Case(KEYS | {"AWS_SESSION_TOKEN": "made-üp"}),
    "a token that is no text": Case(KEYS | {"AWS_SESSION_TOKEN": "made-up\udcff"}),
    "a profile that is missing": Case(KEYS | {"AWS_PROFILE": "a"}),
    "a flag's profile that is missing": Case(KEYS, *BOTH, profile="a"),
    "a broken file": Case(KEYS, "no section\n"),
    "a flag's profile leaves nothing": Case(KEYS, "[profile a]\nregion = eu-west-1\n", profile="a"),
    "half of the credentials file": Case({}, f"[default]\n{keys('configured')}", "[default]\naws_access_key_id = made-up\n"),
    "half of the configuration file": Case(CONTAINER, "[default]\naws_access_key_id = made-up\n"),
    "an empty key": Case({}, "", "[default]\naws_access_key_id =\naws_secret_access_key = made-up\n"),
    "a key that is a block": Case({}, "", "[default]\naws_access_key_id =\n  a = made-up\naws_secret_access_key = made-up\n"),
    "a token that is a block": Case({}, "", f"[default]\n{keys('shared')}aws_session_token =\n  a = made-up\n"),
    "a role": Case({}, "[default]\nrole_arn = made-up\nsource_profile = a\n", f"[default]\n{keys('shared')}\n[a]\n{keys('a')}"),
    "a role of a flag's profile": Case(KEYS, "[profile a]\nrole_arn = made-up\ncredential_source = Environment\n", profile="a"),
    "a role in the credentials file": Case({}, "", f"[default]\nrole_arn = made-up\nsource_profile = default\n{keys('shared')}"),
    "a web identity": Case({"AWS_WEB_IDENTITY_TOKEN_FILE": "/nowhere", "AWS_ROLE_ARN": "made-up"}, *BOTH),
    "a web identity of the profile": Case({}, f"[default]\nweb_identity_token_file = /nowhere\nrole_arn = x\n{keys('configured')}"),
    "a web identity of the profile, half of it": Case({}, "[default]\nweb_identity_token_file = /nowhere\n", BOTH[1]),
    "SSO": Case({}, f"[default]\nsso_account_id = 123456789012\n{keys('configured')}", f"[default]\n{keys('shared')}"),
    "a login": Case({}, f"[default]\nlogin_session = made-up\n{keys('configured')}"),
    "a program": Case({}, f"[default]\ncredential_process = false\n{keys('configured')}"),
    "a program in the credentials file": Case(CONTAINER, "", "[default]\ncredential_process = false\n"),
    "a file of the first tools": Case(CONTAINER | {"AWS_CREDENTIAL_FILE": "/nowhere"}),
    "a file of boto": Case(CONTAINER | {"BOTO_CONFIG": "/nowhere"}),
    "an empty relative address": Case(CONTAINER | {"AWS_CONTAINER_CREDENTIALS_RELATIVE_URI": ""}),
    "a relative address that leads away": Case({"AWS_CONTAINER_CREDENTIALS_RELATIVE_URI": "@127.0.0.1/a"}),
    "a relative address of another host": Case({"AWS_CONTAINER_CREDENTIALS_RELATIVE_URI": ".example.com/a"}),
    "a container's address without a path": Case({"AWS_CONTAINER_CREDENTIALS_FULL_URI": "{service}"}),
    "a container's address with dots": Case({"AWS_CONTAINER_CREDENTIALS_FULL_URI": "{service}/a/../b"}),
    "a container's address with a user": Case({"AWS_CONTAINER_CREDENTIALS_FULL_URI": f"http://a:b@127.0.0.1{CONTAINER_PATH}"}),
    "a container's address by TLS": Case({"AWS_CONTAINER_CREDENTIALS_FULL_URI": "https://127.0.0.1/a"}),
    "a container's address elsewhere": Case({"AWS_CONTAINER_CREDENTIALS_FULL_URI": "http://192.0.2.1/a"}),
    "a container's address of IPv6": Case({"AWS_CONTAINER_CREDENTIALS_FULL_URI": "http://[::1]/a"}),
    "a container's token with a line break": Case(CONTAINER | {"AWS_CONTAINER_AUTHORIZATION_TOKEN": "made-up\n"}),
    "an empty token of a container": Case(CONTAINER | {"AWS_CONTAINER_AUTHORIZATION_TOKEN": ""}),
    "a container's token in a missing file": Case(CONTAINER | {"AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE": "/nowhere"}),
    "a container's token in a binary file": Case(CONTAINER | {"AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE": sys.executable}),
    "a container that says nothing there": Case({"AWS_CONTAINER_CREDENTIALS_FULL_URI": "{service}/other"}),
    "an instance behind a proxy": Case(INSTANCE | {"http_proxy": "http://127.0.0.1:9"}),
    "an instance over IPv6": Case(INSTANCE | {"AWS_EC2_METADATA_SERVICE_ENDPOINT_MODE": "ipv6"}),
    "an instance over IPv6 in the profile": Case(INSTANCE, "[default]\nimds_use_ipv6 = true\n"),
    "a mode of the instance that is wrong": Case(KEYS | {"AWS_EC2_METADATA_SERVICE_ENDPOINT_MODE": "other"}),
    "an instance that is asked by TLS": Case(KEYS | {"AWS_EC2_METADATA_SERVICE_ENDPOINT": "https://127.0.0.1"}),
    "an instance's address that is wrong": Case(KEYS | {"AWS_EC2_METADATA_SERVICE_ENDPOINT": "nothing"}),
    "a time for the instance that is wrong": Case(KEYS | {"AWS_METADATA_SERVICE_TIMEOUT": "soon"}),
    "a time for the instance that no number holds": Case(KEYS | {"AWS_METADATA_SERVICE_TIMEOUT": "9" * 5000}),
    "no attempts at the instance": Case(INSTANCE, "[default]\nmetadata_service_num_attempts = 0\n"),
}


@pytest.fixture
def home(tmp_path: Path) -> Path:
    home = tmp_path / "home"
    (home / ".aws").mkdir()
    (home / "token").write_text("made-up token", encoding="utf-8")
    return home


def arrange(case: Case, home: Path, service: Metadata, monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in case.environment.items():
        monkeypatch.setenv(name, value.replace("{home}", str(home)).replace("{service}", service.url))
    for name, text in (("config", case.config), ("credentials", case.credentials)):
        (home / ".aws" / name).unlink(missing_ok=True)
        if text:
            (home / ".aws" / name).write_text(text, encoding="utf-8")


@pytest.mark.parametrize("name", LEAN)
def test_the_identity_is_the_sdks(name: str, home: Path, service: Metadata, monkeypatch: pytest.MonkeyPatch) -> None:
    case = LEAN[name]
    arrange(case, home, service, monkeypatch)
    ours = found(case.profile)
    asked = len(service.asked)
    assert ours == by_the_sdk(case.profile)
    assert (ours[0], ours[3]) == case.who
    lines = [(one.method, one.path, {**one.headers, **UNLIKE}) for one in service.asked]
    assert lines[:asked] == lines[asked:]


UNLIKE = dict.fromkeys(("user-agent", "accept", "accept-encoding", "content-length", "connection"), "")
"""Headers that each client has its own of."""


@pytest.mark.parametrize("name", HANDED_OVER)
def test_what_is_not_known_for_sure_is_for_the_sdk(name: str, home: Path, service: Metadata, monkeypatch: pytest.MonkeyPatch) -> None:
    case = HANDED_OVER[name]
    arrange(case, home, service, monkeypatch)
    refused(case.profile)


SOURCES: Mapping[str, Mapping[str, str]] = {
    "environment": {**KEYS},
    "half": {"AWS_ACCESS_KEY_ID": "made-up"},
    "token": {"AWS_SESSION_TOKEN": "made-up=="},
    "old token": {"AWS_SECURITY_TOKEN": "made-up-old"},
    "profile": {"AWS_PROFILE": "a"},
    "default profile": {"AWS_DEFAULT_PROFILE": "default"},
    "web identity": {"AWS_WEB_IDENTITY_TOKEN_FILE": "/nowhere", "AWS_ROLE_ARN": "made-up"},
    "container": CONTAINER,
    "instance": INSTANCE,
}
PARTS = (
    "aws_access_key_id = made-up-key", "aws_secret_access_key = made-up-secret", "aws_session_token = made-up-token",
    "aws_security_token = made-up-older", "role_arn = made-up", "source_profile = a", "credential_process = false",
    "sso_account_id = made-up", "web_identity_token_file = /nowhere", "login_session = made-up", "region = eu-west-1",
)  # fmt: skip
SECTION = st.one_of(
    st.none(), st.just(list(PARTS[:2])), st.just(list(PARTS[:3])), st.lists(st.sampled_from(PARTS), max_size=4, unique=True)
)


@given(
    sources=st.sets(st.sampled_from(sorted(SOURCES)), max_size=4),
    sections=st.fixed_dictionaries({(file, name): SECTION for file in ("config", "credentials") for name in ("default", "a")}),
    profile=st.sampled_from([None, None, "a", "default"]),
)
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=300)
def test_of_any_sources_the_sdks_is_found_or_none(
    sources: set[str], sections: dict[tuple[str, str], list[str] | None], profile: str | None, home: Path, service: Metadata
) -> None:
    environment = {name: value for source in sorted(sources) for name, value in SOURCES[source].items()}
    environment |= dict.fromkeys(("AWS_ENDPOINT_URL", "AWS_ENDPOINT_URL_STS"), "http://127.0.0.1:9")  # nobody else is asked
    texts = {"config": "", "credentials": ""}
    for (file, name), lines in sections.items():
        if lines is not None:
            heading = f"profile {name}" if file == "config" and name != "default" else name
            texts[file] += "\n".join([f"[{heading}]", *(line.replace("made-up-", f"made-up-{file}-{name}-") for line in lines), ""])
    with pytest.MonkeyPatch.context() as patch:
        arrange(Case(environment, texts["config"], texts["credentials"]), home, service, patch)
        try:
            ours = found(profile)
        except Handover:
            return
        assert ours == by_the_sdk(profile)


# What nobody may see


def test_the_credentials_show_no_secret(monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in (KEYS | {"AWS_SESSION_TOKEN": "made-up-token"}).items():
        monkeypatch.setenv(name, value)
    who = credentials.find(os.environ, profile=None)
    assert "secret=" not in f"{who!r} {who}"
    assert "made-up-token" not in f"{who!r} {who}"


def test_credentials_of_the_environment_cost_no_import_that_is_slow() -> None:
    script = (
        "import sys, os, ssmm_core.record; before = set(sys.modules)\n"
        "from ssmm_core.store.lean.credentials import find\n"
        "find(os.environ, profile=None)\n"
        "print(*sorted(set(sys.modules) - before))"
    )
    ran = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, check=True, timeout=60, env=dict(os.environ) | KEYS
    )
    package = "ssmm_core.store"
    own = {package, *(f"{package}.lean{rest}" for rest in ("", ".credentials", ".endpoint", ".ini", ".profile"))}
    assert set(ran.stdout.split()) <= own | {"ssmm_core.secret"}
