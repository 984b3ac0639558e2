"""Pull requests."""

from __future__ import annotations

from bot.clients.github import Repository
from bot.foreign import Markdown
from tests.contract.client.steps import BRANCH, content, opened
from tests.contract.conftest import World


def test_closed_pull_is_found_and_opened_again(world: World, repository: Repository) -> None:
    number, _ = opened(world, repository)

    repository.close_pull(number, Markdown("Given up."))
    found = repository.find_pull(BRANCH)
    repository.reopen_pull(number)

    assert found is not None
    assert (found.number, found.state, found.body) == (number, "closed", "Given up.")
    assert repository.pull(number).state == "open"


def test_a_pull_gets_another_description_in_one_request(world: World, repository: Repository) -> None:
    number, _ = opened(world, repository)
    assert repository.pull(number).body == "For #1"

    assert content(world, lambda: repository.describe_pull(number, Markdown("- [x] it works"))) == 1

    assert repository.pull(number).body == "- [x] it works"
