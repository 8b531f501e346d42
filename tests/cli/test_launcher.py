"""The script that people and units call: nothing around it changes what ssmm is, and nothing is lost to what it becomes."""

from __future__ import annotations

import os
import re
import shutil
import signal
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

import ssmm_core
from tests.conftest import ROOT, Ssm
from tests.support.installation import LAUNCHER, PACKAGES, REPOSITORY

if TYPE_CHECKING:
    from collections.abc import Mapping

SHELLS = {"dash": ["dash"], "bash": ["bash", "--posix"], "busybox": ["busybox", "sh"], "zsh": ["zsh", "--emulate", "sh"]}


@pytest.fixture
def installed(installation: Path, ssm: Ssm) -> Path:
    """ssmm, with one parameter of the app `my-app` behind it."""
    ssm.put(f"{ROOT}/my-app/token", "made-up")
    return installation


def run(
    *command: str | Path, environment: Mapping[str, str] | None = None, directory: Path | None = None
) -> subprocess.CompletedProcess[bytes]:
    given = dict(os.environ if environment is None else environment)
    return subprocess.run([str(one) for one in command], env=given, cwd=directory, capture_output=True, timeout=60)


def entries(block: bytes) -> dict[str, str]:
    """What `env -0` printed."""
    return dict(os.fsdecode(entry).split("=", 1) for entry in block.split(b"\0") if entry)


ODD = {
    "odd.name-": "x",
    "BASH_FUNC_made%%": "() { :; }",
    "NOT_UTF8": "\udcff",
    "TWO_LINES": "a\nb",
    "PWD": "/made/up",
    "OLDPWD": "/made/up/too",
    "SHLVL": "7",
    "_": "made-up",
    "IFS": "made-up",
    "PYTHONHOME": "/made/up",
    "PYTHONPATH": "/made/up",
    "PYTHONSTARTUP": "/made/up.py",
    "PYTHONWARNINGS": "error",
    "PYTHONUTF8": "0",
}
"""What shells drop or set, and what Python would read."""


@pytest.mark.parametrize("shell", SHELLS)
@pytest.mark.parametrize("inherited", [ODD, {}], ids=["odd variables", "hardly any"])
def test_the_environment_is_inherited_byte_for_byte_through_every_shell(installed: Path, shell: str, inherited: dict[str, str]) -> None:
    if shutil.which(shell) is None:
        pytest.skip(f"{shell} is not installed")
    needed = {name: value for name, value in os.environ.items() if name.startswith(("AWS_", "SSMM_"))} | {"PATH": os.environ["PATH"]}
    given = needed | inherited
    ended = run(*SHELLS[shell], installed, "exec", "--app", "my-app", "--", "env", "-0", environment=given)
    assert ended.returncode == 0, ended.stderr
    assert entries(ended.stdout) == given | {"TOKEN": "made-up"}


def test_an_environment_that_is_too_long_to_be_noted_is_handed_on_by_the_shell(installed: Path) -> None:
    given = os.environ | {f"FILLER_{number}": "x" * 50_000 for number in range(4)}
    ended = run(installed, "exec", "--", "env", "-0", environment=given)
    of_the_shell = {"PWD": os.getcwd()}
    assert entries(ended.stdout) == given | of_the_shell | {"TOKEN": "made-up"}


def test_variables_of_the_caller_are_not_mistaken_for_the_launchers_own(installed: Path) -> None:
    ours = {name: "made-up" for name in re.findall(r"\b([a-z_]+)=", LAUNCHER.read_text(encoding="utf-8")) if not name.startswith("_ssmm_")}
    usual = {"stat": "made-up", "file": "made-up", "bin": "made-up", "environment": "made-up"}
    given = os.environ | ours | usual | {f"FILLER_{number}": "x" * 50_000 for number in range(4)}
    ended = run(installed, "exec", "--", "env", "-0", environment=given)
    assert entries(ended.stdout) == given | {"PWD": os.getcwd(), "TOKEN": "made-up"}


@pytest.mark.parametrize("note", ["made-up", "0 !!! /ssmm", "x  /ssmm", "1 2"])
def test_a_note_that_the_launcher_did_not_write_is_none(installed: Path, note: str) -> None:
    ended = run(sys.executable, "-m", "ssmm_core", "exec", "--", "env", "-0", environment=os.environ | {"SSMM_LAUNCH": note})
    assert ended.returncode == 0, ended.stderr
    found = entries(ended.stdout)
    assert "SSMM_LAUNCH" not in found
    assert found["TOKEN"] == "made-up"


