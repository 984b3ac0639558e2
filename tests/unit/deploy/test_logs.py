"""The last lines of a service, from what the engine says of all its tasks."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

from bot.deploy.deployed import Deployed
from bot.deploy.logs import last_lines


def said(task: str, second: int, text: str) -> bytes:
    details = f"com.docker.swarm.node.id=n,com.docker.swarm.service.id=s,com.docker.swarm.task.id={task}"
    return f"2026-01-02T03:04:{second:02}.123456789Z {details} {text}\n".encode()


def log_of(lines: int, *frames: bytes) -> str:
    """Return the last lines, where tasks `a` and `b` are of the live version and task `old` is of the one before."""
    asked: dict[str, Any] = {}

    def logs(**options: Any) -> list[bytes]:
        asked.update(options)
        return list(frames)

    client: Any = SimpleNamespace(services=SimpleNamespace(get=lambda _: SimpleNamespace(logs=logs)))
    tasks = [
        {"ID": name, "Spec": {"ForceUpdate": revision}, "Status": {"State": "running"}}
        for name, revision in (("a", 2), ("b", 2), ("old", 1))
    ]
    service = Deployed({"ID": "s", "Spec": {"TaskTemplate": {"ForceUpdate": 2}}}, tuple(tasks))
    text = last_lines(client, service, lines)
    assert asked["tail"] == lines
    return text


def test_lines_of_all_replicas_stand_in_the_order_of_time() -> None:
    frames = [said("a", 1, "one"), said("a", 3, "three"), said("b", 2, "two"), said("b", 4, "four")]
    assert log_of(9, *frames) == "one\ntwo\nthree\nfour"
    assert log_of(2, *frames) == "three\nfour"


def test_the_version_before_is_left_out() -> None:
    assert log_of(9, said("old", 5, "gone"), said("a", 1, "here")) == "here"


def test_secrets_colours_and_hidden_characters_are_left_out() -> None:
    line = "\x1b[31mlogin\x1b[0m with password=hunter2 and\u200b token: abc"
    assert log_of(9, said("a", 1, line)) == "login with password=*** and token: ***"


def test_what_does_not_fit_into_a_comment_is_cut_at_the_oldest_line() -> None:
    text = log_of(500, *(said("a", second % 60, f"{second} " + "x" * 990) for second in range(60)))
    assert len(text) <= 50_000
    assert text.endswith("59 " + "x" * 990)
    assert text.splitlines()[0].split()[1] == "x" * 990


def test_a_line_with_spaces_keeps_them() -> None:
    assert log_of(9, said("a", 1, '  File "x.py", line 1')) == '  File "x.py", line 1'


def test_nothing_written() -> None:
    assert log_of(9) == ""
