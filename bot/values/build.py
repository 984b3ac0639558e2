"""What the build of a service has shown."""

from __future__ import annotations

from bot.values.value import Value


class BuildFacts(Value):
    """What a green build states of a service; None is unknown, as where a repository's workflow file is older.

    Attributes:
        tests: how many tests have passed.
        image_bytes: the size of its image on disk, with the base image.
        build_seconds: what the images took to build and test; little where an engine had their layers already.
        answer_ms: milliseconds that the service took to answer its example, the quicker one of two times.
    """

    tests: int | None = None
    image_bytes: int | None = None
    build_seconds: float | None = None
    answer_ms: float | None = None


class BuildRecord(Value):
    """A build of one commit of a strategy, as people are told of it.

    Attributes:
        commit: its 40-digit sha.
        url: the workflow run's page; "" until the result is known.
        began: when GitHub had the commit, or was asked for another run of it, in seconds since the epoch; `seconds` is
            the time from then to the known result.
        died_of: one line; "" where it is green.
    """

    commit: str
    url: str = ""
    began: float
    seconds: float
    died_of: str = ""
