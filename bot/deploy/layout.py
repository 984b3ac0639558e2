"""The names of a platform, how its own containers are run, and the addresses of its services. No engine is asked."""

from __future__ import annotations

import hashlib
import json
from dataclasses import asdict, dataclass
from ipaddress import IPv4Network, ip_network
from pathlib import Path
from typing import Any

from bot.clients.fetch import addresses
from bot.errors import UserError
from bot.render import render, templates_dir
from bot.values.progress import Deployment

LABEL = "gptdeploy.platform"
"""On everything a platform consists of; its value is the platform's name."""

SLUG_LABEL = "gptdeploy.slug"
DEFAULT_NAME = "gptdeploy"
NAME_VARIABLE = "GPTDEPLOY_PLATFORM"
"""The environment variable with the platform's name, for an engine that holds several."""

INSIDE_PORT = 8080
"""The port the ingress listens on in its container, and services in theirs."""

POOL = IPv4Network("198.18.0.0/15")
"""What the networks of services are cut from: set apart for laboratories (RFC 2544), so nobody's network is hidden."""
SUBNET_PREFIX = 26
"""Bits of a service's network: 62 addresses for up to 10 replicas, twice during a rollout, one a node, and ours."""
EGRESS_PORT = 3128
EGRESS_FOLDER = "/catalog/egress"
"""With one file a subnet, which says what the services in it may reach."""


@dataclass(frozen=True)
class Platform:
    """One platform on an engine.

    Attributes:
        domain: services are at `<slug>.<domain>`.
        port: the ingress's port; bind: the address it listens on.
        name: the names of all that belongs to it begin so; one engine can hold several platforms.
        reachable: private networks that services may be let out to, beside the internet; settings name the hosts.
    """

    domain: str = "localhost"
    port: int = 8080
    bind: str = "127.0.0.1"
    name: str = DEFAULT_NAME
    reachable: tuple[str, ...] = ()

    @property
    def network(self) -> str:
        return self.name

    @property
    def catalogue(self) -> str:
        """The volume with one `<slug>.json` a service."""
        return f"{self.name}-catalog"

    @property
    def ingress(self) -> str:
        return f"{self.name}-caddy"

    @property
    def playground(self) -> str:
        return f"{self.name}-playground"

    @property
    def egress(self) -> str:
        """The only way out of a service's network."""
        return f"{self.name}-egress"

    @property
    def service_prefix(self) -> str:
        return "svc-" if self.name == DEFAULT_NAME else f"{self.name}-svc-"

    @property
    def address(self) -> str:
        """What follows `<slug>.` in a URL."""
        return self.domain if self.port == 80 else f"{self.domain}:{self.port}"

    @property
    def url(self) -> str:
        """The gallery of all services."""
        return f"http://{self.address}/"

    @property
    def reach(self) -> str:
        """The host a program on the engine's machine connects to: not every resolver knows `*.localhost`."""
        if self.domain != "localhost" and not self.domain.endswith(".localhost"):
            return self.domain
        return "127.0.0.1" if self.bind in ("0.0.0.0", "::") else self.bind  # noqa: S104

    def service(self, slug: str) -> str:
        """Return the name of a service on the engine."""
        return self.service_prefix + slug

    def deployment(self, slug: str) -> Deployment:
        """Return the addresses of a service."""
        base = f"http://{slug}.{self.address}/"
        return Deployment(playground_url=base, api_url=f"{base}execute")

    @property
    def labels(self) -> dict[str, str]:
        return {LABEL: self.name}

    def to_label(self) -> str:
        return json.dumps(asdict(self))

    @classmethod
    def from_label(cls, text: str) -> Platform:
        said = json.loads(text)
        return cls(**{**said, "reachable": tuple(said.get("reachable", ()))})


FACTS_LABEL = "gptdeploy.facts"
"""On the ingress: domain, port and address, so that a deployer needs nothing but the engine."""

CONFIG_LABEL = "gptdeploy.config"
"""On a container: a hash of its image and options, which tells whether it has to be replaced."""


def check(platform: Platform) -> None:
    """Check that the platform's values can be used.

    Raises:
        UserError: says which cannot.
    """
    labels = platform.domain.split(".")
    if not all(label and len(label) <= 63 and label.replace("-", "").isalnum() and label.isascii() for label in labels):
        raise UserError(f"`{platform.domain}` is not a domain name.")
    if not 0 < platform.port < 65536:
        raise UserError(f"{platform.port} is not a port: use 1 to 65535.")
    for network in platform.reachable:
        try:
            ip_network(network)
        except ValueError as error:
            raise UserError(f"`{network}` is not a network, such as `10.1.2.0/24`.") from error


