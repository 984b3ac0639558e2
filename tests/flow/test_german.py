"""A German issue through its whole life: nothing that the bot says on GitHub is left in English."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from pathlib import Path

from babel.messages.pofile import read_po

from bot.clients.github import GitHub
from bot.deploy.announce import Announcement, announce_live
from bot.deploy.description import read_description
from bot.deploy.operations import Outcome
from bot.hub.act import WorkflowOrder
from bot.hub.state import Issue, Pull
from bot.render import markdown, templates_dir
from bot.values.deployment import Deployment
from tests.fakes.fields import draft
from tests.flow.deployer import operate
from tests.flow.reader import BOT
from tests.flow.replies import change, files, fix, replanned, scenario, spec, strategies, suite, way
from tests.flow.scene import Scene
from tests.flow.test_run import RED
from tests.unit.comment_values import VALUES

BODY = "### Description\n\nWandle Text in Großbuchstaben um\n\n### Test scenarios\n\n- hello ergibt HELLO\n"
SPEC = spec(
    title="Großschreibung",
    summary="Wandelt Text in Großbuchstaben um.",
    assumptions=["Jedes Alphabet ist willkommen."],
    language="de",
    tests=[
        {
            "text": "hello ergibt HELLO",
            "given": [{"field": "text", "value": "hello"}],
            "expected": [{"field": "result", "value": "HELLO"}],
        }
    ],
)
TESTS = suite("hello_ergibt_hello")
SUFFIX_TEST = """def test_hi_mit_zusatz_ergibt_hi(call):
    status, answer = call({"text": "hi", "suffix": "!"})
    assert status == 200
    assert answer["result"] == "HI!"
"""
CODE = re.compile(r"`[^`]*`|%\(\w+\)s|\*\*|^>.*$|https?://\S+|<!--.*?-->", re.DOTALL | re.MULTILINE)
FENCED = re.compile(r"^(`{3,}).*?^\1", re.DOTALL | re.MULTILINE)
"""What is quoted, in a text of the bot's as in a sentence of the catalogue."""


def parts(text: str) -> list[str]:
    """Return what a sentence says between what is quoted in it, as far as that is more than a word."""
    found = (" ".join(part.split()).strip(" .,:;!?()") for part in CODE.split(text))
    return [part for part in found if len(re.findall(r"[A-Za-z']{2,}", part)) > 1]


def english() -> set[str]:
    """Return what the bot says in English and in no German sentence."""
    with (templates_dir() / "languages" / "de.po").open("rb") as file:
        messages = [message for message in read_po(file) if message.id]
    german = " ".join(" ".join(_forms(message.string)) for message in messages)
    return {part for message in messages for text in _forms(message.id) for part in parts(text) if part not in german}


def _forms(text: str | tuple[str, ...] | list[str] | None) -> list[str]:
    return [text] if isinstance(text, str) else list(text or ())


def written(scene: Scene) -> Iterator[str]:
    """Yield all that GitHub shows of the bot, of its deployer and of its pull requests."""
    repository = scene.house.hub.repository(scene.name)
    for issue in repository.issues.values():
        if isinstance(issue, Pull):
            yield issue.title
            yield issue.body
        yield from _said(issue)
    for run in repository.check_runs:
        if run.app is not None:
            # A failure's title, and its lines in the summary, are of the log.
            yield run.title or "" if run.conclusion == "success" else ""
            yield run.summary or ""
    for deployment in repository.deployments:
        yield from (status.description for status in deployment.statuses)


def _said(issue: Issue) -> Iterator[str]:
    yield from (comment.body for comment in issue.comments if comment.author.login in (BOT, "github-actions[bot]"))


