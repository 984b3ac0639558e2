"""What is on GitHub: issues, pull requests, workflow runs, deployments."""

from __future__ import annotations

from bot.values.value import Value


class Issue(Value):
    """An issue as GitHub has it now."""

    number: int
    title: str
    body: str
    author: str
    state: str
    labels: tuple[str, ...] = ()
    url: str


class IssueComment(Value):
    """A comment of a person on an issue."""

    id: int
    author: str
    body: str


class Overview(Value):
    """What a run has to know before it begins, as it is at one moment.

    Attributes:
        default_branch: the branch that pull requests go to; "" in an empty repository.
        config: the text of `.github/microservice.yml` on that branch, or "".
        services: the slugs of the services on it.
    """

    default_branch: str
    config: str
    services: tuple[str, ...]
    issue: Issue


class Pull(Value):
    """A pull request as GitHub has it now.

    Attributes:
        state: "open" or "closed".
        head_ref: branch name; head_sha: its 40-digit commit.
        merge_sha: the commit it was merged as, or None while it is not merged.
        fork: the branch is in another repository, whatever it is called.
    """

    number: int
    title: str
    state: str
    merged: bool
    head_ref: str
    head_sha: str
    merge_sha: str | None = None
    fork: bool = False
    url: str


class WorkflowRun(Value):
    """A workflow run on GitHub Actions.

    Attributes:
        status: "queued", "in_progress", "completed", ...
        conclusion: "success", "failure", "cancelled", "timed_out", ..., or None while it runs.
        attempt: 1 for the first; running its jobs again makes the next.
    """

    id: int
    attempt: int
    head_sha: str
    status: str
    conclusion: str | None
    url: str

    @property
    def done(self) -> bool:
        return self.status == "completed"

    @property
    def green(self) -> bool:
        return self.conclusion == "success"


class FailedJob(Value):
    """A job that failed: its id (for the log), its name, and the step that failed."""

    id: int
    name: str
    step: str


class DeploymentStatus(Value):
    """What GitHub shows of a deployment.

    Attributes:
        state: "pending", "success", "failure", ...
        url: where people use the service; "" where it is not live.
        description: one line, at most 140 characters on GitHub.
    """

    state: str
    url: str = ""
    description: str = ""
