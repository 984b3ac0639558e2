"""What an endpoint cannot do is found out once, and the request is put as it can take it."""

from __future__ import annotations

from typing import Any

import pytest

from tests.fakes.model import Failure, Reply, serving
from tests.unit.clients.llm.conversing import ASK, structured
from tests.unit.clients.llm.shapes import JSON, Plan, Refuse


def roles_of(request: dict[str, Any]) -> list[str]:
    return [message["role"] for message in request["messages"]]


def no_system(status: int, words: str) -> Refuse:
    """Play a model that knows no system role."""
    return lambda request: Failure(status, words) if "system" in roles_of(request) else None


def alternating(first: str) -> Refuse:
    """Play a chat template that takes user and assistant in turn, after a system message where `first` is "system"."""

    def refuse(request: dict[str, Any]) -> Failure | None:
        roles = roles_of(request)
        roles = roles[1:] if roles[0] == first else roles
        fits = all(role == ("assistant" if number % 2 else "user") for number, role in enumerate(roles))
        return None if fits else Failure(400, "Conversation roles must alternate user/assistant/user/assistant/...")

    return refuse


def no_schema(failure: Failure) -> Refuse:
    return lambda request: failure if "response_format" in request else None


# How a server differs -> the roles of the two requests that it takes, and how many it refuses before.
SERVERS: dict[str, tuple[Refuse | None, list[str], int]] = {
    "no developer role": (
        no_system(400, "Developer instruction is not enabled for models/gemma-3-27b-it"),
        ["user", "assistant", "user"],
        1,
    ),
    "no system role": (no_system(500, "Jinja Exception: System role not supported"), ["user", "assistant", "user"], 1),
    "no system role, as OpenAI says it": (
        no_system(400, "Unsupported value: 'messages[0].role' does not support 'system' with this model."),
        ["user", "assistant", "user"],
        1,
    ),
    "no system role, by the turns": (alternating("user only"), ["user", "assistant", "user"], 1),
    "no schema, HTTP 500": (no_schema(Failure(500, "oh")), ["system", "user", "assistant", "user"], 1),
    "no schema, named": (
        no_schema(Failure(500, "response_format type must be one of text or json_object")),
        ["system", "user", "assistant", "user"],
        1,
    ),
    "no schema, in HTTP 200": (
        no_schema(Failure(200, body='{"error": "json_schema is not supported"}')),
        ["system", "user", "assistant", "user"],
        1,
    ),
    "anything goes": (None, ["system", "user", "assistant", "user"], 0),
}


@pytest.mark.parametrize("way", SERVERS)
def test_what_an_endpoint_cannot_do_is_found_out_once(way: str) -> None:
    refuse, roles, refusals = SERVERS[way]
    with serving("hm", JSON, "hm", JSON, refuse=refuse) as (fake, model):
        for _ in range(2):
            assert structured(model, "specify", ASK, schema=Plan)[0].name == "upper"
    assert len(fake.requests) == 4 + refusals
    assert all(roles_of(fake.requests[number]) == roles for number in (-3, -1))
    assert all(text in fake.prompt(-1) for text in ("You add.", "What is 1 + 1?", "was refused"))
    assert ("response_format" in fake.requests[-1]) == ("schema" not in way)


@pytest.mark.parametrize("cut", [Reply(JSON, "length"), Reply(None)])
@pytest.mark.parametrize("first", ["system", "user only"])
def test_where_roles_must_alternate_neighbours_become_one_message(cut: Reply, first: str) -> None:
    with serving(cut, JSON, cut, JSON, refuse=alternating(first)) as (fake, model):
        for _ in range(2):
            assert structured(model, "specify", ASK, schema=Plan)[0].name == "upper"
    assert len(fake.requests) == 5
    assert roles_of(fake.requests[-1]) == (["system", "user"] if first == "system" else ["user"])
    assert "What is 1 + 1?" in fake.prompt(-1) and "Answer again" in fake.prompt(-1)
