"""Check runs as GitHub describes them: who may write them, what is refused, where people see them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import httpx
import pytest

from tests.contract.conftest import NAME, OWNER, REPOSITORY, World, refused
from tests.contract.test_actions import open_pull
from tests.contract.test_pages import be, browser, text

__all__ = ["browser"]
PATH = "services/x/executor.py"
NOTE: Mapping[str, Any] = {
    "path": PATH,
    "start_line": 2,
    "end_line": 2,
    "annotation_level": "failure",
    "message": "NameError: <y>",
}
BAD = "Invalid request.\n\n"


@pytest.fixture
def sha(world: World) -> str:
    """The head of pull request #1 of the bot's, of which all workflow runs are green."""
    return open_pull(world, {PATH: "x = 1\ny = 2\n"})[1]


def create(world: World, sha: str, **what: Any) -> Any:
    data = {"name": "gptdeploy", "head_sha": sha, **what}
    return world.as_bot().rest.checks.create(OWNER, NAME, data=data).parsed_data


def output(*annotations: Mapping[str, Any], title: str = "It is red", summary: str = "Why") -> dict[str, Any]:
    return {"title": title, "summary": summary, "annotations": list(annotations)}


def grant(world: World, level: str) -> None:
    """Have the App's installation be granted another level of `checks`."""
    with world.hub.parts.state.lock:
        app = world.hub.parts.state.app
        assert app is not None
        world.hub.parts.state.app = replace(app, permissions={**app.permissions, "checks": level})


def test_check_run_from_its_creation_to_its_end(world: World, sha: str) -> None:
    checks = world.as_bot().rest.checks
    run = create(world, sha, status="in_progress", details_url="https://example.com/1", external_id="7")
    assert (run.status, run.conclusion, run.completed_at) == ("in_progress", None, None)
    assert (run.app.slug, run.external_id, run.details_url) == ("gptdeploy", "7", "https://example.com/1")
    assert [pull.number for pull in run.pull_requests] == [1]

    body = {"conclusion": "failure", "output": output(NOTE)}
    done = checks.update(OWNER, NAME, run.id, data=body).parsed_data
    assert (done.status, done.conclusion, done.output.title) == ("completed", "failure", "It is red")
    # What an update says comes to the annotations that are there.
    checks.update(OWNER, NAME, run.id, data={"output": output({**NOTE, "start_line": 1})})
    notes = checks.list_annotations(OWNER, NAME, run.id).parsed_data
    assert [(note.path, note.start_line, note.message) for note in notes] == [
        (PATH, 2, "NameError: <y>"),
        (PATH, 1, "NameError: <y>"),
    ]
    assert checks.get(OWNER, NAME, run.id).parsed_data.output.annotations_count == 2
    kinds = [event for event in world.events() if event[0].startswith("check_")]
    assert kinds == [("check_run", "created"), ("check_run", "completed"), ("check_suite", "completed")]


def test_list_holds_the_newest_of_each_name_and_the_jobs(world: World, sha: str) -> None:
    first, second = (create(world, sha, conclusion=each, external_id=each) for each in ("failure", "success"))
    create(world, sha, name="other", status="queued")
    checks = world.as_bot().rest.checks

    latest = checks.list_for_ref(OWNER, NAME, sha).parsed_data
    assert latest.total_count == 3
    assert [(run.name, run.conclusion) for run in latest.check_runs] == [
        ("other", None),
        ("gptdeploy", "success"),
        ("build", "success"),
    ]
    assert latest.check_runs[-1].app.slug == "github-actions"
    assert checks.get(OWNER, NAME, latest.check_runs[-1].id).parsed_data.name == "build"
    both = checks.list_for_ref(OWNER, NAME, sha, check_name="gptdeploy", filter_="all").parsed_data
    assert [run.id for run in both.check_runs] == [second.id, first.id]
    assert first.check_suite.id == second.check_suite.id
    actions = checks.list_for_ref(OWNER, NAME, sha, app_id=15368).parsed_data
    assert [run.name for run in actions.check_runs] == ["build"]
    queued = checks.list_for_ref(OWNER, NAME, "bot/x", status="queued").parsed_data
    assert [run.name for run in queued.check_runs] == ["other"]


