"""What a build died of."""

from __future__ import annotations

from enum import StrEnum

from bot.values.service import Dispute
from bot.values.value import Keyless, Value


class FailureClass(StrEnum):
    """What kind of thing a build died of."""

    PIP = "pip"
    APT = "apt"
    CODE = "code"
    TEST = "test"
    DOCKER = "docker"
    SMOKE = "smoke"
    INFRA = "infra"


class Phase(StrEnum):
    """In which part of the workflow a build died."""

    BASE_IMAGE = "base image"
    APT = "apt"
    PIP = "pip"
    COPY = "copy"
    TEST = "test"
    SMOKE = "smoke"
    PUSH = "push"
    DEPLOY = "deploy"
    OTHER = "other"


class FailedTest(Value):
    """A test that failed.

    Attributes:
        name: as pytest shows it, e.g. "test_upper[a]"; the file's where it could not be collected.
        error: its exception in one line; may be empty.
        file, line: where in the service's own files, as in `Failure`.
    """

    name: str
    error: Keyless = ""
    file: str = ""
    line: int | None = None


class Failure(Value):
    """A failed job's log, reduced to what a person must see of it.

    Attributes:
        excerpt: at most 6,000 characters, plain text.
        headline: one line of at most 160 characters for people, e.g. "ModuleNotFoundError: No module named 'PIL'".
        step: the workflow step that failed, empty if unknown.
        phase: which part of the build that is.
        fingerprint: 16 hex digits; the same for the same failure.
        failure_class: what kind of failure it is.
        transient: the same commit may well get green when it is built again (network, registry, a lost runner, ...).
        file, line: where in the service's own files it happened; "" and None where the log does not say.
        tests: the tests that failed, the first 50.
        disputes: the tests that the build refuses, where it died of nothing else: no change of the code can mend that.
    """

    excerpt: Keyless
    headline: Keyless
    step: str = ""
    phase: Phase = Phase.OTHER
    fingerprint: str
    failure_class: FailureClass
    transient: bool = False
    file: str = ""
    line: int | None = None
    tests: tuple[FailedTest, ...] = ()
    disputes: tuple[Dispute, ...] = ()


class PastFix(Value):
    """A fix that was tried, and what the build died of afterwards."""

    diagnosis: str
    headline: str
