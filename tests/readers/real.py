"""The programs and libraries that read environment files, each as the variables it has from one."""

from __future__ import annotations

import functools
import json
import re
import shutil
import subprocess
import sys
import tempfile
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path
from typing import TYPE_CHECKING

import dotenv

from tests.readers import docker_rules
from tests.readers.docker_engine import Engine

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

INSTALLED = Path(__file__).parent.parent.parent / ".readers"
"""Where `.ci/run` puts readers that are no Debian packages."""

PATH = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"
SECONDS = 60


@dataclass(frozen=True)
class Reader:
    """One reader. `read` takes whole files and gives each one's variables, or None for a file that the reader refuses."""

    name: str
    read: Callable[[Sequence[bytes]], list[dict[str, str] | None]]
    missing: Callable[[], str]
    """Why it cannot be used here, or nothing."""


def _nothing() -> str:
    return ""


def _program(name: str) -> Callable[[], str]:
    return lambda: "" if shutil.which(name) else f"{name} is not installed"


def _run(command: Sequence[str], *, input: bytes = b"", environment: dict[str, str] | None = None) -> bytes:
    """What a program says, in an environment of nothing but PATH."""
    ended = subprocess.run(command, input=input, env={"PATH": PATH, **(environment or {})}, capture_output=True, timeout=SECONDS)
    assert (ended.returncode, ended.stderr) == (0, b""), ended.stderr[-500:]
    return ended.stdout


def _each_file(read: Callable[[Path], dict[str, str] | None]) -> Callable[[Sequence[bytes]], list[dict[str, str] | None]]:
    """A reader of files, one process for each."""

    def read_all(contents: Sequence[bytes]) -> list[dict[str, str] | None]:
        with tempfile.TemporaryDirectory(prefix="ssmm-reader-") as folder:
            file = Path(folder) / "env"
            found = []
            for content in contents:
                file.write_bytes(content)
                found.append(read(file))
            return found

    return read_all


def as_environment(block: bytes) -> dict[str, str]:
    """The variables of an environment as `env -0` and /proc show it."""
    entries = (entry.partition(b"=") for entry in block.split(b"\0") if entry)
    return {name.decode(): value.decode() for name, _, value in entries}


# Shells


def _sourced(shell: str, script: str) -> Callable[[Path], dict[str, str] | None]:
    return lambda file: as_environment(_run([*shell.split(), "-c", script, shell, str(file)]))


def _shells(script: str) -> list[Reader]:
    """zsh without the machine's own start files."""
    shells = {"bash": "bash", "dash": "dash", "zsh": "zsh --no-rcs"}
    return [Reader(name, _each_file(_sourced(command, script)), _program(name)) for name, command in shells.items()]


SOURCING = _shells('set -a; . "$1"; exec env -0')
EXPORTING = _shells('. "$1"; exec env -0')

# Python


def _python_dotenv(file: Path) -> dict[str, str] | None:
    return {name: value for name, value in dotenv.dotenv_values(file).items() if value is not None}


PYTHON_DOTENV = Reader(f"python-dotenv {version('python-dotenv')}", _each_file(_python_dotenv), _nothing)

_OLD = INSTALLED / "python-dotenv-1.0"
_OLD_SCRIPT = """
import json, sys, tempfile
sys.path.insert(0, sys.argv[1])
import dotenv
def read(text):
    with tempfile.NamedTemporaryFile() as file:
        file.write(text.encode())
        file.flush()
        return {name: value for name, value in dotenv.dotenv_values(file.name).items() if value is not None}
assert dotenv.__file__.startswith(sys.argv[1])
texts = json.load(sys.stdin)
import logging
logging.disable()
json.dump([read(text) for text in texts], sys.stdout)
"""


def _old_python_dotenv(contents: Sequence[bytes]) -> list[dict[str, str] | None]:
    found: list[dict[str, str] | None] = json.loads(_run([sys.executable, "-I", "-c", _OLD_SCRIPT, str(_OLD)], input=_texts(contents)))
    return found


OLD_PYTHON_DOTENV = Reader(
    "python-dotenv 1.0.1", _old_python_dotenv, lambda: "" if _OLD.exists() else "python-dotenv 1.0 is not installed: .ci/run does it"
)
"""As many services still have it: its grammar differs in what a backslash before the closing quote does."""

