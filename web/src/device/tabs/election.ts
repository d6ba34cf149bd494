import { leadByLease } from "./lease";
import type { Timers } from "../../wire/timers";

export interface LeaderOptions {
  name: string;
  /** This tab's own id. */
  tab: string;
  /** Undefined outside of secure contexts. */
  locks: LockManager | undefined;
  storage: Pick<Storage, "getItem" | "setItem" | "removeItem"> | null;
  timers: Timers;
  random: () => number;
  gained(): void;
  lost(): void;
}

/** A tab's part in the choice of the one that speaks with the server. */
export interface Candidate {
  readonly isLeader: boolean;
  /** The leader does not answer (a browser froze its tab): lead in its place. */
  takeOver(): void;
  /** The page is being left, or put aside: let another lead, and stand again should it come back. */
  stepAside(): void;
  /** Stand no longer; another tab takes over at once. */
  withdraw(): void;
}

export function standForLeader(options: LeaderOptions): Candidate {
  return options.locks === undefined ? leadByLease(options) : leadByLock(options, options.locks);
}

/**
 * By a Web Lock: the browser itself passes it on when a tab is closed or crashes. That there are two for
 * a moment, after `takeOver`, is harmless: the one that was robbed is told, and all entries have ids.
 */
function leadByLock(options: LeaderOptions, locks: LockManager): Candidate {
  let isLeader = false;
  let isStanding = true;
  let giveBack = () => {};
  let leaveQueue = new AbortController();

  const request = (settings: LockOptions) => {
    let isHeld = false;
    const hold = () =>
      new Promise<void>((resolve) => {
        if (!isStanding) return resolve();
        giveBack = resolve;
        isHeld = isLeader = true;
        options.gained();
      });
    // Given back, robbed, or called off while it waited; who was robbed stands in line again.
    const over = () => {
      if (!isHeld) return;
      isLeader = false;
      options.lost();
      if (isStanding) wait();
    };
    locks.request(options.name, settings, hold).then(over, over);
  };

  const wait = () => {
    leaveQueue = new AbortController();
    request({ signal: leaveQueue.signal });
  };

  wait();
  return {
    get isLeader() {
      return isLeader;
    },
    takeOver() {
      if (isLeader || !isStanding) return;
      leaveQueue.abort();
      request({ steal: true });
    },
    stepAside() {
      // The browser gives a lock back by itself when its page goes.
    },
    withdraw() {
      isStanding = false;
      leaveQueue.abort();
      giveBack();
    },
  };
}
