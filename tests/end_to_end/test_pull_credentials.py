"""A platform pulls from registries with credentials of its own, and the doctor says where it could not."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import replace
from pathlib import Path
from typing import Any

import docker
import pytest

from bot.deploy import Platform, pull_credentials
from bot.deploy.operations import Operations
from bot.deploy.owner import NOBODY
from bot.doctor import Finding, State
from bot.doctor.finding import green
from bot.errors import UserError
from tests.end_to_end.registries import (
    PASSWORD,
    USER,
    Registry,
    doctor,
    empty_platform,
    front_of,
    prune,
    pushed,
    registry,
    until_alone,
)
from tests.end_to_end.services import Drawing
from tests.unit.doctor.ward import REPOSITORY

Examine = Callable[[], Finding]


@pytest.fixture
def examine(platform: Platform, tmp_path: Path) -> Iterator[Examine]:
    """What the doctor finds."""
    with doctor(tmp_path, platform) as examine:
        yield examine


@pytest.fixture
def guarded(images: docker.DockerClient) -> Iterator[Registry]:
    with registry(images, guarded=True) as made:
        yield made


@pytest.fixture
def platform(images: docker.DockerClient) -> Iterator[Platform]:
    with empty_platform(images) as platform:
        yield platform


def gptdeploy(*words: str, typed: str = "", **environment: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "bot", *words],
        env={**os.environ, **environment},
        input=typed,
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
    )


def test_the_platform_pulls_with_credentials_that_outlast_a_job(
    drawing: Drawing, platform: Platform, guarded: Registry, examine: Examine
) -> None:
    place = guarded.address
    # A client of its own, as credentials that it learns stay with it.
    client = docker.from_env()
    on = replace(drawing, platform=platform, client=client)
    auth = {"username": USER, "password": PASSWORD}
    red, blue = (pushed(drawing, place, colour, auth) for colour in ("red", "blue"))
    with pytest.raises(UserError, match=f"`{place}` refuses `{USER}`: .*401"):
        pull_credentials.keep(client, platform, place, USER, "wrong")
    assert pull_credentials.kept(client, platform) == {}
    assert examine().state is State.UNKNOWN
    assert "is not live" in on.deploy(red)

    pull_credentials.keep(client, platform, place, USER, PASSWORD)
    assert on.deploy(red) == ""
    assert on.deploy(blue) == ""
    until_alone(on, "blue")
    prune(client, platform, red)
    # Somebody else's deployment, or a rollback on a machine where nobody has signed in.
    with closing(docker.from_env()) as other:
        Operations(other, platform.name, NOBODY).rollback("draw", "")
    until_alone(on, "red")

    # A new password reaches what runs, without a deployment; so the engine pulls with it when it has lost the image.
    api: Any = client.api
    service = api.inspect_service(platform.service("draw"))
    tasks = {task["ID"] for task in api.tasks(filters={"service": service["ID"], "desired-state": "running"})}
    up = ("platform", "up", "--name", platform.name, "--registry-host", place, "--registry-user", USER)
    refused = gptdeploy(*up, typed="wrong\n")
    assert (refused.returncode, f"`{place}` refuses `{USER}`" in refused.stderr) == (2, True)
    for given in (gptdeploy(*up, typed=f"{PASSWORD}\n"), gptdeploy(*up, GPTDEPLOY_REGISTRY_PASSWORD=PASSWORD)):
        assert (given.returncode, f"It pulls from {place} as {USER}.\n" in given.stdout) == (0, True), given.stderr
        assert PASSWORD not in given.stdout + given.stderr
    assert api.inspect_service(platform.service("draw"))["Version"]["Index"] > service["Version"]["Index"]
    assert {task["ID"] for task in api.tasks(filters={"service": service["ID"], "desired-state": "running"})} == tasks
    assert PASSWORD not in json.dumps(api.inspect_service(platform.service("draw")))

    # The doctor asks the engine for all that a rollback may bring back, before anybody needs it.
    assert examine() == green(f"{place} as {USER}; 2 images of {REPOSITORY}")
    guarded.end_password()
    found, renew = examine(), f"`gptdeploy platform up --registry-host {place} --registry-user"
    assert (found.state, found.seen.startswith(f"{place} refuses {USER}: ")) == (State.RED, True), found
    assert found.remedy == f"{renew} {USER}`, with a token that may read packages"
    for config in client.configs.list(filters={"label": f"gptdeploy.platform={platform.name}"}):
        config.remove()
    found = examine()
    assert (found.state, "cannot be pulled without signing in: " in found.seen) == (State.RED, True), found
    assert found.remedy == f"{renew} USER`, whose token may read packages"
    client.close()


def test_the_token_of_a_job_that_has_ended_keeps_nobody_from_pulling(
    drawing: Drawing, platform: Platform, examine: Examine
) -> None:
    with registry(drawing.client) as transit, front_of(transit) as front:
        with closing(docker.from_env()) as client:
            entry = {"username": "x", "password": "ghs_ofajob", "serveraddress": front.address}
            client.api._auth_configs.add_auth(front.address, entry)  # type: ignore[attr-defined]
            on = replace(drawing, platform=platform, client=client)
            images = [pushed(drawing, transit.address, colour) for colour in ("red", "blue")]
            red, blue = (image.replace(transit.address, front.address) for image in images)
            assert (on.deploy(red), on.deploy(blue)) == ("", "")
            until_alone(on, "blue")
        assert front.signed_in > 0
        front.ended = True
        prune(drawing.client, platform, red)
        Operations(drawing.client, platform.name, NOBODY).rollback("draw", "")
        until_alone(replace(drawing, platform=platform), "red")
        # What everybody may pull needs nobody who signs in. One who does needs the right to read.
        assert examine() == green(f"2 images of {REPOSITORY}")
        front.ended = False
        pull_credentials.keep(drawing.client, platform, front.address, "writer", "a token")
        assert examine().seen == f"{front.address} as writer; 2 images of {REPOSITORY}"
        front.closed = True
        found = examine()
    assert (found.state, found.seen.startswith("writer may not pull ")) == (State.RED, True), found
    assert found.remedy.endswith("--registry-user writer`, with a token that may read packages")
    gone = examine()
    assert (gone.state, gone.seen.startswith(f"{front.address} does not answer the engine: ")) == (State.RED, True), (
        gone
    )
