// When a zone counts: always, by a week's hours, or by iCalendar text; the server says when that is next.
import { dayText, momentSpan, scheduleText, t } from "./words";
import { form, type Form, hoursOf, type HoursKind, preview, problems } from "./draft";
import { Area, Field, Group, Wrong } from "./fields";
import { type Day, DAYS, type Span, toText } from "./weekly";

const KINDS: HoursKind[] = ["follow", "always", "weekly", "text"];
const put = (part: Partial<Form>): void => void (form.value = { ...form.value, ...part });

export function HoursFields() {
  const { hours, text, time_zone } = form.value;
  const choose = (kind: HoursKind) => put(kind === "text" && text === "" ? { hours: kind, text: toText(form.value.week) } : { hours: kind });
  const seen = preview.value;
  return (
    <Group legend={t("hours")}>
      <div class="radios">
        {KINDS.map((kind) => (
          <label key={kind} class="tick"><input type="radio" name="hours" checked={hours === kind} onChange={() => choose(kind)} /><span>{t(`hours_${kind}`)}</span></label>
        ))}
      </div>
      {hours === "weekly" && <Weekly />}
      {hours === "text" && <Area label={t("icalendar")} value={text} onInput={(value) => put({ text: value })} mono rows={6} hint={t("icalendarHint")} />}
      {(hours === "weekly" || hours === "text") && <Field label={t("timeZone")} value={time_zone} onInput={(value) => put({ time_zone: value })} required />}
      <Wrong problems={problems.value} field="schedule" />
      <p class="in-words" aria-live="polite">
        {hours === "weekly" ? scheduleText(hoursOf(form.value)) : ""} {seen ? t("next", { spans: seen.opens === null ? t("always") : seen.opens.slice(0, 3).map(momentSpan).join("；") || t("neverSoon") }) : ""}
      </p>
    </Group>
  );
}

function Weekly() {
  const { week } = form.value;
  const putSpans = (spans: Span[]) => put({ week: { ...week, spans } });
  const change = (index: number, part: Partial<Span>) => putSpans(week.spans.map((each, n) => (n === index ? { ...each, ...part } : each)));
  return (
    <>
      {week.spans.map((span, index) => (
        <div key={index} class="span-row" role="group" aria-label={t("spanOf", { n: index + 1 })}>
          <div class="days">
            {DAYS.map((day) => (
              <label key={day} class="day"><input type="checkbox" checked={span.days.includes(day)} onChange={() => change(index, { days: toggled(span.days, day) })} /><span>{dayText(day)}</span></label>
            ))}
          </div>
          <div class="pair">
            <Field label={t("from")} type="time" value={span.from} onInput={(from) => change(index, { from })} required />
            <Field label={t("to")} type="time" value={span.to} onInput={(to) => change(index, { to })} required />
          </div>
          {week.spans.length > 1 && <button type="button" class="button is-small" onClick={() => putSpans(week.spans.filter((_, n) => n !== index))}>{t("removeSpan")}</button>}
        </div>
      ))}
      <button type="button" class="button is-small" onClick={() => putSpans([...week.spans, { days: ["SA", "SU"], from: "09:00", to: "12:00" }])}>{t("addSpan")}</button>
      <Dates label={t("closedDays")} dates={week.closed} onChange={(closed) => put({ week: { ...week, closed } })} />
      <Dates label={t("addedDays")} dates={week.added} onChange={(added) => put({ week: { ...week, added } })} />
    </>
  );
}

const toggled = (days: Day[], day: Day): Day[] => (days.includes(day) ? days.filter((each) => each !== day) : [...days, day]);

/** Holidays, and working days that were exchanged for them. */
function Dates({ label, dates, onChange }: { label: string; dates: string[]; onChange: (dates: string[]) => void }) {
  return (
    <div class="dates">
      <Field label={label} type="date" value="" onInput={(date) => date && !dates.includes(date) && onChange([...dates, date].sort())} />
      {dates.map((each) => (
        <button key={each} type="button" class="button is-small" aria-label={t("removeDate", { date: each })} onClick={() => onChange(dates.filter((one) => one !== each))}>{each} ×</button>
      ))}
    </div>
  );
}
