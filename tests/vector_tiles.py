"""Vector tiles in the schema of Protomaps (version 4), cut from the basemap that comes with the project."""

import json
from collections import defaultdict
from collections.abc import Iterator
from math import asinh, pi, radians, tan
from pathlib import Path
from typing import Any

import mapbox_vector_tile
from pmtiles.tile import Compression, TileType, zxy_to_tileid
from pmtiles.writer import write
from shapely import box, transform
from shapely.geometry import shape
from shapely.geometry.base import BaseGeometry

BASEMAP = Path(__file__).parents[1] / "data" / "basemap" / "nanjing_osm.geojson"
ZOOM = 14
EXTENT = 4096
MARGIN = 0.05
"""Of a tile: geometries reach so far beyond it, so that no seam shows."""
MAJOR = {"trunk", "primary", "secondary", "tertiary", "trunk_link", "primary_link", "secondary_link", "tertiary_link"}
PATHS = {"footway", "pedestrian", "steps", "path", "cycleway"}
Features = dict[str, list[dict[str, Any]]]


def write_vector_pmtiles(path: Path, source: Path = BASEMAP) -> Path:
    """All features of a GeoJSON basemap as one PMTiles file of one zoom."""
    features = list(protomaps(json.loads(source.read_text(encoding="utf-8"))["features"]))
    # Some roads reach far out of the town that is drawn.
    west, north, east, south = extent([geometry for layer, geometry, _ in features if layer == "buildings"])
    with write(str(path)) as tiles:
        for x in range(int(west), int(east) + 1):
            for y in range(int(north), int(south) + 1):
                tiles.write_tile(zxy_to_tileid(ZOOM, x, y), tile(features, x, y))
        tiles.finalize(header(), {"vector_layers": [{"id": each, "fields": {}} for each in ("earth", "roads")]})
    return path


def protomaps(features: list[dict[str, Any]]) -> Iterator[tuple[str, BaseGeometry, dict[str, Any]]]:
    """(layer, geometry in tiles of `ZOOM`, properties) of each feature."""
    for each in features:
        tags = each["properties"]
        layer, kind = kind_of(tags)
        names = {key: tags[key] for key in ("name", "name:en") if key in tags}
        yield layer, transform(shape(each["geometry"]), to_tiles), {"kind": kind, **names}


def kind_of(tags: dict[str, Any]) -> tuple[str, str]:
    """Layer and kind as Protomaps names them."""
    match tags["layer"]:
        case "road":
            highway = tags["highway"]
            return "roads", "major_road" if highway in MAJOR else "path" if highway in PATHS else "minor_road"
        case "rail":
            return "roads", "rail"
        case "water":
            return "water", "water"
        case "green":
            return "landuse", "park"
    return "buildings", "building"


def to_tiles(points: Any) -> Any:
    """Degrees of WGS-84 to columns and rows of tiles."""
    made = points.copy()
    for row, (lon, lat) in enumerate(points):
        made[row] = (lon + 180.0) / 360.0 * 2**ZOOM, (1.0 - asinh(tan(radians(lat))) / pi) / 2.0 * 2**ZOOM
    return made


def extent(geometries: list[BaseGeometry]) -> tuple[float, float, float, float]:
    """The smallest and largest column and row: west, north, east, south."""
    bounds = [each.bounds for each in geometries]
    west, north = (min(each[side] for each in bounds) for side in (0, 1))
    east, south = (max(each[side] for each in bounds) for side in (2, 3))
    return west, north, east, south


def tile(features: list[tuple[str, BaseGeometry, dict[str, Any]]], x: int, y: int) -> bytes:
    """One tile, with land everywhere."""
    around = box(x - MARGIN, y - MARGIN, x + 1 + MARGIN, y + 1 + MARGIN)
    layers: Features = defaultdict(list)
    layers["earth"].append({"geometry": around, "properties": {"kind": "earth"}})
    for layer, geometry, properties in features:
        part = geometry.intersection(around) if geometry.intersects(around) else None
        if part is not None and not part.is_empty:
            layers[layer].append({"geometry": part, "properties": properties})
    options = {"quantize_bounds": (x, y, x + 1, y + 1), "extents": EXTENT, "y_coord_down": True}
    encoded: bytes = mapbox_vector_tile.encode(
        [{"name": name, "features": held} for name, held in layers.items()], default_options=options
    )
    return encoded


def header() -> dict[str, Any]:
    """What the file says of itself."""
    return {
        "tile_type": TileType.MVT, "tile_compression": Compression.NONE, "min_zoom": ZOOM, "max_zoom": ZOOM,
        "min_lon_e7": 1_180_000_000, "min_lat_e7": 310_000_000, "max_lon_e7": 1_200_000_000,
        "max_lat_e7": 330_000_000, "center_zoom": ZOOM, "center_lon_e7": 1_187_900_000, "center_lat_e7": 320_450_000,
    }  # fmt: skip
