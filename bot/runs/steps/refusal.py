"""What is never pushed, whoever wrote it."""

from __future__ import annotations

from collections.abc import Collection, Mapping

from bot.errors import UserError
from bot.foreign import find_keys
from bot.guard.paths import path_faults
from bot.sentence import joined, sentence


def refuse_files(files: Mapping[str, str | bytes], slug: str, existing: Collection[str] = ()) -> None:
    """Stop before anything is pushed that does not belong into the folder of the service, where `existing` are, or that
    holds a key.

    Raises:
        UserError: names every path, with the reason.
    """
    faults = path_faults(files, slug, existing)
    for path, content in files.items():
        text = content.decode(errors="replace") if isinstance(content, bytes) else content
        faults += [
            sentence("`%(path)s` holds what looks like %(key)s", path=path, key=key.place) for key in find_keys(text)
        ]
    if faults:
        raise UserError("I will not push these files: %(faults)s", faults=joined(faults, "; "))
