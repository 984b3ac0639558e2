"""People, the App and its installation as JSON."""

from __future__ import annotations

from bot.hub.payloads.values import Json, stamp
from bot.hub.state import App, State, User

EVENTS = (
    *("issue_comment", "issues", "pull_request", "pull_request_review", "pull_request_review_comment"),
    *("pull_request_review_thread", "push", "workflow_run"),
)
"""The webhook events the hub sends."""

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


def app_json(state: State, app: App) -> Json:
    return {
        "id": app.id,
        "slug": app.slug,
        "node_id": f"A_{app.id}",
        "owner": user_json(state, app.owner),
        "name": app.name,
        "description": "",
        "external_url": state.web,
        "html_url": f"{state.web}/apps/{app.slug}",
        "created_at": stamp(app.created_at),
        "updated_at": stamp(app.created_at),
        "permissions": dict(app.permissions),
        "events": list(EVENTS),
        "installations_count": 1,
    }


def installation_json(state: State, app: App) -> Json:
    url = f"{state.api}/app/installations/{app.installation_id}"
    return {
        "id": app.installation_id,
        "account": user_json(state, app.owner),
        "repository_selection": "all",
        "access_tokens_url": f"{url}/access_tokens",
        "repositories_url": f"{state.api}/installation/repositories",
        "html_url": f"{state.web}/settings/installations/{app.installation_id}",
        "app_id": app.id,
        "app_slug": app.slug,
        "target_id": app.owner.id,
        "target_type": app.owner.kind,
        "permissions": dict(app.permissions),
        "events": list(EVENTS),
        "created_at": stamp(app.created_at),
        "updated_at": stamp(app.created_at),
        "single_file_name": None,
        "suspended_by": None,
        "suspended_at": None,
    }
