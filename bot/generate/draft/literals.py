"""What a scenario says literally: the request, the answer and the status, read from the person's words by code alone.

No model is asked: what a person wrote as data is tested as it stands, no field more or less.
"""

from __future__ import annotations

import ast
import json
import re
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from itertools import islice
from typing import Any

from bot.generate.draft.quotations import unquoted
from bot.generate.draft.vocabulary import ARROW, GIVES, REFUSED, RESULT, SENDS
from bot.values.service import Status

_MOST_BRACES = 40
"""How many braces of a scenario are tried."""
_UNREADABLE = (ValueError, TypeError, SyntaxError, RecursionError, MemoryError)
_FENCE_END = re.compile(r"`{3,}\s*$")
_PLAIN_STATUS = re.compile(r"\W*(?:[2345]\d\d|4xx)\W*", re.IGNORECASE)
_CURLY = str.maketrans("“”„‟", '""""')
_PIECES = re.compile(r"(?P<text>\"(?:[^\"\\]|\\.)*\")|(?P<key>[A-Za-z_$][\w$-]*)(?=\s*:)|,(?P<close>\s*[}\]])")

# The words before an object tell what it is; the last of them counts.
_ANSWERED = rf"{GIVES}|{RESULT}|gets?|got|then|dann"
_SENT = rf"{SENDS}|requests?|requested|inputs?|calls?|called|body|payload|anfrage|eingabe"
_ROLE = re.compile(
    rf"(?P<sent>\b(?:(?:{_ANSWERED})\s+(?:of|for|to|on|when|von|für|auf)|{_SENT})\b)"
    rf"|(?P<answered>\b(?:{_ANSWERED})\b|{ARROW})",
    re.IGNORECASE,
)
_CONDITION = re.compile(r"\b(?:for|when|if|für|wenn)\b", re.IGNORECASE)
_ALIKE = re.compile(r"[\s,]*(?:and|or|und|oder)?[\s,]*", re.IGNORECASE)

_NUMBER = r"(?:[2345]\d\d|4xx)\b"
_STATUS_WORD = (
    r"(?:http(?:[ -]?status)?(?:[ -]?code)?|status(?:[ -]?code)?|error(?: code)?|fehler(?:code)?"
    r"|estado|estatus|c[óo]digo(?: de estado)?|(?:code de )?statut|(?:codice di )?stato)"
)
# Only in the three last forms the number may as well be a result of the service.
_STATUS = re.compile(
    rf"\b{_STATUS_WORD}(?:\s+(?:is|of|must be|should be|ist|code|es|será|est|sera|è))?\s*[:=]?\s*(?P<after>{_NUMBER})"
    rf"|(?<![\w.])(?P<before>{_NUMBER})\s+(?:status|errors?\b|response|bad request|unprocessable|not found|fehler"
    r"|conflict|forbidden|(?:payload|content) too large|unsupported media)"
    r"|\b(?:fails?|refused|rejected|refuses|rejects|invalid|abgelehnt|scheitert)\s+(?:with|by|as|mit)\s+(?:an?\s+)?"
    rf"(?P<refusing>{_NUMBER})"
    rf"|\b(?:{_ANSWERED})\s+(?:with\s+|mit\s+)?(?:an?\s+|einen?\s+)?(?P<answering>{_NUMBER})"
    rf"|{ARROW}\s*(?:an?\s+)?(?P<pointed>{_NUMBER})(?=\s*(?:[.,;!(]|$))"
    rf"|(?<![\w.])(?P<last>{_NUMBER})\s*[.!]?\s*$",
    re.IGNORECASE,
)
_MORE = re.compile(r"\w")
_REFUSED = re.compile(
    rf"{REFUSED}"
    r"|\b(?:gives?|returns?|raises?|is|answers? with|responds? with|leads? to|results? in|fails? with|causes?)\s+"
    r"(?:an?\s+)?(?:validation |clear |client |input )?error\b"
    rf"|{ARROW}\W*(?:(?:an?|ein|une?|un)\s+)?(?:validation\s+)?(?:errore?|fehler|erreur|refus)\b"
    r"|\bfails?\s*[.!]?\s*$|\bbad request\b|\bunprocessable\b",
    re.IGNORECASE,
)
_NOT = re.compile(r"\b(?:not|never|nicht|without|ohne|no|non|não|niet)\s+(?:an?\s+)?$", re.IGNORECASE)
_COMPLAINT = re.compile(
    r"\b(?:empty|missing|invalid|malformed|broken|wrong|unknown|negative|without|too \w+|not an?|above|below|over|under"
    r"|leere?r?s?|fehlt|fehlende[rs]?|ungültige?[rs]?|zu \w+|ohne)\b",
    re.IGNORECASE,
)
_KNOWN = frozenset({200, 201, 204, *range(400, 407), *range(408, 416), 422, 429})
"""The statuses that a number alone stands for; another is more likely a result."""
_ERROR_KEYS = frozenset({"detail", "error", "errors", "message"})
"""What an answer that is a refusal consists of."""


@dataclass(frozen=True)
class Literals:
    """What a scenario says literally; None where it does not.

    Attributes:
        words: the scenario without these data.
    """

    words: str
    request: dict[str, Any] | None = None
    answer: dict[str, Any] | None = None
    status: Status | None = None


