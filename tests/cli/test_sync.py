"""`sync`: the file that it writes, when it does not, and what it says."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from tests.conftest import ROOT, Cli, Ran, Ssm

if TYPE_CHECKING:
    from tests.support.faults import Faults

VALUES = {
    "PEM": "-----BEGIN PRIVATE KEY-----\nbWFkZS11cA==\n-----END PRIVATE KEY-----\n",
    "CRLF": "line 1\r\nline 2\r\n",
    "JSON": json.dumps({"a": 'made "up"', "b": ["$HOME", "\\n"], "c": "it's"}),
    "SINGLE": "it's",
    "DOUBLE": 'a "quoted" word',
    "BOTH": "it's \"both\" and '\"'\"'",
    "DOLLAR": "$HOME ${HOME} $$ ${X:-d} $(echo run) `echo run`",
    "BACKSLASHES": "\\ \\\\ \\n \\$ ends in \\",
    "COMMENT": "# none ; none",
    "BLANKS": "\t  around  \t",
    "BREAKS": "\n\nLD_PRELOAD=/made/up.so\n",
    "BANG": "!important !!",
    "GLOB": "* ? [a-z] {a,b} ~/x",
    "OPERATORS": "a & b | c > d < e ; f",
    "UNICODE": "Grüß Gott, 漢字, 🦀, \u00a0\u2028\ufeff",
    "CONTROL": "".join(map(chr, range(1, 32))) + "\x7f",
    "PLAIN": "postgres://made-up:not-a-password@db/x?a=b",
    "LONG": "x" * 4096,
}


def put_values(ssm: Ssm, app: str = "my-app") -> None:
    for name, value in VALUES.items():
        ssm.put(f"{ROOT}/{app}/{name.lower()}", value)


def mode(path: Path) -> int:
    return path.stat().st_mode & 0o7777


def files_here() -> list[str]:
    return sorted(os.listdir())


def test_a_first_run_writes_a_private_file_and_says_so_as_the_manual_does(ssmm: Cli, ssm: Ssm) -> None:
    for number in range(10):
        ssm.put(f"{ROOT}/my-app/key-{number}", "made-up")
    assert ssmm.process("sync", "--out", "./.env") == Ran(0, "", "ssmm: wrote 10 variables to ./.env (app=10, shared=0, tag=0)\n")
    assert mode(Path(".env")) == 0o600
    assert files_here() == [".env"]


def test_the_file_is_dot_env_in_this_directory_when_none_is_named(ssmm: Cli, ssm: Ssm) -> None:
    ssm.put(f"{ROOT}/my-app/token", "made-up")
    ran = ssmm("sync")
    assert "to ./.env (" in ran.err
    assert Path(".env").read_bytes().endswith(b"\nTOKEN=made-up\n")


def test_several_apps_are_counted_one_by_one(ssmm: Cli, ssm: Ssm) -> None:
    for number in range(17):
        ssm.put(f"{ROOT}/a/base-{number}", "made-up")
    for number in range(3):
        ssm.put(f"{ROOT}/b/variant-{number}", "made-up")
    ran = ssmm.process("sync", "--app", "a", "--app", "b")
    assert ran == Ran(0, "", "ssmm: wrote 20 variables to ./.env (apps=a:17,b:3, shared=0, tag=0)\n")


def test_an_app_given_twice_counts_once(ssmm: Cli, ssm: Ssm) -> None:
    ssm.put(f"{ROOT}/a/token", "made-up")
    ran = ssmm("sync", "--app", "a", "--app", "a")
    assert ran.err == "ssmm: wrote 1 variable to ./.env (app=1, shared=0, tag=0)\n"


def test_brackets_count_parameters_found_and_the_first_number_variables_delivered(ssmm: Cli, ssm: Ssm) -> None:
    ssm.put(f"{ROOT}/my-app/token", "own")
    ssm.put(f"{ROOT}/shared/token", "shared")
    ssm.put(f"{ROOT}/shared/1st", "never delivered")
    ran = ssmm("sync")
    assert ran.err.splitlines()[-1] == "ssmm: wrote 1 variable to ./.env (app=1, shared=2, tag=0)"


def test_an_unchanged_file_is_left_alone(ssmm: Cli, ssm: Ssm) -> None:
    ssm.put(f"{ROOT}/my-app/token", "made-up")
    assert ssmm("sync").code == 0
    before = Path(".env").stat()
    assert ssmm.process("sync") == Ran(0, "", "ssmm: no change (app=1, shared=0, tag=0)\n")
    after = Path(".env").stat()
    assert (after.st_ino, after.st_mtime_ns, after.st_ctime_ns) == (before.st_ino, before.st_mtime_ns, before.st_ctime_ns)


@pytest.mark.parametrize("wrong", [0o644, 0o640, 0o400, 0o660, 0o700])
def test_a_wrong_mode_of_an_unchanged_file_is_put_right(ssmm: Cli, ssm: Ssm, wrong: int) -> None:
    ssm.put(f"{ROOT}/my-app/token", "made-up")
    assert ssmm("sync").code == 0
    before = Path(".env").stat().st_ino
    Path(".env").chmod(wrong)
    ran = ssmm("sync")
    assert ran.code == 0
    assert mode(Path(".env")) == 0o600
    assert Path(".env").stat().st_ino == before


@pytest.mark.parametrize("umask", [0o000, 0o277])
def test_the_mode_does_not_depend_on_the_umask(ssmm: Cli, ssm: Ssm, umask: int) -> None:
    ssm.put(f"{ROOT}/my-app/token", "made-up")
    before = os.umask(umask)
    try:
        assert ssmm("sync").code == 0
    finally:
        os.umask(before)
    assert mode(Path(".env")) == 0o600


def test_a_changed_value_replaces_the_file_in_one_step(ssmm: Cli, ssm: Ssm) -> None:
    Path(".env").write_text("OLD=1\n", encoding="utf-8")
    Path(".env").chmod(0o644)
    ssm.put(f"{ROOT}/my-app/token", "made-up")
    with Path(".env").open(encoding="utf-8") as reader:
        assert ssmm("sync").code == 0
        assert reader.read() == "OLD=1\n"
    assert "TOKEN=made-up" in Path(".env").read_text(encoding="utf-8")
    assert mode(Path(".env")) == 0o600


@pytest.mark.parametrize("shell", ["bash", "dash"])
def test_every_value_is_exact_when_the_file_is_sourced(ssmm: Cli, ssm: Ssm, shell: str) -> None:
    if shutil.which(shell) is None:
        pytest.skip(f"{shell} is not installed")
    put_values(ssm)
    assert ssmm.process("sync").code == 0
    ended = subprocess.run(
        [shell, "-c", "set -a; . ./.env; exec env -0"],
        env={"PATH": os.environ["PATH"], "HOME": "/made-up"},
        capture_output=True,
        timeout=60,
    )
    assert ended.stderr == b""
    entries = dict(entry.split(b"=", 1) for entry in ended.stdout.split(b"\0") if entry)
    assert {name: entries[name.encode()].decode() for name in VALUES} == VALUES
    assert b"LD_PRELOAD" not in entries


def test_what_sync_wrote_goes_back_in_byte_for_byte(ssmm: Cli, ssm: Ssm) -> None:
    put_values(ssm)
    assert ssmm("sync").code == 0
    ran = ssmm("put", "--env", ".env", "--app", "other")
    assert ran.code == 0, ran.err
    assert {name: ssm.value(f"{ROOT}/other/{name.lower()}") for name in VALUES} == VALUES


def test_standard_output_gets_what_the_file_would_hold_and_nothing_else(ssmm: Cli, ssm: Ssm) -> None:
    put_values(ssm)
    ran = ssmm.process("sync", "--out", "-")
    assert ran.code == 0
    assert files_here() == []
    assert ssmm("sync", "--out", "file").code == 0
    assert ran.out.encode() == Path("file").read_bytes()


def test_a_full_standard_output_is_one_clear_line(endpoint: str, ssmm: Cli, ssm: Ssm) -> None:
    ssm.put(f"{ROOT}/my-app/token", "made-up")
    with Path("/dev/full").open("wb") as full:
        ended = subprocess.run(
            [sys.executable, "-m", "ssmm_core", "sync", "--out", "-"], stdout=full, stderr=subprocess.PIPE, text=True, timeout=60
        )
    assert ended.returncode == 1
    assert len(ended.stderr.splitlines()) == 1
    assert "No space left" in ended.stderr
    assert "defect" not in ended.stderr


def test_json_holds_the_same_values_in_a_file_as_private(ssmm: Cli, ssm: Ssm) -> None:
    put_values(ssm)
    ran = ssmm.process("sync", "--format", "json", "--out", "env.json")
    assert ran.code == 0
    assert f"wrote {len(VALUES)} variables to env.json" in ran.err
    assert json.loads(Path("env.json").read_bytes()) == VALUES
    assert mode(Path("env.json")) == 0o600
    assert "no change" in ssmm("sync", "--format", "json", "--out", "env.json").err


def test_json_takes_what_systemd_could_not(ssmm: Cli, ssm: Ssm) -> None:
    ssm.put(f"{ROOT}/my-app/token", "made-up \ufdd0")
    ran = ssmm("sync")
    assert ran.code == 78
    assert "TOKEN cannot be delivered" in ran.err
    assert "made-up" not in ran.err
    assert files_here() == []
    assert ssmm("sync", "--format", "json").code == 0
    assert json.loads(Path(".env").read_bytes()) == {"TOKEN": "made-up \ufdd0"}


@pytest.mark.parametrize("value", ["made\0up", "made-up \uffff", "\ufdefmade-up", "made-up \U0001fffe"], ids=ascii)
def test_a_value_that_systemd_would_refuse_stops_everything_and_is_named(ssmm: Cli, ssm: Ssm, value: str) -> None:
    Path(".env").write_text("OLD=1\n", encoding="utf-8")
    ssm.put(f"{ROOT}/my-app/token", value)
    ssm.put(f"{ROOT}/my-app/other", "fine")
    ran = ssmm("sync")
    assert ran.code == 78
    assert "TOKEN cannot be delivered" in ran.err
    assert len(ran.err.splitlines()) == 1
    assert Path(".env").read_text(encoding="utf-8") == "OLD=1\n"
    assert files_here() == [".env"]


def test_a_report_in_json_holds_names_and_no_value(ssmm: Cli, ssm: Ssm) -> None:
    ssm.put(f"{ROOT}/my-app/token", "made-up")
    ran = ssmm("sync", "--json")
    assert json.loads(ran.out) == {"path": "./.env", "format": "systemd", "written": True, "variables": ["TOKEN"]}
    assert "made-up" not in ran.out + ran.err


def test_quiet_says_nothing_but_warnings(ssmm: Cli, ssm: Ssm) -> None:
    ssm.put(f"{ROOT}/my-app/token", "made-up")
    assert ssmm("sync", "--quiet") == Ran(0, "", "")


def test_keys_become_names_as_an_environment_has_them(ssmm: Cli, ssm: Ssm) -> None:
    for key in ("kintone-api-token", "nested/deeper/key", "db.host", "Mixed-Case_x", "_x"):
        ssm.put(f"{ROOT}/my-app/{key}", "made-up")
    assert ssmm("sync", "--format", "json").code == 0
    names = sorted(json.loads(Path(".env").read_bytes()))
    assert names == ["DB_HOST", "KINTONE_API_TOKEN", "MIXED_CASE_X", "NESTED_DEEPER_KEY", "_X"]


def put_layers(ssm: Ssm) -> None:
    """One variable in the lowest layer alone, one in the two lowest, and so on."""
    places = ["shared/{}", "elsewhere/{}", "a/{}", "b/{}"]
    for number, _ in enumerate(places, 1):
        for height, place in enumerate(places[:number], 1):
            tags = {"team": "ours"} if height == 2 else None
            ssm.put(f"{ROOT}/{place.format(f'in-{number}')}", f"layer {height}", tags=tags)


def test_a_higher_layer_wins_shared_then_tag_then_apps_in_order(ssmm: Cli, ssm: Ssm) -> None:
    put_layers(ssm)
    ran = ssmm("sync", "--format", "json", "--app", "a", "--app", "b", "--include-tag", "team=ours")
    assert ran.code == 0
    assert json.loads(Path(".env").read_bytes()) == {"IN_1": "layer 1", "IN_2": "layer 2", "IN_3": "layer 3", "IN_4": "layer 4"}
    assert ran.err.splitlines()[-1] == "ssmm: wrote 4 variables to ./.env (apps=a:2,b:1, shared=4, tag=3)"


def test_the_order_of_apps_is_that_of_the_command_line(ssmm: Cli, ssm: Ssm) -> None:
    put_layers(ssm)
    assert ssmm("sync", "--format", "json", "--app", "b", "--app", "a").code == 0
    assert json.loads(Path(".env").read_bytes())["IN_4"] == "layer 3"


def test_the_shared_namespace_can_be_left_out(ssmm: Cli, ssm: Ssm) -> None:
    ssm.put(f"{ROOT}/my-app/token", "own")
    ssm.put(f"{ROOT}/shared/log-level", "info")
    assert ssmm("sync", "--no-shared", "--format", "json").code == 0
    assert json.loads(Path(".env").read_bytes()) == {"TOKEN": "own"}


def test_several_tags_must_all_match(ssmm: Cli, ssm: Ssm) -> None:
    ssm.put(f"{ROOT}/my-app/own", "made-up")
    ssm.put(f"{ROOT}/other/both", "made-up", tags={"shared": "true", "env": "prod"})
    ssm.put(f"{ROOT}/other/one", "made-up", tags={"shared": "true"})
    ssm.put(f"{ROOT}/other/another", "made-up", tags={"shared": "true", "env": "dev"})
    ran = ssmm("sync", "--format", "json", "--include-tag", "shared=true", "--include-tag", "env=prod")
    assert ran.code == 0, ran.err
    assert list(json.loads(Path(".env").read_bytes())) == ["BOTH", "OWN"]
    assert "(app=1, shared=0, tag=1)" in ran.err


def test_a_tag_reaches_no_further_than_the_prefix(ssmm: Cli, ssm: Ssm) -> None:
    ssm.put(f"{ROOT}/my-app/token", "own")
    ssm.put("/otherteam/app/theirs", "theirs", tags={"shared": "true"})
    ssm.put(f"{ROOT}-too/app/theirs", "theirs", tags={"shared": "true"})
    ssm.put(f"{ROOT}/other/ours", "ours", tags={"shared": "true"})
    assert ssmm("sync", "--format", "json", "--include-tag", "shared=true").code == 0
    assert json.loads(Path(".env").read_bytes()) == {"OURS": "ours", "TOKEN": "own"}


def test_more_tagged_parameters_than_a_page_and_a_batch_hold_all_come(ssmm: Cli, ssm: Ssm) -> None:
    ssm.put(f"{ROOT}/my-app/own", "made-up")
    for number in range(57):
        ssm.put(f"{ROOT}/other/key-{number}", "made-up", "String", tags={"shared": "true"})
    assert "wrote 58 variables to ./.env (app=1, shared=0, tag=57)" in ssmm("sync", "--include-tag", "shared=true").err


def test_a_parameter_in_two_layers_is_one_candidate_in_the_higher_and_no_conflict(ssmm: Cli, ssm: Ssm) -> None:
    ssm.put(f"{ROOT}/my-app/token", "own", tags={"shared": "true"})
    ssm.put(f"{ROOT}/shared/log-level", "info", tags={"shared": "true"})
    ran = ssmm("sync", "--strict", "--include-tag", "shared=true")
    assert ran == Ran(0, "", "ssmm: wrote 2 variables to ./.env (app=1, shared=0, tag=1)\n")


CONFLICTS = {
    "shared under an app": ((("shared/token", None), ("my-app/token", None)), ()),
    "a tag under an app": ((("other/token", {"t": "1"}), ("my-app/token", None)), ("--include-tag", "t=1")),
    "shared under a tag": ((("shared/token", None), ("other/token", {"t": "1"})), ("--include-tag", "t=1")),
    "an app under a later one": ((("a/token", None), ("b/token", None)), ("--app", "a", "--app", "b")),
    "two with one tag": ((("x/token", {"t": "1"}), ("y/token", {"t": "1"})), ("--include-tag", "t=1")),
    "two spellings in an app": ((("my-app/a-token", None), ("my-app/a_token", None)), ()),
    "a dot and a dash in an app": ((("my-app/a.token", None), ("my-app/a-token", None)), ()),
    "a nested and a flat key": ((("shared/a/token", None), ("shared/a-token", None)), ()),
}


@pytest.mark.parametrize("kind", CONFLICTS)
def test_a_conflict_is_said_with_both_sides_and_stops_a_strict_run(ssmm: Cli, ssm: Ssm, kind: str) -> None:
    parameters, options = CONFLICTS[kind]
    for key, tags in parameters:
        ssm.put(f"{ROOT}/{key}", f"made-up-{key}", tags=tags)
    ssm.put(f"{ROOT}/{'a' if '--app' in options else 'my-app'}/fine", "fine")
    Path(".env").write_text("OLD=1\n", encoding="utf-8")

    ran = ssmm("sync", "--strict", *options)
    assert ran.code == 78
    assert ran.out == ""
    warning, error = ran.err.splitlines()
    assert warning.startswith("Warning: ")
    assert all(f"{ROOT}/{key}" in warning for key, _ in parameters)
    assert error.startswith("Error: ")
    assert "made-up" not in ran.err
    assert Path(".env").read_text(encoding="utf-8") == "OLD=1\n"
    assert files_here() == [".env"]

    ran = ssmm("sync", *options)
    assert ran.code == 0
    assert ran.err.splitlines()[0] == warning
    assert "wrote 2 variables" in ran.err


def test_a_strict_run_that_wrote_nothing_says_so_as_a_process_too(ssmm: Cli, ssm: Ssm) -> None:
    ssm.put(f"{ROOT}/my-app/token", "own")
    ssm.put(f"{ROOT}/shared/token", "shared")
    ran = ssmm.process("sync", "--strict", "--out", "-")
    assert (ran.code, ran.out) == (78, "")
    assert files_here() == []


def test_spellings_that_fold_to_one_name_always_give_the_same_outcome(ssmm: Cli, ssm: Ssm) -> None:
    for key in ("a_token", "a.token", "a-token", "A-TOKEN"):
        ssm.put(f"{ROOT}/my-app/{key}", key)
    ran = ssmm("sync", "--format", "json")
    assert json.loads(Path(".env").read_bytes()) == {"A_TOKEN": "a-token"}
    assert len([line for line in ran.err.splitlines() if line.startswith("Warning: ")]) == 3


@pytest.mark.parametrize("key", ["1st", "2/x"])
def test_a_name_that_no_environment_takes_is_named_and_stops_a_strict_run(ssmm: Cli, ssm: Ssm, key: str) -> None:
    ssm.put(f"{ROOT}/my-app/{key}", "made-up")
    ssm.put(f"{ROOT}/my-app/fine", "fine")
    ran = ssmm("sync", "--strict")
    assert ran.code == 78
    assert f"{ROOT}/my-app/{key}" in ran.err
    assert files_here() == []
    ran = ssmm("sync", "--format", "json")
    assert ran.code == 0
    assert f"{ROOT}/my-app/{key}" in ran.err
    assert json.loads(Path(".env").read_bytes()) == {"FINE": "fine"}


def test_an_app_without_a_parameter_is_refused_by_name_though_others_have_some(ssmm: Cli, ssm: Ssm) -> None:
    ssm.put(f"{ROOT}/shared/log-level", "info")
    ssm.put(f"{ROOT}/a/token", "made-up")
    ran = ssmm("sync", "--app", "a", "--app", "mistyped")
    assert ran.code == 78
    assert f"{ROOT}/mistyped" in ran.err
    assert f"{ROOT}/a" not in ran.err
    assert files_here() == []


def test_no_parameter_in_any_layer_is_an_error_and_the_old_file_stays(ssmm: Cli, ssm: Ssm) -> None:
    Path(".env").write_text("OLD=1\n", encoding="utf-8")
    ssm.put(f"{ROOT}/other/token", "made-up")
    ran = ssmm.process("sync")
    assert ran.code == 78
    assert ran.err.startswith("Error: no parameter in any layer (/myteam/shared, /myteam/my-app)")
    assert len(ran.err.splitlines()) == 1
    assert Path(".env").read_text(encoding="utf-8") == "OLD=1\n"


@pytest.mark.parametrize(
    ("out", "said"),
    [
        ("folder", "folder is a directory"),
        ("folder/", "directory"),
        (".", "directory"),
        ("missing/.env", "there is no directory missing"),
        ("file/.env", "directory"),
        ("pipe", "not a regular file"),
    ],
)
def test_a_place_that_cannot_hold_the_file_is_said(ssmm: Cli, ssm: Ssm, out: str, said: str) -> None:
    ssm.put(f"{ROOT}/my-app/token", "made-up")
    Path("folder").mkdir()
    Path("file").touch()
    os.mkfifo("pipe")
    ran = ssmm("sync", "--out", out)
    assert ran.code == 78
    assert said in ran.err
    assert len(ran.err.splitlines()) == 1
    assert files_here() == ["file", "folder", "pipe"]
    assert os.listdir("folder") == []


def test_a_tilde_is_refused_with_the_portable_form(ssmm: Cli, ssm: Ssm) -> None:
    ssm.put(f"{ROOT}/my-app/token", "made-up")
    ran = ssmm("sync", "--out", "~/app.env")
    assert ran.code == 78
    assert "$HOME/app.env" in ran.err
    assert files_here() == []


FULL_DISK = """
mount -t tmpfs -o size=64k tmpfs disk
printf 'OLD=1\\n' >disk/.env
dd if=/dev/zero of=disk/filler bs=4k 2>/dev/null
"$@"
echo "code $?"
cat disk/.env
ls -A disk
"""


def test_a_full_disk_leaves_the_old_file_and_nothing_else(ssmm: Cli, ssm: Ssm) -> None:
    if os.geteuid() != 0 or subprocess.run(["unshare", "--mount", "true"], capture_output=True).returncode:
        pytest.skip("a disk of our own needs root and a mount namespace")
    Path("disk").mkdir()
    ssm.put(f"{ROOT}/my-app/token", "made-up")
    command = [sys.executable, "-m", "ssmm_core", "sync", "--out", "disk/.env"]
    ended = subprocess.run(
        ["unshare", "--mount", "sh", "-c", FULL_DISK, "sh", *command], capture_output=True, text=True, timeout=60, stdin=subprocess.DEVNULL
    )
    assert ended.stdout.splitlines() == ["code 1", "OLD=1", ".env", "filler"]
    assert "cannot write disk/.env: No space left on device" in ended.stderr
    assert len(ended.stderr.splitlines()) == 1


def test_a_write_that_ends_halfway_leaves_the_old_file_and_nothing_else(ssmm: Cli, ssm: Ssm) -> None:
    Path(".env").write_text("OLD=1\n", encoding="utf-8")
    ssm.put(f"{ROOT}/my-app/token", "made-up" * 400)
    command = [sys.executable, "-m", "ssmm_core", "sync"]
    ended = subprocess.run(["sh", "-c", 'ulimit -f 1; exec "$@"', "sh", *command], capture_output=True, text=True, timeout=60)
    assert ended.returncode == 1
    assert "cannot write ./.env" in ended.stderr
    assert len(ended.stderr.splitlines()) == 1
    assert Path(".env").read_text(encoding="utf-8") == "OLD=1\n"
    assert files_here() == [".env"]


@pytest.mark.parametrize("operation", ["GetParametersByPath", "GetParameters"])
def test_a_layer_that_may_not_be_read_delivers_nothing_in_part(ssmm: Cli, ssm: Ssm, faults: Faults, operation: str) -> None:
    Path(".env").write_text("OLD=1\n", encoding="utf-8")
    ssm.put(f"{ROOT}/my-app/token", "made-up")
    ssm.put(f"{ROOT}/other/token-2", "made-up", tags={"shared": "true"})
    faults.deny(operation, times=1)
    ran = ssmm("sync", "--include-tag", "shared=true")
    assert ran.code == 77
    assert f"ssm:{operation}" in ran.err
    assert Path(".env").read_text(encoding="utf-8") == "OLD=1\n"


def test_a_tag_without_the_right_to_look_for_it_is_denied(ssmm: Cli, ssm: Ssm, faults: Faults) -> None:
    ssm.put(f"{ROOT}/my-app/token", "made-up")
    faults.deny("DescribeParameters")
    ran = ssmm("sync", "--include-tag", "shared=true")
    assert ran.code == 77
    assert "--include-tag" in ran.err
    assert "ssm:DescribeParameters" in ran.err
    assert files_here() == []
    assert ssmm("sync").code == 0


def test_a_parameter_that_cannot_be_decrypted_is_named_and_the_old_file_stays(ssmm: Cli, ssm: Ssm, faults: Faults) -> None:
    Path(".env").write_text("OLD=1\n", encoding="utf-8")
    ssm.put(f"{ROOT}/my-app/fine", "fine")
    ssm.put(f"{ROOT}/my-app/locked", "made-up")
    faults.refuse("GetParametersByPath", "InvalidKeyId", when=lambda body: body["WithDecryption"] and body["Path"].endswith("my-app"))
    faults.refuse("GetParameter", "InvalidKeyId", when=lambda body: body["Name"].endswith("/locked"))
    ran = ssmm("sync")
    assert ran.code == 78
    assert f"cannot decrypt {ROOT}/my-app/locked" in ran.err
    assert "/fine" not in ran.err
    assert Path(".env").read_text(encoding="utf-8") == "OLD=1\n"


# Dialects

FORMATS = ["systemd", "shell", "dotenv", "node", "godotenv", "docker", "json"]
EVERYWHERE = ("JSON", "SINGLE", "DOUBLE", "BACKSLASHES", "COMMENT", "BANG", "GLOB", "OPERATORS", "UNICODE", "PLAIN", "LONG")
"""Of the values above those that every dialect holds."""


def put_everywhere(ssm: Ssm) -> dict[str, str]:
    held = {name: VALUES[name] for name in sorted(EVERYWHERE)}
    for name, value in held.items():
        ssm.put(f"{ROOT}/my-app/{name.lower()}", value)
    return held


@pytest.mark.parametrize("file_format", FORMATS)
def test_a_file_in_any_format_is_private_goes_back_in_and_is_left_alone_when_nothing_changed(ssmm: Cli, ssm: Ssm, file_format: str) -> None:
    held = put_everywhere(ssm)
    ran = ssmm("sync", "--format", file_format, "--json")
    assert ran.code == 0, ran.err
    assert json.loads(ran.out) == {"path": "./.env", "format": file_format, "written": True, "variables": list(held)}
    assert mode(Path(".env")) == 0o600
    assert "no change" in ssmm("sync", "--format", file_format).err
    assert ssmm("sync", "--format", file_format, "--out", "-").out.encode() == Path(".env").read_bytes()
    ran = ssmm("put", "--env", ".env", "--app", "other")
    assert ran.code == 0, ran.err
    assert {name: ssm.value(f"{ROOT}/other/{name.lower()}") for name in held} == held


def test_another_format_at_the_same_path_replaces_our_own_file_without_a_copy(ssmm: Cli, ssm: Ssm) -> None:
    put_everywhere(ssm)
    for file_format in (*FORMATS, *reversed(FORMATS)):
        ran = ssmm("sync", "--format", file_format)
        assert ran.code == 0
        assert "was not written by ssmm" not in ran.err
        assert files_here() == [".env"]


@pytest.mark.parametrize("file_format", FORMATS)
def test_a_file_of_somebody_else_is_kept_whatever_the_format(ssmm: Cli, ssm: Ssm, file_format: str) -> None:
    Path(".env").write_text("OLD=1\n", encoding="utf-8")
    ssm.put(f"{ROOT}/my-app/token", "made-up")
    ran = ssmm("sync", "--format", file_format)
    assert ran.code == 0
    assert "kept in ./.env.before-ssmm" in ran.err
    assert Path(".env.before-ssmm").read_text(encoding="utf-8") == "OLD=1\n"


@pytest.mark.parametrize(
    ("file_format", "value"),
    [
        ("shell", "made\0up"),
        ("dotenv", "made-up ${HOME}"),
        ("node", "made-up\r\n"),
        ("node", "it's\nmade-up\\"),
        ("godotenv", "it's\nmade-up\\"),
        ("docker", "made\nup"),
        ("docker", "made-up\r"),
    ],
    ids=ascii,
)
def test_a_value_that_the_format_cannot_hold_stops_everything_and_is_named(ssmm: Cli, ssm: Ssm, file_format: str, value: str) -> None:
    Path(".env").write_text("OLD=1\n", encoding="utf-8")
    ssm.put(f"{ROOT}/my-app/token", value)
    ssm.put(f"{ROOT}/my-app/other", "fine")
    ran = ssmm("sync", "--format", file_format)
    assert ran.code == 78
    assert ran.err.startswith("Error: TOKEN cannot be delivered")
    assert len(ran.err.splitlines()) == 1
    assert "made" not in ran.err
    assert Path(".env").read_text(encoding="utf-8") == "OLD=1\n"
    assert files_here() == [".env"]


@pytest.mark.parametrize("key", ["random", "uid", "lineno", "ppid", "columns", "_"])
def test_a_name_that_a_shell_keeps_for_itself_is_refused_by_name_in_the_shell_format_alone(ssmm: Cli, ssm: Ssm, key: str) -> None:
    ssm.put(f"{ROOT}/my-app/{key}", "made-up", "String")
    allowed = ("--allow-name", key.upper())
    ran = ssmm("sync", "--format", "shell", *allowed)
    assert ran.code == 78
    assert f"{key.upper()} cannot be delivered" in ran.err
    assert files_here() == []
    assert ssmm("sync", "--format", "docker", *allowed).code == 0


def test_the_shell_format_needs_nothing_but_a_dot_or_eval(ssmm: Cli, ssm: Ssm) -> None:
    put_values(ssm)
    ran = ssmm.process("sync", "--format", "shell", "--out", "env")
    assert ran.code == 0, ran.err
    for script in (". ./env; exec env -0", f'eval "$("{sys.executable}" -m ssmm_core sync --format shell --out -)"; exec env -0'):
        ended = subprocess.run(["bash", "-c", script], capture_output=True, timeout=60)
        assert ended.stderr == b""
        entries = dict(entry.split(b"=", 1) for entry in ended.stdout.split(b"\0") if entry)
        assert {name: entries[name.encode()].decode() for name in VALUES} == VALUES


def test_json_of_somebody_else_is_kept_beside_the_new_file(ssmm: Cli, ssm: Ssm) -> None:
    ssm.put(f"{ROOT}/my-app/token", "made-up")
    theirs = json.dumps({"main": "index.js", "name": "my-package"}, indent=2) + "\n"
    Path("package.json").write_text(theirs, encoding="utf-8")
    ran = ssmm("sync", "--out", "package.json")
    assert ran.code == 0
    assert "kept in" in ran.err
    assert Path("package.json.before-ssmm").read_text(encoding="utf-8") == theirs
