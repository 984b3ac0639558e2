"""Run a workflow file for real, with act.

Each run has a clone, a temporary home and an act process of its own, which are gone afterwards. In host mode act passes
its own environment and working folder on to the steps. It is therefore started in an empty folder, with little more
than PATH in its environment.
"""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
import tempfile
import threading
from collections.abc import Callable, Collection, Mapping
from pathlib import Path

from bot.errors import UserError
from bot.hub import workflows
from bot.hub.act.order import WorkflowOrder
from bot.hub.act.process import follow
from bot.hub.act.shell import install_shell
from bot.hub.act.stream import Stream
from bot.hub.state import Job

PASSED_ON = (
    *("PATH", "LANG", "LC_ALL", "TZ", "GPTDEPLOY_PLATFORM"),
    *("DOCKER_HOST", "DOCKER_API_VERSION", "DOCKER_CERT_PATH", "DOCKER_TLS_VERIFY"),
    *("HTTP_PROXY", "HTTPS_PROXY", "NO_PROXY", "http_proxy", "https_proxy", "no_proxy"),
    *("SSL_CERT_FILE", "SSL_CERT_DIR", "CURL_CA_BUNDLE", "REQUESTS_CA_BUNDLE", "PIP_CERT", "GIT_SSL_CAINFO"),
)
"""The variables of the hub's environment that steps see; no key and no token is among them."""

CACHE = Path(__file__).parent / "cache"
"""What stands in for GitHub's own action `actions/cache`; act would fetch that even for a step that is skipped."""

_OWN_WORKFLOW = "workflow.yml"
"""The workflow as act has to read it, where that is not what stands in the commit."""
_CACHES = re.compile(r"\buses:\s*(actions/cache)(?:/\w+)?(@[\w.-]+)")


class ActRunner:
    """Runs workflows with act on this machine: their steps are processes of this user.

    Args:
        variables: `vars` of all repositories, beside those that each has itself.
        environment: where the names in `PASSED_ON` are taken from.
        labels: those of this machine as a runner; jobs for others are skipped.

    Raises:
        UserError: act is not installed.
    """

    def __init__(
        self,
        variables: Mapping[str, str],
        environment: Mapping[str, str],
        labels: Collection[str] = ("ubuntu-latest",),
    ) -> None:
        self._variables = dict(variables)
        self._environment = {name: environment[name] for name in PASSED_ON if environment.get(name)}
        self._environment.setdefault("PATH", os.defpath)
        self._labels = tuple(labels)
        self._act = _find_act(self._environment["PATH"])
        self._cache_actions = CACHE
        self._cache_options = ["--no-cache-server"]

    def run(self, order: WorkflowOrder, changed: Callable[[list[Job]], None], cancelled: threading.Event) -> str:
        """See `Runner.run`."""
        with tempfile.TemporaryDirectory(prefix="gptdeploy-run-", ignore_cleanup_errors=True) as name:
            folder = Path(name)
            for part in ("clone", "empty", "home"):
                (folder / part).mkdir()
            self._clone(order, folder)
            committed = (folder / "clone" / order.workflow_path).read_text()
            try:
                workflow = workflows.with_empty_outputs(workflows.without_jobs(committed, order.kept))
                stream = Stream(workflow, order.logs, [order.token], changed, folder)
                timeouts = workflows.timeouts(workflow)
            except ValueError:
                return "failure"  # no jobs, as on GitHub: the file cannot be read
            if workflow != committed:
                # Not in the clone: the steps see the commit as it is.
                (folder / _OWN_WORKFLOW).write_text(workflow)
            return follow(self._start(order, folder, workflow), folder, stream, timeouts, cancelled)

    def _clone(self, order: WorkflowOrder, folder: Path) -> None:
        """Check the commit out with its history; act takes this for what `actions/checkout` does."""
        self._git(folder, "init", "--quiet", "--template=", "--initial-branch=main")
        # The repository's objects are used where they are: fetching them takes longer than all the rest.
        info = folder / "clone" / ".git" / "objects" / "info"
        info.mkdir(exist_ok=True)
        (info / "alternates").write_text(f"{order.git_dir.resolve() / 'objects'}\n")
        self._git(folder, "checkout", "--quiet", "--detach", order.checkout_sha)
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

    def _start(self, order: WorkflowOrder, folder: Path, workflow: str) -> subprocess.Popen[str]:
        shell = install_shell(folder, self._environment["PATH"])
        (folder / "event.json").write_text(json.dumps(order.event))
        # Not on the command line, where every user of the machine can read it, nor in the environment, which act
        # hands to the steps.
        secrets = folder / "secrets"
        secrets.touch(mode=0o600)
        secrets.write_text(f"GITHUB_TOKEN={order.token}\n")
        environment = {
            **self._environment,
            "PATH": f"{shell}:{self._environment['PATH']}",
            "HOME": str(folder / "home"),
            "RUNNER_TRACKING_ID": str(folder),
        }
        return subprocess.Popen(
            [self._act, *self._arguments(order, folder), *self._caches(workflow)],
            cwd=folder / "empty",
            env=environment,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            errors="replace",
            start_new_session=True,
        )

    def _arguments(self, order: WorkflowOrder, folder: Path) -> list[str]:
        env = {
            "GITHUB_REPOSITORY": order.repository,
            "GITHUB_REPOSITORY_ID": str((order.event.get("repository") or {}).get("id", "")),
            "GITHUB_API_URL": order.api_url,
            "GITHUB_GRAPHQL_URL": order.api_url.removesuffix("/v3") + "/graphql",
            "GITHUB_SERVER_URL": order.server_url,
            "GITHUB_RUN_ID": str(order.run_id),
            "GITHUB_RUN_ATTEMPT": str(order.attempt),
            "GITHUB_REF": order.ref,
            "RUNNER_TRACKING_ID": str(folder),
            # act's name for the commit; it would take the clone's head by itself.
            "SHA_REF": order.checkout_sha,
        }
        variables = {**self._variables, **order.variables}
        actor = (order.event.get("sender") or {}).get("login", "")
        # act reads settings from files of these names in its folder unless it is told of others.
        unread = ("--env-file", "--var-file", "--input-file")
        return [
            order.event_name,
            "--json",
            "--rm",
            # Else it leaves out files that are committed although .gitignore names them.
            "--use-gitignore=false",
            *("-C", str(folder / "clone")),
            *("-W", str(own) if (own := folder / _OWN_WORKFLOW).exists() else order.workflow_path),
            *(part for label in self._labels for part in ("-P", f"{label}=-self-hosted")),
            *("-e", str(folder / "event.json")),
            *("--secret-file", str(folder / "secrets")),
            *(part for flag in unread for part in (flag, os.devnull)),
            *(("-a", actor) if actor else ()),
            *(part for name, value in env.items() for part in ("--env", f"{name}={value}")),
            *(part for name, value in variables.items() for part in ("--var", f"{name}={value}")),
        ]

    def _caches(self, workflow: str) -> list[str]:
        versions = sorted({"".join(found) for found in _CACHES.findall(workflow)})
        return [*self._cache_options, *(f"--local-repository={version}={self._cache_actions}" for version in versions)]


def _find_act(path: str) -> str:
    """Return act's path: the one installed beside this Python, else the one on `path`."""
    act = shutil.which("act", path=f"{Path(sys.executable).parent}:{path}")
    if act is None:
        raise UserError("`act` is missing: install it with `pip install 'gptdeploy[demo]'`.")
    return act
