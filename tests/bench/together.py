"""Eight issues at once in one installation, at the pace that GitHub allows: what each of them waits for the others."""

from __future__ import annotations

import statistics
import tempfile
import threading
import time
from contextlib import ExitStack
from pathlib import Path

from bot.clients.github import GitHub, Pace
from bot.clients.github.pacing import Urgency
from tests.bench.figure import Figure
from tests.fakes.model import FakeModel
from tests.flow.house import House
from tests.flow.reader import BOT
from tests.flow.replies import files, fix, spec, strategies, suite
from tests.flow.scene import Scene
from tests.flow.test_run import BODY, RED

ISSUES = 8
_DEADLINE = 600.0


class _Watched(Pace):
    """A pace that keeps how long runs have waited at it."""

    def __init__(self, waits: list[float]) -> None:
        super().__init__()
        self._waits = waits

    def wait(self, urgency: Urgency = Urgency.STEP, of: str = "") -> None:
        began = time.monotonic()
        super().wait(urgency, of)
        if urgency is Urgency.STEP:
            self._waits.append(time.monotonic() - began)


def measure() -> list[Figure]:
    """Take issues with one fix each to their services; builds, deployments and the model answer at once."""
    waits: list[float] = []
    with tempfile.TemporaryDirectory() as folder, ExitStack() as stack:
        house = House(Path(folder), None, lambda: _Watched(waits))
        stack.callback(house.close)
        house.hub.create_repository("octo/first", {"README.md": "first\n"})
        github = house.install()
        scenes = [_scene(house, github, stack, number) for number in range(ISSUES)]
        asked = len(house.hub.requests)
        began = time.monotonic()
        issues = [scene.open(BODY) for scene in scenes]
        answered = _Answered(scenes[0], issues[0])
        ended: dict[int, float] = {}
        while len(ended) < ISSUES:
            for place, (scene, issue) in enumerate(zip(scenes, issues, strict=True)):
                if place not in ended and _is_live(scene, issue):
                    ended[place] = time.monotonic() - began
            assert time.monotonic() - began < _DEADLINE, "the issues do not come to their end"
            time.sleep(0.05)
        seconds = answered.join()
        for scene, issue in zip(scenes, issues, strict=True):
            scene.ends(issue)
        made = [request for request in house.hub.requests[asked:] if request.actor == BOT]
        edits = sum(r.method == "PATCH" and "/issues/comments/" in r.path for r in made)
        writes = sum(r.kind != "read" for r in made)
    return [
        Figure(
            f"{ISSUES} issues at once, instant builds: label to live",
            statistics.median(ended.values()),
            "s",
            None,
            f"median; the first {min(ended.values()):.0f} s, the last {max(ended.values()):.0f} s",
        ),
        Figure(
            "a write that a run waits for",
            statistics.median(waits),
            "s",
            None,
            f"median of {len(waits)}, in all {sum(waits):.0f} s",
        ),
        Figure("a command typed meanwhile, to its answer", seconds, "s", None),
        Figure("writes of an issue", writes / ISSUES, "", None, f"{edits / ISSUES:.1f} of them edits of comments"),
    ]


def _scene(house: House, github: GitHub, stack: ExitStack, number: int) -> Scene:
    model = stack.enter_context(FakeModel())
    scene = Scene(house, github, f"octo/services-{number}", model, "", 60, bare=False, label=True)
    scene.answers(spec(), suite(), strategies("str.upper"), files("input.text"), fix("Wrong.", "input.text.upper()"))
    scene.build_logs(RED)
    return scene


def _is_live(scene: Scene, issue: int) -> bool:
    progress = scene.house.runs.latest(scene.key, issue)
    return progress is not None and progress.deployment is not None


class _Answered:
    """A person who types `/status` when the writes have begun to wait for each other."""

    def __init__(self, scene: Scene, issue: int) -> None:
        self._seconds = 0.0
        self._thread = threading.Thread(target=self._ask, args=(scene, issue))
        self._thread.start()

    def join(self) -> float:
        """Return how many seconds the answer took."""
        self._thread.join()
        return self._seconds

    def _ask(self, scene: Scene, issue: int) -> None:
        time.sleep(20)
        before = len(scene.house.hub.repository(scene.name).issues[issue].comments)
        began = time.monotonic()
        scene.say(issue, "/status")
        scene.until(lambda: len(scene.house.hub.repository(scene.name).issues[issue].comments) >= before + 2)
        self._seconds = time.monotonic() - began
