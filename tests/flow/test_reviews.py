"""Reviews change the pull request: one commit that does all they ask for, and an answer to every point in its place."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from bot.hub.access import Caller
from bot.hub.reviews import Draft, Submission
from bot.hub.state import Place
from tests.flow.reader import BOT
from tests.flow.replies import files, fix, spec, strategies, suite
from tests.flow.reviewing import EXECUTOR, GREEN, answer, on, suggested
from tests.flow.scene import Scene
from tests.flow.test_revise import branch_file, green, subjects
from tests.flow.test_run import BODY

__all__ = ["green"]


def test_a_review_is_one_commit_and_an_answer_in_each_conversation(green: tuple[Scene, int]) -> None:
    scene, issue = green
    said = "Point 1: done: It is as below.\nPoint 2: done: It takes any text."
    scene.answers(fix(said, "str(input.text).strip().upper()"))
    comments = (on(4, "Take any text, please."), on(5, suggested("input.text.strip().upper()")))
    scene.review(2, "REQUEST_CHANGES", "Two things.", *comments)
    assert scene.next_comment(issue) == GREEN
    head = scene.builds[-1].head_sha
    assert scene.next_comment(2) == f"**Changed as asked**, in {head[:7]}:\n\n- ✅ It is as below."
    assert scene.answered(2, 2) == [
        [("rev", "Take any text, please."), answer(scene, "It takes any text.")],
        [
            ("rev", suggested("input.text.strip().upper()")),
            answer(scene, "Taken as suggested, to the letter."),
        ],
    ]
    assert len(scene.builds) == 2
    assert subjects(scene) == ["Revise: It is as below", "Add upper-case: str.upper"]
    assert "str(input.text).strip().upper()" in branch_file(scene, "executor.py")
    # The model sees the suggestion where it stands by now.
    assert "return Output(result=input.text.strip().upper())" in scene.model.prompt()
    assert "Point 1: Two things.\n\nPoint 2: (on services/upper-case/executor.py, line 4) Take any" in (
        scene.model.prompt()
    )


def test_a_suggestion_alone_needs_no_model(green: tuple[Scene, int]) -> None:
    scene, issue = green
    before = len(scene.model.requests)
    function = "def execute(input: Input) -> Output:\n    text = input.text\n    return Output(result=text.upper())\n"
    lines = f"```suggestion\n{function}```"
    scene.review(2, "COMMENT", "", on(5, lines, start_line=4, start_side="RIGHT"))
    assert scene.next_comment(issue) == GREEN
    assert scene.answered(2, 1) == [[("rev", lines), answer(scene, "Taken as suggested, to the letter.")]]
    assert len(scene.model.requests) == before
    assert branch_file(scene, "executor.py").endswith(f"\n\n\n{function}")
    assert subjects(scene)[0] == "Revise: Taken as suggested, to the letter"


def test_a_suggestion_with_words_is_taken_and_its_words_are_heard(green: tuple[Scene, int]) -> None:
    scene, issue = green
    scene.answers("Point 1: done: Nothing else was needed.")
    scene.review(2, "COMMENT", "", on(5, f"Strip it.\n{suggested('input.text.strip().upper()')}"))
    assert scene.next_comment(issue) == GREEN
    (talk,) = scene.answered(2, 1)
    assert talk[1] == answer(scene, "Taken as suggested, to the letter. Nothing else was needed.")
    assert "input.text.strip().upper()" in branch_file(scene, "executor.py")
    assert "What it suggests instead is in the file already" in scene.model.prompt()


def test_a_question_is_answered_where_it_was_asked(green: tuple[Scene, int]) -> None:
    scene, issue = green
    scene.answers("Point 1: not done: `upper` knows every alphabet.")
    scene.review(2, "COMMENT", "", on(5, "Why not a table?"))
    assert scene.answered(2, 1) == [[("rev", "Why not a table?"), (BOT, "💬 `upper` knows every alphabet.")]]
    assert scene.finished(issue).stage == "waiting"
    assert len(scene.builds) == 1
    # Who insists is heard with what was said before; who thanks is not.
    scene.answers(fix("Point 1: done: A table it is.", "input.text.translate({97: 65}).upper()"))
    first = scene.call("GET", "/pulls/2/comments", {})[0]["id"]
    scene.call("POST", f"/pulls/2/comments/{first}/replies", {"body": "A table, please, nevertheless."})
    assert scene.next_comment(issue) == GREEN
    assert scene.answered(2, 2)[0][3] == answer(scene, "A table it is.")
    assert "@rev: Why not a table?\n@gptdeploy[bot]: 💬 `upper` knows every alphabet." in scene.model.prompt()
    scene.call("POST", f"/pulls/2/comments/{first}/replies", {"body": "Great, thanks!"})
    scene.say(2, "/status")
    assert "waiting" in scene.next_comment(2)
    assert len(scene.conversations(2)[0]) == 5


def test_comments_on_outdated_lines_are_understood(green: tuple[Scene, int]) -> None:
    scene, issue = green
    old = scene.builds[-1].head_sha
    scene.review(2, "COMMENT", "", on(5, suggested("input.text.strip().upper()")))
    scene.next_comment(issue)
    scene.answered(2, 1)
    scene.answers(fix("Point 1: done: It is `casefold` now.", "input.text.strip().casefold().upper()"))
    wanted = {"event": "COMMENT", "commit_id": old, "comments": [on(5, suggested("input.text.casefold().upper()"))]}
    scene.call("POST", "/pulls/2/reviews", wanted)
    assert scene.next_comment(issue) == GREEN
    assert scene.answered(2, 2)[1][1] == answer(scene, "It is `casefold` now.")
    prompt = scene.model.prompt()
    assert "(on services/upper-case/executor.py, line 5 of the time, changed since)" in prompt
    assert "+    return Output(result=input.text.upper())" in prompt
    assert "    return Output(result=input.text.casefold().upper())" in prompt


def test_who_may_not_write_is_told_so_once(green: tuple[Scene, int]) -> None:
    scene, _issue = green
    scene.review(2, "REQUEST_CHANGES", "Lower case!", author="visitor")
    assert scene.next_comment(2) == (
        "@visitor, a review changes this pull request if its author has write access to this repository, and you have "
        "read access.\nA maintainer can ask for the same in a review, or type `/revise TEXT`."
    )
    scene.review(2, "COMMENT", "", on(5, suggested("input.text.lower()")), author="visitor")
    scene.review(2, "APPROVE", "", author="visitor")
    scene.say(2, "/status")
    assert "waiting" in scene.next_comment(2)
    assert len(scene.builds) == 1
    assert len(scene.conversations(2)[0]) == 1


def test_a_review_that_asks_for_nothing_starts_nothing(green: tuple[Scene, int]) -> None:
    scene, issue = green
    before = scene.finished(issue).run_id
    scene.review(2, "APPROVE", "LGTM, well done.")
    scene.review(2, "APPROVE")
    scene.say(2, "/status")
    assert "waiting" in scene.next_comment(2)
    assert scene.finished(issue).run_id == before
    assert len(scene.builds) == 1


def test_a_bot_is_not_heard(green: tuple[Scene, int]) -> None:
    scene, issue = green
    before = scene.finished(issue).run_id
    parts = scene.house.hub.parts
    with parts.state.lock:
        repository = scene.house.hub.repository(scene.name)
        pull = repository.issues[2].pull
        assert pull is not None
        draft = Draft(Place(EXECUTOR, line=5), suggested("input.text.lower()"))
        said = Submission("REQUEST_CHANGES", "Lower case!", [draft])
        parts.reviews.create(repository, pull, Caller(parts.state.user("linter[bot]", "Bot")), said)
    scene.say(2, "/status")
    assert "waiting" in scene.next_comment(2)
    assert scene.finished(issue).run_id == before
    assert len(scene.conversations(2)[0]) == 1


def test_reviews_in_quick_succession_are_all_answered(green: tuple[Scene, int]) -> None:
    scene, issue = green
    for line, text in (
        (4, "def execute(input: Input) -> Output:  # any text"),
        (1, "from interface import *"),
        (5, "    pass"),
    ):
        scene.review(2, "COMMENT", "", on(line, f"```suggestion\n{text}\n```"))
    talks = scene.answered(2, 3)
    assert all(len(talk) == 2 and talk[1][1].startswith("✅ Taken as suggested") for talk in talks)
    assert branch_file(scene, "executor.py") == (
        "from interface import *\n\n\ndef execute(input: Input) -> Output:  # any text\n    pass\n"
    )
    assert 2 <= len(subjects(scene)) <= 4
    while scene.house.runs.active(scene.name, issue) or scene.house.runs.revisions(scene.name, issue):
        scene.finished(issue)
    # One build may be of several changes.
    said = list(scene.unread())
    assert said and set(said) == {f"#{issue}: {GREEN}"}
    for _ in said:
        scene.next_comment(issue)


def test_a_review_of_what_is_merged(scene: Scene) -> None:
    scene.answers(spec(), suite(), strategies("str.upper"), files())
    issue = scene.open(BODY)
    scene.finished(issue)
    scene.review(2, "COMMENT", "", on(5, "Why?"))
    assert scene.next_comment(2) == "This pull request is merged. `/update TEXT` on #1 changes what is live."


def test_talk_gets_one_hint_of_how_to_be_heard(green: tuple[Scene, int]) -> None:
    scene, issue = green
    scene.say(2, "Could it strip spaces?", author="visitor")
    scene.say(2, "Could it strip spaces?")
    assert scene.next_comment(2) == (
        "I leave talk to people. What you say to me changes this pull request: a review that requests changes, "
        "comments on lines, or a sentence that begins with my name, such as `@gptdeploy make the border optional`."
    )
    scene.say(2, "Anybody?")
    scene.review(2, "COMMENT", "Anybody?")
    scene.say(issue, "Anybody?")
    scene.say(2, "/status")
    assert "waiting" in scene.next_comment(2)


def test_a_sentence_to_the_bot_counts_in_a_review_too(make_scene: Callable[..., Scene]) -> None:
    scene = make_scene("merge: manual")
    scene.answers(spec(), suite(), strategies("str.upper"), files())
    issue = scene.open(BODY)
    assert scene.next_comment(issue) == GREEN
    scene.answers(fix("Point 1: done: Spaces are stripped.", "input.text.strip().upper()"))
    scene.review(2, "APPROVE", "@gptdeploy strip spaces, please")
    assert scene.next_comment(issue) == GREEN
    assert scene.next_comment(2).endswith("- ✅ Spaces are stripped.")
    assert "Point 1: strip spaces, please" in scene.model.prompt()


@pytest.mark.parametrize(("first", "second"), [("1.", "2."), ("-", "-")])
def test_every_item_of_a_list_gets_an_answer(green: tuple[Scene, int], first: str, second: str) -> None:
    scene, issue = green
    said = "Point 1: done: Spaces are stripped.\nPoint 2: not done: Users have no accounts here."
    scene.answers(fix(said, "input.text.strip().upper()"))
    scene.review(
        2, "REQUEST_CHANGES", f"Two things:\n\n{first} strip spaces\n{second} only for users that are logged in"
    )
    assert scene.next_comment(issue) == GREEN
    head = scene.builds[-1].head_sha
    assert scene.next_comment(2) == (
        f"**Changed as asked**, in {head[:7]}:\n\n- ✅ Spaces are stripped.\n- 💬 Users have no accounts here."
    )
    # What was declined is nothing that a later fix has to keep to.
    described = branch_file(scene, "service.json")
    assert "Later, people asked for this in reviews of the code:\\n- Two things: strip spaces" in described
    assert "Later, people said" not in described
    assert "logged in" not in described
