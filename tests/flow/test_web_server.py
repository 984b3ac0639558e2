"""The web process as it runs in production: gunicorn, its threads, real sockets."""

from __future__ import annotations

import json
import time
from pathlib import Path

import httpx

from tests.fakes.postgres import Server
from tests.flow.web_process import start_web


def test_it_answers_and_ends_when_told(tmp_path: Path) -> None:
    with start_web(tmp_path) as web:
        with httpx.Client(base_url=web.url, trust_env=False, timeout=30) as client:
            assert client.get("/healthz").json() == {"status": "ok"}
            assert client.get("/").status_code == 200
            assert client.post("/webhook", content=b"{}").status_code == 401
            assert client.post("/webhook", content=iter([b"{", b"}"])).status_code == 401
        # What tells languages takes 60 MB, and is the worker's.
        loaded = libraries(web.process.pid)
        assert "pydantic_core" in loaded and "lingua" not in loaded
        web.process.terminate()
        assert web.process.wait(30) == 0
    # One line a delivery, each a JSON object, and no access log beside them.
    lines = web.log.read_text().splitlines()
    assert [entry["status"] for line in lines if "status" in (entry := json.loads(line))] == [401, 401]


def test_it_gives_a_sign_of_life_although_nobody_asks_anything(tmp_path: Path) -> None:
    with start_web(tmp_path) as web:
        children = Path(f"/proc/{web.process.pid}/task/{web.process.pid}/children")
        while not (started := children.read_text().split()):
            time.sleep(0.05)
        (sign,) = signs(int(started[0]))
        seen = set()
        for _ in range(30):
            seen.add(sign.stat().st_mtime_ns)
            time.sleep(0.1)
        # gunicorn kills a process that has given none for 30 s.
        assert 2 <= len(seen) <= 5


def test_its_processes_share_no_connection_to_the_database(tmp_path: Path, postgres: Server) -> None:
    for database in (f"sqlite:///{tmp_path}/runs.sqlite", postgres.database()):
        with start_web(tmp_path, database) as web:
            # A page reads the database.
            assert httpx.get(web.url, trust_env=False, timeout=30).status_code == 200
            (worker,) = Path(f"/proc/{web.process.pid}/task/{web.process.pid}/children").read_text().split()
            first, second = (connections(int(process)) for process in (web.process.pid, worker))
            assert second and not first & second


def connections(process: int) -> set[str]:
    """Return the sockets that a process has and nobody listens at, and the files of SQLite's that it has opened."""
    rows = [line.split() for line in Path("/proc/net/tcp").read_text().splitlines()[1:]]
    listening = {row[9] for row in rows if row[3] == "0A"}
    opened = {str(file.readlink()) for file in Path(f"/proc/{process}/fd").iterdir()}
    sockets = {name for name in opened if name.startswith("socket:") and name[8:-1] not in listening}
    return sockets | {name for name in opened if ".sqlite" in name}


def signs(process: int) -> list[Path]:
    """Return the file that gunicorn touches in one of its processes."""
    opened = list(Path(f"/proc/{process}/fd").iterdir())
    return [file for file in opened if "wgunicorn-" in str(file.readlink())]


def libraries(process: int) -> str:
    """Return what is mapped into the memory of a process and of those it has started."""
    started = Path(f"/proc/{process}/task/{process}/children").read_text().split()
    return "\n".join(Path(f"/proc/{number}/maps").read_text() for number in (process, *started))
