"""What every test stands on: a scrubbed environment, a real endpoint, and ways to run the command line against it."""

from __future__ import annotations

import functools
import os
import subprocess
import sys
import tempfile
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import botocore.session
import hypothesis
import pytest
from botocore.loaders import create_loader
from hypothesis.configuration import set_hypothesis_home_dir

from ssmm_core.cli.main import main
from ssmm_core.settings import Settings
from ssmm_core.store.aws import AwsStore
from tests.support.faults import Faults
from tests.support.installation import install
from tests.support.moto import MotoServer

REGION = "eu-central-1"
ROOT = "/myteam"
CREDENTIALS = {"AWS_ACCESS_KEY_ID": "made-up", "AWS_SECRET_ACCESS_KEY": "made-up-too"}


set_hypothesis_home_dir(Path(tempfile.gettempdir()) / "ssmm-hypothesis")  # nothing is written inside the repository
hypothesis.settings.register_profile("ssmm", deadline=None, database=None)
hypothesis.settings.load_profile("ssmm")


def pytest_xdist_auto_num_workers() -> int:
    """Two for each core: half of a test's time is waiting for another process."""
    return 2 * (os.cpu_count() or 1)


@pytest.hookimpl(trylast=True)
def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Say at the end what this run did not check, and why: each reason once, with how many tests it kept from running."""
    reasons = Counter(str(report.longrepr[2]).removeprefix("Skipped: ") for report in terminalreporter.getreports("skipped"))
    for reason, count in sorted(reasons.items()):
        terminalreporter.write_line(f"not checked by {count} test{'' if count == 1 else 's'}: {reason}")


@dataclass(frozen=True)
class Ran:
    """How a run of ssmm ended."""

    code: int
    out: str
    err: str

    @property
    def lines(self) -> list[str]:
        return self.out.splitlines()


class Ssm:
    """Parameter Store as somebody else's client sees it: to set a scene, and to look at what is really there."""

    def __init__(self, url: str) -> None:
        session = botocore.session.Session()
        self.client: Any = session.create_client(
            "ssm", region_name=REGION, endpoint_url=url, aws_access_key_id="made-up", aws_secret_access_key="made-up-too"
        )

    def put(self, name: str, value: str, type: str = "SecureString", tags: Mapping[str, str] | None = None, **more: Any) -> None:
        """Put a parameter, over an existing one if need be."""
        if tags:
            more["Tags"] = [{"Key": key, "Value": text} for key, text in tags.items()]
        self.client.put_parameter(Name=name, Value=value, Type=type, Overwrite=not tags, **more)

    def get(self, name: str) -> Mapping[str, Any]:
        """The parameter, decrypted."""
        answer: Mapping[str, Any] = self.client.get_parameter(Name=name, WithDecryption=True)["Parameter"]
        return answer

    def value(self, name: str) -> str:
        return str(self.get(name)["Value"])

    def names(self, path: str = "/") -> list[str]:
        """All names below a path, sorted."""
        pages = self.client.get_paginator("get_parameters_by_path").paginate(Path=path, Recursive=True)
        return sorted(one["Name"] for page in pages for one in page["Parameters"])

    def tags(self, name: str) -> dict[str, str]:
        answer = self.client.list_tags_for_resource(ResourceType="Parameter", ResourceId=name)
        return {tag["Key"]: tag["Value"] for tag in answer["TagList"]}

    def describe(self, name: str) -> Mapping[str, Any]:
        filters = [{"Key": "Name", "Option": "Equals", "Values": [name]}]
        found: Mapping[str, Any] = self.client.describe_parameters(ParameterFilters=filters)["Parameters"][0]
        return found


