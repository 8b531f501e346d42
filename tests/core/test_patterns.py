"""The patterns of `EnvironmentFile=`, beside the files that Python's own glob finds by them."""

from __future__ import annotations

import glob
import re
from typing import TYPE_CHECKING

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from ssmm_core.systemd import patterns
from ssmm_core.systemd.dropin import as_loaded

if TYPE_CHECKING:
    from pathlib import Path

NAMES = st.text("ab.*?[]!\\\\ -", min_size=1, max_size=6).filter(lambda name: name.strip(".") != "")


@given(NAMES)
def test_a_path_that_ssmm_writes_into_a_unit_is_no_pattern(name: str) -> None:
    path = f"/etc/{name.rstrip()}x"
    assert not patterns.is_pattern(as_loaded(path))
    assert patterns.unescaped(as_loaded(path)) == path
    assert patterns.matches(as_loaded(path), path)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(NAMES, st.text("ab*?\\\\", min_size=1, max_size=5).filter(lambda text: not re.search(r"(?<!\\)(\\\\)*\\$", text)))
def test_a_pattern_matches_what_is_found_by_it(tmp_path: Path, name: str, pattern: str) -> None:
    path = tmp_path / name
    path.touch()
    whole = f"{glob.escape(str(tmp_path))}/{pattern}"
    assert patterns.matches(whole, str(path)) is (str(path) in glob.glob(patterns.as_python(whole)))
    path.unlink()


def test_a_wildcard_stays_in_its_folder() -> None:
    assert patterns.matches("/etc/*/x.env", "/etc/a/x.env")
    assert not patterns.matches("/etc/*.env", "/etc/a/x.env")
    assert not patterns.matches("/etc/*", "/etc/.hidden")
    assert patterns.matches("/etc/.h*", "/etc/.hidden")
