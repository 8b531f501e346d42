"""Impacts of a promotion: where the environments that delivery resolves differ, before and after."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from ssmm_core.models import Parameter
from ssmm_core.operations.deliver import Selection, resolve_known
from ssmm_core.promotion import Standing, impacts, with_values
from ssmm_core.secret import SecretValue

ROOT = "/team"
APPS = ("api", "shared", "web")
NAMES = [f"{ROOT}/{app}/{key}" for app in APPS for key in ("db-url", "db_url", "db/url", "token")]

State = dict[str, bool]
"""Which names stand, and whether each is tagged."""
STATES = st.dictionaries(st.sampled_from(NAMES), st.booleans())


def parameter(name: str) -> Parameter:
    return Parameter(name, "SecureString", 1)


def standing(state: State) -> Standing:
    return Standing.of(ROOT, [(parameter(name), {"shared": "true"} if tagged else {"shared": "yes"}) for name, tagged in state.items()])


def winners(state: State, app: str, *, tagged: bool) -> dict[str, str]:
    """What delivery itself would take."""
    by_app = {name: [parameter(one) for one in state if one.startswith(f"{ROOT}/{name}/")] for name in APPS}
    selection = Selection(ROOT, (app,), tags={"shared": "true"} if tagged else None)
    overlay = resolve_known(selection, by_app, [parameter(name) for name, has in state.items() if has])
    return {one.name: one.winner.parameter.name for one in overlay.variables}


@given(STATES, STATES, st.dictionaries(st.sampled_from(NAMES), st.sampled_from(["one", "two"]).map(SecretValue)))
def test_the_impacts_are_where_the_environments_differ(before: State, after: State, values: dict[str, SecretValue]) -> None:
    expected = {}
    for app in APPS:
        for tagged in (False, True):
            old, new = winners(before, app, tagged=tagged), winners(after, app, tagged=tagged)
            for variable in old.keys() | new.keys():
                was, becomes = old.get(variable, ""), new.get(variable, "")
                if was == becomes:
                    continue
                equal = was in values and becomes in values and values[was] == values[becomes]
                kind = "loses" if not becomes else "gains" if not was else "same" if equal else "other value"
                expected[app, variable, tagged] = (was, becomes, kind)
    found = with_values(impacts(ROOT, APPS, standing(before), standing(after)), values)
    assert {(one.app, one.variable, one.tagged): (one.before, one.after, one.kind) for one in found} == expected
    assert [(one.app, one.tagged, one.variable) for one in found] == sorted((one.app, one.tagged, one.variable) for one in found)
    assert [one for one in found if one.is_harmful] == [one for one in found if one.kind in ("loses", "other value")]


def test_each_impact_says_who_receives_what_in_which_delivery() -> None:
    before, after = {f"{ROOT}/web/db-url": False}, {f"{ROOT}/api/db-url": True}
    other = f"from {ROOT}/api/db-url, not {ROOT}/web/db-url"
    assert [str(one) for one in impacts(ROOT, ["api", "web"], standing(before), standing(after))] == [
        f"api gains DB_URL in the delivery without --include-tag shared=true, from {ROOT}/api/db-url",
        f"api gains DB_URL in the delivery with --include-tag shared=true, from {ROOT}/api/db-url",
        "web loses DB_URL in the delivery without --include-tag shared=true",
        f"web receives another value of DB_URL in the delivery with --include-tag shared=true: {other}",
    ]
