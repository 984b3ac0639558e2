"""`gptdeploy platform join`, `leave` and `status`."""

from __future__ import annotations

import json
from dataclasses import asdict

import click
import docker

from bot.deploy import engine_swarm, machines, swarm
from bot.deploy.connection import connect
from bot.deploy.layout import Platform
from bot.deploy.machines import Machine
from bot.deploy.options import HOST, NAME
from bot.errors import UserError
from bot.values.deployment import Deployment


@click.command()
@click.option(
    "--host",
    default="",
    metavar="USER@MACHINE",
    help="The machine that joins, through ssh. Without it, what to type there is printed.",
)
@click.option("--manager", is_flag=True, help="It may decide for the swarm, as the first one does.")
@click.option("--address", default="", help="Its own address in the network of the others; by default it finds it.")
@NAME
def join(host: str, manager: bool, address: str, name: str) -> None:
    """Have another machine join the platform, or mend it there.

    The platform is that of this machine, or of DOCKER_HOST.

    It then runs replicas, is a way in, and serves on where another one is lost.
    """
    client = connect()
    platform = _platform(client, name)
    machines.check(platform)
    if not host:
        click.echo(_by_hand(client, manager, address))
        click.echo("So it runs replicas; `gptdeploy platform join --host` then makes it a way in as well.", err=True)
        return
    machines.join(client, platform, connect(host), _say, manager=manager, address=address)
    click.echo(f"{host} is of the platform; it is a way in at port {platform.port}.")


@click.command()
@click.argument("lost", required=False)
@click.option("--host", default="", metavar="USER@MACHINE", help="The machine that leaves, through ssh.")
@NAME
def leave(lost: str | None, host: str, name: str) -> None:
    """Take a machine out of the platform.

    It is the one of --host, whose replicas start elsewhere first, or one that is LOST.

    `gptdeploy platform status` shows the names and ids of all.
    """
    if bool(lost) == bool(host):
        raise UserError("Name the machine that leaves by `--host`, or one that is lost by its name or id.")
    client = connect()
    platform = _platform(client, name)
    if lost:
        machines.forget(client, lost)
    else:
        machines.leave(client, platform, connect(host))
    click.echo(f"{lost or host} is of the platform no more.")


@click.command()
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object.")
@HOST
@NAME
def status(as_json: bool, host: str, name: str) -> None:
    """Show the platform, its machines and its services.

    It ends with 1 if something is not running.
    """
    client = connect(host)
    shown = swarm.platform_status(client, name)
    if shown is None:
        raise UserError("This engine has no platform: `gptdeploy platform up` makes one.")
    found = machines.machines(client, shown.platform)
    if as_json:
        services = [
            {**vars(service), "version": service.version.number, "since": service.version.since}
            | {"repository": service.repository.name}
            | addresses(shown.platform.deployment(service.slug))
            for service in shown.services
        ]
        there = [asdict(machine) for machine in found]
        said = {"url": shown.platform.url, "containers": shown.containers, "machines": there, "services": services}
        click.echo(json.dumps(said))
    else:
        click.echo(f"platform    {shown.platform.url}")
        for container, state in sorted(shown.containers.items()):
            click.echo(f"{container.removeprefix(shown.platform.name + '-'):<11} {state}")
        for machine in found if len(found) > 1 else ():
            click.echo(_line(machine))
        for service in shown.services:
            url = shown.platform.deployment(service.slug).playground_url
            running = f"{service.running}/{service.wanted} running"
            what = service.version if service.preview is None else f"preview of #{service.preview}"
            click.echo(f"{service.slug:<24} {running}  {url}  {what}  {service.image}")
    if not shown.complete or any(machine.state != "ready" for machine in found):
        raise click.exceptions.Exit(1)


def addresses(deployment: Deployment) -> dict[str, str]:
    """Return the addresses of a service as JSON has them."""
    return {"playground_url": deployment.playground_url, "api_url": deployment.api_url}


def _platform(client: docker.DockerClient, name: str) -> Platform:
    found = swarm.find_platform(client, name)
    if found is None:
        raise UserError("This engine has no platform: `gptdeploy platform up --address` makes one.")
    return found


def _by_hand(client: docker.DockerClient, manager: bool, address: str) -> str:
    """Return what has a machine join that is not reached through ssh. It holds a secret: it is for a terminal."""
    words = ["docker", "swarm", "join", "--token", engine_swarm.token(client, "Manager" if manager else "Worker")]
    return " ".join([*words, *(["--advertise-addr", address] if address else []), engine_swarm.managers(client)[0]])


def _line(machine: Machine) -> str:
    what = [machine.role, machine.state, *([machine.availability] if machine.availability != "active" else [])]
    what += [] if machine.member else ["no way in"]
    return f"machine     {machine.name}  {machine.node}  {', '.join(what)}  {' '.join(machine.services)}".rstrip()


def _say(line: str) -> None:
    click.echo(line, err=True)
