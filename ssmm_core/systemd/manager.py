"""Speaking to a running systemd manager, by its own command."""

from __future__ import annotations

import subprocess

from ssmm_core.errors import CommandFailed


def daemon_reload(*, system: bool) -> None:
    """Make the manager read its units anew.

    Raises:
        CommandFailed: systemctl is missing or failed; the message holds its first line.
    """
    command = ["systemctl", "--system" if system else "--user", "daemon-reload"]
    try:
        ended = subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)
    except (OSError, subprocess.TimeoutExpired) as error:
        raise CommandFailed(f"{' '.join(command)} could not be run ({type(error).__name__})") from None
    if ended.returncode:
        said = next(iter(ended.stderr.strip().splitlines()), f"exit code {ended.returncode}")
        raise CommandFailed(f"{' '.join(command)} failed: {said}")
