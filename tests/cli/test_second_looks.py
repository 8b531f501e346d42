"""Another writer, a broken connection or Ctrl-C at the worst moment: nothing is lost, and the account of it is right."""

from __future__ import annotations

import errno
import json
import os
import signal
import stat
import subprocess
import sys
from pathlib import Path

import pytest

from tests.conftest import Cli, Ssm
from tests.support.faults import Faults

OLD, NEW = "/old-team/app", "/myteam/web"


@pytest.fixture
def moved(ssmm: Cli, ssm: Ssm) -> Ssm:
    """Parameters of the old team, with verified copies."""
    for key in ("a", "b"):
        ssm.put(f"{OLD}/{key}", f"made-up-{key}", tags={"owner": "backend"})
    assert ssmm("migrate", OLD, NEW).code == 0
    return ssm


def test_a_layer_cut_off_in_transfer_is_fetched_again(ssmm: Cli, ssm: Ssm, faults: Faults) -> None:
    ssm.put("/myteam/shared/region-name", "eu", "String")
    ssm.put("/myteam/my-app/token", "made-up")
    faults.cut("GetParametersByPath", times=2)
    assert ssmm("sync", "--strict").err == "ssmm: wrote 2 variables to ./.env (app=1, shared=1, tag=0)\n"


def test_a_backup_is_not_made_from_an_answer_cut_off(ssmm: Cli, ssm: Ssm, faults: Faults) -> None:
    ssm.put("/myteam/my-app/token", "made-up", tags={"owner": "backend"})
    faults.cut("ListTagsForResource")
    ran = ssmm("delete", "token", "-y", "--json")
    assert ran.code == 0
    held = json.loads(Path(json.loads(ran.out)["backup"]).read_text(encoding="utf-8"))
    assert held["parameters"][0]["tags"] == {"owner": "backend"}


def test_a_copy_deleted_before_its_source_keeps_the_source(ssmm: Cli, moved: Ssm, faults: Faults) -> None:
    faults.meanwhile("GetParameterHistory", lambda: moved.client.delete_parameter(Name=f"{NEW}/a"))
    ran = ssmm("migrate", OLD, NEW, "--delete-old", "--confirm")
    assert ran.code == 1
    assert f"{NEW}/a no longer holds what {OLD}/a holds" in ran.err
    assert moved.names(OLD) == [f"{OLD}/a"]


def test_ctrl_c_while_copying_deletes_no_source(ssmm: Cli, ssm: Ssm, faults: Faults) -> None:
    ssm.put(f"{OLD}/a", "made-up")
    faults.meanwhile("PutParameter", lambda: os.kill(os.getpid(), signal.SIGINT))
    ran = ssmm("migrate", OLD, NEW, "--delete-old", "--confirm")
    assert ran.code == 130
    assert ssm.names("/") == [f"{NEW}/a", f"{OLD}/a"]
    assert "stopping after the requests under way" in ran.err


def test_a_throttled_deletion_looks_again_before_the_next_attempt(ssmm: Cli, ssm: Ssm, faults: Faults) -> None:
    ssm.put("/myteam/my-app/token", "made-up")
    faults.refuse("DeleteParameters", "ThrottlingException", "Rate exceeded", times=1)
    faults.meanwhile("GetParameters", lambda: ssm.put("/myteam/my-app/token", "theirs"), skip=3)
    ran = ssmm("delete", "token", "-y")
    assert ran.code == 1
    assert "has become version 2 since version 1 was looked at" in ran.err
    assert ssm.value("/myteam/my-app/token") == "theirs"


def test_a_throttled_put_looks_again_before_the_next_attempt(ssmm: Cli, ssm: Ssm, faults: Faults) -> None:
    ssm.put("/myteam/my-app/token", "old")
    faults.refuse("PutParameter", "ThrottlingException", "Rate exceeded", times=1)
    faults.meanwhile("GetParameters", lambda: ssm.put("/myteam/my-app/token", "theirs"), skip=2)
    ran = ssmm("put", "TOKEN=ours")
    assert ran.code == 1
    assert ssm.value("/myteam/my-app/token") == "theirs"


def test_a_parameter_created_anew_is_not_the_one_that_was_looked_at(ssmm: Cli, ssm: Ssm, faults: Faults) -> None:
    ssm.put("/myteam/my-app/token", "made-up")

    def create_anew() -> None:
        ssm.client.delete_parameter(Name="/myteam/my-app/token")
        ssm.put("/myteam/my-app/token", "theirs")

    faults.meanwhile("GetParameters", create_anew, skip=2)
    ran = ssmm("delete", "token", "-y")
    assert ran.code == 1
    assert "was deleted and created anew" in ran.err
    assert ssm.value("/myteam/my-app/token") == "theirs"


