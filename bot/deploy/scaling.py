"""Change how many replicas of a service run."""

from __future__ import annotations

import time
from typing import Any

import docker

from bot.deploy import tasks
from bot.deploy.deployed import Deployed, deployed
from bot.deploy.layout import Platform
from bot.deploy.owner import Owner
from bot.deploy.refusals import refusals
from bot.errors import UserError

MOST_REPLICAS = 10
_SECONDS = 120.0
"""For the new replicas to run, the transfer of the image to another machine included."""


def scale(client: docker.DockerClient, platform: Platform, slug: str, replicas: int, repository: Owner) -> int:
    """Have `replicas` of a service run, wait until they do, and return how many there were before.

    Raises:
        UserError: there is no such service, or the engine cannot run as many; then as many run as before.
    """
    if not 1 <= replicas <= MOST_REPLICAS:
        raise UserError("A service has 1 to %(most)s replicas. `/delete` takes it down.", most=MOST_REPLICAS)
    with refusals(slug):
        before = deployed(client, platform, slug, repository)
        _set(client, before, replicas)
        deadline = time.monotonic() + _SECONDS
        while True:
            now = deployed(client, platform, slug, repository)
            if now.running == replicas:
                return before.replicas
            if time.monotonic() > deadline:
                _set(client, now, before.replicas)
                waiting = [task for task in now.current_tasks if task["Status"]["State"] != "running"]
                why = tasks.reason(client.api, waiting)
                raise UserError(
                    "`%(slug)s` cannot run %(replicas)s times, so it runs as before (%(before)s): %(why)s",
                    slug=slug,
                    replicas=replicas,
                    before=before.replicas,
                    why=why,
                )
            time.sleep(0.2)


def _set(client: docker.DockerClient, service: Deployed, replicas: int) -> None:
    api: Any = client.api
    spec = service.service["Spec"]
    api.update_service(
        service.service["ID"],
        service.service["Version"]["Index"],
        task_template=spec["TaskTemplate"],
        name=spec["Name"],
        labels=spec["Labels"],
        mode={"Replicated": {"Replicas": replicas}},
        update_config=spec["UpdateConfig"],
        rollback_config=spec["RollbackConfig"],
        endpoint_spec=spec["EndpointSpec"],
    )
