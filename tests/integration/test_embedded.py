"""The private PostgreSQL: where it lives, who may enter, and what it survives."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import psutil
import psycopg
import pytest
from sqlalchemy import create_engine, make_url, text

from tracker.errors import AlreadyRunningError, DataDirectoryError
from tracker.programs.private_dir import ELSEWHERE, Account, server_account
from tracker.store import embedded
from tracker.store.embedded import EmbeddedPostgres

HOLD_AND_WAIT = """
import sys, pathlib
from tracker.store.embedded import EmbeddedPostgres
with EmbeddedPostgres(pathlib.Path(sys.argv[1]), durable=False) as server:
    print(server.pid, flush=True)
    sys.stdin.read()
"""


def ask(url, question):
    engine = create_engine(url)
    with engine.connect() as connection:
        answer = connection.execute(text(question)).scalar()
    engine.dispose()
    return answer


def execute(url, statement):
    libpq = make_url(url).set(drivername="postgresql").render_as_string(hide_password=False)
    with psycopg.connect(libpq, autocommit=True) as connection:
        connection.execute(statement)


def test_it_serves_postgis_to_an_owner_who_is_no_superuser(postgres):
    assert ask(postgres.url, "SELECT postgis_version()").startswith("3.")
    assert ask(postgres.url, "SELECT NOT rolsuper FROM pg_roles WHERE rolname = current_user")


def test_it_listens_on_no_network(postgres):
    listening = [c for c in psutil.Process(postgres.pid).net_connections("inet") if c.status == "LISTEN"]
    assert listening == []


def test_it_never_runs_as_root(postgres):
    assert psutil.Process(postgres.pid).uids().real != 0


def test_data_and_socket_are_private(postgres):
    home = postgres.var_dir / "postgres"
    assert [path.stat().st_mode & 0o777 for path in (home, home / "data", home / "run")] == [0o700] * 3


def test_it_is_durable_by_default(var_dir):
    with EmbeddedPostgres(var_dir) as server:
        shown = [ask(server.url, f"SHOW {name}") for name in ("fsync", "synchronous_commit", "full_page_writes")]
    assert shown == ["on"] * 3


def test_text_is_utf8_and_time_is_utc(postgres):
    assert ask(postgres.url, "SHOW server_encoding") == "UTF8"
    assert ask(postgres.url, "SELECT lower('ÄÖ法院')") == "äö法院"
    assert ask(postgres.url, "SHOW timezone") == "UTC"


def test_a_failing_statement_leaves_no_row_in_the_log(postgres, empty_database_url):
    execute(empty_database_url, "CREATE TABLE secret_place (id text PRIMARY KEY)")
    execute(empty_database_url, "INSERT INTO secret_place VALUES ('118.78,32.04')")
    with pytest.raises(psycopg.errors.UniqueViolation):
        execute(empty_database_url, "INSERT INTO secret_place VALUES ('118.78,32.04')")
    log = postgres.log.read_text()
    assert "duplicate key" in log
    assert "118.78" not in log


def test_committed_rows_survive_a_killed_server(var_dir):
    with EmbeddedPostgres(var_dir) as server:
        execute(server.url, "CREATE TABLE kept (n int)")
        execute(server.url, "INSERT INTO kept VALUES (1)")
        server.kill()
        server.start()
        server.wait_ready()
        assert ask(server.url, "SELECT n FROM kept") == 1


def test_a_second_start_keeps_the_data(var_dir):
    with EmbeddedPostgres(var_dir, durable=False) as server:
        execute(server.url, "CREATE TABLE kept (n int)")
    with EmbeddedPostgres(var_dir, durable=False) as server:
        assert ask(server.url, "SELECT count(*) FROM kept") == 0


def test_two_on_the_same_data_are_refused(var_dir):
    with EmbeddedPostgres(var_dir, durable=False), pytest.raises(AlreadyRunningError, match=str(os.getpid())):
        EmbeddedPostgres(var_dir).start()


def test_others_find_the_running_one(var_dir):
    assert embedded.running_url(var_dir) is None
    with EmbeddedPostgres(var_dir, durable=False) as server:
        assert embedded.running_url(var_dir) == server.url
    assert embedded.running_url(var_dir) is None


def test_it_dies_with_a_killed_parent_and_starts_again(var_dir):
    parent = subprocess.Popen(
        [sys.executable, "-c", HOLD_AND_WAIT, var_dir], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )
    server = psutil.Process(int(parent.stdout.readline()))
    parent.kill()
    server.wait(timeout=30)
    with EmbeddedPostgres(var_dir, durable=False) as again:
        assert ask(again.url, "SELECT 1") == 1
    parent.communicate()


def test_a_pid_file_whose_process_is_another_program_is_stale(var_dir):
    with EmbeddedPostgres(var_dir, durable=False) as server:
        data = server.var_dir / "postgres" / "data"
    (data / "postmaster.pid").write_text(f"{os.getppid()}\n{data}\n0\n5432\n\n\n\nready\n")
    with EmbeddedPostgres(var_dir, durable=False) as server:
        assert ask(server.url, "SELECT 1") == 1


def test_data_of_another_major_version_are_left_alone(var_dir):
    with EmbeddedPostgres(var_dir, durable=False) as server:
        data = server.var_dir / "postgres" / "data"
    (data / "PG_VERSION").write_text("9\n")
    with pytest.raises(DataDirectoryError, match=r"written by PostgreSQL 9, and \d+ is installed"):
        EmbeddedPostgres(var_dir).start()


def test_an_interrupted_initdb_is_not_taken_for_a_cluster(var_dir):
    with EmbeddedPostgres(var_dir, durable=False) as server:
        home = server.var_dir / "postgres"
    (home / "data").rename(home / "data.new")
    (home / "data.new" / "PG_VERSION").unlink()
    with EmbeddedPostgres(var_dir, durable=False) as server:
        assert ask(server.url, "SELECT 1") == 1


def test_a_long_path_gets_a_short_socket_directory(var_dir):
    deep = var_dir / ("x" * 90)
    with EmbeddedPostgres(deep, durable=False) as server:
        assert ask(server.url, "SELECT 1") == 1
        socket_dir = Path(make_url(server.url).query["host"])
        assert not socket_dir.is_relative_to(deep)
    assert not socket_dir.exists()


def test_a_checkout_that_the_server_cannot_enter_puts_its_data_elsewhere(var_dir):
    if os.geteuid() != 0:
        return  # an ordinary user's server runs as that user and can enter whatever they can
    closed = var_dir / "closed"
    closed.mkdir(mode=0o700)
    with EmbeddedPostgres(closed / "var", durable=False) as server:
        assert ask(server.url, "SELECT 1") == 1
    link = closed / "var" / "postgres"
    assert link.readlink().parent == ELSEWHERE
    shutil.rmtree(link.resolve())


def test_a_stranger_on_this_machine_is_refused(postgres):
    if os.geteuid() != 0:
        return  # only root can try as somebody else
    nobody = Account.popen_options(Account("nobody", 65534, 65534))
    socket_dir = make_url(postgres.url).query["host"]
    tried = subprocess.run(["psql", "-h", socket_dir, "-U", "keepclear"], capture_output=True, **nobody, check=False)
    assert tried.returncode != 0


def test_someone_elses_data_are_refused(var_dir):
    stranger = Account("stranger", os.geteuid() + 1, 1)
    with pytest.raises(DataDirectoryError, match=f"{var_dir} belongs to .*, and you are stranger"):
        server_account(var_dir, "postgres", stranger)


def test_stopping_leaves_nothing_running(var_dir):
    with EmbeddedPostgres(var_dir, durable=False) as server:
        family = psutil.Process(server.pid).children(recursive=True)
    assert not any(process.is_running() for process in family)
