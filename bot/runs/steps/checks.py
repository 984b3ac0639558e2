"""The check run of a build: what came of it, shown on the pull request and at the lines where it lies."""

from __future__ import annotations

import logging
from typing import Literal

from bot.errors import UserError
from bot.foreign import redacted
from bot.generate.files import texts
from bot.render import markdown
from bot.runs.annotations import annotate, file_within
from bot.runs.candidate import Candidate
from bot.runs.steps.bound import BoundSteps
from bot.values.build import BuildFacts
from bot.values.checks import CheckRun
from bot.values.failure import Failure
from bot.values.github import WorkflowRun
from bot.values.naming import CHECK, service_folder

log = logging.getLogger(__name__)

_LONGEST = 65_535
"""Bytes that GitHub takes in a summary."""
_UNKNOWN = BuildFacts()


class CheckSteps(BoundSteps):
    """What a run says of builds on GitHub's own page of them.

    A build has one check run, created when its result is known: GitHub Actions shows that it is under way, and one
    request says all. It is for people: what a run waits for is the workflow run, and where GitHub does not take the
    check run, the run goes on.
    """

    _refused = False
    """The App may not write check runs in this repository; that is said once a run."""

    def report(
        self,
        candidate: Candidate,
        built: WorkflowRun,
        failure: Failure | None = None,
        facts: BuildFacts = _UNKNOWN,
    ) -> None:
        """Say what came of the build of a candidate's head.

        Args:
            failure: what it died of; None where it is green, or has no result.
            facts: what a green build states.
        """
        if self._refused:
            return
        # This run has pushed the head: nobody but an earlier try of this step can have reported its build.
        look_first = self._flow.replayed or not candidate.pushed

        def report() -> bool:
            nonlocal look_first
            looked, look_first = look_first, True
            check = self._check(candidate, built, failure, facts)
            return self._repository.report_check(check, look_first=looked)

        try:
            self._refused = not self._flow.step("report build", report, returns=bool)
        except UserError as error:
            log.warning("%s: no check run for %s: %s", self._flow.run_id, built.head_sha[:7], error)
            return
        if self._refused:
            log.warning(
                "%s: %s shows no check runs: the App's new permission to write them has to be accepted there",
                self._flow.run_id,
                self._request.repo,
            )

    def _check(self, candidate: Candidate, built: WorkflowRun, failure: Failure | None, facts: BuildFacts) -> CheckRun:
        spec = candidate.brief.spec
        folder, language = service_folder(spec.slug), spec.language
        files = self._files(candidate, folder, failure) if failure else {}
        return CheckRun(
            name=CHECK,
            head_sha=built.head_sha,
            external_id=f"{built.id}/{built.attempt}",
            conclusion=_conclusion(built, failure),
            url=built.url,
            title=_title(built, failure, facts, language),
            summary=_summary(built, failure, facts, language),
            annotations=annotate(failure, files, folder) if failure else (),
        )

    def _files(self, candidate: Candidate, folder: str, failure: Failure) -> dict[str, str]:
        """Return the files that were built, as far as the failure is about them."""
        known = texts(candidate.service)
        if candidate.pushed and (not failure.file or file_within(failure.file, known, folder)):
            return known
        return self._repository.folder(folder, candidate.head)


def _conclusion(built: WorkflowRun, failure: Failure | None) -> Literal["success", "failure", "cancelled"]:
    # No "neutral" or "skipped" where there is no result: rules that require the check would be content with that.
    return "success" if built.green else "failure" if failure else "cancelled"


def _title(built: WorkflowRun, failure: Failure | None, facts: BuildFacts, language: str) -> str:
    if failure:
        return failure.headline
    return markdown("check_title.md.j2", language, built=built, facts=facts).strip()


def _summary(built: WorkflowRun, failure: Failure | None, facts: BuildFacts, language: str) -> str:
    excerpt = redacted(failure.excerpt) if failure else ""
    text = markdown("check.md.j2", language, built=built, failure=failure, facts=facts, excerpt=excerpt).strip()
    return text.encode()[:_LONGEST].decode("utf-8", "ignore")
