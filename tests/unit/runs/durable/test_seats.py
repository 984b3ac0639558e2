"""Who gets which seat."""

from __future__ import annotations

import threading
from collections import Counter
from collections.abc import Callable, Iterator

import pytest

from bot.runs.durable.database import open_engine
from bot.runs.durable.seats import Line, LocalSeats, Seat, Seats, next_line
from bot.runs.durable.server_seats import ServerSeats
from bot.runs.durable.server_slot import ServerSlot
from bot.values.seats import Full, Limit, Limits, Work
from tests.fakes.postgres import Server
from tests.unit.runs.durable.conftest import both
from tests.unit.runs.durable.working import LEASE

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
    url = server.prepared()
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
