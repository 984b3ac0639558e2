"""Images made of Debian packages, for engines that reach no image registry.

They have the interface of the images they stand in for: the same commands on PATH, entry point, ports, folders and
configuration files. Debian with Python is bootstrapped once; each of the other two adds a program to it. They trust the
certificate authorities that this machine trusts, and use its package mirrors.
"""

from __future__ import annotations

import ast
import shlex
import shutil
import ssl
import subprocess
import sys
from collections.abc import Iterable, Sequence
from pathlib import Path
from tempfile import TemporaryDirectory

import docker
from docker.errors import DockerException

from bot.demo import Say, debian
from bot.errors import UserError

PYTHON = "python:3.13-slim"
CADDY = "caddy:2"
REGISTRY = "registry:2"
NAMES = (PYTHON, CADDY, REGISTRY)

# An image with this label is a stand-in; the value says for which.
LABEL = "gptdeploy.stand-in"

_SUITE = "trixie"  # has Python 3.13
_BASE = "gptdeploy-stand-in:base"
_BUNDLE = "/etc/ssl/certs/ca-certificates.crt"
_BUNDLE_VARIABLES = ("PIP_CERT", "SSL_CERT_FILE", "REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE")

# What Debian's own slim images leave out too: nobody reads manuals in a container.
_DPKG = """\
path-exclude=/usr/share/doc/*
path-include=/usr/share/doc/*/copyright
path-exclude=/usr/share/man/*
path-exclude=/usr/share/locale/*
force-unsafe-io
"""

# https://github.com/caddyserver/caddy-docker/blob/master/Dockerfile.tmpl
_CADDY = f"""\
FROM {_BASE}
COPY root/ /
ENV XDG_CONFIG_HOME=/config XDG_DATA_HOME=/data
WORKDIR /srv
EXPOSE 80 443 443/udp 2019
LABEL {LABEL}={CADDY}
CMD ["caddy", "run", "--config", "/etc/caddy/Caddyfile", "--adapter", "caddyfile"]
"""

# https://github.com/distribution/distribution-library-image
_REGISTRY = f"""\
FROM {_BASE}
COPY root/ /
VOLUME /var/lib/registry
EXPOSE 5000
LABEL {LABEL}={REGISTRY}
ENTRYPOINT ["registry", "serve"]
CMD ["/etc/docker/registry/config.yml"]
"""

_REGISTRY_CONFIG = """\
version: 0.1
log:
  fields:
    service: registry
storage:
  cache:
    blobdescriptor: inmemory
  filesystem:
    rootdirectory: /var/lib/registry
http:
  addr: :5000
  headers:
    X-Content-Type-Options: [nosniff]
"""


def build(client: docker.DockerClient, names: Sequence[str], say: Say) -> None:
    """Build stand-ins for some of NAMES and tag them so; needs root on Debian.

    Raises:
        UserError: the packages cannot be had; the text ends with what the program that failed wrote last.
    """
    if shutil.which("mmdebstrap") is None:
        debian.install(["mmdebstrap", "debian-archive-keyring"], say)
    with TemporaryDirectory(prefix="gptdeploy-") as temporary:
        folder = Path(temporary)
        say(f"bootstrapping Debian {_SUITE} with Python, Caddy and a registry")
        archive = _bootstrap(folder)
        base, _, tag = _BASE.partition(":")
        client.api.import_image(str(archive), repository=base, tag=tag, changes=_changes())
        if PYTHON in names:
            client.images.get(_BASE).tag(*PYTHON.split(":"))
        if CADDY in names:
            context = folder / "caddy"
            for place in ("config/caddy", "data/caddy", "etc/caddy", "usr/share/caddy", "usr/bin"):
                (context / "root" / place).mkdir(parents=True)
            (folder / "usr/bin/caddy").rename(context / "root/usr/bin/caddy")
            _derive(client, CADDY, _CADDY, context)
        if REGISTRY in names:
            context = folder / "registry"
            _write(context / "root/etc/docker/registry/config.yml", _REGISTRY_CONFIG)
            (context / "root/usr/bin").mkdir(parents=True)
            (folder / "usr/bin/docker-registry").rename(context / "root/usr/bin/registry")
            _derive(client, REGISTRY, _REGISTRY, context)


def _derive(client: docker.DockerClient, name: str, dockerfile: str, context: Path) -> None:
    """Build an image from the files in the context's `root`. Nothing runs in the build, so it takes a second."""
    (context / "Dockerfile").write_text(dockerfile)
    try:
        client.images.build(path=str(context), tag=name, rm=True)
    except DockerException as error:
        raise UserError(f"The stand-in for {name} could not be built: {error}") from error


