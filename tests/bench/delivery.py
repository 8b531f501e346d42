"""`python -m tests.bench delivery`: what a service's start costs, against a store of our own with TLS and a set round trip.

Whole processes in turn, as ratios to the least that a boto3 script needs; then twenty at once, where the store limits requests as the
service does. Nothing here fails for being slow: it fails if a process does.
"""

from __future__ import annotations

import argparse
import contextlib
import http.client
import os
import shutil
import ssl
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import NamedTuple
from urllib.parse import urlsplit

import botocore

from tests.bench.timing import Command, environment_for, medians
from tests.support.installation import install
from tests.support.tls_store import TlsStore, tls_store
from tests.support.tls_store_service import BATCH

ROOT = "/bench"
SIZES = {"shared": 5, "app": 5, "large": 100}
"""Parameters by namespace."""
PARAMETERS = {f"{ROOT}/{app}/{app}-key-{number}": f"made-up-{number}" for app, size in SIZES.items() for number in range(size)}
TOGETHER = 20
RATE = 40
"""Requests a second that Parameter Store answers by default."""
BASELINE = Path(__file__).parent / "baseline_exec.py"


class Compared(NamedTuple):
    """One line of the table: a command, the one that it is measured by, and the most that their ratio should be (None: no target)."""

    what: str
    measured: Command
    base: str
    most: float | None


class Programs(NamedTuple):
    """What is measured, as it is installed; a place where processes may write; certificates to trust beside the store's."""

    ssmm: Path
    python: Path
    folder: Path
    roots: bytes

    def environment(self, store: TlsStore) -> dict[str, str]:
        """Of a process that asks `store`, and finds nothing else: no proxy, no configuration, no other authority."""
        kept = environment_for(store.url, ROOT)
        for name in [name for name in kept if name.lower().endswith("_proxy") or name.startswith(("SSL_CERT_", "XDG_", "PYTHON"))]:
            del kept[name]
        trusted = {"AWS_CA_BUNDLE": str(self._bundle(store))} if store.ca_file else {}
        return kept | trusted | {"AWS_REGION": kept["AWS_DEFAULT_REGION"], "HOME": str(self.folder)}

    def _bundle(self, store: TlsStore) -> Path:
        bundle = self.folder / f"{urlsplit(store.url).port}.pem"
        bundle.write_bytes(Path(store.ca_file).read_bytes() + self.roots)
        return bundle


def main(arguments: list[str]) -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.bench delivery", description=__doc__)
    parser.add_argument("--runs", type=int, default=15, help="counted runs of each command (15)")
    parser.add_argument("--round-trip", type=float, default=25.0, metavar="MS", help="round trip of the store in milliseconds (25)")
    parser.add_argument("--public-roots", action="store_true", help="trust the SDK's public authorities too, which cost time to load")
    options = parser.parse_args(arguments)
    round_trip = options.round_trip / 1000
    with _programs(public_roots=options.public_roots) as programs:
        authorities = programs.roots.count(b"BEGIN CERTIFICATE") + 1
        print(f"Whole processes, medians of {options.runs} in turn: Python {sys.version.split()[0]}, {os.cpu_count()} CPUs;", end=" ")
        print(f"trusted authorities: {authorities}.")
        _ratios(programs, round_trip, options.runs)
        return 0 if _many_at_once(programs, round_trip) else 1


@contextlib.contextmanager
def _programs(*, public_roots: bool) -> Iterator[Programs]:
    roots = (Path(botocore.__file__).parent / "cacert.pem").read_bytes() if public_roots else b""
    with tempfile.TemporaryDirectory(prefix="ssmm-bench-") as name:
        ssmm = install(Path(name) / "venv")
        yield Programs(ssmm, ssmm.parent / "python3", Path(name), roots)


# One at a time


def _ratios(programs: Programs, round_trip: float, runs: int) -> None:
    with tls_store(PARAMETERS, round_trip=round_trip) as far, tls_store(PARAMETERS, tls=False) as near:
        bases, rows = _table(programs, far, near, f"{round_trip * 1000:g} ms")
        took = medians(bases | {row.what: row.measured for row in rows}, runs=runs)
        first = statistics.median(_first_answer(far) for _ in range(5))
    print(f"The store: TLS 1.3 on loopback, each round trip {round_trip * 1000:g} ms; a new connection's answer comes after", end=" ")
    print(f"{first * 1000:.0f} ms (connect, handshake, request: {3 * round_trip * 1000:g} ms).\n")
    print("| what | ms | measured by | ms | ratio | target |")
    print("|---|---|---|---|---|---|")
    for row in rows:
        target = f"≤ {row.most:.2f}" if row.most else "–"
        measured, base = took[row.what], took[row.base]
        ratio = f"{measured / base:.2f}"
        if row.most and float(ratio) > row.most:
            ratio = f"**{ratio}**"  # more than it should be
        print(f"| {row.what} | {measured * 1000:.0f} | {row.base} | {base * 1000:.0f} | {ratio} | {target} |")


