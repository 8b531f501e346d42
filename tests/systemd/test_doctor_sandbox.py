"""`ssmm doctor UNIT` on credentials and sandboxes, beside what happens under a real manager."""

from __future__ import annotations

import os
import pwd
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from tests.conftest import CREDENTIALS
from tests.systemd.doctoring import ONLINE, SENTINEL, apply, look, starts, sync_line, worse

if TYPE_CHECKING:
    from tests.conftest import Ssm
    from tests.systemd.scene import Units


NOBODY = "nobody"


@pytest.fixture
def team(ssm: Ssm) -> Ssm:
    ssm.put("/myteam/my-app/token", SENTINEL)
    return ssm


SANDBOXES = {
    "PrivateNetwork=yes": True,
    "RestrictAddressFamilies=AF_UNIX": False,
    "RestrictAddressFamilies=~AF_INET AF_INET6": False,
}
"""Settings that cut the network off, and whether they do for a command with + too."""


@pytest.mark.parametrize("setting", SANDBOXES)
@pytest.mark.parametrize("sign", ["", "+"])
def test_a_sandbox_without_network_is_found_where_it_counts(of_system: Units, team: Ssm, setting: str, sign: str) -> None:
    line = sync_line(of_system, "%t/boxed/env").replace("=", f"={sign}", 1)
    service = f"RuntimeDirectory=boxed\n{setting}\n{line} --timeout 0.5\nEnvironmentFile=-%t/boxed/env\nExecStart=/bin/true"
    of_system.load("boxed.service", service, ONLINE)
    cut = SANDBOXES[setting] or not sign
    assert starts(of_system, "boxed.service") is not cut
    found = look(of_system, "boxed.service")
    assert worse(found) == ({"sandbox-network"} if cut else set())
    if cut:
        fix = found["sandbox-network"][0]["fix"].partition("\nor: ")[0]
        lines = fix.replace("[Service]", "[Service]\nRestrictAddressFamilies=") if "~" in setting else fix
        apply(of_system, "boxed.service", lines)
        assert starts(of_system, "boxed.service")


def aws_home(units: Units, owner: str) -> Path:
    """A home with credentials that only its owner may read."""
    home = units.folder / "aws-home"
    (home / ".aws").mkdir(parents=True, exist_ok=True)
    path = home / ".aws/credentials"
    path.write_text("".join(f"{line}\n" for line in ("[default]", *(f"{name.lower()} = {value}" for name, value in CREDENTIALS.items()))))
    path.chmod(0o600)
    entry = pwd.getpwnam(owner)
    for one in (home, home / ".aws", path):
        one.chmod(0o700 if one.is_dir() else 0o600)
        os.chown(one, entry.pw_uid, entry.pw_gid)
    return home


@pytest.mark.parametrize(("owner", "sign", "works"), [("root", "", False), (NOBODY, "", True), ("root", "+", True)])
def test_credentials_are_looked_for_as_who_runs_ssmm(of_system: Units, team: Ssm, owner: str, sign: str, works: bool) -> None:
    home = aws_home(of_system, owner)
    for name in CREDENTIALS:
        del of_system.settings[name]
    of_system.program.write_text('#!/bin/sh\nexec test -r "$HOME/.aws/credentials"\n', encoding="utf-8")
    line = sync_line(of_system, "%t/asked/env").replace("=", f"={sign}", 1)
    service = f"User={NOBODY}\nEnvironment=HOME={home}\nRuntimeDirectory=asked\n{line}\nEnvironmentFile=-%t/asked/env\nExecStart=/bin/true"
    of_system.load("asked.service", service, ONLINE)
    assert starts(of_system, "asked.service") is works
    of_system.launcher(of_system.program)
    found = look(of_system, "asked.service", **CREDENTIALS)
    assert worse(found) == (set() if works else {"unit-credentials"})
    said = [one["what"] for one in found["unit-credentials"]]
    assert said[-1].startswith(f"ssmm sync runs as {'root' if sign else NOBODY}, with credentials from profile default") is works
    assert str(home) not in repr(found)


