"""Whether a platform can pull the images that its services need: what is live, and what a rollback brings back.

The engine itself asks the registries, by the way and with the credentials that it pulls with when it has lost an image.
"""

from __future__ import annotations

from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any

import docker
from docker.errors import APIError

from bot.deploy import own_registry, pull_credentials
from bot.deploy.engine_images import names_a_registry
from bot.deploy.layout import LABEL, SLUG_LABEL, Platform
from bot.deploy.owner import Owner, owner_of
from bot.deploy.pull_credentials import Kept
from bot.deploy.versions import history_of
from bot.errors import UserError

_AT_ONCE = 8
"""What registries are asked at a time."""
_REFUSED = ("401", "403", "unauthorized", "denied", "no basic auth")
"""In what the engine says of a registry that does not know somebody, or does not let them."""
_GONE = ("404", "manifest unknown", "not found")


@dataclass(frozen=True)
class Pulling:
    """What was found where nothing stands in the way.

    Attributes:
        images: how many can be pulled.
        places: whose registries it pulls from: hosts with a name, and the platform's own.
    """

    images: int
    places: tuple[str, ...]


class CannotPull(Exception):
    """Something stands in the way of a pull.

    Attributes:
        seen: what it is.
        remedy: the one thing to do.
    """

    def __init__(self, seen: str, remedy: str) -> None:
        super().__init__(seen)
        self.seen, self.remedy = seen, remedy


def look_at_pulling(client: docker.DockerClient, platform: Platform, repository: Owner) -> Pulling:
    """Ask each registry for the images of a repository's services, in all versions that the platform remembers.

    The platform's own registry is asked whether it takes images, too. Nothing is pulled.

    Raises:
        CannotPull: something stands in the way.
    """
    kept, own = pull_credentials.kept(client, platform), own_registry.address_of(client, platform)
    if own:
        try:
            own_registry.check(client, platform)
        except UserError as error:
            how = "Make space on its disk; `gptdeploy platform up` starts it again, with all images"
            raise CannotPull(str(error), how) from error
    for host, entry in kept.items():
        _sign_in(client, host, entry)
    images = sorted(_images(client, platform, repository))
    with ThreadPoolExecutor(_AT_ONCE) as threads:
        for image, fault in zip(images, threads.map(lambda image: _fault(client, kept, image), images), strict=True):
            if fault:
                raise _explained(image, fault, kept, own)
    signed_in = (f"{host} as {entry['username']}" for host, entry in kept.items())
    return Pulling(len(images), (*signed_in, *([f"its own registry {own}"] if own else [])))


def _images(client: docker.DockerClient, platform: Platform, repository: Owner) -> Iterable[str]:
    api: Any = client.api
    services = api.services(filters={"label": [f"{LABEL}={platform.name}", SLUG_LABEL]})
    ours = [service for service in services if not owner_of(service).is_other(repository)]
    return {version.image for service in ours for version in history_of(service).versions}


def _sign_in(client: docker.DockerClient, host: str, entry: dict[str, str]) -> None:
    try:
        client.login(username=entry["username"], password=entry["password"], registry=host, reauth=True)
    except APIError as error:
        why = str(error.explanation or error)
        if any(mark in why for mark in _REFUSED):
            raise CannotPull(f"{host} refuses {entry['username']}: {why}", _renew(host, entry["username"])) from error
        raise CannotPull(f"{host} does not answer the engine: {why}", _reach(host)) from error


def _fault(client: docker.DockerClient, kept: Kept, image: str) -> str:
    """Return what the engine says of an image that it cannot pull, "" where it can."""
    if not names_a_registry(image):
        return "it is in no registry"
    api: Any = client.api
    host = image.partition("/")[0]
    # Nobody's, rather than those of the person who looks: no one is signed in when Swarm pulls.
    own = {**kept[host], "serveraddress": host} if host in kept else {}
    try:
        api.inspect_distribution(image, auth_config=own)
    except APIError as error:
        return str(error.explanation or error)
    return ""


def _explained(image: str, why: str, kept: Kept, own: str) -> CannotPull:
    host = image.partition("/")[0]
    shown = image if len(image) < 90 else f"{image.partition('@')[0]}@...{image[-12:]}"
    if not names_a_registry(image):
        return CannotPull(f"{shown} is in no registry", "`gptdeploy platform up --registry`, and `/deploy`")
    if any(mark in why for mark in _REFUSED):
        if host in kept:
            user = kept[host]["username"]
            return CannotPull(f"{user} may not pull {shown}: {why}", _renew(host, user))
        how = f"`gptdeploy platform up --registry-host {host} --registry-user USER`, whose token may read packages"
        return CannotPull(f"{shown} cannot be pulled without signing in: {why}", how)
    if any(mark in why for mark in _GONE):
        how = (
            "`/deploy` brings what is live there again" if host == own else "Let it keep the last 10 images; `/deploy`"
        )
        return CannotPull(f"{host} has {shown} no more: {why}", how)
    return CannotPull(f"{host} does not answer the engine: {why}", _reach(host))


def _renew(host: str, user: str) -> str:
    return f"`gptdeploy platform up --registry-host {host} --registry-user {user}`, with a token that may read packages"


def _reach(host: str) -> str:
    return f"See whether {host} runs, and the platform's machine reaches it"
