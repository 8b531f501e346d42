"""What a run of ssmm is told: flags over environment over files, read once, then passed in and never changed."""

from __future__ import annotations

import os

from ssmm_core.errors import SettingsError
from ssmm_core.names import NO_PREFIX, prefix_root
from ssmm_core.record import Record

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping, MutableMapping
    from typing import Any, Final

READ_CONCURRENCY: Final = 12
WRITE_CONCURRENCY: Final = 3
WRITE_RATE: Final = 3.0
"""Writes a second: what the service grants PutParameter by default."""
TIMEOUT: Final = 60.0


class Settings(Record):
    """Everything below the command line. `prefix` is normalized; `credentials` are only ever those of `--demo`."""

    prefix: str | None = None
    profile: str | None = None
    region: str | None = None
    endpoint_url: str | None = None
    credentials: tuple[str, str] | None = None
    read_concurrency: int = READ_CONCURRENCY
    write_concurrency: int = WRITE_CONCURRENCY
    write_rate: float | None = WRITE_RATE
    timeout: float = TIMEOUT
    advanced: bool = False
    kms_key_id: str = ""
    state_directory: str | None = None

    @property
    def root(self) -> str:
        """The prefix root.

        Raises:
            SettingsError: none is configured.
        """
        if self.prefix is None:
            raise SettingsError(NO_PREFIX)
        return self.prefix


def load(flags: Mapping[str, Any], environ: Mapping[str, str]) -> Settings:
    """Settings from the command line's flags (None or absent: not given) and the environment.

    AWS_PROFILE is left to the SDK: a profile that is named to it beats the credentials in the environment, one from there does not.
    The configuration file is read only where neither says the prefix: a service that starts does not pay for it.

    Raises:
        SettingsError: the prefix or the configuration file cannot be right.
    """
    given = {name: value for name, value in flags.items() if name in Settings._fields and value is not None}
    prefix = given.pop("prefix", None) or environ.get("SSMM_PREFIX_ROOT") or _configured_prefix(environ)
    return Settings(
        prefix=prefix_root(prefix) if prefix else None,
        region=given.pop("region", None) or environ.get("AWS_REGION") or None,
        state_directory=_base(environ, "XDG_STATE_HOME", ".local/state"),
        **given,
    )


def forget_aws(environ: MutableMapping[str, str]) -> None:
    """Take what is meant for the real AWS out of the environment of this process, where moto would stumble over it.

    A program that `exec` becomes still gets it: see `cli.launch`.
    """
    for name in [name for name in environ if name.startswith("AWS_")]:
        del environ[name]


def configuration(environ: Mapping[str, str]) -> Mapping[str, Any]:
    """What the configuration file says; empty where there is none.

    Raises:
        SettingsError: it cannot be read, or is not TOML.
    """
    path = configuration_file(environ)
    if not path or not os.path.exists(path):
        return {}
    import tomllib  # 26 ms

    try:
        with open(path, "rb") as file:
            return tomllib.load(file)
    except (OSError, ValueError) as error:
        reason = os.strerror(error.errno or 0) if isinstance(error, OSError) else "it is not valid TOML"
        raise SettingsError(f"cannot read {path}: {reason}", hint="Mend it, or pass --prefix.") from None


def _configured_prefix(environ: Mapping[str, str]) -> str | None:
    prefix = configuration(environ).get("prefix")
    if prefix is not None and not isinstance(prefix, str):
        raise SettingsError(f"prefix in {configuration_file(environ)} is not a text", hint='Write it as prefix = "/<your-team>".')
    return prefix


def configuration_file(environ: Mapping[str, str]) -> str:
    """Where the configuration file is, or would be; empty where there is no home."""
    base = _base(environ, "XDG_CONFIG_HOME", ".config")
    return os.path.join(base, "config.toml") if base else ""


def _base(environ: Mapping[str, str], variable: str, default: str) -> str | None:
    """Our folder in one of the XDG base directories; None where there is no home either, as in many units."""
    base = environ.get(variable, "")
    if not base.startswith("/"):
        home = environ.get("HOME", "")
        base = os.path.join(home, default) if home.startswith("/") else ""
    return os.path.join(base, "ssmm") if base else None
