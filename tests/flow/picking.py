"""Several green strategies, as they are compared, and one that is picked."""

from __future__ import annotations

from tests.flow.people import protect
from tests.flow.scene import Scene
from tests.flow.yard import Yard, begin

FACTS = {"tests": 4, "image_bytes": 183_400_000, "build_seconds": 41.3, "answer_ms": 12.3}
COLUMNS = "| | strategy | pull request | tests passed | image | packages | built in | answers its example in |"
HEAD = f"""### 2 strategies are green: which one shall be merged?

{COLUMNS} commits | fixes | cost |
| --- | --- | --- | --- | --- | --- | --- | --- | --- | --- | --- |
"""
UNKNOWN = """| 1 | **first** | #2 | – | – | none | – | – | 1 | 0 | 110 tokens |
| 2 | **second** | #3 | – | – | none | – | – | 1 | 0 | 110 tokens |
"""
BOTH = "`/pick 1` or `/pick 2` merges that one, deploys it and closes the others."
MANUAL = f"{HEAD}{UNKNOWN}\n{BOTH} So does your merge of one. `/revise TEXT` on a pull request changes it."
NOTHING = "I have done nothing."


def both_green(scene: Scene, yard: Yard) -> int:
    """Open an issue, wait until its two strategies are green and compared, and read that."""
    issue = begin(scene, "first", "second")
    yard.green(2)
    yard.green(3, **FACTS)
    scene.reached(issue, "waiting")
    scene.next_comment(issue)
    return issue


def picked_and_held(scene: Scene, yard: Yard) -> int:
    """The same, and pick the second one, which the rules of the branch hold."""
    issue = both_green(scene, yard)
    protect(scene, approvals=1, enforce_admins=True)
    scene.say(issue, "/pick 2")
    scene.next_comment(issue)
    assert "an approving review of " in scene.next_comment(issue)
    return issue
