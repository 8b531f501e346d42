"""`migrate-to-exec` and `onboard`: the drop-in that they write, and what becomes of the manager and the store."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from tests.conftest import ROOT, Cli, Ran, Ssm

if TYPE_CHECKING:
    from tests.support.faults import Faults

SYSTEMCTL = """#!/bin/sh
printf '%s\\n' "$*" >>"$CALLS"
[ -z "$REFUSES" ] && exit 0
printf 'Failed to reload daemon: made up\\nmore of it\\n' >&2
exit 1
"""
COMMAND = "/usr/bin/uv run python app.py --mode prod"
ENV = "API_TOKEN='sentinel-token $x'\nSLACK_CHANNEL=sentinel-channel\nEMPTY=\nKEY=\"sentinel\nlines\"\n"
NAMES = [f"{ROOT}/my-app/{key}" for key in ("api-token", "key", "slack-channel")]


class Machine:
    """The user's part of a machine: a `systemctl` that notes how it was called, an `ssmm`, and units."""

    def __init__(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        self._monkeypatch = monkeypatch
        self._calls = tmp_path / "calls"
        programs = tmp_path / "bin"
        programs.mkdir()
        self.ssmm = programs / "ssmm"
        self.systemctl = programs / "systemctl"
        self.ssmm.write_text("#!/bin/sh\n", encoding="utf-8")
        self.systemctl.write_text(SYSTEMCTL, encoding="utf-8")
        for program in (self.ssmm, self.systemctl):
            program.chmod(0o755)
        self.units = Path.home() / ".config/systemd/user"
        self.drop_in = self.units / "myapp.service.d/exec-mode.conf"
        monkeypatch.setenv("PATH", f"{programs}:{os.environ['PATH']}")
        monkeypatch.setenv("CALLS", str(self._calls))
        monkeypatch.setenv("SSMM_PREFIX_ROOT", ROOT)

    @property
    def calls(self) -> list[str]:
        """What systemctl was asked."""
        return self._calls.read_text(encoding="utf-8").splitlines() if self._calls.exists() else []

    def refuse(self) -> None:
        """Have systemctl fail from now on."""
        self._monkeypatch.setenv("REFUSES", "yes")

    def files(self) -> list[str]:
        """Everything below the home directory."""
        return sorted(str(path.relative_to(Path.home())) for path in Path.home().rglob("*") if not path.is_dir())


@pytest.fixture
def machine(scrubbed: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Machine:
    return Machine(tmp_path, monkeypatch)


def migrate(ssmm: Cli, *options: str, command: str = COMMAND, unit: str = "myapp.service", app: str | None = "myapp") -> Ran:
    named = ("--app", app) if app else ()
    return ssmm("migrate-to-exec", "--unit", unit, *named, "--exec-cmd", command, *options)


def settings(text: str) -> dict[str, list[str]]:
    """A drop-in's settings, each with its values in order. It has one section, and no line is lost."""
    lines = [line for line in text.splitlines() if line and not line.startswith("#")]
    assert lines[0] == "[Service]"
    found: dict[str, list[str]] = {}
    for line in lines[1:]:
        name, equals, value = line.partition("=")
        assert equals
        found.setdefault(name, []).append(value)
    return found


def started(ran: Ran) -> str:
    """The ExecStart= that replaces the old one."""
    assert ran.code == 0, ran.err
    reset, command = settings(ran.out)["ExecStart"]
    assert reset == ""
    return command


def test_the_example_of_the_manual_gives_this_drop_in(ssmm: Cli, machine: Machine) -> None:
    ran = migrate(ssmm, "--keep-env-file", "/etc/defaults/common", "--pre-exec", "/usr/bin/playwright install chromium")
    assert ran.code == 0
    assert ran.lines[0] == f"# {machine.drop_in}"
    assert settings(ran.out) == {
        "EnvironmentFile": ["", "-/etc/defaults/common"],
        "ExecStartPre": ["", "/usr/bin/playwright install chromium"],
        "ExecStart": ["", f"{machine.ssmm} exec --app myapp -- {COMMAND}"],
        "Environment": [f"SSMM_PREFIX_ROOT={ROOT}"],
    }


def test_without_options_it_clears_what_read_the_old_file(ssmm: Cli, machine: Machine) -> None:
    found = settings(migrate(ssmm).out)
    assert found["EnvironmentFile"] == [""]
    assert found["ExecStartPre"] == [""]
    assert "WorkingDirectory" not in found


def test_kept_files_and_steps_come_in_the_order_given(ssmm: Cli, machine: Machine) -> None:
    ran = migrate(ssmm, "--keep-env-file", "/b", "--pre-exec", "-/bin/two", "--keep-env-file", "-/a", "--pre-exec", "+/bin/one %i")
    found = settings(ran.out)
    assert found["EnvironmentFile"] == ["", "-/b", "-/a"]
    assert found["ExecStartPre"] == ["", "-/bin/two", "+/bin/one %i"]


def test_the_directory_names_the_app_with_cwd_app(ssmm: Cli, machine: Machine) -> None:
    ran = migrate(ssmm, "--cwd-app", app=None)
    assert started(ran) == f"{machine.ssmm} exec -- {COMMAND}"
    assert settings(ran.out)["WorkingDirectory"] == [os.getcwd()]
    assert migrate(ssmm, "--cwd-app", app="my-app").out == ran.out


def test_cwd_app_refuses_a_directory_of_another_app(ssmm: Cli, machine: Machine) -> None:
    ran = migrate(ssmm, "--cwd-app", app="myapp")
    assert ran.code == 78
    assert "names the app my-app, not myapp" in ran.err


def test_the_app_is_that_of_the_directory_when_none_is_named(ssmm: Cli, machine: Machine) -> None:
    assert started(migrate(ssmm, app=None)) == f"{machine.ssmm} exec --app my-app -- {COMMAND}"


def test_profile_region_and_endpoint_go_into_the_unit_too(ssmm: Cli, machine: Machine) -> None:
    ran = migrate(ssmm, "--profile", "ours", "--region", "eu-central-1", "--endpoint-url", "https://ssm.example:8443")
    words = started(ran).partition(" -- ")[0].split()
    assert words[words.index("--profile") + 1] == "ours"
    assert words[words.index("--region") + 1] == "eu-central-1"
    assert words[words.index("--endpoint-url") + 1] == "https://ssm.example:8443"


def test_the_prefix_is_the_one_of_this_run(ssmm: Cli, machine: Machine) -> None:
    assert settings(migrate(ssmm, "--prefix", "/team/prod/").out)["Environment"] == ["SSMM_PREFIX_ROOT=/team/prod"]


def test_the_file_of_a_user_unit_is_below_the_configuration_directory(
    ssmm: Cli, machine: Machine, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "elsewhere"))
    assert migrate(ssmm).lines[0] == f"# {tmp_path}/elsewhere/systemd/user/myapp.service.d/exec-mode.conf"


def test_the_file_of_a_system_unit_is_below_etc(ssmm: Cli, machine: Machine) -> None:
    ran = migrate(ssmm, "--system")
    assert ran.lines[0] == "# /etc/systemd/system/myapp.service.d/exec-mode.conf"
    assert "systemctl daemon-reload" in ran.err


APPLY_TO_SYSTEM = """
mount -t tmpfs tmpfs /etc/systemd/system
"$@"
echo "code $?"
cat /etc/systemd/system/myapp.service.d/exec-mode.conf
"""


def test_apply_to_a_system_unit_writes_there_and_reloads_the_system_manager(machine: Machine) -> None:
    if os.geteuid() != 0 or subprocess.run(["unshare", "--mount", "true"], capture_output=True).returncode:
        pytest.skip("a mount namespace needs root")
    if not Path("/etc/systemd/system").is_dir():
        pytest.skip("systemd is not installed")
    command = [sys.executable, "-m", "ssmm_core", "migrate-to-exec", "--unit", "myapp.service", "--app", "myapp", "--exec-cmd", COMMAND]
    ended = subprocess.run(
        ["unshare", "--mount", "sh", "-c", APPLY_TO_SYSTEM, "sh", *command, "--system", "--apply"],
        capture_output=True,
        text=True,
        timeout=60,
    )
    code, _, content = ended.stdout.partition("\n")
    assert code == "code 0", ended.stderr
    assert settings(content)["ExecStart"] == ["", f"{machine.ssmm} exec --app myapp -- {COMMAND}"]
    assert machine.calls == ["--system daemon-reload"]


def test_the_path_of_ssmm_is_escaped_for_systemd(ssmm: Cli, machine: Machine) -> None:
    ran = migrate(ssmm, "--ssmm-bin", "/opt/100% of %n $HOME/ssmm")
    assert started(ran) == f'"/opt/100%% of %%n $HOME/ssmm" exec --app myapp -- {COMMAND}'


@pytest.mark.parametrize("path", ["/opt/it's/ssmm", '/opt/"x"/ssmm', "/opt/a\\b/ssmm", "/opt/tab\t/ssmm", "/opt/line\n/ssmm"], ids=ascii)
def test_a_path_that_systemd_takes_for_no_program_is_refused(ssmm: Cli, machine: Machine, path: str) -> None:
    ran = migrate(ssmm, "--ssmm-bin", path, "--apply")
    assert ran.code in (2, 78)
    assert len(ran.err.splitlines()) == 1
    assert not machine.drop_in.exists()
    assert machine.calls == []


def test_a_word_that_ssmm_adds_is_escaped_for_systemd(ssmm: Cli, machine: Machine) -> None:
    ran = migrate(ssmm, "--profile", 'a "b" \\c %n $HOME ${X}')
    assert f'--profile "a \\"b\\" \\\\c %%n $$HOME $${{X}}" --app myapp -- {COMMAND}' in started(ran)


def test_a_dollar_stays_single_where_systemd_expands_nothing(ssmm: Cli, machine: Machine) -> None:
    assert '--profile "a$b c"' in started(migrate(ssmm, "--profile", "a$b c", command=f":{COMMAND}"))


def test_paths_are_escaped_as_their_settings_take_them(
    ssmm: Cli, machine: Machine, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    directory = tmp_path / '100% of $HOME "it" \\x \'' / "my_app"
    directory.mkdir(parents=True)
    monkeypatch.chdir(directory)
    found = settings(migrate(ssmm, "--cwd-app", "--keep-env-file", "/etc/100% of [1]* ?\\x $HOME 'it'.env", app=None).out)
    assert found["WorkingDirectory"] == [str(directory).replace("%", "%%")]
    assert found["EnvironmentFile"] == ["", "-/etc/100%% of \\[1]\\* \\?\\\\x $HOME 'it'.env"]


@pytest.mark.parametrize(
    ("path", "said"), [("relative.env", "absolute"), ("~/common.env", "$HOME/common.env"), ("/etc/two\nlines", "line"), ("", "")]
)
def test_a_file_to_keep_that_systemd_would_pass_over_is_refused(ssmm: Cli, machine: Machine, path: str, said: str) -> None:
    ran = migrate(ssmm, "--keep-env-file", path)
    assert ran.code in (2, 78)
    assert said in ran.err
    assert len(ran.err.splitlines()) == 1


PASTED = [
    "/usr/bin/app --name %i --unit %n --percent 100%%",
    "/usr/bin/app $OPTIONS ${TOKEN} $$ a$b",
    "/usr/bin/app \"two words\" 'it' \\x41 \\\\ back\\slash",
    "/bin/sh -c 'echo one; echo two'",
    "/bin/sh -c 'echo one ; echo two'",
    '/bin/sh -c "a && b ; c || d"',
    "/usr/bin/find /x -exec rm {} \\;",
    "/usr/bin/find /x -exec rm {} \\; -print",
    "app --relative-to-path -- exec",
    "/usr/bin/app -- --app x -- y",
    "/usr/bin/notssmm exec -- x",
    "/usr/bin/env ssmm-like exec --app x -- y",
]


@pytest.mark.parametrize("command", PASTED)
def test_a_pasted_command_stays_as_it_is(ssmm: Cli, machine: Machine, command: str) -> None:
    assert started(migrate(ssmm, command=command)) == f"{machine.ssmm} exec --app myapp -- {command}"
    assert settings(migrate(ssmm, "--pre-exec", command).out)["ExecStartPre"] == ["", command]


@pytest.mark.parametrize("flags", ["-", "+", "-+", "!", "!!", ":", ":-", "-!"])
def test_flags_of_the_command_move_in_front_of_ssmm(ssmm: Cli, machine: Machine, flags: str) -> None:
    assert started(migrate(ssmm, command=f"{flags}{COMMAND}")) == f"{flags}{machine.ssmm} exec --app myapp -- {COMMAND}"
    assert settings(migrate(ssmm, "--pre-exec", f"{flags}{COMMAND}").out)["ExecStartPre"] == ["", f"{flags}{COMMAND}"]


def test_a_command_over_several_lines_is_pasted_as_one(ssmm: Cli, machine: Machine) -> None:
    command = started(migrate(ssmm, command="/usr/bin/app \\\n    --one \\\n    --two\n"))
    assert command.split() == f"{machine.ssmm} exec --app myapp -- /usr/bin/app --one --two".split()


@pytest.mark.parametrize(
    "command",
    ["", " ", "/usr/bin/app\nExecStartPost=/bin/other", "/usr/bin/one ; /usr/bin/two", "@/usr/bin/app name"],
    ids=["empty", "blank", "two lines", "two commands", "another name"],
)
def test_a_command_that_cannot_be_wrapped_is_refused(ssmm: Cli, machine: Machine, command: str) -> None:
    ran = migrate(ssmm, "--apply", command=command)
    assert ran.code == 2
    assert "--exec-cmd" in ran.err
    assert len(ran.err.splitlines()) == 1
    assert machine.files() == []
    assert machine.calls == []


@pytest.mark.parametrize("unit", ["myapp", "myapp.timer", "../x.service", "a/b.service", "", "a b.service", "x.service\n"], ids=ascii)
def test_what_is_no_service_is_refused(ssmm: Cli, machine: Machine, unit: str) -> None:
    ran = migrate(ssmm, "--apply", unit=unit)
    assert ran.code == 2
    assert len(ran.err.splitlines()) == 1
    assert machine.files() == []


@pytest.mark.parametrize("unit", ["worker@.service", "worker@one.service", "my\\x2dapp.service", "a.b_c:d.service"])
def test_templates_instances_and_escaped_names_are_services(ssmm: Cli, machine: Machine, unit: str) -> None:
    assert migrate(ssmm, "--apply", unit=unit).code == 0
    assert (machine.units / f"{unit}.d/exec-mode.conf").exists()


AGAIN = {
    "plain": ((), COMMAND),
    "with arguments behind --": ((), "/usr/bin/app one -- two -- three"),
    "with flags": ((), f"-+{COMMAND}"),
    "without expansion": ((), f":{COMMAND}"),
    "an ssmm with spaces": (("--ssmm-bin", "/opt/100% of it/ssmm"), COMMAND),
    "an ssmm of another name": (("--ssmm-bin", "/opt/ssmm-1.0/bin/ssmm-1.0"), COMMAND),
    "a profile": (("--profile", "ours", "--region", "eu-central-1"), COMMAND),
    "an odd profile": (("--profile", "o u -- r %s"), COMMAND),
    "quotes": ((), "/bin/sh -c 'exec \"$0\" -- ssmm exec -- x' y"),
}


@pytest.mark.parametrize("cwd", [False, True], ids=["by --app", "by directory"])
@pytest.mark.parametrize("kind", AGAIN)
def test_a_second_run_on_what_the_first_wrote_gives_the_same_file(ssmm: Cli, machine: Machine, kind: str, cwd: bool) -> None:
    options, command = AGAIN[kind]
    more = (*options, "--cwd-app") if cwd else options
    first = migrate(ssmm, *more, command=command, app="my-app")
    second = migrate(ssmm, *more, command=started(first), app="my-app")
    assert started(second) == started(first)
    assert second.out == first.out


@pytest.mark.parametrize(
    "wrapped",
    [
        "/home/you/.cargo/bin/ssmm exec --app myapp -- {}",
        "/home/you/.cargo/bin/ssmm --prefix /myteam exec --app myapp -- {}",
        "/usr/bin/ssmm --prefix=/myteam --region eu-central-1 exec --app=myapp --strict -- {}",
        "ssmm exec --app a --app b --include-tag shared=true -- {}",
        '"/usr/bin/ssmm" exec --app myapp -- {}',
    ],
)
def test_a_command_that_was_wrapped_by_hand_is_not_wrapped_twice(ssmm: Cli, machine: Machine, wrapped: str) -> None:
    command = started(migrate(ssmm, command=wrapped.format(COMMAND)))
    assert command.endswith(f" -- {COMMAND}")
    assert command.count("ssmm") == f"{machine.ssmm}".count("ssmm")


def test_a_variable_that_systemd_would_expand_too_early_is_said(ssmm: Cli, machine: Machine) -> None:
    ran = migrate(ssmm, command="/usr/bin/app --token ${API_TOKEN} $OPTIONS $$NOT_THIS")
    warnings = [line for line in ran.err.splitlines() if line.startswith("Warning: ")]
    assert len(warnings) == 2
    assert "API_TOKEN" in warnings[0]
    assert "OPTIONS" in warnings[1]
    assert "NOT_THIS" not in ran.err


def test_a_dry_run_writes_nothing_and_asks_nobody(ssmm: Cli, machine: Machine, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_ENDPOINT_URL_SSM", "http://127.0.0.1:1")
    ran = migrate(ssmm)
    assert ran.code == 0
    assert machine.files() == []
    assert machine.calls == []
    assert "--apply" in ran.err
    assert f"rm {machine.drop_in} && systemctl --user daemon-reload" in ran.err


def test_apply_writes_the_file_of_the_dry_run_and_reloads_the_users_manager(ssmm: Cli, machine: Machine) -> None:
    planned = migrate(ssmm)
    ran = migrate(ssmm, "--apply")
    assert ran.code == 0
    assert f"# {machine.drop_in}\n{machine.drop_in.read_text(encoding='utf-8')}" == planned.out
    assert machine.calls == ["--user daemon-reload"]
    assert str(machine.drop_in) in ran.err
    assert machine.files() == [str(machine.drop_in.relative_to(Path.home()))]


def test_apply_again_leaves_the_same_file(ssmm: Cli, machine: Machine) -> None:
    assert migrate(ssmm, "--apply").code == 0
    before = machine.drop_in.read_bytes()
    ran = migrate(ssmm, "--apply")
    assert ran.code == 0
    assert machine.drop_in.read_bytes() == before
    assert "already" in ran.err


def test_other_drop_ins_are_left_alone(ssmm: Cli, machine: Machine) -> None:
    other = machine.drop_in.with_name("v2-syslog-identifier.conf")
    other.parent.mkdir(parents=True)
    other.write_text("[Service]\nSyslogIdentifier=x\n", encoding="utf-8")
    before = other.stat()
    assert migrate(ssmm, "--apply").code == 0
    assert other.read_text(encoding="utf-8") == "[Service]\nSyslogIdentifier=x\n"
    assert other.stat().st_mtime_ns == before.st_mtime_ns
    assert sorted(os.listdir(other.parent)) == ["exec-mode.conf", "v2-syslog-identifier.conf"]


@pytest.mark.parametrize("before", [None, b"[Service]\nExecStart=\nExecStart=/old \xff\n"], ids=["nothing", "an older drop-in"])
def test_when_the_reload_fails_what_stood_there_stands_again(ssmm: Cli, machine: Machine, before: bytes | None) -> None:
    if before is not None:
        machine.drop_in.parent.mkdir(parents=True)
        machine.drop_in.write_bytes(before)
    machine.refuse()
    ran = migrate(ssmm, "--apply")
    assert ran.code == 1
    assert "Failed to reload daemon: made up" in ran.err
    assert "more of it" not in ran.err
    assert str(machine.drop_in) in ran.err
    assert len(ran.err.splitlines()) == 1
    assert machine.calls[0] == "--user daemon-reload"
    assert (machine.drop_in.read_bytes() if machine.drop_in.exists() else None) == before
    assert len(machine.files()) == (before is not None)


def test_without_systemctl_nothing_stays_behind(ssmm: Cli, machine: Machine, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    machine.systemctl.unlink()
    monkeypatch.setenv("PATH", str(machine.ssmm.parent))
    ran = migrate(ssmm, "--apply")
    assert ran.code == 1
    assert "systemctl" in ran.err
    assert machine.files() == []


def test_a_folder_that_cannot_be_written_is_said(ssmm: Cli, machine: Machine) -> None:
    machine.units.parent.mkdir(parents=True)
    machine.units.touch()
    ran = migrate(ssmm, "--apply")
    assert ran.code == 1
    assert str(machine.drop_in) in ran.err
    assert len(ran.err.splitlines()) == 1
    assert machine.calls == []


@pytest.mark.parametrize(
    ("unit", "home"),
    [("myapp.service", "home"), ("my\\x2dapp.service", "home"), ("myapp.service", "the home of $USER's")],
    ids=["plain", "escaped name", "odd home"],
)
def test_the_command_that_reverts_it_works_when_pasted(
    ssmm: Cli, machine: Machine, monkeypatch: pytest.MonkeyPatch, tmp_path: Path, unit: str, home: str
) -> None:
    monkeypatch.setenv("HOME", str(tmp_path / home))
    ran = migrate(ssmm, "--apply", unit=unit)
    drop_in = tmp_path / home / ".config/systemd/user" / f"{unit}.d" / "exec-mode.conf"
    assert drop_in.exists()
    revert = ran.err.rpartition("To revert: ")[2].strip()
    ended = subprocess.run(["sh", "-c", revert], capture_output=True, text=True, timeout=60)
    assert ended.returncode == 0, ended.stderr
    assert not drop_in.exists()
    assert machine.calls == ["--user daemon-reload"] * 2


def test_the_json_of_a_plan_holds_all_of_it(ssmm: Cli, machine: Machine) -> None:
    planned = json.loads(migrate(ssmm, "--json").out)
    assert planned.keys() == {"path", "content", "applied", "revert"}
    assert planned["path"] == str(machine.drop_in)
    assert planned["applied"] is False
    assert settings(planned["content"])["ExecStart"][1].endswith(COMMAND)
    assert machine.files() == []
    applied = json.loads(migrate(ssmm, "--json", "--apply").out)
    assert applied == {**planned, "applied": True}
    assert machine.drop_in.read_text(encoding="utf-8") == planned["content"]


@pytest.mark.parametrize("missing", ["--unit", "--exec-cmd"])
def test_what_must_be_said_is_asked_for(ssmm: Cli, machine: Machine, missing: str) -> None:
    given = {"--unit": "myapp.service", "--exec-cmd": COMMAND}
    del given[missing]
    ran = ssmm("migrate-to-exec", "--app", "myapp", *[word for pair in given.items() for word in pair])
    assert ran.code == 2
    assert missing in ran.err
    assert len(ran.err.splitlines()) == 1


def test_no_prefix_is_said_before_anything_else(ssmm: Cli, machine: Machine, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("SSMM_PREFIX_ROOT")
    ran = migrate(ssmm, "--apply")
    assert ran.code == 78
    assert ran.err == "Error: no prefix configured. Pass --prefix /<your-team> or set $SSMM_PREFIX_ROOT=/<your-team>.\n"
    assert machine.files() == []


def test_a_unit_does_not_run_on_the_demonstration(ssmm: Cli, machine: Machine) -> None:
    ran = migrate(ssmm, "--demo", "--apply")
    assert ran.code == 2
    assert machine.files() == []


@pytest.mark.skipif(shutil.which("systemd-analyze") is None, reason="systemd-analyze is not installed")
def test_systemd_itself_finds_nothing_to_say_about_the_drop_in(ssmm: Cli, machine: Machine, tmp_path: Path) -> None:
    odd = tmp_path / "100% of %n $HOME ü" / "ssmm"
    odd.parent.mkdir()
    shutil.copy(machine.ssmm, odd)
    stage = tmp_path / "stage"
    (stage / "myapp.service.d").mkdir(parents=True)
    (stage / "myapp.service").write_text("[Service]\nEnvironmentFile=/x\nExecStart=/bin/true\n", encoding="utf-8")
    ran = migrate(
        ssmm, "--ssmm-bin", str(odd), "--cwd-app", "--profile", "a %z \"b\" \\d 'c' $X", "--keep-env-file", "/etc/a %z [b]",
        "--pre-exec", "-/bin/true %n", app=None, command="-/bin/true %n '$X' \"\\x41\"",
    )  # fmt: skip
    (stage / "myapp.service.d/exec-mode.conf").write_text(ran.out, encoding="utf-8")
    ended = subprocess.run(
        ["systemd-analyze", "verify", "--man=no", str(stage / "myapp.service")], capture_output=True, text=True, timeout=60
    )
    assert (ended.returncode, ended.stdout + ended.stderr) == (0, "")


@pytest.fixture
def env_file(scrubbed: Path) -> Path:
    """The `.env` of a unit that is not in Parameter Store yet."""
    path = scrubbed / "my app.env"
    path.write_text(ENV, encoding="utf-8")
    return path


def onboard(ssmm: Cli, env: Path, *options: str) -> Ran:
    ran = ssmm("onboard", "--unit", "myapp.service", "--app", "my-app", "--env", str(env), "--exec-cmd", COMMAND, *options)
    assert "sentinel" not in ran.out + ran.err
    return ran


def test_onboarding_shows_both_halves_first_and_does_neither(ssmm: Cli, ssm: Ssm, machine: Machine, env_file: Path) -> None:
    ran = onboard(ssmm, env_file)
    assert ran.code == 0
    for name in NAMES:
        assert name in ran.out
    assert "SecureString [auto: default]" in ran.out
    assert "String [auto: suffix]" in ran.out
    assert "len=17" in ran.out
    assert "len<12" not in ran.out
    assert f"{machine.ssmm} exec --app my-app -- {COMMAND}" in ran.out
    assert str(machine.drop_in) in ran.out
    assert "OVERWRITE" not in ran.out
    assert "--apply" in ran.err
    assert ssm.names() == []
    assert machine.files() == []
    assert machine.calls == []


def test_onboarding_puts_the_values_and_switches_the_unit(ssmm: Cli, ssm: Ssm, machine: Machine, env_file: Path) -> None:
    planned = settings("[Service]\n" + onboard(ssmm, env_file).out.partition("[Service]\n")[2])
    ran = onboard(ssmm, env_file, "--apply", "--tag", "owner=backend", "--secure", "SLACK_CHANNEL")
    assert ran.code == 0, ran.err
    assert ssm.names() == NAMES
    assert [ssm.value(name) for name in NAMES] == ["sentinel-token $x", "sentinel\nlines", "sentinel-channel"]
    assert ssm.tags(NAMES[0]) == {"app": "my-app", "owner": "backend"}
    assert ssm.get(NAMES[2])["Type"] == "SecureString"
    assert settings(machine.drop_in.read_text(encoding="utf-8")) == planned
    assert machine.calls == ["--user daemon-reload"]
    assert f"rm {machine.drop_in} && systemctl --user daemon-reload" in ran.err


def test_onboarding_names_the_app_by_the_directory_with_cwd_app(ssmm: Cli, ssm: Ssm, machine: Machine, env_file: Path) -> None:
    ran = onboard(ssmm, env_file, "--cwd-app", "--apply")
    assert ran.code == 0
    found = settings(machine.drop_in.read_text(encoding="utf-8"))
    assert found["ExecStart"] == ["", f"{machine.ssmm} exec -- {COMMAND}"]
    assert found["WorkingDirectory"] == [os.getcwd()]
    assert ssm.names() == NAMES


def test_empty_values_are_left_out_and_are_no_conflict(ssmm: Cli, ssm: Ssm, machine: Machine, env_file: Path) -> None:
    ssm.put(f"{ROOT}/my-app/empty", "stands")
    ran = onboard(ssmm, env_file, "--apply")
    assert ran.code == 0
    assert "EMPTY" in ran.err
    assert f"{ROOT}/my-app/empty" not in ran.out
    assert ssm.value(f"{ROOT}/my-app/empty") == "stands"


@pytest.mark.parametrize("options", [(), ("--apply",)], ids=["dry run", "apply"])
@pytest.mark.parametrize("value", ["other", "sentinel-channel"], ids=["with another value", "with the same value"])
def test_a_key_that_exists_stops_it_in_a_dry_run_too(
    ssmm: Cli, ssm: Ssm, machine: Machine, env_file: Path, options: tuple[str, ...], value: str
) -> None:
    ssm.put(NAMES[2], value, "String")
    ran = onboard(ssmm, env_file, *options)
    assert ran.code == 78
    assert NAMES[2] in ran.err
    assert NAMES[0] not in ran.err
    assert "--overwrite" in ran.err
    assert ssm.names() == [NAMES[2]]
    assert ssm.get(NAMES[2])["Version"] == 1
    assert machine.files() == []
    assert machine.calls == []


def test_overwrite_lists_what_it_will_overwrite_and_then_does(ssmm: Cli, ssm: Ssm, machine: Machine, env_file: Path) -> None:
    ssm.put(NAMES[0], "old")
    ssm.put(NAMES[2], "old", "String")
    ran = onboard(ssmm, env_file, "--overwrite")
    assert ran.code == 0
    heading = next(number for number, line in enumerate(ran.lines) if line.startswith("# WILL OVERWRITE"))
    listed = list(ran.lines[heading + 1 : heading + 3])
    assert all(line.startswith("#") for line in listed)
    assert NAMES[0] in listed[0]
    assert NAMES[2] in listed[1]
    assert NAMES[1] not in ran.lines[heading + 3]
    assert ssm.value(NAMES[0]) == "old"
    assert machine.files() == []
    ran = onboard(ssmm, env_file, "--overwrite", "--apply")
    assert ran.code == 0
    assert [ssm.value(name) for name in NAMES] == ["sentinel-token $x", "sentinel\nlines", "sentinel-channel"]
    assert machine.drop_in.exists()


def test_onboarding_twice_is_refused(ssmm: Cli, ssm: Ssm, machine: Machine, env_file: Path) -> None:
    assert onboard(ssmm, env_file, "--apply").code == 0
    ran = onboard(ssmm, env_file, "--apply")
    assert ran.code == 78
    assert all(name in ran.err for name in NAMES)
    assert machine.calls == ["--user daemon-reload"]


def test_when_the_reload_fails_what_stands_is_said_with_the_way_back(ssmm: Cli, ssm: Ssm, machine: Machine, env_file: Path) -> None:
    machine.refuse()
    ran = onboard(ssmm, env_file, "--apply")
    assert ran.code == 1
    assert "Failed to reload daemon: made up" in ran.err
    assert ssm.names() == NAMES
    assert all(name in ran.err for name in NAMES)
    assert machine.files() == []
    undo = re.search(r"ssmm (delete [^)\n]*)", ran.err)
    assert undo is not None
    for name in NAMES:
        assert ssmm(*undo[1].replace("NAME", name).split(), "-y").code == 0
    assert ssm.names() == []


def test_what_was_overwritten_before_a_failure_is_said_with_its_version_and_the_way_back(
    ssmm: Cli, ssm: Ssm, machine: Machine, env_file: Path
) -> None:
    ssm.put(NAMES[0], "older")
    ssm.put(NAMES[0], "old")
    machine.refuse()
    ran = onboard(ssmm, env_file, "--overwrite", "--apply")
    assert ran.code == 1
    stands = ran.err.splitlines()[-1]
    assert NAMES[0] in stands
    assert re.search(r"version 2\b", stands)
    assert re.search(r"\bssmm (show|put|restore)\b", stands), "no way back to the old value is told"


def test_when_a_put_fails_the_unit_is_not_touched_and_what_stands_is_said(
    ssmm: Cli, ssm: Ssm, machine: Machine, env_file: Path, faults: Faults
) -> None:
    faults.refuse("PutParameter", "ParameterPatternMismatchException", when=lambda body: body["Name"] == NAMES[1])
    ran = onboard(ssmm, env_file, "--apply")
    assert ran.code == 1
    assert ssm.names() == [NAMES[0], NAMES[2]]
    stands = next(line for line in ran.err.splitlines() if "unit was not touched" in line)
    assert NAMES[0] in stands
    assert NAMES[1] not in stands
    assert NAMES[2] in stands
    assert "ssmm delete" in stands
    assert machine.files() == []
    assert machine.calls == []


def test_when_the_drop_in_cannot_be_written_what_stands_is_said(ssmm: Cli, ssm: Ssm, machine: Machine, env_file: Path) -> None:
    machine.units.parent.mkdir(parents=True)
    machine.units.touch()
    ran = onboard(ssmm, env_file, "--apply")
    assert ran.code == 1
    assert str(machine.drop_in) in ran.err
    if ssm.names():
        assert all(name in ran.err for name in NAMES)
        assert "ssmm delete" in ran.err
    assert machine.calls == []


@pytest.mark.parametrize(
    ("content", "said"),
    [("EMPTY=\n", "no variable"), ("dbUrl=x\n", "dbUrl -> DBURL"), ("A='open\n", "env:1"), ("1ST=x\n", "env:1"), (None, "cannot read")],
    ids=["nothing in it", "a name that changes", "an open quote", "no name", "missing"],
)
def test_a_file_that_cannot_be_put_stops_it_before_anything_is_written(
    ssmm: Cli, ssm: Ssm, machine: Machine, env_file: Path, content: str | None, said: str
) -> None:
    if content is None:
        env_file.unlink()
    else:
        env_file.write_text(content, encoding="utf-8")
    ran = onboard(ssmm, env_file, "--apply")
    assert ran.code == 78
    assert said in ran.err
    assert ssm.names() == []
    assert machine.files() == []


def test_the_json_of_an_onboarding_holds_both_halves_and_no_value(ssmm: Cli, ssm: Ssm, machine: Machine, env_file: Path) -> None:
    planned = json.loads(onboard(ssmm, env_file, "--json").out)
    assert planned["applied"] is False
    assert sorted(one["name"] for one in planned["parameters"]) == NAMES
    assert {one["status"] for one in planned["parameters"]} == {"planned"}
    assert planned["path"] == str(machine.drop_in)
    applied = json.loads(onboard(ssmm, env_file, "--json", "--apply").out)
    assert applied["applied"] is True
    assert {one["status"] for one in applied["parameters"]} == {"done"}
    assert applied["content"] == planned["content"]


@pytest.mark.parametrize(
    ("command", "says"),
    [
        ('/bin/sh -c "exec app', "opens a quote that is never closed"),
        ("/usr/bin/ssmm exec --app web /usr/bin/app", "wrapped in ssmm exec, without a --"),
        ("/usr/bin/app \\", "ends in a backslash"),
        ("--", "expected one argument"),
    ],
)
def test_a_command_that_systemd_or_we_would_misread_is_refused(ssmm: Cli, endpoint: str, command: str, says: str) -> None:
    ran = ssmm("migrate-to-exec", "--unit", "a.service", "--app", "web", "--ssmm-bin", "/usr/bin/ssmm", "--exec-cmd", command)
    assert ran.code == 2
    assert says in ran.err


def test_options_of_an_earlier_wrapping_that_are_not_kept_are_said(ssmm: Cli, endpoint: str) -> None:
    wrapped = "/usr/bin/ssmm exec --app web --strict -- /usr/bin/app"
    ran = ssmm("migrate-to-exec", "--unit", "a.service", "--app", "web", "--ssmm-bin", "/usr/bin/ssmm", "--exec-cmd", wrapped)
    assert ran.code == 0
    assert "not kept: --app web --strict" in ran.err
