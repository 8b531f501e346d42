"""`exec`: one process that becomes another, with its parameters in its environment. Real processes throughout."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from tests.conftest import ROOT, Cli, Ran, Ssm

if TYPE_CHECKING:
    from tests.support.faults import Faults

SSMM = (sys.executable, "-m", "ssmm_core")
SAID = "ssmm: exec {} with 1 variable (app=1, shared=0, tag=0)\n"
SHOW_ARGUMENTS = "import json, sys; print(json.dumps(sys.argv[1:]))"
PEM = "-----BEGIN PRIVATE KEY-----\nbWFkZS11cA==\n-----END PRIVATE KEY-----\n"


@pytest.fixture
def token(ssm: Ssm) -> None:
    """One parameter of the app `my-app`."""
    ssm.put(f"{ROOT}/my-app/token", "made-up")


def program(path: str, script: str) -> None:
    """An executable shell script."""
    Path(path).parent.mkdir(parents=True, exist_ok=True)
    Path(path).write_text(f"#!/bin/sh\n{script}\n", encoding="utf-8")
    Path(path).chmod(0o755)


def entries(block: str) -> dict[str, str]:
    """What `env -0` printed."""
    return dict(entry.split("=", 1) for entry in block.split("\0") if entry)


def test_the_message_on_stderr_is_that_of_the_manual(ssmm: Cli, ssm: Ssm) -> None:
    for number in range(10):
        ssm.put(f"{ROOT}/my-app/key-{number}", "made-up")
    program("run.sh", 'echo "$@"')
    ran = ssmm.process("exec", "--", "./run.sh", "--flag", "value")
    assert ran == Ran(0, "--flag value\n", "ssmm: exec ./run.sh with 10 variables (app=10, shared=0, tag=0)\n")


def test_several_apps_and_all_layers_are_counted(ssmm: Cli, ssm: Ssm) -> None:
    ssm.put(f"{ROOT}/shared/log-level", "info")
    ssm.put(f"{ROOT}/other/smtp-host", "mail", tags={"shared": "true"})
    ssm.put(f"{ROOT}/base/token", "of the base")
    ssm.put(f"{ROOT}/base/name", "base")
    ssm.put(f"{ROOT}/variant/token", "of the variant")
    ran = ssmm.process(
        "exec",
        "--app",
        "base",
        "--app",
        "variant",
        "--include-tag",
        "shared=true",
        "--",
        "sh",
        "-c",
        'echo "$TOKEN, $LOG_LEVEL, $SMTP_HOST"',
    )
    assert ran.out == "of the variant, info, mail\n"
    warning, said = ran.err.splitlines()
    assert f"{ROOT}/base/token" in warning
    assert f"{ROOT}/variant/token" in warning
    assert said == "ssmm: exec sh with 4 variables (apps=base:2,variant:1, shared=1, tag=1)"


@pytest.mark.usefixtures("token")
def test_quiet_leaves_stderr_to_the_program(ssmm: Cli) -> None:
    assert ssmm.process("exec", "--quiet", "--", "sh", "-c", "echo mine >&2; exit 3") == Ran(3, "", "mine\n")


def test_the_environment_is_what_was_inherited_with_the_parameters_over_it(ssmm: Cli, ssm: Ssm) -> None:
    parameters = {"TOKEN": "made-up 'token' $HOME", "PEM": PEM, "EDITOR": "from the store", "ODD": "\u00a0🦀\t\x01 "}
    for name, value in parameters.items():
        ssm.put(f"{ROOT}/my-app/{name.lower()}", value)
    # Without a locale Python sets LC_CTYPE for itself; what is not UTF-8 and odd names pass through; nothing is sorted away.
    kept = {name: value for name, value in os.environ.items() if name != "LANG" and not name.startswith("LC_")}
    inherited = {**kept, "EDITOR": "inherited", "NOT_UTF8": "\udcff\udcfe", "odd.name-": "x", "EMPTY": "", "PYTHONUTF8": "0"}
    ran = ssmm.process("exec", "--region", "eu-central-1", "--timeout", "30", "--", "env", "-0", environment=inherited)
    assert ran.code == 0, ran.err
    delivered = entries(ran.out)
    as_text = {name: value.encode("utf-8", "surrogateescape").decode("utf-8", "surrogateescape") for name, value in parameters.items()}
    assert delivered == {**inherited, **as_text}


def test_a_pristine_environment_holds_the_parameters_alone(ssmm: Cli, ssm: Ssm) -> None:
    ssm.put(f"{ROOT}/my-app/token", "made-up")
    ssm.put(f"{ROOT}/shared/log-level", "info")
    ran = ssmm.process("exec", "--pristine", "--", "env", "-0")
    assert entries(ran.out) == {"TOKEN": "made-up", "LOG_LEVEL": "info"}


@pytest.mark.usefixtures("token")
def test_nothing_of_aws_is_added_to_the_environment(ssmm: Cli, endpoint: str) -> None:
    config = Path.home() / ".aws" / "config"
    config.parent.mkdir()
    config.write_text("[profile ours]\naws_access_key_id = made-up\naws_secret_access_key = made-up\n", encoding="utf-8")
    scrubbed = {name: value for name, value in os.environ.items() if not name.startswith(("AWS_", "SSMM_"))}
    ran = ssmm.process(
        "exec", "--profile", "ours", "--region", "eu-central-1", "--endpoint-url", endpoint, "--prefix", ROOT, "--", "env", "-0",
        environment=scrubbed,
    )  # fmt: skip
    assert entries(ran.out) == {**scrubbed, "TOKEN": "made-up"}


@pytest.mark.usefixtures("token")
def test_the_process_stays_the_same_and_is_the_program(ssmm: Cli) -> None:
    script = 'echo $$; readlink /proc/$$/exe; tr "\\0" " " </proc/$$/cmdline; true'
    running = subprocess.Popen([*SSMM, "exec", "--quiet", "--", "bash", "-c", script], stdout=subprocess.PIPE, text=True)
    out, _ = running.communicate(timeout=60)
    number, executable, command = out.splitlines()
    assert int(number) == running.pid
    assert executable.endswith("/bash")
    assert command == f"bash -c {script} "


@pytest.mark.usefixtures("token")
def test_a_signal_reaches_the_program_itself(ssmm: Cli) -> None:
    script = 'trap "echo stopped; exit 7" TERM; echo ready; while :; do read line; done'
    running = subprocess.Popen(
        [*SSMM, "exec", "--quiet", "--", "bash", "-c", script], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )
    assert running.stdout is not None
    assert running.stdout.readline() == "ready\n"
    running.terminate()
    out, _ = running.communicate(timeout=60)
    assert (running.returncode, out) == (7, "stopped\n")


@pytest.mark.usefixtures("token")
def test_standard_input_and_the_exit_code_are_the_programs(ssmm: Cli) -> None:
    ran = ssmm.process("exec", "--", "sh", "-c", "cat; exit 42", stdin=b"to the program")
    assert ran == Ran(42, "to the program", SAID.format("sh"))


@pytest.mark.usefixtures("token")
def test_a_closed_stderr_keeps_no_program_from_starting(ssmm: Cli) -> None:
    command = ["sh", "-c", 'exec "$@" 2>&-', "sh", *SSMM, "exec", "--", "sh", "-c", 'echo "$TOKEN"']
    ended = subprocess.run(command, stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=60)
    assert (ended.returncode, ended.stdout) == (0, "made-up\n")


@pytest.mark.usefixtures("token")
def test_a_directory_that_is_gone_names_no_app_and_is_said_so(ssmm: Cli) -> None:
    Path("gone_app").mkdir()
    script = 'cd gone_app && rmdir ../gone_app && exec "$@"'
    for options, code, out in (((), 78, ""), (("--app", "my-app"), 0, "made-up\n")):
        command = ["sh", "-c", script, "sh", *SSMM, "exec", "--quiet", *options, "--", "/bin/sh", "-c", 'echo "$TOKEN"']
        ended = subprocess.run(command, stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=60)
        assert (ended.returncode, ended.stdout) == (code, out), ended.stderr
        assert len(ended.stderr.splitlines()) <= 1
        assert "internal error" not in ended.stderr
        Path("gone_app").mkdir()


OURS = ["--app", "x", "--strict", "--prefix", "/y", "--help", "--version", "--json", "--quiet", "--demo", "-h", "", "a b", "$HOME", "*"]


@pytest.mark.usefixtures("token")
@pytest.mark.parametrize(
    ("before", "given", "received"),
    [
        (["--"], OURS, OURS),
        (["--"], ["--", "x", "--", "--app"], ["--", "x", "--", "--app"]),
        (["--app", "my-app", "--strict", "--"], ["--app"], ["--app"]),
        ([], OURS, OURS),
        ([], ["x", "--", "--app", "y", "--"], ["x", "--", "--app", "y", "--"]),
        (["--app", "my-app"], ["--app", "x"], ["--app", "x"]),
    ],
    ids=["ours", "a second --", "ours before too", "no --", "no -- before the program", "no --, ours before"],
)
def test_arguments_reach_the_program_as_they_are(ssmm: Cli, before: list[str], given: list[str], received: list[str]) -> None:
    ran = ssmm.process("exec", *before, sys.executable, "-c", SHOW_ARGUMENTS, *given)
    assert ran.code == 0, ran.err
    assert json.loads(ran.out) == received
    assert ran.err == SAID.format(sys.executable)


@pytest.mark.usefixtures("token")
@pytest.mark.parametrize("before", [["--"], []], ids=["with --", "without --"])
def test_a_debug_flag_of_the_program_is_not_ours(ssmm: Cli, before: list[str]) -> None:
    assert ssmm.process("exec", *before, "echo", "--debug") == Ran(0, "--debug\n", SAID.format("echo"))


@pytest.mark.usefixtures("token")
@pytest.mark.parametrize("arguments", [["exec"], ["exec", "--"], ["exec", "--app", "my-app", "--"]])
def test_no_command_is_a_mistake_in_the_command_line(ssmm: Cli, arguments: list[str]) -> None:
    ran = ssmm(*arguments)
    assert ran.code == 2
    assert "no command to execute" in ran.err
    assert "ssmm exec -- CMD" in ran.err
    assert len(ran.err.splitlines()) == 1


def test_a_program_that_does_not_exist_is_127_and_nobody_is_asked(ssmm: Cli, ssm: Ssm, faults: Faults) -> None:
    for command in ("no-such-program-at-all", "./no-such-program", "/no/such/program", ""):
        ran = ssmm.process("exec", "--", command)
        assert ran.code == 127
        assert command in ran.err
        assert len(ran.err.splitlines()) == 1
    assert faults.calls == []


@pytest.mark.usefixtures("token")
def test_a_program_that_may_not_be_executed_is_126(ssmm: Cli) -> None:
    Path("plain").write_text("#!/bin/sh\n", encoding="utf-8")
    Path("folder").mkdir()
    Path("garbage").write_bytes(b"\x7fELF made up")
    Path("garbage").chmod(0o755)
    for command in ("./plain", "./folder", "./garbage"):
        ran = ssmm.process("exec", "--quiet", "--", command)
        assert ran.code == 126
        assert command in ran.err
        assert len(ran.err.splitlines()) == 1
        assert "Traceback" not in ran.err


def test_path_from_before_the_parameters_decides_which_program_runs(ssmm: Cli, ssm: Ssm) -> None:
    program("ours/tool", 'echo "ours, with PATH=$PATH"')
    program("theirs/tool", "echo theirs")
    ssm.put(f"{ROOT}/my-app/path", str(Path("theirs").resolve()), "String")
    environment = {**os.environ, "PATH": f"{Path('ours').resolve()}:{os.environ['PATH']}"}
    ran = ssmm.process("exec", "--", "tool", environment=environment)
    assert ran.out == f"ours, with PATH={Path('theirs').resolve()}\n"


def test_a_parameter_called_path_adds_no_program(ssmm: Cli, ssm: Ssm) -> None:
    program("theirs/only-theirs", "echo theirs")
    ssm.put(f"{ROOT}/my-app/path", str(Path("theirs").resolve()), "String")
    ran = ssmm.process("exec", "--", "only-theirs")
    assert (ran.code, ran.out) == (127, "")


def test_a_file_that_may_not_be_executed_does_not_hide_one_further_on(ssmm: Cli, token: None) -> None:
    Path("first").mkdir()
    Path("first/tool").touch(mode=0o644)
    Path("second/tool").parent.mkdir()
    Path("second/tool").mkdir()
    program("third/tool", "echo third")
    folders = ":".join(str(Path(folder).resolve()) for folder in ("first", "second", "third"))
    assert ssmm.process("exec", "--", "tool", environment={**os.environ, "PATH": f"{folders}:/usr/bin:/bin"}).out == "third\n"


@pytest.mark.usefixtures("token")
def test_a_program_whose_reader_goes_away_dies_of_sigpipe(ssmm: Cli) -> None:
    running = subprocess.Popen([*SSMM, "exec", "--quiet", "--", "yes"], stdout=subprocess.PIPE)
    assert running.stdout is not None
    assert running.stdout.readline() == b"y\n"
    running.stdout.close()
    assert running.wait(60) == -signal.SIGPIPE


@pytest.mark.usefixtures("token")
def test_the_program_ignores_and_blocks_no_signal(ssmm: Cli) -> None:
    ran = ssmm.process("exec", "--", "grep", "-E", "^(SigIgn|SigBlk):", "/proc/self/status")
    masks = {name: int(mask, 16) for name, mask in (line.split() for line in ran.lines)}
    of_libc = 0b11 << 31  # 32 and 33, which glibc keeps for itself and ignores in what posix_spawn starts, as this test may do
    assert {name: mask & ~of_libc for name, mask in masks.items()} == {"SigBlk:": 0, "SigIgn:": 0}


@pytest.mark.usefixtures("token")
def test_inherited_descriptors_stay_open_and_none_is_added(ssmm: Cli) -> None:
    reading, writing = os.pipe()
    with os.fdopen(reading, "rb") as pipe:
        script = f"import os; os.write({writing}, b'through'); print(sorted(map(int, os.listdir('/proc/self/fd'))))"
        running = subprocess.Popen(
            [*SSMM, "exec", "--quiet", "--", sys.executable, "-c", script],
            stdout=subprocess.PIPE,
            stdin=subprocess.DEVNULL,
            pass_fds=[writing],
        )
        os.close(writing)
        out, _ = running.communicate(timeout=60)
        assert pipe.read() == b"through"
    listed = set(json.loads(out))
    assert {0, 1, 2, writing} <= listed
    assert len(listed) <= 5  # the fifth is the listing's own


@pytest.mark.parametrize(("value", "why"), [("made\0up", "NUL"), ("made\ud800up", "UTF-8")], ids=["NUL", "surrogate"])
def test_a_value_that_no_environment_holds_stops_the_start_and_is_named(ssmm: Cli, ssm: Ssm, value: str, why: str) -> None:
    ssm.put(f"{ROOT}/my-app/token", value)
    ran = ssmm.process("exec", "--", "touch", "started")
    assert ran.code == 78
    assert "TOKEN" in ran.err
    assert why in ran.err
    assert "made" not in ran.err
    assert len(ran.err.splitlines()) == 1
    assert not Path("started").exists()


def test_an_environment_larger_than_the_kernel_takes_is_said(ssmm: Cli, ssm: Ssm) -> None:
    for number in range(20):
        ssm.put(f"{ROOT}/my-app/value-{number}", "x" * 4096)
    inherited = {**os.environ, "FILLER": "x" * 100_000, "MORE_FILLER": "x" * 100_000}
    # A stack of one megabyte makes room for a quarter of one: enough for what is inherited, not for the parameters too.
    command = ["sh", "-c", 'ulimit -s 1024; exec "$@"', "sh", *SSMM, "exec", "--quiet", "--", "touch", "started"]
    ended = subprocess.run(command, env=inherited, capture_output=True, text=True, timeout=60)
    assert ended.returncode == 78
    assert "bytes together, the kernel takes 262,144" in ended.stderr
    assert len(ended.stderr.splitlines()) == 1
    assert not Path("started").exists()


def test_a_conflict_under_strict_starts_nothing(ssmm: Cli, ssm: Ssm) -> None:
    ssm.put(f"{ROOT}/my-app/token", "own")
    ssm.put(f"{ROOT}/shared/token", "shared")
    ran = ssmm.process("exec", "--strict", "--", "touch", "started")
    assert ran.code == 78
    assert f"{ROOT}/shared/token" in ran.err
    assert f"{ROOT}/my-app/token" in ran.err
    assert not Path("started").exists()


def test_no_parameter_at_all_starts_nothing(ssmm: Cli, ssm: Ssm) -> None:
    ran = ssmm.process("exec", "--", "touch", "started")
    assert ran.code == 78
    assert "no parameter in any layer" in ran.err
    assert not Path("started").exists()


def test_what_may_heal_by_itself_is_75_and_starts_nothing(ssmm: Cli, token: None) -> None:
    nowhere = {**os.environ, "AWS_ENDPOINT_URL_SSM": "http://127.0.0.1:1"}
    nobody = {name: value for name, value in os.environ.items() if name not in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY")}
    for environment in (nowhere, nobody):
        ran = ssmm.process("exec", "--timeout", "0.2", "--", "touch", "started", environment=environment)
        assert ran.code == 75, ran.err
        assert len(ran.err.splitlines()) == 1
    assert not Path("started").exists()


def test_what_is_denied_is_77_names_the_right_and_starts_nothing(ssmm: Cli, token: None, faults: Faults) -> None:
    faults.deny("GetParametersByPath")
    ran = ssmm.process("exec", "--", "touch", "started")
    assert ran.code == 77
    assert "ssm:GetParametersByPath" in ran.err
    assert not Path("started").exists()


REPORT = """
import json, os
descriptors = {}
for name in os.listdir("/proc/self/fd"):
    try:
        descriptors[name] = os.readlink(f"/proc/self/fd/{name}")
    except OSError:
        pass
