import type { Candidate, ElectionOptions } from "./candidate";
import { leadByLease } from "./lease";
import { leadByLock } from "./webLock";

/** By a Web Lock where the browser has them, by a lease in localStorage where it has not. */
export function standForLeader(options: ElectionOptions): Candidate {
  return options.locks === undefined ? leadByLease(options) : leadByLock(options, options.locks);
}
