"""Each check of the doctor, with the fault that it is for."""

from __future__ import annotations

import fcntl
import json
import re
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from click.testing import CliRunner

from bot.__main__ import main
from bot.config import REPO_CONFIG_PATH
from bot.doctor import CHECKS, Finding, Patient, State, examine
from bot.hub.payloads import app_json
from bot.hub.server import APP_PERMISSIONS
from bot.hub.webhooks import Delivery
from bot.init import repository_files
from bot.runs.durable.sqlite import lock_path
from bot.values.naming import BUILD_WORKFLOW, DEPLOY_WORKFLOW
from tests.fakes.answering import OK, answering, secured
from tests.fakes.model import Failure
from tests.unit.doctor.ward import REPOSITORY, Ward, one, set_variables, undelivered

WORKFLOWS = ".github/workflows"
SELF_HOSTED = {
    name: re.sub("runs-on: .*", "runs-on: [self-hosted, big]", text) for name, text in repository_files().items()
}


@pytest.fixture
def service() -> Iterator[str]:
    """The address of something that is live."""
    with answering(OK) as port:
        yield f"http://localhost:{port}/qr/"


def test_what_is_well_is_green(ward: Ward, service: str) -> None:
    ward.live(service)
    ward.deployed(Push="success", Roll_out="success")
    ward.repo.actions.secrets["microservices"].clear()
    del ward.repo.actions.variables[""]["PLATFORM_HOST"]
    ward.put(SELF_HOSTED)
    ward.repo.actions.runners["mine"] = ("self-hosted", "big")
    ward.hub.parts.deliveries.all[:] = [Delivery("issues", {}, status=202)]
    lock = lock_path(ward.environ["DATABASE_URL"]).open("w")
    with lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        found = dict(examine(ward.patient()))
    # Of these files people have changed the labels.
    changed = f"`{WORKFLOWS}/{BUILD_WORKFLOW}`, `{WORKFLOWS}/{DEPLOY_WORKFLOW}`"
    assert found["files"].seen == f"there, changed by people: {changed}"
    how = "`gptdeploy doctor octo/services --host user@machine` asks the platform's own"
    assert {name: finding for name, finding in found.items() if finding.state is not State.GREEN} == {
        "pull": Finding(State.UNKNOWN, "no engine on this machine", how)
    }
    assert found["model"].seen == f"the model at {ward.model.url} answers"
    assert found["registry"].seen == (
        "localhost:5000 is the runner's own machine; the last deployment has pushed there"
    )


def test_every_check_has_its_fault_here() -> None:
    # What keeps a platform from pulling takes an engine: tests/end_to_end/test_pull_credentials.py has it.
    assert {name for name, *_ in FAULTS} | {"worker", "pull"} == {check.name for check in CHECKS}


def ago(seconds: float) -> str:
    return (datetime.now(UTC) - timedelta(seconds=seconds)).strftime("%Y-%m-%dT%H:%M:%SZ")


def no_permission(ward: Ward) -> None:
    ward.app(permissions={name: level for name, level in APP_PERMISSIONS.items() if name != "checks"})


def not_granted(ward: Ward) -> None:
    granted = {**APP_PERMISSIONS, "actions": "read"}
    page = "https://github.example/installations/7"
    ward.answers(
        "GET",
        f"/repos/{REPOSITORY}/installation",
        id=7,
        html_url=page,
        permissions=granted,
        events=[],
        suspended_at=None,
    )


def unheard(ward: Ward) -> None:
    app = ward.hub.parts.state.app
    assert app is not None
    ward.answers("GET", "/app$", **{**app_json(ward.hub.parts.state, app), "events": ["issues", "push"]})


def fast(ward: Ward) -> None:
    ward.clock = lambda: time.time() + 300


def queued(ward: Ward) -> None:
    ward.answers("GET", "status=queued", workflow_runs=[{"created_at": ago(1200)}])


def offline(ward: Ward) -> None:
    ward.put(SELF_HOSTED)
    ward.repo.actions.runners["mine"] = ("self-hosted", "big")
    ward.repo.actions.offline.add("mine")


def named_offline(ward: Ward) -> None:
    set_variables(ward, GPTDEPLOY_RUNNER='["self-hosted", "big"]')
    ward.repo.actions.runners["mine"] = ("self-hosted", "big")
    ward.repo.actions.offline.add("mine")