def test_only_what_the_service_names_as_deleted_counts(ssmm: Cli, ssm: Ssm, faults: Faults) -> None:
    ssm.put("/myteam/my-app/token", "made-up")
    faults.reply("DeleteParameters", {"DeletedParameters": [], "InvalidParameters": []})
    ran = ssmm("delete", "token", "-y")
    assert ran.code == 0
    assert faults.count("DeleteParameters") == 2
    assert ssm.names() == []


def test_a_reader_that_goes_away_does_not_stop_the_work(ssmm: Cli, ssm: Ssm) -> None:
    reader, writer = os.pipe()
    os.close(reader)
    try:
        ended = subprocess.run(
            [sys.executable, "-m", "ssmm_core", "put", "TOKEN=made-up"], stdout=writer, stderr=subprocess.PIPE, timeout=60
        )
    finally:
        os.close(writer)
    assert (ended.returncode, ended.stderr) == (0, b"ssmm: wrote 1, 0 unchanged\n")
    assert ssm.value("/myteam/my-app/token") == "made-up"


def test_a_file_that_somebody_else_wrote_is_kept_beside_the_new_one(ssmm: Cli, ssm: Ssm) -> None:
    ssm.put("/myteam/my-app/token", "made-up")
    Path(".env").write_text("# by hand\nTOKEN=old\n", encoding="utf-8")
    ran = ssmm("sync")
    assert "was not written by ssmm; what it held is kept in ./.env.before-ssmm" in ran.err
    assert Path(".env.before-ssmm").read_text(encoding="utf-8") == "# by hand\nTOKEN=old\n"
    assert Path(".env.before-ssmm").stat().st_mode & 0o777 == 0o600
    ssm.put("/myteam/my-app/token", "rotated")
    assert ssmm("sync").code == 0
    assert sorted(os.listdir()) == [".env", ".env.before-ssmm"]


def test_a_file_that_was_replaced_is_kept_also_when_the_disk_fails_right_after(
    ssmm: Cli, ssm: Ssm, monkeypatch: pytest.MonkeyPatch
) -> None:
    ssm.put("/myteam/my-app/token", "made-up")
    Path(".env").write_text("# by hand\nTOKEN=old\n", encoding="utf-8")
    fsync = os.fsync

    def failing(handle: int) -> None:
        if stat.S_ISDIR(os.fstat(handle).st_mode):
            raise OSError(errno.EIO, "made up")
        fsync(handle)

    monkeypatch.setattr("ssmm_core.files.os.fsync", failing)
    ran = ssmm("sync")
    assert ran.code == 1
    assert "is written, but its directory could not be synced" in ran.err
    assert Path(".env.before-ssmm").read_text(encoding="utf-8") == "# by hand\nTOKEN=old\n"


def test_a_backup_of_another_region_is_refused(ssmm: Cli, ssm: Ssm) -> None:
    ssm.put("/myteam/my-app/token", "made-up")
    path = json.loads(ssmm("delete", "token", "-y", "--json").out)["backup"]
    ran = ssmm("restore", path, "--region", "us-east-1")
    assert ran.code == 78
    assert "was made in eu-central-1, and this is us-east-1" in ran.err


def test_a_parameter_that_comes_twice_is_no_conflict_with_itself(ssmm: Cli, ssm: Ssm, faults: Faults) -> None:
    ssm.put("/myteam/my-app/token", "made-up")
    faults.change("GetParametersByPath", lambda _asked, told: told["Parameters"].extend(told["Parameters"]))
    assert ssmm("sync", "--strict").err == "ssmm: wrote 1 variable to ./.env (app=1, shared=0, tag=0)\n"


def test_a_json_file_of_somebody_else_is_kept_beside_the_new_one(ssmm: Cli, ssm: Ssm, scrubbed: Path) -> None:
    ssm.put("/myteam/my-app/token", "made-up")
    mine = scrubbed / "settings.json"
    mine.write_text('{"MY_OWN": "made-up by hand"}')
    assert ssmm("sync", "--format", "json", "--out", str(mine)).code == 0
    assert (scrubbed / "settings.json.before-ssmm").read_text() == '{"MY_OWN": "made-up by hand"}'
    ssm.put("/myteam/my-app/token", "made-up-2")
    assert ssmm("sync", "--format", "json", "--out", str(mine)).code == 0
    assert [path.name for path in scrubbed.glob("settings.json.before-ssmm*")] == ["settings.json.before-ssmm"]
