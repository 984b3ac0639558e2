"""What GraphQL answers are made of: accounts, commits, branches and what holds for them."""

from __future__ import annotations

from typing import Any

from bot.hub.access import Caller
from bot.hub.api.graphql.rollups import rollup
from bot.hub.judgement import refused_push, rules_of
from bot.hub.merging import person
from bot.hub.parts import Parts
from bot.hub.state import Repository, User


def author(user: User) -> dict[str, str]:
    """Return an account; GraphQL leaves out the "[bot]" that REST puts behind an App's login."""
    return {"__typename": user.kind, "id": f"U_{user.id}", "login": user.login.removesuffix("[bot]")}


def repository(repo: Repository) -> Any:
    """Return what a repository is called and whose it is."""
    return {
        "__typename": "Repository",
        "id": f"R_{repo.id}",
        "databaseId": repo.id,
        "name": repo.name,
        "nameWithOwner": repo.full_name,
        "owner": author(repo.owner),
        "hasIssuesEnabled": True,
        "hasWikiEnabled": False,
        "isPrivate": False,
    }


def commit(parts: Parts, repo: Repository, sha: str) -> Any:
    return {
        "__typename": "Commit",
        "id": f"C_{sha}",
        "oid": sha,
        "url": f"{parts.state.html_url(repo)}/commit/{sha}",
        "message": lambda _: repo.git.log(sha, 1)[0].message,
        "statusCheckRollup": lambda _: rollup(parts, repo, sha),
    }


def ref(parts: Parts, by: Caller, repo: Repository, branch: str) -> Any:
    """Return a branch, or None where there is none."""
    sha = repo.git.head(branch)
    if sha is None:
        return None
    return {
        "id": f"REF_{repo.id}_{branch}",
        "name": branch,
        "prefix": "refs/heads/",
        "target": commit(parts, repo, sha),
        "refUpdateRule": _update_rule(repo, by, branch),
    }


def _update_rule(repo: Repository, by: Caller, branch: str) -> Any:
    """Return what holds for changes of a branch, as everybody may read it, or None where nothing does."""
    rules = rules_of(repo, branch)
    if not rules:
        return None
    return {
        "pattern": branch,
        "allowsDeletions": all(each.allow_deletions for each in rules),
        "allowsForcePushes": all(each.allow_force_pushes for each in rules),
        "requiredApprovingReviewCount": max((each.approvals or 0 for each in rules), default=0),
        "requiredStatusCheckContexts": sorted({name for each in rules for name in each.checks}),
        "requiresConversationResolution": any(each.conversations for each in rules),
        "viewerCanPush": by.may(repo, "contents:write", "write") and refused_push(repo, branch, person(by)) is None,
    }
