"""What a real systemd has from `EnvironmentFile=`, for thousands of values, and what it makes of those that are refused."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from ssmm_core.envfile import Undeliverable
from tests.readers.journey import split, written
from tests.readers.service import environment
from tests.readers.values import BY_HAND, NONCHARACTERS, generated

if TYPE_CHECKING:
    from pathlib import Path

    from tests.systemd.managers import UserManager


def test_thousands_of_values_are_exact_in_a_service(user_manager: UserManager) -> None:
    held, refused = split("systemd", [*BY_HAND, *generated(5000)])
    assert len(held) > 5000
    file = user_manager.home / "thousands.env"
    file.write_bytes(written("systemd", held))
    found = environment(user_manager, "thousands.service", [str(file)])
    assert {name: (text, found.get(name)) for name, text in held.items() if found.get(name) != text} == {}
    assert not {"EVIL", "LD_PRELOAD"} & found.keys()
    assert "Ignoring invalid environment assignment" not in user_manager.said()
    assert all(set(text) & set(NONCHARACTERS) for text in refused)


def test_with_each_value_that_is_refused_systemd_would_lose_the_whole_file(user_manager: UserManager) -> None:
    files: list[Path] = []
    for number, char in enumerate(NONCHARACTERS):
        files.append(user_manager.home / f"noncharacter-{number}.env")
        files[-1].write_text(f"LOST_{number}=x\nVALUE_{number}='made-up {char}'\n", encoding="utf-8")
    kept = user_manager.home / "kept.env"
    kept.write_text("KEPT=x\n", encoding="utf-8")
    found = environment(user_manager, "noncharacters.service", [f"-{file}" for file in (*files, kept)])
    assert found["KEPT"] == "x"
    assert [name for name in found if name.startswith(("LOST_", "VALUE_"))] == []


def test_the_longest_variable_that_is_written_reaches_a_service(user_manager: UserManager) -> None:
    longest = "x" * (131_072 - len("NAME=") - 1)
    file = user_manager.home / "longest.env"
    file.write_bytes(written("systemd", {"NAME": longest}))
    assert environment(user_manager, "longest.service", [str(file)])["NAME"] == longest
    with pytest.raises(Undeliverable):
        written("systemd", {"NAME": f"{longest}x"})
    file.write_bytes(f"NAME={longest}x\n".encode())
    assert user_manager.systemctl("start", "longest.service").returncode != 0
    assert user_manager.show("longest.service", "ExecMainStatus") == "203"
