"""Where a parameter lives, `/<team>/<app>/<key>`, and what its variable is called in an environment."""

from __future__ import annotations

import re

from ssmm_core.errors import InvalidInput, SettingsError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable
    from typing import Final

SHARED: Final = "shared"
"""The app whose parameters every app receives."""

NO_PREFIX: Final = "no prefix configured. Pass --prefix /<your-team> or set $SSMM_PREFIX_ROOT=/<your-team>."

_ENVIRONMENT_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")
_SEGMENT = re.compile(r"[A-Za-z0-9_.-]+")


def prefix_root(text: str) -> str:
    """`/team` or `/team/prod` from what a person wrote: one leading slash needed, trailing slashes lost."""
    root = text.rstrip("/")
    if not text.startswith("/"):
        raise SettingsError(f"prefix {text!r} does not start with /", hint=f"Write it as /{text.strip('/') or '<your-team>'}.")
    if not root:
        raise SettingsError("prefix / is the whole account", hint="Name your team's part of it: /<your-team>.")
    segments = root[1:].split("/")
    for segment in segments:
        if not is_segment(segment):
            raise SettingsError(
                f"prefix {text!r} has a segment that a parameter name cannot hold: {segment!r}",
                hint="Letters, digits, '_', '.' and '-' are allowed.",
            )
    if segments[0].lower().startswith(("aws", "ssm")):
        raise SettingsError(f"prefix {text!r} is reserved by AWS", hint="A name may not begin with 'aws' or 'ssm'.")
    return root


def is_segment(text: str) -> bool:
    """Whether `text` can stand between two slashes of a parameter name; `.` and `..` read as places and cannot."""
    return text not in (".", "..") and _SEGMENT.fullmatch(text) is not None


def app_name(text: str) -> str:
    """An app as given with `--app`: one path segment."""
    if not text:
        raise SettingsError("the app is empty", hint="Pass --app NAME.")
    if not is_segment(text):
        shown = f"{text.partition('=')[0]}=…" if "=" in text else text  # a pair in the wrong place holds a value
        raise SettingsError(
            f"app {shown!r} is not one path segment", hint="Letters, digits, '_', '.' and '-' are allowed; '.' and '..' are not apps."
        )
    return text


def app_from_directory(path: str) -> str:
    """The app that a working directory stands for: its last part, with `_` as `-`."""
    base = path.rstrip("/").rpartition("/")[2].replace("_", "-")
    if not is_segment(base):
        raise SettingsError(f"the directory {path!r} does not name an app", hint="Pass --app NAME.")
    return base


def distinct(items: Iterable[str]) -> tuple[str, ...]:
    """`items` without doubles, in the order of their first appearance."""
    return tuple(dict.fromkeys(items))


def is_environment_name(text: str) -> bool:
    """Whether systemd, a shell and `execve` all take `text` as a variable's name."""
    return _ENVIRONMENT_NAME.fullmatch(text) is not None


def environment_name(key: str) -> str:
    """`KINTONE_API_TOKEN` from `kintone-api-token`; nested keys flatten: `db/read.host` is `DB_READ_HOST`.

    The result need not be a valid variable name (`1st` gives `1ST`): see `is_environment_name`.
    """
    return re.sub(r"[^A-Za-z0-9_]", "_", key).upper()


def parameter_key(environment: str) -> str:
    """`kintone-api-token` from `KINTONE_API_TOKEN`: the spelling that `put` writes."""
    return environment.lower().replace("_", "-")


def key_for_put(environment: str) -> str:
    """The key that `put` stores a variable under.

    Raises:
        InvalidInput: it is not a variable name that every reader takes.
    """
    if not is_environment_name(environment):
        raise InvalidInput(
            f"{printable(environment)} cannot be the name of an environment variable",
            hint="Letters, digits and '_', not beginning with a digit.",
        )
    return parameter_key(environment)


def comes_back_as(environment: str) -> str:
    """What a variable is called after a journey through the store: `dbUrl` comes back as `DBURL`."""
    return environment_name(parameter_key(environment))


def join(root: str, app: str, key: str = "") -> str:
    """`/team/app/key`, or the app's path without a key."""
    return f"{root}/{app}/{key}" if key else f"{root}/{app}"


def is_below(name: str, path: str) -> bool:
    """Whether the parameter `name` lies in the namespace `path` (`/a` holds `/a/b`, not `/ab` and not itself)."""
    return name.startswith(path.rstrip("/") + "/")


def split(name: str, root: str) -> tuple[str, str]:
    """(app, key) of a parameter below `root`; the app is empty for one that stands directly below it."""
    app, _, key = name[len(root) + 1 :].partition("/")
    return (app, key) if key else ("", app)


def is_parameter_name(text: str) -> bool:
    """Whether `text` can be a key, nested or not, or a full name, which begins with a slash."""
    return all(map(is_segment, text.removeprefix("/").split("/")))


def full_name(root: str, app: str, key: str) -> str:
    """The parameter that a person meant by `key`: a full name as it is, anything else below the app."""
    if not is_parameter_name(key):
        raise InvalidInput(f"{printable(key)} is not a parameter's name", hint="Letters, digits, '_', '.', '-' and '/' are allowed.")
    return key if key.startswith("/") else join(root, app, key)


def key_spellings(key: str) -> tuple[str, ...]:
    """How `key` may stand in the store: as given first, then as `put` would have written an environment name."""
    if is_environment_name(key) and key.upper() == key:
        return distinct((key, parameter_key(key)))
    return (key,)


def printable(text: str) -> str:
    """`text` quoted, with control characters escaped, so that a hostile name cannot write to the terminal."""
    return repr(text)
