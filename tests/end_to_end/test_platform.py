"""A platform on a real engine: services come up, are replaced, fall back, and are seen in a real browser."""

from __future__ import annotations

import base64
import io
import shutil
import threading
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from uuid import uuid4

import docker
import httpx
import pytest
from docker.errors import NotFound
from playwright.sync_api import Browser, Page, expect

from bot.clients.packages import Packages
from bot.demo.ports import free_port
from bot.deploy import answers, rollout, swarm
from bot.deploy.description import read_description
from bot.deploy.layout import LABEL, Platform
from bot.errors import UserError
from bot.generate.files import Blueprint, service_files
from bot.values.service import Scenario, Service, Spec, Strategy
from tests.end_to_end.browsing import opened

EXECUTOR = """
import base64
import io
import os
import segno
from pydantic import BaseModel, Field


class Input(BaseModel):
    text: str = Field(min_length=1)
    scale: int = Field(default=8, ge=1, le=20)


class Output(BaseModel):
    image: str = Field(json_schema_extra={"contentEncoding": "base64", "contentMediaType": "image/png"})
    user: int


def execute(input: Input) -> Output:
    out = io.BytesIO()
    segno.make(input.text, micro=False).save(out, kind="png", scale=input.scale)
    return Output(image=base64.b64encode(out.getvalue()).decode(), user=os.getuid())
"""
TESTS = """
from executor import Input, execute


def test_example():
    assert execute(Input(text="https://www.example.com")).image
"""
IMAGE_SCHEMA = {"type": "string", "contentEncoding": "base64", "contentMediaType": "image/png"}
SPEC = Spec(
    slug="qr-code",
    title="QR code",
    summary="Draws a QR code of a text.",
    input_schema={"type": "object", "properties": {"text": {"type": "string"}}, "required": ["text"]},
    output_schema={"type": "object", "properties": {"image": IMAGE_SCHEMA}, "required": ["image"]},
    scenarios=(Scenario(name="example", text="https://www.example.com"),),
)
PATIENCE = 4.0


@dataclass(frozen=True)
class Try:
    """A platform of its own name on the engine, and a service built for it."""

    client: docker.DockerClient
    platform: Platform
    folder: Path
    image: str

    def carry_out(self, folder: Path, image: str) -> None:
        description = read_description(folder)
        rollout.prepare(self.client, description, image, name=self.platform.name, patience=PATIENCE).carry_out()

    def deploy(self, image: str) -> str:
        """Deploy `image`; return "" or why it is not live."""
        try:
            self.carry_out(self.folder, image)
        except UserError as error:
            return str(error)
        return ""

    def variant(self, *lines: str) -> str:
        """Build an image on top of the service's; return its name."""
        text = "\n".join((f"FROM {self.image}", *lines, ""))
        name = f"{self.platform.name}:{uuid4().hex[:8]}"
        self.client.images.build(fileobj=io.BytesIO(text.encode()), tag=name, rm=True)
        return name

    def ask(self, method: str, path: str, host: str = "qr-code.localhost", **options: object) -> httpx.Response:
        with httpx.Client(trust_env=False, timeout=20) as client:
            url = f"http://127.0.0.1:{self.platform.port}{path}"
            request = client.build_request(method, url, headers={"Host": f"{host}:{self.platform.port}"}, **options)  # type: ignore[arg-type]
            return client.send(request)


@pytest.fixture(scope="module")
def made(images: docker.DockerClient, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Try]:
    name = f"gptdeploy-test-{uuid4().hex[:8]}"
    root = tmp_path_factory.mktemp("platform")
    service = Service(
        executor=EXECUTOR,
        tests=TESTS,
        requirements=Packages().pin("segno\n"),
        example={"text": "https://www.example.com"},
    )
    strategy = Strategy(name="segno", approach="Use segno.")
    files = service_files(Blueprint(SPEC, strategy, issue=1, base_image="python:3.13-slim"), service)
    for path, text in files.items():
        (root / path).parent.mkdir(parents=True, exist_ok=True)
        (root / path).write_text(str(text))
    folder = root / "services" / "qr-code"
    platform = Platform(port=free_port(18080), name=name)
    try:
        swarm.platform_up(images, platform)
        images.images.build(path=str(folder), tag=f"{name}:1", rm=True)
        yield Try(images, platform, folder, f"{name}:1")
    finally:
        swarm.platform_down(images, name)
        for image in images.images.list(name):
            images.images.remove(image.id or "", force=True)
    label = {"label": [f"{LABEL}={name}"]}
    assert not images.networks.list(filters=label)
    assert not images.volumes.list(filters=label)
    assert swarm.find_platform(images, name) is None


