"""The addresses of services, as people and programs use them: at names and at paths, also behind a proxy."""

from __future__ import annotations

import socket
import subprocess
import sys
from contextlib import ExitStack
from dataclasses import replace
from pathlib import Path

import pytest
from playwright.sync_api import Browser, expect

from bot.demo.ports import free_port
from bot.deploy import platform_up
from tests.end_to_end.browsing import opened, visited
from tests.end_to_end.services import Drawing
from tests.end_to_end.visiting import BODY, browser_that_trusts, card, curl, drawn_and_called, until

PROXY = """{
	admin off
	skip_install_trust
	auto_https disable_redirects
}
https://apps.localhost:PORT, https://*.apps.localhost:PORT {
	tls internal {
		on_demand
	}
	reverse_proxy INGRESS
}
"""


@pytest.mark.parametrize("paths", [False, True])
def test_behind_a_proxy_everything_names_the_proxy(
    live: Drawing, paths: bool, browser: Browser, chromium: Path, tmp_path: Path
) -> None:
    """The proxy has the certificates; people never see the port that the ingress listens on."""
    port = free_port(18445)
    public = replace(live.platform, public_url=f"https://apps.localhost:{port}", paths=paths)
    text = PROXY.replace("PORT", str(port)).replace("INGRESS", f"127.0.0.1:{public.port}")
    (tmp_path / "Caddyfile").write_text(text)
    command = [str(Path(sys.executable).with_name("caddy")), "run", "--config", str(tmp_path / "Caddyfile")]
    authority = tmp_path / "caddy/pki/authorities/local"
    platform_up(live.client, public)
    with (tmp_path / "log").open("wb") as log, ExitStack() as stack:
        stack.callback(platform_up, live.client, live.platform)
        proxy = subprocess.Popen(command, env={"XDG_DATA_HOME": str(tmp_path), "HOME": str(tmp_path)}, stderr=log)
        stack.callback(proxy.wait, 20)
        stack.callback(proxy.terminate)
        until(lambda: (authority / "intermediate.crt").exists())
        url = public.deployment("draw").playground_url
        assert url == (f"https://apps.localhost:{port}/draw/" if paths else f"https://draw.apps.localhost:{port}/")
        until(lambda: curl("--cacert", str(authority / "root.crt"), f"{url}healthz").stdout == '{"status":"ok"}')
        signing = (authority / "intermediate.crt").read_bytes()
        with browser_that_trusts(browser, chromium, tmp_path / "profile", signing) as trusting:
            gallery = visited(trusting.new_page(), public.url, lambda page: expect(card(page)).to_be_visible())
            card(gallery).click()
            gallery.wait_for_url(url)
            visited(gallery, url, drawn_and_called(f"https://localhost:{port}/draw/execute"))


def test_at_a_path_the_playground_draws_and_everything_leads_there(live: Drawing, browser: Browser) -> None:
    """Where no wildcard can be had: a machine that has an IP address and nothing else."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        # Nothing is sent: the system says which address it would be sent from.
        probe.connect(("192.0.2.1", 9))
        address = probe.getsockname()[0]
    moved = replace(live.platform, public_url=f"http://{address}:{live.platform.port}", bind=address)
    platform_up(live.client, moved)
    try:
        url = moved.deployment("draw").playground_url
        assert url == f"http://{address}:{moved.port}/draw/"
        live.carry_out(live.folder, live.image)
        assert curl("--head", url.rstrip("/")).stdout.splitlines()[0].split()[1] == "308"
        assert curl("--json", BODY, f"{url}execute").stdout.startswith('{"image":')
        assert '"openapi.json"' in curl(f"{url}docs").stdout.replace("'", '"')
        assert curl(f"{moved.url}nothing/healthz").stdout != '{"status":"ok"}'
        page = opened(browser, moved.url, lambda page: expect(card(page)).to_be_visible())
        card(page).click()
        page.wait_for_url(url)
        visited(page, url, drawn_and_called(f"{url}execute"))
        page.close()
    finally:
        platform_up(live.client, live.platform)


def test_below_localhost_the_name_and_the_path_show_the_same(live: Drawing) -> None:
    port = live.platform.port
    for base in (f"http://draw.localhost:{port}", f"http://localhost:{port}/draw", f"http://127.0.0.1:{port}/draw"):
        assert curl(f"{base}/healthz").stdout == '{"status":"ok"}'
        assert "Streamlit" in curl(f"{base}/").stdout
