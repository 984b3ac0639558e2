"""Text statistics."""

from __future__ import annotations

from tests.evaluate.service import Service, same

TEXT = "Red fish, blue fish.\nOne red, 2 blue: RED!\n"


def check_counts(service: Service) -> None:
    """lines, words and characters are counted."""
    text = TEXT.rstrip("\n")
    answer = service.answer({"text": text})
    wanted = [2, 9, len(text)]
    same("lines, words, characters", [answer[name] for name in ("lines", "words", "characters")], wanted)
    same("one line", service.answer({"text": "one"})["lines"], 1)


def check_longest_word(service: Service) -> None:
    """longestWord is written as in the text; of several the first."""
    same("longestWord", service.answer({"text": "A Straße, a STREET"})["longestWord"], "Straße")
    same("longestWord without a word", service.answer({"text": "... !"})["longestWord"], None)


def check_frequent(service: Service) -> None:
    """frequent has 3 words by default, in lower case; with the same count the one that comes up first."""
    wanted = [{"word": "red", "count": 3}, {"word": "fish", "count": 2}, {"word": "blue", "count": 2}]
    same("frequent", service.answer({"text": TEXT})["frequent"], wanted)


def check_top(service: Service) -> None:
    """top says how many words are listed, 0 to 20."""
    same("top 0", service.answer({"text": TEXT, "top": 0})["frequent"], [])
    same("how many for top 20", len(service.answer({"text": TEXT, "top": 20})["frequent"]), 5)
    for top in (-1, 21):
        service.refuse({"text": TEXT, "top": top})


def check_case(service: Service) -> None:
    """With case-sensitive true, words of another case are other words."""
    words = service.answer({"text": TEXT, "case-sensitive": True, "top": 4})["frequent"]
    wanted = [("fish", 2), ("blue", 2), ("Red", 1), ("One", 1)]
    same("frequent", words, [{"word": word, "count": count} for word, count in wanted])
    plain = service.answer({"text": TEXT, "case-sensitive": False})
    same("frequent with false", plain, service.answer({"text": TEXT}))


def check_words(service: Service) -> None:
    """A word is a run of letters and digits."""
    answer = service.answer({"text": "it's 3rd-rate, naïve"})
    same("words", answer["words"], 5)
    same("frequent", [entry["word"] for entry in answer["frequent"]], ["it", "s", "3rd"])


def check_missing_text(service: Service) -> None:
    """text is required, and may be empty."""
    service.refuse({"top": 2})
    same("words of nothing", service.answer({"text": "", "top": 5})["words"], 0)
