"""Input that cannot be right: one clear line, the right exit code, nothing written, no traceback, no value."""

from __future__ import annotations

import errno
import io
import os
import re
import subprocess
import sys
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from tests.conftest import Cli, Ssm
from tests.support.faults import Faults

SENTINEL = "Sentinel0that0nobody0asked0for"
"""A value that could also be a variable's name, or a line of a key in base64: nothing about it looks like a secret."""

WRITES = frozenset(
    {"PutParameter", "DeleteParameter", "DeleteParameters", "AddTagsToResource", "RemoveTagsFromResource", "LabelParameterVersion"}
)
USAGE, SETTINGS = 2, 78


@dataclass(frozen=True)
class Scene:
    """What a case may arrange before its run."""

    monkeypatch: pytest.MonkeyPatch
    faults: Faults

    def put(self, name: str) -> None:
        Ssm(self.faults.upstream).put(name, SENTINEL)

    def stdin(self, content: bytes) -> None:
        self.monkeypatch.setattr("sys.stdin", io.TextIOWrapper(io.BytesIO(content)))


@pytest.fixture
def scene(monkeypatch: pytest.MonkeyPatch, faults: Faults) -> Scene:
    return Scene(monkeypatch, faults)


Prepare = Callable[[Scene], object]


@dataclass(frozen=True)
class Case:
    """A command line that must be refused. `says` are texts of the line: what, where, how to mend it."""

    name: str
    arguments: tuple[str, ...]
    code: int
    says: tuple[str, ...]
    prepare: Prepare = field(default=lambda _scene: None)
    notes: str = ""
    """What may stand on stderr besides, as a pattern for whole lines."""
    sent: frozenset[str] = frozenset()
    """Writes that the service itself is to refuse."""


def bad(name: str, *arguments: str, code: int, says: Sequence[str], prepare: Prepare | None = None, **more: object) -> Case:
    return Case(name, arguments, code, tuple(says), prepare or (lambda _scene: None), **more)  # type: ignore[arg-type]


def file(path: str, content: bytes | str) -> Prepare:
    """Have a file stand there."""

    def write(_scene: Scene) -> None:
        Path(path).parent.mkdir(parents=True, exist_ok=True)
        Path(path).write_bytes(content if isinstance(content, bytes) else content.encode())

    return write


def without(*variables: str) -> Prepare:
    return lambda scene: [scene.monkeypatch.delenv(variable) for variable in variables]


def variable(name: str, value: str) -> Prepare:
    return lambda scene: scene.monkeypatch.setenv(name, value)


def configured(content: str) -> Prepare:
    """No prefix but what the user's configuration file says."""

    def prepare(scene: Scene) -> None:
        scene.monkeypatch.delenv("SSMM_PREFIX_ROOT")
        file(f"{os.environ['HOME']}/.config/ssmm/config.toml", content)(scene)

    return prepare


def stored(*names: str) -> Prepare:
    return lambda scene: [scene.put(name) for name in names]


def both(*steps: Prepare) -> Prepare:
    return lambda scene: [step(scene) for step in steps]


def full_disk(scene: Scene) -> None:
    def fail(_handle: int) -> None:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    scene.put("/myteam/my-app/token")
    file(".env", "OLD=stands\n")(scene)
    scene.monkeypatch.setattr("os.fsync", fail)


def refused(operation: str, code: str, message: str) -> Prepare:
    return lambda scene: scene.faults.refuse(operation, code, message)


def undecryptable(scene: Scene) -> None:
    """As the service answers: one parameter fails a whole page, and only asking for each alone tells which."""
    secret = {"/myteam/my-app", TOKEN}
    scene.faults.refuse(
        "GetParametersByPath", "InvalidKeyId", DISABLED, when=lambda body: body["WithDecryption"] and body["Path"] in secret
    )
    scene.faults.refuse("GetParameter", "InvalidKeyId", DISABLED, when=lambda body: body["Name"] in secret)


