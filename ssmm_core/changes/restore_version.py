"""Make an older version's value the newest one."""

from __future__ import annotations

from ssmm_core.changes import edit

TYPE_CHECKING = False
if TYPE_CHECKING:
    from ssmm_core.changes import Access, Change


def plan(access: Access, name: str, version: int) -> Change:
    """Write the value of `version`, with the type that it had, as a new version; all else stays as it is now.

    Raises:
        NotFound: the parameter or the version is gone.
        InvalidInput: the service would refuse it.
    """
    loaded = edit.load(access, name)
    old = access.store.get_version(name, str(version), decrypt=True, budget=access.store.budget())
    assert old.value is not None
    draft = edit.Draft.of(loaded).replace(value=old.value, type=old.type)
    title = f"Restore version {version} of {name}"
    return edit.revise(access, draft, loaded, title=title, again=lambda: plan(access, name, version))
