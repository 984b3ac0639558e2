"""Certificates of services: of the platform's own authority, of a public one, and of one's own."""

from __future__ import annotations

import ssl
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import replace
from pathlib import Path
from urllib.request import urlopen
from uuid import uuid4

import pytest
from click.testing import CliRunner
from cryptography import x509
from playwright.sync_api import Browser

from bot.__main__ import main
from bot.demo.ports import free_port
from bot.deploy import Platform, networks, platform_down, platform_up
from bot.deploy.certificate import root_certificate
from bot.deploy.description import read_description
from bot.deploy.doors import Broken, Link, Public
from bot.deploy.ingress import DATA, ROOT, ingress_options
from bot.deploy.layout import TLS
from bot.deploy.live import Live
from bot.deploy.rollout import prepare
from bot.deploy.swarm import IMAGES
from bot.deploy.wanted import NewVersion
from tests.end_to_end.browsing import visited
from tests.end_to_end.services import Drawing
from tests.end_to_end.visiting import BODY, browser_that_trusts, curl, drawn, printed, until
from tests.fakes.certificate import self_signed

AUTHORITY = """{
	admin off
	skip_install_trust
}
https://HOST {
	tls internal
	acme_server
}
"""
VISIT = """
import ssl, sys, time, urllib.request
root, *hosts = sys.argv[1:]
context = ssl.create_default_context(cadata=root)
opener = urllib.request.build_opener(urllib.request.ProxyHandler({}), urllib.request.HTTPSHandler(context=context))
for host in hosts:
    path = "/_stcore/health" if host.startswith("apps.") else "/healthz"
    # The authority looks at the machine first, and may not be there yet when the ingress asks it.
    for pause in (2, 2, 4, 8, 0):
        try:
            answer = opener.open(f"https://{host}{path}", timeout=30)
            print(host, answer.status, answer.read().decode())
            break
        except OSError:
            time.sleep(0 if host.startswith("nothing.") else pause)
    else:
        print(host, "refused")
"""


@pytest.fixture(scope="module")
def authority(live: Drawing) -> Iterator[Drawing]:
    """A platform that is its own authority, without the service so far."""
    port, plain = free_port(18443), free_port(18080)
    name = f"gptdeploy-test-{uuid4().hex[:8]}"
    platform = Platform(f"https://localhost:{port}", port, name=name, tls=TLS.INTERNAL, plain_port=plain)
    platform_up(live.client, platform)
    try:
        yield replace(live, platform=platform)
    finally:
        platform_down(live.client, name)
    assert [volume for volume in live.client.volumes.list() if volume.name and volume.name.startswith(name)] == []


@pytest.fixture(scope="module")
def brought(authority: Drawing) -> Live:
    """What the first deployment there has come to."""
    version = NewVersion(read_description(authority.folder), authority.image)
    return prepare(authority.client, version, name=authority.platform.name).carry_out()


@pytest.fixture(scope="module")
def secured(authority: Drawing, brought: Live) -> Drawing:
    """The same, with the service."""
    return authority


