"""What the tests of the core share."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from tests.conftest import Ssm


@pytest.fixture
def token(ssm: Ssm) -> str:
    """The name of a parameter that is there."""
    ssm.put("/myteam/web/token", "made-up")
    return "/myteam/web/token"
