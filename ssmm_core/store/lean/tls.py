"""Whom a connection trusts: certificates and host names are always verified, with TLS 1.2 or newer."""

from __future__ import annotations

import os
import sys
import threading

from ssmm_core.store.lean import Handover

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence
    from ssl import SSLContext


class Trust:
    """The certificates of a file, or those that the machine trusts. Read when the first connection needs them, then shared by all.

    `directories` of hashed certificates stand for the machine's own, if there are any.
    """

    def __init__(self, ca_bundle: str, directories: Sequence[str] = ()) -> None:
        self._ca_bundle = ca_bundle
        self._directories = directories
        self._making = threading.Lock()
        self._context: SSLContext | None = None

    def context(self) -> SSLContext:
        """What a connection needs to agree on TLS.

        Raises:
            Handover: there are no certificates to trust, or they cannot be read.
        """
        with self._making:
            if self._context is None:
                self._context = _context(self._ca_bundle, self._directories)
            return self._context


def _context(ca_bundle: str, directories: Sequence[str]) -> SSLContext:
    """The system's directory of hashed certificates costs nothing until one is asked for, where a file of all takes 20 to 60 ms."""
    import ssl  # 9 ms

    made = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    made.minimum_version = ssl.TLSVersion.TLSv1_2
    made.set_alpn_protocols(["http/1.1"])
    # OpenSSL's own, and where it is on most machines. Not SSL_CERT_DIR: the SDK does not look at it either.
    places = directories or (ssl.get_default_verify_paths().openssl_capath, "/etc/ssl/certs")
    directory = "" if ca_bundle else next(filter(_is_hashed, places), "")
    try:
        if directory:
            made.load_verify_locations(capath=directory)
        else:
            made.load_verify_locations(cafile=ca_bundle or _packaged())
    except (OSError, ValueError) as error:
        raise Handover(f"the trusted certificates cannot be read ({type(error).__name__})") from None
    return made


def _is_hashed(directory: str) -> bool:
    """Whether OpenSSL finds certificates in it by the hash of their subject: `c_rehash` names them so."""
    try:
        with os.scandir(directory) as entries:
            return any(entry.name.endswith(".0") for entry in entries)
    except OSError:
        return False


def _packaged() -> str:
    """The certificates that the SDK trusts: certifi's where it is installed, else its own."""
    places = [os.path.join(folder, package, "cacert.pem") for package in ("certifi", "botocore") for folder in sys.path]
    found = next((place for place in places if os.path.isfile(place)), "")
    if not found:
        raise Handover("no certificates that this machine trusts were found")
    return found