TOKEN = "/myteam/my-app/token"
NO_KEY = (
    f"Key arn:aws:kms:eu-central-1:123456789012:key/x does not exist, said of {SENTINEL} (Service: AWSKMS; Error Code: NotFoundException)"
)
DISABLED = "arn:aws:kms:eu-central-1:123456789012:key/x is disabled. (Service: AWSKMS; Error Code: DisabledException)"
TALLY = r"ssmm: wrote 0, 1 failed, 0 unchanged"

PREFIX = [
    bad(
        "no-prefix",
        "list",
        code=SETTINGS,
        says=["no prefix configured. Pass --prefix /<your-team> or set $SSMM_PREFIX_ROOT=/<your-team>."],
        prepare=without("SSMM_PREFIX_ROOT"),
    ),
    bad("prefix-without-slash", "--prefix", "myteam", "list", code=SETTINGS, says=["'myteam'", "does not start with /", "/myteam"]),
    bad(
        "prefix-of-environment-without-slash",
        "list",
        code=SETTINGS,
        says=["'team'", "does not start with /"],
        prepare=variable("SSMM_PREFIX_ROOT", "team"),
    ),
    bad(
        "prefix-of-file-without-slash",
        "list",
        code=SETTINGS,
        says=["'team'", "does not start with /"],
        prepare=configured('prefix = "team"'),
    ),
    bad("prefix-of-slashes", "--prefix", "//", "list", code=SETTINGS, says=["whole account", "/<your-team>"]),
    bad("prefix-with-bad-characters", "--prefix", "/my team", "list", code=SETTINGS, says=["'/my team'", "allowed"]),
    bad("prefix-with-an-empty-segment", "--prefix", "/my//team", "list", code=SETTINGS, says=["'/my//team'", "allowed"]),
    bad("prefix-of-aws", "--prefix", "/aws-team", "list", code=SETTINGS, says=["'/aws-team'", "reserved"]),
    bad(
        "configuration-not-toml",
        "list",
        code=SETTINGS,
        says=["config.toml", "not valid TOML", "--prefix"],
        prepare=configured(f"prefix = {SENTINEL} {SENTINEL}"),
    ),
    bad(
        "configured-prefix-not-a-text",
        "list",
        code=SETTINGS,
        says=["config.toml", 'prefix = "/<your-team>"'],
        prepare=configured("prefix = 7"),
    ),
    bad("no-region", "list", code=SETTINGS, says=["no AWS region", "--region"], prepare=without("AWS_REGION")),
    bad("unknown-profile", "--profile", "nowhere", "list", code=SETTINGS, says=["'nowhere'", "~/.aws/config"]),
    bad(
        "half-of-the-credentials",
        "list",
        code=SETTINGS,
        says=["incomplete", "AWS_SECRET_ACCESS_KEY"],
        prepare=without("AWS_SECRET_ACCESS_KEY"),
    ),
    bad("endpoint-not-a-url", "--endpoint-url", "nonsense", "list", code=SETTINGS, says=["'nonsense'", "https://"]),
]

