"""The catalogue of a platform: one `<slug>.json` a service, in a volume that the playground and the ingress read."""

from __future__ import annotations

import json
import re
from typing import Any

import docker
from docker.errors import NotFound

from bot.deploy.layout import EGRESS_FOLDER, Platform
from bot.deploy.versions import Version
from bot.errors import UserError

_FOLDER = "/catalog"
_SLUG = re.compile(r"[a-z](?:[a-z0-9-]{0,38}[a-z0-9])?")
# The file is written under another name first, so that readers see the old entry or the new one, and nothing between.
_WRITE = 'printf %s "$2" > "$1.new" && mv -f "$1.new" "$1"'

_READ = """\
import json, pathlib
folder = pathlib.Path("/catalog")
files = [*folder.glob("*.json"), *folder.glob("egress/*.json")]
print(json.dumps({str(file.relative_to(folder)): file.read_text() for file in files}))
"""


def entry(slug: str, version: Version, *, live: bool, preview: int | None) -> dict[str, Any]:
    """Return the entry of a service; people see it once it is live."""
    told = version.model_dump(include={"title", "summary", "issue", "image", "commit"})
    of_pull = {"preview": preview} if preview is not None else {}
    return {"slug": slug, **told, "deployed_at": version.since, "live": live, **of_pull}


def read(client: docker.DockerClient, platform: Platform) -> dict[str, str]:
    """Return the text of all files of this machine's catalogue by their paths in it."""
    found: dict[str, str] = json.loads(_run(client, platform, ["python", "-c", _READ]))
    return found


def egress_path(subnet: str) -> str:
    """Return the path of the file that says what a subnet, named by its first address, may reach."""
    return f"{EGRESS_FOLDER.removeprefix(_FOLDER + '/')}/{subnet}.json"


def add(client: docker.DockerClient, platform: Platform, entry: dict[str, Any]) -> None:
    """Put in an entry (with `slug`) if the service has none; one that is there stays."""
    _shell(client, platform, f'test -e "$1" || {{ {_WRITE}; }}', entry)


def replace(client: docker.DockerClient, platform: Platform, entry: dict[str, Any]) -> None:
    """Put an entry (with `slug`) in the place of the one before."""
    _shell(client, platform, _WRITE, entry)


def remove(client: docker.DockerClient, platform: Platform, slug: str) -> None:
    """Remove the entry of a service, if it has one; from then on the ingress answers 404 for it."""
    _run(client, platform, ["rm", "-f", _path(slug)])


def set_egress(client: docker.DockerClient, platform: Platform, subnet: str, hosts: tuple[str, ...]) -> None:
    """Write down what the services of a subnet, named by its first address, may reach; with no hosts, nothing."""
    path = f"{_FOLDER}/{egress_path(subnet)}"
    if hosts:
        script = f'mkdir -p "{EGRESS_FOLDER}" && {_WRITE}'
        _run(client, platform, ["sh", "-c", script, "sh", path, json.dumps(hosts)])
    else:
        _run(client, platform, ["rm", "-f", path])


def _shell(client: docker.DockerClient, platform: Platform, script: str, entry: dict[str, Any]) -> None:
    _run(client, platform, ["sh", "-c", script, "sh", _path(entry["slug"]), json.dumps(entry, ensure_ascii=False)])


def _run(client: docker.DockerClient, platform: Platform, command: list[str]) -> str:
    try:
        container = client.containers.get(platform.playground)
    except NotFound as error:
        raise UserError("The platform has no playground: `gptdeploy platform up` mends it.") from error
    # As root, because the playground's own user may only read.
    result = container.exec_run(command, user="0")
    output: Any = result.output
    text = str(output.decode("utf-8", "replace"))
    if result.exit_code != 0:
        raise UserError("The platform's catalogue cannot be written: %(reason)s", reason=text.strip())
    return text


def _path(slug: str) -> str:
    if not _SLUG.fullmatch(slug):
        raise UserError("`%(slug)s` cannot be the name of a service.", slug=slug)
    return f"{_FOLDER}/{slug}.json"
