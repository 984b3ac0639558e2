"""The images the demo builds on: pulled, or, where no registry answers, stand-ins built from Debian packages."""

from __future__ import annotations

import threading
from collections.abc import Iterable
from queue import Empty, SimpleQueue

import docker
from docker.errors import DockerException, ImageNotFound

from bot.demo import Say, debian, standins
from bot.errors import UserError

PYTHON = standins.PYTHON
CADDY = standins.CADDY
REGISTRY = standins.REGISTRY

# How long a pull may go without a word from the engine, seconds.
_PATIENCE = 30.0


def ensure(client: docker.DockerClient, names: Iterable[str], say: Say, patience: float = _PATIENCE) -> None:
    """Make sure that the engine has the images.

    An image that it has stays as it is. One that it lacks is pulled. Where that fails, a stand-in with the same
    interface is built and tagged like the real image, and `say` says so.

    Args:
        patience: how many seconds a pull may go without progress.

    Raises:
        UserError: an image can neither be pulled nor built.
    """
    failures: dict[str, str] = {}
    for name in (name for name in names if not present(client, name)):
        registry = _registry(name)
        # A registry that is out of reach is not asked for the next image.
        earlier = next((reason for other, reason in failures.items() if _registry(other) == registry), None)
        reason = earlier or _pull(client, name, say, patience)
        if reason:
            failures[name] = reason
    if not failures:
        return
    missing = ", ".join(failures)
    reason = next(iter(failures.values()))
    if unknown := [name for name in failures if name not in standins.NAMES]:
        raise UserError(f"Cannot pull {', '.join(unknown)}: {reason}")
    if not debian.can_install():
        raise UserError(
            f"Cannot pull {missing} ({reason}). Give the Docker engine access to a registry; "
            "stand-ins from Debian packages can be built only by root on Debian."
        )
    say(f"no image registry in reach ({reason}): building stand-ins for {missing} from Debian packages")
    standins.build(client, list(failures), say)


def present(client: docker.DockerClient, name: str) -> bool:
    """Tell whether the engine has the image."""
    try:
        client.images.get(name)
    except ImageNotFound:
        return False
    return True


def _registry(name: str) -> str:
    """Return the host of an image's registry: the first part, if it looks like a host.

    https://docs.docker.com/reference/cli/docker/image/tag/#description
    """
    first, slash, _ = name.partition("/")
    return first if slash and (first == "localhost" or "." in first or ":" in first) else "docker.io"


def _pull(client: docker.DockerClient, name: str, say: Say, patience: float) -> str | None:
    """Pull an image; return why that failed, or None."""
    say(f"pulling {name}")
    events: SimpleQueue[dict[str, object] | str | None] = SimpleQueue()

    def listen() -> None:
        repository, _, tag = name.rpartition(":")
        try:
            for event in client.api.pull(repository, tag=tag, stream=True, decode=True):
                events.put(event)
        except (DockerException, OSError) as error:
            events.put(str(getattr(error, "explanation", None) or error))
        events.put(None)

    # The SDK's pull has no timeout, and the engine waits for minutes where a network drops packets.
    threading.Thread(target=listen, name=f"pull {name}", daemon=True).start()
    reason = None
    try:
        while (event := events.get(timeout=patience)) is not None:
            error = event if isinstance(event, str) else event.get("error")
            reason = reason or (str(error) if error else None)
    except Empty:
        return f"no answer within {patience:g} s"
    return reason
