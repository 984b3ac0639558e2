"""Take a service down."""

from __future__ import annotations

import time
from typing import Any

import docker

from bot.deploy import agent, catalogue, engine_images, networks
from bot.deploy.containers import listed
from bot.deploy.deployed import Deployed, deployed
from bot.deploy.layout import LABEL, SLUG_LABEL, Platform
from bot.deploy.owner import Owner
from bot.deploy.refusals import refusals, refuse_other_kind

_END_SECONDS = 60.0
"""For the containers to end; the engine kills them 30 seconds after it has asked them to."""


def take_down(
    client: docker.DockerClient, platform: Platform, slug: str, repository: Owner, preview: int | None = None
) -> Deployed:
    """Remove a service with its images from the engine, and return what it was.

    Args:
        preview: the pull request whose preview it has to be; None takes down whatever has the name.

    Raises:
        UserError: there is no such service, it belongs to another repository, or is not that preview.
    """
    with refusals(slug):
        found = deployed(client, platform, slug, repository)
        if preview is not None:
            refuse_other_kind(slug, found.preview, preview)
        withdraw(client, platform, slug)
        deadline = time.monotonic() + _END_SECONDS
        # An image that a container uses cannot be removed.
        labels = (f"{LABEL}={platform.name}", f"{SLUG_LABEL}={slug}")
        while listed(client, *labels) and time.monotonic() < deadline:
            time.sleep(0.2)
        # The ingress of every machine leaves the network, which cannot be removed before.
        agent.spread(client, platform)
        networks.remove(client, platform, slug)
        engine_images.remove(client, platform, {version.image for version in found.history.versions})
        return found


def withdraw(client: docker.DockerClient, platform: Platform, slug: str) -> None:
    """Remove a service and its entry in the catalogue. The engine ends its containers soon afterwards."""
    api: Any = client.api
    api.remove_service(platform.service(slug))
    catalogue.remove(client, platform, slug)
