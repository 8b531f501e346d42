"""Gather the facts about an account: the files and the environment first, then calls that read, each bounded and none that writes."""

from __future__ import annotations

import os
import platform
import pwd
import subprocess
from difflib import get_close_matches
from itertools import islice
from urllib.parse import urlsplit

from ssmm_core import settings as settings_module
from ssmm_core.doctor.account_facts import AccountFacts, Configured, Endpoint, Identity, Installed, Place, Probe
from ssmm_core.doctor.own_files import check_file, problem_of
from ssmm_core.errors import AccessDenied, KeyUnavailable, NotFound, SettingsError, SsmmError, Throttled
from ssmm_core.names import SHARED, join
from ssmm_core.store.retry import Budget

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from typing import Any, Final

    from ssmm_core.doctor.account_facts import Outcome
    from ssmm_core.models import Parameter
    from ssmm_core.settings import Settings
    from ssmm_core.store.aws import AwsStore
    from ssmm_core.store.sdk import Surroundings

SECONDS: Final = 5.0
"""How long one call may take, and the look at the identity; `TOGETHER` all probes of permissions together."""
TOGETHER: Final = 20.0
ATTEMPTS: Final = 2
ENOUGH: Final = 200
"""How many parameters of a namespace are looked at, at most, to find one of each kind."""
METADATA: Final = "169.254.169.254"
"""Where an instance's role is asked for."""
_DEMONSTRATION: Final = "the demonstration"
_BY_REGION: Final = "the region"


def lenient_settings(flags: Mapping[str, Any], environ: Mapping[str, str]) -> tuple[Settings, SsmmError | None]:
    """The settings, and why they cannot be right; then they are without a prefix."""
    try:
        if not flags.get("prefix") and not environ.get("SSMM_PREFIX_ROOT"):  # only then it is read
            check_file(settings_module.configuration_file(environ))
        return settings_module.load(flags, environ), None
    except SettingsError as error:
        return settings_module.load({**flags, "prefix": "/unknown"}, environ).replace(prefix=None), error


def bounded(settings: Settings) -> Settings:
    """The same, with no more patience than a look needs."""
    return settings.replace(timeout=min(settings.timeout, SECONDS))


def installed() -> Installed:
    """The versions of what takes part."""
    from importlib import metadata

    from ssmm_core import __version__

    def version(name: str) -> str:
        try:
            return metadata.version(name)
        except metadata.PackageNotFoundError:
            return ""

    return Installed(__version__, platform.python_version(), version("boto3"), version("botocore"), _systemd_version())


def configured(settings: Settings, flags: Mapping[str, Any], environ: Mapping[str, str], problem: SsmmError | None) -> Configured:
    """What ssmm is told, and by whom."""
    file = settings_module.configuration_file(environ)
    decided = "--prefix" if flags.get("prefix") else "SSMM_PREFIX_ROOT" if environ.get("SSMM_PREFIX_ROOT") else file
    decided = _DEMONSTRATION if settings.credentials and decided == file else decided
    return Configured(file, bool(file) and os.path.exists(file), settings.prefix or "", decided if settings.prefix else "", problem)


def look(
    settings: Settings, told: Configured, apps: Sequence[str], environ: Mapping[str, str], trace: Callable[[str], None] | None
) -> AccountFacts:
    """Everything about the account. Whatever fails is a fact."""
    facts = AccountFacts(installed=installed(), configured=told, identity=Identity(), endpoint=Endpoint(), probes={}, apps=tuple(apps))
    if settings.credentials is None and (problem := problem_of(environ)) is not None:
        return facts.replace(identity=Identity(profile_problem=problem), blocked=problem)
    from ssmm_core.store import sdk

    settings = bounded(settings)
    surroundings = sdk.Surroundings(settings)
    who = _whose(surroundings, settings, environ)
    region = settings.region or surroundings.region
    where = _way(surroundings.ca_bundle, environ).replace(region=region, region_from=_region_from(settings, environ, region))
    facts = facts.replace(identity=who, endpoint=where)
    if surroundings.problem is not None:
        return facts.replace(identity=who.replace(profile_problem=surroundings.problem), blocked=surroundings.problem)
    from ssmm_core.store.aws import AwsStore

    try:
        store = AwsStore(settings.replace(region=region), trace=trace) if region else None
    except SsmmError as error:
        store = None
        facts = facts.replace(endpoint=where.replace(problem=error), blocked=error)
    try:
        source = (store.connection if store else surroundings).credentials()
        facts = facts.replace(identity=who.replace(source=source))
    except SsmmError as error:
        facts = facts.replace(identity=who.replace(source_problem=error), blocked=error)
    if store is None:
        return facts
    where = _place(where, store, settings, environ)
    if where.url_from == _BY_REGION and region not in (known := surroundings.regions("ssm")):
        near = get_close_matches(region, known, n=1)
        where = where.replace(region_is_known=False, region_near=next(iter(near), ""))
    facts = facts.replace(endpoint=where)
    return facts if facts.blocked else _ask(store, facts, apps)


# What leads there


