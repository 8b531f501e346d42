"""Rules about how a unit fares now: what it ended with, told in words, and where its own words are."""

from __future__ import annotations

import signal

from ssmm_core.doctor.finding import Finding
from ssmm_core.errors import ExitCode
from ssmm_core.systemd.dropin import is_template

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from typing import Final

    from ssmm_core.doctor.unit_facts import UnitFacts
    from ssmm_core.systemd.service import Service

AREA: Final = "Unit"
_EXITED: Final = 1
"""CLD_EXITED (waitid(2)): what stands beside it is a code, and beside all others a signal."""
_OURS: Final = {
    ExitCode.TEMPORARY: "what may heal by itself: the network, throttling, or credentials that are not there yet",
    ExitCode.DENIED: "denied: a policy does not allow it, or AWS rejected the credentials",
    ExitCode.SETTINGS: "settings or data that cannot be right",
    ExitCode.CANNOT_EXECUTE: "a program behind ssmm exec that may not be run",
    ExitCode.NOT_FOUND: "a program behind ssmm exec that is not there",
}
_SYSTEMDS: Final = {
    200: ("CHDIR", "its working directory is not there, or its user may not enter it"),
    203: ("EXEC", "the program is not there, or may not be run"),
    216: ("GROUP", "there is no such group"),
    217: ("USER", "there is no such user"),
    226: ("NAMESPACE", "its sandbox could not be set up: a path that it names is not there"),
    233: ("RUNTIME_DIRECTORY", "its runtime directory could not be made"),
    243: ("CREDENTIALS", "its credentials could not be loaded"),
}
"""What systemd itself ends a process with before its program runs (systemd.exec(5), *Process Exit Codes*)."""
_RESULTS: Final = {
    "resources": "what it needs was not there, as a file of EnvironmentFile=",
    "start-limit-hit": "it was started too often within too short a time",
    "timeout": "it took too long",
    "oom-kill": "there was no memory left",
    "protocol": "it did not say that it is ready, as its Type= asks for",
    "watchdog": "it went silent",
}


def state(facts: UnitFacts) -> Iterator[Finding]:
    service = facts.service
    if service is None or service.load_state != "loaded" or is_template(facts.unit):
        return
    failed, again = service.active_state == "failed", service.sub_state.startswith("auto-restart")
    if not failed and not again:
        inside = f" ({service.sub_state})" if service.sub_state else ""
        said = "it does not run, and has not failed" if service.active_state == "inactive" else f"it is {service.active_state}{inside}"
        yield Finding("ok", AREA, "unit-state", said)
        return
    setting, how, code = _end(service)
    ended = f": {setting}= {how}" if setting else f": {_RESULTS[service.result]}" if service.result in _RESULTS else ""
    begun = "it has failed" if failed else "it ended, and systemd is about to start it again"
    heals = code not in (*_OURS, *_SYSTEMDS) or code == ExitCode.TEMPORARY
    why = _meaning(facts, setting, code)
    if setting and service.result in _RESULTS:
        why = f"{_RESULTS[service.result].capitalize()}. {why}"
    log = "-u" if facts.system else "--user-unit"
    yield Finding(
        "warning" if again and heals else "error",
        AREA,
        "unit-state",
        f"{begun} (Result={service.result}){ended}",
        why,
        f"journalctl {log} {service.id} -n 20",
    )


RULES: Final[tuple[Callable[[UnitFacts], Iterator[Finding]], ...]] = (state,)


def _end(service: Service) -> tuple[str, str, int]:
    """(the setting whose command ended badly, how, its code); empty, and 0, where none did."""
    for command, exit_of in zip(service.exec_start_pre, service.start_pre_exits, strict=False):
        if "ignore-failure" not in command.flags and _is_bad(exit_of):
            return ("ExecStartPre", *_said(exit_of))
    return ("ExecStart", *_said(service.main_exit)) if _is_bad(service.main_exit) else ("", "", 0)


def _is_bad(exit_of: tuple[int, int]) -> bool:
    return bool(exit_of[0]) and exit_of != (_EXITED, 0)


def _said(exit_of: tuple[int, int]) -> tuple[str, int]:
    how, what = exit_of
    if how == _EXITED:
        return f"ended with {what}" + (f"/{_SYSTEMDS[what][0]}" if what in _SYSTEMDS else ""), what
    try:
        return f"was ended by {signal.Signals(what).name}", 0
    except ValueError:
        return f"was ended by signal {what}", 0


def _meaning(facts: UnitFacts, setting: str, code: int) -> str:
    if code in _SYSTEMDS:
        return f"To systemd that means: {_SYSTEMDS[code][1]}."
    calls = [one for one in facts.commands if one.setting == setting]
    if code in _OURS and calls:
        heals = "" if code == ExitCode.TEMPORARY else " No retry heals it."
        other = " The program behind ssmm exec may mean something else by it." if calls[0].mode == "exec" else ""
        return f"To ssmm {code} means {_OURS[ExitCode(code)]}.{heals}{other}"
    return "Its log says why."
