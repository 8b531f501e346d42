"""What `exec` gives, keeps and leaves out, by the options that say so; and what it tells of that without starting anything."""

from __future__ import annotations

import json
import os
import socket
import subprocess
import sys
from pathlib import Path

import pytest

from tests.conftest import ROOT, Cli, Ssm

INHERITED = {"EDITOR": "inherited", "TOKEN": "inherited", "LC_ALL": "C"}


@pytest.fixture
def parameters(ssm: Ssm) -> Ssm:
    """Two of the app `my-app`, one of them over a shared one, and one that is shared alone."""
    ssm.put(f"{ROOT}/my-app/token", "sentinel-token")
    ssm.put(f"{ROOT}/my-app/log-level", "sentinel-debug", "String")
    ssm.put(f"{ROOT}/shared/log-level", "sentinel-info", "String")
    ssm.put(f"{ROOT}/shared/region", "sentinel-region", "String")
    return ssm


def given(ssmm: Cli, *options: str) -> dict[str, str]:
    """The environment that a program gets, beside what ssmm itself needs to reach the store."""
    own = {name: value for name, value in os.environ.items() if name.startswith(("AWS_", "SSMM_", "PYTHON")) or name == "PATH"}
    ran = ssmm.process("exec", "--quiet", *options, "--", "/usr/bin/env", "-0", environment={**own, **INHERITED})
    assert ran.code == 0, ran.err
    found = dict(entry.split("=", 1) for entry in ran.out.split("\0") if entry)
    return {name: value for name, value in found.items() if own.get(name) != value}


DELIVERED = {"TOKEN": "sentinel-token", "LOG_LEVEL": "sentinel-debug", "REGION": "sentinel-region"}


@pytest.mark.parametrize(
    ("options", "expected"),
    [
        ([], INHERITED | DELIVERED),
        (["--no-clobber"], DELIVERED | INHERITED),
        (["--pristine"], DELIVERED),
        (["--pristine", "--keep", "EDITOR", "NOT_THERE"], {"EDITOR": "inherited"} | DELIVERED),
        (["--pristine", "--keep", "TOKEN", "--no-clobber"], DELIVERED | {"TOKEN": "inherited"}),
        (["--pristine", "--no-clobber"], DELIVERED),
        (["--only", "TOKEN", "REGION"], INHERITED | {"TOKEN": "sentinel-token", "REGION": "sentinel-region"}),
        (["--only", "TOKEN", "--only", "LOG_LEVEL", "--pristine"], {"TOKEN": "sentinel-token", "LOG_LEVEL": "sentinel-debug"}),
        (["--unset", "EDITOR", "TOKEN"], {"LC_ALL": "C", "LOG_LEVEL": "sentinel-debug", "REGION": "sentinel-region"}),
    ],
    ids=lambda one: " ".join(one) if isinstance(one, list) else "",
)
@pytest.mark.usefixtures("parameters")
def test_the_program_gets_just_this(ssmm: Cli, options: list[str], expected: dict[str, str]) -> None:
    assert given(ssmm, *options) == expected


@pytest.mark.usefixtures("parameters")
def test_a_program_can_be_told_another_name(ssmm: Cli) -> None:
    assert ssmm.process("exec", "--quiet", "--argv0", "another", "--", "sh", "-c", 'tr "\\0" "\\n" </proc/$$/cmdline').lines[0] == "another"


@pytest.mark.usefixtures("parameters")
def test_a_program_has_to_be_told_some_name(ssmm: Cli) -> None:
    assert ssmm("exec", "--argv0", "", "--", "true").code == 2


@pytest.mark.usefixtures("parameters")
def test_keep_without_pristine_is_a_mistake(ssmm: Cli) -> None:
    ran = ssmm("exec", "--keep", "PATH", "--", "true")
    assert ran.code == 2
    assert "--pristine" in ran.err


# What must be there


@pytest.mark.parametrize("command", [["exec", "--quiet"], ["sync", "--quiet", "--out", "env"]], ids=["exec", "sync"])
@pytest.mark.usefixtures("parameters")
def test_all_that_is_required_and_missing_is_named_before_anything_is_done(ssmm: Cli, command: list[str]) -> None:
    Path("needed").write_text("# the contract\nTOKEN=\nexport FROM_FILE=made-up\n\nREGION # a comment\n", encoding="utf-8")
    program = ["--", "touch", "env"] if command[0] == "exec" else []
    ran = ssmm.process(*command, "--require", "LOG_LEVEL", "NOT_THERE", "--require-from", "needed", *program)
    assert ran.code == 78
    assert "required, but in no layer: FROM_FILE, NOT_THERE." in ran.err
    assert "sentinel" not in ran.err
    assert not Path("env").exists()


