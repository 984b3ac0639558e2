"""`gptdeploy excerpt`: a job's log on standard input, what it died of on standard output."""

from __future__ import annotations

import sys
from functools import partial

import click

from bot.buildlog import find_failure
from bot.clients.stream import lines_of
from bot.values.failure import Failure

_CHUNK = 1 << 18
"""Bytes of the log read at a time."""


@click.command()
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object with all that is known.")
@click.option("--step", default="", help="Name of the step that failed; else it is read from the log.")
def excerpt(as_json: bool, step: str) -> None:
    """Read a job's log on standard input and say what it died of.

    The log may be GitHub's (also as `gh run view --log` prints it), act's text or JSON, or a builder's output, of any
    size. The first line says class, phase, step, place and fingerprint, the rest is the excerpt.

    Exit code 0: the log tells of a failure. 1: it tells of none.
    """
    chunks = iter(partial(sys.stdin.buffer.read, _CHUNK), b"")
    failure = find_failure(lines_of(chunks), step)
    if failure is None:
        click.echo("gptdeploy: no failure found in this log", err=True)
        raise click.exceptions.Exit(1)
    click.echo(failure.model_dump_json(indent=2) if as_json else _as_text(failure))


def _as_text(failure: Failure) -> str:
    """Return a line of what is known, the headline, and the excerpt."""
    place = f"{failure.file}:{failure.line}" if failure.line else failure.file
    facts = {
        "class": failure.failure_class,
        "phase": failure.phase,
        "step": failure.step or "unknown",
        "place": place or "unknown",
        "transient": "yes" if failure.transient else "no",
        "fingerprint": failure.fingerprint,
    }
    line = " | ".join(f"{name}: {value}" for name, value in facts.items())
    return f"{line}\n{failure.headline}\n\n{failure.excerpt}"
