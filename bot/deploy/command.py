"""`gptdeploy platform` and `gptdeploy deploy`."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import click

from bot.deploy import rollout, swarm
from bot.deploy.announced import deploy_announced
from bot.deploy.description import read_description
from bot.deploy.layout import Platform
from bot.deploy.named_hosts import named_hosts
from bot.deploy.options import NAME, SETTINGS, github_options, open_repository
from bot.deploy.wanted import NewVersion
from bot.errors import TransientError, UserError
from bot.values.progress import Deployment


@click.group()
def platform() -> None:
    """Prepare a Docker engine to host services (the one of DOCKER_HOST, else this machine's)."""


@platform.command()
@click.option("--domain", default="localhost", show_default=True, help="Services will be at http://<slug>.<domain>/.")
@click.option("--port", type=int, default=8080, show_default=True, help="The ingress's port.")
@click.option("--bind", default="127.0.0.1", show_default=True, help="The address it listens on; 0.0.0.0 for all.")
@click.option("--registry", default="127.0.0.1:5000", show_default=True, help="Where the workflows push images.")
@click.option(
    "--reachable",
    multiple=True,
    metavar="NETWORK",
    help="A private network that services may reach, beside the internet, where their settings name the host.",
)
@NAME
def up(domain: str, port: int, bind: str, registry: str, reachable: tuple[str, ...], name: str) -> None:  # noqa: PLR0913
    """Set up Swarm, network, ingress, playground and way out; run it again to change a value or to mend it.

    Services that are deployed go on serving.
    """
    client, made = swarm.connect(), Platform(domain, port, bind, name, reachable)
    swarm.pull_missing(client, swarm.IMAGES, lambda line: click.echo(line, err=True))
    swarm.platform_up(client, made)
    click.echo(f"The platform is up: {made.url}")
    click.echo(f"The deploy workflow needs the repository variable REGISTRY={registry} and a runner with this engine.")


@platform.command()
@NAME
@click.confirmation_option(prompt="Remove the platform and every service on it?")
def down(name: str) -> None:
    """Remove the platform and every service on it."""
    swarm.platform_down(swarm.connect(), name)
    click.echo("The platform is gone.")


@platform.command()
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object.")
@NAME
def status(as_json: bool, name: str) -> None:
    """Show the platform and its services; ends with 1 if something is not running."""
    shown = swarm.platform_status(swarm.connect(), name)
    if shown is None:
        raise UserError("This engine has no platform: `gptdeploy platform up` makes one.")
    if as_json:
        services = [
            {**vars(service), "version": service.version.number, "since": service.version.since}
            | _addresses(shown.platform.deployment(service.slug))
            for service in shown.services
        ]
        click.echo(json.dumps({"url": shown.platform.url, "containers": shown.containers, "services": services}))
    else:
        click.echo(f"platform    {shown.platform.url}")
        for container, state in sorted(shown.containers.items()):
            click.echo(f"{container.removeprefix(shown.platform.name + '-'):<11} {state}")
        for service in shown.services:
            url = shown.platform.deployment(service.slug).playground_url
            running = f"{service.running}/{service.wanted} running"
            what = service.version if service.preview is None else f"preview of #{service.preview}"
            click.echo(f"{service.slug:<24} {running}  {url}  {what}  {service.image}")
    if not shown.complete:
        raise click.exceptions.Exit(1)


@click.command()
@click.argument("folder", type=click.Path(file_okay=False, path_type=Path))
@click.option("--image", required=True, help="The service's image; every node of the engine must be able to pull it.")
@click.option("--announce", is_flag=True, help="Tell GitHub: a deployment status, and a comment with the URL.")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object as the last line.")
@SETTINGS
@github_options("--announce")
@NAME
def deploy(  # noqa: PLR0913 (an argument an option)
    folder: Path,
    image: str,
    announce: bool,
    as_json: bool,
    settings: Path,
    token: str,
    repository: str,
    sha: str,
    api_url: str,
    name: str,
) -> None:
    """Roll out FOLDER (services/<slug>) as --image and wait until it answers its own example.

    The version before serves until the new one is healthy; if that never happens it goes on serving, and the command
    ends with 2 and the reason.
    """
    with _failure_as_json(as_json):
        if announce and not (token and repository and sha):
            raise UserError("`--announce` needs `GITHUB_TOKEN`, `GITHUB_REPOSITORY` and `GITHUB_SHA`.")
        description = read_description(folder)
        egress = named_hosts(settings, description.slug)
        version = NewVersion(description, image, sha, repository, egress=egress)
        client = swarm.connect()
        if announce:
            live = deploy_announced(client, version, open_repository(api_url, token, repository), name=name)
        else:
            live = rollout.prepare(client, version, name=name).carry_out()
    if as_json:
        click.echo(json.dumps(_addresses(live.deployment)))
    else:
        held = f", which holds {sha[:7]}," if live.newer else ""
        click.echo(f"{version.slug}: {live.version}{held} is live: {live.deployment.playground_url}")


@contextmanager
def _failure_as_json(as_json: bool) -> Iterator[None]:
    """Print why a command fails as its last line on standard output, where JSON was asked for."""
    try:
        yield
    except (UserError, TransientError) as error:
        if as_json:
            click.echo(json.dumps({"error": str(error)}))
        raise


def _addresses(deployment: Deployment) -> dict[str, str]:
    return {"playground_url": deployment.playground_url, "api_url": deployment.api_url}
