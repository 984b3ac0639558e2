"""Look at pages in a real browser."""

from __future__ import annotations

from collections.abc import Callable

from playwright.sync_api import Browser, Error, Page


def opened(browser: Browser, url: str, ready: Callable[[Page], None]) -> Page:
    """Open a page; again if need be: Chromium drops what it loads whenever a container's network comes or goes."""
    page = browser.new_page(viewport={"width": 1280, "height": 860})
    for last in (False, False, True):
        try:
            page.goto(url)
            ready(page)
            break
        except (Error, AssertionError):
            if last:
                raise
    return page
