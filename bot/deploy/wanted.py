"""What a rollout can be asked to bring live: a new version, or one that was live before."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from typing import Protocol

from bot.deploy import smoke
from bot.deploy.description import Description
from bot.deploy.doors import Door
from bot.deploy.order import Newer, nothing_newer
from bot.deploy.owner import NOBODY, Owner
from bot.deploy.versions import History, first
from bot.errors import UserError
from bot.sentence import Sentence, sentence

_LONGEST_NAME = 40
"""Characters of a service's name, which is a label of its host name and a part of the engine's name for it."""
_NEW_VERSION, _NEW_COMMIT = sentence("The new version"), sentence("The new commit")


class Wanted(Protocol):
    """What shall be live.

    Attributes:
        commit: what it is built from; "" where the deployer was not told, or where it is not a new one.
        repository: where the service comes from, as far as the deployer was told.
        preview: the pull request that it is a preview of; None for what shall be live.
        name: what it is called where a sentence begins.
        newer: tells whether what is live is newer, so that it stays.
        egress: the hosts that it may reach.
    """

    @property
    def slug(self) -> str: ...

    @property
    def commit(self) -> str: ...

    @property
    def repository(self) -> Owner: ...

    @property
    def preview(self) -> int | None: ...

    @property
    def name(self) -> Sentence: ...

    @property
    def newer(self) -> Newer: ...

    @property
    def egress(self) -> tuple[str, ...]: ...

    def history(self, before: History | None) -> History:
        """Return the history as it is once this is live; `before` is None where the service is not there.

        Raises:
            UserError: there is nothing that could be brought live.
        """

    def fault(self, door: Door, seconds: float) -> Sentence | None:
        """Return what is wrong with the answers of the live service, or None.

        Args:
            seconds: how long it may take until they are right.

        Raises:
            Broken: a link on the way to the door is missing.
        """


@dataclass(frozen=True)
class _Described:
    """A service as its folder describes it, built as `image`. It works if it answers the description's examples."""

    description: Description
    image: str

    def fault(self, door: Door, seconds: float) -> Sentence | None:
        return smoke.check(door, self.description, seconds=seconds)


@dataclass(frozen=True)
class NewVersion(_Described):
    """A service as it is at `commit`."""

    commit: str = ""
    repository: Owner = NOBODY
    preview: None = None
    name: Sentence = _NEW_VERSION
    newer: Newer = nothing_newer
    egress: tuple[str, ...] = ()

    @property
    def slug(self) -> str:
        return self.description.slug

    def history(self, before: History | None) -> History:
        if before is None:
            return first(self.description, self.image, self.commit)
        return before.deployed(self.description, self.image, self.commit)


@dataclass(frozen=True)
class Preview(_Described):
    """A service as a pull request has it at `commit`, beside what is live under the service's own name."""

    commit: str
    repository: Owner
    preview: int
    name: Sentence = _NEW_COMMIT
    newer: Newer = nothing_newer
    egress: tuple[str, ...] = ()

    @property
    def slug(self) -> str:
        return preview_name(self.description.slug, self.preview)

    def history(self, before: History | None) -> History:  # noqa: ARG002 (nobody rolls a preview back)
        return first(self.description, self.image, self.commit)


def preview_name(slug: str, pull: int) -> str:
    """Return the name that the preview of a service has on the platform: it is as long as a slug may be, and no longer.

    A service may have a name like this; `refuse_other_kind` tells them apart. Where a long name is cut, the digits of a
    hash keep two services of one pull request apart.
    """
    end = f"-pr-{pull}"
    if len(slug) > _LONGEST_NAME - len(end):
        digits = hashlib.sha256(slug.encode()).hexdigest()[:4]
        slug = slug[: _LONGEST_NAME - len(end) - 5].rstrip("-") + f"-{digits}"
    return slug + end


@dataclass(frozen=True)
class EarlierVersion:
    """A version that the platform remembers; `History.find` says what `wanted` can be."""

    slug: str
    wanted: str = ""
    repository: Owner = NOBODY
    commit: str = ""
    preview: None = None
    newer: Newer = nothing_newer
    egress: tuple[str, ...] = ()

    @property
    def name(self) -> Sentence:
        if self.wanted:
            return sentence("Version %(wanted)s", wanted=self.wanted)
        return sentence("The version before")

    def history(self, before: History | None) -> History:
        if before is None:
            raise UserError(
                "There is no service `%(slug)s` on the platform. `/deploy` brings one live.", slug=self.slug
            )
        return before.rolled_back(before.find(self.wanted))

    def fault(self, door: Door, seconds: float) -> Sentence | None:
        # What its folder said is not at hand; the service shows its own example in its OpenAPI document.
        return smoke.check_own_example(door, seconds=seconds)
