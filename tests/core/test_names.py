"""Names: the prefix root, apps, keys, and the journey of an environment name through the store."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ssmm_core import names
from ssmm_core.errors import ExitCode, InvalidInput, SettingsError

SEGMENTS = st.from_regex(r"[A-Za-z0-9_.-]+", fullmatch=True).filter(lambda text: text not in (".", ".."))
ROOTS = st.lists(SEGMENTS, min_size=1, max_size=3).map(lambda parts: "/" + "/".join(parts))


@given(st.from_regex(r"[A-Z_][A-Z0-9_]*", fullmatch=True))
def test_an_upper_case_environment_name_comes_back_from_its_key_exactly(name: str) -> None:
    assert names.environment_name(names.parameter_key(name)) == name
    assert names.comes_back_as(name) == name
    assert names.environment_name(names.key_for_put(name)) == name


@given(st.from_regex(r"[A-Z_][A-Z0-9_]*", fullmatch=True))
def test_a_key_made_from_an_environment_name_is_one_segment_in_lower_case(name: str) -> None:
    key = names.parameter_key(name)
    assert names.is_segment(key)
    assert key == key.lower()
    assert "_" not in key


@given(st.text(max_size=12))
def test_a_name_is_an_environment_name_exactly_where_every_reader_takes_it(text: str) -> None:
    letters = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz_"
    takes = bool(text) and text[0] in letters and all(char in letters + "0123456789" for char in text)
    assert names.is_environment_name(text) is takes


@pytest.mark.parametrize(
    ("key", "variable"),
    [
        ("kintone-api-token", "KINTONE_API_TOKEN"),
        ("nested/key", "NESTED_KEY"),
        ("db/read.host", "DB_READ_HOST"),
        ("a.b", "A_B"),
        ("a_b", "A_B"),
        ("dbUrl", "DBURL"),
        ("1st", "1ST"),
    ],
)
def test_a_key_becomes_one_flat_variable(key: str, variable: str) -> None:
    assert names.environment_name(key) == variable


@pytest.mark.parametrize(("name", "becomes"), [("dbUrl", "DBURL"), ("http_proxy", "HTTP_PROXY"), ("DB_URL", "DB_URL")])
def test_what_a_name_comes_back_as_is_known_before_it_is_put(name: str, becomes: str) -> None:
    assert names.comes_back_as(name) == becomes


@pytest.mark.parametrize("name", ["1ST", "A-B", "A.B", "", "Ä", "A B", "A\n", "A=B"])
def test_what_cannot_be_a_variable_is_not_put(name: str) -> None:
    with pytest.raises(InvalidInput, match="cannot be the name of an environment variable"):
        names.key_for_put(name)


# The prefix root


@pytest.mark.parametrize(
    ("given_text", "root"),
    [
        ("/team", "/team"),
        ("/team/", "/team"),
        ("/team///", "/team"),
        ("/team/prod", "/team/prod"),
        ("/team/prod/", "/team/prod"),
        ("/T.e-a_m", "/T.e-a_m"),
    ],
)
def test_a_prefix_loses_its_trailing_slashes_and_may_have_several_segments(given_text: str, root: str) -> None:
    assert names.prefix_root(given_text) == root


@pytest.mark.parametrize("text", ["team", "team/prod", " /team", "./team"])
def test_a_prefix_begins_with_a_slash(text: str) -> None:
    with pytest.raises(SettingsError, match="does not start with /") as caught:
        names.prefix_root(text)
    assert caught.value.exit_code == ExitCode.SETTINGS
    assert f"/{text.strip('/')}" in caught.value.hint


@pytest.mark.parametrize("text", ["/", "//", "////"])
def test_the_whole_account_is_no_prefix(text: str) -> None:
    with pytest.raises(SettingsError, match="whole account"):
        names.prefix_root(text)


@pytest.mark.parametrize("text", ["/a b", "/a//b", "//a", "/ä", "/a/..", "/./a", "/a\n", "/a:1", "/{a}"])
def test_a_prefix_is_made_of_what_a_parameter_name_can_hold(text: str) -> None:
    with pytest.raises(SettingsError, match="segment"):
        names.prefix_root(text)


@pytest.mark.parametrize("text", ["/aws", "/AWS/x", "/awsome", "/ssm", "/Ssm-x/y"])
def test_a_prefix_that_aws_keeps_for_itself_is_refused(text: str) -> None:
    with pytest.raises(SettingsError, match="reserved"):
        names.prefix_root(text)


def test_only_the_first_segment_of_a_prefix_may_not_begin_with_aws_or_ssm() -> None:
    assert names.prefix_root("/team/aws/ssm") == "/team/aws/ssm"


# Apps


@given(SEGMENTS)
def test_an_app_is_one_path_segment(text: str) -> None:
    assert names.app_name(text) == text


@pytest.mark.parametrize("text", ["", ".", "..", "a/b", "/a", "a/", "a b", "ä", "a\n", "a\0b"])
def test_what_is_not_one_path_segment_is_no_app(text: str) -> None:
    with pytest.raises(SettingsError) as caught:
        names.app_name(text)
    assert caught.value.exit_code == ExitCode.SETTINGS
    assert "app" in caught.value.message


@pytest.mark.parametrize(
    ("path", "app"),
    [
        ("/home/you/services/my_api", "my-api"),
        ("/home/you/services/my_api/", "my-api"),
        ("/srv/billing-svc", "billing-svc"),
        ("/a_b_c", "a-b-c"),
    ],
)
def test_a_directory_stands_for_the_app_that_it_is_called(path: str, app: str) -> None:
    assert names.app_from_directory(path) == app


@pytest.mark.parametrize("path", ["/", "", "/srv/my api", "/srv/ünder"])
def test_a_directory_whose_name_is_no_app_asks_for_the_flag(path: str) -> None:
    with pytest.raises(SettingsError) as caught:
        names.app_from_directory(path)
    assert "--app" in caught.value.hint


def test_doubles_are_dropped_and_the_order_is_kept() -> None:
    assert names.distinct(["b", "a", "b", "c", "a"]) == ("b", "a", "c")


# Parameter names


@given(ROOTS, SEGMENTS, st.lists(SEGMENTS, min_size=1, max_size=3).map("/".join))
def test_a_joined_name_splits_into_what_it_was_joined_from(root: str, app: str, key: str) -> None:
    assert names.split(names.join(root, app, key), root) == (app, key)
    assert names.is_below(names.join(root, app, key), root)
    assert names.is_below(names.join(root, app, key), names.join(root, app))


def test_a_parameter_directly_below_the_root_has_no_app() -> None:
    assert names.split("/team/key", "/team") == ("", "key")


def test_without_a_key_the_name_is_the_path_of_the_app() -> None:
    assert names.join("/team", "web") == "/team/web"


@pytest.mark.parametrize(
    ("name", "path", "below"),
    [
        ("/a/b", "/a", True),
        ("/a/b/c", "/a", True),
        ("/a/b", "/a/", True),
        ("/ab", "/a", False),
        ("/a", "/a", False),
        ("/b/a/x", "/a", False),
    ],
)
def test_a_namespace_holds_what_lies_below_it_and_not_its_neighbours(name: str, path: str, below: bool) -> None:
    assert names.is_below(name, path) is below


@pytest.mark.parametrize(
    ("key", "spellings"),
    [
        ("DB_URL", ("DB_URL", "db-url")),
        ("PORT", ("PORT", "port")),
        ("db-url", ("db-url",)),
        ("dbUrl", ("dbUrl",)),
        ("db/url", ("db/url",)),
        ("_", ("_", "-")),
    ],
)
def test_a_key_may_be_given_as_it_stands_or_as_an_environment_name(key: str, spellings: tuple[str, ...]) -> None:
    assert names.key_spellings(key) == spellings


def test_a_full_name_is_taken_as_it_is() -> None:
    assert names.full_name("/team", "web", "/other/app/key") == "/other/app/key"


def test_anything_else_is_a_key_of_the_app() -> None:
    assert names.full_name("/team", "web", "db/host") == "/team/web/db/host"


@pytest.mark.parametrize("key", ["", "a//b", "a/", "..", "a/../b", "a b", "ä"])
def test_what_is_no_key_is_refused(key: str) -> None:
    with pytest.raises(InvalidInput, match="not a parameter's name"):
        names.full_name("/team", "web", key)


# Printing


@given(st.text())
def test_what_is_printed_of_a_name_cannot_steer_a_terminal(text: str) -> None:
    assert names.printable(text).isprintable()
