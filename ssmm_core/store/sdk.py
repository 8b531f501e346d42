"""Calls through botocore, the part of boto3 that makes them: the only module that imports it.

botocore brings what the AWS CLI has, with the same precedence: profiles, SSO, containers, instance roles, endpoint settings, proxies.
Its retries are off (see `retry`), its loggers are held above DEBUG, where it would print decrypted answers.
"""

from __future__ import annotations

import logging
import re
import threading
import time
from email.utils import parsedate_to_datetime
from urllib.parse import urlsplit

import botocore.session
from botocore import exceptions as boto
from botocore.config import Config
from botocore.parsers import ResponseParserError

from ssmm_core.errors import (
    CredentialsMissing,
    CredentialsRejected,
    InvalidInput,
    SettingsError,
    SsmmError,
)
from ssmm_core.models import CredentialSource
from ssmm_core.store.answers import no_answer, not_the_service, place, refusal, traced, unreachable

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from typing import Any, Final

    from ssmm_core.settings import Settings
    from ssmm_core.store.answers import Service

CONNECT_SECONDS: Final = 5.0
READ_SECONDS: Final = 15.0

_CLIENTS: Final[Mapping[Service, str]] = {"ssm": "ssm", "tag": "resourcegroupstaggingapi", "sts": "sts", "iam": "iam"}
"""botocore's names of the services."""
_JSON_SERVICES: Final = ("ssm", "resource-groups-tagging-api")
"""Those that answer in JSON, as botocore's events name them."""
_ODD: Final = (ResponseParserError, LookupError, ValueError, AttributeError, TypeError, RecursionError, OSError)
"""What botocore's parsers raise, besides its own errors, over an answer that no service gives, and over a file that is not there."""
_WHOLE_KEY: Final = 16
"""The fewest characters of an access key's id (IAM's AccessKeyIdType): of less, four would tell too much."""
_AWS_DOMAINS: Final = (
    "amazonaws.com", "amazonaws.com.cn", "amazonaws.eu", "api.aws", "api.amazonwebservices.com.cn", "api.amazonwebservices.eu",
    "c2s.ic.gov", "sc2s.sgov.gov", "cloud.adc-e.uk", "csp.hci.ic.gov", "api.aws.ic.gov", "api.aws.scloud", "api.cloud-aws.adc-e.uk",
    "api.aws.hci.ic.gov",
)  # fmt: skip
"""Where AWS's partitions have their endpoints, also those in a VPC (botocore's partitions.json: dnsSuffix, dualStackDnsSuffix)."""


