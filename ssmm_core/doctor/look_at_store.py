"""Ask Parameter Store, without decrypting, what a unit's calls of ssmm would get, and compare it with what they ask for."""

from __future__ import annotations

import os

from ssmm_core.asked import Asked, parse
from ssmm_core.doctor import bounded
from ssmm_core.doctor.access import READ, may, who_runs
from ssmm_core.doctor.own_files import problem_of
from ssmm_core.doctor.unit_facts import Contract, StoreFacts
from ssmm_core.errors import SsmmError
from ssmm_core.names import distinct, is_environment_name, is_segment, join, prefix_root
from ssmm_core.operations.deliver import Selection, is_forbidden, tagged, why_not
from ssmm_core.operations.required import asked_in, names_of
from ssmm_core.overlay import asked_for, resolve_layers
from ssmm_core.store.retry import Budget
from ssmm_core.systemd.tree import has_own_root
from ssmm_core.tags import tag_pairs

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from typing import Final

    from ssmm_core.doctor.unit_facts import SsmmCommand, UnitFacts
    from ssmm_core.overlay import Overlay
    from ssmm_core.settings import Settings
    from ssmm_core.systemd.service import Service

SECONDS: Final = 5.0
"""How long Parameter Store is asked for what one call of ssmm would get."""
ATTEMPTS: Final = 2
_GIVEN: Final = frozenset({"HOME", "INVOCATION_ID", "LANG", "LOGNAME", "PATH", "SHELL", "USER"})
"""Variables that systemd itself gives a service, or may."""


def with_store(facts: UnitFacts, apps: Sequence[str], settings: Settings, directory: str) -> UnitFacts:
    """The facts with what Parameter Store has for the unit, asked by this process's own credentials; what failed is a fact.

    `apps` count instead of the unit's own. `directory` is where its commands run, empty where that cannot be told.
    """
    if settings.credentials is None and (problem := problem_of(os.environ)) is not None:
        return facts.replace(store=StoreFacts(problem=problem.message, hint=problem.hint))
    found: list[StoreFacts] = []
    contracts: list[Contract] = []
    root = ""
    for command in facts.commands or (None,):
        own, asked = _selection(command, facts, apps, settings)
        root = root or own.root
        if isinstance(asked, StoreFacts):
            found.append(asked)
            continue
        try:
            resolved, empty = _asked(own, asked)
        except SsmmError as error:
            found.append(StoreFacts(problem=error.message, hint=error.hint))
            continue
        secret = {one.name: one.winner.parameter.is_secure for one in resolved.variables}
        kept_out = {one.variable: one.parameter.is_secure for one in resolved.undeliverable}
        found.append(StoreFacts(kept_out | secret, empty, layers=_layers(resolved)))
        if command is not None and not empty:
            contracts.append(contract(command, resolved, facts, directory))
    return facts.replace(prefix=root, store=_together(found), contracts=tuple(contracts))


def said(service: Service, name: str) -> str:
    """A variable of `Environment=` that says where to look: its value goes into no fact but as a place or a name of ours."""
    value = service.environment.get(name)
    return value.reveal() if value is not None else ""


def contract(command: SsmmCommand, resolved: Overlay, facts: UnitFacts, directory: str) -> Contract:
    """What a call asks for, beside what it would get."""
    required, unread = _listed(command.require_from, command, facts, directory)
    listed, unread_too = _listed(command.names_from, command, facts, directory)
    only = {one.name: one for one in (*listed, *map(_parsed, command.only))}
    alone = {name: Asked(name) for name in (*command.require, *(one.name for one in required))} if command.only_required else {}
    narrow = only or alone or command.names_from
    got = asked_for(resolved, tuple((alone | only).values()), frozenset(command.allowed)) if narrow else resolved
    delivered = frozenset(one.name for one in got.variables)
    forbidden = [one for one in got.undeliverable if is_forbidden(one)]
    names = distinct((*command.require, *names_of(required)))
    inherited = _inherited(command, facts)
    present = (delivered | inherited).difference(command.unset)
    may_have = command.mode == "exec" and not command.pristine and any(one.is_unknown for one in facts.files)
    refused = frozenset(one.variable for one in forbidden)
    return Contract(
        command,
        missing=_shown(name for name in names if name not in present | refused),
        unsure=may_have,
        only_missing=_shown(name for name in names_of(only.values()) if name not in delivered | refused),
        unread=unread + unread_too,
        refused=tuple((one.parameter.name, one.variable) for one in forbidden),
        left_out=tuple(f"{one.parameter.name} is not delivered: {why_not(one)}" for one in got.undeliverable if not is_forbidden(one)),
        clashes=tuple(map(str, got.clashes)) if command.strict else (),
    )


