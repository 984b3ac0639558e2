"""The way in: what its values may be, its configuration, and how its container is run. No engine is asked."""

from __future__ import annotations

from ipaddress import ip_network
from typing import Any
from urllib.parse import urlsplit

from bot.deploy.layout import FACTS_LABEL, INSIDE_PORT, POOL, TLS, Platform, base_options
from bot.errors import UserError
from bot.render import render
from bot.values.naming import PATHS_OF_GALLERY, is_ip

ASK_PORT = 8081
"""Where Caddy asks itself, in its container, whether a name shall have a certificate."""
HTTP, HTTPS = 80, 443

DATA = "/data"
OWN_FOLDER = f"{DATA}/own"
OWN_CERTIFICATE, OWN_KEY = "certificate.pem", "key.pem"
ROOT = f"{DATA}/caddy/pki/authorities/local/root.crt"
"""The certificate of the ingress's own authority, in its container."""

_PRIVATE = ("localhost", "local", "internal", "home", "lan", "test", "example", "invalid")
"""Names that belong to nobody on the internet, for which no public authority makes a certificate."""


def check(platform: Platform) -> None:
    """Check that the platform's values can be used.

    Raises:
        UserError: says which cannot.
    """
    for port in (platform.port, *([platform.plain_port] if platform.plain_port else [])):
        if not 0 < port < 65536:
            raise UserError(f"{port} is not a port: use 1 to 65535.")
    _check_url(platform)
    if platform.port == platform.plain_port:
        raise UserError(f"Port {platform.port} cannot be that of HTTP and of HTTPS.")
    for network in platform.reachable:
        try:
            ip_network(network)
        except ValueError as error:
            raise UserError(f"`{network}` is not a network, such as `10.1.2.0/24`.") from error


def _check_url(platform: Platform) -> None:
    url = platform.public_url or platform.url
    try:
        parts = urlsplit(url)
        host, port = parts.hostname or "", parts.port
    except ValueError as error:
        raise UserError(f"`{url}` is not a URL: {error}.") from error
    if parts.scheme not in ("http", "https"):
        raise UserError(f"`{url}` is no public URL: it begins with `http://` or `https://`.")
    if parts.path.strip("/") or parts.query or parts.fragment or parts.username is not None or port == 0:
        raise UserError(f"`{url}` is no public URL: it is a host, and a port where it is not the usual one.")
    labels = host.split(".")
    if not all(label and len(label) <= 63 and label.replace("-", "").isalnum() and label.isascii() for label in labels):
        raise UserError(f"`{host}` is not a domain name.")
    if platform.tls is not TLS.OFF and parts.scheme != "https":
        raise UserError(f"`{url}` is plain HTTP: certificates need an address that begins with `https://`.")
    if platform.tls is TLS.AUTO and (is_ip(host) or len(labels) == 1 or labels[-1] in _PRIVATE):
        how = "`--tls internal`, or one of your own by `--certificate`"
        raise UserError(f"No public authority makes a certificate for `{host}`: use {how}.")
    if platform.tls is TLS.AUTO and port not in (None, HTTPS) and not platform.plain_port:
        raise UserError(
            f"A public authority looks at ports {HTTP} and {HTTPS}: open the first by `--http-port {HTTP}`, or use a "
            "certificate of your own by `--certificate`."
        )


def caddyfile(platform: Platform) -> str:
    """Return the ingress's configuration; it does not change when services come and go."""
    not_found = render("platform/not_found.html", url=platform.url)
    if "`" in not_found:
        raise ValueError("the page stands between backquotes")
    galleries = [platform.domain]
    if platform.is_local and platform.domain != "localhost":
        galleries.append("localhost")
    names = [*galleries, *([] if platform.by_path else [f"*.{platform.domain}"])]
    usual = platform.address == platform.domain
    return render(
        "platform/Caddyfile.j2",
        url=platform.url,
        domain=platform.domain,
        by_path=platform.by_path,
        serves_paths=platform.by_path or platform.is_local,
        paths_of_gallery=PATHS_OF_GALLERY,
        tls=platform.tls,
        # Where all names are known there is nothing to ask: then they have certificates before the first visitor.
        on_demand=platform.tls in (TLS.AUTO, TLS.INTERNAL) and not platform.by_path,
        ask_port=ASK_PORT,
        secured=[f"https://{name}" for name in names],
        secured_galleries=galleries,
        own_certificate=f"{OWN_FOLDER}/{OWN_CERTIFICATE}",
        own_key=f"{OWN_FOLDER}/{OWN_KEY}",
        port_in_addresses="" if usual else platform.address.removeprefix(platform.domain),
        # The machine's own names lead to the gallery as well; Caddy refuses a name that is listed twice.
        gallery_hosts=sorted({platform.domain, "localhost", "127.0.0.1"}),
        # Caddy counts a host's labels from the right, from 0.
        slug_label=len(platform.domain.split(".")),
        inside_port=INSIDE_PORT,
        playground_host=platform.playground,
        pool=POOL,
        service_prefix=platform.service_prefix,
        not_found=not_found,
    )


def ingress_options(platform: Platform) -> dict[str, Any]:
    """Return how the ingress's container is run, as keyword arguments of the SDK's `containers.run`."""
    volumes = {platform.catalogue: {"bind": "/catalog", "mode": "ro"}}
    ports = {f"{INSIDE_PORT}/tcp": (platform.bind, platform.port)}
    if platform.tls is not TLS.OFF:
        volumes[platform.certificates] = {"bind": DATA, "mode": "rw"}
        ports = {f"{HTTPS}/tcp": (platform.bind, platform.port)}
        if platform.plain_port:
            ports[f"{HTTP}/tcp"] = (platform.bind, platform.plain_port)
    return {
        **base_options(platform, platform.ingress),
        # In a variable, because a container with a read-only filesystem takes no files.
        "environment": {
            "CADDYFILE": caddyfile(platform),
            "XDG_DATA_HOME": "/tmp" if platform.tls is TLS.OFF else DATA,  # noqa: S108
            "XDG_CONFIG_HOME": "/tmp",  # noqa: S108
        },
        "entrypoint": ["sh", "-c"],
        "command": [
            'printf %s "$CADDYFILE" > /tmp/Caddyfile && exec caddy run --config /tmp/Caddyfile --adapter caddyfile'
        ],
        # The official image's program carries this capability, and does not start where it may not have it.
        "cap_add": ["NET_BIND_SERVICE"],
        "ports": ports,
        "volumes": volumes,
        "labels": {**platform.labels, FACTS_LABEL: platform.to_label()},
        "mem_limit": "256m",
    }
