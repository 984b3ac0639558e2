"""What people ask of a live service, on a real engine and under load."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from contextlib import AbstractContextManager

import pytest

from bot.deploy import answers, rollout
from bot.deploy.deployed import deployed
from bot.deploy.description import read_description
from bot.deploy.operations import Operations
from bot.deploy.owner import NOBODY, Owner
from bot.deploy.wanted import NewVersion, Preview
from bot.errors import UserError
from tests.end_to_end import services
from tests.end_to_end.services import Drawing


def load(live: Drawing) -> AbstractContextManager[Counter[str]]:
    """Use the service all the time; yield what it answers, each status with the version that says it."""
    return services.load(
        live.platform, "draw.localhost", lambda answer: f"{answer.status_code} {answer.headers.get('x-colour')}"
    )


@pytest.fixture(scope="module")
def coloured(drawing: Drawing) -> Drawing:
    """The service in two versions, that say in a header which they are: first red, then blue."""
    for number, colour in enumerate(("red", "blue"), start=1):
        image = drawing.variant(
            "USER root",
            """RUN printf '%s\\n' '@app.middleware("http")' 'async def colour(request, call_next):' """
            f"""'    response = await call_next(request)' '    response.headers["x-colour"] = "{colour}"' """
            """'    print("a request, password=hunter2", flush=True)' '    return response' >> server.py""",
            "USER service",
        )
        drawing.carry_out(drawing.folder, image, commit=str(number) * 40)
    return drawing


@pytest.fixture
def operations(coloured: Drawing) -> Operations:
    return Operations(coloured.client, coloured.platform.name, NOBODY)


def test_a_rollback_under_load_loses_no_request(coloured: Drawing, operations: Operations) -> None:
    with load(coloured) as said:
        outcome = operations.rollback("draw", "")
    assert "is back at version" in outcome.text("")
    assert "(1111111), from version" in outcome.text("")
    assert set(said) == {"200 blue", "200 red"}
    with load(coloured) as said:
        operations.rollback("draw", "22222")
    assert set(said) == {"200 blue", "200 red"}
    assert coloured.ask("GET", "/healthz").headers["x-colour"] == "blue"


def test_a_version_that_is_not_there_changes_nothing(coloured: Drawing, operations: Operations) -> None:
    with load(coloured) as said, pytest.raises(UserError, match="I remember no version `99`"):
        operations.rollback("draw", "99")
    assert set(said) == {"200 blue"}


def test_a_rollback_to_an_image_that_is_gone_leaves_what_is_live(coloured: Drawing, operations: Operations) -> None:
    version = NewVersion(read_description(coloured.folder), coloured.variant("ENV X=1"), "3" * 40)
    rollout.prepare(coloured.client, version, name=coloured.platform.name).carry_out()
    operations.rollback("draw", "")
    coloured.client.images.remove(version.image, force=True)
    with (
        load(coloured) as said,
        pytest.raises(UserError, match="is not live, the one before still serves: No such image"),
    ):
        operations.rollback("draw", "33333")
    assert set(said) == {"200 blue"}


def test_the_log_of_what_is_live_without_secrets(coloured: Drawing, operations: Operations) -> None:
    coloured.ask("POST", "/execute", json={"text": "x"})
    text = operations.logs("draw", 2).text("")
    assert text.startswith("<details><summary>The last 2 lines of <code>draw</code>, version ")
    lines = text.split("```text\n")[1].split("\n```")[0].splitlines()
    assert len(lines) == 2
    assert "a request, password=***" in lines
    assert "hunter2" not in text


def test_more_replicas_and_fewer_under_load(coloured: Drawing, operations: Operations) -> None:
    with load(coloured) as said:
        assert operations.scale("draw", 3).text("") == "`draw` runs with 3 replicas; before it was 1."
        assert "| 3 of 3 | answers |" in operations.list().text("")
        # A rollback keeps them.
        operations.rollback("draw", "")
        assert "| 3 of 3 | answers |" in operations.list().text("")
        operations.rollback("draw", "22222")
        assert operations.scale("draw", 1).text("") == "`draw` runs with 1 replica; before it was 3."
    assert set(said) == {"200 blue", "200 red"}


def test_another_repository_leaves_it_alone(coloured: Drawing) -> None:
    description = read_description(coloured.folder)
    image = coloured.variant("ENV X=2")
    ours = NewVersion(description, image, "4" * 40, Owner("octo/services", "1"))
    rollout.prepare(coloured.client, ours, name=coloured.platform.name).carry_out()
    theirs = Operations(coloured.client, coloured.platform.name, Owner("octo/services", "2"))
    assert "[draw]" not in theirs.list().text("")
    refused = (
        "`draw` on this platform belongs to another repository that was called octo/services, so I leave it alone."
    )
    asked: tuple[Callable[[], object], ...] = (
        lambda: theirs.rollback("draw", ""),
        lambda: theirs.logs("draw", 5),
        lambda: theirs.scale("draw", 2),
        lambda: theirs.delete("draw"),
    )
    for ask in asked:
        with pytest.raises(UserError) as error:
            ask()
        assert str(error.value) == refused
    for wanted in (
        NewVersion(description, image, "5" * 40, Owner("octo/services", "2")),
        Preview(description, image, "5" * 40, Owner("octo/services", "2"), 12),
    ):
        with pytest.raises(
            UserError,
            match=r"The name `draw` belongs to another repository that was called octo/services .* another name",
        ):
            rollout.prepare(coloured.client, wanted, name=coloured.platform.name).carry_out()
    assert answers(coloured.platform.deployment("draw").api_url, "draw")


def test_what_is_taken_down_is_gone(coloured: Drawing, operations: Operations) -> None:
    service = deployed(coloured.client, coloured.platform, "draw", NOBODY)
    images = {version.image for version in service.history.versions}
    assert len(images) > 2
    text = operations.delete("draw").text("")
    assert text.startswith("🗑️ `draw`, version ")
    assert coloured.ask("GET", "/").status_code == 404
    assert coloured.containers() == []
    assert [image for image in images if coloured.client.images.list(image)] == []
    with pytest.raises(UserError, match="`draw` is not live"):
        operations.logs("draw", 5)
