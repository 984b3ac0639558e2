"""REST: the App with its key, its tokens, and accounts."""

from __future__ import annotations

from flask import Blueprint, Response

from bot.hub.access import USER_TOKEN_LIFETIME, ApiError, check_not_suspended
from bot.hub.api.endpoints import elsewhere, identify, identify_app, json_body, respond
from bot.hub.parts import current_parts
from bot.hub.payloads import Json, app_json, installation_json, profile_json, repository_json, stamp
from bot.hub.state import App, Repository, State, User

BLUEPRINT = Blueprint("app", __name__, url_prefix="/api/v3")
OAUTH = Blueprint("oauth", __name__)
"""Outside of the API's address, and for programs as well."""


@BLUEPRINT.get("/zen")
def get_zen() -> Response:
    """https://docs.github.com/en/rest/meta/meta#get-the-zen-of-github"""
    return Response("A stand-in refuses what the real one refuses.", mimetype="text/plain")


@BLUEPRINT.get("/app")
def get_app() -> Response:
    parts = current_parts()
    return respond(app_json(parts.state, identify_app(parts)))


@BLUEPRINT.get("/repos/<owner>/<name>/installation")
def get_installation(owner: str, name: str) -> Response:
    parts = current_parts()
    app = identify_app(parts)
    full_name = f"{owner}/{name}"
    if parts.state.repository(full_name) is None and (moved := parts.state.moved.get(full_name.lower())):
        raise elsewhere(parts.state, moved)
    repo = parts.state.repository(full_name)
    if repo is None or not app.installed or repo.id in app.left_out:
        raise ApiError(404, "Not Found")
    return respond(installation_json(parts.state, app))


@BLUEPRINT.get("/repositories/<int:number>/installation")
def get_installation_by_id(number: int) -> Response:
    parts = current_parts()
    app = identify_app(parts)
    if not app.installed or all(repo.id != number for repo in installed_on(parts.state, app)):
        raise ApiError(404, "Not Found")
    return respond(installation_json(parts.state, app))


@BLUEPRINT.get("/app/installations/<int:number>")
def get_installation_by_number(number: int) -> Response:
    parts = current_parts()
    app = identify_app(parts)
    if number != app.installation_id or not app.installed:
        raise ApiError(404, "Not Found")
    return respond(installation_json(parts.state, app))


@BLUEPRINT.post("/app/installations/<int:number>/access_tokens")
def create_installation_token(number: int) -> Response:
    parts = current_parts()
    app, body = identify_app(parts), json_body()
    if number != app.installation_id or not app.installed:
        raise ApiError(404, "Not Found")
    check_not_suspended(app)
    with parts.state.lock:
        selected = _selected(installed_on(parts.state, app), body)
        repositories = installed_on(parts.state, app) if selected is None else selected
        token, expires, granted = parts.access.installation_token(app, repositories, body.get("permissions"))
        answer: Json = {
            "token": token,
            "expires_at": stamp(expires),
            "permissions": dict(granted),
            "repository_selection": "all" if selected is None and not app.left_out else "selected",
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
    if caller.user.kind == "Bot":
        raise ApiError(403, "Resource not accessible by integration")
    return respond(profile_json(parts.state, caller.user))


@BLUEPRINT.post("/app-manifests/<code>/conversions")
def convert_manifest(code: str) -> Response:
    """https://docs.github.com/en/rest/apps/apps#create-a-github-app-from-a-manifest"""
    parts = current_parts()
    with parts.state.lock:
        registered = parts.manifests.convert(code)
        if registered is None:
            raise ApiError(404, "Not Found")
        app = registered.app
        told = {
            "client_id": app.client_id,
            "client_secret": app.client_secret,
            "webhook_secret": app.secret,
            "pem": registered.private_key_pem,
        }
        return respond((201, app_json(parts.state, app) | told))


@OAUTH.post("/login/oauth/access_token")
def create_user_token() -> Response:
    """https://docs.github.com/en/apps/oauth-apps/maintaining-oauth-apps/troubleshooting-oauth-app-access-token-request-errors"""
    parts, body = current_parts(), json_body()
    app = parts.state.app
    if app is None or (body.get("client_id"), body.get("client_secret")) != (app.client_id, app.client_secret):
        # Refusals come with a 200.
        return respond(
            {
                "error": "incorrect_client_credentials",
                "error_description": "The client_id and/or client_secret passed are incorrect.",
            }
        )
    with parts.state.lock:
        token = parts.access.user_token(app, str(body.get("code")))
    if token is None:
        return respond(
            {"error": "bad_verification_code", "error_description": "The code passed is incorrect or expired."}
        )
    lifetime = int(USER_TOKEN_LIFETIME.total_seconds())
    return respond({"access_token": token, "expires_in": lifetime, "token_type": "bearer", "scope": ""})


@BLUEPRINT.get("/users/<login>")
def get_user(login: str) -> Response:
    parts = current_parts()
    identify(parts)
    return respond(profile_json(parts.state, find_user(parts.state, login)))


def find_user(state: State, login: str) -> User:
    """Return an account, or refuse with a 404, as for one that is suspended."""
    user = state.users.get(login)
    if user is None or login in state.suspended:
        raise ApiError(404, "Not Found")
    return user


def installed_on(state: State, app: App) -> list[Repository]:
    """Return the repositories that an App's installation has."""
    return [repo for repo in state.repositories.values() if repo.id not in app.left_out]


def _selected(there: list[Repository], body: Json) -> list[Repository] | None:
    """Return the repositories a token is asked for, or None for all of those that are there."""
    if body.get("repositories") is None and body.get("repository_ids") is None:
        return None
    names, ids = body.get("repositories") or (), body.get("repository_ids") or ()
    chosen = [repo for repo in there if repo.name in names or repo.id in ids]
    if len(chosen) != len(names) + len(ids):
        raise ApiError(
            422,
            "There is at least one repository that does not exist or is not accessible to the parent installation.",
        )
    return chosen
