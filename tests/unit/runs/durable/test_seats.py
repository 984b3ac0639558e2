"""Who gets which seat, and what a run does without one."""

from __future__ import annotations

import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path

import psycopg
import pytest

from bot.runs.durable.client import DurableRuns
from bot.runs.durable.database import open_engine, prepare
from bot.runs.durable.flow import Flow
from bot.runs.durable.seats import Line, LocalSeats, Seat, Seats, next_line
from bot.runs.durable.server_seats import ServerSeats
from bot.runs.durable.server_slot import ServerSlot
from bot.values.progress import Progress, Stage
from bot.values.run import RunRequest
from bot.values.seats import Full, Limit, Limits, Waiting, Work
from tests.fakes.postgres import Server
from tests.unit.runs.durable.conftest import both
from tests.unit.runs.durable.working import LEASE, Process, progress, request, until

BUILDS = Limits(builds=Limit(each=2, whole=3))


def seat(run: str, repo: str = "o/r", work: Work = Work.BUILD) -> Seat:
    return Seat(work, repo.partition("/")[0], repo, run)


@pytest.mark.parametrize(
    ("lines", "served", "expected"),
    [
        ([], {}, None),
        ([Line("o", "o/r", 0, 5.0)], {}, "o/r"),
        # The installation's own limit, and that of all.
        ([Line("o", "o/r", 2, 5.0)], {}, None),
        ([Line("o", "o/r", 1, 1.0), Line("o", "o/s", 1, 1.0)], {}, None),
        ([Line("o", "o/r", 2, None), Line("p", "p/r", 1, 1.0)], {}, None),
        # Who has less goes first, whoever came first.
        ([Line("o", "o/r", 1, 1.0), Line("p", "p/r", 0, 9.0)], {}, "p/r"),
        ([Line("o", "o/r", 1, 1.0), Line("o", "o/s", 0, 9.0)], {}, "o/s"),
        # Among equals the one that has got none for the longest time, and then the first to come.
        ([Line("o", "o/r", 0, 1.0), Line("p", "p/r", 0, 9.0)], {"o": 5.0, "o/r": 5.0}, "p/r"),
        ([Line("o", "o/r", 0, 1.0), Line("o", "o/s", 0, 9.0)], {"o": 5.0, "o/r": 5.0}, "o/s"),
        ([Line("o", "o/r", 0, 1.0), Line("p", "p/r", 0, 9.0)], {}, "o/r"),
    ],
)
def test_a_seat_goes_to_who_has_least(lines: list[Line], served: dict[str, float], expected: str | None) -> None:
    line = next_line(lines, Limit(each=2, whole=3), served)
    assert (line and line.repo) == expected


Make = Callable[[Limits], Seats]


@pytest.fixture
def rung() -> list[str]:
    return []


@pytest.fixture
def make(kind: str, rung: list[str], request: pytest.FixtureRequest) -> Iterator[Make]:
    """Make the seats of a worker; on a server, each call makes another worker."""
    if kind == "sqlite":
        yield lambda limits: LocalSeats(limits, rung.append)
        return
    server: Server = request.getfixturevalue("postgres")
    url = server.database()
    prepare(url)
    slots = []

    def make(limits: Limits) -> Seats:
        slots.append(slot := ServerSlot(url, "1", LEASE, lambda: None))
        return ServerSeats(open_engine(url, patient=True), slot.holder, limits, LEASE.free, rung.append)

    yield make
    for slot in slots:
        slot.give_back()


@both
def test_a_thousand_issues_hold_up_a_single_one_for_one_seat(make: Make, rung: list[str]) -> None:
    """Among them is one of another repository of the same installation, and one of another installation."""
    seats = make(Limits(builds=Limit(each=2, whole=2)))
    many = [seat(str(number)) for number in range(200)]
    assert [seats.take(one) for one in many[:2]] == [None, None]
    full = Full(work=Work.BUILD, held=2, limit=2)
    assert all(seats.take(one) == full for one in many[2:])
    neighbour, stranger = seat("neighbour", "o/s"), seat("stranger", "p/r")
    assert seats.take(neighbour) == full
    assert seats.take(stranger) == full.model_copy(update={"of_all": True})
    seats.leave(many[:1])
    seats.leave(many[1:2])
    assert rung == ["stranger", "neighbour"]
    seats.leave([stranger])
    seats.leave([neighbour])
    assert rung[2:] == ["2", "3"]