APP = [
    bad("empty-app", "put", f"TOKEN={SENTINEL}", "--app", "", code=SETTINGS, says=["app is empty", "--app"]),
    bad("app-of-two-segments", "put", f"TOKEN={SENTINEL}", "--app", "a/b", code=SETTINGS, says=["'a/b'", "one path segment", "allowed"]),
    bad("app-of-dots", "sync", "--app", "..", code=SETTINGS, says=["'..'", "not apps"]),
    bad("app-of-a-space", "list", "--app", "my app", code=SETTINGS, says=["'my app'", "allowed"]),
    bad("directory-that-names-no-app", "list", code=SETTINGS, says=["'/'", "--app"], prepare=lambda scene: scene.monkeypatch.chdir("/")),
    bad("two-apps-where-one-is-taken", "put", f"TOKEN={SENTINEL}", "--app", "a", "--app", "b", code=USAGE, says=["one --app"]),
    bad("unknown-app-for-list", "list", "--app", "nowhere", code=SETTINGS, says=["/myteam/nowhere"], prepare=stored(TOKEN)),
    bad("unknown-app-for-sync", "sync", "--app", "nowhere", code=SETTINGS, says=["/myteam/nowhere", "ssmm dirs"], prepare=stored(TOKEN)),
    bad(
        "unknown-app-above-the-shared-layer",
        "sync",
        "--app",
        "nowhere",
        code=SETTINGS,
        says=["/myteam/nowhere", "ssmm dirs"],
        prepare=stored("/myteam/shared/token"),
    ),
    bad(
        "unknown-app-for-exec",
        "exec",
        "--app",
        "nowhere",
        "--",
        "true",
        code=SETTINGS,
        says=["/myteam/nowhere", "ssmm dirs"],
        prepare=stored(TOKEN),
    ),
    bad(
        "unknown-app-for-why",
        "why",
        "TOKEN",
        "--app",
        "nowhere",
        code=SETTINGS,
        says=["/myteam/nowhere", "ssmm dirs"],
        prepare=stored(TOKEN),
    ),
    bad(
        "unknown-app-for-delete",
        "delete",
        "nowhere",
        "-r",
        "-y",
        code=SETTINGS,
        says=["/myteam/nowhere", "ssmm dirs"],
        prepare=stored(TOKEN),
    ),
    bad("unknown-app-for-show", "show", "token", "--app", "nowhere", code=SETTINGS, says=["/myteam/nowhere/token"], prepare=stored(TOKEN)),
    bad(
        "unknown-app-for-tag",
        "tag",
        "add",
        "--match",
        "*",
        "--app",
        "nowhere",
        "a=b",
        code=SETTINGS,
        says=["/myteam/nowhere"],
        prepare=stored(TOKEN),
    ),
]

PAIR = [
    bad("nothing-to-put", "put", code=USAGE, says=["nothing to put", "--env FILE"]),
    bad("pair-without-key", "put", f"={SENTINEL}", code=USAGE, says=["argument 1", "KEY=VALUE"]),
    bad("pair-with-a-dash-in-its-key", "put", "A=1", f"MY-TOKEN={SENTINEL}", code=USAGE, says=["argument 2", "letters"]),
    bad("pair-with-a-digit-first", "put", f"1ST={SENTINEL}", code=USAGE, says=["argument 1", "no digit first"]),
    bad("pair-with-a-space-in-its-key", "put", f"MY TOKEN={SENTINEL}", code=USAGE, says=["argument 1", "letters"]),
    bad("pair-of-mere-value", "put", f"{SENTINEL}+/==", code=USAGE, says=["argument 1", "letters"]),
    bad("pair-cut-at-a-space", "put", "GREETING=hello", SENTINEL, code=USAGE, says=["argument 2", "=-", "quote"]),
    bad(
        "key-alone-without-a-terminal",
        "put",
        "TOKEN",
        code=USAGE,
        says=["argument 1", "=-", "=@FILE"],
        prepare=lambda scene: scene.stdin(b""),
    ),
    bad("empty-pair", "put", "TOKEN=", code=USAGE, says=["TOKEN is empty", "no empty values"]),
    bad(
        "empty-pair-of-stdin",
        "put",
        "TOKEN=-",
        code=USAGE,
        says=["TOKEN is empty", "no empty values"],
        prepare=lambda scene: scene.stdin(b""),
    ),
    bad("empty-pair-of-file", "put", "TOKEN=@empty", code=USAGE, says=["TOKEN is empty", "no empty values"], prepare=file("empty", "")),
    bad("pair-given-twice", "put", f"TOKEN={SENTINEL}", "TOKEN=x", code=USAGE, says=["TOKEN", "twice", "once"]),
    bad(
        "pair-and-file",
        "put",
        f"TOKEN={SENTINEL}",
        "--env",
        ".env",
        code=USAGE,
        says=["TOKEN", ".env", "one of them"],
        prepare=file(".env", f"TOKEN={SENTINEL}"),
    ),
    bad("pair-of-a-missing-file", "put", "TOKEN=@missing", code=SETTINGS, says=["cannot read", "TOKEN", "No such file"]),
    bad("value-that-begins-like-a-file", "put", f"TOKEN=@{SENTINEL}", code=SETTINGS, says=["TOKEN=@…", "No such file"]),
    bad("pair-of-a-directory", "put", "TOKEN=@.", code=SETTINGS, says=["cannot read", "Is a directory"]),
    bad("name-that-comes-back-different", "put", f"dbUrl={SENTINEL}", code=SETTINGS, says=["dbUrl -> DBURL", "--accept-renames"]),
    bad(
        "two-names-that-fold-to-one",
        "put",
        f"dbUrl={SENTINEL}",
        "DBURL=x",
        "--accept-renames",
        code=SETTINGS,
        says=["dbUrl and DBURL", "/myteam/my-app/dburl", "one of them"],
    ),
]

