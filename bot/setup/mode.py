"""`gptdeploy serve` where nothing is set up yet: it shows the pages of the set-up until the settings are good.

The socket listens before and after: a page that is loaded while the bot goes on waits a second, and is not refused.
"""

from __future__ import annotations

import os
import secrets
import signal
import socket
import sys
import time
from collections.abc import Mapping
from contextlib import suppress

import click

from bot.config import AppSettings, Settings, dotenv_path, environment
from bot.errors import UserError
from bot.setup.pages import SetUp, setup_pages
from bot.setup.register import PATH

_CREDENTIALS = ("GITHUB_APP_ID", "GITHUB_PRIVATE_KEY", "GITHUB_WEBHOOK_SECRET")
_LOOK_SECONDS = 0.3


def is_new(environ: Mapping[str, str]) -> bool:
    """Return whether the set-up begins, or has not come to its end: no App at all, or an App and no model."""
    if not any(environ.get(name) for name in _CREDENTIALS):
        return True
    if environ.get("OPENAI_API_KEY") or environ.get("OPENAI_BASE_URL"):
        return False
    try:
        AppSettings.from_environment(environ)
    except UserError:
        return False
    return True


def set_up() -> tuple[Settings, SetUp]:
    """Show the pages until the settings are good; return them, with the socket that listens, and how to go on."""
    listening = _listen(environment().get("GPTDEPLOY_BIND") or "127.0.0.1:8000")
    how = SetUp(secrets.token_urlsafe(16))
    host, port = listening.getsockname()[:2]
    shown = "127.0.0.1" if host in ("0.0.0.0", "::") else host  # noqa: S104 (what is shown, not what is bound)
    click.echo(f"Nothing is set up yet. Open http://{shown}:{port}{PATH}?token={how.token}", err=True)
    bind = f"fd://{listening.fileno()}"
    # As Ctrl-C does, so that the pages end with it.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
    pages = os.fork()
    if pages == 0:
        _show(bind, how)
    try:
        settings = _wait(pages)
    finally:
        with suppress(ProcessLookupError, ChildProcessError):
            os.kill(pages, signal.SIGTERM)
            os.waitpid(pages, 0)
    # The socket is the children's from here on.
    listening.detach()
    return settings.model_copy(update={"bind": bind}), how


def _listen(bind: str) -> socket.socket:
    host, _, port = bind.rpartition(":")
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    try:
        listening = socket.create_server((host.strip("[]"), int(port)), family=family, backlog=128)
    except OSError as error:
        raise UserError(f"I cannot listen on {bind}: {error.strerror}.") from error
    listening.set_inheritable(True)
    return listening


def _show(bind: str, how: SetUp) -> None:
    from bot.web.app import bare_app
    from bot.web.server import Server

    app = bare_app()
    app.register_blueprint(setup_pages(how))
    Server(bind, app).run()
    os._exit(0)


def _wait(pages: int) -> Settings:
    """Return the settings as soon as they are good.

    Raises:
        UserError: the process of the pages has ended.
    """
    seen: float | None = None
    while os.waitpid(pages, os.WNOHANG) == (0, 0):
        changed = _changed_at()
        if changed != seen:
            seen = changed
            try:
                Settings.from_environment(environment())
            except UserError:
                pass
            else:
                return Settings.from_environment()
        time.sleep(_LOOK_SECONDS)
    raise UserError(f"The pages at {PATH} have ended; what they wrote above says why.")


def _changed_at() -> float | None:
    path = dotenv_path()
    return path.stat().st_mtime if path.exists() else None
