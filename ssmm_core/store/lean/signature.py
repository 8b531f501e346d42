"""Signature Version 4 of AWS, for requests that post a body to `/` (IAM User Guide, "Create a signed AWS API request")."""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping
    from typing import Final

    from ssmm_core.secret import SecretValue

ALGORITHM: Final = "AWS4-HMAC-SHA256"


def authorization(
    headers: Mapping[str, str], body: bytes, *, access_key: str, secret_key: SecretValue, region: str, service: str, moment: str
) -> str:
    """The `Authorization` header of `POST /` with exactly these headers and this body.

    `moment` is the time as `X-Amz-Date` has it, `20150830T123600Z`, and must be among the headers. The secret is used, never kept.
    """
    from hashlib import sha256

    lower = {name.lower(): " ".join(value.split()) for name, value in headers.items()}
    signed = ";".join(sorted(lower))
    canonical = "\n".join(["POST", "/", "", *(f"{name}:{lower[name]}" for name in sorted(lower)), "", signed, sha256(body).hexdigest()])
    scope = f"{moment[:8]}/{region}/{service}/aws4_request"
    to_sign = f"{ALGORITHM}\n{moment}\n{scope}\n{sha256(canonical.encode('utf-8', 'surrogatepass')).hexdigest()}"
    signature = _signature(secret_key, scope.encode(), to_sign.encode())
    return f"{ALGORITHM} Credential={access_key}/{scope}, SignedHeaders={signed}, Signature={signature}"


def _signature(secret_key: SecretValue, scope: bytes, to_sign: bytes) -> str:
    """Nothing in here can fail: an error would have the keys in its frame."""
    from hmac import digest

    key = b"AWS4" + secret_key.reveal().encode("utf-8", "surrogatepass")
    for part in scope.split(b"/"):
        key = digest(key, part, "sha256")
    return digest(key, to_sign, "sha256").hex()
