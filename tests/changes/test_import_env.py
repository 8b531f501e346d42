"""Importing an environment file: the plan of `put`, and taking it back."""

from __future__ import annotations

import pytest

from ssmm_core.changes import Access, import_env
from ssmm_core.classify import TypeRules
from ssmm_core.errors import ConflictError
from ssmm_core.operations.put import PutIntent
from ssmm_core.secret import SecretValue
from tests.changes.conftest import applied, carry_out, picture, statuses
from tests.conftest import ROOT, Ssm
from tests.support.faults import Faults

VARIABLES = {name: SecretValue(f"made-up of {name}") for name in ("TOKEN", "DB_HOST", "KEPT", "TAGGED")}


def intent(**more: object) -> PutIntent:
    fields = {"variables": VARIABLES, "rules": TypeRules(secure=frozenset({"DB_HOST"})), "tags": {"owner": "us"}}
    return PutIntent(ROOT, "web", **(fields | more))


@pytest.fixture
def web(ssm: Ssm) -> Ssm:
    ssm.put("/myteam/web/token", "made-up-before", tags={"app": "web", "owner": "them"}, Description="for tests")
    ssm.put("/myteam/web/kept", "made-up of KEPT", tags={"app": "web", "owner": "us"})
    ssm.put("/myteam/web/tagged", "made-up of TAGGED", tags={"app": "web"})
    return ssm


def test_it_shows_what_put_would_do_and_undo_leaves_all_as_it_was(access: Access, web: Ssm) -> None:
    before = picture(web)
    change = import_env.plan(access, intent())
    assert [(line.sign, line.name, line.what) for line in change.lines] == [
        ("~", "/myteam/web/token", "value; tag owner=us added"),
        ("+", "/myteam/web/db-host", "SecureString, as asked for"),
        ("=", "/myteam/web/kept", "stands already"),
        ("~", "/myteam/web/tagged", "tag owner=us added"),
    ]
    assert [(name, held is None) for name, held, _ in change.values] == [("/myteam/web/token", False), ("/myteam/web/db-host", True)]
    applied(change)
    assert web.value("/myteam/web/token") == "made-up of TOKEN"
    undo = applied(change.undo())
    assert picture(web) == before
    assert undo.backup
    applied(undo.undo())
    assert web.value("/myteam/web/db-host") == "made-up of DB_HOST"


def test_a_part_that_failed_is_completed_or_what_was_done_is_taken_back(faulty: Access, web: Ssm, faults: Faults) -> None:
    before = picture(web)
    change = import_env.plan(faulty, intent())
    faults.refuse("PutParameter", "AccessDeniedException", times=1, when=lambda body: body["Name"].endswith("/db-host"))
    outcome = carry_out(change)
    assert statuses(outcome) == {"web/kept": "unchanged", "web/token": "done", "web/db-host": "failed", "web/tagged": "done"}
    assert [line.name for line in change.retry(outcome).lines] == ["/myteam/web/db-host"]
    applied(change.undo())
    assert picture(web) == before


def test_what_may_be_written_but_not_read_whole_is_imported_and_said_to_be_final(faulty: Access, web: Ssm, faults: Faults) -> None:
    faults.deny("DescribeParameters")
    change = import_env.plan(faulty, intent())
    assert any(warning.startswith("what is overwritten cannot be put back by undo") for warning in change.warnings)
    applied(change)
    assert web.value("/myteam/web/token") == "made-up of TOKEN"
    undo = change.undo()
    assert undo is not None
    assert [(line.sign, line.name) for line in undo.lines] == [("-", "/myteam/web/db-host")]


def test_a_refusal_to_overwrite_is_put_s_own(access: Access, web: Ssm) -> None:
    with pytest.raises(ConflictError, match="another value is stored under /myteam/web/token"):
        import_env.plan(access, intent(overwrite=False))
