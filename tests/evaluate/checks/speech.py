"""Text to speech."""

from __future__ import annotations

from tests.evaluate.reading import received, wav
from tests.evaluate.service import Service, holds, near, same

TEXT = "The quick brown fox jumps over the lazy dog."


def check_recording(service: Service) -> None:
    """audio is a WAV file; seconds and sampleRate are those of the recording."""
    answer = service.answer({"text": TEXT})
    seconds, rate = wav(answer, "audio")
    near("seconds", answer["seconds"], seconds, 0.05)
    same("sampleRate", answer["sampleRate"], rate)
    holds("between 1 and 10 seconds for nine words", 1 < seconds < 10, seconds)


def check_sound(service: Service) -> None:
    """The text is read aloud: the recording is not silent."""
    loud = sum(value not in (0, 255) for value in received(service.answer({"text": TEXT}), "audio")[44:])
    holds("a recording that is not silent", loud > 1000, f"{loud} bytes that are not silence")


def check_speed(service: Service) -> None:
    """speed is in words a minute, default 160: slower lasts longer."""
    seconds = [service.answer({"text": TEXT, **more})["seconds"] for more in ({"speed": 80}, {}, {"speed": 400})]
    holds("80 to last longer than the default, and that longer than 400", seconds[0] > seconds[1] > seconds[2], seconds)
    same("speed 160", service.answer({"text": TEXT, "speed": 160})["seconds"], seconds[1])


def check_limits(service: Service) -> None:
    """speed is from 80 to 400, pitch from 0 to 99, text has 1 to 500 characters."""
    wav(service.answer({"text": "a" + " ha" * 166 + "!", "speed": 400, "pitch": 0}), "audio")
    wav(service.answer({"text": "Hi", "pitch": 99}), "audio")
    for wrong in ({"speed": 79}, {"speed": 401}, {"pitch": -1}, {"pitch": 100}, {"text": "a" * 501}):
        service.refuse({"text": "Hi", **wrong})


def check_voices(service: Service) -> None:
    """voice is en, de or fr, default en: each reads in its own way."""
    text = "Bonjour, ich bin here"
    recordings = {voice: service.answer({"text": text, "voice": voice})["audio"] for voice in ("en", "de", "fr")}
    same("how many voices sound different", len(set(recordings.values())), 3)
    service.refuse({"text": text, "voice": "klingon"})


def check_pitch(service: Service) -> None:
    """pitch changes the recording."""
    low, high = (service.answer({"text": TEXT, "pitch": pitch})["audio"] for pitch in (10, 90))
    holds("another recording with another pitch", low != high, "the same")


def check_text_that_looks_like_an_option(service: Service) -> None:
    """Any text is read, also one that begins with a hyphen."""
    seconds, _ = wav(service.answer({"text": "- one and two and three"}), "audio")
    holds("more than half a second", seconds > 0.5, seconds)
    service.refuse({"speed": 100})
