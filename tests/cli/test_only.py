"""What is asked for by name: it is delivered alone, with no right to list, and nothing else is asked of the store."""

from __future__ import annotations

import json
import os
from pathlib import Path

import pytest

from tests.conftest import ROOT, Cli, Ran, Ssm
from tests.support.faults import Faults

LISTING = "GetParametersByPath"
APP = f"{ROOT}/my-app"


@pytest.fixture
def parameters(ssm: Ssm) -> Ssm:
    ssm.put(f"{APP}/token", "sentinel-token")
    ssm.put(f"{APP}/db/primary.url", "sentinel-url")
    ssm.put(f"{APP}/log-level", "sentinel-debug", "String")
    ssm.put(f"{APP}/other", "sentinel-other")
    ssm.put(f"{ROOT}/shared/log-level", "sentinel-info", "String")
    ssm.put(f"{ROOT}/shared/region", "sentinel-region", "String")
    return ssm


def delivered(ran: Ran) -> dict[str, str]:
    """The variables of a sync to standard output."""
    assert ran.code == 0, ran.err
    found: dict[str, str] = json.loads(ran.out)
    return found


SYNC = ("sync", "--out", "-", "--format", "json")


@pytest.mark.usefixtures("parameters")
def test_a_unit_without_the_right_to_list_gets_what_it_names(ssmm: Cli, faults: Faults) -> None:
    faults.deny(LISTING)
    Path(".env.example").write_text("# made up\nTOKEN=example\nREGION=\nPORT?=8080\n", encoding="utf-8")
    ran = ssmm(*SYNC, "--names-from", ".env.example", "--only", "LOG_LEVEL", "DATABASE_URL=db/primary.url", "DEBUG?")
    expected = {"TOKEN": "sentinel-token", "REGION": "sentinel-region", "LOG_LEVEL": "sentinel-debug", "DATABASE_URL": "sentinel-url"}
    assert delivered(ran) == expected
    assert f"LOG_LEVEL: {ROOT}/shared/log-level (shared) is overridden by {APP}/log-level (app my-app)" in ran.err


@pytest.mark.usefixtures("parameters")
def test_what_the_app_has_takes_one_call_and_no_listing(ssmm: Cli, faults: Faults) -> None:
    assert delivered(ssmm(*SYNC, "--only", "TOKEN", "LOG_LEVEL", "URL=db/primary.url")).keys() == {"TOKEN", "LOG_LEVEL", "URL"}
    assert [call.operation for call in faults.calls] == ["GetParameters"]
    assert not [name for name in faults.calls[0].body["Names"] if name.endswith("/other")]


@pytest.mark.usefixtures("parameters")
def test_what_may_only_be_listed_is_as_it_was(ssmm: Cli, faults: Faults) -> None:
    faults.deny("GetParameters")
    assert delivered(ssmm(*SYNC, "--only", "TOKEN", "REGION")) == {"TOKEN": "sentinel-token", "REGION": "sentinel-region"}


@pytest.mark.usefixtures("parameters")
def test_a_key_spelled_as_nobody_would_guess_is_found_by_listing_and_no_other_value_is_decrypted(
    ssmm: Cli, ssm: Ssm, faults: Faults
) -> None:
    ssm.put(f"{APP}/Smtp-pass_word", "sentinel-smtp")
    assert delivered(ssmm(*SYNC, "--only", "SMTP_PASS_WORD", "TOKEN")) == {"SMTP_PASS_WORD": "sentinel-smtp", "TOKEN": "sentinel-token"}
    listings = [call.body for call in faults.calls if call.operation == LISTING]
    assert listings
    assert not any(body["WithDecryption"] for body in listings)


@pytest.mark.usefixtures("parameters")
def test_names_in_no_layer_are_told_and_what_could_not_be_looked_for(ssmm: Cli, faults: Faults) -> None:
    ran = ssmm("sync", "--out", "env", "--only", "TOKEN", "MISTYPED", "GONE=sentinel/key", "ABSENT?")
    assert ran.code == 78
    assert "asked for with --only, but in no layer: GONE, MISTYPED. Nothing was delivered." in ran.err
    faults.deny(LISTING)
    denied = ssmm("sync", "--out", "env", "--only", "TOKEN", "MISTYPED", "GONE=sentinel/key", "ABSENT?")
    assert denied.code == 78
    assert "asked for with --only, but in no layer: GONE, MISTYPED." in denied.err
    assert f"ssm:GetParametersByPath on {ROOT}/shared, {APP} is not allowed" in denied.err
    assert "--only MISTYPED=KEY" in denied.err
    assert "sentinel" not in ran.err + denied.err
    assert not Path("env").exists()