@both
def test_a_seat_is_taken_once_and_what_is_under_way_has_one_in_any_case(make: Make, rung: list[str]) -> None:
    seats = make(BUILDS)
    assert seats.take(seat("a")) is None and seats.take(seat("a")) is None
    seats.occupy(seat("b"))
    seats.occupy(seat("c"))
    assert seats.take(seat("d")) == Full(work=Work.BUILD, held=3, limit=2)
    # Another kind of work is not full.
    assert seats.take(seat("d", work=Work.MODEL)) is None
    seats.leave([seat("c")])
    assert seats.take(seat("d")) is not None
    # Who wants it no longer is passed over.
    seats.take(seat("e"))
    seats.leave([seat("d")])
    seats.leave([seat("b")])
    assert rung == ["e"] and seats.take(seat("e")) is None


@pytest.mark.parametrize("kind", ["postgresql"])
def test_workers_share_seats_and_those_of_one_that_is_gone_come_free(make: Make, rung: list[str]) -> None:
    limits = Limits(model_calls=Limit(each=2, whole=3), builds=Limit(each=2, whole=2))
    first, second = make(limits), make(limits)
    a, b, c = (seat(run, work=Work.MODEL) for run in "abc")
    assert first.take(a) is None and second.take(b) is None
    assert second.take(c) == Full(work=Work.MODEL, held=2, limit=2)
    # As if its process had been killed: nobody renews its slot.
    assert isinstance(first, ServerSeats)
    with first._engine.begin() as connection:
        connection.exec_driver_sql("UPDATE slots SET holder = '' WHERE holder = %(gone)s", {"gone": first._holder})
    assert second.take(c) is None
    # Its build is under way all the same, until the run has ended.
    first.occupy(seat("d"))
    first.occupy(seat("e"))
    assert second.take(seat("f")) is not None
    second.look()
    assert second.take(seat("f")) is None


