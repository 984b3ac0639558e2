"""The texts that a scenario quotes as data, told from the quotes that only stress or name something.

A text counts only where the words around it leave no doubt, because a test without it is refused.
"""

from __future__ import annotations

import json
import re
from collections.abc import Collection, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from itertools import pairwise

from bot.generate.draft.quotations import quotations
from bot.generate.draft.vocabulary import ARROW, GIVES, REFUSED, RESULT, SENDS

_GIVES = (
    rf"{GIVES}|contains?|containing|includes?|including|(?:starts?|starting|begins?|beginning|ends?|ending) with"
    r"|enthält|enthalten|(?:beginnt|endet) mit|contient|commence par|contiene|(?:empieza|termina) con|contém|bevat"
    r"|begint met|zawiera|содержит"
)
_SENDS = rf"{SENDS}|convert|translate|encode|decode|reverse|wandle"
_NOUN = (
    r"(?:texts?|strings?|words?|lines?|sentences?|phrases?|paragraphs?|passwords?|formula|expression|message"
    r"|wort|wörter|wörtern|satz|zeilen?|zeichenkette|passwort|ausdruck|formel|texte|mots?|phrase|chaîne|lignes?"
    r"|texto|palabras?|frase|cadena|líneas?|testo|parola|stringa|riga|palavra|linha|tekst|woord|zin)"
)
_ARTICLE = r"(?:the|an?|two|three|one|der|die|das|den|dem|einen?|le|la|les|une?|el|los|las|il|lo|i|o|os|het|een|with)"
_THE_NOUN = rf"(?:(?:{_ARTICLE}\s+)*{_NOUN})"
_ADVERB = r"(?:exactly|only|just|precisely|back|genau|exactement|exactamente)"
_MODAL = r"(?:should|must|shall|will|soll|muss|doit|debe|deve|moet)"
_REFUSED = rf"(?:{REFUSED}|\b(?:is|are)\s+invalid)"


def _words(pattern: str) -> re.Pattern[str]:
    return re.compile(pattern, re.IGNORECASE)


_ANSWERED = _words(rf"\b(?:{_GIVES}|{RESULT}|fails?)\b|{ARROW}|{_REFUSED}\b")
_AFTER_GIVES = _words(rf"(?:\b(?:{_GIVES})|{ARROW}|=)(?:\s+{_ADVERB})*(?:\s+{_THE_NOUN})?\s*[:=]?\s*")
_AFTER_RESULT = _words(
    rf".*\b(?:{RESULT})\s+(?:{_MODAL}\s+)?(?:be|is|equals|ist|est|es|è|é)\s+(?:exactly\s+)?{_THE_NOUN}?\s*"
)
_AFTER_SENDS = _words(rf"(?:.*\W)?(?:{_SENDS})(?:\s+{_THE_NOUN})?\s*[:=]?\s*")
_AFTER_NOUN = _words(rf"(?:.*\W)?{_THE_NOUN}\s*[:=]?\s*")
_AFTER_LABEL = _words(r"(?:.*[,;.\n]\s*|\W*)(?:expected |the )?[\w-]+\W{0,3}:\W*")
_AFTER_FOR = _words(r"(?:.*\W)?(?:for|of|für|von|pour|para|per|voor)\s+")
_KEYED = _words(rf"(?:.*\W)?(?:{_GIVES}|with|and|und|mit|et|avec|y|con)\s+(?:{_ARTICLE}\s+)?[^\W\d]+\s+")
_START = _words(rf"\W*(?:(?:given|when|if|then|for|wenn|und|and)\s+)?(?:{_THE_NOUN}\s*)?|\W*[\w -]+:\W*")
_THEN_VERB = _words(
    rf"[\s*_)]*(?:{ARROW}|=|(?:(?:{_MODAL})\s+)?(?:{_GIVES}|{_REFUSED}|has|have|hat|haben|a|tiene|ha|heeft)\b)"
)
_THEN_STATE = _words(rf"[\s*_)]*(?:is|are|ist|est|es|è|{_MODAL})\b")
_THEN_FINAL = _words(r"\s+(?:ergeben|werden|liefern|zurückgeben|enthalten)\b")
_MODAL_ONLY = _words(rf"\s*{_MODAL}\s*")
_THEN_END = re.compile(r"[\s*_)]*(?:[.,;:!?|]|$)")
_AND = _words(rf"\s*(?:,|&|(?:,\s*)?\b(?:and|und|et|y|e|en)\b)\s*{_THE_NOUN}?\s*")
_OR = _words(r"\s*(?:or|oder|ou|o|/)\s*")
_BETWEEN_TWO = re.compile(r"\s+[^\W\d_]+(?:\s+[^\W\d_]+)?\s+")
_ENGLISH = _words(r"\b(?:an?|the|and|or|is|are|in|on|of|not|without|must|should|can|may|means|for|with|as|like)\b")

