"""How the pages are rendered, and what a browser may do on them."""

from __future__ import annotations

import secrets
from typing import Any

from flask import Response, g, render_template


def render(template: str, *, leads_to: str = "", live: bool = False, **values: Any) -> str:
    """Render a page, whose style alone a browser takes.

    Args:
        leads_to: another place, e.g. "https://github.com", to which a form on the page may be sent; it is told from
            which host.
        live: the page's own script runs, too, and may ask this host.
    """
    g.nonce, g.leads_to, g.live = secrets.token_urlsafe(16), leads_to, live
    return render_template(template, nonce=g.nonce, **values)


def web_address(url: str) -> str:
    """Return `url` if it is safe as a link, otherwise "": "javascript:..." would be none."""
    return url if url.startswith(("http://", "https://")) else ""


def secure(response: Response) -> Response:
    """Say that nothing of a page may run but its own script, that none may frame it, and that nobody keeps a copy."""
    nonce, leads_to = f"'nonce-{g.nonce}'" if "nonce" in g else "'none'", g.get("leads_to", "")
    script = f"script-src {nonce}; connect-src 'self'; " if g.get("live") else ""
    response.headers.update(_headers(f"{script}style-src {nonce}", leads_to))
    return response


def _headers(sources: str, leads_to: str) -> dict[str, str]:
    return {
        "Content-Security-Policy": f"default-src 'none'; {sources}; base-uri 'none'; "
        f"form-action 'self' {leads_to}; frame-ancestors 'none'",
        "X-Content-Type-Options": "nosniff",
        "Referrer-Policy": "strict-origin" if leads_to else "no-referrer",
        "Cache-Control": "no-store",
    }


PLAIN = _headers("style-src 'none'", "")
"""The headers of an answer that is no page."""
