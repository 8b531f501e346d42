"""Whose credentials sign: those that the SDK's chain would find, as long as they are plain to have.

The order is the SDK's (botocore 1.44, `create_credential_resolver`). What stands in it and is not known here ends the search.
"""

from __future__ import annotations

import os

from ssmm_core.record import Record
from ssmm_core.secret import SecretValue
from ssmm_core.store.lean import Handover
from ssmm_core.store.lean.endpoint import address, refuse_proxies
from ssmm_core.store.lean.profile import at_home, load, plain

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping
    from typing import Any, Final

    from ssmm_core.store.lean.endpoint import Address
    from ssmm_core.store.lean.http import Answer, HttpConnection
    from ssmm_core.store.lean.ini import Section
    from ssmm_core.store.lean.profile import Profile

INSTANCE: Final = "http://169.254.169.254"
CONTAINER: Final = "http://169.254.170.2"
_CONTAINER_HOSTS: Final = ("169.254.170.2", "169.254.170.23", "localhost", "127.0.0.1")
"""Whom the SDK asks in the clear: a container's own addresses in ECS and EKS, and the machine itself. Those of IPv6 are for the SDK."""
_INSTANCE_SECONDS: Final = 1.0
_CONTAINER_SECONDS: Final = 2.0
_STILL_GOOD: Final = 15 * 60
"""Seconds: a container's credentials that end sooner are fetched anew by the SDK."""
_ROLES: Final = "/latest/meta-data/iam/security-credentials/"


class Credentials(Record):
    """Who asks. `token` is empty where there is none. `method` is the SDK's word for the source."""

    access_key: str
    secret_key: SecretValue
    token: SecretValue
    method: str


def find(environ: Mapping[str, str], *, profile: str | None) -> Credentials:
    """The credentials for this flag (None: not given), this environment, and what they lead to: files, a container's or instance's service.

    Raises:
        Handover: the SDK would find others, or might, or none.
    """
    chosen = load(environ, profile)
    instance = _instance(environ, chosen)  # the SDK reads these settings first, and fails where they are wrong
    if not chosen.by_flag and environ.get("AWS_ACCESS_KEY_ID"):
        return _of_environment(environ)
    _refuse_roles(environ, chosen)
    if "aws_access_key_id" in chosen.shared:
        return _of_section(chosen.shared, "shared-credentials-file")
    for key in ("login_session", "credential_process"):
        if key in chosen.settings:
            raise Handover(f"the profile has {key}")
    if "aws_access_key_id" in chosen.configured:
        return _of_section(chosen.configured, "config-file")
    _refuse_old_files(environ)
    if "AWS_CONTAINER_CREDENTIALS_RELATIVE_URI" in environ or "AWS_CONTAINER_CREDENTIALS_FULL_URI" in environ:
        return _of_container(environ)
    if environ.get("AWS_EC2_METADATA_DISABLED", "").lower() == "true":
        raise Handover("there are no credentials")
    refuse_proxies(environ)
    return _of_instance(instance)


def _of_environment(environ: Mapping[str, str]) -> Credentials:
    if environ.get("AWS_CREDENTIAL_EXPIRATION"):
        raise Handover("the environment's credentials expire")
    token = environ.get("AWS_SECURITY_TOKEN") or environ.get("AWS_SESSION_TOKEN") or ""
    return _credentials(environ["AWS_ACCESS_KEY_ID"], environ.get("AWS_SECRET_ACCESS_KEY"), token, "env")


def _of_section(section: Section, method: str) -> Credentials:
    token = plain(section, "aws_security_token")
    if token is None:
        token = plain(section, "aws_session_token") or ""
    return _credentials(plain(section, "aws_access_key_id"), plain(section, "aws_secret_access_key"), token, method)


def _refuse_roles(environ: Mapping[str, str], profile: Profile) -> None:
    if not profile.by_flag and environ.get("AWS_WEB_IDENTITY_TOKEN_FILE"):
        raise Handover("the environment has a web identity")
    for key in profile.settings:
        if key in ("role_arn", "web_identity_token_file") or key.startswith("sso_"):
            raise Handover(f"the profile has {key}")


def _refuse_old_files(environ: Mapping[str, str]) -> None:
    """Boto's and the first EC2 tools' files of credentials."""
    if "AWS_CREDENTIAL_FILE" in environ or "BOTO_CONFIG" in environ:
        raise Handover("the environment names a file of credentials of old")
    if any(os.path.isfile(path) for path in ("/etc/boto.cfg", at_home(environ, "~/.boto"))):
        raise Handover("there is a configuration file of boto")


def _of_container(environ: Mapping[str, str]) -> Credentials:
    relative = environ.get("AWS_CONTAINER_CREDENTIALS_RELATIVE_URI")
    where = address(environ["AWS_CONTAINER_CREDENTIALS_FULL_URI"] if relative is None else CONTAINER + relative)
    if where.scheme != "http" or where.host not in _CONTAINER_HOSTS or not where.path:
        raise Handover("the container's service of credentials is not understood for sure")
    headers = {"Host": where.host_header, "Accept": "application/json"}
    token = _container_token(environ)
    if token is not None:
        headers["Authorization"] = token
    from ssmm_core.store.lean.http import HttpConnection

    connection = HttpConnection(where.host, where.port, connect=_CONTAINER_SECONDS, read=_CONTAINER_SECONDS)
    try:
        said = _object(_ask(connection, "GET", where.path, headers))
    finally:
        connection.close()
    if _end(said) <= _utc(_STILL_GOOD):
        raise Handover("the container's credentials end soon")
    return _credentials(said.get("AccessKeyId"), said.get("SecretAccessKey"), said.get("Token"), "container-role")


