"""The sample solid, a closed cube with edges of 1, in the formats of 3D models."""

from __future__ import annotations

import base64
import json
import struct
from typing import Any

_CORNERS = [(x, y, z) for x in (0, 1) for y in (0, 1) for z in (0, 1)]
_TRIANGLES = [
    (0, 1, 3), (0, 3, 2), (4, 6, 7), (4, 7, 5), (0, 4, 5), (0, 5, 1),
    (2, 3, 7), (2, 7, 6), (0, 2, 6), (0, 6, 4), (1, 5, 7), (1, 7, 3),
]  # fmt: skip
"""Places in `_CORNERS`, counter-clockwise as seen from outside; two triangles for each side."""
_NORMALS = [(-1, 0, 0), (1, 0, 0), (0, -1, 0), (0, 1, 0), (0, 0, -1), (0, 0, 1)]
"""Where each pair of triangles looks."""


def obj() -> bytes:
    """Return the cube as Wavefront OBJ."""
    lines = ["o cube", *(f"v {x} {y} {z}" for x, y, z in _CORNERS)]
    lines += [f"f {a + 1} {b + 1} {c + 1}" for a, b, c in _TRIANGLES]
    return ("\n".join(lines) + "\n").encode()


def stl() -> bytes:
    """Return the cube as binary STL."""
    out = b"cube".ljust(80) + struct.pack("<I", len(_TRIANGLES))
    for at, triangle in enumerate(_TRIANGLES):
        points = [number for corner in triangle for number in _CORNERS[corner]]
        out += struct.pack("<12fH", *_NORMALS[at // 2], *points, 0)
    return out


def ply() -> bytes:
    """Return the cube as PLY in ASCII."""
    lines = ["ply", "format ascii 1.0", f"element vertex {len(_CORNERS)}"]
    lines += [f"property float {axis}" for axis in "xyz"]
    lines += [f"element face {len(_TRIANGLES)}", "property list uchar int vertex_indices", "end_header"]
    lines += [f"{x} {y} {z}" for x, y, z in _CORNERS]
    lines += [f"3 {a} {b} {c}" for a, b, c in _TRIANGLES]
    return ("\n".join(lines) + "\n").encode()


def glb() -> bytes:
    """Return the cube as binary glTF 2.0: https://registry.khronos.org/glTF/specs/2.0/glTF-2.0.html"""
    data = _points() + _places()
    text = json.dumps(_scene({"byteLength": len(data)})).encode()
    # Both chunks are multiples of 4 bytes long.
    text += b" " * (-len(text) % 4)
    chunks = struct.pack("<I4s", len(text), b"JSON") + text + struct.pack("<I4s", len(data), b"BIN\0") + data
    return struct.pack("<4sII", b"glTF", 2, 12 + len(chunks)) + chunks


def gltf() -> bytes:
    """Return the cube as glTF 2.0 in JSON, which holds its numbers as base64."""
    data = _points() + _places()
    uri = f"data:application/octet-stream;base64,{base64.b64encode(data).decode()}"
    return json.dumps(_scene({"byteLength": len(data), "uri": uri})).encode()


def _points() -> bytes:
    return b"".join(struct.pack("<3f", *corner) for corner in _CORNERS)


def _places() -> bytes:
    return b"".join(struct.pack("<3H", *triangle) for triangle in _TRIANGLES)


def _scene(buffer: dict[str, Any]) -> dict[str, Any]:
    """Return glTF's description of a buffer that holds the points and, after them, the places of the triangles."""
    points = {"bufferView": 0, "componentType": 5126, "count": len(_CORNERS), "type": "VEC3"}
    places = {"bufferView": 1, "componentType": 5123, "count": 3 * len(_TRIANGLES), "type": "SCALAR"}
    end = len(_points())
    return {
        "asset": {"version": "2.0"},
        "scene": 0,
        "scenes": [{"nodes": [0]}],
        "nodes": [{"mesh": 0, "name": "cube"}],
        "meshes": [{"primitives": [{"attributes": {"POSITION": 0}, "indices": 1}]}],
        "accessors": [{**points, "min": [0, 0, 0], "max": [1, 1, 1]}, places],
        "bufferViews": [
            {"buffer": 0, "byteOffset": 0, "byteLength": end, "target": 34962},
            {"buffer": 0, "byteOffset": end, "byteLength": len(_places()), "target": 34963},
        ],
        "buffers": [buffer],
    }