@pytest.mark.usefixtures("parameters")
def test_what_is_required_and_there_stops_nothing(ssmm: Cli) -> None:
    Path("needed").write_text("TOKEN\nREGION\n", encoding="utf-8")
    assert ssmm.process("exec", "--quiet", "--require-from", "needed", "--", "echo", "started").out == "started\n"
    assert ssmm.process("sync", "--quiet", "--require", "TOKEN", "--require-from", "needed").code == 0


@pytest.mark.usefixtures("parameters")
def test_a_program_that_has_a_required_variable_from_elsewhere_starts(ssmm: Cli) -> None:
    environment = {**os.environ, "FROM_THE_UNIT": "x"}
    assert ssmm.process("exec", "--quiet", "--require", "FROM_THE_UNIT", "--", "true", environment=environment).code == 0
    assert ssmm.process("exec", "--quiet", "--require", "FROM_THE_UNIT", "--pristine", "--", "true", environment=environment).code == 78


@pytest.mark.parametrize("command", [["exec", "--quiet"], ["sync", "--quiet", "--out", "env"]], ids=["exec", "sync"])
@pytest.mark.usefixtures("parameters")
def test_only_what_is_there_can_be_asked_for_alone(ssmm: Cli, command: list[str]) -> None:
    ran = ssmm.process(*command, "--only", "TOKEN", "MISTYPED", *(["--", "touch", "env"] if command[0] == "exec" else []))
    assert ran.code == 78
    assert "asked for with --only, but in no layer: MISTYPED." in ran.err
    assert not Path("env").exists()


@pytest.mark.usefixtures("parameters")
def test_lines_inside_quotes_are_no_names(ssmm: Cli) -> None:
    Path("needed").write_text('TOKEN=x\nKEY="sentinel\nSENTINEL\n"\n', encoding="utf-8")
    ran = ssmm("sync", "--require-from", "needed")
    assert ran.code == 78
    assert "needed:2 opens a quote that it does not close" in ran.err
    assert "SENTINEL" not in ran.err


@pytest.mark.parametrize("text", ["A-B\n", "1A\n", "TOKEN\nsentinel value\n", "=sentinel\n"])
@pytest.mark.usefixtures("parameters")
def test_a_line_without_a_name_is_told_by_its_number(ssmm: Cli, text: str) -> None:
    Path("needed").write_text(text, encoding="utf-8")
    ran = ssmm("sync", "--require-from", "needed")
    assert ran.code == 78
    assert f"needed:{text.count(chr(10))} begins with no variable's name" in ran.err
    assert "sentinel" not in ran.err


@pytest.mark.parametrize("flag", ["--require", "--keep", "--unset"])
@pytest.mark.usefixtures("parameters")
def test_a_name_that_no_variable_has_is_refused_and_a_value_behind_it_not_repeated(ssmm: Cli, flag: str) -> None:
    ran = ssmm("exec", "--pristine", flag, "TOKEN=sentinel", "--", "true")
    assert ran.code == 78
    assert "'TOKEN=…' is no variable's name" in ran.err


# Dangerous names


def test_a_forbidden_name_that_is_asked_for_alone_is_refused_as_such(ssmm: Cli, ssm: Ssm) -> None:
    ssm.put(f"{ROOT}/my-app/ld-preload", "sentinel")
    ran = ssmm.process("exec", "--only", "LD_PRELOAD", "--", "true")
    assert ran.code == 78
    assert "--allow-name LD_PRELOAD" in ran.err


@pytest.mark.parametrize("name", ["ld-preload", "BASH_ENV", "notify-socket", "listen-fds", "ifs"])
def test_what_belongs_to_loader_shell_or_systemd_stops_the_start_unless_it_is_allowed(ssmm: Cli, ssm: Ssm, name: str) -> None:
    variable = name.upper().replace("-", "_")
    ssm.put(f"{ROOT}/my-app/{name}", "sentinel")
    ssm.put(f"{ROOT}/my-app/token", "sentinel")
    for command in (["exec", "--", "touch", "started"], ["sync", "--out", "started"]):
        ran = ssmm.process(*command)
        assert ran.code == 78
        assert f"{ROOT}/my-app/{name} is refused: {variable} belongs to the loader, a shell or systemd" in ran.err
        assert f"--allow-name {variable}" in ran.err
        assert "sentinel" not in ran.err
        assert not Path("started").exists()
    allowed = ssmm.process("sync", "--out", "-", "--format", "json", "--allow-name", variable)
    assert json.loads(allowed.out) == {variable: "sentinel", "TOKEN": "sentinel"}