@pytest.mark.parametrize("kind", ["postgresql"])
def test_many_that_come_at_once_get_no_more_than_there_are(make: Make) -> None:
    limits = Limits(builds=Limit(each=4, whole=6))
    workers = [make(limits) for _ in range(3)]
    got: Counter[str] = Counter()

    def take(number: int) -> None:
        repo = f"{'opq'[number % 3]}/r"
        got[repo] += workers[number % 2].take(seat(str(number), repo)) is None

    threads = [threading.Thread(target=take, args=(number,)) for number in range(60)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    engine = workers[0]._engine  # type: ignore[attr-defined]
    with engine.connect() as connection:
        taken = dict(connection.exec_driver_sql("SELECT owner, count(*) FROM seats WHERE taken GROUP BY 1").all())
    assert sum(taken.values()) == 6 and max(taken.values()) <= 4
    assert got.total() <= 6


class Told:
    """A listener that keeps what people are told, each in a step."""

    def __init__(self, flow: Flow) -> None:
        self._flow = flow

    def queued(self, waiting: Waiting) -> None:
        full = waiting.full
        self._flow.step("tell", lambda: None, returns=None)
        note = f"{full.held} of {full.limit} {full.work}"
        self._flow.publish(progress(self._flow, Stage.IMPLEMENT, note))

    def seated(self, waiting: Waiting) -> None:
        self._flow.step("tell", lambda: None, returns=None)
        self._flow.publish(progress(self._flow, Stage.BUILD, "seated"))

    def held(self, *_: object) -> None:
        raise AssertionError("GitHub can be used")

    let_go = held


class Yard:
    """Builds that take as long as a test says: a run begins one, and ends it once its file is there."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._lines = folder / "lines"
        self._lines.touch()

    def body(self, flow: Flow, wanted: RunRequest) -> Progress:
        name = f"{wanted.repo} {wanted.issue}"
        flow.listen(Told(flow))
        flow.enter(Work.BUILD)
        flow.step("push", lambda: self._note(f"push {name}"), returns=None)
        while not flow.step("look", (self._folder / name.replace("/", "-")).exists, returns=bool):
            flow.wait(0.2)
        flow.leave(Work.BUILD)
        flow.step("end", lambda: self._note(f"end {name}"), returns=None)
        return progress(flow)

    def end(self, repo: str, *issues: int) -> None:
        for issue in issues:
            (self._folder / f"{repo.replace('/', '-')} {issue}").touch()

    def pushed(self) -> list[str]:
        lines = self._lines.read_text().splitlines()
        return [line.removeprefix("push ") for line in lines if line.startswith("push ")]

    def most(self) -> int:
        """Return how many were under way at the most."""
        under_way = most = 0
        for line in self._lines.read_text().splitlines():
            under_way += 1 if line.startswith("push") else -1
            most = max(most, under_way)
        return most

    def _note(self, text: str) -> None:
        with self._lines.open("a") as out:
            out.write(f"{text}\n")


@pytest.fixture
def yard(tmp_path: Path) -> Yard:
    return Yard(tmp_path)


def start(runs: DurableRuns, repo: str, *issues: int) -> list[str]:
    wanted = (request(f"{repo}-{issue}", issue).model_copy(update={"repo": repo}) for issue in issues)
    return [runs.start(one).run_id for one in wanted]


def note(runs: DurableRuns, run: str) -> str:
    found = runs.progress(run)
    return found.note if found else ""


@both
def test_a_run_without_a_seat_says_so_and_goes_on_when_there_is_one(
    kind: str, url: str, runs: DurableRuns, yard: Yard
) -> None:
    """Also over a crash: what was under way is, and counts."""
    limits = Limits(builds=Limit(each=1, whole=2))
    with Process(url, yard.body, limits=limits) as worker:
        (first,) = start(runs, "o/r", 1)
        until(lambda: yard.pushed() == ["o/r 1"])
        (second,) = start(runs, "o/r", 2)
        until(lambda: note(runs, second) == "1 of 1 builds")
        worker.kill()
    with Process(url, yard.body, limits=limits):
        (third,) = start(runs, "p/r", 3)
        until(lambda: yard.pushed() == ["o/r 1", "p/r 3"])
        yard.end("o/r", 1)
        until(lambda: runs.finished(first) and len(yard.pushed()) == 3)
        until(lambda: note(runs, second) == "seated")
        yard.end("o/r", 2)
        yard.end("p/r", 3)
        until(lambda: runs.finished(second) and runs.finished(third))
    assert sorted(yard.pushed()) == ["o/r 1", "o/r 2", "p/r 3"]
    # The file's worker forgets at its end who has a seat.
    assert yard.most() <= (2 if kind == "postgresql" else 3)


@both
def test_a_run_that_is_stopped_while_it_waits_leaves_its_place_to_others(
    url: str, runs: DurableRuns, yard: Yard
) -> None:
    with Process(url, yard.body, limits=Limits(builds=Limit(each=1, whole=1))):
        start(runs, "o/r", 1)
        until(lambda: yard.pushed() == ["o/r 1"])
        (second,) = start(runs, "o/r", 2)
        until(lambda: note(runs, second) != "")
        (third,) = start(runs, "o/r", 3)
        runs.stop(second)
        yard.end("o/r", 1, 3)
        until(lambda: runs.finished(third))
    assert yard.pushed() == ["o/r 1", "o/r 3"]


@pytest.mark.parametrize("kind", ["postgresql"])
def test_one_repository_with_many_issues_holds_up_no_other_one_whichever_workers_there_are(
    url: str, runs: DurableRuns, yard: Yard
) -> None:
    """Two workers have taken up all of one repository's; one of them is killed with its seats."""
    limits = Limits(builds=Limit(each=3, whole=3))
    with Process(url, yard.body, limits=limits) as first, Process(url, yard.body, limits=limits):
        ids = start(runs, "o/many", *range(1, 41))
        until(lambda: len(yard.pushed()) == 3)
        ids += start(runs, "p/single", 99)
        time.sleep(1)
        assert len(yard.pushed()) == 3
        # The next seat that comes free is the other one's, in front of 37.
        yard.end("o/many", int(yard.pushed()[0].split()[1]))
        until(lambda: len(yard.pushed()) == 4)
        assert yard.pushed()[3] == "p/single 99"
        first.kill()
        yard.end("p/single", 99)
        yard.end("o/many", *range(1, 41))
        with Process(url, yard.body, limits=limits):
            until(lambda: all(runs.finished(run) for run in ids), seconds=120)
    # The step that was under way when its worker was killed is done again.
    assert set(yard.pushed()) == {f"o/many {issue}" for issue in range(1, 41)} | {"p/single 99"}
    assert len(yard.pushed()) <= 41 + 3
    with psycopg.connect(url) as connection:
        assert connection.execute("SELECT count(*) FROM gptdeploy.seats").fetchone() == (0,)
