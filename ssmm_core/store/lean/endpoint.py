"""Where Parameter Store is asked: the region, the URL and the certificates that the SDK would use.

Settings of the SDK that this does not read change neither the request nor where it goes: the name in its user agent, how often it tries
again (ssmm does that by itself), keep-alive, what only other services know.
"""

from __future__ import annotations

import os

from ssmm_core.record import Record
from ssmm_core.store.lean import Handover
from ssmm_core.store.lean.profile import at_home, load, plain

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping
    from typing import Final

    from ssmm_core.store.lean.profile import Profile

_OFF: Final = ("", "false", "False")
_WHICH_ENDPOINT: Final = ("legacy", "regional")
_CHECKSUMS: Final = ("when_supported", "when_required")
_KNOWN: Final[tuple[tuple[str, str, tuple[str, ...]], ...]] = (
    ("AWS_USE_FIPS_ENDPOINT", "use_fips_endpoint", _OFF),
    ("AWS_USE_DUALSTACK_ENDPOINT", "use_dualstack_endpoint", _OFF),
    ("AWS_CSM_ENABLED", "csm_enabled", _OFF),
    ("AWS_DEFAULTS_MODE", "defaults_mode", ("legacy",)),
    ("AWS_RETRY_MODE", "retry_mode", ("legacy", "standard")),
    ("AWS_ACCOUNT_ID_ENDPOINT_MODE", "account_id_endpoint_mode", ("preferred", "disabled", "required")),
    ("AWS_REQUEST_CHECKSUM_CALCULATION", "request_checksum_calculation", _CHECKSUMS),
    ("AWS_RESPONSE_CHECKSUM_VALIDATION", "response_checksum_validation", _CHECKSUMS),
    ("AWS_REQUEST_MIN_COMPRESSION_SIZE_BYTES", "request_min_compression_size_bytes", ()),
    ("AWS_AUTH_SCHEME_PREFERENCE", "auth_scheme_preference", ()),
    ("AWS_SIGV4A_SIGNING_REGION_SET", "sigv4a_signing_region_set", ()),
    ("AWS_STS_REGIONAL_ENDPOINTS", "sts_regional_endpoints", _WHICH_ENDPOINT),
    ("AWS_S3_US_EAST_1_REGIONAL_ENDPOINT", "s3_us_east_1_regional_endpoint", _WHICH_ENDPOINT),
    ("AWS_S3_DISABLE_EXPRESS_SESSION_AUTH", "s3_disable_express_session_auth", ("true", "false")),
    ("AWS_DATA_PATH", "data_path", ()),
)
"""Settings with the values that change nothing. Those of other services are here since the SDK refuses to start with a wrong one."""
_UNKNOWN_VARIABLES: Final = ("AWS_BEARER_TOKEN_SSM", "BOTOCORE_EXPERIMENTAL__PLUGINS", "SSLKEYLOGFILE")
_UNKNOWN_KEYS: Final = ("ssm", "api_versions", "parameter_validation", "sso_session")
_SUFFIXES: Final = {
    "us-gov": "amazonaws.com",
    "cn": "amazonaws.com.cn",
    **dict.fromkeys(("us", "eu", "ap", "sa", "ca", "me", "af", "il", "mx"), "amazonaws.com"),
}
"""The end of host names by how regions begin (botocore's endpoints.json: dnsSuffix, regionRegex), the longer beginnings first."""
_LABEL: Final = 63
"""The longest part of a host name between two dots (RFC 1035)."""


class Endpoint(Record):
    """Where to connect, and as what. `url` is the endpoint as it is configured, or the service's own.

    `host_header` has the port only where it is not the scheme's. `region` is also whose the signature is for. `ca_bundle` is a file, empty
    for what is trusted without one.
    """

    scheme: str
    host: str
    port: int
    host_header: str
    region: str
    ca_bundle: str
    url: str


class Address(Record):
    """The parts of a URL whose host is a name or an IPv4 address. `path` has the query, and is empty where the URL has neither."""

    scheme: str
    host: str
    port: int
    host_header: str
    path: str


def find(environ: Mapping[str, str], *, region: str | None, profile: str | None, endpoint_url: str | None) -> Endpoint:
    """The endpoint for these settings (None: not given), this environment, and the files that it leads to.

    AWS_REGION is not looked at: the SDK does not know it, whoever calls gives it as `region` (see `settings.load`).

    Raises:
        Handover: the SDK would do what is not known here, or fail.
    """
    refuse_proxies(environ)
    if any(variable in environ for variable in _UNKNOWN_VARIABLES):
        raise Handover("the environment has a setting of the SDK that only the SDK knows")
    chosen = load(environ, profile)
    _refuse_unknown(environ, chosen)
    if os.path.lexists(at_home(environ, "~/.aws/models")):
        raise Handover("~/.aws/models has the SDK's data")
    name = region or chosen.setting(environ, "AWS_DEFAULT_REGION", "region") or ""
    url = _own_url(name)
    if endpoint_url is not None:
        url = endpoint_url
    elif not _ignores_configured(environ, chosen):
        url = _configured_url(environ, chosen) or url
    where = address(url)
    if where.path not in ("", "/"):
        raise Handover("the endpoint has a path")
    return Endpoint(where.scheme, where.host, where.port, where.host_header, name, _ca_bundle(environ, chosen), url)


