"""`delete`: what goes, what stays, who is asked, and the backup before."""

from __future__ import annotations

import json
import os
import pty
import re
import stat
import subprocess
import sys
from pathlib import Path

import pytest

from tests.conftest import Cli, Ran, Ssm
from tests.support.faults import Faults

TOKEN = "/myteam/my-app/api-token"


def backups(home: Path) -> list[Path]:
    return sorted((home / ".local/state/ssmm/backups").glob("*"))


@pytest.fixture
def home() -> Path:
    return Path(os.environ["HOME"])


def at_a_terminal(answer: str, *arguments: str) -> Ran:
    """A real process whose stdin is a terminal, at which `answer` is typed."""
    ours, theirs = pty.openpty()
    process = subprocess.Popen(
        [sys.executable, "-m", "ssmm_core", *arguments], stdin=theirs, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    )
    os.close(theirs)
    os.write(ours, answer.encode() + b"\n")
    out, err = process.communicate(timeout=60)
    os.close(ours)
    return Ran(process.returncode, out, err)


def test_one_key_goes_and_its_neighbours_stay(ssmm: Cli, ssm: Ssm) -> None:
    ssm.put(TOKEN, "made-up")
    ssm.put("/myteam/my-app/api-token-2", "made-up")
    ran = ssmm("delete", "API_TOKEN", "-y")
    assert ran.code == 0
    assert ran.lines == ["Will delete 1 parameter:", f"  {TOKEN} (version 1)"]
    assert ssm.names() == ["/myteam/my-app/api-token-2"]


def test_a_bare_target_is_an_app_with_r_and_a_key_without(ssmm: Cli, ssm: Ssm) -> None:
    ssm.put("/myteam/web/a", "made-up")
    ssm.put("/myteam/web/nested/b", "made-up")
    ssm.put("/myteam/web-eu/c", "made-up")
    ssm.put("/myteam/my-app/web", "made-up")
    assert ssmm("delete", "web", "-r", "-y").code == 0
    assert ssm.names() == ["/myteam/my-app/web", "/myteam/web-eu/c"]
    assert ssmm("delete", "web", "-y").code == 0
    assert ssm.names() == ["/myteam/web-eu/c"]


def test_a_full_path_below_the_prefix_is_deleted_with_the_parameter_of_its_own_name(ssmm: Cli, ssm: Ssm) -> None:
    for name in ("/myteam/web/legacy", "/myteam/web/legacy/a", "/myteam/web/legacy-2"):
        ssm.put(name, "made-up")
    assert ssmm("delete", "/myteam/web/legacy/", "-r", "-y").code == 0
    assert ssm.names() == ["/myteam/web/legacy-2"]


@pytest.mark.parametrize("arguments", [("/otherteam/web/a",), ("/otherteam/web", "-r"), ("/myteam-2/web", "-r")])
def test_nothing_outside_the_prefix_is_deleted(ssmm: Cli, ssm: Ssm, arguments: tuple[str, ...]) -> None:
    names = ["/myteam-2/web/a", "/otherteam/web/a"]
    for name in names:
        ssm.put(name, "made-up")
    ran = ssmm("delete", *arguments, "-y")
    assert ran.code == 78
    assert arguments[0] in ran.err
    assert ssm.names() == names


def test_more_than_a_batch_goes(ssmm: Cli, ssm: Ssm, faults: Faults) -> None:
    for number in range(23):
        ssm.put(f"/myteam/my-app/key-{number:02}", "made-up")
    ran = ssmm("delete", "my-app", "-r", "-y")
    assert ran.code == 0
    assert "deleted 23" in ran.err
    assert ssm.names() == []
    assert [len(call.body["Names"]) for call in faults.calls if call.operation == "DeleteParameters"].count(10) == 2


def test_without_a_terminal_nothing_is_deleted_unasked(ssmm: Cli, ssm: Ssm) -> None:
    ssm.put(TOKEN, "made-up")
    ran = ssmm.process("delete", "api-token", stdin=b"y\n")
    assert ran.code == 2
    assert "nobody is there to confirm it. Pass -y." in ran.err
    assert ssm.names() == [TOKEN]


def test_at_a_terminal_a_no_leaves_everything_and_writes_no_backup(ssm: Ssm, home: Path) -> None:
    ssm.put(TOKEN, "made-up")
    ran = at_a_terminal("n", "delete", "api-token")
    assert ran.code == 1
    assert "Delete? [y/N]" in ran.err
    assert "nothing was deleted" in ran.err
    assert ssm.names() == [TOKEN]
    assert backups(home) == []


def test_at_a_terminal_a_yes_deletes(ssm: Ssm) -> None:
    ssm.put(TOKEN, "made-up")
    ran = at_a_terminal("y", "delete", "api-token")
    assert ran.code == 0, ran.err
    assert ssm.names() == []


def test_the_whole_prefix_is_not_deleted_by_a_mere_y(ssmm: Cli, ssm: Ssm, home: Path) -> None:
    ssm.put(TOKEN, "made-up")
    for root in ("/myteam", "/myteam/"):
        ran = ssmm("delete", root, "-r", "-y")
        assert ran.code == 2
        assert "Run it at a terminal" in ran.err
    assert at_a_terminal("y", "delete", "/myteam", "-r", "-y").code == 1
    assert ssm.names() == [TOKEN]
    assert backups(home) == []


