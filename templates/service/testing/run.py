"""Run the tests of this service as its callers use it: over HTTP, against a process of its own.

Three users share the work, so that what is tested cannot touch what tests it. root starts the processes and judges the
report, `service` runs the very server that production runs, and `tests` runs pytest. Neither of the two can read the
other's files, write to what the other writes to, or end the other's processes. Each line that they print is quoted, so
that a line without the mark is root's own, and what they print passes for nothing else (`quoting.py`).

Exit codes: 0, the test of every scenario and requirement ran and passed, and could have failed; 1, not so, or the
service did not start; 124, the time was over; otherwise pytest's own (https://docs.pytest.org/en/stable/reference/exit-codes.html).
"""

import argparse
import contextlib
import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from http.client import HTTPConnection, HTTPException
from pathlib import Path
from typing import Any

sys.path.append(str(Path(__file__).parent))
from quoting import ANNOUNCEMENT, Quoted, quote

HERE = Path(__file__).parent
START_SECONDS = 90
"""What the service may take until /healthz answers, as in the smoke run."""
HOLLOW_SECONDS = 20
"""What the tests may take against all hollow services, at most. What has not run by then counts as able to fail."""
GRACE_SECONDS = 10
"""What tests may take to end, with a report of where they hang, when their time is over."""
OUTCOMES = {"skipped": "was skipped", "failed": "failed"}
REFUSAL = "SCENARIO ERROR"
"""How a line begins that says why a test is refused. The bot acts on it, so that the service must not write it."""
ENDED = "The service's process ended"
"""How a line of the service's log begins that says that its process ended; `sending.py` looks for it."""


def main() -> int:
    print(ANNOUNCEMENT, flush=True)
    options = parse()
    seconds = float(os.environ.pop("TEST_SECONDS", "") or 600)
    deadline = time.monotonic() + seconds
    described = json.loads((options.service / "service.json").read_text(encoding="utf-8"))
    described["hollow_seconds"] = min(HOLLOW_SECONDS, seconds / 10)
    service = Service(options.service, drop_rights("service", options.same_user))
    tests = Tests(options, drop_rights("tests", options.same_user), described, service)
    try:
        fault = service.wait_until_healthy()
        if fault:
            print(*quote(service.read_log()), f"SERVICE ERROR: {fault}", sep="\n")
            state(exit_code=1, service=fault)
            return 1
        code = tests.run(deadline)
    finally:
        tests.end()
        service.end()
    report = tests.read_report()
    faults = [] if code else list(find_faults(described, report))
    for fault in faults:
        print(f"{REFUSAL}: {fault}")
    if code or faults:
        state(exit_code=code or 1, faults=faults, failed=[entry["failed"] for entry in report if "failed" in entry])
    elif options.passed:
        options.passed.write_text(str(sum(entry.get("outcome") == "passed" for entry in report)))
    return code or (1 if faults else 0)


def state(**facts: Any) -> None:
    """State why the tests are red, in a line for programs."""
    print(f"FACTS {json.dumps(facts)}", flush=True)


def parse() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--service", type=Path, default=Path("/service"), help="the folder of the service")
    parser.add_argument("--tests", type=Path, default=Path("/tests"), help="the folder of the tests")
    parser.add_argument("--python", default=str(HERE / "venv/bin/python"), help="the Python that has pytest")
    parser.add_argument("--passed", type=Path, help="the file for the number of passed tests, where all is well")
    parser.add_argument(
        "--same-user", action="store_true", help="run service and tests as this user: for a quick look, without a wall"
    )
    return parser.parse_args()


def drop_rights(user: str, same_user: bool) -> list[str]:
    """Return the beginning of a command that runs as `user`, with no capability and no way to gain one."""
    if same_user:
        return []
    switch = [f"--reuid={user}", f"--regid={user}", "--clear-groups"]
    return ["setpriv", *switch, "--no-new-privs", "--bounding-set=-all", "--inh-caps=-all", "--"]


class Service:
    """The service's process, started at once, and again whenever it has ended.

    Args:
        folder: where its files are.
        command: the beginning of the command that starts it.
    """

    def __init__(self, folder: Path, command: list[str]) -> None:
        with socket.create_server(("127.0.0.1", 0)) as free:
            self.port = int(free.getsockname()[1])
        # It has no name, so that nobody can open it: the service gets what can be written, the tests what can be read.
        with tempfile.TemporaryFile() as log:
            self._log = os.open(f"/proc/self/fd/{log.fileno()}", os.O_WRONLY | os.O_APPEND)
            self.log = os.open(f"/proc/self/fd/{log.fileno()}", os.O_RDONLY)
        server = ["-m", "uvicorn", "server:app", "--host", "127.0.0.1", "--port", str(self.port)]
        self._command = [*command, sys.executable, *server, "--no-access-log", "--no-server-header"]
        self._folder = folder
        self._ending = False
        self._healthy = False
        self._process = self._start()
        threading.Thread(target=self._watch, daemon=True).start()

    def _start(self) -> subprocess.Popen[bytes]:
        return subprocess.Popen(
            self._command,
            cwd=self._folder,
            # A crash in a library's own code leaves the line of the executor where it happened.
            env={**os.environ, "PYTHONFAULTHANDLER": "1"},
            stdin=subprocess.DEVNULL,
            stdout=self._log,
            stderr=self._log,
            start_new_session=True,
        )

    def _watch(self) -> None:
        while not self._ending:
            code = self._process.wait()
            if self._ending or not self._healthy:
                return
            os.write(self._log, f"\n{ENDED} ({how_it_ended(code)}). It is started again.\n".encode())
            self._process = self._start()

    def wait_until_healthy(self) -> str:
        """Return "" once /healthz answers 200, or why it never will."""
        deadline = time.monotonic() + START_SECONDS
        while time.monotonic() < deadline:
            code = self._process.poll()
            if code is not None:
                return f"the service has stopped before /healthz answered ({how_it_ended(code)})"
            connection = HTTPConnection("127.0.0.1", self.port, timeout=5)
            try:
                connection.request("GET", "/healthz")
                if connection.getresponse().status == 200:
                    self._healthy = True
                    return ""
            except (OSError, HTTPException):
                time.sleep(0.01)
            finally:
                connection.close()
        return f"/healthz has not answered within {START_SECONDS} seconds"

    def read_log(self) -> str:
        return os.pread(self.log, 1_000_000, max(0, os.fstat(self.log).st_size - 1_000_000)).decode("utf-8", "replace")

    def end(self) -> None:
        self._ending = True
        end_session(self._process)