def test_a_plus_makes_root_of_the_user_and_leaves_the_users_home(of_system: Units) -> None:
    line = f"ExecStartPre=+/bin/sh -c 'echo $$(id -u) $$HOME >{of_system.out}/who'"
    of_system.load("plus.service", f"User=daemon\n{line}\nExecStart=/bin/true")
    assert starts(of_system, "plus.service")
    assert (of_system.out / "who").read_text(encoding="utf-8") == f"0 {pwd.getpwnam('daemon').pw_dir}\n"


def test_root_in_the_home_of_the_user_is_told_how_to_get_its_own(of_system: Units, team: Ssm) -> None:
    for name in CREDENTIALS:
        del of_system.settings[name]
    line = sync_line(of_system, "/run/homely.env").replace("=", "=+", 1)
    of_system.load("homely.service", f"User=daemon\n{line}\nEnvironmentFile=-/run/homely.env\nExecStart=/bin/true", ONLINE)
    (one,) = look(of_system, "homely.service", **CREDENTIALS)["root-with-users-home"]
    assert one["level"] == "warning"
    words = one["fix"].partition("  #")[0].split()
    assert words[:4] == ["ssmm", "migrate-to-sync", "--unit", "homely.service"]
    ended = of_system.ssmm(*[word for word in words[1:] if word != "--system"], "--apply")
    assert ended.returncode == 0, ended.stderr
    assert "root-with-users-home" not in look(of_system, "homely.service", **CREDENTIALS)


@pytest.mark.parametrize("setting", ["InaccessiblePaths={home}/.aws", "InaccessiblePaths=-{home}", "TemporaryFileSystem={home}"])
def test_a_sandbox_that_hides_the_credentials_is_found(of_system: Units, team: Ssm, setting: str) -> None:
    home = aws_home(of_system, "root")
    for name in CREDENTIALS:
        del of_system.settings[name]
    service = f"Environment=HOME={home}\nExecStart={of_system.program} exec --prefix /myteam --app my-app -- /bin/true"
    of_system.load("blind.service", f"{setting.format(home=home)}\n{service}", ONLINE)
    assert not starts(of_system, "blind.service")
    found = look(of_system, "blind.service", **CREDENTIALS)
    assert worse(found) == {"sandbox-home"}
    apply(of_system, "blind.service", found["sandbox-home"][0]["fix"])
    assert starts(of_system, "blind.service")
    assert worse(look(of_system, "blind.service", **CREDENTIALS)) == set()


@pytest.mark.parametrize("variable", ["AWS_CONFIG_FILE", "AWS_SHARED_CREDENTIALS_FILE"])
def test_a_file_of_the_sdk_that_its_user_may_not_read_is_named_and_opened_to_it(of_system: Units, team: Ssm, variable: str) -> None:
    for name in CREDENTIALS:
        del of_system.settings[name]
    folder = of_system.folder / "etc"
    folder.mkdir()
    folder.chmod(0o700)
    path = folder / "aws-config"
    path.write_text("".join(f"{line}\n" for line in ("[default]", *(f"{name.lower()} = {value}" for name, value in CREDENTIALS.items()))))
    path.chmod(0o600)
    of_system.program.write_text(f'#!/bin/sh\nexec test -r "${variable}"\n', encoding="utf-8")
    called = f"ExecStart={of_system.program} exec --prefix /myteam --app my-app -- /bin/true"
    of_system.load("closed.service", f"User={NOBODY}\nEnvironment={variable}={path}\n{called}", ONLINE)
    assert not starts(of_system, "closed.service")
    of_system.launcher(of_system.program)
    found = look(of_system, "closed.service", **CREDENTIALS)
    assert worse(found) == {"unit-credentials"}
    (one,) = found["unit-credentials"]
    assert one["what"] == f"{path} may not be read by {NOBODY}"
    assert of_system.manager.run("sh", "-ec", one["fix"].replace("sudo ", "")).returncode == 0
    assert path.stat().st_mode & 0o777 == 0o640
    assert worse(look(of_system, "closed.service", **CREDENTIALS)) == set()
    of_system.program.write_text(f'#!/bin/sh\nexec test -r "${variable}"\n', encoding="utf-8")
    assert starts(of_system, "closed.service")


