"""The Flask application: pages for people and the API for programs, over the parts of the hub that was asked."""

from __future__ import annotations

import time
from functools import cache

from flask import Flask, Response, g, jsonify, request
from werkzeug.exceptions import Forbidden, HTTPException

from bot.hub import api, web
from bot.hub.access import ApiError
from bot.hub.parts import Parts, current_parts
from bot.hub.request_log import ApiRequest, kind_of
from bot.hub.state import now

_LARGEST_BODY = 64 * 1024 * 1024
_API_VERSIONS = ("2022-11-28", "2026-03-10")


@cache
def application() -> Flask:
    """Build the application, one for all hubs of the process: compiling its routes takes a tenth of a second."""
    app = Flask("bot.hub", template_folder="web/templates", static_folder="web/templates/static")
    app.config["MAX_CONTENT_LENGTH"] = _LARGEST_BODY
    app.url_map.strict_slashes = False
    app.jinja_env.trim_blocks = app.jinja_env.lstrip_blocks = True
    app.jinja_env.filters["markdown"] = web.to_html
    app.jinja_env.filters["ago"] = web.ago
    app.jinja_env.globals["took"] = web.took
    app.jinja_env.globals["patch_lines"] = web.patch_lines
    for blueprint in (*api.BLUEPRINTS, *web.BLUEPRINTS):
        app.register_blueprint(blueprint)
    app.before_request(_check_origin)
    app.before_request(_check_version)
    app.before_request(_check_limit)
    app.after_request(_finish)
    app.register_error_handler(ApiError, api.refuse)
    app.register_error_handler(HTTPException, _fail)
    return app


def _check_origin() -> None:
    """A page elsewhere must not make a person's browser post here; the API and git take tokens instead."""
    programs = request.path.startswith(("/api/", "/login/oauth/access_token")) or ".git/" in request.path
    # What a page elsewhere may ask for there, a person still has to confirm.
    protected = not programs and not request.path.endswith(web.REGISTER)
    if request.method == "POST" and protected and request.headers.get("Origin") not in current_parts().origins:
        raise Forbidden("This form does not come from the hub's own pages.")


def _check_version() -> None:
    """https://docs.github.com/en/rest/about-the-rest-api/api-versions#specifying-an-api-version"""
    asked = request.headers.get("X-GitHub-Api-Version", _API_VERSIONS[0])
    if asked not in _API_VERSIONS and request.path.startswith("/api/"):
        raise ApiError(400, f"{asked} is not a supported API version.")


def _check_limit() -> Response | None:
    """https://docs.github.com/en/rest/using-the-rest-api/rate-limits-for-the-rest-api#exceeding-the-rate-limit"""
    parts, resource = current_parts(), _resource()
    if not parts.rate_limit.limited or not request.path.startswith("/api/"):
        return None
    g.owner = parts.access.installed_on(request.headers.get("Authorization"))
    if not parts.rate_limit.refuses(g.owner, resource):
        return None
    message = "API rate limit exceeded for installation."
    if resource == "core":
        raise ApiError(403, message)
    # https://docs.github.com/en/graphql/overview/rate-limits-and-query-limits-for-the-graphql-api#exceeding-the-rate-limit
    return jsonify({"errors": [{"type": "RATE_LIMITED", "message": message}]})


def _resource() -> str:
    return "graphql" if request.path == "/api/graphql" else "core"


def _finish(response: Response) -> Response:
    """Log what a program has asked, and say on pages what a browser may load."""
    if request.path.startswith(("/api/", api.STORED_LOGS)):
        parts = current_parts()
        if request.method == "GET" and response.status_code == 200 and not response.is_streamed:
            # https://docs.github.com/en/rest/using-the-rest-api/best-practices-for-using-the-rest-api#use-conditional-requests-if-appropriate
            response.add_etag(weak=True)
            response.make_conditional(request)
        _log(parts, response)
        authorization, owner = request.headers.get("Authorization", ""), g.get("owner", "")
        response.headers.update(parts.rate_limit.headers(authorization, owner, _resource()))
        asked = request.headers.get("X-GitHub-Api-Version", _API_VERSIONS[0])
        response.headers["X-GitHub-Api-Version-Selected"] = asked
        response.headers["X-GitHub-Media-Type"] = "github.v3; format=json"
    else:
        response.headers["Content-Security-Policy"] = (
            "default-src 'none'; style-src 'self'; script-src 'self'; connect-src 'self'; "
            f"img-src 'self' data: http: https:; form-action 'self' {response.headers.pop('X-Leads-To', '')}; "
            "frame-ancestors 'none'"
        )
    response.headers["X-GitHub-Request-Id"] = f"{len(current_parts().requests):X}"
    response.headers["X-Content-Type-Options"] = "nosniff"
    return response


def _log(parts: Parts, response: Response) -> None:
    """Log a request, and let the App wait for its answer where the hub plays a GitHub that is far away."""
    kind = g.get("kind") or kind_of(request.method, request.path)
    actor = g.get("actor", "")
    parts.requests.append(ApiRequest(now(), request.method, request.path, actor, response.status_code, kind))
    app = parts.state.app
    if parts.latency and app is not None and actor in (app.slug, app.bot.login):
        time.sleep(parts.latency)


def _fail(error: HTTPException) -> Response | HTTPException:
    return api.refuse(error) if request.path.startswith("/api/") else error
