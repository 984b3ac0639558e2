"""The Docker engine next to the bot: builds a service's image and runs its tests before anything is pushed.

What a model wrote runs here, next to the bot, so it may do less than on a runner. Once the packages are installed,
there is no network. Service and tests have a read-only root filesystem, no capabilities, no way to gain rights, not
the engine's socket, and limits on memory, processes, processor and time.
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

from bot.clients.docker_engine.build import Stage, build, keep, last_lines
from bot.clients.docker_engine.connection import connect
from bot.clients.docker_engine.removal import LABEL, remove_container, remove_image, sweep, tolerate
from bot.clients.docker_engine.stages import Stages, read_stages
from bot.errors import TransientError, UserError

log = logging.getLogger(__name__)

_USER = "10001"
_TMP_MB = 256
# What the template's program needs to run service and tests as users without any right, and to end them.
_TO_DROP_RIGHTS = ["SETUID", "SETGID", "SETPCAP", "KILL"]


@dataclass(frozen=True)
class Limits:
    """What the tests may take.

    Attributes:
        seconds: wall-clock time; the installation may take as long.
        grace_seconds: how long tests past their time may take to end by themselves, with a report of where they hang.
        memory_mb: MiB; there is no swap on top.
        pids: processes and threads.
        cpus: cores; no more than the engine has are asked for.
    """

    seconds: float = 600
    grace_seconds: float = 30
    memory_mb: int = 1024
    pids: int = 256
    cpus: float = 1.0


class Engine:
    """The engine that the environment names (`DOCKER_HOST`, else this machine's).

    Args:
        connect: returns a client of it, which is closed after use; raises DockerException where none answers.
    """

    def __init__(self, connect: Callable[[], docker.DockerClient] = connect) -> None:
        self._connect = connect

    def build_and_test(self, files: Mapping[str, str | bytes], limits: Limits | None = None) -> list[str] | None:
        """Build a service up to its tests and run them; return the log where that failed, None where it did not.

        The log reads like the classic builder's, so that `read_failure` finds the cause in it. A Dockerfile without
        the template's stages `tools` and `test` is not tried. That returns None as well: the real build will tell.

        Args:
            files: the service's files by name within its folder, the Dockerfile among them.
            limits: of the tests; by default those of `Limits`.

        Raises:
            UserError: no engine answers.
            TransientError: the engine or a registry fails in a way that says nothing about the service.
        """
        limits = limits or Limits()
        dockerfile = files.get("Dockerfile", "")
        stages = read_stages(dockerfile if isinstance(dockerfile, str) else dockerfile.decode("utf-8", "replace"))
        if stages is None:
            log.info(
                "preflight: the Dockerfile has no stages `tools` and `test` like the template's, so it is not tried"
            )
            return None
        due = str(int(time.time() + 2 * limits.seconds + 600))
        with self._client() as client:
            sweep(client)
            tools, output = build(client, files, Stage("tools", "tools", limits.seconds))
            if tools is None:
                return output
            keep(client, tools)
            sources = {**files, "Dockerfile": stages.before_tests}
            image, output = build(client, sources, Stage("test", due, limits.seconds, network="none"))
            if image is None:
                return output
            try:
                return _run_tests(client, image, stages, limits, due)
            finally:
                remove_image(client, image)

    @contextmanager
    def _client(self) -> Iterator[docker.DockerClient]:
        try:
            client = self._connect()
        except DockerException as error:
            raise UserError(
                "`preflight: docker` needs a Docker engine that the bot can reach (%(reason)s). Start one, set "
                "`DOCKER_HOST` for the bot, or write `preflight: static` into `.github/microservice.yml`.",
                reason=str(error),
            ) from error
        try:
            yield client
        except (DockerException, RequestException) as error:
            raise TransientError(f"The Docker engine failed in the preflight: {error}") from error
        finally:
            client.close()


def _run_tests(client: docker.DockerClient, image: str, stages: Stages, limits: Limits, due: str) -> list[str] | None:
    """Run the tests in a container of `image`; return the log where they failed."""
    command = stages.command
    memory = f"{limits.memory_mb}m"
    container: Container = client.containers.create(
        image,
        ["/bin/sh", "-c", command],
        environment={"TEST_SECONDS": f"{limits.seconds:g}"},
        labels={LABEL: due},
        user="root" if stages.drops_rights else _user(client, image),
        init=True,
        network_mode="none",
        read_only=True,
        # Programs may run from /tmp, as they may in the build: some libraries compile there what they load.
        tmpfs={"/tmp": f"rw,exec,nosuid,nodev,size={_TMP_MB}m,mode=1777"},  # noqa: S108
        cap_drop=["ALL"],
        cap_add=_TO_DROP_RIGHTS if stages.drops_rights else None,
        security_opt=["no-new-privileges"],
        mem_limit=memory,
        memswap_limit=memory,
        pids_limit=limits.pids,
        nano_cpus=int(min(limits.cpus, client.info()["NCPU"]) * 1e9),
        log_config=LogConfig(type=LogConfig.types.JSON, config={"max-size": "8m", "max-file": "1"}),
    )
    try:
        container.start()
        code = _wait(container, limits)
        output = container.logs().decode("utf-8", "replace") if code else ""
    finally:
        remove_container(client, str(container.id))
    if code == 0:
        return None
    return [
        f"Step 1/1 : RUN {command}",
        *last_lines(output),
        f"The command '/bin/sh -c {command}' returned a non-zero code: {code}",
    ]


def _wait(container: Container, limits: Limits) -> int:
    """Wait until the container has ended, or end it; return its exit code, 124 where it took too long."""
    began = time.monotonic()
    try:
        code = int(container.wait(timeout=limits.seconds + limits.grace_seconds)["StatusCode"])
    except RequestException:
        # Most likely the time is over. If the engine failed, the next call fails as well.
        tolerate(container.kill)
        return 124
    # 137 means killed. The Dockerfile's `timeout` kills tests that ignore its signal, and that must not look like a
    # kill for too much memory.
    return 124 if code == 137 and time.monotonic() - began >= limits.seconds else code


def _user(client: docker.DockerClient, image: str) -> str:
    """Return the user that tests run as: the image's own, unless that is root."""
    attributes: dict[str, Any] = client.images.get(image).attrs
    user = str(attributes["Config"].get("User") or "")
    return _USER if user.partition(":")[0] in ("", "0", "root") else user
