"""Who the store is, and where it connects: credentials, profiles, regions, endpoints, TLS."""

from __future__ import annotations

import datetime
import http.server
import os
import socket
import ssl
import threading
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from ssmm_core.errors import (
    CredentialsMissing,
    CredentialsRejected,
    DeadlineExceeded,
    ExitCode,
    SettingsError,
    SsmmError,
    Unreachable,
)
from ssmm_core.settings import Settings
from ssmm_core.store.aws import AwsStore
from ssmm_core.store.delivery import LeanFirst
from tests.conftest import REGION, Ssm
from tests.store.calls import (
    CALLS,
    SENTINEL,
    names_of,
    walked,
)

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.store.conftest import Connect
    from tests.support.faults import Faults


class Delivering(AwsStore):
    """The store whose reads go the way of what is delivered: our own connection, and the SDK for what is not for it."""

    def __init__(self, settings: Settings) -> None:
        super().__init__(settings)
        self._connection = LeanFirst(settings, os.environ, None, None)


@pytest.fixture(params=[AwsStore, Delivering], ids=["sdk", "delivery"])
def connect(request: pytest.FixtureRequest) -> Connect:
    made: Connect = request.param
    return made


def failing(connect: Connect, kind: type[SsmmError], code: ExitCode, settings: Settings) -> SsmmError:
    """The one line that a first read ends in."""
    with pytest.raises(kind) as caught:
        walked(connect(settings))
    assert caught.value.exit_code == code
    assert "\n" not in str(caught.value)
    return caught.value


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as server:
        return int(server.getsockname()[1])


