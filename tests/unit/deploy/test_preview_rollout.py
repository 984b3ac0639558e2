"""The rollout of a preview: beside what is live, and never in its place."""

from __future__ import annotations

from typing import Any

import pytest

from bot.deploy.layout import Platform
from bot.deploy.owner import Owner, owner_of
from bot.deploy.rollout import Rollout
from bot.deploy.versions import PREVIEW_LABEL
from bot.deploy.wanted import EarlierVersion, NewVersion, Preview
from bot.errors import UserError
from tests.unit.deploy.rolling import DESCRIPTION, Engine


def preview(engine: Any, ingress: dict[str, Any], pull: int = 12) -> Rollout:
    wanted = Preview(DESCRIPTION, "registry/qr-code_preview:2", "c" * 40, Owner("octo/services", "1"), pull)
    return Rollout(engine, Platform(port=ingress["port"]), wanted, 5)


def test_a_preview_has_a_name_of_its_own_and_says_what_it_is(ingress: dict[str, Any]) -> None:
    engine = Engine(deployed=False, name="qr-code-pr-12")
    live = preview(engine, ingress).carry_out()
    assert live.deployment.playground_url == f"http://qr-code-pr-12.localhost:{ingress['port']}/"
    assert engine.done == ["create", "enter", "show"]
    assert engine.labels[PREVIEW_LABEL] == "12"
    assert owner_of({"Spec": {"Labels": engine.labels}}) == Owner("octo/services", "1")
    assert (engine.entry["slug"], engine.entry["preview"], engine.entry["commit"]) == ("qr-code-pr-12", 12, "c" * 40)


def test_a_newer_commit_takes_the_place_of_a_preview_and_nothing_is_kept(ingress: dict[str, Any]) -> None:
    engine = Engine(deployed=True, name="qr-code-pr-12")
    engine.labels |= {PREVIEW_LABEL: "12", **Owner("octo/before", "1").labels}
    live = preview(engine, ingress).carry_out()
    assert engine.done == ["update", "enter", "show", "rmi registry/qr-code:1"]
    assert (live.version.number, live.version.commit) == (1, "c" * 40)


def test_a_live_service_that_is_called_like_a_preview_is_left_alone(ingress: dict[str, Any]) -> None:
    engine = Engine(deployed=True, name="qr-code-pr-12")
    with pytest.raises(UserError, match="`qr-code-pr-12` on this platform is a live service, so I leave it alone"):
        preview(engine, ingress).carry_out()
    assert engine.done == []


@pytest.mark.parametrize("rolled_back", [False, True])
def test_a_preview_is_not_brought_live(ingress: dict[str, Any], rolled_back: bool) -> None:
    engine: Any = Engine(deployed=True, name="qr-code-pr-12")
    engine.labels[PREVIEW_LABEL] = "12"
    new = NewVersion(DESCRIPTION.model_copy(update={"slug": "qr-code-pr-12"}), "registry/qr-code:2")
    wanted = EarlierVersion("qr-code-pr-12") if rolled_back else new
    refusal = "`qr-code-pr-12` on this platform is the preview of #12, so I leave it alone"
    with pytest.raises(UserError, match=refusal):
        Rollout(engine, Platform(port=ingress["port"]), wanted, 5).carry_out()
    assert engine.done == []
