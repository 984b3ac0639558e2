"""The only way out of a service's network: tunnels to the hosts that its repository's settings name, and to no other.

A client asks with CONNECT, as every HTTP library does for HTTPS through a proxy. Which service asks is told by the
subnet it asks from. The name is resolved here, once, and all of its addresses have to be public (or in a network that
whoever runs the platform has opened); the connection goes to one of these. Of what goes through, nothing is read.
"""

import asyncio
import ipaddress
import json
import os
import re
import socket
from collections import Counter
from contextlib import suppress
from pathlib import Path

from addresses import is_public

FOLDER = Path(os.environ["EGRESS_FOLDER"])
PORT = int(os.environ["EGRESS_PORT"])
POOL = ipaddress.ip_network(os.environ["POOL"])
PREFIX = int(os.environ["SUBNET_PREFIX"])
REACHABLE = [ipaddress.ip_network(network) for network in os.environ["REACHABLE"].split()]
# A cloud tells its secrets at link-local addresses, and this container's own ones are nobody's business.
NEVER = [ipaddress.ip_network(network) for network in ("169.254.0.0/16", "127.0.0.0/8", "fe80::/10", "::1/128")]

HEADER_BYTES = 8_192
ASK_SECONDS = 10
"""For a request, and for the connection that it asks for."""
IDLE_SECONDS = 300
MOST_TUNNELS = 64
"""Of one service at a time."""

REQUEST = re.compile(r"CONNECT ([A-Za-z0-9.-]{1,253}):([1-9][0-9]{0,4}) HTTP/1\.[01]\r\n")
tunnels: Counter[str] = Counter()


class Refused(Exception):
    """Carries the status line's end and the reason."""


async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    subnet = subnet_of(writer.get_extra_info("peername")[0])
    tunnels[subnet] += 1
    try:
        try:
            async with asyncio.timeout(ASK_SECONDS):
                host, port = asked(await reader.readuntil(b"\r\n\r\n"))
                if tunnels[subnet] > MOST_TUNNELS:
                    raise Refused("429 Too Many Requests", f"more than {MOST_TUNNELS} connections at a time")
                if not allowed(subnet, host, port):
                    raise Refused("403 Forbidden", f"the service's settings name no {host}:{port} under `egress`")
                target = await connect(host, port)
        except Refused as refusal:
            status, reason = refusal.args
            print(f"{subnet}: {reason}")
            writer.write(
                f"HTTP/1.1 {status}\r\nConnection: close\r\nContent-Type: text/plain\r\n\r\n{reason}\n".encode()
            )
            return
        except (asyncio.IncompleteReadError, asyncio.LimitOverrunError, TimeoutError, ConnectionError):
            return
        print(f"{subnet}: {host}:{port}")
        writer.write(b"HTTP/1.1 200 Connection established\r\n\r\n")
        await tunnel((reader, writer), target)
    finally:
        tunnels[subnet] -= 1
        with suppress(ConnectionError):
            await writer.drain()
        writer.close()


def subnet_of(peer: str) -> str:
    """Return the subnet's first address; "" for who asks from elsewhere."""
    address = ipaddress.ip_address(peer)
    if address not in POOL:
        return ""
    return str(ipaddress.ip_network(f"{address}/{PREFIX}", strict=False).network_address)


def asked(head: bytes) -> tuple[str, int]:
    request = REQUEST.match(head.decode("latin-1"))
    if request is None:
        raise Refused("405 Method Not Allowed", "only HTTPS goes out, by CONNECT host:port")
    return request[1].rstrip(".").lower(), int(request[2])


def allowed(subnet: str, host: str, port: int) -> bool:
    if not subnet:
        return False
    try:
        hosts = json.loads((FOLDER / f"{subnet}.json").read_text())
    except OSError:
        return False
    named = {(name.rstrip(".").lower(), int(at or 443)) for name, _, at in (entry.partition(":") for entry in hosts)}
    return (host, port) in named


async def connect(host: str, port: int) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
    loop = asyncio.get_running_loop()
    try:
        found = await loop.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    except OSError as error:
        raise Refused("502 Bad Gateway", f"{host} is not known") from error
    addresses = list(dict.fromkeys(str(entry[4][0]) for entry in found))
    if not all(may_reach(ipaddress.ip_address(address)) for address in addresses):
        raise Refused("403 Forbidden", f"{host} is not on the public internet")
    for address in addresses:
        with suppress(OSError):
            return await asyncio.open_connection(address, port)
    raise Refused("502 Bad Gateway", f"{host}:{port} does not answer")


def may_reach(address: ipaddress.IPv4Address | ipaddress.IPv6Address) -> bool:
    if address in POOL or any(address in network for network in NEVER):
        return False
    return is_public(address) or any(address in network for network in REACHABLE)


async def tunnel(*ends: tuple[asyncio.StreamReader, asyncio.StreamWriter]) -> None:
    (one, to_one), (other, to_other) = ends
    try:
        async with asyncio.TaskGroup() as group:
            group.create_task(copy(one, to_other))
            group.create_task(copy(other, to_one))
    except* (OSError, TimeoutError):
        pass
    finally:
        to_other.close()


async def copy(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    while True:
        async with asyncio.timeout(IDLE_SECONDS):
            data = await reader.read(65_536)
        if not data:
            break
        writer.write(data)
        async with asyncio.timeout(IDLE_SECONDS):
            await writer.drain()
    if writer.can_write_eof():
        writer.write_eof()


async def main() -> None:
    server = await asyncio.start_server(serve, "0.0.0.0", PORT, limit=HEADER_BYTES)  # noqa: S104 (in a container)
    async with server:
        await server.serve_forever()


asyncio.run(main())