@pytest.fixture(scope="module")
def live(made: Try) -> Try:
    """The same, with the service deployed."""
    assert made.deploy(made.image) == ""
    return made


def test_a_service_answers_through_the_ingress(live: Try) -> None:
    assert answers(live.platform.deployment("qr-code").api_url, "qr-code")
    answer = live.ask("POST", "/execute", json={"text": "hello", "scale": 1}).json()
    assert base64.b64decode(answer["image"]).startswith(b"\x89PNG")
    assert answer["user"] != 0
    assert live.ask("POST", "/execute", json={}).status_code == 422
    assert live.ask("GET", "/healthz").json() == {"status": "ok"}
    assert live.ask("GET", "/openapi.json").json()["info"]["title"] == "QR code"
    assert live.ask("GET", "/docs").status_code == 200
    status = swarm.platform_status(live.client, live.platform.name)
    assert status is not None
    assert [(one.slug, one.running, one.wanted) for one in status.services] == [("qr-code", 1, 1)]


def test_a_service_cannot_write_or_gain_rights(live: Try) -> None:
    [container] = live.client.containers.list(filters={"label": [f"{LABEL}={live.platform.name}", "gptdeploy.slug"]})
    assert container.exec_run(["touch", "/service/x"]).exit_code != 0
    assert container.exec_run(["touch", "/tmp/x"]).exit_code == 0
    status = container.exec_run(["grep", "CapBnd:\t0000000000000000", "/proc/1/status"])
    assert status.exit_code == 0, status.output
    setuid = container.exec_run(["sh", "-c", "find / -xdev -type f -perm /6000 2> /dev/null"])
    assert setuid.output == b""


@pytest.mark.parametrize("host", ["nothing.localhost", "a.qr-code.localhost", "qr-code.example.com"])
def test_an_unknown_name_is_answered_404_at_once(live: Try, host: str) -> None:
    response = live.ask("GET", "/", host=host)
    assert response.status_code == 404
    assert "No such service" in response.text
    # Not by looking for the service until the ingress gives up, which takes 5 seconds.
    assert response.elapsed.total_seconds() < 1


def test_the_playground_shows_the_code(live: Try, browser: Browser) -> None:
    def ready(page: Page) -> None:
        expect(page.get_by_role("button", name="Run")).to_be_visible(timeout=20_000)

    page = opened(browser, live.platform.deployment("qr-code").playground_url, ready)
    foreign: list[str] = []
    page.on("request", lambda request: foreign.append(request.url) if "localhost" not in request.url[:60] else None)
    text = page.get_by_role("textbox", name="Text")
    expect(text).to_have_value("https://www.example.com")
    text.fill("https://www.example.com/other?" + "x" * 40)
    page.get_by_role("button", name="Run").click()
    image = page.get_by_test_id("stImage").locator("img")
    expect(image).to_be_visible(timeout=20_000)
    # A longer text needs a bigger code: 33 modules and a border of 4 on each side, 8 pixels each.
    expect(image).to_have_js_property("naturalWidth", (33 + 8) * 8, timeout=20_000)
    page.get_by_text("The same request with curl").click()
    expect(page.get_by_text("https://www.example.com/other").first).to_be_visible()
    assert [url for url in foreign if not url.startswith(("data:", "blob:"))] == []
    page.close()


def test_the_gallery_leads_to_the_service(live: Try, browser: Browser) -> None:
    def ready(page: Page) -> None:
        expect(page.get_by_text("Draws a QR code of a text.")).to_be_visible(timeout=20_000)

    page = opened(browser, live.platform.url, ready)
    page.get_by_text("Draws a QR code of a text.").click()
    page.wait_for_url(live.platform.deployment("qr-code").playground_url)
    page.close()


