"""Creating and editing one parameter, restoring a version of it, and taking any of that back."""

from __future__ import annotations

import itertools
from typing import Literal

import pytest
from hypothesis import HealthCheck, given
from hypothesis import settings as examples
from hypothesis import strategies as st

from ssmm_core.changes import Access, edit, restore_version
from ssmm_core.changes.edit import Draft
from ssmm_core.errors import ChangedUnderneath, ConflictError, InvalidInput, NotFound, SsmmError, UsageError
from ssmm_core.models import SECURE
from ssmm_core.secret import SecretValue
from tests.changes.conftest import applied, carry_out, errors, picture, statuses
from tests.conftest import Ssm
from tests.support.faults import Faults

TOKEN = "/myteam/web/token"


@pytest.fixture
def token(ssm: Ssm) -> Ssm:
    ssm.put(TOKEN, "made-up", tags={"app": "web", "env": "dev"}, Description="for tests")
    return ssm


def new(name: str = TOKEN, **fields: object) -> Draft:
    plain = {"value": SecretValue("made-up"), "type": SECURE, "tier": "Standard", "key_id": "", "description": "", "tags": {}}
    return Draft(name=name, **(plain | fields))


def edited(access: Access, **fields: object) -> tuple[Draft, edit.Snapshot]:
    loaded = edit.load(access, TOKEN)
    return Draft.of(loaded).replace(**fields), loaded


def tag_by_hand(ssm: Ssm, key: str, value: str) -> None:
    ssm.client.add_tags_to_resource(ResourceType="Parameter", ResourceId=TOKEN, Tags=[{"Key": key, "Value": value}])


def test_a_new_parameter_gets_its_fields_and_the_tag_of_its_app(access: Access, ssm: Ssm) -> None:
    change = applied(edit.plan(access, new(description="for tests", tags={"owner": "us"}), loaded=None))
    assert [(line.sign, line.what) for line in change.lines] == [("+", "SecureString; tags owner=us, app=web")]
    assert change.values == ((TOKEN, None, SecretValue("made-up")),)
    assert ssm.tags(TOKEN) == {"app": "web", "owner": "us"}
    told = ssm.describe(TOKEN)
    assert (told["Description"], told["KeyId"], told["Version"]) == ("for tests", "alias/aws/ssm", 1)


def test_undoing_a_creation_deletes_it_after_a_backup_and_undoing_that_brings_it_back(access: Access, ssm: Ssm) -> None:
    change = applied(edit.plan(access, new(tags={"owner": "us"}), loaded=None))
    before = picture(ssm)
    undo = applied(change.undo())
    assert undo.backup
    assert ssm.names() == []
    back = undo.undo()
    assert back is not None
    assert any("30 s" in warning for warning in back.warnings)
    applied(back)
    assert picture(ssm) == before


def test_a_name_that_exists_is_not_created_over(access: Access, token: Ssm) -> None:
    with pytest.raises(ConflictError, match="exists already"):
        edit.plan(access, new(), loaded=None)


def test_a_name_that_somebody_creates_meanwhile_is_not_created_over(access: Access, ssm: Ssm) -> None:
    change = edit.plan(access, new(), loaded=None)
    ssm.put(TOKEN, "theirs")
    assert errors(carry_out(change)) == [f"{TOKEN} has become version 1 since the plan was made from its absence"]
    assert ssm.value(TOKEN) == "theirs"
    assert change.undo() is None


def test_the_line_names_the_fields_that_change(access: Access, token: Ssm) -> None:
    draft, loaded = edited(
        access, value=SecretValue("rotated"), description="others", key_id="alias/ours", tags={"app": "web", "owner": "us"}
    )
    change = edit.plan(access, draft, loaded=loaded)
    assert [line.what for line in change.lines] == [
        (
            "value, KMS key alias/ours instead of alias/aws/ssm, description 'others' instead of 'for tests'; "
            "tag owner=us added; tag env removed"
        )
    ]
    applied(change)
    told = token.describe(TOKEN)
    assert (told["Description"], told["KeyId"], told["Version"]) == ("others", "alias/ours", 2)
    assert token.value(TOKEN) == "rotated"
    assert token.tags(TOKEN) == {"app": "web", "owner": "us"}


def test_tags_alone_burn_no_version(access: Access, token: Ssm) -> None:
    draft, loaded = edited(access, tags={"app": "web"})
    change = applied(edit.plan(access, draft, loaded=loaded))
    assert token.get(TOKEN)["Version"] == 1
    applied(change.undo())
    assert token.get(TOKEN)["Version"] == 1
    assert token.tags(TOKEN) == {"app": "web", "env": "dev"}


