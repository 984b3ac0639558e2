"""What has each machine of a platform of several hold what one deployment has changed: a service on every one of them.

The deployer speaks to one engine. On the others somebody has to let the ingress into a new service's network, and to
write the catalogue. That is a global service of the swarm with the socket of its machine's engine: Swarm brings the
newest one to each machine, also to one that was away. What is wanted is a config of the swarm, so that the managers
keep it. A platform of one machine has no agent.
"""

from __future__ import annotations

import hashlib
import json
import logging
import time
import zlib
from contextlib import suppress
from datetime import datetime
from functools import partial
from typing import Any

import docker

from bot.clients.docker_engine import tolerate
from bot.deploy import catalogue, networks, pull_credentials
from bot.deploy.engine_service import Changed, EngineService, egress_of
from bot.deploy.layout import LABEL, SLUG_LABEL, Platform
from bot.deploy.versions import history_of, previewed_pull
from bot.render import templates_dir

_log = logging.getLogger(__name__)

LABEL_OF_STATE = "gptdeploy.state"
_SECOND = 1_000_000_000
_TRIES = 10
_APPLIED_SECONDS = 25.0
"""For all machines that answer to hold a change; one that takes longer gets there by itself."""

_STATE = "/run/state"
# Seldom once it is known, as in a service.
_PROBE = "test ! -e /tmp/.seen || sleep 9; test -e /tmp/applied && touch /tmp/.seen"


def name(platform: Platform) -> str:
    """Return the name of the agent's service."""
    return f"{platform.name}-agent"


def member_label(platform: Platform) -> str:
    """Return the label that each machine of the platform has as a node of the swarm."""
    return f"gptdeploy.member.{platform.name}"


def members(client: docker.DockerClient, platform: Platform) -> list[dict[str, Any]]:
    """Return the machines that have joined the platform, as the engine's API has nodes; none where it is one machine.

    https://docs.docker.com/reference/api/engine/version/v1.41/#tag/Node
    """
    api: Any = client.api
    found: list[dict[str, Any]] = api.nodes(filters={"node.label": member_label(platform)})
    # The filter came with API 1.41's engine; a label in the specification decides.
    return [node for node in found if member_label(platform) in (node["Spec"].get("Labels") or {})]


def spread(client: docker.DockerClient, platform: Platform, image: str = "") -> None:
    """Have every machine of the platform hold what this one does, and wait until those that answer do.

    Args:
        image: what the agent runs in, by its id, which every machine has; "" for that of before.
    """
    if len(members(client, platform)) < 2:
        return
    service = EngineService(client, name(platform))
    for _ in range(_TRIES):
        before = service.inspect()
        used = image or (before["Spec"]["TaskTemplate"]["ContainerSpec"]["Image"] if before else "")
        if not used:
            return
        config = _write(client, platform)
        spec = _spec(platform, used, config)
        with suppress(Changed):
            if before is None:
                _ensure_network(client, platform)
                service.create(spec)
            else:
                service.update(before, spec)
            break
        time.sleep(0.2)
    else:
        # Each of them spreads what it finds, this change with it.
        _log.warning("others change the platform all the time")
        return
    _await(client, platform, service, config.id)
    for old in _configs(client, platform):
        if old.id != config.id:
            # What a task that ends still uses stays until the next time.
            tolerate(partial(old.remove))


def state(client: docker.DockerClient, platform: Platform) -> dict[str, Any]:
    """Return what every machine shall hold, as the agent reads it."""
    api: Any = client.api
    # Before anything else is read: what is written after it is not the state's to remove.
    now = datetime.fromisoformat(str(client.info()["SystemTime"])[:19] + "+00:00").timestamp()
    found = api.services(filters={"label": f"{LABEL}={platform.name}"})
    services = {service["Spec"]["Labels"][SLUG_LABEL]: service for service in found if _is_service(service)}
    here = catalogue.read(client, platform)
    files, joined, let_out = {}, [], []
    for network in networks.of_services(client, platform):
        slug = network.attrs["Labels"][SLUG_LABEL]
        if slug not in services:
            continue
        joined.append(str(network.id))
        hosts, subnet = egress_of(services[slug]), networks.subnet(network)
        if hosts and subnet is not None:
            let_out.append(str(network.id))
            path = catalogue.egress_path(str(subnet.network_address))
            files[path] = here.get(path) or json.dumps(hosts)
    for slug, service in services.items():
        path = f"{slug}.json"
        entry = catalogue.entry(slug, history_of(service).current, live=True, preview=previewed_pull(service))
        # One that was deployed through another machine may not have come here yet.
        files[path] = here.get(path) or json.dumps(entry, ensure_ascii=False)
    return {
        "time": now,
        "prefix": platform.service_prefix,
        "ingress": platform.ingress,
        "egress": platform.egress,
        "files": files,
        "networks": joined,
        "let_out": let_out,
        "images": sorted({history_of(service).current.image for service in services.values()}),
        "auths": pull_credentials.kept(client, platform),
    }


