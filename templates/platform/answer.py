"""What a service answers, read with its OpenAPI document. Pure: Streamlit is not imported here."""

import json
from dataclasses import dataclass
from typing import Any

from form import label_of, resolve
from media import SUFFIXES, decode, is_binary, media_type_of, sniff

SHORT = 100
"""Characters up to which a text is shown on one line with its name."""


@dataclass(frozen=True)
class Part:
    """One thing to show of an answer.

    Attributes:
        kind: "image", "audio", "video", "html", "table", "markdown", "text", "value", "json", "download" or "nothing".
        value: bytes for image, audio, video and download; otherwise as JSON has it.
        media_type: of what is shown, empty if unknown.
    """

    name: str
    label: str
    kind: str
    value: Any
    media_type: str = ""

    @property
    def file_name(self) -> str:
        return f"{self.name}.{(SUFFIXES.get(self.media_type) or ['txt' if self.kind == 'text' else 'bin'])[0]}"


def answer_schema(document: dict[str, Any]) -> dict[str, Any]:
    """Return the properties of a successful answer, by name, without references."""
    content = document["paths"]["/execute"]["post"]["responses"]["200"]["content"]["application/json"]
    properties = resolve(document, content["schema"]).get("properties", {})
    return {name: resolve(document, prop) for name, prop in properties.items()}


def read_answer(answer: dict[str, Any], schema: dict[str, Any]) -> list[Part]:
    """Return what to show of an answer, pictures and other media before plain values."""
    parts = [part for name, value in answer.items() for part in _parts(name, value, schema.get(name, {}))]
    media = ("image", "video", "audio", "html", "download")
    return sorted(parts, key=lambda part: media.index(part.kind) if part.kind in media else len(media))


def curl(url: str, body: dict[str, Any]) -> str:
    """Return the command that sends the same request; a big body comes from a file."""
    text = json.dumps(body, ensure_ascii=False)
    data = "@request.json" if len(text) > 1500 else "'" + text.replace("'", "'\\''") + "'"
    return f"curl {url} \\\n  -H 'Content-Type: application/json' \\\n  --data-binary {data}"


def explain(status: int, body: Any) -> list[str]:
    """Return what a failed request means, one sentence each, for people."""
    detail = body.get("detail") if isinstance(body, dict) else None
    if status == 422 and isinstance(detail, list):
        return [_fault(fault) for fault in detail]
    if status in (502, 503):
        return ["The service is not reachable right now. It may be restarting: try again in a moment."]
    if status == 413:
        return ["That is more than the platform accepts in one request."]
    sentences = [detail if isinstance(detail, str) else f"The service answered with status {status}."]
    if isinstance(body, dict) and body.get("request_id"):
        sentences.append(f"The log has the cause under request id {body['request_id']}.")
    return sentences


def _fault(fault: dict[str, Any]) -> str:
    first, *deeper = [str(step) for step in fault.get("loc", ()) if step != "body"] or [""]
    where = " › ".join([label_of(first, {}), *deeper])
    return f"{where + ': ' if where else ''}{fault.get('msg', 'not accepted')}"


def _parts(name: str, value: Any, schema: dict[str, Any]) -> list[Part]:
    label, media_type = label_of(name, schema), media_type_of(schema)
    if isinstance(value, str) and (is_binary(schema) or value.startswith("data:")):
        data = decode(value)
        if data is not None:
            return [_media(name, label, data, media_type)]
        media_type = ""
    if isinstance(value, list) and value and is_binary(schema.get("items") or {}):
        media_type = media_type_of(schema["items"])
        datas = [decode(entry) if isinstance(entry, str) else None for entry in value]
        return [_media(f"{name}-{n}", f"{label} {n}", data or b"", media_type) for n, data in enumerate(datas, 1)]
    kind = _plain_kind(value, media_type)
    return [Part(name, label, kind, exact(value, kind == "table") if kind in ("table", "json") else value, media_type)]


def exact(value: Any, in_table: bool = False) -> Any:
    """Return JSON with each number as text that a browser, or a table of Streamlit's, would not show exactly."""
    match value:
        case dict():
            return {name: exact(part, in_table) for name, part in value.items()}
        case list():
            return [exact(part, in_table) for part in value]
        case bool():
            return value
        case int() if abs(value) > 2**53:
            return str(value)
        case float() if in_table:
            return json.dumps(value)
    return value


def _media(name: str, label: str, data: bytes, media_type: str) -> Part:
    if not media_type or "*" in media_type:
        media_type = sniff(data) or media_type
    family = media_type.partition("/")[0]
    if media_type in ("text/html", "text/plain", "text/csv", "text/markdown", "application/json"):
        text = data.decode("utf-8", "replace")
        return Part(name, label, _plain_kind(text, media_type), text, media_type)
    return Part(name, label, family if family in ("image", "audio", "video") else "download", data, media_type)


def _plain_kind(value: Any, media_type: str) -> str:
    if isinstance(value, str):
        if media_type == "image/svg+xml":
            return "image"
        if media_type in ("text/html", "text/markdown"):
            return media_type.removeprefix("text/")
        return "value" if len(value) <= SHORT and "\n" not in value and not media_type else "text"
    if value is None:
        return "nothing"
    if isinstance(value, bool | int | float):
        return "value"
    if isinstance(value, list) and value and all(isinstance(row, dict) for row in value):
        flat = all(not isinstance(cell, dict | list) for row in value for cell in row.values())
        return "table" if flat else "json"
    return "json"
