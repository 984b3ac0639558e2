"""A run: from an issue to a playground.

It reads like the flow in the README. Everything that is not a decision is a step (`steps.py`), and what people see is
the journal (`journal.py`).
"""

from __future__ import annotations

import logging
from collections.abc import Sequence

from bot.clients.llm import UnusableAnswer
from bot.config.repository import RepoConfig
from bot.errors import UserError
from bot.runs.budget import Spent, larger
from bot.runs.durable.flow import Flow
from bot.runs.journal import Journal
from bot.runs.steps.issue import BUILD_WORKFLOW, DEPLOY_WORKFLOW, Steps, World
from bot.runs.strategy import Candidate, await_run, build_until_green, give_up, open_strategy
from bot.runs.understand import understand
from bot.values.github import Overview, Pull, WorkflowRun
from bot.values.run import Progress, RunRequest, Stage, StrategyOutcome, StrategyRecord

log = logging.getLogger(__name__)

_OTHERS = 5
"""Failed strategies of other issues that the model is told of."""


def run(flow: Flow, world: World, request: RunRequest) -> Progress:
    """Carry a request out and return how it ended. What a person must mend becomes a comment, not an exception."""
    steps = Steps(flow, world, request)
    began = flow.now()
    journal = Journal(steps, Progress(run_id=flow.run_id, repo=request.repo, issue=request.issue, started_at=began))
    try:
        _carry_out(steps, journal, request)
    except Spent as error:
        _spent(steps, journal, str(error))
    except UserError as error:
        _stuck(steps, journal, str(error))
    except Exception:
        # A bug. The person learns the run's id, the log holds the rest.
        log.exception("run %s failed", flow.run_id)
        _stuck(steps, journal, f"The bot failed; its log has the details under run `{flow.run_id}`. `/retry` goes on.")
        raise
    return journal.progress


def _carry_out(steps: Steps, journal: Journal, request: RunRequest) -> None:
    journal.note(Stage.QUEUED)
    overview = steps.overview()
    config = steps.repo_config
    journal.budget = request.budget.over(config.budget)
    if request.kind == "deploy":
        _deploy_again(steps, journal, config, request.pull)
    elif request.kind == "retry-pull" and request.pull is not None:
        _retry_pull(steps, journal, config, request.pull)
    elif request.kind == "new" and not steps.may_ask():
        steps.say("ask_approval.md.j2", "approval", actor=request.actor)
        journal.note(Stage.WAITING, "a maintainer has to approve")
    else:
        _from_idea(steps, journal, config, request, overview)


def _from_idea(steps: Steps, journal: Journal, config: RepoConfig, request: RunRequest, overview: Overview) -> None:
    """The whole way: specify, strategize, build one strategy after the other until one is green, merge, deploy."""
    if request.kind == "new":
        steps.acknowledge()
    spec = understand(steps, journal, config, overview)
    journal.described(spec)
    journal.note(Stage.STRATEGIZE)
    strategies = steps.strategize(spec, _failed_before(steps, request), config.strategies)
    journal.planned(strategies)
    for index, strategy in enumerate(strategies):
        try:
            candidate = open_strategy(steps, journal, index, spec, strategy)
        except UnusableAnswer as error:
            journal.ended(index, StrategyOutcome.FAILED, str(error))
            journal.check_budget()
            continue
        sha = build_until_green(steps, journal, config, candidate)
        if sha is not None:
            _green(steps, journal, config, candidate, sha)
            return
        give_up(steps, journal, candidate)
    _all_spent(steps, journal)


def _retry_pull(steps: Steps, journal: Journal, config: RepoConfig, number: int) -> None:
    """More fixes on one pull request, on top of whatever is on its branch."""
    pull = steps.pull(number)
    spec, strategy, service = steps.read_branch(pull)
    journal.described(spec)
    journal.planned((strategy,))
    if pull.state == "closed":
        steps.reopen(number)
    journal.began(0, pull, commits=0)
    journal.show(Stage.BUILD, f"again on #{number}")
    candidate = Candidate(0, spec, strategy, service, pull, pull.head_sha)
    sha = build_until_green(steps, journal, config, candidate)
    if sha is not None:
        _green(steps, journal, config, candidate, sha)
        return
    give_up(steps, journal, candidate)
    _all_spent(steps, journal)


