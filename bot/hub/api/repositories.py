"""REST: the App's own endpoints, the repository, its files and refs, issues, comments and reactions."""

from __future__ import annotations

from datetime import UTC, datetime

from flask import Blueprint, Response, g, request

from bot.hub.access import ApiError
from bot.hub.api.endpoints import Answer, Call, Endpoints, identify, json_body, respond
from bot.hub.git.repository import Commit, GitError
from bot.hub.issues import invalid
from bot.hub.parts import Parts
from bot.hub.payloads.issues import Json, stamp
from bot.hub.state.store import Issue, Repository, User

ISSUES_READ, ISSUES_WRITE = "issues:read|pull_requests:read", "issues:write|pull_requests:write"


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


def issue_endpoints(parts: Parts) -> Blueprint:
    """Endpoints about issues; pull requests are issues here too."""
    endpoints = Endpoints(parts, "issues")
    route = endpoints.route

    def as_json(repo: Repository, issue: Issue) -> dict[str, object]:
        return parts.payloads.issue(repo, issue, parts.state.app)

    @route("POST", "/issues", "issues:write", "read")
    def create(call: Call) -> Answer:
        # GitHub drops the labels silently where the author may not set any.
        names = call.body.get("labels") or [] if call.by.may(call.repo, "issues:write", "write") else []
        labels = [name if isinstance(name, str) else str(name.get("name")) for name in names]
        issue = parts.issues.open(call.repo, call.by, call.text("title"), call.text("body"), labels)
        return 201, as_json(call.repo, issue)

    @route("GET", "/issues/<int:number>", ISSUES_READ, "read")
    def get(call: Call, number: int) -> Answer:
        return as_json(call.repo, find_issue(call.repo, number))

    @route("PATCH", "/issues/<int:number>", ISSUES_WRITE, "write")
    def edit(call: Call, number: int) -> Answer:
        issue = find_issue(call.repo, number)
        parts.issues.edit(call.repo, issue, call.by, call.text("title", issue.title), call.text("body", issue.body))
        state = call.text("state", issue.state)
        if issue.pull:
            parts.pulls.set_state(call.repo, issue, issue.pull, call.by, state)
        else:
            parts.issues.set_state(call.repo, issue, call.by, state, call.text("state_reason") or None)
        return as_json(call.repo, issue)

    @route("GET", "/issues/<int:number>/labels", ISSUES_READ, "read")
    def labels(call: Call, number: int) -> Answer:
        found = find_issue(call.repo, number).labels
        return call.page(found, lambda label: parts.payloads.label(call.repo, label))

    @route("POST", "/issues/<int:number>/labels", ISSUES_WRITE, "write")
    def add_labels(call: Call, number: int) -> Answer:
        issue = find_issue(call.repo, number)
        parts.issues.add_labels(call.repo, issue, call.by, [str(name) for name in call.body.get("labels") or ()])
        return [parts.payloads.label(call.repo, each) for each in issue.labels]

    @route("DELETE", "/issues/<int:number>/labels/<path:label>", ISSUES_WRITE, "write")
    def remove_label(call: Call, number: int, label: str) -> Answer:
        issue = find_issue(call.repo, number)
        parts.issues.remove_label(call.repo, issue, call.by, label)
        return [parts.payloads.label(call.repo, each) for each in issue.labels]

    @route("GET", "/issues/<int:number>/comments", ISSUES_READ, "read")
    def comments(call: Call, number: int) -> Answer:
        issue = find_issue(call.repo, number)
        app = parts.state.app
        since = _since()
        # By when they were last changed: https://docs.github.com/en/rest/issues/comments#list-issue-comments
        found = [comment for comment in issue.comments if since is None or comment.updated_at >= since]
        return call.page(found, lambda comment: parts.payloads.comment(call.repo, issue, comment, app))

    @route("POST", "/issues/<int:number>/comments", ISSUES_WRITE, "read")
    def create_comment(call: Call, number: int) -> Answer:
        issue = find_issue(call.repo, number)
        comment = parts.issues.comment(call.repo, issue, call.by, call.text("body"))
        return 201, parts.payloads.comment(call.repo, issue, comment, parts.state.app)

    @route("GET", "/issues/comments/<int:comment_id>", ISSUES_READ, "read")
    def get_comment(call: Call, comment_id: int) -> Answer:
        issue, comment = parts.issues.find_comment(call.repo, comment_id)
        return parts.payloads.comment(call.repo, issue, comment, parts.state.app)

    @route("PATCH", "/issues/comments/<int:comment_id>", ISSUES_WRITE, "read")
    def edit_comment(call: Call, comment_id: int) -> Answer:
        issue, comment = parts.issues.find_comment(call.repo, comment_id)
        if comment.author != call.by.user and not call.by.may(call.repo, "administration:write", "write"):
            raise ApiError(403, "Resource not accessible by integration")
        parts.issues.edit_comment(comment, call.text("body"))
        return parts.payloads.comment(call.repo, issue, comment, parts.state.app)

    @route("GET", "/issues/<int:number>/reactions", ISSUES_READ, "read")
    def reactions(call: Call, number: int) -> Answer:
        return call.page(find_issue(call.repo, number).reactions, parts.payloads.reaction)

    @route("POST", "/issues/<int:number>/reactions", ISSUES_WRITE, "read")
    def react(call: Call, number: int) -> Answer:
        reaction, new = parts.issues.react(find_issue(call.repo, number), call.by, call.text("content"))
        return 201 if new else 200, parts.payloads.reaction(reaction)

    @route("GET", "/issues/comments/<int:comment_id>/reactions", ISSUES_READ, "read")
    def comment_reactions(call: Call, comment_id: int) -> Answer:
        return call.page(parts.issues.find_comment(call.repo, comment_id)[1].reactions, parts.payloads.reaction)

    @route("POST", "/issues/comments/<int:comment_id>/reactions", ISSUES_WRITE, "read")
    def react_to_comment(call: Call, comment_id: int) -> Answer:
        comment = parts.issues.find_comment(call.repo, comment_id)[1]
        reaction, new = parts.issues.react(comment, call.by, call.text("content"))
        return 201 if new else 200, parts.payloads.reaction(reaction)

    return endpoints.blueprint


def find_issue(repo: Repository, number: int) -> Issue:
    if number not in repo.issues:
        raise ApiError(404, "Not Found")
    return repo.issues[number]


def _since() -> datetime | None:
    """Return the time that the request's `since` names, or None."""
    text = request.args.get("since")
    if text is None:
        return None
    try:
        since = datetime.fromisoformat(text)
    except ValueError as error:
        raise invalid("IssueComment", "since", "invalid") from error
    return since if since.tzinfo else since.replace(tzinfo=UTC)


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