class Connection:
    """AWS, or what speaks its API, for one run. Clients of services beside Parameter Store are made when they are first called.

    Raises, when made and from `send`: the errors of `ssmm_core.errors`, never one of botocore's.
    """

    def __init__(self, settings: Settings, trace: Callable[[str], None] | None) -> None:
        for noisy in ("botocore", "urllib3"):
            logging.getLogger(noisy).setLevel(logging.WARNING)
        self._settings = settings
        self._trace = trace
        self._making = threading.Lock()  # botocore makes clients in one thread at a time
        try:
            self._session = _make_session(settings)
            for json_service in _JSON_SERVICES:
                self._session.register(f"before-parse.{json_service}", _check_whole)
            self._session.register("before-parse", self._look_at_clock)
            self._region = settings.region or self._session.get_config_variable("region")
            if not self._region:
                raise boto.NoRegionError
            client = self._make_client("ssm", settings.endpoint_url)
        except (boto.BotoCoreError, ValueError, OSError) as error:
            raise _not_sent(error, settings) from None
        self._clients: dict[Service, Any] = {"ssm": client}
        self.region: str = client.meta.region_name
        self._other_url: str | None = None if is_aws(client.meta.endpoint_url) else client.meta.endpoint_url
        self.endpoint = without_credentials(self._other_url or "")
        """The URL that answers where it is not AWS's own, without user and password; empty on AWS."""
        self.clock_ahead: float | None = None
        """Seconds by which this machine's clock is ahead of the service's, as its last answer told; None before there was one."""

    def send(self, service: Service, operation: str, subject: str, parameters: Mapping[str, Any]) -> dict[str, Any]:
        """One call, sent once. What the service says back is never repeated for a call that carried a value.

        `operation` is the API's name for it, `subject` what it is about, for messages.
        """
        started = time.monotonic()
        client: Any = None
        try:
            client = self._client(service)
            answer: dict[str, Any] = getattr(client, _method(operation))(**parameters)
        except boto.ClientError as error:
            fault = error.response.get("Error", {})
            raise refusal(
                str(fault.get("Code", "")),
                str(fault.get("Message", "")),
                status=int(error.response.get("ResponseMetadata", {}).get("HTTPStatusCode", 0)),
                operation=operation,
                subject=subject,
                region=self.region,
                service=service,
                shown=operation != "PutParameter",
            ) from None
        except (boto.BotoCoreError, *_ODD) as error:
            raise _not_sent(error, self._settings, service, client.meta.endpoint_url if client else "") from None
        finally:
            if self._trace:
                self._trace(traced(operation, subject, parameters, time.monotonic() - started))
        return answer

    def url(self, service: Service) -> str:
        """Where a service is asked, without user and password.

        Raises:
            SettingsError: its configured place is no URL.
        """
        try:
            return without_credentials(self._client(service).meta.endpoint_url)
        except (boto.BotoCoreError, ValueError, OSError) as error:
            raise _not_sent(error, self._settings, service) from None

    def credentials(self) -> CredentialSource:
        """Where the credentials come from. Fetches them, where their source is a service or a program.

        Raises:
            CredentialsMissing, CredentialsRejected, SettingsError: there are none, or their source fails.
        """
        return _source(self._session, self._settings)

    def _client(self, service: Service) -> Any:
        with self._making:
            if service not in self._clients:
                self._clients[service] = self._make_client(service, self._other_url)
            return self._clients[service]

    def _make_client(self, service: Service, url: str | None) -> Any:
        """Parameter Store's is asked at `url`. Another's too, as an emulator answers for all of them, unless it has a place of its own."""
        if service == "ssm" or not url or self._settings.credentials:
            return self._create(service, url)
        client = self._create(service, None)
        return self._create(service, url) if is_aws(client.meta.endpoint_url) else client

    def _look_at_clock(self, **event: Any) -> None:
        try:
            served = parsedate_to_datetime(event["response_dict"]["headers"].get("date") or "").timestamp()
        except (ValueError, OverflowError):
            return
        self.clock_ahead = time.time() - served

    def _create(self, service: Service, url: str | None) -> Any:
        settings = self._settings
        credentials = settings.credentials or (None, None)
        return self._session.create_client(
            _CLIENTS[service],
            region_name=self._region,
            endpoint_url=url,
            aws_access_key_id=credentials[0],
            aws_secret_access_key=credentials[1],
            config=Config(
                retries={"total_max_attempts": 1},
                connect_timeout=min(CONNECT_SECONDS, settings.timeout),
                read_timeout=min(READ_SECONDS, settings.timeout),
                max_pool_connections=max(settings.read_concurrency, settings.write_concurrency),
                proxies={} if settings.credentials else None,
                user_agent_extra="ssmm",
            ),
        )


class Surroundings:
    """What the SDK finds before it calls anybody, for whoever asks why it cannot. What could not be found out is empty.

    `problem` says that the profile does not exist, or that its file cannot be read. `profiles` are those that there are.
    """

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._session = _make_session(settings)
        self.profile = settings.profile or self._session.profile or ""
        self.profiles: tuple[str, ...] = ()
        self.region = self.ca_bundle = ""
        self.problem: SsmmError | None = None
        try:
            self.profiles = tuple(self._session.available_profiles)
            self.region = self._session.get_config_variable("region") or ""
            self.ca_bundle = self._session.get_config_variable("ca_bundle") or ""
        except boto.BotoCoreError as error:
            self.problem = _not_sent(error, settings)

    def regions(self, service: Service) -> frozenset[str]:
        """Those of all partitions that the SDK knows a service in, without asking anybody."""
        partitions = self._session.get_available_partitions()
        return frozenset(region for partition in partitions for region in self._session.get_available_regions(service, partition))

    def credentials(self) -> CredentialSource:
        """As `Connection.credentials`, where there is none."""
        return _source(self._session, self._settings)


def is_aws(url: str) -> bool:
    """Whether an endpoint is AWS's own."""
    host = urlsplit(url).hostname or ""
    return any(host.endswith(f".{domain}") for domain in _AWS_DOMAINS)


def without_credentials(url: str) -> str:
    """A URL without the user and password that may stand in it."""
    return re.sub(r"//[^/@]*@", "//", url)


def _make_session(settings: Settings) -> botocore.session.Session:
    # The demonstration must not depend on what the environment says of AWS, which is meant for the real one.
    alone = dict.fromkeys(("profile", "config_file", "credentials_file"), (None, None, None, None))
    return botocore.session.Session(session_vars=alone if settings.credentials else None, profile=settings.profile)


def _source(session: botocore.session.Session, settings: Settings) -> CredentialSource:
    if settings.credentials:
        return CredentialSource("demo")
    try:
        found = session.get_credentials()
        if found is None:
            raise boto.NoCredentialsError
        key = found.get_frozen_credentials().access_key or ""
    except (boto.BotoCoreError, OSError) as error:
        raise _not_sent(error, settings) from None
    return CredentialSource(found.method or "", key[-4:] if len(key) >= _WHOLE_KEY else "")


