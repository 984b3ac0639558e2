"""Evaluate the bot with a model: `python -m tests.evaluate [--tasks NAME,...] [--without WHAT] [--json FILE]`."""

from __future__ import annotations

import json
import os
import sys
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import click
import docker
import httpx

from bot.clients.llm import DEFAULT_MODEL
from bot.demo import machine
from bot.demo.state import State
from bot.deploy import find_platform
from tests.bench.figure import machine as describe_machine
from tests.evaluate.left_out import PARTS
from tests.evaluate.suite import load
from tests.evaluate.table import stages, table
from tests.evaluate.trial import STATE, Limits, NotStartedError, attempt, demo_command, keep_logs, take_down


@click.command()
@click.option("--tasks", "names", default="", metavar="NAME,...", help="Which tasks; all by default.")
@click.option("--without", multiple=True, type=click.Choice(PARTS), help="Leave a part of the bot out, to compare.")
@click.option("--max-minutes", default=30.0, show_default=True, help="Minutes a task may take.")
@click.option("--strategies", default=2, show_default=True, help="Strategies a task may try.")
@click.option("--fixes", default=5, show_default=True, help="Fixes a strategy may get.")
@click.option(
    "--json",
    "file",
    default=Path("evaluation.json"),
    show_default=True,
    type=click.Path(dir_okay=False, path_type=Path),
    help="Where the results are added, each as soon as it is known.",
)
@click.option(
    "--logs",
    type=click.Path(file_okay=False, path_type=Path),
    help="Where the logs of each task are kept, if anywhere.",
)
def main(
    names: str,
    without: tuple[str, ...],
    max_minutes: float,
    strategies: int,
    fixes: int,
    file: Path,
    logs: Path | None,
) -> None:
    """Take the tasks one after another from an issue to a running service, and print what came of each.

    Needs a real model (OPENAI_API_KEY or OPENAI_BASE_URL), as `gptdeploy demo` does.
    """
    try:
        tasks = load([name.strip() for name in names.split(",") if name.strip()])
    except ValueError as error:
        raise click.UsageError(str(error)) from error
    model = _model(os.environ)
    leave = _leave_as_found()
    config = {"max_minutes": f"{max_minutes:g}", "strategies": str(strategies), "fixes": str(fixes)}
    evaluation: dict[str, Any] = {
        "model": model,
        "without": list(without),
        "config": config,
        "machine": describe_machine(),
        "began": time.strftime("%Y-%m-%d %H:%M", time.gmtime()),
        "results": [],
    }
    earlier = json.loads(file.read_text()) if file.exists() else []
    command = demo_command(without)
    try:
        for number, task in enumerate(tasks, 1):
            click.echo(f"{number} of {len(tasks)}: {task.name}", err=True)
            evaluation["results"].append(attempt(command, task, config, Limits(max_minutes * 60)))
            _write(file, [*earlier, evaluation])
            if logs is not None:
                keep_logs(logs / task.name)
    except NotStartedError as error:
        raise click.ClickException(str(error)) from error
    except KeyboardInterrupt as stop:
        raise click.Abort from stop
    finally:
        if evaluation["results"]:
            click.echo(report(evaluation))
        if not leave:
            take_down()


def report(evaluation: Mapping[str, Any]) -> str:
    """Return an evaluation as Markdown: what was measured and how, the table, and the tokens by stage."""
    config = evaluation["config"]
    without = f", without {' and '.join(evaluation['without'])}" if evaluation["without"] else ""
    head = (
        f"Model `{evaluation['model']}`{without}: at most {config['strategies']} strategies, {config['fixes']} fixes "
        f"each and {config['max_minutes']} minutes a task; {evaluation['machine']}, {evaluation['began']} UTC."
    )
    spent = stages(evaluation["results"])
    tail = f"\nTokens by stage: {spent}.\n" if spent else ""
    return f"{head}\n\n{table(evaluation['results'])}{tail}"


def _model(environ: Mapping[str, str]) -> str:
    """Return the model's name, by the bot's own rule: the one set, the only one on offer, or the default."""
    base, key = environ.get("OPENAI_BASE_URL"), environ.get("OPENAI_API_KEY")
    if not base and not key:
        raise click.UsageError(
            "an evaluation needs a real model: set OPENAI_API_KEY, or OPENAI_BASE_URL (and OPENAI_MODEL) for an "
            "endpoint of your own, e.g. OPENAI_BASE_URL=http://127.0.0.1:11434/v1"
        )
    name = environ.get("OPENAI_MODEL") or (_only_one(base, key) if base else None) or DEFAULT_MODEL
    # Some servers give the path of the file they serve.
    shown = name.rpartition("/")[2] if name.startswith("/") else name
    others = [
        f"{stage.lower()}: {environ[f'OPENAI_MODEL_{stage}']}"
        for stage in ("SPECIFY", "STRATEGIZE", "IMPLEMENT", "FIX")
        if environ.get(f"OPENAI_MODEL_{stage}")
    ]
    return f"{shown} ({', '.join(others)})" if others else shown


def _only_one(base: str, key: str | None) -> str | None:
    """Return the model an endpoint offers, None where it offers several or does not say.

    Raises:
        click.ClickException: it does not answer.
    """
    headers = {"Authorization": f"Bearer {key}"} if key else {}
    try:
        response = httpx.get(f"{base.rstrip('/')}/models", headers=headers, timeout=30)
        offered = [str(entry["id"]) for entry in response.json()["data"]]
    except httpx.TransportError as error:
        raise click.ClickException(f"the model's endpoint {base} does not answer: {error}") from error
    except (ValueError, KeyError, TypeError):
        return None
    return offered[0] if len(offered) == 1 else None


def _leave_as_found() -> bool:
    """Tell whether a demo of this folder is up, so that what it started has to stay.

    Raises:
        click.ClickException: another folder's is, whose platform would be used and then removed.
    """
    started = State(STATE).started
    if started.port or started.registry_port:
        return True
    if machine.engine_answers():
        client = docker.from_env()
        try:
            if find_platform(client) is not None:
                raise click.ClickException("a platform is up on this machine that is not of a demo in this folder")
        finally:
            client.close()
    return False


def _write(file: Path, evaluations: list[dict[str, Any]]) -> None:
    # Replaced as a whole, so that whoever stops this leaves a file that can be read.
    new = file.with_name(f"{file.name}.new")
    new.write_text(json.dumps(evaluations, indent=1) + "\n")
    new.replace(file)


if __name__ == "__main__":
    sys.exit(main())