Given = Callable[[Ward], object]
FAULTS: list[tuple[str, Given, str, str]] = [
    ("credentials", lambda ward: ward.environ.update(GITHUB_PRIVATE_KEY="nonsense"), "GITHUB_PRIVATE_KEY: ", "`.env`"),
    ("credentials", lambda ward: ward.app(id=4), "The credentials are refused", "Mend that"),
    ("clock", fast, "s ahead of GitHub", "timedatectl"),
    ("permissions", no_permission, "the App does not ask for checks: write", "Permissions & events"),
    ("permissions", not_granted, "not granted: actions: write", "Accept it on the installation's page"),
    ("events", unheard, "not subscribed: check_run, check_suite, issue_comment,", "Tick them"),
    ("webhook", lambda ward: ward.app(webhook_url=""), "the App has no webhook", "<your host>/webhook"),
    (
        "webhook",
        lambda ward: ward.answers("GET", "/hook/config", url="https://x", content_type="form"),
        "`form`",
        "json",
    ),
    ("deliveries", undelivered, "1 of 2 in the last three days have not arrived", "asks for them again"),
    ("installation", lambda ward: ward.app(installed=False), "not installed on octo/services", "Install it there"),
    ("installation", lambda ward: ward.app(suspended=True), "suspended", "End that on its page"),
    ("installation", lambda ward: ward.foreign("GET", "/installation$"), "not GitHub's answer", "Mend that"),
    ("label", lambda ward: ward.repo.labels.clear(), "no label `microservice`", "gh label create microservice --repo"),
    ("files", lambda ward: ward.put({}, (f"{WORKFLOWS}/{DEPLOY_WORKFLOW}",)), "missing: ", "gptdeploy init"),
    (
        "files",
        lambda ward: ward.put({f"{WORKFLOWS}/{DEPLOY_WORKFLOW}": "on: push\n"}),
        f"older than this version: `{DEPLOY_WORKFLOW}` lacks ",
        "gptdeploy init",
    ),
    ("settings", lambda ward: ward.put({REPO_CONFIG_PATH: "fixes: many\n"}), f"`{REPO_CONFIG_PATH}`, line 1", "Mend"),
    ("actions", lambda ward: setattr(ward.repo.actions, "enabled", False), "Actions are off", "allow them"),
    ("actions", lambda ward: ward.repo.actions.disabled.add(f"{WORKFLOWS}/{BUILD_WORKFLOW}"), "disabled", "Enable"),
    ("runner", queued, "a job waits for one for 20 minutes", "Start a runner"),
    ("runner", offline, "online for big, self-hosted", "Start one"),
    ("runner", named_offline, "online for big, self-hosted", "Start one"),
    ("runner", lambda ward: set_variables(ward, GPTDEPLOY_RUNNER='["big"'), "GPTDEPLOY_RUNNER is wrong", "gh variable"),
    ("variables", lambda ward: set_variables(ward, "PLATFORM_HOST"), "PLATFORM_HOST", "gh variable set PLATFORM_HOST"),
    ("variables", lambda ward: set_variables(ward, "PLATFORM_KNOWN_HOSTS"), "KNOWN_HOSTS", "$(ssh-keyscan 127.0.0.1)"),
    ("secrets", lambda ward: ward.repo.actions.secrets.clear(), "PLATFORM_SSH_KEY", "--env microservices"),
    (
        "variables",
        lambda ward: set_variables(ward, "GPTDEPLOY_IMAGE"),
        "GPTDEPLOY_IMAGE",
        "gh variable set",
    ),
    ("image", lambda ward: set_variables(ward, "GPTDEPLOY_IMAGE"), "no image of the bot is named", "`gptdeploy init`"),
    ("image", lambda ward: ward.registry.manifests.clear(), "cannot be pulled: its registry answers 404", "Correct"),
    (
        "image",
        lambda ward: set_variables(ward, GPTDEPLOY_IMAGE="127.0.0.2:9/x:1"),
        "does not answer",
        "GPTDEPLOY_IMAGE",
    ),
    ("registry", lambda ward: ward.deployed(Push="failure"), "the last push failed", "REGISTRY_USER"),
    ("registry", lambda ward: set_variables(ward, REGISTRY="127.0.0.2:9/x"), "127.0.0.2:9 does not answer", "REGISTRY"),
    ("platform", lambda ward: ward.live("http://127.0.0.1:9/"), "`127.0.0.1:9` does not answer", "Open that port"),
    ("platform", lambda ward: ward.live(f"{ward.hub.url}/"), "healthz answers 404", "platform status"),
    ("platform", lambda ward: ward.deployed(Push="success", Roll_out="failure"), "not rolled out", "log"),
    ("dns", lambda ward: ward.app(webhook_url="https://bot.invalid/webhook"), "`bot.invalid` does not resolve", "DNS"),
    ("tls", lambda ward: ward.app(webhook_url="http://192.0.2.1/webhook"), "is plain HTTP", "`compose.yaml`"),
    (
        "tls",
        lambda ward: ward.app(webhook_url="https://127.0.0.1:9/"),
        "`127.0.0.1:9` does not answer",
        "start the proxy",
    ),
    ("model", lambda ward: ward.model.answers.insert(0, Failure(401)), "refused the key", "OPENAI_API_KEY"),
    ("model", lambda ward: ward.environ.pop("OPENAI_BASE_URL"), "set OPENAI_API_KEY, or OPENAI_BASE_URL", "`.env`"),
    ("database", lambda ward: ward.environ.update(DATABASE_URL="sqlite:////nowhere/x"), "is not there", "serve"),
    ("database", lambda ward: ward.environ.update(DATABASE_URL="postgres://x"), "must begin with", "Mend"),
]