@pytest.mark.parametrize("value", ["sentinel value", "postgres://u:sentinel@db", "sentinel", "/sentinel/a/b", "a/b/sentinel", ""])
@pytest.mark.usefixtures("parameters")
def test_a_value_in_a_parameters_place_is_never_repeated(ssmm: Cli, faults: Faults, value: str) -> None:
    for flags in ((), ("--no-shared",), ("--strict",)):
        ran = ssmm("exec", *flags, "--only", f"TOKEN={value}", "--", "true")
        assert ran.code == 78
        assert "TOKEN" in ran.err
        assert "sentinel" not in ran.err
    faults.deny(LISTING)
    faults.deny("GetParameters")
    assert "sentinel" not in ssmm("exec", "--no-shared", "--only", f"TOKEN={value}", "--", "true").err


@pytest.mark.usefixtures("parameters")
def test_a_service_that_throttles_is_told_without_what_was_typed(ssmm: Cli, faults: Faults) -> None:
    faults.refuse("GetParameters", "ThrottlingException", "Rate exceeded")
    ran = ssmm("exec", "--timeout", "0.5", "--no-shared", "--only", "TOKEN=sentinel", "--", "true")
    assert ran.code == 75
    assert "sentinel" not in ran.err


@pytest.mark.usefixtures("parameters")
def test_where_all_may_be_missing_nothing_is_delivered(ssmm: Cli) -> None:
    assert delivered(ssmm(*SYNC, "--only", "ABSENT?", "GONE?=no/such")) == {}
    assert ssmm.process("exec", "--quiet", "--only", "ABSENT?", "--", "echo", "started").out == "started\n"


@pytest.mark.usefixtures("parameters")
def test_strict_and_tags_list(ssmm: Cli, ssm: Ssm, faults: Faults) -> None:
    ssm.put(f"{APP}/TOKEN", "sentinel")
    ssm.put(f"{ROOT}/third/cdn", "sentinel-cdn", tags={"shared": "true"})
    assert delivered(ssmm(*SYNC, "--only", "TOKEN")) == {"TOKEN": "sentinel-token"}
    assert not faults.count(LISTING)
    strict = ssmm("sync", "--out", "env", "--strict", "--only", "TOKEN")
    assert strict.code == 78
    assert f"TOKEN: {APP}/token and {APP}/TOKEN are spelled alike" in strict.err
    before = faults.count(LISTING)
    tagged = ssmm(*SYNC, "--include-tag", "shared=true", "--only", "CDN", f"EDGE={ROOT}/third/cdn")
    assert delivered(tagged) == {"CDN": "sentinel-cdn", "EDGE": "sentinel-cdn"}
    assert faults.count(LISTING) > before


@pytest.mark.parametrize("listing", [True, False], ids=["listing", "no listing"])
@pytest.mark.usefixtures("parameters")
def test_an_app_that_is_mistyped_delivers_nothing(ssmm: Cli, faults: Faults, listing: bool) -> None:
    if not listing:
        faults.deny(LISTING)
    ran = ssmm("sync", "--out", "env", "--app", "my-app", "--app", "mistyped", "--only", "TOKEN")
    assert ran.code == (78 if listing else 77)
    assert f"{ROOT}/mistyped" in ran.err
    assert not Path("env").exists()


# Files of names, and what is required


@pytest.mark.usefixtures("parameters")
def test_a_value_in_a_file_of_names_is_an_example(ssmm: Cli) -> None:
    Path("names").write_text("URL=db/primary.url\n", encoding="utf-8")
    ran = ssmm("sync", "--out", "env", "--names-from", "names")
    assert ran.code == 78
    assert "in no layer: URL" in ran.err
    assert delivered(ssmm(*SYNC, "--names-from", "names", "--only", "URL=db/primary.url")) == {"URL": "sentinel-url"}


@pytest.mark.usefixtures("parameters")
def test_files_of_names_add_up_and_a_name_that_any_of_them_needs_is_needed(ssmm: Cli) -> None:
    Path("first").write_text("TOKEN?\nABSENT?\n", encoding="utf-8")
    Path("second").write_text("REGION\n", encoding="utf-8")
    files = ("--names-from", "first", "--names-from", "second")
    assert delivered(ssmm(*SYNC, *files)) == {"TOKEN": "sentinel-token", "REGION": "sentinel-region"}
    ran = ssmm(*SYNC, *files, "--only", "ABSENT")
    assert ran.code == 78
    assert "in no layer: ABSENT" in ran.err


@pytest.mark.usefixtures("parameters")
def test_a_file_without_names_does_not_mean_everything(ssmm: Cli) -> None:
    Path("names").write_text("# nothing\n", encoding="utf-8")
    for options in (("--names-from", "names"), ("--only-required", "--require-from", "names")):
        ran = ssmm("sync", "--out", "env", *options)
        assert ran.code == 78
        assert "names names no variable" in ran.err
        assert not Path("env").exists()


