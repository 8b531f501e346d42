"""What is filled in while a parameter is edited, and what is said of it."""

from __future__ import annotations

from typing import Any

import pytest

from ssmm_core.changes.edit import Draft
from ssmm_core.errors import SsmmError
from ssmm_core.operations.snapshot import Snapshot
from ssmm_core.secret import SecretValue
from ssmm_tui.drafting import COSTS, Drafting, Filled

ROOT = "/team"


def new() -> Drafting:
    return Drafting(ROOT, "eu-central-1", None, {"/team/web/taken"})


def existing(**fields: Any) -> Drafting:
    held = Snapshot("/team/web/db-url", SecretValue("made-up"), "SecureString", 3, {"app": "web", "env": "prod"}, key_id="alias/aws/ssm")
    return Drafting(ROOT, "eu-central-1", held.replace(**fields))


def filled(**fields: Any) -> Filled:
    given = {"app": "web", "key": "db-url", "value": SecretValue("made-up"), "type": "SecureString", "tier": "Standard", **fields}
    return Filled(**given)


def as_loaded(drafting: Drafting) -> Filled:
    assert drafting.loaded is not None
    return drafting.filled(Draft.of(drafting.loaded))


@pytest.mark.parametrize(
    ("key", "name"),
    [
        ("db-url", "/team/web/db-url"),
        ("DB_URL", "/team/web/db-url"),
        ("db_url", "/team/web/db_url"),
        ("db/read.host", "/team/web/db/read.host"),
    ],
)
def test_a_variable_s_name_becomes_the_key_that_put_would_write(key: str, name: str) -> None:
    assert new().name(filled(key=key)) == name


@pytest.mark.parametrize(
    ("fields", "said"),
    [
        ({"key": "two words"}, "is not a parameter's name"),
        ({"key": "/team/web/x"}, "does not begin with /"),
        ({"key": "a/../b"}, "is not a parameter's name"),
        ({"app": "two words"}, "is not one path segment"),
        ({"key": "k" * 2000}, "characters"),
    ],
)
def test_a_name_that_cannot_be_is_refused(fields: dict[str, str], said: str) -> None:
    assert said in new().troubles(filled(**fields))[0].text
    with pytest.raises(SsmmError):
        new().name(filled(**fields))


@pytest.mark.parametrize("key", ["taken", "TAKEN"])
def test_a_name_that_is_taken_is_refused(key: str) -> None:
    assert [one.text for one in new().troubles(filled(key=key))] == ["/team/web/taken exists already. Edit it, or choose another name."]


@pytest.mark.parametrize(
    ("fields", "field", "said"),
    [
        ({"value": SecretValue("x" * 4097)}, "value", "4,097 bytes of at most 4,096: choose Advanced"),
        ({"value": SecretValue("ä" * 4097), "tier": "Advanced"}, "value", "8,194 bytes of at most 8,192: Parameter Store holds no more"),
        ({"value": SecretValue("a {{ssm:b}}")}, "value", "refuses as a reference"),
        ({"value": SecretValue("a\0b")}, "value", "NUL"),
        ({"key_id": "not a key"}, "key-id", "is not a KMS key"),
        ({"description": "x" * 1025}, "description", "1025 characters"),
        ({"tags": "owner"}, "tags", "is not of the form KEY=VALUE"),
        ({"tags": "app=web"}, "tags", "the tag app is reserved"),
        ({"tags": "a=1 a=2"}, "tags", "given twice"),
        ({"tags": "'a=1"}, "tags", "a quote among the tags is not closed"),
        ({"tags": " ".join(f"k{number}=v" for number in range(50))}, "tags", "would have 51 tags"),
    ],
)
def test_what_is_wrong_is_told_with_its_field(fields: dict[str, Any], field: str, said: str) -> None:
    (trouble,) = new().troubles(filled(**fields))
    assert trouble.field == field
    assert said in trouble.text
    assert "made-up" not in trouble.text


def test_what_is_empty_is_missing_and_not_wrong() -> None:
    blank = new().blank("web")
    assert new().missing(blank) == ("key", "value")
    assert new().troubles(blank) == []


def test_a_kms_key_is_only_for_what_is_encrypted() -> None:
    plain = filled(type="String", key_id="not a key")
    assert new().troubles(plain) == []
    assert new().draft(plain).key_id == ""


def test_a_parameter_that_nobody_touched_makes_a_draft_that_changes_nothing() -> None:
    tags = {"app": "web", "team": "two words", "aws:cloudformation:stack-name": "x", "odd=key": "y", "empty": ""}
    drafting = existing(description="two\nlines\t", value=SecretValue("a\r\nb\n"), tags=tags)
    assert drafting.loaded is not None
    untouched = as_loaded(drafting)
    assert drafting.troubles(untouched) == []
    assert drafting.draft(untouched) == Draft.of(drafting.loaded)


def test_tags_that_are_nobody_s_to_write_stay_when_others_change() -> None:
    drafting = existing(tags={"app": "web", "aws:x": "1", "env": "prod"})
    assert drafting.draft(filled(tags="env=test")).tags == {"app": "web", "aws:x": "1", "env": "test"}


def test_a_description_cannot_be_taken_away() -> None:
    drafting = existing(description="The main one")
    assert [one.field for one in drafting.troubles(filled(description=""))] == ["description"]
    assert existing().troubles(filled(description="")) == []


@pytest.mark.parametrize(
    ("drafting", "fields", "reason"),
    [
        (new(), {}, "by its name"),
        (new(), {"key": "log-path", "type": "String"}, "by its name"),
        (new(), {"type": "String"}, "as chosen"),
        (new(), {"key": "log-path"}, "as chosen"),
        (existing(), {}, "as loaded"),
        (existing(), {"type": "StringList"}, "as chosen"),
    ],
)
def test_a_type_has_its_reason(drafting: Drafting, fields: dict[str, str], reason: str) -> None:
    assert drafting.type_reason(filled(**fields)) == reason


def test_what_costs_or_uncovers_is_said() -> None:
    assert COSTS in new().hints(filled(tier="Advanced"), {})
    assert COSTS not in existing(tier="Advanced").hints(filled(tier="Advanced"), {})
    assert "It will no longer be encrypted." in existing().hints(filled(type="String"), {})
    assert "Going by its name it would be a SecureString." in new().hints(filled(type="String"), {})
    assert "Parameter Store takes only what matches ^a" in existing(allowed_pattern="^a").hints(filled(), {})


def test_tags_that_look_mistyped_are_pointed_out() -> None:
    assert "shard=true is close to shared=true" in new().hints(filled(tags="shard=true"), {("shared", "true"): 12})[0]
    assert new().hints(filled(tags="'shard=true"), {}) == []


def test_the_size_is_told_against_the_tier_but_not_of_a_short_value() -> None:
    assert new().size(filled(value=SecretValue("ä" * 156))) == "312 of 4,096 bytes"
    assert new().size(filled(value=SecretValue("x" * 5000), tier="Advanced")) == "5,000 of 8,192 bytes"
    assert {new().size(filled(value=SecretValue("x" * length))) for length in range(12)} == {"under 12 of 4,096 bytes"}