def test_only_apps_that_may_write_checks_do(world: World, sha: str) -> None:
    run = create(world, sha, conclusion="success")
    data = {"name": "mine", "head_sha": sha}
    person = world.as_person("octo").rest.checks
    needs_app = (403, "You must authenticate via a GitHub App.")
    assert refused(lambda: person.create(OWNER, NAME, data=data)) == needs_app
    assert refused(lambda: person.update(OWNER, NAME, run.id, data={"name": "mine"})) == needs_app
    assert person.get(OWNER, NAME, run.id).parsed_data.id == run.id

    access = world.hub.parts.access
    workflow = world.with_token(
        access.workflow_token(world.hub.repository(REPOSITORY), {"checks": "write", "contents": "read"})
    ).rest.checks
    assert workflow.create(OWNER, NAME, data=data).parsed_data.app.slug == "github-actions"
    reason = "Invalid app_id `15368` - check run can only be modified by the GitHub App that created it."
    assert refused(lambda: workflow.update(OWNER, NAME, run.id, data={"name": "mine"})) == (403, reason)

    grant(world, "read")
    bot = world.as_bot().rest.checks
    assert refused(lambda: bot.create(OWNER, NAME, data=data)) == (403, "Resource not accessible by integration")
    assert bot.get(OWNER, NAME, run.id).parsed_data.id == run.id
    asked = {"permissions": {"checks": "write"}}
    app = world.as_app().rest.apps
    assert refused(lambda: app.create_installation_access_token(world.app.installation_id, data=asked)) == (
        422,
        "The permissions requested are not granted to this installation.",
    )


@pytest.mark.parametrize(
    ("what", "reason"),
    [
        ({"head_sha": "0" * 40}, f"No commit found for SHA: {'0' * 40}"),
        ({"status": "completed"}, f'{BAD}"conclusion" wasn\'t supplied.'),
        ({"conclusion": "stale"}, f'{BAD}"stale" is not a member of ['),
        ({"status": "waiting"}, f'{BAD}"waiting" is not a member of ["queued", "in_progress", "completed"].'),
        ({"output": {"text": "x"}}, f'{BAD}"title", "summary" weren\'t supplied.'),
        ({"output": output(summary="x" * 65_536)}, f"{BAD}Only 65535 characters are allowed; 65536 were supplied."),
        ({"output": output(summary="€" * 30_000)}, "Validation Failed"),
        ({"output": output(*[NOTE] * 51)}, f"{BAD}No more than 50 items are allowed; 51 were supplied."),
        ({"output": output({"path": PATH})}, f'{BAD}"start_line", "end_line", "annotation_level", "message" weren'),
        ({"output": output({**NOTE, "annotation_level": "error"})}, f'{BAD}"error" is not a member of ['),
        ({"output": output({**NOTE, "path": None})}, "Validation Failed"),
        ({"output": output({**NOTE, "message": ""})}, "Validation Failed"),
        ({"output": output({**NOTE, "start_line": 3})}, "Validation Failed"),
        ({"output": output({**NOTE, "start_column": 1})}, "Validation Failed"),
        ({"output": output({**NOTE, "end_line": 3, "start_column": 1, "end_column": 2})}, "Validation Failed"),
        ({"output": output({**NOTE, "title": "x" * 256})}, "Validation Failed"),
        ({"output": output({**NOTE, "message": "x" * 65_537})}, "Validation Failed"),
    ],
)
def test_what_is_refused(world: World, sha: str, what: dict[str, Any], reason: str) -> None:
    body = {"name": "gptdeploy", "head_sha": sha, **what}
    bot = world.as_bot()
    status, message = refused(lambda: bot.request("POST", f"/repos/{REPOSITORY}/check-runs", json=body))
    assert status == 422
    assert message.startswith(reason)
    assert world.hub.repository(REPOSITORY).check_runs == []


