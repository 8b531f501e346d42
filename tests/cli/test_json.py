"""`--json`: one valid document on stdout, with the keys that the README documents, and no value that was not asked for."""

from __future__ import annotations

import json
import os
import re
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest

from tests.conftest import Cli, Ran, Ssm
from tests.support.faults import Faults

TOKEN = "/myteam/my-app/token"
SECRET = "made-up-secret-0123456789"
PARAMETER = {"name", "app", "key", "variable", "type", "version", "last_modified", "value"}
PUT = {"variable", "name", "change", "type", "reason", "length", "version", "notes", "status", "error"}
TIME = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ")


def document(ran: Ran) -> Any:
    """The one document on stdout."""
    return json.loads(ran.out)


@pytest.fixture
def team(ssm: Ssm) -> Ssm:
    ssm.put(TOKEN, SECRET, tags={"app": "my-app", "shared": "true"})
    ssm.put("/myteam/my-app/db-host", "db.internal", "String")
    ssm.put("/myteam/other/token", SECRET)
    ssm.put("/myteam/stray", SECRET)
    return ssm


def test_list_tells_names_and_the_values_that_are_no_secrets(ssmm: Cli, team: Ssm) -> None:
    told = document(ran := ssmm("list", "--json"))
    assert set(told) == {"prefix", "parameters"}
    assert told["prefix"] == "/myteam"
    assert all(set(one) == PARAMETER for one in told["parameters"])
    assert [(one["app"], one["key"], one["variable"], one["value"]) for one in told["parameters"]] == [
        ("my-app", "db-host", "DB_HOST", "db.internal"),
        ("my-app", "token", "TOKEN", None),
    ]
    assert TIME.fullmatch(told["parameters"][0]["last_modified"])
    assert SECRET not in ran.out + ran.err


def test_list_tells_secrets_where_they_are_asked_for_and_nothing_where_keys_are(ssmm: Cli, team: Ssm) -> None:
    revealed = document(ssmm("list", "--reveal", "--json"))["parameters"]
    assert [one["value"] for one in revealed] == ["db.internal", SECRET]
    keys = document(ssmm("list", "--keys-only", "--json"))["parameters"]
    assert [one["value"] for one in keys] == [None, None]


def test_list_of_nothing_is_an_empty_list(ssmm: Cli, endpoint: str) -> None:
    assert document(ssmm("list", "--all", "--json")) == {"prefix": "/myteam", "parameters": []}


def test_show_tells_the_value_with_all_that_is_known(ssmm: Cli, team: Ssm) -> None:
    told = document(ran := ssmm("--json", "show", "token"))
    assert set(told) == PARAMETER | {"metadata", "tags"}
    assert set(told["metadata"]) == {"tier", "key_id", "data_type", "allowed_pattern", "description", "policies", "last_modified_user"}
    assert (told["value"], told["version"], told["tags"]) == (SECRET, 1, {"app": "my-app", "shared": "true"})
    assert ran.err == ""


def test_dirs_tells_counts_and_null_for_no_app(ssmm: Cli, team: Ssm) -> None:
    told = document(ssmm("dirs", "--json"))
    assert set(told) == {"prefix", "apps"}
    assert [(one["app"], one["total"], one["secure"]) for one in told["apps"]] == [(None, 1, 1), ("my-app", 2, 1), ("other", 1, 1)]
    assert all(set(one) == {"app", "total", "secure", "last_modified"} and TIME.fullmatch(one["last_modified"]) for one in told["apps"])


def test_why_tells_the_candidates_without_a_value(ssmm: Cli, team: Ssm) -> None:
    told = document(ran := ssmm("why", "TOKEN", "--app", "my-app", "--app", "other", "--json"))
    assert set(told) == {"variable", "candidates"}
    assert [set(one) for one in told["candidates"]] == [{"name", "layer", "type", "version", "last_modified", "wins", "reason"}] * 2
    assert told["candidates"][0]["layer"] == {"kind": "app", "name": "other"}
    assert SECRET not in ran.out


def test_check_tells_groups_and_null_for_what_was_not_asked(ssmm: Cli, team: Ssm) -> None:
    told = document(ran := ssmm("check", "--duplicates", "--values", "--json"))
    assert set(told) == {"prefix", "keys", "values"}
    assert told["keys"] == [{"variable": "TOKEN", "apps": ["my-app", "other"], "parameters": [TOKEN, "/myteam/other/token"]}]
    (group,) = told["values"]
    assert set(group) == {"fingerprint", "length", "value", "parameters"}
    assert (group["value"], group["length"]) == (None, f"len={len(SECRET)}")
    assert SECRET not in ran.out
    assert document(ssmm("check", "--json"))["values"] is None
    assert document(ssmm("check", "--values", "--json"))["keys"] is None


