"""Units that get what they name and nothing else: what a switch writes, what the service has, and what doctor makes of it."""

from __future__ import annotations

import pytest

from tests.conftest import ROOT, Ssm
from tests.systemd.doctoring import ONLINE, SENTINEL, look, starts, worse
from tests.systemd.scene import ON_SYSTEM, Units

UNIT = "only.service"


@pytest.fixture
def team(ssm: Ssm) -> Ssm:
    ssm.put(f"{ROOT}/my-app/token", SENTINEL)
    ssm.put(f"{ROOT}/my-app/db/url", "made-up")
    ssm.put(f"{ROOT}/my-app/unasked", SENTINEL)
    ssm.put(f"{ROOT}/shared/region", "made-up")
    return ssm


@ON_SYSTEM
def test_what_a_unit_names_is_all_that_it_gets_whichever_way_it_is_switched(units: Units, team: Ssm) -> None:
    units.load(UNIT, f"ExecStart={units.command}")
    names = units.folder / "names with $HOME"
    names.write_text("REGION\nABSENT?\n", encoding="utf-8")
    units.switch("exec", UNIT, "--require", "TOKEN", "--only-required", "--only", "URL=db/url", "--names-from", str(names))
    for mode in ("exec", "sync", "sync", "exec"):
        assert "not kept" not in units.switch(mode, UNIT)
        environment = units.started(UNIT)[1]
        assert (environment["TOKEN"], environment["URL"], environment["REGION"]) == (SENTINEL, "made-up", "made-up")
        assert not environment.keys() & {"UNASKED", "ABSENT", "DB_URL"}


@pytest.mark.parametrize(
    ("options", "found"),
    [
        ("--only TOKEN URL=db/url ABSENT? REGION", set()),
        ("--only TOKEN URL=no/such", {"only"}),
        ("--only TOKEN --names-from {names}", {"only"}),
        ("--only TOKEN --names-from /no/names", {"required-file"}),
        ("--require TOKEN OWN --only-required", set()),
        ("--require TOKEN MISTYPED --only-required", {"required"}),
        ("--require TOKEN REGION --only-required --only DB_URL", set()),
    ],
)
def test_doctor_says_what_the_start_says(of_user: Units, team: Ssm, options: str, found: set[str]) -> None:
    names = of_user.env_file("names", "REGION=example\nMISTYPED=\nABSENT?\n")
    asked = options.format(names=names)
    start = f"Environment=OWN=1\nExecStart={of_user.program} exec --prefix {ROOT} --app my-app {asked} -- {of_user.command}"
    of_user.load(UNIT, start, ONLINE)
    assert starts(of_user, UNIT) is (not found)
    assert worse(look(of_user, UNIT)) == found