children = open(f"/proc/self/task/{os.getpid()}/children").read().split()
threads = os.listdir("/proc/self/task")
environment = {os.fsdecode(name): os.fsdecode(value) for name, value in os.environb.items()}
print(json.dumps({"descriptors": descriptors, "children": children, "threads": len(threads), "environment": environment}))
"""


def test_a_demonstration_leaves_the_program_its_parameters_and_nothing_else(ssmm: Cli, tmp_path: Path) -> None:
    temporary = tmp_path / "temporary"
    temporary.mkdir()
    before = sorted(tmp_path.rglob("*"))
    environment = {**os.environ, "TMPDIR": str(temporary), "PYTHONDONTWRITEBYTECODE": "1", "SSMM_TEST_MARK": str(tmp_path)}
    environment.pop("LC_CTYPE", None)
    ran = ssmm.process("--demo", "exec", "--app", "billing-api", "--", sys.executable, "-I", "-c", REPORT, environment=environment)
    assert ran.code == 0, ran.err
    report = json.loads(ran.out)
    assert not [where for where in report["descriptors"].values() if where.startswith(("socket:", "anon_inode:"))]
    assert set(report["descriptors"]) <= {"0", "1", "2", "3"}
    assert report["children"] == []
    assert report["threads"] == 1
    own = report["environment"]
    assert own.pop("LC_CTYPE", None) in (None, "C.UTF-8")  # the reporting program's own doing
    assert own["PAYMENT_API_KEY"].startswith("made-up")
    assert {name: own.get(name) for name in environment} == environment
    added = own.keys() - environment.keys()
    assert not [name for name in added if name.startswith(("AWS_", "SSMM_", "MOTO_"))]
    assert f"with {len(added)} variables" in ran.err
    assert sorted(tmp_path.rglob("*")) == before
    assert not processes_marked(str(tmp_path))


def processes_marked(mark: str) -> list[str]:
    """The processes that were given this in their environment."""
    found = []
    for folder in Path("/proc").glob("[0-9]*"):
        try:
            if f"SSMM_TEST_MARK={mark}\0".encode() in (folder / "environ").read_bytes():
                found.append(folder.name)
        except OSError:
            continue
    return found
