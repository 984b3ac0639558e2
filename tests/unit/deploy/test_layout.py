"""Names and addresses of a platform, and how its own containers are run."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest

from bot.deploy.layout import (
    Platform,
    caddyfile,
    check,
    config_hash,
    egress_options,
    ingress_options,
    playground_options,
)
from bot.errors import UserError


@pytest.mark.parametrize(
    ("platform", "playground", "reach"),
    [
        (Platform(), "http://qr.localhost:8080/", "127.0.0.1"),
        (Platform(port=80), "http://qr.localhost/", "127.0.0.1"),
        (Platform(bind="0.0.0.0"), "http://qr.localhost:8080/", "127.0.0.1"),  # noqa: S104
        (Platform(bind="10.0.0.5"), "http://qr.localhost:8080/", "10.0.0.5"),
        (Platform(domain="apps.example.com", port=80), "http://qr.apps.example.com/", "apps.example.com"),
    ],
)
def test_addresses(platform: Platform, playground: str, reach: str) -> None:
    assert platform.deployment("qr").playground_url == playground
    assert platform.deployment("qr").api_url == playground + "execute"
    assert platform.reach == reach
    assert Platform.from_label(platform.to_label()) == platform


@pytest.mark.parametrize("domain", ["", "a b", "a..b", "x`y", "{env}", "über.de", "a" * 64])
def test_what_is_no_domain_is_refused(domain: str) -> None:
    with pytest.raises(UserError, match="not a domain name"):
        check(Platform(domain=domain))


def test_what_is_no_port_is_refused() -> None:
    with pytest.raises(UserError, match="not a port"):
        check(Platform(port=0))


def test_the_ingress_finds_the_slug_left_of_the_domain() -> None:
    assert "tasks.svc-{labels.1}" in caddyfile(Platform())
    assert "tasks.svc-{labels.3}" in caddyfile(Platform(domain="apps.example.com"))
    assert "@gallery host 127.0.0.1 apps.example.com localhost\n" in caddyfile(Platform(domain="apps.example.com"))
    assert "@gallery host 127.0.0.1 localhost\n" in caddyfile(Platform())


def test_two_platforms_on_one_engine_share_no_name() -> None:
    first, second = Platform(), Platform(name="gptdeploy-other")
    for name in ("network", "catalogue", "ingress", "playground"):
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
