"""Names and addresses of a platform, and how its own containers are run."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from bot.deploy.ingress import check, ingress_options
from bot.deploy.layout import TLS, Platform, config_hash, egress_options, playground_options
from bot.values.deployment import Deployment

PROXIED = Platform("https://apps.example.com", port=8080)
"""A proxy in front has certificate and port; nobody else reaches the ingress."""


@pytest.mark.parametrize(
    ("platform", "playground", "api"),
    [
        (Platform(), "http://qr.localhost:8080/", "http://localhost:8080/qr/execute"),
        (Platform(port=80), "http://qr.localhost/", "http://localhost/qr/execute"),
        (
            Platform(port=8443, tls=TLS.INTERNAL),
            "https://qr.localhost:8443/",
            "https://localhost:8443/qr/execute",
        ),
        (Platform(port=443, tls=TLS.INTERNAL), "https://qr.localhost/", "https://localhost/qr/execute"),
        (Platform(bind="0.0.0.0"), "http://qr.localhost:8080/", "http://localhost:8080/qr/execute"),  # noqa: S104
        # Whoever listens on one address is found there, and nowhere else.
        (Platform(bind="10.0.0.5"), "http://10.0.0.5:8080/qr/", "http://10.0.0.5:8080/qr/execute"),
        (PROXIED, "https://qr.apps.example.com/", "https://qr.apps.example.com/execute"),
        (
            replace(PROXIED, public_url="https://apps.example.com:8443"),
            "https://qr.apps.example.com:8443/",
            "https://qr.apps.example.com:8443/execute",
        ),
        (
            replace(PROXIED, paths=True),
            "https://apps.example.com/qr/",
            "https://apps.example.com/qr/execute",
        ),
        (
            Platform("https://apps.localhost:8443"),
            "https://qr.apps.localhost:8443/",
            "https://localhost:8443/qr/execute",
        ),
        (
            Platform("https://apps.localhost:8443", paths=True),
            "https://apps.localhost:8443/qr/",
            "https://localhost:8443/qr/execute",
        ),
        (Platform("https://192.0.2.7"), "https://192.0.2.7/qr/", "https://192.0.2.7/qr/execute"),
    ],
)
def test_addresses_follow_the_public_url(platform: Platform, playground: str, api: str) -> None:
    check(platform)
    assert platform.deployment("qr") == Deployment(playground_url=playground, api_url=api)
    # From the address that GitHub is told, the bot concludes the same.
    assert Deployment.at(playground) == platform.deployment("qr")
    assert Platform.from_label(platform.to_label()) == platform


@pytest.mark.parametrize(
    ("port", "domain", "url"),
    [
        (8080, "localhost", "http://qr.localhost:8080/"),
        (80, "apps.example.com", "http://qr.apps.example.com/"),
        (8080, "apps.example.com", "http://qr.apps.example.com:8080/"),
    ],
)
def test_a_platform_from_before_it_had_a_public_url_keeps_its_addresses(port: int, domain: str, url: str) -> None:
    label = {"domain": domain, "port": port, "bind": "127.0.0.1", "name": "gptdeploy"}
    assert Platform.from_label(json.dumps(label)).deployment("qr").playground_url == url


def test_two_platforms_on_one_engine_share_no_name() -> None:
    first, second = Platform(), Platform(name="gptdeploy-other")
    for name in ("network", "catalogue", "certificates", "ingress", "playground"):
        assert getattr(first, name) != getattr(second, name)
    assert first.service("qr") == "svc-qr" != second.service("qr")


def test_a_container_is_replaced_when_anything_about_it_changes() -> None:
    now = config_hash("image", ingress_options(Platform()))
    assert now == config_hash("image", ingress_options(Platform()))
    assert now != config_hash("other", ingress_options(Platform()))
    assert now != config_hash("image", ingress_options(Platform(port=8081)))


@pytest.mark.parametrize("made", [ingress_options, playground_options, egress_options])
def test_the_platforms_own_containers_are_locked_down(made: Callable[[Platform], dict[str, Any]]) -> None:
    options = made(Platform())
    assert options["sysctls"] == {"net.ipv4.ip_forward": "0"}
    assert options["read_only"]
    assert options["cap_drop"] == ["ALL"]
    assert options["security_opt"] == ["no-new-privileges"]
    assert "/var/run/docker.sock" not in json.dumps(options)
