"""What a person or a machine may have in a path or a name arrives as it is, through a unit's own grammar."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.conftest import CREDENTIALS, REGION, ROOT, Ssm
from tests.systemd.scene import ON_SYSTEM

if TYPE_CHECKING:
    from tests.systemd.scene import Units

UNIT = "odd.service"


@pytest.fixture(autouse=True)
def token(ssm: Ssm) -> None:
    ssm.put(f"{ROOT}/my-app/token", "made-up")


@ON_SYSTEM
@pytest.mark.parametrize("mode", ["exec", "sync"])
def test_the_path_of_ssmm_survives_whatever_is_in_it(units: Units, mode: str) -> None:
    program = units.launcher(units.folder / "100% of  $HOME; %n ${X} -- ü" / "ssmm")
    units.load(UNIT, f"ExecStart={units.command}")
    units.switch(mode, UNIT, "--ssmm-bin", str(program))
    words, environment = units.started(UNIT)
    assert words[1:] == [str(units.dump), str(units.out)]
    assert environment["TOKEN"] == "made-up"


def test_the_working_directory_names_the_app_whatever_is_in_its_path(of_user: Units) -> None:
    directory = of_user.folder / "100% of %n $HOME 'it' \\x" / "my_app"
    directory.mkdir(parents=True, exist_ok=True)
    of_user.load(UNIT, f"ExecStart=-{of_user.command}")
    of_user.switch("exec", UNIT, "--cwd-app", directory=directory)
    _, environment = of_user.started(UNIT)
    assert environment["TOKEN"] == "made-up"
    assert environment["PWD"] == str(directory)


@pytest.mark.parametrize("flag", ["", ":"], ids=["plain", "without expansion"])
def test_a_profile_survives_whatever_is_in_its_name(of_user: Units, flag: str) -> None:
    config = of_user.folder / "aws-config"
    secrets = "\n".join(f"{name.lower()} = {value}" for name, value in CREDENTIALS.items())
    config.write_text(f'[profile "ours $HOME %n ${{X}}"]\nregion = {REGION}\n{secrets}\n', encoding="utf-8")
    of_user.settings = {name: value for name, value in of_user.settings.items() if name not in CREDENTIALS} | {
        "AWS_CONFIG_FILE": str(config)
    }
    of_user.load(UNIT, f"ExecStart={flag}{of_user.command}")
    of_user.switch("exec", UNIT, "--profile", "ours $HOME %n ${X}")
    _, environment = of_user.started(UNIT)
    assert environment["TOKEN"] == "made-up"
    assert "AWS_ACCESS_KEY_ID" not in environment


@ON_SYSTEM
@pytest.mark.parametrize("mode", ["exec", "sync"])
def test_a_kept_file_and_a_step_before_the_start_survive_whatever_is_in_them(units: Units, mode: str) -> None:
    kept = units.env_file("kept [1]* 100% \\d.env", "KEPT=made-up too\n")
    old = units.env_file("old.env", "OLD_SETTING=made-up\n")
    marker = units.out / "prepared"
    units.load(UNIT, f"EnvironmentFile={old}\nExecStart={units.command}")
    units.switch(mode, UNIT, "--keep-env-file", str(kept), "--pre-exec", f"""/bin/sh -c 'echo "$KEPT" %n >{marker}'""")
    _, environment = units.started(UNIT)
    assert environment["KEPT"] == "made-up too"
    assert environment["TOKEN"] == "made-up"
    assert "OLD_SETTING" not in environment
    assert marker.read_text(encoding="utf-8") == f"made-up too {UNIT}\n"
