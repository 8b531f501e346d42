"""All that is looked at of an account and of what leads to it, as plain facts. An error stands where the fact could not be had."""

from __future__ import annotations

from ssmm_core.record import Record

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping
    from typing import Literal

    from ssmm_core.errors import SsmmError
    from ssmm_core.models import Account, CredentialSource

    Outcome = Literal["allowed", "denied", "unusable", "unknown"]


class Installed(Record):
    """Versions by name; empty where it is not there."""

    ssmm: str
    python: str
    boto3: str = ""
    botocore: str = ""
    systemd: str = ""


class Configured(Record):
    """What ssmm itself is told. `problem` is why it cannot be read as it stands; `prefix_from` says where the prefix comes from."""

    file: str = ""
    file_exists: bool = False
    prefix: str = ""
    prefix_from: str = ""
    problem: SsmmError | None = None


class Identity(Record):
    """Whose credentials are used and where they come from. `asked` is where STS was asked; `looked` what was looked through in vain.

    `profile` is the one in use, empty for none, and `profiles` are those that there are.
    """

    profile: str = ""
    profiles: tuple[str, ...] = ()
    profile_problem: SsmmError | None = None
    source: CredentialSource | None = None
    source_problem: SsmmError | None = None
    account: Account | None = None
    account_problem: SsmmError | None = None
    asked: str = ""
    looked: tuple[str, ...] = ()
    profile_is_shadowed: bool = False


class Endpoint(Record):
    """Where Parameter Store is asked, and what stands in between. `*_from` says what decided it; URLs hold no user or password.

    `region_is_known` is False where AWS is asked in a region that the SDK does not know; `region_near` is one that is spelled alike.
    `problem` is why nobody can be asked there. `clock_ahead` is in seconds, None where nobody answered.
    """

    region: str = ""
    region_from: str = ""
    url: str = ""
    url_from: str = ""
    proxy: str = ""
    proxy_from: str = ""
    metadata_through_proxy: bool = False
    ca_bundle: str = ""
    ca_bundle_from: str = ""
    ca_bundle_readable: bool = True
    clock_ahead: float | None = None
    problem: SsmmError | None = None
    region_is_known: bool = True
    region_near: str = ""


class Probe(Record):
    """How a harmless call ended. `problem` is its error; `reason` says why there was none, or none that could tell."""

    action: str
    outcome: Outcome
    place: str = ""
    problem: SsmmError | None = None
    reason: str = ""


class Place(Record):
    """A namespace that was walked: how many parameters were seen, and whether there may be more."""

    path: str
    app: str = ""
    seen: int = 0
    more: bool = False


class AccountFacts(Record):
    """Everything. `apps` are those that were named: then only what delivers them counts.

    `blocked` is the error after which nobody was asked any more. `probes` are by IAM action."""

    installed: Installed
    configured: Configured
    identity: Identity
    endpoint: Endpoint
    probes: Mapping[str, Probe]
    apps: tuple[str, ...] = ()
    places: tuple[Place, ...] = ()
    blocked: SsmmError | None = None

    @property
    def because(self) -> str:
        """Why a check was left out, in the words of what stood in its way."""
        for problem in (self.identity.profile_problem, self.identity.source_problem, self.endpoint.problem, self.blocked):
            if problem is not None:
                return problem.message
        if not self.endpoint.region:
            return "no region is configured"
        return "nothing was asked" if self.configured.prefix else "no prefix is configured"