# What these words introduce is a name, a description or an example, and no data of this test.
_NAMED = _words(
    r"\b(?:field|fields|key|keys|column|columns|header|parameter|property|attribute|option|mode|style|type|format|encoding"
    r"|charset|label|status|error|errors|code|tag|element|button|function|method|called|named|name of|file|feld|spalte"
    r"|schlüssel|modus|fehler|datei|champ|colonne|campo|fichier|archivo|instead of|about|similar to|etwa)\W*$"
)
_EXAMPLE = _words(
    r"\b(?:like|such as|say|for example|for instance|wie|zum beispiel|par exemple|comme|por ejemplo|como"
    r"|each|every|any|jede[rsnm]?|chaque|cada|ogni)\b|\be\.g\.|\bz\. ?b\."
)
_NEGATED = _words(
    r"\b(?:not|never|without|no|nor|nicht|kein\w*|ohne|pas|sans|sin|senza|geen|niet)\b|n't\b"
    r"|n’t\b"
)
_SENTENCE = re.compile(r"[.!?;]\s|\n")
_NO_DATA = _words(
    r"\W*|.*(?:\.\.\.|…).*|true|false|null|none|nil|undefined|.*\{\}.*|\[.*\]|[2345](?:\d\d|xx)(?: .*)?"
    r"|get|post|put|delete|(?:application|audio|font|image|model|text|video)/[\w.+*-]+"
    r"|(?=.*[\d])(?!-?\d+(?:\.\d+)?$)[-+\d.,'%€$£\s]+|(?:curl|POST|GET) .*|\w+\(.*\)|.*(?:==|!=|>=|<=).*"
)
_LINK_OR_FILE = re.compile(r"https?://\S+|[\w .-]+\.[A-Za-z][A-Za-z0-9]{1,4}")
_PLAIN_WORD = re.compile(r"[a-z_][a-z0-9_-]*|[A-Za-z]\d?")
"""What may as well be a name, or a word that is stressed."""


@dataclass(frozen=True)
class _Quote:
    """A quote and the words around it.

    Attributes:
        before, after: the words of its sentence since the quote before it, and those up to the next quote.
        all_before: the scenario up to it, with blanks for other quotes.
        answered: it follows on words for what the service answers.
    """

    text: str
    before: str
    after: str
    all_before: str
    answered: bool


def read_quotes(
    words: str,
    names: Collection[str] = (),
    choices: Collection[str] = (),
    *,
    answers: bool = True,
    takes_files: bool = False,
) -> tuple[str, ...]:
    """Return the texts that a scenario quotes as data, in order and each once, as they stand there.

    Args:
        words: the scenario without the JSON in it.
        names: of fields, which are no data.
        choices: that fields have; what says the same in other letters is no data.
        answers: whether what the service answers counts, which a refusal or a picture need not quote.
        takes_files: the service takes files, so that the name or the URL of one is no text that is sent.
    """
    quotes = list(_quotes(words))
    fields, chosen_by_name = set(map(_plain, names)), set(map(_plain, choices))
    data: dict[str, None] = {}
    for quote, literal in zip(quotes, _are_data(quotes, words), strict=True):
        text = _unwrapped(quote.text)
        plain = _plain(text)
        if not literal or _NO_DATA.fullmatch(text) or plain in fields:
            continue
        if plain in chosen_by_name and text not in choices:
            continue
        if (quote.answered and not answers) or (takes_files and not quote.answered and _LINK_OR_FILE.fullmatch(text)):
            continue
        data[text] = None
    return tuple(data)