def _selection(
    command: SsmmCommand | None, facts: UnitFacts, apps: Sequence[str], settings: Settings
) -> tuple[Selection, Settings | StoreFacts]:
    """What a call asks for, and the settings to ask with, or why nobody can be asked."""
    service = facts.service
    assert service is not None
    given = (command.prefix if command else "") or said(service, "SSMM_PREFIX_ROOT") or settings.prefix or ""
    apps = tuple(apps) or (command.apps if command else ()) or ((facts.directory_app,) if facts.directory_app else ())
    try:
        root = prefix_root(given) if given else ""
        tags = tag_pairs(command.tags) if command else {}
    except SsmmError as error:
        return Selection("", ()), StoreFacts(problem=error.message, hint=error.hint)
    selection = Selection(root, tuple(apps), command is None or command.shared, tags, frozenset(command.allowed if command else ()))
    if not root:
        return selection, StoreFacts(problem="its prefix is not known", hint=f"ssmm doctor{facts.scope} {facts.unit} --prefix /TEAM")
    if not apps or not all(map(is_segment, apps)):
        return selection, StoreFacts(problem="its app is not known", hint=f"ssmm doctor{facts.scope} {facts.unit} --app APP")
    if command is not None:
        settings = settings.replace(
            profile=settings.profile or command.profile or None,
            region=command.region or said(service, "AWS_REGION") or said(service, "AWS_DEFAULT_REGION") or settings.region,
            endpoint_url=command.endpoint_url or settings.endpoint_url,
        )
    return selection, settings


def _asked(selection: Selection, settings: Settings) -> tuple[Overlay, tuple[str, ...]]:
    """(the environment, the apps without any parameter). Unlike a delivery, one without parameters is an answer.

    Raises:
        SsmmError: a layer could not be read whole.
    """
    from ssmm_core.store.aws import AwsStore

    store = AwsStore(settings.replace(timeout=min(settings.timeout, SECONDS)))
    budget = Budget(SECONDS, ATTEMPTS)
    layers = [
        (
            layer,
            tagged(store, selection, decrypt=False, budget=budget)
            if layer.kind == "tag"
            else list(store.walk(join(selection.root, layer.name), decrypt=False, budget=budget)),
        )
        for layer in selection.layers
    ]
    empty = tuple(layer.name for layer, parameters in layers if layer.kind == "app" and not parameters)
    return resolve_layers(selection.root, layers, selection.allowed), empty


def _layers(resolved: Overlay) -> tuple[tuple[str, int], ...]:
    winners = [one.winner.layer for one in resolved.variables]
    return tuple((str(layer), winners.count(layer)) for layer, _ in reversed(resolved.found))


def _together(found: Sequence[StoreFacts]) -> StoreFacts:
    """What is known of all calls of a unit: nearly always there is one."""
    failed = next((one for one in found if one.problem), found[0])
    return found[0].replace(
        variables={name: secret for one in found for name, secret in one.variables.items()},
        empty_apps=distinct(app for one in found for app in one.empty_apps),
        problem=failed.problem,
        hint=failed.hint,
    )


def _parsed(text: str) -> Asked:
    """A word of `--only`; what is none, ssmm refuses, and no layer has."""
    try:
        return parse(text)
    except SsmmError:
        return Asked(text)


def _listed(
    paths: Iterable[str], command: SsmmCommand, facts: UnitFacts, directory: str
) -> tuple[tuple[Asked, ...], tuple[tuple[str, str, bool], ...]]:
    """(the names in files, the files of names that cannot be read: path, why, whether the unit cannot either)."""
    names: list[Asked] = []
    unread: list[tuple[str, str, bool]] = []
    service = facts.service
    rooted = service is not None and has_own_root(service)
    for written in paths:
        path = os.path.join(directory, written)
        if rooted or not path.startswith("/"):
            unread.append((written, f"where {written} is for the unit cannot be seen", False))
        elif may(who_runs(command, facts), path, READ) is False and facts.runner.known and not facts.runner.dynamic:
            unread.append((path, f"{'root' if command.as_root else facts.runner.name} may not read {path}", True))
        else:
            try:
                names += asked_in(bounded.read(path), path)
            except bounded.UnfitError as error:
                unread.append((path, f"{path} {error}", True))
            except OSError as error:
                unread.append((path, f"cannot read {path}: {os.strerror(error.errno or 0)}", _is_seen(path)))
            except SsmmError as error:
                unread.append((path, error.message, _is_seen(path)))
    return tuple(names), tuple(unread)


def _is_seen(path: str) -> bool:
    """Whether what is wrong with a file is so for everybody, and not for whoever asks alone."""
    try:
        os.stat(path)
    except OSError as error:
        return not isinstance(error, PermissionError)
    return os.access(path, os.R_OK)


def _inherited(command: SsmmCommand, facts: UnitFacts) -> frozenset[str]:
    """The variables that a program behind `ssmm exec` has without any parameter."""
    if command.mode == "sync":
        return frozenset()
    taken = facts.service.unset_environment if facts.service is not None else ()
    whole = (facts.variables | _GIVEN).difference(taken) | command.assigned
    return whole & frozenset(command.keep) if command.pristine else whole


def _shown(names: Iterable[str]) -> tuple[str, ...]:
    """Names as messages have them: a pair in the wrong place holds a value."""
    return distinct(name if is_environment_name(name) else f"{name.partition('=')[0]}=…" for name in names)
