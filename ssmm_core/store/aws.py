"""Parameter Store through botocore, the part of boto3 that makes calls: the only module that imports it.

botocore brings what the AWS CLI has, with the same precedence: profiles, SSO, containers, instance roles, endpoint settings, proxies.
Its retries are off (see `retry`), its loggers are held above DEBUG, where it would print decrypted answers.
"""

from __future__ import annotations

import logging
import os
import re
import time

import botocore.session
from botocore import exceptions as boto
from botocore.config import Config
from botocore.parsers import ResponseParserError

from ssmm_core.errors import (
    AccessDenied,
    CredentialsMissing,
    CredentialsRejected,
    InvalidInput,
    KeyUnavailable,
    NotFound,
    ReplyLost,
    SettingsError,
    SsmmError,
    Throttled,
    Unreachable,
)
from ssmm_core.models import SECURE
from ssmm_core.parallel import each
from ssmm_core.store import wire
from ssmm_core.store.answers import refusal
from ssmm_core.store.retry import Budget, Pace, persist

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
    from typing import Any, Final

    from ssmm_core.models import Parameter, ParameterMetadata, ParameterVersion, PutRequest
    from ssmm_core.settings import Settings

BATCH: Final = 10
"""Most names that GetParameters and DeleteParameters take, and most parameters on a page of GetParametersByPath."""
PAGE: Final = 50
"""Most entries on a page of DescribeParameters and GetParameterHistory, and most values of one filter."""
CONNECT_SECONDS: Final = 5.0
READ_SECONDS: Final = 15.0

_ONCE: Final = frozenset({"PutParameter", "DeleteParameters"})
"""Calls that must not be repeated without a look at what stands."""
_WRITES: Final = frozenset({"AddTagsToResource", "RemoveTagsFromResource", "LabelParameterVersion"})


