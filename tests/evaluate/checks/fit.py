"""Fit a picture into a box."""

from __future__ import annotations

from typing import Any

from PIL import Image

from bot.generate.samples import sample
from tests.evaluate.reading import Color, picture_file, pixel, png, sent
from tests.evaluate.service import Service, holds, near, same

BLUE = "#2040c0"


def _of(width: int, height: int) -> str:
    return picture_file(Image.new("RGB", (width, height), BLUE))


def _fitted(service: Service, request: dict[str, Any], size: tuple[int, int], scale: float) -> Image.Image:
    """Return the picture in an answer, once size and scale are seen to be right."""
    answer = service.answer(request)
    picture = png(answer, "picture")
    same("the size", list(picture.size), list(size))
    same("width and height", [answer["width"], answer["height"]], list(size))
    near("scale", answer["scale"], scale, 0.001)
    return picture


def _like(what: str, came: Color, wanted: Color) -> None:
    holds(f"{what} {wanted}", all(abs(a - b) <= 3 for a, b in zip(came, wanted, strict=True)), came)


def check_defaults(service: Service) -> None:
    """The box is 300 x 300 by default, white, and the picture stands in its middle."""
    picture = _fitted(service, {"picture": _of(200, 800)}, (300, 300), 0.375)
    for x, wanted in ((5, (255, 255, 255)), (150, (0x20, 0x40, 0xC0)), (295, (255, 255, 255))):
        _like(f"at {x}, 150 the color", pixel(picture, x, 150), wanted)


def check_box(service: Service) -> None:
    """Both fields of the box are optional."""
    for box, size, scale in (
        ({}, (300, 300), 0.5),
        ({"width": 60}, (60, 300), 0.1),
        ({"height": 30}, (300, 30), 0.1),
        ({"width": 150, "height": 90}, (150, 90), 0.25),
    ):
        _fitted(service, {"picture": _of(600, 300), "box": box}, size, scale)


def check_background(service: Service) -> None:
    """background colors the box around the picture."""
    request = {"picture": _of(400, 100), "background": "#00ff00", "box": {"width": 200, "height": 200}}
    picture = _fitted(service, request, (200, 200), 0.5)
    _like("above the picture", pixel(picture, 100, 10), (0, 255, 0))
    _like("in the middle", pixel(picture, 100, 100), (0x20, 0x40, 0xC0))
    _like("below it", pixel(picture, 100, 190), (0, 255, 0))


def check_no_background(service: Service) -> None:
    """If background is null, the result is just the picture in its new size: null is something else than nothing."""
    request = {"picture": _of(500, 1000), "box": {"height": 200}}
    picture = _fitted(service, {**request, "background": None}, (100, 200), 0.2)
    _like("at the edge", pixel(picture, 1, 100), (0x20, 0x40, 0xC0))
    _fitted(service, request, (300, 200), 0.2)


def check_never_larger(service: Service) -> None:
    """The picture is never made larger than it was; the box around it is."""
    picture = _fitted(service, {"picture": _of(80, 60)}, (300, 300), 1)
    _like("beside the picture", pixel(picture, 100, 150), (255, 255, 255))
    _like("in the middle", pixel(picture, 150, 150), (0x20, 0x40, 0xC0))
    _fitted(service, {"picture": _of(80, 60), "background": None}, (80, 60), 1)


def check_kinds_of_pictures(service: Service) -> None:
    """PNG, JPEG and GIF are read."""
    for kind, scale in (("png", 0.46875), ("jpeg", 0.46875), ("gif", 0.9375)):
        request = {"picture": sent(sample(kind)), "background": None}
        _fitted(service, request, (300, 225), scale)
    service.refuse({"picture": sent(b"no picture at all")})


def check_limits(service: Service) -> None:
    """Width and height of the box are from 1 to 2000."""
    _fitted(service, {"picture": _of(10, 10), "box": {"width": 1, "height": 2000}}, (1, 2000), 0.1)
    for box in ({"width": 0}, {"height": 2001}, {"width": 2001}):
        service.refuse({"picture": _of(10, 10), "box": box})
    service.refuse({"box": {"width": 10}})
