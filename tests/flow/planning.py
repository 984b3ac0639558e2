"""A plan that waits for its approval, and what is said of it."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest

from tests.flow.live import SUFFIX_TEST
from tests.flow.people import repository
from tests.flow.replies import spec, strategies, suite
from tests.flow.scene import Scene
from tests.flow.test_run import BODY

PLAN = """### Plan 1: Upper case

Converts text to upper case.

**Request**, `POST /execute` of `upper-case`

| field | type | needed | limits | |
| --- | --- | --- | --- | --- |
| `text` | text | required |  |  |

**Answer**

| field | type | limits | |
| --- | --- | --- | --- |
| `result` | text |  |  |

**Status**: 200 the answer; 422 what was sent does not fit the request; 500, 504 it failed, or took too long.

**Requirements, and what checks each**

- `test_hello_gives_hello`: hello gives HELLO

**Assumptions**

- Any alphabet is welcome.

**Strategies, in this order until one is green**

1. **str.upper**: Use str.upper.
2. **a table**: Use a table.

**Estimate**: 2 to 14 minutes, 3,100 to 17,800 tokens (the model's price is not known), not counting what waits for \
people.
No run of this repository tells yet, so it also follows from measurements elsewhere: green at once, or after 3 fixes.
At the most there are 2 strategies with 10 fixes each; no budget is set. This plan has cost 220 tokens.

Nothing is built before somebody with write access has seen this: **`/approve`** starts the work, `/revise TEXT` \
changes the plan, `/stop` drops it."""
WAITS = "plan 1 waits for somebody with write access: `/approve`, `/revise TEXT` or `/stop`"
APPROVED = "Plan 1 is approved, and I start. The status comment above shows how far I am."
CHANGING = "I change the plan as you say, and post what comes of it; that needs an approval of its own."
WITH_SUFFIX = suite().removesuffix("```\n") + f"\n\n{SUFFIX_TEST}```\n"


DROPPED = "This plan was dropped."


def timeless(plan: str) -> str:
    """Return a plan as it would be with a model that takes no time."""
    return re.sub(r"\d+ to \d+ minutes", "2 to 14 minutes", plan)


def waiting(scene: Scene, author: str = "octo") -> int:
    """Open an issue and wait until its plan is read and waits."""
    scene.answers(spec(), strategies("str.upper", "a table"))
    issue = scene.open(BODY, author=author)
    assert scene.next_comment(issue).startswith("### Plan 1: Upper case")
    scene.shows(issue, f"### ⏳ Upper case\n\n**Plan**: {WAITS}")
    return issue


def invites_nobody(scene: Scene, issue: int) -> None:
    """Check that what has shown the first plan says that it is dropped."""
    shown = next(c.body for c in repository(scene).issues[issue].comments if c.body.startswith("### Plan 1:"))
    assert timeless(shown).startswith(PLAN.rpartition("\n\n")[0] + f"\n\n{DROPPED}\n")
    assert "/approve" not in shown


@pytest.fixture
def scene(make_scene: Callable[..., Scene]) -> Scene:
    """A repository whose runs show a plan."""
    return make_scene("plan: approve")