@pytest.mark.parametrize(
    ("name", "why"),
    [
        ("ld-preload", "LD_PRELOAD belongs to the loader, a shell or systemd, and the shared layer may never set it"),
        ("pythonpath", "PYTHONPATH steers programs, so only an app itself may set it, not the shared layer"),
        ("https_proxy", "HTTPS_PROXY steers programs"),
        ("tmpdir", "TMPDIR steers programs"),
        ("path", "PATH steers programs"),
    ],
)
def test_what_is_shared_never_stops_or_steers_an_app(ssmm: Cli, ssm: Ssm, name: str, why: str) -> None:
    ssm.put(f"{ROOT}/shared/{name}", "sentinel")
    ssm.put(f"{ROOT}/my-app/token", "sentinel")
    variable = name.upper().replace("-", "_")
    ran = ssmm.process("sync", "--out", "-", "--format", "json", "--allow-name", variable)
    assert json.loads(ran.out) == {"TOKEN": "sentinel"}
    assert f"Warning: {ROOT}/shared/{name} is not delivered: {why}" in ran.err
    strict = ssmm.process("sync", "--strict", "--out", "env")
    assert strict.code == 78
    assert "1 undeliverable parameter(s) under --strict" in strict.err
    assert not Path("env").exists()


def test_what_is_left_out_and_asked_for_alone_is_said_to_be_so(ssmm: Cli, ssm: Ssm) -> None:
    ssm.put(f"{ROOT}/shared/https-proxy", "sentinel")
    ssm.put(f"{ROOT}/my-app/token", "sentinel")
    ran = ssmm.process("exec", "--only", "HTTPS_PROXY", "--", "true")
    assert ran.code == 78
    assert f"asked for with --only, but {ROOT}/shared/https-proxy is not delivered: HTTPS_PROXY steers programs" in ran.err


def test_a_tag_lets_nobody_in_either(ssmm: Cli, ssm: Ssm) -> None:
    ssm.put(f"{ROOT}/other/ld-preload", "sentinel", tags={"shared": "true"})
    ssm.put(f"{ROOT}/other/node-options", "sentinel", tags={"shared": "true"})
    ssm.put(f"{ROOT}/my-app/token", "sentinel")
    ran = ssmm.process("sync", "--out", "-", "--format", "json", "--include-tag", "shared=true", "--allow-name", "LD_PRELOAD")
    assert json.loads(ran.out) == {"TOKEN": "sentinel"}
    assert "the tag layer may never set it" in ran.err
    assert "NODE_OPTIONS steers programs" in ran.err


def test_an_app_sets_what_steers_it_like_any_other_setting(ssmm: Cli, ssm: Ssm) -> None:
    for name in ("pythonpath", "https-proxy", "tmpdir", "listen-addr", "ld"):
        ssm.put(f"{ROOT}/my-app/{name}", "sentinel")
        ssm.put(f"{ROOT}/shared/{name}", "sentinel of all")
    ran = ssmm.process("sync", "--out", "-", "--format", "json")
    assert json.loads(ran.out) == dict.fromkeys(("PYTHONPATH", "HTTPS_PROXY", "TMPDIR", "LISTEN_ADDR", "LD"), "sentinel")


def test_why_says_what_stands_in_the_way(ssmm: Cli, ssm: Ssm) -> None:
    ssm.put(f"{ROOT}/my-app/ld-preload", "sentinel")
    ran = ssmm("why", "LD_PRELOAD")
    assert ran.code == 78
    assert f"{ROOT}/my-app/ld-preload is not delivered: LD_PRELOAD belongs to the loader, a shell or systemd" in ran.err


# What it would be


@pytest.mark.usefixtures("parameters")
def test_explain_tells_where_each_variable_comes_from_and_starts_nothing(ssmm: Cli) -> None:
    options = ["--pristine", "--keep", "PATH", "--unset", "REGION"]
    ran = ssmm.process("exec", "--json", "--explain", *options, "--", "touch", "started")
    assert ran.code == 0, ran.err
    rows = {row.pop("name"): row for row in json.loads(ran.out)["variables"]}
    assert list(rows) == ["LOG_LEVEL", "TOKEN", "PATH"]
    assert (
        rows["LOG_LEVEL"].items()
        >= {
            "source": "app my-app",
            "layer": {"kind": "app", "name": "my-app"},
            "parameter": f"{ROOT}/my-app/log-level",
            "version": 1,
        }.items()
    )
    assert rows["PATH"].items() >= {"source": "inherited", "layer": None, "parameter": None, "version": None}.items()
    assert {len(row["fingerprint"]) for row in rows.values()} == {12}
    assert not Path("started").exists()
    table = ssmm.process("exec", "--explain", *options)
    assert table.code == 0, table.err
    assert [line.split()[0] for line in table.lines] == ["VARIABLE", "LOG_LEVEL", "TOKEN", "PATH"]
    assert "sentinel" not in ran.out + ran.err + table.out + table.err


