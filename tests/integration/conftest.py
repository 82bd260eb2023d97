import pytest

from tests.live import Live


@pytest.fixture
def live(settings, database_url, broker):
    """An installation without a running worker."""
    made = Live(settings, database_url, broker)
    yield made
    made.close()


@pytest.fixture
def running(live):
    """An installation whose worker takes messages."""
    with live.ingesting():
        yield live
