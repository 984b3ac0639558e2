"""The image of PostgreSQL in `compose.yaml`: pulled, or, where no registry answers, a stand-in of Debian's package."""

from __future__ import annotations

import re
from pathlib import Path
from tempfile import TemporaryDirectory

import docker

from bot.demo import Say
from bot.demo import images as stock
from bot.errors import UserError

_FILE = Path(__file__).parents[2] / "compose.yaml"
_PATIENCE = 10.0

# https://github.com/docker-library/postgres/blob/master/docker-entrypoint.sh
_START = """\
#!/bin/sh
set -eu
if [ ! -s "$PGDATA/PG_VERSION" ]; then
    test -n "${POSTGRES_PASSWORD:-}" || { echo "POSTGRES_PASSWORD is not set" >&2; exit 1; }
    user=${POSTGRES_USER:-postgres}
    printf %s "$POSTGRES_PASSWORD" > /tmp/password
    initdb --username="$user" --pwfile=/tmp/password --auth=scram-sha-256 --auth-local=trust >/dev/null
    rm /tmp/password
    echo "host all all all scram-sha-256" >> "$PGDATA/pg_hba.conf"
    echo "CREATE DATABASE \"${POSTGRES_DB:-$user}\"" | postgres --single -j postgres >/dev/null
fi
exec postgres -c listen_addresses='*'
"""
_DOCKERFILE = """\
FROM {base}
RUN apt-get update -q && apt-get install -q -y --no-install-recommends postgresql-{version} \\
    && install -d -o postgres -g postgres -m 700 /var/lib/postgresql/data
ENV PATH=/usr/lib/postgresql/{version}/bin:$PATH PGDATA=/var/lib/postgresql/data
COPY start /usr/local/bin/start
VOLUME /var/lib/postgresql/data
USER postgres
STOPSIGNAL SIGINT
ENTRYPOINT ["start"]
"""


def ensure(client: docker.DockerClient, say: Say) -> None:
    """Make sure that the engine has the image, under the name that it has there; it stays for the next time.

    Raises:
        docker.errors.BuildError: it can neither be pulled nor built.
    """
    (name,) = re.findall(r"image: (postgres:\d+)", _FILE.read_text())
    try:
        stock.ensure(client, (name,), say, _PATIENCE)
    except UserError as error:
        say(f"{error}: building a stand-in from Debian's package")
        with TemporaryDirectory() as temporary:
            folder = Path(temporary)
            (folder / "start").write_text(_START)
            (folder / "start").chmod(0o755)
            text = _DOCKERFILE.format(base=stock.PYTHON, version=name.partition(":")[2])
            (folder / "Dockerfile").write_text(text)
            client.images.build(path=str(folder), tag=name, rm=True)