# Node.js


@functools.cache
def _node_missing() -> str:
    if not shutil.which("node"):
        return "node is not installed"
    version = _run(["node", "--version"]).decode().strip()
    numbers = tuple(map(int, re.findall(r"\d+", version)[:2]))
    return "" if numbers >= (20, 12) else f"node {version} has no --env-file, or no parseEnv"


def _node_env_file(file: Path) -> dict[str, str] | None:
    said = _run(["node", f"--env-file={file}", "-e", "process.stdout.write(JSON.stringify(process.env))"])
    found: dict[str, str] = json.loads(said)
    return found


def _in_node(expression: str) -> Callable[[Sequence[bytes]], list[dict[str, str] | None]]:
    script = f"const read = {expression}; process.stdout.write(JSON.stringify(JSON.parse(fs.readFileSync(0)).map(text => read(text))))"

    def read(contents: Sequence[bytes]) -> list[dict[str, str] | None]:
        found: list[dict[str, str] | None] = json.loads(_run(["node", "-e", script], input=_texts(contents)))
        return found

    return read


def _npm(package: str) -> Reader:
    folder = INSTALLED / "node_modules" / package

    def missing() -> str:
        return _node_missing() or ("" if folder.exists() else f"npm's {package} is not installed: .ci/run does it")

    about = json.loads((folder / "package.json").read_text(encoding="utf-8")) if folder.exists() else {"version": package}
    return Reader(f"npm dotenv {about['version']}", _in_node(f"require({json.dumps(str(folder))}).parse"), missing)


def _texts(contents: Sequence[bytes]) -> bytes:
    return json.dumps([content.decode() for content in contents]).encode()


NODE = Reader("node --env-file", _each_file(_node_env_file), _node_missing)
NODE_PARSER = Reader("node's parser", _in_node("require('node:util').parseEnv"), _node_missing)
"""The same parser as behind `--env-file`, for many files in one process."""

NPM_DOTENV = [_npm("dotenv"), _npm("dotenv-16")]
NODE_JSON = Reader("node JSON.parse", _in_node("JSON.parse"), _node_missing)

# Go


def _godotenv(contents: Sequence[bytes]) -> list[dict[str, str] | None]:
    found: list[dict[str, str] | None] = json.loads(_run([str(INSTALLED / "godotenv")], input=_texts(contents)))
    return found


GODOTENV = Reader(
    "godotenv 1.5.1", _godotenv, lambda: "" if (INSTALLED / "godotenv").exists() else "godotenv is not installed: .ci/run does it"
)

# Docker


def _docker_rules(contents: Sequence[bytes]) -> list[dict[str, str] | None]:
    def read(content: bytes) -> dict[str, str] | None:
        try:
            return docker_rules.variables(content)
        except ValueError:
            return None

    return [read(content) for content in contents]


def _docker_create(file: Path) -> dict[str, str] | None:
    with Engine(file.parent / "engine") as engine:
        environment = {"DOCKER_HOST": f"unix://{file.parent}/engine", "HOME": str(file.parent)}
        command = ["docker", "create", "--pull=never", f"--env-file={file}", "made-up"]
        ended = subprocess.run(command, env={"PATH": PATH, **environment}, capture_output=True, timeout=SECONDS)
        (file.parent / "engine").unlink()
        return dict(entry.split("=", 1) for entry in engine.environment) if ended.returncode == 0 else None


@functools.cache
def _docker_missing() -> str:
    if not shutil.which("docker"):
        return "docker is not installed"
    said = _run(["docker", "--version"]).decode().strip()
    return "" if said.startswith("Docker version") else f"docker is not Docker's: {said[:60]}"


DOCKER_RULES = Reader("docker's rules", _docker_rules, _nothing)
DOCKER = Reader("docker create", _each_file(_docker_create), _docker_missing)

READERS = {
    "systemd": SOURCING,
    "shell": SOURCING,
    "dotenv": [PYTHON_DOTENV, OLD_PYTHON_DOTENV],
    "node": [NODE, *NPM_DOTENV],
    "godotenv": [GODOTENV],
    "docker": [DOCKER_RULES, DOCKER],
    "json": [NODE_JSON],
}
"""What reads which dialect. systemd itself is with the tests that start one."""
