"""What a platform shall be, by what a person names of it: the rest stays as it is, or follows."""

from __future__ import annotations

from dataclasses import dataclass, replace
from urllib.parse import urlsplit

from bot.deploy.ingress import HTTP, HTTPS
from bot.deploy.layout import TLS, Platform
from bot.values.naming import is_below_localhost

_LOOPBACK, _EVERYWHERE = "127.0.0.1", "0.0.0.0"  # noqa: S104
_BEHIND_A_PROXY = 8080


@dataclass(frozen=True)
class Choice:
    """What a person names; None is not named.

    Attributes:
        plain_port: with certificates, the port for HTTP; 0 for none.
        certificate: the hash of a certificate that is given.
    """

    url: str | None = None
    paths: bool | None = None
    tls: TLS | None = None
    port: int | None = None
    bind: str | None = None
    plain_port: int | None = None
    reachable: tuple[str, ...] | None = None
    certificate: str | None = None

    def platform(self, name: str, before: Platform | None) -> Platform:
        """Return the platform of that name; `before` is what is there."""
        platform = before or Platform(name=name)
        url = platform.public_url if self.url is None else self.url.rstrip("/")
        if url != platform.public_url or self.tls not in (None, platform.tls):
            platform = self._reached(platform, url)
        named = {
            "paths": self.paths,
            "port": self.port,
            "bind": self.bind,
            "plain_port": self.plain_port,
            "reachable": self.reachable,
            "certificate": self.certificate,
        }
        return replace(platform, **{name: value for name, value in named.items() if value is not None})  # type: ignore[arg-type]

    def _reached(self, platform: Platform, url: str) -> Platform:
        """Return a platform with another URL or other certificates, and the ports that follow from them."""
        parts = urlsplit(url)
        https = parts.scheme == "https"
        tls = self.tls or (TLS.AUTO if https else TLS.OFF)
        if not url:
            port = Platform().port if tls is TLS.OFF else HTTPS
            # What was open for people elsewhere is not left open for nobody.
            bind = _LOOPBACK if platform.public_url else platform.bind
            return replace(platform, public_url="", tls=tls, port=port, bind=bind, plain_port=0)
        if https and tls is TLS.OFF:
            return replace(platform, public_url=url, tls=tls, port=_BEHIND_A_PROXY, bind=_LOOPBACK, plain_port=0)
        port = _port_of(url) or (HTTPS if https else HTTP)
        bind = _LOOPBACK if is_below_localhost(parts.hostname or "") else _EVERYWHERE
        plain = HTTP if tls is not TLS.OFF and port == HTTPS else 0
        return replace(platform, public_url=url, tls=tls, port=port, bind=bind, plain_port=plain)


def _port_of(url: str) -> int | None:
    try:
        return urlsplit(url).port
    except ValueError:
        # It is refused with its reason when the platform comes up.
        return None
