"""Check runs: what came of a build, with annotations on the lines where it lies."""

from __future__ import annotations

from github.Repository import Repository as Remote

from bot.clients.github.calls import Calls
from bot.clients.github.errors import Rejected
from bot.errors import Hindrance, Unavailable
from bot.foreign import from_log, one_line
from bot.values.checks import CheckRun


class Checks(Calls):
    """The verb on check runs."""

    def report_check(self, check: CheckRun, *, look_first: bool) -> bool:
        """Create a check run that is completed; GitHub shows the newest of a name.

        https://docs.github.com/en/rest/checks/runs#create-a-check-run

        Args:
            look_first: an earlier try may have created it, so that it is looked for.

        Returns:
            False where the App may not write check runs: the owner of its installation has not granted it.
        """
        if look_first and self._is_there(check):
            return True
        notes = [
            {
                "path": note.path,
                "start_line": note.line,
                "end_line": note.line,
                "annotation_level": "failure",
                "message": from_log(note.message),
            }
            for note in check.annotations
        ]
        said = {
            "name": check.name,
            "head_sha": check.head_sha,
            "external_id": check.external_id,
            "details_url": check.url,
            "status": "completed",
            "conclusion": check.conclusion,
            "output": {"title": one_line(from_log(check.title)), "summary": check.summary, "annotations": notes},
        }
        try:
            self._write(
                f"report the build of {check.head_sha[:7]}",
                lambda remote: self._send(remote, "POST", "/check-runs", said),
            )
        except Rejected as error:
            if error.status == 403:
                return False
            raise
        except Unavailable as error:
            if error.hindrance is Hindrance.PERMISSION:
                return False
            raise
        return True

    def _is_there(self, check: CheckRun) -> bool:
        login = self.credentials.login()

        def look(remote: Remote) -> bool:
            path = f"/commits/{check.head_sha}/check-runs"
            found = self._json(remote, "GET", path, check_name=check.name, filter="all", per_page=100)
            return any(
                run["external_id"] == check.external_id and f"{(run['app'] or {}).get('slug')}[bot]" == login
                for run in found["check_runs"]
            )

        return self._read(f"look for check runs of {check.head_sha[:7]}", look)