def test_a_page_of_another_origin_may_not_use_a_playground(live: Try) -> None:
    def handshake(origin: str) -> int:
        headers = {
            "Host": live.platform.address,
            "Origin": origin,
            "Connection": "Upgrade",
            "Upgrade": "websocket",
            "Sec-WebSocket-Version": "13",
            "Sec-WebSocket-Key": "dGhlIHNhbXBsZSBub25jZQ==",
        }
        with httpx.Client(trust_env=False, timeout=10) as client:
            url = f"http://127.0.0.1:{live.platform.port}/_stcore/stream"
            with client.stream("GET", url, headers=headers) as response:
                return response.status_code

    assert handshake(f"http://{live.platform.address}") == 101
    assert handshake("http://evil.example") == 403


@pytest.mark.parametrize(
    ("command", "words"),
    [
        ('CMD ["sh", "-c", "echo no such thing as a server; exit 3"]', "no such thing as a server"),
        ('CMD ["sleep", "600"]', "never answered `/healthz`"),
    ],
)
def test_an_update_that_fails_leaves_the_version_before(live: Try, command: str, words: str) -> None:
    image = live.variant(command)
    statuses: Counter[int] = Counter()
    ended = threading.Event()

    def use() -> None:
        while not ended.is_set():
            statuses[live.ask("POST", "/execute", json={"text": "x", "scale": 1}).status_code] += 1

    user = threading.Thread(target=use)
    user.start()
    try:
        reason = live.deploy(image)
    finally:
        ended.set()
        user.join()
    assert words in reason
    assert "the one before still serves" in reason
    assert set(statuses) == {200}


def test_a_wrong_answer_to_the_example_is_taken_back(live: Try) -> None:
    # Healthy, but what it answers is not what service.json says.
    image = live.variant(
        "USER root",
        "RUN sed -i 's/image/picture/' executor.py && sed -i 's/image=/picture=/' executor.py",
        "USER service",
    )
    assert "lacks `image`" in live.deploy(image)
    assert answers(live.platform.deployment("qr-code").api_url, "qr-code")
    assert "image" in live.ask("POST", "/execute", json={"text": "x"}).json()


def test_the_same_image_is_deployed_again(live: Try) -> None:
    assert live.deploy(live.image) == ""
    assert answers(live.platform.deployment("qr-code").api_url, "qr-code")


def test_an_image_that_does_not_exist_is_named(live: Try) -> None:
    assert "No such image" in live.deploy(f"{live.platform.name}:missing")


def test_a_first_version_that_fails_is_removed_again(live: Try, tmp_path: Path) -> None:
    folder = tmp_path / "other"
    shutil.copytree(live.folder, folder)
    described = (folder / "service.json").read_text().replace('"slug": "qr-code"', '"slug": "other"')
    (folder / "service.json").write_text(described)
    image = live.variant('CMD ["sh", "-c", "echo broken; exit 1"]')
    with pytest.raises(UserError, match=r"`other` is not live.*\n```\nbroken"):
        live.carry_out(folder, image)
    assert live.ask("GET", "/", host="other.localhost").status_code == 404
    with pytest.raises(NotFound):
        live.client.services.get(live.platform.service("other"))  # type: ignore[no-untyped-call]


def test_up_again_keeps_what_fits_and_moves_what_changed(live: Try) -> None:
    def ids() -> dict[str, str | None]:
        names = (live.platform.ingress, live.platform.playground)
        return {name: live.client.containers.get(name).id for name in names}

    before = ids()
    swarm.platform_up(live.client, live.platform)
    assert ids() == before
    moved = replace(live.platform, port=free_port(18180))
    swarm.platform_up(live.client, moved)
    assert ids()[live.platform.ingress] != before[live.platform.ingress]
    assert answers(moved.deployment("qr-code").api_url, "qr-code")
    swarm.platform_up(live.client, live.platform)
    assert answers(live.platform.deployment("qr-code").api_url, "qr-code")


def test_a_port_that_is_taken_is_named(live: Try) -> None:
    with pytest.raises(UserError, match="is taken"):
        swarm.platform_up(live.client, replace(live.platform, name=f"{live.platform.name}-2"))
    swarm.platform_down(live.client, f"{live.platform.name}-2")


def test_without_a_platform_nothing_is_deployed(made: Try) -> None:
    with pytest.raises(UserError, match="gptdeploy platform up"):
        rollout.prepare(made.client, read_description(made.folder), made.image, name="gptdeploy-test-nothing")
