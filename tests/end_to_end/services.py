"""A service to deploy: it draws QR codes, and says as which user it runs."""

from __future__ import annotations

import io
from dataclasses import dataclass
from pathlib import Path
from uuid import uuid4

import docker
import httpx

from bot.deploy import Platform, rollout
from bot.deploy.description import read_description
from bot.deploy.wanted import NewVersion
from bot.errors import UserError
from bot.values.service import Scenario, Spec

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
PATIENCE = 4.0


@dataclass(frozen=True)
class Drawing:
    """A service that draws QR codes, and the platform that it is for."""

    client: docker.DockerClient
    platform: Platform
    folder: Path
    image: str

    def carry_out(self, folder: Path, image: str, commit: str = "") -> None:
        version = NewVersion(read_description(folder), image, commit)
        rollout.prepare(self.client, version, name=self.platform.name, patience=PATIENCE).carry_out()

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
        name = f"{self.image.partition(':')[0]}:{uuid4().hex[:8]}"
        self.client.images.build(fileobj=io.BytesIO(text.encode()), tag=name, rm=True)
        return name

    def ask(self, method: str, path: str, host: str = "draw.localhost", **options: object) -> httpx.Response:
        with httpx.Client(trust_env=False, timeout=20) as client:
            url = f"http://127.0.0.1:{self.platform.port}{path}"
            request = client.build_request(method, url, headers={"Host": f"{host}:{self.platform.port}"}, **options)  # type: ignore[arg-type]
            return client.send(request)
