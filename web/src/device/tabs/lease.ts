import type { Candidate, ElectionOptions } from "./candidate";

/** Renewed every second. A leader that is silent for the length of it is followed by another. */
const RENEW_MS = 1_000;
const LEASE_MS = 4_000;
/** Two that find it free at the same moment both write; after this each reads who was last. */
const SETTLE_MS = 60;

interface Lease {
  tab: string;
  until: number;
}

/**
 * Where there are no Web Locks (plain http on a local network is no secure context): a lease in
 * localStorage. Two may lead for a moment; nothing takes effect twice for that, since the server knows every
 * entry by its id.
 */
export function leadByLease(options: Omit<ElectionOptions, "locks">): Candidate {
  const { name, tab, storage, timers, random } = options;
  let isLeader = false;
  let isStanding = true;
  let callOff = () => {};

  const set = (leads: boolean) => {
    if (leads === isLeader) return;
    isLeader = leads;
    if (leads) options.gained();
    else options.lost();
  };

  const look = () => {
    if (!isStanding) return;
    const lease = read();
    const left = (lease?.until ?? 0) - timers.now();
    // What is much longer than a lease was written before the clock was set back, and nobody has renewed it since.
    const isFree = lease?.tab === tab || left <= 0 || left > 2 * LEASE_MS;
    if (!isFree) set(false);
    else if (isLeader || lease?.tab === tab) {
      write();
      set(true);
    } else if (write()) {
      return next(SETTLE_MS * (1 + random()));
    } else {
      // Nothing can be written: lead alone, as a single tab does.
      set(true);
    }
    next(RENEW_MS);
  };

  const next = (ms: number) => {
    callOff();
    callOff = timers.after(ms, look);
  };

  function read(): Lease | null {
    try {
      return JSON.parse(storage?.getItem(name) ?? "null") as Lease | null;
    } catch {
      return null;
    }
  }

  function write(): boolean {
    try {
      storage?.setItem(name, JSON.stringify({ tab, until: timers.now() + LEASE_MS } satisfies Lease));
      return storage !== null;
    } catch {
      return false;
    }
  }

  function giveBack(): void {
    if (read()?.tab === tab) storage?.removeItem(name);
    set(false);
  }

  // Not at once: the caller is still being built.
  next(0);

  return {
    get isLeader() {
      return isLeader;
    },
    takeOver() {
      // There is no one to ask: a leader that is frozen renews nothing, and its lease runs out.
    },
    stepAside() {
      giveBack();
    },
    withdraw() {
      isStanding = false;
      callOff();
      giveBack();
    },
  };
}
