"""What a real systemd makes of the files that ssmm writes."""

from __future__ import annotations

import json
import os
import random
import sys
from pathlib import Path

import pytest

from tests.conftest import CREDENTIALS, REGION, ROOT, Cli, Ssm
from tests.systemd.conftest import PATH, UserManager

REPOSITORY = Path(__file__).parent.parent.parent

PEM = "-----BEGIN PRIVATE KEY-----\nbWFkZS11cA==\n-----END PRIVATE KEY-----\n"
BY_HAND = (
    PEM,
    PEM.replace("\n", "\r\n"),
    json.dumps({"a": 'made "up"', "b": ["$HOME", "\\n", None], "c": "it's"}),
    json.dumps({"a": 1}, indent=2),
    "it's",
    'a "quoted" word',
    "'single'",
    '"double"',
    "'",
    '"',
    'it\'s "both"',
    "'\"'\"'",
    "$HOME ${HOME} $$ ${X:-d} $(id) `id`",
    "\\",
    "\\\\",
    "ends in a backslash\\",
    "a\\\nb",
    "\\n \\t \\x41 \\' \\\" \\$",
    "'\\''",
    "# no comment",
    "; no comment",
    "a # b ; c",
    "\tbetween tabs\t",
    "   spaces around   ",
    " ",
    "\n",
    "\r",
    "\r\n",
    "\nLD_PRELOAD=/made/up.so\n",
    "a=b=c",
    "=",
    "export A=b",
    "%h %% %n",
    "!important! !!",
    "~/x ~root",
    "* ? [a-z] {a,b}",
    "a & b | c > d < e",
    "Grüß Gott, 漢字, 🦀, \u00a0, \u2028, \ufeff",
    "\ufeffbegins with a byte order mark",
    "".join(map(chr, range(1, 32))) + "\x7f",
    "\x1b[31mred\x1b[0m",
    "x" * 4096,
)
SPECIALS = " \t\n\r'\"\\$`#;%=!&|<>(){}[]*?~^@:,./-_+"
ALPHABET = SPECIALS * 4 + "abcXYZ019" * 2 + "".join(map(chr, range(1, 32))) + "\x7féß漢字🦀\u00a0\u2028\ufeff"
SEED = 20240229

PROGRAM = """
import os, signal, socket, sys
with open("/proc/self/environ", "rb") as environment, open(sys.argv[1], "wb") as out:
    out.write(environment.read())
address = os.environ["NOTIFY_SOCKET"]
with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as manager:
    manager.sendto(b"READY=1", "\\0" + address[1:] if address[0] == "@" else address)
signal.pause()
"""
"""A service that says itself that it is ready: systemd believes that of the main process alone."""


def generated() -> list[str]:
    """The same values in each run."""
    chance = random.Random(SEED)
    return ["".join(chance.choices(ALPHABET, k=chance.randint(1, 60))) for _ in range(400)]


def parsed(block: bytes) -> dict[str, str]:
    """An environment as `env -0` or /proc shows it."""
    entries = (entry.partition(b"=") for entry in block.split(b"\0") if entry)
    return {name.decode(): value.decode() for name, _, value in entries}