@pytest.mark.usefixtures("parameters")
def test_what_is_required_can_be_all_that_is_delivered(ssmm: Cli, faults: Faults) -> None:
    faults.deny(LISTING)
    Path("names").write_text("LOG_LEVEL\nABSENT?\n", encoding="utf-8")
    complete = ("--require", "TOKEN", "--require-from", "names", "--only-required")
    assert delivered(ssmm(*SYNC, *complete)) == {"TOKEN": "sentinel-token", "LOG_LEVEL": "sentinel-debug"}
    ran = ssmm("sync", "--out", "env", *complete, "--require", "MISTYPED")
    assert ran.code == 78
    assert "required, but in no layer: MISTYPED." in ran.err
    assert "is not allowed" in ran.err


@pytest.mark.usefixtures("parameters")
def test_what_a_program_has_from_elsewhere_need_not_be_a_parameter(ssmm: Cli, faults: Faults) -> None:
    faults.deny(LISTING)
    environment = {**os.environ, "FROM_THE_UNIT": "made-up"}
    complete = ("exec", "--quiet", "--only-required", "--require", "TOKEN", "FROM_THE_UNIT")
    script = 'echo "$TOKEN $FROM_THE_UNIT $OTHER"'
    assert ssmm.process(*complete, "--", "sh", "-c", script, environment=environment).out == "sentinel-token made-up \n"
    assert ssmm.process(*complete, "--unset", "FROM_THE_UNIT", "--", "true", environment=environment).code == 78


@pytest.mark.usefixtures("parameters")
def test_what_is_required_has_to_be_told_before_it_can_be_all(ssmm: Cli) -> None:
    ran = ssmm("sync", "--only-required")
    assert ran.code == 2
    assert "--require" in ran.err


@pytest.mark.usefixtures("parameters")
def test_a_name_that_a_file_marks_as_optional_is_not_required(ssmm: Cli) -> None:
    Path("names").write_text("TOKEN\nABSENT?=example\n", encoding="utf-8")
    assert ssmm("sync", "--out", "env", "--require-from", "names").code == 0


# Units


def test_a_unit_can_be_switched_to_what_is_required_alone(ssmm: Cli, ssm: Ssm, scrubbed: Path) -> None:
    ssm.put(f"{APP}/token", "made-up")
    program = ("--ssmm-bin", "/usr/bin/ssmm", "--exec-cmd", "/opt/app")
    asked = ("--require", "TOKEN", "--only", "URL=db/url", "DEBUG?", "--names-from", ".env.example", "--only-required")
    ran = ssmm("migrate-to-exec", "--unit", "made-up.service", "--app", "my-app", *program, *asked)
    assert ran.code == 0, ran.err
    options = f'--require TOKEN --only URL=db/url "DEBUG?" --names-from {scrubbed}/.env.example --only-required'
    assert [line for line in ran.lines if line.startswith("ExecStart=/")] == [
        f"ExecStart=/usr/bin/ssmm exec --app my-app {options} -- /opt/app"
    ]


@pytest.mark.parametrize("asked", [("--only-required",), ("--only", "TOKEN=sentinel value"), ("--only", "A-B")])
def test_a_unit_is_not_switched_to_names_that_cannot_be_right(ssmm: Cli, ssm: Ssm, asked: tuple[str, ...]) -> None:
    ssm.put(f"{APP}/token", "made-up")
    program = ("--ssmm-bin", "/usr/bin/ssmm", "--exec-cmd", "/opt/app")
    ran = ssmm("migrate-to-exec", "--unit", "made-up.service", "--app", "my-app", *program, *asked)
    assert ran.code in (2, 78)
    assert "ExecStart=" not in ran.out
    assert "sentinel" not in ran.err


@pytest.mark.parametrize("fault", ["none", "throttled", "failing", "quoted", "undecryptable"])
def test_a_value_that_was_typed_for_a_name_is_not_repeated_under_debug_either(
    ssmm: Cli, parameters: Ssm, faults: Faults, fault: str
) -> None:
    if fault == "throttled":
        faults.refuse("GetParameters", "ThrottlingException", "Rate exceeded")
    elif fault == "failing":
        faults.refuse("GetParameters", "InternalServerError", status=500)
    elif fault == "quoted":
        faults.refuse("GetParameters", "ValidationException", "Value 'hunter2SECRET' at 'names' failed to satisfy a constraint")
    elif fault == "undecryptable":
        faults.refuse("GetParameters", "InvalidKeyId", "Key 'made-up' does not exist (Service: AWSKMS)")
    for typed in ("TOKEN=hunter2SECRET", "X?=hunter2SECRET", f"X={APP}/hunter2SECRET"):
        ran = ssmm("--debug", "--timeout", "1", *SYNC, "--only", typed, "LOG_LEVEL")
        assert "hunter2" not in ran.err + ran.out