def test_a_draft_that_changes_nothing_is_empty(access: Access, token: Ssm) -> None:
    draft, loaded = edited(access)
    assert edit.plan(access, draft, loaded=loaded).is_empty


def test_leaving_encryption_and_the_standard_tier_is_warned_of(access: Access, token: Ssm) -> None:
    draft, loaded = edited(access, type="String", tier="Advanced")
    change = applied(edit.plan(access, draft, loaded=loaded))
    assert [warning.split(",")[0] for warning in change.warnings] == [
        f"{TOKEN} will no longer be encrypted",
        "AWS charges for an advanced parameter",
    ]
    undo = change.undo()
    assert undo is not None
    assert undo.warnings == (f"{TOKEN} stays in the tier Advanced, which the service does not take back",)
    applied(undo)
    assert (token.get(TOKEN)["Type"], token.describe(TOKEN)["Tier"]) == (SECURE, "Advanced")


@pytest.mark.parametrize(
    ("description", "what"),
    [("", "description 'for tests' removed"), ("two\nlines", "description 'two\\nlines' instead of 'for tests'")],
)
def test_the_line_quotes_the_description_before_and_after(access: Access, token: Ssm, description: str, what: str) -> None:
    draft, loaded = edited(access, description=description)
    assert [line.what for line in edit.plan(access, draft, loaded=loaded).lines] == [what]


@pytest.mark.parametrize("type", ["String", "StringList"])
def test_a_secret_s_name_without_encryption_is_warned_of(access: Access, ssm: Ssm, type: Literal["String", "StringList"]) -> None:
    plain = new("/myteam/web/api-token", type=type)
    assert edit.plan(access, plain, loaded=None).warnings == (
        f"/myteam/web/api-token is not encrypted as a {type}; going by its name it would be a SecureString",
    )
    assert edit.plan(access, new("/myteam/web/http-port", type=type), loaded=None).warnings == ()


@pytest.mark.parametrize(
    "fields",
    [
        {"value": SecretValue("")},
        {"value": SecretValue("x" * 5000)},
        {"value": SecretValue("{{ssm:x}}")},
        {"description": "x" * 1025},
        {"key_id": "not a key!"},
        {"tags": {"app": "web", "owner": "#"}},
        {"tags": {"app": "web", "aws:x": "y"}},
        {"tags": {f"key-{number}": "" for number in range(51)} | {"app": "web"}},
        {"tags": {"app": "other"}},
        {"tags": {}},
    ],
    ids=["empty", "large", "reference", "description", "key", "tag", "aws", "tags", "app", "no-app"],
)  # fmt: skip
def test_what_the_service_would_refuse_is_refused_before_anything_is_sent(access: Access, token: Ssm, fields: dict[str, object]) -> None:
    draft, loaded = edited(access, **fields)
    with pytest.raises((InvalidInput, UsageError)):
        edit.plan(access, draft, loaded=loaded)


def test_a_bad_name_and_another_app_are_refused_for_a_new_parameter(access: Access, ssm: Ssm) -> None:
    with pytest.raises(InvalidInput):
        edit.plan(access, new("/myteam/web/a b"), loaded=None)
    with pytest.raises(UsageError):
        edit.plan(access, new(tags={"app": "other"}), loaded=None)


def test_a_description_is_emptied_and_comes_back(access: Access, token: Ssm) -> None:
    draft, loaded = edited(access, description="")
    change = applied(edit.plan(access, draft, loaded=loaded))
    assert not token.describe(loaded.name).get("Description")
    undo = change.undo()
    assert undo is not None
    applied(undo)
    assert token.describe(loaded.name)["Description"] == loaded.description


def test_a_description_that_was_added_goes_again(access: Access, token: Ssm) -> None:
    token.put("/myteam/web/bare", "made-up")
    bare = edit.load(access, "/myteam/web/bare")
    undo = applied(edit.plan(access, Draft.of(bare).replace(description="new"), loaded=bare)).undo()
    assert undo is not None
    applied(undo)
    assert not token.describe("/myteam/web/bare").get("Description")


def test_an_advanced_parameter_does_not_become_a_standard_one(access: Access, ssm: Ssm) -> None:
    ssm.put(TOKEN, "made-up", Tier="Advanced")
    draft, loaded = edited(access, tier="Standard")
    with pytest.raises(InvalidInput, match="advanced parameter"):
        edit.plan(access, draft, loaded=loaded)


