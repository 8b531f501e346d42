"""Variables that are asked for by name: `NAME`, `NAME?` where it may be missing, `NAME=parameter` where its key is spelled as no rule
tells, and how the key of a variable may be spelled.
"""

from __future__ import annotations

from ssmm_core.errors import InvalidInput
from ssmm_core.names import comes_back_as, distinct, is_environment_name, is_parameter_name, is_segment, parameter_key, printable
from ssmm_core.record import Record

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable
    from typing import Final

_SEPARATORS: Final = "-_./"


class Asked(Record):
    """One variable. `parameter` is a key, which is looked for in every layer, or a full name; empty: any key that folds to `name`."""

    name: str
    parameter: str = ""
    optional: bool = False


def parse(text: str) -> Asked:
    """What a person wrote: `NAME`, `NAME?`, `NAME=key`, `NAME=/team/app/key` or `NAME?=key`.

    Raises:
        InvalidInput: it is none of these. What stands behind `=` may be a value, and is not repeated.
    """
    before, equals, parameter = text.partition("=")
    name = before.removesuffix("?")
    if not is_environment_name(name):
        raise InvalidInput(f"{printable(f'{before}=…' if equals else text)} is no variable's name", hint="Write it as DB_HOST.")
    if equals and not is_parameter_name(parameter):
        raise InvalidInput(f"what stands behind {name}= is no parameter's name", hint=f"Write it as {name}=key or {name}=/team/app/key.")
    return Asked(name, parameter, before != name)


def together(asked: Iterable[Asked]) -> tuple[Asked, ...]:
    """Each variable once: it may be missing if all say so, and comes from the parameter that any of them tells.

    Raises:
        InvalidInput: a variable is asked for from two parameters.
    """
    found: dict[str, Asked] = {}
    for one in asked:
        before = found.get(one.name, one)
        if before.parameter and one.parameter and before.parameter != one.parameter:
            raise InvalidInput(f"{one.name} is asked for from two parameters", hint="Leave one of them out.")
        found[one.name] = Asked(one.name, before.parameter or one.parameter, before.optional and one.optional)
    return tuple(found.values())


def usual_spelling(name: str) -> tuple[str, ...]:
    """The key that `put` writes for a variable; none for `dbHost`, which no key folds to."""
    return (parameter_key(name),) if comes_back_as(name) == name else ()


def other_spellings(name: str) -> tuple[str, ...]:
    """The regular keys besides that one: all small or all capital letters, with one separator throughout."""
    usual = usual_spelling(name)
    if not usual:
        return ()
    spelled = (text.replace("_", separator) for text in (name.lower(), name) for separator in _SEPARATORS)
    return distinct(key for key in spelled if key not in usual and all(map(is_segment, key.split("/"))))
