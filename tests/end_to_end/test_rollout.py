"""New versions on a real engine: they replace the version before, or it comes back."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest
from docker.errors import NotFound

from bot.deploy import answers, rollout
from bot.deploy.description import read_description
from bot.deploy.wanted import NewVersion
from bot.errors import UserError
from tests.end_to_end import services
from tests.end_to_end.services import Drawing


@pytest.mark.parametrize(
    ("command", "words"),
    [
        ('CMD ["sh", "-c", "echo no such thing as a server; exit 3"]', "no such thing as a server"),
        ('CMD ["sleep", "600"]', "never answered `/healthz`"),
    ],
)
def test_an_update_that_fails_leaves_the_version_before(live: Drawing, command: str, words: str) -> None:
    image = live.variant(command)
    with services.load(live.platform, "draw.localhost", lambda answer: str(answer.status_code)) as said:
        reason = live.deploy(image, patience=4)
    assert words in reason
    assert "the one before still serves" in reason
    assert set(said) == {"200"}


def test_an_update_that_ends_after_it_was_healthy_is_taken_back(live: Drawing) -> None:
    # It ends two seconds after somebody could connect, however long its start took.
    server = "python -m uvicorn server:app --host 0.0.0.0 --port 8080"
    answers_once = "python -c 'import socket; socket.create_connection((\"127.0.0.1\", 8080))' 2>/dev/null"
    lines = f"{server} & until {answers_once}; do sleep 0.1; done; sleep 2; kill $!"
    image = live.variant(f"CMD {lines}")
    assert "the one before still serves" in live.deploy(image)
    assert answers(live.platform.deployment("draw").api_url, "draw")


def test_a_wrong_answer_to_the_example_is_taken_back(live: Drawing) -> None:
    # Healthy, but what it answers is not what service.json says.
    image = live.variant(
        "USER root",
        "RUN sed -i 's/image:/picture:/' interface.py && sed -i 's/image=/picture=/' executor.py",
        "USER service",
    )
    assert "lacks the field `image`" in live.deploy(image)
    assert answers(live.platform.deployment("draw").api_url, "draw")
    assert "image" in live.ask("POST", "/execute", json={"text": "x"}).json()


def test_the_same_image_is_deployed_again(live: Drawing) -> None:
    assert live.deploy(live.image) == ""
    assert answers(live.platform.deployment("draw").api_url, "draw")


def test_an_image_that_does_not_exist_is_named(live: Drawing) -> None:
    assert "No such image" in live.deploy(f"{live.platform.name}:missing")


def test_a_first_version_that_fails_is_removed_again(live: Drawing, tmp_path: Path) -> None:
    folder = tmp_path / "other"
    shutil.copytree(live.folder, folder)
    described = (folder / "service.json").read_text().replace('"slug": "draw"', '"slug": "other"')
    (folder / "service.json").write_text(described)
    image = live.variant('CMD ["sh", "-c", "echo broken; exit 1"]')
    with pytest.raises(UserError, match=r"`other` is not live.*\n```\nbroken"):
        live.carry_out(folder, image)
    assert live.ask("GET", "/", host="other.localhost").status_code == 404
    with pytest.raises(NotFound):
        live.client.services.get(live.platform.service("other"))  # type: ignore[no-untyped-call]


def test_without_a_platform_nothing_is_deployed(drawing: Drawing) -> None:
    with pytest.raises(UserError, match="gptdeploy platform up"):
        version = NewVersion(read_description(drawing.folder), drawing.image)
        rollout.prepare(drawing.client, version, name="gptdeploy-test-nothing")
