// The live feed: server-sent events that the browser reconnects, and we do where it gives up. Tabs share one.
import { batch } from "@preact/signals";
import { toLogin } from "./ask";
import { DEAD_AFTER_S, failing, heardAt, knownAt, silentS } from "./link";
import { takeHearing } from "./hearing";
import type { Alert, Beat, Diff, Snapshot } from "./model";
import { hearClock, takeDiff, takeSnapshot, zoneGeneration } from "./store";
import { canShare, isBehind, isOlder, type Passed, Turn } from "./turn";

const FEED = "/api/v1/live";
const NAMES = ["beat", "snapshot", "diff", "zones"] as const;
const WATCH_MS = 2000;
const FIRST_RETRY_MS = 1000;
const LONGEST_RETRY_MS = 15_000;
/** Longer than the longest pause of a tab that tries again: then it hangs. */
const TAB_DEAD_AFTER_MS = 30_000;

type OnAlerts = (alerts: Alert[]) => void;

/** Follow the feed for as long as the page lives; `onAlerts` hears of each alert that is new or grew. */
export function follow(onAlerts: OnAlerts): void {
  const feed = new Feed(onAlerts);
  feed.begin();
  // A connection that is open but dead, as after sleep or behind some proxies: not even a beat arrives.
  setInterval(() => feed.revive(), WATCH_MS);
  addEventListener("online", () => feed.again());
  // The tab that a person looks at holds the feed: browsers slow the others down.
  addEventListener("visibilitychange", () => document.hidden || feed.begin());
}

class Feed {
  private source: EventSource | null = null;
  private lastId = "";
  private retryMs = FIRST_RETRY_MS;
  private retryTimer: ReturnType<typeof setTimeout> | undefined;
  private tabHeardMs = Date.now();
  private readonly turn = canShare() ? new Turn(() => this.connect(), () => this.disconnect(), (passed) => this.hear(passed)) : null;

  constructor(private readonly onAlerts: OnAlerts) {}

  begin(): void {
    if (this.turn) this.turn.take();
    else if (!this.source) this.connect();
  }

  again(): void {
    if (this.turn?.holds ?? true) this.connect();
  }

  revive(): void {
    if (this.turn?.holds === false && Date.now() - this.tabHeardMs > TAB_DEAD_AFTER_MS) this.turn.take();
    else if (this.source?.readyState === EventSource.OPEN && silentS() > DEAD_AFTER_S) this.connect();
  }

  private connect(): void {
    this.disconnect();
    const source = new EventSource(this.lastId ? `${FEED}?after=${encodeURIComponent(this.lastId)}` : FEED);
    source.onerror = () => this.lost(source);
    for (const name of NAMES) source.addEventListener(name, ({ data, lastEventId }) => this.received(name, data as string, lastEventId));
    this.source = source;
  }

  private disconnect(): void {
    clearTimeout(this.retryTimer);
    this.source?.close();
    this.source = null;
  }

  private received(name: string, data: string, id: string): void {
    const passed = { name, data, id, after: this.lastId };
    this.turn?.pass(passed);
    this.take(passed);
    this.retryMs = FIRST_RETRY_MS;
  }

  /** What another tab received; who missed some asks for it. */
  private hear(passed: Passed): void {
    const { name, id, after } = passed;
    this.tabHeardMs = Date.now();
    if (name === "lost") failing.value = true;
    else if (name === "snapshot") this.take(passed);
    else if (isBehind(this.lastId, after)) this.begin();
    else if (name === "beat" || !isOlder(id, this.lastId)) this.take(passed);
  }

  private take({ name, data, id }: Passed): void {
    batch(() => {
      this.takers[name as (typeof NAMES)[number]](JSON.parse(data));
      heardAt.value = Date.now() / 1000;
      failing.value = false;
    });
    if (id && name !== "beat") this.lastId = id;
  }

  private readonly takers = {
    beat: ({ at, delayed_s, hearing }: Beat): void => {
      hearClock(at);
      takeHearing(hearing);
      if (delayed_s !== null) knownAt.value = at - delayed_s;
    },
    snapshot: (body: Snapshot): void => this.news(body.at, takeSnapshot(body)),
    diff: (body: Diff): void => this.news(body.at, takeDiff(body)),
    zones: ({ generation }: { generation: number }): void => {
      zoneGeneration.value = generation;
    },
  };

  private news(at: number, alerts: Alert[]): void {
    knownAt.value = at;
    if (alerts.length) this.onAlerts(alerts);
  }

  private lost(source: EventSource): void {
    if (source !== this.source) return;
    failing.value = true;
    this.turn?.pass({ name: "lost", data: "", id: "", after: "" });
    // While CONNECTING the browser retries by itself; CLOSED means the server answered, with 401 or 503.
    if (source.readyState === EventSource.CLOSED) void this.retry();
  }

  private async retry(): Promise<void> {
    const me = await fetch("/api/v1/me").catch(() => null);
    if (me?.status === 401) toLogin();
    this.retryTimer = setTimeout(() => this.again(), this.retryMs * (0.75 + Math.random() / 2));
    this.retryMs = Math.min(LONGEST_RETRY_MS, this.retryMs * 2);
  }
}
