import { moment } from "@keepclear/shared/format";
import type { Look } from "./api";
import { deeds, looks, me, ownLooks } from "./state";
import { deedText, purposeText, t } from "./words";

/** Who looked at where the reader was. */
export function OwnLooks() {
  return (
    <section aria-labelledby="own-looks">
      <h2 id="own-looks">{t("ownLooks")}</h2>
      <p>{t(me.value!.visitor_id === null ? "noVisitorYet" : "ownLooksHow")}</p>
      {me.value!.visitor_id !== null && <Rows of={ownLooks.value} />}
    </section>
  );
}

/** Who looked at anybody's tracks. */
export function Looks() {
  return (
    <section aria-labelledby="looks">
      <h2 id="looks">{t("looks")}</h2>
      <Rows of={looks.value} named />
    </section>
  );
}

function Rows({ of, named = false }: { of: Look[]; named?: boolean }) {
  if (of.length === 0) return <p>{t("noLooks")}</p>;
  return (
    <ul class="rows card">
      {of.map((each, index) => (
        <li key={index}>
          <div class="row-text">
            <strong>{each.by}{named && ` → ${each.visitor}`} · {purposeText(each.purpose)}</strong>
            <small>{t("lookedAt", { time: moment(each.at), from: moment(each.from_at), to: moment(each.to_at) })}</small>
          </div>
        </li>
      ))}
    </ul>
  );
}

export function Deeds() {
  return (
    <section aria-labelledby="deeds">
      <h2 id="deeds">{t("deeds")}</h2>
      {deeds.value.length === 0 && <p>{t("noDeeds")}</p>}
      <ul class="rows card">
        {deeds.value.map((each) => (
          <li key={`${each.at}${each.what}${each.subject}`}>
            <div class="row-text">
              <strong>{deedText(each.what)} · {each.subject}</strong>
              <small>{each.by} · {moment(each.at)}</small>
            </div>
          </li>
        ))}
      </ul>
    </section>
  );
}
