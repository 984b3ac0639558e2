"""What a branch's rules ask for, as JSON: its protection, and the rules of rulesets."""

from __future__ import annotations

from typing import Any

from bot.hub.payloads.values import Json
from bot.hub.state import BranchRules, Repository, State


def protection_json(state: State, repo: Repository, branch: str, rules: BranchRules) -> Json:
    """A branch's protection as administrators read it."""
    url = f"{state.api_url(repo)}/branches/{branch}/protection"
    switches = {
        "required_linear_history": False,
        "allow_force_pushes": rules.allow_force_pushes,
        "allow_deletions": rules.allow_deletions,
        "block_creations": False,
        "required_conversation_resolution": rules.conversations,
        "lock_branch": False,
        "allow_fork_syncing": False,
    }
    answer: Json = {
        "url": url,
        "enforce_admins": {"url": f"{url}/enforce_admins", "enabled": rules.enforce_admins},
        "required_signatures": {"url": f"{url}/required_signatures", "enabled": False},
        **{name: {"enabled": enabled} for name, enabled in switches.items()},
    }
    if rules.approvals is not None:
        answer["required_pull_request_reviews"] = {
            "url": f"{url}/required_pull_request_reviews",
            "dismiss_stale_reviews": rules.dismiss_stale,
            "require_code_owner_reviews": False,
            "require_last_push_approval": False,
            "required_approving_review_count": rules.approvals,
        }
    if rules.checks or rules.strict:
        answer["required_status_checks"] = {
            "url": f"{url}/required_status_checks",
            "strict": rules.strict,
            "contexts": list(rules.checks),
            "contexts_url": f"{url}/required_status_checks/contexts",
            "checks": [{"context": name, "app_id": None} for name in rules.checks],
        }
    return answer


def branch_json(state: State, repo: Repository, branch: str, commit: Json) -> Json:
    """A branch as everybody may read it: whether it is protected, and which checks that asks for."""
    url, html = f"{state.api_url(repo)}/branches/{branch}", f"{state.html_url(repo)}/tree/{branch}"
    rules = repo.protections.get(branch)
    checks = rules.checks if rules else ()
    level = "off" if not checks else "everyone" if rules and rules.enforce_admins else "non_admins"
    return {
        "name": branch,
        "commit": commit,
        "_links": {"self": url, "html": html},
        "protected": rules is not None or branch in repo.rulesets,
        "protection": {
            "enabled": rules is not None,
            "required_status_checks": {
                "enforcement_level": level,
                "contexts": list(checks),
                "checks": [{"context": name, "app_id": None} for name in checks],
            },
        },
        "protection_url": f"{url}/protection",
    }


def ruleset_rules_json(repo: Repository, branch: str) -> list[Json]:
    """The rules that rulesets put on a branch, as everybody may read them."""
    rules = repo.rulesets.get(branch)
    if rules is None:
        return []
    found: list[tuple[str, dict[str, Any] | None]] = []
    if not rules.allow_deletions:
        found.append(("deletion", None))
    if not rules.allow_force_pushes:
        found.append(("non_fast_forward", None))
    if rules.approvals is not None or rules.conversations:
        parameters = {
            "allowed_merge_methods": list(repo.merging.methods),
            "dismiss_stale_reviews_on_push": rules.dismiss_stale,
            "require_code_owner_review": False,
            "require_last_push_approval": False,
            "required_approving_review_count": rules.approvals or 0,
            "required_review_thread_resolution": rules.conversations,
        }
        found.append(("pull_request", parameters))
    if rules.checks:
        checks = [{"context": name} for name in rules.checks]
        parameters = {"required_status_checks": checks, "strict_required_status_checks_policy": rules.strict}
        found.append(("required_status_checks", parameters))
    if rules.merge_queue:
        parameters = {
            **{"check_response_timeout_minutes": 60, "grouping_strategy": "ALLGREEN", "max_entries_to_build": 5},
            **{"max_entries_to_merge": 5, "merge_method": "SQUASH", "min_entries_to_merge": 1},
            "min_entries_to_merge_wait_minutes": 5,
        }
        found.append(("merge_queue", parameters))
    return [
        {
            "type": kind,
            "ruleset_source_type": "Repository",
            "ruleset_source": repo.full_name,
            "ruleset_id": 1,
            **({"parameters": parameters} if parameters else {}),
        }
        for kind, parameters in found
    ]


def merging_json(repo: Repository) -> Json:
    """The settings for pull requests, which a repository shows to those who may write."""
    methods = repo.merging.methods
    return {
        "allow_merge_commit": "merge" in methods,
        "allow_squash_merge": "squash" in methods,
        "allow_rebase_merge": "rebase" in methods,
        "allow_auto_merge": repo.merging.auto_merge,
        "delete_branch_on_merge": repo.merging.delete_branch,
        "allow_update_branch": True,
    }
