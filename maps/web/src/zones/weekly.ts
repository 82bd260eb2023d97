// A week's opening hours as iCalendar events, and back: pure, and only what this page writes itself is read.
export const DAYS = ["MO", "TU", "WE", "TH", "FR", "SA", "SU"] as const;
export type Day = (typeof DAYS)[number];

/** On some days from a time to a time (`HH:MM`); an end that is not later lies on the next day. */
export interface Span { days: Day[]; from: string; to: string }
/** `closed` are left out, `added` counted besides: dates as `YYYY-MM-DD`. */
export interface Week { spans: Span[]; closed: string[]; added: string[] }

export const WORKING_WEEK: Week = { spans: [{ days: ["MO", "TU", "WE", "TH", "FR"], from: "09:00", to: "17:00" }], closed: [], added: [] };

/** A Monday long ago: versions say from when hours count, so the first opening needs only to lie before. */
const MONDAY = Date.UTC(2024, 0, 1);
const DAY_MS = 86_400_000;

const compact = (date: string): string => date.replaceAll("-", "");
const stamp = (time: string): string => `T${time.replace(":", "")}00`;
const dateOf = (daysOn: number): string => new Date(MONDAY + daysOn * DAY_MS).toISOString().slice(0, 10).replaceAll("-", "");

export function toText(week: Week): string {
  return week.spans.filter((each) => each.days.length).map((span) => event(span, week)).join("\n");
}

function event({ days, from, to }: Span, { closed, added }: Week): string {
  const first = Math.min(...days.map((each) => DAYS.indexOf(each)));
  return [
    "BEGIN:VEVENT",
    `DTSTART:${dateOf(first)}${stamp(from)}`,
    `DTEND:${dateOf(to > from ? first : first + 1)}${stamp(to)}`,
    `RRULE:FREQ=WEEKLY;BYDAY=${DAYS.filter((each) => days.includes(each)).join(",")}`,
    ...(closed.length ? [`EXDATE;VALUE=DATE:${closed.map(compact).join(",")}`] : []),
    ...(added.length ? [`RDATE;VALUE=DATE:${added.map(compact).join(",")}`] : []),
    "END:VEVENT",
  ].join("\n");
}

const EVENT = /^BEGIN:VEVENT\nDTSTART:\d{8}T(\d{2})(\d{2})00\nDTEND:\d{8}T(\d{2})(\d{2})00\nRRULE:FREQ=WEEKLY;BYDAY=([A-Z,]+)\n(?:EXDATE;VALUE=DATE:([\d,]+)\n)?(?:RDATE;VALUE=DATE:([\d,]+)\n)?END:VEVENT$/;

const dates = (text: string | undefined): string[] =>
  (text ?? "").split(",").filter(Boolean).map((each) => `${each.slice(0, 4)}-${each.slice(4, 6)}-${each.slice(6)}`);

/** The week that a text says; null if it is another kind of schedule. */
export function fromText(text: string): Week | null {
  const blocks = text.trim().replaceAll("\r", "").split(/\n(?=BEGIN:VEVENT)/);
  const found = blocks.map((each) => EVENT.exec(each));
  if (found.some((each) => each === null)) return null;
  const spans = found.map((each) => ({ days: each![5]!.split(",") as Day[], from: `${each![1]}:${each![2]}`, to: `${each![3]}:${each![4]}` }));
  const week: Week = { spans, closed: dates(found[0]![6]), added: dates(found[0]![7]) };
  // Only what would be written again just so: nothing that somebody wrote is lost by opening it.
  return toText(week).replace(/(DTSTART|DTEND):\d+T/g, "$1:T") === text.trim().replaceAll("\r", "").replace(/(DTSTART|DTEND):\d+T/g, "$1:T") ? week : null;
}
