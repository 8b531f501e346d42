"""What is known of a team's parameters without decrypting any: one entry each, as a person browses them."""

from __future__ import annotations

from ssmm_core.classify import is_plain
from ssmm_core.models import SECURE, Parameter
from ssmm_core.names import environment_name, split
from ssmm_core.record import Record

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping

    from ssmm_core.models import ParameterMetadata, ParameterType


class Entry(Record):
    """One parameter. `text` is what a filter searches; `tags` is None until they were read."""

    metadata: ParameterMetadata
    app: str
    key: str
    variable: str
    text: str
    tags: Mapping[str, str] | None = None

    @property
    def name(self) -> str:
        return self.metadata.name

    @property
    def type(self) -> ParameterType:
        return self.metadata.type

    @property
    def version(self) -> int:
        return self.metadata.version

    @property
    def last_modified(self) -> float | None:
        return self.metadata.last_modified

    @property
    def is_secure(self) -> bool:
        return self.metadata.type == SECURE

    @property
    def parameter(self) -> Parameter:
        """The same for the overlay: without a value."""
        about = self.metadata
        return Parameter(about.name, about.type, about.version, None, about.last_modified, about.data_type)

    @property
    def finding(self) -> str:
        """What an audit would say of it, or empty."""
        if not self.is_secure and not is_plain(self.variable):
            return f"a {self.type}, though its name reads as a secret's"
        return ""


def entry_of(metadata: ParameterMetadata, root: str, tags: Mapping[str, str] | None = None) -> Entry:
    """The entry of a parameter below `root`."""
    app, key = split(metadata.name, root)
    text = metadata.name[len(root) + 1 :].lower().replace("_", "-")
    return Entry(metadata, app, key, environment_name(key), text, tags)
