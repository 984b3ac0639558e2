"""The whole way, as a newcomer goes it: `gptdeploy demo`, all parts real but the model."""

from __future__ import annotations

import os
import shutil
from pathlib import Path
from typing import Any

import httpx
from playwright.sync_api import Browser, Page, expect

from bot.demo.stack import Stack
from bot.deploy import answers
from bot.values.progress import Stage
from tests.end_to_end.browsing import opened
from tests.end_to_end.demos import Second, ended


def test_qr_is_red_for_real_and_one_fix_makes_it_green(qr: dict[str, Any]) -> None:
    assert qr["outcome"] == "deployed"
    assert qr["slug"] == "qr-code"
    assert qr["fixes"] == 1
    first = qr["strategies"][0]
    assert (first["commits"], first["outcome"]) == (2, "merged")
    built = first["built"]
    assert built["tests"] == 2
    assert 50e6 < built["image_bytes"] < 1e9
    assert 0 < built["build_seconds"] < 600
    assert 0 < built["answer_ms"] < 10_000
    assert qr["tokens"]["prompt"] > 0
    assert qr["tokens"]["completion"] > 0
    requests = qr["github_requests"]
    # A token and a reaction are writes that make nothing people see. How often it reads depends on how long it waits.
    assert 0 < requests["content"] <= requests["write"] - 2
    assert requests["read"] > 0
    assert set(qr["seconds"]) == {"total", "model", "builds", "deploy"}


def test_the_service_answers_after_the_demo_has_ended(qr: dict[str, Any]) -> None:
    assert answers(qr["api_url"], "qr-code")
    port = httpx.URL(qr["playground_url"]).port
    gone = httpx.get(f"http://127.0.0.1:{port}/", headers={"Host": f"nothing.localhost:{port}"}, trust_env=False)
    assert gone.status_code == 404


def test_the_playground_draws_the_code(qr: dict[str, Any], browser: Browser, tmp_path: Path) -> None:
    def ready(page: Page) -> None:
        expect(page.get_by_role("button", name="Run")).to_be_visible(timeout=30_000)
        expect(page.get_by_role("textbox").first).to_be_visible()
        page.get_by_role("textbox").first.fill("https://github.com")
        page.get_by_role("button", name="Run").click()
        image = page.get_by_test_id("stImage").locator("img")
        expect(image).to_be_visible(timeout=30_000)
        expect(image).not_to_have_js_property("naturalWidth", 0)

    page = opened(browser, qr["playground_url"], ready)
    shot = tmp_path / "playground.png"
    page.screenshot(path=shot)
    assert shot.stat().st_size > 10_000
    if keep := os.environ.get("GPTDEPLOY_KEEP_SCREENSHOT"):
        shutil.copy(shot, keep)
    page.close()


def test_the_command_line_does_the_same_and_shows_what_the_model_is_asked(second: Second) -> None:
    typed = second.typed
    assert typed.returncode == 0, typed.stdout + typed.stderr
    assert "specify: what scripted is asked" in typed.stdout
    assert "fix: what scripted answers" in typed.stdout
    assert "#2: what the build of " in typed.stdout
    playground, api = typed.stdout.splitlines()[-2:]
    assert playground.startswith("playground: http://qr-code.localhost:")
    assert answers(api.removeprefix("api: POST "), "qr-code")


def test_configuration_reaches_the_run(second: Second) -> None:
    without_fixes = second.without_fixes
    strategies = [(strategy["commits"], strategy["outcome"]) for strategy in without_fixes["strategies"]]
    assert strategies == [(1, "failed")]
    assert without_fixes["outcome"] == "failed"
    assert without_fixes["playground_url"] is None


def test_obj_gets_the_system_library_it_needs(stack: Stack, issues: dict[str, int]) -> None:
    progress = ended(stack, issues["obj"])
    assert progress.fixes == 1
    assert progress.deployment is not None
    assert answers(progress.deployment.api_url, progress.slug)


def test_pdf_spends_all_fixes_and_the_second_strategy_passes(
    stack: Stack, issues: dict[str, int], qr: dict[str, Any]
) -> None:
    progress = ended(stack, issues["pdf"])
    first, second = progress.strategies[:2]
    assert (first.commits, first.outcome) == (11, "failed")
    assert first.reason.startswith("still red after 10 fixes")
    assert (second.commits, second.outcome) == (1, "merged")
    assert progress.fixes == 10
    assert progress.deployment is not None
    assert answers(progress.deployment.api_url, progress.slug)
    # What an earlier demo has deployed goes on serving.
    assert answers(qr["api_url"], "qr-code")


def test_an_unknown_description_needs_a_real_model(stack: Stack, issues: dict[str, int]) -> None:
    progress = ended(stack, issues["unknown"])
    assert progress.stage is Stage.FAILED
    assert progress.deployment is None
    assert "OPENAI_API_KEY" in progress.note
