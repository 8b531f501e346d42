"""Variables that are asked for by name: what a person may write, and how their keys may be spelled."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ssmm_core.asked import Asked, other_spellings, parse, together, usual_spelling
from ssmm_core.errors import InvalidInput
from ssmm_core.limits import check_name
from ssmm_core.names import environment_name
from ssmm_core.operations.required import asked_in

NAMES = st.from_regex(r"[A-Z_][A-Z0-9_]{0,12}", fullmatch=True)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("DB_URL", Asked("DB_URL")),
        ("DB_URL?", Asked("DB_URL", optional=True)),
        ("DB_URL=db/primary.url", Asked("DB_URL", "db/primary.url")),
        ("DB_URL?=1st", Asked("DB_URL", "1st", optional=True)),
        ("db_url=/team/web/db-url", Asked("db_url", "/team/web/db-url")),
    ],
)
def test_what_a_person_may_write(text: str, expected: Asked) -> None:
    assert parse(text) == expected


@pytest.mark.parametrize("text", ["DB-URL", "1A", "", "?", "A??", "=sentinel", "A B=sentinel", "A-B?=sentinel"])
def test_what_begins_with_no_name_is_refused_and_what_is_behind_it_not_repeated(text: str) -> None:
    with pytest.raises(InvalidInput, match="is no variable's name") as refused:
        parse(text)
    assert "sentinel" not in str(refused.value)


@pytest.mark.parametrize(
    "value", ["", "/", "postgres://sentinel@db", "sentinel value", "a//sentinel", "../sentinel", "sentinel?", "sentinel:3"]
)
def test_what_is_no_parameters_name_is_refused_and_not_repeated(value: str) -> None:
    with pytest.raises(InvalidInput, match="what stands behind TOKEN= is no parameter's name") as refused:
        parse(f"TOKEN={value}")
    assert "sentinel" not in str(refused.value)


def test_a_variable_that_is_asked_for_twice_may_be_missing_only_if_both_say_so_and_comes_from_what_either_names() -> None:
    asked = [Asked("A", optional=True), Asked("B", optional=True), Asked("A", "first"), Asked("B", "second", optional=True), Asked("A")]
    assert together(asked) == (Asked("A", "first"), Asked("B", "second", optional=True))


def test_a_variable_comes_from_one_parameter() -> None:
    with pytest.raises(InvalidInput, match="TOKEN is asked for from two parameters") as refused:
        together([Asked("TOKEN", "sentinel"), Asked("TOKEN", "another")])
    assert "sentinel" not in str(refused.value)


def test_the_spellings_of_a_key() -> None:
    assert usual_spelling("DB_HOST") == ("db-host",)
    assert other_spellings("DB_HOST") == ("db_host", "db.host", "db/host", "DB-HOST", "DB_HOST", "DB.HOST", "DB/HOST")
    assert other_spellings("TOKEN") == ("TOKEN",)


@given(NAMES)
def test_every_spelling_is_another_that_folds_to_the_name_and_can_stand_in_a_parameters_name(name: str) -> None:
    spelled = (*usual_spelling(name), *other_spellings(name))
    assert len(set(spelled)) == len(spelled)
    assert {environment_name(key) for key in spelled} == {name}
    for key in spelled:
        check_name(f"/team/web/{key}")


@pytest.mark.parametrize("name", ["dbHost", "token"])
def test_no_key_folds_to_small_letters(name: str) -> None:
    assert (usual_spelling(name), other_spellings(name)) == ((), ())


def test_what_is_behind_a_name_in_a_file_is_an_example_and_no_parameter() -> None:
    text = b"# made up\nA=key\nB?=key\nexport C? # a comment\nD\nD?\n"
    assert asked_in(text, "names") == (Asked("A"), Asked("B", optional=True), Asked("C", optional=True), Asked("D"))
