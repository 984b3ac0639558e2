"""Run a workflow file for real, with act: what GitHub Actions is to GitHub, this is to the embedded one.

One clone, one temporary home and one act process a run, all gone afterwards. act in host mode gives steps the
environment and the folder it was started with, so it gets next to nothing of the first and an empty one of the second.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import tempfile
import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

from bot.errors import UserError
from bot.hub.act.process import follow
from bot.hub.act.shell import install_shell
from bot.hub.act.stream import Job, Step, Stream
from bot.hub.workflows import triggers

__all__ = ["ActRunner", "Job", "RunRequest", "Runner", "Step"]

PASSED_ON = (
    *("PATH", "LANG", "LC_ALL", "TZ"),
    *("DOCKER_HOST", "DOCKER_API_VERSION", "DOCKER_CERT_PATH", "DOCKER_TLS_VERIFY"),
    *("HTTP_PROXY", "HTTPS_PROXY", "NO_PROXY", "http_proxy", "https_proxy", "no_proxy"),
    *("SSL_CERT_FILE", "SSL_CERT_DIR", "CURL_CA_BUNDLE", "REQUESTS_CA_BUNDLE", "PIP_CERT", "GIT_SSL_CAINFO"),
)
"""All that steps see of the environment they are started from: no key and no token."""

_CUT = "workflow.yml"
"""The workflow without the jobs that are not run again."""


@dataclass(frozen=True)
class RunRequest:
    """One attempt at one workflow run.

    Attributes:
        repository: "owner/name".
        git_dir: the bare repository; it holds `checkout_sha`.
        checkout_sha: what the jobs check out and see as GITHUB_SHA: for a pull request the test merge commit.
        head_sha: what the run is listed under: for a pull request the branch's head.
        ref: GITHUB_REF, e.g. "refs/heads/main" or "refs/pull/7/merge".
        event: the webhook's payload (for workflow_dispatch with `inputs`).
        workflow_path: e.g. ".github/workflows/microservice-build.yml", read at `checkout_sha`.
        attempt: 1 for the first.
        token: the run's GITHUB_TOKEN; never appears in a log.
        logs: folder of this attempt's job logs; created if absent.
        kept: ids of the jobs that an earlier attempt did and this one does not do again.
    """

    repository: str
    git_dir: Path
    checkout_sha: str
    head_sha: str
    ref: str
    event_name: str
    event: dict[str, Any]
    workflow_path: str
    run_id: int
    attempt: int
    token: str
    api_url: str
    server_url: str
    logs: Path
    kept: frozenset[str] = frozenset()


class Runner(Protocol):
    """What runs workflows: act, or in tests an instant stand-in."""

    def run(self, request: RunRequest, changed: Callable[[list[Job]], None], cancelled: threading.Event) -> str:
        """Run the workflow to its end and return the conclusion: success, failure, skipped, cancelled or timed_out.

        `changed` is called with all jobs whenever a job or step begins or ends, from the calling thread.
        Setting `cancelled` ends the run within seconds.
        """
        ...


class ActRunner:
    """Runs workflows with act on this machine: their steps are processes of this user.

    Args:
        variables: the repository's `vars`.
        environment: where the names in `PASSED_ON` are taken from.

    Raises:
        UserError: act is not installed.
    """

    def __init__(self, variables: Mapping[str, str], environment: Mapping[str, str]) -> None:
        self._variables = dict(variables)
        self._environment = {name: environment[name] for name in PASSED_ON if environment.get(name)}
        self._environment.setdefault("PATH", os.defpath)
        self._act = _find_act(self._environment["PATH"])

    def run(self, request: RunRequest, changed: Callable[[list[Job]], None], cancelled: threading.Event) -> str:
        """See `Runner.run`."""
        with tempfile.TemporaryDirectory(prefix="gptdeploy-run-", ignore_cleanup_errors=True) as name:
            folder = Path(name)
            for part in ("clone", "empty", "home"):
                (folder / part).mkdir()
            self._clone(request, folder)
            workflow = (folder / "clone" / request.workflow_path).read_text()
            try:
                workflow = triggers.without_jobs(workflow, request.kept)
                stream = Stream(workflow, request.logs, [request.token], changed, folder)
                timeouts = triggers.timeouts(workflow)
            except ValueError:
                return "failure"  # no jobs, as on GitHub: the file cannot be read
            return follow(self._start(request, folder, workflow), folder, stream, timeouts, cancelled)

    def _clone(self, request: RunRequest, folder: Path) -> None:
        """Check the commit out with its history; act takes this for what `actions/checkout` does."""
        self._git(folder, "init", "--quiet", "--template=", "--initial-branch=main")
        # The repository's objects are used where they are: fetching them takes longer than all the rest.
        info = folder / "clone" / ".git" / "objects" / "info"
        info.mkdir(exist_ok=True)
        (info / "alternates").write_text(f"{request.git_dir.resolve() / 'objects'}\n")
        self._git(folder, "checkout", "--quiet", "--detach", request.checkout_sha)
        # act leaves empty folders out of its copy, and without `refs` git does not know a repository.
        self._git(folder, "update-ref", "refs/remotes/origin/checkout", "HEAD")

    def _git(self, folder: Path, *arguments: str) -> None:
        subprocess.run(
            ["git", *arguments],
            cwd=folder / "clone",
            env={**self._environment, "HOME": str(folder / "home")},
            check=True,
            capture_output=True,
        )

    def _start(self, request: RunRequest, folder: Path, workflow: str) -> subprocess.Popen[str]:
        shell = install_shell(folder, self._environment["PATH"])
        (folder / "event.json").write_text(json.dumps(request.event))
        if request.kept:
            # Not in the clone: the steps see the commit as it is.
            (folder / _CUT).write_text(workflow)
        # Not on the command line, where every user of the machine can read it, nor in the environment, which act
        # hands to the steps.
        secrets = folder / "secrets"
        secrets.touch(mode=0o600)
        secrets.write_text(f"GITHUB_TOKEN={request.token}\n")
        environment = {
            **self._environment,
            "PATH": f"{shell}:{self._environment['PATH']}",
            "HOME": str(folder / "home"),
            "RUNNER_TRACKING_ID": str(folder),
        }
        return subprocess.Popen(
            [self._act, *self._arguments(request, folder)],
            cwd=folder / "empty",
            env=environment,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            errors="replace",
            start_new_session=True,
        )

    def _arguments(self, request: RunRequest, folder: Path) -> list[str]:
        env = {
            "GITHUB_REPOSITORY": request.repository,
            "GITHUB_API_URL": request.api_url,
            "GITHUB_GRAPHQL_URL": request.api_url.removesuffix("/v3") + "/graphql",
            "GITHUB_SERVER_URL": request.server_url,
            "GITHUB_RUN_ID": str(request.run_id),
            "GITHUB_RUN_ATTEMPT": str(request.attempt),
            "GITHUB_REF": request.ref,
            "RUNNER_TRACKING_ID": str(folder),
            # act's name for the commit; it would take the clone's head by itself.
            "SHA_REF": request.checkout_sha,
        }
        actor = (request.event.get("sender") or {}).get("login", "")
        # act reads settings from files of these names in its folder unless it is told of others.
        unread = ("--env-file", "--var-file", "--input-file")
        return [
            request.event_name,
            "--json",
            "--rm",
            "--no-cache-server",
            # Else it leaves out files that are committed although .gitignore names them.
            "--use-gitignore=false",
            *("-C", str(folder / "clone")),
            *("-W", str(folder / _CUT) if request.kept else request.workflow_path),
            *("-P", "ubuntu-latest=-self-hosted"),
            *("-e", str(folder / "event.json")),
            *("--secret-file", str(folder / "secrets")),
            *(part for flag in unread for part in (flag, os.devnull)),
            *(("-a", actor) if actor else ()),
            *(part for name, value in env.items() for part in ("--env", f"{name}={value}")),
            *(part for name, value in self._variables.items() for part in ("--var", f"{name}={value}")),
        ]


def _find_act(path: str) -> str:
    """Return act's path: the one installed beside this Python, else the one on `path`."""
    found = shutil.which("act", path=f"{Path(sys.executable).parent}:{path}")
    if found is None:
        raise UserError("`act` is missing: install it with `pip install 'gptdeploy[demo]'`.")
    return found
