"""`dirs`: every app with its counts."""

from __future__ import annotations

import re

from tests.conftest import Cli, Ssm
from tests.support.faults import Faults


def test_each_app_is_counted_with_its_secure_ones_and_its_last_change(ssmm: Cli, ssm: Ssm) -> None:
    ssm.put("/myteam/web/token", "made-up")
    ssm.put("/myteam/web/db-host", "db.internal", "String")
    ssm.put("/myteam/web/nested/key", "made-up")
    ssm.put("/myteam/billing/db-host", "db.internal", "String")
    ssm.put("/otherteam/web/token", "not-ours")
    ran = ssmm("dirs")
    assert ran.code == 0
    assert [line.split()[:3] for line in ran.lines] == [["APP", "TOTAL", "SECURE"], ["billing", "1", "0"], ["web", "3", "2"]]
    assert all(re.search(r"\d{4}-\d\d-\d\d \d\d:\d\d$", line) for line in ran.lines[1:])


def test_a_parameter_directly_below_the_prefix_belongs_to_no_app(ssmm: Cli, ssm: Ssm) -> None:
    ssm.put("/myteam/stray", "made-up")
    assert ssmm("dirs").lines[1].split()[:3] == ["(none)", "1", "1"]


def test_the_right_to_decrypt_is_not_needed(ssmm: Cli, ssm: Ssm, faults: Faults) -> None:
    ssm.put("/myteam/web/token", "made-up")
    faults.refuse("GetParametersByPath", "AccessDeniedException", "kms:Decrypt is not allowed", when=lambda body: body["WithDecryption"])
    for operation in ("GetParameter", "GetParameters", "DescribeParameters", "ListTagsForResource"):
        faults.deny(operation)
    ran = ssmm("dirs")
    assert ran.code == 0, ran.err
    assert ran.lines[1].split()[:3] == ["web", "1", "1"]


def test_an_empty_prefix_is_said_on_stderr_alone(ssmm: Cli, ssm: Ssm) -> None:
    ran = ssmm("dirs")
    assert ran.out == ""
    assert ran.err == "ssmm: no parameters under /myteam\n"
