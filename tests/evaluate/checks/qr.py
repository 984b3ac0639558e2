"""QR code."""

from __future__ import annotations

from PIL import Image

from tests.evaluate.reading import BLACK, WHITE, codes, pixel, png
from tests.evaluate.service import Service, same


def _drawn(service: Service, request: dict[str, object], margin: int, scale: int) -> Image.Image:
    """Return the picture of a code, once its size and its margin are seen to be right."""
    answer = service.answer(request)
    picture = png(answer, "image")
    side = (answer["modules"] + 2 * margin) * scale
    same(f"the size with {answer['modules']} modules", list(picture.size), [side, side])
    begin = margin * scale
    same("the first pixel of the code", pixel(picture, begin, begin), BLACK)
    if margin:
        edge = {pixel(picture, begin - 1, y) for y in range(0, side, 3)}
        same("the colors in the margin beside it", edge, {WHITE})
    return picture


def check_text(service: Service) -> None:
    """The code says the text, whatever letters it has."""
    for text in ("https://example.org/a?b=c&d=1", "Ein Straßenfest, 5 €", "7"):
        same("the text read", codes(_drawn(service, {"text": text}, 4, 8)), [text])


def check_margin(service: Service) -> None:
    """margin is in modules, from 0 to 20, default 4."""
    for margin in (0, 1, 20):
        picture = _drawn(service, {"text": "margin", "margin": margin}, margin, 8)
        same("the text read", codes(picture), ["margin"])
    for margin in (-1, 22):
        service.refuse({"text": "margin", "margin": margin})


def check_scale(service: Service) -> None:
    """scale is in pixels a module, from 1 to 20, default 8."""
    for scale in (1, 20):
        _drawn(service, {"text": "scale", "scale": scale, "margin": 2}, 2, scale)
    for scale in (0, 21):
        service.refuse({"text": "scale", "scale": scale})


def check_error_correction(service: Service) -> None:
    """errorCorrection is L, M, Q or H; a higher one needs more modules for the same text."""
    text = "x" * 150
    modules = [service.answer({"text": text, "errorCorrection": level})["modules"] for level in "LMQH"]
    same("the modules of L, M, Q and H in ascending order", modules, sorted(modules))
    same("whether H needs more than L", modules[3] > modules[0], True)
    same("the modules by default", service.answer({"text": text})["modules"], modules[1])
    service.refuse({"text": text, "errorCorrection": "X"})


def check_no_micro_code(service: Service) -> None:
    """It is no Micro QR code: even a short text has 21 modules."""
    same("modules", service.answer({"text": "1"})["modules"], 21)


def check_length(service: Service) -> None:
    """A text has 1 to 300 characters, and is required."""
    text = "Ten signs." * 30
    same("the text read", codes(_drawn(service, {"text": text, "errorCorrection": "L"}, 4, 8)), [text])
    for request in ({"text": f"{text}."}, {"text": ""}, {"margin": 3}):
        service.refuse(request)
