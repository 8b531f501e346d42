"""Rules about a unit's secrets that stand where they can be read."""

from __future__ import annotations

import shlex

from ssmm_core.classify import is_plain
from ssmm_core.doctor.finding import Finding
from ssmm_core.hazards import is_protocol, is_steering

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from typing import Final

    from ssmm_core.doctor.finding import Level
    from ssmm_core.doctor.unit_facts import UnitFacts

SECRETS: Final = "Secrets in the open"
_TELLING: Final = ("TOKEN", "SECRET", "PASS", "PWD", "KEY", "CREDENTIAL", "AUTH", "PRIVATE", "DSN", "_URL", "_URI", "SALT", "SIGNING")
"""Parts of names that say that a value is a secret, or carries one. Without them a name is only not known to be harmless."""
_HARMLESS: Final = frozenset(
    {"LANG", "LANGUAGE", "TZ", "TERM", "EDITOR", "PAGER", "NO_COLOR", "NODE_ENV", "RAILS_ENV", "DEBUG", "LOG_LEVEL"}
)
_HARMLESS_STARTS: Final = ("LC_", "SSMM_", "AWS_")
_KEYS_OF_AWS: Final = frozenset({"AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN"})


def stale(facts: UnitFacts) -> Iterator[Finding]:
    if facts.stale_file and facts.calls("exec") and not any(one.path == facts.stale_file for one in facts.files):
        yield Finding(
            "warning",
            SECRETS,
            "stale-env-file",
            f"{facts.stale_file} is still there beside a unit that starts through ssmm exec",
            "It keeps values in clear, and a program that loads it itself may take an old one.",
            f"rm {shlex.quote(facts.stale_file)}",
        )


def environment(facts: UnitFacts) -> Iterator[Finding]:
    """Any user may ask the manager for `Environment=` over D-Bus."""
    names = facts.service.environment if facts.service is not None else {}
    by_level: dict[Level, list[str]] = {"error": [], "warning": [], "info": []}
    for name in names:
        if (level := _exposed(name, facts)) is not None:
            by_level[level].append(name)
    said = {
        "error": "which Parameter Store holds as a SecureString",
        "warning": "a secret by its name",
        "info": "which put would store as a SecureString",
    }
    for level, found in by_level.items():
        if found:
            yield Finding(
                level,
                SECRETS,
                "secret-in-environment",
                f"Environment= sets {', '.join(found)}, {said[level]}",
                "Every user of this machine can read Environment= with systemctl show, and it stands in the unit's file.",
                f"ssmm put {' '.join(found)} --app {facts.app}  # asks for each value\n"
                f"Then take {'it' if len(found) == 1 else 'them'} out of Environment=, and: {facts.systemctl} daemon-reload",
            )


RULES: Final[tuple[Callable[[UnitFacts], Iterator[Finding]], ...]] = (stale, environment)


def _exposed(name: str, facts: UnitFacts) -> Level | None:
    if facts.store is not None and facts.store.variables.get(name):
        return "error"
    if name in _KEYS_OF_AWS:
        return "warning"
    if is_plain(name) or is_protocol(name) or is_steering(name) or name in _HARMLESS or name.startswith(_HARMLESS_STARTS):
        return None
    return "warning" if any(part in name.upper() for part in _TELLING) else "info"
