"""What a unit says to those who read its commands and its files."""

from __future__ import annotations

import pytest

from ssmm_core.doctor.unit_text import ignored_environment_files, ssmm_commands
from ssmm_core.systemd.service import ExecCommand, Service, from_properties

UNIT = {"Id": "app.service", "LoadState": "loaded", "ActiveState": "inactive", "NeedDaemonReload": False}


def service(*start: str, before: tuple[str, ...] = (), flags: tuple[str, ...] = ()) -> Service:
    loaded = from_properties(UNIT, {})
    pre = (ExecCommand(before[0], before),) if before else ()
    return loaded.replace(exec_start=(ExecCommand(start[0], start, flags),), exec_start_pre=pre)


def test_a_call_is_taken_apart() -> None:
    (one,) = ssmm_commands(
        service(
            "/usr/bin/ssmm", "--region", "eu-central-1", "exec", "--prefix=/team", "--app", "a", "--app=b", "--profile", "p",
            "--endpoint-url", "http://127.0.0.1", "--", "/opt/app", "--out", "$$x", "--", "${Y}", flags=("privileged",),
        )
    )  # fmt: skip
    assert (one.setting, one.mode, one.program) == ("ExecStart", "exec", "/usr/bin/ssmm")
    assert (one.apps, one.prefix, one.region, one.profile, one.endpoint_url) == (
        ("a", "b"),
        "/team",
        "eu-central-1",
        "p",
        "http://127.0.0.1",
    )
    assert one.out == ""
    assert one.child == ("/opt/app", "--out", "$$x", "--", "${Y}")
    assert one.as_root
    assert one.outside


def test_a_fetch_before_the_start_is_told_apart_from_it() -> None:
    unit = service("/opt/app", before=("/usr/bin/ssmm", "sync", "--out", "/run/a$$b/env"))
    (one,) = ssmm_commands(unit)
    assert (one.setting, one.mode, one.out) == ("ExecStartPre", "sync", "/run/a$b/env")
    assert not one.as_root


def test_what_a_call_asks_for_is_known() -> None:
    (one,) = ssmm_commands(
        service(
            "/usr/bin/ssmm", "exec", "--require", "A", "B", "--only", "A", "C", "--require=D", "--require-from", "x", "--require-from=y",
            "--allow-name", "LD_PRELOAD", "--no-shared", "--include-tag", "a=1", "--strict", "--pristine", "--keep", "PATH", "--unset", "Z",
            "--", "/opt/app", "--require", "E",
        )
    )  # fmt: skip
    assert (one.require, one.only, one.require_from) == (("A", "B", "D"), ("A", "C"), ("x", "y"))
    assert (one.allowed, one.shared, one.tags, one.strict) == (("LD_PRELOAD",), False, ("a=1",), True)
    assert (one.pristine, one.keep, one.unset) == (True, ("PATH",), ("Z",))


def test_what_env_sets_before_a_call_counts() -> None:
    (one,) = ssmm_commands(service("/usr/bin/env", "HOME=/root", "AWS_PROFILE=x", "/usr/bin/ssmm", "exec", "--", "true"))
    assert (one.program, one.home, one.assigned) == ("/usr/bin/ssmm", "/root", {"HOME", "AWS_PROFILE"})


@pytest.mark.parametrize(
    "words",
    [("/opt/app", "ssmm", "exec"), ("/usr/bin/ssmm", "--version"), ("/usr/bin/ssmm", "list"), ("/usr/bin/ssmm-tui", "exec"), ("/bin/env",)],
)
def test_other_commands_are_none_of_ssmms(words: tuple[str, ...]) -> None:
    assert ssmm_commands(service(*words)) == ()


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("[Service]\nEnvironmentFile=/etc/a.env\nEnvironmentFile=-/etc/b.env\nEnvironmentFile=%h/c.env\n", []),
        ("[Service]\nEnvironmentFile=a.env\n", ["a.env"]),
        ("[Service]\nEnvironmentFile=-a.env\n", ["a.env"]),
        ("[Service]\n EnvironmentFile = ./a.env \n", ["./a.env"]),
        ("[Service]\nEnvironmentFile='/etc/a.env'\nEnvironmentFile=\"/etc/b.env\"\n", ["'/etc/a.env'", '"/etc/b.env"']),
        ("[Service]\nEnvironmentFile=a.env\nEnvironmentFile=\nEnvironmentFile=b.env\n", ["b.env"]),
        ("[Service]\nEnvironmentFile=\\\n  a.env\n", ["a.env"]),
        ("[Service]\nExecStart=/bin/x \\\n# a comment\n  EnvironmentFile=a.env\n", []),
        ("[Service]\n#EnvironmentFile=a.env\n;EnvironmentFile=b.env\n", []),
        ("[Unit]\nEnvironmentFile=a.env\n[X-Mine]\nEnvironmentFile=b.env\n", []),
    ],
)
def test_files_that_systemd_ignores_are_found_in_the_text(text: str, expected: list[str]) -> None:
    assert ignored_environment_files([("/etc/app.service", text)]) == tuple(("/etc/app.service", path) for path in expected)


def test_a_drop_in_clears_what_stood_before_it() -> None:
    texts = [("/etc/app.service", "[Service]\nEnvironmentFile=a.env\n"), ("/etc/x.conf", "[Service]\nEnvironmentFile=\n")]
    assert ignored_environment_files(texts) == ()
