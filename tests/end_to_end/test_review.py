"""Between an issue and a live service: two strategies side by side, a review of one, a table of both, and a pick.

Actions and the engine are real; only the model says its lines.
"""

from __future__ import annotations

import re
from functools import partial

import httpx
from playwright.sync_api import Browser

from bot.config import REPO_CONFIG_PATH
from bot.demo.stack import Stack
from bot.deploy import Platform
from bot.hub.state import BranchRules, Pull
from bot.init import repository_files
from tests.end_to_end import services
from tests.end_to_end.browsing import keep_picture
from tests.end_to_end.demos import Spoken
from tests.end_to_end.test_steering import until
from tests.flow.replies import files, spec, strategies, suite

NAME = "octo/reviewed"
EXECUTOR = "services/upper-case/executor.py"
BODY = "### Description\n\nConvert text to upper case\n\n### Test scenarios\n\n- hello gives HELLO\n"
SUGGESTED = "```suggestion\n    return Output(result=input.text.strip().upper())\n```"
TOLD = '''Point 1: done: Its docstring says what it does.

executor.py
```python
from interface import Input, Output


def execute(input: Input) -> Output:
    """Return the text in upper case, without spaces around it."""
    return Output(result=input.text.strip().upper())
```
'''


ROW = (
    r"\| {number} \| \*\*{name}\*\* \| #{pull} \| (?P<tests>\d+) \| (?P<megabytes>\d+) MB \| none \| "
    r"(?P<seconds>\d+) s \| (?P<answer>\d+) ms \| {commits} \| 0 \| [\d,]+ tokens \|"
)


def test_a_reviewed_strategy_is_picked_and_goes_live(
    stack: Stack, platform: Platform, spoken: Spoken, browser: Browser
) -> None:
    config = "clarify: never\nmerge: review\nparallel: 2\n"
    stack.hub.create_repository(NAME, repository_files() | {REPO_CONFIG_PATH: config}, ["microservice"])
    stack.hub.add_collaborator(NAME, "rev", "write")
    with stack.hub.parts.state.lock:
        stack.hub.repository(NAME).protections = {"main": BranchRules(approvals=1)}
    spoken.about["Convert text to upper case"] = [
        *(spec(), suite(), strategies("a loop", "str.upper")),
        *(files("''.join(letter.upper() for letter in input.text)"), files(), TOLD),
    ]
    issue = stack.hub.open_issue(NAME, "Upper case", BODY, ["microservice"]).number
    other, number = issue + 1, issue + 2

    def pull() -> Pull | None:
        with stack.hub.parts.state.lock:
            found = stack.hub.repository(NAME).issues.get(number)
            return found.pull if found else None

    def review(event: str, *comments: dict[str, object]) -> None:
        answer = httpx.post(
            f"{stack.hub.api_url}/repos/{NAME}/pulls/{number}/reviews",
            json={"event": event, "comments": comments},
            headers={"Authorization": f"Bearer {stack.hub.token('rev')}"},
            trust_env=False,
        )
        assert answer.status_code == 200, answer.text

    def answered() -> bool:
        with stack.hub.parts.state.lock:
            return bool(opened.threads) and all(len(thread.comments) == 2 for thread in opened.threads)

    def said_on(where: int, beginning: str) -> str | None:
        with stack.hub.parts.state.lock:
            comments = list(stack.hub.repository(NAME).issues[where].comments)
        return next((comment.body for comment in comments if comment.body.startswith(beginning)), None)

    # The first build runs for a while yet: what the review asks for is done after it.
    wait = partial(until, stack.hub, NAME)
    opened = wait(pull, "the pull request")
    review(
        "REQUEST_CHANGES",
        {"path": EXECUTOR, "line": 4, "body": "Say what it does."},
        {"path": EXECUTOR, "line": 5, "body": SUGGESTED},
    )
    wait(answered, "the answers")
    table = wait(lambda: said_on(issue, "### 2 strategies are green"), "the comparison")
    for which, name, pulled, made in ((1, "a loop", other, 1), (2, "str.upper", number, 2)):
        row = re.search(ROW.format(number=which, name=re.escape(name), pull=pulled, commits=made), table)
        assert row, table
        assert int(row["tests"]) == 1
        assert 50 < int(row["megabytes"]) < 1_000
        assert int(row["answer"]) < 10_000
    stack.hub.comment(NAME, issue, "/pick 2")
    # The rule of the branch holds the merge up, and the other one stays open.
    wait(lambda: said_on(issue, f"🟢 #{number} is green"), "what the merge waits for")
    assert stack.hub.repository(NAME).issues[other].state == "open"
    review("APPROVE")
    wait(lambda: stack.hub.repository(NAME).issues[issue].state == "closed", "the end of the run")
    closed = said_on(other, "⏹️ I close this pull request: @octo has picked **str.upper** ")
    assert closed is not None
    assert stack.hub.repository(NAME).issues[other].state == "closed"
    keep_picture(browser, f"{stack.hub.url}/{NAME}/pull/{number}", "review", ".review")

    with stack.hub.parts.state.lock:
        commits = stack.hub.repository(NAME).git.log(f"{opened.base_sha}..{opened.head_sha}")
        said = [
            [(comment.author.login, re.sub(r"\s*<!--.*?-->", "", comment.body)) for comment in thread.comments]
            for thread in opened.threads
        ]
        head = opened.head_sha
    assert [commit.message.partition("\n")[0] for commit in commits] == [
        "Revise: Its docstring says what it does",
        "Add upper-case: str.upper",
    ]
    assert said == [
        [
            ("rev", "Say what it does."),
            ("gptdeploy[bot]", f"✅ Its docstring says what it does.\n\nIn {head[:7]}."),
        ],
        [("rev", SUGGESTED), ("gptdeploy[bot]", f"✅ Taken as suggested, to the letter.\n\nIn {head[:7]}.")],
    ]
    live = services.ask(platform, "POST", "/execute", "upper-case.localhost", json={"text": " hi "})
    assert live.json() == {"result": "HI"}
