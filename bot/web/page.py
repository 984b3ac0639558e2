"""How the pages are rendered, and what a browser may do on them."""

from __future__ import annotations

import secrets
from typing import Any

from flask import Response, g, render_template


def render(template: str, **values: Any) -> str:
    """Render a page, whose style alone a browser takes."""
    g.nonce = secrets.token_urlsafe(16)
    return render_template(template, nonce=g.nonce, **values)


def secure(response: Response) -> Response:
    """Say that nothing of a page may run or be framed, and that nobody keeps a copy."""
    style = f"'nonce-{g.nonce}'" if "nonce" in g else "'none'"
    response.headers["Content-Security-Policy"] = (
        f"default-src 'none'; style-src {style}; base-uri 'none'; form-action 'self'; frame-ancestors 'none'"
    )
    response.headers["X-Content-Type-Options"] = "nosniff"
    response.headers["Referrer-Policy"] = "no-referrer"
    response.headers["Cache-Control"] = "no-store"
    return response