def _quotes(words: str) -> Iterator[_Quote]:
    spans = list(quotations(words))
    plain = words
    for start, stop, _ in spans:
        plain = plain[:start] + " " * (stop - start) + plain[stop:]
    answers = _ANSWERED.search(plain)
    for number, (start, stop, text) in enumerate(spans):
        begin = spans[number - 1][1] if number else 0
        end = spans[number + 1][0] if number + 1 < len(spans) else len(words)
        answered = answers is not None and answers.end() <= start
        yield _Quote(text, _SENTENCE.split(words[begin:start])[-1], words[stop:end], plain[:start], answered)


def _are_data(quotes: Sequence[_Quote], words: str) -> list[bool]:
    """Return for each quote whether it is data: by the words around it, or by what it is joined with."""
    data = [_is_data(quote) for quote in quotes]
    if _are_two(quotes, words):
        data = [True, True]
    for at, (first, second) in enumerate(pairwise(quotes)):
        joined = _AND.fullmatch(second.before) is not None
        data[at + 1] |= data[at] and joined
        data[at] |= data[at + 1] and joined and _START.fullmatch(first.before) is not None
    for at, (first, _) in enumerate(pairwise(quotes)):
        if _OR.fullmatch(first.after):
            data[at] = data[at + 1] = False
    return data


def _is_data(quote: _Quote) -> bool:
    before, after = quote.before, quote.after
    if _NAMED.search(before) or _NEGATED.search(before) or _EXAMPLE.search(quote.all_before):
        return False
    ends = _THEN_END.match(after) is not None
    stressed = _PLAIN_WORD.fullmatch(quote.text) is not None
    starts = _START.fullmatch(before) is not None
    if starts and (_THEN_VERB.match(after) or _MODAL_ONLY.fullmatch(after)):
        return True
    if _ends(_AFTER_GIVES, before) or _AFTER_RESULT.fullmatch(before) or _AFTER_SENDS.fullmatch(before):
        return True
    if _AFTER_NOUN.fullmatch(before) or _THEN_FINAL.match(after):
        return True
    if _AFTER_LABEL.fullmatch(before) and (ends or _THEN_VERB.match(after)):
        return True
    if stressed:
        return False
    if starts and _THEN_STATE.match(after):
        return True
    if _AFTER_FOR.fullmatch(before):
        return ends or _THEN_VERB.match(after) is not None or _THEN_STATE.match(after) is not None
    return quote.answered and _KEYED.fullmatch(before) is not None


def _are_two(quotes: Sequence[_Quote], words: str) -> bool:
    """Tell whether a scenario is two quotes and at most two words between them, in whatever language."""
    if len(quotes) != 2 or quotes[0].before.strip(" *_") or quotes[1].after.strip(" *_.!"):
        return False
    between = quotes[0].after
    return _BETWEEN_TWO.fullmatch(between) is not None and not _ENGLISH.search(between) and "\n" not in words


def _ends(pattern: re.Pattern[str], text: str) -> bool:
    return any(match.end() == len(text) for match in pattern.finditer(text))


def _unwrapped(text: str) -> str:
    """Return a text without the quotes that stand within code marks: `"hello"`."""
    for mark in ('"', "'"):
        if len(text) > 1 and text[0] == mark == text[-1] and mark not in text[1:-1].replace(f"\\{mark}", ""):
            with suppress(ValueError):
                value = json.loads(text)
                return value if isinstance(value, str) else text
            return text[1:-1]
    return text


def _plain(text: str) -> str:
    return "".join(filter(str.isalnum, text)).casefold()