def _whose(surroundings: Surroundings, settings: Settings, environ: Mapping[str, str]) -> Identity:
    if settings.credentials:
        return Identity()
    shadowed = bool(environ.get("AWS_PROFILE") and environ.get("AWS_ACCESS_KEY_ID") and not settings.profile)
    return Identity(surroundings.profile, surroundings.profiles, looked=_looked(environ), profile_is_shadowed=shadowed)


def _looked(environ: Mapping[str, str]) -> tuple[str, ...]:
    """What the SDK looked through for credentials, with what was there."""
    said = [f"AWS_ACCESS_KEY_ID ({'set' if environ.get('AWS_ACCESS_KEY_ID') else 'not set'})"]
    home = environ.get("HOME") or _home()
    for variable, name in (("AWS_SHARED_CREDENTIALS_FILE", "credentials"), ("AWS_CONFIG_FILE", "config")):
        path = environ.get(variable) or (f"{home}/.aws/{name}" if home else "")
        state = "there" if path and os.path.exists(path) else "not there"
        said.append(f"{path} ({state})" if path else f"~/.aws/{name} (there is no home)")
    container = any(environ.get(name) for name in ("AWS_CONTAINER_CREDENTIALS_RELATIVE_URI", "AWS_CONTAINER_CREDENTIALS_FULL_URI"))
    said.append(f"a container's credentials ({'named, gave none' if container else 'none named'})")
    disabled = environ.get("AWS_EC2_METADATA_DISABLED", "").lower() == "true"
    said.append(f"the instance's role ({'turned off by AWS_EC2_METADATA_DISABLED' if disabled else 'none'})")
    return tuple(said)


def _home() -> str:
    """Where the SDK looks without HOME."""
    try:
        return pwd.getpwuid(os.getuid()).pw_dir
    except KeyError:
        return ""


def _region_from(settings: Settings, environ: Mapping[str, str], region: str) -> str:
    if settings.credentials:
        return _DEMONSTRATION
    if settings.region:
        return "AWS_REGION" if settings.region == environ.get("AWS_REGION") else "--region"
    return "AWS_DEFAULT_REGION" if region == environ.get("AWS_DEFAULT_REGION") else "the profile"


def _way(ca_bundle: str, environ: Mapping[str, str]) -> Endpoint:
    decided = "AWS_CA_BUNDLE" if environ.get("AWS_CA_BUNDLE") else "the profile"
    if not ca_bundle and environ.get("REQUESTS_CA_BUNDLE"):
        ca_bundle, decided = environ["REQUESTS_CA_BUNDLE"], "REQUESTS_CA_BUNDLE"
    return Endpoint(ca_bundle=ca_bundle, ca_bundle_from=decided if ca_bundle else "", ca_bundle_readable=os.access(ca_bundle, os.R_OK))


def _place(where: Endpoint, store: AwsStore, settings: Settings, environ: Mapping[str, str]) -> Endpoint:
    from ssmm_core.store.sdk import is_aws, without_credentials

    url = store.connection.url("ssm")
    named = ["AWS_ENDPOINT_URL_SSM", "AWS_ENDPOINT_URL"] if environ.get("AWS_IGNORE_CONFIGURED_ENDPOINT_URLS", "").lower() != "true" else []
    decided = next((name for name in named if environ.get(name)), _BY_REGION if is_aws(url) else "the profile")
    if settings.endpoint_url:
        decided = _DEMONSTRATION if settings.credentials else "--endpoint-url"
    proxy, proxy_from = ("", "") if settings.credentials else proxy_of(url, environ)
    through = bool(proxy_of(f"http://{METADATA}", environ)[0])
    return where.replace(url=url, url_from=decided, proxy=without_credentials(proxy), proxy_from=proxy_from, metadata_through_proxy=through)


def proxy_of(url: str, environ: Mapping[str, str]) -> tuple[str, str]:
    """(proxy, the variable that names it) for a URL, by the rules that the SDK has from urllib; both empty where there is none."""
    from urllib.request import proxy_bypass_environment  # type: ignore[attr-defined]

    parts = urlsplit(url)
    without = environ.get("no_proxy") or environ.get("NO_PROXY") or ""
    if proxy_bypass_environment(parts.netloc, {"no": without}):
        return "", ""
    names = (f"{parts.scheme}_proxy", f"{parts.scheme.upper()}_PROXY")
    return next(((environ[name], name) for name in names if environ.get(name)), ("", ""))


def _systemd_version() -> str:
    try:
        ended = subprocess.run(["systemctl", "--version"], capture_output=True, text=True, timeout=SECONDS, check=False)  # noqa: S607 - found on PATH
    except (OSError, subprocess.TimeoutExpired):
        return ""
    return "".join(ended.stdout.split()[1:2])


# Asking


