"""What a unit's settings make of the tree of files that it sees (systemd.exec(5), *Sandboxing*). Pure."""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable
    from typing import Final

    from ssmm_core.systemd.service import Service

_HOMES: Final = ("/home", "/root", "/run/user")
"""What ProtectHome= is about."""


def covers(place: str, path: str) -> bool:
    """Whether a path is `place` or below it; the signs that a setting may have before a path are left out."""
    bare = place.lstrip("-+").rstrip("/")
    return path == bare or path.startswith(f"{bare}/")


def has_own_root(service: Service) -> bool:
    """Whether its files are other ones than the machine's."""
    return service.root_directory not in ("", "/") or bool(service.root_image)


def other_folder(service: Service, folder: str) -> str:
    """The setting with which the unit's `folder` is another one than its manager's, empty without.

    `+` takes no command out of these. The innermost counts, and a path that is bound to its own place is the machine's.
    """
    place, setting = _innermost(service, folder)
    if place:
        return setting
    return "" if setting or not has_own_root(service) else "RootDirectory=" if service.root_directory not in ("", "/") else "RootImage="


def hides_program(service: Service, path: str, *, outside: bool) -> str:
    """The setting that keeps a program from being found or run, empty without; `outside` is for a command with `+`."""
    place, setting = _innermost(service, path)
    if place and setting.startswith("TemporaryFileSystem="):
        return setting
    if outside:
        return ""
    if inaccessible := _longest(service.inaccessible_paths, path):
        return f"InaccessiblePaths={inaccessible}"
    home = _longest(_HOMES, path)
    if service.protect_home == "yes" and home:
        return "ProtectHome=yes"
    if service.protect_home == "tmpfs" and home and not any(covers(home, one) and covers(one, path) for one in service.bind_destinations):
        return "ProtectHome=tmpfs"
    barred = _longest(service.no_exec_paths, path)
    return f"NoExecPaths={barred}" if barred and len(_longest(service.exec_paths, path)) <= len(barred) else ""


def _innermost(service: Service, path: str) -> tuple[str, str]:
    """(the place, the setting) that covers a path; the place is empty where that is one bound to itself, or there is none."""
    moved = dict(zip(service.bind_destinations, service.bind_sources, strict=False))
    empty, bound = _longest(service.temporary_file_systems, path), _longest(service.bind_destinations, path)
    if not empty and not bound:
        return "", ""
    if len(empty) > len(bound):
        return empty, f"TemporaryFileSystem={empty}"
    source = moved.get(bound, "").rstrip("/")
    return ("" if source == bound.rstrip("/") else bound), f"BindPaths={source}:{bound}"


def _longest(places: Iterable[str], path: str) -> str:
    return max((place.lstrip("-+") or "/" for place in places if covers(place, path)), key=len, default="")
