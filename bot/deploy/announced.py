"""Deploy what the default branch had at a commit, unless something newer is live, and tell GitHub what came of it."""

from __future__ import annotations

from dataclasses import replace
from typing import Protocol

import docker

from bot.deploy import announce, order, removal, rollout
from bot.deploy.layout import DEFAULT_NAME
from bot.deploy.live import Live
from bot.deploy.wanted import NewVersion
from bot.errors import UserError


class Repository(announce.Repository, order.Repository, Protocol):
    """What is asked and told; `bot.clients.github.Repository` is one."""


def deploy_announced(
    client: docker.DockerClient, version: NewVersion, github: Repository, *, name: str = DEFAULT_NAME
) -> Live:
    """Bring a version live, and comment its playground's URL.

    Args:
        name: the platform's.

    Raises:
        UserError: it is not live, which GitHub has been told; or its folder was removed by a later commit.
    """
    announcement = announce.Announcement(version.description, version.image, version.commit)
    newer = order.newer_than(version.commit, github, lambda: github.head(github.default_branch()))
    try:
        order.refuse_removed(github, version.slug, version.commit)
        prepared = rollout.prepare(client, replace(version, newer=newer), name=name)
        live = prepared.carry_out()
        try:
            order.refuse_removed(github, version.slug, version.commit)
        except UserError:
            # The deployment of the commit that removed it came too early to find anything.
            removal.take_down(client, prepared.platform, version.slug, version.repository)
            raise
    except UserError as error:
        announce.announce_failure(github, announcement, error.sentence)
        raise
    announce.announce_live(github, replace(announcement, image=live.version.image), live.deployment, live.gap)
    return live