def test_a_parameter_that_is_no_longer_as_it_was_loaded_is_refused_at_once(access: Access, token: Ssm) -> None:
    draft, loaded = edited(access, value=SecretValue("rotated"))
    tag_by_hand(token, "env", "prod")
    with pytest.raises(ChangedUnderneath, match="is not as it was since version 1 was loaded"):
        edit.plan(access, draft, loaded=loaded)
    token.put(TOKEN, "theirs")
    with pytest.raises(ChangedUnderneath, match="is at version 2 now since version 1 was loaded"):
        edit.plan(access, draft, loaded=loaded)
    token.client.delete_parameter(Name=TOKEN)
    with pytest.raises(ChangedUnderneath, match="was deleted"):
        edit.plan(access, draft, loaded=loaded)
    with pytest.raises(NotFound):
        edit.load(access, TOKEN)


def test_another_writer_between_plan_and_write_is_refused_and_a_retry_keeps_what_is_theirs(access: Access, token: Ssm) -> None:
    draft, loaded = edited(access, description="ours", tags={"app": "web", "owner": "us"})
    change = edit.plan(access, draft, loaded=loaded)
    token.put(TOKEN, "theirs", Description="for tests")
    tag_by_hand(token, "env", "prod")
    outcome = carry_out(change)
    assert statuses(outcome) == {"web/token": "failed"}
    assert change.undo() is None
    retry = edit_again = change.retry(outcome)
    assert retry.warnings == (f"{TOKEN} is at version 2 now; version 1 was loaded",)
    applied(edit_again)
    assert (token.value(TOKEN), token.describe(TOKEN)["Description"]) == ("theirs", "ours")
    assert token.tags(TOKEN) == {"app": "web", "owner": "us"}


def test_tags_that_somebody_changed_stop_the_value_too(access: Access, token: Ssm) -> None:
    draft, loaded = edited(access, value=SecretValue("rotated"), tags={"app": "web", "env": "prod"})
    change = edit.plan(access, draft, loaded=loaded)
    tag_by_hand(token, "env", "theirs")
    assert errors(carry_out(change)) == [f"the tag env of {TOKEN} changed since it was looked at"]
    assert token.get(TOKEN)["Version"] == 1


def test_a_lost_reply_is_settled_by_reading_back(faulty: Access, token: Ssm, faults: Faults) -> None:
    draft, loaded = edited(faulty, value=SecretValue("rotated"))
    change = edit.plan(faulty, draft, loaded=loaded)
    faults.lose_reply("PutParameter")
    applied(change)
    assert token.get(TOKEN)["Version"] == 2


def test_a_value_without_its_tags_is_told_and_can_be_completed_or_taken_back(faulty: Access, token: Ssm, faults: Faults) -> None:
    before = picture(token)
    draft, loaded = edited(faulty, value=SecretValue("rotated"), tags={"app": "web", "owner": "us"})
    change = edit.plan(faulty, draft, loaded=loaded)
    faults.deny("RemoveTagsFromResource", times=1)
    outcome = carry_out(change)
    assert errors(outcome)[0].startswith(f"{TOKEN} is stored, but without its tags (+owner=us -env)")
    assert [line.what for line in change.retry(outcome).lines] == ["tag owner=us added; tag env removed"]
    applied(change.undo())
    assert picture(token) == before


def test_a_write_whose_every_reply_is_lost_is_found_and_taken_back(faulty: Access, token: Ssm, faults: Faults) -> None:
    draft, loaded = edited(faulty, value=SecretValue("rotated"))
    change = edit.plan(faulty, draft, loaded=loaded)
    faults.lose_reply("PutParameter")
    faults.refuse("GetParameters", "InternalServerError", status=500, skip=1, times=2)
    outcome = carry_out(change)
    assert statuses(outcome) == {"web/token": "failed"}
    assert token.value(TOKEN) == "rotated"
    applied(change.undo())
    assert token.value(TOKEN) == "made-up"


def test_what_somebody_wrote_before_a_retry_is_what_its_undo_brings_back(faulty: Access, token: Ssm, faults: Faults) -> None:
    draft, loaded = edited(faulty, value=SecretValue("rotated"), tags={"app": "web", "env": "prod"})
    change = edit.plan(faulty, draft, loaded=loaded)
    faults.deny("AddTagsToResource", times=1)
    outcome = carry_out(change)
    assert token.value(TOKEN) == "rotated"
    token.put(TOKEN, "their value")
    tag_by_hand(token, "env", "test")
    undo = applied(change.retry(outcome)).undo()
    assert token.value(TOKEN) == "rotated"
    applied(undo)
    assert token.value(TOKEN) == "their value"
    assert token.tags(TOKEN) == {"app": "web", "env": "test"}


