import { translate } from "@keepclear/shared/i18n";
import { zh } from "./zh";

export const en = translate(zh)({
  title: "Zones", skip: "Skip to the list", export: "Export all zones (GeoJSON)", back: "Back", cancel: "Cancel",
  mapFailed: "This browser can't show the map (it needs WebGL). Lists, coordinates and imports work all the same.", leaveUnsaved: "There are unsaved changes. Leave them?",

  newZone: "New zone", import: "Import", isAllowed: "Is it allowed?", search: "Search name or number", state: "State", category: "Category", allCategories: "All categories",
  state_standing: "In force", state_scheduled: "With hours", state_retired: "Retired", noneFound: "No zone matches", noneFoundHint: "Try other words, another state or category.", more: "Show more",
  endedAt: "ended {time}", withHours: "hours", unnamed: "Unnamed ({category})",
  category_court: "Court", category_police: "Police", category_school: "School", category_hospital: "Hospital", category_prosecution: "Prosecution", category_government: "Government", category_other: "Other",

  edit: "Edit", retire: "Retire", retireNow: "Retire now", retired: "Retired; it ends a second from now.", retireHint: "It will count no more; fixes from before are still judged by it. The standoff is {distance} now.",
  shallow: "Below {distance} an entry is hardly ever confirmed: phones err by as much.",
  isRetired: "Retired {time} by {by}: “{why}”", standoff: "Standoff", warning: "Warning ring", hours: "Hours", footprint: "Footprint", source: "Source", byHand: "by hand",
  id: "Number", version: "Version", always: "at all hours", since: "since {time}", own: "of its own", ofCategory: "by its category or the site",

  history: "Versions", historyHint: "Each change is a new version; old ones stay for the fixes of their day.", firstVersion: "first entry", approvedBy: "approved by {name}", noReason: "no reason given",
  endedBy: "Retired by {name}: “{why}”", showVersion: "Show on the map", compareVersion: "Compare", comparison: "Versions compared", who: "By", changedNothing: "nothing changed",
  changed_shape: "shape", changed_name: "name", changed_category: "category", changed_datum: "datum", changed_standoff: "standoff", changed_warning: "warning ring", changed_schedule: "hours",

  editing: "Edit: {name}", whatItIs: "What it is", name: "Name", idOptional: "Number (optional)", idHint: "Left empty, it is made of the place.", ownCategory: "Another category…", ownCategoryName: "Name of the category",
  metres: "Metres", asCategory: "As its category", why: "For the record", reason: "Reason", reasonHint: "Needed, and kept for ever.", approver: "Approved by (optional)", create: "Create", saveVersion: "Save as a new version",
  countsSoon: "It counts a second after it is saved, without a restart.", saved: "Saved as version {version}; it counts in a second.",

  noShape: "Draw it with the tools on the map, or paste coordinates below.", measuring: "measuring…", notDrawable: "This footprint has holes and can't be changed corner by corner on the map: draw it anew, or paste coordinates.",
  pasteCoordinates: "Without the map: paste coordinates", coordinates: "Coordinates, WKT or GeoJSON", coordinatesHint: "One place, or three corners and more. Where the footprint is one place, the standoff is its size.",
  datum: "Datum", chooseDatum: "Choose", datum_wgs84: "WGS-84 (GPS, OpenStreetMap)", datum_gcj02: "GCJ-02 (Amap, Tencent)", datum_bd09: "BD-09 (Baidu)",
  order: "Order", lonlat: "longitude, latitude", latlon: "latitude, longitude", useCoordinates: "Use these coordinates", notCoordinates: "These are no coordinates: write longitude, latitude, or WKT, or GeoJSON.", sayDatum: "Say which datum: a wrong one is up to a kilometre off.",
  corners: "{n} corners", cornersCut: "Only the first {n} are listed; change the others on the map.", corner: "Corner {n}", moveCorner: "Move it there", deleteCorner: "Delete corner",
  shape_Point: "Point", shape_LineString: "Line", shape_Polygon: "Outline", otherShape: "another shape",

  tools: "Drawing tools", tool_select: "Select", tool_polygon: "Outline", "tool_angled-rectangle": "Rectangle", tool_circle: "Circle", tool_point: "Point", undo: "Undo", redo: "Redo", finish: "Finish", dropDrawing: "Drop this one",
  hint_select: "Drag a corner, or the middle of an edge; tap a corner to delete it.", hint_polygon: "Tap corner after corner; end at the first one, or with Finish. Corners of other zones draw the pointer to them.", "hint_angled-rectangle": "Tap twice for one edge, then once for the width.",
  hint_circle: "Tap the middle, then the rim: the middle becomes the footprint, the radius the standoff.", hint_point: "Tap a place; the standoff is measured from it.",

  hours_follow: "As its category", hours_always: "At all hours", hours_weekly: "Weekly hours", hours_text: "iCalendar text (expert)", icalendar: "iCalendar", icalendarHint: "DTSTART, DTEND, RRULE, EXDATE, RDATE; several VEVENTs are fine.",
  timeZone: "Time zone", from: "From", to: "To", addSpan: "Add hours", removeSpan: "Remove these hours", spanOf: "Hours {n}", closedDays: "Closed on (holidays)", addedDays: "Also open on", removeDate: "Remove {date}",
  next: "Next: {spans}", neverSoon: "not within seven days", ownText: "iCalendar of its own ({zone})", nextDay: " (next day)", closedOn: "not on {dates}", alsoOn: "also on {dates}", everyDay: "Daily", dayRange: "{from}–{to}",
  day_MO: "Mon", day_TU: "Tue", day_WE: "Wed", day_TH: "Thu", day_FR: "Fri", day_SA: "Sat", day_SU: "Sun",

  conflict: "Somebody else edited this zone", conflictText: "{name} saved a new version at {time}: “{why}”. Your changes are not saved; compare, then decide.", conflictRetired: "{name} retired this zone; your changes can't be saved.",
  theirs: "v{version} ({name})", mine: "Mine", keepMine: "Put my changes upon theirs", takeTheirs: "Drop my changes", keepMineHint: "You look at them once more; only saving again makes them count.",

  placeHint: "Tap the map, or paste coordinates.", tapPlace: "Tap a place on the map", place: "Place", notPlace: "Give one place: longitude, latitude.", askPlace: "Ask", allowed: "One may stop here", forbidden: "One may not stop here",
  wayOut: "The nearest place where one may: {distance} to {direction}, at {place}.", deepInside: "{distance} inside the edge", inRing: "in the warning ring, {distance} from the edge", outOfThis: "out of this one: {distance}, {direction}",

  stage_choose: "Choose", stage_look: "Dry run", stage_apply: "Import", files: "Files", filesHint: "GeoJSON, CSV, Excel, Shapefile (.zip), GeoPackage, KML, OSM …; several are fine.", datumOfFile: "As the file says itself", moreOptions: "More options",
  categoryElse: "Rows without a category become", standoffElse: "Rows without metres get (m)", prefix: "Prefix of numbers", prefixHint: "For two lists that number alike.", where: "Only rows with", replace: "This file is the whole list", replaceHint: "Zones of a file of this name that are no longer in it are retired.",
  dryRun: "Dry run", dryRunHint: "It only looks; nothing is written.", wrongDatum: "Stopped: probably the wrong datum", trust: "The datum of {file} is right; import all the same",
  nothingToDo: "There is nothing to write.", applyImport: "Import {n}", otherFile: "Choose again", imported: "Imported: {n}; they count in a second.", toList: "To the list", sending: "Sending {percent} %", working: "The server is at work, for {time}",
  sum_added: "added", sum_changed: "changed", sum_removed: "retired", sum_unchanged: "unchanged", sum_refused: "refused", notes: "Notes", readAs: "{file}: {rows} rows, read as {datum}", leftOut: "{n} rows left out by the filter", showAll: "Show all on the map",
  cut: "Only {n} of {all} rows are listed.", row: "File · row", column: "Field", whyNot: "Why, and how to mend it",
  field_geometry: "footprint", field_lon: "longitude", field_lat: "latitude", field_name: "name", field_category: "category", field_standoff_m: "standoff", field_warning_m: "warning ring", field_datum: "datum", field_id: "number", field_file: "file", field_schedule: "hours",
  field_coordinates: "coordinates", field_type: "type", field_properties: "properties", field_where: "filter", field_encoding: "encoding", field_prefix: "prefix",

  refused_offline: "The server can't be reached; try again.", refused_zone_changed: "Somebody else changed it just now. It was read again; look once more.", refused_zone_exists: "There is a zone of this number: take another number, or edit that zone.", refused_busy: "Somebody is writing zones; try again.",
  refused_no_zone: "There is no such zone; it may be retired.", refused_not_allowed: "Your account may not do this.", refused_too_large: "The file is too large.", refused_reserved_id: "This number is a path of the interface; take another.", refused_unreadable_file: "The file can't be read; nothing was written.",
  refused_datum_doubt: "Probably the wrong datum; nothing was written.", refused_other: "Not accepted: {detail}",
});
