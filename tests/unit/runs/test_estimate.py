"""What a plan will take and cost."""

from __future__ import annotations

from typing import Any

import pytest

from bot.runs.estimate import estimate
from bot.values.cost import Usage
from bot.values.progress import Progress, Seconds, Stage, StrategyOutcome, StrategyRecord


def run(
    stage: Stage = Stage.DONE, usd: float | None = 0.5, builds: tuple[float, ...] = (60,), **changes: Any
) -> Progress:
    """Return a run of 2,000 tokens after its plan, 10 seconds of them by the model."""
    plan = Usage(prompt=9_000, completion=1_000, cost_usd=9, seconds=300)
    code = Usage(prompt=900, completion=100, cost_usd=usd and usd / 2, seconds=5)
    known: dict[str, Any] = {
        "stages": {"specify": plan, "strategize": plan, "tests": code, "implement": code},
        "seconds": Seconds(builds=sum(builds), deploy=50),
    }
    return Progress(run_id="r", repo="o/r", issue=1, started_at=0, stage=stage, builds=builds, **known | changes)


NOW = Progress(run_id="n", repo="o/r", issue=2, started_at=0, usage=Usage(completion=1_000, seconds=20))


def dear(stage: str, prompt: int, completion: int) -> float | None:
    return (prompt + 2 * completion) / 1_000


def unknown(stage: str, prompt: int, completion: int) -> float | None:
    return None


def test_what_runs_of_the_repository_took_after_their_plan() -> None:
    runs = [run(), run(builds=(60, 120, 180)), run(usd=2, stage=Stage.FAILED)]
    found = estimate(runs, NOW, 10, unknown)
    assert found.tokens == (2_000, 2_000)
    assert found.usd == (0.5, 2)
    assert found.minutes == (2, 7)
    assert found.runs == 3


@pytest.mark.parametrize(
    "other",
    [
        run(stage=Stage.STOPPED),
        run(stage=Stage.BUILD),
        run(builds=()),
        run(stage=Stage.WAITING, strategies=(StrategyRecord(name="a", outcome=StrategyOutcome.STOPPED),)),
        run(is_update=True),
        run(stages={"fix": Usage(prompt=1, completion=1)}),
    ],
)
def test_what_went_another_way_does_not_count(other: Progress) -> None:
    assert estimate([other], NOW, 10, unknown) == estimate([], NOW, 10, unknown)


def test_without_runs_measurements_and_the_price_list_tell() -> None:
    found = estimate([], NOW, 10, dear)
    assert found.tokens == (1_211 + 363 + 1_412 + 149, 1_763 + 880 + 2_317 + 1_120 + 3 * (3_500 + 400))
    assert found.usd == pytest.approx((3.647, 8.08 + 3 * 4.3))
    # A build and a deployment; four builds, a deployment and the model at 20 ms a token.
    assert found.minutes == pytest.approx((2 + 512 * 0.02 / 60, 14 + (2_000 + 3 * 400) * 0.02 / 60))
    assert found.runs == 0


def test_few_runs_stand_beside_the_measurements() -> None:
    found = estimate([run(usd=100), run()], NOW, 10, dear)
    assert found.usd == (0.5, 100)
    assert found.tokens[0] == 2_000
    assert found.tokens[1] == estimate([], NOW, 10, dear).tokens[1]
    assert found.runs == 2


@pytest.mark.parametrize("runs", [[], [run(usd=None)], [run(usd=None), run(), run()]])
def test_an_unknown_price_is_no_price(runs: list[Progress]) -> None:
    assert estimate(runs, NOW, 10, unknown).usd is None


def test_no_more_fixes_are_counted_than_there_may_be() -> None:
    assert estimate([], NOW, 0, dear).tokens[1] == 1_763 + 880 + 2_317 + 1_120


def test_an_update_is_priced_by_its_own_stages() -> None:
    asked = []

    def price(stage: str, prompt: int, completion: int) -> float | None:
        asked.append(stage)
        return 1.0

    estimate([], NOW.model_copy(update={"is_update": True}), 10, price)
    assert asked == ["retest", "revise", "retest", "revise", "fix"]
    update = run(is_update=True, stages={"respecify": Usage(prompt=1), "revise": Usage(prompt=10, completion=5)})
    assert estimate([update] * 3, NOW.model_copy(update={"is_update": True}), 10, price).tokens == (15, 15)