class Cli:
    """Runs ssmm: in this process where that is the same, as a real one where it is not."""

    def __init__(self, capsys: pytest.CaptureFixture[str]) -> None:
        self._capsys = capsys

    def __call__(self, *arguments: str) -> Ran:
        """In this process. Writes are not paced: the emulator has no limit."""
        self._capsys.readouterr()
        code = main(["--write-rate", "10000", *arguments])
        captured = self._capsys.readouterr()
        return Ran(code, captured.out, captured.err)

    def process(self, *arguments: str, stdin: bytes | None = None, environment: Mapping[str, str] | None = None) -> Ran:
        """A real process."""
        ended = subprocess.run(
            [sys.executable, "-m", "ssmm_core", *arguments],
            input=stdin if stdin is not None else b"",
            capture_output=True,
            env=dict(os.environ if environment is None else environment),
            timeout=120,
        )
        return Ran(ended.returncode, ended.stdout.decode("utf-8", "surrogateescape"), ended.stderr.decode("utf-8", "surrogateescape"))


@pytest.fixture(scope="session", autouse=True)
def data_files_are_read_once() -> Iterator[None]:
    """A client of its own for each test costs a tenth of a second, nearly all of it for the same JSON of the SDK."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("botocore.session.create_loader", functools.cache(create_loader))
        yield


@pytest.fixture(scope="session")
def moto_server() -> Iterator[MotoServer]:
    server = MotoServer()
    yield server
    server.stop()


@pytest.fixture(autouse=True)
def scrubbed(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    """No setting of the machine reaches a test; nothing that a test writes stays. The working directory is that of the app `my-app`."""
    for name in [name for name in os.environ if name.startswith(("AWS_", "DBUS_", "SSMM_", "XDG_")) or name.lower().endswith("_proxy")]:
        monkeypatch.delenv(name)
    home = tmp_path / "home"
    directory = tmp_path / "my_app"
    home.mkdir()
    directory.mkdir()
    monkeypatch.setenv("HOME", str(home))
    monkeypatch.setenv("AWS_EC2_METADATA_DISABLED", "true")
    monkeypatch.setenv("NO_COLOR", "1")
    monkeypatch.setenv("PYTHONPATH", str(Path(__file__).parent.parent))
    monkeypatch.chdir(directory)
    return directory


@pytest.fixture
def endpoint(moto_server: MotoServer, monkeypatch: pytest.MonkeyPatch) -> str:
    """An empty Parameter Store, which the environment points at."""
    moto_server.reset()
    for name, value in CREDENTIALS.items():
        monkeypatch.setenv(name, value)
    monkeypatch.setenv("AWS_REGION", REGION)
    monkeypatch.setenv("AWS_ENDPOINT_URL_SSM", moto_server.url)
    monkeypatch.setenv("SSMM_PREFIX_ROOT", ROOT)
    return moto_server.url


@pytest.fixture(scope="session")
def installation(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The `ssmm` of an environment that it was installed in."""
    return install(tmp_path_factory.mktemp("installed") / "venv")


@pytest.fixture
def faults(endpoint: str, monkeypatch: pytest.MonkeyPatch) -> Iterator[Faults]:
    """The same behind an endpoint that can misbehave; what waits between attempts is cut short."""
    server = Faults(endpoint)
    monkeypatch.setenv("AWS_ENDPOINT_URL_SSM", server.url)
    monkeypatch.setattr("ssmm_core.store.retry.FIRST_WAIT", 0.001)
    yield server
    server.stop()


@pytest.fixture
def ssm(endpoint: str) -> Ssm:
    """Somebody else's client, straight to moto."""
    return Ssm(endpoint)


@pytest.fixture
def ssmm(capsys: pytest.CaptureFixture[str]) -> Cli:
    return Cli(capsys)


@pytest.fixture
def store(endpoint: str) -> AwsStore:
    """Our store, on an endpoint without faults."""
    return AwsStore(Settings(write_rate=None, region=REGION))


@pytest.fixture
def faulty_store(faults: Faults) -> AwsStore:
    """Our store, on an endpoint that can misbehave."""
    return AwsStore(Settings(write_rate=None, region=REGION, endpoint_url=faults.url))
