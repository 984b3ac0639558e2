"""Comments on the lines of the one executor that flow tests have reviewed, and what the bot says to them."""

from __future__ import annotations

from typing import Any

from tests.flow.reader import BOT
from tests.flow.scene import Scene

EXECUTOR = "services/upper-case/executor.py"
GREEN = "🟢 #2 is green. `/preview` lets you try it, `/deploy` merges and deploys it."


def on(line: int, body: str, **place: Any) -> dict[str, Any]:
    """Return a comment on a line of executor.py: 4 is `def execute`, 5 is the return."""
    return {"path": EXECUTOR, "line": line, "side": "RIGHT", "body": body, **place}


def suggested(expression: str) -> str:
    return f"```suggestion\n    return Output(result={expression})\n```"


def answer(scene: Scene, text: str) -> tuple[str, str]:
    """Return an answer of the bot that names the newest build's commit."""
    return BOT, f"✅ {text}\n\nIn {scene.builds[-1].head_sha[:7]}."
