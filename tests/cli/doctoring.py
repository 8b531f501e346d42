"""What `ssmm doctor --json` told, checked for what counts always."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from tests.conftest import Ran

SENTINEL = "sentinel-hunter2"
KEY_ID = "AKIAMADEUP0123456789"
FINDING = {"level", "area", "check", "what", "why", "fix"}


def findings(ran: Ran) -> dict[str, dict[str, str]]:
    """What was found, by its name for programs."""
    assert "Traceback" not in ran.err
    assert "internal error" not in ran.err
    assert SENTINEL not in ran.out + ran.err
    told: dict[str, Any] = json.loads(ran.out)
    assert set(told) == {"unit", "findings", "counts"}
    assert all(set(one) == FINDING for one in told["findings"])
    assert sum(told["counts"].values()) == len(told["findings"])
    assert ran.code == (1 if told["counts"]["error"] else 0)
    return {one["check"]: one for one in told["findings"]}


def levels(ran: Ran) -> dict[str, str]:
    return {check: one["level"] for check, one in findings(ran).items()}
