"""The whole way, as a newcomer goes it: `gptdeploy demo`, all parts real but the model."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import docker
import httpx
import pytest
from playwright.sync_api import Browser, Page, expect

from bot.deploy import answers, find_platform
from bot.deploy.layout import LABEL
from tests.end_to_end.browsing import opened

pytestmark = pytest.mark.end_to_end


class Demo:
    """The command, in a folder of its own."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        keyless = {name: value for name, value in os.environ.items() if not name.startswith("OPENAI_")}
        self._environment = keyless

    def run(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        command = [sys.executable, "-m", "bot", "demo", *arguments]
        return subprocess.run(
            command, cwd=self.folder, env=self._environment, capture_output=True, text=True, timeout=600
        )

    def example(self, name: str, *arguments: str) -> dict[str, Any]:
        """Run an example to its end; return the JSON object of the last line."""
        done = self.run("--once", "--json", "--example", name, *arguments)
        assert done.returncode == 0, f"{done.stderr}\n{self.logs()}"
        result: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
        return result

    def logs(self) -> str:
        files = sorted((self.folder / ".gptdeploy" / "logs").glob("*.log"))
        return "\n".join(f"{file.name}:\n{file.read_text()[-3000:]}" for file in files)


@pytest.fixture(scope="module")
def demo(images: docker.DockerClient, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Demo]:
    if find_platform(images) is not None:
        pytest.fail("a demo is up on this machine, and this test would remove it: `make demo ARGS=--down` first")
    demo = Demo(tmp_path_factory.mktemp("demo"))
    yield demo
    done = demo.run("--down")
    assert done.returncode == 0, done.stderr
    assert not (demo.folder / ".gptdeploy").exists()
    left: dict[str, str | list[str] | bool] = {"label": LABEL}
    assert not images.containers.list(all=True, filters=left)
    assert not images.volumes.list(filters=left)
    assert not images.containers.list(all=True, filters={"name": "gptdeploy-registry"})


@pytest.fixture(scope="module")
def qr(demo: Demo) -> dict[str, Any]:
    return demo.example("qr")


def test_qr_is_red_for_real_and_one_fix_makes_it_green(qr: dict[str, Any]) -> None:
    assert qr["outcome"] == "deployed"
    assert qr["slug"] == "qr-code"
    assert qr["fixes"] == 1
    first = qr["strategies"][0]
    assert (first["commits"], first["outcome"]) == (2, "merged")
    assert qr["tokens"]["prompt"] > 0
    assert qr["tokens"]["completion"] > 0
    requests = qr["github_requests"]
    assert 0 < requests["content"] <= requests["write"] < requests["read"]
    assert set(qr["seconds"]) == {"total", "model", "builds", "deploy"}


def test_the_service_answers_after_the_demo_has_ended(qr: dict[str, Any]) -> None:
    assert answers(qr["api_url"], "qr-code")
    port = httpx.URL(qr["playground_url"]).port
    gone = httpx.get(f"http://127.0.0.1:{port}/", headers={"Host": f"nothing.localhost:{port}"}, trust_env=False)
    assert gone.status_code == 404


def test_the_playground_draws_the_code(qr: dict[str, Any], browser: Browser, tmp_path: Path) -> None:
    def ready(page: Page) -> None:
        expect(page.get_by_role("button", name="Run")).to_be_visible(timeout=30_000)

    page = opened(browser, qr["playground_url"], ready)
    page.get_by_role("textbox").first.fill("https://github.com")
    page.get_by_role("button", name="Run").click()
    image = page.get_by_test_id("stImage").locator("img")
    expect(image).to_be_visible(timeout=30_000)
    expect(image).not_to_have_js_property("naturalWidth", 0)
    shot = tmp_path / "playground.png"
    page.screenshot(path=shot)
    assert shot.stat().st_size > 10_000
    if keep := os.environ.get("GPTDEPLOY_KEEP_SCREENSHOT"):
        shutil.copy(shot, keep)
    page.close()


def test_obj_gets_the_system_library_it_needs(demo: Demo) -> None:
    result = demo.example("obj")
    assert result["fixes"] == 1
    assert answers(result["api_url"], result["slug"])


def test_pdf_spends_all_fixes_and_the_second_strategy_passes(demo: Demo, qr: dict[str, Any]) -> None:
    result = demo.example("pdf")
    first, second = result["strategies"][:2]
    assert (first["commits"], first["outcome"]) == (11, "failed")
    assert first["reason"].startswith("still red after 10 fixes")
    assert (second["commits"], second["outcome"]) == (1, "merged")
    assert result["fixes"] == 10
    assert answers(result["api_url"], result["slug"])
    # What earlier demos deployed goes on serving.
    assert answers(qr["api_url"], "qr-code")


def test_an_unknown_description_needs_a_real_model(demo: Demo) -> None:
    done = demo.run("--once", "--json", "--description", "Fold proteins")
    assert done.returncode == 1
    result = json.loads(done.stdout.splitlines()[-1])
    assert result["outcome"] == "failed"
    assert result["playground_url"] is None
    assert "OPENAI_API_KEY" in done.stderr


def test_configuration_reaches_the_run(demo: Demo) -> None:
    done = demo.run("--once", "--json", "--example", "qr", "--config", "fixes=0", "--config", "strategies=1")
    assert done.returncode == 1
    result = json.loads(done.stdout.splitlines()[-1])
    assert [(strategy["commits"], strategy["outcome"]) for strategy in result["strategies"]] == [(1, "failed")]
