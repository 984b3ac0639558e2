"""REST: the App's own endpoints, the repository, its files, commits and refs."""

from __future__ import annotations

from flask import Blueprint, Response, g, request

from bot.hub.access import ApiError
from bot.hub.api.endpoints import Answer, Call, Endpoints, identify, json_body, respond
from bot.hub.git.repository import Commit, GitError
from bot.hub.parts import Parts
from bot.hub.payloads.issues import Json, stamp
from bot.hub.state.store import Repository, User


def app_endpoints(parts: Parts) -> Blueprint:
    """Endpoints that are not about one repository, or that the App calls with its key."""
    blueprint = Blueprint("app", __name__, url_prefix="/api/v3")

    @blueprint.get("/app")
    def get_app() -> Response:
        app = parts.access.app(request.headers.get("Authorization"))
        g.actor, g.kind = app.slug, "read"
        return respond(parts.payloads.app(app))

    @blueprint.get("/repos/<owner>/<name>/installation")
    def installation(owner: str, name: str) -> Response:
        app = parts.access.app(request.headers.get("Authorization"))
        g.actor, g.kind = app.slug, "read"
        if parts.state.repository(f"{owner}/{name}") is None:
            raise ApiError(404, "Not Found")
        return respond(parts.payloads.installation(app))

    @blueprint.post("/app/installations/<int:number>/access_tokens")
    def mint(number: int) -> Response:
        app = parts.access.app(request.headers.get("Authorization"))
        g.actor, g.kind = app.slug, "write"
        if number != app.installation_id:
            raise ApiError(404, "Not Found")
        body = json_body()
        names, ids = body.get("repositories"), body.get("repository_ids")
        with parts.state.lock:
            everything = list(parts.state.repositories.values())
            chosen = [repo for repo in everything if repo.name in (names or ()) or repo.id in (ids or ())]
            if len(chosen) != len(names or ()) + len(ids or ()):
                raise ApiError(
                    422,
                    "There is at least one repository that does not exist or is not accessible to the parent "
                    "installation.",
                )
            selected = names is not None or ids is not None
            token, expires, granted = parts.access.installation_token(
                app, chosen if selected else everything, body.get("permissions")
            )
            answer: Json = {
                "token": token,
                "expires_at": stamp(expires),
                "permissions": dict(granted),
                "repository_selection": "selected" if selected else "all",
            }
            if selected:
                answer["repositories"] = [parts.payloads.repository(repo) for repo in chosen]
            return respond((201, answer))

    @blueprint.get("/user")
    def viewer() -> Response:
        caller = identify(parts)
        if caller is None:
            raise ApiError(401, "Requires authentication")
        if caller.permissions is not None:
            raise ApiError(403, "Resource not accessible by integration")
        return respond(parts.payloads.user(caller.user))

    @blueprint.get("/users/<login>")
    def user(login: str) -> Response:
        identify(parts)
        return respond(parts.payloads.user(_user(parts, login)))

    return blueprint


def repository_endpoints(parts: Parts) -> Blueprint:
    """Endpoints about what is in a repository and who may do what there."""
    endpoints = Endpoints(parts, "repository")
    route = endpoints.route

    @route("GET", "", "metadata:read", "read")
    def get_repository(call: Call) -> Answer:
        return {**parts.payloads.repository(call.repo), "permissions": _permissions(call)}

    @route("GET", "/collaborators/<login>/permission", "metadata:read", "read")
    def permission(call: Call, login: str) -> Answer:
        user = _user(parts, login)
        role = call.repo.role(user)
        return {"permission": role, "role_name": role, "user": {**parts.payloads.user(user), "role_name": role}}

    @route("GET", "/contents/", "contents:read", "read")
    @route("GET", "/contents/<path:path>", "contents:read", "read")
    def contents(call: Call, path: str = "") -> Answer:
        ref = request.args.get("ref") or call.repo.default_branch
        sha = call.repo.git.resolve(ref)
        if sha is None:
            raise ApiError(404, f"No commit found for the ref {ref}")
        path = path.strip("/")
        folder = call.repo.git.entries(sha, path)
        if folder is not None:
            return [parts.git_payloads.entry(call.repo, ref, entry) for entry in folder]
        parent = path.rpartition("/")[0]
        for entry in call.repo.git.entries(sha, parent) or []:
            if entry.path == path:
                return parts.git_payloads.entry(call.repo, ref, entry, call.repo.git.show(sha, path))
        raise ApiError(404, "Not Found")

    @route("GET", "/git/ref/heads/<path:branch>", "contents:read", "read")
    def ref(call: Call, branch: str) -> Answer:
        sha = call.repo.git.head(branch)
        if sha is None:
            raise ApiError(404, "Not Found")
        return parts.git_payloads.ref(call.repo, f"refs/heads/{branch}", sha)

    @route("GET", "/git/matching-refs/heads/<path:prefix>", "contents:read", "read")
    def matching_refs(call: Call, prefix: str) -> Answer:
        found = sorted(call.repo.git.branches(prefix).items())
        return call.page(found, lambda pair: parts.git_payloads.ref(call.repo, f"refs/heads/{pair[0]}", pair[1]))

    @route("POST", "/git/refs", "contents:write", "write")
    def create_ref(call: Call) -> Answer:
        name, sha = call.text("ref"), call.text("sha")
        if not name.startswith("refs/heads/"):
            raise ApiError(422, f"Reference name '{name}' must start with 'refs/heads/'.")
        parts.pulls.create_branch(call.repo, call.by, name.removeprefix("refs/heads/"), sha)
        return 201, parts.git_payloads.ref(call.repo, name, sha)

    @route("DELETE", "/git/refs/heads/<path:branch>", "contents:write", "write")
    def delete_ref(call: Call, branch: str) -> Answer:
        parts.pulls.delete_branch(call.repo, call.by, branch)
        return None

    @route("GET", "/git/commits/<sha>", "contents:read", "read")
    def git_commit(call: Call, sha: str) -> Answer:
        return parts.git_payloads.git_commit(call.repo, _commit(call.repo, sha))

    @route("GET", "/git/blobs/<sha>", "contents:read", "read")
    def git_blob(call: Call, sha: str) -> Answer:
        try:
            content = call.repo.git.blob(sha)
        except GitError as error:
            raise ApiError(404, "Not Found") from error
        return parts.git_payloads.blob(call.repo, sha, content)

    @route("GET", "/commits/<path:ref>", "contents:read", "read")
    def commit(call: Call, ref: str) -> Answer:
        found = _commit(call.repo, ref)
        files = call.repo.git.diff(found.parents[0], found.sha) if found.parents else []
        return {
            **parts.git_payloads.commit(call.repo, found),
            "stats": {
                "additions": sum(file.additions for file in files),
                "deletions": sum(file.deletions for file in files),
                "total": sum(file.additions + file.deletions for file in files),
            },
            "files": [parts.git_payloads.file(call.repo, file, found.sha) for file in files],
        }

    return endpoints.blueprint


def _user(parts: Parts, login: str) -> User:
    user = parts.state.users.get(login)
    if user is None:
        raise ApiError(404, "Not Found")
    return user


def _commit(repo: Repository, ref: str) -> Commit:
    sha = repo.git.resolve(ref)
    if sha is None:
        raise ApiError(422, f"No commit found for SHA: {ref}")
    return repo.git.log(sha, 1)[0]


def _permissions(call: Call) -> dict[str, bool]:
    role = call.repo.role(call.by.user)
    return {"admin": role == "admin", "push": role in ("admin", "write"), "pull": True}
