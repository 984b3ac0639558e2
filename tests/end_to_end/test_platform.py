"""A platform on a real engine: services answer through the ingress and are seen in a real browser."""

from __future__ import annotations

import base64
from dataclasses import replace
from io import BytesIO

import httpx
import pytest
from playwright.sync_api import Browser, Page, expect

from bot.demo.ports import free_port
from bot.deploy import answers, swarm
from bot.errors import UserError
from tests.end_to_end.browsing import opened, visited
from tests.end_to_end.services import Drawing
from tests.end_to_end.visiting import card, shown


def test_a_service_answers_through_the_ingress(live: Drawing) -> None:
    assert answers(live.platform.deployment("draw").api_url, "draw")
    answer = live.ask("POST", "/execute", json={"text": "hello", "scale": 1}).json()
    assert base64.b64decode(answer["image"]).startswith(b"\x89PNG")
    assert answer["user"] != 0
    assert live.ask("POST", "/execute", json={}).status_code == 422
    assert live.ask("GET", "/healthz").json() == {"status": "ok"}
    assert live.ask("GET", "/openapi.json").json()["info"]["title"] == "QR code"
    assert live.ask("GET", "/docs").status_code == 200
    status = swarm.platform_status(live.client, live.platform.name)
    assert status is not None
    assert ("draw", 1, 1) in [(service.slug, service.running, service.wanted) for service in status.services]


def test_a_service_cannot_write_or_gain_rights(live: Drawing) -> None:
    [container] = [container for container in live.containers() if container.status == "running"]
    assert container.exec_run(["touch", "/service/x"]).exit_code != 0
    assert container.exec_run(["touch", "/tmp/x"]).exit_code == 0
    status = container.exec_run(["grep", "CapBnd:\t0000000000000000", "/proc/1/status"])
    assert status.exit_code == 0, status.output
    setuid = container.exec_run(["sh", "-c", "find / -xdev -type f -perm /6000 2> /dev/null"])
    assert setuid.output == b""


@pytest.mark.parametrize("host", ["nothing.localhost", "a.draw.localhost", "draw.example.com"])
def test_an_unknown_name_is_answered_404_at_once(live: Drawing, host: str) -> None:
    response = live.ask("GET", "/", host=host)
    assert response.status_code == 404
    assert "No such service" in response.text
    # Not by looking for the service until the ingress gives up, which takes 5 seconds.
    assert response.elapsed.total_seconds() < 1


def test_the_playground_shows_the_code(live: Drawing, browser: Browser) -> None:
    def ready(page: Page) -> None:
        shown(page)
        page.get_by_role("textbox", name="Text").fill("https://www.example.com/other?" + "x" * 40)
        page.get_by_role("button", name="Run").click()
        image = page.get_by_test_id("stImage").locator("img")
        expect(image).to_be_visible(timeout=20_000)
        # A longer text needs a bigger code: 33 modules and a border of 4 on each side, 8 pixels each.
        expect(image).to_have_js_property("naturalWidth", (33 + 8) * 8, timeout=20_000)
        page.get_by_text("The same request with curl").click()
        expect(page.get_by_text("https://www.example.com/other").first).to_be_visible()

    page = browser.new_page(viewport={"width": 1280, "height": 860})
    foreign: list[str] = []
    page.on("request", lambda request: foreign.append(request.url) if "localhost" not in request.url[:60] else None)
    visited(page, live.platform.deployment("draw").playground_url, ready)
    assert [url for url in foreign if not url.startswith(("data:", "blob:"))] == []
    page.close()


def test_the_gallery_leads_to_the_service(live: Drawing, browser: Browser) -> None:
    def ready(page: Page) -> None:
        expect(card(page)).to_be_visible(timeout=20_000)
        card(page).click()
        page.wait_for_url(live.platform.deployment("draw").playground_url)

    page = opened(browser, live.platform.url, ready)
    page.close()


def test_a_page_of_another_origin_may_not_use_a_playground(live: Drawing) -> None:
    def handshake(origin: str) -> int:
        headers = {
            "Host": live.platform.address,
            "Origin": origin,
            "Connection": "Upgrade",
            "Upgrade": "websocket",
            "Sec-WebSocket-Version": "13",
            "Sec-WebSocket-Key": "dGhlIHNhbXBsZSBub25jZQ==",
        }
        with httpx.Client(trust_env=False, timeout=10) as client:
            url = f"http://127.0.0.1:{live.platform.port}/_stcore/stream"
            with client.stream("GET", url, headers=headers) as response:
                return response.status_code

    assert handshake(f"http://{live.platform.address}") == 101
    assert handshake("http://evil.example") == 403


def test_up_again_keeps_what_fits_and_moves_what_changed(live: Drawing) -> None:
    def ids() -> dict[str, str | None]:
        names = (live.platform.ingress, live.platform.playground)
        return {name: live.client.containers.get(name).id for name in names}

    before = ids()
    # Another `platform up` may have built the playground's image at the same time.
    tag = str(live.client.containers.get(live.platform.playground).attrs["Config"]["Image"])
    live.client.images.build(fileobj=BytesIO(f"FROM {tag}\nLABEL again=1\n".encode()), tag=tag, rm=True)
    swarm.platform_up(live.client, live.platform)
    assert ids() == before
    moved = replace(live.platform, port=free_port(18180))
    swarm.platform_up(live.client, moved)
    assert ids()[live.platform.ingress] != before[live.platform.ingress]
    assert answers(moved.deployment("draw").api_url, "draw")
    swarm.platform_up(live.client, live.platform)
    assert answers(live.platform.deployment("draw").api_url, "draw")


def test_a_port_that_is_taken_is_named(live: Drawing) -> None:
    with pytest.raises(UserError, match="is taken"):
        swarm.platform_up(live.client, replace(live.platform, name=f"{live.platform.name}-2"))
    swarm.platform_down(live.client, f"{live.platform.name}-2")
    assert swarm.find_platform(live.client, f"{live.platform.name}-2") is None
