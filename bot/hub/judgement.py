"""Whether a pull request may be merged: what its reviews and checks say, and what its branch's rules still ask for.

The words of the refusals are GitHub's own.
"""

from __future__ import annotations

from collections import Counter
from typing import Literal, NamedTuple

from bot.hub.git import Refused
from bot.hub.state import ROLES, BranchRules, CheckRun, Job, Pull, Repository, Review, User, WorkflowRun

_PULL_ONLY = "Changes must be made through a pull request."
_GREEN = ("success", "skipped", "neutral")


class Unmet(NamedTuple):
    """Something that a rule still asks for; `kind` is what for, `text` is how GitHub says it."""

    kind: Literal["review", "checks", "behind", "conversations", "queue"]
    text: str


def rules_of(repo: Repository, branch: str) -> list[BranchRules]:
    """Return all rules that hold for a branch."""
    found = (repo.protections.get(branch), repo.rulesets.get(branch))
    return [rules for rules in found if rules is not None]


def may_write(repo: Repository, user: User) -> bool:
    """Return whether a person has write access."""
    return ROLES.index(repo.role(user)) >= ROLES.index("write")


def opinions(repo: Repository, pull: Pull) -> dict[str, Review]:
    """Return the newest verdict of each reviewer with write access, by login; comments leave a verdict as it is."""
    verdicts = ("APPROVED", "CHANGES_REQUESTED", "DISMISSED")
    newest = {review.author.login: review for review in pull.reviews if review.state in verdicts}
    return {login: review for login, review in newest.items() if may_write(repo, review.author)}


def review_decision(repo: Repository, pull: Pull) -> str | None:
    """Return "APPROVED", "CHANGES_REQUESTED" or "REVIEW_REQUIRED", or None where nobody asks and nobody has decided."""
    states = Counter(review.state for review in opinions(repo, pull).values())
    needed = max((rules.approvals or 0 for rules in rules_of(repo, pull.base_ref)), default=0)
    if states["CHANGES_REQUESTED"]:
        return "CHANGES_REQUESTED"
    if states["APPROVED"] < needed:
        return "REVIEW_REQUIRED"
    return "APPROVED" if states["APPROVED"] else None


def check_runs(repo: Repository, sha: str, *, latest: bool = True) -> list[CheckRun]:
    """Return the check runs of a commit, oldest first: the jobs of workflow runs, then those that Apps have created.

    Args:
        latest: only the newest workflow run of each file, and of each App the newest check run of a name.
    """
    workflow_runs = [run for run in repo.workflow_runs if run.trigger.head_sha == sha]
    if latest:
        workflow_runs = list({run.path: run for run in workflow_runs}.values())
    attempts = [(run, attempt) for run in workflow_runs for attempt in (run.attempts[-1:] if latest else run.attempts)]
    jobs = [_job(run, number, job) for run, attempt in attempts for number, job in attempt.jobs.items()]
    created = [run for run in repo.check_runs if run.head_sha == sha]
    if latest:
        created = list({(run.app.id if run.app else None, run.name): run for run in created}.values())
    return [*jobs, *created]


def _job(run: WorkflowRun, number: int, job: Job) -> CheckRun:
    """Return a job of a workflow run as the check run that it is."""
    return CheckRun(
        id=number,
        name=job.name,
        head_sha=run.trigger.head_sha,
        app=None,
        suite=run.id,
        status=job.status,
        conclusion=job.conclusion,
        started_at=job.started_at or run.created_at,
        completed_at=job.completed_at,
    )


def checks(repo: Repository, sha: str) -> dict[str, str]:
    """Return the newest check runs of a commit by name: "success", "failing", "in progress" or "queued".

    Of several with one name all have to be green.
    """
    states: dict[str, str] = {}
    for run in check_runs(repo, sha):
        ended = "success" if run.conclusion in _GREEN else "failing"
        state = ended if run.done else run.status.replace("_", " ")
        if states.get(run.name, "success") == "success":
            states[run.name] = state
    return states


def behind(repo: Repository, pull: Pull) -> bool:
    """Return whether the base has commits that the head has not."""
    return not repo.git.contains(pull.head_sha, pull.base_sha)


