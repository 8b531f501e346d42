"""Print the ratios that the README shows; with `delivery`, those of a service's start; with `tui`, those of the terminal UI; with
`dialects`, what readers have of the files.
"""

from __future__ import annotations

import shutil
import sys
from pathlib import Path

from ssmm_core.models import PutRequest
from ssmm_core.parallel import each
from ssmm_core.secret import SecretValue
from ssmm_core.settings import Settings
from ssmm_core.store.aws import AwsStore
from tests.bench.timing import Command, environment_for, medians
from tests.support.moto import MotoServer

RUNS = 11
ROOT = "/bench"
HERE = Path(__file__).parent


def main() -> None:
    ssmm = shutil.which("ssmm", path=str(Path(sys.executable).parent)) or "ssmm"
    server = MotoServer()
    try:
        _fill(server.url)
        environment = environment_for(server.url, ROOT)
        layers = [f"{ROOT}/shared", f"{ROOT}/app"]
        commands = {
            "python -c pass": [sys.executable, "-c", "pass"],
            "ssmm --version": [ssmm, "--version"],
            "boto3 script": [sys.executable, str(HERE / "baseline_exec.py"), *layers],
            "ssmm exec": [ssmm, "exec", "--app", "app", "--", "true"],
            "boto3 paginator": [sys.executable, str(HERE / "baseline_list.py"), f"{ROOT}/many"],
            "ssmm list": [ssmm, "list", "--app", "many"],
        }
        took = medians({name: Command(arguments, environment) for name, arguments in commands.items()}, runs=RUNS)
    finally:
        server.stop()
    print(f"medians of {RUNS} whole processes, in turn; Python {sys.version.split()[0]}, moto on loopback")
    _row("ssmm --version / python -c pass", took["ssmm --version"], took["python -c pass"], 4.0)
    _row("ssmm exec -- true, 5 + 5 parameters / minimal boto3 script", took["ssmm exec"], took["boto3 script"], 1.15)
    _row("ssmm list, 1,000 parameters / bare boto3 paginator", took["ssmm list"], took["boto3 paginator"], 1.2)


def _row(what: str, measured: float, base: float, target: float) -> None:
    print(f"{what:60} {measured / base:5.2f}  (at most {target:.2f}; {measured * 1000:.0f} ms / {base * 1000:.0f} ms)")


def _fill(url: str) -> None:
    settings = Settings(region="eu-central-1", endpoint_url=url, credentials=("made-up", "made-up-too"), write_rate=None)
    store = AwsStore(settings)
    sizes = {"shared": 5, "app": 5, "many": 1000}
    names = [f"{ROOT}/{app}/{app}-key-{number}" for app, size in sizes.items() for number in range(size)]

    def put(name: str) -> None:
        request = PutRequest(name=name, value=SecretValue("made-up"), type="SecureString", overwrite=False, key_id="alias/aws/ssm")
        store.put(request, budget=store.budget())

    each(put, names, threads=4)


if __name__ == "__main__":
    if sys.argv[1:2] == ["delivery"]:
        from tests.bench import delivery

        sys.exit(delivery.main(sys.argv[2:]))
    elif sys.argv[1:] == ["tui"]:
        from tests.bench import tui

        tui.main()
    elif sys.argv[1:] == ["dialects"]:
        from tests.bench import dialects

        dialects.main()
    else:
        main()
