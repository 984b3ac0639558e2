"""`gptdeploy platform` and `gptdeploy deploy`."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import click

from bot.deploy import agent, member_command, own_registry, pull_credentials, rollout, swarm
from bot.deploy.announced import deploy_announced
from bot.deploy.certificate import read_certificate, root_certificate
from bot.deploy.choice import Choice
from bot.deploy.connection import connect
from bot.deploy.description import read_description
from bot.deploy.layout import TLS
from bot.deploy.member_command import addresses
from bot.deploy.named_hosts import named_hosts
from bot.deploy.options import HOST, NAME, SETTINGS, github_options, open_repository
from bot.deploy.owner import Owner
from bot.deploy.wanted import NewVersion
from bot.errors import TransientError, UserError
from bot.init import release_image

_PASSWORD_VARIABLE = "GPTDEPLOY_REGISTRY_PASSWORD"  # noqa: S105 (its name)


@click.group()
def platform() -> None:
    """Prepare a Docker engine to host services.

    It is the one of DOCKER_HOST, else this machine's.
    """


@platform.command()
@click.option(
    "--url",
    metavar="URL",
    help="Where people reach it, e.g. https://services.example.com; services will be at <slug>.services.example.com. "
    "http://localhost:8080 by default.",
)
@click.option(
    "--paths/--names",
    default=None,
    help="Services are at URL/<slug>/, which needs no wildcard in the DNS; or at names of their own, the default.",
)
@click.option(
    "--tls",
    type=click.Choice([TLS.AUTO.value, TLS.INTERNAL.value, TLS.OFF.value]),
    help="For https: the ingress gets certificates from Let's Encrypt (the default), makes them itself, or a proxy in "
    "front has them.",
)
@click.option(
    "--certificate",
    nargs=2,
    type=click.Path(dir_okay=False, path_type=Path),
    metavar="CERTIFICATE KEY",
    help="Files with a certificate of your own, its chain included, and its key, as PEM.",
)
@click.option("--port", type=int, help="The port it listens on: by default that of the URL, 8080 behind a proxy.")
@click.option("--http-port", type=int, help="With certificates, the port that leads to https: 80, or 0 for none.")
@click.option("--bind", help="The address it listens on: by default all, 127.0.0.1 for localhost and behind a proxy.")
@click.option(
    "--address",
    default="",
    help="This machine's address in the network of the others that `platform join` shall bring; it stays.",
)
@click.option(
    "--registry",
    type=int,
    is_flag=False,
    flag_value=own_registry.PORT,
    metavar="[PORT]",
    help="Keep the images in a registry of the platform's own, on this port of the engine's loopback (5000). "
    "One that is there stays.",
)
@click.option(
    "--registry-user",
    metavar="USER",
    help="Pull as this user from now on, also when no job runs; the password comes from GPTDEPLOY_REGISTRY_PASSWORD, "
    "the prompt or standard input. On ghcr.io it is a token that may read packages.",
)
@click.option(
    "--registry-host", default=pull_credentials.GITHUBS, show_default=True, help="The registry of --registry-user."
)
# Hidden, as other users of a machine can read the options of a command.
@click.option("--registry-password", envvar=_PASSWORD_VARIABLE, hidden=True)
@click.option(
    "--reachable",
    multiple=True,
    metavar="NETWORK",
    help="A private network that services may reach, beside the internet, where their settings name the host.",
)
@HOST
@NAME
def up(  # noqa: PLR0913 (an argument an option)
    url: str | None,
    paths: bool | None,
    tls: str | None,
    certificate: tuple[Path, Path] | None,
    port: int | None,
    http_port: int | None,
    bind: str | None,
    address: str,
    registry: int | None,
    registry_user: str | None,
    registry_host: str,
    registry_password: str | None,
    reachable: tuple[str, ...],
    host: str,
    name: str,
) -> None:
    """Set up a platform, or change or mend one.

    It has Swarm, a network, an ingress, a playground and a way out for services.

    What is not named stays as it is. Services that are deployed go on serving.
    """
    if certificate and tls:
        raise UserError("`--certificate` is what `--tls` would choose: name one of them.")
    own = read_certificate(*certificate) if certificate else None
    choice = Choice(
        url=url,
        paths=paths,
        tls=TLS.OWN if own else TLS(tls) if tls else None,
        port=port,
        bind=bind,
        plain_port=http_port,
        reachable=reachable or None,
        certificate=own.hash if own else None,
    )
    client = connect(host)
    made = choice.platform(name, swarm.find_platform(client, name))
    wanted, registry = [swarm.IMAGES.caddy, swarm.IMAGES.python], registry or own_registry.port_of(client, made)
    swarm.pull_missing(client, [*wanted, *([swarm.IMAGES.registry] if registry else [])], _say)
    swarm.platform_up(client, made, certificate=own, address=address)
    if registry:
        kept_at = own_registry.set_up(client, made, registry, swarm.IMAGES.registry)
        click.echo(f"Its own registry keeps the images: {kept_at}, for the platform's engines alone.")
    if registry_user:
        password = registry_password or _password(registry_user, registry_host)
        pull_credentials.keep(client, made, registry_host, registry_user, password)
        agent.spread(client, made)
    for place, entry in pull_credentials.kept(client, made).items():
        click.echo(f"It pulls from {place} as {entry['username']}.")
    click.echo(f"The platform is up: {made.url}")
    click.echo("The deploy workflow finds it by the variable PLATFORM_HOST, or on a runner with this engine.")
    click.echo(_deployer())


@platform.command()
@HOST
@NAME
def root(host: str, name: str) -> None:
    """Print the certificate of the platform's own authority.

    Machines that reach a platform with `--tls internal` have to trust it.
    """
    client = connect(host)
    found = swarm.find_platform(client, name)
    if found is None or found.tls is not TLS.INTERNAL:
        raise UserError("This platform is no authority: `gptdeploy platform up --tls internal` makes it one.")
    click.echo(root_certificate(client, found), nl=False)


@platform.command()
@HOST
@NAME
@click.confirmation_option(prompt="Remove the platform and every service on it?")
def down(host: str, name: str) -> None:
    """Remove the platform and every service on it."""
    swarm.platform_down(connect(host), name)
    click.echo("The platform is gone.")


for _command in (member_command.join, member_command.leave, member_command.status):
    platform.add_command(_command)


@click.command()
@click.argument("folder", type=click.Path(file_okay=False, path_type=Path))
@click.option(
    "--image", required=True, help="The service's image; every machine of the platform must be able to pull it."
)
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
    repository_id: str,
    sha: str,
    api_url: str,
    name: str,
) -> None:
    """Roll out FOLDER (services/<slug>) as --image.

    It waits until the service answers its own example.

    The version before serves until the new one is healthy; if that never happens it goes on serving, and the command
    ends with 2 and the reason.
    """
    with _failure_as_json(as_json):
        if announce and not (token and repository and sha):
            raise UserError("`--announce` needs `GITHUB_TOKEN`, `GITHUB_REPOSITORY` and `GITHUB_SHA`.")
        description = read_description(folder)
        egress = named_hosts(settings, description.slug)
        owner = Owner(repository, repository_id)
        version = NewVersion(description, image, sha, owner, egress=egress)
        client = connect()
        if announce:
            live = deploy_announced(client, version, open_repository(api_url, token, owner), name=name)
        else:
            live = rollout.prepare(client, version, name=name).carry_out()
    if as_json:
        missing = {"unreachable": str(live.gap.report)} if live.gap else {}
        click.echo(json.dumps(addresses(live.deployment) | missing))
    else:
        held = f", which holds {sha[:7]}," if live.newer else ""
        click.echo(f"{version.slug}: {live.version}{held} is live: {live.deployment.playground_url}")
        if live.gap:
            click.echo(str(live.gap.report), err=True)


@contextmanager
def _failure_as_json(as_json: bool) -> Iterator[None]:
    """Print why a command fails as its last line on standard output, where JSON was asked for."""
    try:
        yield
    except (UserError, TransientError) as error:
        if as_json:
            click.echo(json.dumps({"error": str(error)}))
        raise


def _say(line: str) -> None:
    click.echo(line, err=True)


def _password(user: str, host: str) -> str:
    if sys.stdin.isatty():
        return str(click.prompt(f"Password or token of {user} on {host}", hide_input=True))
    password = sys.stdin.readline().rstrip("\n")
    if not password:
        raise UserError(f"Give the password of `{user}` in {_PASSWORD_VARIABLE} or on standard input.")
    return password


def _deployer() -> str:
    """Return what runs `gptdeploy deploy` on a runner."""
    image = release_image()
    if image:
        return f"A runner without the command `gptdeploy` deploys by {image}, which `gptdeploy init` names."
    return "A runner without the command `gptdeploy` needs the variable GPTDEPLOY_IMAGE, with the bot's image."
