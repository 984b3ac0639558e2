"""The sample sound, three notes of a piano's middle, as WAV."""

from __future__ import annotations

import io
import math
import struct
import wave

RATE = 16_000
"""Samples a second, as speech recognition likes them."""
_NOTES = (261.63, 329.63, 392.0)
"""C, E and G in Hz."""


def wav(seconds: float = 1.0) -> bytes:
    """Return three notes, one after the other, as WAV: one channel of 16 bits."""
    note = int(RATE * seconds / len(_NOTES))
    samples = [
        # Each note fades out, so that nothing clicks.
        int(12_000 * math.sin(2 * math.pi * pitch * at / RATE) * min(1.0, at / 200) * (1 - at / note))
        for pitch in _NOTES
        for at in range(note)
    ]
    samples += [0] * (int(RATE * seconds) - len(samples))
    out = io.BytesIO()
    with wave.open(out, "wb") as sound:
        sound.setnchannels(1)
        sound.setsampwidth(2)
        sound.setframerate(RATE)
        sound.writeframes(struct.pack(f"<{len(samples)}h", *samples))
    return out.getvalue()
