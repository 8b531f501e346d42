"""Whole processes, timed in turn: A B A B …, so that a machine whose speed drifts drifts for both."""

from __future__ import annotations

import os
import statistics
import subprocess
import time
from collections.abc import Mapping, Sequence
from typing import NamedTuple


class Command(NamedTuple):
    """A program with its arguments, and all of its environment."""

    arguments: Sequence[str]
    environment: Mapping[str, str]


def medians(commands: Mapping[str, Command], *, runs: int) -> dict[str, float]:
    """Median wall time in seconds of each command, after one run that is not counted."""
    times: dict[str, list[float]] = {name: [] for name in commands}
    for number in range(runs + 1):
        for name, command in commands.items():
            started = time.perf_counter()
            ended = subprocess.run(
                command.arguments, env=dict(command.environment), stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, check=False
            )
            elapsed = time.perf_counter() - started
            if ended.returncode:
                raise SystemExit(f"{name} failed with {ended.returncode}: {ended.stderr.decode()}")
            if number:
                times[name].append(elapsed)
    return {name: statistics.median(taken) for name, taken in times.items()}


def environment_for(url: str, root: str) -> dict[str, str]:
    """An environment that points at `url` and holds nothing else of AWS."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("AWS_", "SSMM_"))}
    return kept | {
        "AWS_ENDPOINT_URL_SSM": url,
        "AWS_ACCESS_KEY_ID": "made-up",
        "AWS_SECRET_ACCESS_KEY": "made-up-too",
        "AWS_DEFAULT_REGION": "eu-central-1",
        "SSMM_PREFIX_ROOT": root,
    }
