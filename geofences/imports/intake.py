"""Several files, one call: which datum each is read in, and a report of each; a file that can't be read says why."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from geofences.codes import Code
from geofences.crs import Declared
from geofences.findings import FindingError
from geofences.imports.plan import Source
from geofences.report import Problem, Report, SourceError
from geofences.sources.columns import Where
from geofences.sources.files import read_source
from geofences.sources.reading import Defaults, Progress, plain
from geofences.zone import DEFAULT_STANDOFF_M, DEFAULT_WARNING_M

_TABLES = frozenset({".csv", ".tsv", ".txt", ".xlsx", ".xlsm"})
_JSON = frozenset({".geojson", ".json"})


@dataclass(frozen=True, slots=True)
class Wanted:
    """How to read the files of one call. `datums` are `gcj02`, for files that state none, or `FILE=gcj02`.

    `trusted` names files of which the declared datum counts, whatever they say themselves.
    """

    datums: tuple[str, ...] = ()
    where: tuple[Where, ...] = ()
    standoff_m: float = DEFAULT_STANDOFF_M
    warning_m: float = DEFAULT_WARNING_M
    category: str = "other"
    trusted: frozenset[str] = frozenset()


def read_sources(
    paths: Sequence[Path], wanted: Wanted, progress: Callable[[str], Progress] = lambda _: plain
) -> list[Source]:
    """Read every file. `progress` gives, for a file's name, what shows how far its rows are.

    SourceError when --datum names a file that isn't there, or no file knows the column of --where.
    """
    declared = declarations(paths, wanted)
    sources = [_read(path, declared[path], wanted, progress(path.name)) for path in paths]
    for where in wanted.where:
        _check_where(where, sources)
    return sources


def _read(path: Path, declared: Declared, wanted: Wanted, progress: Progress) -> Source:
    defaults = Defaults(
        "wgs84", wanted.standoff_m, wanted.warning_m, wanted.category, path.name, wanted.where, progress
    )
    try:
        report = read_source(path, declared, defaults)
    except FindingError as error:
        return Source(path.name, Report(), error.finding)
    except (OSError, ValueError) as error:
        return Source(path.name, Report(), Code.FILE_UNREADABLE(cause=error))
    return Source(path.name, report)


def declarations(paths: Sequence[Path], wanted: Wanted) -> dict[Path, Declared]:
    """What --datum says of each file: one that names the file, else the general one.

    With several files the general one is for those that state nothing; plain GeoJSON beside tables stays WGS-84.
    """
    own = {name: datum for name, _, datum in (said.rpartition("=") for said in wanted.datums) if name}
    general = next((said for said in wanted.datums if "=" not in said), None)
    names = {str(path) for path in paths} | {path.name for path in paths}
    for name in own.keys() - names:
        raise SourceError(Code.DATUM_FOR_NO_FILE(file=name, datum=own[name]))
    tables = any(path.suffix.lower() in _TABLES for path in paths)

    def declared(path: Path) -> Declared:
        said = own.get(str(path)) or own.get(path.name)
        if said:
            return Declared(said, trusted=path.name in wanted.trusted)
        several = len(paths) > 1
        rfc7946 = several and tables and path.suffix.lower() in _JSON
        return Declared(None if rfc7946 else general, weak=several, trusted=path.name in wanted.trusted)

    return {path: declared(path) for path in paths}


def _check_where(where: Where, sources: Sequence[Source]) -> None:
    """A filter that leaves nothing of a file is said aloud: the column may be misspelt."""
    for source in sources:
        report = source.report
        if report.passed_over and report.passed_over >= report.rows:
            said = f"{where.key}={'|'.join(sorted(where.values))}"
            found = Code.NOTHING_MATCHES(rows=report.rows, where=said)
            report.notes.append(Problem(None, "where", found, source.file))
