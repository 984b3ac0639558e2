"""Facts about a 3D model."""

from __future__ import annotations

from typing import Any

from tests.evaluate.service import Service, near, same

MODEL = """# a roof
mtllib roof.mtl
o roof
v -1.5 0 2
v 1 0.25 2
v 0 3 -4
v 10 10 10
vt 0 0
vn 0 0 1
f 1 2 3
f 1/1 2/1 4/1
f 2//1 3//1 4//1
"""


def _box(answer: dict[str, Any], wanted: dict[str, tuple[float, float, float]]) -> None:
    for corner, numbers in wanted.items():
        for axis, number in zip("xyz", numbers, strict=True):
            near(f"box.{corner}.{axis}", answer["box"][corner][axis], number, 1e-6)


def check_counts(service: Service) -> None:
    """vertices and faces are counted; all lines but v and f are skipped."""
    answer = service.answer({"obj": MODEL})
    same("vertices and faces", [answer["vertices"], answer["faces"]], [4, 3])


def check_box(service: Service) -> None:
    """box has min, max and size, each with x, y and z."""
    _box(service.answer({"obj": MODEL}), {"min": (-1.5, 0, -4), "max": (10, 10, 10), "size": (11.5, 10, 14)})


def check_scale(service: Service) -> None:
    """scale multiplies all coordinates; above 0, at most 1000."""
    _box(service.answer({"obj": MODEL, "scale": 0.5}), {"min": (-0.75, 0, -2), "size": (5.75, 5, 7)})
    _box(service.answer({"obj": "v 1 2 -3", "scale": 1000}), {"max": (1000, 2000, -3000), "size": (0, 0, 0)})
    for scale in (0, -1, 1000.5):
        service.refuse({"obj": MODEL, "scale": scale})


def check_negative_numbers(service: Service) -> None:
    """A negative number counts back from the last vertex so far."""
    answer = service.answer({"obj": "v 0 0 0\nv 1 0 0\nv 0 1 0\nf -1 -2 -3\nv 5 5 5\nf -1/1 1/1 2/1"})
    same("vertices and faces", [answer["vertices"], answer["faces"]], [4, 2])
    service.refuse({"obj": "v 0 0 0\nv 1 0 0\nv 0 1 0\nf -1 -2 -4"})


def check_missing_vertices(service: Service) -> None:
    """A model without vertices is refused, and so is a face with a vertex that does not exist."""
    for model in (
        "",
        "# nothing\n",
        "v 0 0 0\nv 1 0 0\nv 0 1 0\nf 1 2 4\n",
        "v 0 0 0\nv 1 0 0\nv 0 1 0\nf 1/1 2/1 9/1",
    ):
        service.refuse({"obj": model})
    service.refuse({"scale": 2})


def check_points_alone(service: Service) -> None:
    """A model may have no faces."""
    answer = service.answer({"obj": "v 1 1 1\nv 2 2 2"})
    same("vertices and faces", [answer["vertices"], answer["faces"]], [2, 0])
