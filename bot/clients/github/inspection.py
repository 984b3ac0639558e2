"""How a repository is set up. Much of it only an administrator's token may see; what it may not see is None."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Any, TypeVar
from urllib.parse import quote

from github.Repository import Repository as Remote

from bot.clients.github.calls import Calls
from bot.clients.github.errors import Rejected
from bot.errors import Hindrance, Unavailable
from bot.values.inspection import Configured, JobSeen, Runner

T = TypeVar("T")
_REFUSED = (403, 404)


class Inspection(Calls):
    """Verbs of a doctor."""

    def has_label(self, name: str) -> bool:
        """Return whether there is a label of that name."""
        return self._seen_json(f"look for the label `{name}`", f"/labels/{quote(name, safe='')}") is not None

    def number(self) -> int:
        """Return the repository's id, which it keeps under another name or owner; 0 where it cannot be seen."""
        found = self._seen_json("see its id", "")
        return int(found["id"]) if found else 0

    def is_private(self) -> bool:
        """Return whether not everybody may read the repository."""
        found = self._seen_json("see whether it is private", "")
        return bool(found and found["private"])

    def actions_enabled(self) -> bool | None:
        """Return whether the repository runs workflows at all."""
        found = self._seen_json("see whether Actions are on", "/actions/permissions")
        return None if found is None else bool(found["enabled"])

    def runners(self) -> list[Runner] | None:
        """Return the repository's own self-hosted runners, at most 100; an organization's are not among them."""
        found = self._seen_json("see the runners", "/actions/runners", per_page=100)
        if found is None:
            return None
        return [
            Runner(
                name=each["name"],
                labels=frozenset(label["name"] for label in each["labels"]),
                online=each["status"] == "online",
            )
            for each in found["runners"]
        ]

    def configured(self, environment: str = "") -> Configured | None:
        """Return the variables and the names of the secrets of one of the repository's environments, or those of the
        repository with what its organization shares with it."""
        place = f"/environments/{quote(environment, safe='')}/" if environment else "/actions/"
        variables = self._seen_json("see the variables", f"{place}variables", per_page=30)
        secrets = self._seen_json("see the names of the secrets", f"{place}secrets", per_page=100)
        if variables is None or secrets is None:
            return None
        shared = [variables], [secrets]
        if not environment:
            for found, kind in zip(shared, ("variables", "secrets"), strict=True):
                found.insert(0, self._seen_json(f"see shared {kind}", f"{place}organization-{kind}", per_page=30) or {})
        return Configured(
            variables={each["name"]: each["value"] for found in shared[0] for each in found.get("variables", ())},
            secrets=frozenset(each["name"] for found in shared[1] for each in found.get("secrets", ())),
        )

    def queued_since(self) -> float | None:
        """Return since when the workflow run waits for a runner that has waited longest, in seconds since the epoch."""
        found = self._seen_json("see what is queued", "/actions/runs", status="queued", per_page=100)
        times = [
            datetime.fromisoformat(run["created_at"]).timestamp() for run in (found or {}).get("workflow_runs", ())
        ]
        return min(times, default=None)

    def last_jobs(self, workflow_file: str) -> tuple[str, list[JobSeen]] | None:
        """Return page and jobs of the newest workflow run of a file that has ended green or red; None without one."""
        path = f"/actions/workflows/{quote(workflow_file)}/runs"
        found = self._seen_json(f"look for runs of `{workflow_file}`", path, status="completed", per_page=20)
        runs = [run for run in (found or {}).get("workflow_runs", ()) if run["conclusion"] in ("success", "failure")]
        if not runs:
            return None
        newest = max(runs, key=lambda run: run["id"])
        jobs = self._seen_json("read its jobs", f"/actions/runs/{newest['id']}/jobs", per_page=100)
        return newest["html_url"], [_job(job) for job in (jobs or {}).get("jobs", ())]

    def live_addresses(self) -> list[str]:
        """Return the addresses of what was deployed last, of different environments, the newest first."""
        found = self._seen_json("look for deployments", "/deployments", per_page=10) or []
        newest = {each["environment"]: each["id"] for each in reversed(found)}
        addresses = []
        for number in sorted(newest.values(), reverse=True)[:3]:
            statuses = self._seen_json("read a deployment", f"/deployments/{number}/statuses", per_page=1) or []
            addresses += [each["environment_url"] for each in statuses if each["state"] == "success"]
        return [address for address in addresses if address]

    def _seen_json(self, doing: str, path: str, **parameters: Any) -> Any:
        return self._seen(doing, lambda remote: self._json(remote, "GET", path, **parameters))

    def _seen(self, doing: str, call: Callable[[Remote], T]) -> T | None:
        """Return what GitHub answers, or None where it is not there or these credentials may not see it."""
        try:
            return self._read(doing, call)
        except Rejected as error:
            if error.status in _REFUSED:
                return None
            raise
        except Unavailable as error:
            if error.hindrance is Hindrance.PERMISSION:
                return None
            raise


def _job(job: dict[str, Any]) -> JobSeen:
    steps = job.get("steps") or []
    return JobSeen(
        succeeded=tuple(step["name"] for step in steps if step["conclusion"] == "success"),
        failed=tuple(step["name"] for step in steps if step["conclusion"] == "failure"),
    )
