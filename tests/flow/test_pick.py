"""Several green strategies, compared for people who pick one."""

from __future__ import annotations

from collections.abc import Callable

from bot.values.progress import StrategyOutcome
from tests.fakes.model import Later
from tests.flow.people import merge, pull_of, repository
from tests.flow.picking import FACTS, HEAD, MANUAL, NOTHING, both_green, picked_and_held
from tests.flow.replies import files, fix
from tests.flow.scene import Scene
from tests.flow.test_run import RED
from tests.flow.yard import Yard, begin, row

MERGED, STOPPED = StrategyOutcome.MERGED, StrategyOutcome.STOPPED


def test_all_are_finished_and_compared_for_a_review(make_scene: Callable[..., Scene]) -> None:
    scene = make_scene("merge: review\nparallel: 2\nreviewers: [rev]\nfixes: 0")
    with Yard(scene) as yard:
        issue = begin(scene, "first", "second", "third")
        scene.answers(files())
        yard.red(2, RED)
        scene.next_comment(2)
        yard.green(3, **FACTS)
        scene.shown(issue, "| it is green |")
        assert scene.status(issue).startswith("### ⏳ Upper case\n\n**Build**: second: it is green\n")
        assert not pull_of(scene, 3).merged_at
        yard.green(4)
        assert scene.next_comment(issue) == (
            f"{HEAD}| 2 | **second** | #3 | 4 | 183 MB | none | 41 s | 12 ms | 1 | 0 | 110 tokens |\n"
            "| 3 | **third** | #4 | – | – | none | – | – | 1 | 0 | 110 tokens |\n\n"
            "Not green: **first** (#2): still red after 0 fixes: `test_hello_gives_hello: AssertionError: "
            "assert 'hello' == 'HELLO'`\n\n"
            "`/pick 2` or `/pick 3` merges that one, deploys it and closes the others. An approving review of one does "
            "the same; I have asked @rev. So does your merge of one. `/revise TEXT` on a pull request changes it."
        )
        scene.shows(issue, "### ⏸️ Upper case\n\n2 strategies are green; `/pick 2` merges one\n")
        scene.review(4, "APPROVE")
        progress = scene.finished(issue)

    assert progress.stage == "done"
    assert [record.outcome for record in progress.strategies] == [StrategyOutcome.FAILED, STOPPED, MERGED]
    assert scene.next_comment(3) == "⏹️ I close this pull request: **third** (#4) is approved."
    assert repository(scene).git.branches().keys() == {"main"}


def test_a_pick_is_the_approval_and_merges(make_scene: Callable[..., Scene]) -> None:
    scene = make_scene("merge: review\nparallel: 2")
    with Yard(scene) as yard:
        issue = both_green(scene, yard)
        scene.say(issue, "/pick 2")
        assert scene.next_comment(issue) == (
            "On it: I merge **second** (#3), deploy it and close the others. "
            "The status comment above shows how far I am."
        )
        progress = scene.finished(issue)

    assert progress.stage == "done"
    assert [record.outcome for record in progress.strategies] == [STOPPED, MERGED]
    assert scene.next_comment(2) == "⏹️ I close this pull request: @octo has picked **second** (#3)."
    assert pull_of(scene, 3).merged_at and not pull_of(scene, 2).merged_at


def test_one_may_be_picked_before_all_are_finished(make_scene: Callable[..., Scene]) -> None:
    scene = make_scene("merge: review\nparallel: 2")
    with Yard(scene) as yard:
        issue = begin(scene, "first", "second")
        yard.green(3)
        scene.shown(issue, "| 🟢 | second |")
        scene.say(3, "/pick")
        assert scene.next_comment(3).startswith("On it: I merge **second** (#3), deploy it and close the others.")
        progress = scene.finished(issue)

    assert progress.stage == "done"
    assert scene.next_comment(2) == "⏹️ I close this pull request: @octo has picked **second** (#3)."
    assert row(scene.status(issue), "first")[-1] == "closed: `@octo` has picked **second** (#3)"
    assert [run.id for run in repository(scene).workflow_runs if run.latest.cancelled.is_set()] == [
        scene.builds[0].run_id
    ]


def test_a_pick_waits_for_the_rules_of_the_branch(make_scene: Callable[..., Scene]) -> None:
    scene = make_scene("merge: review\nparallel: 2")
    with Yard(scene) as yard:
        issue = picked_and_held(scene, yard)
        scene.shows(issue, "### ⏸️ Upper case\n\n#3 is green and waits for an approving review\n")
        # Until it is merged, the other may still be.
        assert repository(scene).issues[2].state == "open"
        scene.review(3, "APPROVE")
        assert scene.finished(issue).stage == "done"
    assert scene.next_comment(2) == "⏹️ I close this pull request: @octo has picked **second** (#3)."


