"""Records: immutable, compared field by field, made by keyword or in order."""

from __future__ import annotations

from typing import Any, ClassVar

import pytest

from ssmm_core.record import Record
from ssmm_core.secret import SecretValue


class Point(Record):
    x: int
    y: int = 0
    unit: ClassVar[str] = "mm"


class Point3(Point):
    z: int = 7


class Reading(Record):
    x: int
    y: int = 0


def test_a_record_is_made_in_field_order_or_by_keyword() -> None:
    assert Point(1, 2) == Point(x=1, y=2) == Point(1, y=2)


def test_a_field_left_out_has_its_default() -> None:
    assert Point(1).y == 0


def test_a_field_without_default_is_needed() -> None:
    with pytest.raises(TypeError, match="Point needs x"):
        Point(y=2)  # type: ignore[call-arg]


@pytest.mark.parametrize(("given", "named"), [((1, 2, 3), {}), ((), {"x": 1, "colour": "red"}), ((), {"x": 1, "unit": "m"})])
def test_what_is_no_field_is_refused(given: tuple[int, ...], named: dict[str, Any]) -> None:
    with pytest.raises(TypeError, match="Point has no field"):
        Point(*given, **named)


def test_a_subclass_adds_its_fields_behind_those_of_its_base() -> None:
    assert Point3(1, 2, 3).z == 3
    assert repr(Point3(1)) == "Point3(x=1, y=0, z=7)"


def test_a_field_cannot_be_set_again() -> None:
    point = Point(1)
    with pytest.raises(AttributeError, match=r"Point\.x cannot be changed"):
        point.x = 2  # type: ignore[misc]
    assert point.x == 1


def test_nothing_can_be_added() -> None:
    with pytest.raises(AttributeError):
        Point(1).colour = "red"


def test_replace_gives_another_record_and_leaves_the_first() -> None:
    first = Point(1, 2)
    assert first.replace(y=3) == Point(1, 3)
    assert first == Point(1, 2)


def test_replace_refuses_what_is_no_field() -> None:
    with pytest.raises(TypeError, match="colour"):
        Point(1).replace(colour="red")


def test_records_are_equal_only_within_one_type() -> None:
    assert Point(1, 2) != Point(1, 3)
    assert Point(1, 2) != Reading(1, 2)
    assert Point(1, 2) != Point3(1, 2)
    assert Point(1, 2) != (1, 2)


def test_equal_records_are_one_key() -> None:
    assert {Point(1, 2): "a"}[Point(1, 2)] == "a"


def test_the_text_of_a_record_masks_the_secrets_in_it() -> None:
    class Holder(Record):
        name: str
        value: SecretValue

    assert repr(Holder("a", SecretValue("made-up"))) == "Holder(name='a', value=SecretValue(********))"