def _method(operation: str) -> str:
    """botocore's spelling of an operation: `get_parameters_by_path`."""
    return "".join(f"_{char.lower()}" if char.isupper() else char for char in operation).lstrip("_")


def _check_whole(**event: Any) -> None:
    """Refuse an answer that is none: botocore takes any text with status 200, whole or not, for an answer without entries.

    Raises:
        IncompleteReadError: it was cut off in transfer; becomes ReplyLost.
        ResponseParserError: it is no JSON object, as a captive portal's page; becomes SettingsError.
    """
    headers, body = event["response_dict"]["headers"], event["response_dict"]["body"].strip()
    length = len(event["response_dict"]["body"])
    announced = int(headers.get("content-length") or length)
    if length != announced and "content-encoding" not in headers:
        raise boto.IncompleteReadError(actual_bytes=length, expected_bytes=announced)
    if event["response_dict"]["status_code"] != 200:
        return
    if not body.startswith(b"{"):
        raise ResponseParserError
    if not body.endswith(b"}"):
        raise boto.IncompleteReadError(actual_bytes=length, expected_bytes=announced)


def _not_sent(error: Exception, settings: Settings, service: Service = "ssm", endpoint: str = "") -> SsmmError:
    """Our error for one that botocore raised by itself. Its texts are not repeated: some hold the parameters of the call."""
    endpoint = without_credentials(endpoint)
    match error:
        case boto.NoCredentialsError():
            return CredentialsMissing(
                "no AWS credentials found", hint="Set AWS_PROFILE or AWS_ACCESS_KEY_ID, log in with `aws sso login`, or pass --profile."
            )
        case boto.PartialCredentialsError():
            return SettingsError("the AWS credentials are incomplete", hint="Set both AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY.")
        case boto.ProfileNotFound():
            return SettingsError(f"there is no AWS profile {_profile(error, settings)}", hint="See ~/.aws/config, or pass --profile.")
        case boto.NoRegionError():
            return SettingsError("no AWS region", hint="Pass --region or set AWS_REGION.")
        case boto.UnauthorizedSSOTokenError() | boto.SSOTokenLoadError() | boto.SSOError() | boto.TokenRetrievalError():
            return CredentialsRejected("the SSO session has expired or is missing", hint="Log in again: aws sso login.")
        case boto.CredentialRetrievalError() | boto.MetadataRetrievalError():
            return CredentialsMissing(
                "AWS credentials could not be fetched from their source", hint="Check the profile's source, or try again."
            )
        case boto.SSLError():
            return SettingsError(
                f"TLS with {place(endpoint, service)} failed", hint="Check the certificate; AWS_CA_BUNDLE names a private CA's file."
            )
        case boto.EndpointConnectionError() | boto.ConnectTimeoutError() | boto.ProxyConnectionError():
            return unreachable(endpoint, service)
        case boto.ReadTimeoutError() | boto.ConnectionClosedError() | boto.HTTPClientError() | boto.IncompleteReadError():
            return no_answer(endpoint, service)
        case OSError() if error.filename:  # a web identity's token, say, which may come a moment later
            return CredentialsMissing(f"{error.filename} cannot be read", hint="The AWS configuration names it for credentials.")
        case boto.MissingDependencyException():
            return SettingsError("the AWS SDK lacks a part that these credentials need", hint="Install it: pip install 'botocore[crt]'.")
        case boto.InvalidRegionError():
            return SettingsError(f"{error.kwargs.get('region_name', '')!r} is no AWS region", hint="Write it as eu-central-1.")
        case boto.ConfigParseError() | boto.InvalidConfigError() | boto.ConfigNotFound():
            return SettingsError("the AWS configuration file cannot be read", hint="See ~/.aws/config.")
        case boto.ParamValidationError():
            return InvalidInput("the AWS SDK refused the request's parameters")
        case ResponseParserError() | LookupError() | AttributeError() | TypeError() | RecursionError():  # its parsers trust what they read
            return not_the_service(endpoint, service)
        case ValueError() if "endpoint" in str(error).lower():
            own = settings.endpoint_url if service == "ssm" else ""
            named = own or str(error).rpartition(": ")[2]  # botocore says "Invalid endpoint: …"
            return SettingsError(f"the endpoint {without_credentials(named)!r} is not a URL", hint="Write it as https://HOST[:PORT].")
    return SettingsError(f"the AWS SDK failed ({type(error).__name__})", hint="Check profile, region and endpoint.")


def _profile(error: boto.ProfileNotFound, settings: Settings) -> str:
    return repr(settings.profile or error.kwargs.get("profile", ""))
