"""What Parameter Store answers to reads, over parameters in memory: its pages, its batches, its refusals."""

from __future__ import annotations

import base64
import json
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

ARN = "arn:aws:ssm:eu-central-1:123456789012:parameter"
MODIFIED = 1767225600.0
"""When everything was written last, in seconds since 1970."""
BATCH = 10
"""Most names of GetParameters, and most entries on a page of GetParametersByPath."""
DESCRIBED = 50
"""Most entries on a page of DescribeParameters; without MaxResults there are ten."""

Body = dict[str, Any]


class Refused(Exception):
    """An error as the service answers it."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(code)
        self.code = code
        self.message = message


class Service:
    """Reads of SecureStrings by name, by path and by tag."""

    def __init__(self, values: Mapping[str, str], tags: Mapping[str, Mapping[str, str]]) -> None:
        self._values = dict(sorted(values.items()))
        self._tags = tags
        self._operations: dict[str, Callable[[Body], Body]] = {
            "GetParameter": self._get_parameter,
            "GetParameters": self._get_parameters,
            "GetParametersByPath": self._get_parameters_by_path,
            "DescribeParameters": self._describe_parameters,
        }

    def call(self, operation: str, content: bytes) -> Body:
        """The answer to one request.

        Raises:
            Refused: the service would refuse it.
        """
        if operation not in self._operations:
            raise Refused("UnknownOperationException", "")
        try:
            body = json.loads(content)
        except ValueError:
            raise Refused("SerializationException", "") from None
        return self._operations[operation](body)

    def _get_parameter(self, body: Body) -> Body:
        if body["Name"] not in self._values:
            raise Refused("ParameterNotFound", "")
        return {"Parameter": self._parameter(body["Name"], body)}

    def _get_parameters(self, body: Body) -> Body:
        asked = sorted(set(body["Names"]))
        _check_most("names", len(body["Names"]), BATCH)
        found = [self._parameter(name, body) for name in asked if name in self._values]
        return {"Parameters": found, "InvalidParameters": [name for name in asked if name not in self._values]}

    def _get_parameters_by_path(self, body: Body) -> Body:
        path = body["Path"]
        if not path.startswith("/"):
            raise Refused("ValidationException", "The parameter path must begin with a slash /")
        names = [name for name in self._values if _lies_below(name, path, recursive=body.get("Recursive", False))]
        page, token = _page(names, body, most=BATCH)
        return {"Parameters": [self._parameter(name, body) for name in page], **token}

    def _describe_parameters(self, body: Body) -> Body:
        filters = body.get("ParameterFilters", ())
        names = [name for name in self._values if all(self._passes(name, one) for one in filters)]
        page, token = _page(names, body, most=DESCRIBED)
        return {"Parameters": [_described(name) for name in page], **token}

    def _passes(self, name: str, one: Body) -> bool:
        key, option, values = one["Key"], one.get("Option", "Equals"), one.get("Values", ())
        if key == "Path" and option in ("Recursive", "OneLevel"):
            return any(_lies_below(name, path, recursive=option == "Recursive") for path in values)
        if key == "Name" and option == "Equals":
            return name in values
        if key.startswith("tag:") and option == "Equals":
            its = self._tags.get(name, {})
            return key[4:] in its and (not values or its[key[4:]] in values)
        raise Refused("InvalidFilterKey", "The specified filter is not valid here")

    def _parameter(self, name: str, body: Body) -> Body:
        value = self._values[name]
        shown = value if body.get("WithDecryption") else base64.b64encode(f"made-up ciphertext of {name}".encode()).decode()
        return {
            "ARN": ARN + name,
            "DataType": "text",
            "LastModifiedDate": MODIFIED,
            "Name": name,
            "Type": "SecureString",
            "Value": shown,
            "Version": 1,
        }


def _described(name: str) -> Body:
    return {
        "ARN": ARN + name,
        "DataType": "text",
        "KeyId": "alias/aws/ssm",
        "LastModifiedDate": MODIFIED,
        "LastModifiedUser": "arn:aws:iam::123456789012:user/made-up",
        "Name": name,
        "Policies": [],
        "Tier": "Standard",
        "Type": "SecureString",
        "Version": 1,
    }


def _lies_below(name: str, path: str, *, recursive: bool) -> bool:
    start = path.rstrip("/") + "/"
    return name.startswith(start) and (recursive or "/" not in name[len(start) :])


def _page(names: Sequence[str], body: Body, *, most: int) -> tuple[Sequence[str], Body]:
    """One page, and the token for the next one if there is more. A token holds for the same query alone."""
    size = body.get("MaxResults", BATCH)
    _check_most("maxResults", size, most)
    query = json.dumps({key: value for key, value in body.items() if key not in ("NextToken", "MaxResults")}, sort_keys=True)
    start = 0
    if token := body.get("NextToken"):
        try:
            said, start = json.loads(base64.b64decode(token, validate=True))
        except (ValueError, TypeError):
            said = ""
        if said != query:
            raise Refused("InvalidNextToken", "The specified token isn't valid")
    end = start + size
    return names[start:end], {"NextToken": base64.b64encode(json.dumps([query, end]).encode()).decode()} if end < len(names) else {}


def _check_most(what: str, number: int, most: int) -> None:
    if not 1 <= number <= most:
        raise Refused("ValidationException", f"1 validation error detected: Value at '{what}' failed to satisfy constraint: 1 to {most}")
