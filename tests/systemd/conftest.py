"""A real `systemd --user`, and a real `systemd --system`, for the tests that need one."""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

import pytest

from tests.systemd.managers import PATH, Manager, SystemManager, UserManager, missing
from tests.systemd.scene import Units

if TYPE_CHECKING:
    from collections.abc import Iterator

__all__ = ["PATH", "Manager", "SystemManager", "UserManager"]

AManager = TypeVar("AManager", bound=Manager)


def running(kind: type[AManager]) -> Iterator[AManager]:
    """A manager for as long as the tests run that ask for it."""
    if reason := missing():
        pytest.skip(reason)
    # Not below pytest's own folder: /run is another one inside, and paths stay short enough for everything systemd makes of them.
    with tempfile.TemporaryDirectory(prefix="ssmm-systemd-") as folder:
        manager = kind(Path(folder))
        yield manager
        manager.stop()


@pytest.fixture(scope="session")
def user_manager() -> Iterator[UserManager]:
    yield from running(UserManager)


@pytest.fixture(scope="session")
def system_manager() -> Iterator[SystemManager]:
    yield from running(SystemManager)


@pytest.fixture
def of_user(user_manager: UserManager, endpoint: str) -> Iterator[Units]:
    """Units of a user's manager."""
    made = Units(user_manager, endpoint)
    yield made
    made.clear()


@pytest.fixture
def of_system(system_manager: SystemManager, endpoint: str) -> Iterator[Units]:
    """Units of the system's manager."""
    made = Units(system_manager, endpoint)
    yield made
    made.clear()


@pytest.fixture(params=["user", "system"])
def units(request: pytest.FixtureRequest) -> Units:
    """Units of either."""
    scene: Units = request.getfixturevalue(f"of_{request.param}")
    return scene
