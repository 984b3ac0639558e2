"""A program that uses a service all the time at several addresses, and says when which of them has answered what.

Each address has a user of its own, who waits for an answer, at most some seconds, before the next request.
"""

from __future__ import annotations

import http.client
import json
import ssl
import sys
import threading
import time

_SECONDS = 3.0
_PAUSE_SECONDS = 0.1


class Secured(http.client.HTTPConnection):
    """A connection to an address that has to prove that it is a host, by a certificate in a file."""

    def __init__(self, address: str, host: str, certificate: str) -> None:
        super().__init__(address, timeout=_SECONDS)
        self._context = ssl.create_default_context(cafile=certificate)
        self._name = host.partition(":")[0]

    def connect(self) -> None:
        super().connect()
        self.sock = self._context.wrap_socket(self.sock, server_hostname=self._name)


def ask(address: str, host: str, certificate: str) -> str:
    connection = Secured(address, host, certificate)
    try:
        body = json.dumps({"text": "x", "scale": 1})
        connection.request("POST", "/execute", body, {"Host": host, "Content-Type": "application/json"})
        return str(connection.getresponse().status)
    except (OSError, http.client.HTTPException) as error:
        return type(error).__name__
    finally:
        connection.close()


def use(address: str, host: str, certificate: str, ended: threading.Event) -> None:
    while not ended.wait(_PAUSE_SECONDS):
        began = time.time()
        said = ask(address, host, certificate)
        line = {"address": address, "began": began, "seconds": time.time() - began, "said": said}
        # In one piece, as others write at the same time.
        sys.stdout.write(json.dumps(line) + "\n")
        sys.stdout.flush()


def main(host: str, certificate: str, *addresses: str) -> None:
    """Ask until standard input ends."""
    ended = threading.Event()
    users = [threading.Thread(target=use, args=(address, host, certificate, ended)) for address in addresses]
    for user in users:
        user.start()
    sys.stdin.read()
    ended.set()


if __name__ == "__main__":
    main(*sys.argv[1:])
