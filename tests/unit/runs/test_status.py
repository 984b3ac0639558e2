"""The status comment: what it shows, and what it keeps for programs."""

from __future__ import annotations

from typing import Any

from bot.render import COMMENT_LIMIT
from bot.runs.status import status_comment
from bot.values.build import BuildFacts, BuildRecord
from bot.values.cost import Usage
from bot.values.progress import Criterion, PastRun, Phase, Progress, Stage, StrategyOutcome, StrategyRecord, read_hidden


def progress(**values: Any) -> Progress:
    return Progress.model_validate({"run_id": "r", "repo": "octo/services", "issue": 3, "started_at": 0, **values})


def record(**values: Any) -> StrategyRecord:
    return StrategyRecord.model_validate({"name": "pillow", "pull": 2, "commits": 2, **values})


def build(died_of: str = "", number: int = 1) -> BuildRecord:
    url = f"https://github.com/octo/services/actions/runs/{number}"
    return BuildRecord(commit="abcdef0" + "1" * 33, url=url, began=10, seconds=23.6, died_of=died_of)


def test_a_strategy_is_a_row() -> None:
    green = record(
        outcome=StrategyOutcome.GREEN,
        built=BuildFacts(image_bytes=183_456_789),
        usage=Usage(prompt=1000, completion=234, calls=2),
    )
    red = record(
        name="a | b",
        outcome=StrategyOutcome.FAILED,
        reason="still red: `a | b\\nc`",
        usage=Usage(calls=1, cost_usd=0.01),
    )
    body = status_comment(progress(strategies=(green, red, StrategyRecord(name="plain"))))
    assert "| 🟢 | pillow | #2 | 2 | 183 MB | 1,234 tokens | green |\n" in body
    assert "| 🔴 | a \\| b | #2 | 2 |  | 0.0100 USD | still red: `a \\| b\\nc` |\n" in body
    assert "| ⚪ | plain |  |  |  |  | planned |\n" in body


def test_what_builds_died_of_is_folded_beside_the_timeline() -> None:
    builds = (build("E: `x` @octo | <!-- gptdeploy:status:9 -->"), build(number=2))
    body = status_comment(progress(strategies=(record(builds=builds),)))
    folded = body.partition(
        "<details><summary>Timeline (UTC; builds that failed are red)</summary>\n\n```mermaid\n---\n"
    )[2].partition("</details>")[0]
    assert folded.endswith(
        "```\n\n**pillow**\n\n"
        "- [abcdef0](https://github.com/octo/services/actions/runs/1): "
        "❌ ``E: `x` @octo | <! -- gptdeploy:status:9 -->``, 24 s\n"
        "- [abcdef0](https://github.com/octo/services/actions/runs/2): ✅ green, 24 s\n\n"
    )


def test_requirements_are_ticked_once_a_build_is_green() -> None:
    criteria = (Criterion(text="hello gives\nHELLO", check="test_hello"), Criterion(text="It is fast."))
    red = status_comment(progress(criteria=criteria, strategies=(record(outcome=StrategyOutcome.BUILDING),)))
    assert "<summary>Requirements: 0 of 2 checked</summary>\n\n- [ ] `test_hello`: hello gives HELLO\n" in red
    green = status_comment(progress(criteria=criteria, strategies=(record(outcome=StrategyOutcome.GREEN),)))
    assert (
        "<summary>Requirements: 1 of 2 checked</summary>\n\n"
        "- [x] `test_hello`: hello gives HELLO\n- [ ] not checked: It is fast.\n" in green
    )


def test_every_stage_says_what_comes_next_or_what_is_waited_for() -> None:
    for stage in Stage:
        body = status_comment(progress(stage=stage, note="a note", deployment={"playground_url": "x", "api_url": "y"}))
        assert ("**Next**: " in body) != (stage in (Stage.STOPPED, Stage.WAITING)), stage


def test_earlier_runs_have_a_line_each_and_figures_are_sums() -> None:
    many = PastRun(runs=3, started_at=0, usage=Usage(prompt=7))
    one = PastRun(started_at=3600, cause="the issue", ended="failed: a | b", usage=Usage(prompt=10, cost_usd=0.5))
    body = status_comment(progress(cause="`/deploy`", started_at=7200, usage=Usage(prompt=1), earlier=(many, one)))
    assert (
        "<details><summary>5 runs of this issue</summary>\n\n"
        "- 1970-01-01 00:00 UTC: 3 runs; 7 tokens\n"
        "- 1970-01-01 01:00 UTC: the issue, failed: a \\| b; 10 tokens, 0.5000 USD\n"
        "- 1970-01-01 02:00 UTC: `/deploy`, this one; 1 token\n\n</details>" in body
    )
    assert (
        "18 tokens sent, 0 received, 0.5000 USD · 0 s in all: model 0 s, builds 0 s, deployment 0 s for 5 runs" in body
    )


def test_it_holds_the_progress_for_programs() -> None:
    told = record(name="a --> b <!-- c", reason="x\\ny")
    known = progress(stage=Stage.FIX, strategies=(told,), earlier=(PastRun(started_at=1, cause="the issue"),))
    more = {"strategies": (told.model_copy(update={"learned": "much", "builds": (build(),)}),)}
    phases = (Phase(name="plan", began=1),)
    body = status_comment(known.model_copy(update={**more, "phases": phases, "asked": "in words"}))
    assert read_hidden(body) == known
    assert read_hidden("somebody's comment") is None
    assert read_hidden('<!-- gptdeploy-progress {"stage": "unheard-of"} -->') is None


def test_what_a_text_quotes_is_not_taken_for_it() -> None:
    forged = progress(title="forged").hidden()
    body = status_comment(progress(title="own", note=f"x\\n{forged}\\ny", stage=Stage.FAILED))
    found = read_hidden(body)
    assert found is not None
    assert found.title == "own"


def test_a_comment_that_is_too_long_still_holds_it() -> None:
    builds = tuple(build("x" * 160, number) for number in range(60))
    known = progress(strategies=tuple(record(name=f"s{number}", builds=builds) for number in range(9)))
    body = status_comment(known)
    assert COMMENT_LIMIT - 100 < len(body) <= COMMENT_LIMIT
    found = read_hidden(body)
    assert found is not None
    assert [strategy.name for strategy in found.strategies] == [f"s{number}" for number in range(9)]


def test_a_long_specification_leaves_room_for_what_people_read() -> None:
    criteria = tuple(Criterion(text="x" * 2_000, check=f"test_{number}") for number in range(40))
    body = status_comment(progress(criteria=criteria, title="Own", earlier=(PastRun(started_at=1),)))
    assert len(body) <= COMMENT_LIMIT
    assert "### ⏳ Own" in body
    found = read_hidden(body)
    assert found is not None
    assert (found.title, len(found.earlier), found.criteria) == ("Own", 1, ())
