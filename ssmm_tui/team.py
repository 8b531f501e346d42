"""A team's parameters as far as they are known by now, and what a person marked among them."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Mapping

    from ssmm_core.catalogue import Entry
    from ssmm_core.models import Parameter
    from ssmm_core.secret import SecretValue


def by_app(entries: Iterable[Entry]) -> dict[str, list[Parameter]]:
    """Each app's parameters, without values."""
    found: dict[str, list[Parameter]] = {}
    for entry in entries:
        found.setdefault(entry.app, []).append(entry.parameter)
    return found


class Team:
    """Everything below one prefix root. Changed by the app alone, from what operations answered; screens read it.

    `revision` grows with every change, so that what was computed from an earlier state can be told from what is new.
    """

    def __init__(self, root: str) -> None:
        self.root = root
        self.entries: dict[str, Entry] = {}
        self.marked: set[str] = set()
        self.asked: set[str] = set()
        """Rows whose value or tags were asked for, so that a refusal is not asked for again and again."""
        self.revision = 0
        self._values: dict[str, Parameter] = {}
        self._by_app: dict[str, list[Parameter]] = {}
        self._by_app_revision = -1

    def add(self, entries: Iterable[Entry]) -> None:
        """Take in what a page of the listing brought; tags that are known already stay."""
        for entry in entries:
            known = self.entries.get(entry.name)
            if entry.tags is None and known is not None:
                entry = entry.replace(tags=known.tags)
            if known is not None and (known.version, known.last_modified) != (entry.version, entry.last_modified):
                self._forget_value(entry.name)
            self.entries[entry.name] = entry
        self.revision += 1

    def tag(self, tags: Mapping[str, Mapping[str, str]]) -> None:
        """Take in tags that were read. A name that is not listed (yet) is left out."""
        for name, its in tags.items():
            if name in self.entries:
                self.entries[name] = self.entries[name].replace(tags=dict(its))
        self.revision += 1

    def settle_tags(self, tagged: Collection[str], *, whole: bool) -> None:
        """All that carries tags was read, if it is the `whole`: the rest has none. Else tags known from before may be outdated."""
        for name, entry in self.entries.items():
            if name not in tagged:
                self.entries[name] = entry.replace(tags={} if whole else None)
        self.asked.clear()
        self.revision += 1

    def remove(self, names: Collection[str]) -> None:
        """Forget parameters that are gone."""
        for name in names:
            self.entries.pop(name, None)
            self._forget_value(name)
        self.marked.difference_update(names)
        self.revision += 1

    def _forget_value(self, name: str) -> None:
        """It was written, or deleted and perhaps created anew: versions begin at 1 then, so that a higher one is not a newer one."""
        self._values.pop(name, None)
        self.asked.discard(name)

    def show(self, parameters: Mapping[str, Parameter]) -> None:
        """Keep values that need no decryption, for rows on the screen."""
        self._values.update(parameters)

    def value(self, entry: Entry) -> SecretValue | None:
        """The plain value of a String entry, if it was read at the version that the entry has."""
        known = self._values.get(entry.name)
        return known.value if known is not None and known.version >= entry.version else None

    @property
    def apps(self) -> list[str]:
        """All apps, sorted; parameters directly below the root have none."""
        return sorted(app for app in self.by_app if app)

    @property
    def by_app(self) -> Mapping[str, list[Parameter]]:
        """Each app's parameters, without values, as `deliver.resolve_known` takes them."""
        if self._by_app_revision != self.revision:
            self._by_app = by_app(self.entries.values())
            self._by_app_revision = self.revision
        return self._by_app

    def tagged(self, tags: Mapping[str, str]) -> list[Parameter]:
        """The parameters of any app that carry all of `tags`; none where no tag is asked for."""
        if not tags:
            return []
        return [
            entry.parameter
            for entry in self.entries.values()
            if entry.app and entry.tags and all(entry.tags.get(key) == value for key, value in tags.items())
        ]

    @property
    def tags_missing(self) -> int:
        """How many entries' tags were not read yet."""
        return sum(entry.tags is None for entry in self.entries.values())
