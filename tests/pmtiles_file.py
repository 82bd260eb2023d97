"""A PMTiles 3 file of one tile, by the specification (protomaps/PMTiles, spec/v3): enough for a page to read."""

import struct
from pathlib import Path

NO_COMPRESSION = 1
PNG = 2
HEADER_BYTES = 127


def write_pmtiles(path: Path, tile: bytes, tile_type: int = PNG) -> Path:
    """The world in one tile at zoom 0."""
    root = bytes([1, 0, 1]) + _varint(len(tile)) + bytes([1])  # entries, tile id, run length, length, offset + 1
    metadata = b"{}"
    at = HEADER_BYTES
    sections = [at, len(root), at + len(root), len(metadata), 0, 0, at + len(root) + len(metadata), len(tile)]
    header = b"PMTiles\x03" + struct.pack("<11Q", *sections, 1, 1, 1)
    header += bytes([1, NO_COMPRESSION, NO_COMPRESSION, tile_type, 0, 0])
    header += struct.pack("<4iB2i", -1_800_000_000, -850_000_000, 1_800_000_000, 850_000_000, 0, 0, 0)
    path.write_bytes(header + root + metadata + tile)
    return path


def _varint(number: int) -> bytes:
    low, rest = number & 0x7F, number >> 7
    return bytes([low | 0x80]) + _varint(rest) if rest else bytes([low])
