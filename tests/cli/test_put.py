"""`put`: what it stores, what it refuses, and what it says."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from tests.conftest import Cli, Ssm
    from tests.support.faults import Faults


def test_a_pair_is_stored_under_the_app_of_the_directory_and_tagged_with_it(ssmm: Cli, ssm: Ssm) -> None:
    ran = ssmm("put", "KINTONE_API_TOKEN=made-up-token")
    assert ran.code == 0
    assert ssm.value("/myteam/my-app/kintone-api-token") == "made-up-token"
    assert ssm.get("/myteam/my-app/kintone-api-token")["Type"] == "SecureString"
    assert ssm.tags("/myteam/my-app/kintone-api-token") == {"app": "my-app"}


def test_the_plan_names_type_reason_and_length_but_never_the_value(ssmm: Cli, ssm: Ssm) -> None:
    ran = ssmm("put", "API_TOKEN=a-made-up-token-of-33-characters-", "SLACK_CHANNEL=C012")
    assert "new" in ran.out
    assert "SecureString [auto: default]" in ran.out
    assert "String [auto: suffix]" in ran.out
    assert "len=33" in ran.out
    assert "len<12" in ran.out
    assert "made-up" not in ran.out + ran.err
    assert "C012" not in ran.out + ran.err


def test_forced_types_are_named_as_forced(ssmm: Cli, ssm: Ssm) -> None:
    ran = ssmm("put", "METRICS_URL=http://x", "CERT_PATH=/x", "--plain", "METRICS_URL", "--secure", "CERT_PATH")
    assert ran.code == 0
    assert "String [forced: --plain-key]" in ran.out
    assert "SecureString [forced: --secure]" in ran.out
    assert ssm.get("/myteam/my-app/metrics-url")["Type"] == "String"
    assert ssm.get("/myteam/my-app/cert-path")["Type"] == "SecureString"


def test_an_env_file_goes_in_whole_with_quotes_and_lines(ssmm: Cli, ssm: Ssm) -> None:
    Path(".env").write_text(
        "# comment\nexport A='it is'\nB=\"two\nlines\"\nC=$NOT_EXPANDED\nD=@literal\nEMPTY=\nE='a\\'b'\n", encoding="utf-8"
    )
    ran = ssmm("put", "--env", ".env")
    assert ran.code == 0
    assert "EMPTY in .env is empty and was left out" in ran.err
    values = {name.rpartition("/")[2]: ssm.value(name) for name in ssm.names()}
    assert values == {"a": "it is", "b": "two\nlines", "c": "$NOT_EXPANDED", "d": "@literal", "e": "a'b"}


@pytest.mark.parametrize(
    ("file_format", "content"),
    [
        ("systemd", "A=\"it's\" ' two'\nB=x # y\n"),
        ("shell", "export A='it'\\''s two'\nexport B='x # y'\n"),
        ("dotenv", "export A=\"it's two\" # note\nB='x # y'\n"),
        ("node", "A=`it's two`\nB='x # y'\n"),
        ("godotenv", "A=\"it's two\"\nB='x # y'\n"),
        ("docker", "A=it's two\nB=x # y\n"),
        ("json", '{"A": "it\'s two", "B": "x # y"}'),
    ],
)
def test_a_file_without_our_header_is_read_by_the_format_that_is_said(ssmm: Cli, ssm: Ssm, file_format: str, content: str) -> None:
    Path("given").write_text(content, encoding="utf-8")
    ran = ssmm("put", "--env", "given", "--env-format", file_format)
    assert ran.code == 0, ran.err
    assert {name.rpartition("/")[2]: ssm.value(name) for name in ssm.names()} == {"a": "it's two", "b": "x # y"}


def test_a_file_in_another_format_than_was_said_stops_before_anything_is_written(ssmm: Cli, ssm: Ssm) -> None:
    Path("given").write_text("export A='made-up'\n", encoding="utf-8")
    ran = ssmm("put", "--env", "given", "--env-format", "docker")
    assert ran.code == 78
    assert "given: line 1 is not as the docker format has it" in ran.err
    assert "made-up" not in ran.err
    assert ssm.names() == []


def test_a_format_without_a_file_is_a_matter_of_usage(ssmm: Cli, ssm: Ssm) -> None:
    ran = ssmm("put", "A=x", "--env-format", "docker")
    assert ran.code == 2
    assert "--env-format is about the file of --env" in ran.err
    assert ssm.names() == []


def test_an_unchanged_value_is_not_written_again(ssmm: Cli, ssm: Ssm) -> None:
    ssmm("put", "TOKEN=made-up")
    ran = ssmm("put", "TOKEN=made-up")
    assert ran.code == 0
    assert "unchanged" in ran.out
    assert ssm.get("/myteam/my-app/token")["Version"] == 1


def test_values_come_from_files_and_stdin_exactly(ssmm: Cli, ssm: Ssm) -> None:
    Path("key.pem").write_bytes(b"-----BEGIN-----\r\nx\n-----END-----\n")
    ran = ssmm.process("put", "TLS_KEY=@key.pem", "AT=@@x", "TOKEN=-", stdin=b"  from stdin\n")
    assert ran.code == 0, ran.err
    assert ssm.value("/myteam/my-app/tls-key") == "-----BEGIN-----\r\nx\n-----END-----\n"
    assert ssm.value("/myteam/my-app/at") == "@x"
    assert ssm.value("/myteam/my-app/token") == "  from stdin\n"


def test_an_existing_parameter_keeps_what_nobody_asked_to_change(ssmm: Cli, ssm: Ssm) -> None:
    ssm.put("/myteam/my-app/db-url", "old", "String", Description="the database", AllowedPattern=".*", Tier="Advanced")
    ran = ssmm("put", "DB_URL=new")
    assert ran.code == 0
    assert "stays String (auto: default says SecureString; --overwrite-type changes it)" in ran.out
    about = ssm.describe("/myteam/my-app/db-url")
    assert (about["Type"], about["Tier"], about["Description"], about["AllowedPattern"]) == ("String", "Advanced", "the database", ".*")


def test_overwrite_type_advanced_and_kms_key_change_what_they_name(ssmm: Cli, ssm: Ssm) -> None:
    ssm.put("/myteam/my-app/db-url", "same", "String")
    ran = ssmm("put", "DB_URL=same", "--overwrite-type", "--advanced", "--kms-key-id", "alias/ours")
    assert ran.code == 0
    assert "type String -> SecureString" in ran.out
    about = ssm.describe("/myteam/my-app/db-url")
    assert (about["Type"], about["Tier"], about["KeyId"]) == ("SecureString", "Advanced", "alias/ours")


def test_an_existing_key_is_sent_again_with_a_new_value(ssmm: Cli, ssm: Ssm, faults: Faults) -> None:
    ssm.put("/myteam/my-app/token", "old", KeyId="alias/ours")
    assert ssmm("put", "TOKEN=new").code == 0
    sent = next(call.body for call in faults.calls if call.operation == "PutParameter")
    assert sent["KeyId"] == "alias/ours"
    assert sent["Tier"] == "Standard"


def test_tags_missing_on_an_unchanged_value_are_added(ssmm: Cli, ssm: Ssm) -> None:
    ssm.put("/myteam/my-app/token", "same")
    ran = ssmm("put", "TOKEN=same", "--tag", "owner=backend")
    assert ran.code == 0
    assert ssm.tags("/myteam/my-app/token") == {"app": "my-app", "owner": "backend"}
    assert ssm.get("/myteam/my-app/token")["Version"] == 1


def test_a_value_stored_without_its_tags_is_reported_and_fails(ssmm: Cli, ssm: Ssm, faults: Faults) -> None:
    ssm.put("/myteam/my-app/token", "old")
    faults.deny("AddTagsToResource")
    ran = ssmm("put", "TOKEN=new")
    assert ran.code == 1
    assert "stored, but without its tags (app=my-app)" in ran.err
    assert ssm.value("/myteam/my-app/token") == "new"


def test_a_dry_run_writes_nothing(ssmm: Cli, ssm: Ssm) -> None:
    assert ssmm("put", "TOKEN=x", "--dry-run").code == 0
    assert ssm.names() == []


def test_no_overwrite_refuses_the_whole_put(ssmm: Cli, ssm: Ssm) -> None:
    ssm.put("/myteam/my-app/token", "old")
    ran = ssmm("put", "TOKEN=new", "OTHER=x", "--no-overwrite")
    assert ran.code == 78
    assert "/myteam/my-app/token" in ran.err
    assert ssm.names() == ["/myteam/my-app/token"]


def test_names_that_would_come_back_different_are_refused_by_name(ssmm: Cli, ssm: Ssm) -> None:
    ran = ssmm("put", "dbUrl=x", "http_proxy=y")
    assert ran.code == 78
    assert "dbUrl -> DBURL" in ran.err
    assert "http_proxy -> HTTP_PROXY" in ran.err
    assert ssmm("put", "dbUrl=x", "--accept-renames").code == 0
    assert ssm.names() == ["/myteam/my-app/dburl"]


def test_another_writer_between_plan_and_write_is_not_overwritten(ssmm: Cli, ssm: Ssm, faults: Faults) -> None:
    ssm.put("/myteam/my-app/token", "old")
    faults.meanwhile("GetParameters", lambda: ssm.put("/myteam/my-app/token", "theirs"), skip=1)
    ran = ssmm("put", "TOKEN=ours")
    assert ran.code == 1
    assert "has become version 2 since the plan was made from version 1" in ran.err
    assert ssm.value("/myteam/my-app/token") == "theirs"


def test_a_lost_race_is_reported(ssmm: Cli, ssm: Ssm, faults: Faults) -> None:
    ssm.put("/myteam/my-app/token", "old")
    faults.meanwhile("PutParameter", lambda: ssm.put("/myteam/my-app/token", "theirs"))
    ran = ssmm("put", "TOKEN=ours")
    assert ran.code == 1
    assert "is now at version 3, not 2: another writer was there" in ran.err


def test_a_create_that_somebody_else_won_is_reported(ssmm: Cli, ssm: Ssm, faults: Faults) -> None:
    faults.meanwhile("PutParameter", lambda: ssm.put("/myteam/my-app/token", "theirs"))
    ran = ssmm("put", "TOKEN=ours")
    assert ran.code == 1
    assert "was created by somebody else" in ran.err
    assert ssm.value("/myteam/my-app/token") == "theirs"


@pytest.mark.parametrize("before", [False, True])
def test_a_lost_reply_is_settled_by_reading_back(ssmm: Cli, ssm: Ssm, faults: Faults, before: bool) -> None:
    ssm.put("/myteam/my-app/token", "old")
    faults.lose_reply("PutParameter", before=before)
    ran = ssmm("put", "TOKEN=ours")
    assert ran.code == 0, ran.err
    assert ssm.value("/myteam/my-app/token") == "ours"
    assert ssm.get("/myteam/my-app/token")["Version"] == 2


def test_without_the_right_to_decrypt_values_count_as_changed_and_are_written(ssmm: Cli, ssm: Ssm, faults: Faults) -> None:
    ssm.put("/myteam/my-app/token", "old")
    denied = "User is not authorized to perform: kms:Decrypt on resource: arn:aws:kms:eu-central-1:123456789012:key/x"
    faults.refuse("GetParameters", "AccessDeniedException", denied, when=lambda body: body["WithDecryption"])
    faults.refuse("GetParameter", "AccessDeniedException", denied)
    ran = ssmm("put", "TOKEN=new")
    assert ran.code == 0, ran.err
    assert "values cannot be compared" in ran.err
    assert ssm.value("/myteam/my-app/token") == "new"


def test_without_describe_and_list_tags_it_still_puts_and_says_what_it_does_not_know(ssmm: Cli, ssm: Ssm, faults: Faults) -> None:
    ssm.put("/myteam/my-app/token", "old")
    faults.deny("DescribeParameters")
    faults.deny("ListTagsForResource")
    ran = ssmm("put", "TOKEN=new")
    assert ran.code == 0
    assert "left as the service has them" in ran.err
    assert "present tags are not known" in ran.err


def test_a_description_is_taken_away_by_an_empty_one(ssmm: Cli, ssm: Ssm) -> None:
    ssm.put("/myteam/my-app/token", "made-up", Description="of old")
    assert ssmm("put", "TOKEN=made-up", "--description", "").code == 0
    assert not ssm.describe("/myteam/my-app/token").get("Description")
    again = ssmm("put", "TOKEN=made-up", "--description", "", "--dry-run")
    assert "unchanged" in again.out


def test_names_that_delivery_will_refuse_or_leave_out_are_told_in_the_plan(ssmm: Cli, endpoint: str) -> None:
    own = ssmm("put", "LD_PRELOAD=made-up", "HTTPS_PROXY=made-up", "--dry-run")
    assert "Warning: LD_PRELOAD belongs to the loader, a shell or systemd: delivered only with --allow-name LD_PRELOAD\n" in own.err
    assert "HTTPS_PROXY" not in own.err
    shared = ssmm("put", "--app", "shared", "LD_PRELOAD=made-up", "HTTPS_PROXY=made-up", "--dry-run")
    assert "Warning: LD_PRELOAD belongs to the loader, a shell or systemd: never delivered from here\n" in shared.err
    assert "Warning: HTTPS_PROXY steers programs, and is not delivered from what is shared" in shared.err
