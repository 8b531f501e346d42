"""Who imports whom: read from the source, and seen in fresh interpreters."""

from __future__ import annotations

import ast
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

import ssmm_core
from tests.support.tls_store import tls_store

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.conftest import Ssm

PACKAGE = Path(ssmm_core.__file__).parent
MODULES = {str(path.relative_to(PACKAGE)): path for path in sorted(PACKAGE.rglob("*.py"))}
FACES = {"textual", "rich", "moto"}
SDK = {"boto3", "botocore"}
PURE_RULES_OF_THE_DOCTOR = {
    f"doctor/{name}.py"
    for name in (
        "account",
        "env_file",
        "finding",
        "permission_rules",
        "permissions",
        "unit_aws_rules",
        "unit_file_rules",
        "unit_rules",
        "unit_text",
    )
}
PURE = [name for name in MODULES if name.startswith("envfile/") or name in PURE_RULES_OF_THE_DOCTOR] + [
    f"{name}.py"
    for name in (
        "names",
        "asked",
        "classify",
        "overlay",
        "audit",
        "limits",
        "record",
        "secret",
        "models",
        "errors",
        "hazards",
        "catalogue",
        "filtering",
        "matrix",
        "tag_hints",
        "tags",
        "promotion",
        "visible",
    )
]
OUTSIDE_WORLD = {"os", "sys", "io", "time", "datetime", "random", "socket", "subprocess", "threading", "logging", "pathlib", "shutil"}
SLOW = {"dataclasses", "inspect", "logging", "tomllib", "pathlib", "click", "importlib.metadata"}


def imported(path: Path, *, always: bool = False) -> Iterator[str]:
    """Modules that a source file imports anywhere; with `always`, only those that importing it imports."""
    tree = ast.parse(path.read_text(encoding="utf-8"))
    nodes: list[ast.AST] = list(_at_import(tree)) if always else list(ast.walk(tree))
    for node in nodes:
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert not node.level, "imports say the whole name"
            yield node.module or ""


def _at_import(tree: ast.AST) -> Iterator[ast.AST]:
    for node in ast.iter_child_nodes(tree):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda):
            continue
        if isinstance(node, ast.If) and ast.unparse(node.test) == "TYPE_CHECKING":
            continue
        yield node
        yield from _at_import(node)


def tops(names: Iterator[str]) -> set[str]:
    return {name.partition(".")[0] for name in names}


# The source


@pytest.mark.parametrize("name", MODULES)
def test_one_module_imports_the_sdk(name: str) -> None:
    assert bool(tops(imported(MODULES[name])) & SDK) is (name == "store/sdk.py")


@pytest.mark.parametrize("name", MODULES)
def test_the_core_never_imports_the_terminal_ui(name: str) -> None:
    assert not tops(imported(MODULES[name])) & {"ssmm_tui", "textual"}


@pytest.mark.parametrize("name", MODULES)
def test_nothing_imports_a_face_or_the_demonstration_server_before_it_is_used(name: str) -> None:
    assert not tops(imported(MODULES[name], always=True)) & FACES


@pytest.mark.parametrize("name", PURE)
def test_pure_rules_know_no_files_no_clock_no_network_and_no_environment(name: str) -> None:
    outside = tops(imported(MODULES[name])) & (OUTSIDE_WORLD | SDK)
    assert outside <= ({"io"} if name == "envfile/foreign.py" else set())  # StringIO alone


@pytest.mark.parametrize("name", PURE)
def test_pure_rules_import_nothing_of_the_layers_above_them(name: str) -> None:
    above = ("ssmm_core.store", "ssmm_core.operations", "ssmm_core.cli", "ssmm_core.files", "ssmm_core.settings")
    assert [one for one in imported(MODULES[name]) if one.startswith(above)] == []


@pytest.mark.parametrize("name", [name for name in MODULES if not name.startswith("cli/") and name != "__main__.py"])
def test_below_the_command_line_nothing_imports_it_and_nothing_prints(name: str) -> None:
    assert [one for one in imported(MODULES[name]) if one.startswith("ssmm_core.cli")] == []
    calls = [node for node in ast.walk(ast.parse(MODULES[name].read_text(encoding="utf-8"))) if isinstance(node, ast.Call)]
    assert [ast.unparse(call) for call in calls if ast.unparse(call.func) in ("print", "sys.stdout.write", "sys.stderr.write")] == []


@pytest.mark.parametrize("name", [name for name in MODULES if name.startswith(("operations/", "store/", "envfile/"))])
def test_below_the_settings_nothing_reads_the_configuration_of_the_environment(name: str) -> None:
    source = MODULES[name].read_text(encoding="utf-8")
    assert "os.environ[" not in source
    assert "os.environ.get" not in source
    assert "os.getenv" not in source


# Fresh interpreters


BEGIN = """
import sys
before = set(sys.modules)
def show():
    sys.stdout.flush()
    sys.__stdout__.write("LOADED " + " ".join(set(sys.modules) - before))
    sys.__stdout__.flush()
"""


