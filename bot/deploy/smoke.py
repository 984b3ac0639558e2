"""Ask a live service whether it answers its own example and the scenarios' requests."""

from __future__ import annotations

import json
import time
from typing import Any
from urllib.parse import urlsplit

from bot.deploy.description import Description
from bot.deploy.doors import Answer, Broken, Door, Public, Unanswered, no_answer
from bot.guard.example import value_faults
from bot.sentence import Sentence, sentence

_PASSING = (502, 503, 504)
"""The statuses with which an ingress answers while it has not found the new address of a service."""


def check(door: Door, description: Description, *, seconds: float) -> Sentence | None:
    """Post the service's example, then each request of its scenarios; return what is wrong with an answer, or None.

    Args:
        seconds: how long the ingress may take to find the service.

    Raises:
        Broken: a link on the way to the door is missing.
    """
    deadline = time.monotonic() + seconds
    timeout = description.resources.timeout + 10
    while True:
        try:
            answer = door.ask("/execute", seconds=timeout, body=description.example)
        except Broken:
            raise
        except Unanswered as error:
            fault = no_answer(f"{door.url}/execute", str(error))
        else:
            if answer.status not in _PASSING:
                return _judge(answer, description.output_schema) or _try_scenarios(door, description)
            fault = sentence("%(url)s answers %(status)s", url=f"{door.url}/execute", status=answer.status)
        if time.monotonic() > deadline:
            return fault
        time.sleep(0.1)


def answers(api_url: str, slug: str) -> bool:
    """Tell whether a deployed service answers at its public address the example that its own OpenAPI document shows."""
    parts = urlsplit(api_url)
    if not (parts.hostname or "").startswith(f"{slug}.") and not parts.path.startswith(f"/{slug}/"):
        return False
    try:
        return _fault_of_own_example(Public(api_url.removesuffix("/execute"))) is None
    except Broken:
        return False


def healthy(door: Door) -> bool:
    """Tell whether a service says that it is well."""
    try:
        return door.ask("/healthz", seconds=10).status == 200
    except Unanswered:
        return False


def check_own_example(door: Door, *, seconds: float) -> Sentence | None:
    """Post the example that the service shows in its OpenAPI document; return what is wrong with the answer, or None.

    Args:
        seconds: how long the service may take until its answer is right.

    Raises:
        Broken: a link on the way to the door is missing.
    """
    deadline = time.monotonic() + seconds
    while (fault := _fault_of_own_example(door)) is not None and time.monotonic() < deadline:
        time.sleep(0.1)
    return fault


def _fault_of_own_example(door: Door) -> Sentence | None:
    try:
        document = json.loads(door.ask("/openapi.json", seconds=10).text)
        content = document["paths"]["/execute"]["post"]["requestBody"]["content"]["application/json"]
        example = content["examples"]["example"]["value"]
        answer = door.ask("/execute", seconds=90, body=example)
    except Broken:
        raise
    except Unanswered as error:
        return no_answer(f"{door.url}/execute", str(error))
    except (ValueError, KeyError, TypeError):
        return sentence("%(url)s shows no example in its OpenAPI document", url=f"{door.url}/execute")
    return _judge(answer, {})


def _try_scenarios(door: Door, description: Description) -> Sentence | None:
    """Post the requests that the scenarios hold; return what is wrong with the first answer that is not theirs."""
    timeout = description.resources.timeout + 10
    for scenario in description.scenarios:
        if scenario.request is None:
            continue
        name = scenario.name
        try:
            answer = door.ask("/execute", seconds=timeout, body=scenario.request)
        except Broken:
            raise
        except Unanswered as error:
            return sentence(
                "the service does not answer the request of the scenario `%(name)s`: %(reason)s",
                name=name,
                reason=str(error),
            )
        expected = str(scenario.status or 200)
        if expected not in (str(answer.status), f"{answer.status // 100}xx"):
            return sentence(
                "the service answers the request of the scenario `%(name)s` with %(status)s instead of %(expected)s: "
                "%(answer)s",
                name=name,
                status=answer.status,
                expected=expected,
                answer=_excerpt(answer.text),
            )
        if scenario.answer is not None and scenario.exact and not _fits(_json(answer), scenario.answer):
            return sentence(
                "the service answers the request of the scenario `%(name)s` with something else than it says: "
                "%(answer)s",
                name=name,
                answer=_excerpt(answer.text),
            )
    return None


def _fits(value: Any, expected: Any) -> bool:
    """Return whether a value is the expected one; an object may have more fields than are named."""
    if isinstance(value, dict) and isinstance(expected, dict):
        return all(name in value and _fits(value[name], expected[name]) for name in expected)
    return bool(value == expected)


def _json(answer: Answer) -> Any:
    try:
        return json.loads(answer.text)
    except ValueError:
        return None


def _judge(answered: Answer, output_schema: dict[str, Any]) -> Sentence | None:
    if answered.status != 200:
        return sentence(
            "the service answers its own example with %(status)s: %(answer)s",
            status=answered.status,
            answer=_excerpt(answered.text),
        )
    try:
        answer = json.loads(answered.text)
    except ValueError:
        return sentence(
            "the service's answer to its own example is not JSON: %(answer)s", answer=_excerpt(answered.text)
        )
    if not isinstance(answer, dict):
        return sentence(
            "the service's answer to its own example is not an object: %(answer)s", answer=_excerpt(answered.text)
        )
    faults = value_faults(answer, output_schema)
    if not faults:
        return None
    return sentence(
        "the service's answer to its own example does not fit its schema: %(faults)s", faults="; ".join(faults[:5])
    )


def _excerpt(text: str) -> str:
    return text if len(text) <= 500 else text[:500] + " …"
