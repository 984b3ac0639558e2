"""Evaluate the bot with a model: `python -m tests.evaluate [--tasks NAME,...] [--record | --replay] [--parallel N]`."""

from __future__ import annotations

import json
import signal
import sys
import time
from collections.abc import Mapping
from contextlib import closing
from pathlib import Path
from typing import Any

import click

from bot.demo.stack import environment
from bot.errors import UserError
from tests.bench.figure import machine as describe_machine
from tests.evaluate import record
from tests.evaluate.evaluation import Plan, carry_out
from tests.evaluate.left_out import PARTS
from tests.evaluate.model import default_name, describe
from tests.evaluate.suite import load
from tests.evaluate.table import failed_checks, stages, table


@click.command()
@click.option("--tasks", "names", default="", metavar="NAME,...", help="Which tasks; all by default.")
@click.option("--parallel", default=1, show_default=True, type=click.IntRange(1), help="How many of them at a time.")
@click.option(
    "--record",
    "recorded",
    is_flag=False,
    flag_value=record.FOLDER,
    type=click.Path(file_okay=False, path_type=Path),
    help="Write down what the model replies, a file a task.  [default folder: tests/evaluate/recorded]",
)
@click.option(
    "--replay",
    "replayed",
    is_flag=False,
    flag_value=record.FOLDER,
    type=click.Path(file_okay=False, path_type=Path),
    help="Take the replies from such a folder, and ask no model.",
)
@click.option("--without", multiple=True, type=click.Choice(PARTS), help="Leave a part of the bot out, to compare.")
@click.option("--minutes", "--max-minutes", default=30.0, show_default=True, help="Minutes a task may take.")
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
    help="Where the logs of the bot, and its runs, are kept, if anywhere.",
)
def main(
    names: str,
    parallel: int,
    recorded: Path | None,
    replayed: Path | None,
    without: tuple[str, ...],
    minutes: float,
    strategies: int,
    fixes: int,
    file: Path,
    logs: Path | None,
) -> None:
    """Take the tasks from an issue to a running service, judge each service by its checks, and print what came of it.

    Needs a real model (OPENAI_API_KEY or OPENAI_BASE_URL), as `gptdeploy demo` does, unless it replays.
    """
    if recorded and replayed:
        raise click.UsageError("--record writes what a model replies, --replay asks none; give one or the other")
    try:
        tasks = load([name.strip() for name in names.split(",") if name.strip()])
    except ValueError as error:
        raise click.UsageError(str(error)) from error
    environ = environment()
    model = "" if replayed else default_name(environ)
    config = {"max_minutes": f"{minutes:g}", "strategies": str(strategies), "fixes": str(fixes), "clarify": "never"}
    evaluation: dict[str, Any] = {
        "model": f"the replies in {replayed}" if replayed else describe(model, environ),
        "without": list(without),
        "config": config,
        "parallel": parallel,
        "machine": describe_machine(),
        "began": time.strftime("%Y-%m-%d %H:%M", time.gmtime()),
        "results": [],
    }
    earlier = json.loads(file.read_text()) if file.exists() else []
    order = [task.name for task in tasks]
    # A shell that starts this in the background makes it ignore Ctrl-C; this undoes it.
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, signal.default_int_handler)
    plan = Plan(tasks, config, without, minutes, parallel, environ, model, recorded, replayed, logs)
    try:
        with closing(carry_out(plan, _say)) as results:
            for result in results:
                evaluation["results"] = sorted([*evaluation["results"], result], key=lambda r: order.index(r["task"]))
                _write(file, [*earlier, evaluation])
                _say(f"{result['task']}: {result['verdict']}, {result['seconds']['total']:.0f} s")
                for line in failed_checks(result):
                    _say(f"  {line}")
    except (UserError, ValueError) as error:
        raise click.ClickException(str(error)) from error
    except KeyboardInterrupt as stop:
        raise click.Abort from stop
    finally:
        if evaluation["results"]:
            click.echo(report(evaluation))


def report(evaluation: Mapping[str, Any]) -> str:
    """Return an evaluation as Markdown: what was measured and how, the table, and what each stage has taken."""
    config = evaluation["config"]
    without = f", without {' and '.join(evaluation['without'])}" if evaluation["without"] else ""
    head = (
        f"Model `{evaluation['model']}`{without}: at most {config['strategies']} strategies, {config['fixes']} fixes "
        f"each and {config['max_minutes']} minutes a task, {evaluation['parallel']} at a time; "
        f"{evaluation['machine']}, {evaluation['began']} UTC."
    )
    spent = stages(evaluation["results"])
    tail = f"\nCalls and tokens (sent and received) by stage:\n\n{spent}" if spent else ""
    return f"{head}\n\n{table(evaluation['results'])}{tail}"


def _say(line: str) -> None:
    click.echo(line, err=True)


def _write(file: Path, evaluations: list[dict[str, Any]]) -> None:
    # Replaced as a whole, so that whoever stops this leaves a file that can be read.
    new = file.with_name(f"{file.name}.new")
    new.write_text(json.dumps(evaluations, indent=1) + "\n")
    new.replace(file)


if __name__ == "__main__":
    sys.exit(main())
