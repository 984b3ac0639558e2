"""A pull request becomes a live service: built until it is green, merged, deployed."""

from __future__ import annotations

from dataclasses import dataclass, replace
from enum import IntEnum

from bot.errors import UserError
from bot.foreign import code
from bot.runs.acts import Asked, Merged, Moved
from bot.runs.candidate import Candidate
from bot.runs.context import Context
from bot.runs.merge import merge
from bot.runs.others import close_others, leave_to_people, other_pulls
from bot.runs.stand_back import stand_back
from bot.runs.steering import build_as_asked
from bot.runs.strategy import Built
from bot.runs.waiting import Awaited, await_workflow_run
from bot.sentence import Sentence, sentence, verbatim
from bot.values.deployment import Deployment
from bot.values.github import WorkflowRun
from bot.values.naming import DEPLOY_WORKFLOW
from bot.values.progress import Stage, StrategyOutcome
from bot.values.run import RunKind

_LOOKS = 4
_LOOK_SECONDS = 3.0
"""How often to look for the address of a service, and how long to wait between two looks."""


class Order(IntEnum):
    """What a person has said about the merge."""

    NONE = 0
    MERGE = 1
    """It is to be merged, also where the settings leave that to people."""
    PICK = 2
    """It is to be merged as it is now: this is the approval that the settings ask for."""


@dataclass(frozen=True)
class Decision:
    """What has been decided about a pull request.

    Attributes:
        order: what a person has said about its merge.
        why: a clause (Markdown) that the issue's other pull requests are told, which are closed when it is merged;
            None where they stay.
    """

    order: Order = Order.NONE
    why: Sentence | None = None

    def once_changed(self) -> Decision:
        """Return what is left of it where the pull request is not what it was: no approval."""
        return replace(self, order=min(self.order, Order.MERGE))


_NOTHING = Decision()


def build_and_deliver(
    context: Context,
    candidate: Candidate,
    *,
    green: bool = False,
    decision: Decision = _NOTHING,
    theirs: bool = False,
) -> Built:
    """Build a candidate until it is green, changed as people ask meanwhile, and deliver it.

    Where people push to its branch, the run stands back until that is green. Their merge is as good as its own.

    Args:
        green: it is green already.
        decision: what has been decided about it.
        theirs: its head is a commit of somebody else.

    Returns:
        Also where it is given up, and where people were answered without a change before anything waited for them.
    """
    waited = False
    while True:
        try:
            if theirs:
                candidate = stand_back(context, candidate)
                theirs, green = False, True
            if not green:
                built = build_as_asked(context, candidate)
                if not built.green or (built.answered and not waited):
                    context.watch.candidate = None
                    return built
                candidate = built.candidate
            again = _deliver(context, candidate, decision)
            if again is None:
                return Built(candidate, green=True)
            candidate, green = again, False
        except Asked:
            candidate, green, waited = replace(context.watch.candidate or candidate, pushed_at=None), False, True
            decision = decision.once_changed()
        except Moved as act:
            candidate, theirs = replace(context.watch.candidate or candidate, head=act.head), True
            decision = decision.once_changed()
        except Merged as act:
            finish(context, candidate, act.sha, why=decision.why)
            return Built(candidate, green=True)


def _deliver(context: Context, candidate: Candidate, decision: Decision) -> Candidate | None:
    """Merge a green candidate as the settings say, and see the deployment through.

    Returns:
        The candidate where its branch was brought up to date, so that it has to be built again.
    """
    number = candidate.pull.number
    context.watch.candidate = candidate
    if context.config.merge != "auto" and decision.order is not Order.PICK:
        # People read it before they decide.
        context.pulls.tick(candidate, context.journal.progress)
    if context.config.merge == "manual" and decision.order is Order.NONE:
        context.journal.show(Stage.WAITING, sentence("#%(number)s is green; `/deploy` merges it", number=number))
        language = candidate.brief.spec.language
        context.issue.say("green.md.j2", f"green:{context.flow.run_id}", pull=candidate.pull, language=language)
        return None
    merged = merge(context, candidate, approved=decision.order is Order.PICK)
    if isinstance(merged, Candidate):
        return merged
    finish(context, candidate, merged, own=candidate.own, why=decision.why)
    return None


def finish(context: Context, candidate: Candidate, sha: str, *, own: bool = False, why: Sentence | None = None) -> None:
    """Close the issue's other pull requests and see the deployment of the one through that is merged as commit `sha`.

    Args:
        why: a clause that the others are told; None where they stay.
        own: the run has merged it, and all its commits are the bot's.
    """
    if why:
        # Not before: where the merge waits, another one may be merged in its place.
        close_others(context, other_pulls(context, candidate.pull.number), why)
    context.journal.ended(candidate.index, StrategyOutcome.MERGED)
    context.journal.show(Stage.DEPLOY, sentence("#%(number)s is merged", number=candidate.pull.number))
    see_live(context, candidate.brief.spec.slug, sha, merged=candidate if own else None)


def _is_only(context: Context, candidate: Candidate) -> bool:
    """Return whether no other strategy of the issue has a branch: this is its first run, and has begun no other one."""
    progress = context.journal.progress
    others = (record for index, record in enumerate(progress.strategies) if index != candidate.index)
    first = context.request.kind is RunKind.NEW and not progress.earlier
    return first and all(record.outcome is StrategyOutcome.PLANNED for record in others)


def see_live(context: Context, slug: str, sha: str, *, after: int = 0, merged: Candidate | None = None) -> None:
    """Wait for the deployment of a commit.

    Args:
        after: id of the last workflow run that does not count.
        merged: what the run has merged itself, if all its commits are the bot's.
    """
    config, own, only = context.config, "", ""
    if merged is not None:
        own, only = merged.head, merged.pull.head_ref if _is_only(context, merged) else ""
    with context.journal.deploying():
        # What is left of the other strategies goes while the deployment is under way.
        for number in context.pulls.delete_branches(own, only):
            leave_to_people(context, number)
        # What others have merged may have been deployed before the run began to listen.
        awaited = Awaited(
            DEPLOY_WORKFLOW, sha, config.start_minutes, config.deploy_minutes, after, slug=slug, look_first=not own
        )
        deployed = await_workflow_run(context.flow, context.builds, context.poll_seconds, awaited)
    deployment = _deployment(context, slug, deployed) if deployed.green else None
    if deployment is None:
        why = sentence("the workflow named no address")
        if not deployed.green:
            why = verbatim(code(context.builds.failure(deployed).headline))
        raise UserError(
            "The service is merged but [not deployed](%(url)s): %(why)s. `/deploy` tries again.",
            url=deployed.url,
            why=why,
        )
    context.journal.live(deployment)
    context.journal.show(Stage.DONE)
    context.issue.close()


def _deployment(context: Context, slug: str, deployed: WorkflowRun) -> Deployment | None:
    """Return where a service is live, or None; what the workflow has told GitHub may show a moment later."""
    for _ in range(_LOOKS):
        if (deployment := context.builds.deployment(slug, deployed)) is not None:
            return deployment
        context.flow.wait(min(context.poll_seconds, _LOOK_SECONDS))
    return None
