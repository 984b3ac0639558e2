"""What the demo says before anything is started, and the object it ends with."""

from __future__ import annotations

import json
import socket
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from click.testing import CliRunner

from bot.__main__ import main
from bot.demo.outcome import outcome
from bot.demo.ports import free_port, starting
from bot.demo.state import State
from bot.errors import EXIT_STATUS, UserError
from bot.values.build import BuildFacts
from bot.values.cost import Usage
from bot.values.deployment import Deployment
from bot.values.progress import Progress, Stage, StrategyOutcome, StrategyRecord


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ('{"title": "t"}', "description"),
        ('{"title": "t", "description": "d", "colour": "red"}', "colour"),
        ("not JSON", "JSON"),
    ],
)
def test_an_issue_file_that_is_wrong_is_refused_by_name(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, text: str, words: str
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "issue.json").write_text(text)
    result = CliRunner().invoke(main, ["demo", "--once", "--issue-file", "issue.json"])
    assert result.exit_code == EXIT_STATUS
    assert words in result.output


def test_an_issue_file_and_a_description_are_too_much(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "issue.json").write_text('{"title": "t", "description": "d"}')
    result = CliRunner().invoke(main, ["demo", "--issue-file", "issue.json", "--description", "d"])
    assert result.exit_code == EXIT_STATUS
    assert "one or the other" in result.output


@pytest.mark.parametrize(("line", "words"), [("fixes", "KEY=VALUE"), ("fixes=99", "fixes"), ("colour=red", "colour")])
def test_a_wrong_line_of_configuration_is_named_before_anything_starts(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, line: str, words: str
) -> None:
    monkeypatch.chdir(tmp_path)
    # Nothing listens on port 1: no unit test may find a real engine.
    result = CliRunner().invoke(main, ["demo", "--once", "--config", line], env={"DOCKER_HOST": "tcp://127.0.0.1:1"})
    assert result.exit_code == EXIT_STATUS
    assert words in result.stderr


def test_a_second_demo_in_the_same_folder_is_refused(tmp_path: Path) -> None:
    state = State(tmp_path / ".gptdeploy")
    with state.held(), pytest.raises(UserError, match="Another demo"), State(tmp_path / ".gptdeploy").held():
        pass


def test_what_was_started_is_remembered_until_it_is_cleared(tmp_path: Path) -> None:
    State(tmp_path / "x").record(port=8080)
    State(tmp_path / "x").record(engine=True)
    assert State(tmp_path / "x").started.port == 8080
    assert State(tmp_path / "x").started.engine
    State(tmp_path / "x").clear()
    assert State(tmp_path / "x").started.port == 0


def test_a_taken_port_is_passed_over() -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        other = free_port(port)
    assert free_port(port) == port
    # The kernel gives none of these to a connection before something listens there.
    assert 0 < other < int(Path("/proc/sys/net/ipv4/ip_local_port_range").read_text().split()[0])


def test_demos_that_start_at_once_take_different_ports(tmp_path: Path) -> None:
    first_chosen = threading.Event()
    said: list[str] = []
    wanted = free_port()

    def start() -> socket.socket:
        with starting(tmp_path / "state" / "lock", said.append):
            port = free_port(wanted)
            first_chosen.set()
            # Until a process listens, the port that was chosen for it looks free.
            time.sleep(0.3)
            return socket.create_server(("127.0.0.1", port))

    with ThreadPoolExecutor() as threads:
        first = threads.submit(start)
        assert first_chosen.wait(20)
        with start() as second, first.result() as other:
            assert other.getsockname()[1] == wanted != second.getsockname()[1]
    assert said == ["another demo is starting on this machine: this one starts after it"]


def test_the_outcome_is_what_the_readme_promises() -> None:
    progress = Progress(
        run_id="o/r#1-00000000",
        repo="o/r",
        issue=1,
        started_at=0,
        stage=Stage.DONE,
        note="deployed",
        slug="qr-code",
        usage=Usage(prompt=90, completion=12, calls=3, saved=1),
        stages={
            "specify": Usage(prompt=30, completion=4, calls=1),
            "implement": Usage(prompt=60, completion=8, calls=2, saved=1),
        },
        strategies=(
            StrategyRecord(name="segno", pull=2, commits=1, outcome=StrategyOutcome.MERGED, built=BuildFacts(tests=3)),
        ),
        deployment=Deployment(playground_url="http://qr/", api_url="http://qr/execute"),
    )
    result = outcome(progress, {"read": 2, "write": 1, "content": 1}, answered=True)
    assert json.loads(json.dumps(result)) == {
        "outcome": "deployed",
        "note": "deployed",
        "issue": 1,
        "slug": "qr-code",
        "strategies": [
            {
                **{"name": "segno", "pull": 2, "commits": 1, "outcome": "merged", "reason": ""},
                "built": {"tests": 3, "image_bytes": None, "build_seconds": None, "answer_ms": None},
            }
        ],
        "fixes": 0,
        "preflight_saves": 1,
        "tokens": {"prompt": 90, "completion": 12},
        "stages": {
            "specify": {"calls": 1, "prompt": 30, "completion": 4},
            "implement": {"calls": 2, "prompt": 60, "completion": 8},
        },
        "cost_usd": None,
        "seconds": {"total": 0.0, "model": 0.0, "builds": 0.0, "deploy": 0.0},
        "github_requests": {"read": 2, "write": 1, "content": 1},
        "playground_url": "http://qr/",
        "api_url": "http://qr/execute",
    }


def test_a_service_that_does_not_answer_is_not_deployed() -> None:
    progress = Progress(run_id="r", repo="o/r", issue=1, started_at=0, stage=Stage.DONE)
    assert outcome(progress, {}, answered=False)["outcome"] == "failed"
