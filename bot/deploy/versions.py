"""The versions of a service that the platform remembers, and which of them is live. No engine is asked.

They stand in a label of the service on the engine, so that the engine changes them together with what runs: where it
takes an update back, the label comes back as well.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from pydantic import BaseModel, ConfigDict, Field

from bot.deploy.description import Description, Resources
from bot.deploy.layout import SLUG_LABEL
from bot.errors import UserError
from bot.sentence import Sentence, joined, sentence

VERSIONS_LABEL = "gptdeploy.versions"
PREVIEW_LABEL = "gptdeploy.preview"
"""On a service that is the preview of a pull request: its number."""

EGRESS_LABEL = "gptdeploy.egress"
"""On a service: the hosts that it may reach, with a space between them."""

KEPT = 10
"""Versions remembered of a service, the live one among them."""


class Version(BaseModel):
    """A version of a service as it was deployed once.

    Attributes:
        number: counts the versions of a service, from 1.
        image: as the engine can pull it again, with its digest where a registry gave one.
        commit: 40 hex digits, or "" where the deployer was not told.
        since: when it went live the last time, in ISO 8601.
        left: whether a rollback went from this version, or past it, to an earlier one.
    """

    model_config = ConfigDict(frozen=True)

    number: int
    image: str
    commit: str = ""
    since: str
    left: bool = False
    title: str
    summary: str
    issue: int | None = None
    resources: Resources = Field(default_factory=Resources)

    @property
    def called(self) -> Sentence:
        """What people call it."""
        if not self.commit:
            return sentence("version %(number)s", number=self.number)
        return sentence("version %(number)s (%(commit)s)", number=self.number, commit=self.commit[:7])

    def __str__(self) -> str:
        return str(self.called)


class History(BaseModel):
    """The versions of a service, the oldest first; `live` is the number of the one that runs."""

    model_config = ConfigDict(frozen=True)

    live: int
    versions: tuple[Version, ...]

    @property
    def current(self) -> Version:
        return next(version for version in self.versions if version.number == self.live)

    def deployed(self, description: Description, image: str, commit: str) -> History:
        """Return the history once an image is live; the same commit in the same image keeps its number."""
        known = [version.number for version in self.versions if (version.image, version.commit) == (image, commit)]
        number = known[0] if known else self.versions[-1].number + 1
        others = [version for version in self.versions if version.number not in (number, self.live)]
        # What runs until then is kept, however old it is: it is what a rollback brings back.
        others = [*others[-(KEPT - 2) :], *([self.current] if self.live != number else [])]
        return History(live=number, versions=_sorted(*others, _version(number, description, image, commit)))

    def rolled_back(self, target: Version) -> History:
        """Return the history once an earlier (or later) version is live again."""
        again = target.model_copy(update={"left": False, "since": _now()})
        others = [
            version.model_copy(update={"left": version.left or target.number < version.number <= self.live})
            for version in self.versions
            if version.number != target.number
        ]
        return History(live=again.number, versions=_sorted(*others, again))

    def find(self, wanted: str) -> Version:
        """Return the version that a person means.

        Args:
            wanted: its number, the beginning of its commit or of its digest, or "" for the newest one before the live
                one that no rollback has left.

        Raises:
            UserError: there is no such version, or it is the live one.
        """
        others = [version for version in self.versions if version.number != self.live]
        if not wanted:
            before = [version for version in others if version.number < self.live and not version.left]
            if not before:
                raise UserError(
                    "Nothing that I remember ran before %(version)s. %(choices)s",
                    version=self.current.called,
                    choices=self._choices(others),
                )
            return before[-1]
        found = [version for version in self.versions if _is_meant(version, wanted.removeprefix("v"))]
        if not found:
            raise UserError(
                "I remember no version `%(wanted)s`. %(choices)s", wanted=wanted, choices=self._choices(others)
            )
        if found[-1].number == self.live:
            raise UserError(
                "Version %(number)s is live already. %(choices)s",
                number=found[-1].number,
                choices=self._choices(others),
            )
        return found[-1]

    def to_label(self) -> str:
        return self.model_dump_json(exclude_defaults=True)

    def _choices(self, others: list[Version]) -> Sentence:
        if not others:
            return sentence("It is the only one.")
        return sentence("There is %(others)s.", others=joined([version.called for version in reversed(others)], ", "))


def first(description: Description, image: str, commit: str) -> History:
    """Return the history of a service that was not there before."""
    return History(live=1, versions=(_version(1, description, image, commit),))


def history_of(service: Mapping[str, Any]) -> History:
    """Return what a service on the engine remembers.

    One that was deployed before versions were remembered has one version: what runs.

    https://docs.docker.com/reference/api/engine/version/v1.41/#tag/Service
    """
    spec = service["Spec"]
    label = spec["Labels"].get(VERSIONS_LABEL)
    if label:
        return History.model_validate_json(label)
    image, slug = spec["TaskTemplate"]["ContainerSpec"]["Image"], spec["Labels"][SLUG_LABEL]
    only = Version(number=1, image=image, since=service["UpdatedAt"], title=slug, summary="")
    return History(live=1, versions=(only,))


def previewed_pull(service: Mapping[str, Any]) -> int | None:
    """Return the pull request whose preview a service on the engine is; None for a live service."""
    number = service["Spec"]["Labels"].get(PREVIEW_LABEL)
    return int(number) if number else None


def _version(number: int, description: Description, image: str, commit: str) -> Version:
    told = description.model_dump(include={"title", "summary", "issue", "resources"})
    return Version(number=number, image=image, commit=commit, since=_now(), **told)


def _is_meant(version: Version, wanted: str) -> bool:
    if wanted.isdecimal() and len(wanted) < 5:
        return version.number == int(wanted)
    digest = version.image.rpartition("@sha256:")[2]
    return len(wanted) >= 5 and (version.commit.startswith(wanted) or digest.startswith(wanted))


def _sorted(*versions: Version) -> tuple[Version, ...]:
    return tuple(sorted(versions, key=lambda version: version.number))


def _now() -> str:
    return datetime.now(UTC).isoformat(timespec="seconds")
