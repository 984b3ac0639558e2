"""Small valid files for example requests, because a model cannot write the base64 of a picture."""

from __future__ import annotations

import base64
import io
import struct
import wave
import zipfile
import zlib
from collections.abc import Callable
from typing import Any

from bot.clients.llm import Refused

TEXT = "$text"
FILE = "$file"


def filled(value: Any) -> Any:
    """Return an example's value with the base64 of files in place of their stand-ins.

    `{"$text": "a,b"}` stands for a file that holds that text, `{"$file": "image/png"}` for any small file of that type.

    Raises:
        Refused: there is no sample of that type.
    """
    if isinstance(value, dict):
        if set(value) == {TEXT}:
            return base64.b64encode(str(value[TEXT]).encode()).decode()
        if set(value) == {FILE}:
            return base64.b64encode(sample(str(value[FILE]))).decode()
        return {key: filled(part) for key, part in value.items()}
    if isinstance(value, list):
        return [filled(part) for part in value]
    return value


def sample(media_type: str) -> bytes:
    """Return a small valid file of `media_type`.

    Raises:
        Refused: there is no sample of that type.
    """
    make = _SAMPLES.get(media_type)
    if make is not None:
        return make()
    if media_type.startswith("text/"):
        return b"Hello, world\n"
    raise Refused(f'example.json: there is no sample file of {media_type}; give base64, or {{"$text": "its text"}}')


def _png() -> bytes:
    def chunk(kind: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    size = 32
    # A red square on white: the playground shows it.
    rows = b"".join(
        b"\0" + b"".join(b"\xd0\x20\x20" if 8 <= x < 24 and 8 <= y < 24 else b"\xff\xff\xff" for x in range(size))
        for y in range(size)
    )
    header = struct.pack(">IIBBBBB", size, size, 8, 2, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", zlib.compress(rows)) + chunk(b"IEND", b"")


def _bmp() -> bytes:
    pixels = bytes([32, 32, 208]) * 8 * 8
    header = struct.pack("<2sIHHI", b"BM", 54 + len(pixels), 0, 0, 54)
    return header + struct.pack("<IiiHHIIiiII", 40, 8, 8, 1, 24, 0, len(pixels), 0, 0, 0, 0) + pixels


def _gif() -> bytes:
    return base64.b64decode("R0lGODlhAQABAIAAAP8AAP///yH5BAAAAAAALAAAAAABAAEAAAICRAEAOw==")


def _jpeg() -> bytes:
    return base64.b64decode(
        "/9j/4AAQSkZJRgABAQAAAQABAAD/2wBDACgcHiMeGSgjISMtKygwPGRBPDc3PHtYXUlkkYCZlo+AjIqgtObDoKrarYqMyP/L2u71////m8H/"
        "///6/+b9//j/2wBDASstLTw1PHZBQXb4pYyl+Pj4+Pj4+Pj4+Pj4+Pj4+Pj4+Pj4+Pj4+Pj4+Pj4+Pj4+Pj4+Pj4+Pj4+Pj4+Pj4+Pj4+Pj/"
        "wAARCAAIAAgDASIAAhEBAxEB/8QAFQABAQAAAAAAAAAAAAAAAAAAAAT/xAAUEAEAAAAAAAAAAAAAAAAAAAAA/8QAFQEBAQAAAAAAAAAAAAAA"
        "AAAAAwX/xAAUEQEAAAAAAAAAAAAAAAAAAAAA/9oADAMBAAIRAxEAPwCYAKg//9k="
    )


def _pdf() -> bytes:
    text = b"BT /F1 24 Tf 40 100 Td (Hello, world) Tj ET"
    objects = [
        b"<< /Type /Catalog /Pages 2 0 R >>",
        b"<< /Type /Pages /Kids [3 0 R] /Count 1 >>",
        b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 300 200] /Contents 4 0 R"
        b" /Resources << /Font << /F1 5 0 R >> >> >>",
        b"<< /Length %d >>\nstream\n%s\nendstream" % (len(text), text),
        b"<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica >>",
    ]
    out = bytearray(b"%PDF-1.4\n")
    offsets = []
    for number, body in enumerate(objects, 1):
        offsets.append(len(out))
        out += b"%d 0 obj\n%s\nendobj\n" % (number, body)
    table = len(out)
    out += b"xref\n0 %d\n0000000000 65535 f \n" % (len(objects) + 1)
    out += b"".join(b"%010d 00000 n \n" % offset for offset in offsets)
    out += b"trailer\n<< /Size %d /Root 1 0 R >>\nstartxref\n%d\n%%%%EOF\n" % (len(objects) + 1, table)
    return bytes(out)


def _wav() -> bytes:
    out = io.BytesIO()
    with wave.open(out, "wb") as sound:
        sound.setnchannels(1)
        sound.setsampwidth(2)
        sound.setframerate(8000)
        # A tenth of a second of a 400 Hz square wave.
        sound.writeframes(b"".join(struct.pack("<h", 8000 if at // 10 % 2 else -8000) for at in range(800)))
    return out.getvalue()


def _zip() -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        archive.writestr(zipfile.ZipInfo("hello.txt"), "Hello, world\n")
    return out.getvalue()


def _text(content: str) -> Callable[[], bytes]:
    return content.encode


_SAMPLES: dict[str, Callable[[], bytes]] = {
    "image/png": _png,
    "image/*": _png,
    "image/jpeg": _jpeg,
    "image/jpg": _jpeg,
    "image/bmp": _bmp,
    "image/gif": _gif,
    "image/svg+xml": _text(
        '<svg xmlns="http://www.w3.org/2000/svg" width="9" height="9"><rect width="9" height="9"/></svg>'
    ),
    "application/pdf": _pdf,
    "audio/wav": _wav,
    "audio/x-wav": _wav,
    "audio/*": _wav,
    "application/zip": _zip,
    "application/json": _text('{"hello": "world"}'),
    "application/octet-stream": _text("Hello, world\n"),
    "text/csv": _text("name,value\na,1\nb,2\n"),
    "text/html": _text("<!doctype html><title>Hello</title><p>Hello, world</p>"),
    "model/obj": _text("v 0 0 0\nv 1 0 0\nv 0 1 0\nf 1 2 3\n"),
}
