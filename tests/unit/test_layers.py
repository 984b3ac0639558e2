"""Imports point one way, libraries stay in their homes, and modules stay short. The rules are the data below."""

from __future__ import annotations

import ast
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]

# From top to bottom: a module imports from its own place and from the rows below it, never from a neighbour in its row
# and never from a row above.
LAYERS: tuple[tuple[str, ...], ...] = (
    ("bot.__main__",),
    ("bot.terminal",),
    ("bot.demo",),
    ("bot.setup",),
    ("bot.doctor",),
    ("bot.web", "bot.worker"),
    ("bot.commands",),
    ("bot.runs", "bot.deploy"),
    ("bot.generate",),
    ("bot.guard", "bot.buildlog"),
    ("bot.clients",),
    ("bot.init", "bot.logs"),
    ("bot.render",),
    ("bot.config",),
    ("bot.values",),
    ("bot.errors", "bot.language", "bot.foreign"),
    ("bot.sentence",),
)

# The stand-in for GitHub shares next to nothing with the bot, or both could be wrong in the same way.
APART = {"bot.hub": ("bot.errors", "bot.sentence")}
# The same as above, inside the stand-in.
LAYERS_OF_HUB: tuple[tuple[str, ...], ...] = (
    ("bot.hub.server",),
    ("bot.hub.application",),
    ("bot.hub.api", "bot.hub.web"),
    ("bot.hub.parts",),
    ("bot.hub.merging", "bot.hub.suggestions"),
    ("bot.hub.pulls", "bot.hub.reviews"),
    ("bot.hub.issues", "bot.hub.checks", "bot.hub.deployments", "bot.hub.actions"),
    ("bot.hub.request_log", "bot.hub.rate_limit"),
    ("bot.hub.manifests",),
    ("bot.hub.owning",),
    ("bot.hub.webhooks", "bot.hub.access", "bot.hub.act"),
    ("bot.hub.payloads",),
    ("bot.hub.places", "bot.hub.judgement"),
    ("bot.hub.state",),
    ("bot.hub.git", "bot.hub.workflows"),
)
# Who alone may use what stands apart.
USERS_OF_APART = {"bot.hub": ("bot.demo",)}

# Downwards, and still wrong: from -> never.
NEVER = (
    ("bot.web", "bot.runs.durable"),
    ("bot.web", "bot.clients"),
    ("bot.commands", "bot.generate"),
    ("bot.generate", "bot.clients.github"),
    ("bot.deploy", "bot.clients.llm"),
)

# Library -> the modules that may import it.
HOMES = {
    "babel": ("bot.language",),
    "dbos": ("bot.runs.durable",),
    "detect_secrets": ("bot.foreign",),
    "docker": ("bot.clients.docker_engine", "bot.deploy", "bot.demo"),
    "dotenv": ("bot.config",),
    "flask": ("bot.web", "bot.setup", "bot.hub", "bot.demo"),
    "github": ("bot.clients.github",),
    "graphql": ("bot.hub",),
    "greenlet": ("bot.runs.durable",),
    "gunicorn": ("bot.web",),
    "httptools": ("bot.web",),
    "httpx_sse": ("bot.web",),
    "jinja2": ("bot.render",),
    "limits": ("bot.commands",),
    "lingua": ("bot.language",),
    "markupsafe": ("bot.foreign", "bot.hub"),
    "openai": ("bot.clients.llm",),
    "prometheus_client": ("bot.web",),
    "psycopg": ("bot.runs.durable",),
    "sqlalchemy": ("bot.runs.durable",),
}

# Who reads the process's environment.
ENVIRONMENT = ("bot.config", "bot.demo")

LONGEST = 300
NO_NAMES = {"utils", "util", "helpers", "helper", "common", "manager", "misc"}


def modules() -> dict[str, Path]:
    """Return name and file of every module of the bot; packages under their own name."""
    named = {}
    for path in sorted((ROOT / "bot").rglob("*.py")):
        name = ".".join(path.relative_to(ROOT).with_suffix("").parts)
        named[name.removesuffix(".__init__")] = path
    return named


MODULES = modules()
SOURCES = {name: path.read_text() for name, path in MODULES.items()}


def inside(module: str, place: str) -> bool:
    """Return whether a module is `place` or below it."""
    return module == place or module.startswith(f"{place}.")


def imports(source: str) -> Iterator[str]:
    """Yield what a module imports, wherever in the module: `from bot import x` as "bot.x"."""
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            base = "." * node.level + (node.module or "")
            yield from (f"{base}.{alias.name}" for alias in node.names)


def place_of(module: str, layers: tuple[tuple[str, ...], ...]) -> tuple[int, str] | None:
    """Return row and name of the place that a module is in."""
    places = ((number, place) for number, row in enumerate(layers) for place in row)
    return next(((number, place) for number, place in places if inside(module, place)), None)


def faults(module: str, source: str) -> list[str]:
    """Return what is wrong with a module's imports, one line each."""
    lines = []
    for name in imports(source):
        library = name.split(".")[0]
        if name.startswith("."):
            lines.append(f"{module} imports {name}: write the whole name")
        elif library == "bot":
            lines += _own(module, name)
            lines += _past_the_face(module, name)
        elif library in HOMES and not any(inside(module, home) for home in HOMES[library]):
            lines.append(f"{module} imports {library}, whose home is {', '.join(HOMES[library])}")
    return lines


