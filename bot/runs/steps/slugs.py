"""The service's name: which ones other issues have, and one for this issue, before any code is written."""

from __future__ import annotations

from collections.abc import Collection

from bot.generate.draft import slug as another_slug
from bot.runs.steps.bound import BoundSteps
from bot.values.naming import issue_branches, issue_of_branch
from bot.values.overview import Overview
from bot.values.service import Spec


class SlugSteps(BoundSteps):
    """What a run asks and says of names. A service on the default branch has its own by its folder."""

    def held(self, overview: Overview) -> dict[str, int]:
        """Return the names that other issues have for services that are to come, each with its issue.

        An issue has one while its run is at work, or a pull request of it is open.
        """
        request = self._request

        def read() -> dict[str, int]:
            slugs, services = self._flow.slugs, frozenset(overview.services)
            held = slugs.held(request.repo)
            if not held and overview.open_pulls:
                # The database is new: what the bot has begun before, GitHub shows.
                held = self._of_pulls(services)
                for slug, issue in held.items():
                    slugs.take(request.repo, slug, issue)
            others = {slug: issue for slug, issue in held.items() if issue != request.issue and slug not in services}
            return {slug: issue for slug, issue in others.items() if self._needs(slug, issue)}

        return self._flow.step("names held", read, returns=dict[str, int])

    def hold(self, spec: Spec, taken: Collection[str]) -> str:
        """Return the name that this issue has from now on: the specification's, or another one where an issue was
        faster.

        Args:
            taken: names that it cannot have.
        """

        def hold() -> str:
            slug, refused = spec.slug, set(taken)
            while not self._flow.slugs.take(self._request.repo, slug, self._request.issue):
                refused.add(slug)
                slug = another_slug(spec.slug, spec.title, refused)
            return slug

        return self._flow.step("hold name", hold, returns=str)

    def _needs(self, slug: str, issue: int) -> bool:
        """Return whether an issue needs its name; one that does not has it no more."""
        repo = self._request.repo
        if self._flow.at_work(repo, issue) or self._has_open_pull(issue):
            return True
        # It may have been merged in this moment.
        if slug in self._repository.services(self._repository.default_branch()):
            return True
        self._flow.slugs.release(repo, slug, issue)
        return False

    def _has_open_pull(self, issue: int) -> bool:
        pulls = (self._repository.find_pull(branch) for branch in self._repository.branches(issue_branches(issue)))
        return any(pull is not None and pull.state == "open" for pull in pulls)

    def _of_pulls(self, services: Collection[str]) -> dict[str, int]:
        """Return the names of the services in the bot's open pull requests, each with its issue."""
        found: dict[str, int] = {}
        for pull in self._repository.newest_pulls("").items or ():
            issue = None if pull.fork or pull.closed_at is not None else issue_of_branch(pull.head_ref)
            if issue is not None:
                found |= {slug: issue for slug in self._repository.services(pull.head_ref) if slug not in services}
        return found
