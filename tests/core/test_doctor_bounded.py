"""Files that somebody else may have made: read to an end, or not at all."""

from __future__ import annotations

import os
import socket
from typing import TYPE_CHECKING

import pytest

from ssmm_core.doctor import bounded
from ssmm_core.doctor.own_files import check_file, problem_of
from ssmm_core.errors import SettingsError

if TYPE_CHECKING:
    from pathlib import Path


def test_a_regular_file_is_read_whole(tmp_path: Path) -> None:
    path = tmp_path / "settings"
    path.write_bytes(b"x" * bounded.MOST)
    assert bounded.read(str(path)) == b"x" * bounded.MOST
    assert bounded.read(str(path), 3, cut=True) == b"xxx"
    assert bounded.read("/dev/null") == b""
    (tmp_path / "link").symlink_to("/dev/null")
    assert bounded.read(str(tmp_path / "link")) == b""


def test_what_has_no_end_is_not_read(tmp_path: Path) -> None:
    fifo, large, bound = tmp_path / "fifo", tmp_path / "large", tmp_path / "socket"
    os.mkfifo(fifo)
    large.write_bytes(b"x" * (bounded.MOST + 1))
    with socket.socket(socket.AF_UNIX) as server:
        server.bind(str(bound))
    said = {fifo: "is a FIFO", large: "is larger than 1 MiB", bound: "is no regular file", tmp_path: "is no regular file"}
    for path, what in said.items():
        with pytest.raises(bounded.UnfitError, match=what):
            bounded.read(str(path))
        with pytest.raises(SettingsError, match=what):
            check_file(str(path))
    (tmp_path / "zero").symlink_to("/dev/zero")
    assert bounded.fault(str(tmp_path / "zero")) == "is no regular file"
    assert bounded.fault(str(tmp_path / "none")) == ""


@pytest.mark.parametrize("variable", ["AWS_CONFIG_FILE", "AWS_SHARED_CREDENTIALS_FILE"])
def test_the_files_of_the_sdk_are_looked_at_before_it_reads_them(tmp_path: Path, variable: str) -> None:
    path = tmp_path / "file"
    path.write_text("[default]\n", encoding="utf-8")
    assert problem_of({variable: str(path)}) is None
    path.unlink()
    os.mkfifo(path)
    problem = problem_of({variable: str(path)})
    assert problem is not None
    assert problem.message == f"{path} is a FIFO"