ENV_FILE = [
    bad("missing-env", "put", "--env", "missing.env", code=SETTINGS, says=["missing.env", "No such file"]),
    bad("env-a-directory", "put", "--env", ".", code=SETTINGS, says=["cannot read .", "Is a directory"]),
    bad("env-behind-a-tilde", "put", "--env=~/x.env", code=SETTINGS, says=["~/x.env", "$HOME/x.env"]),
    bad(
        "binary-env",
        "put",
        "--env",
        ".env",
        code=SETTINGS,
        says=[".env", "binary", "KEY=VALUE"],
        prepare=file(".env", f"TOKEN={SENTINEL}\n\0\1\2"),
    ),
    bad(
        "env-not-utf-8",
        "put",
        "--env",
        ".env",
        code=SETTINGS,
        says=[".env:2", "UTF-8", "base64"],
        prepare=file(".env", f"A=1\nTOKEN={SENTINEL}".encode() + b"\xff\n"),
    ),
    bad(
        "half-quoted-env",
        "put",
        "--env",
        ".env",
        code=SETTINGS,
        says=[".env:3", "never closed", "Close the quote"],
        prepare=file(".env", f'A=1\n\nTOKEN="{SENTINEL}\nB=2\n'),
    ),
    bad(
        "half-single-quoted-env",
        "put",
        "--env",
        ".env",
        code=SETTINGS,
        says=[".env:2", "never closed", "Close the quote"],
        prepare=file(".env", f"A=1\nTOKEN='{SENTINEL}\nB=2\n"),
    ),
    bad("text-after-the-quote", "put", "--env", ".env", code=SETTINGS, says=[".env:1"], prepare=file(".env", f'TOKEN="x" {SENTINEL}\n')),
    bad(
        "env-line-without-value", "put", "--env", ".env", code=SETTINGS, says=[".env:2", "KEY=VALUE"], prepare=file(".env", "A=1\nTOKEN\n")
    ),
    bad(
        "env-of-a-key-over-several-lines",
        "put",
        "--env",
        ".env",
        code=SETTINGS,
        says=[".env:2", "KEY=VALUE"],
        prepare=file(".env", f"KEY=-----BEGIN PRIVATE KEY-----\n{SENTINEL}\n-----END\n"),
    ),
    bad(
        "env-variable-twice",
        "put",
        "--env",
        ".env",
        code=SETTINGS,
        says=[".env:2", "TOKEN", "twice", "one of the two"],
        prepare=file(".env", f"TOKEN={SENTINEL}\nTOKEN=x\n"),
    ),
    bad(
        "env-with-bad-key",
        "put",
        "--env",
        ".env",
        code=SETTINGS,
        says=[".env:1", "Letters"],
        prepare=file(".env", f"MY-TOKEN={SENTINEL}\n"),
    ),
    bad(
        "env-with-a-digit-first",
        "put",
        "--env",
        ".env",
        code=SETTINGS,
        says=[".env:1", "Letters"],
        prepare=file(".env", f"1ST={SENTINEL}\n"),
    ),
    bad(
        "env-of-empty-values",
        "put",
        "--env",
        ".env",
        code=SETTINGS,
        says=[".env holds no variable with a value", "KEY=VALUE"],
        prepare=file(".env", "TOKEN=\n"),
        notes=r"Warning: TOKEN in \.env is empty and was left out.*",
    ),
    bad(
        "env-of-sync-changed-by-hand",
        "put",
        "--env",
        ".env",
        code=SETTINGS,
        says=[".env", "line 3", "sync it again"],
        prepare=file(".env", f"# Written by ssmm sync (format: systemd); x\nA=1\nTOKEN='{SENTINEL}\n"),
    ),
    bad(
        "env-of-sync-with-a-stray-line",
        "put",
        "--env",
        ".env",
        code=SETTINGS,
        says=[".env", "line 2", "sync it again"],
        prepare=file(".env", f"# Written by ssmm sync (format: systemd); x\n{SENTINEL}\n"),
    ),
]