def _bootstrap(folder: Path) -> Path:
    """Make the archive `base.tar` in the folder, and `usr/bin/caddy` and `usr/bin/docker-registry` next to it."""
    files = folder / "files"
    _write(files / "etc/dpkg/dpkg.cfg.d/slim", _DPKG)
    if settings := _pip_settings():
        _write(files / "etc/pip.conf", settings)
    certificates = folder / "certificates"
    _copy_certificates(certificates)
    here, extra, trusted = (shlex.quote(str(path)) for path in (folder, files, certificates))
    archive = folder / "base.tar"
    hooks = (
        # Before every other hook, so that the settings hold from the first package on.
        ("setup", f'mkdir -p "$1/etc" && cp -r {extra}/. "$1/"'),
        # A virtual environment in /usr/local has the layout of the real image: `python` and `pip` on PATH, packages in
        # /usr/local/lib/python3.13/site-packages, and Debian's own Python packages hidden from pip.
        ("customize", 'chroot "$1" python3 -m venv /usr/local'),
        # The bundle comes last, because the installation of ca-certificates writes it anew.
        ("customize", f'cp -r {trusted}/. "$1/" && rm -rf "$1"/usr/share/man/* "$1"/usr/share/locale/*'),
        (
            "customize",
            'chroot "$1" sh -c "cd /tmp && apt-get download -qq caddy docker-registry" && '
            f'for deb in "$1"/tmp/*.deb; do dpkg-deb -x "$deb" {here}; done && rm "$1"/tmp/*.deb',
        ),
    )
    command = ["mmdebstrap", "--mode=root", "--variant=minbase", "--include=ca-certificates,python3,python3-venv"]
    options = ['Acquire::Languages "none";', *debian.carried_options()]
    command += [f"--aptopt={option.rstrip(';')}" for option in options]
    command += [f"--{stage}-hook={script}" for stage, script in hooks]
    done = subprocess.run(
        [*command, _SUITE, str(archive), *filter(None, [debian.machine_mirror()])],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=False,
    )
    if done.returncode:
        lines = [line for line in done.stdout.splitlines() if line.startswith(("E:", "W:", "Err:"))]
        raise UserError(f"Debian {_SUITE} could not be bootstrapped: {' '.join(lines)[-600:] or done.stdout[-600:]}")
    return archive


def _changes() -> list[str]:
    """Return the Dockerfile instructions that an import can carry."""
    path = "/usr/local/bin:/usr/local/sbin:/usr/sbin:/usr/bin:/sbin:/bin"
    variables = {"PATH": path, "LANG": "C.UTF-8"} | dict.fromkeys(_BUNDLE_VARIABLES, _BUNDLE)
    return [*(f"ENV {key}={value}" for key, value in variables.items()), 'CMD ["python3"]', f"LABEL {LABEL}={PYTHON}"]


def _copy_certificates(root: Path) -> None:
    """Lay out the certificate authorities that this machine trusts, as they go into an image."""
    target = root / _BUNDLE.lstrip("/")
    target.parent.mkdir(parents=True)
    bundle = next(path for path in (ssl.get_default_verify_paths().cafile, _BUNDLE) if path and Path(path).exists())
    shutil.copy(bundle, target)
    # Installing a package may write the bundle anew, from the distribution's certificates and these.
    own = Path("/usr/local/share/ca-certificates")
    if own.is_dir():
        shutil.copytree(own, root / own.relative_to("/"))


def _pip_settings() -> str:
    """Return a pip.conf with the package indexes that pip uses on this machine, or nothing if it uses the default."""
    listed = subprocess.run(
        [sys.executable, "-m", "pip", "config", "list"], capture_output=True, text=True, check=False
    )
    return pip_settings(listed.stdout.splitlines())


def pip_settings(lines: Iterable[str]) -> str:
    """Turn what `pip config list` prints into a pip.conf of what holds inside a container too: addresses, not paths."""
    kept = {}
    for line in lines:
        name, _, quoted = line.partition("=")
        key = name.rpartition(".")[2]
        value = str(ast.literal_eval(quoted))  # printed with repr()
        if key in ("index-url", "extra-index-url"):
            value = " ".join(part for part in value.split() if part.startswith(("http://", "https://")))
        elif key not in ("trusted-host", "timeout", "default-timeout"):
            continue
        if value:
            kept[key] = value
    return "\n".join(["[global]", *(f"{key} = {value}" for key, value in kept.items()), ""]) if kept else ""


def _write(path: Path, text: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)
