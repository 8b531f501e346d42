"""`migrate-to-exec` where no manager answers: the drop-in that it writes for a command that was pasted."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from tests.cli.machine import COMMAND, Machine, migrate, settings, spoken, started
from tests.conftest import ROOT, Cli


def test_the_example_of_the_manual_gives_this_drop_in(ssmm: Cli, machine: Machine) -> None:
    ran = migrate(ssmm, "--keep-env-file", "/etc/defaults/common", "--pre-exec", "/usr/bin/playwright install chromium")
    assert ran.code == 0
    assert ran.lines[0] == f"# {machine.drop_in}"
    assert settings(ran.out) == {
        "EnvironmentFile": ["", "-/etc/defaults/common"],
        "ExecStartPre": ["", "/usr/bin/playwright install chromium"],
        "ExecStart": ["", f"{machine.ssmm} exec --app myapp -- {COMMAND}"],
        "RestartPreventExitStatus": ["77 78"],
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


def test_the_path_of_ssmm_is_escaped_for_systemd(ssmm: Cli, machine: Machine) -> None:
    ran = migrate(ssmm, "--ssmm-bin", "/opt/100% of %n $HOME/ssmm")
    assert started(ran) == f'"/opt/100%% of %%n $HOME/ssmm" exec --app myapp -- {COMMAND}'


@pytest.mark.parametrize("path", ["/opt/it's/ssmm", '/opt/"x"/ssmm', "/opt/a\\b/ssmm", "/opt/tab\t/ssmm", "/opt/line\n/ssmm"], ids=ascii)
def test_a_path_that_systemd_takes_for_no_program_is_refused(ssmm: Cli, machine: Machine, path: str) -> None:
    ran = migrate(ssmm, "--ssmm-bin", path, "--apply")
    assert ran.code in (2, 78)
    assert len(spoken(ran)) == 1
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
    assert len(spoken(ran)) == 1


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
    ["", " ", "/usr/bin/app\nExecStartPost=/bin/other", "/usr/bin/one ; /usr/bin/two", "@/usr/bin/app", "|app | sort"],
    ids=["empty", "blank", "two lines", "two commands", "no name behind @", "for a shell"],
)
def test_a_command_that_cannot_be_wrapped_is_refused(ssmm: Cli, machine: Machine, command: str) -> None:
    ran = migrate(ssmm, "--apply", command=command)
    assert ran.code == 2
    assert "--exec-cmd" in ran.err
    assert len(spoken(ran)) == 1
    assert machine.files() == []
    assert machine.calls == []


@pytest.mark.parametrize("unit", ["myapp", "myapp.timer", "../x.service", "a/b.service", "", "a b.service", "x.service\n"], ids=ascii)
def test_what_is_no_service_is_refused(ssmm: Cli, machine: Machine, unit: str) -> None:
    ran = migrate(ssmm, "--apply", unit=unit)
    assert ran.code == 2
    assert len(spoken(ran)) == 1
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
    "another name": ((), '@-/usr/bin/app "my $NAME" --name %i'),
    "names to require": (("--require", "A", "B", "--require-from", "/dev/null", "--allow-name", "LD_PRELOAD"), COMMAND),
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
    warnings = [line for line in ran.err.splitlines() if "before ssmm runs" in line]
    assert len(warnings) == 2
    assert "API_TOKEN" in warnings[0]
    assert "OPTIONS" in warnings[1]
    assert "NOT_THIS" not in ran.err


def test_a_name_that_the_program_is_given_is_passed_on_by_ssmm(ssmm: Cli, machine: Machine) -> None:
    assert (
        started(migrate(ssmm, command='-@/usr/bin/app "my name" --x'))
        == f'-{machine.ssmm} exec --app myapp --argv0 "my name" -- /usr/bin/app --x'
    )


def test_what_is_required_and_allowed_goes_into_the_unit(ssmm: Cli, machine: Machine, scrubbed: Path) -> None:
    (scrubbed / ".env.example").write_text("DB_URL=\n", encoding="utf-8")
    ran = migrate(ssmm, "--require", "A", "B", "--require", "C", "--require-from", ".env.example", "--allow-name", "LD_PRELOAD")
    options = f"--allow-name LD_PRELOAD --require A B C --require-from {scrubbed}/.env.example"
    assert started(ran) == f"{machine.ssmm} exec --app myapp {options} -- {COMMAND}"


def test_a_value_in_the_place_of_a_name_is_not_repeated(ssmm: Cli, machine: Machine) -> None:
    ran = migrate(ssmm, "--require", "TOKEN=sentinel")
    assert ran.code == 78
    assert "sentinel" not in ran.out + ran.err


def test_what_the_files_hold_cannot_be_required_where_they_are_not_known(ssmm: Cli, machine: Machine) -> None:
    ran = migrate(ssmm, "--require-present")
    assert ran.code == 2
    assert "--require" in ran.err


def test_a_restart_is_left_to_the_unit_where_that_is_asked_for(ssmm: Cli, machine: Machine) -> None:
    assert "RestartPreventExitStatus" not in settings(migrate(ssmm, "--no-restart-prevent").out)