class Scene:
    """A service of the app `my-app`, ssmm beside it, and Parameter Store behind."""

    def __init__(self, manager: UserManager, endpoint: str) -> None:
        self.manager = manager
        self.folder = manager.home / "scene"
        self.folder.mkdir(exist_ok=True)
        self.program = self.folder / "program.py"
        self.program.write_text(PROGRAM, encoding="utf-8")
        self.out = self.folder / "environ"
        self.errors = self.folder / "stderr"
        for left in (self.out, self.errors):
            left.unlink(missing_ok=True)
        self.command = f"{sys.executable} {self.program} {self.out}"
        self.settings = {
            "PYTHONPATH": str(REPOSITORY),
            "AWS_REGION": REGION,
            "AWS_ENDPOINT_URL_SSM": endpoint,
            "AWS_EC2_METADATA_DISABLED": "true",
            **CREDENTIALS,
        }

    def launcher(self, folder: Path) -> Path:
        """ssmm as a program of its own in `folder`."""
        folder.mkdir(parents=True, exist_ok=True)
        program = folder / "ssmm"
        program.write_text(f'#!/bin/sh\nexec {sys.executable} -m ssmm_core "$@"\n', encoding="utf-8")
        program.chmod(0o755)
        return program

    def load(self, unit: str, *, without: tuple[str, ...] = (), **more: str) -> None:
        """The unit as it was before ssmm: an .env file, and a command."""
        old = self.folder / "old.env"
        old.write_text("OLD_SETTING=made-up\n", encoding="utf-8")
        settings = {name: value for name, value in (self.settings | more).items() if name not in without}
        lines = "\n".join(f'Environment="{name}={value}"' for name, value in settings.items())
        text = f"[Service]\nType=notify\n{lines}\nEnvironmentFile={old}\nExecStart={self.command}\n"
        self.manager.load(unit, f"{text}StandardOutput=null\nStandardError=truncate:{self.errors}\nTimeoutStartSec=30\n")

    def ssmm(self, *arguments: str, directory: Path | None = None) -> str:
        """Run ssmm beside the manager; what it said."""
        program = self.launcher(self.folder / "bin")
        environment = {**self.settings, "SSMM_PREFIX_ROOT": ROOT, "PATH": f"{program.parent}:{PATH}"}
        ended = self.manager.run(str(program), *arguments, environment=environment, directory=directory)
        assert ended.returncode == 0, ended.stderr
        return ended.stderr

    def main_process(self, unit: str) -> tuple[list[str], dict[str, str]]:
        """The arguments and the environment of a unit's main process."""
        number = self.manager.show(unit, "MainPID")
        assert number != "0"
        words = self.manager.run("cat", f"/proc/{number}/cmdline").stdout.split("\0")[:-1]
        return words, parsed(self.out.read_bytes())

    def stop(self, unit: str) -> None:
        self.manager.systemctl("stop", unit)
        for drop_in in self.manager.units.glob(f"{unit}.d/*"):
            drop_in.unlink()


@pytest.fixture
def scene(user_manager: UserManager, endpoint: str) -> Scene:
    return Scene(user_manager, endpoint)


def test_every_value_of_a_synced_file_reaches_the_service_byte_for_byte(user_manager: UserManager, ssmm: Cli, ssm: Ssm) -> None:
    values = {f"V{number:03}": value for number, value in enumerate([*BY_HAND, *generated()])}
    assert len(values) > 400
    for name, value in values.items():
        ssm.put(f"{ROOT}/my-app/{name.lower()}", value, "String", Tier="Advanced")
    file, out = user_manager.home / "awkward.env", user_manager.home / "awkward.out"
    ran = ssmm.process("sync", "--out", str(file))
    assert ran.code == 0, ran.err
    unit = f"[Service]\nType=oneshot\nEnvironmentFile={file}\nExecStart=/usr/bin/env -0\nStandardOutput=truncate:{out}\n"
    user_manager.load("awkward.service", unit)
    user_manager.start("awkward.service")
    delivered = parsed(out.read_bytes())
    assert {name: delivered.get(name) for name in values} == values
    assert "LD_PRELOAD" not in delivered
    assert "Ignoring invalid environment assignment" not in user_manager.said()


def test_a_file_that_sync_brings_up_to_date_counts_from_the_next_start(user_manager: UserManager, ssmm: Cli, ssm: Ssm) -> None:
    file, out = user_manager.home / "rotating.env", user_manager.home / "rotating.out"
    unit = f"[Service]\nType=oneshot\nEnvironmentFile={file}\nExecStart=/usr/bin/env -0\nStandardOutput=truncate:{out}\n"
    user_manager.load("rotating.service", unit)
    for value in ("before", "after"):
        ssm.put(f"{ROOT}/my-app/token", value)
        assert ssmm("sync", "--out", str(file)).code == 0
        user_manager.start("rotating.service")
        assert parsed(out.read_bytes())["TOKEN"] == value


