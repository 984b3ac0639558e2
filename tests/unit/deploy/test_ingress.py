"""What the way in may be told, and its configuration."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from pathlib import Path

import pytest

from bot.deploy.ingress import caddyfile, check, ingress_options
from bot.deploy.layout import TLS, Platform
from bot.errors import UserError

PUBLIC = "https://apps.example.com"
SECURED = Platform(PUBLIC, 443, "0.0.0.0", tls=TLS.AUTO, plain_port=80)  # noqa: S104


@pytest.mark.parametrize("host", ["a b", "a..b", "x`y", "{env}", "über.de", "a" * 64, "[::1]"])
def test_what_is_no_domain_is_refused(host: str) -> None:
    with pytest.raises(UserError, match="is not a domain name"):
        check(Platform(f"https://{host}"))


@pytest.mark.parametrize(
    "url",
    ["apps.example.com", "ftp://a.example", "https://a.example/services", "https://a.example?x", "https://u@a.example"],
)
def test_what_is_no_public_url_is_refused(url: str) -> None:
    with pytest.raises(UserError, match="is no public URL"):
        check(Platform(url))


def test_a_port_of_a_url_that_is_none_is_refused() -> None:
    with pytest.raises(UserError, match="is not a URL: Port could not be cast"):
        check(Platform("https://a.example:many"))


@pytest.mark.parametrize("platform", [Platform(port=0), Platform(PUBLIC, 443, tls=TLS.AUTO, plain_port=70000)])
def test_what_is_no_port_is_refused(platform: Platform) -> None:
    with pytest.raises(UserError, match="not a port"):
        check(platform)


def test_http_and_https_need_a_port_each() -> None:
    with pytest.raises(UserError, match="cannot be that of HTTP and of HTTPS"):
        check(Platform(PUBLIC, 443, tls=TLS.AUTO, plain_port=443))


@pytest.mark.parametrize(
    "url", ["https://192.0.2.7", "https://localhost", "https://apps.localhost", "https://server", "https://x.internal"]
)
def test_where_no_authority_makes_a_certificate_another_way_is_named(url: str) -> None:
    with pytest.raises(UserError, match="use `--tls internal`, or one of your own by `--certificate`"):
        check(Platform(url, 443, tls=TLS.AUTO))


def test_a_public_authority_needs_a_port_that_it_looks_at() -> None:
    with pytest.raises(UserError, match="open the first by `--http-port 80`"):
        check(Platform(f"{PUBLIC}:8443", 8443, tls=TLS.AUTO))
    check(Platform(f"{PUBLIC}:8443", 8443, tls=TLS.AUTO, plain_port=80))
    # A router in front leads the usual ports here.
    check(Platform(PUBLIC, 8443, tls=TLS.AUTO))


def test_certificates_need_an_address_with_https() -> None:
    with pytest.raises(UserError, match="is plain HTTP"):
        check(Platform("http://apps.example.com", 443, tls=TLS.INTERNAL))


def test_the_ingress_finds_the_slug_left_of_the_domain() -> None:
    assert "tasks.svc-{labels.1}" in caddyfile(Platform())
    public = caddyfile(Platform(PUBLIC))
    assert "tasks.svc-{labels.3}" in public
    assert "@gallery host 127.0.0.1 apps.example.com localhost\n" in public
    assert "@gallery host 127.0.0.1 localhost\n" in caddyfile(Platform())


def test_paths_are_served_where_services_have_them_and_below_localhost() -> None:
    served = "tasks.svc-{slug}"
    assert served in caddyfile(Platform())
    assert served in caddyfile(Platform("http://192.0.2.7"))
    assert served in caddyfile(Platform(PUBLIC, paths=True))
    # Elsewhere each service has a name of its own, so that no page of one may act in the name of another.
    assert served not in caddyfile(Platform(PUBLIC))


@pytest.mark.parametrize(
    "platform",
    [
        Platform(),
        Platform("http://192.0.2.7"),
        Platform(PUBLIC, paths=True),
        SECURED,
        Platform(PUBLIC, 443, paths=True, tls=TLS.AUTO),
        Platform(port=8443, tls=TLS.INTERNAL),
        Platform("https://apps.localhost:8443", 8443, tls=TLS.INTERNAL),
        Platform("https://192.0.2.7", 443, tls=TLS.INTERNAL, plain_port=80),
        Platform(PUBLIC, 443, tls=TLS.OWN),
    ],
)
def test_the_caddy_of_today_takes_the_configuration(platform: Platform, tmp_path: Path) -> None:
    file = tmp_path / "Caddyfile"
    file.write_text(caddyfile(platform))
    command = [str(Path(sys.executable).with_name("caddy")), "adapt", "--config", str(file), "--adapter", "caddyfile"]
    done = subprocess.run(command, capture_output=True, text=True, timeout=30, check=False)
    assert done.returncode == 0, done.stderr
    assert "deprecated" not in done.stderr
    ports = {
        port for server in json.loads(done.stdout)["apps"]["http"]["servers"].values() for port in server["listen"]
    }
    # Where each of them listens in its container.
    on_demand = platform.tls in (TLS.AUTO, TLS.INTERNAL) and not platform.by_path
    secured = {":443", ":80"} if platform.tls is not TLS.OFF else set()
    assert ports == {":8080"} | secured | ({"127.0.0.1:8081"} if on_demand else set())


def sites(platform: Platform) -> list[str]:
    """Return the addresses of the sites in the configuration."""
    return re.findall(r"^((?:https?://|:)\S*(?:, \S+)*) \{$", caddyfile(platform), re.MULTILINE)


def test_without_certificates_the_ingress_has_one_door() -> None:
    assert sites(Platform(PUBLIC)) == ["http://:8080"]
    assert ingress_options(Platform(PUBLIC))["ports"] == {"8080/tcp": ("127.0.0.1", 8080)}
    assert list(ingress_options(Platform(PUBLIC))["volumes"]) == ["gptdeploy-catalog"]


def test_with_certificates_the_ingress_is_on_both_usual_ports() -> None:
    assert sites(SECURED) == [
        "http://:8080",
        "https://apps.example.com, https://*.apps.example.com",
        "http://",
        "http://:8081",
    ]
    options = ingress_options(SECURED)
    assert options["ports"] == {"443/tcp": ("0.0.0.0", 443), "80/tcp": ("0.0.0.0", 80)}  # noqa: S104
    # What was issued outlives the container: an authority makes a few a week for a name.
    assert options["volumes"]["gptdeploy-certificates"] == {"bind": "/data", "mode": "rw"}
    assert options["environment"]["XDG_DATA_HOME"] == "/data"
    assert "redir https://{host}{uri} 308" in caddyfile(SECURED)
    assert "redir https://{host}:8443{uri} 308" in caddyfile(Platform(f"{PUBLIC}:8443", 8443, tls=TLS.AUTO))


def test_certificates_are_made_for_names_that_there_are() -> None:
    text = caddyfile(SECURED)
    assert "ask http://127.0.0.1:8081/" in text
    assert r"~^([a-z0-9-]+)\.apps\.example\.com$" in text
    assert "query domain=apps.example.com\n" in text
    # With paths there is one name, which is known.
    assert "on_demand" not in caddyfile(Platform(PUBLIC, 443, paths=True, tls=TLS.AUTO))


def test_a_certificate_of_ones_own_keeps_caddy_from_getting_another() -> None:
    text = caddyfile(Platform(PUBLIC, 443, tls=TLS.OWN))
    assert "tls /data/own/certificate.pem /data/own/key.pem" in text
    assert "auto_https off" in text
