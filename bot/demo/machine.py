"""What the demo needs of the machine itself: a Docker engine, a client that builds with BuildKit, a browser.

An engine that answers is used as it is. Where none does, root on Debian gets one: installed, started in the background
so that it outlives this process, remembered, and stopped by `stop_engine` alone.
"""

from __future__ import annotations

import fcntl
import os
import shutil
import signal
import subprocess
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import docker
from docker.errors import DockerException
from docker.utils import kwargs_from_env

from bot.clients import docker_engine
from bot.demo import Say, builder, debian
from bot.errors import UserError

_START_SECONDS = 60.0
# The engine gives containers 10 s to end, one after another where networks are torn down.
_STOP_SECONDS = 60.0


@dataclass(frozen=True)
class Engine:
    """The Docker engine of a machine: where it listens, and what is remembered about who started it.

    Attributes:
        state: folder for the engine's log, and for the record that it was started here.
        socket: the Unix socket that it listens on.
        pid_file: where the engine writes its process id; a second engine with the same file does not start.
        program: the engine's command.
    """

    state: Path = Path.home() / ".local" / "state" / "gptdeploy"
    socket: Path = Path("/var/run/docker.sock")
    pid_file: Path = Path("/var/run/docker.pid")
    program: str = "dockerd"

    @property
    def record(self) -> Path:
        """The file that holds the process id of the engine that was started here."""
        return self.state / "engine.pid"

    @property
    def log(self) -> Path:
        return self.state / "engine.log"


ENGINE = Engine()


@dataclass(frozen=True)
class EngineHandle:
    """An engine that answers.

    Attributes:
        client: connected to it; its owner closes it.
        started: whether this very call started it.
    """

    client: docker.DockerClient
    started: bool


def engine_answers(engine: Engine = ENGINE) -> bool:
    """Tell whether an engine answers, at once."""
    try:
        _connect(engine).close()
    except DockerException:
        return False
    return True


def ensure_engine(say: Say, engine: Engine = ENGINE) -> EngineHandle:
    """Return an engine that answers; install and start one where none does.

    Raises:
        UserError: none answers, and this process cannot provide one; the text says what to do.
    """
    try:
        return EngineHandle(_connect(engine), started=False)
    except DockerException as error:
        _refuse_hopeless(error, engine)
    with _locked(engine):
        if engine_answers(engine):
            return EngineHandle(_connect(engine), started=False)
        if _program(engine) is None:
            _install_engine(say)
        started = _start(engine, say)
        return EngineHandle(_connect(engine), started=started)


def stop_engine(engine: Engine = ENGINE) -> bool:
    """Stop the engine that `ensure_engine` started, with all its containers; any other engine is left alone.

    Returns:
        whether there was one to stop.
    """
    if not engine.record.exists():
        return False
    pid = int(engine.record.read_text())
    running = _runs_dockerd(pid)
    if running:
        os.kill(pid, signal.SIGTERM)
        if not _wait(lambda: not _runs_dockerd(pid), _STOP_SECONDS):
            raise UserError(f"The Docker engine (process {pid}) does not end; its log is {engine.log}.")
    engine.record.unlink()
    return running


def runner_environment(engine: Engine = ENGINE) -> dict[str, str]:
    """Return the variables under which `docker build` uses BuildKit: PATH, DOCKER_BUILDKIT.

    Where the first `docker` on this process's PATH does not build with BuildKit, PATH begins with a folder that holds
    only a `docker` that does. The rest of PATH stays.
    """
    folder = engine.state / "bin"
    others = [entry for entry in os.get_exec_path() if Path(entry) != folder]
    return builder.environment(folder, builder.commands(others))


def ensure_chromium(say: Say) -> Path:
    """Return the path of Chromium or Chrome; install it where there is none.

    Raises:
        UserError: there is none, and this process cannot install it.
    """
    for name in ("chromium", "google-chrome", "google-chrome-stable", "chromium-browser"):
        if path := shutil.which(name):
            return Path(path)
    if not debian.can_install():
        raise UserError("The browser tests need Chromium: install the package `chromium`, or Google Chrome.")
    debian.install(["chromium", "fonts-liberation"], say)
    return Path("/usr/bin/chromium")


def _connect(engine: Engine) -> docker.DockerClient:
    """Return a client; raises DockerException where nothing answers."""
    return docker_engine.connect("" if engine is ENGINE else f"unix://{engine.socket}")