def caddyfile(platform: Platform) -> str:
    """Return the ingress's configuration; it does not change when services come and go."""
    not_found = render("platform/not_found.html", address=platform.address)
    if "`" in not_found:
        raise ValueError("the page stands between backquotes")
    return render(
        "platform/Caddyfile.j2",
        domain=platform.domain,
        # The machine's own names lead to the gallery as well; Caddy refuses a name that is listed twice.
        gallery_hosts=sorted({platform.domain, "localhost", "127.0.0.1"}),
        # Caddy counts a host's labels from the right, from 0.
        slug_label=len(platform.domain.split(".")),
        inside_port=INSIDE_PORT,
        playground=platform.playground,
        pool=POOL,
        service_prefix=platform.service_prefix,
        not_found=not_found,
    )


def ingress_options(platform: Platform) -> dict[str, Any]:
    """Return how the ingress's container is run, as keyword arguments of the SDK's `containers.run`."""
    return {
        **_common(platform, platform.ingress),
        # In a variable, because a container with a read-only filesystem takes no files.
        "environment": {
            "CADDYFILE": caddyfile(platform),
            "XDG_DATA_HOME": "/tmp",  # noqa: S108
            "XDG_CONFIG_HOME": "/tmp",  # noqa: S108
        },
        "entrypoint": ["sh", "-c"],
        "command": [
            'printf %s "$CADDYFILE" > /tmp/Caddyfile && exec caddy run --config /tmp/Caddyfile --adapter caddyfile'
        ],
        # The official image's program carries this capability, and does not start where it may not have it.
        "cap_add": ["NET_BIND_SERVICE"],
        "ports": {f"{INSIDE_PORT}/tcp": (platform.bind, platform.port)},
        "volumes": {platform.catalogue: {"bind": "/catalog", "mode": "ro"}},
        "labels": {**platform.labels, FACTS_LABEL: platform.to_label()},
        "mem_limit": "256m",
    }


def playground_options(platform: Platform) -> dict[str, Any]:
    """Return how the playground's container is run."""
    return {
        **_common(platform, platform.playground),
        "environment": {
            "PLATFORM_DOMAIN": platform.domain,
            "PLATFORM_ADDRESS": platform.address,
            "PLATFORM_GATEWAY": f"http://{platform.ingress}:{INSIDE_PORT}",
        },
        # Writable for the engine, which puts the entries there; the program runs as a user that cannot write.
        "volumes": {platform.catalogue: {"bind": "/catalog", "mode": "rw"}},
        "labels": platform.labels,
        "mem_limit": "1g",
    }


def egress_options(platform: Platform) -> dict[str, Any]:
    """Return how the way out of services is run; it needs nothing but Python."""
    return {
        **_common(platform, platform.egress),
        "environment": {
            "ADDRESSES": Path(addresses.__file__).read_text(encoding="utf-8"),
            "EGRESS": (templates_dir() / "platform/egress/egress.py").read_text(encoding="utf-8"),
            "EGRESS_FOLDER": EGRESS_FOLDER,
            "EGRESS_PORT": str(EGRESS_PORT),
            "POOL": str(POOL),
            "SUBNET_PREFIX": str(SUBNET_PREFIX),
            "REACHABLE": " ".join(platform.reachable),
            "PYTHONUNBUFFERED": "1",
        },
        "user": "10001:10001",
        "entrypoint": ["sh", "-c"],
        "command": [
            'printf %s "$ADDRESSES" > /tmp/addresses.py && printf %s "$EGRESS" > /tmp/egress.py '
            "&& exec python /tmp/egress.py"
        ],
        "volumes": {platform.catalogue: {"bind": "/catalog", "mode": "ro"}},
        "labels": platform.labels,
        "mem_limit": "128m",
    }


def _common(platform: Platform, name: str) -> dict[str, Any]:
    return {
        "name": name,
        "hostname": name,
        "network": platform.network,
        "detach": True,
        "init": True,
        "read_only": True,
        "tmpfs": {"/tmp": "size=256m"},  # noqa: S108
        "cap_drop": ["ALL"],
        "security_opt": ["no-new-privileges"],
        # Joined to the networks of services, none of them may lead from one into another.
        "sysctls": {"net.ipv4.ip_forward": "0"},
        "pids_limit": 512,
        "restart_policy": {"Name": "unless-stopped"},
        "log_config": {"type": "json-file", "config": {"max-size": "5m", "max-file": "2"}},
    }


def config_hash(image_id: str, options: dict[str, Any]) -> str:
    """Return 16 hex digits that change when the image or an option does."""
    return hashlib.sha256(json.dumps([image_id, options], sort_keys=True).encode()).hexdigest()[:16]
