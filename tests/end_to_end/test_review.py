"""A review between an issue and a live service: real Actions and a real engine; only the model says its lines."""

from __future__ import annotations

import re

import httpx

from bot.config import REPO_CONFIG_PATH
from bot.demo.stack import Stack
from bot.deploy import Platform
from bot.hub.state import Pull
from bot.init import repository_files
from tests.end_to_end import services
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


def test_a_review_becomes_one_commit_that_goes_live(stack: Stack, platform: Platform, spoken: Spoken) -> None:
    stack.hub.create_repository(NAME, repository_files() | {REPO_CONFIG_PATH: "clarify: never\nmerge: review\n"})
    stack.hub.add_collaborator(NAME, "rev", "write")
    spoken.answers += [spec(), suite(), strategies("str.upper"), files(), TOLD]
    issue = stack.hub.open_issue(NAME, "Upper case", BODY, ["microservice"]).number

    def pull() -> Pull | None:
        with stack.hub.parts.state.lock:
            found = stack.hub.repository(NAME).issues.get(issue + 1)
            return found.pull if found else None

    def review(event: str, *comments: dict[str, object]) -> None:
        answer = httpx.post(
            f"{stack.hub.api_url}/repos/{NAME}/pulls/{issue + 1}/reviews",
            json={"event": event, "comments": comments},
            headers={"Authorization": f"Bearer {stack.hub.token('rev')}"},
            trust_env=False,
        )
        assert answer.status_code == 200, answer.text

    def answered() -> bool:
        with stack.hub.parts.state.lock:
            return bool(opened.threads) and all(len(thread.comments) == 2 for thread in opened.threads)

    # The first build runs for a while yet: what the review asks for is done after it.
    opened = until(pull, "the pull request")
    review(
        "REQUEST_CHANGES",
        {"path": EXECUTOR, "line": 4, "body": "Say what it does."},
        {"path": EXECUTOR, "line": 5, "body": SUGGESTED},
    )
    until(answered, "the answers")
    # An approval of what is pushed; it is merged once that is green.
    review("APPROVE")
    until(lambda: stack.hub.repository(NAME).issues[issue].state == "closed", "the end of the run", 400)

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
