"""Who may read and run what, as the kernel has it."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

import pytest

from ssmm_core.doctor.access import READ, RUN, Who, may

NOBODY, GROUP = 65534, 12345


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A folder that anybody may reach, also where pytest's own is private."""
    for above in (tmp_path, *tmp_path.parents):
        if above.stat().st_uid == os.geteuid() and above != Path("/") and above.is_relative_to("/tmp"):
            above.chmod(above.stat().st_mode | 0o011)
    return tmp_path


@pytest.mark.skipif(os.geteuid() != 0, reason="files are given away by root alone")
@pytest.mark.parametrize("directory", [0o755, 0o700, 0o750, 0o711])
@pytest.mark.parametrize("mode", [0o600, 0o640, 0o604, 0o444, 0o000, 0o711, 0o100])
@pytest.mark.parametrize("owner", [(0, 0), (NOBODY, 0), (0, GROUP), (1, 1)])
def test_it_is_as_the_kernel_says(folder: Path, directory: int, mode: int, owner: tuple[int, int]) -> None:
    place = folder / "place"
    place.mkdir()
    path = place / "file"
    path.write_text("#!/bin/sh\n", encoding="utf-8")
    for one, bits in ((path, mode), (place, directory)):
        os.chown(one, *owner)
        one.chmod(bits)
    who = Who(NOBODY, frozenset({GROUP}))
    as_nobody = ("setpriv", f"--reuid={NOBODY}", f"--regid={GROUP}", "--clear-groups")
    for letter, wanted in (("r", READ), ("x", RUN)):
        allowed = subprocess.run([*as_nobody, "test", f"-{letter}", str(path)], check=False).returncode == 0
        assert may(who, str(path), wanted) is allowed
        as_root = subprocess.run(["test", f"-{letter}", str(path)], check=False).returncode == 0
        assert may(Who(0), str(path), wanted) is as_root


def test_of_what_is_not_there_nothing_is_known(tmp_path: Path) -> None:
    assert may(Who(0), str(tmp_path / "nothing"), READ) is None


def test_a_link_is_followed(folder: Path) -> None:
    (folder / "file").write_text("", encoding="utf-8")
    (folder / "file").chmod(0o600)
    (folder / "link").symlink_to(folder / "file")
    assert may(Who(os.geteuid()), str(folder / "link"), READ) is True
    assert may(Who(NOBODY - 1), str(folder / "link"), READ) is False
