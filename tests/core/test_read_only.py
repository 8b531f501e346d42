"""The store that lets nothing be written."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from ssmm_core.errors import ExitCode, ReadOnly
from ssmm_core.store import ParameterReader, ParameterStore
from ssmm_core.store.read_only import ReadOnlyStore
from tests.store.calls import READS, REPEATABLE_WRITES, SENT_ONCE

if TYPE_CHECKING:
    from collections.abc import Callable

    from ssmm_core.store.aws import AwsStore
    from tests.conftest import Ssm
    from tests.support.faults import Faults

ALL_READS: dict[str, Callable[[Any], object]] = READS | {
    "GetResources": lambda store: list(store.all_tags("/myteam", budget=store.budget())),
    "GetCallerIdentity": lambda store: store.account(budget=store.budget()),
}
WRITES: dict[str, Callable[[Any], object]] = {
    **REPEATABLE_WRITES,
    **SENT_ONCE,
    "turn": lambda store: store.turn(budget=store.budget()),
}


@pytest.fixture
def token(ssm: Ssm) -> str:
    """The name of a parameter that is there, with a tag."""
    ssm.put("/myteam/web/token", "made-up", tags={"app": "web"})
    return "/myteam/web/token"


@pytest.mark.parametrize("operation", ALL_READS)
def test_a_read_is_passed_on_and_its_answer_back(faulty_store: AwsStore, faults: Faults, token: str, operation: str) -> None:
    answer = ALL_READS[operation](ReadOnlyStore(faulty_store))
    assert answer
    assert answer == ALL_READS[operation](faulty_store)
    assert faults.count(operation) == 2


@pytest.mark.parametrize("operation", WRITES)
def test_a_write_is_refused_before_anything_is_sent(faulty_store: AwsStore, faults: Faults, token: str, operation: str) -> None:
    with pytest.raises(ReadOnly, match="--read-only") as caught:
        WRITES[operation](ReadOnlyStore(faulty_store))
    assert caught.value.exit_code == ExitCode.SETTINGS
    assert faults.calls == []


def test_it_is_where_the_other_store_is_and_as_patient(faulty_store: AwsStore, faults: Faults) -> None:
    store = ReadOnlyStore(faulty_store)
    assert (store.region, store.endpoint) == (faulty_store.region, faults.url)
    assert store.budget().seconds == faulty_store.budget().seconds


def test_every_method_of_the_protocol_is_written_out() -> None:
    def methods(kind: type) -> set[str]:
        return {name for name, member in vars(kind).items() if callable(member) and not name.startswith("_")}

    assert methods(ReadOnlyStore) == methods(ParameterReader) | methods(ParameterStore)
