"""What is taken down, and what is left alone."""

from __future__ import annotations

from typing import Any, cast

import docker
import pytest

from bot.deploy.layout import Platform
from bot.deploy.owner import Owner
from bot.deploy.removal import take_down
from bot.deploy.versions import PREVIEW_LABEL
from bot.errors import UserError
from tests.unit.deploy.rolling import Engine


@pytest.mark.parametrize(
    ("labels", "found"), [({}, "a live service"), ({PREVIEW_LABEL: "4"}, "the preview of #4")], ids=["live", "other"]
)
def test_a_preview_that_has_become_something_else_stays(labels: dict[str, str], found: str) -> None:
    engine: Any = Engine(deployed=True, name="qr-code-pr-3")
    engine.labels |= labels
    with pytest.raises(UserError, match=f"`qr-code-pr-3` on this platform is {found}, so I leave it alone"):
        take_down(cast(docker.DockerClient, engine), Platform(), "qr-code-pr-3", Owner("octo/services"), preview=3)
    assert engine.done == []
