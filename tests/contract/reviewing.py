"""A pull request under review, and what people do with it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from githubkit.exception import RequestFailed

from tests.contract.conftest import NAME, OWNER, REPOSITORY, World
from tests.contract.test_pulls import start

PATH = "services/one/executor.py"
LINES = [f"line {number}\n" for number in range(1, 21)]


@pytest.fixture
def number(world: World) -> int:
    """The number of a pull request of the bot's that changes line 10 of 20, adds one after it, and adds a file."""
    world.hub.add_collaborator(REPOSITORY, "mona", "write")
    commit(world, "main", {PATH: "".join(LINES)})
    start(
        world, "bot/x", {PATH: "".join([*LINES[:9], "changed\n", "added\n", *LINES[10:]]), "new.py": "a = 1\nb = 2\n"}
    )
    data = {"title": "X", "body": "", "head": "bot/x", "base": "main"}
    return int(world.as_bot().rest.pulls.create(OWNER, NAME, data=data).parsed_data.number)


def commit(world: World, branch: str, files: dict[str, str]) -> str:
    repo = world.hub.repository(REPOSITORY)
    with world.hub.parts.state.lock:
        content = {path: text.encode() for path, text in files.items()}
        return world.hub.parts.pulls.commit(repo, world.hub.caller("octo"), branch, "By hand", content)


def review(world: World, number: int, login: str = "octo", **data: Any) -> Any:
    pulls = (world.as_bot() if login == "bot" else world.as_person(login)).rest.pulls
    return pulls.create_review(OWNER, NAME, number, data=data).parsed_data


RESOLVE = """
mutation Resolve($id: ID!) {
  resolveReviewThread(input: {threadId: $id}) { thread { isResolved resolvedBy { login } } }
}
"""


def reasons(call: Callable[[], object]) -> list[Any]:
    """Return the details of the 422 that a call ends in."""
    with pytest.raises(RequestFailed) as caught:
        call()
    assert caught.value.response.status_code == 422
    return list(caught.value.response.json()["errors"])
