"""What undoes a deployment, and what people are only told."""

from __future__ import annotations

from typing import Any

import pytest

from bot.deploy.doors import Link
from bot.deploy.layout import Platform
from bot.deploy.proof import prove
from bot.deploy.rollout import Rollout
from bot.deploy.wanted import NewVersion
from tests.unit.deploy.rolling import DESCRIPTION, Engine

VERSION = NewVersion(DESCRIPTION, "registry/qr-code:2")


def test_what_people_get_a_right_answer_from_is_not_asked_inside(ingress: dict[str, Any]) -> None:
    engine: Any = Engine(deployed=True)
    assert prove(engine, Platform(port=ingress["port"]), "qr-code", VERSION.fault) == (None, None)
    assert engine.asked_inside == 0


@pytest.mark.parametrize(
    ("url", "link", "seen"),
    [
        ("http://localhost:1", Link.PORT, "`localhost:1` does not answer (ConnectionRefusedError)"),
        ("https://apps.invalid", Link.DNS, "`qr-code.apps.invalid` does not resolve"),
        ("https://localhost:{port}", Link.CERTIFICATE, "`localhost`: "),
    ],
)
def test_a_missing_link_is_told_and_the_service_is_live(
    ingress: dict[str, Any], url: str, link: Link, seen: str
) -> None:
    engine: Any = Engine(deployed=True)
    platform = Platform(url.format(port=ingress["port"]), port=ingress["port"])
    live = Rollout(engine, platform, VERSION, 5).carry_out()
    assert live.gap is not None
    assert live.gap.link is link
    assert str(live.gap.seen).startswith(seen)
    assert engine.done == ["update", "enter", "show"]
    assert engine.asked_inside > 0


def test_what_is_in_front_and_answers_something_else_is_the_missing_link(ingress: dict[str, Any]) -> None:
    engine, ingress["answer"] = Engine(deployed=True), {"error": "a page of the proxy"}
    wrong, gap = prove(engine, Platform(port=ingress["port"]), "qr-code", VERSION.fault)  # type: ignore[arg-type]
    assert wrong is None
    assert gap is not None and gap.link is Link.SERVICE
    assert "lacks the field `image`" in str(gap.seen)
    told = str(gap.report)
    assert told.startswith(
        "The service works, but from where it was deployed its address does not: the service's answer"
    )
    assert told.endswith(
        "Let the proxy in front pass everything on, with the name of the host, to the platform's own port."
    )


def test_what_is_wrong_inside_is_wrong(ingress: dict[str, Any]) -> None:
    engine = Engine(deployed=True)
    engine.answer = {}
    wrong, gap = prove(engine, Platform("http://localhost:1", port=ingress["port"]), "qr-code", VERSION.fault)  # type: ignore[arg-type]
    assert "lacks the field `image`" in str(wrong)
    assert gap is None
