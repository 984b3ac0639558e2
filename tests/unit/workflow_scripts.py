"""The scripts of steps in workflow files, run as a runner does."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

from tests.unit.workflow_files import steps


def run_step(name: str, step: str, folder: Path, **environment: str) -> subprocess.CompletedProcess[str]:
    """Run the script of a step as a runner does; jobs that have a step of that name have the same one."""
    (script,) = {found["run"] for found in steps(name) if found["name"] == step}
    return subprocess.run(
        ["bash", "--noprofile", "--norc", "-e", "-o", "pipefail", "-c", script],
        cwd=folder,
        env={"PATH": os.environ["PATH"], **environment},
        capture_output=True,
        text=True,
        check=False,
    )


class Checkout:
    """A repository with commits, and the step of a workflow that looks for changed services in it."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.git("init", "--quiet", "--initial-branch=main")
        self.commit({"README.md": "demo"})

    def git(self, *arguments: str) -> str:
        who = ("-c", "user.name=o", "-c", "user.email=o@x")
        done = subprocess.run(["git", *who, *arguments], cwd=self.folder, check=True, capture_output=True, text=True)
        return done.stdout.strip()

    def commit(self, files: dict[str, str | None]) -> str:
        for path, content in files.items():
            target = self.folder / path
            if content is None:
                target.unlink()
                target.parent.rmdir()
            else:
                target.parent.mkdir(parents=True, exist_ok=True)
                target.write_text(content)
        self.git("add", "--all")
        self.git("commit", "--quiet", "--message=change")
        return self.git("rev-parse", "HEAD")

    def find(self, name: str, **environment: str) -> list[str] | None:
        """Return the services the step finds, None where it fails."""
        found = self.outputs(name, **environment)
        return None if found is None else found["services"].split()

    def outputs(self, name: str, step: str = "Find changed services", **environment: str) -> dict[str, str] | None:
        """Return the outputs of a step, None where it fails."""
        output = self.folder / ".git/output"
        output.write_text("")
        done = run_step(name, step, self.folder, GITHUB_OUTPUT=str(output), **environment)
        lines = output.read_text().splitlines()
        return dict(line.split("=", 1) for line in lines) if done.returncode == 0 else None