@pytest.mark.parametrize(("flags", "statuses"), [(["--dry-run"], ["planned", "planned", "unchanged"]), ([], ["done", "done", "unchanged"])])
def test_put_tells_the_plan_and_what_became_of_it(ssmm: Cli, team: Ssm, flags: list[str], statuses: list[str]) -> None:
    team.put("/myteam/my-app/same", "x", tags={"app": "my-app"})
    told = document(ran := ssmm("put", f"NEW={SECRET}", "DB_HOST=other.internal", "SAME=x", "--json", *flags))
    assert set(told) == {"dry_run", "parameters"}
    assert told["dry_run"] is bool(flags)
    assert all(set(one) == PUT for one in told["parameters"])
    assert [(one["change"], one["version"]) for one in told["parameters"]] == [("new", None), ("changed", 1), ("unchanged", 1)]
    assert [one["status"] for one in told["parameters"]] == statuses
    assert told["parameters"][0]["length"] == f"len={len(SECRET)}"
    assert SECRET not in ran.out + ran.err
    assert "other.internal" not in ran.out + ran.err


def test_put_tells_each_failure_beside_its_parameter(ssmm: Cli, endpoint: str, faults: Faults) -> None:
    faults.refuse("PutParameter", "AccessDeniedException", when=lambda body: body["Name"].endswith("/b"))
    ran = ssmm("put", "A=x", "B=x", "--json")
    told = document(ran)["parameters"]
    assert [one["status"] for one in told] == ["done", "failed"]
    assert told[0]["error"] is None
    assert "ssm:PutParameter" in told[1]["error"]


def test_put_still_says_on_stderr_what_it_could_not_know(ssmm: Cli, team: Ssm, faults: Faults) -> None:
    faults.deny("DescribeParameters")
    ran = ssmm("put", f"TOKEN={SECRET}", "--json", "--dry-run")
    assert "ssm:DescribeParameters" in ran.err
    assert len(document(ran)["parameters"]) == 1


def test_tag_tells_what_changes_and_what_became_of_it(ssmm: Cli, team: Ssm) -> None:
    added = document(ssmm("tag", "add", "token", "owner=backend", "--json"))
    assert added == {
        "dry_run": False,
        "parameters": [{"name": TOKEN, "add": {"owner": "backend"}, "remove": [], "status": "done", "error": None}],
    }
    removed = document(ssmm("tag", "remove", "token", "owner", "--dry-run", "--json"))
    assert removed == {
        "dry_run": True,
        "parameters": [{"name": TOKEN, "add": {}, "remove": ["owner"], "status": "planned", "error": None}],
    }


def test_tag_list_tells_the_tags_by_parameter(ssmm: Cli, team: Ssm) -> None:
    told = document(ssmm("tag", "list", "--match", "*", "--json"))
    assert told == {
        "parameters": [{"name": "/myteam/my-app/db-host", "tags": {}}, {"name": TOKEN, "tags": {"app": "my-app", "shared": "true"}}]
    }


def test_delete_and_restore_tell_the_backup_and_each_end(ssmm: Cli, team: Ssm) -> None:
    deleted = document(ran := ssmm("delete", "token", "-y", "--json"))
    assert set(deleted) == {"backup", "parameters"}
    assert deleted["parameters"] == [{"name": TOKEN, "status": "done", "error": None}]
    assert SECRET not in ran.out + ran.err
    os.utime(deleted["backup"], (1, 1))
    restored = document(ran := ssmm("restore", deleted["backup"], "--json"))
    assert restored == {"backup": deleted["backup"], "parameters": [{"name": TOKEN, "status": "done", "error": None}]}
    assert SECRET not in ran.out + ran.err
    assert document(ssmm("delete", "token", "-y", "--no-backup", "--json"))["backup"] is None


