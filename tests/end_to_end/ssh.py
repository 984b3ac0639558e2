"""A server of Debian's OpenSSH, which lets one key reach an engine's socket and nothing else; and an ssh for it."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

from bot.demo import Say, debian
from bot.demo.ports import starting

SERVER = "/usr/sbin/sshd"


def install(say: Say, together: Path) -> None:
    """Have this machine hold the server."""
    with starting(together / "set-up", lambda _: None):
        if not Path(SERVER).exists():
            debian.install(["openssh-server"], say)


def keygen(path: Path) -> None:
    subprocess.run(["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", str(path)], check=True)


def prepare(folder: Path, hosts: str, server: str = "", client: str = "") -> None:
    """Write keys, the server's `sshd_config`, and `bin/ssh`, which reaches `hosts` by it.

    Args:
        server: further lines for the server.
        client: the same for the client.
    """
    for key in ("host_key", "user_key"):
        keygen(folder / key)
    host_key = " ".join((folder / "host_key.pub").read_text().split()[:2])
    (folder / "known_hosts").write_text(f"machine {host_key}\n")
    shutil.copy(folder / "user_key.pub", folder / "authorized_keys")
    (folder / "sshd_config").write_text(
        f"HostKey {folder}/host_key\nAuthorizedKeysFile {folder}/authorized_keys\n"
        f"PidFile none\nUsePAM no\nStrictModes no\nPasswordAuthentication no\nKbdInteractiveAuthentication no\n"
        # A key for this only needs no shell.
        f"PermitRootLogin prohibit-password\nPermitTTY no\nForceCommand /bin/false\n{server}"
    )
    (folder / "config").write_text(
        f"Host {hosts}\n  HostKeyAlias machine\n  IdentityFile {folder}/user_key\n  IdentitiesOnly yes\n"
        f"  UserKnownHostsFile {folder}/known_hosts\n  StrictHostKeyChecking yes\n  BatchMode yes\n{client}"
    )
    (folder / "bin").mkdir()
    ssh = folder / "bin/ssh"
    ssh.write_text(f'#!/bin/sh\nexec {shutil.which("ssh")} -F {folder}/config "$@"\n')
    ssh.chmod(0o755)
