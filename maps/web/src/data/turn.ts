// One feed for all tabs of a browser: it opens six connections to a host (HTTP/1.1), and feeds would use them all up.
const NAME = "keepclear.feed";

/** An event of the feed as tabs pass it on; `after`: the id that came before it. `lost`: the connection failed. */
export interface Passed {
  name: string;
  data: string;
  id: string;
  after: string;
}

/** Whose turn it is to hold the connection: `begin` and `end` are called when it comes and goes. */
export class Turn {
  holds = false;
  private waiting = new AbortController();
  private readonly channel = new BroadcastChannel(NAME);

  constructor(private readonly begin: () => void, private readonly end: () => void, hear: (passed: Passed) => void) {
    this.channel.onmessage = ({ data }) => this.holds || hear(data as Passed);
  }

  /** Take the turn from whichever tab has it. */
  take(): void {
    if (this.holds) return;
    this.holds = true;
    this.waiting.abort();
    this.request({ steal: true });
  }

  /** Let the other tabs know. */
  pass(passed: Passed): void {
    if (this.holds) this.channel.postMessage(passed);
  }

  private request(options: LockOptions): void {
    const forGood = () => new Promise<never>((_) => {
      this.holds = true;
      this.begin();
    });
    navigator.locks.request(NAME, options, forGood).catch(() => options.signal?.aborted || this.lose());
  }

  /** Another tab has it now; wait until that one is closed. */
  private lose(): void {
    this.holds = false;
    this.end();
    this.waiting = new AbortController();
    this.request({ signal: this.waiting.signal });
  }
}

/** Without a secure context (plain HTTP to another machine) there are no locks: every tab has a feed of its own. */
export const canShare = (): boolean => "locks" in navigator;

/** Whether a page at `mine` has missed what came before an event that follows `after`. */
export const isBehind = (mine: string, after: string): boolean =>
  after !== "" && (streamOf(mine) !== streamOf(after) || numberOf(mine) < numberOf(after));

/** Whether an event is from before what a page at `mine` knows. */
export const isOlder = (id: string, mine: string): boolean => streamOf(id) === streamOf(mine) && numberOf(id) < numberOf(mine);

const streamOf = (id: string): string => id.slice(0, id.lastIndexOf("-") + 1);
const numberOf = (id: string): number => Number(id.slice(id.lastIndexOf("-") + 1));
