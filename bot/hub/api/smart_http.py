"""`git clone` and `git push` over HTTP, through git's own CGI program.

https://git-scm.com/docs/git-http-backend
"""

from __future__ import annotations

import subprocess
from collections.abc import Mapping

from flask import Blueprint, Response, request

from bot.hub.access import ApiError, Caller
from bot.hub.git import ENVIRONMENT, NO_COMMIT, git_executable, rules_environment
from bot.hub.judgement import refused_changes
from bot.hub.merging import person
from bot.hub.parts import Parts, current_parts
from bot.hub.state import Repository

_SERVICES = ("git-upload-pack", "git-receive-pack")


BLUEPRINT = Blueprint("git", __name__)


@BLUEPRINT.route("/<owner>/<name>.git/<path:path>", methods=["GET", "POST"])
def serve(owner: str, name: str, path: str) -> Response:
    """Answer what git asks for below a repository's address."""
    parts = current_parts()
    repo = parts.state.repository(f"{owner}/{name}")
    service = request.args.get("service", "") if path == "info/refs" else path
    if repo is None or service not in _SERVICES:
        return Response("Repository not found.\n", 404, mimetype="text/plain")
    if service == "git-upload-pack" and not repo.private:
        return _backend(repo, path, "", {})
    pusher = _pusher(parts, repo)
    if isinstance(pusher, Response):
        return pusher
    if service == "git-upload-pack":
        return _backend(repo, path, "", {})
    with parts.state.lock:
        before = repo.git.branches()
        rules = rules_environment(refused_changes(repo, person(pusher)))
        answer = _backend(repo, path, pusher.user.login, rules)
        after = repo.git.branches()
        for branch in before.keys() | after.keys():
            old, new = before.get(branch, NO_COMMIT), after.get(branch, NO_COMMIT)
            if old != new:
                parts.pulls.moved(repo, pusher, branch, old, new)
    return answer


def _pusher(parts: Parts, repo: Repository) -> Caller | Response:
    """Return who pushes, by the token that git sends as a password, or the refusal."""
    try:
        password = request.authorization.password if request.authorization else None
        caller = parts.access.caller(password)
    except ApiError:
        caller = None
    if caller is None:
        headers = {"WWW-Authenticate": 'Basic realm="hub"'}
        return Response("A token is needed as the password.\n", 401, headers, mimetype="text/plain")
    if not caller.sees(repo) or not caller.may(repo, "contents:write", "write"):
        return Response(f"Permission to {repo.full_name} denied.\n", 403, mimetype="text/plain")
    return caller


def _backend(repo: Repository, path: str, user: str, rules: Mapping[str, str]) -> Response:
    body = request.get_data()
    done = subprocess.run(
        [git_executable(), "http-backend"],
        input=body,
        capture_output=True,
        check=True,
        env={
            **ENVIRONMENT,
            **rules,
            "GIT_HTTP_EXPORT_ALL": "1",
            # Who may push was decided above.
            "GIT_CONFIG_COUNT": "1",
            "GIT_CONFIG_KEY_0": "http.receivepack",
            "GIT_CONFIG_VALUE_0": "true",
            "GIT_PROJECT_ROOT": str(repo.git.path.parent),
            "GIT_PROTOCOL": request.headers.get("Git-Protocol", ""),
            "PATH_INFO": f"/{repo.git.path.name}/{path}",
            "QUERY_STRING": request.query_string.decode(),
            "REQUEST_METHOD": request.method,
            "CONTENT_TYPE": request.headers.get("Content-Type", ""),
            "CONTENT_LENGTH": str(len(body)),
            "HTTP_CONTENT_ENCODING": request.headers.get("Content-Encoding", ""),
            "REMOTE_USER": user,
            "REMOTE_ADDR": request.remote_addr or "",
        },
    )
    head, _, content = done.stdout.partition(b"\r\n\r\n")
    fields = [line.split(": ", 1) for line in head.decode().split("\r\n")]
    headers = {name: value for name, value in fields if name != "Status"}
    status = next((int(value.split()[0]) for name, value in fields if name == "Status"), 200)
    return Response(content, status, headers)
