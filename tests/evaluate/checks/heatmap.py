"""Heatmap of a matrix."""

from __future__ import annotations

from typing import Any

from tests.evaluate.reading import BLACK, WHITE, pixel, png
from tests.evaluate.service import Service, holds, near, same


def check_facts(service: Service) -> None:
    """min, max and mean are those of all numbers, and the picture has 400 x 300 pixels by default."""
    answer = service.answer({"rows": [[-1.5, 4], [2, 0], [3, 0.5]]})
    for name, wanted in (("min", -1.5), ("max", 4), ("mean", 8 / 6)):
        near(name, answer[name], wanted, 1e-6)
    same("the size", list(png(answer, "image").size), [400, 300])


def check_size(service: Service) -> None:
    """The picture has exactly the size that is asked for, 50 to 2000; each may be left out."""
    for size, wanted in (({"width": 50}, [50, 300]), ({"height": 777, "width": 333}, [333, 777])):
        answer = service.answer({"rows": [[1, 2, 3]], **size})
        same(f"the size with {size}", list(png(answer, "image").size), wanted)
    for name, number in (("width", 49), ("height", 2001), ("width", 100.5)):
        service.refuse({"rows": [[1, 2]], name: number})


def check_rectangles(service: Service) -> None:
    """Every number is a rectangle of the same size, the first row on top; gray goes from black to white."""
    request = {"rows": [[0, 10, 0], [10, 0, 5]], "colormap": "gray", "width": 300, "height": 200}
    picture = png(service.answer(request), "image")
    same("the size", list(picture.size), [300, 200])
    for (x, y), wanted in {(50, 50): 0, (150, 50): 255, (250, 50): 0, (50, 150): 255, (150, 150): 0}.items():
        near(f"the gray at {x}, {y}", pixel(picture, x, y)[0], wanted, 2)
    near("the gray of a number in the middle", pixel(picture, 250, 150)[0], 127.5, 6)


def check_no_border(service: Service) -> None:
    """The rectangles fill the whole picture: no axes, no legend, no border."""
    request = {"rows": [[1, 0], [0, 1]], "colormap": "gray", "width": 120, "height": 80}
    picture = png(service.answer(request), "image")
    corners = [pixel(picture, x, y) for x, y in ((0, 0), (119, 0), (0, 79), (119, 79))]
    same("the corners", corners, [WHITE, BLACK, BLACK, WHITE])


def check_colormaps(service: Service) -> None:
    """colormap is one of viridis, gray and hot, default viridis."""
    rows: dict[str, Any] = {"rows": [[1, 2], [3, 4]]}
    pictures = {name: png(service.answer({**rows, "colormap": name}), "image") for name in ("viridis", "gray", "hot")}
    places = ((100, 75), (300, 75), (100, 225))
    colors = {name: [pixel(picture, x, y) for x, y in places] for name, picture in pictures.items()}
    same("how many maps look different", len({tuple(seen) for seen in colors.values()}), 3)
    plain = png(service.answer(rows), "image")
    same("the map by default", [pixel(plain, x, y) for x, y in places], colors["viridis"])
    red, green, blue = colors["viridis"][0]
    holds("viridis begins with a dark violet", blue > green and red > green and red + green + blue < 250, colors)
    service.refuse({**rows, "colormap": "rainbow"})


def check_refusals(service: Service) -> None:
    """Rows of different lengths, an empty list and empty rows are refused."""
    wrong: list[Any] = [[], [[]], [[1, 2], [1, 2, 3]], [[], [1]], [["a"]]]
    for rows in wrong:
        service.refuse({"rows": rows})
    service.refuse({"width": 100})
