"""The HTTP face that every generated service has."""

from __future__ import annotations

import asyncio
import importlib
import json
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from types import ModuleType
from typing import Any
from urllib.parse import urljoin

import httpx
import pytest

from bot.generate.draft import interface_source, object_schema
from bot.render import templates_dir
from tests.fakes.fields import field

EXECUTOR = """
import base64
import threading
from fastapi import HTTPException
from interface import Input, Output

gate = threading.Event()

def execute(input: Input) -> Output:
    if input.text == "boom":
        raise ValueError("the secret is 42")
    if input.text == "refuse":
        raise HTTPException(422, "This is not a picture.")
    if input.text == "wrong":
        return {"picture": 1}
    if input.text == "hang":
        gate.wait(10)
    if input.text == "what is there":
        return Output(image="", sent=sorted(input.model_fields_set), margin=input.margin, note="here")
    return Output(image=base64.b64encode(input.text.upper().encode()), margin=input.margin)
"""
INPUTS = [
    field("text", limits={"maxLength": 1000}),
    field("margin", "integer", default="4", limits={"minimum": 0}),
    field("maxWords", "integer", required=False),
    field("from", "date", required=False, nullable=True),
]
OUTPUTS = [
    field("image", "file", media_types=["image/png"]),
    field("margin", "integer"),
    field("sent", "list of text", default="[]"),
    field("note", required=False),
]
SERVICE = {
    "slug": "shout",
    "title": "Shout <b>",
    "summary": "Says it & louder.",
    "example": {"text": "hello"},
    "resources": {"timeout": 0.05},
    "input_schema": object_schema(INPUTS),
    "output_schema": object_schema(OUTPUTS),
}

Ask = Callable[..., httpx.Response]


