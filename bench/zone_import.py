"""What an import over HTTP costs: `python -m bench.zone_import 20000 100000` sends so many rows."""

import shutil
import sys
import time
from pathlib import Path

import numpy as np
from fastapi.testclient import TestClient
from sqlalchemy import create_engine

from maps.app import create_maps_app
from maps.zoning import zone_api
from tests.conftest import make_var_dir
from tests.fake_live import PASSWORD, FakeAccounts, FakeLiveView
from tracker.store import embedded
from tracker.store.connection import engine
from tracker.store.embedded import EmbeddedPostgres
from tracker.store.migrate import upgrade
from tracker.store.zone_book import PostgresZoneBook


def table(count: int) -> str:
    """Points all over eastern China, each with an id and a name of its own."""
    places = np.random.default_rng(count).uniform((112.0, 28.0), (121.0, 36.0), (count, 2))
    rows = (f"{count}-{n},Place {count} {n},court,{lon:.7f},{lat:.7f}\n" for n, (lon, lat) in enumerate(places))
    return "id,name,category,lon,lat\n" + "".join(rows)


def send(client: TestClient, count: int, *, dry_run: bool) -> None:
    file = (f"{count}.csv", table(count))
    fields = {"datum": "wgs84", "reason": "bench"}
    began = time.perf_counter()
    answer = client.post("/api/v1/zones/import", params={"dry_run": dry_run}, files={"file": file}, data=fields)
    took_s = time.perf_counter() - began
    added = len(answer.raise_for_status().json()["added"])
    print(f"{added} rows {'looked at' if dry_run else 'imported'}: {took_s:.1f} s", flush=True)


def main() -> None:
    path = make_var_dir()
    with EmbeddedPostgres(path, durable=False) as server:
        url = server.url_of(embedded.DATABASE)
        upgrade(create_engine(url))
        accounts = FakeAccounts(anna=PASSWORD)
        app = create_maps_app(accounts, accounts, FakeLiveView(), basemap=Path("none.geojson"))
        app.include_router(zone_api.router(PostgresZoneBook(engine(url)), 200.0, 100.0))
        client = TestClient(app)
        client.post("/login", data={"username": "anna", "password": PASSWORD})
        for count in map(int, sys.argv[1:] or ("20000", "100000")):
            send(client, count, dry_run=True)
            send(client, count, dry_run=False)
    shutil.rmtree(path)


if __name__ == "__main__":
    main()
