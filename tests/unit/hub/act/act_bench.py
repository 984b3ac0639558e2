"""A repository with one workflow file, and the real act to run it."""

from __future__ import annotations

import os
import re
import subprocess
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

from bot.hub.act import ActRunner, WorkflowOrder
from bot.hub.state import Job

TOKEN = "ghs_0123456789secret"

Changed = Callable[[list[Job]], None]


def git(folder: Path, *arguments: str) -> str:
    identity = {
        "GIT_AUTHOR_NAME": "o",
        "GIT_AUTHOR_EMAIL": "o@x",
        "GIT_COMMITTER_NAME": "o",
        "GIT_COMMITTER_EMAIL": "o@x",
    }
    done = subprocess.run(
        ["git", *arguments], cwd=folder, env={**os.environ, **identity}, check=True, capture_output=True, text=True
    )
    return done.stdout.strip()


def order(git_dir: Path, commit: str, workflow: str, logs: Path, **more: Any) -> WorkflowOrder:
    """Return the order to run a workflow file of a commit: a push to `main`, unless `more` says otherwise."""
    asked = {
        "repository": "octo/demo",
        "git_dir": git_dir,
        "checkout_sha": commit,
        "head_sha": commit,
        "ref": "refs/heads/main",
        "event_name": "push",
        "event": {"ref": "refs/heads/main", "sender": {"login": "octo"}},
        "workflow_path": workflow,
        "run_id": 7,
        "attempt": 2,
        "token": TOKEN,
        "api_url": "http://127.0.0.1:1/api/v3",
        "server_url": "http://127.0.0.1:1",
        "logs": logs,
    }
    return WorkflowOrder(**{**asked, **more})


def carry_out(runner: ActRunner, wanted: WorkflowOrder) -> list[Job]:
    """Run a workflow to its end; return its jobs."""
    jobs: list[Job] = []

    def changed(now: list[Job]) -> None:
        jobs[:] = now

    runner.run(wanted, changed, threading.Event())
    return jobs


class Bench:
    """A bare repository with one workflow file, and the run of it; `kept` are the jobs that are not run again."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.cancelled = threading.Event()
        self.jobs: list[Job] = []
        self.kept: frozenset[str] = frozenset()
        self.variables = {"REGISTRY": "127.0.0.1:5000"}
        self.labels = ["ubuntu-latest"]

    def run(self, workflow: str, on_change: Changed | None = None, **environment: str) -> str:
        work = self.folder / "work"
        (work / ".github/workflows").mkdir(parents=True)
        git(work, "init", "--quiet", "--initial-branch=main")
        git(work, "commit", "--quiet", "--allow-empty", "--message=first")
        (work / ".github/workflows/w.yml").write_text(workflow)
        (work / ".gitignore").write_text("*.log\n")
        (work / "kept.log").write_text("committed\n")
        git(work, "add", "--force", ".")
        git(work, "commit", "--quiet", "--message=second")
        sha = git(work, "rev-parse", "HEAD")
        git(work, "commit", "--quiet", "--allow-empty", "--message=not to be seen")
        git(self.folder, "clone", "--quiet", "--bare", "work", "bare.git")
        self.sha = sha
        runner = ActRunner(self.variables, {"PATH": os.environ["PATH"], **environment}, self.labels)

        def changed(jobs: list[Job]) -> None:
            self.jobs = jobs
            if on_change is not None:
                on_change(jobs)

        wanted = order(self.folder / "bare.git", sha, ".github/workflows/w.yml", self.folder / "logs", kept=self.kept)
        return runner.run(wanted, changed, self.cancelled)

    def log(self, number: int = 0) -> list[str]:
        """The job's log without timestamps, after checking that every line has one."""
        lines = self.jobs[number].log.read_text(encoding="utf-8-sig").splitlines()
        assert all(re.match(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{7}Z ", line + " ") for line in lines)
        return [line[29:] for line in lines]

    def steps(self, number: int = 0) -> dict[str, str | None]:
        return {step.name: step.conclusion for step in self.jobs[number].steps}