def test_another_one_may_be_picked_while_the_merge_waits(make_scene: Callable[..., Scene]) -> None:
    scene = make_scene("merge: review\nparallel: 2")
    with Yard(scene) as yard:
        issue = picked_and_held(scene, yard)
        scene.reached(issue, "waiting")
        scene.say(issue, "/pick 1", author="rev")
        assert scene.next_comment(issue).startswith("On it: I merge **first** (#2), deploy it and close the others.")
        assert scene.next_comment(issue) == (
            "@octo, I merge **first** (#2) and not #3, because @rev has chosen it after you. "
            "The newest choice counts, until one is merged."
        )
        assert "an approving review of " in scene.next_comment(issue)
        scene.review(2, "APPROVE", author="octo")
        progress = scene.reached(issue, "done")
    assert [record.outcome for record in progress.strategies] == [MERGED, STOPPED]
    assert scene.next_comment(3) == "⏹️ I close this pull request: @rev has picked **first** (#2)."


def test_of_several_picks_the_last_counts_and_the_others_are_told(make_scene: Callable[..., Scene]) -> None:
    scene = make_scene("merge: review\nparallel: 3")
    with Yard(scene) as yard:
        issue = begin(scene, "first", "second", "third", parallel=3)
        yard.green(2, 3, 4)
        scene.reached(issue, "waiting")
        scene.next_comment(issue)
        # The run is busy, so that both wait for it.
        revised = Later(fix("Point 1: done: It strips the text.", "input.text.strip().upper()"))
        scene.answers(revised)
        asked = len(scene.model.requests)
        scene.say(2, "/revise strip the text")
        scene.next_comment(2)
        scene.until_asked(asked + 1)
        scene.queued(issue, 0)
        scene.say(issue, "/pick 2")
        assert scene.next_comment(issue).startswith("On it: I merge **second** (#3)")
        scene.queued(issue, 1)
        scene.say(issue, "/pick 3", author="rev")
        assert scene.next_comment(issue).startswith("On it: I merge **third** (#4)")
        scene.queued(issue, 2)
        revised.ready.set()
        assert scene.next_comment(issue) == (
            "@octo, I merge **third** (#4) and not #3, because @rev has chosen it after you. "
            "The newest choice counts, until one is merged."
        )
        assert scene.finished(issue).stage == "done"
    assert scene.next_comment(2).startswith("**Changed as asked**")
    for number in (2, 3):
        assert scene.next_comment(number) == "⏹️ I close this pull request: @rev has picked **third** (#4)."


def test_where_the_picked_one_is_given_up_the_others_go_on(make_scene: Callable[..., Scene]) -> None:
    scene = make_scene("merge: review\nparallel: 2\nfixes: 0")
    with Yard(scene) as yard:
        issue = picked_and_held(scene, yard)
        scene.reached(issue, "waiting")
        scene.answers(fix("Point 1: done: It strips the text.", "input.text.strip().upper()"))
        scene.say(3, "/revise strip the text")
        scene.next_comment(3)
        assert scene.next_comment(3).startswith("**Changed as asked**")
        yard.red(3, RED)
        assert scene.next_comment(3).startswith("**second** is given up after 2 commits: still red after 0 fixes: ")
        assert scene.next_comment(issue).startswith("🟢 #2 is green. I merge it by myself when this is there:")
        scene.review(2, "APPROVE")
        progress = scene.finished(issue)
    assert progress.stage == "done"
    assert [record.outcome for record in progress.strategies] == [MERGED, StrategyOutcome.FAILED]


def test_an_approval_that_came_before_all_were_finished_counts_then(make_scene: Callable[..., Scene]) -> None:
    scene = make_scene("merge: review\nparallel: 2")
    with Yard(scene) as yard:
        issue = begin(scene, "first", "second")
        yard.green(3)
        scene.shown(issue, "| 🟢 | second |")
        scene.review(3, "APPROVE")
        assert not pull_of(scene, 3).merged_at
        yard.green(2)
        progress = scene.finished(issue)
    assert progress.stage == "done"
    assert [record.outcome for record in progress.strategies] == [STOPPED, MERGED]
    assert scene.next_comment(2) == "⏹️ I close this pull request: **second** (#3) is approved."


def test_deploy_on_one_of_several_says_so(make_scene: Callable[..., Scene]) -> None:
    scene = make_scene("merge: manual\nparallel: 2")
    with Yard(scene) as yard:
        issue = begin(scene, "first", "second")
        yard.green(2, 3)
        assert scene.finished(issue).stage == "waiting"
    scene.next_comment(issue)
    scene.say(3, "/deploy")
    scene.next_comment(3)
    scene.reached(issue, "done")
    assert scene.next_comment(2) == ("⏹️ I close this pull request: @octo has merged **second** (#3) with `/deploy`.")


