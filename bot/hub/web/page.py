"""How the hub's web pages are declared, and what they share: the repository in the address, and who is looking."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

from flask import Blueprint, make_response, render_template, request
from werkzeug.exceptions import BadRequest, NotFound
from werkzeug.wrappers import Response

from bot.hub.access import ApiError, Caller
from bot.hub.parts import Parts, current_parts
from bot.hub.state import Repository

PEOPLE = ("octo", "visitor")
"""Who one can be on the pages: the repository's owner, and somebody who may only read and comment."""
View = Callable[..., Response | str]


@dataclass(frozen=True)
class Visit:
    """One look at a page of a repository, or something a person does there."""

    parts: Parts
    repo: Repository
    viewer: Caller

    @property
    def may_write(self) -> bool:
        return self.viewer.may(self.repo, "", "write")

    def must_write(self) -> None:
        """Refuse who may only read and comment."""
        if not self.may_write:
            raise BadRequest(f"{self.viewer.user.login} may only read and comment here.")

    def render(self, template: str, **values: Any) -> str:
        return render(template, self.viewer, repo=self.repo, may_write=self.may_write, **values)


class Pages:
    """A blueprint of pages below /<owner>/<name>."""

    def __init__(self, name: str) -> None:
        self.blueprint = Blueprint(name, __name__)

    def page(self, rule: str, *methods: str) -> Callable[[View], View]:
        """Declare a page, for GET or else `methods`; its view is called with a `Visit` and the state's lock held."""

        def declare(view: View) -> View:
            def answer(owner: str, name: str, **path: Any) -> Response | str:
                parts = current_parts()
                with parts.state.lock:
                    repo = parts.state.repository(f"{owner}/{name}")
                    if repo is None or not viewer(parts).sees(repo):
                        raise NotFound
                    visit = Visit(parts, repo, viewer(parts))
                    try:
                        return view(visit, **path)
                    except ApiError as error:
                        if error.status == 404:
                            raise NotFound from error
                        return _refused(visit, error)

            endpoint = f"{view.__name__} {rule}".replace(".", " ")
            self.blueprint.add_url_rule(f"/<owner>/<name>{rule}", endpoint, answer, methods=methods or ("GET",))
            return view

        return declare


def _refused(visit: Visit, error: ApiError) -> Response:
    """Say in GitHub's words why what a person did was refused, with the way back."""
    back = urlsplit(request.referrer or "").path or f"/{visit.repo.full_name}"
    return make_response(visit.render("refused.html", reason=error.reason, back=back), 400)


def viewer(parts: Parts) -> Caller:
    """Return who is looking: the person chosen on the page, the owner at first."""
    login = request.cookies.get("as", "")
    return Caller(parts.state.user(login if login in PEOPLE else PEOPLE[0]))


def render(template: str, viewer: Caller, **values: Any) -> str:
    return render_template(template, viewer=viewer.user, people=PEOPLE, **values)
