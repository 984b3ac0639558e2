"""Whether a service works, and whether people reach it: two questions, of which only the first undoes a deployment."""

from __future__ import annotations

from collections.abc import Callable

import docker

from bot.deploy.certificate import root_certificate
from bot.deploy.doors import Broken, Door, Gap, Link, Public, in_front
from bot.deploy.inside import Inside
from bot.deploy.layout import TLS, Platform
from bot.deploy.smoke import healthy
from bot.sentence import Sentence

Fault = Callable[[Door, float], Sentence | None]
"""Returns what is wrong with the answers of a service; it may take so many seconds until they are right."""

_PUBLIC_SECONDS, _INSIDE_SECONDS = 3.0, 15.0


def prove(
    client: docker.DockerClient, platform: Platform, slug: str, fault: Fault
) -> tuple[Sentence | None, Gap | None]:
    """Ask a service as people do, and where that fails, from within the platform.

    Returns: what is wrong with the service, and what is missing on the way to it.
    """
    public = public_door(client, platform, slug)
    gap = _walk(public, fault, _PUBLIC_SECONDS)
    if gap is None:
        return None, None
    wrong = fault(Inside(client, platform, slug), _INSIDE_SECONDS)
    # The ingress may have needed longer to find the service.
    return wrong, None if wrong is not None else _walk(public, fault, 0)


def is_healthy(client: docker.DockerClient, platform: Platform, slug: str) -> bool:
    """Tell whether a service says that it is well, whatever is missing on the way to it."""
    return healthy(public_door(client, platform, slug)) or healthy(Inside(client, platform, slug))


def public_door(client: docker.DockerClient, platform: Platform, slug: str) -> Public:
    """Return the public address of a service; an authority of the platform's own is trusted."""
    root = root_certificate(client, platform) if platform.tls is TLS.INTERNAL else ""
    return Public(platform.deployment(slug).api_url.removesuffix("/execute"), root)


def _walk(public: Public, fault: Fault, seconds: float) -> Gap | None:
    try:
        wrong = fault(public, seconds)
    except Broken as error:
        return error.gap
    return None if wrong is None else Gap(Link.SERVICE, wrong, in_front())