def _container_token(environ: Mapping[str, str]) -> str | None:
    path = environ.get("AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE")
    token = environ.get("AWS_CONTAINER_AUTHORIZATION_TOKEN")
    if path is not None:
        try:
            with open(path, encoding="latin-1", newline="") as file:
                token = file.read()
        except (OSError, ValueError):
            token = ""
    if token is not None and not (token and token == token.strip() and _is_printable(token)):
        raise Handover("the container's token cannot be read")
    return token


def _instance(environ: Mapping[str, str], profile: Profile) -> Address:
    """Where the instance is asked.

    Raises:
        Handover: it is not IPv4, not a plain URL, or one of its settings is wrong.
    """
    for variable, key in (
        ("AWS_METADATA_SERVICE_TIMEOUT", "metadata_service_timeout"),
        ("AWS_METADATA_SERVICE_NUM_ATTEMPTS", "metadata_service_num_attempts"),
    ):
        number = profile.setting(environ, variable, key)
        if number is not None and not (number.isascii() and number.isdigit() and len(number) <= 3 and int(number)):
            raise Handover(f"{key} is not understood for sure")
    mode = profile.setting(environ, "AWS_EC2_METADATA_SERVICE_ENDPOINT_MODE", "ec2_metadata_service_endpoint_mode")
    if mode not in (None, "ipv4", "IPv4"):
        raise Handover("the instance is asked over IPv6")
    if mode is None and profile.setting(environ, "AWS_IMDS_USE_IPV6", "imds_use_ipv6") not in (None, "", "false", "False"):
        raise Handover("the instance is asked over IPv6")
    url = profile.setting(environ, "AWS_EC2_METADATA_SERVICE_ENDPOINT", "ec2_metadata_service_endpoint")
    where = address(url or INSTANCE)
    if where.scheme != "http" or where.path not in ("", "/"):
        raise Handover("where the instance is asked is not understood for sure")
    return where


def _of_instance(where: Address) -> Credentials:
    """What the second version of the instance's service says. The first is never asked, which answers any request that gets there."""
    from ssmm_core.store.lean.http import HttpConnection

    connection = HttpConnection(where.host, where.port, connect=_INSTANCE_SECONDS, read=_INSTANCE_SECONDS)
    headers = {"Host": where.host_header, "User-Agent": "ssmm", "Accept": "*/*"}
    asking = {"X-aws-ec2-metadata-token-ttl-seconds": "21600", "Content-Length": "0"}
    try:
        headers["X-aws-ec2-metadata-token"] = _word(_ask(connection, "PUT", "/latest/api/token", headers | asking))
        role = _word(_ask(connection, "GET", _ROLES, headers))
        if not all(char.isalnum() or char in "+=,.@-_" for char in role):  # the characters of a role's name in IAM
            raise Handover("the instance's role has no name that is known")
        said = _object(_ask(connection, "GET", _ROLES + role, headers))
    finally:
        connection.close()
    _end(said)  # the SDK uses them even if they are past it: the service could not renew them
    return _credentials(said.get("AccessKeyId"), said.get("SecretAccessKey"), said.get("Token"), "iam-role")


def _ask(connection: HttpConnection, method: str, target: str, headers: Mapping[str, str]) -> Answer:
    from ssmm_core.store.lean.http import HttpError

    try:
        answer = connection.exchange(method, target, headers)
    except HttpError as error:
        raise Handover(f"the service of credentials does not answer ({type(error).__name__})") from None
    if answer.status != 200 or "content-encoding" in answer.headers or not answer.body.isascii():
        raise Handover(f"the service of credentials answers with {answer.status}")
    return answer


def _word(answer: Answer) -> str:
    """The one word that an answer is."""
    text = answer.body.decode("ascii")
    if not text or " " in text or not text.isprintable():
        raise Handover("the service of credentials does not say one word")
    return text


def _object(answer: Answer) -> dict[str, Any]:
    import json

    try:
        said = json.loads(answer.body)
    except (ValueError, RecursionError):  # the error would hold the text, were Handover raised from here
        said = None
    if not isinstance(said, dict):
        raise Handover("the service of credentials says no object of JSON")
    return said


def _end(said: Mapping[str, object]) -> str:
    """When credentials end, as `2030-01-02T03:04:05Z`, which sorts by time."""
    end = said.get("Expiration")
    shape = "".join("0" if char in "0123456789" else char for char in end) if isinstance(end, str) else ""
    if not isinstance(end, str) or shape != "0000-00-00T00:00:00Z" or not ("01" <= end[5:7] <= "12" and "01" <= end[8:10] <= "31"):
        raise Handover("the end of the credentials is not understood for sure")
    return end


def _utc(seconds: float) -> str:
    """The time in so many seconds."""
    import time

    return time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(time.time() + seconds))


def _credentials(access_key: object, secret_key: object, token: object, method: str) -> Credentials:
    """Credentials, once each part is known to be a text that a request can carry.

    Raises:
        Handover: a part is missing or none.
    """
    if not (isinstance(access_key, str) and isinstance(secret_key, str) and isinstance(token, str) and access_key and secret_key):
        raise Handover("the credentials are incomplete")
    if not all(_is_printable(text) and " " not in text for text in (access_key, secret_key, token)):
        raise Handover("the credentials have characters that no request can carry")
    return Credentials(access_key, SecretValue(secret_key), SecretValue(token), method)


def _is_printable(text: str) -> bool:
    return text.isascii() and text.isprintable()
