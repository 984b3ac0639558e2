"""What `compose.yaml` starts by default, and what its profile adds."""

from __future__ import annotations

from collections import Counter
from pathlib import Path
from typing import Any

import pytest
import yaml

from bot.__main__ import main
from bot.runs.durable.database import shown

FILE = Path(__file__).parents[2] / "compose.yaml"


@pytest.fixture
def services() -> dict[str, dict[str, Any]]:
    found: dict[str, dict[str, Any]] = yaml.safe_load(FILE.read_text())["services"]
    return found


def test_one_bot_behind_caddy_is_the_default(services: dict[str, dict[str, Any]]) -> None:
    assert {name for name, service in services.items() if "profiles" not in service} == {"bot", "caddy"}


def test_the_profile_makes_two_webs_and_three_workers_of_it(services: dict[str, dict[str, Any]]) -> None:
    processes: Counter[str] = Counter()
    for name in ("bot", "web", "worker"):
        command = services[name]["command"]
        assert command in main.commands
        for part in ("web", "worker") if command == "serve" else (command,):
            processes[part] += services[name].get("deploy", {}).get("replicas", 1)
        # The same program with the same settings, of which some are kept in the volume.
        assert {key: services[name][key] for key in ("image", "env_file", "volumes", "restart")} == {
            key: services["bot"][key] for key in ("image", "env_file", "volumes", "restart")
        }
    assert processes == {"web": 2, "worker": 3}


def test_caddy_finds_every_web(services: dict[str, dict[str, Any]]) -> None:
    host = services["caddy"]["command"].rpartition("--to ")[2].partition(":")[0]
    assert host == "bot" and host in services["web"]["networks"]["default"]["aliases"]


def test_the_address_of_the_database_that_it_names_fits_its_server(services: dict[str, dict[str, Any]]) -> None:
    text = FILE.read_text()
    (address,) = {word.rstrip(".") for word in text.split() if word.startswith("DATABASE_URL=")}
    server = services["db"]["environment"]
    assert shown(address.removeprefix("DATABASE_URL=")) == f"the database {server['POSTGRES_USER']} of db"
    assert "POSTGRES_DB" not in server, "without it, the database is called as the user"
    assert "ports" not in services["db"]