def test_migrate_tells_each_copy_and_each_deletion(ssmm: Cli, team: Ssm) -> None:
    def ends(ran: Ran) -> list[tuple[str, str, str]]:
        told = document(ran)
        assert set(told) == {"old", "new", "backup", "parameters"}
        assert all(set(one) == {"source", "target", "change", "lacking", "copy", "delete"} for one in told["parameters"])
        assert SECRET not in ran.out + ran.err
        return [(one["change"], one["copy"]["status"], one["delete"]["status"]) for one in told["parameters"]]

    arguments = ("migrate", "/myteam/other", "/myteam/new", "--json")
    assert ends(ssmm(*arguments, "--dry-run")) == [("copy", "planned", "planned")]
    assert ends(ssmm(*arguments))[0][:2] == ("copy", "done")
    assert ends(ssmm(*arguments, "--delete-old"))[0][:2] == ("verified", "unchanged")
    assert ends(ssmm(*arguments, "--delete-old", "--confirm")) == [("verified", "unchanged", "done")]


def test_sync_tells_which_variables_it_wrote(ssmm: Cli, team: Ssm) -> None:
    told = document(ran := ssmm("sync", "--json"))
    assert told == {"path": "./.env", "format": "systemd", "written": True, "variables": ["DB_HOST", "TOKEN"]}
    assert SECRET not in ran.out + ran.err
    assert document(ssmm("sync", "--json"))["written"] is False


def test_sync_to_stdout_mixes_no_other_text_into_json(ssmm: Cli, team: Ssm) -> None:
    ran = ssmm("sync", "--out", "-", "--json")
    if ran.code == 0:
        assert SECRET in json.dumps(document(ran))
    else:
        assert (ran.code, ran.out) == (2, "")


def test_migrate_to_exec_tells_the_drop_in(ssmm: Cli, endpoint: str) -> None:
    ran = ssmm(
        "migrate-to-exec", "--unit", "a.service", "--app", "web", "--exec-cmd", "/usr/bin/app", "--ssmm-bin", "/usr/bin/ssmm", "--json"
    )
    told = document(ran)
    assert set(told) == {"path", "content", "applied", "revert", "clears", "removes"}
    assert told["applied"] is False
    assert "ExecStart=/usr/bin/ssmm exec --app web -- /usr/bin/app\n" in told["content"]


def test_onboard_tells_the_plan_of_put_and_the_drop_in(ssmm: Cli, endpoint: str) -> None:
    Path("app.env").write_text(f"NEW={SECRET}\n")
    ran = ssmm("onboard", "--unit", "a.service", "--env", "app.env", "--exec-cmd", "/usr/bin/app", "--ssmm-bin", "/usr/bin/ssmm", "--json")
    told = document(ran)
    assert set(told) == {"path", "content", "applied", "revert", "clears", "removes", "parameters"}
    assert [set(one) for one in told["parameters"]] == [PUT]
    assert told["parameters"][0]["status"] == "planned"
    assert SECRET not in ran.out + ran.err


def test_demo_tells_the_variables_that_lead_to_it() -> None:
    process = subprocess.Popen(
        [sys.executable, "-m", "ssmm_core", "demo", "--json"], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    )
    assert process.stderr is not None
    assert process.stderr.readline() == "ssmm: demonstration server is running; Ctrl-C ends it\n"
    process.send_signal(signal.SIGINT)
    out, _ = process.communicate(timeout=30)
    assert set(json.loads(out)) == {"AWS_ENDPOINT_URL", "AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_REGION", "SSMM_PREFIX_ROOT"}
    assert process.returncode == 0


@pytest.mark.parametrize(
    "arguments", [("list", "--app", "nowhere"), ("show", "nowhere"), ("put",), ("delete", "nowhere", "-y"), ("why", "NOWHERE")]
)
def test_an_error_stays_on_stderr_and_leaves_stdout_empty(ssmm: Cli, team: Ssm, arguments: tuple[str, ...]) -> None:
    ran = ssmm(*arguments, "--json")
    assert ran.code != 0
    assert ran.out == ""
    assert ran.err.startswith("Error: ")


def test_names_and_values_of_any_script_survive(ssmm: Cli, ssm: Ssm) -> None:
    value = 'Grüß "Gott"\n\x1b[2J\\ ✓'
    ssm.put(TOKEN, value)
    assert document(ssmm("show", "token", "--json"))["value"] == value
    assert document(ssmm.process("show", "token", "--json", environment={**os.environ, "PYTHONIOENCODING": "ascii"}))["value"] == value


def test_times_are_those_of_the_service(ssmm: Cli, ssm: Ssm) -> None:
    ssm.put(TOKEN, SECRET)
    changed = ssm.get(TOKEN)["LastModifiedDate"].timestamp()
    told = document(ssmm("list", "--json"))["parameters"][0]["last_modified"]
    assert told == time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(changed))
