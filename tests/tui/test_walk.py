"""One whole walk through the real store, on a real endpoint: browse, filter, mark, tag, find duplicates, promote, take it back."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ssmm_core.settings import Settings
from ssmm_tui.session import Connected
from tests.conftest import REGION, ROOT
from tests.support.tui import running

if TYPE_CHECKING:
    from pathlib import Path

    from ssmm_core.store.aws import AwsStore
    from tests.conftest import Ssm

APPS = ("auth", "mailer", "web")
TOKEN = "made-up-token-that-three-apps-have"


async def test_a_team_is_audited_tagged_and_tidied(ssm: Ssm, store: AwsStore, tmp_path: Path) -> None:
    for app in APPS:
        ssm.put(f"{ROOT}/{app}/slack-token", TOKEN, tags={"app": app, "env": "prod"})
        ssm.put(f"{ROOT}/{app}/http-port", "8080", type="String", tags={"app": app})
    ssm.put(f"{ROOT}/shared/log-level", "info", type="String", tags={"app": "shared"})
    settings = Settings(prefix=ROOT, region=REGION, write_rate=None, state_directory=str(tmp_path / "state"))
    async with running(None, root=ROOT, connect=lambda: Connected(store, settings)) as ui:
        await ui.loaded()
        await ui.sees("web/slack-token", "8080", "env=prod")

        await ui.press("slash")
        await ui.type("key:slack*")
        await ui.press("enter", "a")
        await ui.sees("3 of 7", "3 marked")
        await ui.press("t")
        await ui.sees("Tags of 3 parameters", "env=prod")
        await ui.press("tab")
        await ui.type("owner=platform")
        await ui.press("enter", "f2")
        await ui.sees("owner=platform added", "carries it out")
        await ui.press("enter")
        await ui.sees("3 done")
        await ui.press("escape")
        await ui.sees("owner=platform", "3 marked")
        assert all(ssm.tags(f"{ROOT}/{app}/slack-token") == {"app": app, "env": "prod", "owner": "platform"} for app in APPS)

        await ui.press("2", "x")
        await ui.sees("Read all")
        await ui.press("enter")
        await ui.sees("3×")
        assert TOKEN not in ui.svg
        await ui.press("p")
        await ui.sees("shared/slack-token")
        await ui.press("f2")
        await ui.sees("carries it out")
        await ui.press("enter")
        await ui.sees("4 done")
        assert ssm.value(f"{ROOT}/shared/slack-token") == TOKEN
        assert [name for name in ssm.names(ROOT) if name.endswith("slack-token")] == [f"{ROOT}/shared/slack-token"]
        backups = list((tmp_path / "state" / "backups").iterdir())
        assert [path.stat().st_mode & 0o777 for path in backups] == [0o600]

        await ui.press("u")
        await ui.sees("Undo", "carries it out")
        await ui.press("enter")
        await ui.sees("4 done")
        await ui.press("escape")
        assert [name for name in ssm.names(ROOT) if name.endswith("slack-token")] == [f"{ROOT}/{app}/slack-token" for app in APPS]
        assert all(ssm.tags(f"{ROOT}/{app}/slack-token") == {"app": app, "env": "prod", "owner": "platform"} for app in APPS)
        await ui.press("1")
        await ui.sees("web/slack-token")
        assert TOKEN not in ui.svg