def _ask(store: AwsStore, facts: AccountFacts, apps: Sequence[str]) -> AccountFacts:
    who = facts.identity
    try:
        who = who.replace(asked=store.connection.url("sts"))
        who = who.replace(account=store.account(budget=Budget(SECONDS, ATTEMPTS)))
    except SsmmError as error:
        who = who.replace(account_problem=error)
    facts = facts.replace(identity=who)
    if facts.configured.prefix:
        facts = _Asked(store, facts.configured.prefix, apps).told(facts)
    if who.account is not None and not apps and "iam:ListAccountAliases" not in facts.probes:
        alias = (
            Probe("iam:ListAccountAliases", "allowed", "*")
            if who.account.alias
            else Probe("iam:ListAccountAliases", "unknown", reason="the account has no alias, or it may not be read")
        )
        facts = facts.replace(probes={**facts.probes, alias.action: alias})
    return facts.replace(endpoint=facts.endpoint.replace(clock_ahead=store.connection.clock_ahead))


class _Asked:
    """The probes of one run: harmless calls, each of which only reads. What an answer holds is dropped at once."""

    def __init__(self, store: AwsStore, root: str, apps: Sequence[str]) -> None:
        self._store = store
        self._budget = Budget(TOGETHER, ATTEMPTS)
        self._root = root
        self._delivers = bool(apps)
        self._places = [Place(join(root, app), app) for app in dict.fromkeys((*apps, SHARED))] if apps else [Place(root)]
        self._probes: dict[str, Probe] = {}
        self._blocked: SsmmError | None = None

    def told(self, facts: AccountFacts) -> AccountFacts:
        walked: list[Parameter] = []
        places = []
        for place in self._places:
            found = self._walk(place.path)
            if self._blocked:
                return facts.replace(blocked=self._blocked, endpoint=facts.endpoint.replace(problem=self._blocked), probes=self._probes)
            if found is not None:
                places.append(place.replace(seen=len(found), more=len(found) == ENOUGH))
                walked += found
        self._read(walked)
        return facts.replace(places=tuple(places), probes=self._probes)

    def _walk(self, path: str) -> list[Parameter] | None:
        action = "ssm:GetParametersByPath"
        try:
            found = list(islice(self._store.walk(path, decrypt=False, budget=self._budget), ENOUGH))
        except AccessDenied as error:
            self._probes[action] = Probe(action, "denied", path, error)
            return None
        except Throttled as error:
            self._probes.setdefault(action, Probe(action, "unknown", path, reason=error.message))
            return None
        except SsmmError as error:
            self._blocked = error
            return None
        self._probes.setdefault(action, Probe(action, "allowed", ", ".join(place.path for place in self._places)))
        return found

    def _read(self, walked: Sequence[Parameter]) -> None:
        store, budget, root = self._store, self._budget, self._root
        some = walked[0] if walked else None
        secure = next((one for one in walked if one.is_secure), None)
        if secure is None:
            self._probes["kms:Decrypt"] = Probe("kms:Decrypt", "unknown", reason="not probed: no SecureString was seen to decrypt")
        elif self._delivers:  # by the one call that a role for delivery may do
            folder = secure.name.rpartition("/")[0]
            self._probe("kms:Decrypt", secure.name, lambda: next(iter(store.walk(folder, decrypt=True, budget=budget)), None))
        if self._delivers:
            return
        if secure is not None:
            self._probe("kms:Decrypt", secure.name, lambda: store.get([secure.name], decrypt=True, budget=budget))
        absent = f"{self._places[0].path}/ssmm-doctor-asks-for-what-is-not-there"
        name = some.name if some else absent
        self._probe("ssm:GetParameters", name, lambda: store.get([name], decrypt=False, budget=budget))
        self._probe(
            "ssm:GetParameter", name, lambda: store.get_version(name, "1" if not some else str(some.version), decrypt=False, budget=budget)
        )
        self._probe("ssm:DescribeParameters", "*", lambda: next(iter(store.describe(path=root, budget=budget)), None))
        self._probe("tag:GetResources", "*", lambda: next(iter(store.all_tags(root, budget=budget)), None))
        missing = "no parameter was seen to ask about"
        if some is None:
            for action in ("ssm:ListTagsForResource", "ssm:GetParameterHistory"):
                self._probes[action] = Probe(action, "unknown", reason=f"not probed: {missing}")
        else:
            self._probe("ssm:ListTagsForResource", name, lambda: store.tags(name, budget=budget))
            self._probe("ssm:GetParameterHistory", name, lambda: next(iter(store.history(name, decrypt=False, budget=budget)), None))

    def _probe(self, action: str, place: str, call: Callable[[], object]) -> None:
        self._probes[action] = probed(action, place, call)


def probed(action: str, place: str, call: Callable[[], object]) -> Probe:
    """How a call ended. What it answered is not kept; that something is not there was allowed to be told."""
    outcome: Outcome = "allowed"
    try:
        call()
    except NotFound:
        pass
    except AccessDenied as error:
        first = error.__cause__  # before each of a batch was asked for alone, with a right that may be missing, too
        for one in (error, first):
            if isinstance(one, AccessDenied) and one.action == action:
                return Probe(action, "denied", place, one)
        return Probe(action, "unknown", place, reason=f"{error.action} was denied before it")
    except KeyUnavailable as error:
        return Probe(action, "unusable", place, error)
    except SsmmError as error:
        return Probe(action, "unknown", place, reason=error.message)
    return Probe(action, outcome, place)
