"""Whom our connection trusts: only who can prove the name it was asked for, over TLS 1.2 or newer."""

from __future__ import annotations

import datetime
import functools
import ipaddress
import os
import shutil
import ssl
import subprocess
from pathlib import Path
from typing import NamedTuple

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from ssmm_core.errors import ReplyLost, SettingsError
from ssmm_core.settings import Settings
from ssmm_core.store.aws import AwsStore
from ssmm_core.store.delivery import reader
from ssmm_core.store.lean import Handover
from ssmm_core.store.lean.connection import LeanConnection
from ssmm_core.store.lean.http import HttpConnection, NoAnswer, NotTrusted
from ssmm_core.store.lean.tls import Trust
from tests.conftest import CREDENTIALS, REGION
from tests.store.test_lean_http import BODY, ask, with_length
from tests.support.raw_server import LONG, Peer, RawServer, always, raw_server

DAY = datetime.timedelta(days=1)
NOW = datetime.datetime.now(datetime.UTC)
HERE = ("localhost", "127.0.0.1")


class Certificate(NamedTuple):
    """A certificate and its key, and whose authority vouches for it: all PEM."""

    shown: bytes
    key: bytes
    root: bytes


@functools.cache
def certified(
    *names: str,
    since: datetime.datetime = NOW - DAY,
    until: datetime.datetime = NOW + DAY,
    authority: str = "made-up authority",
    by_itself: bool = False,
) -> Certificate:
    """A certificate for these host names and addresses, of an authority of its own unless it is `by_itself`."""
    ours, theirs = ec.generate_private_key(ec.SECP256R1()), ec.generate_private_key(ec.SECP256R1())
    subject, issuer = (x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)]) for name in ("localhost", authority))

    def signed(name: x509.Name, key: ec.EllipticCurvePrivateKey, *, is_authority: bool, alone: bool) -> bytes:
        builder = x509.CertificateBuilder(
            issuer_name=name if alone else issuer,
            subject_name=name,
            public_key=key.public_key(),
            serial_number=x509.random_serial_number(),
            not_valid_before=NOW - DAY if is_authority else since,
            not_valid_after=NOW + DAY if is_authority else until,
        ).add_extension(x509.BasicConstraints(ca=is_authority, path_length=None), critical=True)
        if not is_authority:
            places = [x509.IPAddress(ipaddress.ip_address(one)) if one[0].isdigit() else x509.DNSName(one) for one in names]
            builder = builder.add_extension(x509.SubjectAlternativeName(places), critical=False)
        certificate = builder.sign(key if alone else theirs, hashes.SHA256())
        return certificate.public_bytes(serialization.Encoding.PEM)

    return Certificate(
        signed(subject, ours, is_authority=False, alone=by_itself),
        ours.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()),
        signed(issuer, theirs, is_authority=True, alone=True),
    )


GOOD = certified(*HERE)
BAD = {
    "certificate has expired": certified(*HERE, since=NOW - 2 * DAY, until=NOW - DAY),
    "certificate is not yet valid": certified(*HERE, since=NOW + DAY / 2, until=NOW + DAY),
    "self-signed certificate": certified(*HERE, by_itself=True),
    "IP address mismatch": certified("localhost"),
    "IP address mismatch, ": certified("other.invalid", "127.0.0.2"),
}
UNKNOWN = {
    "unable to get local issuer certificate": certified(*HERE, authority="another authority"),
    "certificate signature failure": certified(*HERE, since=NOW - DAY / 2),  # its authority bears the name of the one that is trusted
}


def of_server(certificate: Certificate, folder: Path) -> ssl.SSLContext:
    path = folder / "server.pem"
    path.write_bytes(certificate.key + certificate.shown)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(path)
    return context


def trusting(certificate: Certificate, folder: Path) -> str:
    path = folder / "root.pem"
    path.write_bytes(certificate.root)
    return str(path)


