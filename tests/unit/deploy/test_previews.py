"""When a preview is brought up and when it is taken down, on a platform and a GitHub that a test writes down."""

from __future__ import annotations

import pytest

from bot.deploy.description import Description
from bot.deploy.operations import Outcome
from bot.deploy.owner import Owner
from bot.deploy.previews import Previews
from bot.deploy.swarm import ServiceStatus
from bot.deploy.versions import first
from bot.deploy.wanted import Preview, preview_name
from bot.errors import UserError
from bot.foreign import Markdown
from bot.values.github import Issue, Pull
from bot.values.naming import PREVIEW_LABEL
from tests.unit.deploy.described import DESCRIBED

OURS = Owner("octo/services", "1")
DESCRIPTION = Description.model_validate(DESCRIBED)


class World:
    """A platform and GitHub.

    Attributes:
        running: the previews, by the numbers of their pull requests.
        closed: the pull requests that are.
        closes: one that is closed while its preview is brought up.
        done: what was done, in order.
        failure: why the platform takes nothing down, or ""; fails: a preview does not run.
        labelled: the pull requests that carry the label.
    """

    def __init__(self, *running: int) -> None:
        self.running = {number: status(number) for number in running}
        self.labelled = set(running)
        self.closed: set[int] = set()
        self.closes: int | None = None
        self.done: list[str] = []
        self.failure = ""
        self.fails = False
        self.gone: set[int] = set()

    def previews(self) -> tuple[ServiceStatus, ...]:
        return tuple(self.running.values())

    def preview(self, wanted: Preview) -> Outcome:
        self.done.append(f"run {wanted.slug}")
        # The pull request has a commit "b" by now.
        assert [wanted.newer(commit * 40) for commit in "abc"] == [False, True, False]
        self.running[wanted.preview] = status(wanted.preview)
        if self.fails:
            del self.running[wanted.preview]
            raise UserError("It does not run.")
        if self.closes is not None:
            self.closed.add(self.closes)
        return Outcome(lambda _: Markdown("It runs."))

    def end_preview(self, slug: str, pull: int) -> Outcome:
        number = next(number for number, there in self.running.items() if there.slug == slug)
        assert number == pull
        if number in self.gone:
            del self.running[number]
            raise UserError(f"`{slug}` is not live.")
        if self.failure:
            raise UserError(self.failure)
        self.done.append(f"end {slug}")
        del self.running[number]
        return Outcome(lambda _: Markdown(f"{slug} is taken down."))

    def descends(self, commit: str, ancestor: str, /) -> bool:
        return (commit, ancestor) == ("b" * 40, "a" * 40)

    def pull(self, n: int, /) -> Pull:
        state = "closed" if n in self.closed else "open"
        labels = (PREVIEW_LABEL,) if n in self.labelled else ()
        return Pull(
            number=n, title="", state=state, merged=False, head_ref="b", head_sha="b" * 40, url="u", labels=labels
        )

    def issue(self, n: int, /) -> Issue:
        raise UserError("There is none.")

    def add_label(self, number: int, label: str) -> None:
        self.labelled.add(number)
        self.done.append(f"label {number} {label}")

    def remove_label(self, number: int, label: str) -> None:
        self.labelled.discard(number)
        self.done.append(f"unlabel {number} {label}")

    def comment_text(self, number: int, marker: str) -> str | None:
        return None

    def comment_once(self, number: int, marker: str, body: str) -> str:
        self.done.append(f"tell {number} {body.partition(chr(10))[0]}")
        return ""


def status(number: int) -> ServiceStatus:
    slug = preview_name("qr-code", number)
    version = first(DESCRIPTION, "registry/qr-code_preview:1", "a" * 40).current
    return ServiceStatus(slug, version.image, 1, 1, version, OURS, number)


def bring(world: World, number: int = 12) -> str:
    wanted = Preview(DESCRIPTION, "registry/qr-code_preview:1", "a" * 40, OURS, number)
    return Previews(world, world).bring(wanted).text("")


ENDED = ["end qr-code-pr-3", "tell 3 qr-code-pr-3 is taken down.", "unlabel 3 gptdeploy-preview"]


def test_a_preview_is_brought_up_and_its_pull_request_marked() -> None:
    world = World(12)
    assert bring(world) == "It runs."
    assert world.done == ["label 12 gptdeploy-preview", "run qr-code-pr-12"]


def test_those_of_closed_pull_requests_go_whichever_it_was() -> None:
    world = World(2, 3, 4)
    world.closed = {3}
    assert Previews(world, world).end_closed() == ["qr-code-pr-3"]
    assert world.done == ENDED
    assert set(world.running) == {2, 4}


def test_who_takes_the_label_off_ends_a_preview() -> None:
    world = World(2, 3)
    world.labelled = {2}
    assert Previews(world, world).end_closed() == ["qr-code-pr-3"]
    assert world.done == ENDED


def test_what_does_not_run_has_no_label() -> None:
    world = World()
    world.fails = True
    with pytest.raises(UserError, match="It does not run"):
        bring(world)
    assert world.done == ["label 12 gptdeploy-preview", "run qr-code-pr-12", "unlabel 12 gptdeploy-preview"]


def test_a_request_clears_what_was_missed_before() -> None:
    world = World(3)
    world.closed = {3}
    bring(world)
    assert world.done == [*ENDED, "label 12 gptdeploy-preview", "run qr-code-pr-12"]


def test_of_a_closed_pull_request_there_is_none() -> None:
    world = World()
    world.closed = {12}
    with pytest.raises(UserError, match=r"^#12 is closed\. `/retry` there opens it again\.$"):
        bring(world)
    assert world.done == []


def test_a_pull_request_that_is_closed_meanwhile_keeps_none() -> None:
    world = World()
    world.closes = 12
    with pytest.raises(
        UserError, match=r"^#12 was closed meanwhile, or lost its label, so its preview is taken down again\.$"
    ):
        bring(world)
    assert world.running == {}
    assert world.done[-1] == "unlabel 12 gptdeploy-preview"


def test_a_repository_has_five_at_the_most() -> None:
    world = World(1, 2, 3, 4, 5)
    with pytest.raises(UserError) as refused:
        bring(world)
    assert str(refused.value) == (
        "5 previews of this repository run already, of #1, #2, #3, #4, #5, and no more can. "
        "Close or merge one of them first."
    )
    # In the place of an older one there is room.
    assert bring(world, 5) == "It runs."


def test_what_another_run_took_down_is_no_failure() -> None:
    world = World(2, 3)
    world.closed, world.gone = {2, 3}, {2}
    assert Previews(world, world).end_closed() == ["qr-code-pr-3"]


def test_what_cannot_be_taken_down_is_said() -> None:
    world = World(3)
    world.closed, world.failure = {3}, "The engine refuses."
    with pytest.raises(UserError, match="The engine refuses"):
        Previews(world, world).end_closed()
