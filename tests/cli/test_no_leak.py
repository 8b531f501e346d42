"""A sentinel stands for every value, and appears only where it was asked for: in no message, log, traceback, process list or stray file."""

from __future__ import annotations

import logging
import os
import pty
import stat
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from ssmm_core.secret import MASK
from tests.cli.test_bad_input import GROUPS, SENTINEL, Case, Scene, undecryptable
from tests.conftest import Cli, Ran, Ssm
from tests.support.faults import Faults

OLDER = f"{SENTINEL}-older"
NEWER = f"{SENTINEL}-newer"
PLAIN = "Plain0sentinel0of0a0String"
"""The value of a String, which `list` shows without being asked."""

LOOK = ("list --all", "list --keys-only", "list --tag shared=true", "list --json", "dirs", "dirs --json", "why TOKEN", "why TOKEN --json",
        "check --duplicates --values", "check --values --json", "tag list token", "tag list --match * --json", "doctor",
        "doctor --json")  # fmt: skip
ASKED = ("list --reveal", "list --reveal --json", "show token", "show TOKEN --raw", "show token --json", "show token --version 1",
         "show token --label stable", "check --values --show-values", "check --show-values --json", "sync --out -",
         "sync --out - --format json")  # fmt: skip
CHANGE = (f"put TOKEN={NEWER} --dry-run", f"put TOKEN={NEWER} OTHER={SENTINEL}", f"put TOKEN={SENTINEL} --json", "put --env pairs.env",
          "put TLS_KEY=@value", "tag add token owner=backend", "tag remove token owner --json", "sync --out env", "sync --out env",
          "sync --out env.json --format json --json", "migrate /myteam/other /myteam/new", "migrate /myteam/other /myteam/new --delete-old",
          "migrate /myteam/other /myteam/new --delete-old --confirm --json", "delete token -y", "delete shared -r -y --json",
          "onboard --unit a.service --env pairs.env --exec-cmd /usr/bin/app --ssmm-bin /usr/bin/ssmm --overwrite",
          "onboard --unit a.service --env pairs.env --exec-cmd /usr/bin/app --ssmm-bin /usr/bin/ssmm --overwrite --json",
          "migrate-to-exec --unit a.service --exec-cmd /usr/bin/app --ssmm-bin /usr/bin/ssmm", "completion bash")  # fmt: skip


