"""The audit: one key in several apps, one value under several names."""

from __future__ import annotations

from typing import TYPE_CHECKING

from hypothesis import given
from hypothesis import strategies as st

from ssmm_core.audit import key_duplicates, value_duplicates
from ssmm_core.catalogue import entry_of
from ssmm_core.models import Parameter, ParameterMetadata
from ssmm_core.secret import SecretValue

if TYPE_CHECKING:
    from random import Random

KEY = b"key of this run"


def parameter(name: str, value: str | None = "made-up") -> Parameter:
    return Parameter(name, "SecureString", 1, None if value is None else SecretValue(value))


def test_a_key_in_two_apps_is_a_group_sorted_by_name() -> None:
    groups = key_duplicates([parameter("/team/web/port"), parameter("/team/api/port"), parameter("/team/web/host")], "/team")
    assert [(one.variable, [member.name for member in one.parameters]) for one in groups] == [
        ("PORT", ["/team/api/port", "/team/web/port"])
    ]
    assert groups[0].apps("/team") == ("api", "web")


def test_keys_that_become_one_variable_are_one_key() -> None:
    groups = key_duplicates([parameter("/team/web/db/host"), parameter("/team/api/db-host"), parameter("/team/job/DB_HOST")], "/team")
    assert [one.variable for one in groups] == ["DB_HOST"]
    assert groups[0].apps("/team") == ("api", "job", "web")


def test_two_spellings_within_one_app_are_no_duplicate_across_apps() -> None:
    assert key_duplicates([parameter("/team/web/a-b"), parameter("/team/web/a_b")], "/team") == ()


def test_a_parameter_of_no_app_takes_no_part() -> None:
    assert key_duplicates([parameter("/team/port"), parameter("/team/web/port")], "/team") == ()


def test_groups_of_keys_are_sorted_by_variable() -> None:
    names = [f"/team/{app}/{key}" for key in ("z", "a", "m") for app in ("web", "api")]
    assert [one.variable for one in key_duplicates(map(parameter, names), "/team")] == ["A", "M", "Z"]


def test_entries_of_a_catalogue_are_grouped_as_parameters_are_and_stay_entries() -> None:
    names = ("/team/web/port", "/team/api/port", "/team/api/host")
    entries = [entry_of(ParameterMetadata(name, "String", 1), "/team") for name in names]
    (group,) = key_duplicates(entries, "/team")
    assert [(one.app, one.variable) for one in group.parameters] == [("api", "PORT"), ("web", "PORT")]


def test_one_value_under_two_names_is_a_group_with_a_keyed_fingerprint() -> None:
    groups = value_duplicates([parameter("/team/web/b", "same"), parameter("/team/api/a", "same"), parameter("/team/web/c", "other")], KEY)
    assert [[one.name for one in group.parameters] for group in groups] == [["/team/api/a", "/team/web/b"]]
    assert groups[0].fingerprint == SecretValue("same").fingerprint(KEY)
    assert groups[0].value.reveal() == "same"


def test_the_largest_group_of_values_comes_first_and_then_the_first_by_name() -> None:
    twice = [parameter("/t/a/1", "x"), parameter("/t/a/2", "x"), parameter("/t/b/1", "y"), parameter("/t/b/2", "y")]
    thrice = [parameter(f"/t/c/{number}", "z") for number in range(3)]
    groups = value_duplicates([*twice[::-1], *thrice], KEY)
    assert [group.parameters[0].name for group in groups] == ["/t/c/0", "/t/a/1", "/t/b/1"]


def test_a_value_that_was_not_decrypted_equals_no_other() -> None:
    assert value_duplicates([parameter("/t/a/1", None), parameter("/t/a/2", None)], KEY) == ()


def test_no_group_shows_its_value() -> None:
    group = value_duplicates([parameter("/t/a/1", "made-up-sentinel"), parameter("/t/a/2", "made-up-sentinel")], KEY)[0]
    assert "made-up-sentinel" not in repr(group)


PARAMETERS = st.lists(
    st.builds(
        parameter,
        st.builds("/team/{}/{}".format, st.sampled_from(["a", "b", "c"]), st.sampled_from(["x", "X", "y-z", "y_z"])),
        st.sampled_from([None, "", "1", "2"]),
    ),
    unique_by=lambda one: one.name,
)


@given(PARAMETERS, st.randoms(use_true_random=False))
def test_neither_audit_depends_on_the_order_of_parameters(parameters: list[Parameter], random: Random) -> None:
    shuffled = random.sample(parameters, len(parameters))
    assert key_duplicates(shuffled, "/team") == key_duplicates(parameters, "/team")
    assert value_duplicates(shuffled, KEY) == value_duplicates(parameters, KEY)


@given(PARAMETERS)
def test_exactly_the_parameters_with_a_partner_are_in_a_group_of_values(parameters: list[Parameter]) -> None:
    values = [one.value for one in parameters]
    alike = {one.name for one in parameters if one.value is not None and values.count(one.value) > 1}
    assert {member.name for group in value_duplicates(parameters, KEY) for member in group.parameters} == alike
