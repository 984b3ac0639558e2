"""`gptdeploy doctor`."""

from __future__ import annotations

import json
from dataclasses import asdict

import click
from rich.console import Console
from rich.markup import escape

from bot.config import environment
from bot.deploy.options import HOST, NAME
from bot.doctor.examination import examine, healthy
from bot.doctor.finding import Finding, State
from bot.doctor.patient import Patient

_SIGNS = {State.GREEN: "[green]✓[/]", State.RED: "[red]✗[/]", State.UNKNOWN: "[yellow]?[/]"}


@click.command()
@click.argument("repository", default="", metavar="[OWNER/REPO]")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object.")
@click.option(
    "--token", envvar="GITHUB_TOKEN", show_envvar=True, default="", help="Of an administrator of the repository."
)
@HOST
@NAME
def doctor(repository: str, as_json: bool, token: str, host: str, name: str) -> None:
    """Look whether all is set up, and say what to do where not.

    It ends with 1 if something is red.

    With an administrator's token it sees more than the App may: variables, secrets' names, runners. With the platform's
    engine (`--host`, DOCKER_HOST, or this machine's) it sees whether that can pull.
    """
    console = Console(highlight=False, soft_wrap=True)
    found: list[tuple[str, Finding]] = []
    for check, finding in examine(Patient(environment(), repository, token, host=host, platform=name)):
        found.append((check, finding))
        if not as_json:
            _show(console, check, finding)
    if as_json:
        checks = [{"name": check, **asdict(finding)} for check, finding in found]
        click.echo(json.dumps({"green": healthy(found), "checks": checks}))
    if not healthy(found):
        raise click.exceptions.Exit(1)


def _show(console: Console, name: str, finding: Finding) -> None:
    console.print(f"{_SIGNS[finding.state]} {name:<13} {escape(finding.seen)}")
    if finding.remedy:
        console.print(f"{'':>15} [bold]{escape(finding.remedy)}[/]")
    for line in finding.lines:
        console.print(f"{'':>15} $ {escape(line)}")
    for name, link in finding.links:
        console.print(f"{'':>15} {escape(name)}: {escape(link.partition('&value=')[0])}")
    if finding.link and finding.state is State.RED:
        console.print(f"{'':>15} {escape(finding.link)}")