def _refuse_hopeless(error: DockerException, engine: Engine) -> None:
    """Raise UserError where starting an engine would not help or is not possible."""
    address = str(kwargs_from_env().get("base_url") or "") if engine is ENGINE else ""
    if address and not address.endswith("/docker.sock"):
        raise UserError(f"No Docker engine answers at DOCKER_HOST ({address}). Start it, or unset DOCKER_HOST.")
    if "Permission denied" in str(error):
        raise UserError(
            "The Docker engine refuses this user: run `sudo usermod -aG docker $USER` and log in again, or be root."
        )
    if not debian.can_install():
        raise UserError(
            "No Docker engine answers: install Docker and start it (https://docs.docker.com/engine/install/)."
        )


def _install_engine(say: Say) -> None:
    debian.install(["docker.io", "iptables"], say)
    # Debian 13 and later have the client and its BuildKit in packages of their own; before, docker.io holds both.
    extra = [name for name in ("docker-cli", "docker-buildx") if debian.known(name)]
    if extra:
        debian.install(extra, say)


def _start(engine: Engine, say: Say) -> bool:
    """Start the engine and wait until it answers; returns False if somebody else's came up meanwhile."""
    if Path("/run/systemd/system").is_dir() and engine is ENGINE:
        # The package's own service: it belongs to the machine from now on.
        subprocess.run(["systemctl", "start", "docker"], check=False)
        if _wait(lambda: engine_answers(engine), _START_SECONDS):
            return False
        raise UserError("The Docker service does not start: see `journalctl -u docker`.")
    pid = _pid(engine)
    starts_itself = pid is not None and _runs_dockerd(pid)
    if not starts_itself:
        say("starting the Docker engine")
        _launch(engine)
        # Remembered before it answers, so that it can be stopped even if somebody interrupts the wait.
        if _wait(lambda: _pid(engine) is not None, _START_SECONDS, while_=lambda: not _failed(engine)):
            engine.record.write_text(str(_pid(engine)))
    if not _wait(lambda: engine_answers(engine), _START_SECONDS, while_=lambda: starts_itself or not _failed(engine)):
        raise UserError(f"The Docker engine does not start; {engine.log} ends with: {_last_error(engine.log)}")
    return not starts_itself


def _launch(engine: Engine) -> None:
    # A pid file that outlived its process may name another process by now; the engine would believe it.
    pid = _pid(engine)
    if pid is not None and not _runs_dockerd(pid):
        engine.pid_file.unlink()
    command = [_program(engine) or engine.program, f"--host=unix://{engine.socket}", f"--pidfile={engine.pid_file}"]
    with engine.log.open("wb") as log:
        # Forked off into a session of its own, so that the engine outlives this process and its terminal.
        subprocess.run(
            ["setsid", "--fork", *command],
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=subprocess.STDOUT,
            cwd="/",
            check=True,
        )


def _failed(engine: Engine) -> bool:
    """Tell whether a launched engine has given up; the log says so, as there is no exit status to read."""
    return "failed to start daemon" in engine.log.read_text(errors="replace")


def _last_error(log: Path) -> str:
    lines = log.read_text(errors="replace").splitlines() if log.exists() else []
    return lines[-1][:500] if lines else "nothing"


def _program(engine: Engine) -> str | None:
    return shutil.which(engine.program, path=os.pathsep.join([*os.get_exec_path(), "/usr/sbin", "/sbin"]))


def _pid(engine: Engine) -> int | None:
    try:
        return int(engine.pid_file.read_text())
    except (FileNotFoundError, ValueError):
        return None


def _runs_dockerd(pid: int) -> bool:
    """Tell whether the process is a live engine. Process ids are used again, and a zombie is no engine.

    https://man7.org/linux/man-pages/man5/proc_pid_stat.5.html
    """
    try:
        name, _, rest = Path(f"/proc/{pid}/stat").read_text().partition("(")[2].rpartition(")")
    except (FileNotFoundError, ProcessLookupError):
        return False
    return name == "dockerd" and rest.split()[0] != "Z"


def _wait(reached: Callable[[], bool], seconds: float, while_: Callable[[], bool] = lambda: True) -> bool:
    deadline = time.monotonic() + seconds
    while not reached():
        if time.monotonic() > deadline or not while_():
            return False
        time.sleep(0.1)
    return True


@contextmanager
def _locked(engine: Engine) -> Iterator[None]:
    """Let one process at a time look for an engine and start it."""
    engine.state.mkdir(parents=True, exist_ok=True)
    with (engine.state / "engine.lock").open("w") as handle:
        fcntl.flock(handle, fcntl.LOCK_EX)
        yield
