"""The cube, read from each format of 3D models by hand: closed, with a volume of 1."""

from __future__ import annotations

import base64
import json
import struct
from collections import Counter
from collections.abc import Callable
from typing import Any

import pytest

from bot.generate.samples import sample

Point = tuple[float, ...]
Triangles = list[tuple[Point, ...]]


def from_obj(data: bytes) -> Triangles:
    lines = [line.split() for line in data.decode().splitlines()]
    points = [tuple(map(float, line[1:])) for line in lines if line[0] == "v"]
    return [tuple(points[int(at) - 1] for at in line[1:]) for line in lines if line[0] == "f"]


def from_stl(data: bytes) -> Triangles:
    (count,) = struct.unpack_from("<I", data, 80)
    assert len(data) == 84 + 50 * count
    numbers = [struct.unpack_from("<12f", data, 84 + 50 * at) for at in range(count)]
    return [(row[3:6], row[6:9], row[9:12]) for row in numbers]


def from_ply(data: bytes) -> Triangles:
    head, _, body = data.decode().partition("end_header\n")
    assert head.startswith("ply\nformat ascii 1.0\n")
    counts = [int(line.split()[2]) for line in head.splitlines() if line.startswith("element")]
    rows = [[float(number) for number in line.split()] for line in body.splitlines()]
    assert len(rows) == sum(counts)
    return [tuple(tuple(rows[int(at)]) for at in row[1:]) for row in rows[counts[0] :]]


def from_glb(data: bytes) -> Triangles:
    magic, version, length = struct.unpack_from("<4sII", data)
    assert (magic, version, length) == (b"glTF", 2, len(data))
    size, kind = struct.unpack_from("<I4s", data, 12)
    end, binary = struct.unpack_from("<I4s", data, 20 + size)
    assert (kind, binary, size % 4, end) == (b"JSON", b"BIN\0", 0, len(data) - 28 - size)
    return from_scene(json.loads(data[20 : 20 + size]), data[28 + size :])


def from_gltf(data: bytes) -> Triangles:
    scene = json.loads(data)
    return from_scene(scene, base64.b64decode(scene["buffers"][0]["uri"].partition(",")[2]))


def from_scene(scene: dict[str, Any], data: bytes) -> Triangles:
    assert scene["buffers"][0]["byteLength"] == len(data)
    views = [data[view["byteOffset"] :][: view["byteLength"]] for view in scene["bufferViews"]]
    points = list(struct.iter_unpack("<3f", views[0]))
    assert [accessor["count"] for accessor in scene["accessors"]] == [len(points), len(views[1]) // 2]
    return [tuple(points[at] for at in triangle) for triangle in struct.iter_unpack("<3H", views[1])]


@pytest.mark.parametrize(
    ("kind", "read"), [("obj", from_obj), ("stl", from_stl), ("ply", from_ply), ("glb", from_glb), ("gltf", from_gltf)]
)
def test_the_cube_is_closed_and_has_its_volume(kind: str, read: Callable[[bytes], Triangles]) -> None:
    triangles = read(sample(kind))
    edges = Counter((triangle[at], triangle[(at + 1) % 3]) for triangle in triangles for at in range(3))
    assert len(triangles) == 12
    # Each edge is walked once in each direction.
    assert all(count == 1 and edges[end, start] == 1 for (start, end), count in edges.items())
    assert sum(volume(*triangle) for triangle in triangles) == pytest.approx(1)


def volume(a: Point, b: Point, c: Point) -> float:
    """Return the signed volume between a triangle and the origin: more than 0 where it looks away from it."""
    across = (b[1] * c[2] - b[2] * c[1], b[2] * c[0] - b[0] * c[2], b[0] * c[1] - b[1] * c[0])
    return sum(mine * its for mine, its in zip(a, across, strict=True)) / 6