def read_literals(
    text: str,
    *,
    numeric: bool = False,
    alone: bool = True,
    is_value: Callable[[str, dict[str, Any]], bool] | None = None,
) -> Literals:
    """Return what the words of a scenario hold as data.

    Objects are read as JSON, in code marks, in fences or bare, also as people write them: with curly or single quotes,
    with bare keys, with a comma too many. Where a scenario holds two requests, neither counts, and so with answers.

    Args:
        numeric: the service answers with numbers, so a number may be a result: "gives 422" is no status then.
        alone: a number may even be the whole answer. Where answers have several fields, "gives 422 words" may be a
            result, and "gives 422" is a status.
        is_value: tells from the words before an object, and from the object, whether it is the value of a field. It is
            left in the words then.
    """
    requests: list[dict[str, Any]] = []
    answers: list[dict[str, Any]] = []
    words: list[str] = []
    objects, end = requests, 0
    for start, stop, value in _objects(text):
        before = text[end:start]
        if is_value is not None and is_value(before, value):
            continue
        if not end or not _ALIKE.fullmatch(before.replace("`", "")):
            objects = answers if _is_answer(before, bool(end) and objects is requests) else requests
        objects.append(value)
        words.append(before)
        end = stop
    words.append(text[end:])
    answer = answers[0] if len(answers) == 1 else None
    rest = " {} ".join(words)
    status = _status(rest, sends=bool(requests), numeric=numeric, alone=alone)
    if status == "4xx" and answer is not None and not answer.keys() <= _ERROR_KEYS:
        # "is rejected" is what such a service answers, not how it refuses.
        status = None
    return Literals(rest, requests[0] if len(requests) == 1 else None, answer, status)


def _objects(text: str) -> Iterator[tuple[int, int, dict[str, Any]]]:
    """Yield the objects in a text that are in no other object and in no list, with where each begins and ends.

    A list is the value of a field, and so is what is in it.
    """
    end = 0
    for start in islice((match.start() for match in re.finditer(r"[{\[]", text)), _MOST_BRACES):
        if start >= end and (reading := next(_readings(text, start), None)):
            end, value = reading
            if isinstance(value, dict):
                yield start, end, value


def _readings(text: str, start: int) -> Iterator[tuple[int, dict[str, Any] | list[Any]]]:
    """Yield the end and the value of the object or list that begins at `start`, in each way in which it can be read."""
    opening, closing = ("{", "}") if text[start] == "{" else ("[", "]")
    straight = text.translate(_CURLY)
    for source in (text, straight):
        with suppress(*_UNREADABLE):
            value, end = _DECODER.raw_decode(source, start)
            if _is_data(value):
                yield end, value
    for match in islice(re.finditer(re.escape(closing), straight[start:]), _MOST_BRACES):
        part = straight[start : start + match.end()]
        if part.count(opening) != part.count(closing):
            continue
        for read in (ast.literal_eval, _read_loose):
            with suppress(*_UNREADABLE):
                value = read(part)
                if _is_data(value):
                    yield start + match.end(), value


def _refuse_constant(name: str) -> Any:
    raise ValueError(f"{name} is no JSON")


_DECODER = json.JSONDecoder(parse_constant=_refuse_constant)


def _read_loose(part: str) -> Any:
    """Read an object or a list with bare keys, or with a comma before a closing bracket.

    Raises:
        ValueError: it is neither.
    """

    def strict(match: re.Match[str]) -> str:
        if match["key"]:
            return json.dumps(match["key"])
        return match["text"] or match["close"] or ""

    return _DECODER.decode(_PIECES.sub(strict, part))


def _is_data(value: Any) -> bool:
    """Tell whether a value is an object or a list that JSON can hold as it is."""
    try:
        same = json.loads(json.dumps(value, allow_nan=False, ensure_ascii=False).encode())
    except (ValueError, TypeError, RecursionError):
        return False
    return isinstance(value, dict | list) and bool(same == value)


def tells_role(before: str) -> bool:
    """Tell whether the words before an object say that it is sent or answered; where there are no words, it is."""
    words = unquoted(before)
    return _ROLE.search(words) is not None or _MORE.search(words) is None


def _is_answer(before: str, after_request: bool) -> bool:
    """Tell whether an object is an answer, from the words before it and whether a request comes before them."""
    words = unquoted(before)
    roles = [str(match.lastgroup) for match in _ROLE.finditer(words)]
    return roles[-1] == "answered" if roles else after_request and not _CONDITION.search(words)


def _status(words: str, *, sends: bool, numeric: bool, alone: bool) -> Status | None:
    """Return the status that the words name, apart from data in them; "4xx" where they only speak of a refusal."""
    words = _FENCE_END.sub("", words)
    plain = unquoted(words, _PLAIN_STATUS)
    refused = any(not _NOT.search(plain[: match.start()]) for match in _REFUSED.finditer(plain))
    complains = refused or sends or _COMPLAINT.search(plain) is not None
    for match in _STATUS.finditer(plain):
        number = next(filter(None, match.groups()))
        if number.lower() == "4xx":
            return "4xx"
        is_status = match.lastgroup not in {"answering", "pointed", "last"} or refused
        is_result = numeric and (alone or _MORE.search(plain, match.end()))
        if match.lastgroup == "pointed" and int(number) in _KNOWN:
            # Few results are such a number. Where results are numbers, round ones need words about what is wrong.
            is_status |= not numeric or (int(number) > 400 and not alone)
        if is_status or (complains and not is_result and int(number) in _KNOWN):
            return int(number)
    return "4xx" if refused else None