def test_it_can_be_called_without_its_folder(installed: Path) -> None:
    ended = run("sh", "ssmm", "--version", directory=installed.parent)
    assert (ended.stdout.decode(), ended.stderr) == (f"ssmm {ssmm_core.__version__}\n", b"")


EXECVE = """
import ctypes, os, sys
entries = [b"=nothing", b"DUP=1", b"no equals", b"DUP=2", *(name + b"=" + value for name, value in os.environb.items())]
environment = (ctypes.c_char_p * (len(entries) + 1))(*entries, None)
words = [word.encode() for word in sys.argv[1:]]
ctypes.CDLL(None).execve(words[0], (ctypes.c_char_p * (len(words) + 1))(*words, None), environment)
"""


def test_of_two_variables_of_one_name_the_first_counts_and_what_has_no_name_is_none(installed: Path) -> None:
    ended = run(sys.executable, "-c", EXECVE, installed, "exec", "--quiet", "--", "env", "-0")
    assert ended.returncode == 0, ended.stderr
    assert entries(ended.stdout) == os.environ | {"DUP": "1", "TOKEN": "made-up"}


@pytest.mark.skipif(os.geteuid() != 0, reason="a namespace of processes needs root")
def test_where_proc_shows_other_processes_the_environment_is_still_our_own(installed: Path) -> None:
    with subprocess.Popen(["sleep", "1000"], env={"OTHER": "made-up secret"}) as victim:
        script = f'echo {victim.pid - 1} >/proc/sys/kernel/ns_last_pid; "$@"; true'
        ended = run("unshare", "--pid", "--fork", "sh", "-c", script, "sh", installed, "exec", "--quiet", "--", "env", "-0")
        victim.kill()
    found = entries(ended.stdout)
    assert found["TOKEN"] == "made-up", ended.stderr
    assert "OTHER" not in found


def test_a_caller_that_traces_its_shells_sees_nothing_of_the_environment(installed: Path) -> None:
    given = os.environ | {"SHELLOPTS": "xtrace", "HELD": "made-up secret"}
    ended = run("bash", "--posix", installed, "exec", "--quiet", "--", "true", environment=given)
    assert ended.returncode == 0
    assert b"base64" not in ended.stderr
    assert len(ended.stderr) < 200


def test_hostile_modules_are_neither_imported_from_pythonpath_nor_from_the_working_directory(installed: Path, tmp_path: Path) -> None:
    hostile = tmp_path / "hostile"
    hostile.mkdir()
    spoil = f"open({str(tmp_path / 'imported')!r}, 'w').write(__name__)\nraise SystemExit(99)\n"
    for name in ("argparse", "botocore", "encodings", "json", "os", "re", "runpy", "sitecustomize", "ssmm_core", "usercustomize"):
        (hostile / f"{name}.py").write_text(spoil, encoding="utf-8")
    given = os.environ | {"PYTHONPATH": str(hostile), "PYTHONHOME": str(hostile), "PYTHONUSERBASE": str(hostile)}
    ended = run(installed, "exec", "--app", "my-app", "--", "env", "-0", environment=given, directory=hostile)
    assert ended.returncode == 0, ended.stderr
    assert not (tmp_path / "imported").exists()
    assert entries(ended.stdout) == given | {"TOKEN": "made-up"}


@pytest.mark.parametrize("number", [signal.SIGPIPE, signal.SIGXFSZ])
@pytest.mark.parametrize("was", [signal.SIG_IGN, signal.SIG_DFL], ids=["ignored", "default"])
def test_the_program_ignores_a_signal_just_where_the_caller_did(installed: Path, number: signal.Signals, was: signal.Handlers) -> None:
    def as_caller() -> None:
        signal.signal(signal.SIGPIPE, signal.SIG_DFL)
        signal.signal(signal.SIGXFSZ, signal.SIG_DFL)
        signal.signal(number, was)

    command = [str(installed), "exec", "--quiet", "--", "grep", "^SigIgn:", "/proc/self/status"]
    ended = subprocess.run(command, preexec_fn=as_caller, capture_output=True, text=True, timeout=60)
    of_libc = 0b11 << 31
    expected = 1 << (number - 1) if was is signal.SIG_IGN else 0
    assert int(ended.stdout.split()[1], 16) & ~of_libc == expected


