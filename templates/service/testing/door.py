"""What the tests of this service use: `call` sends a request through the door that its callers use.

`run.py` starts this as a process of its own, and tells it on its standard input what service.json says, and when the
service is ready. Meanwhile the tests are tried against services that do nothing (`hollow.py`).
"""

import base64
import contextlib
import hashlib
import json
import os
import pwd
import shutil
import signal
import sys
import time
from collections.abc import Callable, Generator, Sequence
from pathlib import Path
from typing import Any

import pytest
from _pytest._code.code import ExceptionChainRepr, ReprEntryNative, ReprTraceback

sys.path.append(str(Path(__file__).parent))
import causes
import hollow
from quoting import quote
from sending import READ, Send, send_to

FILE = "test_executor.py"
LINES = 40
"""How many lines of the service's log stand in the report of a failed test."""


class Calls:
    """The calls of a test, and what the service logs meanwhile.

    Args:
        send: sends a request to the service, or to a hollow one.
        log: descriptor of the service's log; None where there is none.
    """

    def __init__(self, send: Send, log: int | None = None) -> None:
        self._send = send
        self._log = log
        self.forget()

    def forget(self) -> None:
        """Begin with the next test."""
        self._began = self._log_size()
        self.told: list[str] = []
        self.refusal = ""

    def __call__(
        self, request: Any = None, *, raw: bytes | None = None, content_type: str = "application/json"
    ) -> tuple[int, Any]:
        """Send POST /execute; return the status, and the answer as JSON, or as text where it is none.

        Args:
            request: what is sent as JSON.
            raw: sent instead, as it is; for JSON that is not valid.
        """
        __tracebackhide__ = True
        body = json.dumps(request).encode() if raw is None else raw
        self._began = self._log_size()
        self.told.append(f"POST /execute {shorten(body)}")
        self.refusal = ""
        status, data = self._send(body, content_type)
        self.told[-1] += f"\n-> {status} {shorten(data)}"
        answer: Any = data.decode("utf-8", "replace")
        with contextlib.suppress(ValueError):
            answer = json.loads(data)
        if status >= 400:
            self.refusal = f"{status} {explain(answer)}"
        return status, answer

    def log(self) -> list[str]:
        """Return what the service has logged since the last call began."""
        if self._log is None:
            return []
        start = max(self._began, self._log_size() - READ)
        return os.pread(self._log, READ, start).decode("utf-8", "replace").splitlines()

    def _log_size(self) -> int:
        return os.fstat(self._log).st_size if self._log is not None else 0


def shorten(data: bytes) -> str:
    text = data[:1000].decode("utf-8", "replace")
    return text if len(data) <= 400 else f"{text[:400]}... ({len(data)} bytes)"


def explain(answer: Any) -> str:
    """Return in one line why the service refused a request."""
    detail = answer.get("detail", answer) if isinstance(answer, dict) else answer
    if isinstance(detail, list) and all(isinstance(fault, dict) for fault in detail):
        faults = ((".".join(map(str, fault.get("loc", ())[1:])), fault.get("msg", "")) for fault in detail)
        detail = "; ".join(f"{place}: {message}".removeprefix(": ") for place, message in faults)
    return " ".join(str(detail).split())[:400]


CALLS = pytest.StashKey[Calls]()


@pytest.fixture(scope="session")
def call(pytestconfig: pytest.Config) -> Calls:
    """Send a request to the service: `status, answer = call({"text": "hello"})`."""
    return pytestconfig.stash[CALLS]


@pytest.fixture(scope="session")
def fixture() -> Callable[[str], bytes]:
    """Read a file of the folder `fixtures`: `fixture("photo.png")`."""
    return lambda name: Path("fixtures", name).read_bytes()


@pytest.fixture(scope="session")
def sample() -> Callable[..., bytes]:
    """Read a sample file, which was made when the tests were written: `sample("docx", text="Hello")`."""

    def read(kind: str, text: str | None = None) -> bytes:
        __tracebackhide__ = True
        digest = hashlib.sha256(json.dumps([kind, text]).encode()).hexdigest()[:12]
        file = Path("fixtures", f"sample-{digest}.{kind}")
        if not file.is_file():
            pytest.fail(f"There is no {file}: sample files are made when the bot writes the tests.")
        return file.read_bytes()

    return read


@pytest.fixture(scope="session")
def decoded() -> Callable[[str], bytes]:
    """Decode base64: `decoded(answer["image"])`."""
    return lambda text: base64.b64decode(text, validate=True)


