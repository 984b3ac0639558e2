"""`gptdeploy platform` and `gptdeploy deploy`."""

from __future__ import annotations

import json
from collections.abc import Callable
from functools import wraps
from pathlib import Path
from typing import NoReturn, ParamSpec, TypeVar

import click

from bot.clients.github.client import GitHub, Repository
from bot.deploy import rollout, swarm
from bot.deploy.announce import Announcement, announce_failure, announce_live
from bot.errors import TransientError, UserError
from bot.values.run import Deployment

P = ParamSpec("P")
R = TypeVar("R")

_NAME = click.option(
    "--name", default="gptdeploy", show_default=True, help="The platform's name, where an engine holds several."
)


def _for_people(command: Callable[P, R]) -> Callable[P, R]:
    """Turn what a person can mend into click's one line and exit code 1."""

    @wraps(command)
    def wrapped(*args: P.args, **kwargs: P.kwargs) -> R:
        try:
            return command(*args, **kwargs)
        except (UserError, TransientError) as error:
            raise click.ClickException(str(error)) from error

    return wrapped


@click.group()
def platform() -> None:
    """Prepare a Docker engine to host services (the one of DOCKER_HOST, else this machine's)."""


@platform.command()
@click.option("--domain", default="localhost", show_default=True, help="Services will be at http://<slug>.<domain>/.")
@click.option("--port", type=int, default=8080, show_default=True, help="The ingress's port.")
@click.option("--bind", default="127.0.0.1", show_default=True, help="The address it listens on; 0.0.0.0 for all.")
@click.option("--registry", default="127.0.0.1:5000", show_default=True, help="Where the workflows push images.")
@_NAME
@_for_people
def up(domain: str, port: int, bind: str, registry: str, name: str) -> None:
    """Set up Swarm, network, ingress and playground; run it again to change a value or to mend it.

    Services that are deployed go on serving.
    """
    client, chosen = swarm.connect(), swarm.Images()
    swarm.pull_missing(client, chosen, lambda line: click.echo(line, err=True))
    made = swarm.platform_up(client, domain=domain, port=port, bind=bind, images=chosen, name=name)
    click.echo(f"The platform is up: {made.url}")
    click.echo(f"The deploy workflow needs the repository variable REGISTRY={registry} and a runner with this engine.")


@platform.command()
@_NAME
@click.confirmation_option(prompt="Remove the platform and every service on it?")
@_for_people
def down(name: str) -> None:
    """Remove the platform and every service on it."""
    swarm.platform_down(swarm.connect(), name)
    click.echo("The platform is gone.")


@platform.command()
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object.")
@_NAME
@_for_people
def status(as_json: bool, name: str) -> None:
    """Show the platform and its services; ends with 1 if something is not running."""
    found = swarm.platform_status(swarm.connect(), name)
    if found is None:
        raise UserError("This engine has no platform: `gptdeploy platform up` makes one.")
    well = all(state == "running" for state in found.containers.values()) and len(found.containers) == 2
    well = well and all(service.running >= service.wanted for service in found.services)
    if as_json:
        services = [vars(service) | _addresses(found.platform.deployment(service.slug)) for service in found.services]
        click.echo(json.dumps({"url": found.platform.url, "containers": found.containers, "services": services}))
    else:
        click.echo(f"platform    {found.platform.url}")
        for container, state in sorted(found.containers.items()):
            click.echo(f"{container.removeprefix(found.platform.name + '-'):<11} {state}")
        for service in found.services:
            url = found.platform.deployment(service.slug).playground_url
            click.echo(f"{service.slug:<24} {service.running}/{service.wanted} running  {url}  {service.image}")
    if not well:
        raise click.exceptions.Exit(1)


@click.command()
@click.argument("folder", type=click.Path(file_okay=False, path_type=Path))
@click.option("--image", required=True, help="The service's image; every node of the engine must be able to pull it.")
@click.option("--announce", is_flag=True, help="Tell GitHub: a deployment status, and a comment with the URL.")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object as the last line.")
@click.option("--token", envvar="GITHUB_TOKEN", show_envvar=True, help="For --announce.", metavar="TOKEN")
@click.option("--repository", envvar="GITHUB_REPOSITORY", show_envvar=True, help="For --announce: owner/name.")
@click.option("--sha", envvar="GITHUB_SHA", show_envvar=True, help="For --announce: the commit that was pushed.")
@click.option(
    "--api-url",
    envvar="GITHUB_API_URL",
    show_envvar=True,
    default="https://api.github.com",
    help="For --announce: GitHub's REST API.",
)
@_NAME
def deploy(
    folder: Path,
    image: str,
    announce: bool,
    as_json: bool,
    token: str | None,
    repository: str | None,
    sha: str | None,
    api_url: str,
    name: str,
) -> None:
    """Roll out FOLDER (services/<slug>) as --image and wait until it answers its own example.

    The version before serves until the new one is healthy; if that never happens it goes on serving, and the command
    ends with 1 and the reason.
    """
    try:
        if announce and not (token and repository and sha):
            raise UserError("`--announce` needs `GITHUB_TOKEN`, `GITHUB_REPOSITORY` and `GITHUB_SHA`.")
        announcement = Announcement(rollout.read_description(folder), image, sha or "")
        try:
            deployment = rollout.deploy(swarm.connect(), folder, image, name=name)
        except UserError as error:
            if announce:
                announce_failure(_repository(api_url, token, repository), announcement, str(error))
            raise
        if announce:
            announce_live(_repository(api_url, token, repository), announcement, deployment)
    except (UserError, TransientError) as error:
        _fail(str(error), as_json)
    if as_json:
        click.echo(json.dumps(_addresses(deployment)))
    else:
        click.echo(f"{announcement.described['slug']} is live: {deployment.playground_url}")


def _repository(api_url: str, token: str | None, repository: str | None) -> Repository:
    return GitHub.with_token(api_url, token or "").repository(repository or "")


def _addresses(deployment: Deployment) -> dict[str, str]:
    return {"playground_url": deployment.playground_url, "api_url": deployment.api_url}


def _fail(reason: str, as_json: bool) -> NoReturn:
    click.echo(f"Error: {reason}", err=True)
    if as_json:
        click.echo(json.dumps({"error": reason}))
    raise click.exceptions.Exit(1)