def test_the_process_stays_the_same(installed: Path) -> None:
    running = subprocess.Popen([str(installed), "exec", "--quiet", "--", "sh", "-c", "echo $$"], stdout=subprocess.PIPE, text=True)
    out, _ = running.communicate(timeout=60)
    assert out == f"{running.pid}\n"


def test_many_inherited_descriptors_stay_open(installed: Path) -> None:
    with open(os.devnull, "rb") as nothing:
        given = [os.dup(nothing.fileno()) for _ in range(20)]  # beyond 10, where a shell keeps its own
    try:
        script = "import os; print(all(os.path.samestat(os.fstat(one), os.stat('/dev/null')) for one in " + repr(given) + "))"
        command = [str(installed), "exec", "--quiet", "--", sys.executable, "-c", script]
        ended = subprocess.run(command, pass_fds=given, capture_output=True, text=True, timeout=60)
    finally:
        for one in given:
            os.close(one)
    assert ended.stdout == "True\n", ended.stderr


def test_a_link_to_it_is_as_good(installed: Path, tmp_path: Path) -> None:
    place = tmp_path / "a place with spaces"
    place.mkdir()
    (place / "ssmm").symlink_to(os.path.relpath(installed, place))
    (tmp_path / "other").symlink_to(place / "ssmm")
    for link in (place / "ssmm", tmp_path / "other"):
        ended = run(link, "exec", "--quiet", "--", "sh", "-c", 'echo "$TOKEN"')
        assert (ended.stdout, ended.stderr) == (b"made-up\n", b"")


@pytest.mark.parametrize(
    "beginning",
    [
        "#!{python}",
        "#!{python} -sP",
        "#!/bin/sh\n'''exec' {python} \"$0\" \"$@\"\n' '''",
        "#!/bin/sh\n'''exec' \"{python}\" \"$0\" \"$@\"\n' '''",
    ],
    ids=["short", "with a flag", "long", "long and quoted"],
)
@pytest.mark.parametrize("place", ["elsewhere", "home/.local/bin"])
def test_without_a_virtual_environment_the_script_beside_it_names_python(
    installed: Path, tmp_path: Path, beginning: str, place: str
) -> None:
    python = installed.parent / "python3"
    folder = tmp_path / place
    folder.mkdir(parents=True)
    shutil.copy(LAUNCHER, folder / "ssmm")
    (folder / "ssmm-tui").write_text(beginning.format(python=python) + "\nimport made_up\n", encoding="utf-8")
    given = os.environ | {"PYTHONPATH": "/made/up", "PYTHONHOME": "/made/up"}
    ended = run(folder / "ssmm", "exec", "--quiet", "--", "sh", "-c", 'echo "$TOKEN"', environment=given)
    assert (ended.stdout, ended.stderr) == (b"made-up\n", b"")


def test_an_installation_for_one_user_is_found_in_its_home(tmp_path: Path) -> None:
    bin_folder = Path.home() / ".local/bin"
    packages = Path.home() / ".local" / PACKAGES
    bin_folder.mkdir(parents=True)
    packages.mkdir(parents=True)
    shutil.copy(LAUNCHER, bin_folder / "ssmm")
    (packages / "ssmm_core").symlink_to(REPOSITORY / "ssmm_core")
    outside = Path(sys.base_prefix) / "bin/python3"
    (bin_folder / "ssmm-tui").write_text(f"#!{outside}\n", encoding="utf-8")
    hostile = tmp_path / "hostile"
    hostile.mkdir()
    (hostile / "ssmm_core.py").write_text("raise SystemExit(99)\n", encoding="utf-8")
    ended = run(bin_folder / "ssmm", "--version", environment=os.environ | {"PYTHONPATH": str(hostile)}, directory=hostile)
    assert (ended.stdout.decode(), ended.stderr) == (f"ssmm {ssmm_core.__version__}\n", b"")


def test_without_any_python_it_is_not_found(tmp_path: Path) -> None:
    shutil.copy(LAUNCHER, tmp_path / "ssmm")
    ended = run(tmp_path / "ssmm", "--version")
    assert ended.returncode not in (0, 1)
    assert b"ssmm-tui" in ended.stderr
