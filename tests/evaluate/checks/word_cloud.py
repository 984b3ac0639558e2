"""Word cloud."""

from __future__ import annotations

from tests.evaluate.reading import png
from tests.evaluate.service import Service, holds, same

TEXT = "The cat and the dog. The DOG, the bird! A zebra"


def check_words(service: Service) -> None:
    """words has the words in lower case with their count, the most frequent first, then in alphabetical order."""
    words = service.answer({"text": TEXT})["words"]
    wanted = [("the", 4), ("dog", 2), ("a", 1), ("and", 1), ("bird", 1), ("cat", 1), ("zebra", 1)]
    same("words", words, [{"word": word, "count": count} for word, count in wanted])


def check_letters(service: Service) -> None:
    """A word is a run of letters."""
    words = service.answer({"text": "Übung macht 3x Übung. 42"})["words"]
    wanted = [("übung", 2), ("macht", 1), ("x", 1)]
    same("words", words, [{"word": word, "count": count} for word, count in wanted])


def check_default_size(service: Service) -> None:
    """The picture has 800 x 400 pixels by default, and shows something."""
    picture = png(service.answer({"text": TEXT}), "image")
    same("the size", list(picture.size), [800, 400])
    holds("a picture that is not of one color", len(picture.convert("RGB").getcolors(1 << 24) or ()) > 1, "one color")


def check_size(service: Service) -> None:
    """The picture is exactly width x height; each may be left out, from 100 to 2000."""
    for size, wanted in (({"width": 321}, [321, 400]), ({"height": 100, "width": 2000}, [2000, 100])):
        same(f"the size with {size}", list(png(service.answer({"text": TEXT, **size}), "image").size), wanted)
    for size in ({"width": 99}, {"height": 2001}):
        service.refuse({"text": TEXT, **size})


def check_max_words(service: Service) -> None:
    """At most maxWords words are taken, 1 to 500."""
    words = service.answer({"text": TEXT, "maxWords": 3})["words"]
    same("words", [entry["word"] for entry in words], ["the", "dog", "a"])
    for number in (0, 501):
        service.refuse({"text": TEXT, "maxWords": number})


def check_min_length(service: Service) -> None:
    """Words with fewer letters than min-length are left out; 1 to 20."""
    words = service.answer({"text": TEXT, "min-length": 4})["words"]
    same("words", words, [{"word": "bird", "count": 1}, {"word": "zebra", "count": 1}])
    for number in (0, 21):
        service.refuse({"text": TEXT, "min-length": number})


def check_no_words(service: Service) -> None:
    """A text in which no word is left is refused with 422."""
    for request in ({"text": ""}, {"text": "2024 -- ?"}, {"text": "a bc def", "min-length": 4}):
        service.refuse(request, 422)
