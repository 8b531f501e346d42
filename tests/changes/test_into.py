"""Where parameters would stand in another app."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ssmm_core.changes.transfer import into
from ssmm_core.errors import InvalidInput, SettingsError

ROOT = "/myteam"
SEGMENTS = st.from_regex(r"[a-z][a-z0-9_-]{0,6}", fullmatch=True)


def moved(names: list[str], to: str) -> dict[str, str]:
    return into(names, to, root=ROOT, region="eu-central-1")


@given(SEGMENTS, st.lists(SEGMENTS, min_size=1, max_size=3), SEGMENTS)
def test_a_parameter_keeps_what_stands_behind_its_app(app: str, parts: list[str], other: str) -> None:
    key = "/".join(parts)
    name = f"{ROOT}/{app}/{key}"
    if other == app:
        with pytest.raises(SettingsError, match="is there already"):
            moved([name], other)
    else:
        assert moved([name], other) == {name: f"{ROOT}/{other}/{key}"}
    assert moved([name], f"/elsewhere/{other}") == {name: f"/elsewhere/{other}/{key}"}


def test_the_target_may_be_deeper_and_end_in_a_slash() -> None:
    assert moved(["/myteam/web/token"], "shop/eu/") == {"/myteam/web/token": "/myteam/shop/eu/token"}


def test_a_parameter_directly_below_the_root_gets_an_app() -> None:
    assert moved(["/myteam/token"], "web") == {"/myteam/token": "/myteam/web/token"}


def test_two_that_would_meet_are_named() -> None:
    with pytest.raises(SettingsError, match="/myteam/web/token and /myteam/api/token would both be /myteam/shop/token"):
        moved(["/myteam/web/token", "/myteam/api/token"], "shop")


def test_one_may_not_go_where_another_comes_from() -> None:
    with pytest.raises(SettingsError, match="/myteam/api/v1/token would go and be replaced at once"):
        moved(["/myteam/api/v1/token", "/myteam/web/token"], "api/v1")


@pytest.mark.parametrize("to", ["", "my app", "..", "a//b", "/", "/aws/x", "/ssm", "x\n"])
def test_what_no_path_can_be_is_refused(to: str) -> None:
    with pytest.raises(InvalidInput):
        moved(["/myteam/web/token"], to)
