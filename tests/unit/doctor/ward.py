"""Where the doctor examines: a GitHub, a model and a bot that are well until something is done to them."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa

from bot.clients.github import GitHub, NewCommit
from bot.doctor import CHECKS, Finding, Patient, examine
from bot.foreign import Plain
from bot.hub import Hub
from bot.hub.state import Deployment, DeploymentStatus, Label
from bot.hub.state import Repository as HubRepository
from bot.hub.webhooks import Delivery
from bot.init import repository_files
from bot.runs.durable.database import prepare
from bot.values.naming import DEPLOY_WORKFLOW
from tests.fakes.app_key import app_key
from tests.fakes.faults import NOT_GITHUBS, Fault, Faults
from tests.fakes.model import FakeModel
from tests.fakes.registry import Registry
from tests.fakes.runner import FakeRunner

REPOSITORY = "octo/services"


class Ward:
    """A GitHub, a model and a bot, all as they have to be."""

    def __init__(self, folder: Path) -> None:
        self.clock: Callable[[], float] = time.time
        self.hub = Hub(folder / "hub", 0, FakeRunner(lambda _: ("success", "")))
        self.faults = self.hub.front = Faults(self.hub.front)
        self.hub.start()
        self.repo: HubRepository = self.hub.create_repository(REPOSITORY, repository_files())
        self.repo.labels.append(Label(1, "microservice"))
        self.registry = Registry()
        self.registry.manifests.add("octo/gptdeploy/1")
        self.repo.actions.variables[""] |= {
            "PLATFORM_HOST": "deploy@127.0.0.1",
            "PLATFORM_KNOWN_HOSTS": "127.0.0.1 ssh-ed25519 AAAA",
            "GPTDEPLOY_IMAGE": f"{self.registry.address}/octo/gptdeploy:1",
            "REGISTRY": "localhost:5000",
        }
        self.repo.actions.secrets["microservices"] = {"PLATFORM_SSH_KEY"}
        self.model = FakeModel(["Yes."] * 99, models=["small"])
        self.model.__enter__()
        key = serialization.load_pem_private_key(app_key().encode(), None)
        assert isinstance(key, rsa.RSAPrivateKey)
        app = self.hub.install_app("http://127.0.0.1:9/webhook", "a webhook secret", key)
        self.environ: dict[str, str] = {
            "GITHUB_APP_ID": str(app.app_id),
            "GITHUB_PRIVATE_KEY": app.private_key_pem,
            "GITHUB_WEBHOOK_SECRET": "a webhook secret",
            "GITHUB_API_URL": self.hub.api_url,
            "OPENAI_BASE_URL": self.model.url,
            "DATABASE_URL": f"sqlite:///{folder}/runs.sqlite",
        }
        prepare(self.environ["DATABASE_URL"])

    def close(self) -> None:
        self.hub.stop()
        self.registry.close()
        self.model.__exit__(None, None, None)

    def patient(self, *, token: bool = True, repo: str = REPOSITORY, **changed: str) -> Patient:
        return Patient(self.environ | changed, repo, self.hub.token("octo") if token else "", self.clock)

    def put(self, files: Mapping[str, str], gone: tuple[str, ...] = ()) -> None:
        """Push to the default branch."""
        remote = GitHub.with_token(self.hub.api_url, self.hub.token("octo")).repository(REPOSITORY)
        head = remote.head("main")
        assert head
        remote.commit("main", head, NewCommit(Plain("Change"), files, str((list(files), gone)), gone))

    def answers(self, method: str, path: str, **answer: Any) -> None:
        """Have GitHub answer something else."""
        self.faults.plan(Fault(method, path, status=200, answer=answer, times=99))

    def foreign(self, method: str, path: str) -> None:
        """Have something else answer in the place of GitHub."""
        self.faults.plan(Fault(method, path, times=99, **NOT_GITHUBS))

    def app(self, **changed: Any) -> None:
        """Have the App be another one."""
        state = self.hub.parts.state
        assert state.app is not None
        state.app = replace(state.app, **changed)

    def live(self, address: str) -> None:
        """Have something be live at an address."""
        deployment = Deployment(1, "0" * 40, "main", "microservice-qr", "", self.repo.owner)
        deployment.statuses.append(DeploymentStatus(2, "success", self.repo.owner, address, "", ""))
        self.repo.deployments.append(deployment)

    def deployed(self, **steps: str) -> None:
        """Have the deploy workflow have run, with conclusions of its steps."""
        run = {"id": 1, "conclusion": "success", "html_url": "https://github.example/run"}
        shown = [{"name": name.replace("_", " "), "conclusion": conclusion} for name, conclusion in steps.items()]
        self.answers("GET", f"/workflows/{DEPLOY_WORKFLOW}/runs", workflow_runs=[run])
        self.answers("GET", "/runs/1/jobs", jobs=[{"steps": shown}])


def one(name: str, patient: Patient) -> Finding:
    """Return what one check finds."""
    return dict(examine(patient, [check for check in CHECKS if check.name == name]))[name]


def undelivered(ward: Ward) -> None:
    """Have one of two deliveries not have arrived, an hour ago."""
    failed = Delivery("issues", {}, status=502, at=datetime.now(UTC) - timedelta(hours=1))
    ward.hub.parts.deliveries.all += [Delivery("issues", {}, status=202), failed]


def set_variables(ward: Ward, *gone: str, **more: str) -> None:
    variables = ward.repo.actions.variables[""]
    for name in gone:
        del variables[name]
    variables |= more