class AwsStore:
    """A `ParameterStore` on AWS, or on anything that speaks its API.

    Raises, when made and from every method: the errors of `ssmm_core.errors`, never one of botocore's.
    """

    def __init__(self, settings: Settings, *, trace: Callable[[str], None] | None = None) -> None:
        for noisy in ("botocore", "urllib3"):
            logging.getLogger(noisy).setLevel(logging.WARNING)
        self._settings = settings
        self._trace = trace
        self._reads = Pace(None)
        self._writes = Pace(settings.write_rate)
        try:
            self._client = self._make_client()
        except (boto.BotoCoreError, ValueError) as error:
            raise _not_sent(error, settings) from None
        self.region: str = self._client.meta.region_name
        self._endpoint: str = self._client.meta.endpoint_url

    def _make_client(self) -> Any:
        settings = self._settings
        credentials = settings.credentials or (None, None)
        # The demonstration must not depend on what the environment says of AWS, which is meant for the real one.
        alone = dict.fromkeys(("profile", "config_file", "credentials_file"), (None, None, None, None)) if settings.credentials else None
        session = botocore.session.Session(session_vars=alone, profile=settings.profile)
        region = settings.region or session.get_config_variable("region")
        if not region:
            raise boto.NoRegionError
        session.register("before-parse.ssm", _check_whole)
        return session.create_client(
            "ssm",
            region_name=region,
            endpoint_url=settings.endpoint_url,
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

    def budget(self) -> Budget:
        return Budget(self._settings.timeout)

    # Reading

    def walk(self, path: str, *, decrypt: bool, budget: Budget) -> Iterator[Parameter]:
        pages = self._pages(
            "GetParametersByPath", "Parameters", path, budget, Path=path, Recursive=True, WithDecryption=decrypt, MaxResults=BATCH
        )
        try:
            yield from (wire.parameter(raw, decrypt) for raw in pages)
        except (KeyUnavailable, AccessDenied) as error:
            if not decrypt or not _is_about_decryption(error):
                raise
            secure = [one.name for one in self.walk(path, decrypt=False, budget=budget) if one.is_secure]
            raise self._culprits(secure, error, budget) from error

    def get(self, names: Iterable[str], *, decrypt: bool, budget: Budget) -> dict[str, Parameter]:
        distinct = list(dict.fromkeys(names))
        batches = [distinct[at : at + BATCH] for at in range(0, len(distinct), BATCH)]
        found = each(lambda batch: self._get_batch(batch, decrypt, budget), batches, threads=self._settings.read_concurrency)
        return {name: one for batch in found for name, one in batch.items()}

    def get_version(self, name: str, selector: str, *, decrypt: bool, budget: Budget) -> Parameter:
        answer = self._call("GetParameter", f"{name}:{selector}", budget, Name=f"{name}:{selector}", WithDecryption=decrypt)
        return wire.parameter(answer["Parameter"], decrypt)

    def describe(
        self, *, path: str = "", names: Sequence[str] = (), tags: Mapping[str, str] | None = None, budget: Budget
    ) -> Iterator[ParameterMetadata]:
        filters = [{"Key": f"tag:{key}", "Option": "Equals", "Values": [value]} for key, value in (tags or {}).items()]
        if path:
            filters.append({"Key": "Path", "Option": "Recursive", "Values": [path]})
        chunks = [list(names[at : at + PAGE]) for at in range(0, len(names), PAGE)] if names else [[]]
        for chunk in chunks:
            by_name = [{"Key": "Name", "Option": "Equals", "Values": chunk}] if chunk else []
            subject = path or (chunk[0] if chunk else "/")
            for raw in self._pages(
                "DescribeParameters", "Parameters", subject, budget, ParameterFilters=filters + by_name, MaxResults=PAGE
            ):
                if not path or raw["Name"].startswith(path + "/"):
                    yield wire.metadata(raw)

    def tags(self, name: str, *, budget: Budget) -> dict[str, str]:
        answer = self._call("ListTagsForResource", name, budget, ResourceType="Parameter", ResourceId=name)
        return {tag["Key"]: tag["Value"] for tag in answer.get("TagList", ())}

    def history(self, name: str, *, decrypt: bool, budget: Budget) -> Iterator[ParameterVersion]:
        pages = self._pages("GetParameterHistory", "Parameters", name, budget, Name=name, WithDecryption=decrypt, MaxResults=PAGE)
        yield from (wire.version(raw, decrypt) for raw in pages)

    # Writing

    def turn(self, *, budget: Budget) -> None:
        self._writes.wait(budget)

    def put(self, request: PutRequest, *, budget: Budget) -> int:
        optional = {
            "Tier": request.tier,
            "KeyId": request.key_id if request.type == SECURE else "",
            "DataType": request.data_type,
            "AllowedPattern": request.allowed_pattern,
            "Description": request.description,
            "Policies": wire.policies_text(request.policies),
            "Tags": [] if request.overwrite else wire.tag_list(request.tags or {}),
        }
        answer = self._call(
            "PutParameter",
            request.name,
            budget,
            Name=request.name,
            Value=request.value.reveal(),
            Type=request.type,
            Overwrite=request.overwrite,
            **{key: value for key, value in optional.items() if value},
        )
        return int(answer["Version"])

    def delete(self, names: Sequence[str], *, budget: Budget) -> frozenset[str]:
        answer = self._call("DeleteParameters", _together(names), budget, Names=list(names))
        return frozenset(answer.get("DeletedParameters", ()))

    def add_tags(self, name: str, tags: Mapping[str, str], *, budget: Budget) -> None:
        self._call("AddTagsToResource", name, budget, ResourceType="Parameter", ResourceId=name, Tags=wire.tag_list(tags))

    def remove_tags(self, name: str, keys: Sequence[str], *, budget: Budget) -> None:
        self._call("RemoveTagsFromResource", name, budget, ResourceType="Parameter", ResourceId=name, TagKeys=list(keys))

    def label(self, name: str, version: int, labels: Sequence[str], *, budget: Budget) -> None:
        answer = self._call("LabelParameterVersion", name, budget, Name=name, ParameterVersion=version, Labels=list(labels))
        if refused := answer.get("InvalidLabels"):
            raise InvalidInput(f"Parameter Store does not take the label {', '.join(refused)} for {name}")

    # Calling

    def _call(self, operation: str, subject: str, budget: Budget, **parameters: Any) -> dict[str, Any]:
        """One API call, with retries. What the service says back is never repeated for a call that carried a value."""
        send: Callable[..., dict[str, Any]] = getattr(self._client, boto_method(operation))

        def attempt() -> dict[str, Any]:
            started = time.monotonic()
            try:
                return send(**parameters)
            except boto.ClientError as error:
                fault = error.response.get("Error", {})
                raise refusal(
                    str(fault.get("Code", "")),
                    str(fault.get("Message", "")),
                    status=int(error.response.get("ResponseMetadata", {}).get("HTTPStatusCode", 0)),
                    operation=operation,
                    subject=subject,
                    region=self.region,
                    shown=operation != "PutParameter",
                ) from None
            except (boto.BotoCoreError, ResponseParserError, ValueError) as error:
                raise _not_sent(error, self._settings, self._endpoint) from None
            finally:
                if self._trace:
                    self._trace(f"{operation} {subject}: {(time.monotonic() - started) * 1000:.0f} ms")

        if operation in _ONCE:
            try:
                answer = attempt()
            except Throttled:
                self._writes.throttled()
                raise
            self._writes.went_through()
            return answer
        return persist(attempt, budget=budget, pace=self._writes if operation in _WRITES else self._reads)

    def _pages(self, operation: str, key: str, subject: str, budget: Budget, **parameters: Any) -> Iterator[dict[str, Any]]:
        """All entries of a listing. Only the token says whether there is more: pages may be short or empty in between."""
        seen: set[str] = set()
        token = ""
        while True:
            answer = self._call(operation, subject, budget, **parameters, **({"NextToken": token} if token else {}))
            if key not in answer and not answer.get("NextToken"):
                raise SettingsError(f"what answers for {subject} is not Parameter Store", hint="Check --endpoint-url and proxies.")
            yield from answer.get(key, ())
            token = answer.get("NextToken") or ""
            if not token:
                return
            if token in seen:
                raise SsmmError(f"the endpoint repeats a page of {operation} of {subject}", hint="The listing would never end.")
            seen.add(token)

    def _get_batch(self, names: Sequence[str], decrypt: bool, budget: Budget) -> dict[str, Parameter]:
        try:
            answer = self._call("GetParameters", _together(names), budget, Names=list(names), WithDecryption=decrypt)
        except (KeyUnavailable, AccessDenied) as error:
            if not decrypt or not _is_about_decryption(error):
                raise
            raise self._culprits(names, error, budget) from error
        found = {wire.slashed(raw["Name"]): wire.parameter(raw, decrypt) for raw in answer.get("Parameters", ())}
        return {name: found[wire.slashed(name)] for name in names if wire.slashed(name) in found}

    def _culprits(self, names: Sequence[str], first: KeyUnavailable | AccessDenied, budget: Budget) -> SsmmError:
        """The error for a batch that did not decrypt: the service names no item, so each is tried alone."""
        culprits: list[str] = []
        for name in names:
            try:
                self._call("GetParameter", name, budget, Name=name, WithDecryption=True)
            except (KeyUnavailable, AccessDenied) as error:
                culprits.append(name)
                first = error
            except NotFound:
                continue
        if not culprits:
            return first
        message = f"cannot decrypt {', '.join(culprits)}"
        if isinstance(first, AccessDenied):
            return AccessDenied(message, action=first.action, resource=first.resource, hint=first.hint)
        return KeyUnavailable(message, hint=first.hint)


def boto_method(operation: str) -> str:
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


def _together(names: Sequence[str]) -> str:
    """How messages speak of a batch: its one name, or the path that all of them share."""
    return names[0] if len(names) == 1 else f"{os.path.commonpath([wire.slashed(name) for name in names])}/*".replace("//", "/")


def _is_about_decryption(error: KeyUnavailable | AccessDenied) -> bool:
    return isinstance(error, KeyUnavailable) or error.action.startswith("kms:")


def _not_sent(error: Exception, settings: Settings, endpoint: str = "") -> SsmmError:
    """Our error for one that botocore raised by itself. Its texts are not repeated: some hold the parameters of the call."""
    endpoint = without_credentials(endpoint)
    where = f"Parameter Store at {endpoint}" if endpoint else "Parameter Store"
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
            return SettingsError(f"TLS with {where} failed", hint="Check the certificate; AWS_CA_BUNDLE names a private CA's file.")
        case boto.EndpointConnectionError() | boto.ConnectTimeoutError() | boto.ProxyConnectionError():
            return Unreachable(f"cannot reach {where}", hint="Check the network, the region and --endpoint-url.")
        case boto.ReadTimeoutError() | boto.ConnectionClosedError() | boto.HTTPClientError() | boto.IncompleteReadError():
            return ReplyLost(f"no answer from {where}", hint="Check the network, the region and --endpoint-url.")
        case boto.ConfigParseError() | boto.InvalidConfigError() | boto.ConfigNotFound():
            return SettingsError("the AWS configuration file cannot be read", hint="See ~/.aws/config.")
        case boto.ParamValidationError():
            return InvalidInput("the AWS SDK refused the request's parameters")
        case ResponseParserError():
            return SettingsError(f"what answers at {endpoint} is not Parameter Store", hint="Check --endpoint-url and proxies.")
        case ValueError() if "endpoint" in str(error).lower():
            named = settings.endpoint_url or str(error).rpartition(": ")[2]  # botocore says "Invalid endpoint: …"
            return SettingsError(f"the endpoint {without_credentials(named)!r} is not a URL", hint="Write it as https://HOST[:PORT].")
    return SettingsError(f"the AWS SDK failed ({type(error).__name__})", hint="Check profile, region and endpoint.")


def without_credentials(url: str) -> str:
    """A URL without the user and password that may stand in it."""
    return re.sub(r"//[^/@]*@", "//", url)


def _profile(error: boto.ProfileNotFound, settings: Settings) -> str:
    return repr(settings.profile or error.kwargs.get("profile", ""))