def _is_service(service: dict[str, Any]) -> bool:
    return SLUG_LABEL in service["Spec"]["Labels"]


def _ensure_network(client: docker.DockerClient, platform: Platform) -> None:
    if not client.networks.list(names=[f"^{name(platform)}$"]):
        client.networks.create(name(platform), driver="overlay", internal=True, labels=platform.labels)


def _write(client: docker.DockerClient, platform: Platform) -> Any:
    """Return a config with the state of now."""
    data = zlib.compress(json.dumps(state(client, platform), sort_keys=True).encode())
    called = f"{platform.name}-state-{hashlib.sha256(data).hexdigest()[:12]}"
    configs: Any = client.configs
    for config in _configs(client, platform):
        if config.name == called:
            return config
    labels = {**platform.labels, LABEL_OF_STATE: ""}
    made = configs.create(name=called, data=data, labels=labels)
    return configs.get(made.id)


def _configs(client: docker.DockerClient, platform: Platform) -> list[Any]:
    configs: Any = client.configs
    found: list[Any] = configs.list(filters={"label": [f"{LABEL}={platform.name}", LABEL_OF_STATE]})
    return found


def _spec(platform: Platform, image: str, config: Any) -> dict[str, Any]:
    file = {"Name": _STATE, "UID": "0", "GID": "0", "Mode": 0o400}
    container = {
        "Image": image,
        "Labels": platform.labels,
        "Command": ["sh", "-c"],
        "Args": ['printf %s "$AGENT" > /tmp/agent.py && exec python /tmp/agent.py'],
        "Env": [
            "AGENT=" + (templates_dir() / "platform/agent/agent.py").read_text(encoding="utf-8"),
            f"STATE={_STATE}",
            "PYTHONUNBUFFERED=1",
        ],
        "Init": True,
        "ReadOnly": True,
        "CapabilityDrop": ["ALL"],
        "Privileges": {"NoNewPrivileges": True},
        "Mounts": [
            {"Type": "tmpfs", "Target": "/tmp", "TmpfsOptions": {"SizeBytes": 16 * 1024 * 1024}},  # noqa: S108
            {"Type": "volume", "Source": platform.catalogue, "Target": "/catalog"},
            {"Type": "bind", "Source": "/var/run/docker.sock", "Target": "/var/run/docker.sock"},
        ],
        "Configs": [{"File": file, "ConfigID": config.id, "ConfigName": config.name}],
        "StopGracePeriod": 2 * _SECOND,
        "Healthcheck": {
            "Test": ["CMD-SHELL", _PROBE],
            "Interval": _SECOND // 2,
            "Timeout": 20 * _SECOND,
            # A machine that pulls big images is no reason to begin again.
            "StartPeriod": 600 * _SECOND,
            "Retries": 100,
        },
    }
    return {
        "Name": name(platform),
        "Labels": platform.labels,
        "TaskTemplate": {
            "ContainerSpec": container,
            "Resources": {"Limits": {"MemoryBytes": 128 * 1024 * 1024, "Pids": 64}},
            "RestartPolicy": {"Condition": "any", "Delay": _SECOND},
            "Placement": {"Constraints": [f"node.labels.{member_label(platform)}==1"]},
            # Swarm knows no task without a network: in this one there is nobody else.
            "Networks": [{"Target": name(platform)}],
            "LogDriver": {"Name": "json-file", "Options": {"max-size": "5m", "max-file": "2"}},
        },
        "Mode": {"Global": {}},
        "UpdateConfig": {"Parallelism": 0, "FailureAction": "continue", "Order": "stop-first"},
        "RollbackConfig": {"Parallelism": 0, "FailureAction": "continue", "Order": "stop-first"},
        "EndpointSpec": {"Mode": "dnsrr"},
    }


def _await(client: docker.DockerClient, platform: Platform, service: EngineService, config: str) -> None:
    deadline = time.monotonic() + _APPLIED_SECONDS
    while True:
        wanted = {node["ID"] for node in members(client, platform) if answers(node)}
        done = {
            task.get("NodeID")
            for task in service.tasks()
            if task["Status"]["State"] == "running"
            and any(used["ConfigID"] == config for used in task["Spec"]["ContainerSpec"].get("Configs") or ())
        }
        if wanted <= done:
            return
        if time.monotonic() > deadline:
            _log.warning("machines that do not hold the change yet: %s", ", ".join(sorted(wanted - done)))
            return
        time.sleep(0.2)


def answers(node: dict[str, Any]) -> bool:
    """Tell whether a machine answers, and takes tasks."""
    return bool(node["Status"]["State"] == "ready" and node["Spec"]["Availability"] == "active")
