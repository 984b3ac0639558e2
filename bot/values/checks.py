"""What is said of a commit on GitHub: a check run, with annotations on lines."""

from __future__ import annotations

from typing import Literal

from bot.values.value import Value


class Annotation(Value):
    """What is wrong in a line of a file, given by its path in the repository; lines count from 1."""

    path: str
    line: int
    message: str


class CheckRun(Value):
    """What is said of a commit whose build has ended.

    Attributes:
        external_id: which build of the commit it is about; there is one check run for each.
        url: where there is more to see.
        title: one line; summary: Markdown, at most 65,535 bytes.
        annotations: at most 50.
    """

    name: str
    head_sha: str
    external_id: str
    conclusion: Literal["success", "failure", "cancelled"]
    url: str
    title: str
    summary: str
    annotations: tuple[Annotation, ...] = ()
