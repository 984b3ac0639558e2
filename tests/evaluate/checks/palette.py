"""Colors of a picture."""

from __future__ import annotations

import re

from PIL import Image

from bot.generate.samples import sample
from tests.evaluate.reading import picture_file, sent
from tests.evaluate.service import Service, holds, near, same

SIZE = (100, 40)
STRIPES = {"#103050": 40, "#ffffff": 30, "#e0a000": 20, "#000000": 10}
"""The colors of a picture of vertical stripes, and how many pixels wide they are."""


def _stripes(stripes: dict[str, int] | None = None) -> str:
    picture = Image.new("RGB", SIZE)
    left = 0
    for color, width in (stripes or STRIPES).items():
        picture.paste(color, (left, 0, left + width, SIZE[1]))
        left += width
    return picture_file(picture)


def _found(service: Service, **request: object) -> dict[str, float]:
    return {entry["hex"]: entry["share"] for entry in service.answer(request)["palette"]}


def _shares(came: dict[str, float], wanted: dict[str, float]) -> None:
    same("the colors", list(came), list(wanted))
    for color, share in wanted.items():
        near(f"the share of {color}", came[color], share, 0.0005)


def check_exact_colors(service: Service) -> None:
    """A picture with few colors gives exactly these, the largest share first; and its width and height."""
    answer = service.answer({"image": _stripes()})
    same("width and height", [answer["width"], answer["height"]], list(SIZE))
    came = {entry["hex"]: entry["share"] for entry in answer["palette"]}
    _shares(came, {color: width / 100 for color, width in STRIPES.items()})


def check_number_of_colors(service: Service) -> None:
    """colors is the most colors to return, 1 to 16, default 5."""
    _shares(_found(service, image=_stripes(), colors=4), {color: width / 100 for color, width in STRIPES.items()})
    number = len(_found(service, image=_stripes(), colors=2))
    holds("1 or 2 colors", number in (1, 2), number)
    many = {f"#{17 * number:02x}{255 - 17 * number:02x}80": 5 for number in range(16)} | {"#0a0a0a": 20}
    for more, most in (({}, 5), ({"colors": 16}, 16)):
        number = len(_found(service, image=_stripes(many), **more))
        holds(f"1 to {most} colors with {more}", 1 <= number <= most, number)
    for number in (0, 17):
        service.refuse({"image": _stripes(), "colors": number})


def check_ignored_colors(service: Service) -> None:
    """Colors in ignore do not count; shares are of the pixels that count."""
    came = _found(service, image=_stripes(), ignore=["#ffffff"])
    _shares(came, {"#103050": 4 / 7, "#e0a000": 2 / 7, "#000000": 1 / 7})
    came = _found(service, image=_stripes(), ignore=["#103050", "#000000", "#123456"])
    _shares(came, {"#ffffff": 0.6, "#e0a000": 0.4})


def check_nothing_left(service: Service) -> None:
    """If no pixel counts, the palette is empty."""
    same("the palette", service.answer({"image": _stripes({"#aabbcc": 100}), "ignore": ["#aabbcc"]})["palette"], [])


def check_photo(service: Service) -> None:
    """A JPEG is read too: its shares are in order, and at most 1 together."""
    answer = service.answer({"image": sent(sample("jpeg")), "colors": 6})
    same("width and height", [answer["width"], answer["height"]], [640, 480])
    shares = [entry["share"] for entry in answer["palette"]]
    holds("shares in descending order", shares == sorted(shares, reverse=True), shares)
    holds("1 to 6 colors with shares of at most 1 together", 0 < sum(shares) <= 1.001 and len(shares) <= 6, shares)
    names = [entry["hex"] for entry in answer["palette"]]
    holds("colors like #1a2b3c in lower case", all(re.fullmatch("#[0-9a-f]{6}", name) for name in names), names)


def check_no_picture(service: Service) -> None:
    """A file that is no picture is refused."""
    service.refuse({"image": sent(b"%PDF-1.4 nothing")})
    service.refuse({"image": ""})
    service.refuse({"colors": 3})
