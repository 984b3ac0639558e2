"""Leave a branch to the people who push to it, and go on when what they have pushed is green."""

from __future__ import annotations

from dataclasses import replace

from bot.runs.acts import Asked, Moved
from bot.runs.candidate import Candidate
from bot.runs.context import Context
from bot.runs.waiting import Looks
from bot.sentence import sentence
from bot.values.naming import BUILD_WORKFLOW
from bot.values.progress import Stage


def stand_back(context: Context, candidate: Candidate) -> Candidate:
    """Wait until the build of what people have pushed is green, and return the candidate as it is then.

    Nothing is pushed meanwhile: `/retry` on the pull request takes the run's place and fixes on top.

    Args:
        candidate: its head is a commit that the run has not made.

    Raises:
        Merged, Ended, Asked: what people have done meanwhile.
    """
    number = candidate.pull.number
    context.issue.say(
        "stands_back.md.j2",
        f"stands-back:{context.flow.run_id}",
        language=context.journal.language,
        on=number,
        head=candidate.head,
        merge=context.config.merge,
    )
    shown, looks = None, Looks(context.flow, context.builds, context.poll_seconds)
    with context.journal.idle():
        while True:
            context.watch.candidate = candidate
            built = looks.look(BUILD_WORKFLOW, candidate.head)
            if built is not None and built.green:
                context.checks.report(replace(candidate, pushed_at=None), built)
                return _as_it_is(context, candidate)
            commit = candidate.head[:7]
            note = sentence(
                "the build of %(commit)s on #%(number)s, which somebody has pushed", commit=commit, number=number
            )
            if built is not None and built.conclusion == "failure":
                note = sentence(
                    "the build of %(commit)s on #%(number)s is red; push again, or type `/retry` there",
                    commit=commit,
                    number=number,
                )
                if note != shown:
                    context.checks.report(replace(candidate, pushed_at=None), built, context.builds.failure(built))
            if note != shown:
                shown = note
                context.journal.show(Stage.WAITING, note)
            context.flow.wait(looks.seconds)
            try:
                context.watch.look()
            except Moved as act:
                candidate = replace(candidate, head=act.head)
            if context.flow.asked(context.request.repo, context.request.issue, number):
                context.watch.candidate = _as_it_is(context, candidate)
                raise Asked


def _as_it_is(context: Context, candidate: Candidate) -> Candidate:
    """Return a candidate with the files that are on its branch now."""
    pull = candidate.pull.model_copy(update={"head_sha": candidate.head})
    brief, strategy, service = context.pulls.read_branch(pull)
    return replace(candidate, brief=brief, strategy=strategy, service=service, pull=pull, pushed_at=None, own=False)
