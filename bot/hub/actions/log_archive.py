"""The logs of an attempt as one archive, in which GitHub keeps them by job and by step.

https://docs.github.com/en/rest/actions/workflow-runs#download-workflow-run-logs
"""

from __future__ import annotations

import io
import zipfile

from bot.hub.state import Attempt, Job


def log_archive(attempt: Attempt) -> bytes:
    """Return a ZIP archive with each job's log as a whole, and with the parts of it that its steps wrote."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        for number, job in enumerate(attempt.jobs.values()):
            if not job.log.is_file():
                continue
            text, folder = job.log.read_text(), job.name.replace("/", "")
            archive.writestr(f"{number}_{folder}.txt", text)
            for step, lines in _by_step(job, text).items():
                archive.writestr(f"{folder}/{step}.txt", "".join(lines))
    return buffer.getvalue()


def _by_step(job: Job, text: str) -> dict[str, list[str]]:
    """Return the lines that were written in the time of each step; steps are known by number and name."""
    begun = [(step.started_at, f"{step.number}_{step.name.replace('/', '')}") for step in job.steps if step.started_at]
    # To the second: the lines of a log know no more.
    times = [(at.strftime("%Y-%m-%dT%H:%M:%S"), name) for at, name in begun]
    found: dict[str, list[str]] = {name: [] for _, name in times}
    for line in text.removeprefix("\ufeff").splitlines(keepends=True):
        before = [name for at, name in times if at <= line[:19]]
        if times:
            found[before[-1] if before else times[0][1]].append(line)
    return found
