import { vi } from "vitest";

/** ms. A ceiling, not a wait: what has to come is there at once on an idle machine, and late on a busy one. */
const PATIENCE = 100_000;

/** Asks again and again until `check` throws no more; gives what it returned then. */
export const until = <T>(check: () => T | Promise<T>): Promise<T> => vi.waitFor(check, PATIENCE);
