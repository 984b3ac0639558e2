"""Media types: what files are called, what bytes are, what a JSON schema says of binary fields."""

import base64
import mimetypes
from typing import Any

SUFFIXES = {
    "application/json": ["json"],
    "application/pdf": ["pdf"],
    "application/zip": ["zip"],
    "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet": ["xlsx"],
    "application/vnd.openxmlformats-officedocument.wordprocessingml.document": ["docx"],
    "audio/mpeg": ["mp3"],
    "audio/ogg": ["ogg", "oga"],
    "audio/wav": ["wav"],
    "audio/x-wav": ["wav"],
    "image/gif": ["gif"],
    "image/jpeg": ["jpg", "jpeg"],
    "image/png": ["png"],
    "image/svg+xml": ["svg"],
    "image/tiff": ["tif", "tiff"],
    "image/webp": ["webp"],
    "image/*": ["png", "jpg", "jpeg", "gif", "webp", "bmp", "tif", "tiff"],
    "audio/*": ["wav", "mp3", "ogg", "flac", "m4a"],
    "video/*": ["mp4", "webm", "mov"],
    "model/obj": ["obj"],
    "model/stl": ["stl"],
    "model/gltf-binary": ["glb"],
    "text/csv": ["csv"],
    "text/html": ["html", "htm"],
    "text/markdown": ["md", "markdown"],
    "text/plain": ["txt", "text", "md", "log"],
    "video/mp4": ["mp4"],
    "video/webm": ["webm"],
}

SIGNATURES = (
    (b"\x89PNG", "image/png"),
    (b"\xff\xd8\xff", "image/jpeg"),
    (b"GIF8", "image/gif"),
    (b"%PDF", "application/pdf"),
    (b"PK\x03\x04", "application/zip"),
    (b"ID3", "audio/mpeg"),
    (b"OggS", "audio/ogg"),
)


def suffixes(schema: dict[str, Any]) -> list[str]:
    """Return the file name suffixes of the media types that a schema names; none for any file."""
    suffixes: list[str] = []
    for media_type in schema.get("x-media-types") or [media_type_of(schema)]:
        guessed = [suffix.removeprefix(".") for suffix in mimetypes.guess_all_extensions(media_type)]
        known = SUFFIXES.get(media_type) or guessed
        if not known:
            return []
        suffixes += known
    return suffixes


def decode(text: str) -> bytes | None:
    """Return the bytes of base64 text (a data URL as well), or None if it is none."""
    if text.startswith("data:"):
        text = text.partition(",")[2]
    try:
        return base64.b64decode(text, validate=True)
    except ValueError:
        return None


def is_binary(schema: dict[str, Any]) -> bool:
    return schema.get("contentEncoding") == "base64" or schema.get("format") in ("base64", "byte", "binary")


def media_type_of(schema: dict[str, Any]) -> str:
    media_type = str(schema.get("contentMediaType", "")).partition(";")[0].strip().lower()
    return "" if media_type == "application/octet-stream" else media_type


def sniff(data: bytes) -> str:
    """Return the media type that bytes begin like, or an empty string."""
    return next((media_type for start, media_type in SIGNATURES if data.startswith(start)), "")
