"""Private files: born 0600, complete or not there, and nothing else left behind."""

from __future__ import annotations

import os
import stat
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest

from ssmm_core.errors import ExitCode, InvalidInput, SettingsError, StorageError
from ssmm_core.files import private_directory, read_file, write_private

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from tests.conftest import Ssm


def accept(_content: bytes) -> None:
    """Nothing is wrong with it."""


def mode(path: Path) -> int:
    return stat.S_IMODE(path.lstat().st_mode)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    folder = tmp_path / "folder"
    folder.mkdir()
    return folder


@pytest.fixture(params=[0o000, 0o022, 0o777], ids=oct)
def umask(request: pytest.FixtureRequest) -> Iterator[int]:
    before = os.umask(request.param)
    yield request.param
    os.umask(before)


@pytest.mark.parametrize("exists", [False, True])
def test_the_file_holds_the_content_and_only_its_owner_may_read_it(folder: Path, umask: int, exists: bool) -> None:
    path = folder / ".env"
    if exists:
        path.touch()
        path.chmod(0o644)
    assert write_private(str(path), b"A=1\n", verify=accept) is True
    assert path.read_bytes() == b"A=1\n"
    assert mode(path) == 0o600
    assert os.listdir(folder) == [".env"]


def test_at_no_moment_may_anybody_else_read_it(folder: Path, umask: int, monkeypatch: pytest.MonkeyPatch) -> None:
    path = folder / ".env"
    path.touch()
    path.chmod(0o666)
    seen: list[int] = []

    def look() -> None:
        seen.extend(mode(one) for one in folder.iterdir() if one != path)

    monkeypatch.setattr("ssmm_core.files._OWN_FILES", "/nowhere")  # as on a file system without nameless files
    for step in ("fchmod", "fsync", "rename"):
        call = getattr(os, step)

        def watched(*arguments: object, call: object = call) -> object:
            look()
            return call(*arguments)  # type: ignore[operator]

        monkeypatch.setattr(f"ssmm_core.files.os.{step}", watched)
    write_private(str(path), b"A=1\n", verify=lambda _content: look())
    assert len(seen) == 4
    assert all(one & 0o077 == 0 for one in seen)


def test_what_is_written_has_no_name_until_it_is_whole(folder: Path) -> None:
    path = folder / ".env"
    names: list[list[str]] = []
    write_private(str(path), b"A=1\n", verify=lambda _content: names.append(os.listdir(folder)))
    assert names == [[]]
    assert path.read_bytes() == b"A=1\n"


def test_a_reader_that_has_the_old_file_open_keeps_it_whole(folder: Path) -> None:
    path = folder / ".env"
    path.write_bytes(b"OLD=1\n")
    with path.open("rb") as reader:
        assert write_private(str(path), b"NEW=1\n", verify=accept) is True
        assert reader.read() == b"OLD=1\n"
    assert path.read_bytes() == b"NEW=1\n"


def test_the_old_file_stands_until_the_new_one_is_verified(folder: Path) -> None:
    path = folder / ".env"
    path.write_bytes(b"OLD=1\n")
    seen: list[tuple[bytes, bytes]] = []
    write_private(str(path), b"NEW=1\n", verify=lambda content: seen.append((content, path.read_bytes())))
    assert seen == [(b"NEW=1\n", b"OLD=1\n")]


