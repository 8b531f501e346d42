"""What systemd itself says of a unit with a drop-in, before that drop-in is anywhere that a manager looks."""

from __future__ import annotations

import os
import shutil
import subprocess
import tempfile

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from typing import Final

    from ssmm_core.systemd.service import Service

_SECONDS: Final = 60


class CannotVerify(Exception):
    """systemd could not be asked; the message says why."""


def complaints(unit: str, service: Service, drop_in: tuple[str, bytes], without: Sequence[str], *, system: bool) -> list[str]:
    """What `systemd-analyze verify` says of a unit with a drop-in, a (file name, content), and does not say without it.

    It looks at copies, in a private directory. Drop-ins named in `without` are left out of both looks. Its exit code alone tells little:
    unknown settings and ignored values end with 0 (measured on systemd 252).

    Raises:
        CannotVerify: systemd-analyze is missing, or the unit's own files cannot be read.
    """
    name, content = drop_in
    with tempfile.TemporaryDirectory(prefix="ssmm-") as stage:  # made with mode 0700: units may hold secrets
        path = os.path.join(stage, unit)
        folder = f"{path}.d"
        os.mkdir(folder)
        try:
            shutil.copyfile(service.fragment_path, path)
            for present in service.drop_in_paths:
                shutil.copyfile(present, os.path.join(folder, os.path.basename(present)))
        except OSError as error:
            raise CannotVerify(f"{error.filename} cannot be read: {os.strerror(error.errno or 0)}") from None
        for left_out in {name, *without}:
            _replace(os.path.join(folder, left_out), None)
        before, _ = _asked(path, stage, system=system)
        _replace(os.path.join(folder, name), content)
        after, code = _asked(path, stage, system=system)
    said = [line for line in after if line not in before]
    return said or ([f"systemd-analyze verify ends with {code}"] if code and not before else [])


def _replace(path: str, content: bytes | None) -> None:
    """A file with this content; without, what hides the file of that name which the manager has elsewhere."""
    if os.path.lexists(path):
        os.unlink(path)
    if content is None:
        os.symlink("/dev/null", path)
    else:
        with open(path, "xb") as file:
            file.write(content)


def _asked(path: str, stage: str, *, system: bool) -> tuple[list[str], int]:
    """What is said of a unit, line by line and with its own names for files, and the exit code."""
    command = ["systemd-analyze", *([] if system else ["--user"]), "verify", "--man=no", path]
    environment: Mapping[str, str] = {"XDG_RUNTIME_DIR": stage, "HOME": "/", **os.environ, "LC_ALL": "C.UTF-8", "SYSTEMD_COLORS": "0"}
    try:
        ended = subprocess.run(
            command,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            errors="replace",
            timeout=_SECONDS,
            env=environment,
            check=False,
        )
    except FileNotFoundError:
        raise CannotVerify("systemd-analyze is not installed") from None
    except (OSError, subprocess.TimeoutExpired) as error:
        raise CannotVerify(f"systemd-analyze could not be run ({type(error).__name__})") from None
    lines = (ended.stdout + ended.stderr).replace(f"{stage}/", "").splitlines()
    return [line for line in lines if line.strip()], ended.returncode
