"""The Docker engine next to the bot: builds a service's image and runs its tests before anything is pushed.

What a model wrote runs here, next to the bot, so it gets less than on a runner. Once the packages are installed there
is no network; the tests have a read-only root filesystem, no capabilities, no way to gain rights, not the engine's
socket, and limits on memory, processes, processor and time.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import docker
from docker.errors import DockerException
from docker.models.containers import Container
from docker.types import LogConfig
from requests.exceptions import RequestException

from bot.clients.docker_engine.build import LABEL, build, keep, lines, remove_container, remove_image, sweep
from bot.clients.docker_engine.removal import tolerate
from bot.clients.docker_engine.stages import read_stages
from bot.errors import TransientError, UserError

log = logging.getLogger(__name__)

_USER = "10001"
_TMP_MB = 256


@dataclass(frozen=True)
class Limits:
    """What the tests may take: wall-clock seconds, MiB of memory (there is no swap on top), processes and cores."""

    seconds: float
    memory_mb: int
    pids: int
    cpus: float


class Engine:
    """The engine that the environment names (`DOCKER_HOST`, else this machine's).

    Args:
        connect: returns a client of it, which is closed after use; raises DockerException where none answers.
        grace: seconds that tests past their limit get to end by themselves, with a report of where they hang.
    """

    def __init__(self, connect: Callable[[], docker.DockerClient] = docker.from_env, grace: float = 30.0) -> None:
        self._connect = connect
        self._grace = grace

    def tried(
        self,
        files: Mapping[str, str | bytes],
        *,
        seconds: float = 600,
        memory_mb: int = 1024,
        pids: int = 256,
        cpus: float = 1.0,
    ) -> list[str] | None:
        """Build a service up to its tests and run them; return the log where that failed, None where it did not.

        The log reads like the classic builder's, so that `read_failure` finds the cause in it. What has no stages
        `tools` and `test` as the template has them is not tried: None as well, as the real build will tell.

        Args:
            files: the service's files by name within its folder, the Dockerfile among them.
            seconds: what the tests may take; the installation may take as long.
            memory_mb, pids, cpus: what the tests may use; no more cores than the engine has are asked for.

        Raises:
            UserError: no engine answers.
            TransientError: the engine or a registry fails in a way that says nothing about the service.
        """
        dockerfile = files.get("Dockerfile", "")
        stages = read_stages(dockerfile if isinstance(dockerfile, str) else dockerfile.decode("utf-8", "replace"))
        if stages is None:
            log.info(
                "preflight: the Dockerfile has no stages `tools` and `test` like the template's, so it is not tried"
            )
            return None
        limits = Limits(seconds, memory_mb, pids, cpus)
        due = str(int(time.time() + 2 * seconds + 600))
        with self._client() as client:
            sweep(client)
            tools, said = build(client, files, "tools", "tools", seconds)
            if tools is None:
                return said
            keep(client, tools)
            sources = {**files, "Dockerfile": stages.before_tests}
            image, said = build(client, sources, "test", due, seconds, network="none")
            if image is None:
                return said
            try:
                return _tests(client, image, stages.command, limits, self._grace, due)
            finally:
                remove_image(client, image)

    @contextmanager
    def _client(self) -> Iterator[docker.DockerClient]:
        try:
            client = self._connect()
        except DockerException as error:
            raise UserError(
                f"`preflight: docker` needs a Docker engine that the bot can reach ({error}). Start one, set "
                "`DOCKER_HOST` for the bot, or write `preflight: static` into `.github/microservice.yml`."
            ) from error
        try:
            yield client
        except (DockerException, RequestException) as error:
            raise TransientError(f"The Docker engine failed in the preflight: {error}") from error
        finally:
            client.close()


def _tests(
    client: docker.DockerClient, image: str, command: str, limits: Limits, grace: float, due: str
) -> list[str] | None:
    """Run the tests in a container of `image`; return the log where they failed."""
    memory = f"{limits.memory_mb}m"
    container: Container = client.containers.create(
        image,
        ["/bin/sh", "-c", command],
        environment={"TEST_SECONDS": f"{limits.seconds:g}"},
        labels={LABEL: due},
        user=_user(client, image),
        init=True,
        network_mode="none",
        read_only=True,
        # Programs may run from /tmp, as they may in the build: some libraries compile there what they load.
        tmpfs={"/tmp": f"rw,exec,nosuid,nodev,size={_TMP_MB}m,mode=1777"},  # noqa: S108
        cap_drop=["ALL"],
        security_opt=["no-new-privileges"],
        mem_limit=memory,
        memswap_limit=memory,
        pids_limit=limits.pids,
        nano_cpus=int(min(limits.cpus, client.info()["NCPU"]) * 1e9),
        log_config=LogConfig(type=LogConfig.types.JSON, config={"max-size": "8m", "max-file": "1"}),
    )
    try:
        container.start()
        code = _ended(container, limits.seconds, grace)
        output = container.logs().decode("utf-8", "replace") if code else ""
    finally:
        remove_container(client, str(container.id))
    if code == 0:
        return None
    return [
        f"Step 1/1 : RUN {command}",
        *lines(output),
        f"The command '/bin/sh -c {command}' returned a non-zero code: {code}",
    ]


def _ended(container: Container, seconds: float, grace: float) -> int:
    """Wait until the container has ended, or end it; return its exit code, 124 where it took too long."""
    began = time.monotonic()
    try:
        code = int(container.wait(timeout=seconds + grace)["StatusCode"])
    except RequestException:
        # The time limit, most likely; if it is the engine, it does not answer this either.
        tolerate(container.kill)
        return 124
    # `timeout` has to kill what ignores its interruption, and that must not look like too much memory.
    return 124 if code == 137 and time.monotonic() - began >= seconds else code


def _user(client: docker.DockerClient, image: str) -> str:
    """Return whom to run as: the image's user, unless that is root."""
    attributes: dict[str, Any] = client.images.get(image).attrs
    user = str(attributes["Config"].get("User") or "")
    return _USER if user.partition(":")[0] in ("", "0", "root") else user
