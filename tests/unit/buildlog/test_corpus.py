"""The corpus of failed builds (tests/logs): the excerpt of each shows what an engineer must see."""

from __future__ import annotations

import json
import lzma
import tomllib
from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from bot.buildlog import EXCERPT_LIMIT, HEADLINE_LIMIT, read_failure
from bot.buildlog.clues import HEADING
from bot.buildlog.command import excerpt
from bot.values.failure import Failure
from tests.evaluate.left_out import read_tail

LOGS = Path(__file__).parents[2] / "logs"
CORPUS: dict[str, dict[str, Any]] = tomllib.loads((LOGS / "corpus.toml").read_text(encoding="utf-8"))


def log(name: str) -> bytes:
    return lzma.decompress((LOGS / f"{name}.xz").read_bytes())


@cache
def lines(name: str) -> list[str]:
    return log(name).decode().split("\n")


@cache
def failure_of(name: str) -> Failure:
    return read_failure(lines(name))


@pytest.mark.parametrize("name", CORPUS)
def test_the_cause_is_found_and_shown(name: str) -> None:
    wanted = CORPUS[name]

    failure = failure_of(name)

    assert [text for text in wanted["see"] if text not in failure.excerpt] == [], failure.excerpt
    assert {
        "class": failure.failure_class,
        "phase": failure.phase,
        "transient": failure.transient,
        "file": failure.file,
        "line": failure.line,
    } == {
        "class": wanted["class"],
        "phase": wanted["phase"],
        "transient": wanted["transient"],
        "file": wanted["file"],
        "line": wanted.get("line"),
    }, failure.headline
    assert len(failure.excerpt) <= EXCERPT_LIMIT
    assert 0 < len(failure.headline) <= HEADLINE_LIMIT
    assert "\n" not in failure.headline
    assert "\x1b" not in failure.excerpt


BEFORE = """\
##[group]Run echo before
echo before
##[endgroup]
Traceback (most recent call last):
  File "warmup.py", line 1, in <module>
ValueError: handled, going on
E: Unable to locate package of-another-step"""
SCRIPT = "##[group]Run docker build .\ndocker build .\nshell: /usr/bin/bash -e {0}\n##[endgroup]"
AFTER = """\
##[error]Process completed with exit code 1.
##[group]Run docker logs x
##[endgroup]
ERROR: No matching distribution found for of-another-step
##[error]Process completed with exit code 2.
Post job cleanup."""


def as_github(output: list[str]) -> list[str]:
    log = "\n".join([BEFORE, SCRIPT, *output, AFTER]).split("\n")
    return ["\ufeff", *(f"2026-05-07T10:00:{n % 60:02}.{n:07}Z {line}" for n, line in enumerate(log))]


def as_act(output: list[str]) -> list[str]:
    return [
        "[Build/Build] ⭐ Run Main Build and test",
        *(f"[Build/Build]   | {line}" for line in output),
        "[Build/Build]   ❌  Failure - Main Build and test [1.2s]",
        "[Build/Build] exit status 1",
        "[Build/Build] ⭐ Run Main Clean up",
        "[Build/Build]   | E: Unable to locate package of-another-step",
    ]


def as_act_json(output: list[str]) -> list[str]:
    event = {"jobID": "build", "level": "info", "step": "Build and test"}
    return [
        json.dumps({**event, "msg": "⭐ Run Main Build and test"}),
        *(json.dumps({**event, "msg": f"{line}\r\n", "raw_output": True}) for line in output),
        json.dumps({**event, "msg": "  ❌  Failure - Main Build and test", "stepResult": "failure"}),
    ]


def in_colours(output: list[str]) -> list[str]:
    return [f"\x1b[31m{line}\x1b[0m\r" for line in output]


def with_another_service(output: list[str]) -> list[str]:
    failed = "Sending build context\nStep 1/1 : RUN pip install x\nERROR: No matching distribution found for x"
    died = "The command '/bin/sh -c pip install x' returned a non-zero code: 1"
    return as_github([*output, "Testing services/other", *failed.split("\n"), died])


@pytest.mark.parametrize("shape", [as_github, as_act, as_act_json, in_colours, with_another_service])
def test_it_is_the_same_failure_in_whatever_log(shape: Callable[[list[str]], list[str]]) -> None:
    for name in (name for name, entry in CORPUS.items() if entry["format"] == "builder"):
        output = [line.rstrip("\r") for line in lines(name)]
        bare, shaped = read_failure(output), read_failure(shape(output))

        same = {"step": "", "excerpt": ""}
        assert shaped.model_copy(update=same) == bare.model_copy(update=same), name
        assert [text for text in CORPUS[name]["see"] if text not in shaped.excerpt] == [], name
        assert "of-another-step" not in shaped.excerpt.partition(HEADING)[0]


def test_the_corpus_is_complete() -> None:
    assert {path.stem for path in LOGS.glob("*.xz")} == set(CORPUS)
    assert len({entry["kind"] for entry in CORPUS.values()}) >= 25


# Logs of one and the same failure, under two builders or with other noise around it.
ALIKE = {
    frozenset({"docker-unknown-instruction", "docker-unknown-instruction-buildx"}),
    frozenset({"test-diff", "test-noise", "test-warnings-after"}),
    frozenset({"test-live-noise", "docker-all-in-one-test"}),
}


def test_different_failures_have_different_fingerprints() -> None:
    logs: dict[str, set[str]] = {}
    for name in CORPUS:
        logs.setdefault(failure_of(name).fingerprint, set()).add(name)

    assert {frozenset(names) for names in logs.values() if len(names) > 1} <= ALIKE


def test_the_excerpt_beats_the_end_of_the_log() -> None:
    def seen(read: Callable[[str], Failure]) -> int:
        return sum(all(text in read(name).excerpt for text in CORPUS[name]["see"]) for name in CORPUS)

    assert seen(lambda name: read_tail(lines(name))) < seen(failure_of)


def test_the_command_prints_what_is_known_and_the_excerpt() -> None:
    done = CliRunner().invoke(excerpt, input=log("code-syntax"))

    assert done.exit_code == 0
    known, headline, _, *shown = done.output.split("\n")
    assert known.startswith("class: code | phase: test | step: Build and test | place: executor.py:9 | transient: no")
    assert headline == "SyntaxError: invalid syntax"
    assert "    class Output(BaseModel:" in "\n".join(shown)


def test_the_command_prints_json() -> None:
    done = CliRunner().invoke(excerpt, ["--json", "--step", "Mine"], input=log("pip-conflict"))

    failure = json.loads(done.output)
    assert (failure["failure_class"], failure["phase"], failure["step"], failure["line"]) == ("pip", "pip", "Mine", 3)


@pytest.mark.parametrize("text", ["", "all good\n", "2026-05-07T10:00:00.0000000Z ##[group]Run true\n"])
def test_the_command_says_where_there_is_no_failure(text: str) -> None:
    done = CliRunner().invoke(excerpt, input=text)

    assert (done.exit_code, done.stdout) == (1, "")
    assert "no failure found" in done.stderr
