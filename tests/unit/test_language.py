"""What the bot says in other languages: whole, with the same placeholders and commands, and in every template."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest
from babel.messages.catalog import Catalog
from babel.messages.extract import extract
from babel.messages.pofile import read_po

from bot.errors import Hindrance
from bot.language import english_name, is_english, language_tag
from bot.render import render, templates_dir
from bot.values.aside import SetAside, Why
from bot.values.build import BuildFacts
from bot.values.cost import Budget, Usage
from bot.values.failure import FailedTest, Failure, FailureClass
from bot.values.github import Pull, WorkflowRun
from bot.values.packages import Material
from bot.values.plan import Estimate
from bot.values.progress import Criterion, Deployment, Pick, Progress, Stage, StrategyOutcome, StrategyRecord
from bot.values.revision import InterfaceChange, PointAnswer
from bot.values.run import RunKind, RunRequest
from bot.values.service import Dispute, FixtureNote, Question, Requirement, Scenario, Spec, Strategy

COMMENTS, CATALOGUES = templates_dir() / "comments", templates_dir() / "languages"
LANGUAGES = sorted(file.stem for file in CATALOGUES.iterdir())
LITERAL = re.compile(r"%\(\w+\)s|`[^`]+`|\*\*Update branch\*\*|#")
"""What no translation changes: placeholders, commands and what else is code, what GitHub's pages say."""


def texts(value: Any) -> tuple[str, ...]:
    """Return the forms of a message: one, or singular and plural."""
    return (value,) if isinstance(value, str) else tuple(value)


def messages(file: Path) -> list[tuple[str, ...]]:
    """Return the sentences that are marked in a template, each with its plural where it has one."""
    with file.open("rb") as template:
        found = list(extract("jinja2", template))
    return [texts(message) for _, message, _, _ in found]


PARTS = {"keys": "status", "next": "status", "changes": "revised", "unmet": "answered"}
"""A template that only others say -> one of them."""
MARKED = {
    file.relative_to(COMMENTS).as_posix().removesuffix(".j2").removesuffix(".md"): found
    for file in COMMENTS.rglob("*.j2")
    if (found := messages(file))
}

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
UNMET = PointAnswer(point="2", done=False, text="", unmet="The model is down.")
CHANGES = [InterfaceChange(text="request: `a` is gone", breaks=True)]
VALUES: dict[str, list[dict[str, Any]]] = {
    "answered": [{"answer": UNMET, "head": ""}],
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
    "held": [
        {"why": why, "permissions": ("actions: write",), "since": since, "until": since}
        for why in Hindrance
        for since in ("", "2026-01-02 03:04")
    ],
    "gave_up": [{"progress": PROGRESS}],
    "green": [{"pull": PULL}],
    "playground": [{"title": "S", "playground_url": "https://s.example/", "curl": "curl", "image": "s:1"}],
    "pull/made": [{"lines": ["- a"]}],
    "pull": [{"spec": SPEC, "strategy": STRATEGY, "issue": 3, "parts": {"service": "", "builds": "", "made": ""}}],
    "pull_closed": [
        {"record": RECORD, "own": True},
        {"record": RECORD.model_copy(update={"commits": 1}), "own": False},
    ],
    "left_to_people": [{"issue": 3}],
    "edit_held": [{"by": "ada"}],
    "build_held": [{"pull": PULL, "url": "https://x.y/1"}],
    "plan": [
        {"number": 1, "spec": SPEC.model_copy(update={"assumptions": ("ASCII.",)}), "strategies": (STRATEGY,)}
        | {"inputs": (), "outputs": (), "statuses": (("200", "ok"),), "is_update": is_update, "asked": ()}
        | {"interface": (), "change": None, "estimate": Estimate(minutes=(1, 2), tokens=(100, 200)), "spent": Usage()}
        | {"budget": Budget(), "fixes": 3, "most": 10}
        for is_update in (True, False)
    ],
    "not_picked": [{"actor": "ada", "pull": 4}],
    "overruled": [{"earlier": Pick(actor="ada", pull=4), "by": "bob", "chosen": "**a table** (#5)"}],
    "plan_edited": [{"number": 1, "again": True}],
    "plan_outdated": [{"actor": "ada", "number": 2}],
    "plan_stays": [{"number": 1, "points": (), "answer": "It does.", "why": ""}],
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
    "set_aside": [
        {"aside": SetAside(id="o/r#3-a", why=why, asked=ASKED_BY), "of_run": of_run}
        for why in Why
        for of_run in (True, False)
    ],
    "still_red": [
        {"record": RECORD, "progress": PROGRESS.model_copy(update={"is_update": is_update})}
        for is_update in (True, False)
    ],
    "status": [
        {"progress": progress, "runs": (), "total": progress, "timeline": "gantt"}
        for stage in Stage
        for progress in (
            PROGRESS.model_copy(update={"stage": stage}),
            PROGRESS.model_copy(update={"stage": stage, "title": "S", "is_update": True} | KNOWN),
            PROGRESS.model_copy(update={"stage": stage, "title": "S", "keys": ("a GitHub Token in line 3",)}),
        )
    ],
    "unchanged": [{"slug": "s", "answers": []}],
    "update": [
        {"spec": SPEC, "issue": 3, "points": (), "answers": (), "interface": (), "gone": (), "new": ()}
        | {"disputes": (), "stays": "", "parts": {"service": "", "builds": "", "made": ""}}
    ],
    "waits": [
        {"pull": PULL, "head": "a" * 40, "obstacles": OBSTACLES, "reason": "wait", "checks": ("ci",), "asked": ("ada",)}
    ],
}
"""What each template that is marked is tried with, so that each of its sentences is said at least once."""