def connection(server: RawServer, trust: Trust, host: str = "127.0.0.1") -> HttpConnection:
    return HttpConnection(host, server.port, connect=LONG, read=LONG, context=trust.context)


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Where certificates are. The environment has credentials."""
    for name, value in CREDENTIALS.items():
        monkeypatch.setenv(name, value)
    return tmp_path


def settings(server: RawServer) -> Settings:
    return Settings(region=REGION, endpoint_url=server.url, timeout=5)


@pytest.mark.parametrize("host", HERE)
@pytest.mark.parametrize("version", [ssl.TLSVersion.TLSv1_2, ssl.TLSVersion.TLSv1_3])
def test_a_server_that_proves_its_name_or_address_is_asked(folder: Path, host: str, version: ssl.TLSVersion) -> None:
    context = of_server(GOOD, folder)
    context.minimum_version = context.maximum_version = version
    with raw_server(always(with_length()), context) as server:
        asking = connection(server, Trust(trusting(GOOD, folder)), host)
        asking.open()
        for _ in range(3):  # the tickets that TLS 1.3 sends by itself are not taken for an answer
            assert ask(asking).body == BODY
        assert isinstance(asking._socket, ssl.SSLSocket)
        assert asking._socket.version() == {ssl.TLSVersion.TLSv1_2: "TLSv1.2", ssl.TLSVersion.TLSv1_3: "TLSv1.3"}[version]
        assert (server.connections, len(server.requests)) == (1, 3)
        asking.close()


@pytest.mark.parametrize("reason", BAD | UNKNOWN)
def test_whoever_cannot_prove_the_name_is_sent_nothing_and_the_sdk_says_why(
    folder: Path, monkeypatch: pytest.MonkeyPatch, reason: str
) -> None:
    bad = (BAD | UNKNOWN)[reason]
    trusted = trusting(GOOD if reason in UNKNOWN else bad, folder)
    monkeypatch.setenv("AWS_CA_BUNDLE", trusted)
    told: list[str] = []
    with raw_server(always(with_length()), of_server(bad, folder)) as server:
        with pytest.raises(NotTrusted, match=reason):
            connection(server, Trust(trusted)).open()
        errors = []
        for store in (AwsStore(settings(server)), reader(settings(server), os.environ, trace=told.append)):
            with pytest.raises(SettingsError) as caught:
                list(store.walk("/myteam", decrypt=True, budget=store.budget()))
            errors.append(caught.value)
        assert server.requests == []
    assert str(errors[0]) == str(errors[1])
    assert f"TLS with Parameter Store at {server.url} failed" in str(errors[0])
    assert any(line.startswith(f"by the AWS SDK: TLS with 127.0.0.1 failed: {reason.strip(', ')}") for line in told)


@pytest.mark.filterwarnings("ignore:ssl.TLSVersion:DeprecationWarning")
@pytest.mark.parametrize("version", [ssl.TLSVersion.TLSv1, ssl.TLSVersion.TLSv1_1])
def test_no_version_before_tls_1_2_is_spoken(folder: Path, version: ssl.TLSVersion) -> None:
    context = of_server(GOOD, folder)
    theirs = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    theirs.load_verify_locations(trusting(GOOD, folder))
    for one in (context, theirs):
        one.set_ciphers("ALL:@SECLEVEL=0")
        one.minimum_version = one.maximum_version = version
    with raw_server(always(with_length()), context) as server:
        asking = HttpConnection("127.0.0.1", server.port, connect=LONG, read=LONG, context=lambda: theirs)
        assert ask(asking).body == BODY  # a client that would, can
        asking.close()
        with pytest.raises(NotTrusted):
            connection(server, Trust(trusting(GOOD, folder))).open()
        assert len(server.requests) == 1


def test_a_server_without_tls_is_not_trusted(folder: Path) -> None:
    def serve(peer: Peer) -> None:
        peer.receive()
        peer.send(with_length())

    with raw_server(serve) as server, pytest.raises(NotTrusted):
        connection(server, Trust(trusting(GOOD, folder))).open()


def test_a_server_that_breaks_off_while_tls_is_agreed_on_gives_no_answer(folder: Path) -> None:
    def serve(peer: Peer) -> None:
        peer.receive()
        peer.reset()

    with raw_server(serve) as server, pytest.raises(NoAnswer):
        connection(server, Trust(trusting(GOOD, folder))).open()


def test_a_server_that_breaks_off_before_tls_is_begun_gives_no_answer(folder: Path) -> None:
    trust = Trust(trusting(GOOD, folder))
    with raw_server(Peer.reset) as server:

        def once_it_is_gone() -> ssl.SSLContext:
            assert server.ended.acquire(timeout=LONG)
            return trust.context()

        with pytest.raises(NoAnswer):
            HttpConnection("127.0.0.1", server.port, connect=LONG, read=LONG, context=once_it_is_gone).open()


@pytest.mark.parametrize("said", [b"HTTP/1.1 200 OK\r\n\r\n", b"HTTP/1.0 200 OK\r\n\r\n"])
@pytest.mark.parametrize("is_whole", [True, False])
def test_an_answer_until_the_end_is_whole_only_where_tls_says_that_it_ended(folder: Path, said: bytes, is_whole: bool) -> None:
    def serve(peer: Peer) -> None:
        peer.request()
        peer.send(said + BODY)
        if is_whole:
            peer.say_goodbye()

    with raw_server(serve, of_server(GOOD, folder)) as server:
        asking = connection(server, Trust(trusting(GOOD, folder)))
        if is_whole:
            assert ask(asking).body == BODY
        else:
            with pytest.raises(NoAnswer):
                ask(asking)


def test_once_something_was_sent_nothing_is_handed_over(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_CA_BUNDLE", trusting(GOOD, folder))
    with raw_server(always(with_length(BODY, b"Connection: close")), of_server(GOOD, folder)) as server:
        lean = LeanConnection(settings(server), os.environ, None)
        assert lean.send("ssm", "GetParameters", "/myteam", {}) == {"Parameters": []}
        server.context = of_server(BAD["self-signed certificate"], folder)
        with pytest.raises(ReplyLost, match="no answer from Parameter Store"):
            lean.send("ssm", "GetParameters", "/myteam", {})
        assert len(server.requests) == 1


# What is trusted


@pytest.mark.parametrize("text", [b"", b"no certificate\n", GOOD.root[:-60]])
def test_certificates_that_cannot_be_read_are_for_the_sdk_and_nobody_is_asked(folder: Path, text: bytes) -> None:
    path = folder / "broken.pem"
    path.write_bytes(text)
    with raw_server(always(with_length()), of_server(GOOD, folder)) as server:
        with pytest.raises(Handover, match="the trusted certificates cannot be read"):
            connection(server, Trust(str(path))).open()
        assert server.requests == []


def hashed(certificate: Certificate, folder: Path) -> Path:
    """A directory with the authority under its hash, as OpenSSL looks it up, beside others that nobody needs."""
    directory = folder / "certs"
    directory.mkdir()
    named = ["openssl", "x509", "-noout", "-subject_hash", "-in", trusting(certificate, folder)]
    name = subprocess.run(named, capture_output=True, check=True, text=True).stdout.strip()
    (directory / f"{name}.0").write_bytes(certificate.root)
    (directory / "00000000.0").write_text("broken\n", encoding="utf-8")
    os.mkfifo(directory / "11111111.0")  # who reads it waits for ever
    return directory


@pytest.mark.skipif(shutil.which("openssl") is None, reason="openssl is not installed")
def test_of_the_machines_directory_only_the_authority_that_is_asked_for_is_read(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    directories = [str(hashed(GOOD, folder))]
    with raw_server(always(with_length()), of_server(GOOD, folder)) as server:
        trust = Trust("", directories)
        assert trust.context().get_ca_certs() == []
        asking = connection(server, trust)
        assert ask(asking).body == BODY
        assert len(trust.context().get_ca_certs()) == 1
        asking.close()
        with pytest.raises(NotTrusted):  # the directory is not asked where a file is named
            connection(server, Trust(trusting(certified("another.invalid"), folder), directories)).open()
        monkeypatch.setenv("SSL_CERT_DIR", directories[0])
        with pytest.raises(NotTrusted):  # the environment does not say whom to trust, for the SDK does not let it
            connection(server, Trust("")).open()


@pytest.mark.parametrize("directory", ["missing", "empty"])
def test_without_a_directory_of_hashes_the_packaged_certificates_are_trusted(folder: Path, directory: str) -> None:
    (folder / "empty").mkdir()
    trust = Trust("", [str(folder / directory)])
    assert len(trust.context().get_ca_certs()) > 50
    with raw_server(always(with_length()), of_server(GOOD, folder)) as server, pytest.raises(NotTrusted):
        connection(server, trust).open()


def test_a_machine_without_any_certificates_is_for_the_sdk(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sys.path", [str(folder)])
    with pytest.raises(Handover, match="no certificates"):
        Trust("", [str(folder / "missing")]).context()


def test_the_certificates_are_read_once_for_all_connections(folder: Path) -> None:
    trust = Trust(trusting(GOOD, folder))
    assert trust.context() is trust.context()
