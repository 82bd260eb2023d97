"""Zips as people send them (shapefiles, KMZ): unpacked into a private directory under limits, names never trusted."""

import zipfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path, PurePosixPath
from tempfile import TemporaryDirectory

from geofences.codes import Code
from geofences.report import SourceError

MAX_BYTES = 1 << 30
MAX_RATIO = 200
MAX_FILES = 2_000
_SMALL_BYTES = 64 << 20
_CHUNK = 1 << 20


@contextmanager
def unpacked(path: Path) -> Iterator[list[Path]]:
    """The files of a zip, in a directory that goes away; SourceError for a broken, locked or exploding one.

    Files keep their endings and what they share of a name, nothing else: a name can't lead out of the directory.
    """
    with TemporaryDirectory(prefix="keepclear-zip-") as room:
        try:
            with zipfile.ZipFile(path) as archive:
                check_archive(archive)
                yield _extracted(archive, Path(room))
        except (zipfile.BadZipFile, RuntimeError, EOFError, zlib.error) as error:
            unforeseen = isinstance(error, RuntimeError) and not isinstance(error, NotImplementedError)
            if unforeseen and "encrypted" not in str(error):
                raise
            raise SourceError(Code.ARCHIVE_UNREADABLE(file=path.name, cause=error)) from error


def check_archive(archive: zipfile.ZipFile) -> None:
    """SourceError when the archive would unpack into more than is sensible."""
    members = _members(archive)
    size = sum(member.file_size for member in members)
    packed = sum(member.compress_size for member in members) or 1
    if len(members) > MAX_FILES or size > MAX_BYTES or (size > _SMALL_BYTES and size / packed > MAX_RATIO):
        raise SourceError(Code.ARCHIVE_TOO_LARGE(files=len(members), mib=size >> 20))


def _members(archive: zipfile.ZipFile) -> list[zipfile.ZipInfo]:
    """What is in it but for directories and what has no name, about which zipfile fails."""
    return [member for member in archive.infolist() if member.filename and not member.is_dir()]


def _extracted(archive: zipfile.ZipFile, room: Path) -> list[Path]:
    found: list[Path] = []
    stems: dict[str, str] = {}
    left = MAX_BYTES
    for member in _members(archive):
        name = PurePosixPath(member.filename.replace("\\", "/"))
        if name.name.startswith(".") or "__MACOSX" in name.parts:
            continue
        stem, _, ending = name.name.partition(".")
        shared = stems.setdefault(str(name.parent / stem), f"layer{len(stems)}")
        ending = "".join(letter for letter in ending.lower() if letter.isalnum() or letter == ".")
        target = room / f"{shared}.{ending}"
        if target.exists():
            continue
        left -= copied(archive, member, target, left)
        found.append(target)
    return sorted(found)


def copied(archive: zipfile.ZipFile, member: zipfile.ZipInfo, target: Path, most: int) -> int:
    """Bytes written; what a header claims of its size is not believed."""
    written = 0
    with archive.open(member) as packed, target.open("wb") as out:
        while chunk := packed.read(_CHUNK):
            written += len(chunk)
            if written > most:
                raise SourceError(Code.ARCHIVE_LIES())
            out.write(chunk)
    return written
