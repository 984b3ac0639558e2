"""What the bot says to people, marked where it stands in the code, so that it can be said in their language.

The English text is a literal at its place, with what changes in it as `%(name)s`; a reason, a note, a refusal is never
glued together. It becomes text where it is written, in the language that is spoken there.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from gettext import NullTranslations
from typing import Any, Self

from pydantic import BaseModel, ConfigDict, ModelWrapValidatorHandler, model_validator

_spoken: ContextVar[NullTranslations] = ContextVar("spoken", default=NullTranslations())  # noqa: B039 (it has no state)


@contextmanager
def spoken(translations: NullTranslations) -> Iterator[None]:
    """Say sentences by these translations for a while, also those within others."""
    before = _spoken.set(translations)
    try:
        yield
    finally:
        _spoken.reset(before)


class Sentence(BaseModel):
    """One or a few sentences, or a part of one that stands for itself. `str` says it in the language that is spoken.

    Made by `sentence`, `counted`, `joined`, `phrase` and `verbatim`; it survives a round trip through JSON unchanged.

    Attributes:
        text: in English, as the catalogues have it; plural: the same for more than one of `num` among the values.
        values: what stands for `%(name)s`. Without any the text is said as it is.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    text: str
    plural: str = ""
    values: Mapping[str, Sentence | int | str] = {}

    @model_validator(mode="wrap")
    @classmethod
    def _was_a_text(cls, value: Any, handler: ModelWrapValidatorHandler[Self]) -> Self:
        """Take a text for what somebody else has said, unless it was made fit for where it goes."""
        if not isinstance(value, str):
            return handler(value)
        if hasattr(value, "__html__"):
            return handler({"text": str(value)})
        # What stands for a value may be a text or a sentence, so that each text among the values is tried here, too.
        return cls.model_construct(text="%(text)s", values={"text": str(value)})

    def __str__(self) -> str:
        translations = _spoken.get()
        if self.plural:
            said = translations.ngettext(self.text, self.plural, int(str(self.values["num"])))
        else:
            # The empty text is what a catalogue calls its own header.
            said = translations.gettext(self.text) if self.text else ""
        return said % self.values if self.values else said

    def having(self, **values: Sentence | int | str) -> Sentence:
        """Return the sentence with these values."""
        return Sentence(text=self.text, plural=self.plural, values={**self.values, **values})


def sentence(text: str, /, **values: Sentence | int | str) -> Sentence:
    """Return a sentence; its text is a literal, so that it is found and translated."""
    return Sentence(text=text, values=values)


def counted(one: str, many: str, num: int, /, **values: Sentence | int | str) -> Sentence:
    """Return a sentence that says `num` of something, as `%(num)s`; both texts are literals."""
    return Sentence(text=one, plural=many, values={"num": num, **values})


def joined(parts: list[Sentence], between: str = " ") -> Sentence:
    """Return several sentences one after the other."""
    values = {str(number): part for number, part in enumerate(parts)}
    return Sentence(text=between.join(f"%({name})s" for name in values), values=values)


def either(choices: list[Sentence]) -> Sentence:
    """Return at least one sentence as a choice: "A", "A or B", or "A, B or C"."""
    *others, last = choices
    return sentence("%(some)s or %(last)s", some=joined(others, ", "), last=last) if others else last


def verbatim(text: str) -> Sentence:
    """Return what somebody else has said, which is the same in all languages."""
    return phrase("%(text)s", text=text)


def phrase(text: str, /, **values: Sentence | int | str) -> Sentence:
    """Return what has no words but those among its values, and is the same in all languages."""
    return Sentence(text=text, values=values)


def already_said(text: str) -> Sentence:
    """Return what the bot has said before, in the language of then."""
    return Sentence(text=text)
