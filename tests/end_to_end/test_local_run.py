"""The commands in a pull request's description, as a reviewer pastes them in a clone of its branch."""

from __future__ import annotations

import json
import os
import re
import signal
import subprocess
import time
from pathlib import Path

import docker
import httpx

from bot.demo import machine
from bot.runs.pull_text import Shown, parts
from bot.values.progress import Progress, StrategyRecord
from bot.values.service import Service
from tests.end_to_end.services import SPEC, files

PATIENCE = 300.0


def test_a_reviewer_runs_the_service_and_calls_it(images: docker.DockerClient, tmp_path: Path) -> None:
    for path, text in files().items():
        (tmp_path / path).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / path).write_text(text)
    example = json.loads((tmp_path / "services/draw/service.json").read_text())["example"]
    service = Service(executor="", tests="", requirements="", example=example)
    record = StrategyRecord(name="segno")
    progress = Progress(run_id="r", repo="o/r", issue=1, started_at=0, strategies=(record,))
    told = parts(Shown(SPEC, "gptdeploy/1-x/1-segno", service, progress, 0), [])["service"]
    start, call = re.findall(r"```sh\n(.*?)\n```", told)
    environment = {**os.environ, **machine.runner_environment(), "NO_PROXY": "127.0.0.1"}
    assert not answers(), "something else has the port"
    running = subprocess.Popen(["bash", "-c", start], cwd=tmp_path, env=environment, start_new_session=True)
    try:
        deadline = time.monotonic() + PATIENCE
        while not answers():
            assert running.poll() is None, "it has ended"
            assert time.monotonic() < deadline
            time.sleep(0.5)
        done = subprocess.run(
            ["bash", "-c", call], cwd=tmp_path, env=environment, capture_output=True, text=True, check=True
        )
    finally:
        os.killpg(running.pid, signal.SIGINT)
        running.wait(60)
        images.images.remove("draw", force=True)
    answer = json.loads(done.stdout)
    assert answer["user"] == 10001
    assert answer["image"].startswith("iVBOR")


def answers() -> bool:
    try:
        return httpx.get("http://127.0.0.1:9080/healthz", trust_env=False).status_code == 200
    except httpx.TransportError:
        return False
