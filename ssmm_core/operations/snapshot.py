"""All that can be carried of a parameter: what a backup holds and a migration copies."""

from __future__ import annotations

from ssmm_core.errors import NotFound
from ssmm_core.models import PutRequest
from ssmm_core.operations.write import Seen
from ssmm_core.parallel import each
from ssmm_core.record import Record

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from ssmm_core.models import Parameter, ParameterType, Tier
    from ssmm_core.secret import SecretValue
    from ssmm_core.store import ParameterStore
    from ssmm_core.store.retry import Budget


class Snapshot(Record):
    """One parameter, whole: its newest version with everything around it. Older versions cannot be put back."""

    name: str
    value: SecretValue
    type: ParameterType
    version: int
    tags: Mapping[str, str]
    tier: Tier = "Standard"
    key_id: str = ""
    data_type: str = "text"
    allowed_pattern: str = ""
    description: str = ""
    policies: tuple[str, ...] = ()
    labels: tuple[str, ...] = ()
    last_modified: float | None = None

    @property
    def seen(self) -> Seen:
        """What must still stand when something is made of it."""
        return Seen(self.version, self.last_modified)

    def is_held_by(self, parameter: Parameter | None) -> bool:
        """Whether `parameter`, decrypted and of whatever name, has the same value, type and data type."""
        if parameter is None:
            return False
        return (parameter.value, parameter.type, parameter.data_type) == (self.value, self.type, self.data_type)

    def request(self, name: str, tags: Mapping[str, str], *, overwrite: bool = False, clear_description: bool = False) -> PutRequest:
        """The call that makes `name` like this one."""
        return PutRequest(
            name=name,
            value=self.value,
            type=self.type,
            overwrite=overwrite,
            tier=self.tier,
            key_id=self.key_id,
            data_type=self.data_type,
            allowed_pattern=self.allowed_pattern,
            description=self.description,
            policies=self.policies,
            tags=tags,
            clear_description=clear_description,
        )

    def differences(self, other: Snapshot, *, tags: Mapping[str, str]) -> tuple[str, ...]:
        """What `other` lacks of this one, with `tags` as the tags it should have. Names of fields, never their content.

        What only `other` has is no lack: a put would not take it away.
        """
        fields = ("value", "type", "tier", "key_id", "data_type", "allowed_pattern", "description", "policies")
        unlike = [field.replace("_", " ") for field in fields if getattr(self, field) not in (getattr(other, field), "", ())]
        if any(other.tags.get(key) != value for key, value in tags.items()):
            unlike.append("tags")
        return tuple(unlike)


def take(store: ParameterStore, names: Sequence[str], *, labels: bool, budget: Budget, threads: int) -> dict[str, Snapshot]:
    """Snapshots of the parameters among `names` that exist. Needs every right that it uses: a copy in part is a loss.

    Raises:
        NotFound: metadata of a parameter that exists is not there (yet).
        AccessDenied: naming the right.
    """
    parameters = store.get(names, decrypt=True, budget=budget)
    existing = [name for name in names if name in parameters]
    metadata = {one.name: one for one in store.describe(names=existing, budget=budget)} if existing else {}
    if missing := [name for name in existing if name not in metadata]:
        raise NotFound(f"the metadata of {missing[0]} is not to be had yet", hint="It trails a write by seconds: run it again.")
    tags = each(lambda name: store.tags(name, budget=budget), existing, threads=threads)
    marks = each(lambda name: _newest_labels(store, name, budget) if labels else (), existing, threads=threads)
    found = {}
    for name, its_tags, its_labels in zip(existing, tags, marks, strict=True):
        parameter, about = parameters[name], metadata[name]
        assert parameter.value is not None
        found[name] = Snapshot(
            name=name,
            value=parameter.value,
            type=parameter.type,
            version=parameter.version,
            tier=about.tier,
            key_id=about.key_id,
            data_type=parameter.data_type,
            allowed_pattern=about.allowed_pattern,
            description=about.description,
            policies=about.policies,
            tags=its_tags,
            labels=its_labels,
            last_modified=parameter.last_modified,
        )
    return found


def lost(store: ParameterStore, held: Iterable[Snapshot], *, budget: Budget) -> frozenset[str]:
    """The names under which the snapshot's value, type and data type no longer stand."""
    by_name = {one.name: one for one in held}
    now = store.get(by_name, decrypt=True, budget=budget)
    return frozenset(name for name, one in by_name.items() if not one.is_held_by(now.get(name)))


def _newest_labels(store: ParameterStore, name: str, budget: Budget) -> tuple[str, ...]:
    versions = list(store.history(name, decrypt=False, budget=budget))
    return max(versions, key=lambda one: one.version).labels if versions else ()
