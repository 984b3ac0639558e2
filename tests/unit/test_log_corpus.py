"""The corpus of failed builds (tests/logs): the excerpt of each shows what an engineer must see."""

from __future__ import annotations

import json
import lzma
import tomllib
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from bot.buildlog import EXCERPT_LIMIT, HEADLINE_LIMIT, naive_failure, read_failure
from bot.excerpt import excerpt

LOGS = Path(__file__).parents[1] / "logs"
CORPUS: dict[str, dict[str, Any]] = tomllib.loads((LOGS / "corpus.toml").read_text(encoding="utf-8"))


def log(name: str) -> bytes:
    return lzma.decompress((LOGS / f"{name}.xz").read_bytes())


def lines(name: str) -> list[str]:
    return log(name).decode().split("\n")


@pytest.mark.parametrize("name", CORPUS)
def test_the_cause_is_found_and_shown(name: str) -> None:
    wanted = CORPUS[name]

    failure = read_failure(lines(name))

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
    found: dict[str, set[str]] = {}
    for name in CORPUS:
        found.setdefault(read_failure(lines(name)).fingerprint, set()).add(name)

    assert {frozenset(names) for names in found.values() if len(names) > 1} <= ALIKE


def test_the_excerpt_beats_the_end_of_the_log() -> None:
    def seen(read: Any) -> int:
        return sum(all(text in read(lines(name)).excerpt for text in CORPUS[name]["see"]) for name in CORPUS)

    assert seen(naive_failure) < seen(read_failure)


def test_the_command_prints_what_is_known_and_the_excerpt() -> None:
    done = CliRunner().invoke(excerpt, input=log("code-syntax"))

    assert done.exit_code == 0
    known, headline, _, *shown = done.output.split("\n")
    assert known.startswith("class: code | phase: test | step: Build and test | place: executor.py:9 | transient: no")
    assert headline == "SyntaxError: invalid syntax"
    assert "    class Output(BaseModel:" in "\n".join(shown)


def test_the_command_prints_json() -> None:
    done = CliRunner().invoke(excerpt, ["--json", "--step", "Mine"], input=log("pip-conflict"))

    told = json.loads(done.output)
    assert (told["failure_class"], told["phase"], told["step"], told["line"]) == ("pip", "pip", "Mine", 3)


@pytest.mark.parametrize("text", ["", "all good\n", "2026-05-07T10:00:00.0000000Z ##[group]Run true\n"])
def test_the_command_says_where_there_is_no_failure(text: str) -> None:
    done = CliRunner().invoke(excerpt, input=text)

    assert (done.exit_code, done.stdout) == (1, "")
    assert "no failure found" in done.stderr
