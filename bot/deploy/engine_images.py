"""The images of services on the engine: named so that they can be pulled again, and removed when nothing needs them."""

from __future__ import annotations

from collections.abc import Iterable
from functools import partial
from typing import Any

import docker
from docker.errors import APIError
from docker.models.images import Image
from docker.utils import parse_repository_tag

from bot.clients.docker_engine import tolerate
from bot.deploy import own_registry
from bot.deploy.layout import LABEL, SLUG_LABEL, Platform
from bot.deploy.versions import history_of


def lasting(client: docker.DockerClient, platform: Platform, image: str) -> str:
    """Return the image by a name under which every version of it can be pulled again.

    Where the platform has a registry of its own, the image is put there. Otherwise it stays in its registry, which is
    asked for the digest, so that every node takes the same one.

    Raises:
        APIError: the engine has no such image, and cannot pull it.
        UserError: the platform's registry does not take it.
    """
    address = own_registry.address_of(client, platform)
    if not address or image.startswith(f"{address}/"):
        return _pinned(client, image)
    found = _fetched(client, image)
    place, _ = parse_repository_tag(image)
    name = f"{address}/{place.partition('/')[2] if names_a_registry(place) else place}"
    # A tag keeps it from being taken for garbage. The same image has the same one.
    tag = str(found.id).removeprefix("sha256:")[:32]
    found.tag(name, tag)
    digest = own_registry.push(client, name, tag)
    if names_a_registry(place):
        # It was on its way here only; under this name nobody would ever remove it.
        found.reload()
        _remove_references(client, found, place)
    return f"{name}@{digest}"


def _pinned(client: docker.DockerClient, image: str) -> str:
    """Return the image with the digest its registry has for it."""
    if "@" in image or not names_a_registry(image):
        return image
    try:
        data = client.images.get_registry_data(image)
    except APIError:
        # The engine may have the image all the same; if it has not, the rollout says so.
        return image
    return f"{image}@{data.id}"


def _fetched(client: docker.DockerClient, image: str) -> Image:
    """Return the image, pulled from its registry where it names one that gives it."""
    if names_a_registry(image):
        try:
            return client.images.pull(image)
        except APIError as error:
            try:
                return client.images.get(image)
            except APIError:
                raise error from None
    return client.images.get(image)


def names_a_registry(image: str) -> bool:
    """Tell whether the name of an image begins with the host of a registry."""
    host, slash, _ = image.partition("/")
    return bool(slash) and (host == "localhost" or any(mark in host for mark in ".:"))


def remove(client: docker.DockerClient, platform: Platform, images: Iterable[str]) -> None:
    """Remove those of some images that no version of a service needs from the engine that is asked, with the tags that
    their registry's name has there.

    What is not there stays so, and what a container uses stays. The platform's own registry forgets them, too; others
    keep theirs.
    """
    gone = sorted(set(images) - _needed(client, platform))
    for name in gone:
        tolerate(lambda name=name: _remove_references(client, client.images.get(name), name.partition("@")[0], name))  # type: ignore[misc]
    own_registry.forget(client, platform, gone)


def _needed(client: docker.DockerClient, platform: Platform) -> set[str]:
    """Return the images of all versions that services remember; two previews of one service may have the same."""
    api: Any = client.api
    found = api.services(filters={"label": f"{LABEL}={platform.name}"})
    # The agent of a platform of several machines is a service, too, and has no versions.
    services = [service for service in found if SLUG_LABEL in service["Spec"]["Labels"]]
    return {version.image for service in services for version in history_of(service).versions}


def _remove_references(client: docker.DockerClient, image: Image, place: str, name: str = "") -> None:
    digests: list[str] = image.attrs.get("RepoDigests") or []
    for reference in [*image.tags, *digests]:
        if reference.partition("@")[0] == place or reference.rpartition(":")[0] == place or reference == name:
            # Some go with the last one of their kind.
            tolerate(partial(client.images.remove, reference))
