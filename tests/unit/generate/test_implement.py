"""What a stage holds while it works."""

from __future__ import annotations

import threading

from bot.clients.llm.endpoint import CALLS
from bot.generate import Writer, write_service
from bot.generate.files import Preflight
from tests.fakes.model import serving
from tests.fakes.packages import FakePackages
from tests.unit.generate.files.test_assemble import BRIEF, FILES, STRATEGY, implemented, reply


class SlowPackages(FakePackages):
    """An index on which pinning takes until `done`."""

    def __init__(self) -> None:
        super().__init__()
        self.begun = threading.Semaphore(0)
        self.done = threading.Event()

    def pin(self, requirements: str) -> str:
        self.begun.release()
        self.done.wait()
        return super().pin(requirements)


def test_a_stage_holds_no_place_at_the_model_while_its_files_are_checked() -> None:
    slow = SlowPackages()
    with serving(*[reply(FILES)] * (CALLS + 1), name="m") as (_, model):
        stages = [
            threading.Thread(target=write_service, args=(Writer(model, Preflight(slow)), BRIEF, STRATEGY))
            for _ in range(CALLS)
        ]
        for stage in stages:
            stage.start()
        assert all(slow.begun.acquire(timeout=10) for _ in stages)
        service, _ = write_service(Writer(model, Preflight(FakePackages())), BRIEF, STRATEGY)
        assert service.executor == FILES["executor.py"]
        slow.done.set()
        for stage in stages:
            stage.join()


def test_the_form_of_the_reply_has_the_debian_packages_of_the_strategy() -> None:
    _, fake = implemented(reply(FILES))
    assert "packages.txt\n```" not in fake.prompt()
    strategy = STRATEGY.model_copy(update={"system_packages": ("ffmpeg",)})
    _, fake = implemented("no files", reply({**FILES, "packages.txt": "ffmpeg"}), strategy=strategy)
    assert "packages.txt\n```\nffmpeg\n```\n\nexample.json" in fake.prompt(0)
    assert "executor.py, example.json, packages.txt, requirements.txt" in fake.prompt(1)
