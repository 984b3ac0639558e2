"""Files that scenarios name by their URL."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace

from bot.clients.docker_engine import Engine, Limits
from bot.clients.fetch import Fetched
from bot.errors import UserError
from tests.fakes.fields import draft
from tests.flow.replies import files, fix, spec, strategies, suite
from tests.flow.scene import Scene
from tests.flow.test_run import RED

PAGE = "https://example.com/page.html"
GONE = "https://example.com/gone.html"
BODY = f"### Description\n\nUpper case of a page\n\n### Test scenarios\n\n- {PAGE} gives HELLO\n- {GONE} gives HELLO\n"
HTML = [draft("text", media_types=["text/html"])]


def test_they_are_fetched_once_and_committed_for_the_tests(scene: Scene) -> None:
    fetched: list[str] = []

    def fetch(url: str) -> Fetched:
        fetched.append(url)
        if url == GONE:
            raise UserError("It is not there (HTTP 404).")
        return Fetched(media_type="text/html", content=b"<p>hello \xff</p>")

    scene.house.worlds[scene.name] = replace(scene.house.worlds[scene.name], fetch=fetch)
    names = ("https_example_com_page_html_gives_hello", "https_example_com_gone_html_gives_hello")
    tests = suite(*names, fixture="page.html")
    scene.answers(spec(inputs=HTML), suite(*names), tests, strategies("str.upper"), files())
    issue = scene.open(BODY)
    progress = scene.finished(issue)

    assert progress.stage == "done"
    assert fetched == [PAGE, GONE]
    assert any(GONE in assumption and "404" in assumption for assumption in progress.assumptions)
    repository = scene.house.hub.repository(scene.name)
    assert repository.git.show("main", "services/upper-case/fixtures/page.html") == b"<p>hello \xff</p>"
    assert f"page.html (text/html, from {PAGE}), begins with: <p>hello" in scene.model.prompt(1)
    refusal = scene.model.prompt(2)
    assert f"`test_{names[0]}` must use the file that its scenario names: with the parameter `fixture`" in refusal
    assert 'fixture("page.html")' in refusal and f"`test_{names[1]}` must" not in refusal
    assert "COPY fixtures/" in (repository.git.show("main", "services/upper-case/Dockerfile") or b"").decode()


def test_a_url_is_just_text_where_the_service_takes_no_files(scene: Scene) -> None:
    def fetch(url: str) -> Fetched:
        raise AssertionError(url)

    scene.house.worlds[scene.name] = replace(scene.house.worlds[scene.name], fetch=fetch)
    scene.answers(spec(), suite("https_example_com_page_html_gives_hello"), strategies("str.upper"), files())
    body = f"### Description\n\nUpper case of a text\n\n### Test scenarios\n\n- {PAGE} gives HELLO\n"
    assert scene.finished(scene.open(body)).stage == "done"


class RecordingEngine(Engine):
    """Finds every build green, and keeps what it was given."""

    def __init__(self) -> None:
        super().__init__()
        self.builds: list[Mapping[str, str | bytes]] = []

    def build_and_test(self, files: Mapping[str, str | bytes], limits: Limits | None = None) -> list[str] | None:
        self.builds.append(files)
        return None


def test_every_build_before_a_push_has_them(make_scene: Callable[..., Scene]) -> None:
    scene = make_scene("preflight: docker\nfixes: 1")
    engine = RecordingEngine()
    page = Fetched(media_type="text/html", content=b"<p>hello \xff</p>")
    scene.house.worlds[scene.name] = replace(scene.house.worlds[scene.name], engine=engine, fetch=lambda _: page)
    tests = suite("https_example_com_page_html_gives_hello", fixture="page.html")
    scene.answers(spec(inputs=HTML), tests, strategies("str.upper"), files("input.text"))
    scene.answers(fix("One.", "input.text.lower()"))
    scene.build_logs(RED, RED)
    issue = scene.open(f"### Description\n\nUpper case of a page\n\n### Test scenarios\n\n- {PAGE} gives HELLO\n")
    scene.finished(issue)
    scene.next_comment(2)
    scene.next_comment(issue)

    # What a run of its own knows of the pull request, it reads from the branch.
    scene.build_logs(RED)
    scene.answers(fix("Now I see.", "input.text.upper()"))
    scene.say(2, "/retry")
    assert scene.next_comment(2)
    assert scene.reached(issue, "done")

    assert [build.get("fixtures/page.html") for build in engine.builds] == [page.content] * 3