def unmet(repo: Repository, pull: Pull, rules: BranchRules) -> list[Unmet]:
    """Return what rules still ask for before a pull request is merged."""
    asked = []
    if rules.merge_queue:
        asked.append(Unmet("queue", "Changes must be made through the merge queue"))
    if rules.checks:
        # Where the branch is behind, GitHub calls checks of the old head "expected", however green they are.
        outdated = rules.strict and behind(repo, pull)
        states = {} if outdated else checks(repo, pull.head_sha)
        if text := _refused_checks([(name, states.get(name, "expected")) for name in rules.checks]):
            asked.append(Unmet("behind" if outdated else "checks", text))
    if rules.approvals:
        states = {login: review.state for login, review in opinions(repo, pull).items()}
        if "CHANGES_REQUESTED" in states.values():
            asked.append(Unmet("review", "Changes have been requested."))
        elif sum(state == "APPROVED" for state in states.values()) < rules.approvals:
            many = f"{rules.approvals} approving review{'s are' if rules.approvals > 1 else ' is'}"
            asked.append(Unmet("review", f"At least {many} required by reviewers with write access."))
    if rules.conversations and any(thread.resolved_by is None for thread in pull.threads):
        text = "A conversation must be resolved before this pull request can be merged."
        asked.append(Unmet("conversations", text))
    return asked


def refusal(repo: Repository, pull: Pull, by: User | None, *, queued: bool = False) -> str | None:
    """Return why the rules of its base branch refuse a merge by a person, in GitHub's words, or None.

    Args:
        by: whose role may set them aside; None for somebody who has none, such as an App.
        queued: whether it is the merge queue that merges.
    """
    protection = repo.protections.get(pull.base_ref)
    if protection and not may_bypass(repo, protection, by) and (asked := unmet(repo, pull, protection)):
        return " ".join(each.text for each in asked)
    ruleset = repo.rulesets.get(pull.base_ref)
    asked = unmet(repo, pull, ruleset) if ruleset else []
    if asked := [each for each in asked if not (queued and each.kind == "queue")]:
        return "\n\n".join(["Repository rule violations found", *(each.text for each in asked)])
    return None


def refused_push(repo: Repository, branch: str, by: User | None) -> str | None:
    """Return why a branch's rules refuse a change that is no merge of a pull request, in GitHub's words, or None.

    Args:
        by: as for `refusal`.
    """
    protection, ruleset = repo.protections.get(branch), repo.rulesets.get(branch)
    if protection and (protection.approvals is not None or protection.checks) and not may_bypass(repo, protection, by):
        return _PULL_ONLY
    if ruleset and (ruleset.approvals is not None or ruleset.checks or ruleset.merge_queue):
        return f"Repository rule violations found\n\n{_PULL_ONLY}"
    return None


def refused_deletion(repo: Repository, branch: str) -> bool:
    """Return whether a branch's rules refuse that it is deleted."""
    return any(not rules.allow_deletions for rules in rules_of(repo, branch))


def refused_changes(repo: Repository, by: User | None) -> dict[str, list[Refused]]:
    """Return what a person may not push to the branches that have rules.

    Args:
        by: as for `refusal`.
    """
    refused: dict[str, list[Refused]] = {}
    for branch in {*repo.protections, *repo.rulesets}:
        kept = all(rules.allow_force_pushes for rules in rules_of(repo, branch))
        what: dict[Refused, bool] = {
            "push": refused_push(repo, branch, by) is not None,
            "force": not kept,
            "delete": refused_deletion(repo, branch),
        }
        refused[branch] = [name for name, so in what.items() if so]
    return refused


def may_bypass(repo: Repository, rules: BranchRules, by: User | None) -> bool:
    """Return whether a branch's protection does not hold for a person: admins may be let through."""
    return by is not None and not rules.enforce_admins and repo.role(by) == "admin"


def merge_state(repo: Repository, pull: Pull) -> str:
    """Return GitHub's `mergeable_state`: "unknown", "dirty", "blocked", "behind", "unstable" or "clean".

    https://docs.github.com/en/graphql/reference/enums#mergestatestatus
    """
    if pull.state != "open":
        return "unknown"
    if pull.merge_sha is None:
        return "dirty"
    kinds = {each.kind for rules in rules_of(repo, pull.base_ref) for each in unmet(repo, pull, rules)}
    if kinds - {"behind"}:
        return "blocked"
    if kinds:
        return "behind"
    green = all(state == "success" for state in checks(repo, pull.head_sha).values())
    running = any(
        run.latest.status != "completed" for run in repo.workflow_runs if run.trigger.head_sha == pull.head_sha
    )
    return "clean" if green and not running else "unstable"


def _refused_checks(states: list[tuple[str, str]]) -> str:
    """Return what GitHub says of required checks that are not all green, or "" if they are."""
    missing = [(name, state) for name, state in states if state != "success"]
    if not missing:
        return ""
    if len(missing) == 1:
        name, state = missing[0]
        return f'Required status check "{name}" is {state}.'
    counted = Counter(state for _, state in missing)
    if len(missing) == len(states) and len(counted) == 1:
        return f"{len(missing)} of {len(states)} required status checks are {missing[0][1]}."
    told = " and ".join(f"{count} {state}" for state, count in counted.items())
    return f"{len(missing)} of {len(states)} required status checks have not succeeded: {told}."
