"""Who may give which command: the access that GitHub grants at that moment decides, not who wrote the issue."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from bot.clients.github import GitHub, Repository
from bot.commands import COMMANDS
from bot.commands.answer import carry_out
from bot.commands.registry import Place
from bot.foreign import Markdown, Plain
from bot.hub.git import Committer
from bot.values.command import CommandRequest
from bot.values.naming import branch_name, run_id
from tests.contract.conftest import REPOSITORY, World
from tests.fakes.pace import no_pace
from tests.fakes.runs import FakeRuns

ROLES = ("admin", "maintain", "write", "triage", "read", "none")
MAY = {"admin", "maintain", "write"}
SHOWN = {"triage": "read", "read": "read", "none": "no", "author": "read", "renovate[bot]": "no", "suspended": "no"}


@pytest.fixture
def repository(world: World) -> Iterator[Repository]:
    """A repository with issue 1 of `author` and pull request 2 of the bot; each role has a person of its name."""
    client = GitHub(world.hub.api_url, world.app.app_id, world.app.private_key_pem, no_pace)
    hub, state = world.hub, world.hub.parts.state
    stored = hub.repository(REPOSITORY)
    for login in (*ROLES, "author", "suspended"):
        state.user(login)
    state.user("renovate[bot]", "Bot")
    stored.roles |= {role: role for role in ROLES} | {"suspended": "admin"}
    state.suspended.add("suspended")
    hub.open_issue(REPOSITORY, "QR", "QR codes", ["microservice"], "author")
    branch = branch_name(run_id(REPOSITORY, 1, "a delivery"), 1, "segno")
    stored.git.commit(
        branch, stored.git.resolve("main"), "Add qr\n", Committer(), {"services/qr/executor.py": b"import segno\n"}
    )
    repository = client.repository(REPOSITORY, world.app.installation_id)
    assert repository.ensure_pull(branch, Plain("QR: segno"), Markdown("For #1.")).number == 2
    yield repository
    client.close()


@pytest.mark.parametrize("actor", [*ROLES, "author", "renovate[bot]", "suspended"])
def test_every_command(repository: Repository, actor: str) -> None:
    for command in COMMANDS:
        for number, place in ((1, Place.ISSUE), (2, Place.PULL)):
            if place not in command.places:
                continue
            runs = FakeRuns()
            words = " a wider border" if command.words else ""
            request = CommandRequest(
                repo=REPOSITORY,
                installation=1,
                number=number,
                is_pull=number == 2,
                comment_id=9,
                body=f"/{command.name}{words}",
                actor=actor,
                delivery="guid",
            )
            reply = carry_out(request, repository, runs)
            # Brackets in a login are text, and no link.
            login = actor.replace("[", r"\[").replace("]", r"\]")
            refusal = (
                f"@{login}, `/{command.name}` needs write access to this repository, and you have "
                f"{SHOWN.get(actor)} access.\nAsk a maintainer to type it."
            )
            if command.anyone or actor in MAY:
                assert reply, (command.name, place)
                assert "write access" not in reply.split("|")[0], (command.name, place)
            else:
                assert reply == refusal
                assert (runs.started, runs.stopped) == ([], [])
