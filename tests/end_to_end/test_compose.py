"""`compose.yaml` is started for real: the bot's image is built, and Caddy speaks TLS in front of it."""

from __future__ import annotations

import hmac
import json
import os
import re
import shutil
import ssl
import subprocess
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, closing, contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from urllib.parse import urlsplit
from uuid import uuid4

import docker
import httpx
import pytest
from docker.models.containers import Container

from bot.demo import Say, machine
from bot.demo import images as stock
from bot.demo.ports import free_port
from tests.chaos.deliveries import Deliveries
from tests.chaos.outside import Outside
from tests.chaos.verdict import COMMAND, doubled, finished, lost
from tests.end_to_end import database_image
from tests.fakes.app_key import app_key
from tests.word.pipe import door

ROOT = Path(__file__).parents[2]
# What this machine may not have: Docker Compose 2.24 or newer, which Debian has from release 13 on.
COMPOSE = f"""\
FROM {stock.PYTHON}
RUN apt-get update -q && apt-get install -q -y --no-install-recommends docker-cli docker-buildx docker-compose
"""
COMPOSE_TAG = "gptdeploy-test-compose"
SECRET = uuid4().hex
PRIVATE_ROOT = "/data/caddy/pki/authorities/local/root.crt"


@dataclass(frozen=True)
class Project:
    """What `compose.yaml` makes, in a folder of its own, under a name of its own."""

    client: docker.DockerClient
    folder: Path
    name: str
    https_port: int
    profile: str

    def compose(self, *words: str) -> str:
        """Call `docker compose`, from a container where this machine has none."""
        profile = ["--profile", self.profile] if self.profile else []
        command = ["docker", "compose", "--project-name", self.name, *profile, *words]
        inside = ["docker", "run", "--rm", "--volume", "/var/run/docker.sock:/var/run/docker.sock"]
        inside += ["--volume", f"{self.folder}:{self.folder}", "--workdir", str(self.folder), COMPOSE_TAG]
        done = subprocess.run(
            command if has_compose() else [*inside, *command],
            cwd=self.folder,
            env={**os.environ, **machine.runner_environment()},
            capture_output=True,
            text=True,
            check=False,
            timeout=500,
        )
        assert done.returncode == 0, done.stderr
        return done.stdout

    def authority(self) -> ssl.SSLContext:
        """Return what trusts the authority that Caddy is where a public one gives it no certificate."""
        deadline = time.monotonic() + 60
        while True:
            found = self.client.containers.get(f"{self.name}-caddy-1").exec_run(["cat", PRIVATE_ROOT])
            if found.exit_code == 0:
                assert isinstance(found.output, bytes)
                return ssl.create_default_context(cadata=found.output.decode())
            assert time.monotonic() < deadline, self.compose("logs", "--no-color", "caddy")
            time.sleep(0.2)

    def ask(self, path: str, trusted: ssl.SSLContext, until: int = 200) -> httpx.Response:
        deadline = time.monotonic() + 90
        with httpx.Client(verify=trusted, trust_env=False, timeout=10) as client:
            while True:
                try:
                    answer = client.get(f"https://localhost:{self.https_port}{path}")
                    if answer.status_code == until:
                        return answer
                    seen = f"{answer.status_code} {answer.text}"
                except httpx.TransportError as error:
                    seen = str(error)
                assert time.monotonic() < deadline, seen + self.compose("logs", "--no-color", "caddy")
                time.sleep(0.5)

    def containers(self) -> dict[str, Container]:
        """Return the containers by their names."""
        ours: dict[str, str | list[str] | bool] = {"label": f"com.docker.compose.project={self.name}"}
        found = self.client.containers.list(filters=ours)
        return {str(container.name).removeprefix(f"{self.name}-"): container for container in found}


def has_compose() -> bool:
    return subprocess.run(["docker", "compose", "version"], capture_output=True, check=False).returncode == 0


