"""What a command is given: its options, the settings made of them, the store behind, and the two streams."""

from __future__ import annotations

import os

from ssmm_core import names, settings
from ssmm_core.cli import launch
from ssmm_core.errors import SettingsError, UsageError

TYPE_CHECKING = False
if TYPE_CHECKING:
    import argparse
    from collections.abc import Callable
    from types import TracebackType
    from typing import Self

    from ssmm_core.cli.diagnostics import Diagnostics
    from ssmm_core.settings import Settings
    from ssmm_core.store import ParameterReader, ParameterStore
    from ssmm_core.store.demo import DemoServer
    from ssmm_core.store.lean.opening import Opening


def working_directory() -> str:
    """Where the process is.

    Raises:
        SettingsError: that directory was deleted.
    """
    try:
        return os.getcwd()
    except OSError:
        raise SettingsError("the working directory is gone", hint="Go to one that exists, or pass --app NAME.") from None


class Context:
    """One run of one command. Leaving it stops the demonstration server, if one was started.

    `ahead` are connections that were opened before the command line was understood. `interruptible` is called once all is fetched.
    """

    def __init__(
        self,
        options: argparse.Namespace,
        say: Diagnostics,
        ahead: Opening | None = None,
        interruptible: Callable[[], None] = lambda: None,
    ) -> None:
        self.options = options
        self.say = say
        self.launch = launch.take(os.environ)
        self._settings: Settings | None = None
        self._ahead = ahead
        self.interruptible = interruptible
        self._reader: ParameterReader | None = None
        self._store: ParameterStore | None = None
        self._demo: DemoServer | None = None
        if not getattr(options, "judges_settings", False):
            self._settings = self.settings

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None) -> None:
        if self._demo is not None:
            self._demo.stop()

    @property
    def settings(self) -> Settings:
        """Read at once, but for a command that is there to say what is wrong with them (`judges_settings`).

        Raises:
            SettingsError: the prefix or the configuration file cannot be right.
        """
        if self._settings is None:
            self._settings = settings.load(vars(self.options), os.environ)
        return self._settings

    @property
    def store(self) -> ParameterStore:
        """Parameter Store, made at its first use: what can be refused without it is refused before."""
        if self._store is None:
            if self.options.demo:
                from ssmm_core.store import demo

                given = self.settings
                settings.forget_aws(os.environ)
                self._demo = server = demo.start(given)
                self._settings = server.settings(given)
            from ssmm_core.store.aws import AwsStore

            self._store = AwsStore(self.settings, trace=self.say.debug if self.say.debugging else None)
            self.say.debug(f"region {self._store.region}, prefix {self.settings.prefix}")
        return self._store

    @property
    def reader(self) -> ParameterReader:
        """Parameter Store to be read alone, made at its first use: without the SDK where that can be, as it runs at every boot."""
        if self._reader is None:
            if self.options.demo:
                return self.store
            from ssmm_core.store.delivery import reader

            trace = self.say.debug if self.say.debugging else None
            self._reader = reader(self.settings, os.environ, trace=trace, ahead=self._ahead)
            self.say.debug(f"region {self._reader.region}, prefix {self.settings.prefix}")
        return self._reader

    @property
    def root(self) -> str:
        """The prefix root; the demonstration team's own where nothing else is said."""
        if self.options.demo and self.settings.prefix is None:
            from ssmm_core.store.demo_team import ROOT

            return ROOT
        return self.settings.root

    @property
    def apps(self) -> tuple[str, ...]:
        """The apps of a repeatable `--app`, without doubles; else the one that the working directory names."""
        given: list[str] | None = self.options.app
        if given:
            return names.distinct(names.app_name(app) for app in given)
        return (names.app_from_directory(working_directory()),)

    @property
    def app(self) -> str:
        """The one app of a command that takes one.

        Raises:
            UsageError: several were given.
        """
        apps = self.apps
        if len(apps) > 1:
            raise UsageError("this command takes one --app", hint="Give it once.")
        return apps[0]

    def app_for(self, key: str) -> str:
        """The app that `key` is looked for in: none for a full parameter name, which a unit without a directory may use."""
        return "" if key.startswith("/") else self.app
