"""The gates a strategy and its files pass before anything is pushed, with a model that tries to get around them."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from bot.clients.llm import UnusableAnswer
from bot.errors import TransientError, UserError
from bot.generate import FixRequest, Writer, propose_strategies, write_fix, write_service
from bot.generate.files.preflight import Preflight
from bot.guard.source import Source
from bot.values.failure import PastFix
from bot.values.packages import Project
from bot.values.progress import StrategyRecord
from bot.values.service import Scenario, Service, Spec, Strategy
from tests.fakes.model import FakeModel
from tests.fakes.packages import FakePackages
from tests.unit.generate.files.test_assemble import BRIEF, EXECUTOR, FAILURE, FILES, SPEC, STRATEGY, TESTS, reply

YOUNG = Project(
    name="fresh-paint",
    first_upload=datetime.now(UTC) - timedelta(days=2),
    versions=("0.1",),
    for_image=("0.1",),
)
TRAPS = {
    "reqeusts": "nearly called `requests`",
    "fresh_paint": "2 days old",
    "pyautogui": "`pyautogui`",
    "Tabula.Py": "`tabula-py`",
}


def packages() -> FakePackages:
    return FakePackages("nosuch", projects={"fresh-paint": YOUNG})


def strategy(name: str, *required: str, approach: str = "") -> dict[str, Any]:
    return {
        "name": name,
        "approach": approach or f"Use {name}.",
        "packages": list(required),
        "system_packages": [],
        "risks": "",
    }


def planned(
    *answers: list[dict[str, Any]], allow: tuple[str, ...] = (), failed: tuple[StrategyRecord, ...] = ()
) -> tuple[tuple[Strategy, ...], FakeModel]:
    with FakeModel([json.dumps({"strategies": answer}) for answer in answers]) as fake:
        model = fake.client()
        try:
            found, _ = propose_strategies(Writer(model, Preflight(packages(), frozenset(allow))), SPEC, failed, 5)
        finally:
            model.close()
    return found, fake


@pytest.mark.parametrize(("trap", "words"), TRAPS.items())
def test_a_strategy_that_needs_a_trap_is_dropped(trap: str, words: str) -> None:
    found, fake = planned([strategy("bad", trap), strategy("good")])
    assert [each.name for each in found] == ["good"]
    assert len(fake.requests) == 1

    with pytest.raises(UnusableAnswer, match=words):
        planned([strategy("bad", trap)], [strategy("worse", trap)])


def test_what_was_refused_is_told_when_strategies_are_asked_for_again() -> None:
    found, fake = planned([strategy("bad", "reqeusts")], [strategy("good", "requests")])
    assert [each.packages for each in found] == [("requests",)]
    assert "- bad: `reqeusts` is nearly called `requests`" in fake.prompt(1)


def test_packages_allow_takes_a_trap_but_not_what_does_not_exist() -> None:
    found, _ = planned([strategy("a", "reqeusts"), strategy("b", "fresh.paint")], allow=("Reqeusts", "fresh_paint"))
    assert len(found) == 2
    found, _ = planned([strategy("bad", "nosuch"), strategy("good")], allow=("nosuch",))
    assert [each.name for each in found] == ["good"]


def test_invented_packages_are_left_out_where_every_strategy_has_some() -> None:
    found, fake = planned([strategy("a", "nosuch", "pillow")], [strategy("b", "reqeusts", "nosuch")])
    assert [(each.name, each.packages) for each in found] == [("a", ("pillow",))]
    assert "- a: `nosuch` does not exist on the package index" in fake.prompt(1)


def test_web_frameworks_drop_out_of_a_strategy() -> None:
    found, _ = planned([strategy("web", "Flask", "pillow", "FastAPI", "uvicorn")])
    assert found[0].packages == ("pillow",)


def test_the_same_way_in_other_words_is_proposed_once() -> None:
    found, _ = planned(
        [
            strategy("one", "pillow", approach="Draw the picture with Pillow and save it as PNG."),
            strategy("two", "Pillow", approach="Draw the picture with Pillow, and save it as a PNG."),
            strategy("three", "numpy", approach="Draw the picture with Pillow and save it as PNG."),
        ]
    )
    assert [each.name for each in found] == ["one", "three"]


def test_what_failed_before_is_told_with_what_was_learned() -> None:
    record = StrategyRecord(name="old", packages=("qrcode",), reason="red", learned="It died of: no Pillow.")
    _, fake = planned([strategy("new")], failed=(record,))
    assert "- old (qrcode): It died of: no Pillow." in fake.prompt()


def test_an_index_that_is_down_is_never_a_pass() -> None:
    down = FakePackages(down=True)
    with FakeModel([json.dumps({"strategies": [strategy("any", "requests")]})]) as fake:
        model = fake.client()
        with pytest.raises(Exception, match="does not answer") as failed:
            propose_strategies(Writer(model, Preflight(down)), SPEC, (), 5)
        model.close()
    assert not isinstance(failed.value, UserError)


@pytest.mark.parametrize("allow", [(), ("frobnicator",)])
def test_no_check_passes_while_the_index_is_down(allow: tuple[str, ...]) -> None:
    preflight = Preflight(FakePackages(down=True), frozenset(allow))
    with pytest.raises(TransientError):
        preflight.refused(["frobnicator"])
    with pytest.raises(TransientError):
        preflight.imports(Source.read("executor.py", "import frobnicate"), "some-toolkit==1.0\n")


def written(preflight: Preflight, *replies: str, strategy: Strategy = STRATEGY) -> tuple[Service, FakeModel, int]:
    with FakeModel(replies) as fake:
        model = fake.client()
        try:
            service, usage = write_service(Writer(model, preflight), BRIEF, strategy)
        finally:
            model.close()
    return service, fake, usage.saved


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"executor.py": f"import tkinter\n{EXECUTOR}"}, "tkinter"),
        (
            {"executor.py": f"import nobodyknows\n{EXECUTOR}", "requirements.txt": ""},
            "executor.py imports `nobodyknows`",
        ),
        ({"executor.py": EXECUTOR.replace("upper()", "upper() + shout(1)")}, "uses `shout`, which is not defined"),
        ({"executor.py": f"import cgi\n{EXECUTOR}"}, "cgi"),
        ({"requirements.txt": "reqeusts"}, "nearly called `requests`"),
        ({"requirements.txt": "REQEUSTS ; python_version > '3'"}, "nearly called `requests`"),
        ({"requirements.txt": "fresh.paint[all]"}, "2 days old"),
        ({"requirements.txt": "requests @ https://example.com/x.whl"}, "is a URL"),
        ({"packages.txt": "libgl1-mesa-glx"}, "Debian has no package `libgl1-mesa-glx`; it has libgl1"),
        ({"executor.py": f"import os\n{EXECUTOR}\nos._exit(0)\n"}, "_exit"),
    ],
)
def test_a_gate_sends_the_files_back_and_saves_a_build(change: dict[str, str], words: str) -> None:
    known = FakePackages(projects={"fresh-paint": YOUNG}, missing={"libgl1-mesa-glx": ("libgl1",)})
    service, fake, saved = written(Preflight(known), reply({**FILES, **change}), reply(FILES))
    assert words in fake.requests[1]["messages"][-1]["content"]
    assert service.executor == EXECUTOR
    assert saved == 1


def test_a_package_that_an_import_is_known_to_need_is_added() -> None:
    files = {**FILES, "executor.py": f"import markdown\nfrom PIL import Image\n{EXECUTOR}"}
    service, _, saved = written(Preflight(FakePackages()), reply(files))
    assert service.requirements.startswith("# Required: requests, pillow, markdown\n")
    assert saved == 0


def test_a_package_is_not_added_past_the_other_gates() -> None:
    files = {**FILES, "executor.py": f"from PIL import Image\n{EXECUTOR}"}
    _, fake, saved = written(Preflight(FakePackages("pillow")), reply(files), reply(FILES))
    assert "`pillow` does not exist" in fake.requests[1]["messages"][-1]["content"]
    assert saved == 1


def test_packages_of_the_strategy_are_fetched_while_the_model_writes() -> None:
    known = FakePackages()
    needs = STRATEGY.model_copy(update={"packages": ("requests",), "system_packages": ("ffmpeg",)})
    written(Preflight(known), reply(FILES), strategy=needs)
    assert known.prefetched == [("requests", "ffmpeg")]


def test_needless_requirements_are_left_out() -> None:
    service, _, saved = written(Preflight(FakePackages()), reply({**FILES, "requirements.txt": "flask\nrequests\n"}))
    assert service.requirements.startswith("# Required: requests\n")
    assert saved == 0


def test_a_build_beforehand_sends_back_what_it_died_of() -> None:
    deaths = iter(["E   AssertionError: 'hello' != 'HELLO'", None])
    built: list[Service] = []

    def build(spec: Spec, strategy: Strategy, service: Service) -> str | None:
        built.append(service)
        return next(deaths)

    _, fake, saved = written(Preflight(FakePackages(), build=build), reply(FILES), reply(FILES))
    assert "E   AssertionError: 'hello' != 'HELLO'" in fake.requests[1]["messages"][-1]["content"]
    assert len(built) == 2
    assert saved == 1


def test_implement_and_every_fix_begin_with_the_same_words() -> None:
    """Providers charge less for a prefix that they have seen."""
    service, first, _ = written(Preflight(FakePackages()), reply(FILES))
    prompts = [first.prompt(0)]
    for number in (1, 2):
        request = FixRequest(FAILURE, (), again=number > 1, number=number, limit=10)
        with FakeModel([reply({"packages.txt": f"libx{number}"})]) as fake:
            model = fake.client()
            write_fix(Writer(model, Preflight(FakePackages())), SPEC, STRATEGY, service, request)
            model.close()
        prompts.append(fake.prompt(0))
    shared = prompts[0][: prompts[0].index("Reply with these files")]
    assert len(shared) > 1_500
    assert all(prompt.startswith(shared.rstrip()) for prompt in prompts)
    files = prompts[1][: prompts[1].index("Fix 1 of 10")]
    assert prompts[2].startswith(files)


def test_the_largest_prompts_fit_a_window_of_8k() -> None:
    """What matters least is dropped; the files, the failure and the tests are still there."""
    scenarios = tuple(
        Scenario(name=f"case_{number}", text=f"case {number} gives {'a word or two ' * 10}") for number in range(20)
    )
    large = SPEC.model_copy(update={"description": "It shall do this and that. " * 300, "scenarios": scenarios})
    service = written(Preflight(FakePackages()), reply(FILES))[0]
    body = TESTS.partition("def test_hello")[2]
    tests = TESTS + "".join(f"\n\ndef test_{scenario.name}{body}" for scenario in scenarios)
    service = service.model_copy(
        update={"executor": EXECUTOR + "# A line of code, more or less.\n" * 100, "tests": tests}
    )
    failure = FAILURE.model_copy(update={"excerpt": "E   a line of the log of the build\n" * 170})
    past = tuple(PastFix(diagnosis="It was this, and I did that. " * 10, headline="E1") for _ in range(9))
    request = FixRequest(failure, past, again=True, number=10, limit=10)
    fixed = reply({"packages.txt": "libx1"}, "Better.")
    with FakeModel([fixed], window=8_192) as fake:
        model = fake.client(context=8_192)
        answer, _ = write_fix(Writer(model, Preflight(FakePackages())), large, STRATEGY, service, request)
        model.close()
    assert answer.service.system_packages == ("libx1",)
    assert len(fake.requests) == 1
    prompt = fake.prompt()
    assert "# A line of code" in prompt and "a line of the log" in prompt and "test_case_0" in prompt
