"""What a person does until the first service is live: the page, the manual and the compose file say the same."""

from __future__ import annotations

import re
from pathlib import Path

import yaml

from bot.doctor import CHECKS, Finding, State
from bot.setup.actions import actions

ROOT = Path(__file__).parents[3]


def test_it_is_at_most_twelve_and_the_manual_counts_them() -> None:
    section = (ROOT / "docs/operate.md").read_text().partition("## Connect it to GitHub")[2].partition("\n```")[0]
    numbers = [int(number) for number in re.findall(r"^(\d+)\. ", section, re.MULTILINE)]
    assert numbers == list(range(1, len(actions({})) + 1))
    assert len(numbers) <= 12


def test_what_the_doctor_finds_green_is_ticked() -> None:
    names = {check.name for check in CHECKS}
    assert {action.check for action in actions({})} - {""} <= names
    found = {name: Finding(State.GREEN, "") for name in names} | {"model": Finding(State.RED, "")}
    assert [action.check for action in actions(found) if not action.done] == ["model"]
    assert [action.done for action in actions({})] == [True] + [False] * 10


def test_the_proxy_of_the_compose_file_leads_to_where_the_image_listens() -> None:
    composed = yaml.safe_load((ROOT / "compose.yaml").read_text())
    port = re.search(r"GPTDEPLOY_BIND=0\.0\.0\.0:(\d+)", (ROOT / "Dockerfile").read_text())
    bot, caddy = composed["services"]["bot"], composed["services"]["caddy"]
    assert port is not None and caddy["command"].endswith(f"--to bot:{port[1]}")
    # Nobody reaches the bot but through the proxy, and what it keeps outlives its container.
    assert "ports" not in bot and bot["volumes"] == ["bot:/data"] and bot["command"] == "serve"
    kept = {volume.partition(":")[0] for each in composed["services"].values() for volume in each.get("volumes", ())}
    assert kept == set(composed["volumes"])
