"""A service's whole life with ssmm under a real system manager: taken over from its `.env`, in both modes, and let go again."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from tests.conftest import CREDENTIALS, REGION, ROOT, Ssm
from tests.support.installation import install

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.systemd.managers import SystemManager

UNIT = "demo-app.service"
PEM = "-----BEGIN PRIVATE KEY-----\nbWFkZS11cA==\nbWFkZS11cCB0b28=\n-----END PRIVATE KEY-----\n"
SETTINGS = json.dumps({"name": 'made "up"', "nested": ["$HOME", 1, None]})
ENV = f"TLS_KEY=\"{PEM}\"\nAPP_SETTINGS='{SETTINGS}'\nAPI_TOKEN=sentinel-of-the-file\nGREETING='hello  world'\n"
VALUES = {"TLS_KEY": PEM, "APP_SETTINGS": SETTINGS, "API_TOKEN": "sentinel-of-the-file", "GREETING": "hello  world"}

PROGRAM = """#!/bin/sh
cat /proc/self/environ >"$1"
printf '%s' "$2" >"$1.greeting"
"""


class Host:
    """A machine with the service on it, as it is administered."""

    def __init__(self, manager: SystemManager, endpoint: str) -> None:
        self.manager = manager
        self.folder = manager.home / "demo"
        self.folder.mkdir(exist_ok=True)
        self.ssmm = install(self.folder / "venv")
        self.out = self.folder / "environ"
        self.env = self.folder / "app.env"
        self.env.write_text(ENV, encoding="utf-8")
        program = self.folder / "program"
        program.write_text(PROGRAM, encoding="utf-8")
        program.chmod(0o755)
        self.settings = {"AWS_REGION": REGION, "AWS_ENDPOINT_URL_SSM": endpoint, "AWS_EC2_METADATA_DISABLED": "true", **CREDENTIALS}
        lines = [f"Environment={name}={value}" for name, value in self.settings.items()]
        service = ["Type=oneshot", "RemainAfterExit=yes", "Restart=on-failure", f"WorkingDirectory={self.folder}"]
        started = [f"EnvironmentFile={self.env}", f"ExecStart={program} {self.out} fixed"]
        manager.load(UNIT, "\n".join(["[Service]", *service, *lines, *started]) + "\n")

    def run(self, *arguments: str) -> str:
        """ssmm, as root types it; what it said."""
        ended = self.manager.run(str(self.ssmm), *arguments, environment={**self.settings, "SSMM_PREFIX_ROOT": ROOT})
        assert ended.returncode == 0, ended.stderr
        assert "sentinel" not in ended.stdout + ended.stderr
        return ended.stdout

    def started(self) -> dict[str, str]:
        """What the service gets when it is restarted, of what its file held."""
        self.out.unlink(missing_ok=True)
        ended = self.manager.systemctl("restart", UNIT)
        assert ended.returncode == 0, self.manager.said()[-3000:]
        entries = dict(os.fsdecode(one).split("=", 1) for one in self.out.read_bytes().split(b"\0") if one)
        return {name: entries[name] for name in VALUES if name in entries}

    def files(self) -> dict[str, bytes]:
        """Units and drop-ins, and what is in /run, of this service."""
        run = self.manager.inside("/run")
        places = [path for path in self.manager.units.rglob("*") if path.is_file()]
        places += [path for path in run.rglob("*ssmm*") if path.is_file()]
        return {str(path): path.read_bytes() for path in places}

    def doctor(self) -> dict[str, list[str]]:
        """The checks of the unit by their level."""
        found: dict[str, list[str]] = {}
        for one in json.loads(self.run("doctor", UNIT, "--system", "--json"))["findings"]:
            found.setdefault(one["level"], []).append(one["check"])
        return found


@pytest.fixture
def host(system_manager: SystemManager, endpoint: str) -> Iterator[Host]:
    made = Host(system_manager, endpoint)
    yield made
    system_manager.systemctl("stop", UNIT)
    (system_manager.units / UNIT).unlink()
    system_manager.reload()


def test_a_service_is_taken_over_from_its_file_rotated_in_both_modes_and_let_go(host: Host, ssm: Ssm) -> None:
    assert host.started() == VALUES
    before = host.files()

    host.run("onboard", "--system", "--unit", UNIT, "--app", "demo-app", "--env", str(host.env), "--mode", "sync",
             "--require-present", "--write-rate", "1000", "--apply")  # fmt: skip
    host.env.write_text("", encoding="utf-8")  # from now on nothing comes from here
    assert host.started() == VALUES
    fresh = [path for path in host.files() if path.startswith("/proc") and "/run/" in path]
    assert [oct(Path(path).stat().st_mode & 0o777) for path in fresh] == ["0o600"]
    assert "error" not in host.doctor()

    ssm.put(f"{ROOT}/demo-app/api-token", "sentinel rotated once")
    assert host.started() == VALUES | {"API_TOKEN": "sentinel rotated once"}

    host.run("migrate-to-exec", "--system", "--unit", UNIT, "--app", "demo-app", "--apply")
    assert host.started() == VALUES | {"API_TOKEN": "sentinel rotated once"}
    assert [path for path in host.files() if "/run/" in path] == []  # a file of the other mode would be stale
    assert "error" not in host.doctor()

    ssm.put(f"{ROOT}/demo-app/tls-key", PEM.replace("\n", "\r\n"))
    assert host.started()["TLS_KEY"] == PEM.replace("\n", "\r\n")

    host.run("migrate-to-exec", "--system", "--unit", UNIT, "--revert", "--apply")
    host.env.write_text(ENV, encoding="utf-8")
    assert host.started() == VALUES
    assert host.files() == before
    assert sorted(path.name for path in host.manager.units.iterdir()) == sorted({Path(path).name for path in before if "/units/" in path})


def test_a_contract_that_is_not_met_keeps_the_service_from_starting(host: Host, ssm: Ssm) -> None:
    for mode in ("sync", "exec"):
        host.run("onboard", "--system", "--unit", UNIT, "--app", "demo-app", "--env", str(host.env), "--mode", mode, "--overwrite",
                 "--require-present", "--write-rate", "1000", "--apply")  # fmt: skip
        assert host.started() == VALUES
        ssm.client.delete_parameter(Name=f"{ROOT}/demo-app/api-token")
        host.out.unlink()
        assert host.manager.systemctl("restart", UNIT).returncode != 0
        assert not host.out.exists()
        host.manager.systemctl("reset-failed", UNIT)
    host.run("migrate-to-sync", "--system", "--unit", UNIT, "--revert", "--apply")