def test_what_people_ask_for_changes_the_comparison(make_scene: Callable[..., Scene]) -> None:
    scene = make_scene("merge: review\nparallel: 2")
    with Yard(scene) as yard:
        issue = both_green(scene, yard)
        scene.say(issue, "/revise strip the text")
        assert scene.next_comment(issue) == (
            f"Several strategies are at work. Say it on the pull request that shall change. {NOTHING}"
        )
        scene.answers(fix("Point 1: done: It strips the text.", "input.text.strip().upper()"))
        scene.say(2, "/revise strip the text")
        scene.next_comment(2)
        scene.next_comment(2)
        scene.say(issue, "/pick 1")
        assert scene.next_comment(issue) == (
            f"Strategy 1 (**first**, #2) is not green, so I do not merge it. Green: 2 (**second**, #3). {NOTHING}"
        )
        yard.green(2, tests=5)
        changed = "| 1 | **first** | #2 | 5 | – | none | – | – | 2 | 0 | 220 tokens |"
        assert changed in scene.edited(issue, "### 2 strategies are green", gone="| – | – | 1 | 0 | 110 tokens |\n| 2")
        scene.say(issue, "/pick 1")
        scene.next_comment(issue)
        assert scene.finished(issue).stage == "done"
    assert scene.next_comment(3) == "⏹️ I close this pull request: @octo has picked **first** (#2)."


def test_manual_compares_and_leaves_the_merge_to_people(make_scene: Callable[..., Scene]) -> None:
    scene = make_scene("merge: manual\nparallel: 2")
    with Yard(scene) as yard:
        issue = begin(scene, "first", "second")
        yard.green(2, 3)
        assert scene.finished(issue).stage == "waiting"
    assert scene.next_comment(issue) == MANUAL
    merge(scene, 2)
    scene.reached(issue, "done")
    assert scene.next_comment(3) == "⏹️ I close this pull request: **first** (#2) is merged."
    assert repository(scene).issues[3].state == "closed"


def test_a_pick_merges_where_people_merge_too(make_scene: Callable[..., Scene]) -> None:
    scene = make_scene("merge: manual\nparallel: 2")
    with Yard(scene) as yard:
        issue = begin(scene, "first", "second")
        yard.green(2, 3)
        assert scene.finished(issue).stage == "waiting"
    assert scene.next_comment(issue) == MANUAL
    scene.say(issue, "/pick")
    assert scene.next_comment(issue) == (
        f"Several strategies are green: type `/pick 1` (**first**, #2) or `/pick 2` (**second**, #3). {NOTHING}"
    )
    scene.say(issue, "/pick 3")
    assert scene.next_comment(issue) == f"There is no strategy 3: the last run had 2. {NOTHING}"
    scene.say(issue, "/pick 1", author="visitor")
    assert scene.next_comment(issue).startswith("@visitor, `/pick` needs write access to this repository")
    scene.say(issue, "/pick #3")
    assert scene.next_comment(issue).startswith("On it: I merge **second** (#3), deploy it and close the others.")
    progress = scene.reached(issue, "done")
    assert [record.outcome for record in progress.strategies] == [STOPPED, MERGED]
    assert scene.next_comment(2) == "⏹️ I close this pull request: @octo has picked **second** (#3)."
    scene.say(issue, "/pick 1")
    assert scene.next_comment(issue) == (
        f"Strategy 1 (**first**, #2) is not green, so I do not merge it. None is. {NOTHING}"
    )


def test_the_only_green_one_waits_as_it_would_alone(make_scene: Callable[..., Scene]) -> None:
    scene = make_scene("merge: review\nparallel: 2\nfixes: 0")
    with Yard(scene) as yard:
        issue = begin(scene, "first", "second")
        yard.green(2)
        yard.red(3, RED)
        scene.next_comment(3)
        assert "an approving review of " in scene.next_comment(issue)
        scene.say(issue, "/pick 2")
        assert scene.next_comment(issue) == (
            f"Strategy 2 (**second**, #3) is not green, so I do not merge it. Green: 1 (**first**, #2). {NOTHING}"
        )
        scene.say(issue, "/pick 1")
        assert scene.next_comment(issue).startswith("On it: I merge **first** (#2), deploy it and close the others.")
        scene.reached(issue, "done")


def test_nothing_green_is_nothing_to_pick(make_scene: Callable[..., Scene]) -> None:
    scene = make_scene("parallel: 2")
    with Yard(scene) as yard:
        issue = begin(scene, "first", "second")
        scene.say(issue, "/pick")
        assert scene.next_comment(issue) == (
            f"No green strategy of #{issue} waits to be merged; `/status` says how far I am. {NOTHING}"
        )
        yard.green(2)
        assert scene.finished(issue).stage == "done"
    scene.next_comment(3)
