"""`gptdeploy excerpt`: a job's log on standard input, what it died of on standard output."""

from __future__ import annotations

import codecs
import sys
from collections.abc import Iterator
from typing import BinaryIO

import click

from bot.buildlog.read import find_failure
from bot.values.failure import Failure

_CHUNK = 1 << 18
_LONGEST = 1 << 16


@click.command()
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object with all that is known.")
@click.option("--step", default="", help="Name of the step that failed; else it is read from the log.")
def excerpt(as_json: bool, step: str) -> None:
    """Read a job's log on standard input and say what it died of.

    The log may be GitHub's (also as `gh run view --log` prints it), act's text or JSON, or a builder's output; its size
    does not matter. The first line says class, phase, step, place and fingerprint, the rest is the excerpt.

    Exit code 0: a failure was found. 1: the log tells of none.
    """
    failure = find_failure(lines_of(sys.stdin.buffer), step)
    if failure is None:
        click.echo("gptdeploy: no failure found in this log", err=True)
        raise click.exceptions.Exit(1)
    click.echo(failure.model_dump_json(indent=2) if as_json else described(failure))


def described(failure: Failure) -> str:
    """Return a failure as text: a line of what is known, the headline, and the excerpt."""
    place = f"{failure.file}:{failure.line}" if failure.line else failure.file
    known = {
        "class": failure.failure_class,
        "phase": failure.phase,
        "step": failure.step or "unknown",
        "place": place or "unknown",
        "transient": "yes" if failure.transient else "no",
        "fingerprint": failure.fingerprint,
    }
    told = " | ".join(f"{name}: {value}" for name, value in known.items())
    return f"{told}\n{failure.headline}\n\n{failure.excerpt}"


def lines_of(stream: BinaryIO) -> Iterator[str]:
    """Yield a stream's lines as text; of a line over 64 kB the beginning and the end."""
    decoder = codecs.getincrementaldecoder("utf-8")(errors="replace")
    rest = ""
    while chunk := stream.read(_CHUNK):
        *lines, rest = (rest + decoder.decode(chunk)).split("\n")
        yield from lines
        if len(rest) > 2 * _LONGEST:
            rest = rest[:_LONGEST] + rest[-_LONGEST:]
    rest += decoder.decode(b"", final=True)
    if rest:
        yield rest
