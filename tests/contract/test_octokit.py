"""octokit.js, and Probot's code for manifests: other people's programs, on the hub and on `app.yml`."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import httpx

from bot.hub.server import APP_PERMISSIONS
from tests.contract.conftest import NAME, OWNER, REPOSITORY, SECRET, World

CLIENTS = Path(__file__).parents[1] / "word" / "clients"
ROOT = Path(__file__).parents[2]


def run(node: Path, script: str, given: dict[str, Any], **environ: str) -> Any:
    """Run a script with values as JSON, and return what it prints."""
    done = subprocess.run(
        [str(node), str(CLIENTS / script)],
        input=json.dumps(given),
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
        env=os.environ | environ,
    )
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


def test_octokit_takes_an_issue_from_its_label_to_the_merge(world: World, node: Path, packages: Path) -> None:
    given = {
        "packages": f"{packages}/",
        "baseUrl": world.hub.api_url,
        "appId": world.app.app_id,
        "privateKey": world.app.private_key_pem,
        "secret": SECRET,
        "reviewer": world.hub.token("octo"),
        "owner": OWNER,
        "repo": NAME,
    }
    assert run(node, "life.mjs", given) == {
        "app": "gptdeploy",
        "repositories": [REPOSITORY],
        "comments": ["On it"],
        "labels": ["microservice"],
        "files": ["services/qr/a.py"],
        "content": "a = 1\n",
        "reviews": ["APPROVED"],
        "run": ["Build", "completed", "success"],
        "log": True,
        "merged": True,
        "issue": "closed",
        "refused": 404,
    }


def test_probot_makes_a_manifest_of_the_app_file(node: Path, packages: Path, tmp_path: Path) -> None:
    shutil.copy(ROOT / "app.yml", tmp_path)
    given = {"packages": f"{packages}/", "folder": str(tmp_path), "baseUrl": "https://bot.example.com"}

    manifest = run(node, "manifest.mjs", given)

    assert manifest["name"] == "gptdeploy"
    assert manifest["public"] is False
    assert manifest["redirect_url"] == "https://bot.example.com/probot/setup"
    assert manifest["default_permissions"] == dict(APP_PERMISSIONS)
    assert {"issues", "issue_comment", "pull_request", "workflow_run"} < set(manifest["default_events"])


def test_probot_takes_over_an_app_that_is_registered_by_its_manifest(
    world: World, node: Path, packages: Path, tmp_path: Path
) -> None:
    shutil.copy(ROOT / "app.yml", tmp_path)
    given = {"packages": f"{packages}/", "folder": str(tmp_path), "baseUrl": "https://bot.example.com"}
    manifest = run(node, "manifest.mjs", given, WEBHOOK_PROXY_URL="https://smee.io/abc")
    hub = world.hub.url
    page = httpx.post(f"{hub}/settings/apps/new?state=abc", data={"manifest": json.dumps(manifest)})
    word = re.search(r'name="word" value="([^"]+)"', page.text)
    assert word is not None, page.text
    data = {"word": word[1], "name": "mine"}
    sent = httpx.post(f"{hub}/settings/apps/manifest", data=data, headers={"Origin": hub})
    back = urlsplit(sent.headers["Location"])
    assert back.path == "/probot/setup"

    where = urlsplit(hub)
    code = {"packages": f"{packages}/", "code": parse_qs(back.query)["code"][0]}
    kept = run(node, "conversion.mjs", code, GHE_PROTOCOL=where.scheme, GHE_HOST=where.netloc)

    app = world.hub.parts.state.app
    assert app is not None and app.webhook_url == "https://smee.io/abc"
    assert kept["form"] == f"{hub}/settings/apps/new"
    assert (kept["APP_ID"], kept["WEBHOOK_SECRET"]) == (str(app.id), app.secret)
    assert (kept["GITHUB_CLIENT_ID"], kept["GITHUB_CLIENT_SECRET"]) == (app.client_id, app.client_secret)
    assert kept["PRIVATE_KEY"].startswith('"-----BEGIN RSA PRIVATE KEY-----')
