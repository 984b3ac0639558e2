"""What a service may reach, as the settings of its repository name it."""

from __future__ import annotations

from pathlib import Path

from bot.config import read_egress


def named_hosts(settings: Path, slug: str) -> tuple[str, ...]:
    """Return the hosts that a service may reach, each with its port where that is not 443; () without such a file.

    Args:
        settings: a repository's `.github/microservice.yml`. Faults in what else it sets do not matter here.

    Raises:
        WrongSettings: the file cannot be read, or what it names are no hosts.
    """
    try:
        text = settings.read_text(encoding="utf-8")
    except FileNotFoundError:
        return ()
    return read_egress(settings.name, text).get(slug, ())
