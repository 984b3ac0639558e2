"""Formula to picture."""

from __future__ import annotations

from PIL import Image

from tests.evaluate.reading import WHITE, pixel, png
from tests.evaluate.service import Service, holds, same


def _colors(picture: Image.Image) -> set[tuple[int, ...]]:
    found = picture.convert("RGB").getcolors(1 << 24) or []
    return {color for _, color in found if isinstance(color, tuple)}


def check_size_of_the_picture(service: Service) -> None:
    """width and height are those of the picture, in pixels."""
    answer = service.answer({"formula": r"\sum_{i=0}^{n} i^2"})
    same("width and height", [answer["width"], answer["height"]], list(png(answer, "image").size))


def check_defaults(service: Service) -> None:
    """The formula is black on white by default."""
    picture = png(service.answer({"formula": r"\alpha + 1"}), "image")
    same("the upper left pixel", pixel(picture, 0, 0), WHITE)
    darkest = min(_colors(picture), key=sum)
    holds("dark pixels in the picture", sum(darkest) < 150, darkest)


def check_font_size(service: Service) -> None:
    """size is the font size, 8 to 72, default 24: a larger one gives a higher picture."""
    heights = [service.answer({"formula": "x^2", "size": size})["height"] for size in (8, 24, 72)]
    holds("a higher picture with a larger size", heights == sorted(set(heights)), heights)
    same("the height by default", service.answer({"formula": "x^2"})["height"], heights[1])
    for size in (7, 73):
        service.refuse({"formula": "x", "size": size})


def check_color(service: Service) -> None:
    """color colors the formula."""
    picture = png(service.answer({"formula": "M + W", "color": "#FF0000", "size": 72}), "image")
    reddest = max(_colors(picture), key=lambda color: color[0] - color[1] - color[2])
    holds("red pixels", reddest[0] > 230 and reddest[1] < 60 and reddest[2] < 60, reddest)
    darkest = min(_colors(picture), key=lambda color: color[0])
    holds("no black pixels", darkest[0] > 200, darkest)
    for color in ("red", "#12345", "#12345g"):
        service.refuse({"formula": "x", "color": color})


def check_transparent(service: Service) -> None:
    """transparent true: no background; false: a white one."""
    picture = png(service.answer({"formula": "x", "transparent": True}), "image").convert("RGBA")
    same("how opaque the upper left pixel is", picture.getchannel("A").getpixel((0, 0)), 0)
    picture = png(service.answer({"formula": "x", "transparent": False}), "image")
    same("how opaque it is otherwise", picture.convert("RGBA").getchannel("A").getpixel((0, 0)), 255)
    same("its color", pixel(picture, 0, 0), WHITE)


def check_length(service: Service) -> None:
    """A formula has 1 to 200 characters, and is required."""
    png(service.answer({"formula": "x" * 200, "size": 8}), "image")
    service.refuse({"formula": "x" * 201})
    service.refuse({"formula": ""})
    service.refuse({"size": 24})


def check_broken_formulas(service: Service) -> None:
    """A formula that cannot be read is refused with 422."""
    for formula in (r"\sqrt{", r"\nosuchcommand{x}", "a_{b_"):
        service.refuse({"formula": formula}, 422)
