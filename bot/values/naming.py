"""Names that several parts share: of runs, their branches and trailers, and of the files of a service."""

from __future__ import annotations

import hashlib
import re
from ipaddress import ip_address

ISSUE_TRAILER = "GPT-Deploy-Issue"
COMMIT_TRAILER = "GPT-Deploy-Commit"

BUILD_WORKFLOW = "microservice-build.yml"
DEPLOY_WORKFLOW = "microservice-deploy.yml"
"""The workflow files whose workflow runs the bot starts or waits for."""

PREVIEW_LABEL = "gptdeploy-preview"
"""On a pull request that has a preview; the deploy workflow looks for it when the pull request is closed."""

CHECK = "gptdeploy"
"""The name of the check run that says what came of a build."""

EXECUTOR = "executor.py"
INTERFACE = "interface.py"
TESTS = "test_executor.py"
REQUIREMENTS = "requirements.txt"
TEST_REQUIREMENTS = "test_requirements.txt"
DOCKERFILE = "Dockerfile"
DESCRIPTION = "service.json"
"""The file that says what a service is; the service's server, the deployer and the bot read it."""

TESTING_FILES = tuple(f"testing/{name}.py" for name in ("run", "door", "sending", "quoting", "causes", "hollow"))
"""The files, the same for every service, that run its tests against it over HTTP."""

FIXTURES = "fixtures"
"""The folder, within a service's, of the files that its tests read; it exists only where there are such files."""

PATHS_OF_GALLERY = ("app", "auth", "component", "media", "static")
"""What the gallery of a platform has at its own address: a service that is called so could not be found below it."""

_BRANCH = re.compile(r"gptdeploy/(?P<issue>[0-9]{1,10})-[0-9a-f]{8}/[0-9]+-[a-z0-9-]+")
_TRAILER = re.compile(rf"^{ISSUE_TRAILER}: (?P<issue>[0-9]{{1,10}})$", re.MULTILINE)


def run_id(repo: str, issue: int, delivery: str) -> str:
    """Return the id of the run that a delivery starts; the same delivery always gives the same id."""
    return f"{run_prefix(repo, issue)}{hashlib.sha256(delivery.encode()).hexdigest()[:8]}"


def run_prefix(repo: str, issue: int | None) -> str:
    """Return what the ids of all runs of an issue, or of a repository, begin with."""
    return f"{repo}#" if issue is None else f"{repo}#{issue}-"


def repo_of_run(run: str) -> str:
    """Return the repository of the run with an id."""
    return run.partition("#")[0]


def revision_id(repo: str, issue: int, delivery: str) -> str:
    """Return the id of what a delivery asks to be changed on a pull request, from when it is stored to when it is taken
    up."""
    return f"{revision_prefix(repo, issue)}{hashlib.sha256(delivery.encode()).hexdigest()[:8]}"


def revision_prefix(repo: str, issue: int) -> str:
    """Return what the ids of all that is asked for on the pull requests of an issue begin with."""
    return f"{repo}/revision-{issue}-"


def aside_id(stored: str) -> str:
    """Return the id under which people are told that something stored was set aside."""
    owner, _, rest = stored.partition("/")
    name, _, own = re.sub("[#/]", " ", rest, count=1).partition(" ")
    return f"{owner}/{name}/set-aside-{own}"


def branch_name(run: str, number: int, strategy: str) -> str:
    """Return the branch of strategy `number` (from 1) of a run."""
    return f"{branch_prefix(run)}{number}-{slugify(strategy)}"


def update_branch(run: str, slug: str) -> str:
    """Return the branch on which a run changes a service that is live; it counts as number 0."""
    return f"{branch_prefix(run)}0-update-{slug}"


def is_update_branch(branch: str) -> bool:
    """Return whether a branch of ours changes a service that was live when it began."""
    return "/0-update-" in branch


def branch_prefix(run: str) -> str:
    """Return what the branches of a run begin with."""
    return f"gptdeploy/{run_name(run)}/"


def run_name(run: str) -> str:
    """Return a run's id without its repository: "7-0123abcd"."""
    return run.rpartition("#")[2]


def issue_branches(issue: int) -> str:
    """Return what the branches of all runs of an issue begin with."""
    return f"gptdeploy/{issue}-"


def issue_of_branch(branch: str) -> int | None:
    """Return the issue a branch of ours belongs to, or None for anybody else's branch."""
    match = _BRANCH.fullmatch(branch)
    return int(match["issue"]) if match else None


def issue_of_message(message: str) -> int | None:
    """Return the issue that a commit on the default branch belongs to, or None.

    The bot's own merge names it in a trailer; a person's names the branch, or holds the trailers of its commits.
    """
    match = _TRAILER.search(message) or _BRANCH.search(message)
    return int(match["issue"]) if match else None


def service_folder(slug: str) -> str:
    """Return the path of a service's folder in the repository, without a slash at its end."""
    return f"services/{slug}"


def slugify(name: str) -> str:
    """Return `name` as lower-case words joined by hyphens, at most 40 characters, never empty."""
    return re.sub(r"[^a-z0-9]+", "-", name.lower())[:40].strip("-") or "strategy"


def status_marker(issue: int) -> str:
    """Return the marker of the status comment of an issue."""
    return f"status:{issue}"


def is_ip(host: str) -> bool:
    """Return whether a host is an IP address."""
    try:
        ip_address(host)
    except ValueError:
        return False
    return True


def is_loopback(host: str) -> bool:
    """Return whether a host is the machine that looks for it."""
    return ip_address(host).is_loopback if is_ip(host) else is_below_localhost(host)


def is_below_localhost(host: str) -> bool:
    """Return whether a host is `localhost` or a name below it. https://www.rfc-editor.org/rfc/rfc6761#section-6.3"""
    return host == "localhost" or host.endswith(".localhost")
