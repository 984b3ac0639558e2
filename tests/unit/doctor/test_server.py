"""The doctor looks at a PostgreSQL server: what it sees of each fault, and the one thing to do."""

from __future__ import annotations

from collections.abc import Iterator

import psycopg
import pytest

from bot.doctor import State
from bot.errors import UserError
from bot.runs.durable.database import prepare
from bot.runs.durable.readiness import causes
from bot.runs.durable.server_fault import Fault, server_fault
from bot.runs.durable.server_slot import Lease
from bot.runs.durable.slots import take_slot
from tests.fakes.postgres import PASSWORD, Server, start_server
from tests.unit.doctor.ward import Ward, one

ROLE = "bot_alone"
IN_ADDRESSES = PASSWORD.replace(" ", "%20")


@pytest.fixture
def url(postgres: Server) -> str:
    """A database with the bot's tables."""
    return postgres.prepared()


@pytest.fixture
def role(postgres: Server) -> Iterator[str]:
    """The address of a new database that a role may enter and no more."""
    empty = postgres.database()
    operate(empty, f"CREATE ROLE {ROLE} LOGIN PASSWORD 'own'")
    yield empty.replace(f"//postgres:{IN_ADDRESSES}@", f"//{ROLE}:own@")
    operate(empty, f"DROP OWNED BY {ROLE} CASCADE; DROP ROLE {ROLE}")


def operate(url: str, statement: str) -> None:
    """Do something to a database as its server's operator."""
    owner = url.replace(f"//{ROLE}:own@", f"//postgres:{IN_ADDRESSES}@")
    with psycopg.connect(owner, autocommit=True) as connection:
        connection.execute(statement.encode())


def database(ward: Ward, url: str) -> tuple[State, str, str]:
    found = one("database", ward.patient(DATABASE_URL=url))
    return found.state, found.seen, found.remedy


def test_a_server_that_is_well_is_green(ward: Ward, postgres: Server, url: str) -> None:
    name = url.rpartition("/")[2]
    assert database(ward, url) == (State.GREEN, f"the database {name} of 127.0.0.1:{postgres.port}", "")
    assert one("worker", ward.patient(DATABASE_URL=url)).seen == "none has been started"
    slot = take_slot(url, "1", Lease())
    assert one("worker", ward.patient(DATABASE_URL=url)).state is State.GREEN
    slot.give_back()
    assert one("worker", ward.patient(DATABASE_URL=url)).seen == "it is not running"


def test_a_server_that_is_away_is_red_and_nothing_is_said_of_its_workers(ward: Ward) -> None:
    with start_server() as server:
        url = server.database()
        prepare(url)
        server.stop()
        state, seen, remedy = database(ward, url)
        assert (state, seen) == (State.RED, "it cannot be used: the server does not answer")
        assert remedy == "Look whether the server runs, and whether this machine reaches it"
        assert one("worker", ward.patient(DATABASE_URL=url)).remedy == "Mend `database` first"
        server.start()


@pytest.mark.parametrize(
    ("part", "wrong", "said"),
    [
        (IN_ADDRESSES, "wr0ng-secret", 'password authentication failed for user "postgres"'),
        ("/runs_", "/nowhere_", "does not exist"),
    ],
)
def test_who_is_not_let_in_reads_why_and_no_secret(ward: Ward, url: str, part: str, wrong: str, said: str) -> None:
    state, seen, remedy = database(ward, url.replace(part, wrong))
    assert state is State.RED and said in seen and "DATABASE_URL" in remedy
    assert "wr0ng-secret" not in seen + remedy
    # `/readyz` says the same.
    assert causes(url.replace(part, wrong)) == {"database": seen}


def test_a_server_that_is_too_old_is_told_its_version(url: str) -> None:
    """There is one version here: the bot asks for a newer one than there is."""
    with psycopg.connect(url) as connection:
        version = connection.info.server_version // 10_000
    assert server_fault(url, version) is None
    found = server_fault(url, version + 1)
    assert found == Fault(f"it is PostgreSQL {version}, and {version + 1} is the oldest that does", "Update the server")


def test_a_role_that_may_make_no_schemas_is_told_how_it_may(ward: Ward, role: str) -> None:
    name = role.rpartition("/")[2]
    remedy = f"Let it: `GRANT CREATE ON DATABASE {name} TO {ROLE}`"
    assert database(ward, role) == (State.RED, "its user may make no schemas", remedy)
    with pytest.raises(UserError, match="cannot be used: its user may make no schemas"):
        prepare(role)
    operate(role, remedy.split("`")[1])
    state, seen, remedy = database(ward, role)
    assert (state, seen) == (State.RED, "its tables are not there yet")
    assert remedy == "Start the bot with `gptdeploy serve` once: it makes them"
    prepare(role)
    assert database(ward, role)[0] is State.GREEN


def test_a_role_that_owns_the_schemas_needs_to_make_none(ward: Ward, role: str) -> None:
    operate(role, f"CREATE SCHEMA dbos AUTHORIZATION {ROLE}; CREATE SCHEMA gptdeploy AUTHORIZATION {ROLE}")
    assert database(ward, role)[1] == "its tables are not there yet"
    prepare(role)
    assert database(ward, role)[0] is State.GREEN


def test_tables_of_somebody_else_are_refused_at_the_start_and_by_the_doctor(ward: Ward, role: str) -> None:
    operate(role, "CREATE SCHEMA dbos; CREATE SCHEMA gptdeploy")
    state, seen, remedy = database(ward, role)
    assert (state, seen) == (State.RED, "it cannot be used: permission denied for schema dbos")
    assert "OWNER" in remedy
    with pytest.raises(UserError, match="cannot be used: permission denied for database"):
        prepare(role)


def test_a_copy_that_can_only_be_read_is_red(ward: Ward, url: str) -> None:
    operate(url, f"ALTER DATABASE {url.rpartition('/')[2]} SET default_transaction_read_only = on")
    state, seen, remedy = database(ward, url)
    assert (state, seen) == (State.RED, "it can be read only") and "not a copy" in remedy
