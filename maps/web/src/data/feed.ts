// The live feed: server-sent events that the browser reconnects, and we do where it gives up.
import { batch } from "@preact/signals";
import { toLogin } from "./ask";
import { DEAD_AFTER_S, failing, heardAt, knownAt, silentS } from "./link";
import { takeHearing } from "./hearing";
import type { Alert, Beat, Diff, Snapshot } from "./model";
import { hearClock, takeDiff, takeSnapshot, zoneGeneration } from "./store";

const FEED = "/api/v1/live";
const WATCH_MS = 2000;
const FIRST_RETRY_MS = 1000;
const LONGEST_RETRY_MS = 15_000;

type OnAlerts = (alerts: Alert[]) => void;

/** Follow the feed for as long as the page lives; `onAlerts` hears of each alert that is new or grew. */
export function follow(onAlerts: OnAlerts): void {
  const feed = new Feed(onAlerts);
  feed.connect();
  // A connection that is open but dead, as after sleep or behind some proxies: not even a beat arrives.
  setInterval(() => feed.revive(), WATCH_MS);
  addEventListener("online", () => feed.connect());
}

class Feed {
  private source: EventSource | null = null;
  private lastId = "";
  private retryMs = FIRST_RETRY_MS;
  private retryTimer: ReturnType<typeof setTimeout> | undefined;

  constructor(private readonly onAlerts: OnAlerts) {}

  connect(): void {
    clearTimeout(this.retryTimer);
    this.source?.close();
    const source = new EventSource(this.lastId ? `${FEED}?after=${encodeURIComponent(this.lastId)}` : FEED);
    source.onerror = () => this.lost(source);
    this.on<Beat>(source, "beat", (body) => this.takeBeat(body));
    this.on<Snapshot>(source, "snapshot", (body) => this.news(body.at, takeSnapshot(body)));
    this.on<Diff>(source, "diff", (body) => this.news(body.at, takeDiff(body)));
    this.on<{ generation: number }>(source, "zones", (body) => {
      zoneGeneration.value = body.generation;
    });
    this.source = source;
  }

  revive(): void {
    if (this.source?.readyState === EventSource.OPEN && silentS() > DEAD_AFTER_S) this.connect();
  }

  private on<T>(source: EventSource, name: string, take: (body: T) => void): void {
    source.addEventListener(name, (event) => {
      batch(() => {
        take(JSON.parse(event.data) as T);
        heardAt.value = Date.now() / 1000;
        failing.value = false;
      });
      this.retryMs = FIRST_RETRY_MS;
      if (event.lastEventId) this.lastId = event.lastEventId;
    });
  }

  private takeBeat({ at, delayed_s, hearing }: Beat): void {
    hearClock(at);
    takeHearing(hearing);
    if (delayed_s !== null) knownAt.value = at - delayed_s;
  }

  private news(at: number, alerts: Alert[]): void {
    knownAt.value = at;
    if (alerts.length) this.onAlerts(alerts);
  }

  private lost(source: EventSource): void {
    if (source !== this.source) return;
    failing.value = true;
    // While CONNECTING the browser retries by itself; CLOSED means the server answered, with 401 or 503.
    if (source.readyState === EventSource.CLOSED) void this.retry();
  }

  private async retry(): Promise<void> {
    const me = await fetch("/api/v1/me").catch(() => null);
    if (me?.status === 401) toLogin();
    this.retryTimer = setTimeout(() => this.connect(), this.retryMs * (0.75 + Math.random() / 2));
    this.retryMs = Math.min(LONGEST_RETRY_MS, this.retryMs * 2);
  }
}
