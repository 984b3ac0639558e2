"""The checklist of a pull request: what the description demands, ticked when the build is green."""

from __future__ import annotations

from collections.abc import Callable

from tests.fakes.fields import draft
from tests.flow.replies import files, spec, strategies, suite
from tests.flow.scene import Scene

DEMANDS = (
    "### Description\n\nConvert text to upper case. Lines are sorted. Optional: limit, from 1 to 40. It is fast.\n"
)
REQUIREMENTS = [
    {"text": "Lines are sorted", "field": "", "keywords": [], "untestable": ""},
    {"text": "limit, from 1 to 40", "field": "limit", "keywords": ["minimum", "maximum"], "untestable": ""},
    {"text": "It is fast", "field": "", "keywords": [], "untestable": "nobody says how fast"},
]


def demanding() -> str:
    limit = draft("limit", "integer", required=False, limits={"minimum": 1, "maximum": 40})
    return spec(requirements=REQUIREMENTS, inputs=[draft("text"), limit])


def test_what_the_description_demands_ticks_when_the_build_is_green(make_scene: Callable[..., Scene]) -> None:
    scene = make_scene("merge: manual")
    scene.answers(demanding(), suite("hello_gives_hello"), suite("hello_gives_hello", "lines_are_sorted"))
    scene.answers(strategies("str.upper"), files())
    scene.hold_builds()
    issue = scene.open(f"{DEMANDS}\n### Test scenarios\n\n- hello gives HELLO\n")
    scene.reached(issue, "build")
    refused = scene.model.requests[2]["messages"][-1]["content"]
    assert "no function `test_lines_are_sorted` for the requirement: Lines are sorted" in refused

    pull = scene.house.hub.repository(scene.name).issues[2]
    checks = (
        "- [ ] `test_hello_gives_hello`: hello gives HELLO",
        "- [ ] `test_lines_are_sorted`: Lines are sorted",
        "- [ ] `interface.py` (`limit`: minimum 1, maximum 40): limit, from 1 to 40",
    )
    by_hand = "- [ ] not checked (nobody says how fast): It is fast"
    assert [line for line in pull.body.splitlines() if line.startswith(("- [ ]", "- [x]"))] == [*checks, by_hand]
    assert "Ticked when the build is green." in pull.body
    pull.body += "\n- [ ] my own\n"

    scene.release_builds()
    scene.finished(issue)
    scene.next_comment(issue)
    ticked = [check.replace("[ ]", "[x]") for check in checks]
    assert [line for line in pull.body.splitlines() if line.startswith(("- [ ]", "- [x]"))] == [
        *ticked,
        by_hand,
        "- [ ] my own",
    ]
    assert f"The build of {scene.builds[0].head_sha} is green." in pull.body
    before = len(scene.content())
    scene.say(2, "/deploy")
    scene.reached(issue, "done")
    scene.next_comment(2)
    assert not [request for request in scene.content()[before:] if request == "PATCH /pulls/2"]