def test_a_switched_unit_starts_through_ssmm_and_is_the_program_itself(scene: Scene, ssm: Ssm) -> None:
    ssm.put(f"{ROOT}/my-app/api-token", "made-up $HOME 'token'\n")
    ssm.put(f"{ROOT}/shared/log-level", "info")
    scene.load("my-app.service")
    scene.manager.start("my-app.service")
    _, environment = scene.main_process("my-app.service")
    assert environment["OLD_SETTING"] == "made-up"
    assert "API_TOKEN" not in environment

    said = scene.ssmm("migrate-to-exec", "--unit", "my-app.service", "--app", "my-app", "--exec-cmd", f"{scene.command} %n", "--apply")
    ended = scene.manager.systemctl("restart", "my-app.service")
    assert ended.returncode == 0, scene.manager.said()
    words, environment = scene.main_process("my-app.service")
    assert words == [sys.executable, str(scene.program), str(scene.out), "my-app.service"]
    assert environment["API_TOKEN"] == "made-up $HOME 'token'\n"
    assert environment["LOG_LEVEL"] == "info"
    assert environment["SSMM_PREFIX_ROOT"] == ROOT
    assert "OLD_SETTING" not in environment
    assert scene.errors.read_text(encoding="utf-8") == f"ssmm: exec {sys.executable} with 2 variables (app=1, shared=1, tag=0)\n"
    assert environment["SYSTEMD_EXEC_PID"] == scene.manager.show("my-app.service", "MainPID")

    revert = said.partition("To revert: ")[2].strip()
    assert scene.manager.run("sh", "-c", revert).returncode == 0
    assert scene.manager.systemctl("restart", "my-app.service").returncode == 0
    _, environment = scene.main_process("my-app.service")
    assert environment["OLD_SETTING"] == "made-up"
    scene.stop("my-app.service")


def test_the_path_of_ssmm_survives_whatever_is_in_it(scene: Scene, ssm: Ssm) -> None:
    ssm.put(f"{ROOT}/my-app/token", "made-up")
    program = scene.launcher(scene.folder / "100% of  $HOME; %n ${X} -- ü")
    scene.load("odd-path.service")
    scene.ssmm(
        "migrate-to-exec",
        "--unit",
        "odd-path.service",
        "--app",
        "my-app",
        "--exec-cmd",
        scene.command,
        "--ssmm-bin",
        str(program),
        "--apply",
    )
    scene.manager.start("odd-path.service")
    words, environment = scene.main_process("odd-path.service")
    assert words[1] == str(scene.program)
    assert environment["TOKEN"] == "made-up"
    scene.stop("odd-path.service")


def test_the_working_directory_names_the_app_whatever_is_in_its_path(scene: Scene, ssm: Ssm) -> None:
    ssm.put(f"{ROOT}/my-app/token", "made-up")
    directory = scene.folder / "100% of %n $HOME 'it' \\x" / "my_app"
    directory.mkdir(parents=True, exist_ok=True)
    scene.load("by-cwd.service")
    scene.ssmm(
        "migrate-to-exec", "--unit", "by-cwd.service", "--cwd-app", "--exec-cmd", f"-{scene.command}", "--apply", directory=directory
    )
    scene.manager.start("by-cwd.service")
    _, environment = scene.main_process("by-cwd.service")
    assert environment["TOKEN"] == "made-up"
    assert environment["PWD"] == str(directory)
    scene.stop("by-cwd.service")