@pytest.mark.parametrize(("check", "fault", "seen", "remedy"), FAULTS)
def test_a_fault_is_red_with_the_one_thing_to_do(ward: Ward, check: str, fault: Given, seen: str, remedy: str) -> None:
    assert one(check, ward.patient()).state is not State.RED
    fault(ward)
    found = one(check, ward.patient())
    told = "\n".join((found.remedy, *found.lines))
    assert (found.state, seen in found.seen, remedy in told) == (State.RED, True, True), found


def test_the_variable_names_the_runner(ward: Ward) -> None:
    assert one("runner", ward.patient()).seen == "GitHub's own: ubuntu-latest"
    set_variables(ward, "PLATFORM_HOST", GPTDEPLOY_RUNNER="big")
    ward.repo.actions.runners["mine"] = ("self-hosted", "big")
    found = {name: one(name, ward.patient()) for name in ("runner", "variables", "files")}
    assert [each.state for each in found.values()] == [State.GREEN] * 3, found
    assert found["runner"].seen == "online for big"


def test_without_a_token_that_sees_it_the_variable_is_named(ward: Ward) -> None:
    set_variables(ward, GPTDEPLOY_RUNNER="big")
    seen = one("runner", ward.patient(token=False)).seen
    assert seen == "GitHub's own: ubuntu-latest, unless the variable GPTDEPLOY_RUNNER says otherwise"


def test_a_certificate_that_nobody_vouches_for_is_red(ward: Ward, tmp_path: Path) -> None:
    with secured(tmp_path, "127.0.0.1") as port:
        ward.app(webhook_url=f"https://127.0.0.1:{port}/webhook")
        found = one("tls", ward.patient())
    assert (found.state, found.seen) == (State.RED, "`127.0.0.1`: self-signed certificate")


def test_a_worker_that_does_not_run_is_red(ward: Ward) -> None:
    found = one("worker", ward.patient())
    assert (found.state, found.seen) == (State.RED, "none has been started")


def test_what_the_app_may_not_see_is_said_with_how_to_look(ward: Ward) -> None:
    patient = ward.patient(token=False)
    for name, thing in (("variable", "PLATFORM_HOST"), ("secret", "PLATFORM_SSH_KEY")):
        found = one(f"{name}s", patient)
        assert found.state is State.UNKNOWN
        assert found.lines[0].startswith(f"gh {name} list --repo octo/services")
        assert any(line.startswith(f"gh {name} set {thing} --repo octo/services") for line in found.lines)
    ward.put(SELF_HOSTED)
    found = one("runner", ward.patient(token=False))
    assert (found.state, found.seen) == (State.UNKNOWN, "self-hosted: big, self-hosted")


def test_what_depends_on_another_part_is_not_judged(ward: Ward) -> None:
    found = dict(examine(ward.patient(repo="")))
    how = "Say for which repository: `gptdeploy doctor owner/repo`"
    assert found["label"] == Finding(State.UNKNOWN, "not looked at", how)
    asked = "`gptdeploy doctor owner/repo` looks at one of them"
    assert found["installation"] == Finding(State.UNKNOWN, REPOSITORY, asked)
    ward.app(installed=False)
    nowhere = one("installation", ward.patient(repo=""))
    assert (nowhere.state, nowhere.seen) == (State.RED, "the App is installed nowhere")
    assert nowhere.link == f"{ward.hub.url}/apps/gptdeploy/installations/new"
    found = dict(examine(Patient({})))
    assert found["credentials"].state is State.RED and "GITHUB_APP_ID: " in found["credentials"].seen
    assert found["clock"] == Finding(State.UNKNOWN, "not looked at", "Mend `credentials` first")


def test_an_answer_without_a_date_says_nothing_of_the_clock(ward: Ward) -> None:
    with answering(OK) as port:
        found = one("clock", ward.patient(GITHUB_API_URL=f"http://127.0.0.1:{port}"))
    assert (found.state, found.seen) == (State.UNKNOWN, "GitHub's answer has no date")


def test_the_command_shows_all_and_ends_with_1(ward: Ward, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    result = CliRunner().invoke(main, ["doctor", REPOSITORY], env=ward.environ)
    assert result.exit_code == 1, result.output
    assert "✓ credentials   the App `gptdeploy` of octo on" in result.output
    assert "✗ worker        none has been started\n" in result.output
    assert "                Start it: `gptdeploy serve`, or `gptdeploy worker`\n" in result.output
    said = json.loads(CliRunner().invoke(main, ["doctor", REPOSITORY, "--json"], env=ward.environ).stdout)
    assert said["green"] is False and [check["name"] for check in said["checks"]] == [check.name for check in CHECKS]
    assert said["checks"][-1] == {
        "name": "worker",
        "state": "red",
        "seen": "none has been started",
        "remedy": "Start it: `gptdeploy serve`, or `gptdeploy worker`",
        "link": "",
        "lines": [],
        "links": [],
    }
