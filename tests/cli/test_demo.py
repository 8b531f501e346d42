"""The embedded demonstration: a believable team at one flag's distance, and nothing left of it."""

from __future__ import annotations

import json
import os
import re
import signal
import socket
import subprocess
import sys
from collections import Counter
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

import pytest

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from tests.conftest import Cli, Ran, Ssm

REPOSITORY = Path(__file__).parent.parent.parent
EXPORTED = {"AWS_ENDPOINT_URL", "AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_REGION", "SSMM_PREFIX_ROOT"}


class Demo:
    """A running `ssmm demo`, and what it printed."""

    def __init__(self, home: Path) -> None:
        self.environment = {"PATH": os.environ["PATH"], "HOME": str(home), "TMPDIR": str(home), "PYTHONPATH": str(REPOSITORY)}
        self.process = subprocess.Popen(
            [sys.executable, "-B", "-m", "ssmm_core", "demo"],
            env=self.environment,
            cwd=home,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        assert self.process.stdout is not None
        self.lines = [self.process.stdout.readline() for _ in EXPORTED]

    @property
    def exported(self) -> dict[str, str]:
        """The variables as a shell has them that was given the lines."""
        script = "".join(self.lines) + "exec env -0"
        ended = subprocess.run(
            ["sh", "-e", "-c", script], env={"PATH": self.environment["PATH"]}, capture_output=True, text=True, timeout=60
        )
        assert ended.returncode == 0, ended.stderr
        entries = dict(entry.split("=", 1) for entry in ended.stdout.split("\0") if entry)
        return {name: value for name, value in entries.items() if name not in ("PATH", "PWD", "_", "OLDPWD", "SHLVL")}

    def end(self, number: int) -> tuple[int, str, str]:
        """Send a signal; the exit code and what was said besides the lines."""
        self.process.send_signal(number)
        try:
            out, err = self.process.communicate(timeout=20)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.communicate()
            raise
        return self.process.returncode, out, err


@pytest.fixture(scope="module")
def variables(tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, str]]:
    """What `ssmm demo` exports, while it runs."""
    demo = Demo(tmp_path_factory.mktemp("demo"))
    yield demo.exported
    demo.end(signal.SIGTERM)


