"""Settings: flags over environment over the configuration file."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from ssmm_core.errors import ExitCode, SettingsError
from ssmm_core.settings import Settings, load

if TYPE_CHECKING:
    from pathlib import Path


def configure(folder: Path, content: bytes) -> Path:
    (folder / "ssmm").mkdir(parents=True)
    path = folder / "ssmm" / "config.toml"
    path.write_bytes(content)
    return path


def test_a_flag_wins_over_the_environment_and_the_environment_over_the_file(tmp_path: Path) -> None:
    configure(tmp_path / "config", b'prefix = "/from-file"')
    file = {"XDG_CONFIG_HOME": str(tmp_path / "config")}
    environment = {**file, "SSMM_PREFIX_ROOT": "/from-environment"}
    assert load({"prefix": "/from-flag"}, environment).root == "/from-flag"
    assert load({"prefix": None}, environment).root == "/from-environment"
    assert load({}, environment).root == "/from-environment"
    assert load({}, file).root == "/from-file"


def test_an_empty_variable_counts_as_none(tmp_path: Path) -> None:
    configure(tmp_path / "config", b'prefix = "/from-file"')
    environment = {"XDG_CONFIG_HOME": str(tmp_path / "config"), "SSMM_PREFIX_ROOT": "", "AWS_REGION": ""}
    settings = load({}, environment)
    assert settings.root == "/from-file"
    assert settings.region is None


def test_a_region_flag_wins_over_the_environment() -> None:
    assert load({}, {"AWS_REGION": "eu-west-1"}).region == "eu-west-1"
    assert load({"region": "eu-north-1"}, {"AWS_REGION": "eu-west-1"}).region == "eu-north-1"


def test_a_profile_is_taken_from_the_flag_alone() -> None:
    assert load({"profile": "ours"}, {"AWS_PROFILE": "theirs"}).profile == "ours"
    assert load({}, {"AWS_PROFILE": "theirs"}).profile is None


def test_without_xdg_the_file_is_in_the_home_directory(tmp_path: Path) -> None:
    configure(tmp_path / ".config", b'prefix = "/from-home"')
    assert load({}, {"HOME": str(tmp_path)}).root == "/from-home"


def test_a_relative_xdg_directory_is_ignored(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    configure(tmp_path / "relative", b'prefix = "/from-relative"')
    configure(tmp_path / "home" / ".config", b'prefix = "/from-home"')
    monkeypatch.chdir(tmp_path)
    assert load({}, {"XDG_CONFIG_HOME": "relative", "HOME": str(tmp_path / "home")}).root == "/from-home"


@pytest.mark.parametrize("environment", [{}, {"HOME": ""}, {"HOME": "relative"}])
def test_without_a_home_there_are_no_files_and_no_failure(environment: dict[str, str]) -> None:
    settings = load({}, environment)
    assert settings.prefix is None
    assert settings.state_directory is None


def test_state_is_kept_where_xdg_says() -> None:
    assert load({}, {"HOME": "/home/you"}).state_directory == "/home/you/.local/state/ssmm"
    assert load({}, {"HOME": "/home/you", "XDG_STATE_HOME": "/state"}).state_directory == "/state/ssmm"


def test_without_any_prefix_the_error_says_both_ways_to_give_one() -> None:
    with pytest.raises(SettingsError) as caught:
        _ = load({}, {}).root
    assert str(caught.value) == "no prefix configured. Pass --prefix /<your-team> or set $SSMM_PREFIX_ROOT=/<your-team>."
    assert caught.value.exit_code == ExitCode.SETTINGS


@pytest.mark.parametrize("source", ["flag", "environment", "file"])
def test_a_prefix_is_normalized_and_checked_wherever_it_comes_from(source: str, tmp_path: Path) -> None:
    def told(prefix: str) -> Settings:
        if source == "flag":
            return load({"prefix": prefix}, {})
        if source == "environment":
            return load({}, {"SSMM_PREFIX_ROOT": prefix})
        path = tmp_path / "ssmm" / "config.toml"
        path.parent.mkdir(exist_ok=True)
        path.write_text(f'prefix = "{prefix}"', encoding="utf-8")
        return load({}, {"XDG_CONFIG_HOME": str(tmp_path)})

    assert told("/team/prod/").root == "/team/prod"
    with pytest.raises(SettingsError, match="does not start with /"):
        told("team")


@pytest.mark.parametrize(
    "content", [b"prefix = ", b"prefix = /team", b"\xff\xfe", b"prefix = 5", b"prefix = ['/team']", b"[prefix]\nx = 1"]
)
def test_a_broken_configuration_file_is_named(content: bytes, tmp_path: Path) -> None:
    path = configure(tmp_path, content)
    with pytest.raises(SettingsError) as caught:
        load({}, {"XDG_CONFIG_HOME": str(tmp_path)})
    assert str(path) in caught.value.message
    assert caught.value.exit_code == ExitCode.SETTINGS
    assert "\n" not in str(caught.value)


def test_a_configuration_file_that_is_a_directory_is_named(tmp_path: Path) -> None:
    (tmp_path / "ssmm" / "config.toml").mkdir(parents=True)
    with pytest.raises(SettingsError, match=r"cannot read .*config\.toml: Is a directory"):
        load({}, {"XDG_CONFIG_HOME": str(tmp_path)})


def test_a_broken_file_does_not_stop_who_says_the_prefix(tmp_path: Path) -> None:
    configure(tmp_path, b"prefix = ")
    assert load({"prefix": "/team"}, {"XDG_CONFIG_HOME": str(tmp_path)}).root == "/team"


def test_a_file_may_say_other_things_and_no_prefix(tmp_path: Path) -> None:
    configure(tmp_path, b'theme = "dark"')
    assert load({}, {"XDG_CONFIG_HOME": str(tmp_path)}).prefix is None


def test_what_is_not_given_has_the_documented_default() -> None:
    settings = load({"timeout": None, "write_rate": None}, {})
    assert (settings.read_concurrency, settings.write_concurrency, settings.write_rate, settings.timeout) == (12, 3, 3.0, 60.0)
    assert settings.advanced is False
    assert settings.kms_key_id == ""


def test_what_is_given_is_taken_and_what_is_no_setting_is_left_alone() -> None:
    settings = load({"timeout": 5.0, "advanced": True, "kms_key_id": "alias/ours", "read_concurrency": 1, "out": "x", "json": True}, {})
    assert (settings.timeout, settings.advanced, settings.kms_key_id, settings.read_concurrency) == (5.0, True, "alias/ours", 1)


def test_settings_are_frozen() -> None:
    settings = load({"prefix": "/team"}, {})
    with pytest.raises(AttributeError):
        settings.prefix = "/other"  # type: ignore[misc]
    assert settings.root == "/team"
