"""What a Python package index says."""

from __future__ import annotations

from datetime import datetime

from bot.values.value import Value


class Project(Value):
    """What a Python package index says of a project.

    Attributes:
        name: its normalised name (PEP 503).
        first_upload: when its oldest file was uploaded; None where the index does not say.
        versions: released versions that are neither yanked nor pre-releases and have a file.
        for_image: those of them that have a wheel, or a source archive, for the image's Python and platform.
        sources: those of `for_image` that have no wheel.
        source_build: why its source archive may be built in the image; empty where only wheels are taken.
    """

    name: str
    first_upload: datetime | None = None
    versions: tuple[str, ...] = ()
    for_image: tuple[str, ...] = ()
    sources: tuple[str, ...] = ()
    source_build: str = ""


class Material(Value):
    """A package that a service is made of; its licence is "" where nobody says."""

    name: str
    version: str
    licence: str = ""
