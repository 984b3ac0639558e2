"""What the doctor says, looked at in a thread of its own: a page does not wait for it."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from bot.doctor import Finding

_FRESH = 20.0
"""Seconds for which a look counts."""


@dataclass
class Look:
    """One look.

    Attributes:
        repo: "owner/name", "" while the App is installed nowhere; `repositories` has all that it is installed on.
        found: what was found so far.
    """

    repo: str = ""
    repositories: list[str] = field(default_factory=list)
    found: list[tuple[str, Finding]] = field(default_factory=list)
    running: bool = True
    began: float = field(default_factory=time.monotonic)


class Looks:
    """Looks when somebody asks, once at a time. Thread-safe.

    Args:
        environ: returns the settings as they are now.
    """

    def __init__(self, environ: Callable[[], Mapping[str, str]]) -> None:
        self._environ = environ
        self._lock = threading.Lock()
        self._looks: dict[str, Look] = {}

    def at(self, repo: str, *, again: bool = False) -> Look:
        """Return the newest look at a repository, "" for whichever there is; begin one where none is fresh."""
        with self._lock:
            look = self._looks.get(repo)
            old = look is None or (not look.running and (again or time.monotonic() - look.began > _FRESH))
            if look is None or old:
                look = self._looks[repo] = Look(repo)
                threading.Thread(target=self._run, args=(look,), name="doctor", daemon=True).start()
            return look

    def _run(self, look: Look) -> None:
        # The SDKs take a second to import, and only who looks needs them.
        from bot.doctor import Patient, examine
        from bot.doctor.patient import NeedsFirst
        from bot.errors import TransientError, UserError

        try:
            patient = Patient(self._environ(), look.repo)
            try:
                look.repositories = patient.repositories
            except (NeedsFirst, UserError, TransientError):
                # The first checks say why.
                look.repositories = []
            patient.repo = look.repo = look.repo or next(iter(look.repositories), "")
            for finding in examine(patient):
                look.found.append(finding)
        finally:
            look.running = False
