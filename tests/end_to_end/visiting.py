"""How people and programs come to a service: curl, and a browser that trusts who signs for it."""

from __future__ import annotations

import hashlib
import subprocess
import time
from base64 import b64encode
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import docker
from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from docker.models.containers import Container
from playwright.sync_api import Browser, BrowserContext, Locator, Page, expect

BODY = '{"text": "hello", "scale": 1}'


def curl(*arguments: str) -> subprocess.CompletedProcess[str]:
    """Call curl as people do, who have no header and no address to set."""
    command = ["curl", "--silent", "--show-error", "--max-time", "30", "--noproxy", "*", *arguments]
    return subprocess.run(command, capture_output=True, text=True, timeout=40, check=False)


def printed(container: Container, *command: str) -> bytes:
    """Return what a command prints in a container."""
    code, output = container.exec_run(list(command))
    assert code == 0
    assert isinstance(output, bytes)
    return output


def references(client: docker.DockerClient) -> set[str]:
    """Return the names of all images that an engine has, by tag and by digest."""
    # `client.images.list` asks for each image again, and fails where another process has just removed one.
    found: list[dict[str, Any]] = client.api.images()
    return {name for image in found for name in (*(image["RepoTags"] or ()), *(image["RepoDigests"] or ()))}


def until(reached: Callable[[], bool], seconds: float = 30.0) -> None:
    """Wait until something is so."""
    deadline = time.monotonic() + seconds
    while not reached():
        assert time.monotonic() < deadline
        time.sleep(0.1)


def shown(page: Page) -> None:
    """Wait until a playground shows its form."""
    expect(page.get_by_role("button", name="Run")).to_be_visible(timeout=20_000)
    expect(page.get_by_role("textbox", name="Text")).to_have_value("https://www.example.com")


def card(page: Page) -> Locator:
    """Return the service's place in the gallery."""
    return page.get_by_text("Draws a QR code of a text.")


def drawn(page: Page) -> None:
    """Have a playground draw once it shows its form, and wait until the picture is there."""
    shown(page)
    page.get_by_role("button", name="Run").click()
    image = page.get_by_test_id("stImage").locator("img")
    expect(image).to_be_visible(timeout=20_000)
    # Its file comes from below the address, too.
    expect(image).not_to_have_js_property("naturalWidth", 0, timeout=20_000)


def drawn_and_called(url: str) -> Callable[[Page], None]:
    """Return what has a playground draw, and waits until it shows how to do the same with curl at an address."""

    def ready(page: Page) -> None:
        drawn(page)
        page.get_by_text("The same request with curl").click()
        expect(page.get_by_text(f"curl {url}").first).to_be_visible()

    return ready


@contextmanager
def browser_that_trusts(browser: Browser, chromium: Path, profile: Path, authority: bytes) -> Iterator[BrowserContext]:
    """A browser that trusts an authority, and no other that its machine does not.

    Args:
        authority: the certificate that signs, which the server sends, as PEM; not the root.
    """
    key = x509.load_pem_x509_certificate(authority).public_key()
    digest = hashlib.sha256(key.public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)).digest()
    flags = ["--no-sandbox", "--disable-gpu", f"--ignore-certificate-errors-spki-list={b64encode(digest).decode()}"]
    context = browser.browser_type.launch_persistent_context(profile, executable_path=str(chromium), args=flags)
    yield context
    context.close()