def deployer(folder: Path) -> Callable[[WorkflowOrder], tuple[str, str]]:
    """Return the deploy workflow's last step, on a platform that does all that is asked for."""

    def deploy(order: WorkflowOrder) -> tuple[str, str]:
        inputs: dict[str, str] = order.event.get("inputs") or {}
        if operation := inputs.get("operation", ""):
            template, values = f"operations/{operation}.md.j2", VALUES[f"operations/{operation}"][-1]
            return operate(order, lambda: Outcome(lambda language: markdown(template, language, **values)))
        repository = GitHub.with_token(order.api_url, order.token).repository(order.repository)
        for name, text in repository.folder("services/upper-case", order.head_sha).items():
            (folder / name).write_text(text)
        where = Deployment(playground_url="http://upper-case.localhost:8080/", api_url="http://upper-case.localhost/")
        announce_live(repository, Announcement(read_description(folder), "upper-case:1", order.head_sha), where)
        return "success", "deployed"

    return deploy


def test_nothing_is_said_in_english_on_a_german_issue(make_scene: Callable[..., Scene], tmp_path: Path) -> None:
    scene = make_scene("plan: approve")
    folder = tmp_path / "upper-case"
    folder.mkdir()
    scene.deploys = deployer(folder)
    issue = scene.open(BODY, title="Großschreibung", author="visitor")
    assert "Schreibrecht" in scene.next_comment(issue)
    # No run has read it yet.
    scene.finished(issue)
    scene.say(issue, "/aprove")
    assert scene.next_comment(issue).startswith("`/aprove` kenne ich nicht.")

    scene.answers(SPEC, strategies("str.upper", "Tabelle"))
    scene.say(issue, "/approve")
    heard(scene, issue, "### Plan 1: Großschreibung")
    scene.reached(issue, "plan")
    scene.answers(replanned(answer="Die Tabelle entfällt.", strategies=[way("str.upper")], assumptions=[]))
    scene.say(issue, "/revise ohne Tabelle")
    heard(scene, issue, "### Plan 2: Großschreibung")
    scene.build_logs(RED.replace("gives", "ergibt"))
    scene.answers(TESTS, files("input.text"), fix("Es fehlte `upper`.", "input.text.upper()"))
    scene.shows(issue, "### ⏳ Großschreibung\n\n**Plan**: Plan 2 wartet")
    scene.say(issue, "/approve")
    scene.shows(issue, "### ✅ Großschreibung ist live")
    assert scene.finished(issue).fixes == 1

    for command in ("/logs", "/list", "/help", "/help settings", "/status"):
        scene.say(issue, command)
        scene.next_comment(issue)
    scene.answers(
        change(scenario("hi mit Zusatz ! ergibt HI!"), inputs=(draft("suffix", required=False, default='""'),)),
        TESTS.removesuffix("```\n") + f"\n\n{SUFFIX_TEST}```\n",
        fix("Point 1: done: `suffix` kommt ans Ende.", "input.text.upper() + input.suffix"),
    )
    scene.say(issue, "/update ein Zusatz am Ende")
    heard(scene, issue, "### Plan 1: eine Änderung von Großschreibung")
    scene.shows(issue, "### ⏳ Großschreibung\n\n**Plan**: Plan 1 wartet")
    scene.say(issue, "/approve")
    scene.shows(issue, "### ✅ Großschreibung ist aktualisiert")
    scene.finished(issue)
    for command in ("/rollback", "/delete files=yes"):
        scene.say(issue, command)
        heard(scene, issue, "Mache ich: ")
    scene.settled()

    for line in list(scene.unread()):
        scene.next_comment(int(line[1 : line.index(":")]))
    texts = [" ".join(CODE.sub(" ", FENCED.sub(" ", text)).split()) for text in written(scene)]
    assert not [(part, text) for text in texts for part in english() if part in text]
    titles = [found.title for found in scene.house.hub.repository(scene.name).issues.values()]
    assert "Großschreibung ändern: `suffix` kommt ans Ende" in titles
    assert "upper-case entfernen" in titles


def heard(scene: Scene, issue: int, beginning: str) -> None:
    """Read what the bot says up to a comment that begins with some words."""
    while not scene.next_comment(issue).startswith(beginning):
        pass
