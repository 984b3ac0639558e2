"""How the hub's REST endpoints are declared: path, what it takes to call it, and a function that answers."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any, TypeVar
from urllib.parse import urlencode

from flask import Blueprint, Response, g, request
from werkzeug.exceptions import HTTPException

from bot.hub.access import ApiError, Caller, check_not_archived
from bot.hub.parts import Parts, current_parts
from bot.hub.payloads import Json
from bot.hub.state import App, Issue, Repository, State

T = TypeVar("T")
Answer = Response | Json | list[Any] | tuple[int, Any] | None
"""What an endpoint returns: JSON for a 200, a status with JSON, or None for a 204."""
View = Callable[..., Answer]


@dataclass
class Call:
    """One request to one repository, allowed and parsed."""

    parts: Parts
    repo: Repository
    by: Caller
    body: Json
    headers: dict[str, str] = field(default_factory=dict)

    @property
    def state(self) -> State:
        return self.parts.state

    def must_change(self, issue: Issue) -> None:
        """Refuse who may not edit, close and reopen an issue or pull request."""
        if not self.by.may_change(self.repo, issue):
            raise ApiError(403, "Must have triage access to Repository.")

    def text(self, name: str, default: str = "") -> str:
        """Return a string of the body; null counts as absent.

        Raises:
            ApiError: 422, it is something else.
        """
        value = self.body.get(name)
        if value is not None and not isinstance(value, str):
            raise ApiError(422, f"Invalid request.\n\nFor 'properties/{name}', {json.dumps(value)} is not a string.")
        return default if value is None else value

    def page(self, items: Sequence[T], to_json: Callable[[T], Json]) -> list[Json]:
        """Return the page of `items` that was asked for, with a Link header to the others."""
        size = min(max(request.args.get("per_page", 30, type=int), 1), 100)
        number = max(request.args.get("page", 1, type=int), 1)
        last = max(1, -(-len(items) // size))
        pages = {"prev": number - 1, "next": number + 1, "last": last, "first": 1}
        reachable = [*(("prev", "first") if number > 1 else ()), *(("next", "last") if number < last else ())]
        links = []
        for name in reachable:
            query = urlencode({**request.args.to_dict(), "page": pages[name]})
            links.append(f'<{self.state.web}{request.path}?{query}>; rel="{name}"')
        if links:
            self.headers["Link"] = ", ".join(links)
        return [to_json(item) for item in items[(number - 1) * size : number * size]]


class Endpoints:
    """A blueprint of endpoints below /api/v3/repos/<owner>/<name>."""

    def __init__(self, name: str) -> None:
        self.blueprint = Blueprint(name, __name__, url_prefix="/api/v3")

    def route(self, method: str, rule: str, needs: str, role: str = "read") -> Callable[[View], View]:
        """Declare an endpoint; see `Caller.may` for `needs` and `role`. It is called with the state's lock held."""

        def declare(view: View) -> View:
            def answer(owner: str, name: str, **path: Any) -> Response:
                parts = current_parts()
                with parts.state.lock:
                    call = _call(parts, f"{owner}/{name}", needs, role)
                    return respond(view(call, **path), call.headers)

            def answer_by_id(repository: int, **path: Any) -> Response:
                state = current_parts().state
                with state.lock:
                    repo = next((repo for repo in state.repositories.values() if repo.id == repository), None)
                if repo is None:
                    raise ApiError(404, "Not Found")
                return answer(repo.owner.login, repo.name, **path)

            endpoint, methods = f"{method} {rule}", [method]
            self.blueprint.add_url_rule(f"/repos/<owner>/<name>{rule}", endpoint, answer, methods=methods)
            by_id = f"/repositories/<int:repository>{rule}"
            self.blueprint.add_url_rule(by_id, f"{endpoint} by id", answer_by_id, methods=methods)
            return view

        return declare


def _call(parts: Parts, full_name: str, needs: str, role: str) -> Call:
    """Return the request as a call, or refuse it as GitHub does."""
    caller = identify(parts)
    repo = parts.state.repository(full_name)
    reading = needs.endswith(":read")
    if repo is None and (moved := parts.state.moved.get(full_name.lower())) and (not caller or caller.sees(moved)):
        raise elsewhere(parts.state, moved)
    if repo is None or (caller and not caller.sees(repo)):
        raise ApiError(404, "Not Found")
    if caller is None:
        if not reading or needs.startswith("actions"):
            raise ApiError(401, "Requires authentication")
        if repo.private:
            raise ApiError(404, "Not Found")
        # Nobody in particular may read what is public.
        caller = Caller(parts.state.user("anonymous"))
    elif not caller.may(repo, needs, role):
        integration = caller.permissions is not None
        rights = "Must have admin rights to Repository." if role == "admin" else "Must have write access to Repository."
        if integration:
            accepted = needs.replace(":", "=").replace("|", "; ")
            raise ApiError(403, "Resource not accessible by integration", accepted=accepted)
        raise ApiError(403, rights)
    if not reading and needs != "administration:write":
        check_not_archived(repo)
    return Call(parts, repo, caller, {} if reading else json_body())


def elsewhere(state: State, repo: Repository) -> ApiError:
    """Return the refusal that leads to where a repository is now: a 301 for what reads, a 307 for what writes."""
    rest = "/".join(request.path.split("/")[6:])
    location = f"{state.api}/repositories/{repo.id}/{rest}".rstrip("/")
    if request.query_string:
        location += f"?{request.query_string.decode()}"
    if request.method == "GET":
        return ApiError(301, "Moved Permanently", location=location)
    return ApiError(307, "Temporary Redirect", location=location)


def identify(parts: Parts) -> Caller | None:
    """Return who sent the request, and note it for the request log."""
    caller = parts.access.caller(request.headers.get("Authorization"))
    g.actor = caller.user.login if caller else ""
    return caller


def identify_app(parts: Parts) -> App:
    """Return the App that signed the request with its key, and note it for the request log."""
    app = parts.access.app(request.headers.get("Authorization"))
    g.actor = app.slug
    return app


def json_body() -> Json:
    """Return the request's body, {} where there is none.

    Raises:
        ApiError: 400, it is no JSON object.
    """
    if not (data := request.get_data()):
        return {}
    try:
        body = json.loads(data)
    except ValueError as error:
        raise ApiError(400, "Problems parsing JSON") from error
    if not isinstance(body, dict):
        raise ApiError(400, "Body should be a JSON object")
    return body


def respond(answer: Answer, headers: dict[str, str] | None = None) -> Response:
    """Make an endpoint's answer an HTTP response."""
    if isinstance(answer, Response):
        return answer
    if answer is None:
        return Response(status=204)
    status, data = answer if isinstance(answer, tuple) else (200, answer)
    return Response(
        json.dumps(data), status=status, headers=headers or {}, content_type="application/json; charset=utf-8"
    )


def refuse(error: ApiError | HTTPException) -> Response:
    """Make an error an HTTP response as GitHub words it."""
    location = accepted = ""
    if isinstance(error, ApiError):
        status, message, errors, location = error.status, error.message, error.errors, error.location
        accepted = error.accepted
    else:
        status, message, errors = error.code or 500, "Not Found" if error.code == 404 else error.name, None
    data: Json = {"message": message, "documentation_url": "https://docs.github.com/rest", "status": str(status)}
    more = ({"errors": errors} if errors else {}) | ({"url": location} if location else {})
    headers = {"Location": location, "X-Accepted-GitHub-Permissions": accepted}
    return respond((status, data | more), {name: value for name, value in headers.items() if value})