def _table(programs: Programs, far: TlsStore, near: TlsStore, trip: str) -> tuple[dict[str, Command], list[Compared]]:
    """The commands that others are measured by, and those others."""
    slow, quick = programs.environment(far), programs.environment(near)
    ssmm, python = str(programs.ssmm), str(programs.python)
    script = [python, str(BASELINE), f"{ROOT}/shared"]
    known = [name.rpartition("/")[2].upper().replace("-", "_") for name in PARAMETERS if not name.startswith(f"{ROOT}/app/")]
    small, large, local, nothing = f"boto3, 5 + 5, {trip}", f"boto3, 5 + 100, {trip}", "boto3, 5 + 5, http", "`python -c pass`"
    bases = {
        small: Command([*script, f"{ROOT}/app"], slow),
        large: Command([*script, f"{ROOT}/large"], slow),
        local: Command([*script, f"{ROOT}/app"], quick),
        nothing: Command([python, "-c", "pass"], quick),
    }
    walk, named = [ssmm, "exec", "--app", "large"], ["--only", *known]
    sync = [ssmm, "sync", "--app", "app", "--out", str(programs.folder / "app.env")]
    rows = [
        Compared(f"`ssmm exec`, 5 + 5, {trip}", Command([ssmm, "exec", "--app", "app", "--", "true"], slow), small, 0.30),
        Compared(f"`ssmm exec`, 5 + 100 by walk, {trip}", Command([*walk, "--", "true"], slow), large, 0.52),
        Compared(f"`ssmm exec --only`, 5 + 100 names known, {trip}", Command([*walk, *named, "--", "true"], slow), large, 0.30),
        Compared(f"`ssmm sync` without a change, 5 + 5, {trip}", Command(sync, slow), small, 0.33),
        Compared("`ssmm exec`, 5 + 5, http on loopback", Command([ssmm, "exec", "--app", "app", "--", "true"], quick), local, 0.17),
        Compared("`ssmm --version`", Command([ssmm, "--version"], quick), nothing, 2.50),
    ]
    for app, base in (("app", small), ("large", large)):
        if other := _chamber(slow, app):
            rows.append(Compared(f"`chamber exec`, 5 + {SIZES[app]}, {trip}", other, base, None))
    return bases, rows


def _chamber(environment: Mapping[str, str], app: str) -> Command | None:
    """The same by chamber (v2 or v3), if it is there and works."""
    program = shutil.which("chamber")
    if program is None:
        return None
    more = {"CHAMBER_AWS_SSM_ENDPOINT": environment["AWS_ENDPOINT_URL_SSM"], "SSL_CERT_FILE": environment["AWS_CA_BUNDLE"]}
    services = [f"{ROOT[1:]}/{one}" for one in ("shared", app)]
    command = Command([program, "exec", *services, "--", "true"], {**environment, **more})
    ended = subprocess.run(command.arguments, env=dict(command.environment), capture_output=True, check=False)
    if ended.returncode:
        reason = ended.stderr.decode(errors="replace").strip()
        print(f"chamber is left out of 5 + {SIZES[app]}, it failed: {reason}", file=sys.stderr)
        return None
    return command


def _first_answer(store: TlsStore) -> float:
    """Seconds from opening a connection to the end of its first answer."""
    place = urlsplit(store.url)
    context = ssl.create_default_context(cafile=store.ca_file)
    started = time.perf_counter()
    connection = http.client.HTTPSConnection(place.hostname or "", place.port, context=context, timeout=60)
    connection.request("POST", "/", f'{{"Path": "{ROOT}/app"}}', {"X-Amz-Target": "AmazonSSM.GetParametersByPath"})
    connection.getresponse().read()
    elapsed = time.perf_counter() - started
    connection.close()
    return elapsed


# Twenty at once


def _many_at_once(programs: Programs, round_trip: float) -> bool:
    """Whether all of them became their program."""
    print(f"\n{TOGETHER} `ssmm exec` started together, {RATE} requests a second after a burst of {RATE}:\n")
    print("| parameters | ended well | last one after | requests' arithmetic + 2 s | without a limit | needed | answered | throttled |")
    print("|---|---|---|---|---|---|---|---|")
    well = True
    with (
        tls_store(PARAMETERS, round_trip=round_trip) as free,
        tls_store(PARAMETERS, round_trip=round_trip, rate=RATE, burst=RATE) as limited,
    ):
        for app in ("app", "large"):
            command = [str(programs.ssmm), "exec", "--app", app, "--", "true"]
            unlimited = _together(Command(command, programs.environment(free)))
            limited.reset()
            ends = _together(Command(command, programs.environment(limited)))
            counts = limited.count()
            needed = TOGETHER * sum(-(-SIZES[one] // BATCH) for one in ("shared", app))
            answered, throttled = sum(counts.answered.values()), sum(counts.throttled.values())
            good = sum(not end.problem for end in ends)
            within = max(0, needed - RATE) / RATE + 2
            print(
                f"| 5 + {SIZES[app]} | {good} of {TOGETHER} | {ends[-1].seconds:.1f} s | {within:.1f} s | {unlimited[-1].seconds:.1f} s "
                f"| {needed} | {answered} ({answered - needed} wasted) | {throttled} |"
            )
            for end in [*unlimited, *ends]:
                if end.problem:
                    print(end.problem, file=sys.stderr)
                    well = False
    return well


class End(NamedTuple):
    """When a process ended, in seconds from the start of the first, and what it said if it failed."""

    seconds: float
    problem: str


def _together(command: Command) -> list[End]:
    """How each of twenty ended, in the order of their ends."""
    started = time.perf_counter()

    def wait(process: subprocess.Popen[bytes]) -> End:
        _, said = process.communicate()
        problem = f"exit code {process.returncode}: {said.decode(errors='replace')}" if process.returncode else ""
        return End(time.perf_counter() - started, problem)

    processes = [
        subprocess.Popen(command.arguments, env=dict(command.environment), stdout=subprocess.DEVNULL, stderr=subprocess.PIPE)
        for _ in range(TOGETHER)
    ]
    with ThreadPoolExecutor(TOGETHER) as threads:
        return sorted(threads.map(wait, processes))
