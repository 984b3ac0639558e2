"""Branches and pull requests, one step an effect."""

from __future__ import annotations

import json
from collections.abc import Collection, Mapping, Sequence

from bot.clients.github.contents import NewCommit
from bot.errors import UserError
from bot.generate.files import Blueprint, changed_files, read_service, service_files
from bot.guard.paths import path_faults
from bot.render import comment, render
from bot.runs.steps.context import BaseSteps
from bot.values.github import Pull
from bot.values.naming import ISSUE_TRAILER, branch_name
from bot.values.service import Dispute, Fix, Fixture, Service, Spec, Strategy


class PullSteps(BaseSteps):
    """What a run does to branches and pull requests.

    Attributes:
        fixtures: the files that tests read; they are pushed with the first commit.
    """

    fixtures: tuple[Fixture, ...] = ()

    def start_branch(self, number: int, spec: Spec, strategy: Strategy, service: Service) -> tuple[str, str]:
        """Push a strategy's first commit to a branch of its own; return the branch and the commit's sha."""
        branch = branch_name(self.flow.run_id, number, strategy.name)
        commit_id = f"{branch}/0"

        def push() -> str:
            image = self._world.packages.base_image()
            files = service_files(Blueprint(spec, strategy, self._request.issue, image, self.fixtures), service)
            refuse_paths(files, spec.slug)
            commit = NewCommit(f"Add {spec.slug}: {strategy.name}", files, commit_id)
            return self._repository.start_branch(branch, commit)

        return branch, self.flow.step("push branch", push, returns=str)

    def open_pull(self, branch: str, spec: Spec, strategy: Strategy) -> Pull:
        """Open the pull request of a branch."""
        title = f"{spec.title}: {strategy.name}"
        body = render("comments/pull.md.j2", issue=self._request.issue, spec=spec, strategy=strategy)
        return self.flow.step(
            "open pull request", lambda: self._repository.ensure_pull(branch, title, body), returns=Pull
        )

    def pull(self, number: int) -> Pull:
        """Read a pull request."""
        return self.flow.step("read pull request", lambda: self._repository.pull(number), returns=Pull)

    def reopen(self, number: int) -> None:
        """Open a closed pull request again."""
        self.flow.step("reopen pull request", lambda: self._repository.reopen_pull(number), returns=None)

    def read_branch(self, pull: Pull) -> tuple[Spec, Strategy, Service]:
        """Read the service that is on a pull request's branch, whoever wrote it."""

        def read() -> tuple[Spec, Strategy, Service]:
            known = set(self._repository.services(self._repository.default_branch()))
            found = set(self._repository.services(pull.head_sha))
            for slug in sorted(found - known) or sorted(found):
                files = self._repository.folder(f"services/{slug}", pull.head_sha)
                if issue_of(files) == self._request.issue:
                    return read_service(files)
            raise UserError(f"Pull request #{pull.number} holds no service of issue #{self._request.issue}.")

        return self.flow.step("read branch", read, returns=tuple[Spec, Strategy, Service])

    def push_fix(self, branch: str, head: str, attempt: int, spec: Spec, before: Service, answer: Fix) -> str | None:
        """Push a fix on top of `head`; return the new head, or None where the fix changes nothing on the branch.

        Raises:
            UserError: somebody else has pushed meanwhile.
        """
        commit_id = f"{self.flow.run_id.rpartition('#')[2]}/{branch}/{attempt}"

        def push() -> str | None:
            files = self._repository.folder(f"services/{spec.slug}", head)
            changed = changed_files(before, answer.service, files)
            if not changed:
                return None
            refuse_paths(changed, spec.slug, [f"services/{spec.slug}/{name}" for name in files])
            message = f"Fix {attempt}: {_subject(answer.diagnosis)}\n\n{answer.diagnosis}"
            return self._repository.commit(branch, head, NewCommit(message, changed, commit_id))

        return self.flow.step("push fix", push, returns=str | None)

    def tell_disputes(self, pull: Pull, attempt: int, disputes: Sequence[Dispute]) -> None:
        """Say on the pull request which generated tests a fix has changed, and why."""
        if not disputes:
            return
        marker = f"disputes:{self.flow.run_id}/{attempt}"
        body = comment("disputes.md.j2", marker, disputes=disputes)
        self.flow.step("tell disputes", lambda: self._repository.comment_once(pull.number, marker, body), returns=str)

    def merge(self, pull: Pull, sha: str, spec: Spec) -> str:
        """Merge exactly the tested commit; return the sha of the squash commit."""
        title = f"Add {spec.slug} (#{pull.number})"
        message = f"{spec.summary}\n\n{ISSUE_TRAILER}: {self._request.issue}"
        return self.flow.step(
            "merge", lambda: self._repository.merge_pull(pull.number, sha, title, message), returns=str
        )

    def close_pull(self, number: int) -> None:
        """Close a pull request; its branch stays, so that `/retry` on it can go on."""
        self.flow.step("close pull request", lambda: self._repository.close_pull(number), returns=None)

    def delete_branches(self) -> None:
        """Delete the branches of all strategies of the issue, and with them their pull requests close."""

        def delete() -> None:
            for branch in self._repository.branches(f"gptdeploy/{self._request.issue}-"):
                self._repository.delete_branch(branch)

        self.flow.step("delete branches", delete, returns=None)

    def open_pulls(self) -> list[Pull]:
        """Return the open pull requests of the issue's branches."""

        def find() -> list[Pull]:
            branches = self._repository.branches(f"gptdeploy/{self._request.issue}-")
            found = [self._repository.pull_of(branch) for branch in branches]
            return [pull for pull in found if pull is not None and pull.state == "open"]

        return self.flow.step("find pull requests", find, returns=list[Pull])


def refuse_paths(files: Mapping[str, str | bytes], slug: str, existing: Collection[str] = ()) -> None:
    """Stop before anything is pushed that does not belong into the folder of the service, where `existing` are.

    Raises:
        UserError: names every path, with the reason.
    """
    faults = path_faults(files, slug, existing)
    if faults:
        raise UserError("I will not push these files: " + "; ".join(faults))


def issue_of(files: dict[str, str]) -> int | None:
    """Return the issue a service folder was made for, or None where its service.json does not say."""
    try:
        manifest = json.loads(files.get("service.json", ""))
    except json.JSONDecodeError:
        return None
    return manifest.get("issue") if isinstance(manifest, dict) else None


def _subject(diagnosis: str) -> str:
    """Return the first sentence of a diagnosis, as a commit's subject."""
    first = diagnosis.strip().split("\n", 1)[0].split(". ", 1)[0].rstrip(".")
    return first if len(first) <= 60 else first[:59].rstrip() + "…"