def address(url: str) -> Address:
    """The parts of a URL.

    Raises:
        Handover: it is written in a way that clients may read differently.
    """
    scheme, sign, rest = url.partition("://")
    if not sign or scheme not in ("http", "https"):
        raise Handover("an endpoint is neither http:// nor https://")
    authority, slash, path = rest.partition("/")
    host, colon, digits = authority.partition(":")
    standard = 443 if scheme == "https" else 80
    if colon and not (digits.isascii() and digits.isdigit() and digits[0] != "0" and len(digits) <= 5 and int(digits) < 65536):
        raise Handover("the port of an endpoint is not understood for sure")
    port = int(digits) if colon else standard
    if not _is_host(host) or not _is_path(path):
        raise Handover("an endpoint is not understood for sure")
    return Address(scheme, host, port, host if port == standard else f"{host}:{port}", slash + path)


def refuse_proxies(environ: Mapping[str, str]) -> None:
    """Only the SDK knows what goes through a proxy.

    Raises:
        Handover: a variable names one.
    """
    for name in environ:
        if name[-6:].lower() == "_proxy" and environ[name] and name.lower() != "no_proxy":
            raise Handover("a proxy is configured")


def _refuse_unknown(environ: Mapping[str, str], profile: Profile) -> None:
    for variable, key, harmless in _KNOWN:
        value = profile.setting(environ, variable, key)
        if value is not None and value not in harmless:
            raise Handover(f"{key} is configured")
    for key in _UNKNOWN_KEYS:
        if key in profile.settings:
            raise Handover(f"the profile has {key}")
    others = profile.settings.get("s3", {})
    if not isinstance(others, dict) or "us_east_1_regional_endpoint" in others:
        raise Handover("the profile has s3")


def _own_url(region: str) -> str:
    """The service's own URL in a region of the standard partition, of China or GovCloud.

    Raises:
        Handover: it is none of these, or a name for FIPS.
    """
    area = next((area for area in _SUFFIXES if region.startswith(f"{area}-")), "")
    place, _, number = region[len(area) + 1 :].partition("-")
    is_known = area and place.isalpha() and place.islower() and number.isdigit() and region.isascii() and len(region) <= _LABEL
    if not region:
        raise Handover("there is no region")
    if not is_known or place == "fips":
        raise Handover("the region is none that is known, or a name for FIPS")
    return f"https://ssm.{region}.{_SUFFIXES[area]}"


def _ignores_configured(environ: Mapping[str, str], profile: Profile) -> bool:
    value = profile.setting(environ, "AWS_IGNORE_CONFIGURED_ENDPOINT_URLS", "ignore_configured_endpoint_urls")
    return value is not None and value.lower() == "true"


def _configured_url(environ: Mapping[str, str], profile: Profile) -> str:
    """The URL that environment or profile name, empty where none does. In that order: for this service, then for all."""
    url = environ.get("AWS_ENDPOINT_URL_SSM") or environ.get("AWS_ENDPOINT_URL")
    if url:
        return url
    named = profile.text("services")
    if named is not None:
        own = profile.services.get(named, {}).get("ssm", {})
        if named not in profile.services or not profile.services[named] or isinstance(own, str):
            raise Handover("the profile's services section is not understood for sure")
        if own.get("endpoint_url"):
            return own["endpoint_url"]
    return plain(profile.settings, "endpoint_url") or ""


def _ca_bundle(environ: Mapping[str, str], profile: Profile) -> str:
    path = profile.setting(environ, "AWS_CA_BUNDLE", "ca_bundle")
    if path is None:
        path = environ.get("REQUESTS_CA_BUNDLE")
    if path is None:
        return ""
    if not path.strip() or not os.path.isfile(path):
        raise Handover("the CA bundle is no file")
    return path


def _is_host(host: str) -> bool:
    """Whether it is a name in lower case, or an IPv4 address in its one usual form."""
    labels = host.split(".")
    if not host.isascii() or len(host) > 253:
        return False
    if labels[-1].isdigit():
        return len(labels) == 4 and all(label.isdigit() and str(int(label)) == label and int(label) < 256 for label in labels)
    return all(_is_label(label) for label in labels)


def _is_label(label: str) -> bool:
    return (
        0 < len(label) <= _LABEL
        and label[0] != "-"
        and label[-1] != "-"
        and all(char.isdigit() or "a" <= char <= "z" or char == "-" for char in label)
    )


def _is_path(path: str) -> bool:
    """Whether no client writes it in another way. It comes without its first slash."""
    steps = path.partition("?")[0].split("/")
    is_plain = path.isascii() and all(char.isalnum() or char in "/?=&-_~." for char in path)
    return is_plain and not {".", ".."} & set(steps) and "" not in steps[:-1]
