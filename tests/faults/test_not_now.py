"""Promise 3: PostgreSQL is there and says «not now», in each of the ways that pass by themselves."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator
from contextlib import closing, suppress
from pathlib import Path

import psycopg
import pytest

from tests.faults.conftest import ALLOCATOR
from tests.faults.test_database_gone import lives_on, says
from tests.support.database_process import DatabaseProcess
from tests.support.scenario import PATIENCE_SECONDS, ServerProcess, end, wait_until
from tests.support.scenario_clients import World
from tests.support.scenario_course import Course

# Whom the server logs in as: no superuser, to whom some refusals do not apply.
ROLE = "shiller"
PASSWORD = "of-the-server"


CUT = f"SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity WHERE usename = '{ROLE}'"  # noqa: S608 - constants


class Operator:
    """Does to a database what operators, failovers and hosting companies do."""

    def __init__(self, database: DatabaseProcess) -> None:
        self.database = database
        self.folder: Path = database.folder
        self._held: list[psycopg.Connection] = []

    def tell(self, *statements: str, database: str = "postgres") -> None:
        with closing(self._connect("postgres", database)) as connection:
            for statement in statements:
                connection.execute(statement)  # type: ignore[arg-type]

    def cut(self) -> None:
        """Every connection of the server."""
        self.tell(CUT, database="template1")

    def hold(self, role: str = "postgres", database: str = "template1") -> None:
        self._held.append(self._connect(role, database))

    def tell_held(self, statement: str) -> None:
        self._held[0].execute(statement)  # type: ignore[arg-type]

    def hold_all(self, role: str) -> None:
        with suppress(psycopg.OperationalError):
            while True:
                self.hold(role)

    def let_go(self) -> None:
        while self._held:
            self._held.pop().close()

    def allow(self, lines: str) -> None:
        """Who may log in how, before the general rule."""
        rules = self.folder / "pg_hba.conf"
        kept = rules.read_text().rpartition("# end of test\n")[2]
        rules.write_text(f"{lines}\n# end of test\n{kept}")
        self.tell("SELECT pg_reload_conf()")

    def restart(self, *, answers: bool = True) -> None:
        self.database.stop()
        self.database.launch()
        if answers:
            wait_until(lambda: self.answers("postgres"), "PostgreSQL to answer")

    def answers(self, role: str) -> bool:
        try:
            self._connect(role, "postgres").close()
        except psycopg.OperationalError:
            return False
        return True

    def _connect(self, role: str, database: str) -> psycopg.Connection:
        return psycopg.connect(
            host=str(self.folder), user=role, dbname=database, autocommit=True, connect_timeout=int(PATIENCE_SECONDS),
            options="-c default_transaction_read_only=off",
        )  # fmt: skip


State = tuple[Callable[[Operator], None], Callable[[Operator], None]]


def _read_only(operator: Operator) -> None:
    operator.tell("ALTER SYSTEM SET default_transaction_read_only = on", "SELECT pg_reload_conf()")


def _read_write(operator: Operator) -> None:
    operator.tell("ALTER SYSTEM RESET default_transaction_read_only", "SELECT pg_reload_conf()")


def _standby(operator: Operator) -> None:
    (operator.folder / "standby.signal").touch()
    operator.restart()


def _promoted(operator: Operator) -> None:
    operator.tell("SELECT pg_promote()")


def _standby_that_answers_nothing(operator: Operator) -> None:
    (operator.folder / "standby.signal").touch()
    with (operator.folder / "postgresql.conf").open("a") as settings:
        settings.write("hot_standby = off\n")
    operator.restart(answers=False)


def _primary_again(operator: Operator) -> None:
    (operator.folder / "standby.signal").unlink()
    operator.restart()


def _rejected(operator: Operator) -> None:
    operator.allow(f"local all {ROLE} reject")
    operator.cut()


def _another_password(operator: Operator) -> None:
    operator.tell(f"ALTER ROLE {ROLE} PASSWORD 'another'")
    operator.allow(f"local all {ROLE} scram-sha-256")
    operator.cut()


def _right_password(operator: Operator) -> None:
    operator.tell(f"ALTER ROLE {ROLE} PASSWORD '{PASSWORD}'")


def _no_login(operator: Operator) -> None:
    operator.tell(f"ALTER ROLE {ROLE} NOLOGIN")
    operator.cut()


def _login(operator: Operator) -> None:
    operator.tell(f"ALTER ROLE {ROLE} LOGIN")


def _crowded(operator: Operator) -> None:
    operator.tell("CREATE ROLE crowd LOGIN")
    _no_login(operator)
    operator.hold_all("crowd")
    _login(operator)


def _role_limit(operator: Operator) -> None:
    operator.tell(f"ALTER ROLE {ROLE} CONNECTION LIMIT 0")
    operator.cut()


def _no_role_limit(operator: Operator) -> None:
    operator.tell(f"ALTER ROLE {ROLE} CONNECTION LIMIT -1")


def _closed(operator: Operator) -> None:
    operator.tell("ALTER DATABASE postgres ALLOW_CONNECTIONS false", database="template1")
    operator.cut()


def _open(operator: Operator) -> None:
    operator.tell("ALTER DATABASE postgres ALLOW_CONNECTIONS true", database="template1")


def _renamed(operator: Operator) -> None:
    _closed(operator)
    operator.tell("ALTER DATABASE postgres RENAME TO being_restored", database="template1")


def _named_again(operator: Operator) -> None:
    operator.tell("ALTER DATABASE being_restored RENAME TO postgres", database="template1")
    _open(operator)


def _not_granted(operator: Operator) -> None:
    operator.tell("REVOKE CONNECT ON DATABASE postgres FROM PUBLIC")
    operator.cut()


def _granted(operator: Operator) -> None:
    operator.tell("GRANT CONNECT ON DATABASE postgres TO PUBLIC")


def _shutting_down(operator: Operator) -> None:
    """It waits for those who are logged in, and lets in nobody new."""
    operator.hold()
    _no_login(operator)
    operator.database.ask_to_stop()
    wait_until(lambda: not operator.answers("postgres"), "PostgreSQL to let in nobody new")
    # Who was just being let in when the others were cut is cut now.
    operator.tell_held(CUT)
    operator.tell_held(f"ALTER ROLE {ROLE} LOGIN")


def _started_again(operator: Operator) -> None:
    operator.let_go()
    operator.restart()


STATES: dict[str, State] = {
    "read-only by a setting (25006)": (_read_only, _read_write),
    "a standby (25006)": (_standby, _promoted),
    "a standby that lets nobody in (57P03)": (_standby_that_answers_nothing, _primary_again),
    "rejected by pg_hba (28000)": (_rejected, lambda operator: operator.allow("")),
    "another password (28P01)": (_another_password, _right_password),
    "a role without LOGIN (28000)": (_no_login, _login),
    "max_connections reached (53300)": (_crowded, Operator.let_go),
    "the role's limit reached (53300)": (_role_limit, _no_role_limit),
    "a database that allows no connections (55000)": (_closed, _open),
    "shutting down (57P03)": (_shutting_down, _started_again),
    "no database of that name (3D000)": (_renamed, _named_again),
    "no right to connect (42501)": (_not_granted, _granted),
}


@pytest.fixture
def operator(database: DatabaseProcess) -> Iterator[Operator]:
    operator = Operator(database)
    operator.tell(
        f"CREATE ROLE {ROLE} LOGIN PASSWORD '{PASSWORD}'",
        f"GRANT ALL ON SCHEMA public TO {ROLE}",
        f"GRANT ALL ON ALL TABLES IN SCHEMA public TO {ROLE}",
        f"GRANT ALL ON ALL SEQUENCES IN SCHEMA public TO {ROLE}",
    )
    yield operator
    with suppress(psycopg.OperationalError):
        operator.let_go()


@pytest.fixture
def server(tmp_path: Path, operator: Operator) -> Iterator[ServerProcess]:
    url = f"postgresql://{ROLE}:{PASSWORD}@/postgres?host={operator.folder}"
    variables = {"DATABASE_URL": url, "SEED_DEMO": "true", "LOG_FORMAT": "json", "EXPIRY_SECONDS": "1"}
    server = ServerProcess(tmp_path, {**variables, **ALLOCATOR})
    try:
        yield server.start()
    finally:
        end(server)


@pytest.mark.parametrize("state", STATES)
async def test_sessions_live_on_and_what_waited_is_stored_in_order(
    world: World, operator: Operator, state: str
) -> None:
    """Nothing is logged as an error meanwhile: `world` looks."""
    begin, pass_by = STATES[state]
    course, stranger = await Course.begin(world), await world.person()

    # Where this takes long, all that may be sent without an answer has been told when it is done.
    places = course.places()
    await asyncio.to_thread(begin, operator)
    known = {id_ for outbox in course.outboxes for id_ in outbox.sent}
    await says(stranger, "/readyz", 503)
    await says(stranger, "/healthz", 200)
    await asyncio.gather(*(lives_on(*each) for each in zip(course.trainees, places, strict=True)))
    await _is_told_not_now(course)
    promised = {id_ for outbox in course.outboxes for id_ in outbox.events} - known
    assert not promised, f"{len(promised)} events were acknowledged while nothing could be stored"

    await asyncio.to_thread(pass_by, operator)
    await says(stranger, "/readyz", 200)
    await course.confirms(20)
    await course.ends_whole(lines_held=True, patience=2 * PATIENCE_SECONDS)
    assert not [trainee for trainee in course.trainees if trainee.lost.is_set()]


async def _is_told_not_now(course: Course) -> None:
    """Whatever else is to be stored."""
    owner = course.owners[0]
    for path, body in (("/sessions", {"title": "New"}), ("/templates", {"title": "New", "vitals": {}})):
        answer = await owner.call("POST", path, json=body)
        assert answer.status_code == 503, answer.text
        assert answer.json()["code"] == "storage_unavailable"
        assert int(answer.headers["Retry-After"]) > 0