VALUE = [
    bad(
        "value-over-4096",
        "put",
        f"TOKEN={SENTINEL}{'x' * 4067}",
        code=SETTINGS,
        says=["TOKEN", "4,097 bytes", "4,096", "--advanced", "8,192"],
    ),
    bad(
        "value-over-4096-in-bytes-not-characters",
        "put",
        f"TOKEN={SENTINEL}{'ü' * 2040}",
        code=SETTINGS,
        says=["TOKEN", "4,110 bytes", "--advanced"],
    ),
    bad(
        "value-over-8192",
        "--advanced",
        "put",
        f"TOKEN={SENTINEL}{'x' * 8163}",
        code=SETTINGS,
        says=["TOKEN", "8,193 bytes", "8,192", "--advanced"],
    ),
    bad(
        "value-over-8192-without-advanced",
        "put",
        f"TOKEN={SENTINEL}{'x' * 8163}",
        code=SETTINGS,
        says=["TOKEN", "8,193 bytes", "8,192", "--advanced"],
    ),
    bad("nul-in-a-file", "put", "TOKEN=@value", code=SETTINGS, says=["TOKEN", "NUL", "base64"], prepare=file("value", f"{SENTINEL}\0")),
    bad(
        "nul-on-stdin",
        "put",
        "TOKEN=-",
        code=SETTINGS,
        says=["TOKEN", "NUL", "base64"],
        prepare=lambda scene: scene.stdin(f"{SENTINEL}\0".encode()),
    ),
    bad("argument-not-utf-8", "put", f"TOKEN={SENTINEL}\udcff", code=SETTINGS, says=["TOKEN", "UTF-8", "base64"]),
    bad(
        "file-not-utf-8",
        "put",
        "TOKEN=@value",
        code=SETTINGS,
        says=["TOKEN", "UTF-8", "base64"],
        prepare=file("value", SENTINEL.encode() + b"\xc3"),
    ),
    bad(
        "stdin-not-utf-8",
        "put",
        "TOKEN=-",
        code=SETTINGS,
        says=["TOKEN", "UTF-8", "base64"],
        prepare=lambda scene: scene.stdin(SENTINEL.encode() + b"\xc3"),
    ),
    bad("reference", "put", f"TOKEN={{{{{SENTINEL}}}}}", code=SETTINGS, says=["TOKEN", "{{…}}", "base64"]),
    bad("reference-to-ssm", "put", f"TOKEN=a {{{{ssm:{SENTINEL}}}}} b", code=SETTINGS, says=["TOKEN", "{{…}}"]),
    bad("long-description", "put", f"TOKEN={SENTINEL}", "--description", "x" * 1025, code=SETTINGS, says=["description", "1025", "1024"]),
]

