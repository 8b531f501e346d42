"""A team's catalogue: its entries, and how they are read without decrypting anything."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING, Any

import pytest

from ssmm_core.catalogue import Entry, entry_of
from ssmm_core.errors import AccessDenied, Unreachable
from ssmm_core.models import Parameter, ParameterMetadata
from ssmm_core.operations import catalogue
from ssmm_core.secret import SecretValue
from tests.conftest import ROOT, Ssm
from tests.store.calls import sent

if TYPE_CHECKING:
    from collections.abc import Mapping

    from ssmm_core.store.aws import AwsStore
    from tests.support.faults import Faults

# Entries


def test_an_entry_knows_its_place_its_variable_and_what_a_filter_searches() -> None:
    about = ParameterMetadata("/myteam/Web_App/db/Read_URL", "SecureString", 3, last_modified=5.0)
    entry = entry_of(about, ROOT, {"env": "prod"})
    assert (entry.app, entry.key, entry.variable) == ("Web_App", "db/Read_URL", "DB_READ_URL")
    assert entry.text == "web-app/db/read-url"
    assert (entry.name, entry.type, entry.version, entry.last_modified) == (about.name, "SecureString", 3, 5.0)
    assert entry.tags == {"env": "prod"}
    assert entry.parameter == Parameter(about.name, "SecureString", 3, None, 5.0)


def test_an_entry_directly_below_the_root_has_no_app() -> None:
    entry = entry_of(ParameterMetadata("/myteam/token", "String", 1), ROOT)
    assert (entry.app, entry.key, entry.text) == ("", "token", "token")
    assert entry.tags is None


@pytest.mark.parametrize(
    ("key", "type", "finding"),
    [
        ("api-token", "String", "a String, though its name reads as a secret's"),
        ("api-tokens", "StringList", "a StringList, though its name reads as a secret's"),
        ("api-token", "SecureString", ""),
        ("db-host", "String", ""),
    ],
)
def test_a_secret_that_lies_open_is_a_finding(key: str, type: Any, finding: str) -> None:
    assert entry_of(ParameterMetadata(f"/myteam/web/{key}", type, 1), ROOT).finding == finding


# Loading


class Loaded:
    """What a load handed over."""

    def __init__(self, store: AwsStore, *, stop_after: int = -1) -> None:
        self.pages: list[tuple[Entry, ...]] = []
        self._stop_after = stop_after
        self._stop = threading.Event()
        self.store = store

    def load(self) -> tuple[str, ...]:
        return catalogue.load(self.store, ROOT, on_page=self._take, stop=self._stop)

    def _take(self, page: tuple[Entry, ...]) -> None:
        self.pages.append(page)
        if len(self.pages) == self._stop_after:
            self._stop.set()

    @property
    def names(self) -> list[str]:
        return sorted(entry.name for page in self.pages for entry in page)


def listing(faults: Faults, pages: int, *, whole: bool = True) -> None:
    """Let the service describe fifty parameters a page; the last says that there is no more where that is the `whole`."""
    for page in range(pages):
        about = [{"Name": f"/myteam/web/key-{page}-{one:02}", "Type": "SecureString", "Version": 1} for one in range(50)]
        faults.reply("DescribeParameters", {"Parameters": about, "NextToken": "" if whole and page == pages - 1 else f"{page}"})


def decrypting(faults: Faults) -> list[str]:
    return [call.operation for call in faults.calls if call.body.get("WithDecryption")]


def test_everything_below_the_root_is_handed_over_with_its_description(faulty_store: AwsStore, ssm: Ssm, faults: Faults) -> None:
    ssm.put("/myteam/web/token", "x", Description="about it")
    ssm.put("/myteam/top", "x", "String")
    ssm.put("/myteam2/web/other", "x", "String")
    loaded = Loaded(faulty_store)
    assert loaded.load() == ()
    assert loaded.names == ["/myteam/top", "/myteam/web/token"]
    token = next(entry for page in loaded.pages for entry in page if entry.app == "web")
    assert (token.metadata.description, token.tags) == ("about it", None)
    assert {call.operation for call in faults.calls} == {"DescribeParameters"}


def test_an_empty_root_hands_nothing_over(store: AwsStore) -> None:
    loaded = Loaded(store)
    assert loaded.load() == ()
    assert loaded.pages == []


def test_the_first_page_is_small_and_later_ones_are_larger(faulty_store: AwsStore, faults: Faults) -> None:
    listing(faults, 9)
    loaded = Loaded(faulty_store)
    loaded.load()
    assert [len(page) for page in loaded.pages] == [50, 100, 200, 100]


def test_a_load_that_is_stopped_asks_no_more(faulty_store: AwsStore, faults: Faults) -> None:
    listing(faults, 9)
    loaded = Loaded(faulty_store, stop_after=1)
    assert loaded.load() == ()
    assert [len(page) for page in loaded.pages] == [50]
    assert faults.count("DescribeParameters") <= 2


def test_a_load_has_more_patience_than_one_call(faulty_store: AwsStore, ssm: Ssm, monkeypatch: pytest.MonkeyPatch) -> None:
    ssm.put("/myteam/web/token", "x")
    monkeypatch.delattr("ssmm_core.store.reader.Reader.budget")
    loaded = Loaded(faulty_store)
    loaded.load()
    assert loaded.names == ["/myteam/web/token"]


def test_nobody_there_is_told_soon_but_a_gap_after_the_first_page_is_waited_out(faulty_store: AwsStore, faults: Faults) -> None:
    faults.cut("DescribeParameters", times=-1)
    with pytest.raises(Unreachable):
        Loaded(faulty_store).load()
    asked = faults.count("DescribeParameters")
    faults._rules.clear()
    listing(faults, 1, whole=False)
    faults.cut("DescribeParameters", times=-1)
    with pytest.raises(Unreachable):
        Loaded(faulty_store).load()
    assert (asked, faults.count("DescribeParameters") - asked) == (3, 1 + 10)


def test_who_may_not_describe_sees_names_and_types_and_is_told_what_is_missing(faulty_store: AwsStore, ssm: Ssm, faults: Faults) -> None:
    ssm.put("/myteam/web/token", "x", Description="about it")
    ssm.put("/myteam/web/host", "x", "String")
    faults.deny("DescribeParameters")
    loaded = Loaded(faulty_store)
    warning = "descriptions, tiers, keys and authors are not known: not allowed to ssm:DescribeParameters"
    assert [one.startswith(warning) for one in loaded.load()] == [True]
    found = {entry.name: entry for page in loaded.pages for entry in page}
    assert {name: (entry.type, entry.version) for name, entry in found.items()} == {
        "/myteam/web/token": ("SecureString", 1),
        "/myteam/web/host": ("String", 1),
    }
    assert all(entry.last_modified for entry in found.values())
    assert decrypting(faults) == []


def test_a_listing_that_breaks_off_is_an_error_and_what_came_stands(faulty_store: AwsStore, faults: Faults) -> None:
    listing(faults, 1, whole=False)
    faults.deny("DescribeParameters")
    loaded = Loaded(faulty_store)
    with pytest.raises(AccessDenied):
        loaded.load()
    assert len(loaded.names) == 50
    assert faults.count("GetParametersByPath") == 0


def test_who_may_neither_describe_nor_walk_is_told_the_latter(faulty_store: AwsStore, faults: Faults) -> None:
    faults.deny("DescribeParameters")
    faults.deny("GetParametersByPath")
    with pytest.raises(AccessDenied, match="ssm:GetParametersByPath"):
        Loaded(faulty_store).load()


# Tags


def load_tags(store: AwsStore, *, stopped: bool = False) -> tuple[str, dict[str, Mapping[str, str]]]:
    found: dict[str, Mapping[str, str]] = {}
    stop = threading.Event()
    if stopped:
        stop.set()
    return catalogue.load_tags(store, ROOT, on_tags=found.update, stop=stop), found


def test_tags_are_read_in_bulk(faulty_store: AwsStore, ssm: Ssm, faults: Faults) -> None:
    ssm.put("/myteam/web/token", "x", tags={"app": "web"})
    ssm.put("/myteam/web/bare", "x")
    assert load_tags(faulty_store) == ("", {"/myteam/web/token": {"app": "web"}})
    assert [call.operation for call in faults.calls] == ["GetResources"]


@pytest.mark.parametrize("code", ["AccessDeniedException", "InvalidParameterException", "ExpiredTokenException"])
def test_tags_that_cannot_be_read_in_bulk_are_a_warning(faulty_store: AwsStore, faults: Faults, code: str) -> None:
    faults.refuse("GetResources", code)
    warning, found = load_tags(faulty_store)
    assert warning.startswith("tags could not be read all at once: ")
    assert found == {}


def test_tags_that_nobody_waits_for_any_more_are_not_whole(store: AwsStore, ssm: Ssm) -> None:
    ssm.put("/myteam/web/token", "x", tags={"app": "web"})
    assert load_tags(store, stopped=True) == ("reading tags was stopped", {})


# Again


def refreshed(store: AwsStore, *names: str) -> tuple[dict[str, Entry], frozenset[str]]:
    return catalogue.refresh(store, ROOT, names, threads=4)


def test_what_is_there_comes_with_its_tags_and_what_is_not_is_gone(faulty_store: AwsStore, ssm: Ssm, faults: Faults) -> None:
    ssm.put("/myteam/web/token", "x", tags={"app": "web"}, Description="about it")
    ssm.put("/elsewhere/web/token", "x")
    found, gone = refreshed(faulty_store, "/myteam/web/token", "/myteam/web/gone", "/myteam/web/token", "/elsewhere/web/token")
    assert gone == {"/myteam/web/gone"}
    assert list(found) == ["/myteam/web/token"]
    entry = found["/myteam/web/token"]
    assert (entry.metadata.description, entry.tags) == ("about it", {"app": "web"})
    assert decrypting(faults) == []


def test_when_all_are_gone_nothing_more_is_asked(faulty_store: AwsStore, faults: Faults) -> None:
    assert refreshed(faulty_store, "/myteam/web/gone") == ({}, frozenset(["/myteam/web/gone"]))
    assert [call.operation for call in faults.calls] == ["GetParameters"]


@pytest.mark.parametrize("described", [1, 9], ids=["a description that trails", "that of one deleted since"])
def test_version_type_and_time_are_those_of_the_parameter_itself(faulty_store: AwsStore, ssm: Ssm, faults: Faults, described: int) -> None:
    ssm.put("/myteam/web/host", "first", "SecureString", Description="about it")
    ssm.put("/myteam/web/host", "second", "String", Description="about it")

    def earlier(_asked: object, answer: dict[str, Any]) -> None:
        answer["Parameters"][0].update(
            Version=described, Type="SecureString", KeyId="alias/ours", LastModifiedDate=1.0, LastModifiedUser="arn:somebody"
        )

    faults.change("DescribeParameters", earlier)
    about = refreshed(faulty_store, "/myteam/web/host")[0]["/myteam/web/host"].metadata
    assert (about.type, about.version, about.key_id, about.last_modified_user) == ("String", 2, "", "")
    assert about.last_modified is not None
    assert about.last_modified > 1.0
    assert about.description == "about it"


def test_a_parameter_that_is_not_described_yet_is_what_it_says_itself(faulty_store: AwsStore, ssm: Ssm, faults: Faults) -> None:
    ssm.put("/myteam/web/token", "x", Description="about it")
    faults.reply("DescribeParameters", {"Parameters": []})
    about = refreshed(faulty_store, "/myteam/web/token")[0]["/myteam/web/token"].metadata
    assert (about.type, about.version, about.description) == ("SecureString", 1, "")


def test_who_may_not_describe_or_list_tags_learns_the_rest(faulty_store: AwsStore, ssm: Ssm, faults: Faults) -> None:
    ssm.put("/myteam/web/token", "x", tags={"app": "web"})
    faults.deny("DescribeParameters")
    faults.deny("ListTagsForResource")
    entry = refreshed(faulty_store, "/myteam/web/token")[0]["/myteam/web/token"]
    assert (entry.version, entry.tags) == (1, None)


def test_tags_of_what_is_not_known_everywhere_yet_are_not_known_either(faulty_store: AwsStore, ssm: Ssm, faults: Faults) -> None:
    ssm.put("/myteam/web/token", "x", tags={"app": "web"})
    faults.refuse("ListTagsForResource", "InvalidResourceId")
    assert refreshed(faulty_store, "/myteam/web/token")[0]["/myteam/web/token"].tags is None


def test_what_may_heal_is_not_taken_for_a_missing_right(faulty_store: AwsStore, ssm: Ssm, faults: Faults) -> None:
    ssm.put("/myteam/web/token", "x", tags={"app": "web"})
    faults.refuse("ListTagsForResource", "InternalServerError", status=500)
    with pytest.raises(Unreachable):
        refreshed(faulty_store, "/myteam/web/token")


# Values


def test_values_of_what_needs_no_decryption_are_read_without_it(faulty_store: AwsStore, ssm: Ssm, faults: Faults) -> None:
    ssm.put("/myteam/web/host", "made-up-host", "String")
    ssm.put("/myteam/web/list", "a,b", "StringList")
    ssm.put("/myteam/web/token", "made-up")
    found = catalogue.values(faulty_store, ["/myteam/web/host", "/myteam/web/list", "/myteam/web/token", "/myteam/web/gone"])
    assert {name: one.value for name, one in found.items()} == {
        "/myteam/web/host": SecretValue("made-up-host"),
        "/myteam/web/list": SecretValue("a,b"),
    }
    assert [body["WithDecryption"] for body in sent(faults, "GetParameters")] == [False]