def test_the_region_comes_from_the_settings_or_the_sdks_own_configuration(
    connect: Connect, endpoint: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert connect(Settings(region="eu-west-1")).region == "eu-west-1"
    monkeypatch.setenv("AWS_DEFAULT_REGION", "eu-north-1")
    assert connect(Settings()).region == "eu-north-1"


def test_a_budget_has_the_timeout_of_the_settings(connect: Connect, endpoint: str) -> None:
    assert connect(Settings(region=REGION, timeout=7)).budget().seconds == 7


def test_without_credentials_it_says_how_to_give_some(connect: Connect, endpoint: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("AWS_ACCESS_KEY_ID")
    monkeypatch.delenv("AWS_SECRET_ACCESS_KEY")
    error = failing(connect, CredentialsMissing, ExitCode.TEMPORARY, Settings(region=REGION))
    assert error.message == "no AWS credentials found"
    assert "--profile" in error.hint


def test_half_of_the_credentials_are_not_enough(connect: Connect, endpoint: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("AWS_SECRET_ACCESS_KEY")
    assert "incomplete" in failing(connect, SettingsError, ExitCode.SETTINGS, Settings(region=REGION)).message


def test_without_a_region_it_says_how_to_give_one(connect: Connect, endpoint: str) -> None:
    error = failing(connect, SettingsError, ExitCode.SETTINGS, Settings())
    assert str(error) == "no AWS region. Pass --region or set AWS_REGION."


@pytest.mark.parametrize("source", ["flag", "environment"])
def test_a_profile_that_does_not_exist_is_named(connect: Connect, endpoint: str, monkeypatch: pytest.MonkeyPatch, source: str) -> None:
    if source == "environment":
        monkeypatch.setenv("AWS_PROFILE", "nobody")
    error = failing(connect, SettingsError, ExitCode.SETTINGS, Settings(profile="nobody" if source == "flag" else None))
    assert "there is no AWS profile 'nobody'" in error.message
    assert "--profile" in error.hint


def aws_config(text: str) -> None:
    folder = Path.home() / ".aws"
    folder.mkdir()
    (folder / "config").write_text(text, encoding="utf-8")


def test_a_profile_brings_its_region_and_credentials(connect: Connect, endpoint: str, ssm: Ssm, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
        monkeypatch.delenv(name)
    aws_config(f"[profile ours]\nregion = {REGION}\naws_access_key_id = made-up\naws_secret_access_key = made-up-too\n")
    ssm.put("/myteam/web/a", "x", "String")
    store = connect(Settings(profile="ours"))
    assert store.region == REGION
    assert names_of(walked(store)) == ["/myteam/web/a"]


def test_a_broken_configuration_of_the_sdk_is_named(connect: Connect, endpoint: str) -> None:
    aws_config("no section\n")
    assert "AWS configuration file cannot be read" in failing(connect, SettingsError, ExitCode.SETTINGS, Settings(region=REGION)).message


def test_an_sso_session_that_is_missing_says_to_log_in(connect: Connect, endpoint: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("AWS_ACCESS_KEY_ID")
    monkeypatch.delenv("AWS_SECRET_ACCESS_KEY")
    aws_config(
        "[profile sso]\nsso_session = ours\nsso_account_id = 123456789012\nsso_role_name = made-up\n"
        "[sso-session ours]\nsso_region = eu-central-1\nsso_start_url = http://127.0.0.1:9/start\n"
    )
    error = failing(connect, CredentialsRejected, ExitCode.DENIED, Settings(region=REGION, profile="sso"))
    assert "aws sso login" in error.hint


def test_a_source_of_credentials_that_fails_is_temporary(connect: Connect, endpoint: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("AWS_ACCESS_KEY_ID")
    monkeypatch.delenv("AWS_SECRET_ACCESS_KEY")
    aws_config(f"[profile process]\ncredential_process = sh -c 'echo {SENTINEL} >&2; exit 1'\n")
    error = failing(connect, CredentialsMissing, ExitCode.TEMPORARY, Settings(region=REGION, profile="process"))
    assert SENTINEL not in str(error)


@pytest.mark.parametrize("code", ["ExpiredTokenException", "UnrecognizedClientException"])
def test_credentials_that_are_rejected_are_not_tried_again(faulty_store: AwsStore, faults: Faults, code: str) -> None:
    faults.refuse("GetParametersByPath", code, "The security token included in the request is expired")
    with pytest.raises(CredentialsRejected, match=f"AWS rejected the credentials \\({code}\\)"):
        walked(faulty_store)
    assert faults.count("GetParametersByPath") == 1


def test_an_endpoint_that_nobody_listens_at_is_unreachable(connect: Connect, faults: Faults) -> None:
    url = f"http://127.0.0.1:{free_port()}"
    error = failing(connect, Unreachable, ExitCode.TEMPORARY, Settings(region=REGION, endpoint_url=url))
    assert error.message == f"cannot reach Parameter Store at {url}"
    assert "--endpoint-url" in error.hint


def test_an_endpoint_that_nobody_listens_at_is_given_no_longer_than_the_timeout(connect: Connect, endpoint: str) -> None:
    url = f"http://127.0.0.1:{free_port()}"
    error = failing(connect, DeadlineExceeded, ExitCode.TEMPORARY, Settings(region=REGION, endpoint_url=url, timeout=0.2))
    assert f"cannot reach Parameter Store at {url}" in error.message


def test_an_endpoint_that_takes_calls_and_never_answers_is_given_no_longer_than_the_timeout(connect: Connect, endpoint: str) -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        url = f"http://127.0.0.1:{server.getsockname()[1]}"
        error = failing(connect, DeadlineExceeded, ExitCode.TEMPORARY, Settings(region=REGION, endpoint_url=url, timeout=0.2))
    assert "no answer from Parameter Store" in error.message


@pytest.mark.parametrize("url", ["localhost:4566", "nonsense", "http://", "127.0.0.1"])
def test_an_endpoint_that_is_no_url_is_named(connect: Connect, endpoint: str, url: str) -> None:
    error = failing(connect, SettingsError, ExitCode.SETTINGS, Settings(region=REGION, endpoint_url=url))
    assert repr(url) in error.message
    assert "https://HOST" in error.hint


def test_an_endpoint_from_the_environment_that_is_no_url_is_named_too(
    connect: Connect, endpoint: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("AWS_ENDPOINT_URL_SSM", "nonsense")
    assert "nonsense" in failing(connect, SettingsError, ExitCode.SETTINGS, Settings(region=REGION)).message


class _Page(http.server.BaseHTTPRequestHandler):
    """A web page in the place of Parameter Store, as a captive portal or a wrong port has it."""

    disable_nagle_algorithm = True

    def do_POST(self) -> None:
        self.rfile.read(int(self.headers["Content-Length"]))
        content = b"<!doctype html><title>Log in</title>"
        self.send_response(200)
        self.send_header("Content-Type", "text/html")
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)

    def log_message(self, *_arguments: object) -> None:
        pass


@pytest.fixture
def web_page() -> Iterator[http.server.ThreadingHTTPServer]:
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), _Page)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    yield server
    server.shutdown()
    server.server_close()
    thread.join()


@pytest.mark.parametrize("operation", CALLS)
def test_a_web_page_is_not_parameter_store_nor_an_empty_one(
    connect: Connect, endpoint: str, web_page: http.server.ThreadingHTTPServer, operation: str
) -> None:
    url = f"http://127.0.0.1:{web_page.server_port}"
    with pytest.raises(SettingsError, match="is not Parameter Store") as caught:
        CALLS[operation](connect(Settings(region=REGION, endpoint_url=url)))
    assert url in str(caught.value)


@pytest.mark.parametrize("source", ["environment", "profile"])
def test_a_token_file_that_is_not_there_yet_is_named_and_may_heal(
    connect: Connect, endpoint: str, monkeypatch: pytest.MonkeyPatch, source: str
) -> None:
    monkeypatch.delenv("AWS_ACCESS_KEY_ID")
    role = "arn:aws:iam::123456789012:role/made-up"
    if source == "environment":
        monkeypatch.setenv("AWS_WEB_IDENTITY_TOKEN_FILE", "/nonexistent/token")
        monkeypatch.setenv("AWS_ROLE_ARN", role)
    else:
        folder = Path.home() / ".aws"
        folder.mkdir()
        (folder / "config").write_text(f"[default]\nrole_arn = {role}\nweb_identity_token_file = /nonexistent/token\n")
    error = failing(connect, CredentialsMissing, ExitCode.TEMPORARY, Settings(region=REGION))
    assert error.message == "/nonexistent/token cannot be read"


def test_a_text_that_is_no_region_is_named(connect: Connect, endpoint: str) -> None:
    assert failing(connect, SettingsError, ExitCode.SETTINGS, Settings(region="us east")).message == "'us east' is no AWS region"


def test_a_part_that_the_sdk_lacks_is_told(connect: Connect, endpoint: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("AWS_ACCESS_KEY_ID")
    folder = Path.home() / ".aws"
    folder.mkdir()
    (folder / "config").write_text("[default]\nlogin_session = arn:aws:iam::123456789012:user/made-up\n")
    assert "botocore[crt]" in failing(connect, SettingsError, ExitCode.SETTINGS, Settings(region=REGION)).hint


# TLS


@pytest.fixture
def tls_endpoint(web_page: http.server.ThreadingHTTPServer, tmp_path: Path) -> str:
    """An HTTPS endpoint with a certificate that nobody has signed."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "made-up")])
    now = datetime.datetime.now(datetime.UTC)
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(1)
        .not_valid_before(now - datetime.timedelta(days=1))
        .not_valid_after(now + datetime.timedelta(days=1))
        .sign(key, hashes.SHA256())
    )
    path = tmp_path / "tls.pem"
    path.write_bytes(
        key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
        + certificate.public_bytes(serialization.Encoding.PEM)
    )
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(path)
    web_page.handle_error = lambda *_arguments: None  # type: ignore[method-assign]
    web_page.socket = context.wrap_socket(web_page.socket, server_side=True)
    return f"https://127.0.0.1:{web_page.server_port}"


def test_a_certificate_that_nobody_signed_is_refused_at_once(connect: Connect, endpoint: str, tls_endpoint: str) -> None:
    error = failing(connect, SettingsError, ExitCode.SETTINGS, Settings(region=REGION, endpoint_url=tls_endpoint))
    assert error.message == f"TLS with Parameter Store at {tls_endpoint} failed"
    assert "AWS_CA_BUNDLE" in error.hint


def test_an_endpoint_that_speaks_no_tls_says_that_tls_failed(connect: Connect, endpoint: str) -> None:
    url = endpoint.replace("http://", "https://")
    assert (
        failing(connect, SettingsError, ExitCode.SETTINGS, Settings(region=REGION, endpoint_url=url)).message
        == f"TLS with Parameter Store at {url} failed"
    )


def test_the_demonstrations_own_credentials_depend_on_nothing_in_the_environment(
    connect: Connect, endpoint: str, ssm: Ssm, monkeypatch: pytest.MonkeyPatch
) -> None:
    ssm.put("/myteam/web/a", "x", "String")
    for name, value in {
        "AWS_PROFILE": "nobody",
        "AWS_ENDPOINT_URL_SSM": "nonsense",
        "AWS_SESSION_TOKEN": "made-up",
        "HTTP_PROXY": "http://127.0.0.1:9",
    }.items():
        monkeypatch.setenv(name, value)
    store = connect(Settings(region=REGION, endpoint_url=endpoint, credentials=("demo", "demo")))
    assert names_of(walked(store)) == ["/myteam/web/a"]
