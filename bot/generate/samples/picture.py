"""The sample picture, a house in a landscape under the sun, in the formats that the standard library suffices for."""

from __future__ import annotations

import math
import struct
import zlib
from collections.abc import Iterator

from bot.generate.samples.text_files import escaped

WIDTH, HEIGHT = 640, 480
"""Pixels of the sample pictures."""
_SKY = [(120 + 8 * band, 180 + 4 * band, 235 + band) for band in range(10)]
_MEADOW, _HILL, _SUN, _WALL, _ROOF, _DOOR = range(len(_SKY), len(_SKY) + 6)
PALETTE = [*_SKY, (96, 160, 72), (72, 128, 88), (250, 205, 60), (240, 228, 200), (178, 58, 46), (94, 62, 40)]
"""The colours of the picture: 16 of red, green, blue, each from 0 to 255."""


def drawn(width: int, height: int, sun: float = 0.75) -> list[bytes]:
    """Return the rows of the picture from top to bottom: one byte a pixel, its place in `PALETTE`.

    Args:
        sun: where the middle of the sun is, from 0 (left edge) to 1 (right edge).
    """
    rows = []
    for y in range(height):
        row = bytearray([min(9, y * 16 // height)]) * width
        for left, right, colour in _spans(y / height, width / height, sun):
            # Distances are in heights of the picture.
            start, end = (min(width, max(0, round(edge * height))) for edge in (left, right))
            row[start:end] = bytes([colour]) * (end - start)
        rows.append(bytes(row))
    return rows


def png() -> bytes:
    """Return the picture as PNG with 8 bits for each of red, green and blue."""

    def chunk(kind: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    rows = b"".join(b"\0" + rgb(row) for row in drawn(WIDTH, HEIGHT))
    header = struct.pack(">IIBBBBB", WIDTH, HEIGHT, 8, 2, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", zlib.compress(rows, 9)) + chunk(b"IEND", b"")


def bmp() -> bytes:
    """Return the picture as BMP of 160 x 120 pixels with a palette."""
    width, height = WIDTH // 4, HEIGHT // 4
    palette = b"".join(bytes([blue, green, red, 0]) for red, green, blue in PALETTE)
    pixels = b"".join(reversed(drawn(width, height)))
    start = 54 + len(palette)
    header = struct.pack("<2sIHHI", b"BM", start + len(pixels), 0, 0, start)
    sizes = struct.pack("<IiiHHIIiiII", 40, width, height, 1, 8, 0, len(pixels), 2835, 2835, len(PALETTE), 0)
    return header + sizes + palette + pixels


def gif() -> bytes:
    """Return the picture as GIF of 320 x 240 pixels, in which the sun moves through 3 frames of half a second.

    The format: https://www.w3.org/Graphics/GIF/spec-gif89a.txt
    """
    width, height = WIDTH // 2, HEIGHT // 2
    head = b"GIF89a" + struct.pack("<HHBBB", width, height, 0xF3, 0, 0) + b"".join(map(bytes, PALETTE))
    forever = b"!\xff\x0bNETSCAPE2.0\x03\x01\0\0\0"
    frames = b""
    for sun in (0.65, 0.75, 0.85):
        frames += b"!\xf9\x04" + struct.pack("<BHBB", 0, 50, 0, 0)
        frames += b"," + struct.pack("<HHHHB", 0, 0, width, height, 0) + b"\x04"
        packed = _lzw(b"".join(drawn(width, height, sun)))
        frames += b"".join(
            bytes([len(packed[at : at + 255])]) + packed[at : at + 255] for at in range(0, len(packed), 255)
        )
        frames += b"\0"
    return head + forever + frames + b";"


def svg(text: str) -> bytes:
    """Return the picture as SVG, with `text` as its title."""
    red, blue, green, yellow, cream, brown = (
        f"rgb{PALETTE[colour]}" for colour in (_ROOF, 4, _MEADOW, _SUN, _WALL, _DOOR)
    )
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{WIDTH}" height="{HEIGHT}" viewBox="0 0 {WIDTH} {HEIGHT}">\n'
        f"  <title>{escaped(text)}</title>\n"
        f'  <rect width="{WIDTH}" height="{HEIGHT}" fill="{blue}"/>\n'
        f'  <circle cx="480" cy="96" r="48" fill="{yellow}"/>\n'
        f'  <rect y="336" width="{WIDTH}" height="144" fill="{green}"/>\n'
        f'  <rect x="144" y="240" width="168" height="144" fill="{cream}"/>\n'
        f'  <path d="M120 240 L228 144 L336 240 Z" fill="{red}"/>\n'
        f'  <rect x="204" y="312" width="48" height="72" fill="{brown}"/>\n'
        "</svg>\n"
    ).encode()


def rgb(row: bytes) -> bytes:
    """Return a row of the picture as three bytes a pixel: red, green, blue."""
    return b"".join([bytes(PALETTE[colour]) for colour in row])


def _spans(y: float, width: float, sun: float) -> Iterator[tuple[float, float, int]]:
    """Return what is painted in a row, back to front: left edge, right edge, colour. Distances in picture heights."""
    if abs(y - 0.2) < 0.1:
        half = math.sqrt(0.01 - (y - 0.2) ** 2)
        yield sun * width - half, sun * width + half, _SUN
    if y > 0.5:
        # A hill at the right: the upper part of a circle.
        half = math.sqrt(max(0.0, 0.36 - (1.1 - y) ** 2))
        yield 1.0 - half, 1.0 + half, _HILL
    if y > 0.7:
        yield 0, width, _MEADOW
    if 0.5 <= y < 0.8:
        yield 0.3, 0.65, _WALL
    if 0.3 <= y < 0.5:
        yield 0.475 - 1.125 * (y - 0.3), 0.475 + 1.125 * (y - 0.3), _ROOF
    if 0.65 <= y < 0.8:
        yield 0.425, 0.525, _DOOR


def _lzw(pixels: bytes) -> bytes:
    """Return pixels of four bits as GIF's variant of LZW packs them: codes grow from 5 to 12 bits."""
    clear, end = 16, 17
    out = bytearray()
    held, bits = clear, 5
    codes: dict[tuple[int, int], int] = {}
    size = 5
    prefix = pixels[0]
    for pixel in pixels[1:]:
        if (code := codes.get((prefix, pixel))) is not None:
            prefix = code
            continue
        held |= prefix << bits
        bits += size
        codes[prefix, pixel] = end + 1 + len(codes)
        if end + len(codes) == 1 << size:
            size += 1
        if len(codes) == 4095 - end:
            held |= clear << bits
            bits += 12
            codes, size = {}, 5
        while bits >= 8:
            out.append(held & 255)
            held, bits = held >> 8, bits - 8
        prefix = pixel
    held |= prefix << bits
    bits += size
    held |= end << bits
    bits += size
    return bytes(out) + held.to_bytes((bits + 7) // 8, "little")
