"""A delivery that is replayed is as GitHub's own."""

from __future__ import annotations

import json
import threading
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from click.testing import CliRunner
from werkzeug.serving import make_server

from bot.__main__ import main
from bot.errors import UserError
from bot.web import create_app
from bot.web.replay import send
from tests.fakes.app_key import app_key
from tests.fakes.runs import FakeRuns
from tests.unit.web.conftest import SECRET, settings

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse

LABELED = {
    "action": "labeled",
    "issue": {"number": 7, "title": "Upper case", "body": "text"},
    "label": {"name": "microservice"},
    "repository": {"id": 3, "full_name": "octo/services", "default_branch": "main"},
    "installation": {"id": 5},
    "sender": {"login": "octo", "id": 1, "type": "User"},
}
BODY = json.dumps(LABELED).encode()


def test_it_goes_signed_to_the_web_process(runs: FakeRuns) -> None:
    server = make_server("127.0.0.1", 0, create_app(settings(), runs), threaded=True)
    threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True).start()
    here = settings(GPTDEPLOY_BIND=f"0.0.0.0:{server.server_port}")
    try:
        assert send(here, "issues", BODY).startswith("started octo/services#7")
        with pytest.raises(UserError, match="refused it with 400: refused: not a JSON object"):
            send(here, "issues", b"[]")
        with pytest.raises(UserError, match="refused it with 401: "):
            send(settings(GPTDEPLOY_BIND=here.bind, GITHUB_WEBHOOK_SECRET=f"not {SECRET}"), "issues", BODY)
    finally:
        server.shutdown()
        server.server_close()
    with pytest.raises(UserError, match=r"Nothing answers at .*: start `gptdeploy serve`, or give `--directly`"):
        send(here, "issues", BODY)


@pytest.mark.parametrize("said", [b"<html>", b'{"message": "ok"}', b'["ok"]', b""])
def test_what_answers_in_the_bots_place_is_told(said: bytes) -> None:
    def other(_: object, start_response: StartResponse) -> list[bytes]:
        start_response("200 OK", [("Content-Type", "application/json")])
        return [said]

    server = make_server("127.0.0.1", 0, other, threaded=True)
    threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True).start()
    try:
        with pytest.raises(UserError, match=r"Something else than the bot answers at http://127\.0\.0\.1"):
            send(settings(GPTDEPLOY_BIND=f"127.0.0.1:{server.server_port}"), "issues", BODY)
    finally:
        server.shutdown()
        server.server_close()


def test_the_command_stores_it_by_itself(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "payload.json").write_bytes(BODY)
    env = {
        "GITHUB_APP_ID": "1",
        "GITHUB_PRIVATE_KEY": app_key(),
        "GITHUB_WEBHOOK_SECRET": SECRET,
        "OPENAI_API_KEY": "key",
        "DATABASE_URL": f"sqlite:///{tmp_path}/runs.sqlite",
    }
    done = CliRunner().invoke(main, ["receive", "issues", "payload.json", "--directly"], env=env)
    assert done.exit_code == 0 and done.output.startswith("started octo/services#7"), done.output
    done = CliRunner().invoke(main, ["receive", "ping", "payload.json", "--directly"], env=env)
    assert (done.exit_code, done.output) == (0, "ignored\n")
