"""A service is built and tested on a real engine, where its tests get less than elsewhere."""

from __future__ import annotations

from textwrap import indent
from uuid import uuid4

import docker
import pytest

from bot.buildlog import read_failure
from bot.clients.docker_engine import Engine, Limits
from bot.clients.docker_engine.removal import LABEL
from bot.errors import TransientError, UserError
from bot.values.failure import FailureClass
from tests.end_to_end.capitals import ASKED, GREEN, Built, service

COMMAND = "RUN python -Iu /usr/local/lib/testing/run.py --passed /usr/local/lib/testing/passed"


def test_a_service_whose_tests_pass_is_green(engine_under_test: Engine) -> None:
    assert engine_under_test.build_and_test(service()) is None


def test_failing_tests_are_told_by_pytest(engine_under_test: Engine) -> None:
    lines = engine_under_test.build_and_test(
        service(GREEN.replace("(status, answer) ==", "answer['text'] ==").replace('(200, {"text": "A"})', '"B"'))
    )
    assert lines is not None
    failure = read_failure(lines)
    assert failure.failure_class is FailureClass.TEST
    assert failure.headline == "test_one: AssertionError: assert 'A' == 'B'"
    assert "E     - B" in failure.excerpt
    assert any(line.startswith("| FAILED test_executor.py::test_one") for line in lines)


def test_packages_are_installed_and_there_is_no_network(engine_under_test: Engine) -> None:
    tests = f"""
import socket

import pytest


@pytest.mark.parametrize("address", [("1.1.1.1", 53), ("127.0.0.53", 53), ("172.17.0.1", 2375)])
def test_one(call, address):
    with pytest.raises(OSError):
        socket.create_connection(address, timeout=3)
{ASKED}

def test_names(call):
    with pytest.raises(socket.gaierror):
        socket.getaddrinfo("pypi.org", 443)
{ASKED}

def test_interfaces(call):
    assert [name for _, name in socket.if_nameindex()] == ["lo"]
{ASKED}"""
    does = "import idna, socket\nassert [name for _, name in socket.if_nameindex()] == ['lo']"
    assert engine_under_test.build_and_test(service(tests, requirements="idna==3.10\n", does=does)) is None


def test_a_package_that_does_not_exist_is_told_by_pip(engine_under_test: Engine) -> None:
    lines = engine_under_test.build_and_test(service(requirements="idna==0.0.0\n"))
    assert lines is not None
    failure = read_failure(lines)
    assert failure.failure_class is FailureClass.PIP
    assert failure.headline == "No matching distribution found for idna==0.0.0"


WALLED = """
import os
import subprocess
from pathlib import Path

assert os.getuid() != 0
status = Path("/proc/self/status").read_text()
for kind in ("Inh", "Prm", "Eff", "Bnd", "Amb"):
    assert f"Cap{kind}:\\t0000000000000000" in status
assert "NoNewPrivs:\\t1" in status
assert not Path("/var/run/docker.sock").exists()
for path in ("/service/x", "/tests/x", "/var/tmp/x", "/usr/local/lib/testing/run.py", "/x"):
    try:
        Path(path).write_text("x")
    except OSError:
        pass
    else:
        raise AssertionError(path)
program = Path(f"/tmp/program-{os.getuid()}")
program.write_text("#!/bin/sh\\nexit 7\\n")
program.chmod(0o755)
assert subprocess.run([program]).returncode == 7
"""


def test_service_and_tests_can_do_no_harm(engine_under_test: Engine) -> None:
    tests = f"def test_one(call):\n{indent(WALLED, '    ')}{ASKED}"
    assert engine_under_test.build_and_test(service(tests, does=WALLED)) is None


def test_a_command_of_a_persons_own_is_not_run_by_root(engine_under_test: Engine) -> None:
    files = service()
    assert COMMAND in str(files["Dockerfile"])
    files["Dockerfile"] = str(files["Dockerfile"]).replace(COMMAND, "USER root\nRUN test $(id -u) = 10001")
    assert engine_under_test.build_and_test(files) is None


def test_too_much_memory_is_said(engine_under_test: Engine) -> None:
    tests = f"def test_one(call):\n{ASKED}    assert bytearray(10**9)\n"
    lines = engine_under_test.build_and_test(service(tests), Limits(memory_mb=256))
    assert lines is not None
    failure = read_failure(lines)
    assert (failure.failure_class, failure.headline) == (
        FailureClass.CODE,
        "Killed, most likely because it used too much memory",
    )


def test_too_much_memory_of_the_service_is_said(engine_under_test: Engine) -> None:
    lines = engine_under_test.build_and_test(service(does="bytearray(10**9)"), Limits(memory_mb=256))
    assert lines is not None
    assert "killed by SIGKILL, most likely because it used too much memory" in read_failure(lines).headline


