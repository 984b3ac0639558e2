"""The names of a platform, the addresses of its services, and how its own containers are run. No engine is asked."""

from __future__ import annotations

import hashlib
import json
from dataclasses import asdict, dataclass
from enum import StrEnum
from ipaddress import IPv4Network
from pathlib import Path
from typing import Any
from urllib.parse import SplitResult, urlsplit

from bot.clients.fetch import addresses
from bot.render import templates_dir
from bot.values.deployment import Deployment
from bot.values.naming import is_below_localhost, is_ip

LABEL = "gptdeploy.platform"
"""On everything a platform consists of; its value is the platform's name."""

SLUG_LABEL = "gptdeploy.slug"
DEFAULT_NAME = "gptdeploy"
NAME_VARIABLE = "GPTDEPLOY_PLATFORM"
"""The environment variable with the platform's name, for an engine that holds several."""

INSIDE_PORT = 8080
"""The port the ingress listens on in its container, and services in theirs."""

_LOOPBACK = "127.0.0.1"
_EVERYWHERE = ("0.0.0.0", "::")  # noqa: S104

POOL = IPv4Network("198.18.0.0/15")
"""What the networks of services are cut from: set apart for laboratories (RFC 2544), so nobody's network is hidden."""
SUBNET_PREFIX = 26
"""Bits of a service's network: 62 addresses for up to 10 replicas, twice during a rollout, one a node, and ours."""
EGRESS_PORT = 3128
EGRESS_FOLDER = "/catalog/egress"
"""With one file a subnet, which says what the services in it may reach."""


class TLS(StrEnum):
    """Who keeps the certificates of a platform."""

    OFF = "off"
    """Nobody here: people use plain HTTP, or a proxy in front has certificates."""
    AUTO = "auto"
    """The ingress gets them from a public authority, for names that there are."""
    INTERNAL = "internal"
    """The ingress is an authority itself; people's machines have to be told to trust it."""
    OWN = "own"
    """Whoever runs the platform gives it one."""


@dataclass(frozen=True)
class Platform:
    """One platform on an engine.

    Attributes:
        public_url: where people reach the gallery, without a path; "" for the default, which follows `bind` and `port`.
        port: the port that the ingress listens on, for HTTPS where it has certificates, else for HTTP.
        bind: the address that it listens on.
        name: the names of all that belongs to it begin so; one engine can hold several platforms.
        reachable: private networks that services may be let out to, beside the internet; settings name the hosts.
        paths: services are below the public URL, at `/<slug>/`, and not at names of their own.
        tls: who keeps the certificates.
        plain_port: with certificates, the port for HTTP, which leads to HTTPS; 0 for none.
        certificate: a hash of the certificate and the key that are given, "" for none.
    """

    public_url: str = ""
    port: int = 8080
    bind: str = "127.0.0.1"
    name: str = DEFAULT_NAME
    reachable: tuple[str, ...] = ()
    paths: bool = False
    tls: TLS = TLS.OFF
    plain_port: int = 0
    certificate: str = ""

    @property
    def network(self) -> str:
        return self.name

    @property
    def catalogue(self) -> str:
        """The volume with one `<slug>.json` a service."""
        return f"{self.name}-catalog"

    @property
    def certificates(self) -> str:
        """The volume with the certificates and keys of the ingress."""
        return f"{self.name}-certificates"

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
    def scheme(self) -> str:
        """What addresses begin with, "http" or "https"."""
        return self._public.scheme

    @property
    def domain(self) -> str:
        """The host of the gallery; a service's name stands before it, unless services have paths."""
        return self._public.hostname or ""

    @property
    def address(self) -> str:
        """Host and port of the gallery, as a URL and the header Host have them."""
        return self._public.netloc

    @property
    def url(self) -> str:
        """The gallery of all services."""
        return f"{self.scheme}://{self.address}/"

    @property
    def by_path(self) -> bool:
        """Whether services are below the gallery's address: an IP address has no names below it."""
        return self.paths or is_ip(self.domain)

    @property
    def is_local(self) -> bool:
        """Whether the names are below `localhost`: browsers and curl know them, the resolvers of programs do not."""
        return is_below_localhost(self.domain)

    @property
    def _public(self) -> SplitResult:
        if self.public_url:
            return urlsplit(self.public_url)
        host = "localhost" if self.bind in (*_EVERYWHERE, _LOOPBACK, "::1") else self.bind
        scheme, usual = ("http", 80) if self.tls is TLS.OFF else ("https", 443)
        host = f"[{host}]" if ":" in host else host
        return urlsplit(f"{scheme}://{host}" if self.port == usual else f"{scheme}://{host}:{self.port}")

    def service(self, slug: str) -> str:
        """Return the name of a service on the engine."""
        return self.service_prefix + slug

    def deployment(self, slug: str) -> Deployment:
        """Return the addresses of a service."""
        if self.by_path:
            return Deployment.at(f"{self.url}{slug}/")
        return Deployment.at(f"{self.scheme}://{slug}.{self.address}/")

    @property
    def labels(self) -> dict[str, str]:
        return {LABEL: self.name}

    def to_label(self) -> str:
        return json.dumps(asdict(self))

    @classmethod
    def from_label(cls, text: str) -> Platform:
        values = json.loads(text)
        values["reachable"] = tuple(values.get("reachable", ()))
        # A platform from before it had a public URL has a domain, and the ingress's port is in all addresses.
        if (domain := values.pop("domain", "localhost")) != "localhost":
            values["public_url"] = f"http://{domain}" if values["port"] == 80 else f"http://{domain}:{values['port']}"
        return cls(**values | {"tls": TLS(values.get("tls", TLS.OFF))})


FACTS_LABEL = "gptdeploy.facts"
"""On the ingress: the platform's values, so that a deployer needs nothing but the engine."""

CONFIG_LABEL = "gptdeploy.config"
"""On a container: a hash of its image and options, which tells whether it has to be replaced."""


def playground_options(platform: Platform) -> dict[str, Any]:
    """Return how the playground's container is run."""
    return {
        **base_options(platform, platform.playground),
        "environment": {
            "PLATFORM_DOMAIN": platform.domain,
            "PLATFORM_URL": platform.url,
            # As `str.format` takes them; the slug is put in.
            "PLATFORM_SERVICE": platform.deployment("{slug}").playground_url,
            "PLATFORM_API": platform.deployment("{slug}").api_url,
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
        **base_options(platform, platform.egress),
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


def base_options(platform: Platform, name: str) -> dict[str, Any]:
    """Return what all containers of a platform have in common."""
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
