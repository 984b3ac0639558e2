"""Ask a live service, through the ingress, whether it answers its own example and the scenarios' requests."""

from __future__ import annotations

import time
from typing import Any
from urllib.parse import urlsplit

import httpx

from bot.deploy.description import Description
from bot.guard.example import value_faults
from bot.sentence import Sentence, sentence

_PASSING = (502, 503, 504)
"""The statuses with which an ingress answers while it has not found the new address of a service."""


def check(reach: str, api_url: str, description: Description, *, seconds: float) -> Sentence | None:
    """Post the service's example, then each request of its scenarios; return what is wrong with an answer, or None.

    Args:
        reach: the host to connect to; the host name in `api_url` goes into the request only.
        seconds: how long the ingress may take to find the service.
    """
    deadline = time.monotonic() + seconds
    timeout = description.resources.timeout + 10
    while True:
        try:
            response = _send("POST", reach, api_url, timeout, json=description.example)
        except httpx.TransportError as error:
            fault = sentence("%(url)s does not answer: %(reason)s", url=api_url, reason=str(error))
        else:
            if response.status_code not in _PASSING:
                return _judge(response, description.output_schema) or _try_scenarios(reach, api_url, description)
            fault = sentence("%(url)s answers %(status)s", url=api_url, status=response.status_code)
        if time.monotonic() > deadline:
            return fault
        time.sleep(0.1)


def answers(api_url: str, slug: str, reach: str | None = None) -> bool:
    """Tell whether a deployed service answers the example that its own OpenAPI document shows.

    Args:
        reach: the host to connect to; by default loopback for a name below `localhost`, else the URL's own.
    """
    host = urlsplit(api_url).hostname or ""
    reach = reach or ("127.0.0.1" if host.endswith("localhost") else host)
    if not host.startswith(f"{slug}."):
        return False
    return _fault_of_own_example(reach, api_url) is None


def healthy(reach: str, api_url: str) -> bool:
    """Tell whether a service says through the ingress that it is well."""
    try:
        return _send("GET", reach, api_url.removesuffix("/execute") + "/healthz", 10).status_code == 200
    except httpx.TransportError:
        return False


def check_own_example(reach: str, api_url: str, *, seconds: float) -> Sentence | None:
    """Post the example that the service shows in its OpenAPI document; return what is wrong with the answer, or None.

    Args:
        seconds: how long the service may take until its answer is right.
    """
    deadline = time.monotonic() + seconds
    while (fault := _fault_of_own_example(reach, api_url)) is not None and time.monotonic() < deadline:
        time.sleep(0.1)
    return fault


def _fault_of_own_example(reach: str, api_url: str) -> Sentence | None:
    try:
        document = _send("GET", reach, api_url.removesuffix("/execute") + "/openapi.json", 10).json()
        content = document["paths"]["/execute"]["post"]["requestBody"]["content"]["application/json"]
        example = content["examples"]["example"]["value"]
        response = _send("POST", reach, api_url, 90, json=example)
    except httpx.TransportError as error:
        return sentence("%(url)s does not answer: %(reason)s", url=api_url, reason=str(error))
    except (ValueError, KeyError, TypeError):
        return sentence("%(url)s shows no example in its OpenAPI document", url=api_url)
    return _judge(response, {})


def _try_scenarios(reach: str, api_url: str, description: Description) -> Sentence | None:
    """Post the requests that the scenarios hold; return what is wrong with the first answer that is not theirs."""
    timeout = description.resources.timeout + 10
    for scenario in description.scenarios:
        if scenario.request is None:
            continue
        name = scenario.name
        try:
            response = _send("POST", reach, api_url, timeout, json=scenario.request)
        except httpx.TransportError as error:
            return sentence(
                "the service does not answer the request of the scenario `%(name)s`: %(reason)s",
                name=name,
                reason=str(error),
            )
        expected = str(scenario.status or 200)
        if expected not in (str(response.status_code), f"{response.status_code // 100}xx"):
            return sentence(
                "the service answers the request of the scenario `%(name)s` with %(status)s instead of %(expected)s: "
                "%(answer)s",
                name=name,
                status=response.status_code,
                expected=expected,
                answer=_excerpt(response.text),
            )
        if scenario.answer is not None and scenario.exact and not _fits(_json(response), scenario.answer):
            return sentence(
                "the service answers the request of the scenario `%(name)s` with something else than it says: "
                "%(answer)s",
                name=name,
                answer=_excerpt(response.text),
            )
    return None


def _fits(value: Any, expected: Any) -> bool:
    """Return whether a value is the expected one; an object may have more fields than are named."""
    if isinstance(value, dict) and isinstance(expected, dict):
        return all(name in value and _fits(value[name], expected[name]) for name in expected)
    return bool(value == expected)


def _json(response: httpx.Response) -> Any:
    try:
        return response.json()
    except ValueError:
        return None


def _send(method: str, reach: str, url: str, timeout: float, json: Any = None) -> httpx.Response:
    parts = urlsplit(url)
    # The connection goes to `reach`; only the Host header carries the service's name.
    netloc = f"[{reach}]" if ":" in reach else reach
    target = parts._replace(netloc=f"{netloc}:{parts.port}" if parts.port else netloc).geturl()
    return httpx.request(
        method,
        target,
        headers={"Host": parts.netloc},
        json=json,
        timeout=timeout,
        trust_env=False,
        follow_redirects=False,
    )


def _judge(response: httpx.Response, output_schema: dict[str, Any]) -> Sentence | None:
    if response.status_code != 200:
        return sentence(
            "the service answers its own example with %(status)s: %(answer)s",
            status=response.status_code,
            answer=_excerpt(response.text),
        )
    try:
        answer = response.json()
    except ValueError:
        return sentence(
            "the service's answer to its own example is not JSON: %(answer)s", answer=_excerpt(response.text)
        )
    if not isinstance(answer, dict):
        return sentence(
            "the service's answer to its own example is not an object: %(answer)s", answer=_excerpt(response.text)
        )
    faults = value_faults(answer, output_schema)
    if not faults:
        return None
    return sentence(
        "the service's answer to its own example does not fit its schema: %(faults)s", faults="; ".join(faults[:5])
    )


def _excerpt(text: str) -> str:
    return text if len(text) <= 500 else text[:500] + " …"
