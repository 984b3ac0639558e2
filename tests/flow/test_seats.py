"""More is asked for than may be under way at the same time: what has no room waits its turn, and says so."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest

from bot.values.seats import Limit, Limits
from tests.flow.house import House
from tests.flow.replies import files, spec, strategies, suite
from tests.flow.scene import Scene
from tests.flow.test_clarify import QUESTIONS
from tests.flow.test_german import BODY as GERMAN
from tests.flow.test_german import SPEC, TESTS
from tests.flow.test_run import BODY, RED
from tests.flow.yard import Yard

WHOLE = (spec(), suite(), strategies("str.upper"), files())


@pytest.fixture(autouse=True)
def _limited(house: House, limits: Limits) -> Iterator[None]:
    """The worker is one of other tests, too, which may have left something under way: each test has owners of its own,
    and no limit is that of all."""
    house.limit(limits)
    yield
    house.limit(Limits())


@pytest.mark.parametrize(
    "limits",
    [Limits(runs=Limit(each=2, whole=99), builds=Limit(each=1, whole=99))],
)
def test_what_has_no_room_says_so_and_goes_on_in_turn(make_scene: Callable[..., Scene]) -> None:
    first, second, third = (make_scene(name=f"turns/{name}") for name in ("first-one", "second", "third"))
    other = make_scene(name="acme/other")
    first.hold_builds()
    first.answers(*WHOLE)
    one = first.open(BODY)
    first.until(lambda: len(first.builds) == 1)
    second.answers(SPEC, TESTS, strategies("str.upper"), files())
    two = second.open(GERMAN, title="Großschreibung")
    waits = "wartet, bis es an der Reihe ist: 1 von 1 Builds dieser Installation sind im Gange"
    assert [wait.full.work for wait in second.noted(two, waits).waiting] == ["builds"]
    second.shown(two, waits)
    assert not second.builds
    three = third.open(BODY)
    waits = "waits for its turn: 2 of 2 runs of this installation are under way"
    third.noted(three, waits)
    # Its status comment is made for it.
    third.shown(three, f"**Queued**: {waits}")

    # Another installation has room of its own.
    other.answers(*WHOLE)
    assert other.finished(other.open(BODY)).stage == "done"

    # What people have changed while it waited is what is built.
    third.call("PATCH", f"/issues/{three}", {"body": BODY.replace("upper case", "upper case, also Greek")})
    third.answers(spec(), suite(), strategies("str.upper"), files())
    first.release_builds()
    assert {first.finished(one).stage, second.finished(two).stage, third.finished(three).stage} == {"done"}
    assert second.finished(two).waiting == () and len(second.builds) == 1
    assert "also Greek" in str(third.model.requests[-4])
    assert third.status(three).startswith("### ✅")


@pytest.mark.parametrize("limits", [Limits(runs=Limit(each=1, whole=99))])
def test_a_run_that_waits_for_people_takes_nobodys_turn(make_scene: Callable[..., Scene]) -> None:
    asking, other = make_scene(name="asking/one"), make_scene(name="asking/other")
    asking.answers(spec(questions=QUESTIONS))
    one = asking.open(BODY)
    assert "Which alphabet?" in asking.next_comment(one)
    asking.reached(one, "clarify")
    other.hold_builds()
    other.answers(*WHOLE)
    two = other.open(BODY)
    other.until(lambda: len(other.builds) == 1)
    # Answered, it waits like any other one.
    asking.say(one, "The Latin one.")
    asking.noted(one, "waits for its turn: 1 of 1 runs of this installation are under way")
    asking.answers(*WHOLE)
    other.release_builds()
    assert other.finished(two).stage == asking.finished(one).stage == "done"


@pytest.mark.parametrize("limits", [Limits(builds=Limit(each=1, whole=99))])
def test_a_run_that_is_stopped_while_it_waits_has_pushed_nothing(make_scene: Callable[..., Scene]) -> None:
    first, second = make_scene(name="stopping/one"), make_scene(name="stopping/other")
    first.hold_builds()
    first.answers(*WHOLE)
    one = first.open(BODY)
    first.until(lambda: len(first.builds) == 1)
    second.answers(*WHOLE)
    two = second.open(BODY)
    second.noted(two, "waits for its turn: 1 of 1 builds of this installation are under way")
    second.say(two, "/stop")
    second.next_comment(two)
    assert second.finished(two).stage == "stopped"
    first.release_builds()
    assert first.finished(one).stage == "done"
    assert second.house.hub.repository(second.name).git.branches().keys() == {"main"}


@pytest.mark.parametrize("limits", [Limits(runs=Limit(each=1, whole=99), builds=Limit(each=1, whole=99))])
def test_strategies_side_by_side_take_turns_where_one_build_has_room(make_scene: Callable[..., Scene]) -> None:
    """The one that waits does not keep the other one from noticing that its build has ended."""
    scene = make_scene("parallel: 2\nfixes: 0", owner="side-by-side")
    with Yard(scene) as yard:
        scene.answers(spec(), suite(), strategies("first", "second"), files(), files())
        issue = scene.open(BODY)
        scene.noted(issue, "waits for its turn: 1 of 1 builds of this installation are under way")
        assert len(scene.builds) == 1
        yard.red(2, RED)
        assert scene.next_comment(2).startswith("**first** is given up after 1 commit: still red after 0 fixes: ")
        yard.green(3)
        assert scene.finished(issue).stage == "done"
    assert len(scene.builds) == 2