def test_the_whole_prefix_is_deleted_where_its_name_is_typed(ssm: Ssm) -> None:
    ssm.put(TOKEN, "made-up")
    ssm.put("/otherteam/a/b", "made-up")
    ran = at_a_terminal("/myteam", "delete", "/myteam", "-r")
    assert ran.code == 0, ran.err
    assert ssm.names() == ["/otherteam/a/b"]


def test_a_private_backup_is_written_first_and_its_path_is_printed(ssmm: Cli, ssm: Ssm, faults: Faults, home: Path) -> None:
    ssm.put(TOKEN, "made-up-token")
    seen: list[list[Path]] = []
    faults.meanwhile("DeleteParameters", lambda: seen.append(backups(home)))
    ran = ssmm("delete", "api-token", "-y")
    (path,) = backups(home)
    assert seen == [[path]]
    assert f"backup in {path}" in ran.err
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert stat.S_IMODE(path.parent.stat().st_mode) == 0o700
    assert json.loads(path.read_text())["parameters"][0]["value"] == "made-up-token"


def test_the_backup_is_private_whatever_the_umask(ssmm: Cli, ssm: Ssm, home: Path) -> None:
    ssm.put(TOKEN, "made-up-token")
    before = os.umask(0)
    try:
        assert ssmm("delete", "api-token", "-y").code == 0
    finally:
        os.umask(before)
    (path,) = backups(home)
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert stat.S_IMODE(path.parent.stat().st_mode) == 0o700


def test_without_a_backup_nothing_is_written_on_disk(ssmm: Cli, ssm: Ssm, home: Path) -> None:
    ssm.put(TOKEN, "made-up")
    assert ssmm("delete", "api-token", "-y", "--no-backup").code == 0
    assert ssm.names() == []
    assert list(home.rglob("*")) == []


def test_a_backup_that_cannot_be_written_keeps_everything(ssmm: Cli, ssm: Ssm, monkeypatch: pytest.MonkeyPatch) -> None:
    ssm.put(TOKEN, "made-up")
    Path("a-file").write_text("in the way")
    monkeypatch.setenv("XDG_STATE_HOME", str(Path("a-file").absolute()))
    ran = ssmm("delete", "api-token", "-y")
    assert ran.code in (1, 78)
    assert ran.err.startswith("Error: ")
    assert ssm.names() == [TOKEN]


def test_a_backup_without_the_right_to_take_it_whole_keeps_everything(ssmm: Cli, ssm: Ssm, faults: Faults, home: Path) -> None:
    ssm.put(TOKEN, "made-up")
    faults.deny("ListTagsForResource")
    ran = ssmm("delete", "api-token", "-y")
    assert ran.code == 77
    assert "ssm:ListTagsForResource" in ran.err
    assert ssm.names() == [TOKEN]
    assert backups(home) == []


def test_what_the_service_cannot_take_back_is_said(ssmm: Cli, ssm: Ssm) -> None:
    ssm.put(TOKEN, "first")
    ssm.put(TOKEN, "second")
    ssm.put("/myteam/my-app/other", "only")
    ran = ssmm("delete", "my-app", "-r", "-y")
    assert "it cannot hold the older versions of 1 of them" in ran.err


def test_one_that_changed_since_it_was_looked_at_stays_and_is_named(ssmm: Cli, ssm: Ssm, faults: Faults) -> None:
    ssm.put("/myteam/my-app/a", "made-up")
    ssm.put("/myteam/my-app/b", "made-up")
    faults.meanwhile("GetParameterHistory", lambda: ssm.put("/myteam/my-app/b", "theirs"))
    ran = ssmm("delete", "my-app", "-r", "-y")
    assert ran.code == 1
    assert "/myteam/my-app/b has become version 2 since version 1 was looked at. It was not deleted." in ran.err
    assert ssm.names() == ["/myteam/my-app/b"]


def test_one_that_is_gone_already_is_no_failure(ssmm: Cli, ssm: Ssm, faults: Faults) -> None:
    ssm.put("/myteam/my-app/a", "made-up")
    ssm.put("/myteam/my-app/b", "made-up")
    faults.meanwhile("DeleteParameters", lambda: ssm.client.delete_parameter(Name="/myteam/my-app/b"))
    assert ssmm("delete", "my-app", "-r", "-y").code == 0
    assert ssm.names() == []


def test_a_lost_reply_is_settled_by_asking_again(ssmm: Cli, ssm: Ssm, faults: Faults) -> None:
    ssm.put(TOKEN, "made-up")
    faults.lose_reply("DeleteParameters")
    ran = ssmm("delete", "api-token", "-y")
    assert ran.code == 0, ran.err
    assert ssm.names() == []


@pytest.mark.parametrize("arguments", [("nowhere",), ("nowhere", "-r")])
def test_what_is_not_there_is_not_found(ssmm: Cli, ssm: Ssm, arguments: tuple[str, ...]) -> None:
    ran = ssmm("delete", *arguments, "-y")
    assert ran.code == 78
    assert re.search(r"Error: there is no(thing below|  ?parameter) /myteam/", ran.err)


def test_a_denied_delete_says_so_and_keeps_the_backup(ssmm: Cli, ssm: Ssm, faults: Faults, home: Path) -> None:
    ssm.put(TOKEN, "made-up")
    faults.deny("DeleteParameters")
    ran = ssmm("delete", "api-token", "-y")
    assert ran.code == 77
    assert "not allowed to ssm:DeleteParameters" in ran.err
    assert "deleted 0, 1 failed" in ran.err
    assert len(backups(home)) == 1