class Tests:
    """The process of the tests. Until the service is there, it tries them against hollow services.

    Args:
        options: what the command line says.
        command: the beginning of the command that starts it.
        described: what service.json says.
        service: what is tested.
    """

    def __init__(
        self, options: argparse.Namespace, command: list[str], described: dict[str, Any], service: Service
    ) -> None:
        # In memory, so that a full disk does not keep it from being written; and nobody else has it.
        self._report = os.memfd_create("report")
        fds = service.log, self._report
        self._process = subprocess.Popen(
            [*command, options.python, "-IBu", str(HERE / "door.py"), str(service.port), *map(str, fds)],
            cwd=options.tests,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            pass_fds=fds,
            start_new_session=True,
        )
        assert self._process.stdout  # noqa: S101
        self._printed = Quoted(self._process.stdout)
        self._say(described)

    def _say(self, message: Any) -> None:
        if self._process.stdin:
            with contextlib.suppress(BrokenPipeError):
                self._process.stdin.write(json.dumps(message).encode() + b"\n")
                self._process.stdin.flush()

    def run(self, deadline: float) -> int:
        """Test the service; return the exit code of pytest, or 124 where the time was over.

        Args:
            deadline: as `time.monotonic` tells it.
        """
        self._say("ready")
        try:
            code = self._process.wait(max(0, deadline - time.monotonic()))
        except subprocess.TimeoutExpired:
            os.killpg(self._process.pid, signal.SIGINT)
            with contextlib.suppress(subprocess.TimeoutExpired):
                self._process.wait(GRACE_SECONDS)
            return 124
        return code if code >= 0 else 128 - code

    def end(self) -> None:
        end_session(self._process)
        self._printed.end()

    def read_report(self) -> list[dict[str, Any]]:
        """Return what `door.py` wrote: an entry for each test that ran, one with the tests that pass on all hollow
        services, and one that says that pytest has come to its end."""
        with os.fdopen(self._report, "rb") as report:
            report.seek(0)
            return [json.loads(line) for line in report]


def find_faults(described: dict[str, Any], report: list[dict[str, Any]]) -> Iterator[str]:
    """Yield why tests that pytest takes for passed show nothing.

    That pytest ended with 0 does not say that the tests ran: what they import can end the process with 0 as well.
    """
    if not any("finished" in entry for entry in report):
        yield "the tests did not finish: no report"
        return
    for kind, name in find_wanted(described):
        test = f"test_{name}"
        ran = [entry for entry in report if entry.get("test", "").partition("[")[0].rpartition("::")[2] == test]
        if not ran:
            yield f"{kind} {test} did not run"
        for entry in ran:
            if entry["outcome"] != "passed":
                yield f"{kind} {entry['test']} {OUTCOMES[entry['outcome']]}: {' '.join(entry['reason'].split())}"
    for entry in report:
        for test in entry.get("hollow", ()):
            yield f"{test} passes whatever the service does"


def find_wanted(described: dict[str, Any]) -> Iterator[tuple[str, str]]:
    """Yield what has to have a test, and the test's name: scenarios, and requirements that nothing else checks."""
    for scenario in described.get("scenarios") or []:
        yield "scenario", scenario["name"]
    for requirement in described.get("requirements") or []:
        if not requirement.get("interface") and not requirement.get("unchecked"):
            yield "requirement", requirement["name"]


def how_it_ended(code: int) -> str:
    """Return in words how a process ended, by its exit code as `subprocess` tells it."""
    if code >= 0:
        return f"exit code {code}"
    name = signal.Signals(-code).name
    return f"killed by {name}" + (", most likely because it used too much memory" if name == "SIGKILL" else "")


def end_session(process: subprocess.Popen[bytes]) -> None:
    """End a process and all that it started, as far as they have not left its session."""
    with contextlib.suppress(ProcessLookupError):
        os.killpg(process.pid, signal.SIGKILL)
    process.wait()


if __name__ == "__main__":
    if not shutil.which("setpriv") and "--same-user" not in sys.argv:
        sys.exit("The tests need `setpriv` (Debian package util-linux), to run service and tests as two users.")
    sys.exit(main())