def test_a_profile_that_is_missing_is_put_into_the_file_that_is_read(of_system: Units, team: Ssm) -> None:
    for name in CREDENTIALS:
        del of_system.settings[name]
    path = of_system.env_file("aws-config", "[default]\n")
    mine = of_system.env_file(
        "mine", "".join(f"{line}\n" for line in ("[default]", *(f"{a.lower()} = {b}" for a, b in CREDENTIALS.items())))
    )
    called = f"ExecStart={of_system.program} exec --prefix /myteam --app my-app --profile reports -- {of_system.command}"
    of_system.load("profile.service", f"Environment=HOME={of_system.folder} AWS_CONFIG_FILE={path}\n{called}", ONLINE)
    assert not starts(of_system, "profile.service")
    (one,) = look(of_system, "profile.service", **CREDENTIALS)["unit-credentials"]
    assert one["what"] == f"profile reports is not in ~/.aws/credentials of root or {path}"
    where, *lines = one["fix"].splitlines()
    assert where.startswith(f"Put these lines into {path}, ")
    text = "\n".join(lines)
    for made_up, name in (("KEY-ID", "AWS_ACCESS_KEY_ID"), ("SECRET-KEY", "AWS_SECRET_ACCESS_KEY")):
        text = text.replace(made_up, CREDENTIALS[name])
    path.write_text(text.replace("REGION", of_system.settings["AWS_REGION"]) + "\n", encoding="utf-8")
    assert of_system.started("profile.service")[1]["TOKEN"] == SENTINEL
    (one,) = look(of_system, "profile.service", **CREDENTIALS)["unit-parameters"]  # whoever asks has no such profile
    assert (one["level"], one["fix"]) == ("warning", "See ~/.aws/config, or pass --profile.")
    assert worse(look(of_system, "profile.service", AWS_CONFIG_FILE=str(path))) == set()
    assert worse(look(of_system, "profile.service", "--profile", "default", AWS_SHARED_CREDENTIALS_FILE=str(mine))) == set()


def test_a_unit_without_any_credentials_is_an_error(of_system: Units, team: Ssm) -> None:
    for name in CREDENTIALS:
        del of_system.settings[name]
    home = f"Environment=HOME={of_system.out}"
    of_system.load("poor.service", f"{home}\nExecStart={of_system.program} exec --prefix /myteam --app my-app -- /bin/true", ONLINE)
    assert not starts(of_system, "poor.service")
    found = look(of_system, "poor.service", **CREDENTIALS)
    assert worse(found) == {"unit-credentials"}
    assert found["unit-parameters"][0]["level"] == "ok"


def test_a_unit_without_a_region_is_an_error(of_user: Units, team: Ssm) -> None:
    region = of_user.settings.pop("AWS_REGION")
    of_user.load("lost.service", f"ExecStart={of_user.program} exec --prefix /myteam --app my-app -- {of_user.command}", ONLINE)
    assert not starts(of_user, "lost.service")
    found = look(of_user, "lost.service", AWS_REGION=region)
    assert worse(found) == {"unit-region"}
    apply(of_user, "lost.service", found["unit-region"][0]["fix"].replace("REGION=REGION", f"REGION={region}"))
    assert of_user.started("lost.service")[1]["TOKEN"] == SENTINEL


def test_where_parameter_store_cannot_be_asked_the_unit_is_looked_at_all_the_same(of_user: Units, team: Ssm) -> None:
    of_user.load(
        "offline.service", f"ExecStart={of_user.program} exec --prefix /myteam --app my-app -- {of_user.command} ${{TOKEN}}", ONLINE
    )
    found = look(of_user, "offline.service", AWS_ENDPOINT_URL_SSM="http://127.0.0.1:1")
    (one,) = found["unit-parameters"]
    assert one["level"] == "warning"
    assert one["fix"] == "Check the network, the region and --endpoint-url."
    assert found["variable-in-exec-command"][0]["level"] == "warning"
