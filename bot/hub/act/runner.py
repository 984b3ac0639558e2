"""Run a workflow file for real, with act.

Each run has a clone, a temporary home and an act process of its own, which are gone afterwards. In host mode act passes
its own environment and working folder on to the steps. It is therefore started in an empty folder, with little more
than PATH in its environment.
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

_OWN_WORKFLOW = "workflow.yml"
"""The workflow as act has to read it, where that is not what stands in the commit."""


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
            return follow(self._start(order, folder), folder, stream, timeouts, cancelled)

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

    def _start(self, order: WorkflowOrder, folder: Path) -> subprocess.Popen[str]:
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
            [self._act, *self._arguments(order, folder)],
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
        actor = (order.event.get("sender") or {}).get("login", "")
        # act reads settings from files of these names in its folder unless it is told of others.
        unread = ("--env-file", "--var-file", "--input-file")
        return [
            order.event_name,
            "--json",
            "--rm",
            "--no-cache-server",
            # Else it leaves out files that are committed although .gitignore names them.
            "--use-gitignore=false",
            *("-C", str(folder / "clone")),
            *("-W", str(own) if (own := folder / _OWN_WORKFLOW).exists() else order.workflow_path),
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
    act = shutil.which("act", path=f"{Path(sys.executable).parent}:{path}")
    if act is None:
        raise UserError("`act` is missing: install it with `pip install 'gptdeploy[demo]'`.")
    return act
