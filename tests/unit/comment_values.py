"""What each template of comments is tried with, so that each of its sentences is said at least once."""

from __future__ import annotations

from typing import Any

from bot.commands import COMMANDS
from bot.config.layers import HouseRules, Origin
from bot.deploy.live import Live
from bot.errors import Hindrance
from bot.sentence import sentence, verbatim
from bot.values.aside import SetAside, Why
from bot.values.build import BuildFacts
from bot.values.command import Unknown
from bot.values.cost import Budget
from bot.values.outdated import Outdated
from bot.values.packages import Material
from bot.values.progress import (
    Pick,
    Stage,
)
from bot.values.revision import PointAnswer
from tests.unit.comment_parts import (
    ASKED,
    ASKED_BY,
    BUILD,
    BUILT,
    CHANGED,
    CHANGES,
    DIED,
    DISPUTE,
    FACTS,
    FAULTS,
    GAP,
    KNOWN,
    LIVE,
    LOST,
    OBSTACLES,
    OFTEN,
    ON_PULLS,
    ONCE,
    ONE,
    OTHER,
    PAID,
    PLAN,
    PLANNED,
    PROGRESS,
    PULL,
    RECORD,
    RUNS,
    SCENARIO,
    SPEC,
    STRATEGY,
    TWICE,
    UNMET,
    VERSION,
    estimated,
    served,
)

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
    "playground": [
        {"title": "S", "playground_url": "https://s.example/", "curl": "curl", "image": "s:1", "gap": gap}
        for gap in (None, GAP)
    ],
    "pull/made": [{"lines": ["- a"]}],
    "pull": [{"spec": SPEC, "strategy": STRATEGY, "issue": 3, "parts": {"service": "", "builds": "", "made": ""}}],
    "pull_closed": [{"record": RECORD, "own": True}, {"record": ONE, "own": False}],
    "left_to_people": [{"issue": 3}],
    "answer_held": [{"by": "ada"}],
    "edit_held": [{"by": "ada"}],
    "leaked": [{"author": "ada", "keys": ("a GitHub Token in line 3", "an AWS Access Key in line 4")}],
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
        PLAN | {"replaced": True},
        PLAN | {"approved_by": "ada"},
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
            PROGRESS.model_copy(
                update={
                    "stage": stage,
                    "outdated": (Outdated(name="x.yml", lacks=("find", "build")),),
                    "lacking": ("checks: write",),
                }
            ),
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
    "operations/preview": [
        {"title": "S", "commit": "a" * 40, "url": "https://s.example/", "curl": "curl", "gap": gap}
        for gap in (None, GAP)
    ],
    "operations/rollback": [{"slug": "s", "live": Live(LIVE, VERSION, VERSION, gap=gap)} for gap in (None, GAP)],
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