@pytest.fixture
def server(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[ModuleType]:
    (tmp_path / "server.py").write_text((templates_dir() / "service" / "server.py").read_text())
    (tmp_path / "executor.py").write_text(EXECUTOR)
    (tmp_path / "interface.py").write_text(interface_source(object_schema(INPUTS), object_schema(OUTPUTS)))
    (tmp_path / "service.json").write_text(json.dumps(SERVICE))
    monkeypatch.syspath_prepend(tmp_path)
    for name in ("server", "executor", "interface"):
        monkeypatch.delitem(sys.modules, name, raising=False)
    module = importlib.import_module("server")
    yield module
    sys.modules["executor"].gate.set()
    module.pool.shutdown()
    del sys.modules["server"], sys.modules["executor"], sys.modules["interface"]


@pytest.fixture
def ask(server: ModuleType) -> Ask:
    def send(method: str, path: str, **options: Any) -> httpx.Response:
        async def exchange() -> httpx.Response:
            transport = httpx.ASGITransport(app=server.app)
            async with httpx.AsyncClient(transport=transport, base_url="http://shout.localhost") as client:
                return await client.request(method, path, **options)

        return asyncio.run(exchange())

    return send


def test_a_good_request_is_answered(ask: Ask) -> None:
    response = ask("POST", "/execute", json={"text": "hello"})
    assert (response.status_code, response.json()) == (200, {"image": "SEVMTE8=", "margin": 4, "sent": []})
    assert len(response.headers["X-Request-Id"]) == 12


def test_a_bad_request_is_told_why_but_not_repeated(ask: Ask) -> None:
    response = ask("POST", "/execute", json={"text": "x" * 5000})
    assert response.status_code == 422
    assert response.json()["detail"][0]["loc"] == ["body", "text"]
    assert "xxxxx" not in response.text
    assert ask("POST", "/execute", content=b"{").status_code == 422
    assert ask("GET", "/execute").status_code == 405


@pytest.mark.parametrize(
    ("change", "where"),
    [
        ({"text": 5}, ["body", "text"]),
        ({"text": None}, ["body", "text"]),
        ({"margin": "4"}, ["body", "margin"]),
        ({"margin": True}, ["body", "margin"]),
        ({"margin": -1}, ["body", "margin"]),
        ({"margin": None}, ["body", "margin"]),
        ({"maxWords": None}, ["body", "maxWords"]),
        ({"maxWords": 1.5}, ["body", "maxWords"]),
        ({"from": "2026-02-30"}, ["body", "from"]),
        ({"from": 20260131}, ["body", "from"]),
    ],
)
def test_a_request_against_the_schema_is_refused(ask: Ask, change: dict[str, Any], where: list[str]) -> None:
    response = ask("POST", "/execute", json={"text": "hello", **change})
    assert response.status_code == 422
    assert [fault["loc"] for fault in response.json()["detail"]] == [where]


def test_a_refusal_says_what_is_wanted(ask: Ask) -> None:
    response = ask("POST", "/execute", json={"text": "hello", "from": "31.1.2026"})
    assert response.json()["detail"] == [
        {"type": "value_error", "loc": ["body", "from"], "msg": "must be a date such as 2026-01-31"}
    ]
    response = ask("POST", "/execute", json={"text": "hello", "maxWords": None})
    assert response.json()["detail"][0]["msg"] == "must not be null; leave it out instead"


@pytest.mark.parametrize("body", [b"", b"{", b"[]", b"\xff", b'{"text": "a", "margin": 1e999}'])
def test_a_body_that_is_no_such_object_is_refused(ask: Ask, body: bytes) -> None:
    assert ask("POST", "/execute", content=body).status_code == 422


@pytest.mark.parametrize(
    ("more", "sent"),
    [
        ({}, ["text"]),
        ({"margin": 7, "maxWords": 3}, ["margin", "max_words", "text"]),
        ({"from": None}, ["from_", "text"]),
        # Names in JSON are those of the schema only; other fields are ignored.
        ({"max_words": "x", "from_": 1}, ["text"]),
    ],
)
def test_an_executor_knows_what_was_left_out(ask: Ask, more: dict[str, Any], sent: list[str]) -> None:
    response = ask("POST", "/execute", json={"text": "what is there", **more})
    assert response.json() == {"image": "", "margin": more.get("margin", 4), "sent": sent, "note": "here"}


def test_an_executor_can_refuse(ask: Ask) -> None:
    response = ask("POST", "/execute", json={"text": "refuse"})
    assert (response.status_code, response.json()["detail"]) == (422, "This is not a picture.")


@pytest.mark.parametrize("text", ["boom", "wrong"])
def test_a_failure_has_an_id_and_no_details(ask: Ask, text: str, caplog: pytest.LogCaptureFixture) -> None:
    response = ask("POST", "/execute", json={"text": text})
    assert response.status_code == 500
    request_id = response.json()["request_id"]
    assert response.headers["X-Request-Id"] == request_id
    assert "secret" not in response.text
    assert "Traceback" not in response.text
    record = next(record for record in caplog.records if request_id in record.getMessage())
    assert record.exc_info


def test_the_time_limit_answers_504(ask: Ask, caplog: pytest.LogCaptureFixture) -> None:
    response = ask("POST", "/execute", json={"text": "hang"})
    assert response.status_code == 504
    assert "0.05 seconds" in response.json()["detail"]
    # The log tells where it hangs.
    assert "in execute\n    gate.wait(10)\n" in caplog.text
    assert "TimeoutError: The service did not finish within 0.05 seconds." in caplog.text


def test_a_server_whose_workers_all_hang_says_so(ask: Ask, server: ModuleType) -> None:
    assert ask("GET", "/healthz").status_code == 200
    for _ in range(server.WORKERS):
        ask("POST", "/execute", json={"text": "hang"})
    assert ask("GET", "/healthz").status_code == 503


def test_the_document_has_the_example_and_the_media_types(ask: Ask) -> None:
    document = ask("GET", "/openapi.json").json()
    # The address that it is called at is where the document is, also below a path that an ingress takes off.
    assert urljoin("https://host/qr/openapi.json", document["servers"][0]["url"]) == "https://host/qr/"
    content = document["paths"]["/execute"]["post"]["requestBody"]["content"]["application/json"]
    assert content["examples"]["example"]["value"] == {"text": "hello"}
    inputs = document["components"]["schemas"]["Input"]
    assert list(inputs["properties"]) == ["text", "margin", "maxWords", "from"]
    assert inputs["required"] == ["text"]
    assert inputs["properties"]["margin"]["default"] == 4
    assert "default" not in inputs["properties"]["maxWords"]
    image = document["components"]["schemas"]["Output"]["properties"]["image"]
    assert (image["contentEncoding"], image["contentMediaType"]) == ("base64", "image/png")
    assert document["info"]["title"] == "Shout <b>"


def test_the_docs_show_the_essentials_without_a_network(ask: Ask) -> None:
    page = ask("GET", "/docs").text
    assert "Says it &amp; louder." in page
    assert "Shout <b>" not in page
    assert "SwaggerUIBundle" in page
