"""Everything that an import of zones can find, in one table: the stable code, and its English sentences.

A code is the member's name in lower case. The page says it in the reader's language: maps/web/src/zones/findings.
"""

from enum import Enum, unique

from geofences.findings import Finding, shown

_KINDS = "GeoJSON or CSV, TSV, Excel (.xlsx), Shapefile (.shp, a zip or a folder), GeoPackage, KML, KMZ or OSM"
_DEGREES = "Write decimal degrees such as 119.974."
_GRID = "Write metres such as 497539.2."
_SAY_DATUM = (
    "Say --datum wgs84 (GPS, OpenStreetMap), --datum gcj02 (Amap, Tencent), --datum bd09 (Baidu) or --datum EPSG:n."
)
_LOOK = "Look at it on the map."


@unique
class Code(Enum):
    """What is wrong and how to mend it; calling a member with its parameters gives the `Finding`."""

    # the whole file
    UNKNOWN_KIND = "{file} is no file of zones known here.", f"Give {_KINDS}."
    FILE_TOO_LARGE = "{file} is larger than {mib} MiB.", "Send the zones alone, or as GeoPackage."
    FILE_UNREADABLE = "The file can't be read ({cause}).", "Save it again."
    NO_FILE_OF_ZONES = "{file} holds no file of zones.", f"Give {_KINDS}."
    NOT_AS_ENDING = "{file} is no {kind} file, whatever its ending says.", "Export it again."
    FILE_PASSED_OVER = "A file in it was passed over. {cause}"
    SENT_TWICE = "{file} was sent twice.", "Give each file its own name."
    NO_FILE_NAME = "A file has no usable name.", "Send it under a plain one with its ending, like courts.csv."
    NOT_WRITABLE = "{file}: zones can be written as .geojson, .gpkg or .csv."
    UNKNOWN_ENCODING = "The text is neither UTF-8 nor GB18030.", "Save it as UTF-8."
    NOT_UTF8 = "The text is not UTF-8; it was read as {encoding}."
    ARCHIVE_UNREADABLE = "{file} can't be unpacked ({cause}).", "Zip it again without a password."
    ARCHIVE_TOO_LARGE = "The archive would unpack into {files} files and {mib} MiB.", "Send the zones alone."
    ARCHIVE_LIES = "The archive unpacks into more than it says.", "Zip it again; it was left alone."
    WORKBOOK_UNREADABLE = "{file} is no workbook ({cause}).", "Save it again as .xlsx or CSV."
    WORKBOOK_EMPTY = "{file} has no sheet with cells.", "Save it again as .xlsx."
    LAYERS_UNREADABLE = "{file} can't be opened ({cause}).", "Export it again."
    LAYER_UNREADABLE = "{file} can't be read ({cause}).", "Export it again."
    NO_LAYER = "{file} has no layer with shapes.", "Export the places, not a table."
    TOO_MANY_ROWS = "{file} has {rows} rows, more than {most}.", "Send the zones alone."
    UNKNOWN_XML_ENCODING = "{file} is in the unknown encoding {encoding}.", "Save it as UTF-8."
    XML_ENTITIES = "{file} declares a document type or entities, which no map needs.", "Export it again."
    NO_KML = "{file} is no KML.", "Export it again."
    EXTRACT_UNREADABLE = "{file} can't be read ({cause}).", "Download it again."
    NO_ELEMENTS = "The Overpass answer has no list of elements.", "Ask again with [out:json]."
    ANSWER_CUT_SHORT = "Overpass stopped before it was done ({remark}).", "Ask for less, or set a longer timeout."
    NO_JSON = "This is no JSON ({cause}).", "Export it again as GeoJSON."
    NO_JSON_OBJECT = "This is JSON but no GeoJSON object.", "Export it again as GeoJSON."
    NO_FEATURES = "The FeatureCollection has no list of features.", "Export it again."
    UNKNOWN_TYPE = "The type is '{kind}', which GeoJSON doesn't know.", "Give a FeatureCollection."
    BARE_GEOMETRY = "A bare {kind} was read as one feature without properties."

    # which rows and columns
    BAD_WHERE = "--where '{text}' is no filter.", "Write it as amenity=courthouse|police."
    NOTHING_MATCHES = "None of {rows} rows has {where}.", "Look at the names of the columns."
    USUAL_WHERE = "Read were amenity=courthouse|police.", "Say --where for other places."
    TABLE_EMPTY = "The table is empty.", "Its first line must name the columns, lon and lat among them."
    NO_LON_COLUMN = "No column for longitude among {headings}.", "Name the columns lon and lat."
    NO_LAT_COLUMN = "No column for latitude among {headings}.", "Name the columns lon and lat."
    COLUMN_OF_OTHER_DATUM = "The column {column} says {stated}, not {declared}.", "Say --datum {stated}."

    # datums
    NO_DATUM = "The coordinates declare no datum.", _SAY_DATUM
    UNKNOWN_DATUM = "There is no datum '{name}'.", "Say wgs84, gcj02 or bd09."
    UNKNOWN_SYSTEM = "There is no datum '{name}'.", "Say wgs84, gcj02, bd09 or EPSG and a number."
    UNKNOWN_CRS = "The reference system '{name}' is unknown.", "Export it in WGS-84."
    NO_WAY_TO_WGS84 = "There is no way from {name} to WGS-84.", "Convert the file first."
    COARSE_WAY = "The way from {name} to WGS-84 is right to {metres} m only."
    UNSURE_WAY = "The way from {name} to WGS-84 is of unknown exactness."
    DATUM_FOR_NO_FILE = "--datum {file}={datum} names no file of this call.", "Write the file as given."
    DATUM_CONTRADICTED = (
        "The file's {where} says {stated} and --datum says {declared}: only one can be.",
        "Leave --datum out, or add --trust-datum if the file is wrong.",
    )
    DATUM_INSISTED = "The file's {where} says {stated}; it was read as {declared}, as you insisted."
    DATUM_DECLARED = "The file's {where} says {stated}; it was read as {declared}, as you said."
    DATUM_STATED = "The file's {where} says {stated}, and that counts."
    DATUM_IN_NAME = "The file's name says {stated}; it was read as {declared}, as you said."
    OUTSIDE_CHINA = "No place lies in China, where {datum} counts.", "Check the datum."
    OUTSIDE_AREA = "No place lies in the area where {datum} counts.", "Check the datum."
    DEGREES_OF_GRID = (
        "All places lie within {metres} m of the origin of {datum}, a map grid: these look like degrees, not metres.",
        "Say the datum of the degrees.",
    )
    LOOKS_SWAPPED = (
        "{count} places of known names fit only with longitude and latitude exchanged.",
        "Exchange the two columns.",
    )
    LOOKS_LIKE_DATUM = (
        "From known zones of the same names places lie {metres} m away ({count} of them).",
        "The file is probably {probably}, not {declared}: say --datum {probably}, or --trust-datum to go on.",
    )
    KNOWN_LOOK_LIKE_DATUM = (
        "From known zones of the same names places lie {metres} m away ({count} of them), as if those were {probably}.",
        "Mend the known zones, or say --trust-datum to go on.",
    )
    LOOKS_TURNED = (
        "No place lies in China, and with longitude and latitude exchanged all of them do.",
        "Exchange the two columns, or say --trust-datum to go on.",
    )
    LOOKS_SHIFTED = (
        "From known zones of the same names places lie {metres} m away ({count} of them), all the same way.",
        "Check the datum, or say --trust-datum.",
    )

    NORTH_FIRST = "As written no place lies in the area of {datum}: northing was taken to stand before easting."

    # cells of a table
    DEGREES_EMPTY = "It is empty.", _DEGREES
    NO_DEGREES = "'{text}' is no number.", _DEGREES
    ENDLESS = "{text} is out of range.", _DEGREES
    SIXTY = "{text} has 60 minutes or seconds, or more.", _DEGREES
    NO_LONGITUDE = "{text} is no longitude.", "Exchange the columns."
    NO_LATITUDE = "{text} is no latitude.", "Exchange the columns."
    CELL_OUT_OF_RANGE = (
        "{text} is out of range.",
        "Give degrees from -{most} to {most}, longitude under lon, latitude under lat.",
    )
    CELL_SWAPPED = "{text} is out of range.", "Longitude and latitude look swapped: exchange them."
    CELL_OF_GRID = (
        "{text} is out of range.",
        "These look like metres of a map grid: say --datum EPSG:n with its number.",
    )
    GRID_EMPTY = "It is empty.", _GRID
    NO_GRID_NUMBER = "'{text}' is no number.", _GRID
    NO_METRES = "'{text}' is no number of metres.", "Write metres such as 200."
    NO_SCHEDULE = "The hours can't be read ({cause}).", "Write them as iCalendar events, or leave them out."
    SHAPE_EMPTY = "It is empty.", "Write it as POINT (lon lat)."
    NO_SHAPE = "'{text}' is no shape ({cause}).", "Write it as POINT (lon lat)."
    OTHER_SRID = "It says SRID {srid} and the file is read as {datum}.", "Say --datum EPSG:{srid}."
    PAIR_EMPTY = "It is empty.", 'Write longitude and latitude as "119.974,31.811".'
    NO_PAIR = "'{text}' is no place.", 'Write longitude and latitude as "119.974,31.811".'

    # rows and their members
    ROW_UNREADABLE = "It can't be read ({cause}).", "Draw it again, or export it again with its coordinates."
    GEOMETRY_UNREADABLE = "It can't be read ({cause}).", "Draw it again."
    NO_FEATURE = "This is no Feature.", "Wrap each geometry in a Feature."
    NO_ELEMENT = "This is no element.", "Ask Overpass again."
    NO_GEOMETRY = "The member is missing.", "Give a geometry, or null for none."
    NO_PROPERTIES = "They are no object.", "Write {{}} if there are none."
    BAD_ID = "It is neither text nor a number.", "Give each feature a plain id."
    ANSWER_INCOMPLETE = "The answer has no coordinates for it.", "Ask Overpass with `out geom;`."
    EXTRACT_INCOMPLETE = "The extract has not all of {element}.", "Cut a larger one, or take Overpass's JSON."
    NO_PLACE = "The feature has no place; there is nothing to keep clear of."
    BAD_BBOX = "It is no list of 4 or 6 numbers.", "Correct it or leave it out."
    BBOX_DISORDERED = "Its numbers are out of order; it was ignored."
    BBOX_ELSEWHERE = "It does not hold the geometry; it was ignored."

    # geometries as GeoJSON writes them
    GEOMETRY_NO_OBJECT = "It is no object.", "Give a type and coordinates."
    NO_GEOMETRIES = "The list is missing.", "Give the list, or a plain geometry."
    UNKNOWN_GEOMETRY = "The type '{kind}' is none of GeoJSON's.", "Use Point or Polygon."
    NO_COORDINATES = "They are missing or no list.", "Nest them as the type demands."
    NO_POSITION = "{text} is no place.", "Give longitude and latitude."
    NO_NUMBERS = "They are no numbers.", "Give longitude and latitude."
    RING_TOO_SHORT = "A ring has fewer than three corners.", "Draw at least a triangle."
    RING_OPEN = "A ring is not closed.", "Repeat its first place at its end."
    LINE_EMPTY = "A line has no places.", "Give at least two."
    POLYGON_EMPTY = "A polygon has no ring.", "Draw its outline."
    TOO_MANY_CORNERS = "It has more than {most} corners.", "Simplify the outline."
    GEOMETRY_EMPTY = "It is empty; there is nothing to keep clear of.", "Draw the place again."
    COLLECTION_EMPTY = "The collection is empty; there is nothing to keep clear of."
    COLLECTION_SPLIT = "Points, lines and outlines of one collection became a zone each."
    HEIGHTS_DROPPED = "Heights were dropped: zones have none."
    TOO_MANY_DECIMALS = "More than {most} decimals claim less than a hair's breadth."
    PLACE_TWICE = "A place stands twice in a row; it counts once."
    MULTI_OF_ONE = "A {kind} of one part was read as that part."
    AT_ZERO = "It lies at 0, 0, as places without coordinates do.", _LOOK
    OVER_ANTIMERIDIAN = "Its edges take the short way, over the antimeridian.", "Split it if not."
    HOLES = "The outline has holes; their inside is no footprint."
    CLOCKWISE = "A ring runs clockwise against RFC 7946; it was read all the same."

    # zones
    NO_MEANING_THERE = "It lies where {datum} has no meaning.", "Check the datum and the coordinates."
    LONGITUDES_WRAPPED = "Longitudes outside -180 to 180 were wrapped."
    OUTLINE_REPAIRED = "Repaired: the outline is broken ({cause}).", _LOOK
    OUTLINE_BROKEN = "The outline is broken ({cause}).", "Draw it without crossing itself, or import it."
    NO_ID = "A zone needs an id.", "Give each row its own."
    TEXT_TOO_LONG = "The {field} has {length} characters.", "Give {most} or fewer."
    CONTROL_CHARACTERS = "The {field} '{text}' holds control characters.", "Type it again without them."
    METRES_OUT_OF_RANGE = "{field} is {metres}.", "Give metres from 0 to {most}."
    BAD_VERSION = "Version {version} of zone {id} can't be.", "Versions count from 1."
    ENDS_BEFORE_IT_BEGINS = "Zone {id} would end before it begins.", "Swap valid_from and valid_to."
    NO_FOOTPRINT_KIND = "A footprint can't be a {kind}.", "Give a point, a line or an outline."
    FOOTPRINT_EMPTY = "The footprint is empty.", "Give it coordinates."
    FOOTPRINT_HIGH = "The footprint has heights.", "Drop them, zones have none."
    FOOTPRINT_TOO_WIDE = (
        "The footprint is {km} km wide, more than {most} km.",
        "Split it, or check that longitude comes first.",
    )
    NOT_A_NUMBER = "A coordinate is not a number.", "Correct it."
    LATITUDE_OUT_OF_RANGE = "Latitude {degrees} is out of range (-90 to 90).", "Give degrees, longitude first."
    LATITUDE_SWAPPED = (
        "Latitude {degrees} is out of range (-90 to 90).",
        "Longitude and latitude look swapped, exchange them.",
    )
    LONGITUDE_OUT_OF_RANGE = "Longitude {degrees} is out of range.", "Give degrees from -180 to 180."

    # rows beside each other and beside the zones in force
    ID_TWICE = "The id {id} stands twice; this one became {new_id}."
    ID_OF_ANOTHER = "The id {id} belongs to another place, {name}; this one became {new_id}."
    ID_IN_FORCE = (
        "Zone {id} is in force already as {name}, at another place.",
        "If the two files merely number alike, give this one a --prefix.",
    )
    KEPT_FOR_REFUSED = (
        "{count} zones that are no longer in it were kept, for rows of it were refused.",
        "Mend those rows and import it again.",
    )
    FAR_BUT_FOR_ORDER = (
        "It lies far from the others, and with longitude and latitude exchanged among them.",
        "Exchange the two; if it is right, draw it on the map, or say --trust-datum.",
    )
    SAME_SPOT = "It lies where {name} ({category}) is; they were kept apart, for name or kind differ."
    POINT_OFF_OUTLINE = "Its point lies {metres} m from the outline of {name}, which counts.", _LOOK

    def __init__(self, reason: str, mend: str = "") -> None:
        self.reason, self.mend = reason, mend

    @property
    def code(self) -> str:
        """The stable name."""
        return self.name.lower()

    def __call__(self, **params: object) -> Finding:
        """This, about something."""
        said = {name: shown(value) for name, value in params.items()}
        return Finding(self.code, said, self.reason.format(**said), self.mend.format(**said))
