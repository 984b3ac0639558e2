"""`gptdeploy serve` where nothing is set up."""

from __future__ import annotations

import os
import re
import socket
import subprocess
import sys
from pathlib import Path
from urllib.parse import urlsplit

import httpx
import pytest

from bot.demo.ports import free_port


def test_it_shows_its_address_and_ends_whole(tmp_path: Path) -> None:
    clean = {name: value for name, value in os.environ.items() if not name.startswith(("GITHUB_", "OPENAI_"))}
    # No test asks a relay on the internet for a channel.
    environ = clean | {"GPTDEPLOY_BIND": f"127.0.0.1:{free_port()}", "GPTDEPLOY_POLL": "true"}
    command = [sys.executable, "-m", "bot", "serve"]
    with subprocess.Popen(command, env=environ, cwd=tmp_path, stderr=subprocess.PIPE, text=True) as process:
        assert process.stderr is not None
        shown = re.search(r"Nothing is set up yet. Open (http://\S+)", process.stderr.readline())
        assert shown is not None
        # The socket listens already.
        assert "Register the App on GitHub" in httpx.get(shown[1], timeout=60, trust_env=False).text
        process.terminate()
        assert process.wait(30) == 0
        parts = urlsplit(shown[1])
        with pytest.raises(ConnectionRefusedError):
            socket.create_connection((str(parts.hostname), int(parts.port or 0)), timeout=5)
