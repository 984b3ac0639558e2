"""REST: the App with its key, its tokens, and accounts."""

from __future__ import annotations

from flask import Blueprint, Response

from bot.hub.access import ApiError
from bot.hub.api.endpoints import identify, identify_app, json_body, respond
from bot.hub.parts import current_parts
from bot.hub.payloads import Json, app_json, installation_json, repository_json, stamp, user_json
from bot.hub.state import Repository, State, User

BLUEPRINT = Blueprint("app", __name__, url_prefix="/api/v3")


@BLUEPRINT.get("/app")
def get_app() -> Response:
    parts = current_parts()
    return respond(app_json(parts.state, identify_app(parts)))


@BLUEPRINT.get("/repos/<owner>/<name>/installation")
def get_installation(owner: str, name: str) -> Response:
    parts = current_parts()
    app = identify_app(parts)
    if parts.state.repository(f"{owner}/{name}") is None:
        raise ApiError(404, "Not Found")
    return respond(installation_json(parts.state, app))


@BLUEPRINT.post("/app/installations/<int:number>/access_tokens")
def create_installation_token(number: int) -> Response:
    parts = current_parts()
    app, body = identify_app(parts), json_body()
    if number != app.installation_id:
        raise ApiError(404, "Not Found")
    with parts.state.lock:
        selected = _selected(parts.state, body)
        repositories = list(parts.state.repositories.values()) if selected is None else selected
        token, expires, granted = parts.access.installation_token(app, repositories, body.get("permissions"))
        answer: Json = {
            "token": token,
            "expires_at": stamp(expires),
            "permissions": dict(granted),
            "repository_selection": "all" if selected is None else "selected",
        }
        if selected is not None:
            answer["repositories"] = [repository_json(parts.state, repo) for repo in selected]
        return respond((201, answer))


@BLUEPRINT.get("/user")
def get_viewer() -> Response:
    parts = current_parts()
    caller = identify(parts)
    if caller is None:
        raise ApiError(401, "Requires authentication")
    if caller.permissions is not None:
        raise ApiError(403, "Resource not accessible by integration")
    return respond(user_json(parts.state, caller.user))


@BLUEPRINT.get("/users/<login>")
def get_user(login: str) -> Response:
    parts = current_parts()
    identify(parts)
    return respond(user_json(parts.state, find_user(parts.state, login)))


def find_user(state: State, login: str) -> User:
    """Return an account, or refuse with a 404, as for one that is suspended."""
    user = state.users.get(login)
    if user is None or login in state.suspended:
        raise ApiError(404, "Not Found")
    return user


def _selected(state: State, body: Json) -> list[Repository] | None:
    """Return the repositories a token is asked for, or None for all of them."""
    if body.get("repositories") is None and body.get("repository_ids") is None:
        return None
    names, ids = body.get("repositories") or (), body.get("repository_ids") or ()
    chosen = [repo for repo in state.repositories.values() if repo.name in names or repo.id in ids]
    if len(chosen) != len(names) + len(ids):
        raise ApiError(
            422,
            "There is at least one repository that does not exist or is not accessible to the parent installation.",
        )
    return chosen
