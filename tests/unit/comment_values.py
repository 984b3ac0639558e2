"""What each template of comments is tried with, so that each of its sentences is said at least once."""

from __future__ import annotations

from typing import Any

from bot.commands import COMMANDS
from bot.commands.registry import Command, Place
from bot.config.layers import HouseRules, Origin
from bot.config.repository import Fault
from bot.deploy.rollout import Live
from bot.deploy.versions import Version
from bot.errors import Hindrance
from bot.sentence import sentence, verbatim
from bot.values.aside import SetAside, Why
from bot.values.build import BuildFacts, BuildRecord
from bot.values.command import Unknown
from bot.values.cost import Budget, Usage
from bot.values.failure import FailedTest, Failure, FailureClass
from bot.values.github import Pull, WorkflowRun
from bot.values.packages import Material
from bot.values.plan import Estimate
from bot.values.progress import (
    Criterion,
    Deployment,
    PastRun,
    Pick,
    Progress,
    Stage,
    StrategyOutcome,
    StrategyRecord,
)
from bot.values.revision import InterfaceChange, PointAnswer
from bot.values.run import RunKind, RunRequest
from bot.values.service import Dispute, FixtureNote, Question, Requirement, Scenario, Spec, Strategy

RECORD = StrategyRecord(name="A", pull=4, commits=3, reason="boom")
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
}
CHANGED = {
    "points": ({"author": "ada", "text": "Other."},),
    "answer": "It is another.",
    "before": {"strategies": ()},
}
VALUES: dict[str, list[dict[str, Any]]] = {
    "pull/builds": [{"lines": ["- a"]}, {"lines": ["- a", "- b"]}],
    "built": [{"sha": "a" * 40}],
    "check": [
        {"built": BUILT.model_copy(update={"conclusion": conclusion}), "failure": failure, "facts": facts}
        | {"fence": "```", "excerpt": "boom"}
        for conclusion, failure, facts in (
            ("success", None, FACTS),
            ("success", None, FACTS.model_copy(update={"tests": 1})),
            ("failure", DIED, BuildFacts()),
            ("failure", DIED.model_copy(update={"tests": DIED.tests[:1]}), BuildFacts()),
            ("cancelled", None, BuildFacts()),
        )
    ],
    "check_title": [
        {"built": BUILT.model_copy(update={"conclusion": conclusion}), "facts": facts}
        for conclusion, facts in (
            ("success", FACTS),
            ("success", FACTS.model_copy(update={"tests": 1})),
            ("cancelled", BuildFacts()),
        )
    ],
    "checklist": [{"spec": SPEC}],
    "disputes": [
        {"disputes": disputes, "reread": (SCENARIO,)}
        for proven in (DISPUTE, DISPUTE.model_copy(update={"proven": True}))
        for disputes in ((proven,), (proven, proven))
    ],
    "gave_up": [{"progress": PROGRESS}],
    "held": [
        {"why": why, "permissions": ("actions: write",), "since": since, "until": since}
        for why in Hindrance
        for since in ("", "2026-01-02 03:04")
    ],
    "set_aside": [
        {"aside": SetAside(id="o/r#3-a", why=why, asked=ASKED_BY), "of_run": of_run}
        for why in Why
        for of_run in (True, False)
    ],
    "green": [{"pull": PULL}],
    "playground": [{"title": "S", "playground_url": "https://s.example/", "curl": "curl", "image": "s:1"}],
    "pull/made": [{"lines": ["- a"]}],
    "pull": [{"spec": SPEC, "strategy": STRATEGY, "issue": 3, "parts": {"service": "", "builds": "", "made": ""}}],
    "pull_closed": [{"record": RECORD, "own": True}, {"record": ONE, "own": False}],
    "left_to_people": [{"issue": 3}],
    "edit_held": [{"by": "ada"}],
    "build_held": [{"pull": PULL, "url": "https://x.y/1"}],
    "overruled": [{"earlier": Pick(actor="ada", pull=4), "by": "bob", "chosen": verbatim("**a table** (#5)")}],
    "changed_since": [{"by": "ada", "actor": "bob"}],
    "plan": [
        PLAN | {"is_update": True, "budget": Budget(budget_usd=1, max_tokens=1, max_minutes=1)},
        PLAN
        | {
            "change": CHANGED,
            "changes": CHANGES,
            "gone": (),
            "new": (),
            "spent": OFTEN.usage,
            "estimate": estimated(1),
        },
        PLAN | {"strategies": (STRATEGY, OTHER), "most": 1, "fixes": 1, "estimate": estimated(2)},
        PLAN | {"strategies": (STRATEGY, OTHER), "budget": Budget(max_minutes=20), "estimate": estimated(3)},
        PLAN | {"is_update": True, "interface": CHANGES, "most": 1},
    ],
    "not_picked": [{"actor": "ada", "pull": 4}],
    "plan_edited": [{"number": 1, "again": True}],
    "plan_outdated": [{"actor": "ada", "number": 2}],
    "plan_stays": [{"number": 1, "points": (), "answer": "It does.", "why": None}],
    "questions": [{"questions": ASKED}, {"questions": ASKED[:1]}],
    "pull/service": [
        {
            "materials": materials,
            "told": {"service": STRATEGY, "branch": "b", "spec": SPEC},
            "curl": "curl",
            "local": "127.0.0.1:9080",
        }
        for materials in ((), (Material(name="a", version="1"),))
    ],
    "revised": [
        {"answers": [PointAnswer(point="1", done=True, text="It is.")], "head": head}
        | {"changes": CHANGES, "gone": ("old",), "new": ("newer",), "disputes": (DISPUTE,), "stays": ""}
        for head in ("a" * 40, "")
    ],
    "still_red": [
        {"record": RECORD, "progress": PROGRESS.model_copy(update={"is_update": is_update})}
        for is_update in (True, False)
    ],
    "status": [
        {"progress": progress, "runs": RUNS, "total": total, "timeline": "gantt"}
        for stage in Stage
        for progress in (
            PROGRESS.model_copy(update={"stage": stage}),
            PROGRESS.model_copy(update={"stage": stage, "title": "S", "is_update": True} | KNOWN),
            PROGRESS.model_copy(update={"stage": stage, "title": "S", "earlier": RUNS, "keys": ("a key in line 3",)}),
        )
        for total in (ONCE, OFTEN)
    ],
    "unchanged": [{"slug": "s", "answers": []}],
    "update": [
        {"spec": SPEC, "issue": 3, "points": (), "answers": (), "interface": (), "gone": (), "new": ()}
        | {"disputes": (), "stays": "", "parts": {"service": "", "builds": "", "made": ""}}
    ],
    "waits": [
        {"pull": PULL, "head": "a" * 40, "obstacles": OBSTACLES, "reason": "wait", "checks": ("ci",), "asked": ("ada",)}
    ],
    "answered": [
        {"answer": UNMET, "head": ""},
        {"answer": PointAnswer(point="1", done=True, text="It is."), "head": "a" * 40},
    ],
    "ask_approval": [{"actor": "ada", "plan": plan, "keys": ()} for plan in ("approve", "auto")],
    "budget": [{"used": verbatim("0.8 of 1"), "options": "max_tokens=2"}],
    "build": [{"build": BUILD}, {"build": BUILD.model_copy(update={"url": ""})}],
    "closed_before": [{"pull": PULL}, {"pull": PULL.model_copy(update={"merged": True})}],
    "commands/asked": [
        {"doing": sentence("I take `%(slug)s` down.", slug="s"), "workflow": "w.yml", "elsewhere": elsewhere}
        for elsewhere in (None, 4)
    ],
    "commands/busy": [{"issue": 3, "progress": progress} for progress in (None, PROGRESS, PLANNED)],
    "commands/help": [{"label": "microservice", "table": ""}],
    "commands/hint": [{"name": "gptdeploy"}],
    "commands/queued": [{"issue": 3, "pull": 4, "progress": progress} for progress in (None, PROGRESS)],
    "commands/refused_rerun": [{"actor": "ada", "access": access} for access in ("none", "read")],
    "commands/refused_review": [{"author": "ada", "access": access} for access in ("none", "read")],
    "commands/settings": [
        {"repo": "o/r", "site": "https://x.y", "path": "p", "faults": ()}
        | {"rows": [("a", "`1`", Origin("o/.github", 2)), ("b", "`2`", None)], "rules": rules, "rules_path": "p"}
        | {"rules_limit": 1, "unseen": "o/.github", "told": [("A", "`1`", True), ("B", "`2`", False)]}
        for rules in (None, HouseRules("o/r", "Be kind."))
    ]
    + [{"repo": "o/r", "site": "https://x.y", "path": "p", "faults": FAULTS}],
    "commands/started": [{"doing": verbatim("I."), "issue": 3, "elsewhere": elsewhere} for elsewhere in (True, False)],
    "commands/status": [
        {"issue": 3, "label": "l", "progress": progress, "total": OFTEN, "active": active}
        for active in (True, False)
        for progress in (None, PROGRESS, PROGRESS.model_copy(update={"deployment": None, "strategies": (ONE, TWICE)}))
    ],
    "commands/stopped": [{"issue": 3}],
    "commands/table": [{"commands": list(COMMANDS), "everywhere": 2}, {"commands": [ON_PULLS], "everywhere": 2}],
    "commands/unknown": [{"call": Unknown(name="retyr", meant="retry")}],
    "compared": [
        {"progress": PROGRESS.model_copy(update={"strategies": (RECORD, TWICE, LOST)}), "numbers": [1, 2]}
        | {"merge": merge, "asked": asked}
        for merge, asked in (("review", ["ada"]), ("review", []), ("manual", []))
    ],
    "ended": [{"why": verbatim("#1 was closed")}],
    "operations/delete": [
        {"slug": "s", "version": VERSION, "commit": commit, "preview": preview}
        for commit, preview in (("", None), ("", 4), ("a" * 40, None))
    ],
    "operations/failed": [{"operation": "scale", "reason": verbatim("why")}],
    "operations/list": [
        {"services": ()},
        {"services": [served(None, answers=True), served(4, answers=True), served(5, answers=False)]},
    ],
    "operations/logs": [
        {"slug": "s", "version": VERSION, "lines": lines, "count": count, "fence": "```"}
        for lines, count in (("", 0), ("a", 1), ("a", 2))
    ],
    "operations/preview": [{"title": "S", "commit": "a" * 40, "url": "https://s.example/", "curl": "curl"}],
    "operations/rollback": [{"slug": "s", "live": Live(LIVE, VERSION, VERSION)}],
    "operations/scale": [{"slug": "s", "replicas": replicas, "before": 1} for replicas in (1, 2)],
    "pull/made_line": [
        {"began": "- now:", "prompts": "1", "told": {"progress": PROGRESS, "index": 0}},
        {"began": "- now:", "prompts": "1", "told": {"progress": PAID, "index": 0}},
    ],
    "removal": [{"slug": "s", "actor": "ada", "number": 3}],
    "settings_corrected": [{"path": "p"}],
    "spent": [
        {"text": verbatim("All."), "progress": PROGRESS.model_copy(update={"strategies": (stopped,)}), "options": "a=1"}
        for stopped in (RECORD.model_copy(update={"outcome": "stopped", "commits": commits}) for commits in (1, 2))
    ],
    "stands_back": [{"head": "a" * 40, "merge": merge} for merge in ("auto", "review", "manual")],
    "superseded": [{"why": verbatim("**A** (#4) is merged")}],
    "wrong_settings": [{"faults": FAULTS, "site": "https://x.y", "repo": "o/r", "path": "p"}],
}
