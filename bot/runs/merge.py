"""Merge a green pull request: at once, or when what people or GitHub still ask for is there."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field, replace

from bot.runs.acts import Asked, Ended, Moved
from bot.runs.candidate import Candidate
from bot.runs.context import Context
from bot.runs.soon import Soon
from bot.sentence import Sentence, phrase, sentence, verbatim
from bot.values.github import MergeMethod, MergeRefusal, MergeState, Obstacle
from bot.values.progress import Stage

_READY = ("clean", "unstable", "has_hooks")
"""What GitHub calls a pull request that it would merge."""
_UPDATE_SECONDS = 5.0
"""How long to wait between two looks at a branch that GitHub brings up to date."""
_UPDATE_LOOKS = 12
_WAITS_FOR = {
    Obstacle.CONFLICT: sentence("its conflicts to be settled"),
    Obstacle.METHOD: sentence("a merge method that is allowed"),
    Obstacle.QUEUE: sentence("its turn in the merge queue"),
    Obstacle.BEHIND: sentence("the newest commits of its base"),
    Obstacle.CHECK: sentence("the required checks"),
    Obstacle.REVIEW: sentence("an approving review"),
    Obstacle.CONVERSATIONS: sentence("its conversations to be resolved"),
    Obstacle.OTHER: sentence("what GitHub asks for"),
}
_BY_ITSELF = {Obstacle.CHECK, Obstacle.REVIEW, Obstacle.CONVERSATIONS, Obstacle.OTHER}
"""What GitHub can wait for by itself."""


@dataclass
class _Wait:
    """What people were told of a wait.

    Attributes:
        soon: how long to wait between two looks.
        told: what they were told that it waits for.
        ordered: GitHub merges by itself; only that, or people, can still change something.
        asked: whose reviews were asked for; None before anybody was.
    """

    soon: Soon
    told: set[Obstacle] = field(default_factory=set)
    shown: tuple[Obstacle, ...] = ()
    ordered: bool = False
    asked: tuple[str, ...] | None = None


def merge(context: Context, candidate: Candidate, *, approved: bool = False) -> str | Candidate:
    """Merge exactly what was tested, and wait for what stands in the way.

    Args:
        approved: a person has approved it, so that the settings ask for no review; GitHub's rules may.

    Returns:
        The sha of the merge commit; or the candidate on a new head, where the base was merged into its branch, so that
        it has to be built again.

    Raises:
        Merged, Moved, Ended, Asked: what a person has done meanwhile.
        UserError: GitHub refuses for another reason than the state of the pull request.
    """
    if _is_asked(context, candidate):
        raise Asked
    wait = _Wait(Soon(context.poll_seconds))
    context.journal.note(Stage.MERGE, phrase("#%(number)s", number=candidate.pull.number))
    try:
        return _merge(context, candidate, wait, approved=approved)
    except Ended:
        if wait.ordered:
            # Else GitHub would merge it after its issue was closed.
            context.merges.call_off(candidate)
        raise


def _merge(context: Context, candidate: Candidate, wait: _Wait, *, approved: bool) -> str | Candidate:
    method: MergeMethod | None = None
    while True:
        if context.config.merge == "review" and not (approved or context.merges.approved(candidate)):
            _tell(context, candidate, wait, MergeRefusal(obstacles=(Obstacle.REVIEW,), reason=""))
            _await_change(context, candidate, wait)
            continue
        as_green = context.pulls.as_green(candidate, context.journal.progress)
        outcome = context.merges.merge(candidate, context.watch, as_green, method)
        if outcome.ended:
            # This raises; or they have changed their minds.
            context.watch.look(candidate)
            continue
        if outcome.sha is not None:
            return outcome.sha
        refusal = outcome.refusal
        assert refusal is not None  # noqa: S101 (one of the two is there)
        if (other := _other_method(refusal, method)) is not None:
            method = other
        elif refusal.first is Obstacle.BEHIND and (updated := _updated(context, candidate)):
            return updated
        else:
            _wait(context, candidate, wait, refusal)


def _other_method(refusal: MergeRefusal, method: MergeMethod | None) -> MergeMethod | None:
    """Return the method to try next, if the one that was tried is not allowed."""
    allowed = refusal.methods[0] if refusal.first is Obstacle.METHOD and refusal.methods else None
    return None if allowed == method else allowed


def _updated(context: Context, candidate: Candidate) -> Candidate | None:
    """Bring a candidate's branch up to date and return it on its new head, or None where GitHub does not.

    Raises:
        Moved: somebody has pushed meanwhile.
    """
    if not context.merges.update_branch(candidate):
        return None
    number, updated_at = candidate.pull.number, context.flow.done_at
    for _ in range(_UPDATE_LOOKS):
        state = context.merges.state(number)
        if state.head_sha != candidate.head:
            if not context.merges.brought_up(state.head_sha):
                raise Moved(state.head_sha)
            what = sentence("#%(number)s, on top of the newest commits of its base", number=number)
            context.journal.show(Stage.BUILD, what)
            return replace(candidate, head=state.head_sha, pushed_at=updated_at)
        context.flow.wait(min(context.poll_seconds, _UPDATE_SECONDS))
    return None


def _wait(context: Context, candidate: Candidate, wait: _Wait, refusal: MergeRefusal) -> None:
    """Wait until a refused merge is worth another try; leave it to GitHub where that can merge by itself."""
    state = _look(context, candidate)
    if not wait.ordered:
        if Obstacle.QUEUE in refusal.obstacles:
            wait.ordered = context.merges.enqueue(candidate)
        elif state.auto_merge_allowed and _BY_ITSELF.issuperset(refusal.obstacles):
            wait.ordered = context.merges.order(candidate)
        if wait.ordered:
            # It may have merged at once, and nothing is to be said then.
            state = _look(context, candidate)
    others = tuple(obstacle for obstacle in refusal.obstacles if obstacle is not Obstacle.QUEUE)
    if others:
        # The queue asks nothing of people.
        refusal = refusal.model_copy(update={"obstacles": others})
    _tell(context, candidate, wait, refusal, state.checks)
    _await_change(context, candidate, wait, state, ready=not wait.ordered)


def _tell(
    context: Context,
    candidate: Candidate,
    wait: _Wait,
    refusal: MergeRefusal,
    checks: tuple[str, ...] = (),
) -> None:
    """Say what the merge waits for: in the status, and once for each thing in a comment on the issue."""
    number, obstacles = candidate.pull.number, refusal.obstacles
    if Obstacle.REVIEW in obstacles and wait.asked is None:
        author = context.overview.issue.author
        wait.asked = context.merges.ask_for_review(number, context.config.reviewers, author)
    if obstacles != wait.shown:
        wait.shown = obstacles
        waits = sentence("#%(number)s is green and waits for %(what)s", number=number, what=_listed(obstacles))
        context.journal.show(Stage.WAITING, waits)
    new = [obstacle for obstacle in obstacles if obstacle not in wait.told]
    if new:
        wait.told |= set(new)
        context.issue.say(
            "waits.md.j2",
            f"waits:{candidate.head}:{context.flow.run_id}:{'-'.join(new)}",
            pull=candidate.pull,
            head=candidate.head,
            obstacles=new,
            reason=refusal.reason,
            checks=checks,
            asked=wait.asked or (),
            language=candidate.brief.spec.language,
        )


def _listed(obstacles: Iterable[Obstacle]) -> Sentence:
    first, *others = [_WAITS_FOR.get(obstacle, verbatim(obstacle.value)) for obstacle in obstacles]
    for other in others:
        first = sentence("%(some)s, and %(another)s", some=first, another=other)
    return first


def _await_change(
    context: Context, candidate: Candidate, wait: _Wait, before: MergeState | None = None, *, ready: bool = True
) -> None:
    """Wait until a merge is worth another try.

    Args:
        before: the state as it was; None for a wait that ends with the next look.
        ready: whether it is also worth one when GitHub says that nothing is missing.
    """
    with context.journal.idle():
        while True:
            if context.flow.wait(wait.soon.seconds()):
                wait.soon.hinted()
            now = _look(context, candidate)
            if _is_asked(context, candidate):
                raise Asked
            if before is None or now != before or (ready and now.status in _READY):
                return


def _is_asked(context: Context, candidate: Candidate) -> bool:
    """Return whether somebody asks for a change of a pull request that no run has taken up."""
    return bool(context.flow.asked(context.request.repo, context.request.issue, candidate.pull.number))


def _look(context: Context, candidate: Candidate) -> MergeState:
    """Return how a pull request stands, if it still is what the run has left.

    Raises:
        Merged, Moved, Ended: what a person has done meanwhile.
    """
    context.watch.look()
    return context.merges.state(candidate.pull.number)
