"""A service that attacks its tests is red: from its process nothing of theirs can be reached.

It runs as in a build, with the three users of `run.py`: root and a namespace of mounts, in which the users exist, are
what that needs. Processes and ports are those of the run alone, too: to the machine's kernel, services that run in
containers have the same user, and an attack that ends all of its processes would end them. Each attack answers wrongly,
so that it has won where the run is green.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path
from textwrap import indent

import pytest

from tests.fakes.attacks import agreeing
from tests.unit.tests_in_build.building import PASSING, Run
from tests.unit.tests_in_build.conftest import TEMPLATE, laid_out

USERS = "service:x:10001:10001::/tmp:/bin/false\ntests:x:10002:10002::/tmp:/bin/false\n"
GROUPS = "service:x:10001:\ntests:x:10002:\n"
_APART = ("unshare", "--mount", "--net", "--pid", "--fork", "--kill-child", "--mount-proc")
# https://man7.org/linux/man-pages/man7/netdevice.7.html: SIOCSIFFLAGS with IFF_UP, as not every machine has `ip`.
LOOPBACK = """
import fcntl, socket, struct
with socket.socket() as any_socket:
    fcntl.ioctl(any_socket, 0x8914, struct.pack("16sh14x", b"lo", 1))
"""
# What hides the interpreter from other users is taken out of the way, in this namespace only.
ENTER = """set -e
"$PYTHON" -c "$LOOPBACK"
mount --bind "$ROOT/passwd" /etc/passwd
mount --bind "$ROOT/group" /etc/group
if [ -n "$HIDDEN" ]; then
  mount --bind "$BASE" "$ROOT/base"
  mount -t tmpfs -o mode=755 tmpfs "$HIDDEN"
  mkdir -p "$BASE"
  mount --bind "$ROOT/base" "$BASE"
fi
exec "$@"
"""
ATTACKED = """
from interface import Input, Output

FOLDERS = [%r]


def attack():
%s


def attempt():
    try:
        attack()
    except BaseException as error:
        print("attack:", repr(error))


attempt()


def execute(input: Input) -> Output:
    attempt()
    return Output(text="wrong")
"""
RIGHT = """
from interface import Input, Output


def execute(input: Input) -> Output:
    return Output(text=input.text.upper())
"""
AT_PYTEST = "sys.modules.get('_pytest.runner') and setattr(sys.modules['_pytest.runner'], 'runtestprotocol', print)"
ATTACKS = {
    # Indirect ways to the code of pytest, each of which once switched it off where it ran in the service's process.
    "pytest": f"""
    import logging.config, pickle, pkgutil, pydoc

    def resolve_name():
        runner = pkgutil.resolve_name("_pytest.runner")
        runner.call_and_report = lambda *_, **__: None
        pkgutil.resolve_name("_pytest.main:Session").shouldfail = "no"

    def locate():
        pydoc.locate("_pytest.runner").pytest_runtest_protocol = lambda *_, **__: True
        pydoc.locate("_pytest.config").ExitCode.TESTS_FAILED = 0

    def unpickle():
        pickle.loads(b"cbuiltins\\nexec\\n(V" + {("import sys; " + AT_PYTEST)!r}.encode() + b"\\ntR.")

    def configure():
        factory = {{"()": "_pytest.outcomes.exit", "reason": "done", "returncode": 0}}
        logging.config.dictConfig({{"version": 1, "filters": {{"x": factory}}}})

    for way in (resolve_name, locate, unpickle, configure):
        try:
            way()
        except BaseException as error:
            print("attack:", repr(error))
""",
    # What a process can do to others on its machine.
    "files": """
    import glob, os
    places = [*FOLDERS, *glob.glob("/tmp/pytest-*"), "/tmp", os.path.expanduser("~")]
    for place in places:
        for name in ("test_executor.py", "conftest.py", "pytest.ini", "report.xml", "passed", "door.py", "run.py"):
            try:
                open(os.path.join(place, name), "w").write("import os; os._exit(0)")
            except OSError:
                pass
""",
    "signals": """
    import os, signal
    for each in (signal.SIGTERM, signal.SIGINT, signal.SIGKILL):
        for process in filter(str.isdigit, os.listdir("/proc")):
            if int(process) != os.getpid():
                try:
                    os.kill(int(process), each)
                except OSError:
                    pass