def loaded(script: str, *arguments: str) -> set[str]:
    """The modules that a fresh interpreter has loaded when `script` has run, beyond those it starts with."""
    command = [sys.executable, "-c", f"{BEGIN}\n{script}\nshow()", *arguments]
    ended = subprocess.run(command, capture_output=True, text=True, timeout=60)
    assert ended.returncode == 0, ended.stderr
    return set(ended.stdout.rpartition("LOADED ")[2].split())


RUN = """
import os
from ssmm_core.cli.main import main
def stop(*_):
    show()
    os._exit(0)
os.execve = stop
try:
    code = main(sys.argv[1:])
except SystemExit as end:
    code = end.code
assert not code, code
"""

DELIVERIES = [
    ["exec", "--app", "web", "--", "true"],
    ["exec", "--app", "web", "--only", "TOKEN", "--", "true"],
    ["sync", "--app", "web", "--out", "env"],
    ["sync", "--app", "web", "--out", "-"],
    ["show", "/myteam/web/token"],
]
BOUGHT = {
    "argparse",  # the grammar of the command line
    "gettext", "locale",  # argparse's own
    "re", "copyreg", "functools", "keyword", "operator", "reprlib", "types",  # argparse's and json's own; names and dialects need it too
    "collections", "enum", "itertools",  # re's, signal's and socket's own
    "hashlib", "hmac", "warnings",  # the signature; hmac's own warnings
    "json",  # what the service speaks
    "socket", "array", "errno", "math", "select", "selectors",  # the connection, and socket's own
    "queue", "heapq", "threading",  # layers side by side, each with a connection
    "signal", "resource",  # exec: signals as they were, the kernel's limits
    "contextlib",  # sync: locks of the file that is written
    "importlib",  # the command's module by its name
    "gc",  # built in: a delivery does without the search for cycles
}  # fmt: skip
"""The standard library's modules that delivery loads, with what each is for. What is not here costs every boot and must be worth it."""
WITH_TLS = BOUGHT | {"base64", "binascii", "ssl", "struct"}


def test_importing_the_package_loads_nothing_else() -> None:
    assert {name for name in loaded("import ssmm_core") if name.startswith("ssmm_core")} == {"ssmm_core"}
    assert not loaded("import ssmm_core") & (SLOW | FACES | SDK)


@pytest.mark.parametrize("name", ssmm_core.__all__)
def test_every_public_name_loads_in_a_fresh_interpreter_and_no_face_with_it(name: str) -> None:
    seen = loaded(f"from ssmm_core import {name}")
    assert "ssmm_core" in seen
    assert not seen & (FACES | {"ssmm_tui"})
    assert bool(seen & SDK) is (name == "AwsStore")


@pytest.mark.parametrize("arguments", [["--help"], ["--version"], ["exec", "--help"], ["sync", "--help"]], ids=" ".join)
def test_help_and_version_load_neither_a_face_nor_the_sdk(arguments: list[str]) -> None:
    seen = loaded(RUN, *arguments)
    assert "ssmm_core.cli.main" in seen
    assert not seen & (FACES | SDK | SLOW)


def test_the_version_is_told_before_anything_is_built() -> None:
    assert "argparse" not in loaded(RUN, "--version")


def of_the_standard_library(modules: set[str]) -> set[str]:
    """Top-level names, without what is private to a module that is named."""
    return {name for name in tops(iter(modules)) if not name.startswith(("_", "ssmm_core"))}


@pytest.mark.parametrize("arguments", DELIVERIES, ids=" ".join)
def test_delivery_loads_no_more_than_it_is_worth(arguments: list[str], ssm: Ssm) -> None:
    ssm.put("/myteam/web/token", "made-up")
    seen = loaded(RUN, *arguments)
    assert "ssmm_core.store.lean.connection" in seen
    assert of_the_standard_library(seen) - BOUGHT == set()


def test_delivery_by_tls_loads_no_more_either(monkeypatch: pytest.MonkeyPatch, ssm: Ssm) -> None:
    with tls_store({"/myteam/web/token": "made-up"}) as store:
        monkeypatch.setenv("AWS_ENDPOINT_URL_SSM", store.url)
        monkeypatch.setenv("AWS_CA_BUNDLE", store.ca_file)
        seen = loaded(RUN, "exec", "--app", "web", "--", "true")
    assert "ssl" in seen
    assert of_the_standard_library(seen) - WITH_TLS == set()


def test_what_is_for_the_sdk_is_delivered_by_it_and_loads_no_face(monkeypatch: pytest.MonkeyPatch, ssm: Ssm) -> None:
    ssm.put("/myteam/web/token", "made-up")
    monkeypatch.setenv("HTTPS_PROXY", "http://127.0.0.1:9")
    seen = loaded(RUN, "exec", "--app", "web", "--", "true")
    assert "botocore" in seen
    assert not seen & (FACES | {"ssmm_tui", "boto3", "dotenv"})