def catalogue(language: str) -> Catalog:
    with (CATALOGUES / f"{language}.po").open("rb") as file:
        return read_po(file)


@pytest.mark.parametrize(
    ("text", "tag"),
    [("de", "de"), ("pt_br", "pt-BR"), ("zh-Hans", "zh-Hans"), (" EN ", "en"), ("German", ""), ("../de", ""), ("", "")],
)
def test_a_language_is_one_that_is_known(text: str, tag: str) -> None:
    assert language_tag(text) == tag


def test_languages_have_names() -> None:
    assert english_name("pt-BR") == "Portuguese (Brazil)"
    assert [is_english(tag) for tag in ("en", "en-GB", "", "de")] == [True, True, True, False]


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_catalogue_has_every_sentence_and_no_other(language: str) -> None:
    wanted = {sentences[0]: sentences for marked in MARKED.values() for sentences in marked}
    said = {texts(message.id)[0]: message for message in catalogue(language) if message.id}
    assert said.keys() == wanted.keys()
    for sentences in wanted.values():
        message = said[sentences[0]]
        assert sentences == texts(message.id)
        translated = texts(message.string)
        assert len(translated) == len(sentences)
        for sentence, other in zip(sentences, translated, strict=True):
            assert other and sorted(LITERAL.findall(other)) == sorted(LITERAL.findall(sentence)), other


@pytest.mark.parametrize("name", sorted(MARKED))
def test_a_template_says_all_its_sentences_in_each_language(name: str) -> None:
    whole = PARTS.get(name, name)
    english = [render(f"comments/{whole}.md.j2", **values) for values in VALUES[whole]]
    for language in LANGUAGES:
        said = [render(f"comments/{whole}.md.j2", language=language, **values) for values in VALUES[whole]]
        translations = catalogue(language)
        for sentences in MARKED[name]:
            message = translations[sentences[0]]
            assert message is not None
            for sentence, other in zip(sentences, texts(message.string), strict=True):
                assert _is_said(sentence, english), f"no value of VALUES makes {name} say: {sentence}"
                assert _is_said(other, said), other


def test_a_language_without_a_catalogue_is_answered_in_english() -> None:
    title = render("comments/gave_up.md.j2", language="ja", **VALUES["gave_up"][0]).splitlines()[0]
    assert title == "### No strategy got green"
    title = render("comments/gave_up.md.j2", language="de-AT", **VALUES["gave_up"][0]).splitlines()[0]
    assert title == "### Keine Strategie wurde grün"


def _is_said(sentence: str, texts: list[str]) -> bool:
    pattern = ".*?".join(map(re.escape, re.split(r"%\(\w+\)s", sentence)))
    return any(re.search(pattern, text, re.DOTALL) for text in texts)
