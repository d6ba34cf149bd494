import type { Candidate, ElectionOptions } from "./candidate";

/**
 * By a Web Lock: the browser itself passes it on when a tab is closed or crashes. That there are two for
 * a moment, after `takeOver`, is harmless: the one that was robbed is told, and all entries have ids.
 */
export function leadByLock(options: ElectionOptions, locks: LockManager): Candidate {
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
    // Given back, robbed, or called off while it waited; a tab that was robbed waits for it again.
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
