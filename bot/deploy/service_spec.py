"""The specification of a service, as the engine's API takes it. No engine is asked.

https://docs.docker.com/reference/api/engine/version/v1.41/#tag/Service/operation/ServiceCreate
"""

from __future__ import annotations

from typing import Any

from bot.deploy.layout import EGRESS_PORT, INSIDE_PORT, SLUG_LABEL, Platform
from bot.deploy.versions import EGRESS_LABEL, VERSIONS_LABEL, History

_SECOND = 1_000_000_000
_MIB = 1024 * 1024
_SCRATCH = "/tmp"  # noqa: S108 - of the container, and the only place it can write to

# The first probe waits until the service listens, so that its health is known at once. Later probes slow themselves
# down to one in ten seconds: engines before 25 have one interval only (StartInterval came with API 1.44), and a probe
# every second takes 3 % of a core. Nothing but `socket` is imported, because `urllib` takes longer than the answer.
_PROBE = """\
test ! -e /tmp/.answered || sleep 9
python -ISc "
import socket, time
deadline = time.monotonic() + 1
while True:
    try:
        connection = socket.create_connection(('127.0.0.1', {port}), 10)
        break
    except ConnectionRefusedError:
        if time.monotonic() > deadline:
            raise SystemExit(1)
        time.sleep(0.02)
connection.sendall(b'GET /healthz HTTP/1.0\\r\\n\\r\\n')
raise SystemExit(connection.makefile('rb').read(12)[9:] != b'200')
" && touch /tmp/.answered
"""


# Names of the service's own network are known to the engine itself. For all others it would ask this server, which is
# not there. Engines before 25 ask their machine's name server also for a network without a way out (CVE-2024-29018).
_NO_NAMES = {"Nameservers": ["127.0.0.1"], "Options": ["timeout:2", "attempts:2"]}


def service_spec(  # noqa: PLR0913 (an argument a fact)
    platform: Platform,
    slug: str,
    history: History,
    *,
    network: str,
    egress: tuple[str, ...] = (),
    revision: int,
    patience: float,
) -> dict[str, Any]:
    """Return a service's specification as the engine's API has it.

    Args:
        history: its current version is what runs.
        network: the service's own, by its id.
        egress: the hosts that it may reach.
        revision: differs from that of the version before, so that even an identical one is rolled out.
        patience: seconds a new version may take until it answers.
    """
    resources = history.current.resources
    return {
        "Name": platform.service(slug),
        "Labels": {
            **platform.labels,
            SLUG_LABEL: slug,
            VERSIONS_LABEL: history.to_label(),
            EGRESS_LABEL: " ".join(egress),
        },
        "TaskTemplate": {
            "ContainerSpec": _container(platform, slug, history.current.image, patience)
            | (_way_out(platform) if egress else {}),
            "Resources": {
                "Limits": {
                    "NanoCPUs": int(resources.cpus * 1e9),
                    "MemoryBytes": resources.memory * _MIB,
                    "Pids": resources.pids,
                }
            },
            # Also before a replica of a machine that is lost starts elsewhere.
            "RestartPolicy": {"Condition": "any", "Delay": _SECOND},
            "Networks": [{"Target": network}],
            "LogDriver": {"Name": "json-file", "Options": {"max-size": "5m", "max-file": "2"}},
            "ForceUpdate": revision,
        },
        "Mode": {"Replicated": {"Replicas": 1}},
        # A task that ends before it was healthy undoes the update at any time, and a healthy one within these seconds.
        "UpdateConfig": _rollout("rollback", monitor=5),
        "RollbackConfig": _rollout("continue", monitor=0.5),
        # The routing mesh needs IP_VS, which not every kernel has; the ingress finds tasks by DNS instead.
        "EndpointSpec": {"Mode": "dnsrr"},
    }


def _container(platform: Platform, slug: str, image: str, patience: float) -> dict[str, Any]:
    return {
        "Image": image,
        "Labels": {**platform.labels, SLUG_LABEL: slug},
        "Init": True,
        "ReadOnly": True,
        "DNSConfig": _NO_NAMES,
        "CapabilityDrop": ["ALL"],
        # Honoured from API 1.46 on, ignored before; the image itself holds no program with the setuid bit.
        "Privileges": {"NoNewPrivileges": True},
        "Mounts": [{"Type": "tmpfs", "Target": _SCRATCH, "TmpfsOptions": {"SizeBytes": 256 * _MIB, "Mode": 0o1777}}],
        "StopGracePeriod": 30 * _SECOND,
        "Healthcheck": {
            "Test": ["CMD-SHELL", _PROBE.format(port=INSIDE_PORT)],
            "Interval": _SECOND // 4,
            "Timeout": 25 * _SECOND,
            "StartPeriod": int(patience * _SECOND),
            "Retries": 3,
        },
    }


def _way_out(platform: Platform) -> dict[str, Any]:
    """Return what has clients speak through the way out; nothing leads past it."""
    proxy = f"http://{platform.egress}:{EGRESS_PORT}"
    names = ("HTTPS_PROXY", "https_proxy")
    return {"Env": [*(f"{name}={proxy}" for name in names), "NO_PROXY=localhost,127.0.0.1"]}


def _rollout(on_failure: str, monitor: float) -> dict[str, Any]:
    return {
        "Parallelism": 1,
        "Delay": 0,
        "FailureAction": on_failure,
        "Monitor": int(monitor * _SECOND),
        "MaxFailureRatio": 0,
        "Order": "start-first",
    }
