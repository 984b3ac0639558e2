"""Look at pages in a real browser."""

from __future__ import annotations

import io
import os
from collections.abc import Callable
from pathlib import Path

from PIL import Image
from playwright.sync_api import Browser, Error, FloatRect, Page, expect


def opened(browser: Browser, url: str, ready: Callable[[Page], None]) -> Page:
    """Open a page in a window of its own."""
    return visited(browser.new_page(viewport={"width": 1280, "height": 860}), url, ready)


def visited(page: Page, url: str, ready: Callable[[Page], None]) -> Page:
    """Go to a page; again if need be: Chromium drops what it loads whenever a container's network comes or goes."""
    for last in (False, False, True):
        try:
            page.goto(url)
            ready(page)
            break
        except (Error, AssertionError):
            if last:
                raise
    return page


def keep_picture(browser: Browser, url: str, name: str, first: str) -> None:
    """Look at the page of a pull request; keep a picture as `<name>.png` in the folder that GPTDEPLOY_PICTURES names.

    Args:
        first: a selector of what the picture begins with; it ends with the commits.
    """

    def ready(page: Page) -> None:
        expect(page.locator(first).first).to_be_visible()
        expect(page.get_by_role("heading", name="Commits and checks")).to_be_visible()

    page = opened(browser, url, ready)
    commits = page.locator("section.box").filter(has=page.get_by_role("heading", name="Commits and checks"))
    begin, end = page.locator(first).first.bounding_box(), commits.bounding_box()
    assert begin is not None and end is not None
    height = end["y"] + end["height"] - begin["y"]
    assert height > 0
    if folder := os.environ.get("GPTDEPLOY_PICTURES"):
        clip = FloatRect(x=begin["x"] - 10, y=begin["y"] - 10, width=begin["width"] + 20, height=height + 20)
        picture = Image.open(io.BytesIO(page.screenshot(full_page=True, clip=clip)))
        picture.convert("RGB").quantize(128).save(Path(folder) / f"{name}.png", optimize=True)
    page.close()
