"""Check runs: what Apps say of a commit, with annotations on the lines of its files."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime

from bot.hub.state.accounts import App, now


@dataclass(frozen=True)
class Annotation:
    """What a check run says of some lines of a file; `level` is "notice", "warning" or "failure"."""

    path: str
    start_line: int
    end_line: int
    level: str
    message: str
    title: str | None = None
    raw_details: str | None = None
    start_column: int | None = None
    end_column: int | None = None


@dataclass
class CheckRun:
    """A check run.

    Attributes:
        app: who has created it and may change it; None for GitHub Actions.
        suite: id of its check suite: one for each App and commit, or that of a workflow run.
        status: "queued", "in_progress" or "completed"; `conclusion` is None until then.
        details_url, external_id: what its creator has said; "" for nothing.
        annotations: those of all updates, in order.
        asked_at: when somebody last wanted it to run again, or all of its suite, to which its App has not answered yet.
    """

    id: int
    name: str
    head_sha: str
    app: App | None
    suite: int
    status: str = "queued"
    conclusion: str | None = None
    details_url: str = ""
    external_id: str = ""
    title: str | None = None
    summary: str | None = None
    text: str | None = None
    annotations: list[Annotation] = field(default_factory=list)
    started_at: datetime = field(default_factory=now)
    completed_at: datetime | None = None
    asked_at: datetime | None = None

    @property
    def done(self) -> bool:
        return self.status == "completed"