KEY = [
    bad("key-with-a-space", "show", "my token", code=SETTINGS, says=["'my token'", "allowed"]),
    bad("key-with-an-empty-segment", "show", "a//b", code=SETTINGS, says=["'a//b'", "allowed"]),
    bad("key-that-is-empty", "show", "", code=SETTINGS, says=["''", "allowed"]),
    bad("key-with-a-colon", "delete", "token:3", "-y", code=SETTINGS, says=["'token:3'", "allowed"], prepare=stored(TOKEN)),
    bad("target-of-mere-slash", "delete", "/", "-r", "-y", code=SETTINGS, says=["/"]),
    bad("key-with-dots-alone", "tag", "add", "a/../b", "x=y", code=SETTINGS, says=["'a/../b'", "allowed"]),
    bad("full-name-with-a-colon", "show", f"{TOKEN}:1", code=SETTINGS, says=[f"'{TOKEN}:1'", "allowed"], prepare=stored(TOKEN)),
    bad("full-name-with-a-space", "tag", "add", "/myteam/my app/x", "a=b", code=SETTINGS, says=["'/myteam/my app/x'", "allowed"]),
    bad("name-too-long", "put", f"{'A' * 1000}={SENTINEL}", code=SETTINGS, says=["1015 characters", "At most", "eu-central-1"]),
    bad("name-too-deep", "--prefix", "/a/b/c/d/e/f/g/h/i/j/k/l/m/n", "put", f"TOKEN={SENTINEL}", code=SETTINGS, says=["16 levels", "15"]),
    bad("label-with-a-digit-first", "show", "token", "--label", "1st", code=SETTINGS, says=["'1st'", "label", "digit"]),
    bad("target-of-migrate-without-slash", "migrate", "/old/app", "new/app", code=SETTINGS, says=["'new/app'", "/new/app"]),
]

TAG = [
    bad("tag-without-value", "put", f"TOKEN={SENTINEL}", "--tag", "shared", code=USAGE, says=["'shared'", "KEY=VALUE", "shared=true"]),
    bad("tag-without-key", "tag", "add", "token", "=x", code=USAGE, says=["KEY=VALUE"]),
    bad("tag-to-list-by-without-value", "list", "--tag", "shared", code=USAGE, says=["'shared'", "KEY=VALUE"]),
    bad("tag-to-include-without-value", "sync", "--include-tag", "shared", code=USAGE, says=["'shared'", "KEY=VALUE"]),
    bad("reserved-tag-of-put", "put", f"TOKEN={SENTINEL}", "--tag", "app=other", code=USAGE, says=["tag app is reserved"]),
    bad("reserved-tag-of-tag", "tag", "add", "token", "app=other", code=USAGE, says=["tag app is reserved"], prepare=stored(TOKEN)),
    bad("tag-of-aws", "put", f"TOKEN={SENTINEL}", "--tag", "aws:x=y", code=USAGE, says=["aws:x", "reserved"]),
    bad("tag-key-too-long", "put", f"TOKEN={SENTINEL}", "--tag", f"{'k' * 129}=x", code=USAGE, says=["129", "128"]),
    bad("tag-value-too-long", "put", f"TOKEN={SENTINEL}", "--tag", f"k={'v' * 257}", code=USAGE, says=["257", "256"]),
    bad("tag-with-bad-characters", "put", f"TOKEN={SENTINEL}", "--tag", "owner=a;b", code=USAGE, says=["owner", "';'", "allowed"]),
    bad("tag-given-twice", "put", f"TOKEN={SENTINEL}", "--tag", "a=b", "--tag", "a=c", code=USAGE, says=["tag a", "twice", "once"]),
    bad("no-tag-to-add", "tag", "add", "token", code=USAGE, says=["no tag", "shared=true"]),
    bad("no-key-to-tag", "tag", "add", code=USAGE, says=["no key", "--match"]),
]

KMS = [
    bad(
        "kms-key-with-bad-characters", "--kms-key-id", "my key", "put", f"TOKEN={SENTINEL}", code=SETTINGS, says=["'my key'", "alias/NAME"]
    ),
    bad(
        "kms-key-unknown",
        "--kms-key-id",
        "alias/nowhere",
        "put",
        f"TOKEN={SENTINEL}",
        code=SETTINGS,
        says=["KMS key", TOKEN, "unknown"],
        prepare=refused("PutParameter", "InvalidKeyId", NO_KEY),
        notes=TALLY,
        sent=frozenset({"PutParameter"}),
    ),
    bad(
        "kms-key-disabled",
        "put",
        f"TOKEN={SENTINEL}",
        code=SETTINGS,
        says=["KMS key", TOKEN, "disabled"],
        prepare=refused("PutParameter", "InvalidKeyId", DISABLED),
        notes=TALLY,
        sent=frozenset({"PutParameter"}),
    ),
    bad(
        "kms-key-disabled-for-sync",
        "sync",
        code=SETTINGS,
        says=["cannot decrypt", TOKEN, "disabled"],
        prepare=both(stored(TOKEN), undecryptable),
    ),
]