def test_undo_refuses_what_somebody_wrote_since(access: Access, token: Ssm) -> None:
    draft, loaded = edited(access, value=SecretValue("rotated"))
    change = applied(edit.plan(access, draft, loaded=loaded))
    token.put(TOKEN, "theirs")
    undo = change.undo()
    assert undo is not None
    assert errors(carry_out(undo)) == [f"{TOKEN} has become version 3 since the plan was made from version 2"]
    assert token.value(TOKEN) == "theirs"


def test_undo_does_not_delete_what_somebody_created_anew(access: Access, ssm: Ssm) -> None:
    change = applied(edit.plan(access, new(), loaded=None))
    ssm.client.delete_parameter(Name=TOKEN)
    ssm.put(TOKEN, "made-up")
    undo = change.undo()
    assert undo is not None
    assert errors(carry_out(undo)) == [f"{TOKEN} was deleted and created anew since version 1 was looked at"]
    assert ssm.value(TOKEN) == "made-up"


def test_what_was_done_is_looked_up_later_where_it_cannot_be_right_away(faulty: Access, token: Ssm, faults: Faults) -> None:
    draft, loaded = edited(faulty, value=SecretValue("rotated"))
    change = edit.plan(faulty, draft, loaded=loaded)
    faults.refuse("GetParameters", "AccessDeniedException", skip=1, times=2)
    assert statuses(carry_out(change)) == {"web/token": "done"}
    with pytest.raises(SsmmError):
        change.undo()
    applied(change.undo())
    assert token.value(TOKEN) == "made-up"


TAGS = st.dictionaries(st.sampled_from(["owner", "env", "tier"]), st.sampled_from(["a", "b"]), max_size=3)
FIELDS = st.fixed_dictionaries(
    {
        "value": st.sampled_from(["made-up-1", "made-up-2"]).map(SecretValue),
        "type": st.sampled_from(["String", "SecureString", "StringList"]),
        "description": st.sampled_from(["one", "two"]),
        "tags": TAGS.map(lambda tags: {**tags, "app": "web"}),
    }
)
NUMBERS = itertools.count()


@examples(max_examples=12, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(FIELDS, FIELDS)
def test_undo_leaves_all_as_it_was_and_undoing_the_undo_as_it_became(
    access: Access, ssm: Ssm, first: dict[str, object], second: dict[str, object]
) -> None:
    name = f"/myteam/web/key-{next(NUMBERS)}"
    applied(edit.plan(access, new(name, **first), loaded=None))
    before = picture(ssm)
    loaded = edit.load(access, name)
    change = applied(edit.plan(access, new(name, **second), loaded=loaded))
    after = picture(ssm)
    undo = change.undo()
    assert (undo is None) is change.is_empty
    if undo is None:
        return
    applied(undo)
    assert picture(ssm) == before
    applied(undo.undo())
    assert picture(ssm) == after
    ssm.client.delete_parameter(Name=name)


def test_a_version_comes_back_as_a_new_one_with_its_type(access: Access, ssm: Ssm) -> None:
    ssm.put(TOKEN, "first", "String", tags={"app": "web"})
    ssm.put(TOKEN, "second", SECURE, Description="newer")
    before = picture(ssm)
    change = restore_version.plan(access, TOKEN, 1)
    assert change.title == f"Restore version 1 of {TOKEN}"
    assert [line.what for line in change.lines] == ["value, type String instead of SecureString"]
    applied(change)
    held = ssm.get(TOKEN)
    assert (held["Value"], held["Type"], held["Version"]) == ("first", "String", 3)
    assert ssm.describe(TOKEN)["Description"] == "newer"
    applied(change.undo())
    assert picture(ssm) == before


def test_a_version_that_is_gone_or_already_the_value_is_told(access: Access, token: Ssm) -> None:
    with pytest.raises(NotFound):
        restore_version.plan(access, TOKEN, 9)
    with pytest.raises(NotFound):
        restore_version.plan(access, "/myteam/web/none", 1)
    assert restore_version.plan(access, TOKEN, 1).is_empty


def test_a_version_is_not_restored_over_another_writer_and_a_retry_plans_anew(access: Access, token: Ssm) -> None:
    token.put(TOKEN, "second")
    change = restore_version.plan(access, TOKEN, 1)
    token.put(TOKEN, "theirs")
    outcome = carry_out(change)
    assert statuses(outcome) == {"web/token": "failed"}
    applied(change.retry(outcome))
    assert (token.value(TOKEN), token.get(TOKEN)["Version"]) == ("made-up", 4)