class Door:
    """The plugin that shows with each failure what happened in the service, and tells `run.py` which tests ran.

    Args:
        calls: sends the requests.
        report: descriptor to which one line of JSON goes for each test.
    """

    def __init__(self, calls: Calls, report: int) -> None:
        self._calls = calls
        self._report = report

    def pytest_configure(self, config: pytest.Config) -> None:
        config.stash[CALLS] = self._calls

    @pytest.hookimpl(tryfirst=True)
    def pytest_runtest_setup(self) -> None:
        self._calls.forget()

    @pytest.hookimpl(wrapper=True)
    def pytest_runtest_makereport(self) -> Generator[None, pytest.TestReport, pytest.TestReport]:
        report = yield
        if report.failed:
            log, cause = causes.split(self._calls.log())
            if not cause and self._calls.refusal:
                cause = [f"E   ServiceRefused: {self._calls.refusal}"]
            if cause and isinstance(report.longrepr, ExceptionChainRepr):
                account = ReprEntryNative([line + "\n" for line in cause])
                report.longrepr.chain.insert(0, (ReprTraceback([account], None, "native"), None, causes.JOINT))
            if self._calls.told:
                report.sections.append(("Captured calls", quoted(self._calls.told[-3:])))
            if log:
                report.sections.append(("Captured service log", quoted(log[-LINES:])))
        return report

    def pytest_sessionfinish(self) -> None:
        write(self._report, {"finished": True})

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        if report.when == "call" or not report.passed:
            reason = getattr(report, "wasxfail", "")
            if isinstance(report.longrepr, tuple):
                reason = report.longrepr[-1].removeprefix("Skipped: ")
            test = report.nodeid.partition("::")[2]
            entry = {"test": test, "outcome": report.outcome, "reason": reason}
            write(self._report, entry | ({"failed": describe(test, report)} if report.failed else {}))

    def pytest_collectreport(self, report: pytest.CollectReport) -> None:
        if report.failed:
            write(self._report, {"failed": describe(report.nodeid, report)})


def quoted(lines: Sequence[str]) -> str:
    """Return what the service said, so that a line of it passes for none of pytest's."""
    return "\n".join(quote("\n".join(lines)))


def describe(name: str, report: pytest.TestReport | pytest.CollectReport) -> dict[str, Any]:
    """Return what `run.py` states of a failure: the exception that pytest tells first, and where the test failed."""
    error = next((line[1:].strip() for line in report.longreprtext.splitlines() if line[:2] == "E "), "")
    place = getattr(report.longrepr, "reprcrash", None)
    found = {"file": Path(place.path).name, "line": place.lineno} if place else {}
    return {"name": name, "error": error[:300], **found}


def write(descriptor: int, entry: dict[str, Any]) -> None:
    os.write(descriptor, json.dumps(entry).encode() + b"\n")


def start(plugin: Door, tests: Sequence[str], options: Sequence[str], silent: bool = False) -> int:
    """Run tests in a copy of this process, so that nothing of one run is left for another; return its id."""
    child = os.fork()
    if child:
        return child
    signal.signal(signal.SIGINT, signal.default_int_handler)
    if silent:
        os.setpgid(0, 0)
        nothing = os.open(os.devnull, os.O_RDWR)
        for descriptor in (0, 1, 2):
            os.dup2(nothing, descriptor)
    # No settings of a folder above count: the service may write into some.
    apart = ["-c", os.devnull, "--rootdir", ".", "--confcutdir", "."]
    code = pytest.main(
        [*options, *apart, "--disable-plugin-autoload", "-p", "no:cacheprovider", *tests],
        plugins=[sys.modules[__name__], plugin],
    )
    sys.stdout.flush()
    os._exit(code)


def pass_on_all_hollow(described: dict[str, Any]) -> list[str]:
    """Return the names of the tests that pass whatever the service does."""
    deadline = time.monotonic() + described["hollow_seconds"]
    names: list[str] = [FILE]
    for kind in hollow.KINDS:
        report = os.memfd_create("hollow")
        calls = Calls(lambda body, _, kind=kind: hollow.answer(kind, described, body))  # type: ignore[misc]
        child = start(Door(calls, report), names, ["-qq"], silent=True)
        while not os.waitpid(child, os.WNOHANG)[0]:
            if time.monotonic() > deadline:
                end_group(child)
                os.waitpid(child, 0)
                return []
            time.sleep(0.002)
        end_group(child)
        with os.fdopen(report, "rb") as file:
            file.seek(0)
            entries = [entry for line in file if "test" in (entry := json.loads(line))]
        failed = {name_of(entry) for entry in entries if entry["outcome"] == "failed"}
        names = list(dict.fromkeys(f"{FILE}::{name}" for entry in entries if (name := name_of(entry)) not in failed))
        if not names:
            break
    return [name.rpartition("::")[2] for name in names]


def name_of(entry: dict[str, Any]) -> str:
    return str(entry["test"]).partition("[")[0]


def end_group(group: int) -> None:
    with contextlib.suppress(ProcessLookupError):
        os.killpg(group, signal.SIGKILL)


def remove_files() -> None:
    """Remove what tests have left in /tmp, so that they find it as in a new container."""
    if pwd.getpwuid(os.getuid()).pw_name != "tests":
        return  # On a person's machine, what this user has in /tmp is no test's.
    for entry in os.scandir("/tmp"):  # noqa: S108
        if entry.stat(follow_symlinks=False).st_uid == os.getuid():
            if entry.is_dir(follow_symlinks=False):
                shutil.rmtree(entry.path, ignore_errors=True)
            else:
                Path(entry.path).unlink(missing_ok=True)


def main(port: int, log: int, report: int) -> int:
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    described = json.loads(sys.stdin.readline())
    write(report, {"hollow": pass_on_all_hollow(described)})
    remove_files()
    if not sys.stdin.readline():
        return 1
    timeout = float(described.get("resources", {}).get("timeout", 60)) + 30
    calls = Calls(send_to(port, log, timeout), log)
    child = start(Door(calls, report), [FILE], ["--color=no", "--tb=short", "-ra"])
    code = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
    return code if code >= 0 else 128 - code


if __name__ == "__main__":
    sys.exit(main(*map(int, sys.argv[1:])))
