"""What the deployer decides without an engine: names, addresses, the ingress, limits, and what it tells people."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from bot.deploy.announce import Announcement, announce_failure, announce_live
from bot.deploy.command import deploy as deploy_command
from bot.deploy.command import platform as platform_command
from bot.deploy.layout import Platform, caddyfile, checked, config_hash, ingress_options, playground_options
from bot.deploy.rollout import read_description
from bot.deploy.service_spec import service_spec
from bot.errors import UserError
from bot.values.github import Pull
from bot.values.run import Deployment

DESCRIBED: dict[str, Any] = {
    "slug": "qr-code",
    "title": "QR\ncode",
    "summary": "Draws one.",
    "issue": 7,
    "example": {"text": "it's"},
    "output_schema": {},
}
SHA = "a" * 40
LIVE = Deployment(playground_url="http://qr-code.localhost:8080/", api_url="http://qr-code.localhost:8080/execute")


@pytest.mark.parametrize(
    ("platform", "playground", "reach"),
    [
        (Platform(), "http://qr.localhost:8080/", "127.0.0.1"),
        (Platform(port=80), "http://qr.localhost/", "127.0.0.1"),
        (Platform(bind="0.0.0.0"), "http://qr.localhost:8080/", "127.0.0.1"),  # noqa: S104
        (Platform(bind="10.0.0.5"), "http://qr.localhost:8080/", "10.0.0.5"),
        (Platform(domain="apps.example.com", port=80), "http://qr.apps.example.com/", "apps.example.com"),
    ],
)
def test_addresses(platform: Platform, playground: str, reach: str) -> None:
    assert platform.deployment("qr").playground_url == playground
    assert platform.deployment("qr").api_url == playground + "execute"
    assert platform.reach == reach
    assert Platform.from_label(platform.to_label()) == platform


@pytest.mark.parametrize("domain", ["", "a b", "a..b", "x`y", "{env}", "über.de", "a" * 64])
def test_what_is_no_domain_is_refused(domain: str) -> None:
    with pytest.raises(UserError, match="not a domain name"):
        checked(Platform(domain=domain))


def test_what_is_no_port_is_refused() -> None:
    with pytest.raises(UserError, match="not a port"):
        checked(Platform(port=0))


def test_the_ingress_finds_the_slug_left_of_the_domain() -> None:
    assert "tasks.svc-{labels.1}" in caddyfile(Platform())
    assert "tasks.svc-{labels.3}" in caddyfile(Platform(domain="apps.example.com"))
    assert "@gallery host 127.0.0.1 apps.example.com localhost\n" in caddyfile(Platform(domain="apps.example.com"))
    assert "@gallery host 127.0.0.1 localhost\n" in caddyfile(Platform())


def test_two_platforms_on_one_engine_share_no_name() -> None:
    one, two = Platform(), Platform(name="gptdeploy-other")
    for name in ("network", "catalogue", "ingress", "playground"):
        assert getattr(one, name) != getattr(two, name)
    assert one.service("qr") == "svc-qr" != two.service("qr")


def test_a_container_is_replaced_when_anything_about_it_changes() -> None:
    now = config_hash("image", ingress_options(Platform()))
    assert now == config_hash("image", ingress_options(Platform()))
    assert now != config_hash("other", ingress_options(Platform()))
    assert now != config_hash("image", ingress_options(Platform(port=8081)))


@pytest.mark.parametrize("options", [ingress_options(Platform()), playground_options(Platform())])
def test_the_platforms_own_containers_are_locked_down(options: dict[str, Any]) -> None:
    assert options["read_only"]
    assert options["cap_drop"] == ["ALL"]
    assert options["security_opt"] == ["no-new-privileges"]
    assert "/var/run/docker.sock" not in json.dumps(options)


def test_a_service_is_locked_down_and_limited() -> None:
    resources = {"memory": 256, "cpus": 0.5, "pids": 64}
    spec = service_spec(Platform(), "qr", "registry/qr:1", resources, revision=5, patience=30)
    task = spec["TaskTemplate"]
    container = task["ContainerSpec"]
    assert task["Resources"]["Limits"] == {"NanoCPUs": 500_000_000, "MemoryBytes": 268_435_456, "Pids": 64}
    assert container["ReadOnly"]
    assert container["CapabilityDrop"] == ["ALL"]
    assert [mount["Type"] for mount in container["Mounts"]] == ["tmpfs"]
    assert spec["EndpointSpec"] == {"Mode": "dnsrr"}
    assert spec["UpdateConfig"]["Order"] == "start-first"
    assert spec["UpdateConfig"]["FailureAction"] == "rollback"


def folder(tmp_path: Path, text: str, name: str = "qr-code") -> Path:
    made = tmp_path / name
    made.mkdir()
    (made / "service.json").write_text(text)
    return made


def test_a_description_is_read(tmp_path: Path) -> None:
    assert read_description(folder(tmp_path, json.dumps(DESCRIBED))) == {**DESCRIBED, "resources": {}}


@pytest.mark.parametrize(
    ("text", "name", "words"),
    [
        ("{", "qr-code", "not valid JSON"),
        ("[]", "qr-code", "needs `slug`"),
        ('{"slug": "qr-code"}', "qr-code", "needs `slug`"),
        (json.dumps(DESCRIBED), "other", "must be the same"),
    ],
)
def test_a_wrong_description_is_named(tmp_path: Path, text: str, name: str, words: str) -> None:
    with pytest.raises(UserError, match=words):
        read_description(folder(tmp_path, text, name))


def run(*arguments: str, **environment: str) -> tuple[int, str]:
    blank = {f"GITHUB_{name}": None for name in ("TOKEN", "REPOSITORY", "SHA", "API_URL")}
    # Nothing listens on port 1: no unit test may find a real engine.
    where: dict[str, str | None] = {**blank, "DOCKER_HOST": "tcp://127.0.0.1:1", **environment}
    command = platform_command if arguments[0] == "platform" else deploy_command
    result = CliRunner().invoke(command, list(arguments[1:]), env=where)
    return result.exit_code, result.output


def test_without_an_engine_the_commands_say_so(tmp_path: Path) -> None:
    made = folder(tmp_path, json.dumps(DESCRIBED))
    for arguments in (("deploy", str(made), "--image", "x"), ("platform", "up"), ("platform", "status")):
        code, output = run(*arguments)
        assert code == 1
        assert "No Docker engine answers" in output
        assert "Traceback" not in output


def test_the_last_line_is_json_when_asked_for(tmp_path: Path) -> None:
    code, output = run("deploy", str(tmp_path / "nothing"), "--image", "x", "--json")
    assert code == 1
    assert "name the folder of a service" in json.loads(output.splitlines()[-1])["error"]


def test_announcing_needs_to_know_where(tmp_path: Path) -> None:
    made = folder(tmp_path, json.dumps(DESCRIBED))
    code, output = run("deploy", str(made), "--image", "x", "--announce", GITHUB_SHA=SHA)
    assert code == 1
    assert "GITHUB_TOKEN" in output


class Written:
    """A repository that keeps what is written to it, in order."""

    def __init__(self, pulls: list[Pull]) -> None:
        self.pulls = pulls
        self.events: list[tuple[Any, ...]] = []

    def pulls_with_commit(self, sha: str) -> list[Pull]:
        return self.pulls if sha == SHA else []

    def comment_once(self, number: int, marker: str, body: str) -> str:
        self.events.append(("comment", number, marker, body))
        return ""

    def create_deployment(self, environment: str, sha: str, state: str, url: str, description: str) -> None:
        self.events.append(("deployment", environment, sha, state, url, description))


def pull(number: int, merged: bool) -> Pull:
    return Pull(number=number, title="", state="closed", merged=merged, head_ref="b", head_sha="b" * 40, url="http://x")


def test_a_live_service_is_announced_on_issue_and_merged_pull_and_the_status_comes_last() -> None:
    repository = Written([pull(9, merged=True), pull(8, merged=False)])
    announce_live(repository, Announcement(DESCRIBED, "registry/qr:1", SHA), LIVE)
    assert [event[:2] for event in repository.events] == [
        ("comment", 7),
        ("comment", 9),
        ("deployment", "microservice-qr-code"),
    ]
    body = repository.events[0][3]
    assert "**QR code** is live: [http://qr-code.localhost:8080/](http://qr-code.localhost:8080/)" in body
    assert """--data-binary '{"text": "it'\\''s"}'""" in body
    assert "<!-- gptdeploy:playground:qr-code:aaaaaaaaaaaa -->" in body
    assert repository.events[-1][2:5] == (SHA, "success", LIVE.playground_url)


def test_an_example_with_a_file_is_not_shown() -> None:
    repository = Written([])
    described = {**DESCRIBED, "example": {"file": "A" * 10_000}}
    announce_live(repository, Announcement(described, "registry/qr:1", SHA), LIVE)
    assert "@request.json" in repository.events[0][3]
    assert len(repository.events[0][3]) < 1500


def test_a_failure_is_a_status_alone() -> None:
    repository = Written([])
    announce_failure(repository, Announcement(DESCRIBED, "registry/qr:1", SHA), "it hung")
    assert repository.events == [("deployment", "microservice-qr-code", SHA, "failure", "", "it hung")]
