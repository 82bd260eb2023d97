import { computed } from "@preact/signals";
import { useRef } from "preact/hooks";
import { clock } from "@keepclear/shared/format";
import type { Alert } from "../data/model";
import { alerts, now } from "../data/store";
import { act, isWaiting, refusals } from "../data/triage";
import { t } from "../messages";
import { agoText } from "../words";
import { Icon } from "./icons";
import { useShown } from "./shown";

/** Calls for help that nobody has answered yet, the oldest first. */
export const calls = computed(() =>
  [...alerts.value.values()].filter((each) => each.kind === "sos" && isWaiting(each)).sort((a, b) => a.first_possible_at - b.first_possible_at),
);

/** Before the title of every page. */
export const callMark = (): string => (calls.value.length ? "SOS " : "");

interface Shows { onShow?: ((call: Alert) => void) | undefined }

/** Above everything, whatever is open below. A click shows the visitor: here, or on the live map. */
export function CallBar({ onShow }: Shows) {
  const [first, ...others] = calls.value;
  return first === undefined ? null : <Call key={first.id} call={first} others={others.length} onShow={onShow} />;
}

function Call({ call, others, onShow }: { call: Alert; others: number } & Shows) {
  const bar = useRef<HTMLDivElement>(null);
  useShown(bar, call.id);
  const facts = [clock(call.first_possible_at), agoText(now.value - call.first_possible_at), others > 0 && t("callsMore", { n: others }), refusals.value.has(call.id) && t("refused_offline")];
  return (
    <div class="call-bar" role="region" aria-label={t("group_sos")} data-call={call.id} ref={bar}>
      <a class="call-who" href={`/#visitor=${encodeURIComponent(call.device)}`} onClick={onShow && ((event) => { event.preventDefault(); onShow(call); })}>
        <Icon name="bell" />
        <span>
          <span class="row-title">SOS · {call.visitor}</span>
          <span class="call-facts">{facts.filter(Boolean).join(" · ")}</span>
        </span>
      </a>
      <button type="button" class="call-answer" onClick={() => void act(call, { act: "acknowledge" })}>{t("acknowledge")}</button>
    </div>
  );
}
