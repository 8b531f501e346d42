"""The service's limits, each at its edge: the last that is allowed, and the first that is not."""

from __future__ import annotations

import unicodedata
from contextlib import AbstractContextManager, nullcontext

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from ssmm_core import limits
from ssmm_core.errors import ExitCode, InvalidInput, SsmmError, UsageError
from ssmm_core.secret import SecretValue

SEGMENTS = st.from_regex(r"[A-Za-z0-9_.-]{1,20}", fullmatch=True)


def refused(kind: type[SsmmError] = InvalidInput, match: str = "") -> AbstractContextManager[pytest.ExceptionInfo[SsmmError]]:
    return pytest.raises(kind, match=match)


# Names


@given(st.lists(SEGMENTS, min_size=1, max_size=15), st.booleans())
def test_names_of_allowed_characters_and_depth_pass(segments: list[str], slash: bool) -> None:
    assume(not segments[0].lower().startswith(("aws", "ssm")))
    limits.check_name(("/" if slash or len(segments) > 1 else "") + "/".join(segments))


@given(SEGMENTS, st.characters().filter(lambda char: not (char.isascii() and (char.isalnum() or char in "_.-/"))), SEGMENTS)
def test_a_name_with_any_other_character_is_refused(before: str, bad: str, after: str) -> None:
    with refused(match="cannot be a parameter's name"):
        limits.check_name(f"/team/{before}{bad}{after}")


@pytest.mark.parametrize("name", ["", "/", "//a", "/a//b", "/a/", " /a", "/a ", "/a/b\n", "/a:1"])
def test_a_name_has_single_slashes_between_segments_and_no_blanks_around_it(name: str) -> None:
    with refused(match="cannot be a parameter's name"):
        limits.check_name(name)


@pytest.mark.parametrize(
    ("region", "longest"), [("us-east-2", 966), ("ap-southeast-1", 961), ("cn-north-1", 962), ("us-gov-west-1", 955), ("eu-central-1", 963)]
)
def test_a_name_and_its_arn_prefix_fit_in_1011_characters(region: str, longest: int) -> None:
    limits.check_name("/team/" + "a" * (longest - 6), region)
    with refused(match=f"has {longest + 1} characters") as caught:
        limits.check_name("/team/" + "a" * (longest - 5), region)
    assert str(longest) in caught.value.hint
    assert len(caught.value.message) < 200


def test_the_arn_prefix_is_that_of_the_partition() -> None:
    assert limits.arn_prefix("us-east-2") == "arn:aws:ssm:us-east-2:000000000000:parameter/"
    assert limits.arn_prefix("cn-north-1").startswith("arn:aws-cn:")
    assert limits.arn_prefix("us-gov-west-1").startswith("arn:aws-us-gov:")


def test_a_name_has_at_most_fifteen_levels() -> None:
    limits.check_name("/a" * 15)
    with refused(match="has 16 levels"):
        limits.check_name("/a" * 16)


@pytest.mark.parametrize("name", ["/aws/x", "/AWS/x", "/awsome/x", "awsX", "/ssm", "SSM-x", "/sSm/x"])
def test_a_name_may_not_begin_with_aws_or_ssm(name: str) -> None:
    with refused(match="reserved by AWS"):
        limits.check_name(name)


@pytest.mark.parametrize("name", ["/team/aws/x", "/team/ssm", "/aw/s", "/my-aws/x", "/team", "x"])
def test_aws_and_ssm_may_stand_anywhere_else(name: str) -> None:
    limits.check_name(name)


# Values


def check(text: str, *, advanced: bool = False) -> None:
    limits.check_value("/team/app/key", SecretValue(text), advanced=advanced)


