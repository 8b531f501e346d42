"""String or SecureString: what is guessed, what is forced, and the reason that is said."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ssmm_core.classify import SAFE_SUFFIXES, Classification, classify, type_rules
from ssmm_core.errors import ExitCode, UsageError

NAMES = st.from_regex(r"[A-Z_][A-Z0-9_]{0,20}", fullmatch=True)


@pytest.mark.parametrize("suffix", ["path", "dir", "channel", "name", "host", "port", "region", "endpoint"])
def test_a_name_that_says_where_or_what_is_a_string(suffix: str) -> None:
    assert classify(f"SERVICE_{suffix.upper()}") == Classification("String", "auto: suffix")
    assert classify(f"service_{suffix}") == Classification("String", "auto: suffix")


@pytest.mark.parametrize(
    "name", ["API_TOKEN", "DATABASE_URL", "SLACK_WEBHOOK_URL", "PATH", "HOSTNAME", "PORT", "HOST_KEY", "X_HOSTS", "_", "UNKNOWN"]
)
def test_anything_else_is_a_secure_string(name: str) -> None:
    assert classify(name) == Classification("SecureString", "auto: default")


@given(NAMES)
def test_without_a_safe_suffix_nothing_is_guessed_to_be_plain(name: str) -> None:
    assert (classify(name).type == "String") is any(name.lower().endswith(suffix) for suffix in SAFE_SUFFIXES)


@given(NAMES.map(lambda name: f"{name}_URL"))
def test_an_address_is_never_guessed_to_be_plain(name: str) -> None:
    assert classify(name).type == "SecureString"


def test_rules_without_force_guess() -> None:
    rules = type_rules(plain_all=False, plain=[], secure=[])
    assert rules.classify("DB_HOST") == classify("DB_HOST")
    assert rules.classify("DB_PASSWORD") == classify("DB_PASSWORD")


def test_a_forced_name_has_its_type_and_says_the_flag() -> None:
    rules = type_rules(plain_all=False, plain=["METRICS_URL"], secure=["CERT_PATH"])
    assert rules.classify("METRICS_URL") == Classification("String", "forced: --plain-key")
    assert rules.classify("CERT_PATH") == Classification("SecureString", "forced: --secure")


def test_plain_all_makes_everything_a_string_but_what_is_named_as_secure() -> None:
    rules = type_rules(plain_all=True, plain=["B"], secure=["C"])
    assert rules.classify("A") == Classification("String", "forced: --plain-all")
    assert rules.classify("B") == Classification("String", "forced: --plain-key")
    assert rules.classify("C") == Classification("SecureString", "forced: --secure")


def test_one_name_cannot_be_both() -> None:
    with pytest.raises(UsageError, match="A, B given as both --plain-key and --secure") as caught:
        type_rules(plain_all=False, plain=["B", "A", "X"], secure=["A", "B", "Y"])
    assert caught.value.exit_code == ExitCode.USAGE
