"""Make the files of templates/samples again: `.venv/bin/python -m tests.shipped_samples`.

They are our own picture and sound in formats that the standard library cannot write. Needs `ffmpeg` with libx264,
libmp3lame and libvorbis on the path (Debian's package, or the binary in PyPI's imageio-ffmpeg), besides Pillow.
"""

from __future__ import annotations

import io
import subprocess
import tempfile
from pathlib import Path

from PIL import Image

from bot.generate.samples import picture, sample, sound

FOLDER = Path(__file__).parents[1] / "templates/samples"
_FRAMES_A_SECOND = 10
_SECONDS = 2


def main() -> None:
    FOLDER.mkdir(exist_ok=True)
    scene = Image.open(io.BytesIO(sample("png")))
    scene.save(FOLDER / "scene.jpeg", quality=75, optimize=True)
    scene.save(FOLDER / "scene.webp", quality=75, method=6)
    with tempfile.TemporaryDirectory() as folder:
        notes, frames = Path(folder, "notes.wav"), Path(folder, "frames.rgb")
        notes.write_bytes(sound.wav(_SECONDS))
        ffmpeg("-i", notes, "-c:a", "libmp3lame", "-b:a", "32k", FOLDER / "notes.mp3")
        ffmpeg("-i", notes, "-c:a", "libvorbis", "-q:a", "0", FOLDER / "notes.ogg")
        count = _SECONDS * _FRAMES_A_SECOND
        frames.write_bytes(b"".join(frame(number / count) for number in range(count)))
        raw = ("-f", "rawvideo", "-pix_fmt", "rgb24", "-s", "320x240", "-r", str(_FRAMES_A_SECOND), "-i", frames)
        video = ("-c:v", "libx264", "-profile:v", "baseline", "-pix_fmt", "yuv420p", "-crf", "30", "-threads", "1")
        audio = ("-c:a", "aac", "-b:a", "32k", "-movflags", "+faststart")
        ffmpeg(*raw, "-i", notes, *video, *audio, FOLDER / "scene.mp4")


def frame(moment: float) -> bytes:
    """Return the pixels of a picture in which the sun is on its way from left to right, from 0 to 1."""
    return b"".join(picture.rgb(row) for row in picture.drawn(320, 240, sun=0.1 + 0.8 * moment))


def ffmpeg(*arguments: str | Path) -> None:
    *before, target = map(str, arguments)
    # Without dates and versions, so that the same programs write the same bytes.
    exact = ("-fflags", "+bitexact", "-flags:v", "+bitexact", "-flags:a", "+bitexact", "-map_metadata", "-1")
    subprocess.run(["ffmpeg", "-y", "-v", "error", *before, *exact, target], check=True)


if __name__ == "__main__":
    main()