@pytest.mark.usefixtures("parameters")
def test_explain_shows_what_is_inherited_under_no_clobber(ssmm: Cli) -> None:
    environment = {**os.environ, "TOKEN": "inherited"}
    ran = ssmm.process("exec", "--json", "--explain", "--no-clobber", environment=environment)
    sources = {row["name"]: row["source"] for row in json.loads(ran.out)["variables"]}
    assert (sources["TOKEN"], sources["LOG_LEVEL"], sources["REGION"]) == ("inherited", "app my-app", "shared")


# The manager


@pytest.mark.parametrize("is_abstract", [True, False], ids=["abstract", "path"])
@pytest.mark.usefixtures("parameters")
def test_the_manager_is_told_what_is_done_and_asked_for_time_but_never_that_it_is_ready(
    ssmm: Cli, tmp_path: Path, is_abstract: bool
) -> None:
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as manager:
        name = f"ssmm-{os.getpid()}"
        manager.bind(f"\0{name}" if is_abstract else str(tmp_path / "notify"))
        address = f"@{name}" if is_abstract else str(tmp_path / "notify")
        script = 'echo "$NOTIFY_SOCKET"'
        ran = ssmm.process(
            "exec", "--quiet", "--timeout", "20", "--", "sh", "-c", script, environment={**os.environ, "NOTIFY_SOCKET": address}
        )
        assert (ran.code, ran.out) == (0, f"{address}\n")
        said = [manager.recv(4096).decode() for _ in range(2)]
        manager.setblocking(False)
        with pytest.raises(BlockingIOError):
            manager.recv(4096)
    assert said == ["STATUS=ssmm fetches parameters\nEXTEND_TIMEOUT_USEC=30000000\n", "STATUS=starting /usr/bin/sh\n"]


@pytest.mark.usefixtures("parameters")
def test_the_path_of_a_program_tells_the_manager_nothing_else(ssmm: Cli, tmp_path: Path) -> None:
    program = tmp_path / "odd\udcff\nREADY=1"
    program.write_text("#!/bin/sh\n", encoding="utf-8")
    program.chmod(0o755)
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as manager:
        manager.bind(str(tmp_path / "notify"))
        environment = {**os.environ, "NOTIFY_SOCKET": str(tmp_path / "notify")}
        assert ssmm.process("exec", "--quiet", "--", str(program), environment=environment).code == 0
        said = b"".join(manager.recv(4096) for _ in range(2))
    assert b"READY=1" not in said.splitlines()


@pytest.mark.usefixtures("parameters")
def test_a_manager_that_does_not_listen_keeps_nobody_from_starting(ssmm: Cli, tmp_path: Path) -> None:
    environment = {**os.environ, "NOTIFY_SOCKET": str(tmp_path / "nobody")}
    assert ssmm.process("exec", "--quiet", "--", "echo", "started", environment=environment).out == "started\n"


WORDS = {"exec": ["exec", "--timeout", "1"], "sync": ["sync", "--timeout", "1"]}
SHELL = ["sh", "-c", 'SYSTEMD_EXEC_PID=$$ exec "$@"', "sh", sys.executable, "-m", "ssmm_core"]
"""As systemd starts a program: it is told its own number."""


def fails_for_now(command: str, *options: str, shell: list[str]) -> list[str]:
    """What a delivery says that finds nobody at its endpoint."""
    words = [*WORDS[command], *options, *(["--", "true"] if command == "exec" else [])]
    environment = {**os.environ, "AWS_ENDPOINT_URL_SSM": "http://127.0.0.1:9"}
    ended = subprocess.run([*shell, *words], env=environment, capture_output=True, text=True, timeout=60)
    assert ended.returncode == 75
    return ended.stderr.splitlines()


@pytest.mark.parametrize("command", WORDS)
@pytest.mark.usefixtures("endpoint")
def test_before_a_failure_that_may_heal_systemd_is_kept_waiting_for_a_random_moment(command: str) -> None:
    error, waited = fails_for_now(command, shell=SHELL)
    assert error.startswith("Error: ")
    assert 0 <= float(waited.removeprefix("ssmm: waiting ").partition(" s ")[0]) <= 5
    _, waited = fails_for_now(command, "--jitter", "0.04", shell=SHELL[4:])
    assert waited == "ssmm: waiting 0.0 s before this is tried again"


@pytest.mark.parametrize("command", WORDS)
@pytest.mark.usefixtures("endpoint")
def test_nobody_else_is_kept_waiting(command: str) -> None:
    assert len(fails_for_now(command, shell=SHELL[4:])) == 1
    assert len(fails_for_now(command, "--jitter", "0", shell=SHELL)) == 1


@pytest.mark.usefixtures("parameters")
def test_a_failure_that_cannot_heal_is_told_at_once(ssmm: Cli) -> None:
    assert "waiting" not in ssmm("sync", "--jitter", "3000", "--require", "NOT_THERE").err