def _deploy_again(steps: Steps, journal: Journal, config: RepoConfig, number: int | None) -> None:
    """Merge a green pull request and deploy it; or deploy again what is merged."""
    pulls = [steps.pull(number)] if number is not None else steps.open_pulls()
    for pull in pulls:
        built = steps.workflow_run(BUILD_WORKFLOW, pull.head_sha)
        if pull.state == "open" and built is not None and built.green:
            spec, strategy, service = steps.read_branch(pull)
            journal.described(spec)
            journal.planned((strategy,))
            journal.began(0, pull, commits=0)
            _merge(steps, journal, config, Candidate(0, spec, strategy, service, pull, pull.head_sha), pull.head_sha)
            return
    slug = steps.merged_slug()
    if slug is None:
        raise UserError(_nothing_to_deploy(pulls))
    journal.show(Stage.DEPLOY, f"again, as merged: {slug}", slug=slug)
    sha = steps.default_head()
    before = steps.workflow_run(DEPLOY_WORKFLOW, sha)
    steps.dispatch_deploy(slug)
    _await_live(steps, journal, config, slug, sha, before)


def _nothing_to_deploy(pulls: list[Pull]) -> str:
    if any(pull.state == "open" for pull in pulls):
        return "There is nothing to deploy yet: the pull request is not green. `/retry` on it makes more fixes."
    return "There is nothing to deploy: no green pull request and nothing merged. `/retry` tries fresh strategies."


def _green(steps: Steps, journal: Journal, config: RepoConfig, candidate: Candidate, sha: str) -> None:
    if config.merge == "manual":
        journal.show(Stage.WAITING, f"#{candidate.pull.number} is green; `/deploy` merges it")
        steps.say("green.md.j2", f"green:{steps.flow.run_id}", pull=candidate.pull)
        return
    _merge(steps, journal, config, candidate, sha)


def _merge(steps: Steps, journal: Journal, config: RepoConfig, candidate: Candidate, sha: str) -> None:
    """Merge exactly what was tested, clean up, and see the deployment through."""
    journal.note(Stage.MERGE, f"#{candidate.pull.number}")
    merged = steps.merge(candidate.pull, sha, candidate.spec)
    journal.ended(candidate.index, StrategyOutcome.MERGED)
    journal.show(Stage.DEPLOY, f"#{candidate.pull.number} is merged")
    _await_live(steps, journal, config, candidate.spec.slug, merged, None)


def _await_live(
    steps: Steps, journal: Journal, config: RepoConfig, slug: str, sha: str, before: WorkflowRun | None
) -> None:
    with journal.deploying():
        after = before.id if before is not None else 0
        # What is left of the other strategies goes while the deployment is under way.
        steps.delete_branches()
        built = await_run(steps, DEPLOY_WORKFLOW, sha, config.start_minutes, config.deploy_minutes, after=after)
    deployment = steps.deployment(slug, sha) if built.green else None
    if deployment is None:
        why = steps.failure(built).headline if not built.green else "the workflow named no address"
        raise UserError(f"The service is merged but [not deployed]({built.url}): {why}. `/deploy` tries again.")
    journal.live(deployment)
    journal.show(Stage.DONE)
    steps.close_issue()


def _failed_before(steps: Steps, request: RunRequest) -> list[StrategyRecord]:
    """Return the strategies that earlier runs gave up, for the model to avoid: those of the issue first, then those of
    the repository's other issues that tell of packages."""
    own = _failed(steps.flow.earlier(request.repo, request.issue))
    elsewhere = [progress for progress in steps.flow.earlier(request.repo) if progress.issue != request.issue]
    return own + [record for record in _failed(elsewhere) if record.packages and record.learned][:_OTHERS]


def _failed(runs: Sequence[Progress]) -> list[StrategyRecord]:
    return [record for run in runs for record in run.strategies if record.outcome is StrategyOutcome.FAILED]


def _all_spent(steps: Steps, journal: Journal) -> None:
    journal.show(Stage.FAILED, "no strategy got green")
    steps.say("gave_up.md.j2", f"gave-up:{steps.flow.run_id}", progress=journal.progress)


def _spent(steps: Steps, journal: Journal, text: str) -> None:
    """Stop with what there is, and say what a new budget would do."""
    journal.interrupted()
    journal.show(Stage.WAITING, text)
    steps.say(
        "spent.md.j2",
        f"spent:{steps.flow.run_id}",
        text=text,
        progress=journal.progress,
        options=larger(journal.budget),
    )


def _stuck(steps: Steps, journal: Journal, text: str) -> None:
    """Tell the person what is wrong and what to type next."""
    journal.show(Stage.FAILED, text.split("\n", 1)[0])
    steps.say("stuck.md.j2", f"stuck:{steps.flow.run_id}", text=text)
