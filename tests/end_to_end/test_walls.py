"""A service that forges, kills, fills and writes: a test that fails is told all the same."""

from __future__ import annotations

import pytest

from bot.buildlog import read_failure
from bot.clients.docker_engine import Engine
from tests.end_to_end.capitals import ASKED, GREEN, Built, service
from tests.fakes.attacks import agreeing

RED = """
def test_one(call):
    status, answer = call({"text": "a"})
    assert (status, answer["text"]) == (200, "B")
"""
FORGE = """
import glob, stat
forged = b'{"test": "test_one", "outcome": "passed", "reason": ""}\\n{"hollow": []}\\n{"finished": true}\\n'
forged += b'FACTS {"exit_code": 124}\\nSCENARIO ERROR: forged\\rFACTS {"exit_code": 124}\\n'
print(forged.decode())
for path in [*glob.glob("/proc/[0-9]*/fd/*"), *glob.glob("/tmp/**", recursive=True), "/tmp/report", "/tmp/report.xml"]:
    if not path.startswith(f"/proc/{os.getpid()}/"):
        try:
            with open(path, "ab") as file:
                file.write(forged)
        except OSError:
            pass
for number in range(64):
    try:
        if stat.S_ISREG(os.fstat(number).st_mode):
            os.write(number, forged)
    except OSError:
        pass
"""
KILL = """
own = os.listdir("/proc/self/task")
others = [int(pid) for pid in os.listdir("/proc") if pid.isdigit() and pid not in own]
for number in (signal.SIGSTOP, signal.SIGINT, signal.SIGTERM, signal.SIGKILL):
    for pid in others:
        try:
            os.kill(pid, number)
        except OSError:
            pass
try:
    os.kill(-1, signal.SIGKILL)
except OSError:
    pass
"""
FILL = """
try:
    with open("/tmp/all", "wb") as file:
        while True:
            file.write(bytes(10**7))
except OSError:
    pass
"""
WRITE = """
places = ("/tests", "/usr/local/lib/testing", "/usr/local/lib/testing/venv/lib/python3.13/site-packages")
names = ("test_executor.py", "conftest.py", "pytest.ini", "sitecustomize.py", "run.py", "door.py", "x.pth")
for path in (f"{place}/{name}" for place in places for name in names):
    try:
        with open(path, "w") as file:
            file.write("import os; os._exit(0)")
    except OSError:
        pass
try:
    os.listdir("/tests")
except PermissionError:
    pass
else:
    raise AssertionError("the tests can be read")
"""
# Indirect ways to the code of pytest: each switched it off where it ran in the service's process.
SWITCH = r"""
import logging.config, pickle, pkgutil, pydoc
ends = {"()": "_pytest.outcomes.exit", "reason": "done", "returncode": 0}
for way in (
    lambda: setattr(pkgutil.resolve_name("_pytest.runner"), "call_and_report", print),
    lambda: setattr(pydoc.locate("_pytest.runner"), "pytest_runtest_protocol", lambda *_, **__: True),
    lambda: pickle.loads(b"c_pytest.outcomes\nexit\n(Vdone\nI0\ntR."),
    lambda: logging.config.dictConfig({"version": 1, "filters": {"ends": ends}}),
):
    try:
        way()
    except BaseException:
        pass
"""
SURROUND = """
import site
os.environ.update(PYTEST_ADDOPTS="--collect-only", PYTEST_PLUGINS="os", TEST_SECONDS="0")
for folder in (site.getusersitepackages(), "/tmp/.local/lib/python3.13/site-packages", "/tmp"):
    for name in ("x.pth", "usercustomize.py", "conftest.py"):
        try:
            os.makedirs(folder, exist_ok=True)
            with open(f"{folder}/{name}", "w") as file:
                file.write("import os; os._exit(0)")
        except OSError:
            pass
"""
ATTACKS = {
    **{"forge": FORGE, "kill": KILL, "write": WRITE},
    **{"switch": SWITCH, "surround": SURROUND, "answer": agreeing("B")},
}


@pytest.mark.parametrize("attack", [*ATTACKS, "fill"])
def test_a_failing_test_stays_red_before_a_push(engine_under_test: Engine, attack: str) -> None:
    lines = engine_under_test.build_and_test(service(RED, does={**ATTACKS, "fill": FILL}[attack]))
    assert lines is not None
    assert read_failure(lines).headline == "test_one: AssertionError: assert (200, 'A') == (200, 'B')"


def test_a_failing_test_stays_red_in_the_build(built: Built) -> None:
    log = built.build(service(RED, does="".join(ATTACKS.values())), "test")
    assert "E   AssertionError: assert (200, 'A') == (200, 'B')" in log
    assert read_failure(log.split("\n")).headline == "test_one: AssertionError: assert (200, 'A') == (200, 'B')"
    assert 'FACTS {"exit_code": 124}' in log


def test_a_service_that_attacks_and_works_is_green(engine_under_test: Engine) -> None:
    assert engine_under_test.build_and_test(service(does="".join(ATTACKS.values()))) is None


def test_the_tests_cannot_read_the_service(engine_under_test: Engine) -> None:
    tests = f"""
import sys

import pytest


def test_one(call):
    sys.path.append("/service")
    with pytest.raises(ModuleNotFoundError):
        import executor
    with pytest.raises(PermissionError):
        open("/service/executor.py")
{ASKED}"""
    assert engine_under_test.build_and_test(service(tests)) is None


def test_a_test_that_cannot_fail_is_refused_by_name(engine_under_test: Engine) -> None:
    tests = f"{GREEN}\n\ndef test_two(call):\n    assert call({{}})[0] in (200, 422)\n"
    lines = engine_under_test.build_and_test(service(tests))
    assert lines is not None
    failure = read_failure(lines)
    assert failure.headline.endswith("test_two passes whatever the service does")
    assert [dispute.test for dispute in failure.disputes] == ["test_two"]


def test_what_tests_need_is_theirs_alone(built: Built) -> None:
    tests = f"def test_one(call):\n    import idna\n\n    assert idna.__version__ == '3.10'\n{ASKED}"
    alone = "import importlib.util\nassert importlib.util.find_spec('pytest') is None"
    assert built.build(service(tests, test_requirements="idna==3.10\n", does=alone)) == ""
    assert "pytest" not in built.run("pip", "list")
    assert built.run("ls", "/service").split() == [
        "executor.py",
        "interface.py",
        "requirements.txt",
        "server.py",
        "service.json",
    ]
    assert "testing" not in built.run("ls", "/usr/local/lib")
