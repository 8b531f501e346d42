"""ssmm: a team's settings in AWS Systems Manager Parameter Store, delivered to Linux services.

The names in `__all__` are the public API. They are looked up when they are first used, so that importing the package costs nothing.
"""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from ssmm_core.errors import ExitCode, SsmmError
    from ssmm_core.models import Parameter, ParameterMetadata, ParameterVersion, PutRequest
    from ssmm_core.overlay import Layer, Overlay, resolve_layers
    from ssmm_core.secret import SecretValue
    from ssmm_core.settings import Settings
    from ssmm_core.store import ParameterReader, ParameterStore
    from ssmm_core.store.aws import AwsStore

__version__ = "0.1.0"

__all__ = [
    "AwsStore",
    "ExitCode",
    "Layer",
    "Overlay",
    "Parameter",
    "ParameterMetadata",
    "ParameterReader",
    "ParameterStore",
    "ParameterVersion",
    "PutRequest",
    "SecretValue",
    "Settings",
    "SsmmError",
    "resolve_layers",
]

_HOMES = {
    "AwsStore": "store.aws",
    "ExitCode": "errors",
    "Layer": "overlay",
    "Overlay": "overlay",
    "Parameter": "models",
    "ParameterMetadata": "models",
    "ParameterReader": "store",
    "ParameterStore": "store",
    "ParameterVersion": "models",
    "PutRequest": "models",
    "SecretValue": "secret",
    "Settings": "settings",
    "SsmmError": "errors",
    "resolve_layers": "overlay",
}


def __getattr__(name: str) -> object:
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    from importlib import import_module

    found: object = getattr(import_module(f"{__name__}.{_HOMES[name]}"), name)
    return found
