"""The page with a repository's settings: how pull requests are merged, and what its default branch asks for."""

from __future__ import annotations

from flask import redirect, request
from werkzeug.wrappers import Response

from bot.hub.access import ApiError
from bot.hub.state import MERGE_METHODS, BranchRules, MergeSettings
from bot.hub.web.page import Pages, Visit

PAGES = Pages("settings_pages")


@PAGES.page("/settings", "GET", "POST")
def settings(visit: Visit) -> Response | str:
    repo = visit.repo
    is_admin = visit.viewer.may(repo, "", "admin")
    if request.method == "GET":
        rules = repo.protections.get(repo.default_branch)
        queue = repo.rulesets.get(repo.default_branch)
        return visit.render(
            "settings.html",
            is_admin=is_admin,
            methods=MERGE_METHODS,
            merging=repo.merging,
            protected=rules is not None,
            rules=rules or BranchRules(approvals=1, enforce_admins=True),
            merge_queue=queue is not None and queue.merge_queue,
            saved="saved" in request.args,
        )
    if not is_admin:
        raise ApiError(403, "Must have admin rights to Repository.")
    methods = tuple(method for method in MERGE_METHODS if request.form.get(method))
    if not methods:
        raise ApiError(422, "Sorry, you need to allow at least one merge strategy.")
    repo.merging = MergeSettings(methods, _ticked("auto_merge"), _ticked("delete_branch"))
    repo.protections.pop(repo.default_branch, None)
    if _ticked("protected"):
        repo.protections[repo.default_branch] = _rules()
    repo.rulesets.pop(repo.default_branch, None)
    if _ticked("merge_queue"):
        repo.rulesets[repo.default_branch] = BranchRules(merge_queue=True)
    visit.parts.state.lock.notify_all()
    return redirect(f"/{repo.full_name}/settings?saved", 303)


def _rules() -> BranchRules:
    """Return the rules that were filled in."""
    checks = tuple(name.strip() for name in request.form.get("checks", "").split(",") if name.strip())
    return BranchRules(
        approvals=min(max(request.form.get("approvals", 0, type=int), 0), 6),
        dismiss_stale=_ticked("dismiss_stale"),
        checks=checks,
        strict=_ticked("strict"),
        conversations=_ticked("conversations"),
        enforce_admins=_ticked("enforce_admins"),
    )


def _ticked(name: str) -> bool:
    return bool(request.form.get(name))
