import { signal } from "@preact/signals";
import type { ComponentChildren } from "preact";
import { moment } from "@keepclear/shared/format";
import { FORMAT_NAMES, take } from "../data/exports";
import type { Export } from "./api";
import { change, exports, exportsOfOthers, load, may, said } from "./state";
import { refusalText, t } from "./words";

/** Files of past tracks: one's own, and those of others that need a second person. */
export function Exports() {
  return (
    <section aria-labelledby="exports">
      <h2 id="exports">{t("exports")}</h2>
      <p>{t("exportsHow")}</p>
      {may("approve_exports") && <OfOthers />}
      {may("read_tracks") && <Own />}
    </section>
  );
}

function OfOthers() {
  return (
    <>
      <h3>{t("exportsOfOthers")}</h3>
      {exportsOfOthers.value.length === 0 && <p>{t("noExports")}</p>}
      <ul class="rows card">
        {exportsOfOthers.value.map((each) => (
          <Row key={each.id} of={each} title={`${each.by} · ${each.purpose}`}>
            {each.state === "waiting" && <Decide id={each.id} />}
          </Row>
        ))}
      </ul>
    </>
  );
}

function Decide({ id }: { id: number }) {
  const decide = (approve: boolean) => void change("POST", `/exports/${id}/decision`, { approve });
  return (
    <div class="row-buttons">
      <button type="button" onClick={() => decide(true)}>{t("approve")}</button>
      <button type="button" class="is-plain" onClick={() => decide(false)}>{t("decline")}</button>
    </div>
  );
}

const taking = signal(false);

function Own() {
  const fetchFile = async (each: Export) => {
    taking.value = true;
    const refused = await take(each);
    taking.value = false;
    if (refused !== null) said.value = { text: refusalText(refused), refused: true };
    await load();
  };
  return (
    <>
      <h3>{t("exportsOwn")}</h3>
      {exports.value.length === 0 && <p>{t("noExports")}</p>}
      <ul class="rows card">
        {exports.value.map((each) => (
          <Row key={each.id} of={each} title={each.purpose}>
            {(each.state === "ready" || each.state === "approved") && (
              <button type="button" class="is-plain" disabled={taking.value} onClick={() => void fetchFile(each)}>{t("takeFile", { format: FORMAT_NAMES[each.format] })}</button>
            )}
          </Row>
        ))}
      </ul>
    </>
  );
}

function Row({ of: each, title, children }: { of: Export; title: string; children: ComponentChildren }) {
  const facts = [
    t("exportFixes", { n: each.fixes }), FORMAT_NAMES[each.format], each.visitors.join(t("comma")),
    `${moment(each.from_at)} – ${moment(each.to_at)}`, t("exportAsked", { time: moment(each.asked_at) }),
    each.taken > 0 && t("exportTaken", { n: each.taken }),
  ];
  return (
    <li>
      <div class="row-text">
        <strong>{title}<span class="tag">{t(`export_${each.state}`, { who: each.decided_by ?? "" })}</span></strong>
        <small>{facts.filter(Boolean).join(" · ")}</small>
      </div>
      {children}
    </li>
  );
}
