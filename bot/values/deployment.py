"""Where a service is live."""

from __future__ import annotations

from urllib.parse import urlsplit

from bot.values.value import Value


class Deployment(Value):
    """A service that is live: where people use it and where programs call it."""

    playground_url: str
    api_url: str

    @classmethod
    def at(cls, url: str) -> Deployment:
        """Return the addresses of a service by that of its playground.

        The resolvers of Python and Node know no names below `localhost`: programs use the path that the ingress has
        for the service there.
        """
        base = url.rstrip("/")
        parts = urlsplit(base)
        host = parts.hostname or ""
        if host.endswith(".localhost"):
            port = f":{parts.port}" if parts.port else ""
            # Without a path the name begins with the service's.
            path = parts.path or f"/{host.partition('.')[0]}"
            return cls(playground_url=f"{base}/", api_url=f"{parts.scheme}://localhost{port}{path}/execute")
        return cls(playground_url=f"{base}/", api_url=f"{base}/execute")
