"""Pictures, sound and film, as libraries other than ours read them."""

from __future__ import annotations

import io
import struct
import wave
from xml.etree import ElementTree

import mutagen
import pytest
from PIL import Image

from bot.generate.samples import sample


@pytest.mark.parametrize(
    ("kind", "size", "frames"),
    [
        ("png", (640, 480), 1),
        ("jpeg", (640, 480), 1),
        ("webp", (640, 480), 1),
        ("gif", (320, 240), 3),
        ("bmp", (160, 120), 1),
    ],
)
def test_a_picture_shows_the_house(kind: str, size: tuple[int, int], frames: int) -> None:
    with Image.open(io.BytesIO(sample(kind))) as picture:
        assert (picture.format, picture.size, getattr(picture, "n_frames", 1)) == (kind.upper(), size, frames)
        for frame in range(frames):
            picture.seek(frame)
            colours = picture.convert("RGB")
            # Where the roof, the wall and the meadow are, by shares of width and height.
            for at, expected in (
                ((0.36, 0.4), (178, 58, 46)),
                ((0.27, 0.6), (240, 228, 200)),
                ((0.5, 0.9), (96, 160, 72)),
            ):
                pixel = colours.getpixel((int(at[0] * size[0]), int(at[1] * size[1])))
                assert isinstance(pixel, tuple)
                assert all(abs(mine - its) < 12 for mine, its in zip(expected, pixel, strict=True)), (at, pixel)


def test_the_sun_moves_in_the_gif() -> None:
    with Image.open(io.BytesIO(sample("gif"))) as picture:
        frames = []
        for frame in range(3):
            picture.seek(frame)
            frames.append(picture.convert("RGB").tobytes())
    assert len(set(frames)) == 3


def test_the_drawing_is_xml_of_its_size() -> None:
    root = ElementTree.fromstring(sample("svg", "<Ada> & co"))  # noqa: S314  # We wrote it.
    assert (root.get("width"), root.get("height")) == ("640", "480")
    assert root.findtext("{http://www.w3.org/2000/svg}title") == "<Ada> & co"


def test_the_wav_sounds() -> None:
    with wave.open(io.BytesIO(sample("wav"))) as sound:
        assert (sound.getframerate(), sound.getnchannels(), sound.getsampwidth()) == (16_000, 1, 2)
        assert sound.getnframes() == 16_000
        frames = memoryview(sound.readframes(16_000)).cast("h")
    # The first note is C: 261.63 Hz for a third of a second.
    rises = sum(1 for at in range(1, 5_000) if frames[at - 1] < 0 <= frames[at])
    assert rises == pytest.approx(261.63 * 5_000 / 16_000, abs=2)


@pytest.mark.parametrize(
    ("kind", "reader"),
    [("mp3", "mutagen.mp3.MP3"), ("ogg", "mutagen.oggvorbis.OggVorbis"), ("mp4", "mutagen.mp4.MP4")],
)
def test_sound_and_film_last_two_seconds(kind: str, reader: str) -> None:
    file = mutagen.File(io.BytesIO(sample(kind)))
    assert f"{type(file).__module__}.{type(file).__name__}" == reader
    assert file.info.length == pytest.approx(2, abs=0.2)
    assert (file.info.sample_rate, file.info.channels) == (16_000, 1)


def test_the_film_is_h264_of_its_size() -> None:
    data = sample("mp4")
    # The entry avc1 of the sample table: 28 bytes after its name begins come width and height (ISO/IEC 14496-12).
    assert struct.unpack_from(">HH", data, data.index(b"avc1", data.index(b"stsd")) + 28) == (320, 240)
