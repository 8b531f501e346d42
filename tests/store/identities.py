"""Whose credentials are found, by ours and by the SDK."""

from __future__ import annotations

import os
import traceback

import botocore.session
import pytest

from ssmm_core.store.lean import Handover, credentials

Identity = tuple[str | None, ...]


def found(profile: str | None) -> Identity:
    who = credentials.find(os.environ, profile=profile)
    return who.access_key, who.secret_key.reveal(), who.token.reveal(), who.method


def by_the_sdk(profile: str | None) -> Identity:
    who = botocore.session.Session(profile=profile).get_credentials()
    assert who is not None
    frozen = who.get_frozen_credentials()
    return frozen.access_key, frozen.secret_key, frozen.token or "", who.method


def refused(profile: str | None = None) -> str:
    """The reason, which tells nothing of what was found; nor does the traceback."""
    with pytest.raises(Handover) as caught:
        credentials.find(os.environ, profile=profile)
    error = caught.value
    told = f"{error!r} {''.join(traceback.format_exception(error))} {error.__context__!r} {vars(error.__context__ or error)!r}"
    assert "made-" not in told
    return str(error)
