"""Print how long a listing takes; with `delivery`, a service's start; with `tui`, the terminal UI; with `dialects`, what readers have of
the files.
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
        commands = {
            "boto3 paginator": [sys.executable, str(HERE / "baseline_list.py"), f"{ROOT}/many"],
            "ssmm list": [ssmm, "list", "--app", "many"],
        }
        took = medians({name: Command(arguments, environment) for name, arguments in commands.items()}, runs=RUNS)
    finally:
        server.stop()
    print(f"medians of {RUNS} whole processes, in turn; Python {sys.version.split()[0]}, moto on loopback")
    measured, base = took["ssmm list"], took["boto3 paginator"]
    what = "ssmm list, 1,000 parameters / bare boto3 paginator"
    print(f"{what:60} {measured / base:5.2f}  (at most 1.20; {measured * 1000:.0f} ms / {base * 1000:.0f} ms)")


def _fill(url: str) -> None:
    settings = Settings(region="eu-central-1", endpoint_url=url, credentials=("made-up", "made-up-too"), write_rate=None)
    store = AwsStore(settings)
    names = [f"{ROOT}/many/key-{number}" for number in range(1000)]

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
    elif not sys.argv[1:]:
        main()
    else:
        sys.exit("usage: python -m tests.bench [delivery [OPTIONS] | tui | dialects]")
