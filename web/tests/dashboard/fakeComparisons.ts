import type { ComparisonCalls } from "../../src/device/comparisons";
import type { ComparisonQuery, Result } from "../../src/wire/api";
import type { Comparison, Debrief, Refusal } from "../../src/wire/types";

/** What the server makes of all attempts at a case, and of one. */
export class FakeComparisons implements ComparisonCalls {
  compared: Comparison = { times: [], items: [], hidden: true };
  times: Debrief["times"] = [];
  scores: Debrief["scores"] = { sheets: [], differences: [] };
  refusal: Refusal | null = null;
  readonly #calls: unknown[][];

  constructor(calls: unknown[][]) {
    this.#calls = calls;
  }

  comparison = (query: ComparisonQuery): Promise<Result<Comparison>> => {
    this.#calls.push(["comparison", query]);
    return Promise.resolve(this.refusal === null ? { ok: true, value: this.compared } : { ok: false, refusal: this.refusal });
  };

  debrief = (sessionId: string): Promise<Result<Debrief>> => {
    this.#calls.push(["debrief", sessionId]);
    return Promise.resolve({
      ok: true,
      value: { duration_seconds: 600, moments: [], times: this.times, resuscitation: [], news2: [], scores: this.scores, attendance: [] } as unknown as Debrief,
    });
  };
}
