"""How a demo ended, as one JSON object."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from bot.values.progress import Progress, Stage


def outcome(progress: Progress, requests: Mapping[str, int], answered: bool) -> dict[str, Any]:
    """Return what `gptdeploy demo --json` prints.

    Args:
        requests: the bot's requests to GitHub for this issue, counted as `read` and `write`, its tokens and the logs it
            downloads among them; `content` are the writes that people see, which GitHub limits to 80 a minute.
        answered: whether the live service answered its own example.

    Returns:
        `preflight_saves` counts the replies that were refused because their build would have failed. `stages` is what
        each of the model's stages has taken; they add up to `tokens`. `note` is the last line that the run showed.
    """
    ended = str(progress.stage)
    if progress.stage is Stage.DONE:
        ended = "deployed" if answered else str(Stage.FAILED)
    live = progress.deployment
    return {
        "outcome": ended,
        "note": progress.note,
        "issue": progress.issue,
        "slug": progress.slug,
        "strategies": [
            record.model_dump(mode="json", include={"name", "pull", "commits", "outcome", "reason", "built"})
            for record in progress.strategies
        ],
        "fixes": progress.fixes,
        "preflight_saves": progress.usage.saved,
        "tokens": {"prompt": progress.usage.prompt, "completion": progress.usage.completion},
        "stages": {
            stage: {"calls": usage.calls, "prompt": usage.prompt, "completion": usage.completion}
            for stage, usage in progress.stages.items()
        },
        "cost_usd": progress.usage.cost_usd,
        "seconds": {name: round(value, 2) for name, value in progress.seconds},
        "github_requests": dict(requests),
        "playground_url": live.playground_url if live else None,
        "api_url": live.api_url if live else None,
    }
