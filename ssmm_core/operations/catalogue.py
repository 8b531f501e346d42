"""Learn what a team has, page by page, for somebody who watches: no call in this module decrypts anything."""

from __future__ import annotations

from ssmm_core.catalogue import Entry, entry_of
from ssmm_core.errors import AccessDenied, NotFound, SsmmError
from ssmm_core.models import ParameterMetadata
from ssmm_core.names import distinct, is_below
from ssmm_core.parallel import each
from ssmm_core.store.retry import ATTEMPTS, Budget

TYPE_CHECKING = False
if TYPE_CHECKING:
    import threading
    from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
    from typing import Final, TypeVar

    from ssmm_core.models import Parameter
    from ssmm_core.store import ParameterStore

    Item = TypeVar("Item")

PATIENCE: Final = 600.0
"""Seconds for a whole catalogue: whoever waits for it sees it grow, and can leave."""
FIRST_ATTEMPTS: Final = 3
"""Whoever sees nothing yet is soon told that nobody answers; once something came, a gap is waited out."""
FIRST_PAGE: Final = 50
LARGEST_PAGE: Final = 200
"""Entries handed over at a time: few at first, to fill a screen soon; then more, because each page is a redraw."""


def load(store: ParameterStore, root: str, *, on_page: Callable[[tuple[Entry, ...]], None], stop: threading.Event) -> tuple[str, ...]:
    """Hand over the entries of everything below `root`, without tags. The answer are warnings of what could not be learnt.

    What changes meanwhile may come twice; the later one counts. Ends early once `stop` is set.

    Raises:
        AccessDenied, TemporaryError, …: the listing broke off; what was handed over stands.
    """
    budget = Budget(PATIENCE, FIRST_ATTEMPTS)
    described = _pages(store.describe(path=root, budget=budget), stop)
    try:
        first = next(described, ())
    except AccessDenied as error:
        walked = (_bare(one) for one in store.walk(root, decrypt=False, budget=budget))
        for page in _pages(walked, stop):
            on_page(tuple(entry_of(one, root) for one in page))
        return (f"descriptions, tiers, keys and authors are not known: {error.message}",)
    budget.attempts = ATTEMPTS
    if first:
        on_page(tuple(entry_of(one, root) for one in first))
    for page in described:
        on_page(tuple(entry_of(one, root) for one in page))
    return ()


def load_tags(
    store: ParameterStore, root: str, *, on_tags: Callable[[Mapping[str, Mapping[str, str]]], None], stop: threading.Event
) -> str:
    """Hand over the tags of what lies below `root`, in bulk, by name. What was not handed over has none, where it went to the end.

    The answer is empty then, else a warning why it did not.
    """
    try:
        for page in _pages(store.all_tags(root, budget=Budget(PATIENCE)), stop):
            on_tags(dict(page))
    except SsmmError as error:
        return f"tags could not be read all at once: {error.message}"
    return "reading tags was stopped" if stop.is_set() else ""


def refresh(store: ParameterStore, root: str, names: Iterable[str], *, threads: int) -> tuple[dict[str, Entry], frozenset[str]]:
    """What parameters below `root` are now, with their tags, and which of `names` are gone.

    Version, type and time are those of GetParameters: descriptions trail a write by seconds, so that they may still be the earlier ones.
    Where describing or listing tags is not allowed, that part is missing.
    """
    budget = store.budget()
    wanted = [name for name in distinct(names) if is_below(name, root)]
    present = store.get(wanted, decrypt=False, budget=budget)
    try:
        described = {one.name: one for one in store.describe(names=list(present), budget=budget)} if present else {}
    except AccessDenied:
        described = {}

    def tags(name: str) -> Mapping[str, str] | None:
        try:
            return store.tags(name, budget=budget)
        except (AccessDenied, NotFound):  # the latter: not everywhere known yet, or gone since
            return None

    tagged = dict(zip(present, each(tags, list(present), threads=threads), strict=True))
    entries = {name: entry_of(_current(one, described.get(name)), root, tagged[name]) for name, one in present.items()}
    return entries, frozenset(wanted) - entries.keys()


def values(store: ParameterStore, names: Iterable[str]) -> dict[str, Parameter]:
    """The String and StringList parameters among `names`, with their values."""
    found = store.get(names, decrypt=False, budget=store.budget())
    return {name: one for name, one in found.items() if not one.is_secure}


def _pages(items: Iterator[Item], stop: threading.Event) -> Iterator[Sequence[Item]]:
    size = FIRST_PAGE
    page: list[Item] = []
    for item in items:
        if stop.is_set():
            return
        page.append(item)
        if len(page) == size:
            yield page
            page = []
            size = min(2 * size, LARGEST_PAGE)
    if page:
        yield page


def _current(parameter: Parameter, described: ParameterMetadata | None) -> ParameterMetadata:
    """Metadata of a parameter as it stands, with what an earlier or later version's description says of the rest."""
    bare = _bare(parameter)
    if described is None:
        return bare
    if described.version == parameter.version:
        return described
    return described.replace(
        type=bare.type,
        version=bare.version,
        data_type=bare.data_type,
        key_id=described.key_id if described.type == bare.type else "",
        last_modified=bare.last_modified,
        last_modified_user="",
    )


def _bare(parameter: Parameter) -> ParameterMetadata:
    """All that a reader without the right to describe learns."""
    return ParameterMetadata(
        parameter.name,
        parameter.type,
        parameter.version,
        data_type=parameter.data_type,
        last_modified=parameter.last_modified,
    )
