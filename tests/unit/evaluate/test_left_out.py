"""What an evaluation leaves out of the bot is gone, and nothing else."""

from __future__ import annotations

import sys

import click
import pytest

from bot.buildlog import EXCERPT_LIMIT, read_failure
from bot.clients.llm import ModelError
from bot.clients.packages import Unresolvable
from bot.config import Settings
from bot.demo.command import demo
from bot.demo.processes import BotCommands
from bot.generate import FixRequest, Writer, write_fix, write_service
from bot.generate.files import Preflight
from bot.worker import build_world
from tests.evaluate.left_out import PARTS, NoPreflight, read_tail, without
from tests.fakes.app_key import app_key
from tests.fakes.model import FakeModel
from tests.fakes.packages import FakePackages
from tests.unit.buildlog.written import as_github, pytest_report
from tests.unit.generate.files.test_assemble import BRIEF, EXECUTOR, FAILURE, FILES, SPEC, STRATEGY, TESTS, reply


class Unresolved(FakePackages):
    """An index on which no requirements go together."""

    def pin(self, requirements: str) -> str:
        raise Unresolvable("these versions contradict each other")


def test_without_the_preflight_files_pass_and_no_fix_changes_a_test() -> None:
    off = NoPreflight(Unresolved())
    bad = f"from PIL import Image\n{EXECUTOR}".replace("def execute", "def run")
    with FakeModel([reply({**FILES, "executor.py": bad, "requirements.txt": "pillow"})]) as fake:
        model = fake.client()
        service, usage = write_service(Writer(model, off), BRIEF, STRATEGY)
        model.close()
    assert service.executor.startswith("from PIL")
    assert service.requirements.endswith("pillow\n")
    assert usage.saved == 0

    request = FixRequest(FAILURE, (), again=False, number=1, limit=10)
    weaker = reply({"test_executor.py": TESTS.replace('== "HELLO"', '!= "HELLO"')}, "Better.")
    with FakeModel([weaker] * 4) as fake:
        model = fake.client()
        with pytest.raises(ModelError, match=r"You cannot change test_executor.py"):
            write_fix(Writer(model, off), SPEC, STRATEGY, service, request)
        model.close()


def test_without_the_preflight_a_package_that_must_not_be_used_is_refused() -> None:
    pinned, faults = NoPreflight(FakePackages()).pinned(["reqeusts"])
    assert pinned == ""
    assert "nearly called `requests`" in faults[0]


def test_without_the_excerpt_the_end_of_the_log_is_read() -> None:
    log = list(as_github(pytest_report("AssertionError: assert 1 == 2"), after="after\n" * 2_000))

    tail, real = read_tail(log), read_failure(log)

    assert tail.excerpt == "\n".join(log)[-EXCERPT_LIMIT:]
    assert len(tail.excerpt) == EXCERPT_LIMIT
    assert tail.model_copy(update={"excerpt": ""}) == real.model_copy(update={"excerpt": ""})


def test_the_worker_is_built_without_the_parts() -> None:
    settings = Settings.from_environment(
        {
            "GITHUB_APP_ID": "1",
            "GITHUB_PRIVATE_KEY": app_key(),
            "GITHUB_WEBHOOK_SECRET": "long enough",
            "OPENAI_BASE_URL": "http://127.0.0.1:9/v1",
            "OPENAI_MODEL": "m",
        }
    )
    whole = build_world(settings)
    assert (whole.preflight, whole.read_failure) == (Preflight, read_failure)
    assert without(whole, ()) == whole
    bare = without(whole, PARTS)
    assert (bare.preflight, bare.read_failure) == (NoPreflight, read_tail)


def test_the_demo_starts_the_worker_it_is_given() -> None:
    commands = BotCommands(worker=("other", "worker"))
    with demo.make_context("demo", ["--once"], obj=commands) as context:
        assert context.find_object(BotCommands) is commands
    with click.Context(demo) as context:
        assert context.ensure_object(BotCommands).worker == (sys.executable, "-m", "bot", "worker")
