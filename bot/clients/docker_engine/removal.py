"""What the Docker engine answers to whoever removes something that is going anyway."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from docker.errors import APIError, NotFound


def tolerate(act: Callable[[], Any]) -> None:
    """Do what ends or removes something; that it has ended, is gone or in use is fine."""
    try:
        act()
    except NotFound:
        pass
    except APIError as error:
        if error.status_code != 409:
            raise