def test_as_many_and_as_long_as_allowed(world: World, sha: str) -> None:
    note = {**NOTE, "title": "x" * 255, "message": "x" * 65_536, "start_column": 1, "end_column": 2}
    run = create(world, sha, conclusion="neutral", output=output(*[note] * 50, summary="x" * 65_535))
    assert run.output.annotations_count == 50


def test_rerequest_tells_the_app_and_changes_nothing(world: World, sha: str) -> None:
    run = create(world, sha, conclusion="failure")
    checks = world.as_bot().rest.checks
    (suite,) = checks.list_suites_for_ref(OWNER, NAME, sha, check_name="gptdeploy").parsed_data.check_suites
    assert (suite.id, suite.status, suite.conclusion) == (run.check_suite.id, "completed", "failure")
    assert checks.rerequest_run(OWNER, NAME, run.id).status_code == 201
    payload = world.payload("check_run", "rerequested")
    assert payload["check_run"]["check_suite"]["head_branch"] == "bot/x"
    assert [pull["number"] for pull in payload["check_run"]["pull_requests"]] == [1]
    assert checks.rerequest_suite(OWNER, NAME, run.check_suite.id).status_code == 201
    assert world.payload("check_suite", "rerequested")["check_suite"]["head_sha"] == sha
    (suite,) = checks.list_suites_for_ref(OWNER, NAME, sha, app_id=suite.app.id).parsed_data.check_suites
    assert (suite.id, suite.status, suite.conclusion) == (run.check_suite.id, "queued", None)
    assert checks.get(OWNER, NAME, run.id).parsed_data.conclusion == "failure"
    create(world, sha, conclusion="success")
    (suite,) = checks.list_suites_for_ref(OWNER, NAME, sha, app_id=suite.app.id).parsed_data.check_suites
    assert (suite.status, suite.conclusion) == ("completed", "success")
    reader = world.as_person("visitor").rest.checks
    assert refused(lambda: reader.rerequest_run(OWNER, NAME, run.id))[0] == 403


def test_pages_show_checks_and_annotations_at_their_lines(world: World, browser: httpx.Client, sha: str) -> None:
    told = {**NOTE, "title": "Name"}
    far = {**NOTE, "path": "README.md", "start_line": 1, "end_line": 1, "message": "too short"}
    run = create(world, sha, conclusion="failure", output=output(told, far, summary="**Why** it is"))
    page = text(browser.get("/pull/1"))
    box = page[page.index("<h2>Merge</h2>") :]
    assert f'<a href="/{REPOSITORY}/runs/{run.id}"><b>gptdeploy</b></a>\n      failure' in box
    assert '<div class="muted">It is red</div>' in box
    # The annotation stands below its line.
    line, note = page.index("+y = 2"), page.index("NameError: &lt;y&gt;")
    assert page.index("+x = 1") < line < note
    assert page.index("Unchanged lines with annotations") < page.index("too short")

    page = text(browser.get(f"/runs/{run.id}"))
    assert "<strong>Why</strong> it is" in page
    assert f"<code>{PATH}:2</code>" in page
    text(browser.post(f"/runs/{run.id}/rerequest"))
    assert world.payload("check_run", "rerequested")["sender"]["login"] == "octo"
    be(browser, world, "visitor")
    assert "Re-run" not in text(browser.get(f"/runs/{run.id}"))
    assert browser.post(f"/runs/{run.id}/rerequest").status_code == 400
    # The newest check run counts.
    create(world, sha, conclusion="success", output=output(title="It is green"))
    page = text(browser.get("/pull/1"))
    assert "It is green" in page
    assert "NameError" not in page