@pytest.fixture
def everywhere(ssm: Ssm, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Ssm:
    """The sentinel in every parameter and in every file that is put; temporary files go where they are found."""
    temporary = tmp_path / "tmp"
    temporary.mkdir()
    monkeypatch.setenv("TMPDIR", str(temporary))
    monkeypatch.setattr(tempfile, "tempdir", None)
    token = "/myteam/my-app/token"
    ssm.put(token, OLDER)
    ssm.put(token, SENTINEL)
    ssm.client.label_parameter_version(Name=token, ParameterVersion=1, Labels=["stable"])
    ssm.client.add_tags_to_resource(ResourceType="Parameter", ResourceId=token, Tags=[{"Key": "shared", "Value": "true"}])
    ssm.put("/myteam/my-app/db-host", PLAIN, "String")
    ssm.put("/myteam/my-app/1st", SENTINEL)
    ssm.put("/myteam/shared/token", SENTINEL)
    ssm.put("/myteam/other/token", SENTINEL, tags={"shared": "true"})
    Path("pairs.env").write_text(f"TOKEN={NEWER}\nCERT='{SENTINEL}\n{SENTINEL}'\nEMPTY=\n")
    Path("value").write_text(f"{SENTINEL}\n")
    return ssm


def holders(folder: Path) -> Iterator[Path]:
    """The files below a folder that hold the sentinel, or the other one."""
    for path in sorted(folder.rglob("*")):
        if path.is_file() and (SENTINEL.encode() in (content := path.read_bytes()) or PLAIN.encode() in content):
            yield path


def assert_silent(ran: Ran, *, asked: bool, arguments: object) -> None:
    assert SENTINEL not in ran.err, arguments
    assert PLAIN not in ran.err, arguments
    assert "Traceback" not in ran.err, arguments
    assert asked or SENTINEL not in ran.out, arguments


# Every command


@pytest.mark.parametrize("flags", [[], ["--debug"]], ids=["plain", "debug"])
def test_commands_show_values_only_where_they_are_asked_for(ssmm: Cli, everywhere: Ssm, tmp_path: Path, flags: list[str]) -> None:
    for command in (*LOOK, *ASKED, *CHANGE):
        ran = ssmm(*flags, *command.split())
        assert ran.code == 0, (command, ran.err)
        assert_silent(ran, asked=command in ASKED, arguments=command)
        assert command not in ASKED or SENTINEL in ran.out, command
    here = Path.cwd()
    backups = set((tmp_path / "home/.local/state/ssmm/backups").iterdir())
    written = {here / "env", here / "env.json", *backups}
    assert len(backups) == 4
    assert set(holders(tmp_path)) == written | {here / "pairs.env", here / "value"}
    assert {stat.S_IMODE(path.stat().st_mode) for path in written} == {0o600}
    newest = next(path for path in backups if "token" in path.read_text() and "-delete-" in path.name)
    os.utime(newest, (1, 1))
    assert_silent(ssmm(*flags, "restore", str(newest), "--overwrite"), asked=False, arguments="restore")


def test_a_string_is_shown_by_list_but_named_in_no_message(ssmm: Cli, everywhere: Ssm) -> None:
    assert PLAIN in ssmm("list").out
    for command in ("list --keys-only", "why DB_HOST", "check --values", "sync --out env", "migrate /myteam/my-app /myteam/new"):
        ran = ssmm("--debug", *command.split())
        assert ran.code == 0
        assert PLAIN not in ran.out + ran.err, command


@pytest.mark.parametrize("flags", [[], ["--debug"]], ids=["plain", "debug"])
def test_the_child_of_exec_alone_gets_the_value(ssmm: Cli, everywhere: Ssm, tmp_path: Path, flags: list[str]) -> None:
    ran = ssmm.process(*flags, "exec", "--pristine", "--", "env")
    assert ran.code == 0, ran.err
    assert f"TOKEN={SENTINEL}" in ran.out.splitlines()
    assert_silent(ran, asked=True, arguments="exec")
    assert {path.name for path in holders(tmp_path)} == {"pairs.env", "value"}


def test_a_mask_is_as_wide_for_one_character_as_for_many(ssmm: Cli, ssm: Ssm) -> None:
    for number, value in enumerate(["x", SENTINEL, SENTINEL * 100]):
        ssm.put(f"/myteam/my-app/key-{number}", value)
    rows = [line.split() for line in ssmm("list").lines[1:]]
    assert [row[2] for row in rows] == [MASK] * 3


def test_the_length_of_a_short_value_is_not_told(ssmm: Cli, endpoint: str) -> None:
    lengths = [ssmm("put", f"PIN={'7' * size}", "--dry-run").lines[1].split()[-1] for size in (1, 4, 11)]
    assert lengths == ["len<12"] * 3


# Every way to fail


@pytest.mark.parametrize("group", GROUPS)
def test_refused_input_shows_no_value_under_debug_either(
    group: str, ssmm: Cli, endpoint: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    cases: list[Case] = GROUPS[group]
    telling = []
    for number, case in enumerate(cases):
        folder = tmp_path / str(number) / "my-app"
        folder.mkdir(parents=True)
        faults = Faults(endpoint)
        with monkeypatch.context() as patched:
            patched.chdir(folder)
            patched.setenv("HOME", str(folder.parent))
            patched.setenv("AWS_ENDPOINT_URL_SSM", faults.url)
            case.prepare(Scene(patched, faults))
            before = set(holders(folder.parent))
            ran = ssmm("--debug", *case.arguments)
        faults.stop()
        assert ran.code != 0, case.name
        assert set(holders(folder.parent)) == before, case.name
        telling += [case.name] if SENTINEL in ran.out + ran.err else []
    assert telling == []


READS = ("GetParameter", "GetParameters", "GetParametersByPath", "GetParameterHistory", "DescribeParameters", "ListTagsForResource")
WRITES = ("PutParameter", "DeleteParameters", "AddTagsToResource", "LabelParameterVersion")
ECHO = f"1 validation error detected: Value '{NEWER}' at 'value' failed to satisfy constraint"


def every(*operations: str, code: str, status: int = 400) -> Callable[[Faults], None]:
    """Refuse these operations. What PutParameter answers repeats the value that it was sent."""

    def arrange(faults: Faults) -> None:
        for operation in operations:
            faults.refuse(operation, code, ECHO if operation == "PutParameter" else "said by the service", status=status)

    return arrange


def spoil(field: str, value: object) -> Callable[[Faults], None]:
    """Answer with parameters that no client can read."""

    def alter(_request: dict[str, Any], answer: dict[str, Any]) -> None:
        for one in (answer.get("Parameters") or []) + [answer[key] for key in ("Parameter",) if key in answer]:
            one.pop(field, None)
            if value is not None:
                one[field] = value

    return lambda faults: [faults.change(operation, alter) for operation in READS]  # type: ignore[func-returns-value]


def lost(*operations: str) -> Callable[[Faults], None]:
    return lambda faults: [faults.lose_reply(operation, times=-1) for operation in operations]  # type: ignore[func-returns-value]


def without_decryption(faults: Faults) -> None:
    said = "User: made-up is not authorized to perform: kms:Decrypt on resource: arn:aws:kms:eu-central-1:123456789012:key/x"
    for operation in ("GetParameter", "GetParameters", "GetParametersByPath"):
        faults.refuse(operation, "AccessDeniedException", said, when=lambda body: body["WithDecryption"])


def repeated_pages(faults: Faults) -> None:
    page = {"Parameters": [{"Name": "/myteam/my-app/token", "Type": "SecureString", "Value": SENTINEL, "Version": 1}], "NextToken": "again"}
    faults.reply("GetParametersByPath", page, times=-1)


def another_writer(faults: Faults) -> None:
    somebody = Ssm(faults.upstream)
    faults.meanwhile("PutParameter", lambda: somebody.put("/myteam/my-app/token", OLDER), times=-1)
    faults.meanwhile("DeleteParameters", lambda: somebody.put("/myteam/my-app/token", OLDER), times=-1)


READING = ("list --reveal", "show token --json", "check --values", "why TOKEN", "sync --out env")
WRITING = (f"put TOKEN={NEWER} ADDED={SENTINEL}", "tag add token owner=backend", "migrate /myteam/my-app /myteam/new", "delete token -y")
FAULTS: dict[str, tuple[Callable[[Faults], object], tuple[str, ...]]] = {
    "throttled": (every(*READS, *WRITES, code="ThrottlingException"), READING + WRITING),
    "denied": (every(*READS, *WRITES, code="AccessDeniedException"), READING + WRITING),
    "expired": (every(*READS, *WRITES, code="ExpiredTokenException"), READING + WRITING),
    "failing": (every(*READS, *WRITES, code="InternalServerError", status=500), READING + WRITING),
    "without-decryption": (without_decryption, READING + WRITING),
    "undecryptable": (lambda faults: undecryptable(Scene(pytest.MonkeyPatch(), faults)), READING),
    "repeated-pages": (repeated_pages, READING),
    "answers-without-version": (spoil("Version", None), READING + WRITING),
    "answers-with-a-wrong-time": (spoil("LastModifiedDate", SENTINEL), READING + WRITING),
    "writes-throttled": (every(*WRITES, code="TooManyUpdates"), WRITING),
    "writes-denied": (every(*WRITES, code="AccessDeniedException"), WRITING),
    "writes-refused": (every(*WRITES, code="ValidationException"), WRITING),
    "pattern-mismatch": (every("PutParameter", code="ParameterPatternMismatchException"), WRITING),
    "writes-lost": (lost(*WRITES), WRITING),
    "another-writer": (another_writer, WRITING),
}


@pytest.mark.parametrize("fault", FAULTS)
def test_a_failing_service_makes_nothing_show_a_value(
    fault: str, ssmm: Cli, everywhere: Ssm, faults: Faults, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr("ssmm_core.store.retry.ATTEMPTS", 2)
    arrange, commands = FAULTS[fault]
    arrange(faults)
    codes = []
    for command in commands:
        ran = ssmm("--debug", "--timeout", "2", *command.split())
        codes.append(ran.code)
        assert_silent(ran, asked=command in ("list --reveal", "show token --json"), arguments=command)
    assert any(codes)
    here = Path.cwd()
    allowed = {here / "pairs.env", here / "value", here / "env"}
    written = {path for path in holders(tmp_path) if path not in allowed or path.name == "env"}
    assert {path.parent.name for path in written} <= {"backups", here.name}
    assert {stat.S_IMODE(path.stat().st_mode) for path in written} <= {0o600}


def test_a_real_process_that_is_denied_shows_no_value(ssmm: Cli, everywhere: Ssm, faults: Faults) -> None:
    every("PutParameter", code="AccessDeniedException")(faults)
    ran = ssmm.process("--debug", "put", f"TOKEN={NEWER}")
    assert ran.code == 77
    assert_silent(ran, asked=False, arguments="put")


# A defect of our own


BREAKS = {
    "walk": ("list", "sync --out env"),
    "get": ("show token",),
    "put": (f"put TOKEN={NEWER} ADDED={SENTINEL}",),
    "delete": ("delete token -y",),
}


@pytest.mark.parametrize("method", BREAKS)
def test_an_internal_error_shows_neither_its_message_nor_a_value(
    ssmm: Cli, everywhere: Ssm, monkeypatch: pytest.MonkeyPatch, method: str
) -> None:
    def broken(*_args: object, **_more: object) -> None:
        held = SENTINEL  # in the frame, as a value would be
        raise RuntimeError(f"message with {held}")

    store = "reader.Reader" if method in ("walk", "get") else "aws.AwsStore"
    monkeypatch.setattr(f"ssmm_core.store.{store}.{method}", broken)
    for command in BREAKS[method]:
        for flags in ([], ["--debug"]):
            ran = ssmm(*flags, *command.split())
            assert ran.code == 1
            assert "internal error: RuntimeError at " in ran.err
            assert "message with" not in ran.err
            assert_silent(ran, asked=False, arguments=command)
            assert ("in broken" in ran.err.partition("debug:")[2]) is bool(flags)


def test_an_internal_error_of_a_real_process_prints_no_traceback(everywhere: Ssm) -> None:
    program = (
        "import sys; from ssmm_core.store.reader import Reader; from ssmm_core.cli.main import main\n"
        f"def broken(*_args, **_more): raise RuntimeError({SENTINEL!r})\n"
        "Reader.walk = broken; sys.exit(main(['--debug', 'sync', '--out', 'env']))"
    )
    ended = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, timeout=60)
    assert ended.returncode == 1
    assert_silent(Ran(ended.returncode, ended.stdout, ended.stderr), asked=False, arguments="sync")


# Logs, files under way, process lists, terminals


def test_no_log_holds_a_value_whatever_its_level(ssmm: Cli, everywhere: Ssm, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    for command in ("show token", f"put TOKEN={NEWER}", "sync --out env", "list --reveal"):
        assert ssmm("--debug", *command.split()).code == 0
    assert SENTINEL not in caplog.text
    assert all(SENTINEL not in repr(record.args) for record in caplog.records)


def test_a_file_is_private_from_its_first_byte(ssmm: Cli, everywhere: Ssm, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    real, seen = os.fsync, []

    def look(handle: int) -> None:
        seen.extend(stat.S_IMODE(path.stat().st_mode) for path in holders(tmp_path) if path.name not in ("pairs.env", "value"))
        real(handle)

    monkeypatch.setattr("os.fsync", look)
    before = os.umask(0)
    try:
        for command in ("sync --out env", "sync --out env.json --format json", "delete token -y"):
            assert ssmm(*command.split()).code == 0
    finally:
        os.umask(before)
    assert len(seen) >= 3
    assert set(seen) == {0o600}


def test_a_value_from_stdin_is_in_no_process_list(everywhere: Ssm, faults: Faults) -> None:
    told: list[bytes] = []
    started: list[subprocess.Popen[bytes]] = []

    def look() -> None:
        told.extend(Path(f"/proc/{started[0].pid}/{file}").read_bytes() for file in ("cmdline", "environ"))

    faults.meanwhile("PutParameter", look)
    process = subprocess.Popen(
        [sys.executable, "-m", "ssmm_core", "put", "TOKEN=-"], stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE
    )
    started.append(process)
    out, err = process.communicate(NEWER.encode(), timeout=60)
    assert process.returncode == 0, err
    assert everywhere.value("/myteam/my-app/token") == NEWER
    assert told[0].endswith(b"put\0TOKEN=-\0")
    assert SENTINEL.encode() not in b"".join((*told, out, err))


def test_a_value_typed_at_the_hidden_prompt_is_not_echoed(everywhere: Ssm) -> None:
    ours, theirs = pty.openpty()
    process = subprocess.Popen(
        [sys.executable, "-m", "ssmm_core", "put", "TOKEN"],
        stdin=theirs, stdout=subprocess.PIPE, stderr=subprocess.PIPE, start_new_session=True,
    )  # fmt: skip
    assert process.stderr is not None
    prompt = b"TOKEN (hidden): "
    assert process.stderr.read(len(prompt)) == prompt
    os.write(ours, NEWER.encode() + b"\n")
    out, err = process.communicate(timeout=60)
    os.set_blocking(ours, False)
    os.close(theirs)
    try:
        echoed = os.read(ours, 4096)
    except OSError:
        echoed = b""
    os.close(ours)
    assert process.returncode == 0, err
    assert everywhere.value("/myteam/my-app/token") == NEWER
    assert SENTINEL.encode() not in out + err + echoed


@pytest.mark.parametrize("found", [True, False], ids=["denied alone", "found alone"])
def test_what_is_its_own_cause_is_told_once(ssmm: Cli, ssm: Ssm, faults: Faults, found: bool) -> None:
    """A role that delivers needs no right to GetParameter, so which of them does not decrypt cannot be told."""
    ssm.put("/myteam/my-app/token", SENTINEL)
    denied = "User: arn:aws:iam::123456789012:user/made-up is not authorized to perform: kms:Decrypt on resource: arn:aws:kms:::key/1"
    faults.refuse("GetParametersByPath", "AccessDeniedException", denied, when=lambda body: bool(body["WithDecryption"]))
    if not found:
        faults.deny("GetParameter")
    ran = ssmm("--debug", "sync", "--out", "-")
    assert ran.code == 77
    assert ran.err.count("Error: ") == 1
    assert len(ran.err.splitlines()) < 20
