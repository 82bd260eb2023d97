"""The demonstration's account over two starts of the demo."""

from tracker.app import accounts_of
from tracker.demo.run import SUPERVISOR, let_in
from tracker.store.connection import engine
from tracker.store.sessions import PostgresSessions

DIGEST = b"d" * 32


def test_a_second_start_ends_no_session_of_the_first(settings, database_url):
    site = settings.model_copy(update={"database_url": database_url})
    let_in(site)
    sessions = PostgresSessions(engine(database_url))
    account = accounts_of(site).credential(SUPERVISOR)
    sessions.open(account.account_id, DIGEST, "open", 3600.0, ("127.0.0.1", "test"))
    let_in(site)
    assert sessions.principal(DIGEST, 3600.0) is not None