OUT = [
    bad("out-a-directory", "sync", "--out", ".", code=SETTINGS, says=[". is a directory", "Name a file"], prepare=stored(TOKEN)),
    bad(
        "out-in-a-missing-directory",
        "sync",
        "--out",
        "missing/.env",
        code=SETTINGS,
        says=["there is no directory missing", "Create it"],
        prepare=stored(TOKEN),
    ),
    bad(
        "out-below-a-file",
        "sync",
        "--out",
        "file/.env",
        code=SETTINGS,
        says=["no directory file"],
        prepare=both(stored(TOKEN), file("file", "x")),
    ),
    bad("out-empty", "sync", "--out", "", code=SETTINGS, says=["--out"], prepare=stored(TOKEN)),
    bad("out-behind-a-tilde", "sync", "--out=~/.env", code=SETTINGS, says=["~/.env", "$HOME/.env"], prepare=stored(TOKEN)),
    bad("out-a-device", "sync", "--out", "/dev/full", code=SETTINGS, says=["/dev/full is not a regular file"], prepare=stored(TOKEN)),
    bad(
        "out-on-a-full-disk",
        "sync",
        "--out",
        ".env",
        code=1,
        says=["cannot write .env", "No space left on device", "unchanged"],
        prepare=full_disk,
    ),
    bad(
        "conflict-under-strict",
        "sync",
        "--strict",
        code=SETTINGS,
        says=["1 conflict", "--strict", "Nothing was delivered"],
        prepare=stored(TOKEN, "/myteam/shared/token"),
        notes=rf"Warning: TOKEN: /myteam/shared/token \(shared\) is overridden by {TOKEN} \(app my-app\)",
    ),
    bad(
        "undeliverable-under-strict",
        "sync",
        "--strict",
        code=SETTINGS,
        says=["1 undeliverable", "--strict"],
        prepare=stored(TOKEN, "/myteam/my-app/1st"),
        notes=r"Warning: /myteam/my-app/1st is not delivered: 1ST cannot be the name of an environment variable",
    ),
]

COMMAND_LINE = [
    bad("no-command-to-execute", "exec", code=USAGE, says=["no command", "exec -- CMD"]),
    bad("no-command-behind-the-dashes", "exec", "--app", "web", "--", code=USAGE, says=["no command", "exec -- CMD"]),
    bad(
        "both-types-for-one-key",
        "put",
        f"TOKEN={SENTINEL}",
        "--plain-key",
        "TOKEN",
        "--secure",
        "TOKEN",
        code=USAGE,
        says=["TOKEN", "--plain-key and --secure", "one of them"],
    ),
    bad("type-for-a-key-that-is-not-put", "put", f"TOKEN={SENTINEL}", "--secure", "TOKNE", code=USAGE, says=["TOKNE", "no value"]),
    bad("unknown-flag", "put", f"--token={SENTINEL}", code=USAGE, says=["--token=…", "--help"]),
    bad("unknown-flag-before-the-command", "--token", SENTINEL, "put", "TOKEN=x", code=USAGE, says=["--token", "--help"]),
    bad("value-that-looks-like-a-flag", "put", f"-TOKEN={SENTINEL}", code=USAGE, says=["-TOKEN=…", "--help"]),
    bad("unknown-command", "putt", f"TOKEN={SENTINEL}", code=USAGE, says=["'putt'", "put", "--help"]),
    bad("pair-without-a-command", f"TOKEN={SENTINEL}", code=USAGE, says=["'TOKEN=…'", "--help"]),
    bad("concurrency-of-none", "--read-concurrency", "0", "list", code=USAGE, says=["--read-concurrency", "whole number"]),
    bad("pair-in-place-of-a-number", "--write-rate", f"TOKEN={SENTINEL}", "put", code=USAGE, says=["--write-rate", "number"]),
    bad("timeout-not-a-number", "--timeout", "soon", "list", code=USAGE, says=["--timeout", "number"]),
    bad("unknown-format", "sync", "--format", "yaml", code=USAGE, says=["--format", "systemd"]),
    bad(
        "backup-that-is-none",
        "restore",
        "some.json",
        code=SETTINGS,
        says=["some.json is not a backup"],
        prepare=file("some.json", f'{{"value": "{SENTINEL}"}}'),
    ),
    bad(
        "backup-that-is-cut-off",
        "restore",
        "some.json",
        code=SETTINGS,
        says=["some.json is not a backup"],
        prepare=file("some.json", f'{{"format": "ssmm-backup", "version": 1, "parameters": [{{"value": "{SENTINEL}'),
    ),
]