""",
    "ports": indent(agreeing("A"), "    "),
    "environment": """
    import os, site, sys
    os.environ.update(PYTEST_ADDOPTS="--collect-only", PYTEST_PLUGINS="os", PYTHONSTARTUP="/tmp/x", TEST_SECONDS="0")
    of_tmp = "/tmp/.local/lib/python%d.%d/site-packages" % sys.version_info[:2]
    for folder in (site.getusersitepackages(), of_tmp):
        try:
            os.makedirs(folder, exist_ok=True)
            open(os.path.join(folder, "attack.pth"), "w").write("import os; os._exit(0)\\n")
        except OSError:
            pass
""",
    "the report": """
    import glob, os
    entry = b'{"finished": true}\\n{"test": "test_executor.py::test_one", "outcome": "passed"}\\n'
    for path in glob.glob("/proc/[0-9]*/fd/*"):
        try:
            if "report" in os.readlink(path):
                descriptor = os.open(path, os.O_WRONLY | os.O_APPEND)
                os.write(descriptor, entry)
        except OSError:
            pass
    for number in range(3, 64):
        try:
            os.write(number, entry)
        except OSError:
            pass
    for path in glob.glob("/proc/[0-9]*/mem"):
        try:
            memory = open(path, "r+b")
            print("attack: got", path, memory)
        except OSError:
            pass
""",
}


@pytest.fixture
def run_apart() -> Iterator[Run]:
    """Run the tests as the build does, as three users."""
    if os.geteuid() or not shutil.which("setpriv") or subprocess.run([*_APART, "true"], check=False).returncode:
        pytest.skip("needs root, setpriv and namespaces")
    with tempfile.TemporaryDirectory(prefix="attacked-", dir="/var/tmp") as folder:
        root = Path(folder)
        root.chmod(0o755)

        def run(executor: str) -> subprocess.CompletedProcess[str]:
            options = laid_out(root, PASSING, "one", executor=executor)
            # As in the Dockerfile: each folder is readable for its user alone.
            for name, user in (("service", 10001), ("tests", 10002)):
                os.chown(root / name, 0, user)
                (root / name).chmod(0o750)
            (root / "base").mkdir()
            (root / "passwd").write_text(Path("/etc/passwd").read_text() + USERS)
            (root / "group").write_text(Path("/etc/group").read_text() + GROUPS)
            base = Path(sys.base_prefix)
            hidden = [place for place in base.parents if not place.stat().st_mode & 0o001]
            told = {"ROOT": folder, "BASE": str(base), "HIDDEN": str(hidden[-1]) if hidden else ""}
            told |= {"PYTHON": sys.executable, "LOOPBACK": LOOPBACK}
            kept = {name: value for name, value in os.environ.items() if not name.startswith("PYTEST")}
            command = ["sh", "-c", ENTER, "sh", sys.executable, "-Iu", str(TEMPLATE / "testing/run.py")]
            return subprocess.run(
                [*_APART, *command, "--python", sys.executable, *options],
                env={**kept, **told, "HOME": "/tmp", "TEST_SECONDS": "60"},
                stdout=subprocess.PIPE,
                stderr=subprocess.STDOUT,
                text=True,
                check=False,
            )

        yield run
    for left in Path("/tmp").iterdir():
        if left.is_file() and left.stat().st_uid in (10001, 10002):
            left.unlink()


@pytest.fixture
def stranger() -> Iterator[subprocess.Popen[bytes]]:
    """A process of this machine that has the service's user, as a container's may."""
    with subprocess.Popen(["setpriv", "--reuid=10001", "--clear-groups", "sleep", "600"]) as process:
        yield process
        process.kill()


@pytest.mark.parametrize("name", ATTACKS)
def test_an_attack_leaves_the_tests_red_by_name(run_apart: Run, stranger: subprocess.Popen[bytes], name: str) -> None:
    done = run_apart(ATTACKED % (str(TEMPLATE / "testing"), ATTACKS[name]))
    assert stranger.poll() is None
    assert done.returncode == 1, done.stdout
    assert "FAILED test_executor.py::test_one" in done.stdout


def test_a_service_that_is_right_is_green_as_three_users(run_apart: Run) -> None:
    done = run_apart(RIGHT)
    assert done.returncode == 0, done.stdout
