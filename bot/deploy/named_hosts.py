"""What a service may reach, as the settings of its repository name it."""

from __future__ import annotations

from pathlib import Path

from pydantic import ValidationError

from bot.config import WrongSettings, as_config, read_settings


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
    read = read_settings(settings.name, text)
    if read.faults and not read.values:
        raise WrongSettings(read.faults)
    try:
        config = as_config({name: value for name, value in read.values.items() if name == "egress"})
    except ValidationError as error:
        raise WrongSettings(read.faults) from error
    return config.egress.get(slug, ())