@pytest.fixture
def team(variables: Mapping[str, str], scrubbed: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The environment of another terminal, in which the printed lines were pasted."""
    for name, value in variables.items():
        monkeypatch.setenv(name, value)


def parameters(ssmm: Cli, *options: str) -> list[dict[str, Any]]:
    listed: list[dict[str, Any]] = json.loads(ssmm("list", "--all", "--json", *options).out)["parameters"]
    return listed


@pytest.mark.usefixtures("team")
def test_the_team_has_about_eight_apps_and_120_parameters(ssmm: Cli) -> None:
    found = parameters(ssmm)
    apps = {one["app"] for one in found}
    assert "shared" in apps
    assert 7 <= len(apps - {"shared"}) <= 9
    assert 110 <= len(found) <= 130
    summaries = json.loads(ssmm("dirs", "--json").out)["apps"]
    assert {one["app"]: one["total"] for one in summaries} == Counter(one["app"] for one in found)
    assert all(0 < one["secure"] < one["total"] for one in summaries)


@pytest.mark.usefixtures("team")
def test_there_are_tags_versions_a_pem_and_a_json_value(ssmm: Cli) -> None:
    found = parameters(ssmm, "--reveal")
    assert len([one for one in found if one["version"] > 1]) >= 2
    values = [one["value"] for one in found]
    assert [value for value in values if re.fullmatch(r"-----BEGIN ([A-Z ]+)-----\n(.+\n)+-----END \1-----\n", value)]
    assert [value for value in values if value.startswith("{") and isinstance(json.loads(value), dict)]
    tagged = parameters(ssmm, "--tag", "shared=true")
    assert 0 < len(tagged) < len(found)
    assert len({one["app"] for one in tagged}) > 1
    versions = next(one for one in found if one["version"] > 2)
    first = ssmm("show", versions["name"], "--version", "1", "--raw").out
    assert first
    assert first != versions["value"]


@pytest.mark.usefixtures("team")
def test_every_value_that_looks_like_a_secret_is_obviously_fake(ssmm: Cli) -> None:
    telling = re.compile(r"token|secret|password|key|dsn|pepper|url", re.IGNORECASE)
    secrets = [one for one in parameters(ssmm, "--reveal") if telling.search(one["key"])]
    assert len(secrets) > 20
    assert [one["name"] for one in secrets if not re.search(r"made-up|not-a-password|\.demo\.|demo-team", one["value"])] == []


@pytest.mark.usefixtures("team")
def test_there_are_duplicates_by_key_and_by_value(ssmm: Cli) -> None:
    found = json.loads(ssmm("check", "--duplicates", "--values", "--json").out)
    assert len(found["keys"]) > 3
    copied = [group for group in found["values"] if len(group["parameters"]) > 1 and any("token" in name for name in group["parameters"])]
    assert copied
    assert all(group["value"] is None for group in found["values"])


@pytest.mark.usefixtures("team")
def test_there_are_conflicts_between_the_layers(ssmm: Cli) -> None:
    ran = ssmm("sync", "--app", "billing-api", "--out", "-")
    assert ran.code == 0
    assert "is overridden by" in ran.err
    assert ssmm("sync", "--app", "billing-api", "--out", "-", "--strict").code == 78
    assert json.loads(ssmm("why", "SENTRY_DSN", "--app", "billing-api", "--json").out)["candidates"][0]["wins"]


@pytest.mark.usefixtures("team")
def test_listing_masks_what_is_secret(ssmm: Cli) -> None:
    ran = ssmm("list", "--all")
    secure = [line for line in ran.lines if " SecureString " in line]
    assert len(secure) > 40
    assert all("********" in line for line in secure)
    assert "made-up-payment" not in ran.out


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM], ids=["SIGINT", "SIGTERM"])
def test_demo_prints_lines_that_work_and_ends_cleanly_on_a_signal(tmp_path: Path, number: int) -> None:
    home = tmp_path / "empty"
    home.mkdir()
    demo = Demo(home)
    assert all(re.fullmatch(r"export [A-Z_]+=\S+\n", line) for line in demo.lines)
    exported = demo.exported
    assert set(exported) == EXPORTED
    where = urlsplit(exported["AWS_ENDPOINT_URL"])
    assert where.hostname == "127.0.0.1"
    address = (where.hostname, where.port)
    socket.create_connection(address, timeout=10).close()
    code, out, err = demo.end(number)
    assert code == 0
    assert out == ""
    assert "Traceback" not in err
    with pytest.raises(ConnectionRefusedError):
        socket.create_connection(address, timeout=10)
    assert list(home.iterdir()) == []


def test_demo_says_that_the_port_it_was_given_is_taken() -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        command = [sys.executable, "-m", "ssmm_core", "demo", "--port", str(taken.getsockname()[1])]
        ended = subprocess.run(command, stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=20)
    assert ended.returncode == 78
    assert ended.stdout == ""
    assert len(ended.stderr.splitlines()) == 1
    assert "port" in ended.stderr


def test_the_flag_alone_shows_the_team(ssmm: Cli, tmp_path: Path) -> None:
    before = sorted(tmp_path.rglob("*"))
    ran = ssmm.process("--demo", "list", "--all", environment={**os.environ, "PYTHONDONTWRITEBYTECODE": "1", "TMPDIR": str(tmp_path)})
    assert ran.code == 0
    assert ran.err == ""
    assert 110 <= len(ran.lines) - 1 <= 130
    assert "********" in ran.out
    assert sorted(tmp_path.rglob("*")) == before


def test_the_flag_writes_to_the_demonstration_alone(ssmm: Cli, ssm: Ssm) -> None:
    ssm.put("/myteam/my-app/token", "real")
    ran = ssmm.process("put", "TOKEN=demonstrated", "OTHER=made-up", "--demo", "--json")
    assert ran.code == 0, ran.err
    written = json.loads(ran.out)["parameters"]
    assert {one["change"] for one in written} == {"new"}
    assert {one["status"] for one in written} == {"done"}
    assert ssm.names() == ["/myteam/my-app/token"]
    assert ssm.value("/myteam/my-app/token") == "real"


def checked(ran: Ran) -> None:
    """It showed the team."""
    assert ran.code == 0, ran.err
    assert ran.err == ""
    assert "billing-api" in ran.out


def test_a_profile_that_does_not_exist_does_not_disturb_it(ssmm: Cli) -> None:
    checked(ssmm.process("--demo", "dirs", environment={**os.environ, "AWS_PROFILE": "no-such-profile"}))


def test_proxies_and_endpoints_meant_for_the_real_service_do_not_disturb_it(ssmm: Cli) -> None:
    proxies = ("HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY", "http_proxy", "https_proxy", "all_proxy")
    elsewhere = dict.fromkeys((*proxies, "AWS_ENDPOINT_URL", "AWS_ENDPOINT_URL_SSM"), "http://127.0.0.1:1")
    others = {"AWS_CA_BUNDLE": "/no/such/file", "AWS_SESSION_TOKEN": "made-up", "AWS_USE_FIPS_ENDPOINT": "true"}
    checked(ssmm.process("--demo", "dirs", environment={**os.environ, **elsewhere, **others}))


def test_a_broken_configuration_of_aws_does_not_disturb_it(ssmm: Cli) -> None:
    Path("broken").write_text("[profile\n", encoding="utf-8")
    places = dict.fromkeys(("AWS_CONFIG_FILE", "AWS_SHARED_CREDENTIALS_FILE"), str(Path("broken").resolve()))
    checked(ssmm.process("--demo", "dirs", environment={**os.environ, **places}))


WITHOUT_MOTO = """
import sys


class Missing:
    def find_spec(self, name, path=None, target=None):
        if name.partition(".")[0] == "moto":
            raise ModuleNotFoundError(f"No module named {name!r}", name=name)
        return None


sys.meta_path.insert(0, Missing())
"""


@pytest.mark.parametrize("arguments", [("--demo", "list", "--all"), ("demo",), ("--demo", "exec", "--app", "web", "--", "true")])
def test_without_the_extra_a_clear_line_names_it(ssmm: Cli, tmp_path: Path, arguments: tuple[str, ...]) -> None:
    site = tmp_path / "site"
    site.mkdir()
    (site / "sitecustomize.py").write_text(WITHOUT_MOTO, encoding="utf-8")
    ran = ssmm.process(*arguments, environment={**os.environ, "PYTHONPATH": f"{site}:{REPOSITORY}"})
    assert ran.code == 78
    assert ran.out == ""
    assert len(ran.err.splitlines()) == 1
    assert "ssmm[demo]" in ran.err
