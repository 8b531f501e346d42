"""Our signature is the one that the SDK would have made."""

from __future__ import annotations

import random
import string
import time

from botocore.auth import SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.credentials import ReadOnlyCredentials

from ssmm_core.secret import SecretValue
from ssmm_core.store.lean.signature import authorization

REQUESTS = 10_000
HOSTS = ["ssm.eu-central-1.amazonaws.com", "ssm.cn-north-1.amazonaws.com.cn", "127.0.0.1:4566", "[::1]:4566", "localhost"]
PRINTABLE = string.ascii_letters + string.digits + string.punctuation


def a_request(random: random.Random) -> tuple[dict[str, str], bytes, str, str, str, str]:
    """Headers, body, access key, secret, region and moment, such as a call may have, and stranger."""
    moment = time.strftime("%Y%m%dT%H%M%SZ", time.gmtime(random.randrange(0, 4_000_000_000)))
    headers = {
        "Host": random.choice(HOSTS),
        "Content-Type": "application/x-amz-json-1.1",
        "X-Amz-Target": f"AmazonSSM.{random.choice(['GetParameters', 'GetParametersByPath', 'DescribeParameters'])}",
        "X-Amz-Date": moment,
    }
    if random.random() < 0.5:
        headers["X-Amz-Security-Token"] = "".join(random.choices(PRINTABLE, k=random.randrange(1, 900)))
    if random.random() < 0.2:
        headers["X-Odd"] = "  a   b\t c " * random.randrange(3)
    text = "".join(random.choices(PRINTABLE + " \n\0äß☃\U0001f512", k=random.randrange(0, 300)))
    access_key = "".join(random.choices(string.ascii_uppercase + string.digits, k=20))
    secret = "".join(random.choices(PRINTABLE, k=random.randrange(1, 60)))
    return headers, text.encode(), access_key, secret, random.choice(["eu-central-1", "us-gov-west-1", "cn-north-1"]), moment


def of_the_sdk(headers: dict[str, str], body: bytes, access_key: str, secret: str, region: str) -> str:
    signer = SigV4Auth(ReadOnlyCredentials(access_key, secret, None), "ssm", region)
    request = AWSRequest("POST", f"https://{headers['Host']}/", headers=headers, data=body)
    request.context["timestamp"] = headers["X-Amz-Date"]
    canonical = signer.canonical_request(request)
    signature = signer.signature(signer.string_to_sign(request, canonical), request)
    names = signer.signed_headers(signer.headers_to_sign(request))
    return f"AWS4-HMAC-SHA256 Credential={signer.scope(request)}, SignedHeaders={names}, Signature={signature}"


def test_ten_thousand_requests_are_signed_as_the_sdk_signs_them() -> None:
    source = random.Random(20_150_830)
    for _ in range(REQUESTS):
        headers, body, access_key, secret, region, moment = a_request(source)
        ours = authorization(
            headers, body, access_key=access_key, secret_key=SecretValue(secret), region=region, service="ssm", moment=moment
        )
        assert ours == of_the_sdk(headers, body, access_key, secret, region)


def test_no_secret_is_so_odd_that_signing_would_show_it_in_an_error() -> None:
    for odd in ("sentinel\udcff", "sentinel\ud800", ""):
        signed = authorization(
            {"X-Amz-Security-Token": odd}, b"", access_key="made-up", secret_key=SecretValue(odd), region="x", service="ssm", moment="2015"
        )
        assert "sentinel" not in signed
