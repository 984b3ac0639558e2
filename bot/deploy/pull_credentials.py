"""Who the platform is to the registries that it pulls from.

A deployment's own token ends with its job, and a machine that joins later, or has lost an image, pulls with what the
engine keeps beside a service. So the platform has credentials that stay. They are a config of the swarm: the managers
keep it encrypted, and whoever may ask them for it may do everything on the engine anyway.
"""

from __future__ import annotations

import base64
import hashlib
import json
from contextlib import suppress
from typing import Any

import docker
from docker.errors import APIError

from bot.deploy.engine_service import Changed, EngineService
from bot.deploy.layout import LABEL, Platform
from bot.errors import UserError

GITHUBS = "ghcr.io"
_LABEL = "gptdeploy.pull-credentials"
# https://github.blog/2021-04-05-behind-githubs-new-authentication-token-formats/
_TOKEN = "ghs_"  # noqa: S105 (how such tokens begin)

Kept = dict[str, dict[str, str]]
"""`username` and `password` by a registry's host."""


def keep(client: docker.DockerClient, platform: Platform, host: str, user: str, password: str) -> None:
    """Keep credentials for a registry, and have the services whose images it holds pull with them from now on.

    Raises:
        UserError: the registry refuses them, or does not answer.
    """
    try:
        client.login(username=user, password=password, registry=host, reauth=True)
    except APIError as error:
        raise UserError(f"`{host}` refuses `{user}`: {error.explanation or error}") from error
    _write(client, platform, {**kept(client, platform), host: {"username": user, "password": password}})
    use(client, platform)
    api: Any = client.api
    for service in api.services(filters={"label": f"{LABEL}={platform.name}"}):
        if service["Spec"]["TaskTemplate"]["ContainerSpec"]["Image"].startswith(f"{host}/"):
            # Somebody who deploys it at the same time uses them as well.
            with suppress(Changed):
                EngineService(client, service["Spec"]["Name"]).update(service, service["Spec"])


def use(client: docker.DockerClient, platform: Platform) -> None:
    """Have a client pull, and create and update services, with the platform's credentials, before any of its own."""
    api: Any = client.api
    for host, entry in kept(client, platform).items():
        # The SDK's own `login` asks the registry, which may be down while the engine needs nothing from it.
        api._auth_configs.add_auth(host, {**entry, "serveraddress": host})


def drop_token(client: docker.DockerClient, platform: Platform, service: EngineService, image: str) -> None:
    """Have the engine forget the token of a workflow's job that it has pulled a service's image with.

    The token ends with the job, and ghcr.io refuses somebody with such a one even what it gives to everybody.
    """
    host = image.partition("/")[0]
    api: Any = client.api
    own = api._auth_configs.resolve_authconfig(host) or {}
    if not str(own.get("password", "")).startswith(_TOKEN) or host in kept(client, platform):
        return
    api._auth_configs.add_auth(host, {"username": "", "password": "", "serveraddress": host})
    try:
        while now := service.inspect():
            with suppress(Changed):
                service.update(now, now["Spec"])
                return
    finally:
        api._auth_configs.add_auth(host, own)


def kept(client: docker.DockerClient, platform: Platform) -> Kept:
    """Return the platform's credentials."""
    found: Kept = {}
    for config in _configs(client, platform):
        found |= json.loads(base64.b64decode(config.attrs["Spec"]["Data"]))
    return found


def _write(client: docker.DockerClient, platform: Platform, wanted: Kept) -> None:
    data = json.dumps(wanted, sort_keys=True).encode()
    name = f"{platform.name}-pull-{hashlib.sha256(data).hexdigest()[:12]}"
    before = _configs(client, platform)
    if name not in {config.name for config in before}:
        client.configs.create(name=name, data=data, labels={**platform.labels, _LABEL: ""})
    for config in before:
        if config.name != name:
            config.remove()


def _configs(client: docker.DockerClient, platform: Platform) -> list[Any]:
    configs: Any = client.configs
    found: list[Any] = configs.list(filters={"label": [f"{LABEL}={platform.name}", _LABEL]})
    return found