GROUPS = {
    "prefix": PREFIX, "app": APP, "pair": PAIR, "env-file": ENV_FILE, "value": VALUE, "key": KEY, "tag": TAG, "kms": KMS, "out": OUT,
    "command-line": COMMAND_LINE,
}  # fmt: skip
CASES = [case for cases in GROUPS.values() for case in cases]


def files_below(*folders: str) -> Iterator[tuple[str, int, bytes]]:
    """Path, mode and content of every file."""
    for folder in folders:
        for path in sorted(Path(folder).rglob("*")):
            if path.is_file():
                yield str(path), path.stat().st_mode, path.read_bytes()


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_it_ends_in_one_clear_line_and_writes_nothing(case: Case, scene: Scene, ssmm: Cli, tmp_path: Path) -> None:
    case.prepare(scene)
    before = list(files_below(str(tmp_path)))
    ran = ssmm(*case.arguments)
    lines = [line for line in ran.err.splitlines() if not (case.notes and re.fullmatch(case.notes, line))]
    assert len(lines) == 1, ran.err
    (line,) = lines
    assert line.startswith("Error: ")
    for text in case.says:
        assert text in line
    assert ". " in line, f"does not say how to mend it: {line}"
    assert ran.code == case.code
    assert SENTINEL not in ran.out + ran.err
    assert "Traceback" not in ran.out + ran.err
    assert {call.operation for call in scene.faults.calls} & WRITES <= case.sent
    assert list(files_below(str(tmp_path))) == before


def test_no_command_shows_the_help_and_is_a_usage_error(ssmm: Cli) -> None:
    ran = ssmm.process()
    assert ran.code == USAGE
    assert "COMMAND" in ran.out
    assert re.fullmatch(r"Error: no command\. .+\n", ran.err)


def test_bad_names_are_refused_before_anything_is_sent(scene: Scene, ssmm: Cli) -> None:
    for arguments in (
        ("show", f"{TOKEN}:1"),
        ("show", "/myteam/my app/x"),
        ("delete", "/myteam/my-app/a//b", "-y"),
        ("delete", "/myteam/my app", "-r", "-y"),
        ("tag", "add", "/myteam/my-app/ü", "a=b"),
        ("show", "a b"),
        ("put", f"{'A' * 1000}=x"),
    ):
        assert ssmm(*arguments).code == SETTINGS
        assert scene.faults.calls == [], arguments


def test_an_old_file_stands_when_the_disk_fails_in_a_real_process(ssm: Ssm, tmp_path: Path) -> None:
    ssm.put(TOKEN, SENTINEL)
    Path(".env").write_text("OLD=stands\n")
    limited = 'ulimit -f 0; exec "$@"'
    command = ["sh", "-c", limited, "sh", sys.executable, "-m", "ssmm_core", "sync", "--out", ".env"]
    ended = subprocess.run(command, capture_output=True, text=True, timeout=60)
    assert ended.returncode == 1
    assert ended.stderr == "Error: cannot write .env: File too large. What stood there before is unchanged.\n"
    assert [(path.name, path.read_text()) for path in Path().iterdir()] == [(".env", "OLD=stands\n")]
