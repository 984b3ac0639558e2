"""Read the files that services answer, and make the files that they are asked with."""

from __future__ import annotations

import base64
import io
import wave
from collections.abc import Mapping
from html.parser import HTMLParser
from typing import Any

import zxingcpp
from openpyxl import Workbook, load_workbook
from PIL import Image
from pypdf import PdfReader

from tests.evaluate.service import Wrong, shown

Color = tuple[int, int, int]
WHITE: Color = (255, 255, 255)
BLACK: Color = (0, 0, 0)


def sent(data: bytes) -> str:
    """Return a file as it stands in a request."""
    return base64.b64encode(data).decode()


def received(answer: Mapping[str, Any], name: str) -> bytes:
    """Return the bytes of a file in an answer.

    Raises:
        Wrong: there is no file under this name.
    """
    try:
        return base64.b64decode(answer[name], validate=True)
    except (KeyError, TypeError, ValueError) as error:
        raise Wrong(f"wanted a file in {name}, came {shown(answer.get(name))}") from error


def png(answer: Mapping[str, Any], name: str) -> Image.Image:
    """Return the picture in an answer, in its own mode.

    Raises:
        Wrong: it is no PNG.
    """
    data = received(answer, name)
    try:
        picture = Image.open(io.BytesIO(data))
        picture.load()
    except OSError as error:
        raise Wrong(f"wanted a PNG in {name}, came {data[:16]!r}") from error
    if picture.format != "PNG":
        raise Wrong(f"wanted a PNG in {name}, came {picture.format}")
    return picture


def pixel(picture: Image.Image, x: int, y: int) -> Color:
    """Return the color of a pixel, as it looks on white."""
    whole = Image.new("RGBA", picture.size, "white")
    whole.alpha_composite(picture.convert("RGBA"))
    red, green, blue = whole.convert("RGB").getpixel((x, y))  # type: ignore[misc]
    return red, green, blue


def codes(picture: Image.Image) -> list[str]:
    """Return the texts of the QR codes in a picture; one without a margin is read too."""
    framed = Image.new("RGB", (picture.width + 80, picture.height + 80), "white")
    framed.paste(picture.convert("RGB"), (40, 40))
    return [code.text for code in zxingcpp.read_barcodes(framed) if code.format == zxingcpp.BarcodeFormat.QRCode]


def pdf(answer: Mapping[str, Any], name: str) -> str:
    """Return the text of a PDF in an answer, with single blanks for all white space.

    Raises:
        Wrong: it is no PDF.
    """
    data = received(answer, name)
    if not data.startswith(b"%PDF"):
        raise Wrong(f"wanted a PDF in {name}, came {data[:16]!r}")
    return " ".join(" ".join(page.extract_text().split()) for page in PdfReader(io.BytesIO(data)).pages)


def workbook(answer: Mapping[str, Any], name: str) -> Workbook:
    """Return the workbook in an answer.

    Raises:
        Wrong: it is no XLSX.
    """
    data = received(answer, name)
    if not data.startswith(b"PK"):
        raise Wrong(f"wanted an XLSX in {name}, came {data[:16]!r}")
    return load_workbook(io.BytesIO(data))


def wav(answer: Mapping[str, Any], name: str) -> tuple[float, int]:
    """Return how many seconds a recording in an answer lasts, and its sample rate in Hz.

    Raises:
        Wrong: it is no WAV.
    """
    data = received(answer, name)
    try:
        with wave.open(io.BytesIO(data)) as recording:
            frames = len(recording.readframes(recording.getnframes())) // (
                recording.getsampwidth() * recording.getnchannels()
            )
            return frames / recording.getframerate(), recording.getframerate()
    except (wave.Error, EOFError) as error:
        raise Wrong(f"wanted a WAV in {name}, came {data[:16]!r}: {error}") from error


def picture_file(picture: Image.Image, kind: str = "PNG") -> str:
    """Return a picture as it stands in a request."""
    file = io.BytesIO()
    picture.save(file, kind)
    return sent(file.getvalue())


def elements(html: str) -> list[tuple[str, dict[str, str], str]]:
    """Return the elements of a fragment of HTML in the order in which they begin: tag, attributes, all text in it."""
    reader = _Elements()
    reader.feed(html)
    reader.close()
    return [(tag, attributes, " ".join("".join(texts).split())) for tag, attributes, texts in reader.found]


class _Elements(HTMLParser):
    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.found: list[tuple[str, dict[str, str], list[str]]] = []
        self._open: list[tuple[str, list[str]]] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        texts: list[str] = []
        self.found.append((tag, {name: value or "" for name, value in attrs}, texts))
        if tag not in ("br", "hr", "img"):
            self._open.append((tag, texts))

    def handle_endtag(self, tag: str) -> None:
        names = [name for name, _ in self._open]
        if tag in names:
            del self._open[len(names) - 1 - names[::-1].index(tag) :]

    def handle_data(self, data: str) -> None:
        for _, texts in self._open:
            texts.append(data)