@given(st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0{"), min_size=1, max_size=200))
def test_any_text_without_nul_passes(text: str) -> None:
    check(text)


def filled(char: str, size: int) -> str:
    """A text of `size` bytes, of `char` as far as it goes."""
    width = len(char.encode())
    return char * (size // width) + "x" * (size % width)


@pytest.mark.parametrize("char", ["x", "ü", "€", "😀"])
def test_the_standard_tier_holds_4096_bytes_and_the_refusal_says_advanced(char: str) -> None:
    check(filled(char, 4096))
    with refused(match="has 4,097 bytes") as caught:
        check(filled(char, 4097))
    assert "--advanced" in str(caught.value)


@pytest.mark.parametrize("char", ["x", "ü", "€", "😀"])
def test_the_advanced_tier_holds_8192_bytes(char: str) -> None:
    check(filled(char, 8192), advanced=True)
    with refused(match="has 8,193 bytes"):
        check(filled(char, 8193), advanced=True)


def test_a_value_over_the_larger_limit_is_not_sent_to_the_advanced_tier_in_vain() -> None:
    with refused(match="has 8,193 bytes") as caught:
        check("x" * 8193)
    assert "8,192" in str(caught.value)


def test_an_empty_value_is_refused() -> None:
    with refused(match="is empty"):
        check("")


@pytest.mark.parametrize("text", ["{{x}}", "{{}}", "{{ssm:name}}", "a {{ b }} c", "{{\n}}", "{{{x}}}", "}} {{x}}"])
def test_a_reference_is_refused(text: str) -> None:
    with refused(match="refuses as a reference"):
        check(text)


@pytest.mark.parametrize("text", ["{x}", "{ {x} }", "}}x{{", '{"a": {"b": 1} }'])
def test_braces_that_are_no_reference_pass(text: str) -> None:
    check(text)


@given(st.text(st.characters(exclude_categories=["Cs"]), max_size=5), st.text(st.characters(exclude_categories=["Cs"]), max_size=5))
def test_a_nul_character_is_refused(before: str, after: str) -> None:
    with refused(match="NUL"):
        check(f"{before}\0{after}")


@given(st.characters(categories=["Cs"]))
def test_a_lone_surrogate_is_refused(surrogate: str) -> None:
    with refused(match="not valid UTF-8"):
        check(f"x{surrogate}y")


@pytest.mark.parametrize("text", ["", "made-up-sentinel\0", "made-up-sentinel\ud800", "{{made-up-sentinel}}", "made-up-sentinel" * 600])
def test_a_refusal_names_the_parameter_and_never_the_value(text: str) -> None:
    with refused(match="/team/app/key") as caught:
        check(text)
    assert "made-up-sentinel" not in str(caught.value)
    assert caught.value.exit_code == ExitCode.SETTINGS


# Tags


def test_a_tag_key_has_1_to_128_characters() -> None:
    limits.check_tag("k", "v")
    limits.check_tag("ü" * 128, "v")
    with refused(UsageError, "has 129 characters"):
        limits.check_tag("k" * 129, "v")
    with refused(UsageError, "has 0 characters"):
        limits.check_tag("", "v")


def test_a_tag_value_has_at_most_256_characters_and_may_be_empty() -> None:
    limits.check_tag("k", "")
    limits.check_tag("k", "ü" * 256)
    with refused(UsageError, "has 257 characters"):
        limits.check_tag("k", "v" * 257)


@given(st.characters())
def test_tags_hold_letters_digits_separators_and_a_little_punctuation(char: str) -> None:
    allowed = char in "_.:/=+-@" or unicodedata.category(char)[0] in "LZN"
    for key, value in ((f"k{char}", "v"), ("k", f"v{char}")):
        with nullcontext() if allowed else refused(UsageError, "characters that a tag cannot hold"):
            limits.check_tag(key, value)


@pytest.mark.parametrize("key", ["aws:x", "AWS:x", "Aws:cloudformation:stack"])
def test_tag_keys_of_aws_are_reserved(key: str) -> None:
    with refused(UsageError, "is reserved"):
        limits.check_tag(key, "v")


@pytest.mark.parametrize("key", ["aws", "awsx", "my-aws:x"])
def test_only_the_aws_namespace_of_tag_keys_is_reserved(key: str) -> None:
    limits.check_tag(key, "v")


def test_a_parameter_has_at_most_fifty_tags() -> None:
    limits.check_tag_count("/a/b", {str(number): "v" for number in range(50)})
    with refused(match="would have 51 tags"):
        limits.check_tag_count("/a/b", {str(number): "v" for number in range(51)})


# Labels, keys, texts


@pytest.mark.parametrize("label", ["x", "prod", "v1.2-rc_3", "_1", ".x", "-x", "my-aws", "l" * 100])
def test_labels_that_the_service_takes_pass(label: str) -> None:
    limits.check_label(label)


@pytest.mark.parametrize("label", ["", "1", "1st", "aws", "AWSx", "ssm", "SSM-1", "a b", "a/b", "ä", "a\n", "l" * 101])
def test_labels_that_the_service_would_not_take_are_refused(label: str) -> None:
    with refused(match="cannot be a label"):
        limits.check_label(label)


@pytest.mark.parametrize(
    "key",
    ["alias/ours", "1234abcd-12ab-34cd-56ef-1234567890ab", "arn:aws:kms:eu-central-1:123456789012:key/1234", "mrk-0_1", "k" * 256],
)
def test_ids_arns_and_aliases_of_kms_keys_pass(key: str) -> None:
    limits.check_key_id(key)


@pytest.mark.parametrize("key", ["", "alias ours", "alias/ours\n", "ü", "a.b", "k" * 257])
def test_what_cannot_be_a_kms_key_is_refused(key: str) -> None:
    with refused(match="is not a KMS key"):
        limits.check_key_id(key)


def test_a_description_has_at_most_1024_characters() -> None:
    limits.check_text("description", "ü" * 1024)
    with refused(match="the description has 1025 characters"):
        limits.check_text("description", "x" * 1025)
