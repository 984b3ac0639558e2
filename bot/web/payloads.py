"""What is read of the payloads of deliveries, in GitHub's own shape; fields that are not used are ignored.

https://docs.github.com/en/webhooks/webhook-events-and-payloads
"""

from __future__ import annotations

from typing import Any

from pydantic import BaseModel, ConfigDict, Field

from bot.values import github


class Part(BaseModel):
    model_config = ConfigDict(extra="ignore", frozen=True, strict=True)


class User(Part):
    id: int = 0
    login: str
    type: str = "User"


class Repository(Part):
    id: int
    full_name: str = Field(pattern=r"^[A-Za-z0-9._-]+/[A-Za-z0-9._-]+$")


class PushedRepository(Repository):
    default_branch: str


class Installation(Part):
    id: int


class Account(Part):
    login: str = Field(pattern=r"^[A-Za-z0-9_-]+$")


class InstalledFor(Part):
    account: Account


class InstallationPayload(Part):
    installation: InstalledFor


class NewInstallation(InstalledFor, Installation):
    pass


class InstalledPayload(Part):
    installation: NewInstallation
    repositories: list[Repository] = []
    repositories_added: list[Repository] = []


class Payload(Part):
    repository: Repository
    installation: Installation
    sender: User

    @property
    def by_bot(self) -> bool:
        # What a bot does must start nothing, or two bots, of which this may be one, could react to each other for ever.
        return self.sender.type == "Bot"

    def delivered(self, delivery: str) -> dict[str, Any]:
        return {
            "delivery": delivery,
            "repo": self.repository.full_name,
            "repository": self.repository.id,
            "installation": self.installation.id,
        }


class Was(Part):
    from_: str = Field(alias="from")


class RenamedFrom(Part):
    name: Was


class FormerOwner(Part):
    user: Account | None = None
    organization: Account | None = None


class TransferredFrom(Part):
    from_: FormerOwner = Field(alias="from")


class Changes(Part):
    repository: RenamedFrom | None = None
    owner: TransferredFrom | None = None


class RepositoryPayload(Payload):
    changes: Changes = Changes()

    @property
    def before(self) -> str:
        """What the repository was called before the change; "" where that changes nothing of its name."""
        owner, _, name = self.repository.full_name.partition("/")
        if self.changes.repository is not None:
            return f"{owner}/{self.changes.repository.name.from_}"
        if self.changes.owner is not None and (former := self.changes.owner.from_):
            account = former.user or former.organization
            return f"{account.login}/{name}" if account else ""
        return ""


class Label(Part):
    name: str


class Issue(Part):
    number: int
    title: str | None = None
    body: str | None = None
    labels: list[Label] = []
    pull_request: dict[str, Any] | None = None


class Comment(Part):
    id: int
    body: str
    created_at: str = ""


class Head(Part):
    ref: str


class Pull(Part):
    number: int
    head: Head
    user: User | None = None
    merged: bool = False
    auto_merge: dict[str, Any] | None = None


class Review(Part):
    id: int


class LineComment(Part):
    id: int
    # Null for a comment that belongs to no review, as those of before there were reviews.
    pull_request_review_id: int | None


class Commit(Part):
    message: str = ""


class App(Part):
    id: int | None = None
    slug: str = ""


class CheckedPull(Part):
    number: int
    head: Head


class CheckSuite(Part):
    head_branch: str | None
    app: App | None = None
    pull_requests: list[CheckedPull] = []


class CheckRun(Part):
    name: str
    check_suite: CheckSuite
    pull_requests: list[CheckedPull]


class PushedCommit(Part):
    added: list[str] = []
    modified: list[str] = []
    removed: list[str] = []


class Workflow(Part):
    path: str


class WorkflowRun(Part):
    id: int
    event: str = ""
    run_attempt: int = 1
    conclusion: str | None = None
    html_url: str = ""
    path: str | None = None
    head_branch: str | None
    head_sha: str
    head_commit: Commit | None = None

    @property
    def ended(self) -> github.WorkflowRun:
        return github.WorkflowRun(
            id=self.id,
            attempt=self.run_attempt,
            head_sha=self.head_sha,
            status="completed",
            conclusion=self.conclusion,
            url=self.html_url,
        )


class IssuePayload(Payload):
    issue: Issue


class LabelPayload(IssuePayload):
    label: Label


class CommentPayload(IssuePayload):
    comment: Comment


class PullPayload(Payload):
    pull_request: Pull


class ReviewPayload(PullPayload):
    review: Review


class ReviewCommentPayload(PullPayload):
    comment: LineComment


class CheckSuitePayload(Payload):
    check_suite: CheckSuite


class CheckRunPayload(Payload):
    check_run: CheckRun


class PushPayload(Payload):
    repository: PushedRepository
    ref: str
    commits: list[PushedCommit]


class WorkflowRunPayload(Payload):
    workflow: Workflow | None = None
    workflow_run: WorkflowRun
