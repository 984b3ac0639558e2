"""The authored replies behave as they are meant to: red where the story wants it, for the reason it tells, then green.

What a build does with a service (install, run the tests) is done in one container for all of them, because eleven
images that differ in one file would tell nothing more.
"""

from __future__ import annotations

import io
import json
import tarfile
from collections.abc import Iterator

import pytest
from docker.models.containers import Container

from bot.buildlog import read_failure
from bot.clients.llm import Model
from bot.clients.packages import Packages
from bot.demo import images
from bot.demo.examples import load
from bot.demo.machine import ensure_engine
from bot.demo.scripted import ScriptedModel
from bot.generate.fix import fix
from bot.generate.implement import implement
from bot.generate.specify import specify
from bot.generate.strategize import strategize
from bot.models import Failure, PastFix, Service, Spec, Strategy

pytestmark = pytest.mark.end_to_end

FOLDER = "/service"
TESTS = ["python", "-m", "pytest", "--color=no", "--tb=short", "-ra", "-p", "no:cacheprovider", "test_executor.py"]
ASK = (
    "import json, sys; from executor import Input, execute;"
    " print(execute(Input(**json.load(open('example.json')))).model_dump_json())"
)


class Builder:
    """Installs a service and runs its tests, as its Dockerfile does, in a container of the services' base image."""

    def __init__(self, container: Container) -> None:
        self._container = container
        self._installed: set[str] = set()
        self._install("pytest", ["pip", "install", "--quiet", "--root-user-action=ignore", "pytest"])

    def build(self, service: Service) -> Failure | None:
        """Return what the build dies of, or None if it is green."""
        self._write(service)
        if service.system_packages:
            wanted = " ".join(service.system_packages)
            script = f"apt-get update --quiet && apt-get install --yes --no-install-recommends {wanted}"
            self._install(script, ["sh", "-c", script])
        pip = ["pip", "install", "--quiet", "--root-user-action=ignore", "--requirement", "requirements.txt"]
        self._install(service.requirements, pip)
        status, output = self._execute(TESTS)
        return read_failure(output.splitlines()) if status else None

    def answer(self) -> dict[str, object]:
        """Return what the service built last answers to its own example."""
        answer: dict[str, object] = json.loads(self._run(["python", "-c", ASK]))
        return answer

    def _install(self, what: str, command: list[str]) -> None:
        # Layers are reused in a build as well.
        if what not in self._installed:
            self._run(command)
            self._installed.add(what)

    def _run(self, command: list[str]) -> str:
        status, output = self._execute(command)
        assert status == 0, output
        return output

    def _execute(self, command: list[str]) -> tuple[int, str]:
        environment = {"PYTHONDONTWRITEBYTECODE": "1"}
        status, output = self._container.exec_run(command, workdir=FOLDER, environment=environment)
        assert isinstance(output, bytes)
        return status or 0, output.decode()

    def _write(self, service: Service) -> None:
        files = {
            "executor.py": service.executor,
            "test_executor.py": service.tests,
            "requirements.txt": service.requirements,
            "example.json": json.dumps(service.example),
        }
        archive = io.BytesIO()
        with tarfile.open(fileobj=archive, mode="w") as tar:
            for name, text in files.items():
                entry = tarfile.TarInfo(name)
                entry.size = len(text.encode())
                tar.addfile(entry, io.BytesIO(text.encode()))
        self._container.put_archive(FOLDER, archive.getvalue())


@pytest.fixture(scope="module")
def builder() -> Iterator[Builder]:
    client = ensure_engine(print).client
    images.ensure(client, [images.PYTHON], print)
    # It ends by itself should the tests be killed.
    container = client.containers.run(images.PYTHON, ["sleep", "900"], working_dir=FOLDER, detach=True, remove=True)
    try:
        yield Builder(container)
    finally:
        container.kill()
        client.close()


@pytest.fixture(scope="module")
def model() -> Iterator[Model]:
    with ScriptedModel() as endpoint:
        yield Model(base_url=endpoint.base_url)


def story(model: Model, builder: Builder, spec: Spec, strategy: Strategy, fixes: int = 10) -> list[Failure | None]:
    """Return what the build of each commit dies of, as a run would go on: None is green, and the end."""
    packages = Packages()
    service, _ = implement(model, packages, spec, strategy)
    ends = [builder.build(service)]
    past: list[PastFix] = []
    while (failure := ends[-1]) is not None and len(past) < fixes:
        mended, _ = fix(model, packages, spec, strategy, service, failure, past, len(past) + 1)
        service = mended.service
        ends.append(builder.build(service))
        past.append(PastFix(diagnosis=mended.diagnosis, headline=failure.headline))
    return ends


def planned(model: Model, name: str) -> tuple[Spec, tuple[Strategy, ...]]:
    spec, _ = specify(model, load(name), ())
    return spec, strategize(model, spec, (), 5)[0]


def headlines(ends: list[Failure | None]) -> list[str]:
    return [end.headline if end else "green" for end in ends]


def test_qr_misses_a_package_that_no_import_shows(model: Model, builder: Builder) -> None:
    spec, (first, second) = planned(model, "qr")
    assert headlines(story(model, builder, spec, first)) == ["ModuleNotFoundError: No module named 'PIL'", "green"]
    assert str(builder.answer()["image"]).startswith("iVBORw0KGgo")
    assert headlines(story(model, builder, spec, second)) == ["green"]


def test_pdf_needs_its_second_strategy(model: Model, builder: Builder) -> None:
    spec, (first, second) = planned(model, "pdf")
    ends = story(model, builder, spec, first)
    assert len(ends) == 11
    assert None not in ends
    fingerprints = [end.fingerprint for end in ends if end]
    # A run gives up early on the same failure three times, and this one is to use all its fixes.
    assert all(len(set(fingerprints[at : at + 3])) > 1 for at in range(9)), headlines(ends)
    assert headlines(story(model, builder, spec, second)) == ["green"]
    assert builder.answer() == {"text": "Hello, world"}


def test_obj_misses_a_system_library(model: Model, builder: Builder) -> None:
    spec, (first, second) = planned(model, "obj")
    (red, green) = story(model, builder, spec, first)
    assert red is not None
    assert "assimp library not found" in red.headline
    assert green is None
    cube = {"vertices": 8, "faces": 6, "triangles": 12, "size": [2.0, 2.0, 2.0]}
    assert builder.answer() == cube
    assert headlines(story(model, builder, spec, second)) == ["green"]
    assert builder.answer() == cube
