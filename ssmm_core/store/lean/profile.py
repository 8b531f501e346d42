"""Which profile of the SDK's configuration files is meant, and what it says."""

from __future__ import annotations

import os

from ssmm_core.store.lean import Handover, ini

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping
    from typing import Final

    from ssmm_core.store.lean.ini import Section

_NAMED: Final = ("profile", "services", "sso-session")
"""The words of the configuration file's headings that a name follows."""


class Profile:
    """What the files say of one profile. No record: what it holds is not for a `repr`.

    `name` is `default` where none was named. `shared` is its section of the credentials file and `configured` that of the configuration
    file, each empty where there is none; `settings` is both, the former over the latter. `services` are those sections by name.
    """

    def __init__(self, name: str, *, by_flag: bool, shared: Section, configured: Section, services: Mapping[str, Section]) -> None:
        self.name = name
        self.by_flag = by_flag
        self.shared = shared
        self.configured = configured
        self.settings: Section = {**configured, **shared} if configured and shared else configured or shared
        self.services = services

    def text(self, key: str) -> str | None:
        """What the profile says for a key, None where it says nothing.

        Raises:
            Handover: it is a block.
        """
        return plain(self.settings, key)

    def setting(self, environ: Mapping[str, str], variable: str, key: str) -> str | None:
        """A setting, which is the environment's even if it is empty there, else the profile's.

        Raises:
            Handover: it is a block.
        """
        value = environ.get(variable)
        return self.text(key) if value is None else value


def plain(section: Section, key: str) -> str | None:
    """What a section says for a key, None where it says nothing.

    Raises:
        Handover: it is a block.
    """
    value = section.get(key)
    if isinstance(value, dict):
        raise Handover(f"{key} in a configuration file is a block")
    return value


def load(environ: Mapping[str, str], flag: str | None) -> Profile:
    """The profile that the flag names, else AWS_DEFAULT_PROFILE, else AWS_PROFILE, else the default one, which need not exist.

    Raises:
        Handover: there is no such profile, or the files are not understood for sure.
    """
    named = next((name for name in (flag, environ.get("AWS_DEFAULT_PROFILE"), environ.get("AWS_PROFILE")) if name is not None), None)
    name = "default" if named is None else named
    configuration = ini.read(_place(environ, "AWS_CONFIG_FILE", "~/.aws/config"))
    profiles: dict[str, Section] = {}
    services: dict[str, Section] = {}
    for heading, section in configuration.items():
        if heading == "default":
            _add(profiles, heading, section)
        elif heading.startswith(_NAMED):
            words = heading.split()
            if len(words) != 2 or words[0] not in _NAMED or any(char in words[1] for char in "'\"\\"):
                raise Handover("a heading of the configuration file is not understood for sure")
            if words[0] != "sso-session":
                _add(profiles if words[0] == "profile" else services, words[1], section)
    shared = ini.read(_place(environ, "AWS_SHARED_CREDENTIALS_FILE", "~/.aws/credentials"))
    if named is not None and name not in profiles and name not in shared:
        raise Handover("the profile does not exist")
    return Profile(name, by_flag=flag is not None, shared=shared.get(name, {}), configured=profiles.get(name, {}), services=services)


def at_home(environ: Mapping[str, str], path: str) -> str:
    """A path with the home directory for a `~` in front, as the SDK says it.

    Raises:
        Handover: it is another user's.
    """
    if path[:1] != "~":
        return path
    if path[:2] != "~/":
        raise Handover("a path leads to another user's home")
    home = environ.get("HOME")
    if home is None:
        import pwd  # a unit of the system has no HOME

        try:
            home = pwd.getpwuid(os.getuid()).pw_dir
        except KeyError:
            return path
    return home.rstrip("/") + path[1:]


def _place(environ: Mapping[str, str], variable: str, default: str) -> str:
    path = environ.get(variable, default)
    if "$" in path:
        raise Handover(f"{variable} has a variable in it")
    return at_home(environ, path)


def _add(sections: dict[str, Section], name: str, section: Section) -> None:
    if name in sections:
        raise Handover("a section of the configuration file is there twice")
    sections[name] = section