@pytest.fixture(scope="module")
def root(secured: Drawing, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A file with the authority's certificate, as `gptdeploy platform root` prints it."""
    file = tmp_path_factory.mktemp("root") / "root.crt"
    printed = CliRunner().invoke(main, ["platform", "root", "--name", secured.platform.name])
    assert printed.exit_code == 0, printed.output
    file.write_text(printed.stdout)
    return file


def test_a_service_is_deployed_where_its_certificate_is_made_for_the_first_visitor(
    authority: Drawing, brought: Live
) -> None:
    assert brought.gap is None
    assert brought.deployment == authority.platform.deployment("draw")


def test_curl_verifies_the_service_by_the_authoritys_root(secured: Drawing, root: Path) -> None:
    page = secured.platform.deployment("draw").playground_url
    assert page == f"https://draw.localhost:{secured.platform.port}/"
    told = curl("--cacert", str(root), f"{page}healthz")
    assert (told.returncode, told.stdout) == (0, '{"status":"ok"}'), told.stderr
    untrusting = curl(f"{page}healthz")
    assert untrusting.returncode == 60, untrusting.stderr


def test_programs_that_know_no_names_below_localhost_use_the_path(secured: Drawing, root: Path) -> None:
    api = secured.platform.deployment("draw").api_url
    assert api == f"https://localhost:{secured.platform.port}/draw/execute"
    told = curl("--cacert", str(root), "--json", BODY, api)
    assert told.stdout.startswith('{"image":'), told
    document = api.removesuffix("execute") + "openapi.json"
    with urlopen(document, timeout=20, context=ssl.create_default_context(cafile=root)) as answer:
        assert b'"title":"QR code"' in answer.read()


def test_nobody_gets_a_certificate_for_a_name_that_is_not_there(secured: Drawing, root: Path) -> None:
    told = curl("--cacert", str(root), f"https://nothing.localhost:{secured.platform.port}/")
    assert told.returncode == 35, told.stderr
    ingress = secured.client.containers.get(secured.platform.ingress)
    found = printed(ingress, "find", "/data/caddy/certificates", "-name", "*.crt")
    names = [Path(line).stem for line in found.decode().split()]
    assert "draw.localhost" in names
    assert "nothing.localhost" not in names


def test_http_leads_to_https(secured: Drawing) -> None:
    told = curl("--head", f"http://draw.localhost:{secured.platform.plain_port}/docs?x=1")
    assert "308" in told.stdout.splitlines()[0]
    assert f"location: https://draw.localhost:{secured.platform.port}/docs?x=1" in told.stdout.lower()


def test_a_browser_that_trusts_the_authority_draws_at_the_name(
    secured: Drawing, root: Path, browser: Browser, chromium: Path, tmp_path: Path
) -> None:
    ingress = secured.client.containers.get(secured.platform.ingress)
    signing = printed(ingress, "cat", f"{Path(ROOT).parent}/intermediate.crt")
    vouching = x509.load_pem_x509_certificate(root.read_bytes())
    x509.load_pem_x509_certificate(signing).verify_directly_issued_by(vouching)
    with browser_that_trusts(browser, chromium, tmp_path, signing) as trusting:
        visited(trusting.new_page(), secured.platform.deployment("draw").playground_url, drawn)


def test_the_certificate_outlives_the_ingress(secured: Drawing, root: Path) -> None:
    before = root.read_text()
    secured.client.containers.get(secured.platform.ingress).remove(force=True)
    platform_up(secured.client, secured.platform)
    assert root_certificate(secured.client, secured.platform) == before


def test_the_missing_link_is_named_and_undoes_nothing(secured: Drawing) -> None:
    """Nobody listens at the public URL: the ingress is at another port than people are told."""
    closed = free_port(19443)
    away = replace(secured.platform, public_url=f"https://localhost:{closed}")
    platform_up(secured.client, away)
    version = NewVersion(read_description(secured.folder), secured.image)
    live = prepare(secured.client, version, name=away.name).carry_out()
    assert live.gap is not None
    assert live.gap.link is Link.PORT
    assert str(live.gap.seen) == f"`localhost:{closed}` does not answer (ConnectionRefusedError)"
    platform_up(secured.client, secured.platform)


def test_a_certificate_that_nobody_vouches_for_is_the_missing_link(secured: Drawing) -> None:
    url = secured.platform.deployment("draw").playground_url
    with pytest.raises(Broken, match="unable to get local issuer certificate") as caught:
        Public(url).ask("/healthz", seconds=10)
    assert caught.value.gap.link is Link.CERTIFICATE


def test_a_certificate_of_ones_own_is_served_and_replaced(live: Drawing, tmp_path: Path) -> None:
    port, name = free_port(18444), f"gptdeploy-test-{uuid4().hex[:8]}"
    files = tmp_path / "chain.pem", tmp_path / "key.pem"

    def up(*arguments: str) -> str:
        """Bring the platform up as a person does, with a new certificate; return what it says."""
        for file, content in zip(files, self_signed("apps.localhost", "*.apps.localhost"), strict=True):
            file.write_bytes(content)
        command = ["platform", "up", "--name", name, "--certificate", *map(str, files), *arguments]
        done = CliRunner().invoke(main, command)
        assert done.exit_code == 0, done.output
        return done.output

    try:
        assert f"The platform is up: https://apps.localhost:{port}/\n" in up("--url", f"https://apps.localhost:{port}")
        drawing = replace(live, platform=Platform(f"https://apps.localhost:{port}", port, name=name))
        version = NewVersion(read_description(drawing.folder), drawing.image)
        gap = prepare(drawing.client, version, name=name).carry_out().gap
        assert gap is not None and str(gap.seen) == "`localhost`: self-signed certificate"
        told = curl("--cacert", str(files[0]), f"https://draw.apps.localhost:{port}/healthz")
        assert told.stdout == '{"status":"ok"}', told.stderr
        before = files[0].read_text()
        up()
        assert ssl.get_server_certificate(("127.0.0.1", port)).split() == files[0].read_text().split() != before.split()
        told = curl("--cacert", str(files[0]), f"https://draw.apps.localhost:{port}/healthz")
        assert told.stdout == '{"status":"ok"}', told.stderr
    finally:
        platform_down(live.client, name)


def test_an_authority_makes_certificates_for_the_services_that_there_are(live: Drawing) -> None:
    """The configuration of `--tls auto`, with an authority in the place of Let's Encrypt that looks as that does."""
    client, network = live.client, live.platform.network
    domain, name = "apps.example.org", f"{live.platform.name}-public"
    hosts, own = [domain, f"draw.{domain}", f"nothing.{domain}"], f"{name}-authority"
    options = ingress_options(replace(live.platform, public_url=f"https://{domain}", tls=TLS.AUTO))
    with ExitStack() as stack:
        volume = client.volumes.create(name, labels=live.platform.labels)
        stack.callback(volume.remove, force=True)
        authority = client.containers.create(
            IMAGES.caddy,
            ['printf %s "$CADDYFILE" > /tmp/Caddyfile && caddy run --config /tmp/Caddyfile --adapter caddyfile'],
            entrypoint=["sh", "-c"],
            environment={"CADDYFILE": AUTHORITY.replace("HOST", own), "XDG_DATA_HOME": "/data"},
            name=own,
            network=network,
            volumes={name: {"bind": "/data", "mode": "rw"}},
            labels=live.platform.labels,
        )
        stack.callback(authority.remove, force=True)
        authority.start()
        until(lambda: authority.exec_run(["test", "-s", ROOT]).exit_code == 0)
        # Two lines name it, as they would a company's own; everything else is as it is for people.
        line = f"{{\n\tacme_ca https://{own}/acme/local/directory\n\tacme_ca_root /authority{ROOT.removeprefix(DATA)}\n"
        text = options["environment"]["CADDYFILE"].replace("\n{\n", f"\n{line}", 1)
        assert line in text
        changed = {
            "name": name,
            "hostname": name,
            "environment": {**options["environment"], "CADDYFILE": text, "XDG_DATA_HOME": "/tmp"},
            "volumes": {
                live.platform.catalogue: {"bind": "/catalog", "mode": "ro"},
                name: {"bind": "/authority", "mode": "ro"},
            },
            "ports": {},
            "labels": live.platform.labels,
            "networking_config": {network: client.api.create_endpoint_config(aliases=hosts)},
        }
        ingress = client.containers.create(IMAGES.caddy, **{**options, **changed})
        stack.callback(ingress.remove, force=True)
        for service in networks.of_services(client, live.platform):
            networks.join(service, name)
        ingress.start()
        # From within the network, where these names lead to the ingress.
        playground = client.containers.get(live.platform.playground)
        root = printed(authority, "cat", ROOT).decode()
        said = printed(playground, "python", "-c", VISIT, root, *hosts).decode()
        log = ingress.logs(tail=30).decode()
    assert said.splitlines() == [
        f"{domain} 200 ok",
        f'draw.{domain} 200 {{"status":"ok"}}',
        f"nothing.{domain} refused",
    ], log
