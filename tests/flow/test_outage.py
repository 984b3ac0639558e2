"""GitHub in trouble, a repository that is read-only, an App that may do nothing: runs wait, say so, and go on."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Any

import pytest

from bot.hub.server import APP_PERMISSIONS
from tests.fakes.faults import rate_limit, secondary_rate_limit
from tests.flow.house import House
from tests.flow.people import repository
from tests.flow.replies import files, spec, strategies, suite
from tests.flow.scene import Scene
from tests.flow.test_people import building
from tests.flow.test_run import BODY


@pytest.fixture(autouse=True)
def _mended(house: House) -> Iterator[None]:
    yield
    owning = house.hub.parts.owning
    house.faults.clear()
    with house.hub.parts.state.lock:
        owning.suspend(suspended=False)
        owning.grant(APP_PERMISSIONS)


FAULTS: dict[str, Callable[[], dict[str, Any]]] = {
    "502": dict,
    "rate limit": lambda: rate_limit(2),
    "secondary rate limit": lambda: secondary_rate_limit(1),
}


@pytest.mark.parametrize("kind", FAULTS)
def test_a_run_outlasts_any_number_of_failures(scene: Scene, kind: str) -> None:
    issue = building(scene)
    fault = scene.fails_for_all(12, **FAULTS[kind]())
    scene.release_builds()
    assert scene.finished(issue).stage == "done"
    assert fault.happened == 12
    # Nothing was done twice.
    assert len(repository(scene).issues) == 2


def test_a_run_waits_for_github_from_its_first_step_on(scene: Scene) -> None:
    fault = scene.fails_for_all(status=503)
    issue = scene.open(BODY)
    scene.until(lambda: fault.happened > 12)
    scene.answers(spec(), suite(), strategies("str.upper"), files())
    scene.house.faults.clear()
    assert scene.finished(issue).stage == "done"


def test_one_run_asks_for_all_that_wait(scene: Scene) -> None:
    fault = scene.fails_for_all()
    issues = [scene.open(f"{BODY} {number}") for number in range(6)]
    # Each finds out by itself; then one of them asks for all, so that the same request is sent again and again.
    scene.until(lambda: fault.happened > 40)
    assert len(set(fault.met[30:40])) == 1
    for issue in issues:
        # A run that waits for GitHub is stopped like any other.
        run = scene.house.runs.active(scene.name, issue)
        assert run is not None
        scene.house.runs.stop(run)
        scene.ends(issue)


def test_an_archived_repository_is_waited_for(scene: Scene) -> None:
    issue = building(scene)
    owning = scene.house.hub.parts.owning
    with scene.house.hub.parts.state.lock:
        owning.archive(repository(scene), archived=True)
    scene.release_builds()
    scene.noted(issue, "the repository is archived; I go on when it is no longer")
    with scene.house.hub.parts.state.lock:
        owning.archive(repository(scene), archived=False)
    assert scene.finished(issue).stage == "done"


def test_a_suspended_app_is_waited_for(scene: Scene) -> None:
    issue = building(scene)
    owning = scene.house.hub.parts.owning
    with scene.house.hub.parts.state.lock:
        owning.suspend(suspended=True)
    scene.release_builds()
    scene.noted(issue, "the GitHub App is suspended here; I go on when it is no longer")
    with scene.house.hub.parts.state.lock:
        owning.suspend(suspended=False)
    assert scene.finished(issue).stage == "done"


def test_a_permission_that_is_missing_is_named_and_waited_for(scene: Scene, house: House) -> None:
    scene.fails(
        *("POST", "/pulls$"),
        times=1_000_000,
        status=403,
        answer={"message": "Resource not accessible by integration"},
        headers={"X-Accepted-GitHub-Permissions": "actions=write"},
    )
    scene.answers(spec(), suite(), strategies("str.upper"), files())
    issue = scene.open(BODY)
    scene.noted(issue, "the GitHub App lacks the permission `actions: write`; I go on when it is granted")
    assert scene.next_comment(issue) == (
        "⏸️ The GitHub App lacks a permission here, so I wait.\n\n- `actions: write`\n\n"
        "Who owns the App's installation accepts it in the settings, under **GitHub Apps**. Then I go on by myself."
    )
    house.faults.clear()
    with house.hub.parts.state.lock:
        house.hub.parts.owning.grant(APP_PERMISSIONS)
    assert scene.finished(issue).stage == "done"
    said = scene.edited(issue, "▶️ I go on. The GitHub App lacked a permission. I waited from ")
    assert said.endswith("UTC, and nothing is lost.")


def test_a_token_that_is_refused_names_what_is_missing(scene: Scene, house: House) -> None:
    with house.hub.parts.state.lock:
        house.hub.parts.owning.grant({**APP_PERMISSIONS, "actions": "read", "contents": "read"})
    scene.answers(spec(), suite(), strategies("str.upper"), files())
    issue = scene.open(BODY)
    # What needs neither is done, and people hear what waits.
    scene.noted(issue, "lacks the permission `actions: write`, `contents: write`; I go on when it is granted")
    assert scene.next_comment(issue).startswith("⏸️ The GitHub App lacks a permission here, so I wait.")
    assert "⚠️ The GitHub App lacks `actions: write`, `contents: write` here" in scene.status(issue)
    with house.hub.parts.state.lock:
        house.hub.parts.owning.grant(APP_PERMISSIONS)
    assert scene.finished(issue).stage == "done"
    assert scene.edited(issue, "▶️ I go on. The GitHub App lacked a permission.").endswith("nothing is lost.")


def test_a_repository_that_is_deleted_ends_its_run(scene: Scene) -> None:
    issue = building(scene)
    state, gone = scene.house.hub.parts.state, repository(scene)
    with state.lock:
        scene.house.hub.parts.owning.delete(gone)
    progress = scene.finished(issue)
    assert (progress.stage, progress.note) == ("stopped", f"{scene.name} is not there for the App any more")
    with state.lock:
        # For what is looked at when a test ends.
        state.repositories[scene.name] = gone
    scene.release_builds()


def test_an_app_that_is_uninstalled_ends_its_runs(scene: Scene) -> None:
    issue = building(scene)
    state = scene.house.hub.parts.state
    with state.lock:
        scene.house.hub.parts.owning.uninstall()
    progress = scene.finished(issue)
    assert (progress.stage, progress.note) == ("stopped", f"{scene.name} is not there for the App any more")
    with state.lock:
        assert state.app is not None
        state.app = replace(state.app, installed=True)
    scene.release_builds()
