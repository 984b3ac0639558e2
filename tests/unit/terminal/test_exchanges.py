"""What the worker writes down of the model is read while it is written."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from pathlib import Path

import pytest

from bot.clients.llm import Message, Refused
from bot.logs import TRANSCRIPT, write_transcript
from bot.terminal.exchanges import Exchanges
from tests.fakes.model import FakeModel


@pytest.fixture
def file(tmp_path: Path) -> Iterator[Path]:
    path = tmp_path / "transcript.jsonl"
    write_transcript(path)
    yield path
    logger = logging.getLogger(TRANSCRIPT)
    for handler in list(logger.handlers):
        handler.close()
        logger.removeHandler(handler)
    logger.setLevel(logging.NOTSET)
    logger.propagate = True


def test_nobody_else_can_read_them(file: Path) -> None:
    assert file.stat().st_mode & 0o777 == 0o600


def test_prompt_and_reply_of_each_try(file: Path) -> None:
    exchanges = Exchanges(file)
    assert list(exchanges.new()) == []
    with FakeModel() as fake:
        fake.answers += ["first", "second\nline"]
        model = fake.client(name="fake", api_key="none")
        prompt = [Message(role="system", content="You build."), Message(role="user", content="Build it.")]
        conversation = model.begin("implement", [prompt])
        conversation.ask()
        assert [(told.stage, told.model, told.prompt, told.reply) for told in exchanges.new()] == [
            ("implement", "fake", "Build it.", "first")
        ]
        conversation.refuse(Refused("It does not parse."))
        conversation.ask()
        model.close()
    (again,) = exchanges.new()
    assert "It does not parse." in again.prompt
    assert "Build it." not in again.prompt
    assert again.reply == "second\nline"
    assert list(exchanges.new()) == []


def test_a_line_that_is_still_written_waits(file: Path) -> None:
    exchanges = Exchanges(file)
    line = '{"stage": "s", "model": "m", "prompt": "p", "reply": "r"}\n'
    file.write_text(line + line[:20])
    assert len(list(exchanges.new())) == 1
    with file.open("a") as end:
        end.write(line[20:])
    assert len(list(exchanges.new())) == 1
