"""Calls of the store, as the tests make them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from ssmm_core.models import Parameter, PutRequest
from ssmm_core.secret import SecretValue

if TYPE_CHECKING:
    from collections.abc import Callable

    from ssmm_core.store.aws import AwsStore
    from tests.support.faults import Faults

SENTINEL = "made-up-sentinel-value"
KMS_KEY = "arn:aws:kms:eu-central-1:123456789012:key/1234abcd"
KMS_DENIED = f"User: arn:aws:iam::123456789012:user/made-up is not authorized to perform: kms:Decrypt on resource: {KMS_KEY}"
KMS_UNKNOWN = f"Key '{KMS_KEY}' does not exist (Service: AWSKMS; Status Code: 400; Error Code: NotFoundException)"


def walked(store: AwsStore, path: str = "/myteam", *, decrypt: bool = True) -> list[Parameter]:
    return sorted(store.walk(path, decrypt=decrypt, budget=store.budget()), key=lambda one: one.name)


def names_of(parameters: list[Parameter]) -> list[str]:
    return [one.name for one in parameters]


def got(store: AwsStore, *names: str, decrypt: bool = True) -> dict[str, Parameter]:
    return store.get(names, decrypt=decrypt, budget=store.budget())


def request(name: str = "/myteam/web/token", value: str = SENTINEL, **more: Any) -> PutRequest:
    return PutRequest(**{"name": name, "value": SecretValue(value), "type": "SecureString", "overwrite": False, **more})


def raw(name: str) -> dict[str, object]:
    """A parameter as the service writes it."""
    return {"Name": name, "Type": "String", "Value": "made-up", "Version": 1}


def sent(faults: Faults, operation: str) -> list[dict[str, Any]]:
    return [call.body for call in faults.calls if call.operation == operation]


READS: dict[str, Callable[[AwsStore], object]] = {
    "GetParametersByPath": walked,
    "GetParameters": lambda store: got(store, "/myteam/web/token"),
    "GetParameter": lambda store: store.get_version("/myteam/web/token", "1", decrypt=True, budget=store.budget()),
    "DescribeParameters": lambda store: list(store.describe(path="/myteam", budget=store.budget())),
    "GetParameterHistory": lambda store: list(store.history("/myteam/web/token", decrypt=True, budget=store.budget())),
    "ListTagsForResource": lambda store: store.tags("/myteam/web/token", budget=store.budget()),
}
REPEATABLE_WRITES: dict[str, Callable[[AwsStore], object]] = {
    "AddTagsToResource": lambda store: store.add_tags("/myteam/web/token", {"a": "b"}, budget=store.budget()),
    "RemoveTagsFromResource": lambda store: store.remove_tags("/myteam/web/token", ["a"], budget=store.budget()),
    "LabelParameterVersion": lambda store: store.label("/myteam/web/token", 1, ["x"], budget=store.budget()),
}
SENT_ONCE: dict[str, Callable[[AwsStore], object]] = {
    "PutParameter": lambda store: store.put(request(overwrite=True), budget=store.budget()),
    "DeleteParameters": lambda store: store.delete(["/myteam/web/token"], budget=store.budget()),
}
CALLS = READS | REPEATABLE_WRITES | SENT_ONCE
