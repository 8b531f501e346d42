"""Where the store is asked without the SDK: where the SDK would ask, or not at all."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path
from typing import Any, NamedTuple

import botocore.session
import pytest
from botocore.auth import SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials
from hypothesis import example, given
from hypothesis import strategies as st

from ssmm_core.settings import load
from ssmm_core.store.lean import Handover, endpoint
from ssmm_core.store.lean.endpoint import Endpoint
from ssmm_core.store.sdk import Connection

REGION = {"AWS_DEFAULT_REGION": "eu-central-1"}
HERE = "http://127.0.0.1:4566"
THERE = "https://ssm.example.com"
SERVICES = "[services s]\nssm =\n  endpoint_url = http://127.0.0.1:4566\n"


class Case(NamedTuple):
    """What is set. {home} in the environment is the home directory, where `bundle.pem` is a file."""

    environment: dict[str, str]
    config: str = ""
    credentials: str = ""
    flags: dict[str, str] = {}  # noqa: RUF012  # never changed


LEAN = {
    "a region of the environment": Case(REGION),
    "a region of the flag": Case(REGION, flags={"region": "us-west-2"}),
    "AWS_REGION before AWS_DEFAULT_REGION": Case(REGION | {"AWS_REGION": "eu-west-3"}),
    "the flag before AWS_REGION": Case({"AWS_REGION": "eu-west-3"}, flags={"region": "us-west-2"}),
    "a region of the default profile": Case({}, "[default]\nregion = eu-west-2\n"),
    "a region of a profile": Case({"AWS_PROFILE": "a"}, "[default]\nregion = eu-west-2\n[profile a]\nregion = eu-west-1\n"),
    "a region of the flag's profile": Case({"AWS_PROFILE": "b"}, "[profile a]\nregion = eu-west-1\n", flags={"profile": "a"}),
    "AWS_DEFAULT_PROFILE before AWS_PROFILE": Case(
        {"AWS_PROFILE": "a", "AWS_DEFAULT_PROFILE": "b"}, "[profile a]\nregion = eu-west-1\n[profile b]\nregion = eu-west-2\n"
    ),
    "a region of the credentials file": Case({}, "[default]\nregion = eu-west-2\n", "[default]\nregion = eu-west-1\n"),
    "a profile of the credentials file alone": Case({"AWS_PROFILE": "a"}, "", "[a]\nregion = eu-west-1\n"),
    "a region of the environment before the profile's": Case(REGION, "[default]\nregion = eu-west-2\n"),
    "a configuration file elsewhere": Case({"AWS_CONFIG_FILE": "~/elsewhere"}),
    "an absolute path of one": Case({"AWS_CONFIG_FILE": "{home}/elsewhere"}),
    "a credentials file elsewhere": Case({"AWS_SHARED_CREDENTIALS_FILE": "~/elsewhere"}),
    "no configuration file": Case(REGION | {"AWS_CONFIG_FILE": "/dev/null", "AWS_SHARED_CREDENTIALS_FILE": ""}, "[default]\nnonsense"),
    "an endpoint of the flag": Case(REGION | {"AWS_ENDPOINT_URL_SSM": THERE}, flags={"endpoint_url": HERE}),
    "AWS_ENDPOINT_URL_SSM": Case(REGION | {"AWS_ENDPOINT_URL_SSM": HERE, "AWS_ENDPOINT_URL": THERE}),
    "AWS_ENDPOINT_URL": Case(REGION | {"AWS_ENDPOINT_URL": HERE, "AWS_ENDPOINT_URL_SSM": ""}),
    "the environment's endpoint before the profile's": Case(REGION | {"AWS_ENDPOINT_URL": HERE}, f"[default]\nendpoint_url = {THERE}\n"),
    "the environment's endpoint before a services section that is not there": Case(
        REGION | {"AWS_ENDPOINT_URL": HERE}, "[default]\nservices = missing\n"
    ),
    "a profile's endpoint where the environment's is empty": Case(
        REGION | {"AWS_ENDPOINT_URL": "", "AWS_ENDPOINT_URL_SSM": ""}, f"[default]\nendpoint_url = {THERE}\n"
    ),
    "a profile's endpoint": Case(REGION, f"[default]\nendpoint_url = {THERE}\n"),
    "a services section": Case(REGION, f"[default]\nservices = s\nendpoint_url = {THERE}\n{SERVICES}"),
    "a services section of other services": Case(
        REGION, f"[default]\nservices = s\nendpoint_url = {THERE}\n[services s]\ns3 =\n  endpoint_url = {HERE}\n"
    ),
    "a services section without a URL": Case(REGION, "[default]\nservices = s\n[services s]\nssm =\n  other = 1\n"),
    "a services section named in the credentials file": Case(REGION, SERVICES, "[default]\nservices = s\n"),
    "a services section that nobody names": Case(REGION, f"[default]\noutput = json\n{SERVICES}"),
    "configured endpoints that are ignored": Case(
        REGION | {"AWS_IGNORE_CONFIGURED_ENDPOINT_URLS": "TRUE", "AWS_ENDPOINT_URL": HERE}, f"[default]\nendpoint_url = {THERE}\n"
    ),
    "a services section that is ignored": Case(
        REGION, "[default]\nservices = missing\nignore_configured_endpoint_urls = true\nendpoint_url = http://127.0.0.1:1\n"
    ),
    "a flag's endpoint is not ignored": Case(REGION | {"AWS_IGNORE_CONFIGURED_ENDPOINT_URLS": "true"}, flags={"endpoint_url": HERE}),
    "endpoints that are not ignored": Case(REGION | {"AWS_IGNORE_CONFIGURED_ENDPOINT_URLS": "yes", "AWS_ENDPOINT_URL": HERE}),
    "the environment says what is ignored": Case(
        REGION | {"AWS_IGNORE_CONFIGURED_ENDPOINT_URLS": "false", "AWS_ENDPOINT_URL": HERE},
        "[default]\nignore_configured_endpoint_urls = true\n",
    ),
    "a slash": Case(REGION | {"AWS_ENDPOINT_URL": f"{HERE}/"}),
    "a port that need not be said": Case(REGION | {"AWS_ENDPOINT_URL": f"{THERE}:443"}),
    "a port of the other scheme": Case(REGION | {"AWS_ENDPOINT_URL": f"{THERE}:80"}),
    "a host without dots": Case(REGION | {"AWS_ENDPOINT_URL": "http://localhost"}),
    "a host in a VPC": Case(REGION | {"AWS_ENDPOINT_URL": "https://vpce-0a-1b.ssm.eu-central-1.vpce.amazonaws.com"}),
    "a CA bundle": Case(REGION | {"AWS_CA_BUNDLE": "{home}/bundle.pem", "REQUESTS_CA_BUNDLE": "/dev/null"}, "[default]\nca_bundle = x\n"),
    "a CA bundle of requests": Case(REGION | {"REQUESTS_CA_BUNDLE": "{home}/bundle.pem"}),
    "FIPS that is off": Case(REGION | {"AWS_USE_FIPS_ENDPOINT": "false"}, "[default]\nuse_fips_endpoint = true\n"),
    "dual-stack that is off": Case(REGION, "[default]\nuse_dualstack_endpoint = false\n"),
    "settings that change nothing": Case(
        REGION
        | {
            "AWS_RETRY_MODE": "legacy",
            "AWS_MAX_ATTEMPTS": "none",
            "AWS_SDK_UA_APP_ID": "made-up",
            "AWS_DISABLE_HOST_PREFIX_INJECTION": "true",
            "AWS_EXECUTION_ENV": "made-up",
            "AWS_ACCOUNT_ID": "123456789012",
            "AWS_REQUEST_CHECKSUM_CALCULATION": "when_required",
            "AWS_STS_REGIONAL_ENDPOINTS": "legacy",
            "AWS_ENDPOINT_DISCOVERY_ENABLED": "true",
            "AWS_S3_USE_ARN_REGION": "true",
            "no_proxy": "localhost",
            "HTTPS_PROXY": "",
        },
        "[default]\ns3 =\n  addressing_style = path\noutput = json\ncli_pager =\ntcp_keepalive = true\n[plugins]\na = b\n",
    ),
}
HANDED_OVER = {
    "no region": Case({}),
    "an empty region": Case({"AWS_DEFAULT_REGION": ""}, "[default]\nregion = eu-west-1\n"),
    "a region that is a block": Case({}, "[default]\nregion =\n  a = b\n"),
    "a region with a comment": Case({}, "[default]\nregion = eu-west-1 # ours\n"),
    "a region in capitals": Case({}, flags={"region": "EU-CENTRAL-1"}),
    "a region of an emulator": Case({"AWS_ENDPOINT_URL": HERE}, flags={"region": "local"}),
    "a profile that is missing": Case(REGION | {"AWS_PROFILE": "a"}, "[default]\noutput = json\n"),
    "a default profile that is named and missing": Case(REGION | {"AWS_PROFILE": "default"}),
    "a profile without a name": Case(REGION | {"AWS_PROFILE": ""}),
    "a flag's profile without a name": Case(REGION, flags={"profile": ""}),
    "a profile with quotes": Case({}, '[default]\nregion = eu-west-1\n[profile "a b"]\n'),
    "a profile that is there twice": Case({}, "[default]\nregion = eu-west-1\n[profile default]\nregion = eu-west-2\n"),
    "a profile that is there twice with other spaces": Case({}, "[default]\nregion = eu-west-1\n[profile a]\n[profile  a]\n"),
    "a profile of two words": Case(REGION, "[profile a b]\n"),
    "a heading like a profile's": Case(REGION, "[profiles a]\n"),
    "a broken file": Case(REGION, "no section\n"),
    "a broken credentials file": Case(REGION, "", "[a]\n[a]\n"),
    "a path with a variable": Case(REGION | {"AWS_CONFIG_FILE": "$HOME/elsewhere"}),
    "a path in another home": Case(REGION | {"AWS_CONFIG_FILE": "~root/elsewhere"}),
    "an empty endpoint of the flag": Case(REGION, flags={"endpoint_url": ""}),
    "a services section that is missing": Case(REGION, "[default]\nservices = s\n"),
    "a services section that is empty": Case(REGION, "[default]\nservices = s\n[services s]\n"),
    "a services section of another grammar": Case(REGION, "[default]\nservices = s\n[services s]\nssm = x\n"),
    "settings of this service in a profile": Case(REGION, "[default]\nssm =\n  signature_version = v4\n"),
    "a CA bundle that is missing": Case(REGION | {"AWS_CA_BUNDLE": "/nowhere"}),
    "a CA bundle that is a directory": Case(REGION | {"AWS_CA_BUNDLE": "{home}"}),
    "an empty CA bundle": Case(REGION | {"AWS_CA_BUNDLE": ""}),
    "a profile's CA bundle that is missing": Case(REGION, "[default]\nca_bundle = /nowhere\n"),
    "FIPS": Case(REGION | {"AWS_USE_FIPS_ENDPOINT": "true"}),
    "FIPS in a profile": Case(REGION, "[default]\nuse_fips_endpoint = True\n"),
    "dual-stack": Case(REGION | {"AWS_USE_DUALSTACK_ENDPOINT": "TRUE"}),
    "dual-stack in a profile": Case(REGION, "", "[default]\nuse_dualstack_endpoint = true\n"),
    "an own version of the API": Case(REGION, "[default]\napi_versions =\n  ssm = 2014-11-06\n"),
    "own data": Case(REGION | {"AWS_DATA_PATH": ""}),
    "own data of a profile": Case(REGION, "[default]\ndata_path = /nowhere\n"),
    "defaults of a mode": Case(REGION | {"AWS_DEFAULTS_MODE": "auto"}),
    "a mode of retries that paces": Case(REGION | {"AWS_RETRY_MODE": "adaptive"}),
    "a mode of retries that is wrong": Case(REGION | {"AWS_RETRY_MODE": ""}),
    "monitoring": Case(REGION | {"AWS_CSM_ENABLED": "true"}),
    "a preference of signatures": Case(REGION | {"AWS_AUTH_SCHEME_PREFERENCE": "sigv4a"}),
    "a bearer token": Case(REGION | {"AWS_BEARER_TOKEN_SSM": "made-up"}),
    "plugins": Case(REGION | {"BOTOCORE_EXPERIMENTAL__PLUGINS": "a=b"}),
    "a log of keys": Case(REGION | {"SSLKEYLOGFILE": "/dev/null"}),
    "a wrong setting of another service": Case(REGION | {"AWS_STS_REGIONAL_ENDPOINTS": "made-up"}),
    "a wrong setting of S3": Case(REGION, "[default]\ns3 =\n  us_east_1_regional_endpoint = made-up\n"),
    "a login of SSO": Case(REGION, "[default]\nsso_session = made-up\n"),
    **{
        f"a proxy in {name}": Case(REGION | {name: "http://127.0.0.1:9"})
        for name in ("http_proxy", "HTTP_PROXY", "https_proxy", "Https_Proxy", "all_proxy", "ALL_PROXY", "socks_proxy")
    },
    **{
        f"the endpoint {url}": Case(REGION | {"AWS_ENDPOINT_URL_SSM": url})
        for url in (
            "127.0.0.1:4566", "ftp://127.0.0.1", "HTTP://127.0.0.1", "http://", "http://a:b@127.0.0.1", "http://127.0.0.1:", "http://127.0.0.1:0",
            "http://127.0.0.1:080", "http://127.0.0.1:65536", "http://127.0.0.1:x", "http://127.0.0.1/path", "http://127.0.0.1//",
            "http://127.0.0.1/?a=b", "http://127.0.0.1?a", "http://127.0.0.1#a", "http://[::1]:4566", "http://[fe80::1%25lo]", "http://127.1",
            "http://127.0.0.01", "http://256.0.0.1", "http://2130706433", "http://a_b", "http://-a", "http://a-", "http://a..b", "http://a.",
            "http://LOCALHOST", "http://münchen", "http://a b", " http://a", "http://a\t", "http://a\\b", "http://" + "a" * 64, "http://a%2e",
            "http://" + "a." * 127 + "a",
        )
    },
}  # fmt: skip


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    home = tmp_path / "home"
    (home / ".aws").mkdir()
    (home / "bundle.pem").write_text("", encoding="utf-8")
    (home / "elsewhere").write_text("[default]\nregion = ap-south-1\n", encoding="utf-8")
    return home


def arrange(case: Case, home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in case.environment.items():
        monkeypatch.setenv(name, value.replace("{home}", str(home)))
    for name, text in (("config", case.config), ("credentials", case.credentials)):
        if text:
            (home / ".aws" / name).write_text(text, encoding="utf-8")


def found(flags: dict[str, str]) -> Endpoint:
    settings = load(flags, os.environ)
    return endpoint.find(os.environ, region=settings.region, profile=settings.profile, endpoint_url=settings.endpoint_url)


def by_the_sdk(flags: dict[str, str]) -> tuple[Any, ...]:
    """URL, host header, region, the region that is signed for, and the trusted certificates (True: the usual ones)."""
    client = Connection(load(flags, os.environ), None)._client("ssm")
    url = client.meta.endpoint_url
    host = SigV4Auth(Credentials("made-up", "made-up"), "ssm", REGION["AWS_DEFAULT_REGION"]).headers_to_sign(AWSRequest("POST", url))[
        "host"
    ]
    return url, host, client.meta.region_name, client._request_signer.region_name, client._endpoint.http_session._verify


def as_the_sdk_says(where: Endpoint) -> tuple[Any, ...]:
    return where.url, where.host_header, where.region, where.region, where.ca_bundle or True


@pytest.mark.parametrize("name", LEAN)
def test_the_endpoint_is_the_sdks(name: str, home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    case = LEAN[name]
    arrange(case, home, monkeypatch)
    assert as_the_sdk_says(found(case.flags)) == by_the_sdk(case.flags)


@pytest.mark.parametrize("name", HANDED_OVER)
def test_what_is_not_known_for_sure_is_for_the_sdk(name: str, home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    case = HANDED_OVER[name]
    arrange(case, home, monkeypatch)
    with pytest.raises(Handover) as caught:
        found(case.flags)
    assert all(value not in str(caught.value) for value in ("made-up", "127.0.0.1"))


def regions() -> list[str]:
    session = botocore.session.Session()
    partitions = session.get_available_partitions()
    own = {region for one in partitions for region in session.get_available_regions("ssm", one, allow_non_regional=True)}
    described = {region for one in session.get_data("partitions")["partitions"] for region in one["regions"]}
    return sorted(own | described)


KNOWN = {region for one in ("aws", "aws-cn", "aws-us-gov") for region in botocore.session.Session().get_available_regions("ssm", one)}


@pytest.mark.parametrize("region", regions())
def test_every_region_has_the_sdks_endpoint(region: str) -> None:
    try:
        where = found({"region": region})
    except Handover:
        assert region not in KNOWN
        return
    assert as_the_sdk_says(where) == by_the_sdk({"region": region})
    assert (where.scheme, where.port, where.host_header) == ("https", 443, where.host)


AREA = st.sampled_from(["us", "eu", "mx", "cn", "us-gov", "us-iso", "eu-isoe", "eusc", "aws", "fips-us", "fips", "EU", ""])
PLACE = st.sampled_from(["east", "x", "northeast", "fips", "gov", "global", "iso", "north1", "a_b", "West", "é", "", "east-fips"])
NUMBER = st.sampled_from(["1", "12", "0", "x", "", "1-fips", "1a", "٣", "1\n"])


@given(st.tuples(AREA, PLACE, NUMBER).map("-".join))
@example("me-west-99")
def test_a_region_that_nobody_knows_yet_has_the_sdks_endpoint_or_none(region: str) -> None:
    try:
        where = found({"region": region})
    except Handover:
        return
    assert as_the_sdk_says(where) == by_the_sdk({"region": region})


LABEL = st.text(st.sampled_from("abz019-_A"), min_size=1, max_size=4)
HOST = st.lists(LABEL, min_size=1, max_size=4).map(".".join)
PORT = st.sampled_from(["", ":80", ":443", ":1", ":8080", ":080", ":0", ":65536", ":", ":x", f":{'9' * 5000}"])
REST = st.sampled_from(["", "/", "//", "/a", "?", "#", "?a=b", " "])
ANYTHING = st.text(st.sampled_from("htps:/.@[]%?#-a0129é \t"), max_size=16)


@given(st.sampled_from(["http://", "https://", ""]), st.tuples(HOST, PORT, REST).map("".join) | ANYTHING)
def test_any_endpoint_is_the_sdks_or_none(scheme: str, rest: str) -> None:
    flags = {"region": "eu-central-1", "endpoint_url": scheme + rest}
    try:
        where = found(flags)
    except Handover:
        return
    assert as_the_sdk_says(where) == by_the_sdk(flags)


@pytest.mark.parametrize(
    ("url", "scheme", "host", "port", "host_header"),
    [
        ("http://127.0.0.1:4566/", "http", "127.0.0.1", 4566, "127.0.0.1:4566"),
        ("http://a.example:80", "http", "a.example", 80, "a.example"),
        ("https://a.example:443", "https", "a.example", 443, "a.example"),
        ("https://a.example:80", "https", "a.example", 80, "a.example:80"),
        ("https://a.example", "https", "a.example", 443, "a.example"),
    ],
)
def test_a_port_is_in_the_host_header_only_where_it_says_something(url: str, scheme: str, host: str, port: int, host_header: str) -> None:
    where = found({"region": "eu-central-1", "endpoint_url": url})
    assert (where.scheme, where.host, where.port, where.host_header, where.url) == (scheme, host, port, host_header, url)


def test_own_data_in_the_home_directory_is_for_the_sdk(home: Path) -> None:
    (home / ".aws" / "models").mkdir()
    with pytest.raises(Handover, match="models"):
        found({"region": "eu-central-1"})


def test_without_a_home_the_user_has_one_all_the_same(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("HOME")
    monkeypatch.setenv("AWS_CONFIG_FILE", str(home / "elsewhere"))
    assert as_the_sdk_says(found({})) == by_the_sdk({})


@pytest.mark.parametrize("path", ["~/.aws/config", "~/../x", "~", "/etc/x", "x~", ""])
@pytest.mark.parametrize("directory", ["/home/somebody", "/home/somebody/", "", "/", None])
def test_a_home_directory_is_pythons(path: str, directory: str | None, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("HOME")
    if directory is not None:
        monkeypatch.setenv("HOME", directory)
    from ssmm_core.store.lean.profile import at_home

    assert path == "~" or at_home(os.environ, path) == os.path.expanduser(path)


def test_an_endpoint_of_the_environment_costs_no_import() -> None:
    script = (
        "import sys, os, ssmm_core.record; before = set(sys.modules)\n"
        "from ssmm_core.store.lean.endpoint import find\n"
        "find(os.environ, region='eu-central-1', profile=None, endpoint_url=None)\n"
        "print(*sorted(set(sys.modules) - before))"
    )
    ran = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True, timeout=60)
    package = "ssmm_core.store"
    own = {package, *(f"{package}.lean{rest}" for rest in ("", ".endpoint", ".ini", ".profile"))}
    assert set(ran.stdout.split()) <= own
