import { computed } from "@preact/signals";
import { useRef } from "preact/hooks";
import { clock } from "@keepclear/shared/format";
import type { Alert } from "../data/model";
import { alerts, now } from "../data/store";
import { isWaiting } from "../data/triage";
import { t } from "../messages";
import { agoText } from "../words";
import { show } from "./alerts";
import { Icon } from "./icons";
import { useShown } from "./shown";
import { acknowledge } from "./triage";

/** Calls for help that nobody has answered yet, the oldest first. */
export const calls = computed(() =>
  [...alerts.value.values()].filter((each) => each.kind === "sos" && isWaiting(each)).sort((a, b) => a.first_possible_at - b.first_possible_at),
);

/** Above everything, whatever list, card or replay is open below. */
export function CallBar() {
  const [first, ...others] = calls.value;
  return first === undefined ? null : <Call key={first.id} call={first} others={others.length} />;
}

function Call({ call, others }: { call: Alert; others: number }) {
  const bar = useRef<HTMLElement>(null);
  useShown(bar, call.id);
  const facts = [clock(call.first_possible_at), agoText(now.value - call.first_possible_at), others > 0 && t("callsMore", { n: others })];
  return (
    <section class="call-bar" aria-label={t("group_sos")} data-call={call.id} ref={bar}>
      <button type="button" class="call-who" onClick={() => show(call)}>
        <Icon name="bell" />
        <span>
          <span class="row-title">SOS · {call.visitor}</span>
          <span class="call-facts">{facts.filter(Boolean).join(" · ")}</span>
        </span>
      </button>
      <button type="button" class="action" onClick={() => acknowledge(call)}>{t("acknowledge")}</button>
    </section>
  );
}
