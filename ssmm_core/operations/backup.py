"""Private backup files: written before anything is destroyed, enough to put it back."""

from __future__ import annotations

import json
import os
import time

from ssmm_core.errors import InvalidInput, SettingsError
from ssmm_core.files import private_directory, read_file, write_private
from ssmm_core.operations.snapshot import Snapshot
from ssmm_core.secret import SecretValue

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence
    from typing import Any, Final

FORMAT: Final = "ssmm-backup"
VERSION: Final = 1


def write(snapshots: Sequence[Snapshot], *, state_directory: str | None, kind: str, region: str) -> str:
    """Write snapshots to a fresh file, mode 0600, in our own state directory, mode 0700; its path.

    Raises:
        SettingsError: there is no home to keep it in.
        StorageError: it could not be written; then nothing may be destroyed.
    """
    if state_directory is None:
        raise SettingsError("no place for a backup: neither XDG_STATE_HOME nor HOME is set", hint="Set one of them, or pass --no-backup.")
    directory = os.path.join(state_directory, "backups")
    private_directory(directory)
    stamp = time.strftime("%Y%m%dT%H%M%SZ", time.gmtime())
    path = os.path.join(directory, f"{stamp}-{kind}-{os.urandom(3).hex()}.json")
    parameters = [_to_json(one) for one in snapshots]
    # in ASCII, for a value may hold what no UTF-8 can: half of a surrogate pair
    content = json.dumps({"format": FORMAT, "version": VERSION, "region": region, "parameters": parameters}, indent=2).encode()

    def verify(written: bytes) -> None:
        if _parse(written, path, region) != tuple(snapshots):
            raise InvalidInput(f"the backup {path} does not read back as it was written")

    write_private(path, content, verify=verify)
    return path


def read(path: str, *, region: str) -> tuple[Snapshot, ...]:
    """The snapshots of a backup that was made in `region`.

    Raises:
        InvalidInput: it cannot be read, is none of ours, or was made in another region.
    """
    return _parse(read_file(path), path, region)


def _parse(content: bytes, path: str, region: str) -> tuple[Snapshot, ...]:
    try:
        data = json.loads(content)
        if data["format"] != FORMAT or data["version"] != VERSION:
            raise ValueError
        made_in = str(data["region"])
        snapshots = tuple(_from_json(one) for one in data["parameters"])
    except (ValueError, KeyError, TypeError, AttributeError):
        raise InvalidInput(f"{path} is not a backup of ssmm", hint="Name a file that `ssmm delete` or `ssmm migrate` wrote.") from None
    if made_in != region:
        raise InvalidInput(f"{path} was made in {made_in}, and this is {region}", hint=f"Pass --region {made_in}.")
    return snapshots


def _to_json(snapshot: Snapshot) -> dict[str, Any]:
    plain = {field: getattr(snapshot, field) for field in Snapshot._fields}
    return plain | {"value": snapshot.value.reveal(), "tags": dict(snapshot.tags)}


def _from_json(data: dict[str, Any]) -> Snapshot:
    texts = [data[field] for field in ("name", "value", "type", "tier", "key_id", "data_type", "allowed_pattern", "description")]
    texts += [*data["policies"], *data["labels"], *data["tags"], *data["tags"].values()]
    if not all(isinstance(text, str) for text in texts):
        raise TypeError
    changed = {"value": SecretValue(data["value"]), "policies": tuple(data["policies"]), "labels": tuple(data["labels"])}
    return Snapshot(**(data | changed))
