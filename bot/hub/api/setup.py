"""REST: how a repository is set up for Actions, which mostly its administrators may see.

https://docs.github.com/en/rest/actions
"""

from __future__ import annotations

import re
from base64 import b64encode

from flask import request

from bot.hub.access import ApiError
from bot.hub.api.endpoints import Answer, Call, Endpoints
from bot.hub.payloads import Json, label_json, stamp

ENDPOINTS = Endpoints("setup")
_PUBLIC_KEY = b64encode(bytes(range(32))).decode()
"""Nobody has the private one: what is encrypted for it stays so."""
_ANY_COLOR = "ededed"
"""GitHub chooses one where none is asked for."""


@ENDPOINTS.route("GET", "/labels/<label>", "issues:read|pull_requests:read")
def get_label(call: Call, label: str) -> Answer:
    found = next((each for each in call.repo.labels if each.name.casefold() == label.casefold()), None)
    if found is None:
        raise ApiError(404, "Not Found")
    return label_json(call.state, call.repo, found)


@ENDPOINTS.route("POST", "/labels", "issues:write|pull_requests:write", "write")
def create_label(call: Call) -> Answer:
    color = call.text("color") or _ANY_COLOR
    made = call.parts.issues.make_label(call.repo, call.text("name"), color, call.text("description"))
    return 201, label_json(call.state, call.repo, made)


@ENDPOINTS.route("GET", "/actions/permissions", "administration:read", "admin")
def get_permissions(call: Call) -> Answer:
    return {"enabled": call.repo.actions.enabled} | ({"allowed_actions": "all"} if call.repo.actions.enabled else {})


@ENDPOINTS.route("GET", "/actions/runners", "administration:read", "admin")
def list_runners(call: Call) -> Answer:
    actions = call.repo.actions
    runners = [
        {
            "id": number,
            "name": name,
            "os": "linux",
            "status": "offline" if name in actions.offline else "online",
            "busy": False,
            "labels": [{"name": label, "type": "custom"} for label in labels],
        }
        for number, (name, labels) in enumerate(actions.runners.items(), 1)
    ]
    return {"total_count": len(runners), "runners": runners}


@ENDPOINTS.route("GET", "/actions/variables", "actions_variables:read", "write")
def list_variables(call: Call) -> Answer:
    return _variables(call, "")


@ENDPOINTS.route("POST", "/actions/variables", "actions_variables:write", "write")
def create_variable(call: Call) -> Answer:
    variables, name = call.repo.actions.variables[""], _name(call.text("name"))
    if name in variables:
        raise ApiError(409, "Already exists - Variable already exists")
    variables[name] = call.text("value")
    return 201, {}


@ENDPOINTS.route("PATCH", "/actions/variables/<variable>", "actions_variables:write", "write")
def change_variable(call: Call, variable: str) -> Answer:
    variables, name = call.repo.actions.variables[""], _name(variable)
    if name not in variables:
        raise ApiError(404, "Not Found")
    variables[name] = call.text("value", variables[name])
    return None


@ENDPOINTS.route("PUT", "/environments/<environment>", "administration:write", "admin")
def put_environment(call: Call, environment: str) -> Answer:
    """Make an environment, or leave the one that is there; rules that protect it are not kept here."""
    actions, at = call.repo.actions, stamp(call.repo.created_at)
    actions.variables.setdefault(environment, {})
    actions.secrets.setdefault(environment, set())
    url = f"{call.state.api_url(call.repo)}/environments/{environment}"
    html = f"{call.state.html_url(call.repo)}/deployments/activity_log?environments_filter={environment}"
    shown = {"id": 1, "node_id": "EN_1", "name": environment, "url": url, "html_url": html}
    return {**shown, "created_at": at, "updated_at": at, "protection_rules": [], "deployment_branch_policy": None}


@ENDPOINTS.route("GET", "/environments/<environment>/secrets/public-key", "environments:read", "write")
def get_public_key(call: Call, environment: str) -> Answer:
    _must_be_there(call, environment)
    return {"key_id": "1", "key": _PUBLIC_KEY}


@ENDPOINTS.route("PUT", "/environments/<environment>/secrets/<secret>", "environments:write", "write")
def put_secret(call: Call, environment: str, secret: str) -> Answer:
    """Keep that there is a secret; nobody here could read its value."""
    _must_be_there(call, environment)
    if not call.text("encrypted_value") or call.text("key_id") != "1":
        raise ApiError(422, "Validation Failed")
    names = call.repo.actions.secrets.setdefault(environment, set())
    new = _name(secret) not in names
    names.add(_name(secret))
    return (201, {}) if new else None


@ENDPOINTS.route("GET", "/actions/secrets", "secrets:read", "write")
def list_secrets(call: Call) -> Answer:
    return _secrets(call, "")


@ENDPOINTS.route("GET", "/actions/organization-variables", "actions_variables:read", "write")
def list_shared_variables(call: Call) -> Answer:
    return {"total_count": 0, "variables": call.page((), dict)}


@ENDPOINTS.route("GET", "/actions/organization-secrets", "secrets:read", "write")
def list_shared_secrets(call: Call) -> Answer:
    return {"total_count": 0, "secrets": call.page((), dict)}


@ENDPOINTS.route("GET", "/environments/<environment>/variables", "environments:read", "write")
def list_variables_of_environment(call: Call, environment: str) -> Answer:
    return _variables(call, environment)


@ENDPOINTS.route("GET", "/environments/<environment>/secrets", "environments:read", "write")
def list_secrets_of_environment(call: Call, environment: str) -> Answer:
    return _secrets(call, environment)


def _name(name: str) -> str:
    """Return a name as GitHub keeps it.

    https://docs.github.com/en/actions/reference/workflows-and-actions/variables#naming-conventions-for-configuration-variables
    """
    if not re.fullmatch(r"[A-Za-z_][A-Za-z0-9_]*", name) or name.upper().startswith("GITHUB_"):
        raise ApiError(422, "Validation Failed")
    return name.upper()


def _must_be_there(call: Call, environment: str) -> None:
    actions = call.repo.actions
    if environment not in actions.variables and environment not in actions.secrets:
        raise ApiError(404, "Not Found")


def _variables(call: Call, environment: str) -> Json:
    _must_be_there(call, environment)
    actions = call.repo.actions
    at = stamp(call.repo.created_at)
    found = [
        {"name": name, "value": value, "created_at": at, "updated_at": at}
        for name, value in actions.variables.get(environment, {}).items()
    ]
    return {"total_count": len(found), "variables": found[: request.args.get("per_page", 10, type=int)]}


def _secrets(call: Call, environment: str) -> Json:
    _must_be_there(call, environment)
    actions = call.repo.actions
    at = stamp(call.repo.created_at)
    names = sorted(actions.secrets.get(environment, ()))
    return {
        "total_count": len(names),
        "secrets": [{"name": name, "created_at": at, "updated_at": at} for name in names],
    }
