"""The public API: sorted, complete, and looked up only when it is used."""

from __future__ import annotations

import ast
from importlib import import_module
from pathlib import Path

import pytest

import ssmm_core


def test_all_is_sorted_and_has_no_doubles() -> None:
    assert ssmm_core.__all__ == sorted(set(ssmm_core.__all__))


def test_every_public_name_has_a_home_and_every_home_a_public_name() -> None:
    assert sorted(ssmm_core._HOMES) == ssmm_core.__all__


@pytest.mark.parametrize("name", ssmm_core.__all__)
def test_every_public_name_is_what_its_home_calls_so(name: str) -> None:
    home = import_module(f"ssmm_core.{ssmm_core._HOMES[name]}")
    assert getattr(ssmm_core, name) is getattr(home, name)


def test_the_imports_that_type_checkers_see_are_the_same() -> None:
    tree = ast.parse(Path(ssmm_core.__file__).read_text(encoding="utf-8"))
    seen = {
        alias.name: (node.module or "").removeprefix("ssmm_core.")
        for node in ast.walk(tree)
        if isinstance(node, ast.ImportFrom) and (node.module or "").startswith("ssmm_core")
        for alias in node.names
    }
    assert seen == ssmm_core._HOMES


def test_a_name_that_is_not_public_is_no_attribute() -> None:
    with pytest.raises(AttributeError, match="module 'ssmm_core' has no attribute 'nothing_of_the_kind'"):
        _ = ssmm_core.nothing_of_the_kind


def test_star_import_gives_the_public_names() -> None:
    space: dict[str, object] = {}
    exec("from ssmm_core import *", space)
    assert set(ssmm_core.__all__) <= set(space)


def test_the_version_is_a_literal() -> None:
    tree = ast.parse(Path(ssmm_core.__file__).read_text(encoding="utf-8"))
    values = [node.value for node in tree.body if isinstance(node, ast.Assign) and ast.unparse(node.targets[0]) == "__version__"]
    assert [ast.literal_eval(value) for value in values] == [ssmm_core.__version__]
