"""What the engine is told about a service. Pure: the engine's API in, nothing out.

https://docs.docker.com/reference/api/engine/version/v1.41/#tag/Service/operation/ServiceCreate
"""

from __future__ import annotations

from typing import Any

from bot.deploy.layout import INSIDE_PORT, SLUG_LABEL, Platform

_SECOND = 1_000_000_000
_MIB = 1024 * 1024
_SCRATCH = "/tmp"  # noqa: S108 - of the container, and the only place it can write to

# The first answer counts at once; from then on the probe itself slows down to one in ten seconds, because engines
# before 25 have one interval only (StartInterval came with API 1.44) and a probe a second is 3 % of a core.
_PROBE = (
    "test ! -e /tmp/.answered || sleep 9; "
    "python -c \"import urllib.request as r; r.urlopen('http://127.0.0.1:{port}/healthz', timeout=10)\" "
    "&& touch /tmp/.answered"
)


def service_spec(
    platform: Platform, slug: str, image: str, resources: dict[str, Any], revision: int, patience: float
) -> dict[str, Any]:
    """Return a service's specification as the engine's API has it.

    Args:
        resources: `timeout` (seconds), `memory` (MiB), `cpus`, `pids`, as `service.json` has them.
        revision: differs from that of the version before, so that even an identical one is rolled out.
        patience: seconds a new version may take until it answers.
    """
    return {
        "Name": platform.service(slug),
        "Labels": {**platform.labels, SLUG_LABEL: slug},
        "TaskTemplate": {
            "ContainerSpec": _container(platform, slug, image, patience),
            "Resources": {
                "Limits": {
                    "NanoCPUs": int(float(resources.get("cpus", 1)) * _SECOND),
                    "MemoryBytes": int(resources.get("memory", 1024)) * _MIB,
                    "Pids": int(resources.get("pids", 256)),
                }
            },
            "RestartPolicy": {"Condition": "any", "Delay": 2 * _SECOND},
            "Networks": [{"Target": platform.network}],
            "LogDriver": {"Name": "json-file", "Options": {"max-size": "5m", "max-file": "2"}},
            "ForceUpdate": revision,
        },
        "Mode": {"Replicated": {"Replicas": 1}},
        # A task that fails before it has answered counts however short the monitored time is.
        "UpdateConfig": _rollout("rollback", monitor=1),
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
        "CapabilityDrop": ["ALL"],
        # Honoured from API 1.46 on, ignored before; the image itself holds no program with the setuid bit.
        "Privileges": {"NoNewPrivileges": True},
        "Mounts": [{"Type": "tmpfs", "Target": _SCRATCH, "TmpfsOptions": {"SizeBytes": 256 * _MIB, "Mode": 0o1777}}],
        "StopGracePeriod": 30 * _SECOND,
        "Healthcheck": {
            "Test": ["CMD-SHELL", _PROBE.format(port=INSIDE_PORT)],
            "Interval": _SECOND,
            "Timeout": 25 * _SECOND,
            "StartPeriod": int(patience * _SECOND),
            "Retries": 3,
        },
    }


def _rollout(on_failure: str, monitor: float) -> dict[str, Any]:
    return {
        "Parallelism": 1,
        "Delay": 0,
        "FailureAction": on_failure,
        "Monitor": int(monitor * _SECOND),
        "MaxFailureRatio": 0,
        "Order": "start-first",
    }