def test_too_many_processes_fail_the_test_alone(engine_under_test: Engine) -> None:
    does = """
import subprocess
processes = []
try:
    for _ in range(1000):
        processes.append(subprocess.Popen(["sleep", "60"]))
finally:
    for process in processes:
        process.kill()
"""
    lines = engine_under_test.build_and_test(service(does=does), Limits(pids=60))
    assert lines is not None
    failure = read_failure(lines)
    assert failure.headline.startswith("test_one: BlockingIOError")
    assert failure.file == "executor.py"


@pytest.mark.parametrize("ignoring", [False, True])
def test_endless_tests_are_stopped(engine_under_test: Engine, ignoring: bool) -> None:
    ignore = "import signal\n\nsignal.signal(signal.SIGINT, signal.SIG_IGN)\n"
    tests = f"{ignore if ignoring else ''}\n\ndef test_one(call):\n{ASKED}    while True:\n        pass\n"
    lines = engine_under_test.build_and_test(service(tests), Limits(seconds=10))
    assert lines is not None
    failure = read_failure(lines)
    assert (failure.failure_class, failure.headline) == (FailureClass.TEST, "The tests took too long and were stopped")
    assert ignoring or "KeyboardInterrupt" in failure.excerpt


def test_what_never_ends_by_itself_is_killed(kept: docker.DockerClient) -> None:
    files = service()
    files["Dockerfile"] = str(files["Dockerfile"]).replace(
        COMMAND, "RUN : run.py; while true; do sleep 1; done; pytest"
    )
    lines = Engine().build_and_test(files, Limits(seconds=5, grace_seconds=1))
    assert lines is not None
    assert read_failure(lines).headline == "The tests took too long and were stopped"


@pytest.mark.parametrize(
    ("tests", "said"),
    [
        ("import os\n\nos._exit(0)\n", "the tests did not finish: no report"),
        (GREEN.replace("test_one", "test_two"), "scenario test_one did not run"),
    ],
)
def test_an_exit_code_alone_is_not_believed(engine_under_test: Engine, tests: str, said: str) -> None:
    lines = engine_under_test.build_and_test(service(tests))
    assert lines is not None
    assert f"SCENARIO ERROR: {said}" in lines
    assert "returned a non-zero code: 1" in lines[-1]


def test_a_missing_file_is_told_by_the_builder(engine_under_test: Engine) -> None:
    files = service()
    del files["server.py"]
    lines = engine_under_test.build_and_test(files)
    assert lines is not None
    assert read_failure(lines).failure_class is FailureClass.DOCKER
    assert "server.py" in read_failure(lines).headline


def test_fixtures_are_there(engine_under_test: Engine) -> None:
    tests = f'def test_one(call, fixture):\n    assert fixture("a.png") == b"\\x89PNG"\n{ASKED}'
    assert engine_under_test.build_and_test({**service(tests, fixtures=True), "fixtures/a.png": b"\x89PNG"}) is None


def test_only_the_tests_see_the_fixtures(built: Built) -> None:
    tests = f'def test_one(call, fixture):\n    assert fixture("a.png") == b"\\x89PNG"\n{ASKED}'
    assert built.build({**service(tests, fixtures=True), "fixtures/a.png": b"\x89PNG"}) == ""
    assert built.run("ls").split() == ["executor.py", "interface.py", "requirements.txt", "server.py", "service.json"]


def test_the_build_is_red_where_a_scenario_did_not_run(built: Built) -> None:
    assert "SCENARIO ERROR: scenario test_one did not run" in built.build(
        service(GREEN.replace("test_one", "test_two")), "test"
    )
    assert "FAILED test_executor.py::test_one" in built.build(service(GREEN.replace('"A"', '"B"')), "test")
    assert built.build(service()) == ""


def test_a_base_image_out_of_reach_says_nothing_about_the_service(engine_under_test: Engine) -> None:
    with pytest.raises(TransientError, match="cannot build"):
        engine_under_test.build_and_test(service(base="127.0.0.1:1/nothing:1"))


def test_a_dockerfile_of_a_persons_own_is_left_to_the_real_build(engine_under_test: Engine) -> None:
    assert engine_under_test.build_and_test({**service(), "Dockerfile": "FROM scratch\n"}) is None


def test_what_a_crash_left_behind_is_removed(engine_under_test: Engine, kept: docker.DockerClient) -> None:
    name = f"preflight-{uuid4().hex[:8]}"
    kept.containers.create("python:3.13-slim", ["sleep", "1"], name=name, labels={LABEL: "1"})
    assert engine_under_test.build_and_test(service()) is None
    assert kept.containers.list(all=True, filters={"name": name}, ignore_removed=True) == []


def test_an_engine_that_does_not_answer_is_the_persons_to_start() -> None:
    def connect() -> docker.DockerClient:
        raise docker.errors.DockerException("connection refused")

    with pytest.raises(UserError, match=r"`preflight: docker` needs a Docker engine that the bot can reach"):
        Engine(connect).build_and_test(service())
