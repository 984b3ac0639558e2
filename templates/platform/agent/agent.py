"""On each machine of a platform of several: bring the machine's ingress and way out to what the swarm wants.

It speaks to the engine of its machine alone, by the engine's socket, and to nobody else. What is wanted comes with the
task as a file; a change of it is a new task.
"""

import http.client
import json
import os
import socket
import sys
import time
import zlib
from base64 import urlsafe_b64encode
from datetime import datetime
from pathlib import Path
from urllib.parse import quote

SOCKET = "/var/run/docker.sock"
API = "/v1.41"
CATALOGUE = Path("/catalog")
APPLIED = Path("/tmp/applied")  # noqa: S108 (the container's own)
PAUSE_SECONDS = 10
_OK = (200, 201, 204, 304)


class Refused(Exception):
    """The engine has refused something."""


class Connection(http.client.HTTPConnection):
    """A connection to the engine of this machine."""

    def __init__(self):
        super().__init__("engine", timeout=300)

    def connect(self):
        self.sock = socket.socket(socket.AF_UNIX)
        self.sock.settimeout(self.timeout)
        self.sock.connect(SOCKET)


def ask(method, path, body=None, headers=None, missing=False):
    """Return what the engine answers; None where `missing` is fine and it has no such thing."""
    connection = Connection()
    try:
        data = json.dumps(body) if body is not None else None
        connection.request(method, API + path, data, {"Content-Type": "application/json", **(headers or {})})
        answer = connection.getresponse()
        text = answer.read().decode("utf-8", "replace")
    finally:
        connection.close()
    if answer.status == 404 and missing:
        return None
    if answer.status not in _OK:
        raise Refused(f"{method} {path}: {answer.status} {text.strip()}")
    lines = [json.loads(line) for line in text.splitlines() if line.startswith("{")]
    faults = [line["error"] for line in lines if "error" in line]
    if faults:
        raise Refused(f"{method} {path}: {faults[0]}")
    return lines[-1] if lines else {}


def write_catalogue(wanted, since):
    """Have the catalogue hold what is wanted. What was written after the state was read is left to the next one."""
    for path in [*CATALOGUE.glob("*.json"), *CATALOGUE.glob("egress/*.json")]:
        if str(path.relative_to(CATALOGUE)) not in wanted and path.stat().st_mtime < since:
            path.unlink(missing_ok=True)
    for name, text in wanted.items():
        path = CATALOGUE / name
        if path.exists() and (path.read_text() == text or path.stat().st_mtime >= since):
            continue
        path.parent.mkdir(exist_ok=True)
        new = path.with_name(path.name + ".new")
        new.write_text(text)
        new.replace(path)


def join_networks(container, wanted, state):
    """Have a container be in the networks that are wanted, and in none of the platform's services beside them."""
    found = ask("GET", f"/containers/{container}/json", missing=True)
    if found is None:
        raise Refused(f"This machine has no {container}.")
    inside = {
        network["NetworkID"]: name
        for name, network in found["NetworkSettings"]["Networks"].items()
        if name.startswith(state["prefix"])
    }
    for network, name in inside.items():
        if network not in wanted and is_old(network or name, state["time"]):
            body = {"Container": container, "Force": True}
            ask("POST", f"/networks/{quote(network or name)}/disconnect", body, missing=True)
    for network in wanted:
        if network not in inside:
            ask("POST", f"/networks/{network}/connect", {"Container": container})
    if not found["State"]["Running"]:
        ask("POST", f"/containers/{container}/start")


def is_old(network, since):
    """Tell whether a network was there when the state was read, or is there no more."""
    found = ask("GET", f"/networks/{quote(network)}", missing=True)
    # The engine writes nanoseconds, and its own offset.
    return found is None or datetime.fromisoformat(found["Created"][:19] + "+00:00").timestamp() < since


def pull(image, auths):
    """Have the machine hold an image before a task needs it, as its registry may be what is lost."""
    if ask("GET", f"/images/{quote(image)}/json", missing=True) is not None:
        return
    auth = auths.get(image.partition("/")[0])
    headers = {"X-Registry-Auth": urlsafe_b64encode(json.dumps(auth).encode()).decode()} if auth else {}
    ask("POST", f"/images/create?fromImage={quote(image)}", headers=headers)


def attempt(*steps):
    """Do all that can be done; return what could not."""
    faults = []
    for step, *arguments in steps:
        try:
            step(*arguments)
        except (Refused, OSError) as error:
            faults.append(str(error))
    return faults


def main():
    """Apply the state now, and again every few seconds, as somebody may stop or replace what it has mended."""
    state = json.loads(zlib.decompress(Path(os.environ["STATE"]).read_bytes()))
    said = None
    while True:
        faults = attempt(
            (write_catalogue, state["files"], state["time"]),
            (join_networks, state["ingress"], state["networks"], state),
            (join_networks, state["egress"], state["let_out"], state),
        )
        # Without an image this machine serves all the same, by the replicas of others.
        missing = attempt(*((pull, image, state["auths"]) for image in state["images"]))
        if (faults, missing) != said:
            print("\n".join([*faults, *missing]) or "All is as it is wanted.", file=sys.stderr)
            said = (faults, missing)
        if faults:
            APPLIED.unlink(missing_ok=True)
        else:
            APPLIED.touch()
        time.sleep(1 if faults else PAUSE_SECONDS)


if __name__ == "__main__":
    main()
