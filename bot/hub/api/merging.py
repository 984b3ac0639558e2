"""REST: merging a pull request, bringing its branch up to date, and the rules of branches."""

from __future__ import annotations

from bot.hub.access import ApiError, invalid
from bot.hub.api.endpoints import Answer, Call, Endpoints
from bot.hub.merging import MergeOrder
from bot.hub.payloads import branch_json, commit_json, protection_json, ruleset_rules_json
from bot.hub.pulls import find_pull
from bot.hub.state import BranchRules

ENDPOINTS = Endpoints("merging")


# GitHub asks for contents: what a merge changes is the base branch.
@ENDPOINTS.route("PUT", "/pulls/<int:number>/merge", "contents:write", "write")
def merge_pull(call: Call, number: int) -> Answer:
    order = MergeOrder(
        call.text("merge_method", "merge"), call.text("sha"), call.text("commit_title"), call.text("commit_message")
    )
    sha = call.parts.merging.merge(call.repo, find_pull(call.repo, number), call.by, order)
    return {"sha": sha, "merged": True, "message": "Pull Request successfully merged"}


@ENDPOINTS.route("GET", "/pulls/<int:number>/merge", "pull_requests:read")
def is_merged(call: Call, number: int) -> Answer:
    if find_pull(call.repo, number).merged_at is None:
        raise ApiError(404, "Not Found")
    return None


@ENDPOINTS.route("PUT", "/pulls/<int:number>/update-branch", "pull_requests:write", "write")
def update_branch(call: Call, number: int) -> Answer:
    pull = find_pull(call.repo, number)
    call.parts.merging.update_branch(call.repo, pull, call.by, call.text("expected_head_sha"))
    url = f"{call.state.html_url(call.repo)}/pull/{number}"
    return 202, {"message": "Updating pull request branch.", "url": url}


@ENDPOINTS.route("GET", "/branches/<path:branch>/protection", "administration:read", "admin")
def get_protection(call: Call, branch: str) -> Answer:
    rules = call.repo.protections.get(_existing(call, branch))
    if rules is None:
        raise ApiError(404, "Branch not protected")
    return protection_json(call.state, call.repo, branch, rules)


@ENDPOINTS.route("PUT", "/branches/<path:branch>/protection", "administration:write", "admin")
def protect(call: Call, branch: str) -> Answer:
    names = ("required_status_checks", "enforce_admins", "required_pull_request_reviews", "restrictions")
    if missing := [name for name in names if name not in call.body]:
        raise ApiError(422, f'Invalid request.\n\n"{missing[0]}" wasn\'t supplied.')
    checks, reviews = call.body["required_status_checks"], call.body["required_pull_request_reviews"]
    contexts = (checks or {}).get("contexts") or [each["context"] for each in (checks or {}).get("checks") or ()]
    rules = BranchRules(
        approvals=None if reviews is None else int(reviews.get("required_approving_review_count", 1)),
        dismiss_stale=bool((reviews or {}).get("dismiss_stale_reviews")),
        checks=tuple(str(name) for name in contexts),
        strict=bool((checks or {}).get("strict")),
        conversations=bool(call.body.get("required_conversation_resolution")),
        enforce_admins=bool(call.body["enforce_admins"]),
        allow_force_pushes=bool(call.body.get("allow_force_pushes")),
        allow_deletions=bool(call.body.get("allow_deletions")),
    )
    if rules.approvals is not None and not 0 <= rules.approvals <= 6:
        raise invalid("ProtectedBranch", "required_approving_review_count", "invalid")
    call.repo.protections[_existing(call, branch)] = rules
    call.state.lock.notify_all()
    return protection_json(call.state, call.repo, branch, rules)


@ENDPOINTS.route("DELETE", "/branches/<path:branch>/protection", "administration:write", "admin")
def unprotect(call: Call, branch: str) -> Answer:
    if call.repo.protections.pop(_existing(call, branch), None) is None:
        raise ApiError(404, "Branch not protected")
    call.state.lock.notify_all()
    return None


@ENDPOINTS.route("GET", "/branches/<path:branch>", "contents:read")
def get_branch(call: Call, branch: str) -> Answer:
    commit = call.repo.git.log(call.repo.git.head(_existing(call, branch)) or "", 1)[0]
    return branch_json(call.state, call.repo, branch, commit_json(call.state, call.repo, commit))


@ENDPOINTS.route("GET", "/rules/branches/<path:branch>", "metadata:read")
def list_rules(call: Call, branch: str) -> Answer:
    return call.page(ruleset_rules_json(call.repo, branch), lambda rule: rule)


def _existing(call: Call, branch: str) -> str:
    if call.repo.git.head(branch) is None:
        raise ApiError(404, "Branch not found")
    return branch
