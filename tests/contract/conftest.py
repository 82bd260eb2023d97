import pytest
from houses import FakeHouse, PostgresHouse


@pytest.fixture(params=["memory", "postgis"])
def house(request):
    """One of the two stores, empty."""
    made = FakeHouse() if request.param == "memory" else PostgresHouse(request.getfixturevalue("database_url"))
    yield made
    made.close()


@pytest.fixture
def postgis(database_url):
    """The store on PostGIS alone."""
    made = PostgresHouse(database_url)
    yield made
    made.close()