@pytest.mark.parametrize("flag", ["", ":"], ids=["plain", "without expansion"])
def test_a_profile_survives_whatever_is_in_its_name(scene: Scene, ssm: Ssm, flag: str) -> None:
    ssm.put(f"{ROOT}/my-app/token", "made-up")
    config = scene.folder / "aws-config"
    secrets = "\n".join(f"{name.lower()} = {value}" for name, value in CREDENTIALS.items())
    config.write_text(f'[profile "ours $HOME %n ${{X}}"]\nregion = {REGION}\n{secrets}\n', encoding="utf-8")
    scene.load("by-profile.service", without=tuple(CREDENTIALS), AWS_CONFIG_FILE=str(config))
    scene.ssmm(
        "migrate-to-exec", "--unit", "by-profile.service", "--app", "my-app", "--profile", "ours $HOME %n ${X}",
        "--exec-cmd", f"{flag}{scene.command}", "--apply",
    )  # fmt: skip
    scene.manager.start("by-profile.service")
    _, environment = scene.main_process("by-profile.service")
    assert environment["TOKEN"] == "made-up"
    assert "AWS_ACCESS_KEY_ID" not in environment
    scene.stop("by-profile.service")


def test_kept_files_and_steps_before_the_start_are_carried_out(scene: Scene, ssm: Ssm) -> None:
    ssm.put(f"{ROOT}/my-app/token", "made-up")
    kept = scene.folder / "kept [1]* 100% \\d.env"
    kept.write_text("KEPT=made-up too\n", encoding="utf-8")
    marker = scene.folder / "prepared"
    scene.load("kept.service")
    scene.ssmm(
        "migrate-to-exec", "--unit", "kept.service", "--app", "my-app", "--exec-cmd", scene.command, "--keep-env-file", str(kept),
        "--pre-exec", f"""/bin/sh -c 'echo "$KEPT" %n >{marker}'""", "--apply",
    )  # fmt: skip
    scene.manager.start("kept.service")
    _, environment = scene.main_process("kept.service")
    assert environment["KEPT"] == "made-up too"
    assert environment["TOKEN"] == "made-up"
    assert "OLD_SETTING" not in environment
    assert marker.read_text(encoding="utf-8") == "made-up too kept.service\n"
    scene.stop("kept.service")


def test_an_instance_of_a_template_keeps_its_name_in_the_command(scene: Scene, ssm: Ssm) -> None:
    ssm.put(f"{ROOT}/my-app/token", "made-up")
    scene.load("worker@.service")
    scene.ssmm("migrate-to-exec", "--unit", "worker@.service", "--app", "my-app", "--exec-cmd", f"{scene.command} --name %i", "--apply")
    scene.manager.start("worker@seven.service")
    words, environment = scene.main_process("worker@seven.service")
    assert words[-2:] == ["--name", "seven"]
    assert environment["TOKEN"] == "made-up"
    scene.stop("worker@seven.service")


def test_what_was_onboarded_starts_with_the_values_of_its_file(scene: Scene, ssm: Ssm) -> None:
    env = scene.folder / "my-app.env"
    env.write_text("API_TOKEN='made-up $token'\nKEY=\"line 1\nline 2\"\nEMPTY=\n", encoding="utf-8")
    scene.load("onboarded.service")
    scene.ssmm(
        "onboard", "--unit", "onboarded.service", "--app", "my-app", "--env", str(env), "--exec-cmd", scene.command, "--write-rate", "1000",
        "--apply",
    )  # fmt: skip
    scene.manager.start("onboarded.service")
    _, environment = scene.main_process("onboarded.service")
    assert environment["API_TOKEN"] == "made-up $token"
    assert environment["KEY"] == "line 1\nline 2"
    assert "OLD_SETTING" not in environment
    scene.stop("onboarded.service")


def test_a_start_without_parameters_fails_with_a_code_that_systemd_shows(scene: Scene) -> None:
    scene.load("empty.service")
    scene.ssmm("migrate-to-exec", "--unit", "empty.service", "--app", "nobody", "--exec-cmd", scene.command, "--apply")
    assert scene.manager.systemctl("start", "empty.service").returncode != 0
    assert scene.manager.show("empty.service", "Result") == "exit-code"
    assert scene.manager.show("empty.service", "ExecMainStatus") == str(os.EX_CONFIG)
    assert not scene.out.exists()
    scene.stop("empty.service")