@pytest.fixture(scope="module")
def clone(images: docker.DockerClient, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A clone; the image that calls `docker compose` stays for the next time."""
    folder = tmp_path_factory.mktemp("clone")
    files = ("compose.yaml", "Dockerfile", ".dockerignore", "pyproject.toml", "requirements.lock", "README.md")
    for name in (*files, "LICENSE", "app.yml"):
        shutil.copy(ROOT / name, folder)
    for name in ("bot", "templates", ".github"):
        shutil.copytree(ROOT / name, folder / name, ignore=shutil.ignore_patterns("__pycache__"))
    if not has_compose():
        (folder / "compose").mkdir()
        (folder / "compose/Dockerfile").write_text(COMPOSE)
        images.images.build(path=str(folder / "compose"), tag=COMPOSE_TAG, rm=True)
    return folder


@contextmanager
def started(client: docker.DockerClient, clone: Path, settings: str, profile: str = "") -> Iterator[Project]:
    """Start what a `.env` with these settings makes; nothing of it is left."""
    name, http_port, https_port = f"gptdeploy-test-{uuid4().hex[:8]}", free_port(), free_port()
    (clone / ".env").write_text(
        f"GPTDEPLOY_IMAGE={name}\nBOT_DOMAIN=localhost\nHTTP_PORT={http_port}\nHTTPS_PORT={https_port}\n{settings}"
    )
    project = Project(client, clone, name, https_port, profile)
    try:
        project.compose("up", "--detach", "--build", "--quiet-pull")
        yield project
    finally:
        project.compose("down", "--volumes", "--timeout", "30")
        ours: dict[str, str | list[str] | bool] = {"label": f"com.docker.compose.project={name}"}
        assert not client.containers.list(all=True, filters=ours)
        assert not client.volumes.list(filters=ours)
        assert not client.networks.list(filters=ours)
        if client.images.list(name):
            client.images.remove(name, force=True)


@pytest.fixture(scope="module")
def project(images: docker.DockerClient, clone: Path) -> Iterator[Project]:
    key = app_key().replace("\n", "\\n")
    settings = (
        f'GITHUB_APP_ID=1\nGITHUB_PRIVATE_KEY="{key}"\nGITHUB_WEBHOOK_SECRET={SECRET}\nOPENAI_API_KEY=unused\n'
        # Nobody is asked for anything.
        "GITHUB_API_URL=http://127.0.0.1:9/api/v3\n"
    )
    with started(images, clone, settings) as project:
        yield project


def test_the_bot_is_ready_behind_tls(project: Project) -> None:
    trusted = project.authority()
    assert project.ask("/readyz", trusted).text
    # People elsewhere sign in first, where the App can do that.
    assert "GPT Deploy" in project.ask("/", trusted, until=403).text
    body = b'{"zen": "Keep it logically awesome."}'
    signature = hmac.new(SECRET.encode(), body, "sha256").hexdigest()
    headers = {
        "Content-Type": "application/json",
        "X-GitHub-Event": "ping",
        "X-GitHub-Delivery": str(uuid4()),
        "X-Hub-Signature-256": f"sha256={signature}",
    }
    url = f"https://localhost:{project.https_port}/webhook"
    with httpx.Client(verify=trusted, trust_env=False) as client:
        assert client.post(url, content=body, headers=headers).is_success
        assert client.post(url, content=body + b" ", headers=headers).status_code in (401, 403)
    with pytest.raises(httpx.ConnectError, match="certificate verify failed"):
        httpx.get(f"https://localhost:{project.https_port}/readyz", trust_env=False)


def test_plain_http_leads_to_https_and_the_bot_itself_is_behind_caddy_alone(project: Project) -> None:
    published = {
        container["Service"]: {port["PublishedPort"] for port in container["Publishers"] if port["PublishedPort"]}
        for container in map(json.loads, project.compose("ps", "--format", "json").splitlines())
    }
    assert published["bot"] == set()
    (http_port,) = published["caddy"] - {project.https_port}
    answer = httpx.get(f"http://localhost:{http_port}/readyz", trust_env=False)
    assert (answer.status_code, answer.headers["Location"]) == (308, "https://localhost/readyz")


def test_a_start_after_a_stop_finds_what_was_kept(project: Project) -> None:
    before = project.authority()
    project.compose("restart", "--timeout", "30")
    # The same authority: its key is in a volume.
    assert project.ask("/readyz", before).status_code == 200
    data = project.client.containers.get(f"{project.name}-bot-1").exec_run(["ls", "/data"]).output
    assert b"gptdeploy.sqlite" in data


def test_without_settings_the_set_up_is_behind_tls_too(images: docker.DockerClient, clone: Path) -> None:
    with started(images, clone, "") as new:
        trusted = new.authority()
        assert new.ask("/setup", trusted, until=403).text
        (shown,) = re.findall(r"/setup\?token=\S+", new.compose("logs", "--no-color", "--no-log-prefix", "bot"))
        page = new.ask(shown, trusted).text
        assert "Register the App on GitHub" in page
        # What GitHub is told to send people back to, is the address that they have.
        assert f"https://localhost:{new.https_port}" in page


BUILD_SECONDS = 8.0
"""Long enough for a run to be found waiting."""
WHOSE = (
    "SELECT host(client_addr) FROM dbos.workflow_status JOIN pg_locks"
    " ON locktype = 'advisory' AND executor_id = 'slot-' || objid JOIN pg_stat_activity USING (pid)"
    " WHERE name = 'run' AND status = 'PENDING'"
)


@pytest.fixture
def outside(images: docker.DockerClient, tmp_path: Path) -> Iterator[Outside]:
    """GitHub and a model, at an address of this machine that containers reach."""
    network = images.networks.create(f"gptdeploy-test-{uuid4().hex[:8]}")
    network.reload()
    host = network.attrs["IPAM"]["Config"][0]["Gateway"]
    outside = Outside(tmp_path, BUILD_SECONDS, host)
    ports = {urlsplit(url).port or 0 for url in (outside.hub.url, outside.model.url)}
    with ExitStack() as doors:
        doors.callback(network.remove)
        doors.callback(outside.close)
        for port in ports:
            doors.enter_context(door(host, port))
        yield outside


def test_an_issue_gets_through_while_a_worker_and_a_web_of_many_are_killed(
    images: docker.DockerClient, clone: Path, outside: Outside, say: Say
) -> None:
    database_image.ensure(images, say)
    host = urlsplit(outside.hub.url).hostname
    app = outside.hub.install_app("http://127.0.0.1:9/", SECRET)
    key, password = app.private_key_pem.replace("\n", "\\n"), uuid4().hex
    settings = (
        f'GITHUB_APP_ID={app.app_id}\nGITHUB_PRIVATE_KEY="{key}"\nGITHUB_WEBHOOK_SECRET={SECRET}\n'
        f"GITHUB_API_URL={outside.hub.api_url}\nOPENAI_MODEL=fake\n"
        f"OPENAI_BASE_URL={outside.model.url.replace('127.0.0.1', str(host))}\n"
        f"POSTGRES_PASSWORD={password}\nDATABASE_URL=postgresql://gptdeploy:{password}@db/gptdeploy\n"
    )
    with started(images, clone, settings, "many") as project, ExitStack() as stack:
        trusted = project.authority()
        assert project.ask("/readyz", trusted)
        assert set(project.containers()) == {"bot-1", "web-1", "worker-1", "worker-2", "db-1", "caddy-1"}
        webhook = f"https://localhost:{project.https_port}/webhook"
        deliveries = stack.enter_context(closing(Deliveries(webhook, trusted=trusted)))
        state = outside.hub.parts.state
        with state.lock:
            assert state.app is not None
            state.app = replace(state.app, webhook_url=deliveries.url)
        name = outside.open_issue()
        until(lambda: bool(outside.orders), project)

        worker = worker_of_the_run(project)
        # The first one is both.
        for killed in {worker, "web-1" if worker == "bot-1" else "bot-1"}:
            project.containers()[killed].kill()
        outside.say(name, COMMAND)
        until(lambda: finished(outside, name), project)
        outside.hub.parts.deliveries.drain()
        assert list(lost(outside, name)) == list(doubled(outside, name)) == []


def until(condition: Callable[[], bool], project: Project) -> None:
    deadline = time.monotonic() + 180
    while not condition():
        assert time.monotonic() < deadline, project.compose("logs", "--no-color")
        time.sleep(0.2)


def worker_of_the_run(project: Project) -> str:
    """Return which container has the only run under way."""
    asked = project.containers()["db-1"].exec_run(["psql", "-U", "gptdeploy", "-tAc", WHOSE])
    assert asked.exit_code == 0 and isinstance(asked.output, bytes), asked.output
    address = asked.output.decode().strip()
    (found,) = [
        name
        for name, container in project.containers().items()
        if address in {network["IPAddress"] for network in container.attrs["NetworkSettings"]["Networks"].values()}
    ]
    return found
