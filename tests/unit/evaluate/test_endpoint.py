"""Recording what a model replies, and replaying it: a real endpoint, asked by the bot's own client."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import pytest
import yaml

from bot.clients.llm import Message, Model, ModelError
from bot.config import Settings
from bot.worker import build_world
from tests.evaluate.endpoint import STAGES, Recorder, Replayer, staged
from tests.evaluate.record import Exchange, Recorded, read, write
from tests.evaluate.suite import Task
from tests.fakes.app_key import app_key
from tests.fakes.model import Failure, FakeModel, Raw, Reply

UPPER = Task(name="upper", title="Upper", description="Convert a text to upper case.", scenarios="a gives A")
LOWER = Task(name="lower", title="Lower", description="Convert a text to lower case.", scenarios="A gives a")
TASKS = (UPPER, LOWER)
GITHUB = {
    "GITHUB_APP_ID": "1",
    "GITHUB_PRIVATE_KEY": app_key(),
    "GITHUB_WEBHOOK_SECRET": "long enough",
}


def model_of(environ: Mapping[str, str]) -> Model:
    """Return the model that a bot with these settings asks."""
    return build_world(Settings.from_environment({**GITHUB, **environ})).model


def ask(model: Model, stage: str, task: Task = UPPER, words: str = "Do it.") -> str:
    prompt = Message(role="user", content=f"{words}\n\n<idea>\n{task.description}\n</idea>")
    return model.begin(stage, [[prompt]]).ask()


def recorded(folder: Path, answers: Sequence[Any], stages: Sequence[tuple[str, Task]], **more: str) -> FakeModel:
    """Ask a model for replies, and record them; return the model as it was asked."""
    with FakeModel(answers, models=["strong"]) as real:
        environ = {"OPENAI_BASE_URL": real.url, "OPENAI_MODEL": "strong", **more}
        with Recorder(TASKS, folder, environ) as recorder:
            model = model_of(staged(environ, recorder.url))
            for stage, task in stages:
                ask(model, stage, task)
            model.close()
    return real


def replayed(folder: Path, tasks: Sequence[Task] = TASKS) -> tuple[Replayer, Model]:
    replayer = Replayer(tasks, folder)
    return replayer, model_of(staged({}, replayer.url))


def test_every_stage_is_told_by_the_name_of_its_model(tmp_path: Path) -> None:
    environ = staged(
        {"OPENAI_MODEL": "strong", "OPENAI_MODEL_FIX": "cheap", "OPENAI_FALLBACKS": "other"}, "http://x/v1"
    )
    assert environ["OPENAI_BASE_URL"] == "http://x/v1"
    assert environ["OPENAI_FALLBACKS"] == ""
    names = {stage: environ[f"OPENAI_MODEL_{stage.upper()}"] for stage in STAGES}
    assert names == {stage: f"{'cheap' if stage == 'fix' else 'strong'}@{stage}" for stage in STAGES}
    assert {"specify", "tests", "strategize", "implement", "fix"} <= set(STAGES)


def test_replies_are_recorded_by_task_and_stage_and_replayed_in_their_order(tmp_path: Path) -> None:
    stages = [("implement", UPPER), ("implement", LOWER), ("fix", UPPER), ("fix", UPPER), ("review", UPPER)]
    answers = [Reply("one", prompt_tokens=11, completion_tokens=3), "two", "three", "four\nlines", "five"]
    real = recorded(tmp_path, answers, stages)
    assert real.asked() == ["strong"] * 5

    replayer, model = replayed(tmp_path)
    with replayer:
        # The tasks go side by side, so their requests come in any order.
        assert [ask(model, "implement", LOWER), ask(model, "fix"), ask(model, "fix")] == ["two", "three", "four\nlines"]
        conversation = model.begin("implement", [[Message(role="user", content=UPPER.description)]])
        assert conversation.ask() == "one"
        assert (conversation.usage.prompt, conversation.usage.completion) == (11, 3)
        # A review is asked of the writer of the tests.
        assert ask(model, "tests") == "five"
        model.close()
    assert replayer.replayed == {"upper": 4, "lower": 1}
    assert replayer.differing.total() == 1


def test_a_record_that_holds_no_further_reply_says_so(tmp_path: Path) -> None:
    recorded(tmp_path, ["one"], [("implement", UPPER)])
    replayer, model = replayed(tmp_path, [UPPER])
    with replayer:
        ask(model, "implement", words="Other words.")
        with pytest.raises(ModelError, match="The record holds no further reply for implement of the task upper"):
            ask(model, "implement")
        model.close()
    assert len(replayer.requests) == 2
    assert replayer.differing == {"upper": 1}
    with pytest.raises(ValueError, match="holds nothing of lower"):
        Replayer(TASKS, tmp_path)


def test_a_record_can_be_read(tmp_path: Path) -> None:
    recorded(
        tmp_path, ['{"slug": "upper-case", "title": "Größe"}', "two\n  lines"], [("specify", UPPER), ("fix", UPPER)]
    )
    text = (tmp_path / "upper.yml").read_text()
    assert text.startswith("task: upper\nmodel: strong\nexchanges:\n- stage: specify\n")
    assert '  reply: |-\n    {\n     "slug": "upper-case",\n     "title": "Größe"\n    }\n' in text
    assert "  reply: |-\n    two\n      lines\n" in text
    file = read(tmp_path, "upper")
    assert file is not None
    assert [exchange.sent for exchange in file.exchanges] == [100, 100]
    assert yaml.safe_load(text)["exchanges"][0]["finish"] == "stop"
    assert read(tmp_path, "lower") is None


def test_a_new_record_of_a_task_replaces_the_old_one(tmp_path: Path) -> None:
    old = Exchange(stage="fix", prompt="0", sent=1, received=1, seconds=1, reply="old")
    for task in TASKS:
        write(tmp_path, Recorded(task=task.name, model="weak", exchanges=(old,)))
    recorded(tmp_path, ["new"], [("fix", UPPER)])
    files = {task.name: read(tmp_path, task.name) for task in TASKS}
    assert {name: file and [exchange.reply for exchange in file.exchanges] for name, file in files.items()} == {
        "upper": ["new"],
        "lower": ["old"],
    }


def test_a_reply_that_is_no_plain_text_is_replayed_as_it_came(tmp_path: Path) -> None:
    chunks = {"role": "assistant", "content": [{"type": "text", "text": "in "}, {"type": "text", "text": "chunks"}]}
    body = {"model": "strong", "choices": [{"index": 0, "message": chunks, "finish_reason": "stop"}]}
    recorded(tmp_path, [Raw(body)], [("fix", UPPER)])
    replayer, model = replayed(tmp_path, [UPPER])
    with replayer:
        assert ask(model, "fix") == "in chunks"
        model.close()


def test_what_the_endpoint_refuses_is_passed_on_and_not_recorded(tmp_path: Path) -> None:
    answers = [Failure(429, "later"), Failure(503, body="<html>down", content_type="text/html"), "at last"]
    recorded(tmp_path, answers, [("fix", UPPER)])
    file = read(tmp_path, "upper")
    assert file is not None
    assert [exchange.reply for exchange in file.exchanges] == ["at last"]


def test_an_endpoint_that_is_down_is_told(tmp_path: Path) -> None:
    environ = {"OPENAI_BASE_URL": "http://127.0.0.1:9/v1", "OPENAI_MODEL": "strong"}
    with Recorder(TASKS, tmp_path, environ) as recorder:
        model = model_of(staged(environ, recorder.url))
        with pytest.raises(ModelError, match=r"is failing \(HTTP 502\)"):
            ask(model, "fix")
        model.close()
    assert not list(tmp_path.iterdir())


def test_what_belongs_to_no_task_is_refused_or_passed_on(tmp_path: Path) -> None:
    write(tmp_path, Recorded(task="upper", model="strong"))
    other = Task(name="other", title="Other", description="Something else.", scenarios="")
    replayer, model = replayed(tmp_path, [UPPER])
    with replayer:
        with pytest.raises(ModelError, match="belongs to no task of the evaluation"):
            ask(model, "fix", other)
        with FakeModel(["from beyond"]) as beyond:
            replayer.beyond = beyond.url
            assert ask(model, "fix", other) == "from beyond"
        model.close()