def test_content_and_directory_are_synced_around_the_rename(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = folder / ".env"
    steps: list[str] = []
    fsync, rename = os.fsync, os.rename

    def watched_fsync(handle: int) -> None:
        steps.append("directory" if stat.S_ISDIR(os.fstat(handle).st_mode) else "file")
        fsync(handle)

    def watched_rename(source: str, target: str) -> None:
        steps.append("rename")
        rename(source, target)

    monkeypatch.setattr("ssmm_core.files.os.fsync", watched_fsync)
    monkeypatch.setattr("ssmm_core.files.os.rename", watched_rename)
    write_private(str(path), b"A=1\n", verify=accept)
    assert steps == ["file", "rename", "directory"]


def test_an_unchanged_file_is_left_alone(folder: Path) -> None:
    path = folder / ".env"
    write_private(str(path), b"A=1\n", verify=accept)
    before = path.stat()
    assert write_private(str(path), b"A=1\n", verify=accept) is False
    after = path.stat()
    assert (after.st_ino, after.st_mtime_ns, after.st_ctime_ns) == (before.st_ino, before.st_mtime_ns, before.st_ctime_ns)


@pytest.mark.parametrize("wrong", [0o644, 0o666, 0o400, 0o000, 0o640])
def test_a_wrong_mode_is_put_right_on_an_unchanged_file(folder: Path, wrong: int) -> None:
    path = folder / ".env"
    path.write_bytes(b"A=1\n")
    path.chmod(wrong)
    write_private(str(path), b"A=1\n", verify=accept)
    assert mode(path) == 0o600
    assert path.read_bytes() == b"A=1\n"


def test_the_owner_of_a_file_that_is_replaced_is_kept(folder: Path) -> None:
    path = folder / ".env"
    path.write_bytes(b"OLD=1\n")
    owner = (65534, 65534) if os.geteuid() == 0 else (os.geteuid(), os.getegid())
    os.chown(path, *owner)
    assert write_private(str(path), b"NEW=1\n", verify=accept) is True
    after = path.stat()
    assert (after.st_uid, after.st_gid) == owner
    assert mode(path) == 0o600


def test_a_file_may_be_named_without_a_directory(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(folder)
    assert write_private(".env", b"A=1\n", verify=accept) is True
    assert (folder / ".env").read_bytes() == b"A=1\n"


# Refusals


def refused(path: Path | str, kind: type[SettingsError] = SettingsError) -> SettingsError:
    with pytest.raises(kind) as caught:
        write_private(str(path), b"A=made-up\n", verify=accept)
    assert caught.value.exit_code == ExitCode.SETTINGS
    assert "made-up" not in str(caught.value)
    return caught.value


def test_a_directory_is_refused(folder: Path) -> None:
    assert f"{folder} is a directory" in refused(folder).message
    assert os.listdir(folder) == []


def test_a_missing_directory_is_named(folder: Path) -> None:
    assert refused(folder / "missing" / ".env").message == f"there is no directory {folder}/missing"
    assert os.listdir(folder) == []


def test_a_file_in_the_place_of_the_directory_is_named(folder: Path) -> None:
    (folder / "file").touch()
    assert refused(folder / "file" / ".env").message == f"there is no directory {folder}/file"


@pytest.mark.parametrize("target", ["exists", "missing"])
def test_a_symbolic_link_is_refused_and_its_target_untouched(folder: Path, target: str) -> None:
    (folder / "exists").write_bytes(b"OLD=1\n")
    (folder / "link").symlink_to(folder / target)
    assert "is a symbolic link" in refused(folder / "link").message
    assert sorted(os.listdir(folder)) == ["exists", "link"]
    assert (folder / "exists").read_bytes() == b"OLD=1\n"


def test_a_fifo_is_refused_without_waiting_for_its_reader(folder: Path) -> None:
    os.mkfifo(folder / "fifo")
    assert "is not a regular file" in refused(folder / "fifo").message


def test_a_device_is_refused() -> None:
    assert "is not a regular file" in refused("/dev/null").message


# Failures


def test_a_failed_verification_keeps_the_old_file_and_leaves_no_other(folder: Path) -> None:
    path = folder / ".env"
    path.write_bytes(b"OLD=1\n")
    path.chmod(0o640)

    def reject(_content: bytes) -> None:
        raise InvalidInput("does not read back")

    with pytest.raises(InvalidInput, match="does not read back"):
        write_private(str(path), b"NEW=1\n", verify=reject)
    assert os.listdir(folder) == [".env"]
    assert path.read_bytes() == b"OLD=1\n"
    assert mode(path) == 0o640


def test_a_failed_verification_of_a_first_file_leaves_none(folder: Path) -> None:
    def interrupt(_content: bytes) -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        write_private(str(folder / ".env"), b"NEW=1\n", verify=interrupt)
    assert os.listdir(folder) == []


@pytest.mark.parametrize("step", ["fchmod", "fsync", "rename"])
def test_a_failing_disk_keeps_the_old_file_and_leaves_no_other(folder: Path, step: str, monkeypatch: pytest.MonkeyPatch) -> None:
    path = folder / ".env"
    path.write_bytes(b"OLD=1\n")

    def fail(*_arguments: object) -> None:
        raise OSError(5, "Input/output error")

    monkeypatch.setattr(f"ssmm_core.files.os.{step}", fail)
    with pytest.raises(StorageError, match=r"cannot write .*\.env: Input/output error") as caught:
        write_private(str(path), b"NEW=1\n", verify=accept)
    assert caught.value.exit_code == ExitCode.FAILED
    assert os.listdir(folder) == [".env"]
    assert path.read_bytes() == b"OLD=1\n"


IN_A_FULL_DISK = """
set -e
mount -t tmpfs -o size=16k,mode=700 tmpfs "$1"
printf 'OLD=1\\n' > "$1/.env"
dd if=/dev/zero of="$1/ballast" bs=4k 2>/dev/null || true
set +e
"$2" -m ssmm_core sync --app web --out "$1/.env"
echo "code $?"
ls -A "$1" | sort | tr '\\n' ' '
cat "$1/.env"
"""


def test_a_full_disk_keeps_the_old_file_and_is_said_in_one_line(folder: Path, ssm: Ssm) -> None:
    ssm.put("/myteam/web/token", "made-up-sentinel" * 200)
    unshare = ["unshare", "-m"] if os.geteuid() == 0 else ["unshare", "-rm"]
    ended = subprocess.run(
        [*unshare, "sh", "-c", IN_A_FULL_DISK, "sh", str(folder), sys.executable], capture_output=True, text=True, timeout=60
    )
    assert ended.stderr == f"Error: cannot write {folder}/.env: No space left on device. What stood there before is unchanged.\n"
    assert ended.stdout == "code 1\n.env ballast OLD=1\n"


# Reading and directories


def test_all_of_a_file_is_read(folder: Path) -> None:
    (folder / "file").write_bytes(b"a\r\n\xff\0")
    assert read_file(str(folder / "file")) == b"a\r\n\xff\0"


@pytest.mark.parametrize(
    ("name", "reason"), [("missing", "No such file or directory"), (".", "Is a directory"), ("file/x", "Not a directory")]
)
def test_what_cannot_be_read_is_named_with_its_reason(folder: Path, name: str, reason: str) -> None:
    (folder / "file").touch()
    with pytest.raises(InvalidInput) as caught:
        read_file(f"{folder}/{name}")
    assert caught.value.message == f"cannot read {folder}/{name}: {reason}"


def test_a_private_directory_is_made_with_its_parents(folder: Path) -> None:
    private_directory(str(folder / "a" / "b"))
    private_directory(str(folder / "a" / "b"))
    assert mode(folder / "a" / "b") == 0o700


def test_a_directory_that_cannot_be_made_is_named(folder: Path) -> None:
    (folder / "file").touch()
    with pytest.raises((SettingsError, StorageError), match=str(folder / "file")):
        private_directory(str(folder / "file"))
