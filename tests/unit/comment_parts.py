"""What comments speak of, one of each: what `comment_values` puts into the templates."""

from __future__ import annotations

from typing import Any

from bot.commands.registry import Command, Place
from bot.config.repository import Fault
from bot.deploy.doors import Gap, Link
from bot.deploy.versions import Version
from bot.runs.invitation import INVITATION
from bot.sentence import sentence, verbatim
from bot.values.build import BuildFacts, BuildRecord
from bot.values.cost import Budget, Usage
from bot.values.deployment import Deployment
from bot.values.failure import FailedTest, Failure, FailureClass
from bot.values.github import Pull, WorkflowRun
from bot.values.plan import Estimate
from bot.values.progress import (
    Criterion,
    PastRun,
    Progress,
    Stage,
    StrategyOutcome,
    StrategyRecord,
)
from bot.values.revision import InterfaceChange, PointAnswer
from bot.values.run import RunKind, RunRequest
from bot.values.service import Dispute, FixtureNote, Question, Requirement, Scenario, Spec, Strategy

RECORD = StrategyRecord(name="A", pull=4, commits=3, reason="boom")
GAP = Gap(Link.DNS, sentence("`%(host)s` does not resolve", host="s.example"), verbatim("Make it"))
LIVE = Deployment(playground_url="https://s.example/", api_url="https://api.example/")
PROGRESS = Progress(run_id="r", repo="o/r", issue=3, started_at=0, strategies=(RECORD,), deployment=LIVE)
SCENARIO = Scenario(name="hello", text="hello", generated=True, reread="status `422`")
SPEC = Spec(
    slug="s",
    title="S",
    summary="Does it.",
    input_schema={},
    output_schema={},
    scenarios=(SCENARIO,),
    requirements=(Requirement(name="fast", text="fast", unchecked="no clock"),),
    out_of_scope=("Accounts.",),
    fixtures=(FixtureNote(name="a.txt", url="https://example.com/a", media_type="text/plain"),),
)
STRATEGY = Strategy(name="A", approach="Use A.", packages=("a",), system_packages=("liba",), risks="None.")
PULL = Pull(
    number=4, title="", state="open", merged=False, head_ref="topic", head_sha="a" * 40, base_ref="main", url=""
)
OBSTACLES = ("review", "check", "conversations", "conflict", "method", "queue", "behind", "other")
ASKED = (Question(question="Which?", proposal="This."), Question(question="When?", proposal="Now."))
ASKED_BY = RunRequest(repo="o/r", installation=1, issue=3, actor="ada", kind=RunKind.NEW, delivery="d")
DISPUTE = Dispute(test="test_hello", reason="why")
KNOWN = {
    "slug": "s",
    "assumptions": ("ASCII.",),
    "out_of_scope": ("Accounts.",),
    "criteria": (Criterion(text="fast", check=""), Criterion(text="hello", check="test_hello")),
    "strategies": tuple(RECORD.model_copy(update={"reason": "", "outcome": outcome}) for outcome in StrategyOutcome),
}
BUILT = WorkflowRun(id=1, attempt=1, head_sha="a" * 40, status="completed", conclusion="success", url="https://x.y/1")
FACTS = BuildFacts(tests=3, image_bytes=210_000_000, answer_ms=12.4)
DIED = Failure(
    excerpt="boom",
    headline="boom",
    fingerprint="0" * 16,
    failure_class=FailureClass.TEST,
    tests=(FailedTest(name="test_a"), FailedTest(name="test_b")),
)
UNMET = PointAnswer(point="2", done=False, text="", unmet=verbatim("The model is down."))
CHANGES = [InterfaceChange(text=verbatim("request: `a` is gone"), breaks=True)]
BUILD = BuildRecord(commit="a" * 40, began=0, seconds=1, url="https://x.y/1")
FAULTS = [Fault(repo="o/.github", line=1, text=sentence("the file cannot be read as YAML."))]
TWICE = RECORD.model_copy(update={"outcome": StrategyOutcome.BUILDING, "commits": 2, "packages": ("p",)})
LOST = RECORD.model_copy(update={"outcome": StrategyOutcome.FAILED})
ONE = RECORD.model_copy(update={"commits": 1})
PLANNED = PROGRESS.model_copy(update={"stage": Stage.PLAN})
PAID_FOR = Usage(prompt=2, completion=2, calls=1)
PAID = PROGRESS.model_copy(update={"usage": PAID_FOR, "strategies": (RECORD.model_copy(update={"usage": PAID_FOR}),)})
ONCE = PastRun(started_at=0, cause="the issue", ended="live", fixes=1, reruns=1, usage=Usage(prompt=1, saved=1))
OFTEN = ONCE.model_copy(update={"runs": 2, "fixes": 2, "reruns": 2, "usage": Usage(prompt=2, saved=2)})
RUNS = (OFTEN, ONCE.model_copy(update={"runs": 1}), ONCE)
VERSION = Version(number=1, image="i", commit="a" * 40, since="2026-01-01T00:00:00", title="S", summary="")
OTHER = STRATEGY.model_copy(update={"name": "B"})
ON_PULLS = Command(name="x", help=verbatim("X."), example="/x", places=(Place.PULL,), action=lambda _: "")


def estimated(runs: int) -> Estimate:
    return Estimate(
        minutes=(1, 1) if runs == 1 else (1, 2), tokens=(100, 200), usd=(1, 2) if runs == 2 else None, runs=runs
    )


def served(preview: int | None, *, answers: bool) -> dict[str, Any]:
    told = {"slug": "s", "url": "https://s.example/", "version": VERSION, "running": 1, "wanted": 2}
    return told | {"preview": preview, "answers": answers}


PLAN = {
    "number": 2,
    "invitation": INVITATION,
    "spec": SPEC.model_copy(update={"assumptions": ("ASCII.",)}),
    "strategies": (STRATEGY,),
    "inputs": (),
    "outputs": (),
    "statuses": (("200", sentence("the answer")),),
    "is_update": False,
    "asked": (),
    "interface": (),
    "change": None,
    "estimate": estimated(0),
    "spent": Usage(prompt=1),
    "budget": Budget(),
    "fixes": 3,
    "most": 10,
    "approved_by": "",
    "replaced": False,
}
CHANGED = {
    "points": ({"author": "ada", "text": "Other."},),
    "answer": "It is another.",
    "before": {"strategies": ()},
}
