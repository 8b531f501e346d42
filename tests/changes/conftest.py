"""What the tests of changes share: access to a store, carrying a change out, and a picture of all that is there."""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import Any

import pytest

from ssmm_core.changes import Access, Change
from ssmm_core.operations.outcome import Outcome, StepResult
from ssmm_core.settings import Settings
from ssmm_core.store.aws import AwsStore
from tests.conftest import REGION, ROOT, Ssm

Apply = Callable[[Change], Outcome]


@pytest.fixture
def settings(tmp_path: Any) -> Settings:
    return Settings(prefix=ROOT, region=REGION, write_rate=None, state_directory=str(tmp_path / "state"))


@pytest.fixture
def access(store: AwsStore, settings: Settings) -> Access:
    return Access(store, settings)


@pytest.fixture
def faulty(faulty_store: AwsStore, settings: Settings, monkeypatch: pytest.MonkeyPatch) -> Access:
    """Access to an endpoint that can misbehave; two attempts of each call instead of ten."""
    monkeypatch.setattr("ssmm_core.store.retry.ATTEMPTS", 2)
    return Access(faulty_store, settings)


def carry_out(change: Change) -> Outcome:
    """Apply a change, and see that each step was reported once, under a name that the plan has."""
    told: list[StepResult] = []
    outcome = change.apply(stop=threading.Event(), on_step=told.append)
    assert sorted(one.name for one in told) == sorted(one.name for one in outcome.results if one.status != "undone")
    assert sorted(one.name for one in outcome.results) == sorted(line.name for line in change.lines)
    assert_silent(change, outcome)
    return outcome


def applied(change: Change | None) -> Change:
    """A change, carried out without a hitch."""
    assert change is not None
    outcome = carry_out(change)
    assert not [one for one in outcome.results if one.status in ("failed", "undone")], outcome
    return change


def statuses(outcome: Outcome) -> dict[str, str]:
    return {one.name.removeprefix(f"{ROOT}/"): one.status for one in outcome.results}


def errors(outcome: Outcome) -> list[str]:
    return [one.error.message for one in outcome.results if one.error is not None]


def assert_silent(change: Change, outcome: Outcome) -> None:
    """No text of a change or of its outcome holds a value of it."""
    text = f"{change!r} {change.title} {change.lines!r} {change.warnings} {change.reasons} {change.confirmation} {outcome!r}"
    text += " ".join(str(one.error) for one in outcome.results)
    for _, before, after in change.values:
        assert before is None or before.reveal() not in text
        assert after is None or after.reveal() not in text


def picture(ssm: Ssm) -> dict[str, dict[str, Any]]:
    """All that there is, but for what no undo can bring back: version numbers and times."""
    found = {}
    for name in ssm.names():
        about, held = ssm.describe(name), ssm.get(name)
        found[name] = {
            "value": held["Value"],
            "type": held["Type"],
            "tier": about["Tier"],
            "description": about.get("Description") or "",
            "tags": ssm.tags(name),
        }
    return found
