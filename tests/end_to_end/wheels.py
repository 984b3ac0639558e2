"""A package index of the wheels in a folder, for engines in a network of their own.

Like PyPI it lets wheels be kept for ever. It prints what is downloaded.
"""

from __future__ import annotations

import re
import sys
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path


class Index(SimpleHTTPRequestHandler):
    """Has a folder for each project below `/`."""

    def end_headers(self) -> None:
        wheel = self.path.endswith(".whl")
        self.send_header("Cache-Control", f"max-age={365_000_000 if wheel else 600}, public")
        super().end_headers()

    def log_message(self, *_: object) -> None:
        if self.command == "GET" and self.path.endswith(".whl"):
            print(self.path.rpartition("/")[2], flush=True)


def sort_wheels(folder: Path) -> None:
    """Put each wheel of a folder into the folder of its project."""
    for wheel in list(folder.glob("*.whl")):
        project = folder / re.sub(r"[-_.]+", "-", wheel.name.partition("-")[0]).lower()
        project.mkdir(exist_ok=True)
        wheel.rename(project / wheel.name)


if __name__ == "__main__":
    served, port = sys.argv[1:]
    ThreadingHTTPServer(("", int(port)), lambda *more: Index(*more, directory=served)).serve_forever()
