"""Turn act's output (one JSON object a line) into jobs, steps and logs."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from bot.hub import workflows
from bot.hub.act.job_log import JobLog, run_title
from bot.hub.act.shell import answer_shell
from bot.hub.state import Job, Step

RUNNER = "act"


class JobStream:
    """One job: what the workflow file says of it, and what has become of it."""

    def __init__(self, job_id: str, workflow: Mapping[Any, Any], logs: Path, folder: Path) -> None:
        self._definition: Mapping[str, Any] = workflow["jobs"][job_id]
        self._workflow = workflow
        self._folder = folder
        self._steps: list[dict[str, Any]] = self._definition.get("steps") or []
        self.job = Job(name=str(self._definition.get("name") or job_id), log=logs / f"{job_id}.txt", key=job_id)
        names = ["Set up job", *(str(step.get("name") or run_title(step)) for step in self._steps), "Complete job"]
        self.job.steps = [Step(name=name, number=number) for number, name in enumerate(names, start=1)]
        self._index = {"--setup-job": 0, "--complete-job": len(names) - 1}
        for number, step in enumerate(self._steps):
            self._index[str(step.get("id", number))] = number + 1
        self._stop_token = ""
        self.log: JobLog | None = None

    def start(self, secrets: list[str]) -> JobLog:
        """Mark the job as running and open its log; called by its first event."""
        if self.log is None:
            self.job.status, self.job.started_at = "in_progress", _now()
            self.log = JobLog(self.job.log, secrets)
            self.log.start_job(self.job.name, RUNNER)
        return self.log

    def feed(self, event: Mapping[str, Any], log: JobLog) -> bool:
        """Take one of act's events for this job; return whether a step or the job began or ended."""
        if "jobResult" in event:
            self.finish(str(event["jobResult"]))
            return True
        identifiers = event.get("stepID") or event.get("stepid")
        if not identifiers or identifiers[0] not in self._index or event.get("stage") in {"Pre", "Post"}:
            return False
        step = self.job.steps[self._index[identifiers[0]]]
        message = str(event.get("msg", ""))
        if event.get("raw_output"):
            if (output := answer_shell(self._folder, message)) is not None:
                log.write(output)
        elif "command" in event:
            self._command(event, log)
        elif "stepResult" in event:
            # A step skipped by its `if` ends without having begun.
            step.status, step.conclusion, step.completed_at = "completed", str(event["stepResult"]), _now()
            return True
        elif event.get("level") == "error":
            log.fail_step(message)
        elif step.status == "queued" and "Run " in message:
            step.status, step.started_at = "in_progress", _now()
            self._open(step, log)
            return True
        return False

    def finish(self, conclusion: str) -> None:
        """Close the job, its open steps and its log; harmless when it is closed already."""
        if self.job.status == "completed":
            return
        ended = "cancelled" if conclusion in {"cancelled", "timed_out"} else "skipped"
        for step in self.job.steps:
            if step.status != "completed":
                step.conclusion = ended if step.status == "in_progress" else "skipped"
                step.status, step.completed_at = "completed", _now()
        self.job.status, self.job.conclusion, self.job.completed_at = "completed", conclusion, _now()
        if self.log is not None:
            self.log.close()

    def _open(self, step: Step, log: JobLog) -> None:
        if 1 < step.number <= len(self._steps) + 1:
            definition = self._steps[step.number - 2]
            defaults = {**_shell(self._workflow), **_shell(self._definition)}
            env = {
                name: value
                for scope in (self._workflow, self._definition, definition)
                for name, value in (scope.get("env") or {}).items()
            }
            log.start_step({**defaults, **definition}, env)

    def _command(self, event: Mapping[str, Any], log: JobLog) -> None:
        name, argument = str(event["command"]), str(event.get("arg", ""))
        if name == "stop-commands":
            self._stop_token = argument
        elif name == "add-mask":
            log.mask(argument)
        elif name == "ignored":
            log.write(str(event.get("raw", "")))
        elif name != self._stop_token:
            log.command(name, argument)


class Stream:
    """All jobs of one run, fed with act's output.

    `folder` is the run's own, where its shell is. `changed` is called with all jobs whenever a job or step begins or
    ends.
    """

    def __init__(
        self, workflow: str, logs: Path, secrets: list[str], changed: Callable[[list[Job]], None], folder: Path
    ) -> None:
        data = workflows.load(workflow)
        self._streams = {str(job_id): JobStream(str(job_id), data, logs, folder) for job_id in data.get("jobs") or {}}
        self._secrets = secrets
        self._changed = changed
        self._complaints: list[str] = []

    @property
    def jobs(self) -> list[Job]:
        return [stream.job for stream in self._streams.values()]

    def running(self) -> dict[str, datetime]:
        """Return when each job that has begun and not ended began, by job id."""
        return {
            job_id: stream.job.started_at
            for job_id, stream in self._streams.items()
            if stream.job.status == "in_progress" and stream.job.started_at is not None
        }

    def feed(self, line: str) -> None:
        """Take one line of act's output; what is not for a job is kept for `finish`."""
        try:
            event = json.loads(line)
        except ValueError:
            event = None
        if not isinstance(event, dict) or event.get("jobID") not in self._streams:
            if not isinstance(event, dict) or event.get("level") in {"error", "fatal"}:
                self._complaints = [*self._complaints, line.strip()][-20:]
            return
        stream = self._streams[event["jobID"]]
        begun = stream.log is None
        if stream.feed(event, stream.start(self._secrets)) or begun:
            self._changed(self.jobs)

    def note(self, job_id: str, message: str) -> None:
        """Add an error to a running job's log."""
        stream = self._streams[job_id]
        if stream.log is not None and stream.job.status == "in_progress":
            stream.log.write(f"##[error]{message}")

    def finish(self, conclusion: str, late: str | None = None) -> None:
        """Close all jobs: those that ran get `conclusion` (`late` names the one that was too slow), others are skipped.

        When act failed before any job began, its complaint becomes the first job's log.
        """
        begun = [stream for stream in self._streams.values() if stream.log is not None]
        if conclusion == "failure" and not begun and self._streams:
            first = next(iter(self._streams.values()))
            log = first.start(self._secrets)
            for complaint in self._complaints or ["The workflow did not start."]:
                log.write(f"##[error]{complaint}")
        for job_id, stream in self._streams.items():
            if stream.log is None:
                stream.finish("cancelled" if conclusion == "cancelled" else "skipped")
            elif conclusion == "timed_out":
                stream.finish("timed_out" if job_id == late else "cancelled")
            else:
                stream.finish(conclusion)
        self._changed(self.jobs)


def _shell(scope: Mapping[str, Any]) -> dict[str, Any]:
    shell = ((scope.get("defaults") or {}).get("run") or {}).get("shell")
    return {"shell": shell} if shell else {}


def _now() -> datetime:
    return datetime.now(UTC)
