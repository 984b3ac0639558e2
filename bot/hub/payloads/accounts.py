"""People, the App and its installation as JSON."""

from __future__ import annotations

from datetime import UTC, datetime

from bot.hub.payloads.values import Json, stamp
from bot.hub.state import App, State, User

EVENTS = (
    *("check_run", "check_suite", "issue_comment", "issues", "pull_request", "pull_request_review"),
    *("pull_request_review_comment", "pull_request_review_thread", "push", "repository"),
    "workflow_run",
)
"""The webhook events the hub sends."""
ACTIONS_APP = 15368
"""The id of the App that GitHub Actions is."""

_USER_LINKS = (
    *(("followers", ""), ("following", "{/other_user}"), ("gists", "{/gist_id}"), ("starred", "{/owner}{/repo}")),
    *(("subscriptions", ""), ("organizations", ""), ("repos", ""), ("events", "{/privacy}"), ("received_events", "")),
)


def user_json(state: State, user: User) -> Json:
    url = f"{state.api}/users/{user.login}"
    return {
        "login": user.login,
        "id": user.id,
        "node_id": f"U_{user.id}",
        "avatar_url": f"{state.web}/_hub/avatars/{user.login}",
        "gravatar_id": "",
        "url": url,
        "html_url": f"{state.web}/{user.login}",
        **{f"{name}_url": f"{url}/{name}{rest}" for name, rest in _USER_LINKS},
        "type": user.kind,
        "user_view_type": "public",
        "site_admin": False,
    }


def profile_json(state: State, user: User) -> Json:
    """An account as its own page shows it."""
    since = stamp(datetime(2020, 1, 1, tzinfo=UTC))
    unsaid = ("name", "company", "location", "email", "hireable", "bio", "twitter_username")
    counts = ("public_repos", "public_gists", "followers", "following")
    return {
        **user_json(state, user),
        **dict.fromkeys(unsaid),
        **dict.fromkeys(counts, 0),
        "blog": "",
        "created_at": since,
        "updated_at": since,
    }


def app_json(state: State, app: App) -> Json:
    return {
        "id": app.id,
        "slug": app.slug,
        "client_id": app.client_id,
        "node_id": f"A_{app.id}",
        "owner": user_json(state, app.owner),
        "name": app.name,
        "description": "",
        "external_url": state.web,
        "html_url": f"{state.web}/apps/{app.slug}",
        "created_at": stamp(app.created_at),
        "updated_at": stamp(app.created_at),
        "permissions": dict(app.permissions),
        "events": list(app.events or EVENTS),
        "installations_count": int(app.installed),
    }


def actions_app_json(state: State) -> Json:
    """GitHub Actions, which is an App as well."""
    since = stamp(datetime(2018, 7, 30, 9, 30, 17, tzinfo=UTC))
    return {
        "id": ACTIONS_APP,
        "slug": "github-actions",
        "node_id": f"A_{ACTIONS_APP}",
        "owner": user_json(state, state.user("github", "Organization")),
        "name": "GitHub Actions",
        "description": "Automate your workflow from idea to production",
        "external_url": "https://help.github.com/en/actions",
        "html_url": f"{state.web}/apps/github-actions",
        "created_at": since,
        "updated_at": since,
        "permissions": {"actions": "write", "checks": "write", "contents": "write", "metadata": "read"},
        "events": [],
    }


def installation_json(state: State, app: App) -> Json:
    url = f"{state.api}/app/installations/{app.installation_id}"
    return {
        "id": app.installation_id,
        "account": user_json(state, app.owner),
        "repository_selection": "selected" if app.left_out else "all",
        "access_tokens_url": f"{url}/access_tokens",
        "repositories_url": f"{state.api}/installation/repositories",
        "html_url": f"{state.web}/settings/installations/{app.installation_id}",
        "app_id": app.id,
        "app_slug": app.slug,
        "target_id": app.owner.id,
        "target_type": app.owner.kind,
        "permissions": dict(app.permissions),
        "events": list(app.events or EVENTS),
        "created_at": stamp(app.created_at),
        "updated_at": stamp(app.created_at),
        "single_file_name": None,
        "suspended_by": user_json(state, app.owner) if app.suspended else None,
        "suspended_at": stamp(app.created_at) if app.suspended else None,
    }
