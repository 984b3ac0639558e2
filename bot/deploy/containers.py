"""The platform's own containers: one is kept while its image and options stay the same, and replaced otherwise."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import docker
from docker.errors import APIError, BuildError, ImageNotFound, NotFound
from docker.models.containers import Container
from docker.models.networks import Network

from bot.clients.docker_engine import tolerate
from bot.deploy.layout import CONFIG_LABEL, config_hash
from bot.deploy.networks import join
from bot.errors import UserError
from bot.render import templates_dir


def listed(client: docker.DockerClient, *labels: str) -> list[Container]:
    """Return the containers with all the labels ("name" or "name=value"), whatever their state.

    The engine is asked about each of them after it has named them, and one that was removed in between is not there.
    """
    return client.containers.list(all=True, filters={"label": list(labels)}, ignore_removed=True)


def playground_image(client: docker.DockerClient, python: str) -> str:
    """Return the name of the playground's image; it is built where the engine has none of these files on this base.

    Two that build it at the same time get images of their own: its name says what is in it, and not its id.
    """
    folder = templates_dir() / "platform"
    files = {path.name: path.read_text(encoding="utf-8") for path in sorted(folder.iterdir()) if path.is_file()}
    tag = f"gptdeploy-playground:{config_hash(client.images.get(python).id or '', files)}"
    try:
        client.images.get(tag)
    except ImageNotFound:
        try:
            client.images.build(path=str(folder), tag=tag, rm=True, forcerm=True, buildargs={"PYTHON_IMAGE": python})
        except BuildError as error:
            log = "".join(str(line.get("stream", "")) for line in error.build_log)
            raise UserError(f"The playground's image cannot be built: {error}\n{log[-2000:]}") from error
    return tag


def ensure(
    client: docker.DockerClient,
    image: str,
    options: dict[str, Any],
    networks: Sequence[Network] = (),
    *,
    named: bool = False,
) -> None:
    """Run a container of that name; one made from the same image and options is kept, another replaced.

    Args:
        named: the image's name says what is in it.
        networks: those that it joins beside its own, before it starts.
    """
    wanted = config_hash(image if named else client.images.get(image).id or "", options)
    try:
        container = client.containers.get(options["name"])
    except NotFound:
        pass
    else:
        if container.labels.get(CONFIG_LABEL) == wanted:
            for network in networks:
                join(network, options["name"])
            if container.status != "running":
                container.start()
            return
        container.remove(force=True)
    try:
        labels = {**options["labels"], CONFIG_LABEL: wanted}
        container = client.containers.create(image, **{**options, "labels": labels})
        for network in networks:
            join(network, options["name"])
        container.start()
    except APIError:
        # A container that could not start must not count as there.
        tolerate(lambda: client.containers.get(options["name"]).remove(force=True))
        raise