def _own(module: str, name: str) -> Iterator[str]:
    apart = next((place for place in APART if inside(module, place)), None)
    if apart is not None:
        if not any(inside(name, allowed) for allowed in (apart, *APART[apart])):
            yield f"{module} imports {name}, and {apart} stands apart"
        yield from _not_downwards(module, name, LAYERS_OF_HUB)
        return
    for place, users in USERS_OF_APART.items():
        if inside(name, place):
            if not any(inside(module, user) for user in users):
                yield f"{module} imports {name}, which only {', '.join(users)} may"
            return
    yield from _not_downwards(module, name, LAYERS)
    for place, never in NEVER:
        if inside(module, place) and inside(name, never):
            yield f"{module} imports {name}: {place} has no business with {never}"


def _not_downwards(module: str, name: str, layers: tuple[tuple[str, ...], ...]) -> Iterator[str]:
    mine, other = place_of(module, layers), place_of(name, layers)
    # `from bot import __version__` reaches for no module.
    if mine is None or other is None:
        return
    if other[0] < mine[0]:
        yield f"{module} imports {name}, which is above it"
    elif other[0] == mine[0] and other != mine:
        yield f"{module} imports {name}, which is beside it"


def offered() -> dict[str, str]:
    """Return the folder that offers a name in its `__init__`, by where it takes the name from."""
    folders = [name for name, path in MODULES.items() if path.name == "__init__.py"]
    return {
        name: folder
        for folder in folders
        for name in imports(SOURCES[folder])
        if name.startswith(f"{folder}.") and name not in MODULES
    }


OFFERED = offered()


def _past_the_face(module: str, name: str) -> Iterator[str]:
    folder = OFFERED.get(name)
    if folder is not None and not inside(module, folder):
        yield f"{module} imports {name}, which {folder} offers"


def reads_environment(source: str) -> bool:
    """Return whether a module asks the process's environment for anything."""
    asks = {"environ", "environb", "getenv"}
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name):
            if node.value.id == "os" and node.attr in asks:
                return True
        elif isinstance(node, ast.ImportFrom) and node.module == "os" and asks & {alias.name for alias in node.names}:
            return True
    return False


def test_imports_point_downwards_and_libraries_stay_at_home() -> None:
    assert [fault for module, source in SOURCES.items() for fault in faults(module, source)] == []


def test_every_module_has_its_place() -> None:
    layers = (*LAYERS, *LAYERS_OF_HUB)
    assert {module for module in MODULES if place_of(module, layers) is None} == {"bot", "bot.hub"}


def test_every_place_has_a_module() -> None:
    places = {place for row in (*LAYERS, *LAYERS_OF_HUB) for place in row}
    assert {place for place in places if not any(inside(module, place) for module in MODULES)} == set()


def test_the_environment_is_read_in_one_place() -> None:
    readers = [module for module, source in SOURCES.items() if reads_environment(source)]
    assert [module for module in readers if not any(inside(module, home) for home in ENVIRONMENT)] == []
    assert any(inside(module, "bot.config") for module in readers)


def test_modules_are_short() -> None:
    assert {module: lines for module, source in SOURCES.items() if (lines := len(source.splitlines())) > LONGEST} == {}


def test_modules_are_named_by_their_noun() -> None:
    assert [module for module in MODULES if NO_NAMES.intersection(module.split("."))] == []


def test_no_module_is_called_like_one_of_the_standard_library() -> None:
    taken = sys.stdlib_module_names - {"__main__"}
    assert [module for module in MODULES if taken.intersection(module.split("."))] == []


def test_no_name_of_a_module_is_its_neighbours_with_a_suffix() -> None:
    """`github_pulls` beside `github` is a folder `github` with a module `pulls`."""
    assert [module for module in MODULES if any(other in MODULES for other in _stems(module))] == []


def _stems(module: str) -> list[str]:
    folder, _, name = module.rpartition(".")
    words = name.split("_")
    return [f"{folder}.{'_'.join(words[:count])}" for count in range(1, len(words)) if words[0]]


@pytest.mark.parametrize(
    ("module", "source"),
    [
        ("bot.values.service", "from bot.web.pages import pages"),
        ("bot.clients.llm.model", "import bot.generate.fix"),
        ("bot.runs.run", "def late():\n    from bot.commands import answer"),
        ("bot.guard.paths", "from bot.buildlog import read"),
        ("bot.web.pages", "from bot.runs.durable.client import DurableRuns"),
        ("bot.hub.state", "from bot.values.service import Issue"),
        ("bot.hub.state.store", "from bot.hub.payloads import user_json"),
        ("bot.hub.web.issues", "from bot.hub import api"),
        ("bot.runs.run", "from bot.hub.issues import Issues"),
        ("bot.runs.run", "from dbos import DBOS"),
        ("bot.clients.llm.model", "import github.Auth"),
        ("bot.commands.help", "from .registry import Command"),
        ("bot.runs.run", "from bot.buildlog.read import read_failure"),
    ],
)
def test_these_rules_find_what_is_wrong(module: str, source: str) -> None:
    assert len(faults(module, source)) == 1


@pytest.mark.parametrize(
    "source", ["import os\nos.environ['X']", "import os\nos.getenv('X')", "from os import path, environ"]
)
def test_readers_of_the_environment_are_found(source: str) -> None:
    assert reads_environment(source)
    assert not reads_environment("import os\nself.environ\nos.path\nfrom os import path")
