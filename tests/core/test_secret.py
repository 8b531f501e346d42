"""A secret shows itself to nobody who did not ask by name."""

from __future__ import annotations

import copy
import hashlib
import io
import json
import logging
import pickle
import pprint
import traceback
from dataclasses import asdict, dataclass
from functools import partial
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ssmm_core.models import Parameter
from ssmm_core.secret import MASK, SecretValue

if TYPE_CHECKING:
    from collections.abc import Callable

SENTINEL = "made-up-sentinel-value"
SECRET = SecretValue(SENTINEL)


@dataclass
class Holder:
    name: str
    value: SecretValue


def _logged(message: str, *arguments: object) -> str:
    stream = io.StringIO()
    handler = logging.StreamHandler(stream)
    logger = logging.Logger("made-up", logging.DEBUG)
    logger.addHandler(handler)
    logger.debug(message, *arguments)
    return stream.getvalue()


def _logged_failure() -> str:
    stream = io.StringIO()
    logger = logging.Logger("made-up", logging.DEBUG)
    logger.addHandler(logging.StreamHandler(stream))
    try:
        raise ValueError(SECRET)
    except ValueError:
        logger.exception("failed with %s", SECRET)
    return stream.getvalue()


def _traceback_with_locals() -> str:
    def fail(value: SecretValue) -> None:
        held = {"value": value, "list": [value]}
        raise RuntimeError(f"failed on {held}")

    try:
        fail(SECRET)
    except RuntimeError as error:
        return "".join(traceback.TracebackException.from_exception(error, capture_locals=True).format())
    return ""


SHOWN: dict[str, Callable[[], str]] = {
    "str": lambda: str(SECRET),
    "repr": lambda: repr(SECRET),
    "ascii": lambda: ascii(SECRET),
    "format": lambda: format(SECRET),
    "str.format": lambda: "{0} {0!r} {0!s} {0!a}".format(SECRET),  # noqa: UP032
    "f-string": lambda: f"{SECRET} {SECRET!r} {SECRET!s} {SECRET!a}",
    "debugging f-string": lambda: f"{SECRET=}",
    "padded f-string": lambda: f"{SECRET:>40}",
    "percent": lambda: "%s %r %a" % (SECRET, SECRET, SECRET),  # noqa: UP031
    "percent by name": lambda: "%(value)s" % {"value": SECRET},  # noqa: UP031
    "list": lambda: str([SECRET]),
    "dictionary": lambda: str({"value": SECRET}),
    "dictionary key": lambda: str({SECRET: 1}),
    "pprint": lambda: pprint.pformat({"value": [SECRET]}),
    "dataclass": lambda: repr(Holder("name", SECRET)),
    "record": lambda: repr(Parameter(name="/a/b", type="SecureString", version=1, value=SECRET)),
    "json with default": lambda: json.dumps({"value": SECRET}, default=str),
    "exception": lambda: repr(ValueError("failed", SECRET)) + str(ValueError(SECRET)),
    "log message": lambda: _logged("value %s %r", SECRET, SECRET),
    "log mapping": lambda: _logged("value %(value)s", {"value": SECRET}),
    "logged failure": _logged_failure,
    "traceback with locals": _traceback_with_locals,
}


@pytest.mark.parametrize("show", SHOWN.values(), ids=SHOWN)
def test_every_way_to_print_it_shows_the_mask(show: Callable[[], str]) -> None:
    shown = show()
    assert MASK in shown
    assert SENTINEL not in shown


COPIES: dict[str, Callable[[object], object]] = {
    **{f"pickle protocol {number}": partial(pickle.dumps, protocol=number) for number in range(pickle.HIGHEST_PROTOCOL + 1)},
    "copy": copy.copy,
    "deepcopy": copy.deepcopy,
}


@pytest.mark.parametrize("duplicate", COPIES.values(), ids=COPIES)
def test_it_does_not_pickle_nor_copy(duplicate: Callable[[object], object]) -> None:
    with pytest.raises(TypeError) as caught:
        duplicate(SECRET)
    assert SENTINEL not in str(caught.value)


@pytest.mark.parametrize("carrier", [[SECRET], {"value": SECRET}, Parameter("/a/b", "SecureString", 1, SECRET), Holder("name", SECRET)])
def test_nothing_that_carries_it_pickles_nor_copies_deeply(carrier: object) -> None:
    with pytest.raises(TypeError):
        pickle.dumps(carrier)
    with pytest.raises(TypeError):
        copy.deepcopy(carrier)


def test_a_dataclass_that_carries_it_does_not_become_a_dictionary_of_plain_text() -> None:
    with pytest.raises(TypeError):
        asdict(Holder("name", SECRET))


@pytest.mark.parametrize(
    "use", [json.dumps, vars, len, iter, bytes, lambda one: "".join([one]), lambda one: "x" + one, lambda one: f"{one:d}"]
)
def test_what_needs_a_text_fails_without_showing_it(use: Callable[[object], object]) -> None:
    with pytest.raises((TypeError, ValueError)) as caught:
        use(SECRET)
    assert SENTINEL not in str(caught.value)


def test_reveal_gives_the_plain_text() -> None:
    assert SECRET.reveal() == SENTINEL


def test_it_is_no_text_and_equals_none() -> None:
    assert not isinstance(SECRET, str)
    assert SECRET != SENTINEL


def test_equal_secrets_are_equal_and_one_key() -> None:
    assert SecretValue(SENTINEL) == SECRET
    assert SecretValue("other") != SECRET
    assert {SECRET: 1}[SecretValue(SENTINEL)] == 1


def test_only_the_empty_secret_is_false() -> None:
    assert not SecretValue("")
    assert SecretValue(" ")


def test_it_cannot_be_changed() -> None:
    with pytest.raises(AttributeError) as caught:
        SECRET._text = "other"
    assert SENTINEL not in str(caught.value)
    assert SECRET.reveal() == SENTINEL


VALUES = st.text()  # lone surrogates too: what cannot be delivered can still be compared
KEYS = st.binary(min_size=1, max_size=32).filter(lambda key: not key.endswith(b"\0"))  # HMAC pads a key with NULs


@given(VALUES, VALUES, KEYS)
def test_fingerprints_are_equal_exactly_where_values_are(one: str, other: str, key: bytes) -> None:
    assert (SecretValue(one).fingerprint(key) == SecretValue(other).fingerprint(key)) is (one == other)
    assert SecretValue(one).fingerprint(key) == SecretValue(str(one)).fingerprint(key)


@given(VALUES, KEYS, KEYS)
def test_fingerprints_under_different_keys_differ(text: str, key: bytes, other: bytes) -> None:
    assert (SecretValue(text).fingerprint(key) == SecretValue(text).fingerprint(other)) is (key == other)


def test_a_fingerprint_is_twelve_hex_digits_and_no_bare_hash() -> None:
    mark = SecretValue("5432").fingerprint(b"key of this run")
    assert len(mark) == 12
    assert set(mark) <= set("0123456789abcdef")
    assert not hashlib.sha256(b"5432").hexdigest().startswith(mark)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "len<12"),
        ("x", "len<12"),
        ("x" * 11, "len<12"),
        ("x" * 12, "len=12"),
        ("x" * 40, "len=40"),
        ("ü" * 5, "len<12"),
        ("ü" * 6, "len=12"),
    ],
)
def test_the_length_of_a_short_secret_is_not_told(text: str, said: str) -> None:
    assert SecretValue(text).length_hint() == said


@given(st.text(st.characters(exclude_categories=["Cs"])))
def test_the_size_is_counted_in_bytes(text: str) -> None:
    assert SecretValue(text).size == len(text.encode())
