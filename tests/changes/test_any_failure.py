"""Whatever call fails, in whatever way: nothing is lost, undo leaves all as it was, and a retry gets there."""

from __future__ import annotations

import itertools
import threading
from collections.abc import Callable
from contextlib import suppress

from hypothesis import HealthCheck, given
from hypothesis import settings as examples
from hypothesis import strategies as st

from ssmm_core.catalogue import entry_of
from ssmm_core.changes import Access, Change, deletion, edit, import_env, promotion, tags, transfer
from ssmm_core.classify import TypeRules
from ssmm_core.errors import SsmmError
from ssmm_core.operations import backup
from ssmm_core.operations.put import PutIntent
from ssmm_core.secret import SecretValue
from tests.changes.conftest import applied, picture
from tests.conftest import REGION, Ssm
from tests.support.faults import Faults

Plan = Callable[[Access, str], Change]
ROOTS = (f"/team-{number}" for number in itertools.count())


def _edit(access: Access, root: str) -> Change:
    loaded = edit.load(access, f"{root}/web/token")
    draft = edit.Draft.of(loaded).replace(value=SecretValue("rotated"), tags={"app": "web", "env": "prod", "new": "x"})
    return edit.plan(access, draft, loaded=loaded)


def _import(access: Access, root: str) -> Change:
    variables = {name: SecretValue(f"imported {name}") for name in ("TOKEN", "HOST", "NEW")}
    return import_env.plan(access, PutIntent(root, "web", variables, TypeRules(), {"env": "prod"}))


def _promote(access: Access, root: str, how: str) -> Change:
    everything = [entry_of(one, root, {}) for one in access.store.describe(path=root, budget=access.store.budget())]
    names = [f"{root}/web/token", f"{root}/api/token"]
    return promotion.plan(access, names, keep=names[0], how="tag" if how == "tag" else "move", root=root, everything=everything)


PLANS: dict[str, Plan] = {
    "tags": lambda access, root: tags.plan(access, [f"{root}/web/token", f"{root}/web/host"], add={"env": "prod"}, remove=["old"]),
    "edit": _edit,
    "import": _import,
    "delete": lambda access, root: deletion.plan(access, [f"{root}/web/token", f"{root}/web/host"]),
    "copy": lambda access, root: transfer.plan(access, {f"{root}/web/host": f"{root}/job/host"}, move=False),
    "move": lambda access, root: transfer.plan(access, {f"{root}/web/{key}": f"{root}/job/{key}" for key in ("token", "host")}, move=True),
    "replace": lambda access, root: transfer.plan(access, {f"{root}/web/token": f"{root}/api/token"}, move=True, overwrite=True),
    "promote": lambda access, root: _promote(access, root, "move"),
    "tag": lambda access, root: _promote(access, root, "tag"),
}
CALLS = ["PutParameter", "DeleteParameters", "AddTagsToResource", "RemoveTagsFromResource", "GetParameters", "ListTagsForResource"]
FAILURES: dict[str, Callable[[Faults, str, int], None]] = {
    "denied": lambda faults, call, skip: faults.refuse(call, "AccessDeniedException", skip=skip, times=1),
    "denied from then on": lambda faults, call, skip: faults.refuse(call, "AccessDeniedException", skip=skip),
    "unavailable": lambda faults, call, skip: faults.refuse(call, "InternalServerError", status=500, skip=skip),
    "answer lost": lambda faults, call, _skip: faults.lose_reply(call, times=1),
    "answers lost": lambda faults, call, _skip: faults.lose_reply(call, times=2),
}


def scene(ssm: Ssm, root: str) -> None:
    ssm.put(f"{root}/web/token", "made-up", tags={"app": "web", "env": "dev", "old": "x"}, Description="for tests")
    ssm.put(f"{root}/web/host", "db.internal", "String", tags={"app": "web", "old": "x"})
    ssm.put(f"{root}/api/token", "made-up-too", tags={"app": "api"}, Description="another")


def seen(ssm: Ssm, root: str) -> dict[str, object]:
    return {name: about for name, about in picture(ssm).items() if name.startswith(root)}


def broken(change: Change, faults: Faults, failure: str, call: str, skip: int) -> None:
    """Carry a change out while a call fails; then let all calls go through again."""
    FAILURES[failure](faults, call, skip)
    with suppress(SsmmError):
        change.apply(stop=threading.Event())
    faults._rules.clear()


@examples(max_examples=20, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.sampled_from(sorted(PLANS)), st.sampled_from(sorted(FAILURES)), st.sampled_from(CALLS), st.integers(0, 3))
def test_nothing_is_lost_and_undo_leaves_all_as_it_was(
    faulty: Access, ssm: Ssm, faults: Faults, kind: str, failure: str, call: str, skip: int
) -> None:
    root = next(ROOTS)
    scene(ssm, root)
    before = seen(ssm, root)
    change = PLANS[kind](Access(faulty.store, faulty.settings.replace(prefix=root)), root)
    broken(change, faults, failure, call, skip)
    held = {one.name for one in backup.read(change.backup, region=REGION)} if change.backup else set()
    assert before.keys() - seen(ssm, root).keys() <= held
    undo = change.undo()
    if undo is not None:
        applied(undo)
    assert seen(ssm, root) == before
    ssm.client.delete_parameters(Names=ssm.names(root))


@examples(max_examples=15, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.sampled_from(sorted(PLANS)), st.sampled_from(sorted(FAILURES)), st.sampled_from(CALLS), st.integers(0, 3))
def test_an_undo_that_broke_off_is_completed_by_its_retry(
    faulty: Access, ssm: Ssm, faults: Faults, kind: str, failure: str, call: str, skip: int
) -> None:
    root = next(ROOTS)
    scene(ssm, root)
    before = seen(ssm, root)
    undo = applied(PLANS[kind](Access(faulty.store, faulty.settings.replace(prefix=root)), root)).undo()
    assert undo is not None
    FAILURES[failure](faults, call, skip)
    try:
        outcome = undo.apply(stop=threading.Event())
    except SsmmError:
        faults._rules.clear()
        outcome = undo.apply(stop=threading.Event())
    faults._rules.clear()
    if left := outcome.named("failed") + outcome.named("undone"):
        retry = undo.retry(outcome)
        if not retry.is_empty:
            applied(retry)
        assert {line.name for line in retry.lines} <= set(left)
    assert seen(ssm, root) == before
    ssm.client.delete_parameters(Names=ssm.names(root))


@examples(max_examples=10, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.sampled_from(sorted(PLANS)), st.sampled_from(sorted(FAILURES)), st.sampled_from(CALLS), st.integers(0, 3))
def test_a_retry_gets_where_it_would_have_got_at_once_and_its_undo_takes_back_all(
    faulty: Access, ssm: Ssm, faults: Faults, kind: str, failure: str, call: str, skip: int
) -> None:
    ends = []
    for breaks in (False, True):
        root = next(ROOTS)
        scene(ssm, root)
        before = seen(ssm, root)
        change = PLANS[kind](Access(faulty.store, faulty.settings.replace(prefix=root)), root)
        if breaks:
            FAILURES[failure](faults, call, skip)
        try:
            outcome = change.apply(stop=threading.Event())
        except SsmmError:
            faults._rules.clear()
            outcome = change.apply(stop=threading.Event())
        faults._rules.clear()
        if outcome.named("failed"):
            change = applied(change.retry(outcome))
        ends.append({name.removeprefix(root): about for name, about in seen(ssm, root).items()})
        applied(change.undo())
        assert seen(ssm, root) == before
        ssm.client.delete_parameters(Names=ssm.names(root))
    assert ends[0] == ends[1]
