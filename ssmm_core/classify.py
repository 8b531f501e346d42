"""String or SecureString: guessed from the key's name, carefully, and always with the reason."""

from __future__ import annotations

from ssmm_core.errors import UsageError
from ssmm_core.names import is_environment_name
from ssmm_core.record import Record

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable
    from typing import Final

    from ssmm_core.models import ParameterType

SAFE_SUFFIXES: Final = ("_path", "_dir", "_channel", "_name", "_host", "_port", "_region", "_endpoint")
"""Endings that say where or what, not a secret. `_url` is not among them: addresses often carry passwords."""


class Classification(Record):
    """The type of a parameter and why: `auto: suffix`, `auto: default`, `forced: --secure`, …"""

    type: ParameterType
    reason: str


class TypeRules(Record):
    """What the command line forces, by environment name. Anything else is guessed."""

    plain_all: bool = False
    plain: frozenset[str] = frozenset()
    secure: frozenset[str] = frozenset()

    def classify(self, environment: str) -> Classification:
        """The type for one variable. A forced name wins over `plain_all`, which wins over the guess."""
        if environment in self.secure:
            return Classification("SecureString", "forced: --secure")
        if environment in self.plain:
            return Classification("String", "forced: --plain-key")
        if self.plain_all:
            return Classification("String", "forced: --plain-all")
        return classify(environment)


def type_rules(*, plain_all: bool, plain: Iterable[str], secure: Iterable[str]) -> TypeRules:
    """Rules from the command line.

    Raises:
        UsageError: one name is asked for as both types.
    """
    plain, secure = list(plain), list(secure)
    for option, names in (("--plain-key", plain), ("--secure", secure)):
        if not all(map(is_environment_name, names)):
            raise UsageError(f"{option} takes the name of a variable alone", hint="Give its value as a pair or in a file.")
    rules = TypeRules(plain_all=plain_all, plain=frozenset(plain), secure=frozenset(secure))
    if both := sorted(rules.plain & rules.secure):
        raise UsageError(f"{', '.join(both)} given as both --plain-key and --secure", hint="Choose one of them.")
    return rules


def classify(environment: str) -> Classification:
    """The guess for a variable: SecureString unless its name ends in a safe suffix."""
    if is_plain(environment):
        return Classification("String", "auto: suffix")
    return Classification("SecureString", "auto: default")


def is_plain(environment: str) -> bool:
    """Whether a variable's name says that it is no secret."""
    return environment.lower().endswith(SAFE_SUFFIXES)
