"""A service to deploy: it draws QR codes, and says as which user it runs."""

from __future__ import annotations

import io
import ssl
import threading
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from uuid import uuid4

import docker
import httpx
from docker.models.containers import Container

from bot.clients.packages import Packages
from bot.deploy import Platform, rollout
from bot.deploy.description import read_description
from bot.deploy.layout import LABEL, SLUG_LABEL
from bot.deploy.wanted import NewVersion
from bot.errors import UserError
from bot.generate.draft import interface_source
from bot.generate.files import Blueprint, service_files
from bot.values.service import Scenario, Service, Spec, Strategy

EXECUTOR = """
import base64
import io
import os

import segno
from interface import Input, Output


def execute(input: Input) -> Output:
    out = io.BytesIO()
    segno.make(input.text, micro=False).save(out, kind="png", scale=input.scale)
    return Output(image=base64.b64encode(out.getvalue()).decode(), user=os.getuid())
"""
TESTS = """
def test_example(call, decoded):
    status, answer = call({"text": "https://www.example.com", "scale": 4})
    assert status == 200
    assert decoded(answer["image"]).startswith(b"\\x89PNG")
"""
IMAGE_SCHEMA = {"type": "string", "contentEncoding": "base64", "contentMediaType": "image/png"}
SPEC = Spec(
    slug="draw",
    title="QR code",
    summary="Draws a QR code of a text.",
    input_schema={
        "type": "object",
        "properties": {
            "text": {"type": "string", "minLength": 1},
            "scale": {"type": "integer", "default": 8, "minimum": 1, "maximum": 20},
        },
        "required": ["text"],
    },
    output_schema={
        "type": "object",
        "properties": {"image": IMAGE_SCHEMA, "user": {"type": "integer"}},
        "required": ["image", "user"],
    },
    scenarios=(Scenario(name="example", text="https://www.example.com"),),
)
_PATIENCE = 45.0
_USERS, _PAUSE_SECONDS = 3, 0.05
# Made once: it takes longer than ten requests. No request here is encrypted.
_NO_TLS = ssl.create_default_context()


def files(slug: str = SPEC.slug, executor: str = EXECUTOR) -> dict[str, str]:
    """Return the service's folder as it stands in a repository, made for issue 1."""
    spec = SPEC.model_copy(update={"slug": slug})
    strategy = Strategy(name="segno", approach="Use segno.")
    service = Service(
        interface=interface_source(spec.input_schema, spec.output_schema),
        executor=executor,
        tests=TESTS,
        requirements=Packages().pin("segno\n"),
        example={"text": "https://www.example.com"},
    )
    blueprint = Blueprint(spec, strategy, issue=1, base_image="python:3.13-slim")
    return {path: str(text) for path, text in service_files(blueprint, service).items()}


@dataclass(frozen=True)
class Drawing:
    """A service that draws QR codes, and the platform that it is for."""

    client: docker.DockerClient
    platform: Platform
    folder: Path
    image: str

    def carry_out(self, folder: Path, image: str, commit: str = "", patience: float = _PATIENCE) -> None:
        version = NewVersion(read_description(folder), image, commit)
        rollout.prepare(self.client, version, name=self.platform.name, patience=patience).carry_out()

    def deploy(self, image: str, patience: float = _PATIENCE) -> str:
        """Deploy `image`; return "" or why it is not live."""
        try:
            self.carry_out(self.folder, image, patience=patience)
        except UserError as error:
            return str(error)
        return ""

    def containers(self) -> list[Container]:
        """Return the service's containers, also those that have ended; another platform may have a service like it."""
        labels = [f"{LABEL}={self.platform.name}", f"{SLUG_LABEL}={SPEC.slug}"]
        return self.client.containers.list(all=True, filters={"label": labels}, ignore_removed=True)

    def variant(self, *lines: str) -> str:
        """Build an image on top of the service's; return its name."""
        text = "\n".join((f"FROM {self.image}", *lines, ""))
        name = f"{self.image.partition(':')[0]}:{uuid4().hex[:8]}"
        self.client.images.build(fileobj=io.BytesIO(text.encode()), tag=name, rm=True)
        return name

    def ask(self, method: str, path: str, host: str = "draw.localhost", **options: object) -> httpx.Response:
        return ask(self.platform, method, path, host, **options)


def ask(platform: Platform, method: str, path: str, host: str, **options: object) -> httpx.Response:
    """Send a request to a service through the ingress of a platform, on a connection of its own."""
    with httpx.Client(trust_env=False, timeout=20, verify=_NO_TLS) as client:
        url = f"http://127.0.0.1:{platform.port}{path}"
        request = client.build_request(method, url, headers={"Host": f"{host}:{platform.port}"}, **options)  # type: ignore[arg-type]
        return client.send(request)


@contextmanager
def load(platform: Platform, host: str, said: Callable[[httpx.Response], str]) -> Iterator[Counter[str]]:
    """Use a service all the time, 50 times a second with several users; yield how often it answers what."""
    answers: Counter[str] = Counter()
    ended = threading.Event()

    def use() -> None:
        while True:
            answers[said(ask(platform, "POST", "/execute", host, json={"text": "x", "scale": 1}))] += 1
            if ended.wait(_PAUSE_SECONDS):
                break

    users = [threading.Thread(target=use) for _ in range(_USERS)]
    for user in users:
        user.start()
    try:
        yield answers
    finally:
        ended.set()
        for user in users:
            user.join()
